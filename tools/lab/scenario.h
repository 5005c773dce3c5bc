/* SPDX-License-Identifier: GPL-2.0 */
/* What a simulation is of: nodes, engines, threads and what else loads CPUs. */
#ifndef LAB_SCENARIO_H
#define LAB_SCENARIO_H

#include "policy.h"

#define SCENARIO_ENGINES	256
#define SCENARIO_THREADS	1024
#define SCENARIO_NODES		64
#define SCENARIO_CPUS		1024
#define SCENARIO_BUSY		64
#define SCENARIO_NAME		32
/* A thread that has as much in flight as it likes */
#define SCENARIO_DEPTH_MAX	65536

/* Kinds of transfer, a bit each in struct scenario_engine's caps */
extern const char * const scenario_kinds[];
#define SCENARIO_KINDS		11

/**
 * struct scenario_engine - an engine
 * @name: as in the file
 * @node: NUMA node, -1 none
 * @bps: bytes/s when never idle, apart from @latency_ns
 * @latency_ns: what an operation costs beyond its bytes
 * @caps: bit per kind of transfer
 * @reserved: for real-time threads
 */
struct scenario_engine {
	char name[SCENARIO_NAME];
	int node;
	u64 bps;
	u64 latency_ns;
	u32 caps;
	bool reserved;
};

/**
 * enum scenario_demand - how much a thread asks for
 * @DEMAND_CONST: the same always
 * @DEMAND_SQUARE: high for half a period, low for the other half
 * @DEMAND_RAMP: from the first rate to the second over the whole duration
 * @DEMAND_FILE: a series, each value for DEMAND_FILE_NS, again from the start at its end; bursts of
 *	any length are one, too
 * @DEMAND_CLOSED: as much as its depth allows
 * @DEMAND_FLIP: the high rate on the engine that a thread was moved to last, the low
 *	one elsewhere
 */
enum scenario_demand {
	DEMAND_CONST,
	DEMAND_SQUARE,
	DEMAND_RAMP,
	DEMAND_FILE,
	DEMAND_CLOSED,
	DEMAND_FLIP,
};

#define DEMAND_FILE_NS	(10ULL * 1000 * 1000)

/**
 * struct scenario_thread - a thread
 * @name: as in the file
 * @start: index of the engine that serves it first
 * @runs: node it runs on first, -1: beside that engine
 * @size: bytes of an operation
 * @depth: operations that it keeps in flight at most
 * @demand: what shape its demand has
 * @low_bps: constant, low or first rate
 * @high_bps: high or last rate
 * @period_ns: of DEMAND_SQUARE; of DEMAND_FLIP how long it takes to turn
 * @phase_ns: where in its period it starts
 * @jitter: how far an edge is from where it should be at most, as a share of the period
 * @uneven: how far a gap between submissions is from its mean, as a share of that
 * @burst_ns: of bursts of any length: the shortest
 * @gap_ns: likewise, between them
 * @seed: of their lengths
 * @think_ns: of DEMAND_CLOSED: from a completion to the next submission
 * @begins_ns: asks nothing before
 * @series_bps: of DEMAND_FILE, allocated
 * @n_series: values there
 * @kinds: bit of the kind of transfer it asks for
 * @rt: a real-time thread: never moved, but among reserved engines
 * @bound: stays on @start wherever it runs
 */
struct scenario_thread {
	char name[SCENARIO_NAME];
	u16 start;
	int runs;
	u32 size;
	u32 depth;
	enum scenario_demand demand;
	double low_bps;
	double high_bps;
	u64 period_ns;
	u64 phase_ns;
	double jitter;
	double uneven;
	u64 burst_ns;
	u64 gap_ns;
	u64 seed;
	u64 think_ns;
	u64 begins_ns;
	double *series_bps;
	u32 n_series;
	u32 kinds;
	bool rt;
	bool bound;
};

/**
 * struct scenario_busy - other work on a node's CPUs
 * @node: which
 * @share: of their time, 0 .. 1
 * @from_ns: when it begins
 * @to_ns: when it ends
 */
struct scenario_busy {
	int node;
	double share;
	u64 from_ns;
	u64 to_ns;
};

/**
 * struct scenario - one machine and its load
 * @duration_ns: how long it runs
 * @cpu_node: node of each CPU, -1 where there is no CPU of that number
 * @n_nodes: highest node + 1
 * @distance: between nodes, 10 = local
 * @noise: utilisation is seen off by up to that share of full, 0 .. 1
 * @unseen: share of bytes charged to no thread, 0 .. 1
 */
struct scenario {
	u64 duration_ns;
	s16 cpu_node[SCENARIO_CPUS];
	u32 n_cpus;
	u32 n_nodes;
	u8 distance[SCENARIO_NODES][SCENARIO_NODES];
	struct scenario_engine engines[SCENARIO_ENGINES];
	u32 n_engines;
	struct scenario_thread threads[SCENARIO_THREADS];
	u32 n_threads;
	struct scenario_busy busy[SCENARIO_BUSY];
	u32 n_busy;
	double noise;
	double unseen;
};

/** scenario_init() - no node, no engine, no thread, 10 s */
void scenario_init(struct scenario *s);

/** scenario_free() - give back what its threads hold */
void scenario_free(struct scenario *s);

/** scenario_cpus() - @n more CPUs on @node */
void scenario_cpus(struct scenario *s, int node, u32 n);

/** scenario_engine() - add an engine of @bps that copies, Return: its index */
u32 scenario_engine(struct scenario *s, u64 bps, int node);

/**
 * scenario_thread() - add a thread of one operation of 64 KiB at a time, closed
 * @s: the scenario
 * @start: engine
 *
 * Return: the thread, to be changed.
 */
struct scenario_thread *scenario_thread(struct scenario *s, u16 start);

/**
 * scenario_read() - read a scenario from a file
 * @s: filled, to be freed
 * @path: the file
 *
 * What is wrong is said on stderr, as FILE:LINE: WHAT.
 *
 * Return: true, or false if it is no scenario.
 */
bool scenario_read(struct scenario *s, const char *path);

/** scenario_find_engine() - index of the engine of that name, -1 none */
int scenario_find_engine(const struct scenario *s, const char *name);

#endif

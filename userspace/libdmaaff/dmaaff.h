/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libdmaaff: what the dma_affinity module shows under /sys/kernel/dma_affinity,
 * read into plain structures.
 *
 * Functions that return a pointer return NULL on failure, those that return an
 * int return -1; errno says why. No function writes to stdout or stderr, none
 * depends on the locale, and nothing is shared between two handles, so that
 * each thread may use a handle of its own.
 *
 * A figure the module does not know (its file reads ENODATA, or is not there,
 * or does not hold a number) has .known false and .value 0.
 */
#ifndef DMAAFF_H
#define DMAAFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** struct dmaaff_u64 - a whole number that may be unknown */
struct dmaaff_u64 {
	uint64_t value;
	bool known;
};

/** struct dmaaff_i64 - a whole number that may be negative or unknown */
struct dmaaff_i64 {
	int64_t value;
	bool known;
};

/** struct dmaaff_real - a number with decimals that may be unknown */
struct dmaaff_real {
	double value;
	bool known;
};

/** struct dmaaff - a handle on one sysfs tree; opaque */
struct dmaaff;

/**
 * dmaaff_open() - open the tree of a loaded module
 * @sysfs: where sysfs is mounted, or a recorded tree of the same shape; NULL
 *	for the SYSFS_PATH of the environment, or /sys when that is not set
 *
 * errno: ENOENT when the module is not loaded, ENAMETOOLONG when @sysfs is
 * longer than libsysfs can take.
 */
struct dmaaff *dmaaff_open(const char *sysfs);

/** dmaaff_close() - release a handle; NULL is allowed */
void dmaaff_close(struct dmaaff *dmaaff);

/** dmaaff_path() - the folder that @dmaaff reads, for messages */
const char *dmaaff_path(const struct dmaaff *dmaaff);

/**
 * struct dmaaff_engine - one engine at one instant
 * @name: its folder's name: the device's name, `/` written as `!`
 * @id: differs between two engines that had the same name one after the other
 * @time_ns: CLOCK_MONOTONIC just before the counters were read
 * @cpus: CPUs whose transfers it serves, list format, "" for none; NULL: unknown
 * @capabilities: separated by blanks; NULL: unknown
 * @node: NUMA node, -1 for none
 * @capacity_bytes_per_s: what it delivers when never idle
 * @utilisation_pct: share of the last second it was busy
 * @predicted_pct: utilisation forecast for the horizon; may exceed 100
 * @forecast_error_pct: mean error of such forecasts
 * @depth: transfers in flight, mean of the last second
 * @latency_ns: submission to completion, mean of the last second
 * @bytes: submitted to it since the module was loaded
 * @ops: transfers submitted to it since the module was loaded
 * @busy_ns: time busy since the module was loaded
 * @depth_ns: integral of the transfers in flight over time
 * @threads: threads with demand on it
 * @irq_bytes: part of @bytes that a hard interrupt submitted
 * @softirq_bytes: part of @bytes that a soft interrupt submitted
 * @exiting_bytes: part of @bytes that threads submitted on their way out
 * @mapped_bytes: memory mapped for a device at the moment
 * @power: active, suspending, suspended or resuming; NULL: unknown
 * @reserved: for whom: none, or rt for real-time threads; NULL: unknown
 * @counted: submissions are; not in mode off: there all that is of the moment is
 *	unknown, and @bytes, @ops, @busy_ns and @depth_ns stand still
 */
struct dmaaff_engine {
	char *name;
	uint64_t id;
	uint64_t time_ns;
	char *cpus;
	char *capabilities;
	struct dmaaff_i64 node;
	struct dmaaff_u64 capacity_bytes_per_s;
	struct dmaaff_real utilisation_pct;
	struct dmaaff_real predicted_pct;
	struct dmaaff_real forecast_error_pct;
	struct dmaaff_real depth;
	struct dmaaff_u64 latency_ns;
	struct dmaaff_u64 bytes;
	struct dmaaff_u64 ops;
	struct dmaaff_u64 busy_ns;
	struct dmaaff_u64 depth_ns;
	struct dmaaff_u64 threads;
	struct dmaaff_u64 irq_bytes;
	struct dmaaff_u64 softirq_bytes;
	struct dmaaff_u64 exiting_bytes;
	struct dmaaff_u64 mapped_bytes;
	char *power;
	char *reserved;
	bool counted;
};

/** struct dmaaff_stats - the module's own counters, since it was loaded */
struct dmaaff_stats {
	struct dmaaff_u64 ticks;
	struct dmaaff_u64 overruns;
	struct dmaaff_u64 moves;
	struct dmaaff_u64 successes;
	struct dmaaff_u64 failures;
	struct dmaaff_u64 reverts;
	struct dmaaff_u64 dropped;
	struct dmaaff_u64 tick_ns;
	struct dmaaff_u64 memory_bytes;
};

/**
 * struct dmaaff_snapshot - the whole module at one instant
 * @time_ns: CLOCK_MONOTONIC when reading began
 * @mode: off, monitor, advise or manage; NULL: unknown
 * @stats: the module's own counters
 * @nr_engines: entries of @engines
 * @engines: ordered by name, numbers in names by value
 */
struct dmaaff_snapshot {
	uint64_t time_ns;
	char *mode;
	struct dmaaff_stats stats;
	size_t nr_engines;
	struct dmaaff_engine *engines;
};

/**
 * dmaaff_snapshot_read() - read engines, mode and counters
 *
 * An engine that goes away meanwhile is left out. errno: ENOENT when the module
 * was unloaded.
 */
struct dmaaff_snapshot *dmaaff_snapshot_read(struct dmaaff *dmaaff);

/** dmaaff_snapshot_free() - release a snapshot; NULL is allowed */
void dmaaff_snapshot_free(struct dmaaff_snapshot *snapshot);

/**
 * struct dmaaff_rate - what an engine did between two snapshots
 * @seconds: time between them; 0 when there is no earlier one
 * @utilisation_pct: share of that time it was busy, 0 to 100
 * @depth: transfers in flight, mean
 * @latency_ns: submission to completion, mean; unknown when no transfer ended
 * @bytes_per_s: submitted, mean
 * @ops_per_s: transfers submitted, mean
 */
struct dmaaff_rate {
	double seconds;
	struct dmaaff_real utilisation_pct;
	struct dmaaff_real depth;
	struct dmaaff_real latency_ns;
	struct dmaaff_real bytes_per_s;
	struct dmaaff_real ops_per_s;
};

/**
 * dmaaff_rate() - what happened to an engine since an earlier snapshot
 * @before: the snapshot to compare with; NULL when there is none
 * @now: an engine of a later snapshot
 *
 * When the engine is not in @before, was replaced by another of the same name,
 * has no such counters, or was not counted at both ends, utilisation, depth and
 * latency are the module's own means of the last second, and bytes and transfers
 * a second are unknown.
 */
struct dmaaff_rate dmaaff_rate(const struct dmaaff_snapshot *before,
			       const struct dmaaff_engine *now);

/**
 * dmaaff_delta() - growth of a counter
 *
 * Unknown when either reading is, or when the counter went back.
 */
struct dmaaff_u64 dmaaff_delta(struct dmaaff_u64 before, struct dmaaff_u64 now);

/**
 * struct dmaaff_tunable - one setting
 * @name: its file's name, UPPER_CASE
 * @value: as the module prints it; NULL: unknown
 */
struct dmaaff_tunable {
	char *name;
	char *value;
};

/** struct dmaaff_tunables - every setting of the module, ordered by name */
struct dmaaff_tunables {
	size_t nr;
	struct dmaaff_tunable *tunables;
};

/** dmaaff_tunables_read() - read every setting the loaded module has */
struct dmaaff_tunables *dmaaff_tunables_read(struct dmaaff *dmaaff);

/** dmaaff_tunables_free() - release what was read; NULL is allowed */
void dmaaff_tunables_free(struct dmaaff_tunables *tunables);

/**
 * struct dmaaff_tunable_rule - what a setting may be
 * @name: its file's name
 * @values: what is allowed, in words
 * @initial: what it is when the module has been loaded
 * @unit: "" for none
 * @about: what it does
 */
struct dmaaff_tunable_rule {
	const char *name;
	const char *values;
	const char *initial;
	const char *unit;
	const char *about;
};

/**
 * dmaaff_tunable_rule() - what a setting may be
 * @name: as in struct dmaaff_tunable, or `engines/ENGINE/CAPACITY` or RESERVED
 *
 * Return: constant; NULL when this library does not know the setting.
 */
const struct dmaaff_tunable_rule *dmaaff_tunable_rule(const char *name);

/**
 * dmaaff_tunable_get() - read a setting
 * @name: as in struct dmaaff_tunable, or `engines/ENGINE/CAPACITY` or RESERVED
 *
 * Return: as the module prints it, to be released by free(). errno: ENOENT when
 * there is no such setting.
 */
char *dmaaff_tunable_get(struct dmaaff *dmaaff, const char *name);

/**
 * dmaaff_tunable_set() - change a setting
 * @name: as in struct dmaaff_tunable, or `engines/ENGINE/CAPACITY` or RESERVED
 * @value: as dmaaff_tunable_rule() describes it
 *
 * The old value stands when this fails. errno: EINVAL when @value is not of the
 * right form, ERANGE when it is out of range, EACCES without root, ENOENT when
 * there is no such setting.
 */
int dmaaff_tunable_set(struct dmaaff *dmaaff, const char *name, const char *value);

/**
 * struct dmaaff_thread - a thread that submits DMA
 * @tid: thread id in the initial PID namespace
 * @start_ns: when it started, tells two users of one @tid apart
 * @engine: the engine it uses; NULL for none
 * @bytes: submitted by it since it is in the table
 * @demand_bytes_per_s: what it asks for
 * @predicted_bytes_per_s: what it will ask for at the horizon
 * @state: free, narrowed, cooling, holdoff, optout, pinned or bound
 * @cpus: CPUs it may run on, list format; NULL: unknown
 * @origin_cpus: CPUs it might run on when first touched; NULL: unknown
 */
struct dmaaff_thread {
	pid_t tid;
	uint64_t start_ns;
	const char *engine;
	struct dmaaff_u64 bytes;
	struct dmaaff_u64 demand_bytes_per_s;
	struct dmaaff_u64 predicted_bytes_per_s;
	const char *state;
	const char *cpus;
	const char *origin_cpus;
};

/**
 * struct dmaaff_threads - the table of threads
 * @generation: the module's count of changes to the table's shape
 * @torn: the table changed during each attempt to read it: rows may be missing
 *	or there twice
 * @skipped: rows that were not understood
 * @nr: entries of @threads
 * @threads: in the table's order
 * @text: what the strings point into; private
 * @lists: CPU lists that the strings point to; private
 */
struct dmaaff_threads {
	uint64_t generation;
	bool torn;
	size_t skipped;
	size_t nr;
	struct dmaaff_thread *threads;
	char *text;
	struct dmaaff_lists *lists;
};

/**
 * dmaaff_threads_read() - read the table of threads
 *
 * errno: EACCES without root, EBADMSG when the file is not such a table.
 */
struct dmaaff_threads *dmaaff_threads_read(struct dmaaff *dmaaff);

/** dmaaff_threads_free() - release the table; NULL is allowed */
void dmaaff_threads_free(struct dmaaff_threads *threads);

/**
 * struct dmaaff_move - one move and what became of it
 * @time_ns: when, on the module's clock
 * @tid: the thread that was moved
 * @from: the engine it left; NULL for none
 * @to: the engine it went to; NULL for none
 * @promised_pct: gain the decision was made for; may be negative
 * @achieved_pct: gain that was measured; unknown while pending, and where nothing
 *	could be said, as the thread asked for nothing any more or an engine was gone
 * @result: pending, success, partial, failure or reverted
 */
struct dmaaff_move {
	uint64_t time_ns;
	pid_t tid;
	const char *from;
	const char *to;
	struct dmaaff_real promised_pct;
	struct dmaaff_real achieved_pct;
	const char *result;
};

/** struct dmaaff_history - moves, newest first; see struct dmaaff_threads */
struct dmaaff_history {
	uint64_t generation;
	bool torn;
	size_t skipped;
	size_t nr;
	struct dmaaff_move *moves;
	char *text;
};

/** dmaaff_history_read() - read the moves; errno as dmaaff_threads_read() */
struct dmaaff_history *dmaaff_history_read(struct dmaaff *dmaaff);

/** dmaaff_history_free() - release the moves; NULL is allowed */
void dmaaff_history_free(struct dmaaff_history *history);

/**
 * dmaaff_mask_to_list() - turn a CPU mask into a CPU list
 * @mask: hexadecimal as in Cpus_allowed, "ff,00000003"
 *
 * Return: "0-1,32-39", to be released by free(). errno: EINVAL when @mask is no
 * mask.
 */
char *dmaaff_mask_to_list(const char *mask);

#ifdef __cplusplus
}
#endif

#endif

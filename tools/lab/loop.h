/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A machine in small: engines that serve operations in order, threads that
 * submit them, and the policy that moves threads, in a closed loop.
 *
 * Operations are whole and of their real size, ticks are of uneven length, and
 * figures are as coarse as a kernel's: counted in operations, waiting by
 * Little's law for the engine as a whole.
 */
#ifndef LAB_LOOP_H
#define LAB_LOOP_H

#include "policy.h"
#include "random.h"

#define LOOP_ENGINES	16
#define LOOP_THREADS	64
#define LOOP_SLOTS	64
#define LOOP_MOVES	4096

/**
 * struct loop_engine - an engine and what is true of it
 * @bps: bytes/s when never idle
 * @latency_ns: what an operation costs beyond its bytes
 * @caps: kinds it can do
 * @node: NUMA node
 * @free_ns: when it will have served all it was given
 * @bytes: served, in all
 * @used: its capacity is known from then on
 * @hot_ticks: the policy's memory of it
 * @rest_bps: the same
 */
struct loop_engine {
	u64 bps;
	u64 latency_ns;
	u32 caps;
	s16 node;
	u64 free_ns;
	u64 bytes;
	bool used;
	u8 hot_ticks;
	s64 rest_bps;
};

/**
 * struct loop_thread - a source of operations
 * @engine: that serves it
 * @op_bytes: size of one operation
 * @depth: closed loop with that many in flight; 0: open
 * @think_ns: closed loop: from a completion to the next submission
 * @open_bps: open: what it submits whatever happens
 * @on_ns: open: submits that long, then
 * @off_ns: open: rests that long; 0: never
 * @phase_ns: open: where in that cycle it starts
 * @jitter: open: share by which an interval differs from the mean, 0 .. 1
 * @start_ns: first submission
 */
struct loop_thread {
	u16 engine;
	u32 op_bytes;
	u32 depth;
	u64 think_ns;
	u64 open_bps;
	u64 on_ns;
	u64 off_ns;
	u64 phase_ns;
	double jitter;
	u64 start_ns;
	u32 kinds;
	/* the policy's memory of it */
	struct dam_demand demand;
	struct dam_forecast forecast;
	struct dam_memory memory;
	/* open outcome */
	u64 outcome_ns;
	s32 promised_q16;
	u16 moved_from;
	/* this tick */
	u64 submitted;
	u64 completed;
	u64 ops;
	/* all */
	u64 bytes;
	u32 moves;
	u64 last_move_ns;
	bool last_failed;
};

struct loop_op {
	u64 submit_ns;
	u64 start_ns;
	u64 done_ns;
	u32 bytes;
	u16 thread;
	u16 engine;
	u16 slot;
};

/**
 * struct loop_move - what the policy did
 * @at_ns: when
 * @thread: who
 * @from: engine
 * @to: engine
 */
struct loop_move {
	u64 at_ns;
	u32 thread;
	u16 from;
	u16 to;
};

/**
 * struct loop - one run
 * @manage: let the policy move
 * @noise_q16: figures of utilisation are off by up to that much
 * @unattributed_pct: of each tick's bytes, charged to no thread
 * @lost_pct: chance that a tick has no samples
 * @adverse: load goes after what was moved: see turn_against()
 */
struct loop {
	struct dam_params params;
	struct loop_engine engines[LOOP_ENGINES];
	struct loop_thread threads[LOOP_THREADS];
	u32 n_engines;
	u32 n_threads;
	bool manage;
	u32 noise_q16;
	u32 unattributed_pct;
	u32 lost_pct;
	bool adverse;
	struct lab_random random;
	/* state */
	u64 now_ns;
	u64 ticks;
	struct dam_bucket bucket;
	struct dam_forecaster forecaster;
	struct loop_op *ops;
	u32 n_ops;
	u32 room_ops;
	u64 next_ns[LOOP_THREADS][LOOP_SLOTS];
	/* results */
	struct loop_move moves[LOOP_MOVES];
	u32 n_moves;
	u32 successes;
	u32 failures;
	u32 pingpong;
	double last_rho[LOOP_ENGINES];
	void (*trace)(const struct loop *l, const struct dam_snapshot *s);
};

/** loop_init() - empty machine with default tunables */
void loop_init(struct loop *l, u64 seed);

/** loop_engine() - add an engine of @bps on @node, Return: its index */
u32 loop_engine(struct loop *l, u64 bps, s16 node);

/** loop_closed() - add a thread that always keeps @depth in flight */
u32 loop_closed(struct loop *l, u16 engine, u32 op_bytes, u32 depth,
		u64 think_ns);

/** loop_open() - add a thread that asks @bps whatever happens */
u32 loop_open(struct loop *l, u16 engine, u32 op_bytes, u64 bps, double jitter);

/** loop_run() - run for @ms of the machine's time */
void loop_run(struct loop *l, u32 ms);

/** loop_bytes() - served by all engines so far */
u64 loop_bytes(const struct loop *l);

/** loop_done() - give back what loop_run() took */
void loop_done(struct loop *l);

#endif

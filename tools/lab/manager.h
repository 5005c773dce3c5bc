/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module does, on a simulated machine: ticks of uneven length, figures
 * as coarse as a kernel's, the decisions of policy/, and moves.
 */
#ifndef LAB_MANAGER_H
#define LAB_MANAGER_H

#include "meter/capacity.h"
#include "learn.h"
#include "sim.h"

/**
 * struct manager_thread - what is remembered of a thread
 * @engine: that is taken to serve it
 * @outcome_ns: when its last move is judged, 0: it was
 * @moved_from: engine
 * @promised_q16: of the last move
 * @failed: the last move was judged a failure
 * @moves: of it, so far
 * @moved_ns: when it was moved last
 */
struct manager_thread {
	struct dam_demand demand;
	struct dam_forecast forecast;
	struct dam_memory memory;
	u64 submitted;
	u64 submitted_ops;
	u32 op_bytes;
	u32 cpu_q16;
	u64 outcome_ns;
	u16 moved_from;
	s32 promised_q16;
	bool failed;
	u32 moves;
	u64 moved_ns;
};

/**
 * struct manager_engine - what is remembered of an engine
 * @capacity: as the module learns it
 * @wait_ns: last known mean
 */
struct manager_engine {
	struct dam_capacity capacity;
	u64 wait_ns;
	u32 busy_q16;
	u64 busy_ns;
	u64 depth_ns;
	u64 ops;
	u64 submitted;
	u64 submitted_ops;
	u8 hot_ticks;
	u8 full_ticks;
	bool used;
	s64 rest_bps;
	u64 guess_bps;
	u16 light_ticks;
	u8 guess_ticks;
};

/**
 * struct manager_move - what was done
 * @at_ns: when
 * @thread: who
 * @from: engine
 * @to: engine
 */
struct manager_move {
	u64 at_ns;
	u32 thread;
	u16 from;
	u16 to;
};

/**
 * struct manager - the module beside one run
 * @params: tunables
 * @lost: chance that a tick sees nothing, 0 .. 1
 * @log: all moves
 * @n_moves: how many those are
 * @pingpong: threads back within 1 s after a move that failed
 * @successes: moves judged so
 * @failures: moves judged so
 */
struct manager {
	struct sim *sim;
	struct dam_params params;
	double lost;
	struct manager_move *log;
	u32 n_moves;
	u32 pingpong;
	u32 successes;
	u32 failures;
	/* private */
	struct lab_random random;
	struct dam_bucket bucket;
	struct dam_forecaster forecaster;
	struct dam_ahead ahead;
	struct manager_engine *engines;
	struct manager_thread *threads;
	struct dam_engine_view *engine_views;
	struct dam_thread_view *thread_views;
	double *pressure;
	u8 *distance;
	u64 ticked_ns;
	u64 next_ns;
	u64 pressed_ns;
	u32 room_moves;
};

/** manager_start() - with default tunables, for a run that has just started */
void manager_start(struct manager *m, struct sim *sim, u64 seed);

/** manager_stop() - give back what manager_start() took */
void manager_stop(struct manager *m);

/** manager_run() - run the simulation to @until_ns, with ticks in between */
void manager_run(struct manager *m, u64 until_ns);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A machine in small, by discrete events: engines that serve whole operations
 * in order, and threads that submit them. It knows nothing of any policy.
 */
#ifndef LAB_SIM_H
#define LAB_SIM_H

#include "histogram.h"
#include "random.h"
#include "scenario.h"

/* What engines did is noted for each of these */
#define SIM_WINDOW_NS	(10ULL * 1000 * 1000)
/* The CPU time that submitting one operation takes */
#define SIM_SUBMIT_NS	1000

/**
 * struct sim_route - CPUs that one engine serves, for one kind of transfer
 * @cpus: how many
 * @node: where a thread sent to this engine runs
 * @on_node: how many of @cpus are there
 */
struct sim_route {
	u32 cpus;
	s16 node;
	u32 on_node;
};

/**
 * struct sim_engine - what is true of an engine
 * @free_ns: when it will have served all that it was given
 * @assigned_ns: time of service of all that it was given
 * @bytes: completed
 * @ops: completed
 * @in_flight: operations submitted, not completed
 * @in_flight_done_ns: sum of the times at which those complete
 * @sojourn_ns: sum over all operations of the time from submission to completion
 * @looked_ns: when it was looked at last, by a submission or a reading
 * @looked_ops: @ops then
 * @full_ns: time throughout which work was waiting, as looks tell
 * @full_ops: completed in @full_ns
 */
struct sim_engine {
	u64 free_ns;
	u64 assigned_ns;
	u64 bytes;
	u64 ops;
	u64 in_flight;
	u64 in_flight_done_ns;
	u64 sojourn_ns;
	u64 looked_ns;
	u64 looked_ops;
	u64 full_ns;
	u64 full_ops;
};

/**
 * struct sim_thread - what is true of a thread
 * @engine: that serves what it submits
 * @node: it runs there
 * @in_flight: operations
 * @due: it wants to submit, but has all in flight that it may have
 * @submitted: bytes
 * @submitted_ops: operations
 * @bytes: completed
 * @random: its own, so that its load is the same whoever moves it
 * @flipped: of DEMAND_FLIP: it asks the low rate
 */
struct sim_thread {
	u16 engine;
	s16 node;
	u32 in_flight;
	bool due;
	u64 submitted;
	u64 submitted_ops;
	u64 bytes;
	struct lab_random random;
	bool flipped;
};

struct sim_event;

/**
 * struct sim - one run
 * @scenario: what it is of, stays the caller's
 * @now_ns: how far it came
 * @routes: of each kind of transfer and engine
 * @measured_ns: operations submitted before do not count in @waits, nor windows in
 *	@overlap_windows
 * @waits: from submission to completion
 * @windows: completed bytes in each SIM_WINDOW_NS
 * @n_windows: how many those are
 * @overlap_windows: in how many one engine was above 95 % busy, another below 50 %
 * @flip_ns: when threads with DEMAND_FLIP turn, 0 never
 * @flip_to: engine whose threads ask much from then on
 */
struct sim {
	const struct scenario *scenario;
	u64 now_ns;
	struct sim_route (*routes)[SCENARIO_ENGINES];
	struct sim_engine *engines;
	struct sim_thread *threads;
	u64 measured_ns;
	struct histogram *waits;
	u64 *windows;
	u32 n_windows;
	u32 overlap_windows;
	u64 flip_ns;
	u16 flip_to;
	/* private */
	struct sim_event *events;
	u32 n_events;
	u32 room_events;
	u32 sequence;
	u64 seed;
	u64 window_ns;
	u64 window_bytes;
	u64 *window_busy_ns;
	u64 bytes;
};

/**
 * sim_start() - a run from its beginning
 * @s: to be stopped
 * @scenario: of what
 * @seed: of all that is random
 * @from_ns: the moment of the scenario at which it begins, with empty queues
 */
void sim_start(struct sim *s, const struct scenario *scenario, u64 seed, u64 from_ns);

/** sim_stop() - give back what sim_start() took */
void sim_stop(struct sim *s);

/** sim_run() - go on to moment @until_ns of the scenario */
void sim_run(struct sim *s, u64 until_ns);

/** sim_send() - what thread @t submits from now on goes to engine @e; it runs on @node */
void sim_send(struct sim *s, u32 t, u32 e, int node);

/** sim_turn() - threads that flip do so for a move to engine @e */
void sim_turn(struct sim *s, u32 e);

/** sim_beside() - node that thread @t would run on if it were sent to engine @e */
int sim_beside(const struct sim *s, u32 t, u32 e);

/** sim_may_go() - a CPU is routed to engine @e for what thread @t asks */
bool sim_may_go(const struct sim *s, u32 t, u32 e);

/** sim_busy_ns() - time that engine @e was busy so far */
u64 sim_busy_ns(const struct sim *s, u32 e);

/** sim_depth_ns() - integral of operations in flight on engine @e over time */
u64 sim_depth_ns(const struct sim *s, u32 e);

/** sim_look() - count engine @e's time with work waiting up to now */
void sim_look(struct sim *s, u32 e);

/** sim_rate_bps() - what thread @t asks at @at_ns; of a closed one, all there is */
double sim_rate_bps(const struct sim *s, u32 t, u64 at_ns);

/** sim_pressure() - how busy other work keeps @node's CPUs, 0 .. 1 */
double sim_pressure(const struct scenario *s, int node, u64 at_ns);

/** sim_slowed() - share of its rate that a thread has left where CPUs are that busy */
double sim_slowed(double pressure);

/** sim_service_ns() - time that engine @e needs for @size bytes from @node */
double sim_service_ns(const struct scenario *s, u32 e, u32 size, int node);

/** sim_bytes() - completed in all */
u64 sim_bytes(const struct sim *s);

/** sim_wait_ns() - the wait that @share (0 .. 1) of the operations stay below */
u64 sim_wait_ns(const struct sim *s, double share);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The decisions of dma_affinity: state in, decision out.
 *
 * Nothing below calls the kernel, allocates, reads a clock, takes a lock or
 * uses floating point, so that the same files build natively for tests and
 * for the lab. Every function here may be called in any context; the caller
 * serialises access to the state it passes.
 *
 * Scales, carried in names: _bps bytes per second (0 .. DAM_BPS_MAX), _ns
 * nanoseconds, _q16 a share of 1.0 in Q16.16 (65536 = 1.0), _e4 a share of
 * 1.0 in ten-thousandths, _pct percent.
 */
#ifndef DAM_POLICY_H
#define DAM_POLICY_H

#ifdef __KERNEL__
#include <linux/bits.h>
#include <linux/types.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#else
#include "native.h"
#endif

#define DAM_ONE_Q16		65536
#define DAM_BPS_MAX		BIT_ULL(42)	/* 4.4 TB/s */
#define DAM_NO_ENGINE		0xffffU
#define DAM_MAX_ENGINES		1024
#define DAM_MAX_NODES		64

#include "forecast.h"

#include "seasonal.h"

#include "demand.h"

/* ---- the snapshot that the plan works on ------------------------------ */

/**
 * struct dam_params - the tunables, as the policy sees them
 * @weight_latency_e4: 0..10000
 * @weight_throughput_e4: 0..10000; both 0: never move
 * @threshold_pct: rise over the fair share that makes a bottleneck, 0..100
 * @horizon_ms: 0..10000, 0 = react only
 * @interval_ms: the tick, 1..1000
 * @max_moves: moves a second, 0..10000 ("auto" already resolved)
 * @energy_bias_e4: 0..10000: how far light load is packed, for engines to suspend
 * @learn: false: outcomes change nothing
 */
struct dam_params {
	u32 weight_latency_e4;
	u32 weight_throughput_e4;
	u32 threshold_pct;
	u32 horizon_ms;
	u32 interval_ms;
	u32 max_moves;
	u32 energy_bias_e4;
	bool learn;
};

/**
 * struct dam_queue - what makes transfers wait on an engine, sums over threads
 * @ops: operations a second
 * @volume: sum of bytes a second x bytes of an operation, in 2^20
 * @waiting_q16: mean number of operations waiting that follows from it
 */
struct dam_queue {
	u64 ops;
	u64 volume;
	u64 waiting_q16;
};

/**
 * struct dam_engine_view - one engine in a tick
 * @capacity_bps: 0 = unknown: taken as @guess_bps, or as the mean of the known ones; of
 *	one that is known the larger of both counts
 * @busy_bps: what the engine carries by its own counters
 *	(utilisation x capacity), to find what no thread was charged with
 * @charged_bps: what its threads completed, as charged
 * @done_bps: what it completed, whosever that was; for @guess_bps
 * @busy_q16: its utilisation, known even where @capacity_bps is not; 0 unknown, or
 *	fewer than 8 operations in the tick, or @capacity_bps is declared
 * @service_ns: what one operation costs beyond its bytes, 0 unknown
 * @caps: bit per kind of transfer it can do
 * @pressure_q16: how busy the CPUs are that it serves, without DMA threads'
 *	share being subtracted, 0..65536; updated by each planned move
 * @cpus: how many CPUs it serves, 0 unknown
 * @node: NUMA node, -1 none
 * @target: some CPU is routed to it and it takes new threads
 * @reserved: for real-time threads: no other is sent to it, and others leave it
 * @sleeps: it may suspend when nobody asks it for anything
 * @light_ticks: in and out: ticks in a row in which it was used, but lightly
 * @hot_ticks: in and out: ticks in a row above the threshold
 * @rest_bps: in and out: smoothed @busy_bps - @charged_bps, 0 to begin with
 * @full_ticks: in and out: hot ticks in a row in which it was full, counted up to 8 again
 *	and again
 * @used: in and out: it was asked for something, or did something
 * @kept: scratch of dam_plan(): a thread that tries another engine may come back
 * @guess_bps: in and out: its capacity as far as @done_bps and @busy_q16 tell,
 *	0 to begin with
 * @guess_ticks: in and out: ticks that @guess_bps is of, 16 at most
 * @load_now_bps: out: the sum over its threads plus the residual
 * @load_pred_bps: out: the same at the horizon
 * @excess_q16: out: by how much its share exceeds the fair one, now or then
 * @bottleneck: out
 * @spent: scratch of dam_plan(): nothing more can be moved off it
 * @heat_q16: scratch of dam_plan(): its share, mean of now and horizon
 * @effective_bps: out: @capacity_bps or what is taken for it, 0 none known
 * @fair_now_q16: out: the share it would carry if load were spread fairly
 * @fair_pred_q16: out: the same at the horizon
 * @now: out: what makes its transfers wait, now
 * @pred: out: the same at the horizon
 * @elastic_bytes: out: in flight for its threads
 * @kinds: out: what its threads that may be served elsewhere ask for
 * @classes: scratch: bit per distinct set of kinds among them
 * @first: scratch of dam_plan(): first candidate on it
 * @candidates: scratch of dam_plan(): how many there are
 * @later: scratch of dam_plan(): first of those kept for later
 * @candidates_later: scratch of dam_plan(): how many those are
 * @walks: scratch of dam_plan(): how often the list was walked
 */
struct dam_engine_view {
	u64 capacity_bps;
	u64 busy_bps;
	u64 charged_bps;
	u64 done_bps;
	u32 busy_q16;
	u32 service_ns;
	u32 caps;
	u32 pressure_q16;
	u16 cpus;
	s16 node;
	bool target;
	bool reserved;
	bool sleeps;
	u8 guess_ticks;
	u8 hot_ticks;
	u8 full_ticks;
	bool used;
	bool kept;
	u16 light_ticks;
	s64 rest_bps;
	u64 guess_bps;
	/* results */
	u64 load_now_bps;
	u64 load_pred_bps;
	s32 excess_q16;
	bool bottleneck;
	bool spent;
	u32 heat_q16;
	u64 effective_bps;
	s32 fair_now_q16;
	s32 fair_pred_q16;
	struct dam_queue now;
	struct dam_queue pred;
	u64 elastic_bytes;
	u32 kinds;
	u32 classes;
	u32 first;
	u32 candidates;
	u32 later;
	u32 candidates_later;
	u8 walks;
};

/**
 * struct dam_thread_view - one thread, in a tick
 * @now_bps: its demand now
 * @pred_bps: its demand at the horizon
 * @outstanding: its bytes in flight, mean
 * @op_bytes: mean bytes of an operation
 * @working_set_kb: what it would have to fetch anew on the other side
 * @cpu_q16: its share of one CPU's time
 * @kinds: bit per kind of transfer it asks for
 * @engine: index of the engine that serves it now; of one just moved, the one
 *	that it was moved to, even while its old transfers drain
 * @mem_node: node of most of its memory, -1 unknown
 * @cpu_node: node of the CPUs it runs on now, -1 unknown
 * @history_e4: how well its moves worked, 0 badly .. 10000 well, 5000 none
 * @movable: a candidate at all (every promise about masks allows it)
 * @bound: its demand stays on @engine wherever it runs
 * @rt: a real-time thread: sent only from a reserved engine to another
 * @cooling: moved too recently
 * @tried: has made as many trials as a thread may
 * @arriving: in and out: was moved and has submitted nothing since, see dam_arrive()
 * @ahead: scratch of dam_look_ahead(): index in struct dam_ahead plus 1, 0 none
 * @next: scratch of dam_plan()
 */
struct dam_thread_view {
	u64 now_bps;
	u64 pred_bps;
	u64 outstanding;
	u32 op_bytes;
	u32 working_set_kb;
	u32 cpu_q16;
	u32 kinds;
	u16 engine;
	s16 mem_node;
	s16 cpu_node;
	u16 history_e4;
	bool movable;
	bool bound;
	bool rt;
	bool cooling;
	bool tried;
	bool arriving;
	u8 ahead;
	u32 next;
};

/**
 * struct dam_cost - why a move was chosen or not; lower is better
 * @latency_q16: weighted change of waiting
 * @throughput_q16: weighted change of balance
 * @cache_q16: caches to fill again, memory farther away
 * @pressure_q16: busy CPUs at the target
 * @history_q16: earlier moves of this thread that failed
 * @total_q16: the sum; a move is worth it below -@accept_q16
 * @accept_q16: the bound it had to reach
 */
struct dam_cost {
	s32 latency_q16;
	s32 throughput_q16;
	s32 cache_q16;
	s32 pressure_q16;
	s32 history_q16;
	s32 total_q16;
	s32 accept_q16;
};

/**
 * enum dam_purpose - what a thread is moved for
 * @DAM_FOR_GAIN: for what the move is worth
 * @DAM_FOR_RESERVED: off an engine that is reserved for others
 * @DAM_FOR_ENERGY: for an engine to suspend, or not to be woken late
 * @DAM_FOR_TRIAL: to learn what an engine can do, or what the thread would ask of a faster one
 * @DAM_FOR_RETURN: back from a trial that found nothing better
 * @DAM_FOR_ROOM: to make room for a trial of a faster engine, with whose thread it changes places
 */
enum dam_purpose {
	DAM_FOR_GAIN, DAM_FOR_RESERVED, DAM_FOR_ENERGY, DAM_FOR_TRIAL, DAM_FOR_RETURN,
	DAM_FOR_ROOM
};

/**
 * struct dam_move - one decision
 * @thread: index into the threads of the snapshot
 * @from: engine index
 * @to: engine index; equal to @from for a bound thread that moves nearer
 * @purpose: enum dam_purpose
 * @cost: its terms, 0 unless it is made for what it is worth
 * @promised_q16: the gain promised, in the unit that dam_gain_q16() returns; 0: none
 */
struct dam_move {
	u32 thread;
	u16 from;
	u16 to;
	u8 purpose;
	struct dam_cost cost;
	s32 promised_q16;
};

/* Threads that try another engine at a time, and that make room for one of them */
#define DAM_TRIALS		4
#define DAM_TRADE		4

/**
 * struct dam_trial - a thread that tries another engine
 * @end_ns: when it is over without a result
 * @sum_bps: what was asked of @to in the ticks that count
 * @others_bps: what others asked of it before
 * @before_bps: what the thread had of @from
 * @thread: its index
 * @moved: indices of those who left @to for @from to make room for it
 * @n_moved: how many those are
 * @from: engine that it goes back to unless it is better off
 * @to: engine that it tries
 * @interval_ms: length of the ticks
 * @ticks: that were seen of it plus 1, 0: nobody tries anything here
 * @before: so many of them do not count
 * @counted: so many do, then it is over
 */
struct dam_trial {
	u64 end_ns;
	u64 sum_bps;
	u64 others_bps;
	u64 before_bps;
	u32 thread;
	u32 moved[DAM_TRADE];
	u8 n_moved;
	u16 from;
	u16 to;
	u16 interval_ms;
	u8 ticks;
	u8 before;
	u8 counted;
};

/**
 * struct dam_bucket - the budget of moves, and whose turn it is
 * @tokens_q16: moves that may be made now, up to one second's
 * @last_ns: when it was filled last, 0 never: starts full
 * @next: where the next to leave a reserved engine is looked for, among the active
 * @round: how often that began anew
 * @trial: the engine from which on one is looked for whose thread tries another
 * @trials: how often that began anew
 * @open: trials that are not at their end
 * @evicted: in the last tick with moves left some were planned off one: the others come
 *	first
 */
struct dam_bucket {
	u64 tokens_q16;
	u64 last_ns;
	u32 next;
	u32 round;
	u32 trial;
	u32 trials;
	struct dam_trial open[DAM_TRIALS];
	bool evicted;
};

/* Moments within the next half second, and the time between two of them */
#define DAM_AHEAD		8
#define DAM_AHEAD_MS		64

/**
 * struct dam_ahead - room for what dam_look_ahead() finds; all zero at first
 * @now_ns: the tick that it is of
 * @n: how many threads repeat
 * @thread: their indices
 * @off_bps: by how much each asks more than at the horizon, at each moment
 * @line_of: engines whose shares are below
 * @line_q16: shares of two engines at these moments
 * @line_repeats: threads that repeat are on them
 */
struct dam_ahead {
	u64 now_ns;
	u32 n;
	u32 thread[DAM_SEASONS];
	s64 off_bps[DAM_SEASONS][DAM_AHEAD];
	u32 line_of[2];
	u32 line_q16[2][DAM_AHEAD];
	bool line_repeats[2];
};

/**
 * struct dam_snapshot - all that one tick decides on
 * @params: tunables
 * @engines: the engines, results are written here
 * @threads: the threads
 * @n_engines: 0..DAM_MAX_ENGINES
 * @n_threads: 0..2^21
 * @active: indices of those threads that have demand, NULL: any may have
 * @n_active: how many those are
 * @none_far: no bound thread runs on another node than its engine's
 * @queued: scratch: dam_fill_queues() has been called for what it holds now
 * @n_nodes: 1..DAM_MAX_NODES
 * @distance: n_nodes x n_nodes, 10 = local, as the kernel's node distances
 * @now_ns: monotonic time of the tick
 * @forecaster: of the threads' demand
 * @ahead: room, NULL: nobody looks farther than the horizon
 * @thread_of: index of the thread whose demand that is; any if it is none's
 * @allowed: may thread @t be sent to engine @e: its own mask, the CPUs the
 *	engine serves for its kinds of transfer, isolated CPUs, ...
 *	Asked only for what would be the best move so far
 * @report: if not NULL, told of each candidate costed (for tracing), and
 *	whether it would be worth it and was not refused by @allowed
 * @ctx: handed to both
 */
struct dam_snapshot {
	struct dam_params params;
	struct dam_engine_view *engines;
	struct dam_thread_view *threads;
	u32 n_engines;
	u32 n_threads;
	const u32 *active;
	u32 n_active;
	bool none_far;
	bool queued;
	u32 n_nodes;
	const u8 *distance;
	u64 now_ns;
	const struct dam_forecaster *forecaster;
	struct dam_ahead *ahead;
	u32 (*thread_of)(void *ctx, const struct dam_forecast *f);
	bool (*allowed)(void *ctx, u32 t, u32 e);
	void (*report)(void *ctx, u32 t, u32 from, u32 to,
		       const struct dam_cost *cost, bool accepted);
	void *ctx;
};

/* How many threads to look at */
static inline u32 dam_active(const struct dam_snapshot *s)
{
	return s->active ? s->n_active : s->n_threads;
}

/* Index of the @i-th of them */
static inline u32 dam_active_at(const struct dam_snapshot *s, u32 i)
{
	return s->active ? s->active[i] : i;
}

/* ---- observe.c -------------------------------------------------------- */

/**
 * dam_most_bps() - the most that a thread which waits for an engine is taken to ask of it
 * @v: the engine's, as it is seen in this tick
 * @effective_bps: what it was taken for in the tick before, 0 if there was none
 *
 * Its capacity; where that is not known, what it was taken for, or what it does if that is more.
 * Return: bytes/s, 0 where nothing is known.
 */
static inline u64 dam_most_bps(const struct dam_engine_view *v, u64 effective_bps)
{
	if (v->capacity_bps || !effective_bps)
		return v->capacity_bps;
	return max_t(u64, effective_bps, v->done_bps);
}

/**
 * struct dam_service - how an engine serves those who submit to it
 * @capacity_bps: dam_most_bps()
 * @wait_ns: mean time from submission to completion, 0 unknown
 * @wait_q30: the same in seconds, at most ten
 * @busy_q16: its utilisation
 */
struct dam_service {
	u64 capacity_bps;
	u64 wait_ns;
	u64 wait_q30;
	u32 busy_q16;
};

#include "rest.h"

/**
 * dam_observe() - estimate and forecast a thread's demand, once a tick
 * @c: prepared for this tick
 * @d: the thread's
 * @f: the thread's
 * @s: its engine's; all zero if it has none
 * @v: its outstanding, now_bps and pred_bps are set; the latter are kept for the next tick
 * @bps: what it submitted, clamped to DAM_BPS_MAX
 */
static inline void dam_observe(const struct dam_forecaster *c,
			       struct dam_demand *d, struct dam_forecast *f,
			       const struct dam_service *s,
			       struct dam_thread_view *v, u64 bps)
{
	bps = min_t(u64, bps, DAM_BPS_MAX);
	v->outstanding = dam_outstanding(s, bps);
	if (f->calm != DAM_AT_REST || !dam_rest(c, d, f, s, v, bps))
		dam_observe_all(c, d, f, s, v, bps);
}

/**
 * dam_arrive() - a thread was moved to another engine
 * @d: the thread's
 * @f: the thread's
 * @v: the thread's, in which its demand is that of the latest tick
 *
 * While it waits for what it has in flight on its old engine it submits nothing to the new
 * one, and yet asks as much as before: until it submits again, or the caller clears
 * @v->arriving because the move is judged, ticks without submissions are not believed.
 */
void dam_arrive(struct dam_demand *d, struct dam_forecast *f, struct dam_thread_view *v);

/* ---- bottleneck.c ----------------------------------------------------- */

/**
 * dam_find_bottlenecks() - sum the load, mark engines above their fair share
 * @s: the snapshot; fills load_now_bps, load_pred_bps, excess_q16, hot_ticks
 *	and bottleneck of each engine
 *
 * Fair share: all load over all capacity of the engines able to do the work.
 * A bottleneck exceeds it by threshold_pct points, now or at the horizon, for
 * two ticks in a row, or for one by twice that, and in any case for long enough
 * that some tens of operations were seen.
 *
 * Return: how many bottlenecks there are.
 */
u32 dam_find_bottlenecks(struct dam_snapshot *s);

/**
 * dam_fill_queues() - work out what waits on each engine
 * @s: the snapshot, after dam_find_bottlenecks()
 *
 * Needed before dam_gain_q16() and dam_cost_of(), and costs a look at each thread:
 * dam_find_bottlenecks() has done it where an engine is above the threshold. Twice
 * is no more than once.
 */
void dam_fill_queues(struct dam_snapshot *s);

/* ---- ahead.c ---------------------------------------------------------- */

/**
 * dam_look_ahead() - find out what repeats, and what that asks within half a second
 * @s: the snapshot
 *
 * Does it once a tick. Gains count that from then on.
 */
void dam_look_ahead(struct dam_snapshot *s);

/* ---- cost.c ----------------------------------------------------------- */

/**
 * dam_gain_q16() - what moving a thread would gain, costs of moving apart
 * @s: the snapshot, after dam_fill_queues()
 * @t: thread index
 * @from: engine that carries the thread's demand in load_*_bps
 * @to: engine that would
 *
 * Return: weighted gain (positive is better), the mean of now, of the horizon and, where
 *	loads are known to repeat, of the moments that dam_look_ahead() found.
 */
s32 dam_gain_q16(const struct dam_snapshot *s, u32 t, u32 from, u32 to);

/**
 * dam_cost_of() - all terms of one move
 * @s: the snapshot, after dam_fill_queues()
 * @t: thread index
 * @from: engine index
 * @to: engine index, @from for a bound thread's move towards its engine
 * @cost: filled
 *
 * Return: true if the move is worth it.
 */
bool dam_cost_of(const struct dam_snapshot *s, u32 t, u32 from, u32 to,
		 struct dam_cost *cost);

/* ---- plan.c ----------------------------------------------------------- */

/* Moves of one tick; what is left over is decided anew in the next */
#define DAM_TICK_MOVES	64

/**
 * dam_plan() - choose this tick's moves
 * @s: the snapshot, after dam_find_bottlenecks(); loads and threads' engines
 *	are updated by each planned move
 * @bucket: the budget, drawn from for each move
 * @moves: filled, most urgent first
 * @max: room in @moves
 *
 * From the hottest engine to the coldest; the list of a hot engine's threads
 * is scanned, never all threads times all engines. Then bound threads far
 * from their engine.
 *
 * Bulk leaves reserved engines, before the others in one tick and after them in the
 * next; and where there is nothing better to do, a thread tries another engine, or lightly
 * loaded engines are left alone, as far as the energy bias goes.
 *
 * Return: how many moves were planned.
 */
u32 dam_plan(struct dam_snapshot *s, struct dam_bucket *bucket,
	     struct dam_move *moves, u32 max);

#endif

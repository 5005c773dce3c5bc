/* SPDX-License-Identifier: GPL-2.0 */
/* The first step of a tick: what happened, as one snapshot for the policy. */
#ifndef DAM_COLLECT_H
#define DAM_COLLECT_H

#include <linux/math64.h>
#include <linux/types.h>

#include "hal/engine.h"
#include "policy/policy.h"
#include "fold.h"
#include "tunables.h"

struct cpumask;
struct dam_thread;

/* Threads are looked at closely in turn, within about 40 ms. */
#define DAM_TURNS	4
#define DAM_TURNS_MS	40

/**
 * struct dam_tick - one tick's working memory, allocated once
 * @now_ns: when it began
 * @dt_ns: since the one before
 * @rate_q32: a second over @dt_ns
 * @turn: of those threads that are looked at closely in this tick
 * @turns: how many turns there are; a power of two
 * @turn_ns: when each turn was the last time
 * @runtime_max: since the last turn like this, in 2^10 ns, as struct dam_thread
 *	counts CPU time
 * @share_q36: one over that
 * @wishes: dam_affinity_wishes() when masks were compared last
 * @fold: what is folded
 * @epoch: changes when routes, CPUs or how busy they are were seen anew, never 0
 * @routes: dam_routes_epoch() then
 * @online: how many CPUs were online then
 * @attend: how many threads have to be seen to when the tick ends
 * @snap: what the policy works on; engines by id, threads by slot
 * @forecaster: what the forecasts of this tick have in common
 * @ahead: what loads that repeat will be; room for the policy
 * @views: engines of @snap
 * @services: what threads see of these
 * @active: slots of the threads with demand
 * @sequence: ticks since MODE left off
 * @rested: it slept since the tick before
 * @mask: scratch
 */
struct dam_tick {
	u64 now_ns;
	u64 dt_ns;
	u64 rate_q32;
	u32 turn;
	u32 turns;
	u64 turn_ns[DAM_TURNS];
	u64 runtime_max;
	u64 share_q36;
	struct dam_fold fold;
	u32 epoch;
	u32 routes;
	u32 online;
	u32 attend;
	u32 wishes;
	u32 sequence;
	bool rested;
	struct dam_snapshot snap;
	struct dam_forecaster forecaster;
	struct dam_ahead ahead;
	struct dam_engine_view views[DAM_ENGINES_MAX];
	struct dam_service services[DAM_ENGINES_MAX];
	u32 *active;
	struct cpumask *mask;
};

int dam_collect_init(struct dam_tick *k, u32 max_threads);
void dam_collect_exit(struct dam_tick *k);

/** dam_collect_rate() - bytes per second of what was counted in this tick */
static inline u64 dam_collect_rate(const struct dam_tick *k, u64 bytes)
{
	return mul_u64_u64_shr(bytes, k->rate_q32, 32);
}

/**
 * dam_collect_fold() - charge what was submitted, sample the engines
 * @k: now_ns and dt_ns set
 *
 * Context: the tick, dam_lock held.
 */
void dam_collect_fold(struct dam_tick *k);

/**
 * dam_collect_views() - what the policy sees of engines
 * @k: after dam_collect_fold()
 *
 * Context: the tick, dam_lock held.
 */
void dam_collect_views(struct dam_tick *k);

/**
 * dam_collect_foreign() - notice masks that somebody else set
 * @k: now_ns set
 *
 * Context: the tick, no lock held.
 */
void dam_collect_foreign(struct dam_tick *k);

/**
 * dam_collect() - fold what was charged, sample engines and threads
 * @k: now_ns and dt_ns set; all else is filled
 *
 * Forecasts each thread's demand on the way. Context: the tick, dam_lock held.
 */
void dam_collect(struct dam_tick *k);

/**
 * dam_collect_engines() - bring the engines' figures up to date while the
 * tick sleeps; threads are not looked at
 * @now_ns: CLOCK_MONOTONIC
 * @dt_ns: since this was done last
 *
 * Context: process, dam_lock held.
 * Return: a movable thread has submitted.
 */
bool dam_collect_engines(u64 now_ns, u64 dt_ns);

/**
 * dam_collect_idle() - nobody forecasts any more: say that nothing is known
 * @k: the tick
 *
 * Context: the tick, dam_lock held.
 */
void dam_collect_idle(struct dam_tick *k);

/**
 * dam_collect_restart() - MODE leaves off: what was learned of loads is forgotten
 * @k: the tick
 *
 * What is decided from here on follows from what is seen from here on.
 * Context: process, dam_lock held.
 */
void dam_collect_restart(struct dam_tick *k);

/**
 * dam_collect_target() - the CPUs a thread would be confined to
 * @t: the thread
 * @e: the engine it should use
 * @bound: its demand stays on @e: only nearness is wanted
 * @out: filled; within the thread's original mask, active, not isolated
 *
 * Context: dam_lock held.
 * Return: false if there is no such CPU.
 */
bool dam_collect_target(struct dam_thread *t, struct dam_engine *e, bool bound,
			struct cpumask *out);

/**
 * dam_collect_publish() - what was found, for sysfs and the tracepoints
 * @k: after dam_apply_plan()
 * @mode: that the tick was run in
 *
 * Context: the tick, dam_lock held.
 */
void dam_collect_publish(struct dam_tick *k, enum dam_mode mode);

#endif

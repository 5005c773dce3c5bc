/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Load from cookies: how long a channel was busy, and with how much in
 * flight, of what its two cookies say at each sample.
 */
#ifndef DAM_METER_LOAD_H
#define DAM_METER_LOAD_H

#ifdef __KERNEL__
#include <linux/compiler.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/types.h>
#else
#include "native.h"
#endif

/**
 * struct dam_load - one channel's
 * @last: when it was sampled last, in the caller's units of time
 * @last_completed: completed cookie then
 * @last_depth: transfers in flight then, the one being prepared included
 * @service: what an operation takes, 0 unknown
 * @busy: time in which it worked, but for @full, accumulated; as all below,
 *	whoever reads it sets it to 0
 * @depth: integral of transfers in flight over time
 * @full: part of the time that had work waiting throughout
 * @full_ops: operations completed in @full
 * @completed: operations completed
 */
struct dam_load {
	u64 last;
	s32 last_completed;
	u32 last_depth;
	u64 service;
	u64 busy;
	u64 depth;
	u64 full;
	u32 full_ops;
	u32 completed;
};

/* A backward jump, or an absurd advance, is a channel acquired anew. */
#define DAM_ADVANCE_MAX	0x1000000

/**
 * dam_load_sample() - account the time since the last sample
 * @l: the channel's
 * @now: the time, in any unit
 * @cookie: of the latest submission
 * @completed: of the latest completion
 * @submitting: one more is about to be in flight
 *
 * A channel is sampled at each submission and at each tick, so between two
 * samples nothing was submitted: work in flight only shrank. If some is left
 * at the end, the engine worked all the time. If none is, it worked for as
 * long as the operations completed since then take.
 *
 * Return: transfers in flight.
 */
static inline u32 dam_load_sample(struct dam_load *l, u64 now, s32 cookie,
				  s32 completed, bool submitting)
{
	u32 depth = cookie - completed;
	u32 done = completed - l->last_completed;
	u64 dt = now - l->last;

	if (unlikely((depth | done) > DAM_ADVANCE_MAX)) {
		depth = depth > DAM_ADVANCE_MAX ? 0 : depth;
		done = 0;
		l->last_depth = 0;
	}
	/* Another CPU's clock may be behind: never go back. */
	if (unlikely((s64)dt < 0))
		dt = 0;
	l->last += dt;
	if (l->last_depth) {
		if (depth) {
			l->full += dt;
			l->full_ops += done;
			l->depth += dt * (l->last_depth + depth) / 2;
		} else if (likely(done)) {
			if (unlikely(dt < l->service * done || !l->service))
				l->service = div64_u64(dt, done);
			else
				l->service += (l->service >> 8) + 1;
			dt = min_t(u64, dt, done * l->service);
			l->busy += dt;
			l->depth += dt * (l->last_depth + 1) / 2;
		}
	}
	l->completed += done;
	l->last_completed = completed;
	l->last_depth = depth + submitting;
	return depth;
}

/**
 * dam_load_reset() - begin anew; what was accumulated stays
 * @l: the channel's
 * @now: the time
 * @cookie: of the latest submission
 * @completed: of the latest completion
 */
static inline void dam_load_reset(struct dam_load *l, u64 now, s32 cookie,
				  s32 completed)
{
	l->last = now;
	l->last_completed = completed;
	l->last_depth = max_t(s32, cookie - completed, 0);
}

#endif

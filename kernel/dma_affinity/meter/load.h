/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Load from cookies: how long a channel was busy, and with how much in flight.
 *
 * Submissions are seen when they happen, completions only where somebody looks.
 * So each submission is taken to complete when an engine that serves in order
 * would be done with it, by the price of a byte that was learned, and each look
 * corrects that: what has completed was done sooner, what has not later. Looks at
 * moments that have nothing to do with the load (ticks) show by how much depth and
 * busy time were off on the average; that is made good.
 */
#ifndef DAM_METER_LOAD_H
#define DAM_METER_LOAD_H

#ifdef __KERNEL__
#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/types.h>
#else
#include "native.h"
#endif

/* Transfers whose completion is kept; a power of two. */
#define DAM_LOAD_KEPT	16

/**
 * struct dam_load - one channel's; times are in the caller's units
 * @last: when it was sampled last
 * @ticked: when dam_load_tick() was called last
 * @cookie: of the latest submission then
 * @completed: of the latest completion then
 * @len: bytes of the transfer that was about to be submitted then
 * @mean: mean bytes of a transfer
 * @idle_at: @at when it was idle last, or looked at with surprise
 * @bytes: of what was submitted since dam_load_tick()
 * @ticked_cookie: @cookie then
 * @latest: of @fin
 * @at: index of the latest of @fin
 * @price_q16: time a byte takes
 * @learning: like @full, but of several ticks in a row
 * @learning_ops: like @full_ops, but of several ticks in a row
 * @full: time throughout which work was waiting, accumulated; as all below
 *	but @busy, whoever reads it sets it to 0
 * @full_ops: operations completed in @full
 * @done: operations completed
 * @busy: time in which it works, until @latest; see dam_load_take_busy(); may fall
 *	below 0, to be made up later
 * @depth: integral of transfers in flight over time; likewise; see
 *	dam_load_take_depth()
 * @ticked_depth: transfers in flight when dam_load_tick() was called last
 * @most: transfers that may have been in flight before that, at most
 * @fin: when the latest transfers complete, not descending
 */
struct dam_load {
	u64 last;
	u64 ticked;
	s32 cookie;
	s32 completed;
	u32 len;
	u32 mean;
	u32 idle_at;
	u32 at;
	s32 ticked_cookie;
	u64 bytes;
	u64 latest;
	u64 price_q16;
	u64 learning;
	u64 full;
	u32 learning_ops;
	u32 full_ops;
	u32 done;
	u32 ticked_depth;
	u32 most;
	s64 busy;
	s64 depth;
	u64 fin[DAM_LOAD_KEPT];
};

/* A backward jump, or an absurd advance, is a channel acquired anew. */
#define DAM_ADVANCE_MAX	0x1000000

void dam_load_correct(struct dam_load *l, u32 depth);
void dam_load_reset(struct dam_load *l, u64 now, s32 cookie, s32 completed);

/* One was submitted since the last sample, which was for it. */
static inline void dam_load_submit(struct dam_load *l)
{
	u64 cost = l->len * l->price_q16 >> 16;
	u64 fin = l->latest;

	if (fin <= l->last) {
		fin = l->last;
		l->idle_at = l->at;
	}
	fin += cost;
	l->bytes += l->len;
	l->busy += cost;
	l->depth += fin - l->last;
	l->latest = fin;
	l->fin[++l->at % DAM_LOAD_KEPT] = fin;
}

/* The rest of a sample, but for the look whether all is as expected. */
static inline void dam_load_look(struct dam_load *l, u64 now, s32 cookie,
				 s32 completed)
{
	u32 done = (u32)completed - l->completed;

	/* If any is left none was missing: submissions come at samples. */
	if (cookie != completed) {
		l->full += now - l->last;
		l->full_ops += done;
	}
	l->done += done;
	l->last = now;
	l->cookie = cookie;
	l->completed = completed;
}

/* One more, or one less, will come right by itself; idle is idle. */
static inline bool dam_load_surprises(const struct dam_load *l, u64 now,
				      u32 depth)
{
	if (!depth)
		return l->latest > now;
	return l->latest <= now ||
	       (depth < DAM_LOAD_KEPT - 1 &&
		l->fin[(l->at - depth - 1) % DAM_LOAD_KEPT] > now);
}

/*
 * One was submitted since the last sample, and nothing is strange. A channel acquired
 * anew has set both cookies back.
 */
static inline bool dam_load_is_simple(const struct dam_load *l, u64 now,
				      s32 cookie, s32 completed)
{
	return (u32)cookie - 1 == (u32)l->cookie &&
	       (u32)cookie - completed <= DAM_ADVANCE_MAX &&
	       (s64)(now - l->last) >= 0;
}

/**
 * dam_load_sample() - account for what was submitted and completed
 * @l: the channel's
 * @now: the time, in any unit
 * @cookie: of the latest submission
 * @completed: of the latest completion
 * @len: bytes of the transfer that is about to be submitted
 *
 * Return: transfers in flight.
 */
u32 dam_load_sample(struct dam_load *l, u64 now, s32 cookie, s32 completed,
		    u32 len);

/**
 * dam_load_tick() - learn from a look that has nothing to do with the load
 * @l: the channel's
 * @now: the time
 * @cookie: of the latest submission
 * @completed: of the latest completion
 * @one_of_many: it speaks for the time since the one before, which is not long ago
 * @prepared: the latest sample was for one that is not submitted yet
 *
 * Return: transfers in flight.
 */
u32 dam_load_tick(struct dam_load *l, u64 now, s32 cookie, s32 completed,
		  bool one_of_many, bool prepared);

/**
 * dam_load_take_busy() - the time in which it worked since it was ticked before
 * @l: the channel's, just ticked
 * @dt: the time since it was ticked before
 *
 * What is in flight still was accounted for when it was submitted: that stays, for
 * when it will have been worked on. So does what does not fit into @dt, up to as much.
 *
 * Return: at most @dt.
 */
u64 dam_load_take_busy(struct dam_load *l, u64 dt);

/**
 * dam_load_take_depth() - the integral of transfers in flight since it was ticked before
 * @l: the channel's, just ticked
 * @dt: the time since it was ticked before
 *
 * What is in flight still was accounted for when it was submitted: what it will wait stays,
 * for when it will have waited. Where work was waiting throughout, what would be more than was in
 * flight at both ticks is made up for in the next, as far as it can be; likewise what was accounted
 * for in excess.
 *
 * Return: not negative.
 */
u64 dam_load_take_depth(struct dam_load *l, u64 dt);

/**
 * dam_load_abort() - nothing of what is in flight will complete
 * @l: the channel's, just sampled
 */
void dam_load_abort(struct dam_load *l);

#endif

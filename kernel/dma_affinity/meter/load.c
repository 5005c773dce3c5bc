// SPDX-License-Identifier: GPL-2.0
#ifdef __KERNEL__
#include <linux/string.h>
#else
#include <string.h>
#endif

#include "load.h"

/* How much of an error upwards, and downwards, is believed at a time. */
#define LEARN_UP	1
#define LEARN_DOWN	2
/* What is found past its time may be done in this part of a mean transfer. */
#define SOON		16
/* So many sixteenths of the time since the last tick must have had work waiting... */
#define FULL_OF_16	15
/* ...and so many operations completed, to say what one takes. */
#define FULL_OPS	8
/* What waits for longer counts as if it waited so long: else the time in flight could overflow. */
#define AHEAD_MAX	BIT_ULL(36)
/*
 * What a jump of the cookies may add to the time in flight, and how far ahead the last of it may
 * complete: else they could overflow.
 */
#define JUMP_MAX	BIT_ULL(52)
/* Nobody ticks it that late: times DAM_ADVANCE_MAX it must not overflow. */
#define DT_MAX		BIT_ULL(37)

static u64 *fin_at(struct dam_load *l, u32 back)
{
	return &l->fin[(l->at - back) % DAM_LOAD_KEPT];
}

static u64 mean_cost(const struct dam_load *l)
{
	return l->mean * l->price_q16 >> 16;
}

/* Several were prepared before one was submitted. */
static void submit_several(struct dam_load *l, u32 n)
{
	u64 most = div64_u64(JUMP_MAX, n);
	u64 cost = min_t(u64, mean_cost(l), most);
	u64 fin = min_t(u64, *fin_at(l, 0), l->last + JUMP_MAX);
	u64 pairs = (u64)n * (n + 1) / 2;
	u32 left_out = 0;

	if (fin <= l->last) {
		fin = l->last;
		l->idle_at = l->at;
	}
	l->bytes += (u64)n * l->mean;
	l->busy += n * cost;
	/* All but the latest are not kept. */
	l->depth += n * min_t(u64, fin - l->last, most) +
		    pairs * min_t(u64, cost, div64_u64(JUMP_MAX, pairs));
	if (n > DAM_LOAD_KEPT)
		left_out = n - DAM_LOAD_KEPT;
	fin += left_out * cost;
	n -= left_out;
	/* But they count, for what was learned since it was idle. */
	l->idle_at -= left_out;
	for (; n; n--) {
		fin += cost;
		l->fin[++l->at % DAM_LOAD_KEPT] = fin;
	}
	l->latest = fin;
}

/* How many are in flight at the last sample, if all is as expected. */
static u32 expected(struct dam_load *l)
{
	u32 n = 0;

	while (n < DAM_LOAD_KEPT && *fin_at(l, n) > l->last)
		n++;
	if (n == DAM_LOAD_KEPT && mean_cost(l))
		n += div64_u64(*fin_at(l, n - 1) - l->last, mean_cost(l));
	return n;
}

/* So that no cost overflows: at 1 GHz, that of an engine of 15 kB/s. */
#define PRICE_MAX_Q16	BIT_ULL(32)

static void set_price(struct dam_load *l, u64 cost)
{
	l->price_q16 = min_t(u64, div64_u64(cost << 16, l->mean),
			     PRICE_MAX_Q16);
}

static void learn_price(struct dam_load *l, s64 error)
{
	s64 cost = mean_cost(l), old = cost;
	u32 run = l->at - l->idle_at;

	if (!run || !l->mean)
		return;
	cost += div64_s64(error, (s64)run *
				 (error < 0 ? LEARN_DOWN : LEARN_UP));
	cost = max_t(s64, cost, old / 2);
	set_price(l, cost);
}

/* The latest @n complete later by @error, or sooner, but none in the past. */
static void shift(struct dam_load *l, u32 n, s64 error)
{
	u64 before = max_t(u64, *fin_at(l, 0), l->last);
	u32 i;

	for (i = 0; i < n; i++) {
		u64 *fin = fin_at(l, i);
		u64 old = max_t(u64, *fin, l->last);
		u64 to = max_t(s64, *fin + error, l->last);

		l->depth += to - old;
		*fin = to;
	}
	l->latest = *fin_at(l, 0);
	l->busy += max_t(u64, l->latest, l->last) - before;
}

/**
 * dam_load_correct() - as many are in flight as are seen
 * @l: the channel's, just sampled
 * @depth: transfers in flight
 */
void dam_load_correct(struct dam_load *l, u32 depth)
{
	u32 n = expected(l);
	s64 error;

	if (n == depth || min_t(u32, n, depth) >= DAM_LOAD_KEPT)
		return;
	if (n > depth) {
		/* The first that is not there any more is done by now. */
		error = l->last - *fin_at(l, depth);
		shift(l, min_t(u32, n, DAM_LOAD_KEPT), error);
	} else {
		/* The first that is still there will be done soon. */
		n = min_t(u32, depth, DAM_LOAD_KEPT);
		error = l->last - *fin_at(l, n - 1) + mean_cost(l) / SOON + 1;
		shift(l, n, error);
	}
	learn_price(l, error);
	l->idle_at = l->at - depth;
}

static u32 advance(struct dam_load *l, u64 now, s32 cookie, s32 completed)
{
	u32 depth = (u32)cookie - completed;
	u32 submitted = (u32)cookie - l->cookie;

	/* Another CPU's clock may be a little ahead: never go back. */
	if ((s64)(now - l->last) < 0)
		now = l->last;
	if ((depth | submitted | ((u32)completed - l->completed)) >
	    DAM_ADVANCE_MAX) {
		dam_load_reset(l, now, cookie, completed);
		return depth > DAM_ADVANCE_MAX ? 0 : depth;
	}
	if (submitted == 1)
		dam_load_submit(l);
	else if (submitted)
		submit_several(l, submitted);
	dam_load_look(l, now, cookie, completed);
	return depth;
}

u32 dam_load_sample(struct dam_load *l, u64 now, s32 cookie, s32 completed,
		    u32 len)
{
	u32 depth = advance(l, now, cookie, completed);

	l->len = len;
	if (dam_load_surprises(l, l->last, depth))
		dam_load_correct(l, depth);
	return depth;
}

static void learn_mean(struct dam_load *l)
{
	u32 ops = (u32)l->cookie - l->ticked_cookie;

	if (ops && ops < DAM_ADVANCE_MAX) {
		u32 mean = min_t(u64, div64_u64(l->bytes, ops), S32_MAX);

		l->mean = l->mean ? (3ULL * l->mean + mean) / 4 : mean;
	}
	l->ticked_cookie = l->cookie;
	l->bytes = 0;
}

/* Where work is always waiting, the time an operation takes is plain. */
static void learn_full(struct dam_load *l, u64 dt)
{
	if (l->full < dt / 16 * FULL_OF_16) {
		l->learning = 0;
		l->learning_ops = 0;
		return;
	}
	l->learning += l->full;
	l->learning_ops += l->full_ops;
	if (l->learning_ops < FULL_OPS || !l->mean)
		return;
	set_price(l, div64_u64(l->learning, l->learning_ops));
	l->learning = 0;
	l->learning_ops = 0;
}

u32 dam_load_tick(struct dam_load *l, u64 now, s32 cookie, s32 completed,
		  bool one_of_many, bool prepared)
{
	u64 dt = now - l->ticked;
	u64 sampled = l->last;
	u32 depth, n, most = (u32)cookie - l->completed;
	bool busy;

	depth = advance(l, now, cookie, completed);
	/* Who keeps it busy keeps as many in flight, as a rule. */
	l->most = l->full < dt / 16 * FULL_OF_16 ? DAM_ADVANCE_MAX :
						   max_t(u32, l->ticked_depth, depth);
	l->ticked_depth = depth;
	learn_mean(l);
	n = expected(l);
	/* The others are guessed by their mean, which may just have become less. */
	if (n > DAM_LOAD_KEPT)
		n = min_t(u32, n, min_t(u32, most, DAM_ADVANCE_MAX) + DAM_LOAD_KEPT);
	busy = *fin_at(l, 0) > l->last;
	if (prepared && now - sampled <= mean_cost(l)) {
		/* It will be taken to have been submitted when it was prepared. */
		n++;
		busy = true;
	}
	l->ticked = now;
	if (one_of_many) {
		l->depth += ((s64)depth - n) * (s64)dt;
		l->busy += ((s64)!!depth - busy) * (s64)dt;
	}
	dam_load_correct(l, depth);
	learn_full(l, dt);
	return depth;
}

u64 dam_load_take_busy(struct dam_load *l, u64 dt)
{
	s64 ahead = max_t(s64, l->latest - l->last, 0);
	s64 done = clamp_t(s64, l->busy - ahead, 0, dt);

	l->busy = min_t(s64, l->busy - done, ahead + dt);
	return done;
}

/* What those that are in flight will still wait, if all is as expected. */
static s64 wait_ahead(struct dam_load *l)
{
	u32 n = min_t(u32, l->ticked_depth, DAM_LOAD_KEPT), i;
	u64 wait = 0, sum = 0;

	for (i = 0; i < n; i++) {
		wait = min_t(u64, max_t(s64, *fin_at(l, i) - l->last, 0), AHEAD_MAX);
		sum += wait;
	}
	/* The others complete before these. */
	return sum + (u64)(l->ticked_depth - n) * (wait / 2);
}

u64 dam_load_take_depth(struct dam_load *l, u64 dt)
{
	s64 most = l->most * min_t(u64, dt, DT_MAX);
	s64 ahead = wait_ahead(l);
	s64 took = clamp_t(s64, l->depth - ahead, 0, most);

	l->depth = clamp_t(s64, l->depth - took, -most, most + ahead);
	return took;
}

void dam_load_abort(struct dam_load *l)
{
	shift(l, min_t(u32, expected(l), DAM_LOAD_KEPT),
	      -(s64)BIT_ULL(62));
}

/**
 * dam_load_reset() - begin anew; what was accumulated and learned stays
 * @l: the channel's
 * @now: the time
 * @cookie: of the latest submission
 * @completed: of the latest completion
 */
void dam_load_reset(struct dam_load *l, u64 now, s32 cookie, s32 completed)
{
	l->last = now;
	dam_load_abort(l);
	/* Unless it was terminated: what was submitted since the tick will be learned from. */
	if (l->cookie != cookie) {
		l->ticked_cookie = cookie;
		l->bytes = 0;
	}
	l->cookie = cookie;
	l->completed = completed;
	l->idle_at = l->at;
	l->latest = 0;
	memset(l->fin, 0, sizeof(l->fin));
}

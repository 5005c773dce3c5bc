// SPDX-License-Identifier: GPL-2.0
/*
 * The load of each engine, and which engines carry more than their share.
 *
 * Load is the sum over threads' demand, not the engine's own utilisation: that
 * ends at 1 whatever is asked of it, and every move would step its series.
 * What the engine's counters show beyond its threads is added as residual.
 */
#include "plan.h"
#include "queue.h"

/* Distinct sets of kinds told apart; what is beyond shares the last one */
#define CLASSES_MAX		16
/* Beside the kinds of a set, which are fewer: of real-time threads */
#define CLASS_RT		BIT(31)
/* Ticks that the mean of what is charged to nobody goes back */
#define REST_TICKS		16
/* Operations to see before an engine is called a bottleneck */
#define EVIDENCE_OPS		32
/* A guess of capacity needs an engine this busy, and goes back as many ticks */
#define GUESS_BUSY_Q16		16384
/* Of a saturated engine its learned capacity says more */
#define GUESS_FULL_Q16		58982		/* 0.9 */
#define GUESS_TICKS		16
/* Fewer say little */
#define GUESS_MIN_TICKS		4
/* As good as all of it */
#define FULL_Q16		62259		/* 0.95 */

/*
 * struct classes - the sets of kinds that threads ask for
 * @kinds: each set
 * @load_now_bps: the load of the engines able to do it
 * @load_pred_bps: the same at the horizon
 * @capacity_bps: their capacity
 * @n: how many sets
 */
struct classes {
	u32 kinds[CLASSES_MAX];
	u64 load_now_bps[CLASSES_MAX];
	u64 load_pred_bps[CLASSES_MAX];
	u64 capacity_bps[CLASSES_MAX];
	u32 n;
};

/* The mean capacity of known engines that are alike, 0 if there is none */
static u64 mean_capacity(const struct dam_snapshot *s, u32 caps, bool same)
{
	u64 sum_bps = 0;
	u32 known = 0, e;

	for (e = 0; e < s->n_engines; e++) {
		const struct dam_engine_view *v = &s->engines[e];

		if (!v->capacity_bps)
			continue;
		if (same ? v->caps != caps : !(v->caps & caps))
			continue;
		sum_bps += min_t(u64, v->capacity_bps, DAM_BPS_MAX);
		known++;
	}
	return known ? div64_u64(sum_bps, known) : 0;
}

/*
 * What an engine does in the time in which it is busy. That is known of one that was
 * never saturated, too, and what was learned of one that seldom was is too little.
 */
static void guess(struct dam_engine_view *v)
{
	u64 done_bps = min_t(u64, v->done_bps, DAM_BPS_MAX);
	u64 bps;

	if (v->busy_q16 < GUESS_BUSY_Q16 || !done_bps)
		return;
	if (v->capacity_bps && v->busy_q16 > GUESS_FULL_Q16)
		bps = v->capacity_bps;
	else
		bps = div64_u64(done_bps << 16, min_t(u32, v->busy_q16, DAM_ONE_Q16));
	bps = min_t(u64, bps, DAM_BPS_MAX);
	/* the mean of all while there are few */
	v->guess_ticks = min_t(u32, v->guess_ticks + 1U, GUESS_TICKS);
	v->guess_bps = div64_u64(min_t(u64, v->guess_bps, DAM_BPS_MAX) *
				 (v->guess_ticks - 1) + bps, v->guess_ticks);
}

/* What it was seen to deliver or, of one never saturated, could have */
static u64 seen_bps(struct dam_engine_view *v)
{
	u64 bps = v->capacity_bps;

	guess(v);
	if (v->guess_ticks >= GUESS_MIN_TICKS)
		bps = max_t(u64, bps, v->guess_bps);
	return min_t(u64, bps, DAM_BPS_MAX);
}

/* It can do what it does, where that is of operations enough to tell */
static u64 unknown_bps(const struct dam_engine_view *v, u64 mean_bps)
{
	if (!mean_bps || !v->busy_q16)
		return mean_bps;
	return clamp_t(u64, v->done_bps, mean_bps, DAM_BPS_MAX);
}

static void find_capacities(struct dam_snapshot *s)
{
	u64 mean_bps = 0;
	u32 mean_caps = 0, e;
	bool have_mean = false;

	for (e = 0; e < s->n_engines; e++) {
		struct dam_engine_view *v = &s->engines[e];

		v->effective_bps = seen_bps(v);
		if (v->effective_bps)
			continue;
		if (!have_mean || mean_caps != v->caps) {
			mean_bps = mean_capacity(s, v->caps, true);
			if (!mean_bps)
				mean_bps = mean_capacity(s, v->caps, false);
			mean_caps = v->caps;
			have_mean = true;
		}
		v->effective_bps = unknown_bps(v, mean_bps);
	}
}

/*
 * What no thread was charged with. Both figures are counted in whole
 * operations, at moments of their own: only their mean over many ticks can be
 * compared, and up to 1/16 of the capacity is taken for error, fading out at
 * 1/8.
 */
static u64 residual_bps(struct dam_engine_view *v)
{
	s64 limit_bps = DAM_BPS_MAX;
	s64 rest_bps = (s64)min_t(u64, v->busy_bps, DAM_BPS_MAX) -
		       (s64)min_t(u64, v->charged_bps, DAM_BPS_MAX);
	s64 band_bps = v->effective_bps / 16;

	v->rest_bps = clamp_t(s64, v->rest_bps, -limit_bps, limit_bps);
	v->rest_bps += (rest_bps - v->rest_bps) / REST_TICKS;
	rest_bps = v->rest_bps;
	if (rest_bps <= band_bps)
		return 0;
	return min_t(s64, rest_bps, 2 * (rest_bps - band_bps));
}

static void start_engines(struct dam_snapshot *s)
{
	u32 e;

	for (e = 0; e < s->n_engines; e++) {
		struct dam_engine_view *v = &s->engines[e];

		v->load_now_bps = residual_bps(v);
		v->load_pred_bps = v->load_now_bps;
		v->kinds = 0;
		v->classes = 0;
		v->fair_now_q16 = 0;
		v->fair_pred_q16 = 0;
		v->excess_q16 = 0;
		v->bottleneck = false;
		v->spent = false;
		v->kept = false;
	}
}

static u32 class_of(struct classes *c, u32 kinds)
{
	u32 i;

	for (i = 0; i < c->n; i++)
		if (c->kinds[i] == kinds)
			return i;
	if (c->n == CLASSES_MAX) {
		c->kinds[CLASSES_MAX - 1] |= kinds;
		return CLASSES_MAX - 1;
	}
	c->kinds[c->n] = kinds;
	return c->n++;
}

/* Real-time threads are a class of their own: they share other engines */
static u32 class_key(const struct dam_thread_view *v)
{
	return (v->kinds & ~CLASS_RT) | (v->rt ? CLASS_RT : 0);
}

/* Below 2^21 threads no sum passes beyond 64 bits */
static void add_threads(struct dam_snapshot *s, struct classes *c)
{
	const struct dam_thread_view *threads = s->threads;
	struct dam_engine_view *engines = s->engines;
	u32 i, n = dam_active(s), n_engines = s->n_engines;
	const u32 *active = s->active;

	for (i = 0; i < n; i++) {
		const struct dam_thread_view *v = &threads[active ? active[i] : i];
		u64 now_bps = v->now_bps, pred_bps = v->pred_bps;
		struct dam_engine_view *e;

		if (v->engine >= n_engines || !(now_bps | pred_bps))
			continue;
		if (unlikely((now_bps | pred_bps) > DAM_BPS_MAX)) {
			now_bps = min_t(u64, now_bps, DAM_BPS_MAX);
			pred_bps = min_t(u64, pred_bps, DAM_BPS_MAX);
		}
		e = &engines[v->engine];
		e->load_now_bps += now_bps;
		e->load_pred_bps += pred_bps;
		if (v->bound)
			continue;
		e->kinds |= v->kinds;
		e->classes |= 1U << class_of(c, class_key(v));
	}
	for (i = 0; i < s->n_engines; i++) {
		struct dam_engine_view *e = &s->engines[i];

		e->load_now_bps = min_t(u64, e->load_now_bps, DAM_SUM_MAX);
		e->load_pred_bps = min_t(u64, e->load_pred_bps, DAM_SUM_MAX);
	}
}

/* An engine shares work of class @i if it can be sent some or has some */
static bool shares(const struct dam_engine_view *v, const struct classes *c,
		   u32 i)
{
	if (!v->effective_bps)
		return false;
	if (v->classes & (1U << i))
		return true;
	if (v->reserved != !!(c->kinds[i] & CLASS_RT))
		return false;
	return v->target && !(c->kinds[i] & ~CLASS_RT & ~v->caps);
}

static void sum_classes(const struct dam_snapshot *s, struct classes *c)
{
	u32 e, i;

	for (i = 0; i < c->n; i++) {
		for (e = 0; e < s->n_engines; e++) {
			const struct dam_engine_view *v = &s->engines[e];

			if (!shares(v, c, i))
				continue;
			c->load_now_bps[i] += v->load_now_bps;
			c->load_pred_bps[i] += v->load_pred_bps;
			c->capacity_bps[i] += v->effective_bps;
		}
	}
}

/* Some work could go where most room is: the least share of its classes */
static void find_fair(struct dam_engine_view *v, const struct classes *c)
{
	u32 now_q16 = DAM_SHARE_MAX_Q16, pred_q16 = DAM_SHARE_MAX_Q16;
	u32 i;

	for (i = 0; i < c->n; i++) {
		if (!(v->classes & (1U << i)))
			continue;
		now_q16 = min_t(u32, now_q16,
				dam_share_q16(c->load_now_bps[i],
					      c->capacity_bps[i]));
		pred_q16 = min_t(u32, pred_q16,
				 dam_share_q16(c->load_pred_bps[i],
					       c->capacity_bps[i]));
	}
	v->fair_now_q16 = now_q16;
	v->fair_pred_q16 = pred_q16;
}

s32 dam_excess_q16(const struct dam_engine_view *v)
{
	s32 now_q16, pred_q16;

	if (!v->effective_bps || !v->classes)
		return 0;
	now_q16 = dam_share_q16(v->load_now_bps, v->effective_bps);
	pred_q16 = dam_share_q16(v->load_pred_bps, v->effective_bps);
	return max_t(s32, now_q16 - v->fair_now_q16,
		     pred_q16 - v->fair_pred_q16);
}

s32 dam_threshold_q16(const struct dam_snapshot *s)
{
	u32 pct = min_t(u32, s->params.threshold_pct, 100);

	return pct * DAM_ONE_Q16 / 100;
}

/*
 * For how many ticks an engine must be hot: two, one if it is far too hot, and
 * in any case as many as it takes to see enough operations: where a tick
 * counts one or two, the next may count none.
 */
static u32 persistence(const struct dam_snapshot *s,
		       const struct dam_engine_view *v, s32 threshold_q16)
{
	u64 ops = max_t(u64, v->now.ops, v->pred.ops);
	u32 interval_ms = clamp_t(u32, s->params.interval_ms, 1, 1000);
	u64 tick_ops = div64_u64(min_t(u64, ops, BIT_ULL(32)) * interval_ms,
				 1000);
	u32 ticks = div64_u64(EVIDENCE_OPS, max_t(u64, tick_ops, 1));

	return max_t(u32, ticks, v->excess_q16 > 2 * threshold_q16 ? 1 : 2);
}

/* Not on with what was counted before it was hot for the last time */
static void count_full(struct dam_engine_view *v)
{
	bool full = v->capacity_bps &&
		    dam_share_q16(v->load_now_bps, v->effective_bps) >= FULL_Q16 &&
		    dam_share_q16(v->load_pred_bps, v->effective_bps) >= FULL_Q16;

	v->full_ticks = full ? min_t(u8, v->full_ticks % DAM_FULL_TICKS + 1, v->hot_ticks) : 0;
}

u32 dam_find_bottlenecks(struct dam_snapshot *s)
{
	s32 threshold_q16 = dam_threshold_q16(s);
	struct classes c = { .n = 0 };
	bool hot = false;
	u32 found = 0, e;

	s->queued = false;
	find_capacities(s);
	start_engines(s);
	add_threads(s, &c);
	sum_classes(s, &c);
	for (e = 0; e < s->n_engines; e++) {
		struct dam_engine_view *v = &s->engines[e];
		bool packed = dam_pack_note(s, v);

		if (v->effective_bps && v->classes)
			find_fair(v, &c);
		v->excess_q16 = dam_excess_q16(v);
		v->used |= v->load_now_bps || v->load_pred_bps || v->done_bps;
		if (packed || v->excess_q16 <= threshold_q16)
			v->hot_ticks = 0;
		else if (v->hot_ticks < U8_MAX)
			v->hot_ticks++;
		hot |= v->hot_ticks;
	}
	/* where nothing is hot nobody asks what waits */
	if (!hot)
		return 0;
	dam_fill_queues(s);
	for (e = 0; e < s->n_engines; e++) {
		struct dam_engine_view *v = &s->engines[e];

		if (!v->hot_ticks)
			continue;
		v->bottleneck = v->hot_ticks >= persistence(s, v, threshold_q16);
		found += v->bottleneck;
		count_full(v);
	}
	return found;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * What a move is worth: the change of balance and of waiting at both ends,
 * now and at the horizon, against what moving costs.
 *
 * All terms are shares of what both engines can deliver together, so that
 * they mean the same on two engines as on two hundred. Those that stand for
 * work lost by the thread are in proportion to its demand.
 */
#include "ahead.h"
#include "plan.h"
#include "queue.h"

#define WEIGHT_MAX_E4		10000
/* How much of the whole a change of waiting counts at weight 1 */
#define LATENCY_SHIFT		3
/* Waiting below 1/16 of an operation is nothing to improve */
#define WAITING_FLOOR_Q16	4096

/*
 * A move must bring this share of the thread's own demand at weight 1: where
 * it asks an eighth of both engines that is 0.01 of their capacity.
 */
#define ACCEPT_Q16		9830		/* 0.15 */
/* And this of the waiting at weight 1, by its part of both engines' operations */
#define ACCEPT_WAITING_Q16	32768		/* 0.5 */
/* The work of moving itself: a thread that asks next to nothing stays */
#define ACCEPT_FLOOR_Q16	7		/* 0.0001 */

/* Refilling caches: 100 ms to win it back, refilled at 10 GB/s */
#define REFILL_KB_SHIFT		10
#define REFILL_PER_KB		15259		/* 10^9 bytes in 2^16 KiB */
#define REFILL_MAX_KB		(64 * 1024)
/* Memory at twice the distance costs this share of the thread's work */
#define REMOTE_Q16		3277		/* 0.05 */
/* CPUs up to half busy leave room for a thread */
#define PRESSURE_FREE_Q16	32768
#define PRESSURE_SLOPE		4
/* A thread whose moves all failed, and one whose moves all worked */
#define HISTORY_BAD_Q16		6554		/* 0.10 */
#define HISTORY_GOOD_Q16	1311		/* 0.02 */
#define HISTORY_NONE_E4		5000

/* A bound thread on its engine's node gains 0.12 x half its share */
#define BOUND_GAIN_Q16		3932		/* 0.06 */
/* It must ask 1/64 of its engine, and a sixth of the gain be left of it */
#define BOUND_FLOOR_Q16		(BOUND_GAIN_Q16 / 64)
#define BOUND_ACCEPT_PART	6

static u64 pair_bps(const struct dam_engine_view *a,
		    const struct dam_engine_view *b)
{
	return a->effective_bps + b->effective_bps;
}

static u32 weight_e4(u32 weight)
{
	return min_t(u32, weight, WEIGHT_MAX_E4);
}

static s64 weighted(s64 v_q16, u32 weight)
{
	return div64_s64(v_q16 * weight_e4(weight), WEIGHT_MAX_E4);
}

/*
 * Change of the potential sum(load^2 / capacity) when @x_bps leaves @a for
 * @b, over the capacity of both.
 */
static s64 balance_q16(const struct dam_engine_view *a,
		       const struct dam_engine_view *b,
		       u64 a_bps, u64 b_bps, u64 x_bps)
{
	s64 slope_q16;

	slope_q16 = 2 * ((s64)dam_share_q16(a_bps, a->effective_bps) -
			 (s64)dam_share_q16(b_bps, b->effective_bps));
	slope_q16 -= dam_share_q16(x_bps, a->effective_bps);
	slope_q16 -= dam_share_q16(x_bps, b->effective_bps);
	/* 2^33 x 2^30 >> 16 */
	return slope_q16 * dam_share_q16(x_bps, pair_bps(a, b)) / DAM_ONE_Q16;
}

/* Time per operation of either, where only one is known both count alike */
static void service_of(const struct dam_engine_view *a,
		       const struct dam_engine_view *b, u32 *a_ns, u32 *b_ns)
{
	*a_ns = a->service_ns ? a->service_ns : b->service_ns;
	*b_ns = b->service_ns ? b->service_ns : a->service_ns;
}

static s64 waiting_change_q16(const struct dam_snapshot *s,
			      const struct dam_engine_view *a,
			      const struct dam_engine_view *b,
			      const struct dam_load *la,
			      const struct dam_load *lb,
			      const struct dam_load *x, u64 before_q16)
{
	struct dam_load left = dam_load_minus(la, x);
	struct dam_load come = dam_load_plus(lb, x);
	u32 a_ns, b_ns;
	u64 after_q16;

	service_of(a, b, &a_ns, &b_ns);
	after_q16 = dam_waiting_q16(s, a->effective_bps, a_ns, &left) +
		    dam_waiting_q16(s, b->effective_bps, b_ns, &come);
	/* over the larger of both: to and fro are opposite, and within +-1 */
	if (before_q16 >= after_q16)
		return dam_share_q16(before_q16 - after_q16,
				     before_q16 + WAITING_FLOOR_Q16);
	return -(s64)dam_share_q16(after_q16 - before_q16,
				   after_q16 + WAITING_FLOOR_Q16);
}

/*
 * The mean of @sum_q16, the change of balance now and at the horizon, and, where loads
 * repeat, of what it will be at each of the moments to come that are known of them.
 */
static s64 balance_ahead_q16(const struct dam_snapshot *s, u32 t,
			     const struct dam_engine_view *a,
			     const struct dam_engine_view *b, s64 sum_q16, u32 *moments)
{
	const u32 *a_q16 = dam_ahead_share_q16(s, a - s->engines, 0);
	const u32 *b_q16 = dam_ahead_share_q16(s, b - s->engines, 1);
	u64 pair = pair_bps(a, b);
	u32 k;

	*moments = 2;
	if (!a_q16 || !b_q16 || !dam_ahead_repeats(s, t))
		return sum_q16 / 2;
	for (k = 0; k < DAM_AHEAD; k++) {
		u64 x_bps = dam_ahead_bps(s, t, k);
		s64 slope_q16 = 2 * ((s64)a_q16[k] - (s64)b_q16[k]);

		slope_q16 -= dam_share_q16(x_bps, a->effective_bps);
		slope_q16 -= dam_share_q16(x_bps, b->effective_bps);
		sum_q16 += slope_q16 * dam_share_q16(x_bps, pair) / DAM_ONE_Q16;
	}
	*moments += DAM_AHEAD;
	return div64_s64(sum_q16, *moments);
}

/*
 * struct gain - what a move changes, unweighted, mean of all moments looked at
 * @balance_q16: change of balance
 * @waiting_q16: change of waiting, -65536 .. 65536; taken as none at the moments to
 *	come of loads that repeat, where what waits is not known
 */
struct gain {
	s64 balance_q16;
	s64 waiting_q16;
};

static u64 waiting_before_q16(const struct dam_snapshot *s,
			      const struct dam_engine_view *a,
			      const struct dam_engine_view *b,
			      const struct dam_load *la,
			      const struct dam_load *lb)
{
	u32 a_ns, b_ns;

	service_of(a, b, &a_ns, &b_ns);
	return dam_waiting_q16(s, a->effective_bps, a_ns, la) +
	       dam_waiting_q16(s, b->effective_bps, b_ns, lb);
}

/* Change of waiting while the engines carry @la and @lb and the thread asks @bps */
static s64 waiting_q16(const struct dam_snapshot *s, const struct dam_thread_view *t,
		       const struct dam_engine_view *a,
		       const struct dam_engine_view *b, struct dam_load la,
		       struct dam_load lb, u64 bps, u64 known_q16)
{
	struct dam_load x = dam_load_of(t, bps);

	/* Where only one tells its time per operation it stands for both. */
	if (!a->service_ns != !b->service_ns)
		known_q16 = waiting_before_q16(s, a, b, &la, &lb);
	return waiting_change_q16(s, a, b, &la, &lb, &x, known_q16);
}

/* Nobody's demand is about to change: the horizon is like the present */
static bool is_steady(const struct dam_thread_view *t,
		      const struct dam_engine_view *a,
		      const struct dam_engine_view *b)
{
	return t->pred_bps == t->now_bps &&
	       a->load_pred_bps == a->load_now_bps && a->pred.ops == a->now.ops &&
	       a->pred.volume == a->now.volume &&
	       b->load_pred_bps == b->load_now_bps && b->pred.ops == b->now.ops &&
	       b->pred.volume == b->now.volume;
}

static struct gain gain_of(const struct dam_snapshot *s, u32 thread,
			   const struct dam_engine_view *a,
			   const struct dam_engine_view *b)
{
	const struct dam_thread_view *t = &s->threads[thread];
	bool steady = is_steady(t, a, b);
	struct gain g = { 0 };
	u32 moments;
	s64 now_q16;

	now_q16 = balance_q16(a, b, a->load_now_bps, b->load_now_bps, t->now_bps);
	g.balance_q16 = now_q16 + (steady ? now_q16 :
		balance_q16(a, b, a->load_pred_bps, b->load_pred_bps, t->pred_bps));
	g.balance_q16 = balance_ahead_q16(s, thread, a, b, g.balance_q16, &moments);
	if (!weight_e4(s->params.weight_latency_e4))
		return g;

	now_q16 = waiting_q16(s, t, a, b, dam_load_now(a), dam_load_now(b), t->now_bps,
			      a->now.waiting_q16 + b->now.waiting_q16);
	g.waiting_q16 = now_q16 + (steady ? now_q16 :
		waiting_q16(s, t, a, b, dam_load_pred(a), dam_load_pred(b), t->pred_bps,
			    a->pred.waiting_q16 + b->pred.waiting_q16));
	g.waiting_q16 = div64_s64(g.waiting_q16, moments);
	return g;
}

u32 dam_distance(const struct dam_snapshot *s, s16 from, s16 to)
{
	u32 d;

	if (from < 0 || to < 0 || (u32)from >= s->n_nodes ||
	    (u32)to >= s->n_nodes)
		return 10;
	d = s->distance[(u32)from * s->n_nodes + (u32)to];
	return max_t(u32, d, 10);
}

static bool far_from(const struct dam_snapshot *s,
		     const struct dam_thread_view *t,
		     const struct dam_engine_view *e)
{
	return dam_distance(s, t->cpu_node, e->node) > 10;
}

/* Being on the engine's node is worth this; being elsewhere as much less */
static s64 bound_gain_q16(const struct dam_snapshot *s,
			  const struct dam_thread_view *t,
			  const struct dam_engine_view *e)
{
	u64 bps = (min_t(u64, t->now_bps, DAM_BPS_MAX) +
		   min_t(u64, t->pred_bps, DAM_BPS_MAX)) / 2;
	s64 gain_q16;
	u32 weight;

	if (!e->effective_bps)
		return 0;
	weight = weight_e4(s->params.weight_latency_e4) +
		 weight_e4(s->params.weight_throughput_e4);
	gain_q16 = (s64)dam_share_q16(bps, e->effective_bps) * BOUND_GAIN_Q16 /
		   DAM_ONE_Q16;
	gain_q16 = weighted(gain_q16, weight);
	return far_from(s, t, e) ? gain_q16 : -gain_q16;
}

static bool known_pair(const struct dam_snapshot *s, u32 t, u32 from, u32 to)
{
	return t < s->n_threads && from < s->n_engines && to < s->n_engines &&
	       s->engines[from].effective_bps && s->engines[to].effective_bps;
}

s32 dam_gain_q16(const struct dam_snapshot *s, u32 t, u32 from, u32 to)
{
	const struct dam_thread_view *v = &s->threads[t];
	struct gain g;

	if (!known_pair(s, t, from, to))
		return 0;
	if (from == to)
		return dam_clamp_s32(bound_gain_q16(s, v, &s->engines[to]));
	g = gain_of(s, t, &s->engines[from], &s->engines[to]);
	return dam_clamp_s32(weighted(g.balance_q16,
				      s->params.weight_throughput_e4) +
			     weighted(g.waiting_q16 >> LATENCY_SHIFT,
				      s->params.weight_latency_e4));
}

/* Caches to fill again, and memory farther from or nearer to the CPUs */
static s64 cache_share_q16(const struct dam_snapshot *s,
			   const struct dam_thread_view *t, s16 from, s16 to)
{
	u32 kb = min_t(u32, t->working_set_kb, REFILL_MAX_KB);
	u32 refill_q16 = (kb << REFILL_KB_SHIFT) / REFILL_PER_KB;
	s64 farther = (s64)dam_distance(s, t->mem_node, to) -
		      (s64)dam_distance(s, t->mem_node, from);

	return refill_q16 * dam_distance(s, from, to) / 10 +
	       div64_s64(farther * REMOTE_Q16, 10);
}

/*
 * How much CPUs that busy slow a thread down. Full ones cost twice its work: what
 * it loses there nobody wins. Moves planned may overfill them.
 */
static s64 slowed_q16(s64 pressure_q16)
{
	pressure_q16 = min_t(s64, pressure_q16, DAM_PRESSURE_MAX_Q16);
	return max_t(s64, pressure_q16 - PRESSURE_FREE_Q16, 0) * PRESSURE_SLOPE;
}

/* The thread's own use is nothing it has to fear, but where it fits no more */
static s64 pressure_share_q16(const struct dam_thread_view *t,
			      const struct dam_engine_view *a,
			      const struct dam_engine_view *b)
{
	u32 own_q16 = min_t(u32, t->cpu_q16, DAM_ONE_Q16);
	s64 there_q16 = b->pressure_q16;
	s64 sum_q16 = there_q16 + (b->cpus ? own_q16 / b->cpus : 0);

	if (sum_q16 > DAM_ONE_Q16)
		there_q16 = sum_q16;
	return max_t(s64, slowed_q16(there_q16) - slowed_q16(a->pressure_q16), 0);
}

static s64 history_share_q16(const struct dam_thread_view *t)
{
	s64 off_e4 = HISTORY_NONE_E4 - (s64)min_t(u32, t->history_e4, 10000);

	return div64_s64(off_e4 * (off_e4 > 0 ? HISTORY_BAD_Q16 :
						HISTORY_GOOD_Q16),
			 HISTORY_NONE_E4);
}

/* The node a thread would run on beside @e, or where it is if @e has none */
static s16 node_beside(const struct dam_engine_view *e,
		       const struct dam_thread_view *t)
{
	return e->node >= 0 ? e->node : t->cpu_node;
}

static void costs_of_moving(const struct dam_snapshot *s,
			    const struct dam_thread_view *t,
			    const struct dam_engine_view *a,
			    const struct dam_engine_view *b, u32 share_q16,
			    struct dam_cost *cost)
{
	s16 from = t->cpu_node >= 0 ? t->cpu_node : a->node;
	s64 share = share_q16;

	cost->cache_q16 = dam_clamp_s32(share *
		cache_share_q16(s, t, from, node_beside(b, t)) / DAM_ONE_Q16);
	cost->pressure_q16 = dam_clamp_s32(share *
		pressure_share_q16(t, a, b) / DAM_ONE_Q16);
	cost->history_q16 = dam_clamp_s32(share *
		history_share_q16(t) / DAM_ONE_Q16);
}

/*
 * The figures are noisy, and in proportion: so is what a move must bring to be
 * more than that.
 */
static s64 accept_q16(const struct dam_snapshot *s,
		      const struct dam_thread_view *t,
		      const struct dam_engine_view *a,
		      const struct dam_engine_view *b, u32 share_q16)
{
	u32 wl = weight_e4(s->params.weight_latency_e4);
	u32 wt = weight_e4(s->params.weight_throughput_e4);
	struct dam_load x = dam_load_of(t, max_t(u64, t->now_bps, t->pred_bps));
	s64 part_q16 = dam_share_q16(x.ops, dam_add(a->now.ops, b->now.ops));

	part_q16 = min_t(s64, part_q16, DAM_ONE_Q16);
	return ACCEPT_FLOOR_Q16 +
	       weighted((s64)share_q16 * ACCEPT_Q16 / DAM_ONE_Q16,
			max_t(u32, wl, wt)) +
	       weighted((part_q16 * ACCEPT_WAITING_Q16 / DAM_ONE_Q16) >>
			LATENCY_SHIFT, wl);
}

static bool settle_cost(struct dam_cost *cost)
{
	cost->total_q16 = dam_clamp_s32((s64)cost->latency_q16 +
					cost->throughput_q16 +
					cost->cache_q16 + cost->pressure_q16 +
					cost->history_q16);
	return cost->total_q16 < -cost->accept_q16;
}

static bool bound_cost(const struct dam_snapshot *s,
		       const struct dam_thread_view *t,
		       const struct dam_engine_view *e, struct dam_cost *cost)
{
	u64 bps = (min_t(u64, t->now_bps, DAM_BPS_MAX) +
		   min_t(u64, t->pred_bps, DAM_BPS_MAX)) / 2;

	cost->latency_q16 = dam_clamp_s32(-bound_gain_q16(s, t, e));
	cost->accept_q16 = max_t(s32, -cost->latency_q16 / BOUND_ACCEPT_PART,
				 BOUND_FLOOR_Q16 - 1);
	costs_of_moving(s, t, e, e,
			dam_share_q16(bps, e->effective_bps) / 8, cost);
	/* @e stands for both ends: its CPUs are only where it would go */
	cost->pressure_q16 = dam_clamp_s32(-(s64)cost->latency_q16 *
		slowed_q16(e->pressure_q16) / DAM_ONE_Q16);
	return settle_cost(cost);
}

bool dam_cost_of(const struct dam_snapshot *s, u32 t, u32 from, u32 to,
		 struct dam_cost *cost)
{
	const struct dam_thread_view *v = &s->threads[t];
	u32 wl = weight_e4(s->params.weight_latency_e4);
	u32 wt = weight_e4(s->params.weight_throughput_e4);
	const struct dam_engine_view *a, *b;
	struct gain g;
	u32 share_q16;

	*cost = (struct dam_cost){ 0 };
	if (!known_pair(s, t, from, to) || !(wl | wt))
		return false;
	a = &s->engines[from];
	b = &s->engines[to];
	if (from == to)
		return bound_cost(s, v, b, cost);
	g = gain_of(s, t, a, b);
	cost->throughput_q16 = dam_clamp_s32(-weighted(g.balance_q16, wt));
	cost->latency_q16 =
		dam_clamp_s32(-weighted(g.waiting_q16 >> LATENCY_SHIFT, wl));
	share_q16 = dam_share_q16(dam_add(v->now_bps, v->pred_bps),
				  2 * pair_bps(a, b));
	costs_of_moving(s, v, a, b, share_q16, cost);
	cost->accept_q16 = dam_clamp_s32(accept_q16(s, v, a, b, share_q16));
	return settle_cost(cost);
}

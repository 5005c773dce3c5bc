// SPDX-License-Identifier: GPL-2.0
/*
 * Room on a faster engine.
 *
 * A thread fills a slow engine, and a faster one has time to spare, but less than the
 * thread is known to ask. Those who leave the faster one for the place that the thread
 * gives up ask no more than that can do: they lose nothing but time in a queue, and
 * the thread gets what was idle.
 */
#include "explore.h"

/* An engine must be faster by this, and be idle for as much of what the thread has */
#define GAIN_SHIFT	3
/* Who asks less than this of the slow engine makes no room worth a move */
#define LEAST_SHIFT	4
/* Threads of the faster engine that are asked about, the largest first: it is dear */
#define OFFERS		8

static u64 load_bps(const struct dam_engine_view *v)
{
	return dam_asked_bps(v->load_now_bps, v->load_pred_bps);
}

static u64 asks_bps(const struct dam_thread_view *v)
{
	return dam_asked_bps(v->now_bps, v->pred_bps);
}

/* What it could do beside its load: its speed was learned of other operations, perhaps */
static u64 idle_bps(const struct dam_engine_view *v)
{
	u32 busy_q16 = min_t(u32, v->busy_q16, DAM_ONE_Q16);

	if (!busy_q16)
		return dam_sub(dam_speed_bps(v), load_bps(v));
	return div64_u64(min_t(u64, v->done_bps, DAM_BPS_MAX) * (DAM_ONE_Q16 - busy_q16),
			 busy_q16);
}

bool dam_trade_idle(const struct dam_snapshot *s, const struct dam_engine_view *from,
		    const struct dam_engine_view *to)
{
	/* those who leave wait longer: who weighs waiting higher wants none of it */
	return s->params.weight_throughput_e4 >= s->params.weight_latency_e4 && !dam_unused(to) &&
	       dam_speed_bps(to) >= dam_speed_bps(from) + (dam_speed_bps(from) >> GAIN_SHIFT) &&
	       idle_bps(to) >= dam_speed_bps(from) >> GAIN_SHIFT;
}

/* Nobody tries it now: what is asked of it must not change by us */
static bool is_tried(const struct plan *p, u32 e)
{
	u32 i;

	for (i = 0; i < DAM_TRIALS; i++)
		if (p->bucket->open[i].ticks && p->bucket->open[i].to == e)
			return true;
	return false;
}

/* Far from its memory nobody goes; where that is not known it is seen in what it does */
static bool may_change(const struct dam_snapshot *s, u32 t, u32 to)
{
	return dam_may_try(s, t, to) && (s->threads[t].mem_node < 0 || dam_near(s, t, to));
}

static bool fits(const struct plan *p, u32 t, u32 e)
{
	const struct dam_engine_view *from = &p->s->engines[p->s->threads[t].engine];

	return dam_trade_idle(p->s, from, &p->s->engines[e]) && may_change(p->s, t, e) &&
	       !is_tried(p, e);
}

/* From the place whose turn it is */
static u32 find_engine(const struct plan *p, u32 t)
{
	u32 i;

	for (i = 0; i < p->s->n_engines; i++) {
		u32 e = (p->bucket->trials + i) % p->s->n_engines;

		if (fits(p, t, e))
			return p->s->allowed(p->s->ctx, t, e) ? e : DAM_NOBODY;
	}
	return DAM_NOBODY;
}

static bool may_leave(const struct dam_snapshot *s, u32 t, u32 to)
{
	const struct dam_thread_view *v = &s->threads[t];

	return v->movable && !v->bound && !v->cooling && !v->tried && may_change(s, t, to);
}

/* By what they ask, then by index: the larger one comes first */
static bool comes_before(const struct dam_snapshot *s, u32 a, u32 b)
{
	u64 a_bps = asks_bps(&s->threads[a]), b_bps = asks_bps(&s->threads[b]);

	return a_bps == b_bps ? a < b : a_bps > b_bps;
}

/* The largest of engine @from for which @room_bps of @to are enough. Return: how many */
static u32 list_threads(const struct dam_snapshot *s, u32 from, u32 to, u64 room_bps,
			u32 list[OFFERS])
{
	u64 least_bps = dam_speed_bps(&s->engines[to]) >> LEAST_SHIFT;
	u32 n = 0, i, k;

	for (i = 0; i < dam_active(s); i++) {
		u32 t = dam_active_at(s, i);
		u64 bps = asks_bps(&s->threads[t]);

		if (s->threads[t].engine != from || bps > room_bps || bps < least_bps ||
		    (n == OFFERS && !comes_before(s, t, list[n - 1])) || !may_leave(s, t, to))
			continue;
		for (k = n < OFFERS ? n++ : n - 1; k && comes_before(s, t, list[k - 1]); k--)
			list[k] = list[k - 1];
		list[k] = t;
	}
	return n;
}

/* Return: what they ask together */
static u64 find_threads(const struct dam_snapshot *s, u32 to, u64 room_bps, u32 most,
			struct dam_trade *trade)
{
	u32 list[OFFERS], n = list_threads(s, trade->to, to, room_bps, list), i;
	u64 all_bps = room_bps;

	for (i = 0; i < n && trade->n < most; i++) {
		u64 bps = asks_bps(&s->threads[list[i]]);

		if (bps > room_bps || !s->allowed(s->ctx, list[i], to))
			continue;
		trade->threads[trade->n++] = list[i];
		room_bps -= bps;
	}
	return all_bps - room_bps;
}

bool dam_trade_find(const struct plan *p, u32 t, struct dam_trade *trade)
{
	const struct dam_snapshot *s = p->s;
	const struct dam_thread_view *v = &s->threads[t];
	const struct dam_engine_view *from = &s->engines[v->engine];
	u64 has_bps = min_t(u64, asks_bps(v), dam_speed_bps(from));
	u64 others_bps = dam_sub(load_bps(from), asks_bps(v));
	u32 moves = dam_plan_room(p) / 2;
	u64 moved_bps;

	/* there and back again */
	if (!moves)
		return false;
	trade->n = 0;
	trade->to = is_tried(p, v->engine) ? DAM_NOBODY : find_engine(p, t);
	if (trade->to == DAM_NOBODY)
		return false;
	moved_bps = find_threads(s, v->engine, dam_sub(dam_speed_bps(from), others_bps),
				 min_t(u32, moves - 1, DAM_TRADE), trade);
	return idle_bps(&s->engines[trade->to]) + moved_bps >=
	       has_bps + (has_bps >> GAIN_SHIFT);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Light load is packed, so that engines without any may suspend.
 *
 * All threads that use an engine are planned to leave it, or none. What was packed
 * may become more by a good deal before it is spread again as any other load; and a
 * thread whose burst can be foreseen has an engine of its own again before it comes.
 */
#include "ahead.h"
#include "plan.h"

/*
 * At full bias: load after packing, and load from which on it is spread. At any bias:
 * what a burst may bring an engine to before it has one of its own.
 */
#define PACK_Q16		36045		/* 0.55 */
#define SPREAD_Q16		49152		/* 0.75 */
/* How long load must have been light */
#define LIGHT_MS		500
#define BIAS_MAX_E4		10000
/* An engine of more threads is left alone */
#define GROUP			16
/* Moments ahead that count as soon */
#define SOON			2
/* Busier CPUs get no more threads */
#define PRESSURE_Q16		32768

static u32 biased_q16(const struct dam_snapshot *s, u32 full_q16)
{
	u64 bias_e4 = min_t(u32, s->params.energy_bias_e4, BIAS_MAX_E4);

	return div64_u64(bias_e4 * full_q16, BIAS_MAX_E4);
}

/* The larger of now and the horizon */
static u32 share_q16(const struct dam_engine_view *v, u64 more_now_bps, u64 more_pred_bps)
{
	u64 bps = max_t(u64, dam_add(v->load_now_bps, more_now_bps),
			dam_add(v->load_pred_bps, more_pred_bps));

	return v->effective_bps ? dam_share_q16(bps, v->effective_bps) : DAM_SHARE_MAX_Q16;
}

static bool is_used(const struct dam_engine_view *v)
{
	return v->load_now_bps | v->load_pred_bps;
}

bool dam_pack_note(const struct dam_snapshot *s, struct dam_engine_view *v)
{
	u32 share;

	if (!s->params.energy_bias_e4) {
		v->light_ticks = 0;
		return false;
	}
	share = share_q16(v, 0, 0);
	if (!is_used(v) || share > biased_q16(s, PACK_Q16))
		v->light_ticks = 0;
	else if (v->light_ticks < U16_MAX)
		v->light_ticks++;
	return v->sleeps && share <= biased_q16(s, SPREAD_Q16);
}

static bool is_light(const struct dam_snapshot *s, const struct dam_engine_view *v)
{
	u32 interval_ms = clamp_t(u32, s->params.interval_ms, 1, 1000);

	return v->light_ticks >= max_t(u32, LIGHT_MS / interval_ms, 1);
}

/*
 * Its threads, if all that it carries is theirs and they may all leave.
 *
 * Return: how many, 0 if it cannot be left.
 */
static u32 find_group(const struct dam_snapshot *s, u32 from, u32 group[GROUP])
{
	u64 now_bps = 0, pred_bps = 0;
	u32 n = 0, i;

	for (i = 0; i < dam_active(s); i++) {
		u32 t = dam_active_at(s, i);
		const struct dam_thread_view *v = &s->threads[t];

		if (v->engine != from || !(v->now_bps | v->pred_bps))
			continue;
		if (n == GROUP || !v->movable || v->bound || v->cooling)
			return 0;
		group[n++] = t;
		now_bps += min_t(u64, v->now_bps, DAM_BPS_MAX);
		pred_bps += min_t(u64, v->pred_bps, DAM_BPS_MAX);
	}
	if (now_bps < s->engines[from].load_now_bps ||
	    pred_bps < s->engines[from].load_pred_bps)
		return 0;
	return n;
}

static bool all_may_go(const struct dam_snapshot *s, const u32 *group, u32 n,
		       u32 from, u32 to)
{
	u32 i;

	for (i = 0; i < n; i++)
		if (!dam_able(&s->threads[group[i]], &s->engines[from], &s->engines[to]))
			return false;
	for (i = 0; i < n; i++)
		if (!s->allowed(s->ctx, group[i], to))
			return false;
	return true;
}

/*
 * Together they would be light now, at the horizon, and as far as is seen ahead. On
 * what never suspends nothing is packed: it would be spread again at once.
 */
static bool fits(const struct dam_snapshot *s, u32 from, u32 to)
{
	const struct dam_engine_view *a = &s->engines[from], *b = &s->engines[to];
	const u32 *a_q16, *b_q16;
	u32 limit_q16 = biased_q16(s, PACK_Q16), k;

	if (from == to || !b->target || !b->sleeps || !is_light(s, b) ||
	    b->pressure_q16 > PRESSURE_Q16 ||
	    share_q16(b, a->load_now_bps, a->load_pred_bps) > limit_q16)
		return false;
	a_q16 = dam_ahead_share_q16(s, from, 0);
	b_q16 = dam_ahead_share_q16(s, to, 1);
	for (k = 0; a_q16 && b_q16 && k < DAM_AHEAD; k++) {
		u64 more_bps = mul_u64_u32_shr(a->effective_bps, a_q16[k], 16);

		if (dam_add(b_q16[k], dam_share_q16(more_bps, b->effective_bps)) >
		    limit_q16)
			return false;
	}
	return true;
}

/* Each engine in turn, one a tick: none keeps another from being left */
static u32 turn_of(const struct dam_snapshot *s)
{
	u32 interval_ms = clamp_t(u32, s->params.interval_ms, 1, 1000);
	u64 tick = div64_u64(s->now_ns, interval_ms * 1000000ULL);

	return tick - div64_u64(tick, s->n_engines) * s->n_engines;
}

/*
 * An engine that nobody uses, for thread @t alone: its burst fills that less than what is
 * together now. From another on in each tick: who is refused by some is offered the
 * others.
 *
 * Return: DAM_NOBODY if there is none.
 */
static u32 idle_target(const struct dam_snapshot *s, u32 t, u32 moment)
{
	const struct dam_thread_view *v = &s->threads[t];
	const u32 *share = dam_ahead_share_q16(s, v->engine, 0);
	u64 burst_bps = dam_ahead_bps(s, t, moment);
	u32 first = turn_of(s) * DAM_OFFERS, offers = 0, i;

	for (i = 0; i < s->n_engines && offers < DAM_OFFERS; i++) {
		u32 e = (first + i) % s->n_engines;
		const struct dam_engine_view *to = &s->engines[e];

		if (!to->target || !to->effective_bps || is_used(to) ||
		    to->pressure_q16 > PRESSURE_Q16 ||
		    dam_share_q16(burst_bps, to->effective_bps) >= share[moment] ||
		    !dam_able(v, &s->engines[v->engine], to))
			continue;
		if (s->allowed(s->ctx, t, e))
			return e;
		offers++;
	}
	return DAM_NOBODY;
}

/*
 * When its burst will be too much for those who share its engine, packed or not.
 *
 * Return: the moment, SOON if there is none.
 */
static u32 find_burst(const struct dam_snapshot *s, u32 t)
{
	const struct dam_thread_view *v = &s->threads[t];
	const struct dam_engine_view *e = &s->engines[v->engine];
	const u32 *share = dam_ahead_share_q16(s, v->engine, 0);
	u32 k;

	if (!e->sleeps || !v->movable || v->cooling || e->load_now_bps <= v->now_bps)
		return SOON;
	for (k = 0; share && k < SOON; k++)
		if (share[k] > SPREAD_Q16 && dam_ahead_bps(s, t, k) > v->pred_bps)
			return k;
	return SOON;
}

/* Before a burst comes: what it wakes by then takes its time to wake */
static void part(struct plan *p)
{
	struct dam_snapshot *s = p->s;
	u32 i, t, to, moment;

	dam_look_ahead(s);
	for (i = 0; s->ahead && i < s->ahead->n && dam_plan_room(p); i++) {
		t = s->ahead->thread[i];
		moment = find_burst(s, t);
		if (moment == SOON)
			continue;
		to = idle_target(s, t, moment);
		if (to == DAM_NOBODY)
			continue;
		dam_plan_heat(p);
		dam_plan_send(p, t, to, DAM_FOR_ENERGY, NULL);
	}
}

void dam_pack(struct plan *p)
{
	struct dam_snapshot *s = p->s;
	u32 group[GROUP], to = DAM_NOBODY;
	u32 from, n, i, offers;

	if (!s->params.energy_bias_e4 || !s->n_engines)
		return;
	part(p);
	from = turn_of(s);
	if (p->n || !s->engines[from].sleeps || !is_light(s, &s->engines[from]))
		return;
	n = find_group(s, from, group);
	if (!n || n > dam_plan_room(p))
		return;
	dam_plan_heat(p);
	dam_look_ahead(s);
	for (offers = 0; offers < DAM_OFFERS; offers++) {
		to = dam_plan_next(s, from, fits, true, to);
		if (to == DAM_NOBODY)
			return;
		if (all_may_go(s, group, n, from, to))
			break;
	}
	for (i = 0; i < n && offers < DAM_OFFERS; i++)
		dam_plan_send(p, group[i], to, DAM_FOR_ENERGY, NULL);
}

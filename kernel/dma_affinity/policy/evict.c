// SPDX-License-Identifier: GPL-2.0
/*
 * Bulk leaves reserved engines.
 *
 * The scheduler takes threads to any CPU, and so to the engine that serves it. Once
 * sent elsewhere they stay there, whatever that costs them.
 */
#include "plan.h"

/* Of the engine: who asks less is in nobody's way */
#define LEAST_SHIFT		10
/*
 * Engines looked at in one tick, and as how many an offer counts: who is refused
 * everywhere would cost as much in each tick. The rest is for the next.
 */
#define LOOKS_MAX		16384
#define LOOKS_OFFER		64

static bool is_misplaced(const struct dam_snapshot *s,
			 const struct dam_thread_view *v)
{
	const struct dam_engine_view *e;
	u64 bps = max_t(u64, v->now_bps, v->pred_bps);

	if (v->engine >= s->n_engines)
		return false;
	e = &s->engines[v->engine];
	return e->reserved && !v->rt && !v->bound && v->movable && !v->cooling &&
	       bps && bps >= e->effective_bps >> LEAST_SHIFT;
}

static bool fits(const struct dam_snapshot *s, u32 t, u32 to)
{
	const struct dam_thread_view *v = &s->threads[t];

	return s->engines[to].target && dam_able(v, &s->engines[v->engine], &s->engines[to]);
}

/* Return: how many engines were looked at */
static u32 evict(struct plan *p, u32 t)
{
	struct dam_snapshot *s = p->s;
	u32 offers, to;

	dam_plan_heat(p);
	to = dam_plan_offer(s, t, fits, p->bucket->round, &offers);
	if (to != DAM_NOBODY)
		dam_plan_send(p, t, to, DAM_FOR_RESERVED, NULL);
	return (offers + 1) * s->n_engines + offers * LOOKS_OFFER;
}

void dam_evict(struct plan *p)
{
	struct dam_snapshot *s = p->s;
	struct dam_bucket *b = p->bucket;
	u32 n = dam_active(s), looks = 0, i;
	bool any = false;

	for (i = 0; i < s->n_engines; i++)
		any |= s->engines[i].reserved && s->engines[i].classes;
	for (i = 0; any && i < n && looks < LOOKS_MAX && dam_plan_room(p); i++) {
		u32 t;

		if (b->next >= n) {
			b->next = 0;
			b->round++;
		}
		t = dam_active_at(s, b->next++);
		if (is_misplaced(s, &s->threads[t]))
			looks += evict(p, t);
	}
}

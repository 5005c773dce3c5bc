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
/* Engines that a thread is offered in one tick */
#define OFFERS			4
#define NO_ENGINE		U32_MAX

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

/* Order of targets: the coldest first, then by index */
static bool comes_before(const struct dam_snapshot *s, u32 a, u32 b)
{
	u32 a_q16 = s->engines[a].heat_q16;
	u32 b_q16 = s->engines[b].heat_q16;

	return a_q16 < b_q16 || (a_q16 == b_q16 && a < b);
}

/* The first target that comes after @after in that order */
static u32 next_target(const struct dam_snapshot *s,
		       const struct dam_thread_view *v, u32 after)
{
	const struct dam_engine_view *from = &s->engines[v->engine];
	u32 best = NO_ENGINE, e;

	for (e = 0; e < s->n_engines; e++) {
		if (!s->engines[e].target || !dam_able(v, from, &s->engines[e]))
			continue;
		if (after != NO_ENGINE && !comes_before(s, after, e))
			continue;
		if (best == NO_ENGINE || comes_before(s, e, best))
			best = e;
	}
	return best;
}

static void evict(struct plan *p, u32 t)
{
	struct dam_snapshot *s = p->s;
	u32 to = NO_ENGINE, i;

	dam_plan_heat(p);
	for (i = 0; i < OFFERS; i++) {
		to = next_target(s, &s->threads[t], to);
		if (to == NO_ENGINE)
			return;
		if (s->allowed(s->ctx, t, to)) {
			dam_plan_send(p, t, to, NULL);
			return;
		}
	}
}

void dam_evict(struct plan *p)
{
	struct dam_snapshot *s = p->s;
	bool any = false;
	u32 i;

	for (i = 0; i < s->n_engines; i++)
		any |= s->engines[i].reserved && s->engines[i].classes;
	for (i = 0; any && i < dam_active(s) && dam_plan_room(p); i++) {
		u32 t = dam_active_at(s, i);

		if (is_misplaced(s, &s->threads[t]))
			evict(p, t);
	}
}

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
/* Engines that a thread is offered in one tick: the coldest, and one in turn */
#define OFFERS			4
/*
 * Engines looked at in one tick, and as how many an offer counts: who is refused
 * everywhere would cost as much in each tick. The rest is for the next.
 */
#define LOOKS_MAX		16384
#define LOOKS_OFFER		64
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

/* Whatever is colder: the first target from the place whose turn it is */
static u32 target_in_turn(const struct dam_snapshot *s,
			  const struct dam_thread_view *v, u32 round)
{
	u32 i;

	for (i = 0; i < s->n_engines; i++) {
		u32 e = (round + i) % s->n_engines;

		if (s->engines[e].target && dam_able(v, &s->engines[v->engine], &s->engines[e]))
			return e;
	}
	return NO_ENGINE;
}

/* Return: how many engines were looked at. */
static u32 evict(struct plan *p, u32 t)
{
	struct dam_snapshot *s = p->s;
	u32 to = NO_ENGINE, looks = 0, i;

	dam_plan_heat(p);
	for (i = 1; i <= OFFERS; i++) {
		to = i < OFFERS ? next_target(s, &s->threads[t], to) :
				  target_in_turn(s, &s->threads[t], p->bucket->round);
		looks += s->n_engines;
		if (to == NO_ENGINE)
			break;
		looks += LOOKS_OFFER;
		if (s->allowed(s->ctx, t, to)) {
			dam_plan_send(p, t, to, NULL);
			break;
		}
	}
	return looks;
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

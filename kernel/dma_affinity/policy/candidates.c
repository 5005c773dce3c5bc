// SPDX-License-Identifier: GPL-2.0
/*
 * The threads that may be moved off each bottleneck.
 *
 * A list may be as long as there are threads, and walking it costs a cache
 * miss for each: it is walked once, and the few that fit best are kept.
 */
#include "candidates.h"

/* How often an engine's list is walked in one tick */
#define WALKS_MAX		8
#define OPS_MAX			BIT_ULL(32)

static void push(struct dam_snapshot *s, u32 *list, u32 t)
{
	s->threads[t].next = *list;
	*list = t;
}

/*
 * A thread too small to matter would only lengthen the list: it would take
 * more than a thousand like it to end the excess or a thousandth of the waiting.
 */
static bool matters(const struct dam_thread_view *v,
		    const struct dam_engine_view *e)
{
	u64 bps = max_t(u64, v->now_bps, v->pred_bps);
	u64 excess_bps = mul_u64_u32_shr(e->effective_bps,
					 max_t(s32, e->excess_q16, 0), 16);
	u64 ops = max_t(u64, e->now.ops, e->pred.ops);

	bps = min_t(u64, bps, DAM_BPS_MAX) << 10;
	return bps && (bps >= excess_bps ||
		       bps >= min_t(u64, ops, OPS_MAX) * v->op_bytes);
}

static bool is_candidate(const struct dam_snapshot *s,
			 const struct dam_thread_view *v)
{
	return v->movable && !v->bound && !v->cooling &&
	       v->engine < s->n_engines &&
	       s->engines[v->engine].bottleneck &&
	       matters(v, &s->engines[v->engine]);
}

void dam_candidates_list(struct dam_snapshot *s)
{
	u32 e, i;

	for (e = 0; e < s->n_engines; e++) {
		struct dam_engine_view *v = &s->engines[e];

		v->first = DAM_NOBODY;
		v->later = DAM_NOBODY;
		v->candidates = 0;
		v->candidates_later = 0;
		v->walks = 0;
	}
	for (i = 0; i < dam_active(s); i++) {
		u32 t = dam_active_at(s, i);
		struct dam_engine_view *from;

		if (!is_candidate(s, &s->threads[t]))
			continue;
		from = &s->engines[s->threads[t].engine];
		push(s, &from->first, t);
		from->candidates++;
	}
}

static u64 demand_bps(const struct dam_thread_view *v)
{
	return (min_t(u64, v->now_bps, DAM_BPS_MAX) +
		min_t(u64, v->pred_bps, DAM_BPS_MAX)) / 2;
}

/*
 * The demand whose move from @a to @b makes both equally hot: gain is a
 * parabola with its top there, so that what is nearest gains most.
 */
static u64 fitting_bps(const struct dam_engine_view *a,
		       const struct dam_engine_view *b)
{
	u32 part_q16 = dam_share_q16(b->effective_bps,
				     a->effective_bps + b->effective_bps);
	u64 gap_bps;

	gap_bps = mul_u64_u32_shr(a->effective_bps,
				  a->heat_q16 - b->heat_q16, 16);
	return mul_u64_u32_shr(gap_bps, part_q16, 16);
}

void dam_candidates_shorten(struct dam_snapshot *s, u32 from, u32 to)
{
	struct dam_engine_view *a = &s->engines[from];
	u64 want_bps = fitting_bps(a, &s->engines[to]);
	u32 found[DAM_LIST_SHORT], n = 0, t, next, i;
	u64 off_bps[DAM_LIST_SHORT];

	for (t = a->first; t != DAM_NOBODY; t = next) {
		u64 x_bps = demand_bps(&s->threads[t]);
		u64 off = x_bps > want_bps ? x_bps - want_bps :
					     want_bps - x_bps;

		next = s->threads[t].next;
		if (n == DAM_LIST_SHORT && off >= off_bps[n - 1]) {
			push(s, &a->later, t);
			continue;
		}
		if (n == DAM_LIST_SHORT)
			push(s, &a->later, found[--n]);
		for (i = n++; i && off < off_bps[i - 1]; i--) {
			off_bps[i] = off_bps[i - 1];
			found[i] = found[i - 1];
		}
		off_bps[i] = off;
		found[i] = t;
	}
	a->candidates_later += a->candidates - n;
	a->candidates = n;
	a->first = DAM_NOBODY;
	while (n--)
		push(s, &a->first, found[n]);
}

bool dam_candidates_later(struct dam_snapshot *s, u32 from)
{
	struct dam_engine_view *a = &s->engines[from];

	if (++a->walks >= WALKS_MAX || a->later == DAM_NOBODY)
		return false;
	a->first = a->later;
	a->candidates = a->candidates_later;
	a->later = DAM_NOBODY;
	a->candidates_later = 0;
	return true;
}

void dam_candidates_remove(struct dam_snapshot *s, u32 from, u32 t)
{
	struct dam_engine_view *a = &s->engines[from];
	u32 *link = &a->first;

	while (*link != DAM_NOBODY && *link != t)
		link = &s->threads[*link].next;
	if (*link == DAM_NOBODY)
		return;
	*link = s->threads[t].next;
	a->candidates--;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Loads that repeat, over the next half second.
 *
 * A thread that was moved stays for a while. What is gained at this moment and at
 * the horizon may be lost many times over before it can be moved again: threads
 * whose bursts come at different times are best together, though none of them
 * may be busy when that is decided.
 */
#include "ahead.h"

static struct dam_ahead *known(const struct dam_snapshot *s)
{
	return s->ahead && s->ahead->n && s->ahead->now_ns == s->now_ns ? s->ahead : NULL;
}

static bool foresee(const struct dam_snapshot *s, u32 row, s64 *off_bps, u64 otherwise_bps)
{
	u32 interval_ms = clamp_t(u32, s->params.interval_ms, 1, 1000);
	u64 bps;
	u32 k;

	for (k = 0; k < DAM_AHEAD; k++) {
		/* a tick apart at least, or some would count twice */
		u32 ticks = max_t(u32, DAM_AHEAD_MS * (k + 1) / interval_ms, k + 1);

		if (!dam_season_ahead(s->forecaster, row, ticks, &bps))
			return false;
		off_bps[k] = (s64)bps - (s64)min_t(u64, otherwise_bps, DAM_BPS_MAX);
	}
	return true;
}

void dam_look_ahead(struct dam_snapshot *s)
{
	struct dam_ahead *a = s->ahead;
	u32 row, t;

	if (!a || a->now_ns == s->now_ns)
		return;
	while (a->n) {
		t = a->thread[--a->n];
		if (t < s->n_threads)
			s->threads[t].ahead = 0;
	}
	a->now_ns = s->now_ns;
	a->line_of[0] = DAM_NO_ENGINE;
	a->line_of[1] = DAM_NO_ENGINE;
	if (!s->forecaster->seasons || !s->params.horizon_ms ||
	    s->forecaster->choice < DAM_MODEL_SEASONAL)
		return;
	for (row = 0; row < DAM_SEASONS; row++) {
		const struct dam_forecast *owner = s->forecaster->seasons->rows[row].owner;

		/* its thread may have gone, and another have its place */
		if (!owner || owner->season != row + 1)
			continue;
		t = s->thread_of(s->ctx, owner);
		if (t >= s->n_threads || s->threads[t].ahead || s->threads[t].bound ||
		    s->threads[t].engine >= s->n_engines ||
		    !foresee(s, row, a->off_bps[a->n], s->threads[t].pred_bps))
			continue;
		a->thread[a->n] = t;
		s->threads[t].ahead = ++a->n;
	}
}

const u32 *dam_ahead_share_q16(const struct dam_snapshot *s, u32 e, u32 which)
{
	const struct dam_engine_view *v = &s->engines[e];
	struct dam_ahead *a = known(s);
	s64 bps[DAM_AHEAD];
	u32 i, k;

	if (!a)
		return NULL;
	if (a->line_of[which] == e)
		return a->line_q16[which];
	a->line_repeats[which] = false;
	for (k = 0; k < DAM_AHEAD; k++)
		bps[k] = v->load_pred_bps;
	for (i = 0; i < a->n; i++) {
		if (s->threads[a->thread[i]].engine != e)
			continue;
		a->line_repeats[which] = true;
		for (k = 0; k < DAM_AHEAD; k++)
			bps[k] += a->off_bps[i][k];
	}
	for (k = 0; k < DAM_AHEAD; k++)
		a->line_q16[which][k] = dam_share_q16(max_t(s64, bps[k], 0),
						      v->effective_bps);
	a->line_of[which] = e;
	return a->line_q16[which];
}

bool dam_ahead_repeats(const struct dam_snapshot *s, u32 t)
{
	const struct dam_ahead *a = known(s);

	return a && (a->line_repeats[0] || a->line_repeats[1] || s->threads[t].ahead);
}

u64 dam_ahead_bps(const struct dam_snapshot *s, u32 t, u32 k)
{
	const struct dam_thread_view *v = &s->threads[t];
	u64 bps = min_t(u64, v->pred_bps, DAM_BPS_MAX);

	if (!v->ahead || !known(s))
		return bps;
	return max_t(s64, (s64)bps + s->ahead->off_bps[v->ahead - 1][k], 0);
}

void dam_ahead_moved(const struct dam_snapshot *s)
{
	if (!s->ahead)
		return;
	s->ahead->line_of[0] = DAM_NO_ENGINE;
	s->ahead->line_of[1] = DAM_NO_ENGINE;
}

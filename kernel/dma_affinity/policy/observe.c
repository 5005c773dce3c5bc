// SPDX-License-Identifier: GPL-2.0
/*
 * What a thread did in a tick, what it asks for, and what it will ask for.
 *
 * Most threads ask the same for a long time. One whose demand has been steady for long
 * enough is at rest: it asks what it asked, now and at the horizon, and all that is
 * done in a tick is to see whether that is still so. A tick far from the mean ends the
 * rest at once and is observed in full; and so do ticks that are a little to
 * one side, by their sum (a cumulative sum test: Page, Biometrika 41, 1954). An operation
 * more or less is no news by itself: of a thread that does two in a tick, at equal distances,
 * one or three may fall into some of them.
 */
#include "observe.h"

/* Steady for so long, the longest period that is found; or after a drift */
#define CALM_TICKS		(DAM_SEASON_TICKS / 2)
#define CALM_AGAIN_TICKS	64
/* Nothing is steady whose forecast is that share of it away, and more than the spread */
#define CALM_SHIFT		5

/* @off, in units and signed, is what one makes, in ticks half as long again at most */
static bool is_one_operation(const struct dam_forecaster *c, const struct dam_demand *d,
			     const struct dam_thread_view *v, u64 off)
{
	u64 bps = div64_u64(v->op_bytes * 1500ULL, max_t(u32, c->interval_ms, 1));
	u64 one = min_t(u64, dam_to_units(min_t(u64, bps, DAM_BPS_MAX), d->shift), DAM_DRIFT_MAX);

	return off + one <= 2 * one;
}

/* What it asks is the mean of what it has asked since, now and at the horizon */
static void recentre(struct dam_demand *d, struct dam_thread_view *v)
{
	/* no less than nothing: each tick was that at least */
	d->smooth += (s32)d->far / max_t(s32, d->run, 1);
	d->far = 0;
	d->run = 0;
	v->now_bps = dam_from_units_exact(d->smooth, d->shift);
	v->pred_bps = v->now_bps;
}

static void lie_down(const struct dam_forecaster *c, struct dam_demand *d,
		     struct dam_forecast *f, struct dam_thread_view *v)
{
	f->calm = DAM_AT_REST;
	f->waiting = 0;
	dam_season_leave(c, f);
	d->far = 0;
	recentre(d, v);
}

/* All models have seen what it was at rest, all the time */
static void get_up(struct dam_demand *d, struct dam_forecast *f,
		   struct dam_thread_view *v, u16 calm)
{
	recentre(d, v);
	if (dam_units_misfit(dam_to_units(v->now_bps, f->shift)))
		dam_forecast_fit(f, v->now_bps);
	f->ewma = dam_to_units(v->now_bps, f->shift);
	f->level = f->ewma;
	f->slope = 0;
	f->calm = calm;
}

bool dam_rest_strays(const struct dam_forecaster *c, struct dam_demand *d,
		     struct dam_forecast *f, const struct dam_service *s,
		     struct dam_thread_view *v, u64 off)
{
	if (s->busy_q16 <= DEMAND_BUSY_Q16 && is_one_operation(c, d, v, off))
		return false;
	get_up(d, f, v, 0);
	return true;
}

bool dam_rest_drifts(const struct dam_forecaster *c, struct dam_demand *d,
		     struct dam_forecast *f, struct dam_thread_view *v)
{
	if (is_one_operation(c, d, v, (s64)(s32)d->far))
		return false;
	get_up(d, f, v, CALM_TICKS - CALM_AGAIN_TICKS);
	return true;
}

void dam_rest_again(const struct dam_forecaster *c, struct dam_demand *d,
		    struct dam_forecast *f, struct dam_thread_view *v)
{
	recentre(d, v);
	/* somebody wants another model to speak */
	if (c->choice != DAM_MODEL_AUTO)
		get_up(d, f, v, 0);
}

/*
 * Does a model of what changes speak, and not by chance? On noise one does now and then, and
 * then its forecasts are as far from what is asked as the noise is.
 */
static bool is_of_change(const struct dam_forecaster *c, const struct dam_forecast *f)
{
	if (f->model == DAM_MODEL_SEASONAL)
		return dam_season_is_clear(c, f);
	return f->model != DAM_MODEL_LAST && f->model != DAM_MODEL_EWMA;
}

/* What it asks is the same now and at the horizon, as far as anybody can tell */
static bool is_steady(const struct dam_demand *d, const struct dam_thread_view *v, bool changes)
{
	u64 off_bps = v->pred_bps > v->now_bps ? v->pred_bps - v->now_bps :
						 v->now_bps - v->pred_bps;
	u64 most_bps = v->now_bps >> CALM_SHIFT;

	if (!changes)
		most_bps = max_t(u64, most_bps, dam_from_units_exact(d->spread, d->shift));
	return d->spread <= d->smooth && off_bps <= most_bps;
}

/* A step, or a tick of more operations, or fewer, than one */
static bool is_news(const struct dam_forecaster *c, const struct dam_demand *d,
		    const struct dam_thread_view *v, u64 bps)
{
	return d->stray &&
	       (!d->run ||
		!is_one_operation(c, d, v, dam_to_units(bps, d->shift) - d->smooth));
}

/* After a tick that was observed in full. Ticks that keep forecasts stand for the others */
static inline void note_calm(const struct dam_forecaster *c,
			     struct dam_demand *d, struct dam_forecast *f,
			     struct dam_thread_view *v, u64 bps)
{
	bool changes;

	if (unlikely(d->saturated || is_news(c, d, v, bps))) {
		f->calm = 0;
		return;
	}
	if (likely(c->store < 0))
		return;
	changes = is_of_change(c, f);
	if (!is_steady(d, v, changes))
		f->calm = 0;
	else if (changes)
		return;
	else if (f->calm < CALM_TICKS)
		f->calm += c->stride;
	else if (!d->run && c->choice == DAM_MODEL_AUTO)
		lie_down(c, d, f, v);
}

void dam_observe_all(const struct dam_forecaster *c, struct dam_demand *d,
		     struct dam_forecast *f, const struct dam_service *s,
		     struct dam_thread_view *v, u64 bps)
{
	if (bps)
		v->arriving = false;
	/* a closed loop submits what was completed */
	if (!v->arriving)
		v->now_bps = demand_take(d, bps, bps, v->outstanding, s, v->op_bytes,
					 c->interval_ms);
	v->pred_bps = forecast_take(c, f, v->now_bps);
	note_calm(c, d, f, v, bps);
}

void dam_arrive(struct dam_demand *d, struct dam_forecast *f, struct dam_thread_view *v)
{
	/* who is at rest is not seen to submit */
	if (f->calm == DAM_AT_REST)
		get_up(d, f, v, CALM_TICKS - CALM_AGAIN_TICKS);
	v->arriving = true;
}

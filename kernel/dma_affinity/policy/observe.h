/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is done for each thread in each tick, and nothing that is seldom needed:
 * inline, for calls would cost as much as the work.
 *
 * Shared between the files of policy/; nothing outside includes it.
 */
#ifndef DAM_OBSERVE_H
#define DAM_OBSERVE_H

#include "models.h"

/* Smoothing of steady demand, and how much more for the noisiest */
#define DEMAND_TICKS		4
#define DEMAND_NOISE_TICKS	32
/* From so many ticks on the smoothing needs no regard to how many there were */
#define DEMAND_TICKS_MANY	(DEMAND_TICKS + 2 * DEMAND_NOISE_TICKS)
#define DEMAND_OUTSTANDING_MAX	(BIT(31) - 1)
/* Of the ticks that the mean of what is in flight goes back: four, or on busy engines more */
#define DEMAND_WINDOW_SHIFT	2

/* demand.c, for what is inline here alone */

/* dam_demand_fit() - adapt the unit to @y_bps */
void dam_demand_fit(struct dam_demand *d, u64 y_bps);

/*
 * dam_demand_uncover() - a busy engine's thread: what is seen of it is perhaps not
 * all
 * @y: what it submitted, in units
 * Return: what it asks for, in units.
 */
u32 dam_demand_uncover(struct dam_demand *d, u32 y, u64 completed_bps,
		       u64 outstanding, const struct dam_service *s,
		       u32 op_bytes, u32 interval_ms);

/* dam_demand_young() - one of the first ticks: all else as in dam_demand_settle() */
void dam_demand_young(struct dam_demand *d, u32 y);

/*
 * dam_demand_stepped() - a tick far from the mean
 * Return: true if it was the last one of a step.
 */
bool dam_demand_stepped(struct dam_demand *d, u32 y);

/* dam_demand_back() - a tick near the mean after some that were far */
void dam_demand_back(struct dam_demand *d);

static inline u32 demand_distance(u32 a, u32 b)
{
	return a > b ? a - b : b - a;
}

/* How much ticks differ, in 1/32 of the level; ends at 2.0 */
static inline u32 demand_noise(const struct dam_demand *d, u32 level)
{
	return min_t(u32, (d->spread << 3) / ((level >> 2) | 1), 64);
}

static inline void demand_spread(struct dam_demand *d, u32 off)
{
	s32 rise = (s32)off - (s32)d->spread;

	d->spread += rise >> (rise > 0 ? 2 : 4);
}

static inline void demand_settle(struct dam_demand *d, u32 y, bool young)
{
	u32 off = demand_distance(y, d->smooth);
	u32 band = max_t(u32, d->smooth / 4, d->spread * 2);
	u32 ticks;

	if (unlikely(off > band)) {
		if (dam_demand_stepped(d, y))
			return;
		off = band;
	} else if (unlikely(d->run)) {
		dam_demand_back(d);
	} else {
		demand_spread(d, off);
	}
	/* the mean goes the farther back, the less a single tick says */
	ticks = DEMAND_TICKS +
		demand_noise(d, d->smooth) * DEMAND_NOISE_TICKS / 32;
	/* in its very first ticks there are fewer to average */
	if (young)
		ticks = min_t(u32, ticks, ++d->ticks);
	off /= ticks;
	d->smooth = y > d->smooth ? d->smooth + off : d->smooth - off;
}

/* In its first ticks it is the mean of all so far, and what they had of bursts no peak */
static inline void demand_outstanding(struct dam_demand *d, u64 outstanding,
				      u8 shift)
{
	s32 rise = (s32)min_t(u64, outstanding, DEMAND_OUTSTANDING_MAX) -
		   (s32)d->outstanding_mean;

	if (unlikely(d->ticks + 1 < 1 << shift)) {
		d->outstanding_mean += rise / (d->ticks + 1);
		d->outstanding_peak = d->outstanding_mean;
		return;
	}
	d->outstanding_mean += rise >> shift;
	d->outstanding_peak = max_t(u32, d->outstanding_mean,
				    d->outstanding_peak -
				    d->outstanding_peak / 128);
}

/*
 * dam_demand_update(), of what has been clamped to DAM_BPS_MAX, in operations of
 * @op_bytes, 0 unknown, and ticks of @interval_ms
 */
static inline u64 demand_take(struct dam_demand *d, u64 submitted_bps,
			      u64 completed_bps, u64 outstanding,
			      const struct dam_service *s, u32 op_bytes,
			      u32 interval_ms)
{
	bool busy = unlikely(s->busy_q16 > DEMAND_BUSY_Q16);
	u64 most_bps = submitted_bps;
	u32 y;

	if (busy)
		most_bps = max_t(u64, most_bps, completed_bps);
	if (unlikely(dam_units_misfit(dam_to_units(most_bps, d->shift))))
		dam_demand_fit(d, most_bps);
	y = dam_to_units(submitted_bps, d->shift);
	if (busy) {
		d->stray = false;
		y = dam_demand_uncover(d, y, completed_bps, outstanding, s,
				       op_bytes, interval_ms);
	} else {
		d->stray = false;
		d->saturated = false;
		demand_outstanding(d, outstanding, DEMAND_WINDOW_SHIFT);
	}
	if (!d->saturated) {
		if (y > d->peak)
			d->peak += (y - d->peak) / 2;
		else
			d->peak -= d->peak / 512;
	}
	if (unlikely(d->ticks < DEMAND_TICKS_MANY))
		dam_demand_young(d, y);
	else
		demand_settle(d, y, false);
	return dam_from_units_exact(d->smooth, d->shift);
}

/* forecast.c, for what is inline here alone */

/* dam_forecast_fit() - adapt the unit to @y_bps */
void dam_forecast_fit(struct dam_forecast *f, u64 y_bps);

/* dam_forecast_judge() - compare what is due, keep forecasts, choose a model */
void dam_forecast_judge(const struct dam_forecaster *c, struct dam_forecast *f,
			u32 y);

/* dam_forecast_season() - Return: the seasonal forecast, else @y_bps */
u64 dam_forecast_season(const struct dam_forecaster *c,
			const struct dam_forecast *f, u64 y_bps);

/* dam_forecast_update(), of what has been clamped to DAM_BPS_MAX */
static inline u64 forecast_take(const struct dam_forecaster *c,
				struct dam_forecast *f, u64 y_bps)
{
	u32 y;

	if (unlikely(dam_units_misfit(dam_to_units(y_bps, f->shift))))
		dam_forecast_fit(f, y_bps);
	y = dam_to_units(y_bps, f->shift);
	if (unlikely(!f->ewma_gain_q16)) {
		models_start(f, y);
	} else {
		ewma_take(f, y);
		if (unlikely(c->holt))
			holt_take(f, y);
		else
			kalman_take(f, y);
	}
	if (f->season)
		season_take(c, f, y);
	if (c->judged)
		dam_forecast_judge(c, f, y);
	if (unlikely(c->choice < DAM_MODELS))
		f->model = c->choice;
	if (f->model == DAM_MODEL_LAST || !c->horizon_ticks)
		return y_bps;
	if (unlikely(f->model == DAM_MODEL_SEASONAL))
		return dam_forecast_season(c, f, y_bps);
	if (f->model == DAM_MODEL_EWMA)
		return dam_from_units_exact(f->ewma, f->shift);
	return dam_from_units(trend_predict(c, f), f->shift);
}

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The models that every series runs. They are inline: all of them together
 * cost about as much as calling them would.
 *
 * Units: those of struct dam_forecast. Ranges: y below 2^28 (DAM_UNITS_Y_MAX),
 * levels 0 .. 2^29 (DAM_UNITS_MAX), slopes -2^29 .. 2^29, gains and sums of
 * damping up to 2^16 and 2^22: every product is below 2^52.
 */
#ifndef DAM_MODELS_H
#define DAM_MODELS_H

#include "fixed.h"

#define DAM_UNITS_MAX		((s32)BIT(29) - 1)

#define HOLT_LEVEL_Q16		19661		/* 0.3 */
#define HOLT_SLOPE_Q16		1966		/* 0.3 * 0.1 */
#define HOLT_DAMPING_Q16	62259		/* 0.95 */
#define KALMAN_DAMPING_Q16	65208		/* 0.995 */

/* A learned gain begins at a quarter and ends at a 64th and nearly 1 */
#define GAIN_FIRST_Q16		16384
#define GAIN_MIN_Q16		1024
#define EWMA_GAIN_MAX_Q16	65535
#define KALMAN_GAIN_MAX_Q16	32768

/* Values of a history are kept in so many bits less */
#define SEASON_VALUE_SHIFT	12
/* A history in a unit so much too large is brought to a smaller one */
#define SEASON_LOOSE_SHIFT	3

/* seasonal.c, and period.c for the first, for forecast.c alone */

/* dam_season_prepare() - begin a tick: go on searching for periods */
void dam_season_prepare(struct dam_forecaster *c);

/* dam_season_take() - remember a value, if the history is still the series' */
void dam_season_take(const struct dam_forecaster *c, struct dam_forecast *f,
		     u32 y);

/*
 * dam_season_judge() - compare what is due, keep a forecast, give a history to a
 * series that has none; after dam_season_take(), in ticks that judge
 * @other: what the other model that would speak forecasts, in @f's units; used
 *	in ticks that store forecasts
 *
 * Return: true if the seasonal forecast is the better one.
 */
bool dam_season_judge(const struct dam_forecaster *c, struct dam_forecast *f,
		      u32 y, u32 other);

/* dam_season_predict() - Return: false if no period is known */
bool dam_season_predict(const struct dam_forecaster *c,
			const struct dam_forecast *f, u32 *units);

/*
 * dam_season_is_clear() - does the seasonal forecast err so much less than the
 * other model's that it cannot be by chance; of whom it speaks for
 */
bool dam_season_is_clear(const struct dam_forecaster *c,
			 const struct dam_forecast *f);

/* dam_season_error() - mean error, in @f's units */
u32 dam_season_error(const struct dam_forecaster *c,
		     const struct dam_forecast *f);

/* dam_season_leave() - a series that does nothing worth remembering any more */
void dam_season_leave(const struct dam_forecaster *c, struct dam_forecast *f);

/* @age: ticks before the newest; below @filled */
static inline u32 season_value(const struct dam_season *s, u32 age)
{
	u32 at = s->newest + DAM_SEASON_TICKS - age;

	return s->value[at < DAM_SEASON_TICKS ? at : at - DAM_SEASON_TICKS];
}

/* One value for each interval: two ticks in one are their latter */
static inline void season_append(const struct dam_forecaster *c,
				 struct dam_season *s, u32 value)
{
	s32 cells = c->cells + 1;

	s->tick = c->seasons_tick;
	if (unlikely(!s->filled))
		cells = max_t(s32, cells, 1);
	if (cells <= 0)
		s->value[s->newest] = value;
	for (; cells > 0; cells--) {
		s->newest = s->newest + 1 < DAM_SEASON_TICKS ? s->newest + 1 : 0;
		s->value[s->newest] = value;
		if (s->filled < DAM_SEASON_TICKS)
			s->filled++;
	}
}

/* dam_season_take() where the unit fits, or else it */
static inline void season_take(const struct dam_forecaster *c,
			       struct dam_forecast *f, u32 y)
{
	struct dam_season *s;
	u8 loose;

	if (unlikely(!c->seasons))
		return;
	s = &c->seasons->rows[f->season - 1];
	loose = s->shift - f->shift;
	if (unlikely(s->owner != f || loose > SEASON_LOOSE_SHIFT))
		dam_season_take(c, f, y);
	else
		season_append(c, s, y >> (SEASON_VALUE_SHIFT + loose));
}

/* As a rule nothing is to be clamped, which one comparison tells */
static inline s32 clamp_level(s32 v)
{
	if (unlikely((u32)v > DAM_UNITS_MAX))
		return v < 0 ? 0 : DAM_UNITS_MAX;
	return v;
}

static inline s32 clamp_slope(s32 v)
{
	if (unlikely((u32)v + DAM_UNITS_MAX > 2U * DAM_UNITS_MAX))
		return v < 0 ? -DAM_UNITS_MAX : DAM_UNITS_MAX;
	return v;
}

/*
 * Misses in a row on one side: the filter lags, more gain. Misses on changing
 * sides: it follows noise, less. Sides alone count, so that one heavy miss
 * teaches no more than a small one.
 */
static inline u32 learn_gain(u32 gain_q16, s8 *side, s32 miss, u32 max_q16)
{
	s32 was = *side, now = miss >> 31;
	s32 by = gain_q16 >> 4;

	if (unlikely(!miss))
		now = was;
	*side = now;
	/* less of it where the side has changed: by is negated */
	now ^= was;
	gain_q16 += (by ^ now) - now;
	if (unlikely(gain_q16 - GAIN_MIN_Q16 > max_q16 - GAIN_MIN_Q16))
		return gain_q16 < GAIN_MIN_Q16 ? GAIN_MIN_Q16 : max_q16;
	return gain_q16;
}

static inline void ewma_take(struct dam_forecast *f, u32 y)
{
	s32 miss = (s32)y - (s32)f->ewma;

	f->ewma_gain_q16 = learn_gain(f->ewma_gain_q16, &f->ewma_side, miss,
				      EWMA_GAIN_MAX_Q16);
	f->ewma += dam_part_q16(miss, f->ewma_gain_q16);
}

static inline void holt_take(struct dam_forecast *f, u32 y)
{
	s32 slope = dam_part_q16(f->slope, HOLT_DAMPING_Q16);
	s32 expected = f->level + slope;
	s32 miss = (s32)y - expected;

	f->level = clamp_level(expected +
				    dam_part_q16(miss, HOLT_LEVEL_Q16));
	f->slope = clamp_slope(slope + dam_part_q16(miss, HOLT_SLOPE_Q16));
}

static inline void kalman_take(struct dam_forecast *f, u32 y)
{
	s32 slope = dam_part_q16(f->slope, KALMAN_DAMPING_Q16);
	s32 expected = f->level + slope;
	s32 miss = (s32)y - expected;
	u32 gain_q16 = learn_gain(f->kalman_gain_q16, &f->kalman_side, miss,
				  KALMAN_GAIN_MAX_Q16);
	s64 gain_q26;

	f->kalman_gain_q16 = gain_q16;
	f->level = clamp_level(expected + dam_part_q16(miss, gain_q16));
	/* critically damped: the slope's gain is a quarter of the square */
	gain_q26 = (gain_q16 * gain_q16) >> 8;
	f->slope = clamp_slope(slope +
				      (((s64)miss * gain_q26 + BIT(25)) >> 26));
}

static inline void models_start(struct dam_forecast *f, u32 y)
{
	f->ewma_gain_q16 = GAIN_FIRST_Q16;
	f->kalman_gain_q16 = GAIN_FIRST_Q16;
	f->ewma = y;
	f->level = y;
}

static inline u32 trend_predict(const struct dam_forecaster *c,
				const struct dam_forecast *f)
{
	s64 v = f->level + (((s64)f->slope * c->trend_sum_q16) >> 16);

	if (unlikely((u64)v > DAM_UNITS_MAX))
		return v < 0 ? 0 : DAM_UNITS_MAX;
	return v;
}

static inline u32 rival_predict(const struct dam_forecaster *c,
				const struct dam_forecast *f, u32 y,
				enum dam_rival r)
{
	if (r == DAM_RIVAL_MEAN)
		return f->ewma;
	if (r == DAM_RIVAL_TREND)
		return trend_predict(c, f);
	return y;
}

#endif

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

/* seasonal.c, for forecast.c alone */

/* dam_season_prepare() - begin a tick: go on searching for periods */
void dam_season_prepare(struct dam_forecaster *c);

/*
 * dam_season_take() - remember a value, if the series has or gets a history
 * @other: what the other model that would speak forecasts, in @f's units; used
 *	in ticks that store forecasts
 *
 * Return: true if the seasonal forecast is the better one.
 */
bool dam_season_take(const struct dam_forecaster *c, struct dam_forecast *f,
		     u32 y, u32 other);

/* dam_season_predict() - Return: false if no period is known */
bool dam_season_predict(const struct dam_forecaster *c,
			const struct dam_forecast *f, u32 *units);

/* dam_season_error() - mean error, in @f's units */
u32 dam_season_error(const struct dam_forecaster *c,
		     const struct dam_forecast *f);

static inline s32 clamp_level(s32 v)
{
	return clamp_t(s32, v, 0, DAM_UNITS_MAX);
}

static inline s32 clamp_slope(s32 v)
{
	return clamp_t(s32, v, -DAM_UNITS_MAX, DAM_UNITS_MAX);
}

/*
 * Misses in a row on one side: the filter lags, more gain. Misses on changing
 * sides: it follows noise, less. Sides alone count, so that one heavy miss
 * teaches no more than a small one.
 */
static inline u32 learn_gain(u32 gain_q16, s8 *side, s32 miss, u32 max_q16)
{
	s8 was = *side;

	if (miss)
		*side = miss >> 31;
	if (*side != was)
		return max_t(u32, gain_q16 - (gain_q16 >> 4), GAIN_MIN_Q16);
	return min_t(u32, gain_q16 + (gain_q16 >> 4), max_q16);
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
	s32 slope = dam_part_q16(f->holt_slope, HOLT_DAMPING_Q16);
	s32 expected = f->holt_level + slope;
	s32 miss = (s32)y - expected;

	f->holt_level = clamp_level(expected +
				    dam_part_q16(miss, HOLT_LEVEL_Q16));
	f->holt_slope = clamp_slope(slope + dam_part_q16(miss, HOLT_SLOPE_Q16));
}

static inline void kalman_take(struct dam_forecast *f, u32 y)
{
	s32 slope = dam_part_q16(f->kalman_slope, KALMAN_DAMPING_Q16);
	s32 expected = f->kalman_level + slope;
	s32 miss = (s32)y - expected;
	u32 gain_q16 = learn_gain(f->kalman_gain_q16, &f->kalman_side, miss,
				  KALMAN_GAIN_MAX_Q16);
	s64 gain_q26;

	f->kalman_gain_q16 = gain_q16;
	f->kalman_level = clamp_level(expected + dam_part_q16(miss, gain_q16));
	/* critically damped: the slope's gain is a quarter of the square */
	gain_q26 = (gain_q16 * gain_q16) >> 8;
	f->kalman_slope = clamp_slope(slope +
				      (((s64)miss * gain_q26 + BIT(25)) >> 26));
}

static inline void models_start(struct dam_forecast *f, u32 y)
{
	f->ewma_gain_q16 = GAIN_FIRST_Q16;
	f->kalman_gain_q16 = GAIN_FIRST_Q16;
	f->ewma = y;
	f->holt_level = y;
	f->kalman_level = y;
}

static inline u32 model_predict(const struct dam_forecaster *c,
				const struct dam_forecast *f, u32 y,
				enum dam_model m)
{
	s64 level, slope;
	u32 sum_q16;

	switch (m) {
	case DAM_MODEL_EWMA:
		return f->ewma;
	case DAM_MODEL_HOLT:
		level = f->holt_level;
		slope = f->holt_slope;
		sum_q16 = c->holt_sum_q16;
		break;
	case DAM_MODEL_KALMAN:
		level = f->kalman_level;
		slope = f->kalman_slope;
		sum_q16 = c->kalman_sum_q16;
		break;
	default:
		return y;
	}
	return clamp_t(s64, level + ((slope * sum_q16) >> 16), 0,
		       DAM_UNITS_MAX);
}

#endif

// SPDX-License-Identifier: GPL-2.0
/*
 * Forecast of one series by several small models, of which the one speaks
 * that errs least.
 *
 * The last value is the default: on bursty load a trend filter is worse than
 * it, and a model that is no clear gain only adds moves. Every model's
 * forecast is kept until its moment comes and is then compared with what
 * came.
 *
 * Ranges: values 0 .. 2^42, slope -2^42 .. 2^42, weights up to 2^16, sums of
 * damping up to 2^21: no product reaches 2^63.
 */
#include "fixed.h"

#define EWMA_WEIGHT_Q16		19661		/* 0.3 */
#define HOLT_LEVEL_Q16		19661		/* 0.3 */
#define HOLT_SLOPE_Q16		6554		/* 0.1 */
#define HOLT_DAMPING_Q16	62259		/* 0.95 */

/* An error counts 0.97 times as much a tick later */
#define ERROR_WEIGHT_Q16	1966
#define ERROR_WEIGHT_MAX_Q16	16384
/* A model speaks from this many comparisons on */
#define SCORED_MIN		8
#define HORIZON_MAX_TICKS	10000

/* v x share, rounded to nearest */
static s64 scale_q16(s64 v, u32 share_q16)
{
	return (v * share_q16 + DAM_ONE_Q16 / 2) >> 16;
}

/* d + d^2 + .. + d^ticks, where d is Holt's damping */
static u32 damping_sum_q16(u32 ticks)
{
	u64 square_q16 = HOLT_DAMPING_Q16;
	u64 power_q16 = DAM_ONE_Q16;

	for (; ticks && power_q16; ticks >>= 1) {
		if (ticks & 1)
			power_q16 = (power_q16 * square_q16) >> 16;
		square_q16 = (square_q16 * square_q16) >> 16;
	}
	return (DAM_ONE_Q16 - (u32)power_q16) * HOLT_DAMPING_Q16 /
	       (DAM_ONE_Q16 - HOLT_DAMPING_Q16);
}

static u64 clamp_bps(s64 v)
{
	return clamp_t(s64, v, 0, (s64)DAM_BPS_MAX);
}

/* How many ticks apart pending forecasts are, so that they span the horizon */
static u32 stride(u32 horizon_ticks)
{
	return (horizon_ticks + DAM_PENDING - 1) / DAM_PENDING;
}

static void score(struct dam_forecast *f, u32 row, u64 y_bps, u32 horizon_ticks)
{
	u32 weight_q16 = min_t(u32, stride(horizon_ticks) * ERROR_WEIGHT_Q16,
			       ERROR_WEIGHT_MAX_Q16);
	u32 m;

	/* the mean of all while there are few */
	if (f->scored < DAM_ONE_Q16 / ERROR_WEIGHT_Q16)
		weight_q16 = max_t(u32, weight_q16,
				   DAM_ONE_Q16 / (f->scored + 1U));
	for (m = 0; m < DAM_MODELS; m++) {
		u64 f_bps = f->pending_bps[row][m];
		u64 miss_bps = f_bps > y_bps ? f_bps - y_bps : y_bps - f_bps;

		f->err_bps[m] = clamp_bps((s64)f->err_bps[m] +
			scale_q16((s64)miss_bps - (s64)f->err_bps[m],
				  weight_q16));
	}
	f->pending_due[row] = 0;
	if (f->scored < U16_MAX)
		f->scored++;
}

static void score_due(struct dam_forecast *f, u64 y_bps, u32 horizon_ticks)
{
	u32 row;

	for (row = 0; row < DAM_PENDING; row++)
		if (f->pending_due[row] && f->pending_due[row] <= f->ticks)
			score(f, row, y_bps, horizon_ticks);
}

static void take(struct dam_forecast *f, u64 y_bps)
{
	s64 slope_bps = scale_q16(f->slope_bps, HOLT_DAMPING_Q16);
	s64 expected_bps = (s64)f->level_bps + slope_bps;
	s64 miss_bps = (s64)y_bps - expected_bps;
	s64 limit_bps = DAM_BPS_MAX;

	f->last_bps = y_bps;
	if (f->ticks == 1) {
		f->level_bps = y_bps;
		f->ewma_bps = y_bps;
		f->slope_bps = 0;
		return;
	}
	f->ewma_bps = clamp_bps((s64)f->ewma_bps +
		scale_q16((s64)y_bps - (s64)f->ewma_bps, EWMA_WEIGHT_Q16));
	f->level_bps = clamp_bps(expected_bps +
				 scale_q16(miss_bps, HOLT_LEVEL_Q16));
	slope_bps += scale_q16(scale_q16(miss_bps, HOLT_LEVEL_Q16),
			       HOLT_SLOPE_Q16);
	f->slope_bps = clamp_t(s64, slope_bps, -limit_bps, limit_bps);
}

static void predict(const struct dam_forecast *f, u32 horizon_ticks,
		    u64 out_bps[DAM_MODELS])
{
	s64 rise_bps = scale_q16(f->slope_bps, damping_sum_q16(horizon_ticks));

	out_bps[DAM_MODEL_LAST] = f->last_bps;
	out_bps[DAM_MODEL_EWMA] = f->ewma_bps;
	out_bps[DAM_MODEL_HOLT] = clamp_bps((s64)f->level_bps + rise_bps);
}

static void keep(struct dam_forecast *f, const u64 out_bps[DAM_MODELS],
		 u32 horizon_ticks)
{
	u32 row, m;

	if (f->ticks % stride(horizon_ticks))
		return;
	for (row = 0; row < DAM_PENDING; row++) {
		if (f->pending_due[row])
			continue;
		f->pending_due[row] = f->ticks + horizon_ticks;
		for (m = 0; m < DAM_MODELS; m++)
			f->pending_bps[row][m] = out_bps[m];
		return;
	}
}

static u8 choose(const struct dam_forecast *f)
{
	u64 bound_bps = f->err_bps[DAM_MODEL_LAST] * 4;
	u8 best = DAM_MODEL_LAST;
	u32 m;

	if (f->scored < SCORED_MIN)
		return best;
	for (m = 0; m < DAM_MODELS; m++) {
		if (m == DAM_MODEL_LAST || f->err_bps[m] * 5 >= bound_bps)
			continue;
		bound_bps = f->err_bps[m] * 5;
		best = m;
	}
	return best;
}

/* The count of ticks starts again before it wraps; what is pending is lost */
static void count_tick(struct dam_forecast *f)
{
	u32 row;

	if (f->ticks >= U32_MAX - HORIZON_MAX_TICKS - 1) {
		f->ticks = 1;
		for (row = 0; row < DAM_PENDING; row++)
			f->pending_due[row] = 0;
	}
	f->ticks++;
}

u64 dam_forecast_update(struct dam_forecast *f, u64 y_bps, u32 horizon_ticks,
			enum dam_model choice, u64 *err_bps)
{
	u64 out_bps[DAM_MODELS];

	y_bps = min_t(u64, y_bps, DAM_BPS_MAX);
	horizon_ticks = min_t(u32, horizon_ticks, HORIZON_MAX_TICKS);
	count_tick(f);
	score_due(f, y_bps, horizon_ticks);
	take(f, y_bps);
	f->model = choice < DAM_MODELS ? choice : choose(f);
	if (err_bps)
		*err_bps = f->err_bps[f->model];
	if (!horizon_ticks)
		return y_bps;
	predict(f, horizon_ticks, out_bps);
	keep(f, out_bps, horizon_ticks);
	return out_bps[f->model];
}

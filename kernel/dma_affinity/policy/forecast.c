// SPDX-License-Identifier: GPL-2.0
/*
 * Forecast of one series by several small models, of which the one speaks
 * that errs least.
 *
 * The last value is the default: on bursty load a trend filter is worse than
 * it, and a model that is no clear gain only adds moves. Now and then every
 * model's forecast is kept until its moment comes and is then compared with
 * what came. When that is, is the same for all series: dam_forecast_prepare()
 * works it out once a tick.
 */
#include "observe.h"

/* Forecasts wait in fewer bits */
#define PENDING_SHIFT		13

/* Forecasts are kept that many ticks apart, if the horizon is not nearer */
#define STRIDE_MIN		3
/* An error counts 0.97 times as much a tick later */
#define ERROR_WEIGHT_Q16	1966
#define ERROR_WEIGHT_MAX_Q16	16384
/* Until so many comparisons were made their plain mean counts */
#define SCORED_FEW		33
/* A model speaks from this many comparisons on */
#define SCORED_MIN		8
#define HORIZON_MAX_TICKS	10000
/* After a longer pause it is unknown where in their period loads are */
#define CELLS_MAX		8

/* How many times a model's error counts beside the last value's */
#define MEAN_MARGIN_Q16		66200		/* 1 / 0.99 */
#define TREND_MARGIN_Q16	87381		/* 1 / 0.75 */

/* d + d^2 + .. + d^ticks */
static u32 damping_sum_q16(u32 damping_q16, u32 ticks)
{
	u64 square_q32 = (u64)damping_q16 << 16;
	u64 power_q32 = BIT_ULL(32);

	for (; ticks && power_q32; ticks >>= 1) {
		if (ticks & 1)
			power_q32 = (power_q32 * (square_q32 >> 1)) >> 31;
		square_q32 = (square_q32 * (square_q32 >> 1)) >> 31;
	}
	return div64_u64((BIT_ULL(32) - power_q32) * damping_q16,
			 DAM_ONE_Q16 - damping_q16) >> 16;
}

void dam_forecast_prepare(struct dam_forecaster *c, u32 horizon_ticks,
			  enum dam_model choice)
{
	bool holt = choice == DAM_MODEL_HOLT;
	u32 stride;

	horizon_ticks = min_t(u32, horizon_ticks, HORIZON_MAX_TICKS);
	c->choice = choice;
	c->tick++;
	if (horizon_ticks != c->horizon_ticks || holt != c->holt ||
	    c->tick == U32_MAX) {
		c->horizon_ticks = horizon_ticks;
		c->holt = holt;
		c->trend_sum_q16 = damping_sum_q16(holt ? HOLT_DAMPING_Q16 :
							  KALMAN_DAMPING_Q16,
						   horizon_ticks);
		c->tick = 0;
	}
	if (c->seasons)
		dam_season_prepare(c);
	c->store = -1;
	c->due = -1;
	c->judged = false;
	if (!horizon_ticks)
		return;
	/* rows are filled so far apart that together they span the horizon */
	stride = max_t(u32, (horizon_ticks + DAM_PENDING - 1) / DAM_PENDING,
		       min_t(u32, horizon_ticks, STRIDE_MIN));
	c->stride = stride;
	c->weight_q16 = min_t(u32, stride * ERROR_WEIGHT_Q16,
			      ERROR_WEIGHT_MAX_Q16);
	if (!(c->tick % stride))
		c->store = (c->tick / stride) % DAM_PENDING;
	if (c->tick >= horizon_ticks && !((c->tick - horizon_ticks) % stride))
		c->due = ((c->tick - horizon_ticks) / stride) % DAM_PENDING;
	c->judged = c->store >= 0 || c->due >= 0;
}

/* Keep all in units 2^@by times as large, or as small if it is negative */
static void rescale(struct dam_forecast *f, int by)
{
	u32 m, row;

	f->shift += by;
	if (by > 0) {
		f->ewma >>= by;
		f->level >>= by;
		f->slope >>= by;
	} else {
		f->ewma <<= -by;
		f->level <<= -by;
		f->slope *= 1 << -by;
	}
	for (m = 0; m < DAM_RIVALS; m++) {
		f->err[m] = by > 0 ? f->err[m] >> by : f->err[m] << -by;
		for (row = 0; row < DAM_PENDING; row++)
			f->pending[row][m] = by > 0 ?
					     f->pending[row][m] >> by :
					     f->pending[row][m] << -by;
	}
}

/* An upper bound of all values, but for the highest bit */
static u32 largest(const struct dam_forecast *f)
{
	u32 all = f->ewma | f->level;
	u32 m, row;

	all |= f->slope < 0 ? -f->slope : f->slope;
	for (m = 0; m < DAM_RIVALS; m++) {
		all |= f->err[m];
		for (row = 0; row < DAM_PENDING; row++)
			all |= (u32)f->pending[row][m] << PENDING_SHIFT;
	}
	return all;
}

void dam_forecast_fit(struct dam_forecast *f, u64 y_bps)
{
	while (dam_to_units(y_bps, f->shift) > DAM_UNITS_Y_MAX)
		rescale(f, 1);
	while (dam_to_units(y_bps, f->shift) < DAM_UNITS_SMALL && f->shift &&
	       f->ewma < DAM_UNITS_SMALL && largest(f) < DAM_UNITS_SMALL)
		rescale(f, -1);
}

/*
 * The last value unless another errs clearly less: a mean may be believed
 * sooner than a trend, which does more harm where there is none.
 */
static u8 choose(const struct dam_forecast *f)
{
	static const u32 margin_q16[DAM_RIVALS] = {
		[DAM_RIVAL_LAST] = DAM_ONE_Q16,
		[DAM_RIVAL_MEAN] = MEAN_MARGIN_Q16,
		[DAM_RIVAL_TREND] = TREND_MARGIN_Q16,
	};
	u64 bound = (u64)f->err[DAM_RIVAL_LAST] * DAM_ONE_Q16;
	u8 best = DAM_RIVAL_LAST;
	u32 m;

	if (f->scored < SCORED_MIN)
		return best;
	for (m = DAM_RIVAL_LAST + 1; m < DAM_RIVALS; m++) {
		u64 err = (u64)f->err[m] * margin_q16[m];

		if (err >= bound)
			continue;
		bound = err;
		best = m;
	}
	return best;
}

static void score(const struct dam_forecaster *c, struct dam_forecast *f, u32 y)
{
	const u16 *row = f->pending[c->due];
	u32 weight_q16 = c->weight_q16;
	u32 m;

	f->waiting &= ~BIT(c->due);
	y >>= PENDING_SHIFT;
	/* the mean of all while there are few */
	if (unlikely(f->scored < SCORED_FEW))
		weight_q16 = max_t(u32, weight_q16,
				   DAM_ONE_Q16 / (f->scored + 1U));
	for (m = 0; m < DAM_RIVALS; m++) {
		u32 miss = row[m] > y ? row[m] - y : y - row[m];

		f->err[m] += dam_part_q16((s64)(miss << PENDING_SHIFT) -
				       f->err[m], weight_q16);
	}
	if (f->scored < U8_MAX)
		f->scored++;
	f->base = choose(f);
}

static void keep(const struct dam_forecaster *c, struct dam_forecast *f, u32 y)
{
	u16 *row = f->pending[c->store];
	u32 m;

	f->waiting |= BIT(c->store);
	for (m = 0; m < DAM_RIVALS; m++)
		row[m] = rival_predict(c, f, y, m) >> PENDING_SHIFT;
}

static enum dam_model trend_model(const struct dam_forecaster *c)
{
	return c->holt ? DAM_MODEL_HOLT : DAM_MODEL_KALMAN;
}

static enum dam_rival rival_of(enum dam_model m)
{
	switch (m) {
	case DAM_MODEL_EWMA:
		return DAM_RIVAL_MEAN;
	case DAM_MODEL_HOLT:
	case DAM_MODEL_KALMAN:
		return DAM_RIVAL_TREND;
	default:
		return DAM_RIVAL_LAST;
	}
}

static void choose_model(const struct dam_forecaster *c, struct dam_forecast *f,
			 u32 y)
{
	u32 other = c->store < 0 ? 0 : rival_predict(c, f, y, f->base);

	if (c->seasons && (f->season || c->store >= 0) &&
	    dam_season_judge(c, f, y, other))
		f->model = DAM_MODEL_SEASONAL;
	else if (f->base == DAM_RIVAL_TREND)
		f->model = trend_model(c);
	else if (f->base == DAM_RIVAL_MEAN)
		f->model = DAM_MODEL_EWMA;
	else
		f->model = DAM_MODEL_LAST;
}

void dam_forecast_judge(const struct dam_forecaster *c, struct dam_forecast *f,
			u32 y)
{
	if (c->due >= 0 && f->waiting & BIT(c->due))
		score(c, f, y);
	if (c->store >= 0)
		keep(c, f, y);
	choose_model(c, f, y);
}

u64 dam_forecast_season(const struct dam_forecaster *c,
			const struct dam_forecast *f, u64 y_bps)
{
	u32 units;

	if (!dam_season_predict(c, f, &units))
		return y_bps;
	return dam_from_units(units, f->shift);
}

void dam_forecast_clock(struct dam_forecaster *c, u64 now_ns, u32 interval_ms)
{
	u64 cell;
	u32 row;

	interval_ms = clamp_t(u32, interval_ms, 1, 1000);
	cell = div64_u64(now_ns, interval_ms * 1000000ULL);
	if (c->interval_ms != interval_ms) {
		for (row = 0; c->seasons && c->interval_ms && row < DAM_SEASONS; row++)
			c->seasons->rows[row].owner = NULL;
		c->interval_ms = interval_ms;
		c->cell = 0;
	}
	c->cells = c->cell ? min_t(u64, dam_sub(cell, c->cell), CELLS_MAX) - 1 : 0;
	c->cell = cell;
}

u64 dam_forecast_update(const struct dam_forecaster *c, struct dam_forecast *f,
			u64 y_bps)
{
	return forecast_take(c, f, min_t(u64, y_bps, DAM_BPS_MAX));
}

u64 dam_forecast_error_bps(const struct dam_forecaster *c,
			   const struct dam_forecast *f)
{
	if (f->model == DAM_MODEL_SEASONAL)
		return dam_from_units(dam_season_error(c, f), f->shift);
	return dam_from_units(f->err[rival_of(f->model)], f->shift);
}

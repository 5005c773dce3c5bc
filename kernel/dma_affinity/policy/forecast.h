/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Forecast of a thread's demand: one series of bytes/s, several small models
 * that run side by side, and the one that speaks.
 *
 * A part of policy.h, and to be included through it: what is said there of
 * contexts and scales holds here.
 */
#ifndef DAM_FORECAST_H
#define DAM_FORECAST_H

/**
 * enum dam_model - what a forecast may be made with
 * @DAM_MODEL_LAST: the last value, the default that others must beat
 * @DAM_MODEL_EWMA: exponentially weighted mean whose weight is learned
 * @DAM_MODEL_HOLT: damped trend (level and slope) of fixed gains; only as a choice
 * @DAM_MODEL_KALMAN: level and slope whose gains are learned, for much noise
 * @DAM_MODEL_SEASONAL: what came a period earlier; of the few series that have
 *	a history, the last value of others
 * @DAM_MODELS: how many there are
 * @DAM_MODEL_AUTO: only as a choice: whichever errs least
 */
enum dam_model {
	DAM_MODEL_LAST,
	DAM_MODEL_EWMA,
	DAM_MODEL_HOLT,
	DAM_MODEL_KALMAN,
	DAM_MODEL_SEASONAL,
	DAM_MODELS,
	DAM_MODEL_AUTO = DAM_MODELS,
};

struct dam_seasons;

/**
 * enum dam_rival - what each series runs side by side, without a history
 * @DAM_RIVAL_LAST: the last value
 * @DAM_RIVAL_MEAN: the mean
 * @DAM_RIVAL_TREND: the Kalman filter, or Holt where that is the choice: with its
 *	gains learned the filter is never clearly the worse of the two
 * @DAM_RIVALS: how many there are
 */
enum dam_rival {
	DAM_RIVAL_LAST,
	DAM_RIVAL_MEAN,
	DAM_RIVAL_TREND,
	DAM_RIVALS,
};

/* Forecasts of a series that wait for their moment at the same time */
#define DAM_PENDING 3

/**
 * struct dam_forecaster - what the forecasts of a tick have in common
 * @seasons: histories, NULL none: set by the caller, all zero before the first
 *	tick; those who update the same series share them
 * @seasons_tick: how many were prepared with them
 * @cell: of dam_forecast_clock(), 0 none
 * @interval_ms: what cells are long, 0 nobody said
 * @cells: cells of time from the tick before to this one, but one
 * @tick: how many were prepared for this horizon
 * @horizon_ticks: how far ahead
 * @stride: ticks between forecasts that are kept
 * @trend_sum_q16: slopes that the trend adds up to at the horizon
 * @weight_q16: how much a comparison made in this tick counts
 * @choice: enum dam_model
 * @store: row of pending forecasts to fill in this tick, -1 none
 * @due: row that is due in this tick, -1 none
 * @judged: there is one or the other
 * @holt: the trend is Holt's
 */
struct dam_forecaster {
	struct dam_seasons *seasons;
	u32 seasons_tick;
	u64 cell;
	u32 interval_ms;
	s32 cells;
	u32 tick;
	u32 horizon_ticks;
	u32 stride;
	u32 trend_sum_q16;
	u32 weight_q16;
	u8 choice;
	s8 store;
	s8 due;
	bool judged;
	bool holt;
};

/**
 * struct dam_forecast - one series; all zero is one that has seen nothing
 *
 * Values and errors are kept in a unit of the series' own, 2^(@shift - 8)
 * bytes/s, in which the largest of them is usually between 2^25 and 2^28.
 *
 * @err: discounted mean absolute error of each
 * @ewma: the mean
 * @level: the trend's level
 * @slope: its slope a tick
 * @pending: forecasts that wait for their moment, in 2^13 units
 * @ewma_gain_q16: the mean's weight as learned, 0 before the first value
 * @kalman_gain_q16: the Kalman filter's gain as learned
 * @shift: see above
 * @model: enum dam_model that speaks now; chosen when forecasts are compared
 * @scored: forecasts compared with what came, stops at 255
 * @waiting: bit per row of @pending that is in use
 * @base: enum dam_rival that would speak if nothing repeated
 * @season: its history, 0 none: row + 1 of struct dam_seasons
 * @ewma_side: on which side the mean missed the last value, 0 or -1
 * @kalman_side: the same of the Kalman filter
 * @calm: ticks in a row in which its thread's demand was steady, or
 *	DAM_AT_REST: of dam_observe() alone
 */
struct dam_forecast {
	u32 err[DAM_RIVALS];
	u32 ewma;
	s32 level;
	s32 slope;
	u16 pending[DAM_PENDING][DAM_RIVALS];
	u16 ewma_gain_q16;
	u16 kalman_gain_q16;
	u8 shift;
	u8 model;
	u8 scored;
	u8 waiting;
	u8 base;
	u8 season;
	s8 ewma_side;
	s8 kalman_side;
	u16 calm;
};

/* @calm of one that is not observed in full until something happens */
#define DAM_AT_REST	U16_MAX

/**
 * dam_forecast_prepare() - begin a tick
 * @c: all zero before the first
 * @horizon_ticks: how many ticks ahead, 0 = forecast the present value; above
 *	10000 is taken for that
 * @choice: DAM_MODEL_AUTO, or the model to use whatever its error
 *
 * To be called once a tick, before its first dam_forecast_update(). When the
 * horizon has changed since the tick before, what is pending is dropped; what
 * was learned of each model's errors remains.
 */
void dam_forecast_prepare(struct dam_forecaster *c, u32 horizon_ticks,
			  enum dam_model choice);

/**
 * dam_forecast_clock() - say when a tick is, where they are of uneven length
 * @c: not yet prepared for this tick
 * @now_ns: monotonic time
 * @interval_ms: length of a tick in the mean, 1..1000
 *
 * What repeats does so in time: histories have a value for each interval, whether
 * one tick came in it, two or none. Without it each tick counts as one. With another
 * interval all histories begin anew.
 */
void dam_forecast_clock(struct dam_forecaster *c, u64 now_ns, u32 interval_ms);

/**
 * dam_forecast_update() - take one tick's value, choose a model, forecast
 * @c: prepared for this tick
 * @f: the series, to be updated in each tick
 * @y_bps: this tick's value, clamped to DAM_BPS_MAX
 *
 * Return: the forecast for the horizon, 0 .. DAM_BPS_MAX.
 */
u64 dam_forecast_update(const struct dam_forecaster *c, struct dam_forecast *f,
			u64 y_bps);

/**
 * dam_forecast_error_bps() - how far off the speaking model's forecasts are
 * @c: prepared for this tick
 * @f: the series
 *
 * Return: its discounted mean absolute error, 0 .. DAM_BPS_MAX; 0 as well if
 * nothing was compared yet (@scored is 0).
 */
u64 dam_forecast_error_bps(const struct dam_forecaster *c,
			   const struct dam_forecast *f);

#endif

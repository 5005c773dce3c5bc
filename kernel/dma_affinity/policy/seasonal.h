/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What repeats: the history of the few series whose forecasts miss most, in
 * which a period is looked for.
 *
 * A part of forecast.h, and to be included through policy.h.
 */
#ifndef DAM_SEASONAL_H
#define DAM_SEASONAL_H

/* Series with a history, and the ticks that it goes back */
#define DAM_SEASONS		32
#define DAM_SEASON_TICKS	960
/* Lags at which a series is compared with itself, roughly */
#define DAM_SEASON_LAGS		128

struct dam_forecast;

/**
 * struct dam_season - the history of one series
 *
 * Values are kept in 16 bits, in 2^(@shift + 12 - 8) bytes/s; errors in a
 * 4096th of that.
 *
 * @owner: whose it is, NULL nobody's; in memory for as long as the histories are,
 *	but perhaps another series' by now: then its @season is another
 * @weight_bps: by how much the owner's last value misses
 * @err: mean absolute error of the seasonal forecasts, over about a period
 * @spread: mean difference of two values, at all lags of the first stage
 * @err_other: that of the model that would speak otherwise
 * @recent: as @err, over a few ticks
 * @recent_other: as @err_other, over a few ticks
 * @period_q8: ticks, 0 none was found
 * @tick: of the newest value
 * @newest: where in @value it is
 * @filled: how many there are
 * @scored: comparisons made, stops at 255
 * @pending: forecasts that wait for their moment
 * @pending_other: those of the model that would speak otherwise
 * @waiting: bit per row of these that is in use
 * @shift: see above
 * @speaks: they are better than the others
 * @value: the ring
 */
struct dam_season {
	const struct dam_forecast *owner;
	u64 weight_bps;
	u32 err;
	u32 spread;
	u32 err_other;
	u32 recent;
	u32 recent_other;
	u32 period_q8;
	u32 tick;
	u16 newest;
	u16 filled;
	u8 scored;
	u16 pending[DAM_PENDING];
	u16 pending_other[DAM_PENDING];
	u8 waiting;
	u8 shift;
	bool speaks;
	u16 value[DAM_SEASON_TICKS];
};

/**
 * struct dam_seasons - all histories, and the search for periods in one
 * @rows: the histories
 * @lightest: the row that is given up first
 * @lightest_bps: its weight; a series with clearly more may have it
 * @search: the row searched now
 * @stage: what is looked for: enum in period.c
 * @lag: the lag compared next, 0 where a search begins
 * @last: the last lag of this stage
 * @lags: how many were compared in this stage
 * @periods: how many of them the lags of this stage have
 * @miss: mean difference at each lag of this stage
 */
struct dam_seasons {
	struct dam_season rows[DAM_SEASONS];
	u64 lightest_bps;
	u16 lightest;
	u16 search;
	u8 stage;
	u16 lag;
	u16 last;
	u16 lags;
	u16 periods;
	u32 miss[DAM_SEASON_LAGS];
};

struct dam_forecaster;

/**
 * dam_season_ahead() - what the series of a history asks so many ticks from now
 * @c: prepared for this tick, with histories
 * @row: 0 .. DAM_SEASONS - 1
 * @ticks: above 0
 * @bps: filled
 *
 * Return: false if it is nobody's, no period is known, or what it tells errs too much.
 */
bool dam_season_ahead(const struct dam_forecaster *c, u32 row, u32 ticks, u64 *bps);

#endif

// SPDX-License-Identifier: GPL-2.0
/*
 * The period of what repeats (seasonal.c): the lag at which a series differs least from
 * itself (mean absolute difference: what a forecast by that lag alone would have missed).
 * It is looked for in one history at a time, a few lags a tick.
 */
#include "models.h"

#define LAG_MIN			8
#define LAGS_A_TICK		4
/* A close look counts as so many */
#define CLOSE_LAGS		2
/* Errors below a 64th of the value are not worth a search, in units of each */
#define STEADY			(BIT(SEASON_VALUE_SHIFT) / 64)
/* Values compared at one lag, and where each edge of a square counts; about */
#define COMPARED		128
#define COMPARED_CLOSELY	512
/* Fewer say nothing */
#define COMPARED_MIN		32
/* Once in so many it is looked for whose history is given up first */
#define LIGHTEST_TICKS		8

enum stage {
	STAGE_COARSE,	/* lags farther and farther apart */
	STAGE_FINE,	/* all lags around the best of these */
	STAGE_MANY,	/* and around as many periods as the history holds */
};

/* Mean absolute difference, in Q8 of values; below 2^24 */
static u32 miss_at(const struct dam_season *s, u32 lag, u32 compared)
{
	u32 both = s->filled - lag;
	long step = both / compared + 1;
	long a = s->newest, b = a - (long)lag;
	u32 n = (both + step - 1) / step;
	u32 sum = 0, left = n;

	while (left) {
		u32 run;

		if (a < 0)
			a += DAM_SEASON_TICKS;
		if (b < 0)
			b += DAM_SEASON_TICKS;
		/* until one of them begins anew at the end of the ring */
		run = min_t(u32, (u32)min_t(long, a, b) / (u32)step + 1, left);
		left -= run;
		for (; run; run--) {
			s32 off = s->value[a] - s->value[b];

			sum += off < 0 ? -off : off;
			a -= step;
			b -= step;
		}
	}
	return div64_u64((u64)sum << 8, n);
}

static void next_row(struct dam_seasons *all)
{
	all->search = (all->search + 1) % DAM_SEASONS;
	all->stage = STAGE_COARSE;
	all->lag = 0;
}

/* Look closely, at so many periods of so many ticks in all */
static void range(struct dam_seasons *all, enum stage stage, u32 periods, u32 lag, u32 off)
{
	all->stage = stage;
	all->periods = periods;
	all->lag = max_t(u32, lag - min_t(u32, off, lag), LAG_MIN);
	all->last = lag + off;
	all->lags = 0;
}

/*
 * The shortest lag that is nearly the best, of those before which the series
 * differed clearly more: a slow series differs little at any short lag.
 */
static u32 pick(const struct dam_seasons *all, u32 first)
{
	u32 most = 0, least = U32_MAX, lag, i;

	for (i = 0; i < all->lags; i++) {
		most = max_t(u32, most, all->miss[i]);
		if (all->miss[i] < most / 2)
			least = min_t(u32, least, all->miss[i]);
	}
	most = 0;
	for (i = 0, lag = first; i < all->lags; i++, lag += 1 + lag / 24) {
		most = max_t(u32, most, all->miss[i]);
		if (all->miss[i] < most / 2 &&
		    all->miss[i] <= least + least / 8)
			return lag;
	}
	return 0;
}

/* Return: where the first stage begins: what is nearer is no help */
static u32 first_lag(const struct dam_forecaster *c)
{
	return max_t(u32, c->horizon_ticks, LAG_MIN);
}

/* What two values differ by that a period has nothing to do with */
static u32 spread(const struct dam_seasons *all)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < all->lags; i++)
		sum += all->miss[i];
	return all->lags ? div64_u64(sum << (SEASON_VALUE_SHIFT - 8), all->lags) : 0;
}

static void coarse(const struct dam_forecaster *c, struct dam_season *s)
{
	struct dam_seasons *all = c->seasons;
	/* a period and a half, and some more, must have been seen */
	u32 end = min_t(u32, s->filled * 5 / 8, DAM_SEASON_TICKS / 2);
	u32 found;

	if (!all->lag) {
		all->lag = first_lag(c);
		all->lags = 0;
	}
	if (all->lag <= end && all->lags < DAM_SEASON_LAGS) {
		all->miss[all->lags++] = miss_at(s, all->lag, COMPARED);
		all->lag += 1 + all->lag / 24;
		return;
	}
	s->spread = spread(all);
	found = pick(all, first_lag(c));
	if (found)
		range(all, STAGE_FINE, 1, found, 1 + found / 24);
	else
		next_row(all);
}

/* Another period, or the same more exactly: not one that was worse so far */
static void adopt(const struct dam_forecaster *c, struct dam_season *s,
		  u32 period_q8, u32 miss_q8)
{
	u32 off = s->period_q8 > period_q8 ? s->period_q8 - period_q8 :
					     period_q8 - s->period_q8;
	u32 err = miss_q8 << (SEASON_VALUE_SHIFT - 8);

	/* The horizon may have changed since the search began. */
	if (c->horizon_ticks + COMPARED_MIN > s->filled)
		return;
	if (s->period_q8 && off <= s->period_q8 / 32) {
		s->period_q8 = (3 * s->period_q8 + period_q8 + 2) / 4;
		return;
	}
	if (s->period_q8 && s->err <= err)
		return;
	s->period_q8 = period_q8;
	s->err = err + err / 4;
	s->recent = s->err;
	/* the last value's over the same time: no model is much worse */
	s->err_other = min_t(u32, s->err_other,
			     miss_at(s, c->horizon_ticks, COMPARED) << (SEASON_VALUE_SHIFT - 8));
	s->recent_other = s->err_other;
}

static bool compare(struct dam_seasons *all, const struct dam_season *s)
{
	if (all->lag > all->last || all->lag + COMPARED_MIN > s->filled)
		return false;
	all->miss[all->lags++] = miss_at(s, all->lag++, COMPARED_CLOSELY);
	return true;
}

/*
 * Where the series differs least, to a fraction of a tick: beside its least what a
 * square wave differs rises by the same on both sides.
 *
 * Return: ticks in Q8, 0 if no lag was compared.
 */
static u32 least(const struct dam_seasons *all, u32 *miss)
{
	u32 first = all->lag - all->lags, at = 0, before, after, rise, i;
	s32 off_q8 = 0;

	if (!all->lags)
		return 0;
	for (i = 1; i < all->lags; i++)
		if (all->miss[i] < all->miss[at])
			at = i;
	*miss = all->miss[at];
	if (at && at + 1 < all->lags) {
		before = all->miss[at - 1];
		after = all->miss[at + 1];
		rise = max_t(u32, before, after) - *miss;
		/* at most half a tick; below 2^24 each */
		if (rise)
			off_q8 = ((s32)before - (s32)after) * 64 / (s32)rise * 2;
	}
	return ((first + at) << 8) + off_q8;
}

static void search(const struct dam_forecaster *c, struct dam_season *s)
{
	struct dam_seasons *all = c->seasons;
	u32 at_q8, miss, many;

	if (all->stage == STAGE_COARSE) {
		coarse(c, s);
		return;
	}
	if (compare(all, s))
		return;
	at_q8 = least(all, &miss);
	if (at_q8) {
		many = (s->filled << 7) / at_q8;
		if (all->stage == STAGE_FINE && many > 1) {
			range(all, STAGE_MANY, many, (many * at_q8 + 128) >> 8, 2 + many / 4);
			return;
		}
		adopt(c, s, at_q8 / all->periods, miss);
	}
	next_row(all);
}

static void find_lightest(const struct dam_forecaster *c)
{
	struct dam_seasons *all = c->seasons;
	u32 i;

	all->lightest_bps = U64_MAX;
	for (i = 0; i < DAM_SEASONS; i++) {
		struct dam_season *s = &all->rows[i];

		/* an owner that takes no values any more is gone */
		if (s->owner && c->seasons_tick - s->tick > 1)
			s->owner = NULL;
		if (!s->owner) {
			all->lightest = i;
			all->lightest_bps = 0;
			return;
		}
		if (s->weight_bps < all->lightest_bps) {
			all->lightest = i;
			all->lightest_bps = s->weight_bps;
		}
	}
}

/* Where forecasts hardly miss there is nothing to win */
static bool is_worth_it(const struct dam_season *s)
{
	return s->owner && s->filled > 2 * COMPARED_MIN &&
	       s->err_other / STEADY >= season_value(s, 0);
}

void dam_season_prepare(struct dam_forecaster *c)
{
	struct dam_seasons *all = c->seasons;
	struct dam_season *s;
	u32 i;

	c->seasons_tick++;
	if (!(c->seasons_tick % LIGHTEST_TICKS))
		find_lightest(c);
	s = &all->rows[all->search];
	for (i = 0; i < DAM_SEASONS && !is_worth_it(s); i++) {
		next_row(all);
		s = &all->rows[all->search];
	}
	for (i = 0; i < LAGS_A_TICK && is_worth_it(s);
	     i += all->stage == STAGE_COARSE ? 1 : CLOSE_LAGS) {
		search(c, s);
		s = &all->rows[all->search];
	}
}

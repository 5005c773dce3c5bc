// SPDX-License-Identifier: GPL-2.0
/*
 * What repeats is forecast by what came a period earlier, and two, and three:
 * their mean.
 *
 * The period is the lag at which a series differs least from itself (mean
 * absolute difference: what a forecast by that lag alone would have missed).
 * It is looked for in one history at a time, a few lags a tick.
 *
 * Which forecasts are better shows within a period only: on a square wave the
 * last value is right all the time, but for the edges. So these are compared
 * with the other models' over about a period, not with what errors count in
 * forecast.c.
 */
#include "models.h"

/* How many times an error counts beside the other model's: over a period */
#define SEASON_MARGIN_Q16	68985		/* 1 / 0.95 */
/* and how many times the other model's lately */
#define RECENT_MARGIN_Q16	131072		/* 2 */

/* Far ahead it is believed where it errs less than this part of what values differ by */
#define REPEATS_Q16		49152		/* 0.75 */

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
/* Periods that the mean goes back, at most */
#define PERIODS			8
/* Values averaged on either side, over all periods, and errors that make an edge */
#define BESIDE			24
#define EDGE			3
/* and that tell the two sides of an edge apart */
#define FAR			10
/* An error counts over so many ticks where no period is known */
#define MEMORY_TICKS		200
/* A series takes another's history if it weighs more by an eighth as often */
#define HEAVIER			2
#define LIGHTEST_TICKS		8

enum stage {
	STAGE_COARSE,	/* lags farther and farther apart */
	STAGE_FINE,	/* all lags around the best of these */
	STAGE_MANY,	/* and around as many periods as the history holds */
};

/* @age ticks before the newest; below filled */
static u32 value_at(const struct dam_season *s, u32 age)
{
	u32 at = s->newest + DAM_SEASON_TICKS - age;

	return s->value[at < DAM_SEASON_TICKS ? at : at - DAM_SEASON_TICKS];
}

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

/* The history keeps its own unit: never smaller than the owner's */
static void fit_unit(struct dam_season *s, u8 shift)
{
	u32 all = 0, by, i;

	if (shift > s->shift) {
		by = min_t(u32, shift - s->shift, 16);
		for (i = 0; i < DAM_SEASON_TICKS; i++)
			s->value[i] >>= by;
		s->err >>= by;
		s->spread >>= by;
		s->err_other >>= by;
		s->recent >>= by;
		s->recent_other >>= by;
		for (i = 0; i < DAM_PENDING; i++) {
			s->pending[i] >>= by;
			s->pending_other[i] >>= by;
		}
		s->shift = shift;
	} else if (s->shift - shift > SEASON_LOOSE_SHIFT && !s->newest) {
		for (i = 0; i < DAM_SEASON_TICKS; i++)
			all |= s->value[i];
		if (all >> (16 - SEASON_LOOSE_SHIFT))
			return;
		for (i = 0; i < DAM_SEASON_TICKS; i++)
			s->value[i] <<= SEASON_LOOSE_SHIFT;
		s->err <<= SEASON_LOOSE_SHIFT;
		s->spread <<= SEASON_LOOSE_SHIFT;
		s->err_other <<= SEASON_LOOSE_SHIFT;
		s->recent <<= SEASON_LOOSE_SHIFT;
		s->recent_other <<= SEASON_LOOSE_SHIFT;
		s->waiting = 0;
		s->shift -= SEASON_LOOSE_SHIFT;
	}
}

static u32 to_value(const struct dam_season *s, const struct dam_forecast *f,
		    u32 units)
{
	int shift = SEASON_VALUE_SHIFT + s->shift - f->shift;

	return min_t(u32, units >> min_t(int, shift, 31), U16_MAX);
}

static struct dam_season *season_of(const struct dam_forecaster *c,
				    const struct dam_forecast *f)
{
	struct dam_season *s;

	if (!f->season || !c->seasons)
		return NULL;
	s = &c->seasons->rows[f->season - 1];
	return s->owner == f ? s : NULL;
}

/* What is missed without a history is what one may win */
static u64 weight_of(const struct dam_forecast *f)
{
	return dam_from_units(f->err[DAM_RIVAL_LAST], f->shift);
}

void dam_season_leave(const struct dam_forecaster *c, struct dam_forecast *f)
{
	struct dam_season *s = season_of(c, f);

	if (s)
		s->owner = NULL;
	f->season = 0;
}

static struct dam_season *acquire(const struct dam_forecaster *c,
				  struct dam_forecast *f)
{
	struct dam_seasons *all = c->seasons;
	struct dam_season *s = &all->rows[all->lightest];
	u64 weight_bps = weight_of(f);

	if (s->owner && weight_bps / HEAVIER <= all->lightest_bps)
		return NULL;
	/* nobody else's before the lightest is known again */
	all->lightest_bps = U64_MAX;
	*s = (struct dam_season){
		.owner = f, .weight_bps = weight_bps, .shift = f->shift,
		.newest = DAM_SEASON_TICKS - 1,
	};
	f->season = all->lightest + 1;
	return s;
}

static u32 off_by(u32 a, u32 b)
{
	return a > b ? a - b : b - a;
}

/* So many ticks ago, by linear interpolation: in Q8 of values */
static u32 value_between(const struct dam_season *s, u32 ago_q8)
{
	u32 ago = ago_q8 >> 8, part = ago_q8 & 255;
	u32 value = value_at(s, ago);

	if (!part || ago + 1 >= s->filled)
		return value << 8;
	return value * (256 - part) + value_at(s, ago + 1) * part;
}

/*
 * The mean of what was so many ticks ahead of now, whole periods ago.
 *
 * A period is no whole number of ticks: beside an edge, some periods ago it had come
 * and some it had not. Where all values are near one of two levels that are far
 * apart, it is the level to which the mean at fractions of ticks is nearer, of which
 * the latest is the largest part: periods are not quite the same.
 *
 * Return: how many values were looked at.
 */
static u32 mean_ahead(const struct dam_season *s, u32 ahead, u32 *mean)
{
	/* the latest first: an nth for the nth */
	static const u16 weight[PERIODS] = { 840, 420, 280, 210, 168, 140, 120, 105 };
	u32 k = max_t(u32, (ahead << 8) / s->period_q8, 1);
	u32 far = FAR * s->err >> SEASON_VALUE_SHIFT;
	u32 sum[2] = { 0 }, n[2] = { 0 }, first[2] = { 0 };
	u32 weights = 0, all = 0, level[2], i;
	u64 between = 0;
	bool edge = true;

	for (; all < PERIODS; k++) {
		u32 ago_q8 = s->period_q8 * k - (ahead << 8);
		u32 ago = (ago_q8 + 128) >> 8, value;

		if (s->period_q8 * k < ahead << 8)
			continue;
		if (ago >= s->filled)
			break;
		value = value_at(s, ago);
		between += (u64)value_between(s, ago_q8) * weight[all];
		weights += weight[all];
		i = all && off_by(value, first[0]) > far;
		if (!n[i])
			first[i] = value;
		edge &= off_by(value, first[i]) <= far;
		sum[i] += value;
		n[i]++;
		all++;
	}
	if (!all)
		return 0;
	*mean = ((sum[0] + sum[1]) << SEASON_VALUE_SHIFT) / all;
	if (edge && n[1]) {
		between = div64_u64(between << (SEASON_VALUE_SHIFT - 8), weights);
		for (i = 0; i < 2; i++)
			level[i] = (sum[i] << SEASON_VALUE_SHIFT) / n[i];
		*mean = level[off_by(between, level[0]) > off_by(between, level[1])];
	}
	return all;
}

/*
 * And of its neighbours, the more the fewer periods there are, unless they
 * differ so much that there is an edge between.
 */
static bool predict(const struct dam_season *s, u32 horizon_ticks, u32 *value)
{
	u32 mean, other, n, beside, off;
	u64 sum;

	if (!s->period_q8)
		return false;
	n = mean_ahead(s, horizon_ticks, &mean);
	if (!n)
		return false;
	beside = min_t(u32, BESIDE / n, horizon_ticks);
	sum = mean;
	for (n = 1, off = 1; off <= 2 * beside; off++) {
		u32 ahead = off > beside ? horizon_ticks + off - beside :
					   horizon_ticks - off;

		if (!mean_ahead(s, ahead, &other))
			continue;
		if ((other > mean ? other - mean : mean - other) >
		    EDGE * s->err)
			continue;
		sum += other;
		n++;
	}
	*value = div64_u64(sum, n);
	return true;
}

bool dam_season_predict(const struct dam_forecaster *c,
			const struct dam_forecast *f, u32 *units)
{
	const struct dam_season *s = season_of(c, f);
	u32 value;

	if (!s || !predict(s, c->horizon_ticks, &value))
		return false;
	*units = min_t(u64, (u64)value << (s->shift - f->shift), DAM_UNITS_MAX);
	return true;
}

u32 dam_season_error(const struct dam_forecaster *c,
		     const struct dam_forecast *f)
{
	const struct dam_season *s = season_of(c, f);

	if (!s)
		return f->err[DAM_RIVAL_LAST];
	return min_t(u64, (u64)s->err << (s->shift - f->shift), DAM_UNITS_MAX);
}

static void learn_error(u32 *err, u16 forecast, u32 value, u32 weight_q16)
{
	u32 miss = forecast > value ? forecast - value : value - forecast;

	*err += dam_part_q16((s64)(miss << SEASON_VALUE_SHIFT) - *err, weight_q16);
}

/* Better over a period, and not clearly worse over the last few ticks */
static bool better(const struct dam_season *s)
{
	return s->period_q8 &&
	       (u64)s->err * SEASON_MARGIN_Q16 <
	       (u64)s->err_other * DAM_ONE_Q16 &&
	       (u64)s->recent * DAM_ONE_Q16 <=
	       (u64)s->recent_other * RECENT_MARGIN_Q16;
}

static void score(const struct dam_forecaster *c, struct dam_season *s,
		  u32 value)
{
	u32 memory = s->period_q8 ? s->period_q8 >> 8 : MEMORY_TICKS;
	u32 weight_q16 = min_t(u32, c->stride * DAM_ONE_Q16 / memory,
			       DAM_ONE_Q16 / 8);
	u16 forecast = s->pending[c->due], other = s->pending_other[c->due];

	s->waiting &= ~BIT(c->due);
	learn_error(&s->err, forecast, value, weight_q16);
	learn_error(&s->recent, forecast, value, c->weight_q16);
	learn_error(&s->recent_other, other, value, c->weight_q16);
	weight_q16 = max_t(u32, weight_q16, DAM_ONE_Q16 / (s->scored + 1U));
	learn_error(&s->err_other, other, value, weight_q16);
	if (s->scored < U8_MAX)
		s->scored++;
	s->speaks = better(s);
}

static void keep(const struct dam_forecaster *c, const struct dam_forecast *f,
		 struct dam_season *s, u32 other)
{
	u32 value;

	s->waiting |= BIT(c->store);
	s->pending_other[c->store] = to_value(s, f, other);
	if (predict(s, c->horizon_ticks, &value))
		s->pending[c->store] = min_t(u32, value >> SEASON_VALUE_SHIFT,
					     U16_MAX);
	else
		s->pending[c->store] = s->pending_other[c->store];
	s->weight_bps = weight_of(f);
}

void dam_season_take(const struct dam_forecaster *c, struct dam_forecast *f,
		     u32 y)
{
	struct dam_season *s = season_of(c, f);

	if (!s) {
		f->season = 0;
		return;
	}
	fit_unit(s, f->shift);
	season_append(c, s, to_value(s, f, y));
}

bool dam_season_judge(const struct dam_forecaster *c, struct dam_forecast *f,
		      u32 y, u32 other)
{
	struct dam_season *s = season_of(c, f);

	if (!s) {
		if (c->store < 0)
			return false;
		s = acquire(c, f);
		if (!s)
			return false;
		dam_season_take(c, f, y);
	}
	if (c->due >= 0 && s->waiting & BIT(c->due))
		score(c, s, value_at(s, 0));
	if (c->store >= 0)
		keep(c, f, s, other);
	return s->speaks;
}

/* ---- the search ------------------------------------------------------- */

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
	       s->err_other / STEADY >= value_at(s, 0);
}

/* A period may have been found where none is */
static bool repeats(const struct dam_season *s)
{
	return s->period_q8 && (u64)s->err * DAM_ONE_Q16 <= (u64)s->spread * REPEATS_Q16;
}

bool dam_season_ahead(const struct dam_forecaster *c, u32 row, u32 ticks, u64 *bps)
{
	const struct dam_season *s = &c->seasons->rows[row];
	u32 value;

	if (!s->owner || !repeats(s) || c->seasons_tick - s->tick > 1 ||
	    !mean_ahead(s, ticks, &value))
		return false;
	*bps = min_t(u64, (u64)value << s->shift >> DAM_FRACTION, DAM_BPS_MAX);
	return true;
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

// SPDX-License-Identifier: GPL-2.0
/*
 * What repeats is forecast by what came a period earlier, and two, and three:
 * their mean.
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

/* On noise a period that is found by chance errs less by a tenth, or two, not more */
#define SEASON_CLEAR_Q16	81920		/* 1 / 0.8 */

/* Far ahead it is believed where it errs less than this part of what values differ by */
#define REPEATS_Q16		49152		/* 0.75 */

/* Periods that the mean goes back, at most */
#define PERIODS			8
/* Values averaged on either side, over all periods, and errors that make an edge */
#define BESIDE			24
#define EDGE			3
/* and that tell the two sides of an edge apart */
#define FAR			10
/* An error counts over so many ticks where no period is known */
#define MEMORY_TICKS		200
/* A series takes another's history if it weighs so many times as much */
#define HEAVIER			2

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
	u32 value = season_value(s, ago);

	if (!part || ago + 1 >= s->filled)
		return value << 8;
	return value * (256 - part) + season_value(s, ago + 1) * part;
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
		value = season_value(s, ago);
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

bool dam_season_is_clear(const struct dam_forecaster *c,
			 const struct dam_forecast *f)
{
	const struct dam_season *s = season_of(c, f);

	return s && (u64)s->err * SEASON_CLEAR_Q16 <
		    (u64)s->err_other * DAM_ONE_Q16;
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
		score(c, s, season_value(s, 0));
	if (c->store >= 0)
		keep(c, f, s, other);
	return s->speaks;
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

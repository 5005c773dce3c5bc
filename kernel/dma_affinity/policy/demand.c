// SPDX-License-Identifier: GPL-2.0
/*
 * What a thread would ask if nobody made it wait.
 *
 * The bytes/s of a thread whose engine is saturated are what the engine gave
 * it: its demand is censored. Then it counts with what it was seen to ask when
 * it was not, and with no more than Little's law allows for what it keeps in
 * flight.
 *
 * A tick counts whole operations, of which there may be very few, and ticks
 * are of uneven length: a small deviation is averaged, a large one must be
 * seen twice in the same direction.
 */
#include "fixed.h"

#define BUSY_Q16		58982		/* 0.9 */
#define OUTSTANDING_MAX		(BIT(31) - 1)
#define WAIT_MAX_NS		BIT_ULL(34)	/* 17 s */
/* 2^30 / 10^9, in Q31 */
#define NS_TO_Q30_Q31		2305843009U
/* A thread waits at most for all but this share of its bytes in flight */
#define NOT_WAITING_Q16		1311		/* 0.02 */
/* Smoothing of steady demand, and how much more for the noisiest */
#define SMOOTH_TICKS		4
#define SMOOTH_NOISE_TICKS	32
/* Ticks in a row that make a step, and how many more for noise of 1.0 */
#define STEP_TICKS		2
#define STEP_NOISE_TICKS	4

static u32 distance(u32 a, u32 b)
{
	return a > b ? a - b : b - a;
}

/* Keep the rates in a unit in which @y_bps is neither too large nor too small */
static void fit_unit(struct dam_demand *d, u64 y_bps)
{
	u64 y = dam_to_units(y_bps, d->shift);

	while (unlikely(y > DAM_UNITS_Y_MAX)) {
		d->peak >>= 1;
		d->smooth >>= 1;
		d->spread >>= 1;
		d->far >>= 1;
		d->shift++;
		y >>= 1;
	}
	while (unlikely(y < DAM_UNITS_SMALL && d->shift) &&
	       (d->peak | d->smooth | d->spread | d->far) < DAM_UNITS_SMALL) {
		d->peak <<= 1;
		d->smooth <<= 1;
		d->spread <<= 1;
		d->far <<= 1;
		d->shift--;
		y <<= 1;
	}
}

static void see_outstanding(struct dam_demand *d, u32 outstanding)
{
	s32 rise = (s32)outstanding - (s32)d->outstanding_mean;

	d->outstanding_mean += d->ticks < 3 ? rise / (d->ticks + 1) : rise >> 2;
	d->outstanding_peak = max_t(u32, d->outstanding_mean,
				    d->outstanding_peak -
				    d->outstanding_peak / 128);
}

/* The rate x time of waiting, below 2^54 */
static u64 waiting_bytes(const struct dam_demand *d, u32 rate, u64 wait_ns)
{
	u64 wait_q30 = mul_u64_u32_shr(min_t(u64, wait_ns, WAIT_MAX_NS),
				       NS_TO_Q30_Q31, 31);

	return (rate * wait_q30) >> (30 + DAM_FRACTION - d->shift);
}

/* As much as ever is in flight, waiting most of the time, for a busy engine */
static bool censored(const struct dam_demand *d, const struct dam_demand_in *in,
		     u64 waiting)
{
	/* a margin wider once saturated: flicker would step the demand */
	u32 part = d->saturated ? 7 : 9;

	return in->outstanding && waiting * 2 > in->outstanding &&
	       d->outstanding_mean * 10ULL >=
	       d->outstanding_peak * (u64)part;
}

/*
 * What it was seen to ask, but no more than it would get if nothing waited,
 * for the same bytes in flight.
 */
static u32 hidden_demand(const struct dam_demand *d,
			 const struct dam_demand_in *in, u32 completed,
			 u64 waiting)
{
	u32 moving_q16 = NOT_WAITING_Q16;
	u64 limit;

	if (in->outstanding > waiting)
		moving_q16 = max_t(u32, dam_share_q16(in->outstanding - waiting,
						      in->outstanding),
				   NOT_WAITING_Q16);
	limit = in->capacity_bps ? dam_to_units(min_t(u64, in->capacity_bps,
						      DAM_BPS_MAX), d->shift) :
				   U32_MAX;
	limit = min_t(u64, limit, d->peak);
	/* a division only where the quotient matters */
	if ((u64)completed << 16 < limit * moving_q16)
		limit = div64_u64((u64)completed << 16, moving_q16);
	return limit;
}

/* How much ticks differ, in 1/32 of the level; ends at 2.0 */
static u32 noise(const struct dam_demand *d, u32 level)
{
	return min_t(u32, (d->spread << 3) / ((level >> 2) | 1), 64);
}

static void learn_spread(struct dam_demand *d, u32 off)
{
	s32 rise = (s32)off - (s32)d->spread;

	d->spread += rise >> (rise > 0 ? 2 : 4);
}

static void follow_far(struct dam_demand *d, u32 y)
{
	s32 side = y > d->smooth ? 1 : -1;
	s32 run = d->run * side;

	if (run < 0)
		learn_spread(d, distance(d->far, d->smooth));
	if (run <= 0) {
		d->run = side;
		d->far = y;
		return;
	}
	/* a mean without the first tick: of a step that is part old, part new */
	d->far += ((s32)y - (s32)d->far) / run;
	d->run += side;
}

/* True if it was the last tick of a step */
static bool stepped(struct dam_demand *d, u32 y)
{
	s32 ticks = STEP_TICKS + (s32)(noise(d, max_t(u32, d->smooth, y)) *
				       STEP_NOISE_TICKS / 32);

	if (d->run < ticks && -d->run < ticks)
		return false;
	d->smooth = d->far;
	d->run = 0;
	return true;
}

/* Its very first ticks: fewer to average */
static u32 first_ticks(struct dam_demand *d, u32 ticks)
{
	d->ticks++;
	return min_t(u32, ticks, d->ticks);
}

static void settle(struct dam_demand *d, u32 y)
{
	u32 off = distance(y, d->smooth);
	u32 band = max_t(u32, d->smooth / 4, d->spread * 2);
	u32 ticks;

	if (unlikely(!d->ticks)) {
		d->ticks = 1;
		d->smooth = y;
		d->spread = y / 8;
		return;
	}
	if (unlikely(off > band)) {
		follow_far(d, y);
		if (stepped(d, y))
			return;
		off = band;
	} else {
		/* a step that was none was noise */
		learn_spread(d, d->run ? distance(d->far, d->smooth) : off);
		d->run = 0;
	}
	/* the mean goes the farther back, the less a single tick says */
	ticks = SMOOTH_TICKS +
		noise(d, d->smooth) * SMOOTH_NOISE_TICKS / 32;
	if (unlikely(d->ticks < SMOOTH_TICKS + 2 * SMOOTH_NOISE_TICKS))
		ticks = first_ticks(d, ticks);
	off /= ticks;
	d->smooth = y > d->smooth ? d->smooth + off : d->smooth - off;
}

/* A busy engine's thread: what of it is seen is perhaps not all */
static u32 uncover(struct dam_demand *d, const struct dam_demand_in *in, u32 y)
{
	u32 completed = min_t(u64, dam_to_units(min_t(u64, in->completed_bps,
							 DAM_BPS_MAX),
						   d->shift),
			      DAM_UNITS_Y_MAX);
	u64 waiting = in->outstanding;

	/* Little: without a measured wait, all that is in flight waits */
	if (in->wait_ns)
		waiting = waiting_bytes(d, completed, in->wait_ns);
	d->saturated = censored(d, in, waiting);
	if (!d->saturated)
		return y;
	d->peak = max_t(u32, d->peak, completed);
	return hidden_demand(d, in, completed, waiting);
}

u64 dam_demand_update(struct dam_demand *d, const struct dam_demand_in *in)
{
	bool busy = in->busy_q16 > BUSY_Q16;
	u64 submitted_bps = min_t(u64, in->submitted_bps, DAM_BPS_MAX);
	u64 most_bps = submitted_bps;
	u32 y;

	if (busy)
		most_bps = max_t(u64, most_bps,
				 min_t(u64, in->completed_bps, DAM_BPS_MAX));
	fit_unit(d, most_bps);
	y = dam_to_units(submitted_bps, d->shift);
	see_outstanding(d, min_t(u64, in->outstanding, OUTSTANDING_MAX));
	if (busy)
		y = uncover(d, in, y);
	else
		d->saturated = false;
	if (!d->saturated) {
		if (y > d->peak)
			d->peak += (y - d->peak) / 2;
		else
			d->peak -= d->peak / 512;
	}
	settle(d, y);
	return dam_from_units(d->smooth, d->shift);
}

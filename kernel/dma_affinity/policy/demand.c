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
#define OUTSTANDING_MAX		(4ULL << 40)
#define WAIT_MAX_NS		(2ULL << 40)	/* 37 minutes */
/* A thread waits at most for all but this share of its bytes in flight */
#define NOT_WAITING_Q16		1311		/* 0.02 */
/* Smoothing of steady demand, and how much more for the noisiest */
#define SMOOTH_TICKS		4
#define SMOOTH_NOISE_TICKS	32
/* Ticks in a row that make a step, and how many more for noise of 1.0 */
#define STEP_TICKS		2
#define STEP_NOISE_TICKS	4

/* The rate x time of waiting: bytes that wait, below 2^52 */
static u64 waiting_bytes(u64 rate_bps, u64 wait_ns)
{
	if (wait_ns < BIT_ULL(21))
		return div64_u64(rate_bps * wait_ns, 1000 * 1000 * 1000);
	wait_ns = min_t(u64, wait_ns, WAIT_MAX_NS);
	return div64_u64(rate_bps * (wait_ns >> 20), 954);
}

static bool censored(struct dam_demand *d, const struct dam_demand_in *in,
		     u64 outstanding, u64 waiting)
{
	/* a margin wider once saturated: flicker would step the demand */
	u32 part = d->saturated ? 7 : 9;

	d->saturated = outstanding && waiting * 2 > outstanding &&
		       d->outstanding_mean * 10 >= d->outstanding_peak * part &&
		       in->busy_q16 > BUSY_Q16;
	return d->saturated;
}

/* What it would get if nothing waited, for the same bytes in flight */
static u64 unhindered_bps(u64 rate_bps, u64 outstanding, u64 waiting,
			  u64 capacity_bps)
{
	u32 moving_q16 = dam_share_q16(dam_sub(outstanding, waiting),
				       outstanding);
	u64 limit_bps;

	moving_q16 = max_t(u32, moving_q16, NOT_WAITING_Q16);
	limit_bps = div64_u64(rate_bps << 16, moving_q16);
	if (capacity_bps)
		limit_bps = min_t(u64, limit_bps, capacity_bps);
	return limit_bps;
}

static u64 distance(u64 a, u64 b)
{
	return a > b ? a - b : b - a;
}

/* One step of @from towards @to, 1/@part of @by, never none */
static u64 towards(u64 from, u64 to, u64 by, u32 part)
{
	u64 step = max_t(u64, div64_u64(by, part), 1);

	step = min_t(u64, step, distance(from, to));
	return from < to ? from + step : from - step;
}

/* How much ticks differ, as a share of the level; ends at 2.0 */
static u32 noise_q16(const struct dam_demand *d, u64 level_bps)
{
	return min_t(u32, dam_share_q16(d->spread_bps, level_bps),
		     2 * DAM_ONE_Q16);
}

/* How many ticks the mean goes back: more, the less a single one says */
static u32 smoothing(const struct dam_demand *d)
{
	u32 ticks = SMOOTH_TICKS + ((noise_q16(d, d->smooth_bps) *
				    SMOOTH_NOISE_TICKS) >> 16);

	return min_t(u32, ticks, d->ticks + 1U);
}

/* How many ticks in a row must be far to be a step */
static s32 step_ticks(const struct dam_demand *d, u64 y_bps)
{
	u64 level_bps = max_t(u64, d->smooth_bps, y_bps);

	return STEP_TICKS + ((noise_q16(d, level_bps) * STEP_NOISE_TICKS) >> 16);
}

static void learn_spread(struct dam_demand *d, u64 off_bps)
{
	d->spread_bps = towards(d->spread_bps, off_bps,
				distance(d->spread_bps, off_bps),
				off_bps > d->spread_bps ? 4 : 16);
}

static void follow_far(struct dam_demand *d, u64 y_bps)
{
	s32 side = y_bps > d->smooth_bps ? 1 : -1;
	s32 run = d->far * side;

	if (run < 0)
		learn_spread(d, distance(d->far_bps, d->smooth_bps));
	if (run <= 0) {
		d->far = side;
		d->far_bps = y_bps;
		return;
	}
	/* a mean without the first tick: of a step that is part old, part new */
	d->far_bps = towards(d->far_bps, y_bps, distance(d->far_bps, y_bps),
			     run);
	d->far += side;
}

static void settle(struct dam_demand *d, u64 y_bps)
{
	u64 off_bps = distance(y_bps, d->smooth_bps);
	u64 band_bps = max_t(u64, d->smooth_bps / 4, d->spread_bps * 2);

	if (!d->ticks) {
		d->ticks = 1;
		d->smooth_bps = y_bps;
		d->spread_bps = y_bps / 8;
		return;
	}
	if (off_bps > band_bps) {
		follow_far(d, y_bps);
		if ((d->far < 0 ? -d->far : d->far) >= step_ticks(d, y_bps)) {
			d->smooth_bps = d->far_bps;
			d->far = 0;
			return;
		}
	} else {
		/* a step that was none was noise */
		learn_spread(d, d->far ? distance(d->far_bps, d->smooth_bps) :
					 off_bps);
		d->far = 0;
	}
	d->smooth_bps = towards(d->smooth_bps, y_bps,
				min_t(u64, off_bps, band_bps), smoothing(d));
	if (d->ticks < U8_MAX)
		d->ticks++;
}

u64 dam_demand_update(struct dam_demand *d, const struct dam_demand_in *in)
{
	u64 outstanding = min_t(u64, in->outstanding, OUTSTANDING_MAX);
	u64 submitted_bps = min_t(u64, in->submitted_bps, DAM_BPS_MAX);
	u64 completed_bps = min_t(u64, in->completed_bps, DAM_BPS_MAX);
	u64 waiting = outstanding;
	u64 y_bps = submitted_bps;

	/* Little: without a measured wait, all that is in flight waits */
	if (in->wait_ns)
		waiting = waiting_bytes(completed_bps, in->wait_ns);
	d->outstanding_mean = towards(d->outstanding_mean, outstanding,
				      distance(d->outstanding_mean,
					       outstanding),
				      min_t(u32, SMOOTH_TICKS, d->ticks + 1U));
	d->outstanding_peak = max_t(u64, d->outstanding_mean,
				    d->outstanding_peak -
				    d->outstanding_peak / 100);

	if (censored(d, in, outstanding, waiting)) {
		d->peak_bps = max_t(u64, d->peak_bps, completed_bps);
		y_bps = min_t(u64, d->peak_bps,
			      unhindered_bps(completed_bps, outstanding,
					     waiting, in->capacity_bps));
	} else if (submitted_bps > d->peak_bps) {
		d->peak_bps += (submitted_bps - d->peak_bps) / 2;
	} else {
		d->peak_bps -= d->peak_bps / 512;
	}
	settle(d, y_bps);
	return d->smooth_bps;
}

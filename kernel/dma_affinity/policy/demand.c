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
#include "observe.h"

#define NS_PER_S		(1000ULL * 1000 * 1000)
#define WAIT_MAX_NS		BIT_ULL(34)	/* 17 s */
/* Operations that a mean of what is in flight is of, and the ticks that it goes back at most */
#define WINDOW_OPS		8
#define WINDOW_SHIFT_MAX	5
/* 2^30 / 10^9, in Q31 */
#define NS_TO_Q30_Q31		2305843009U
/* A thread waits at most for all but this share of its bytes in flight */
#define NOT_WAITING_Q16		1311		/* 0.02 */
/* Ticks in a row that make a step, and how many more for noise of 1.0 */
#define STEP_TICKS		2
#define STEP_NOISE_TICKS	4

/* Neither too large nor too small in it, if the others allow that */
void dam_demand_fit(struct dam_demand *d, u64 y_bps)
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

/* The rate x time of waiting, below 2^54 */
static u64 waiting_bytes(const struct dam_demand *d, u32 rate, u64 wait_ns)
{
	u64 wait_q30 = mul_u64_u32_shr(min_t(u64, wait_ns, WAIT_MAX_NS),
				       NS_TO_Q30_Q31, 31);

	return (rate * wait_q30) >> (30 + DAM_FRACTION - d->shift);
}

/* As much as ever is in flight, waiting most of the time, for a busy engine */
static bool censored(const struct dam_demand *d, u64 outstanding, u64 waiting)
{
	/* a margin wider once saturated: flicker would step the demand */
	u32 part = d->saturated ? 7 : 9;

	return outstanding && waiting * 2 > outstanding &&
	       d->outstanding_mean * 10ULL >=
	       d->outstanding_peak * (u64)part;
}

/*
 * What it was seen to ask, but no more than it would get if nothing waited,
 * for the same bytes in flight.
 */
static u32 hidden_demand(const struct dam_demand *d, u32 completed,
			 u64 outstanding, u64 waiting, u64 capacity_bps)
{
	u32 moving_q16 = NOT_WAITING_Q16;
	u64 limit;

	if (outstanding > waiting)
		moving_q16 = max_t(u32, dam_share_q16(outstanding - waiting,
						      outstanding),
				   NOT_WAITING_Q16);
	limit = capacity_bps ? dam_to_units(min_t(u64, capacity_bps,
						      DAM_BPS_MAX), d->shift) :
				   U32_MAX;
	limit = min_t(u64, limit, d->peak);
	/* a division only where the quotient matters */
	if ((u64)completed << 16 < limit * moving_q16)
		limit = div64_u64((u64)completed << 16, moving_q16);
	return limit;
}

static void follow_far(struct dam_demand *d, u32 y)
{
	s32 side = y > d->smooth ? 1 : -1;
	s32 run = d->run * side;

	if (run < 0)
		demand_spread(d, demand_distance(d->far, d->smooth));
	if (run <= 0) {
		d->run = side;
		d->far = y;
		return;
	}
	/* a mean without the first tick: of a step that is part old, part new */
	d->far += ((s32)y - (s32)d->far) / run;
	d->run += side;
}

bool dam_demand_stepped(struct dam_demand *d, u32 y)
{
	s32 ticks;

	d->stray = demand_distance(y, d->smooth) > demand_stray(d);
	follow_far(d, y);
	ticks = STEP_TICKS + (s32)(demand_noise(d, max_t(u32, d->smooth, y)) *
				       STEP_NOISE_TICKS / 32);

	if (d->run < ticks && -d->run < ticks)
		return false;
	d->smooth = d->far;
	d->run = 0;
	return true;
}

/* A step that was none was noise */
void dam_demand_back(struct dam_demand *d)
{
	demand_spread(d, demand_distance(d->far, d->smooth));
	d->run = 0;
}

void dam_demand_young(struct dam_demand *d, u32 y)
{
	if (d->ticks) {
		demand_settle(d, y, true);
		return;
	}
	d->ticks = 1;
	d->smooth = y;
	d->spread = y / 8;
}

/*
 * Little's law is one of means: so many ticks that some operations are completed in
 * them. Of a thread's, as many are in a tick as it has in flight, by the
 * ticks that each waits.
 */
static u8 window_shift(const struct dam_demand *d, u64 wait_ns, u32 op_bytes,
		       u32 interval_ms)
{
	u64 interval_us = (interval_ms ? min_t(u32, interval_ms, 1000) : 10) * 1000ULL;
	u64 want = (u64)min_t(u32, op_bytes, BIT(30)) * WINDOW_OPS *
		   (min_t(u64, wait_ns, WAIT_MAX_NS) >> 10);
	u64 have = (d->outstanding_mean * interval_us) << DEMAND_WINDOW_SHIFT;
	u8 shift = DEMAND_WINDOW_SHIFT;

	for (; have < want && shift < WINDOW_SHIFT_MAX; have *= 2)
		shift++;
	return shift;
}

u32 dam_demand_uncover(struct dam_demand *d, u32 y, u64 completed_bps,
		       u64 outstanding, const struct dam_service *s,
		       u32 op_bytes, u32 interval_ms)
{
	u8 shift = window_shift(d, s->wait_ns, op_bytes, interval_ms);
	u64 wait_ns = s->wait_ns, capacity_bps = s->capacity_bps;
	u32 completed;
	u64 waiting;

	demand_outstanding(d, outstanding, shift);
	/* a tick has an operation or none, and either says little */
	if (shift > DEMAND_WINDOW_SHIFT) {
		outstanding = d->outstanding_mean;
		completed_bps = div64_u64(outstanding * NS_PER_S, wait_ns);
	}
	waiting = outstanding;
	completed = min_t(u64, dam_to_units(min_t(u64, completed_bps, DAM_BPS_MAX),
					    d->shift), DAM_UNITS_Y_MAX);
	/* Little: without a measured wait, all that is in flight waits */
	if (wait_ns)
		waiting = waiting_bytes(d, completed, wait_ns);
	d->saturated = censored(d, outstanding, waiting);
	if (!d->saturated)
		return y;
	d->peak = max_t(u32, d->peak, completed);
	return hidden_demand(d, completed, outstanding, waiting, capacity_bps);
}

u64 dam_demand_update(struct dam_demand *d, const struct dam_demand_in *in)
{
	const struct dam_service s = {
		.capacity_bps = in->capacity_bps,
		.wait_ns = in->wait_ns,
		.busy_q16 = in->busy_q16,
	};

	return demand_take(d, min_t(u64, in->submitted_bps, DAM_BPS_MAX),
			   min_t(u64, in->completed_bps, DAM_BPS_MAX),
			   in->outstanding, &s, 0, 0);
}

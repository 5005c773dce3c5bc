/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a thread would ask if nobody made it wait.
 *
 * A part of policy.h, and to be included through it: what is said there of
 * contexts and scales holds here.
 */
#ifndef DAM_DEMAND_H
#define DAM_DEMAND_H

/* Of units, see fixed.h */
#define DAM_FRACTION		8

/* @y_bps, up to DAM_BPS_MAX, in units: perhaps more than DAM_UNITS_Y_MAX */
static inline u64 dam_to_units(u64 y_bps, u8 shift)
{
	return (y_bps << DAM_FRACTION) >> shift;
}

/**
 * struct dam_demand - one thread's; all zero is a thread never seen
 *
 * Rates are kept in a unit of the thread's own, 2^(@shift - 8) bytes/s, in
 * which the largest of them is usually between 2^25 and 2^28.
 *
 * @peak: the highest rate it was seen to want when not saturated
 * @smooth: its demand without the noise of counting whole operations
 * @spread: how far a tick usually is from @smooth
 * @far: mean of the ticks in a row far from @smooth but the first; at rest (see
 *	observe.c) the sum of all distances from @smooth, signed
 * @outstanding_mean: its bytes in flight, smoothed
 * @outstanding_peak: decaying peak of that
 * @run: how many ticks in a row were far, negative below, positive above; at rest
 *	how many @far is of
 * @ticks: how many were taken, up to 68
 * @shift: see above
 * @saturated: the last tick was censored
 * @stray: the last tick was far from @smooth as nothing steady ever is
 */
struct dam_demand {
	u32 peak;
	u32 smooth;
	u32 spread;
	u32 far;
	u32 outstanding_mean;
	u32 outstanding_peak;
	s8 run;
	u8 ticks;
	u8 shift;
	bool saturated : 1;
	bool stray : 1;
};

/**
 * struct dam_demand_in - one tick's observation of a thread on its engine
 * @submitted_bps: what it submitted
 * @completed_bps: what was completed for it
 * @outstanding: its bytes in flight, mean over the tick
 * @wait_ns: mean time from submission to completion, 0 unknown
 * @busy_q16: its engine's utilisation
 * @capacity_bps: its engine's capacity, 0 unknown
 */
struct dam_demand_in {
	u64 submitted_bps;
	u64 completed_bps;
	u64 outstanding;
	u64 wait_ns;
	u32 busy_q16;
	u64 capacity_bps;
};

/**
 * dam_demand_update() - estimate demand; a saturated thread's is censored
 * @d: the thread's memory
 * @in: this tick
 *
 * Return: bytes/s the thread asks for, 0 .. DAM_BPS_MAX.
 */
u64 dam_demand_update(struct dam_demand *d, const struct dam_demand_in *in);

#endif

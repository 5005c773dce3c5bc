/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Arithmetic that policy/ shares: every result is clamped, never wrapped.
 */
#ifndef DAM_FIXED_H
#define DAM_FIXED_H

#include "policy.h"

/* Sums of bytes/s saturate here, far above DAM_MAX_ENGINES x DAM_BPS_MAX */
#define DAM_SUM_MAX		BIT_ULL(56)
/* A share saturates here: 16384 times what would be full */
#define DAM_SHARE_MAX_Q16	BIT(30)
/* CPUs asked for four times over; measured they are never more than once */
#define DAM_PRESSURE_MAX_Q16	BIT(18)

/* Sum that stops at DAM_SUM_MAX; both operands may be anything */
static inline u64 dam_add(u64 a, u64 b)
{
	a = min_t(u64, a, DAM_SUM_MAX);
	b = min_t(u64, b, DAM_SUM_MAX);
	return min_t(u64, a + b, DAM_SUM_MAX);
}

/* Difference that stops at 0 */
static inline u64 dam_sub(u64 a, u64 b)
{
	return a > b ? a - b : 0;
}

/* num / den in Q16, 0 .. DAM_SHARE_MAX_Q16; an empty @den counts as 1 */
static inline u32 dam_share_q16(u64 num, u64 den)
{
	if (num >> 47) {
		num >>= 17;
		den >>= 17;
	}
	if (!den)
		den = 1;
	return min_t(u64, div64_u64(num << 16, den), DAM_SHARE_MAX_Q16);
}

static inline s32 dam_clamp_s32(s64 v)
{
	return clamp_t(s64, v, S32_MIN, S32_MAX);
}

/*
 * Rates that are kept for long take 32 bits: a block of them shares a unit of
 * 2^(shift - DAM_FRACTION) bytes/s, in which each new value is at most
 * DAM_UNITS_Y_MAX. A unit in which the largest of all would be below
 * DAM_UNITS_SMALL is halved, down to shift 0: to the largest value the rest
 * are exact to 2^-25.
 */
#define DAM_UNITS_Y_MAX		(BIT(28) - 1)
#define DAM_UNITS_SMALL		BIT(25)

/* Too large, or so small that the unit is perhaps to be halved */
static inline bool dam_units_misfit(u64 units)
{
	return units - DAM_UNITS_SMALL > DAM_UNITS_Y_MAX - DAM_UNITS_SMALL;
}

/* Of what cannot be above DAM_BPS_MAX, as a mean of values that are not */
static inline u64 dam_from_units_exact(u32 units, u8 shift)
{
	return ((u64)units << shift) >> DAM_FRACTION;
}

static inline u64 dam_from_units(u32 units, u8 shift)
{
	return min_t(u64, ((u64)units << shift) >> DAM_FRACTION, DAM_BPS_MAX);
}

/* v x share, rounded to nearest; both results and operands fit 32 bits */
static inline s32 dam_part_q16(s64 v, u32 share_q16)
{
	return (v * share_q16 + DAM_ONE_Q16 / 2) >> 16;
}

#endif

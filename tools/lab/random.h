/* SPDX-License-Identifier: GPL-2.0 */
/* The same numbers on every run and machine, from a seed (splitmix64). */
#ifndef LAB_RANDOM_H
#define LAB_RANDOM_H

#include "policy.h"

struct lab_random {
	u64 state;
};

static inline u64 lab_random_u64(struct lab_random *r)
{
	u64 z;

	r->state += 0x9e3779b97f4a7c15ULL;
	z = r->state;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* lo .. hi, both included */
static inline u64 lab_random_in(struct lab_random *r, u64 lo, u64 hi)
{
	return lo + lab_random_u64(r) % (hi - lo + 1);
}

/* 0 .. 1, 1 excluded */
static inline double lab_random_unit(struct lab_random *r)
{
	return (double)(lab_random_u64(r) >> 11) / 9007199254740992.0;
}

/* Any magnitude alike, extremes included: finds overflow where uniform won't */
static inline u64 lab_random_wild(struct lab_random *r)
{
	u32 bits = lab_random_in(r, 0, 64);

	switch (lab_random_in(r, 0, 9)) {
	case 0:
		return 0;
	case 1:
		return ~0ULL;
	default:
		return bits ? lab_random_u64(r) >> (64 - bits) : 0;
	}
}

#endif

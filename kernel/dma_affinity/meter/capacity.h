/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an engine can do: bytes in the time in which it was never idle.
 *
 * Bytes are known at submission, operations at completion: what was completed is taken
 * at the mean size of the operations submitted lately. Of a slow engine only several
 * saturated ticks in a row tell enough.
 */
#ifndef DAM_METER_CAPACITY_H
#define DAM_METER_CAPACITY_H

#ifdef __KERNEL__
#include <linux/compiler.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/types.h>
#else
#include "native.h"
#endif

/* Saturated ticks in a row */
enum dam_capacity_state {
	DAM_CAPACITY_NEW,	/* there was none yet */
	DAM_CAPACITY_STANDS,	/* nothing ended in any of them */
	DAM_CAPACITY_RUNS,
};

/**
 * struct dam_capacity - one engine's; all zero is one never seen
 * @full_ns: of saturated ticks in a row, not learned from yet
 * @full_ops: operations completed in it
 * @bps: learned, 0 unknown; may be read at any time, or set once to begin with
 * @op_bytes: mean bytes of an operation
 * @times: saturated ticks that @bps is the mean of, long ones more often; from 8 on it
 *	follows
 * @state: of these saturated ticks in a row
 */
struct dam_capacity {
	u64 full_ns;
	u64 full_ops;
	u64 bps;
	u32 op_bytes;
	u8 times;
	u8 state;
};

/**
 * dam_rate() - bytes per second
 * @bytes: below 2^54 or the result saturates early
 * @ns: 0 gives 0
 * Return: bytes per second.
 */
static inline u64 dam_rate(u64 bytes, u64 ns)
{
	if (!ns)
		return 0;
	/* 10^9 needs 30 bits: halve both until the product fits. */
	while (bytes >> 34) {
		bytes >>= 1;
		ns >>= 1;
		if (!ns)
			return U64_MAX >> 20;
	}
	return div64_u64(bytes * 1000000000ULL, ns);
}

/**
 * dam_capacity_sizes() - learn how large operations are, once a tick
 * @c: the engine's
 * @bytes: submitted in the tick
 * @ops: operations submitted in it, not 0
 * @in_flight: operations
 */
void dam_capacity_sizes(struct dam_capacity *c, u64 bytes, u64 ops, u64 in_flight);

/**
 * dam_capacity_learn() - learn how fast it is, once a tick
 * @c: the engine's
 * @full_ns: how long it was never idle in the tick
 * @full_ops: operations completed in that
 * @dt_ns: the tick
 */
void dam_capacity_learn(struct dam_capacity *c, u64 full_ns, u64 full_ops, u64 dt_ns);

#endif

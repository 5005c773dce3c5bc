// SPDX-License-Identifier: GPL-2.0
#include "capacity.h"

/*
 * It is the mean of the first eight saturated ticks, and then follows, but by no more
 * than a 64th: a tick in which an engine stood still is no slow engine. One of half the
 * speed is learned in 45 of them. A tick of 80 ms or more counts as eight of 10 ms.
 *
 * One that is resumed first, or stands still among the first eight for another reason, is not
 * slow: where nothing ends in the first tick of a row, the row counts from the first end
 * on; and a mean of fewer than eight begins anew with more than eight times of it. Less is
 * operations of different sizes.
 */
#define TIMES_SHIFT	3
#define STEP_SHIFT	6
#define STEP_NS		10000000ULL
/* So many times the mean: what was before was a standstill */
#define STOOD		8
/* Fewer operations than this say little of capacity: one is cut off at the edge. */
#define MIN_OPS		8
/* Operations that the mean size of one goes back, or as many as are in flight. */
#define SIZE_OPS	16

/*
 * A mean of operations, not of ticks: of one that is long it is what was submitted in it
 * alone, and what is in flight was submitted before.
 */
void dam_capacity_sizes(struct dam_capacity *c, u64 bytes, u64 ops, u64 in_flight)
{
	u64 before = max_t(u64, in_flight, SIZE_OPS);

	if (c->op_bytes) {
		bytes += c->op_bytes * before;
		ops += before;
	}
	c->op_bytes = min_t(u64, div64_u64(bytes, ops), U32_MAX);
}

/* The tick in which the first operation ends began with a standstill, if others did before */
static bool is_counted(struct dam_capacity *c, u64 ops)
{
	bool stood = c->state == DAM_CAPACITY_STANDS;

	if (c->state != DAM_CAPACITY_RUNS)
		c->state = ops ? DAM_CAPACITY_RUNS : DAM_CAPACITY_STANDS;
	return c->state == DAM_CAPACITY_RUNS && !stood;
}

void dam_capacity_learn(struct dam_capacity *c, u64 full_ns, u64 full_ops, u64 dt_ns)
{
	u64 times = 1, bps;
	s64 step, most;

	if (full_ns < dt_ns / 2) {
		c->state = DAM_CAPACITY_NEW;
		c->full_ns = 0;
		c->full_ops = 0;
		return;
	}
	if (!is_counted(c, full_ops))
		return;
	c->full_ns += full_ns;
	c->full_ops += full_ops;
	if (c->full_ops < MIN_OPS || !c->op_bytes)
		return;
	bps = dam_rate(c->full_ops * c->op_bytes, c->full_ns);
	if (c->times < 1 << TIMES_SHIFT && bps / STOOD > c->bps)
		c->times = 0;
	step = (s64)(bps - c->bps);
	/* A long one is worth as many short ones; not what stood still until now. */
	if (full_ns >= 2 * STEP_NS)
		times = clamp_t(u64, min_t(u64, div64_u64(full_ns, STEP_NS),
					   full_ops / MIN_OPS), 1, 1 << TIMES_SHIFT);
	c->full_ns = 0;
	c->full_ops = 0;
	if (c->times < 1 << TIMES_SHIFT) {
		c->times += times;
		step = div64_s64(step * (s64)times, c->times);
	} else {
		most = (c->bps >> STEP_SHIFT) * times + 1;
		step = clamp_t(s64, (step * (s64)times) >> TIMES_SHIFT, -most, most);
	}
	WRITE_ONCE(c->bps, c->bps + step);
}

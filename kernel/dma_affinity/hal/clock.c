// SPDX-License-Identifier: GPL-2.0
#include <linux/math64.h>

#include "hal/clock.h"
#include "compat.h"
#include "dam.h"

/* Compared anew so often, for the machine may have slept. */
#define SPAN_NS		NSEC_PER_SEC
/* Over shorter spans the two tell little of each other. */
#define SPAN_MIN_NS	NSEC_PER_MSEC

DEFINE_STATIC_KEY_FALSE(dam_clock_slow);

/* Where the comparison began; nanoseconds a count, times 2^32. dam_lock. */
static u64 begin_ns, begin_count, ns_q32;
static bool compared;

static void begin(void)
{
	begin_ns = ktime_get_ns();
	begin_count = dam_clock();
}

void dam_clock_init(void)
{
	if (dam_counter_unstable())
		static_branch_enable(&dam_clock_slow);
	ns_q32 = BIT_ULL(32);
	compared = false;
	begin();
}

void dam_clock_update(void)
{
	u64 ns = ktime_get_ns() - begin_ns;
	u64 count = dam_clock() - begin_count;

	lockdep_assert_held(&dam_lock);
	/* The counter begins anew, or stops, where the machine sleeps deeply. */
	if ((s64)count <= 0 || ns >> 16 > count) {
		begin();
		return;
	}
	if (ns < (compared ? SPAN_NS : SPAN_MIN_NS))
		return;
	ns_q32 = mul_u64_u64_div_u64(ns, BIT_ULL(32), count);
	if (ns >= SPAN_NS) {
		compared = true;
		begin();
	}
}

u64 dam_clock_to_ns(u64 count)
{
	lockdep_assert_held(&dam_lock);
	return mul_u64_u64_shr(count, ns_q32, 32);
}

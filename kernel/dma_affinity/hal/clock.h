/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The clock of the probes: a counter of the CPU, a third of the price of the
 * kernel's clock, which the tick converts to nanoseconds.
 */
#ifndef DAM_HAL_CLOCK_H
#define DAM_HAL_CLOCK_H

#include <linux/jump_label.h>
#include <linux/ktime.h>
#include <linux/timekeeping.h>
#include <linux/timex.h>
#include <linux/types.h>

DECLARE_STATIC_KEY_FALSE(dam_clock_slow);

/* Counters that disagree between CPUs are no clock. */
static __always_inline bool dam_clock_is_slow(void)
{
	return static_branch_unlikely(&dam_clock_slow);
}

/**
 * dam_clock() - time in units of the counter
 *
 * Context: any. Does not go back on one CPU; hardly between two.
 * Return: the count.
 */
static __always_inline u64 dam_clock(void)
{
	if (dam_clock_is_slow())
		return ktime_get_mono_fast_ns();
	return get_cycles();
}

/** dam_clock_init() - choose the counter; process context */
void dam_clock_init(void);

/**
 * dam_clock_update() - compare the counter with CLOCK_MONOTONIC
 *
 * Context: process, dam_lock held.
 */
void dam_clock_update(void);

/**
 * dam_clock_to_ns() - a span of time
 * @count: in units of the counter
 *
 * Context: dam_lock held.
 * Return: nanoseconds.
 */
u64 dam_clock_to_ns(u64 count);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Differences between kernel versions; the only place that names one. */
#ifndef SIM_COMPAT_H
#define SIM_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/**
 * sim_timer_setup() - make a monotonic timer that expires in softirq context
 * @timer: the timer
 * @fn: what it calls
 */
static inline void sim_timer_setup(struct hrtimer *timer,
				   enum hrtimer_restart (*fn)(struct hrtimer *))
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(timer, fn, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
#else
	hrtimer_init(timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	timer->function = fn;
#endif
}

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Differences between kernel versions; the only place that names one. */
#ifndef SIM_COMPAT_H
#define SIM_COMPAT_H

#include <linux/dmaengine.h>
#include <linux/hrtimer.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/**
 * sim_timer_setup() - make a monotonic timer that expires in interrupt context
 * @timer: the timer
 * @fn: what it calls
 */
static inline void sim_timer_setup(struct hrtimer *timer,
				   enum hrtimer_restart (*fn)(struct hrtimer *))
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(timer, fn, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
#else
	hrtimer_init(timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
	timer->function = fn;
#endif
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
struct dma_vec {
	dma_addr_t addr;
	size_t len;
};
#endif

typedef struct dma_async_tx_descriptor *
(*sim_prep_dma_vec_t)(struct dma_chan *chan, const struct dma_vec *vecs,
		      size_t nents, enum dma_transfer_direction dir,
		      unsigned long flags);

/**
 * sim_set_prep_dma_vec() - fill in device_prep_peripheral_dma_vec, if any
 * @dma: the device
 * @prep: what to fill in
 */
static inline void sim_set_prep_dma_vec(struct dma_device *dma,
					sim_prep_dma_vec_t prep)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
	dma->device_prep_peripheral_dma_vec = prep;
#endif
}

#endif

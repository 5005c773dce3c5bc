/* SPDX-License-Identifier: GPL-2.0 */
/* Differences between kernel versions; the only place that names one. */
#ifndef CLIENT_COMPAT_H
#define CLIENT_COMPAT_H

#include <linux/dmaengine.h>
#include <linux/hrtimer.h>
#include <linux/version.h>

/**
 * client_timer_setup() - make a timer that expires in hard interrupt context
 * @timer: the timer
 * @fn: what it calls
 *
 * In a thread on PREEMPT_RT: an engine may have to sleep for its lock there.
 */
static inline void
client_timer_setup(struct hrtimer *timer,
		   enum hrtimer_restart (*fn)(struct hrtimer *))
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(timer, fn, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
#else
	hrtimer_init(timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	timer->function = fn;
#endif
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define CLIENT_HAS_DMA_VEC	1
#else
#define CLIENT_HAS_DMA_VEC	0
struct dma_vec {
	dma_addr_t addr;
	size_t len;
};

static inline struct dma_async_tx_descriptor *
dmaengine_prep_peripheral_dma_vec(struct dma_chan *chan,
				  const struct dma_vec *vecs, size_t nents,
				  enum dma_transfer_direction dir,
				  unsigned long flags)
{
	return NULL;
}
#endif

#endif

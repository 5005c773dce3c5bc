/* SPDX-License-Identifier: GPL-2.0 */
/* Differences between kernel versions; the only place that names one. */
#ifndef DMA_GATE_COMPAT_H
#define DMA_GATE_COMPAT_H

#include <linux/eventfd.h>
#include <linux/version.h>

/**
 * gate_eventfd_signal() - add 1 to an eventfd
 * @ctx: referenced
 *
 * Context: any, interrupts may be off.
 */
static inline void gate_eventfd_signal(struct eventfd_ctx *ctx)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
	eventfd_signal(ctx);
#else
	eventfd_signal(ctx, 1);
#endif
}

#endif /* DMA_GATE_COMPAT_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* Every difference between kernel versions, and nothing else. */
#ifndef DAM_COMPAT_H
#define DAM_COMPAT_H

#include <linux/device.h>
#include <linux/ftrace.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/version.h>

#ifdef CONFIG_X86
#include <asm/tsc.h>
#endif

/* From 6.4 on a class_interface's callbacks lose the interface itself. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
#define DAM_CLASS_ADD(name, dev)	int name(struct device *dev)
#define DAM_CLASS_REMOVE(name, dev)	void name(struct device *dev)
typedef const struct class dam_class_t;
#else
#define DAM_CLASS_ADD(name, dev)	\
	int name(struct device *dev, struct class_interface *intf)
#define DAM_CLASS_REMOVE(name, dev)	\
	void name(struct device *dev, struct class_interface *intf)
typedef struct class dam_class_t;
#endif

/* platform_driver::remove returns nothing from 6.11 on. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define DAM_PLATFORM_REMOVE(name, pdev)	void name(struct platform_device *pdev)
#define DAM_PLATFORM_REMOVED
#else
#define DAM_PLATFORM_REMOVE(name, pdev)	int name(struct platform_device *pdev)
#define DAM_PLATFORM_REMOVED		0
#endif

/*
 * Argument n of the function an ftrace_ops caught. Before 6.10 there is no
 * accessor, and the registers are partial: only argument registers are valid.
 */
static inline unsigned long dam_ftrace_arg(struct ftrace_regs *fregs,
					   unsigned int n)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	return ftrace_regs_get_argument(fregs, n);
#else
	return regs_get_kernel_argument(&fregs->regs, n);
#endif
}

/* Whether the kernel has found that the CPUs' counters disagree. */
static inline bool dam_counter_unstable(void)
{
#ifdef CONFIG_X86
	return check_tsc_unstable();
#else
	return false;
#endif
}

/* Transfers of vectors came with 6.11. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define DAM_DMA_VEC_OFFSET	\
	offsetof(struct dma_device, device_prep_peripheral_dma_vec)
#else
#define DAM_DMA_VEC_OFFSET	0
struct dma_vec {
	dma_addr_t addr;
	size_t len;
};
#endif

/* From 6.10 on __assign_str() takes the field alone. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#define dam_assign_str(dst, src)	__assign_str(dst)
#else
#define dam_assign_str(dst, src)	__assign_str(dst, src)
#endif

/* Workers of user processes (vhost) are told by a flag from 6.4 on. */
#ifndef PF_USER_WORKER
#define PF_USER_WORKER	0
#endif

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* A hook on one function's entry, by an ftrace_ops: the cheapest there is. */
#ifndef DAM_HAL_FTRACE_HOOK_H
#define DAM_HAL_FTRACE_HOOK_H

#include <linux/ftrace.h>

/**
 * dam_ftrace_arm() - have @func called at each entry of a function
 * @ops: of this function alone: an ops whose last address is removed would
 *	trace every function of the kernel
 * @addr: of the function
 * @func: with preemption as the caller of the function has it; guards itself
 *	against recursion, where it calls what could be hooked
 *
 * Context: process, sleeps, takes cpus_read_lock.
 * Return: 0, or an error: -EINVAL where ftrace cannot reach.
 */
int dam_ftrace_arm(struct ftrace_ops *ops, unsigned long addr,
		   ftrace_func_t func);

/** dam_ftrace_disarm() - no call of @func is under way when it returns */
void dam_ftrace_disarm(struct ftrace_ops *ops);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hooks on providers' device_prep_* functions: the only place where a
 * submission, its size and its submitter are seen together, for the kernel
 * has no dmaengine tracepoints.
 */
#ifndef DAM_HAL_HOOK_H
#define DAM_HAL_HOOK_H

#include <linux/types.h>

#include "hal/engine.h"

struct dam_hook;

/**
 * dam_hook_get() - watch a function; several devices may share one
 * @addr: of the device_prep_* function, or of device_terminate_all
 * @kind: which of them it is, DAM_KINDS for the latter
 *
 * Context: process, sleeps, takes the hook mutex and cpus_read_lock.
 * Return: the hook, or an ERR_PTR.
 */
struct dam_hook *dam_hook_get(unsigned long addr, enum dam_kind kind);

/**
 * dam_hook_put() - stop watching when the last user is gone
 * @h: the hook
 *
 * When it returns no probe of that function is running. Context: as above.
 */
void dam_hook_put(struct dam_hook *h);

/**
 * dam_hooks_enable() - arm or disarm all hooks (MODE off disarms)
 * @on: arm, or disarm
 *
 * A function that cannot be watched is said in the log. Context: as above.
 */
void dam_hooks_enable(bool on);

/**
 * dam_hook_see_results() - hook the function's return as well, soon
 * @h: the hook
 *
 * Costs several times as much. Context: any process context.
 */
void dam_hook_see_results(struct dam_hook *h);

/**
 * dam_hooks_armings() - changes whenever hooks are armed
 *
 * Context: any.
 * Return: a count, even while some or all are not.
 */
u32 dam_hooks_armings(void);

/** dam_hooks_exit() - nothing is under way any more; all hooks were put */
void dam_hooks_exit(void);

/** dam_hooks_missed() - hits lost since asked last; process context */
u64 dam_hooks_missed(void);

#endif

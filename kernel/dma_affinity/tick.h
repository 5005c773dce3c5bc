/* SPDX-License-Identifier: GPL-2.0 */
/* The tick's kthread, its sleep, its watchdog, and MODE. */
#ifndef DAM_TICK_H
#define DAM_TICK_H

#include <linux/types.h>

#include "tunables.h"

/**
 * dam_tick_start() - start the kthread
 * @max_threads: size of the table of threads
 *
 * Context: process.
 * Return: 0 or a negative error, nothing kept.
 */
int dam_tick_start(u32 max_threads);

/**
 * dam_tick_stop() - stop it; every mask has been given back when this returns
 *
 * No hook is armed any more, so nothing wakes it. Context: process.
 */
void dam_tick_stop(void);

/** dam_tick_wake() - end its sleep; any context that may wake a task */
void dam_tick_wake(void);

/**
 * dam_tick_set_mode() - MODE
 * @mode: the new one
 *
 * Leaving manage gives every mask back before it returns; off disarms the
 * hooks as well. A hook that cannot be armed is said in the kernel's log; the
 * others are. Context: process, sleeps, dam_lock not held.
 */
void dam_tick_set_mode(enum dam_mode mode);

/**
 * dam_tick_refresh() - while the tick sleeps nobody folds: do it for a reader
 *
 * Context: process, dam_lock held.
 */
void dam_tick_refresh(void);

#endif

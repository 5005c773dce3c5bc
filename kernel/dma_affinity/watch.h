/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Watching the scheduler: births, deaths and migrations of threads we know,
 * and who else sets their masks.
 */
#ifndef DAM_WATCH_H
#define DAM_WATCH_H

/**
 * dam_watch_start() - join the scheduler's tracepoints and sched_setaffinity()
 *
 * Context: process, sleeps, takes cpus_read_lock.
 * Return: 0 or an error,
 * nothing kept.
 */
int dam_watch_start(void);

/** dam_watch_stop() - leave them; no probe runs when it returns */
void dam_watch_stop(void);

/** dam_watch_missed() - calls that could not be seen since asked last */
u64 dam_watch_missed(void);

#endif

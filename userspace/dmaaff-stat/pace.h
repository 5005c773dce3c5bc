/* SPDX-License-Identifier: GPL-2.0 */
/* When to report, and when to stop. */
#ifndef DMAAFF_STAT_PACE_H
#define DMAAFF_STAT_PACE_H

#include <stdbool.h>

/**
 * pace_start() - begin to count time, and to catch SIGINT and SIGTERM
 *
 * The first of them ends the program after the report it is at, a second one
 * at once.
 */
void pace_start(void);

/**
 * pace_wait() - wait until @seconds after the last pace_wait() or pace_start()
 *
 * Deadlines do not drift with the time that a report takes; those that have
 * passed already are skipped.
 * Return: true at the time, false when a signal asked to stop.
 */
bool pace_wait(double seconds);

/* A signal asked to stop. */
bool pace_stopped(void);

#endif

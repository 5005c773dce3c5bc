/* SPDX-License-Identifier: GPL-2.0 */
/* The time of a report. */
#ifndef DMAAFF_STAT_STAMP_H
#define DMAAFF_STAT_STAMP_H

#include <stddef.h>

#define STAMP_SIZE 32

/* Seconds since 1970. */
double stamp_seconds(void);

/* Now as RFC 3339 in UTC, with milliseconds; the same in each locale. */
void stamp_text(char text[STAMP_SIZE]);

#endif

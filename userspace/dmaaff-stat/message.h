/* SPDX-License-Identifier: GPL-2.0 */
/* One line on stderr. */
#ifndef DMAAFF_STAT_MESSAGE_H
#define DMAAFF_STAT_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

__attribute__((format(printf, 1, 2)))
void message(const char *format, ...);

/* Says so when a table could not be read whole. */
void warn_table(const char *table, bool torn, size_t skipped);

#endif

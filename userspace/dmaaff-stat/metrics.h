/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DMAAFF_STAT_METRICS_H
#define DMAAFF_STAT_METRICS_H

#include <stdio.h>

#include "dmaaff.h"
#include "options.h"

/* Writes metrics once or each interval. Return: an exit status. */
int metrics_run(const struct options *options);

/* Everything countable of a snapshot as OpenMetrics text, up to its `# EOF`. */
void metrics_write(const struct dmaaff_snapshot *snapshot, FILE *out);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* What an engine did, as a drawing (SVG) within a page. */
#ifndef DMAAFF_STAT_CHART_H
#define DMAAFF_STAT_CHART_H

#include <stdio.h>

#include "episode.h"

/* No chart reaches higher: what is forecast beyond is drawn at its edge. */
#define CHART_LIMIT_PCT 300

/**
 * chart_top_pct() - how high charts must reach
 *
 * Return: 100 to CHART_LIMIT_PCT, for all engines of @episode, so that their charts compare.
 */
int chart_top_pct(const struct episode *episode);

/* Utilisation and forecast of an engine over time, and the moves to it and off it. */
void chart_write(const struct episode *episode, size_t engine, int top_pct, FILE *out);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DMAAFF_STAT_THREADS_H
#define DMAAFF_STAT_THREADS_H

/* For qsort(): the greatest demand first, unknown demand last. */
int threads_by_demand(const void *a, const void *b);

#endif

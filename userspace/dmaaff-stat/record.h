/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DMAAFF_STAT_RECORD_H
#define DMAAFF_STAT_RECORD_H

#include "options.h"

/* Records dma_affinity's events while a command runs, or until interrupted. */
int record_run(const struct options *options);

/* Reports on a recording: engines in each interval, and the moves in it. */
int replayed_run(const struct options *options);

/* Has dmaaff-lab decide on a recording again. */
int replay_run(const struct options *options);

/* Draws a recording. */
int plot_run(const struct options *options);

/* Says why a thread was, or was not, moved. */
int explain_run(const struct options *options);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Figures out of the threads' running counters. */
#ifndef DMAAFF_LOAD_TALLY_H
#define DMAAFF_LOAD_TALLY_H

#include "report.h"
#include "worker.h"

struct tally;

/* NULL when there is no memory. */
struct tally *tally_new(struct worker *workers, unsigned int nr);
void tally_free(struct tally *tally);

/*
 * What each thread did since the last call, and all together; valid until the
 * next call.
 */
const struct figures *tally_interval(struct tally *tally, struct figures *total);

/* The same for the whole run; called after the last interval. */
const struct figures *tally_run(struct tally *tally, struct figures *total);

#endif

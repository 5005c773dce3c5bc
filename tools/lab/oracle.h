/* SPDX-License-Identifier: GPL-2.0 */
/* The best placement that can be found by somebody who knows the future. */
#ifndef LAB_ORACLE_H
#define LAB_ORACLE_H

#include "sim.h"

/**
 * struct oracle - which engine serves each thread, and when
 * @epoch_ns: how long each assignment holds
 * @n_epochs: how many there are
 * @engine: of each epoch and thread
 * @node: the thread runs there
 */
struct oracle {
	u64 epoch_ns;
	u32 n_epochs;
	u16 *engine;
	s16 *node;
};

/**
 * oracle_find() - search for the assignments that move most bytes
 * @o: filled, to be freed
 * @scenario: of what
 * @seed: the run it is for
 * @effort: operations that may be simulated while searching
 *
 * Plans that are the best by rates alone, static and for each epoch, are
 * simulated; the best static one is then improved thread by thread as long as
 * @effort lasts. Of plans within a thousandth the one with the least p99 counts.
 * Nobody goes where the module may not send him.
 */
void oracle_find(struct oracle *o, const struct scenario *scenario, u64 seed, u64 effort);

/** oracle_run() - run to the end, by the plan, Return: how often threads moved */
u32 oracle_run(const struct oracle *o, struct sim *sim);

/** oracle_free() - give back what oracle_find() took */
void oracle_free(struct oracle *o);

#endif

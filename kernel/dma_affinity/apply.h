/* SPDX-License-Identifier: GPL-2.0 */
/* The last steps of a tick: moves made, masks given back, outcomes judged. */
#ifndef DAM_APPLY_H
#define DAM_APPLY_H

#include "collect.h"

int dam_apply_init(void);
void dam_apply_exit(void);

/**
 * dam_apply_plan() - decide, and keep what apply needs to know
 * @k: after dam_collect() and dam_find_bottlenecks()
 * @advise: trace what would be done, and forget it
 *
 * Context: the tick, dam_lock held.
 */
void dam_apply_plan(struct dam_tick *k, bool advise);

/**
 * dam_apply_restart() - MODE leaves off: the budget of moves and all trials begin anew
 *
 * Context: process, dam_lock held.
 */
void dam_apply_restart(void);

/**
 * dam_apply_forget_trials() - MODE is manage now: those that were advised were not made
 *
 * Context: process, dam_lock held.
 */
void dam_apply_forget_trials(void);

/**
 * dam_apply_moves() - make the moves planned
 * @k: the tick
 *
 * Context: the tick, no lock held; may sleep.
 */
void dam_apply_moves(struct dam_tick *k);

/**
 * dam_apply_record() - book the moves that were made
 * @k: the tick
 *
 * Context: the tick, dam_lock held.
 */
void dam_apply_record(struct dam_tick *k);

/**
 * dam_apply_learn() - judge the moves that are due
 * @k: after dam_find_bottlenecks()
 * @all: also those that are not due yet
 *
 * Context: the tick, dam_lock held.
 */
void dam_apply_learn(struct dam_tick *k, bool all);

/**
 * dam_apply_cleanup() - give back masks no longer needed, forget threads that
 * are gone or idle
 * @k: the tick
 *
 * Context: the tick, no lock held; may sleep.
 */
void dam_apply_cleanup(struct dam_tick *k);

#endif

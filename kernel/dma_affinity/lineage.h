/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Children of narrowed threads: fork() copies the narrowed mask, and nobody
 * asked for that. Each gets its parent's original mask.
 */
#ifndef DAM_LINEAGE_H
#define DAM_LINEAGE_H

#include <linux/cpumask.h>
#include <linux/types.h>

struct task_struct;

int dam_lineage_init(void);

/** dam_lineage_exit() - after dam_watch_stop() */
void dam_lineage_exit(void);

/**
 * dam_lineage_add() - threads that @p makes may inherit @issued
 * @p: the thread about to be narrowed
 * @issued: the mask it gets
 * @origin: the mask its children should have
 *
 * Context: process, may sleep.
 */
void dam_lineage_add(struct task_struct *p, const struct cpumask *issued,
		     const struct cpumask *origin);

/** dam_lineage_any() - may anybody inherit a mask of ours; any context */
bool dam_lineage_any(void);

/**
 * dam_lineage_fork() - a thread was made
 * @parent: who made it
 * @child: not running yet; a reference is taken if it may have inherited
 * @narrowed: @parent's mask is ours
 *
 * Context: the fork tracepoint's probe.
 */
void dam_lineage_fork(const struct task_struct *parent,
		      struct task_struct *child, bool narrowed);

/**
 * dam_lineage_touched() - somebody sets the mask of a thread, maybe of a child
 * that still waits for its own
 * @p: the thread; its address is compared only
 * @begin: the call begins
 * @mask: what is asked for, or NULL
 * @done: the call ended well
 *
 * Context: a probe.
 */
void dam_lineage_touched(const struct task_struct *p, bool begin,
			 const struct cpumask *mask, bool done);

/**
 * dam_lineage_tick() - give children born since the last call their mask
 * @now_ns: those that no tracepoint tells of are looked for twice a second
 *
 * Context: process, may sleep, no lock held.
 */
void dam_lineage_tick(u64 now_ns);

/**
 * dam_lineage_drain() - before dam_watch_stop(): wait for each fork() that began
 * before the last mask was given back, and see to its child
 *
 * Context: process, sleeps.
 */
void dam_lineage_drain(void);

/**
 * dam_lineage_settle() - all masks were given back: see to the children, now
 * and until no fork() that began before can still be under way
 *
 * Context: process, may sleep, no lock held.
 */
void dam_lineage_settle(void);

#endif

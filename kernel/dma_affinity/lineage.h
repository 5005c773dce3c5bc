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
void dam_lineage_exit(void);

/**
 * dam_lineage_add() - threads of @p's family may inherit @issued
 * @p: the thread about to be narrowed
 * @issued: the mask it gets
 * @origin: the mask its children should have
 *
 * Context: process, may sleep.
 */
void dam_lineage_add(struct task_struct *p, const struct cpumask *issued,
		     const struct cpumask *origin);

/**
 * dam_lineage_born() - a narrowed thread forked
 * @parent: the thread
 * @child: not running yet
 *
 * Context: the fork tracepoint's probe. Takes a reference to @child.
 */
void dam_lineage_born(const struct task_struct *parent,
		      struct task_struct *child);

/** dam_lineage_any() - may anybody have inherited a mask; any context */
bool dam_lineage_any(void);

/**
 * dam_lineage_asked() - a thread's mask was set by sched_setaffinity()
 * @pid: as init's namespace sees it
 * @start_ns: when it was born, CLOCK_BOOTTIME
 *
 * Context: a probe.
 */
void dam_lineage_asked(pid_t pid, u64 start_ns);

/**
 * dam_lineage_tick() - give children born since the last call their mask
 * @now_ns: a scan of all threads is made when a second has passed since the
 *	last, for those that no tracepoint tells of
 *
 * Context: process, may sleep, no lock held.
 */
void dam_lineage_tick(u64 now_ns);

/**
 * dam_lineage_scan() - look at all threads for inherited masks
 *
 * Context: process, may sleep, no lock held.
 */
void dam_lineage_scan(void);

/**
 * dam_lineage_settle() - all masks were given back: look now, and once more
 * when every fork() under way has ended; then forget the families
 *
 * Context: process, may sleep, no lock held.
 */
void dam_lineage_settle(void);

#endif

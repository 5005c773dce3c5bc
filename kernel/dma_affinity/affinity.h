/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Masks: the only code that changes one. It narrows a thread's mask within
 * the one the thread had at first, and gives that back exactly, unless
 * somebody else set another meanwhile.
 *
 * There is a record for each slot of the table of threads. A record's state
 * is its lock: whoever turns it to BUSY owns it until they turn it further,
 * so the tick, a cpuhp callback, a store to MODE, the watchdog and unload may
 * all give masks back without waiting for each other.
 */
#ifndef DAM_AFFINITY_H
#define DAM_AFFINITY_H

#include <linux/cpumask.h>
#include <linux/sched.h>
#include <linux/types.h>

/**
 * dam_task_may_move() - by what it is, not by what it does
 * @p: current, or a task with a reference
 *
 * Not per-CPU and other bound kthreads, workqueue workers, deadline and
 * real-time tasks, nor a mask of one CPU. Context: any.
 */
static inline bool dam_task_may_move(const struct task_struct *p)
{
	if (p->flags & (PF_NO_SETAFFINITY | PF_WQ_WORKER | PF_EXITING))
		return false;
	/* Deadline and real-time priorities are below MAX_RT_PRIO. */
	if (p->normal_prio < MAX_RT_PRIO)
		return false;
	return p->nr_cpus_allowed > 1;
}

int dam_affinity_init(u32 max_threads);
void dam_affinity_exit(void);

/** dam_affinity_movable() - may the thread in slot @i be moved right now */
bool dam_affinity_movable(u32 i, const struct task_struct *p);

/**
 * dam_affinity_within() - take a mask within the one its user gave a thread
 * @i: slot of the thread
 * @p: the thread
 * @mask: in and out: and-ed with the original mask, or with the present one
 *	of a thread that is not narrowed
 *
 * Context: process. Return: false if nothing is left.
 */
bool dam_affinity_within(u32 i, struct task_struct *p, struct cpumask *mask);

/**
 * dam_affinity_narrow() - confine a thread
 * @i: its slot
 * @p: the thread, a reference is held by the caller for the call
 * @target: within its original mask; not empty
 *
 * May sleep for as long as the thread forbids migration. Context: process,
 * no lock held.
 * Return: 0; -ESTALE if somebody else has set the mask (hands off);
 * -EAGAIN if somebody is setting it just now; -EPERM if moves are stopped;
 * or what the scheduler said. Except for 0 the thread has its own mask or the
 * one it had before.
 */
int dam_affinity_narrow(u32 i, struct task_struct *p,
			const struct cpumask *target);

/**
 * dam_affinity_give_back() - the thread in slot @i gets its mask back
 *
 * Context: process, may sleep as above.
 * Return: 1 if a mask was given back, 0 if there was none to give,
 * -ESTALE if somebody else had set one.
 */
int dam_affinity_give_back(u32 i);

/**
 * dam_affinity_give_back_all() - every mask, those of children included
 *
 * Waits until those being changed right now are settled.
 * Context: process, may sleep; no lock held.
 */
void dam_affinity_give_back_all(void);

/**
 * dam_affinity_allow() - may masks be narrowed at all
 *
 * After dam_affinity_allow(false) and dam_affinity_give_back_all() no mask is
 * narrowed until it is allowed again.
 */
void dam_affinity_allow(bool on);

/** dam_affinity_narrowed() - is the mask in slot @i ours; any context */
bool dam_affinity_narrowed(u32 i);

/** dam_affinity_count() - how many masks are narrowed; any context */
u32 dam_affinity_count(void);

/**
 * dam_affinity_foreign() - has somebody else set the mask we narrowed
 *
 * Drops the record if so. Context: process.
 */
bool dam_affinity_foreign(u32 i);

/**
 * dam_affinity_touched() - a sched_setaffinity() on slot @i began or ended
 * @i: slot
 * @begin: at its start with the mask asked for, at its end without
 * @mask: what was asked for, may be NULL
 * @done: at its end: it succeeded
 *
 * Context: a probe.
 */
void dam_affinity_touched(int i, bool begin, const struct cpumask *mask,
			  bool done);

/**
 * dam_affinity_text() - the mask as hexadecimal words, for tables
 * @i: slot
 * @p: the thread
 * @origin: its original mask rather than the present one
 *
 * Return: characters written, without the terminator.
 */
int dam_affinity_text(u32 i, const struct task_struct *p, bool origin,
		      char *buf, size_t size);

#endif

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

#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/sched.h>
#include <linux/sched/prio.h>
#include <linux/types.h>

#include "hal/engine.h"

/*
 * struct dam_mask_state - the mask of one slot, as probes and callbacks see it
 * @state: 0: its own; else ours, or being changed
 * @wishes: calls that set the thread's mask, under way, and whether one of them
 *	has succeeded since somebody asked
 * @place: of its masks, 0 none; see dam_affinity_attach()
 */
struct dam_mask_state {
	atomic_t state;
	atomic_t wishes;
	u32 place;
};

/* For affinity.c and what is inline below. */
extern struct dam_mask_state *dam_mask_states;

int dam_affinity_init(u32 max_threads, u32 places);
void dam_affinity_exit(void);

/**
 * dam_task_is_rt() - is it a real-time thread, of SCHED_FIFO or SCHED_RR
 * @p: current, or a task with a reference
 *
 * Context: any; it may change at once.
 * Return: whether it is.
 */
static inline bool dam_task_is_rt(const struct task_struct *p)
{
	int prio = READ_ONCE(p->normal_prio);

	/* Deadline priorities are below 0. */
	return prio >= 0 && prio < MAX_RT_PRIO;
}

/**
 * dam_affinity_class_ok() - is it a thread of the kind that may be narrowed
 * @p: current, or a task with a reference
 *
 * Not per-CPU and other bound kthreads, workqueue workers, deadline tasks; and
 * real-time ones only where engines are reserved for them, and no kthreads, as
 * those of interrupts. Context: any.
 * Return: whether it is.
 */
static inline bool dam_affinity_class_ok(const struct task_struct *p)
{
	if (p->flags & (PF_NO_SETAFFINITY | PF_WQ_WORKER | PF_EXITING))
		return false;
	if (p->normal_prio >= MAX_RT_PRIO)
		return true;
	return READ_ONCE(dam_engines_reserved) && dam_task_is_rt(p) &&
	       !(p->flags & PF_KTHREAD);
}

/**
 * dam_task_may_move() - the same, and it has more than one CPU
 * @p: current, or a task with a reference
 *
 * Context: any.
 * Return: whether it may.
 */
static inline bool dam_task_may_move(const struct task_struct *p)
{
	return dam_affinity_class_ok(p) && p->nr_cpus_allowed > 1;
}

/**
 * dam_task_may_leave() - the same, and it could be sent off an engine
 * @p: current, or a task with a reference
 * @e: the engine that serves it, NULL not known
 *
 * Real-time threads leave reserved engines alone. Context: any.
 * Return: whether it may.
 */
static inline bool dam_task_may_leave(const struct task_struct *p,
				      const struct dam_engine *e)
{
	return dam_task_may_move(p) &&
	       (!dam_task_is_rt(p) || (e && READ_ONCE(e->reserved)));
}

/** dam_kthread_is_free() - is it a kthread without a mask of its own */
bool dam_kthread_is_free(const struct task_struct *p);

/**
 * dam_task_movable() - may a thread with its own mask be moved right now
 * @p: a task with a reference
 *
 * Context: any.
 * Return: whether it may.
 */
static inline bool dam_task_movable(const struct task_struct *p)
{
	return dam_task_may_move(p) && !p->migration_disabled &&
	       (!(p->flags & PF_KTHREAD) || dam_kthread_is_free(p));
}

/**
 * dam_affinity_untouched() - neither is or was a mask ours nor has anybody set it
 * of late
 * @i: slot of the thread
 *
 * Context: any.
 * Return: whether it is so: there is nothing to see to.
 */
static inline bool dam_affinity_untouched(u32 i)
{
	const struct dam_mask_state *s = &dam_mask_states[i];

	return !(atomic_read(&s->state) | atomic_read(&s->wishes) |
		 READ_ONCE(s->place));
}

/**
 * dam_affinity_set() - set_cpus_allowed_ptr(), known to be ours
 * @p: a task with a reference
 * @mask: not empty
 *
 * Context: process, may sleep, no lock that a probe or callback needs.
 * Return: what the scheduler says.
 */
int dam_affinity_set(struct task_struct *p, const struct cpumask *mask);

/** dam_affinity_setting() - is current within dam_affinity_set(); a probe */
bool dam_affinity_setting(void);

/** dam_affinity_adopt() - slot @i has a new thread; the tick */
void dam_affinity_adopt(u32 i);

/**
 * dam_affinity_attach() - a thread's masks have a place from now on
 * @i: slot of the thread, which has none
 * @place: 1 .. what dam_affinity_init() was told; nobody else's
 *
 * Context: the tick.
 */
void dam_affinity_attach(u32 i, u32 place);

/**
 * dam_affinity_detach() - take the place away
 * @i: slot of a thread whose mask is not narrowed
 *
 * Context: the tick, or unload.
 * Return: false if it cannot be just now, for somebody sets the thread's mask.
 */
bool dam_affinity_detach(u32 i);

/** dam_affinity_place() - the place of a thread's masks, 0 none; any context */
static inline u32 dam_affinity_place(u32 i)
{
	return READ_ONCE(dam_mask_states[i].place);
}

/** dam_affinity_movable() - may the thread in slot @i be moved right now */
bool dam_affinity_movable(u32 i, const struct task_struct *p);

/**
 * dam_affinity_within() - take a mask within the one its user gave a thread
 * @i: slot of the thread
 * @p: the thread
 * @mask: in and out: and-ed with the original mask, or with the present one
 *	of a thread that is not narrowed
 *
 * Context: process.
 * Return: false if nothing is left.
 */
bool dam_affinity_within(u32 i, struct task_struct *p, struct cpumask *mask);

/** dam_affinity_is_origin() - is @mask the one its user gave the thread */
bool dam_affinity_is_origin(u32 i, struct task_struct *p,
			    const struct cpumask *mask);

/**
 * dam_affinity_narrow() - confine a thread
 * @i: its slot
 * @p: the thread, a reference is held by the caller for the call
 * @target: within its original mask, and less than it; not empty
 *
 * May sleep for as long as the thread forbids migration. Context: process,
 * no lock held.
 * Return: 0; -ESTALE if somebody else has set the mask (hands off);
 * -EAGAIN if somebody is setting it just now, a CPU of it goes away, or its
 * masks have no place;
 * -EPERM if moves are stopped; -EINVAL if it may not be narrowed so; or what
 * the scheduler said. Except for 0 the thread has its own mask or the one it
 * had before.
 */
int dam_affinity_narrow(u32 i, struct task_struct *p,
			const struct cpumask *target);

/**
 * dam_affinity_give_back() - the thread in slot @i gets its mask back
 * @i: slot
 *
 * Context: process, may sleep as above.
 * Return: 1 if a mask was given back, 0 if there was none to give,
 * -ESTALE if somebody else had set one.
 */
int dam_affinity_give_back(u32 i);

/**
 * dam_affinity_give_back_all() - every mask, those of children included
 *
 * Waits, five seconds at most, until those being changed right now are settled,
 * if masks may not be narrowed any more. Context: process, may sleep; no lock
 * held.
 * Return: none is narrowed or being changed.
 */
bool dam_affinity_give_back_all(void);

/**
 * dam_affinity_allow() - may masks be narrowed at all
 * @on: yes or no
 *
 * After dam_affinity_allow(false) and dam_affinity_give_back_all() no mask is
 * narrowed until it is allowed again.
 */
void dam_affinity_allow(bool on);

/** dam_affinity_narrowed() - is the mask in slot @i ours; any context */
bool dam_affinity_narrowed(u32 i);

/** dam_affinity_ours() - would a child of the thread in slot @i inherit ours */
bool dam_affinity_ours(u32 i);

/** dam_affinity_count() - how many masks are narrowed; any context */
u32 dam_affinity_count(void);

/** dam_affinity_wishes() - changes when somebody sets a thread's mask */
u32 dam_affinity_wishes(void);

/** dam_affinity_active() - is a mask narrowed or being changed; any context */
bool dam_affinity_active(void);

/**
 * dam_affinity_foreign() - has somebody else set the thread's mask
 * @i: slot
 *
 * Says so once for each time. Drops the record of a narrowed mask if so; gives
 * a mask back that CPUs going away have left too small. Context: the tick, no
 * lock held.
 * Return: whether somebody has.
 */
bool dam_affinity_foreign(u32 i);

/**
 * dam_affinity_touched() - somebody sets the mask of the thread in slot @i
 * @i: slot
 * @begin: the call begins
 * @mask: what is asked for, or NULL
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
 * @buf: to write to
 * @size: of @buf
 *
 * Return: characters written, without the terminator.
 */
int dam_affinity_text(u32 i, const struct task_struct *p, bool origin,
		      char *buf, size_t size);

#endif

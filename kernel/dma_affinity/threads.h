/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of threads that do DMA. Only the tick adds and removes; dam_lock
 * protects it all but the index from task to slot, which probes read.
 */
#ifndef DAM_THREADS_H
#define DAM_THREADS_H

#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/math.h>
#include <linux/types.h>

#include "policy/policy.h"

struct task_struct;

/*
 * enum dam_thread_state - the column "state" of the table
 */
enum dam_thread_state {
	DAM_THREAD_FREE,	/* its own mask, may be moved */
	DAM_THREAD_NARROWED,	/* its mask is narrowed */
	DAM_THREAD_COOLING,	/* moved or given back a short while ago */
	DAM_THREAD_HOLDOFF,	/* somebody else set its mask */
	DAM_THREAD_OPTOUT,	/* somebody said that it is never to be moved */
	DAM_THREAD_PINNED,	/* may not be moved */
	DAM_THREAD_BOUND,	/* its demand stays where it is */
	DAM_THREAD_STATES,
};

extern const char * const dam_thread_state_names[DAM_THREAD_STATES];

/**
 * enum dam_attend - what a thread needs when the tick ends
 * @DAM_ATTEND_NOT: nothing
 * @DAM_ATTEND_MASK: its own mask
 * @DAM_ATTEND_LEAVE: that, and to leave the table: it is gone or idle
 */
enum dam_attend {
	DAM_ATTEND_NOT,
	DAM_ATTEND_MASK,
	DAM_ATTEND_LEAVE,
};

/**
 * struct dam_thread - one thread, beside what the policy sees of it
 * @task: NULL: the slot is free; else a reference is held
 * @bytes: submitted since it is in the table
 * @tick_bytes: submitted in this tick
 * @lead: by how much @leader is ahead of the other engines in this tick
 * @tick_ops: submissions in this tick
 * @last: dam_stamp() of its last submission's fold
 * @holdoff: dam_stamp() until which it is left alone, 0 none
 * @runtime: CPU time seen last, in 2^10 ns, wraps
 * @migrations: how often the scheduler moved it to another node
 * @kinds: bits of enum dam_kind and DAM_VIA_*
 * @tid: of which @opted_out is
 * @leader: id of the engine that most was submitted to in this tick
 * @assumed: ticks for which its engine is where it was sent, not yet seen
 * @state: for the table
 * @lost: the engine it was moved to has gone
 * @looked: it was looked at since it came, or asked for another kind
 * @opted_out: it is never to be moved
 * @attend: it has to be seen to when the tick ends
 * @demand: estimator's memory
 * @forecast: forecaster's memory
 */
struct dam_thread {
	struct task_struct *task;
	u64 bytes;
	u64 tick_bytes;
	u64 lead;
	u32 tick_ops;
	u32 last;
	u32 holdoff;
	u32 runtime;
	u32 migrations;
	u32 kinds;
	s32 tid;
	u16 leader;
	u8 assumed;
	u8 state;
	bool lost;
	bool looked;
	bool opted_out;
	u8 attend;
	struct dam_demand demand;
	struct dam_forecast forecast;
};

/* For threads.c and what is inline below. */
extern struct dam_thread *dam_thread_table;
extern struct dam_thread_view *dam_thread_views;
extern unsigned long *dam_threads_used;
extern u32 dam_threads_end;

/**
 * dam_threads_init() - allocate the table
 * @max: threads, 64 .. 1048576
 * Return: 0 or -ENOMEM.
 */
int dam_threads_init(u32 max);
void dam_threads_exit(void);

/** dam_threads_limit() - one above the highest slot ever used since empty */
static inline u32 dam_threads_limit(void)
{
	return READ_ONCE(dam_threads_end);
}

/** dam_thread_at() - the slot, its task may be NULL; dam_lock held */
static inline struct dam_thread *dam_thread_at(u32 i)
{
	return &dam_thread_table[i];
}

/**
 * dam_thread_view() - what the policy sees of a thread
 * @i: its slot
 *
 * Its engine is an engine's id. Context: dam_lock held.
 * Return: the view.
 */
static inline struct dam_thread_view *dam_thread_view(u32 i)
{
	return &dam_thread_views[i];
}

/** dam_thread_index() - the slot of a thread */
static inline u32 dam_thread_index(const struct dam_thread *t)
{
	return t - dam_thread_table;
}

/**
 * dam_thread_next() - the first slot in use from @i on
 * @i: a slot
 *
 * Context: dam_lock held, or the tick.
 * Return: the slot; dam_threads_limit() or more if there is none.
 */
static inline u32 dam_thread_next(u32 i)
{
	u32 end = dam_threads_limit();
	unsigned long word;

	while (i < end) {
		word = READ_ONCE(dam_threads_used[i / BITS_PER_LONG]) >>
		       (i % BITS_PER_LONG);
		if (word)
			return i + __ffs(word);
		i = round_down(i, BITS_PER_LONG) + BITS_PER_LONG;
	}
	return end;
}

/* Time as struct dam_thread keeps it: in 34 ms, for two years ahead and back. */
static inline u32 dam_stamp(u64 now_ns)
{
	return now_ns >> 25;
}

/** dam_thread_kinds() - bits of enum dam_kind and DAM_VIA_*; dam_lock held */
static inline u32 dam_thread_kinds(u32 i)
{
	return dam_thread_table[i].kinds;
}

/**
 * dam_thread_restart() - forget what was learned of a thread's load
 * @t: the thread
 *
 * Context: process, dam_lock held.
 */
void dam_thread_restart(struct dam_thread *t);

/**
 * dam_thread_hold_off() - leave a thread alone for that long at least
 * @t: the thread
 * @now_ns: from when on
 * @ns: how long, 0 not at all
 */
void dam_thread_hold_off(struct dam_thread *t, u64 now_ns, u64 ns);

/** dam_thread_held_off() - is it to be left alone; forgets it when it is over */
static inline bool dam_thread_held_off(struct dam_thread *t, u64 now_ns)
{
	if (likely(!t->holdoff))
		return false;
	if ((s32)(t->holdoff - dam_stamp(now_ns)) > 0)
		return true;
	t->holdoff = 0;
	return false;
}

/** dam_threads_generation() - changes with every slot taken or freed */
u64 dam_threads_generation(void);

/**
 * dam_thread_lookup() - the slot of a task
 * @task: an address
 *
 * Context: any; what it returns may be out of date at once.
 * Return: the index, or -1.
 */
int dam_thread_lookup(const struct task_struct *task);

/**
 * dam_thread_adopt() - take a thread into the table
 * @task: not in it; a reference is held by the caller
 * @now_ns: time of the tick
 *
 * Context: dam_lock held.
 * Return: the thread, NULL if the table is full or the thread is exiting.
 */
struct dam_thread *dam_thread_adopt(struct task_struct *task, u64 now_ns);

/**
 * dam_thread_release() - free the slot; its mask is its own again
 * @t: the thread
 *
 * Context: process, dam_lock held.
 */
void dam_thread_release(struct dam_thread *t);

/** dam_thread_migrated() - a hook saw it change nodes; any context */
void dam_thread_migrated(int index);

/** dam_threads_forget_engine() - an engine goes away; dam_lock held */
void dam_threads_forget_engine(u16 engine);

#endif

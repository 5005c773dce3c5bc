/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of threads that do DMA. Only the tick adds and removes; dam_lock
 * protects it all but the index from task to slot, which probes read.
 */
#ifndef DAM_THREADS_H
#define DAM_THREADS_H

#include <linux/types.h>

#include "policy/policy.h"
#include "charge.h"

struct task_struct;

/*
 * enum dam_thread_state - the column "state" of the table
 */
enum dam_thread_state {
	DAM_THREAD_FREE,	/* its own mask, may be moved */
	DAM_THREAD_NARROWED,	/* its mask is narrowed */
	DAM_THREAD_COOLING,	/* moved or given back a short while ago */
	DAM_THREAD_HOLDOFF,	/* somebody else set its mask */
	DAM_THREAD_PINNED,	/* may not be moved */
	DAM_THREAD_BOUND,	/* its demand stays where it is */
	DAM_THREAD_STATES,
};

extern const char * const dam_thread_state_names[DAM_THREAD_STATES];

#define DAM_SHARES 4

/**
 * struct dam_thread - one thread
 * @task: NULL: the slot is free; else a reference is held
 * @tid: as init's namespace sees it
 * @start_ns: when it was born, CLOCK_BOOTTIME
 * @last_ns: its last submission was folded at
 * @engine: id of the engine that serves most of it
 * @assumed: ticks for which @engine is where it was sent, not yet seen
 * @kinds: bits of enum dam_kind and DAM_VIA_*
 * @share: what it gave each engine in this tick
 * @shares: how many are in use
 * @bytes: submitted since it is in the table
 * @tick_bytes: submitted in this tick
 * @tick_ops: submissions in this tick
 * @op_bytes: mean bytes of its operations
 * @demand: estimator's memory
 * @forecast: forecaster's memory
 * @memory: what its moves taught
 * @now_bps: demand now
 * @pred_bps: demand at the horizon
 * @outstanding: bytes in flight, mean
 * @runtime_ns: CPU time seen last
 * @cpu_q16: share of one CPU it takes
 * @migrations: how often the scheduler moved it to another node
 * @state: for the table
 * @lost: the engine it was moved to has gone
 * @holdoff_ns: leave it alone until then
 * @outcome_ns: when its last move is judged, 0 none open
 * @outcome_from: where it came from
 * @outcome_promised: what was promised
 * @outcome_id: its record in the history
 */
struct dam_thread {
	struct task_struct *task;
	pid_t tid;
	u64 start_ns;
	u64 last_ns;
	u16 engine;
	u8 assumed;
	u8 shares;
	u8 state;
	bool lost;
	u32 kinds;
	struct {
		u64 bytes;
		u32 ops;
		u16 engine;
	} share[DAM_SHARES];
	u64 bytes;
	u64 tick_bytes;
	u32 tick_ops;
	u32 op_bytes;
	struct dam_demand demand;
	struct dam_forecast forecast;
	struct dam_memory memory;
	u64 now_bps;
	u64 pred_bps;
	u64 outstanding;
	u64 runtime_ns;
	u32 cpu_q16;
	u32 migrations;
	u64 holdoff_ns;
	u64 outcome_ns;
	s32 outcome_promised;
	u16 outcome_from;
	u64 outcome_id;
};

/**
 * dam_threads_init() - allocate the table
 * @max: threads, 64 .. 1048576
 * Return: 0 or -ENOMEM.
 */
int dam_threads_init(u32 max);
void dam_threads_exit(void);

/** dam_threads_max() - the size of the table */
u32 dam_threads_max(void);

/** dam_threads_limit() - one above the highest slot ever used since empty */
u32 dam_threads_limit(void);

/** dam_thread_at() - the slot, its task may be NULL; dam_lock held */
struct dam_thread *dam_thread_at(u32 i);

/** dam_thread_index() - the slot of a thread */
u32 dam_thread_index(const struct dam_thread *t);

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
 * dam_thread_charge() - record a fold, adding the thread if need be
 * @c: what was folded
 * @now_ns: time of the tick
 *
 * Context: dam_lock held.
 * Return: the thread, NULL if the table is full
 * (counted) or the thread is exiting.
 */
struct dam_thread *dam_thread_charge(const struct dam_charged *c, u64 now_ns);

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

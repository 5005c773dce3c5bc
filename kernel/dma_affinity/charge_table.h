/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Each CPU has a table of slots, one a submitter and channel. A slot's counters
 * are written under its channel's lock, and only grow; the tick reads them
 * without, and keeps what it saw last beside them.
 *
 * A slot holds a reference to its task, taken by the probe (the task is
 * current, so it is alive) and put by the tick. A slot is found, claimed for
 * and taken from a channel under that channel's lock alone, so whoever has found
 * one keeps it as long as the lock. Two interrupts of one CPU may claim for
 * different channels: the key decides.
 *
 * Shared between charge.c, whose probes write, and fold.c; nothing else includes
 * it.
 */
#ifndef DAM_CHARGE_TABLE_H
#define DAM_CHARGE_TABLE_H

#include <linux/bitops.h>
#include <linux/types.h>

#include "hal/channel.h"
#include "hal/engine.h"

#define DAM_SLOT_BITS	10
#define DAM_SLOTS	BIT(DAM_SLOT_BITS)

struct task_struct;

/**
 * struct dam_slot - one submitter on one channel, by way of one CPU at least
 * @key: a task (with a reference), a bucket, or NULL: free
 * @ch: the channel; set after @key, NULL until then
 * @count: charged
 * @kinds: bits of enum dam_kind and DAM_VIA_*
 */
struct dam_slot {
	struct task_struct *key;
	struct dam_channel *ch;
	struct dam_count count;
	u32 kinds;
};

/**
 * struct dam_shadow - the tick's side of a slot, dam_lock
 * @bytes: seen last
 * @ops: seen last
 * @idle: folds without news
 * @thread: where its task was in the table of threads, if it was
 */
struct dam_shadow {
	u64 bytes;
	u32 ops;
	u32 idle : 8;
	u32 thread : 24;
};

/**
 * struct dam_table - of one CPU
 * @used: bit per slot that has a channel
 * @dropped: submissions for which there was no slot or channel
 * @dropped_seen: of these, already counted; dam_lock
 * @slot: found by hash
 * @shadow: of each slot
 */
struct dam_table {
	unsigned long used[BITS_TO_LONGS(DAM_SLOTS)];
	unsigned long dropped;
	unsigned long dropped_seen;
	struct dam_slot slot[DAM_SLOTS];
	struct dam_shadow shadow[DAM_SLOTS];
};

/* By CPU, NULL where none is possible. */
extern struct dam_table **dam_tables;

static inline bool dam_key_is_task(const struct task_struct *key)
{
	return (unsigned long)key > DAM_BUCKETS;
}

/**
 * dam_slot_free() - forget a slot
 * @t: its table
 * @i: which; whoever could find it is locked out, or gone
 *
 * Context: dam_lock held.
 * Return: a task to be put, or NULL.
 */
struct task_struct *dam_slot_free(struct dam_table *t, u32 i);

#endif

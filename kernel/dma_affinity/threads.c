// SPDX-License-Identifier: GPL-2.0
#include <linux/bitmap.h>
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "hal/engine.h"
#include "hal/routes.h"
#include "affinity.h"
#include "moved.h"
#include "optout.h"
#include "threads.h"
#include "dam.h"
#include "trace.h"

const char * const dam_thread_state_names[DAM_THREAD_STATES] = {
	[DAM_THREAD_FREE] = "free",
	[DAM_THREAD_NARROWED] = "narrowed",
	[DAM_THREAD_COOLING] = "cooling",
	[DAM_THREAD_HOLDOFF] = "holdoff",
	[DAM_THREAD_OPTOUT] = "optout",
	[DAM_THREAD_PINNED] = "pinned",
	[DAM_THREAD_BOUND] = "bound",
};

/*
 * The index from task to slot: open addressing; an entry is a slot plus one.
 * The tick writes it under dam_lock, probes read it with no protection: they
 * compare addresses only. A reader may miss an entry while the index is
 * rebuilt.
 */
#define ENTRY_NONE	0U
#define ENTRY_GONE	U32_MAX

struct dam_thread *dam_thread_table;
struct dam_thread_view *dam_thread_views;
unsigned long *dam_threads_used;
u32 dam_threads_end;

static u32 *index;
static u32 index_bits, index_gone;
/* No slot below @free_from is free. */
static u32 threads_max, threads_count, free_from;
static u64 generation;

static u32 index_home(const struct task_struct *task)
{
	return hash_ptr(task, index_bits);
}

static void index_add(const struct task_struct *task, u32 slot)
{
	u32 mask = BIT(index_bits) - 1, at = index_home(task);

	while (index[at] != ENTRY_NONE && index[at] != ENTRY_GONE)
		at = (at + 1) & mask;
	if (index[at] == ENTRY_GONE)
		index_gone--;
	/* Pairs with dam_thread_lookup(): the slot has its task. */
	smp_store_release(&index[at], slot + 1);
}

int dam_thread_lookup(const struct task_struct *task)
{
	u32 mask = BIT(index_bits) - 1, at = index_home(task), i, entry;

	for (i = 0; i <= mask; i++, at = (at + 1) & mask) {
		/* Pairs with index_add(). */
		entry = smp_load_acquire(&index[at]);
		if (entry == ENTRY_NONE)
			return -1;
		if (entry != ENTRY_GONE &&
		    READ_ONCE(dam_thread_table[entry - 1].task) == task)
			return entry - 1;
	}
	return -1;
}

static void index_rebuild(void)
{
	u32 i;

	memset(index, 0, sizeof(*index) << index_bits);
	index_gone = 0;
	for (i = dam_thread_next(0); i < dam_threads_limit();
	     i = dam_thread_next(i + 1))
		index_add(dam_thread_table[i].task, i);
}

static void index_del(const struct task_struct *task, u32 slot)
{
	u32 mask = BIT(index_bits) - 1, at = index_home(task);

	while (index[at] != slot + 1)
		at = (at + 1) & mask;
	WRITE_ONCE(index[at], ENTRY_GONE);
	if (++index_gone > BIT(index_bits) / 4)
		index_rebuild();
}

u64 dam_threads_generation(void)
{
	return READ_ONCE(generation);
}

/* Return: a free slot, or @threads_max. */
static u32 slot_take(void)
{
	u32 slot = find_next_zero_bit(dam_threads_used, threads_max, free_from);

	free_from = slot;
	if (slot == threads_max)
		return slot;
	free_from++;
	threads_count++;
	if (slot >= dam_threads_end)
		WRITE_ONCE(dam_threads_end, slot + 1);
	return slot;
}

struct dam_thread *dam_thread_adopt(struct task_struct *task, u64 now_ns)
{
	struct dam_thread *t;
	u32 slot;

	lockdep_assert_held(&dam_lock);
	if (READ_ONCE(task->flags) & PF_EXITING)
		return NULL;
	slot = slot_take();
	if (slot == threads_max)
		return NULL;
	t = &dam_thread_table[slot];
	memset(t, 0, sizeof(*t));
	t->leader = DAM_NO_ID;
	t->last = dam_stamp(now_ns);
	t->runtime = task->se.sum_exec_runtime >> 10;
	dam_thread_views[slot] = (struct dam_thread_view) {
		.engine = DAM_NO_ID,
	};
	dam_affinity_adopt(slot);
	WRITE_ONCE(t->task, get_task_struct(task));
	dam_optout_look(t);
	__set_bit(slot, dam_threads_used);
	index_add(task, slot);
	WRITE_ONCE(generation, generation + 1);
	trace_thread_adopt(task->pid, task->comm, slot);
	return t;
}

static void slot_free(u32 slot)
{
	struct dam_thread *t = &dam_thread_table[slot];
	struct task_struct *task = t->task;

	trace_thread_release(task->pid, slot);
	/* Not there any more when the index is rebuilt. */
	__clear_bit(slot, dam_threads_used);
	index_del(task, slot);
	WRITE_ONCE(t->task, NULL);
	/* a trial of its is over, and no engine's threads are looked for in it */
	dam_thread_views[slot].engine = DAM_NO_ID;
	put_task_struct(task);
	free_from = min(free_from, slot);
	WRITE_ONCE(generation, generation + 1);
	if (!--threads_count)
		WRITE_ONCE(dam_threads_end, 0);
}

void dam_thread_release(struct dam_thread *t)
{
	u32 slot = dam_thread_index(t);

	lockdep_assert_held(&dam_lock);
	dam_moved_drop(slot);
	slot_free(slot);
}

void dam_thread_restart(struct dam_thread *t)
{
	lockdep_assert_held(&dam_lock);
	memset(&t->demand, 0, sizeof(t->demand));
	memset(&t->forecast, 0, sizeof(t->forecast));
	dam_thread_view(dam_thread_index(t))->ahead = 0;
	dam_thread_view(dam_thread_index(t))->arriving = false;
	t->looked = false;
}

void dam_thread_hold_off(struct dam_thread *t, u64 now_ns, u64 ns)
{
	u32 until = dam_stamp(now_ns + ns) + 1;

	if (ns)
		t->holdoff = until ?: 1;
}

void dam_thread_migrated(int slot)
{
	struct dam_thread *t = &dam_thread_table[slot];

	WRITE_ONCE(t->migrations, t->migrations + 1);
}

void dam_threads_forget_engine(u16 engine)
{
	struct dam_thread *t;
	u32 i;

	lockdep_assert_held(&dam_lock);
	for (i = dam_thread_next(0); i < dam_threads_limit();
	     i = dam_thread_next(i + 1)) {
		t = &dam_thread_table[i];
		if (t->leader == engine)
			t->leader = DAM_NO_ID;
		if (dam_thread_views[i].engine != engine)
			continue;
		dam_thread_views[i].engine = DAM_NO_ID;
		WRITE_ONCE(t->lost, true);
		t->leader = DAM_NO_ID;
		t->kinds &= DAM_KINDS_MASK;
	}
}

int dam_threads_init(u32 max)
{
	size_t used = BITS_TO_LONGS(max) * sizeof(long);

	threads_max = max;
	index_bits = order_base_2(max) + 1;
	dam_thread_table = vzalloc(array_size(max, sizeof(*dam_thread_table)));
	dam_thread_views = vzalloc(array_size(max, sizeof(*dam_thread_views)));
	dam_threads_used = vzalloc(used);
	index = vzalloc(sizeof(*index) << index_bits);
	if (!dam_thread_table || !dam_thread_views || !dam_threads_used ||
	    !index) {
		dam_threads_exit();
		return -ENOMEM;
	}
	dam_memory_add(array_size(max, sizeof(*dam_thread_table) +
				  sizeof(*dam_thread_views)) + used +
		       (sizeof(*index) << index_bits));
	return 0;
}

void dam_threads_exit(void)
{
	u32 i;

	mutex_lock(&dam_lock);
	if (dam_threads_used)
		for (i = dam_thread_next(0); i < dam_threads_limit();
		     i = dam_thread_next(i + 1))
			slot_free(i);
	mutex_unlock(&dam_lock);
	vfree(dam_thread_table);
	vfree(dam_thread_views);
	vfree(dam_threads_used);
	vfree(index);
}

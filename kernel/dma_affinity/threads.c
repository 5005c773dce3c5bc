// SPDX-License-Identifier: GPL-2.0
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "hal/engine.h"
#include "hal/routes.h"
#include "affinity.h"
#include "threads.h"
#include "dam.h"
#include "trace.h"

const char * const dam_thread_state_names[DAM_THREAD_STATES] = {
	[DAM_THREAD_FREE] = "free",
	[DAM_THREAD_NARROWED] = "narrowed",
	[DAM_THREAD_COOLING] = "cooling",
	[DAM_THREAD_HOLDOFF] = "holdoff",
	[DAM_THREAD_PINNED] = "pinned",
	[DAM_THREAD_BOUND] = "bound",
};

/*
 * The index from task to slot: open addressing. The tick writes it under
 * dam_lock, probes read it with no protection: they compare addresses only.
 * A reader may miss an entry while the index is rebuilt.
 */
struct index_entry {
	const struct task_struct *task;
	u32 slot;
};

#define ENTRY_GONE	((const struct task_struct *)1UL)

static struct dam_thread *threads;
static u32 *free_slots;
static struct index_entry *index;
static u32 threads_max, threads_limit, free_count;
static u32 index_bits, index_gone;
static u64 generation;

static u32 index_home(const struct task_struct *task)
{
	return hash_ptr(task, index_bits);
}

static void index_add(const struct task_struct *task, u32 slot)
{
	u32 mask = BIT(index_bits) - 1, at = index_home(task);

	while (index[at].task && index[at].task != ENTRY_GONE)
		at = (at + 1) & mask;
	if (index[at].task == ENTRY_GONE)
		index_gone--;
	index[at].slot = slot;
	/* Pairs with index_find(): the slot is there when the task is. */
	smp_store_release(&index[at].task, task);
}

static int index_find(const struct task_struct *task)
{
	u32 mask = BIT(index_bits) - 1, at = index_home(task), i;
	const struct task_struct *there;

	for (i = 0; i <= mask; i++, at = (at + 1) & mask) {
		/* Pairs with index_add(). */
		there = smp_load_acquire(&index[at].task);
		if (there == task)
			return at;
		if (!there)
			return -1;
	}
	return -1;
}

static void index_rebuild(void)
{
	u32 i;

	memset(index, 0, sizeof(*index) << index_bits);
	index_gone = 0;
	for (i = 0; i < threads_limit; i++)
		if (threads[i].task)
			index_add(threads[i].task, i);
}

static void index_del(const struct task_struct *task)
{
	int at = index_find(task);

	if (at >= 0) {
		WRITE_ONCE(index[at].task, ENTRY_GONE);
		index_gone++;
	}
	if (index_gone > BIT(index_bits) / 4)
		index_rebuild();
}

int dam_thread_lookup(const struct task_struct *task)
{
	int at = index_find(task);

	return at < 0 ? -1 : READ_ONCE(index[at].slot);
}

u32 dam_threads_max(void)
{
	return threads_max;
}

u32 dam_threads_limit(void)
{
	return READ_ONCE(threads_limit);
}

struct dam_thread *dam_thread_at(u32 i)
{
	return &threads[i];
}

u32 dam_thread_index(const struct dam_thread *t)
{
	return t - threads;
}

u64 dam_threads_generation(void)
{
	return READ_ONCE(generation);
}

static struct dam_thread *thread_adopt(struct task_struct *task, u64 now_ns)
{
	struct dam_thread *t;
	u32 slot;

	if (free_count) {
		slot = free_slots[--free_count];
	} else if (threads_limit < threads_max) {
		slot = threads_limit;
		WRITE_ONCE(threads_limit, threads_limit + 1);
	} else {
		return NULL;
	}
	t = &threads[slot];
	memset(t, 0, sizeof(*t));
	t->task = get_task_struct(task);
	t->tid = task->pid;
	t->start_ns = task->start_boottime;
	t->engine = DAM_NO_ID;
	t->last_ns = now_ns;
	t->runtime_ns = task->se.sum_exec_runtime;
	dam_affinity_adopt(slot);
	index_add(task, slot);
	WRITE_ONCE(generation, generation + 1);
	trace_thread_adopt(t->tid, task->comm);
	return t;
}

struct dam_thread *dam_thread_charge(const struct dam_charged *c, u64 now_ns)
{
	struct dam_thread *t;
	int slot;
	u8 i;

	lockdep_assert_held(&dam_lock);
	slot = dam_thread_lookup(c->task);
	if (slot >= 0) {
		t = &threads[slot];
	} else {
		if (READ_ONCE(c->task->flags) & PF_EXITING)
			return NULL;
		t = thread_adopt(c->task, now_ns);
		if (!t) {
			dam_drop(c->ops);
			return NULL;
		}
	}
	t->last_ns = now_ns;
	t->kinds |= c->kinds;
	t->bytes += c->bytes;
	t->tick_bytes += c->bytes;
	t->tick_ops += c->ops;
	for (i = 0; i < t->shares; i++)
		if (t->share[i].engine == c->engine)
			break;
	if (i == DAM_SHARES)
		return t;
	if (i == t->shares) {
		t->share[i].engine = c->engine;
		t->share[i].bytes = 0;
		t->share[i].ops = 0;
		t->shares++;
	}
	t->share[i].bytes += c->bytes;
	t->share[i].ops += c->ops;
	return t;
}

void dam_thread_release(struct dam_thread *t)
{
	struct task_struct *task = t->task;
	u32 slot = t - threads;

	lockdep_assert_held(&dam_lock);
	trace_thread_release(t->tid);
	/* Not there any more when the index is rebuilt. */
	t->task = NULL;
	index_del(task);
	put_task_struct(task);
	free_slots[free_count++] = slot;
	WRITE_ONCE(generation, generation + 1);
	if (free_count == threads_limit) {
		free_count = 0;
		WRITE_ONCE(threads_limit, 0);
	}
}

void dam_thread_migrated(int slot)
{
	WRITE_ONCE(threads[slot].migrations, threads[slot].migrations + 1);
}

void dam_threads_forget_engine(u16 engine)
{
	u32 i;

	lockdep_assert_held(&dam_lock);
	for (i = 0; i < threads_limit; i++) {
		if (threads[i].engine != engine)
			continue;
		threads[i].engine = DAM_NO_ID;
		threads[i].lost = true;
		threads[i].shares = 0;
		threads[i].kinds &= DAM_KINDS_MASK;
	}
}

int dam_threads_init(u32 max)
{
	threads_max = max;
	index_bits = order_base_2(max) + 1;
	threads = vzalloc(array_size(max, sizeof(*threads)));
	free_slots = vzalloc(array_size(max, sizeof(*free_slots)));
	index = vzalloc(sizeof(*index) << index_bits);
	if (!threads || !free_slots || !index) {
		dam_threads_exit();
		return -ENOMEM;
	}
	dam_memory_add(array_size(max, sizeof(*threads) +
				  sizeof(*free_slots)) +
		       (sizeof(*index) << index_bits));
	return 0;
}

void dam_threads_exit(void)
{
	u32 i;

	mutex_lock(&dam_lock);
	for (i = 0; threads && i < threads_limit; i++)
		if (threads[i].task)
			dam_thread_release(&threads[i]);
	mutex_unlock(&dam_lock);
	vfree(threads);
	vfree(free_slots);
	vfree(index);
	threads = NULL;
}

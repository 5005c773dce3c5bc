// SPDX-License-Identifier: GPL-2.0
/*
 * Each CPU has a table of slots, one a submitter and channel. Only that CPU
 * writes a slot's counters, and they only grow: what interrupts a probe uses
 * slots of its own (the key says irq, softirq or thread), so plain stores do.
 * The tick reads them from elsewhere and keeps what it saw last beside them.
 *
 * A slot holds a reference to its task, taken by the probe (the task is
 * current, so it is alive) and put by the tick. To free a slot the tick first
 * marks it dying, so that no probe enters, then waits for an RCU grace period
 * (probes run with preemption disabled), folds what came last, and clears it.
 */
#include <linux/hash.h>
#include <linux/irq_work.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/vmalloc.h>

#include "hal/channel.h"
#include "hal/routes.h"
#include "affinity.h"
#include "charge.h"
#include "dam.h"
#include "trace.h"

#define SLOTS		1024
#define SLOT_BITS	10
#define WINDOW		16	/* slots searched from a key's own place */
#define IDLE_FOLDS	100	/* folds without a submission until freed */

/* No task lives at these addresses. */
#define KEY_BUCKET(b)	((struct task_struct *)(unsigned long)((b) + 1))
#define KEY_DYING	((struct task_struct *)(unsigned long)(DAM_BUCKETS + 1))

/**
 * struct slot - one submitter on one channel, on one CPU
 * @key: a task (with a reference), a bucket, dying, or NULL: free
 * @ch: the channel; set after @key, NULL until then
 * @bytes: charged, only grows while the slot lives
 * @ops: likewise
 * @kinds: bits of enum dam_kind and DAM_VIA_*
 */
struct slot {
	struct task_struct *key;
	struct dam_channel *ch;
	u64 bytes;
	u32 ops;
	u32 kinds;
};

/**
 * struct shadow - the tick's side of a slot, dam_lock
 * @task: what @key was before it was dying
 * @bytes: seen last
 * @ops: seen last
 * @idle: folds without news
 */
struct shadow {
	struct task_struct *task;
	u64 bytes;
	u32 ops;
	u32 idle;
};

struct table {
	unsigned long used[BITS_TO_LONGS(SLOTS)];
	unsigned long dropped;
	unsigned long dropped_seen;
	struct slot slot[SLOTS];
	struct shadow shadow[SLOTS];
};

static struct table **tables;
static unsigned long dying_gp;
static bool dying;

static int asleep;
static struct irq_work wake_work;
static void (*wake_tick)(void);

static u32 slot_home(const void *key, const void *ch)
{
	return hash_long((unsigned long)key ^ ((unsigned long)ch >> 3),
			 SLOT_BITS);
}

static struct slot *slot_get(struct table *t, struct task_struct *key,
			     struct dam_channel *ch, enum dam_kind kind)
{
	u32 home = slot_home(key, ch), i;
	struct slot *s;

	for (i = 0; i < WINDOW; i++) {
		s = &t->slot[(home + i) % SLOTS];
		if (READ_ONCE(s->key) == key && s->ch == ch)
			return s;
	}
	for (i = 0; i < WINDOW; i++) {
		s = &t->slot[(home + i) % SLOTS];
		/* An interrupt may claim between the look and the claim. */
		if (READ_ONCE(s->key) || cmpxchg(&s->key, NULL, key))
			continue;
		if ((unsigned long)key > DAM_BUCKETS + 1)
			get_task_struct(key);
		s->kinds = ch->chan ? dam_routes_via(kind, ch->chan) : 0;
		/* Pairs with slot_fold(): the slot is clean when it has one. */
		smp_store_release(&s->ch, ch);
		set_bit((home + i) % SLOTS, t->used);
		return s;
	}
	return NULL;
}

static struct task_struct *submitter(void)
{
	unsigned long hard = hardirq_count();

	/* A kprobe by int3 looks like an NMI, which counts as one irq more. */
	if (in_nmi())
		hard -= HARDIRQ_OFFSET;
	if (hard)
		return KEY_BUCKET(DAM_BUCKET_IRQ);
	if (in_serving_softirq())
		return KEY_BUCKET(DAM_BUCKET_SOFTIRQ);
	if (current->flags & PF_EXITING)
		return KEY_BUCKET(DAM_BUCKET_EXITING);
	return current;
}

/* Either we see the tick asleep or its last fold sees what was charged. */
static void wake_for(const struct task_struct *key)
{
	smp_mb();
	if (unlikely(READ_ONCE(asleep)) && key == current &&
	    dam_task_may_move(current)) {
		/* Not from here: the caller may hold the runqueue's lock. */
		if (xchg(&asleep, 0))
			irq_work_queue(&wake_work);
	}
}

void dam_charge_submission(struct dma_chan *chan, enum dam_kind kind, size_t len)
{
	struct table *t = tables[raw_smp_processor_id()];
	struct task_struct *key = submitter();
	struct dam_channel *ch = dam_channel_find(chan);
	struct slot *s;

	if (unlikely(!ch))
		goto drop;
	s = slot_get(t, key, ch, kind);
	if (unlikely(!s))
		goto drop;
	WRITE_ONCE(s->bytes, s->bytes + len);
	WRITE_ONCE(s->ops, s->ops + 1);
	if (unlikely(!(s->kinds & BIT(kind))))
		WRITE_ONCE(s->kinds, s->kinds | BIT(kind));
	dam_channel_sample(ch, ktime_get_mono_fast_ns(), true);
	trace_dma_submit(ch->engine, chan, kind, len);
	goto wake;

drop:
	WRITE_ONCE(t->dropped, t->dropped + 1);
wake:
	wake_for(key);
}

void dam_charge_device(struct dam_channel *ch, size_t len)
{
	struct table *t = tables[raw_smp_processor_id()];
	struct task_struct *key = submitter();
	struct slot *s = slot_get(t, key, ch, DAM_KINDS);

	if (unlikely(!s)) {
		/* The tick makes room. */
		WRITE_ONCE(t->dropped, t->dropped + 1);
		wake_for(key);
		return;
	}
	WRITE_ONCE(s->bytes, s->bytes + len);
	WRITE_ONCE(s->ops, s->ops + 1);
	/* What is missed here because the tick goes to sleep comes again. */
	if (unlikely(READ_ONCE(asleep)) &&
	    s->bytes - READ_ONCE(t->shadow[s - t->slot].bytes) >=
	    DAM_QUIET_BYTES)
		wake_for(key);
}

static void slot_free(struct table *t, u32 i)
{
	struct slot *s = &t->slot[i];
	struct shadow *sh = &t->shadow[i];

	if ((unsigned long)sh->task > DAM_BUCKETS + 1)
		put_task_struct(sh->task);
	memset(sh, 0, sizeof(*sh));
	clear_bit(i, t->used);
	s->ch = NULL;
	s->bytes = 0;
	s->ops = 0;
	s->kinds = 0;
	/* Whoever claims it sees it clean. */
	smp_store_release(&s->key, NULL);
}

/* Report what is new in a slot. Return: whether there was anything. */
static bool slot_fold(struct table *t, u32 i,
		      void (*fn)(void *ctx, const struct dam_charged *c),
		      void *ctx)
{
	struct slot *s = &t->slot[i];
	struct shadow *sh = &t->shadow[i];
	struct dam_channel *ch = s->ch;
	struct dam_charged c = {};
	u64 bytes;
	u32 ops;

	ops = READ_ONCE(s->ops);
	bytes = READ_ONCE(s->bytes);
	/* The two may be seen in either order. */
	if (ops == sh->ops && bytes == sh->bytes)
		return false;
	/* A device has its engine soon after its first transfer. */
	if (!ch->engine)
		return false;
	c.engine = ch->engine->id;
	c.kinds = READ_ONCE(s->kinds);
	c.device = !ch->chan;
	c.bytes = bytes - sh->bytes;
	c.ops = ops - sh->ops;
	if ((unsigned long)sh->task > DAM_BUCKETS + 1)
		c.task = sh->task;
	sh->bytes = bytes;
	sh->ops = ops;
	if (fn)
		fn(ctx, &c);
	return true;
}

/* A submitter that will not come back. */
static bool is_gone(const struct task_struct *key)
{
	return (unsigned long)key > DAM_BUCKETS + 1 &&
	       (READ_ONCE(key->flags) & PF_EXITING);
}

static void table_fold(struct table *t, bool reap, bool mark, bool *marked,
		       void (*fn)(void *ctx, const struct dam_charged *c),
		       void *ctx)
{
	unsigned long dropped = READ_ONCE(t->dropped);
	u32 i;

	dam_drop(dropped - t->dropped_seen);
	t->dropped_seen = dropped;
	for_each_set_bit(i, t->used, SLOTS) {
		struct shadow *sh = &t->shadow[i];
		struct task_struct *key;

		/* Pairs with slot_get(): with a channel, the key is there too. */
		if (!smp_load_acquire(&t->slot[i].ch))
			continue;
		key = READ_ONCE(t->slot[i].key);

		if (key == KEY_DYING) {
			slot_fold(t, i, fn, ctx);
			if (reap)
				slot_free(t, i);
			continue;
		}
		sh->task = key;
		if (slot_fold(t, i, fn, ctx)) {
			sh->idle = 0;
			continue;
		}
		if ((++sh->idle >= IDLE_FOLDS || is_gone(key)) && mark) {
			WRITE_ONCE(t->slot[i].key, KEY_DYING);
			*marked = true;
		}
	}
}

void dam_charge_fold(void (*fn)(void *ctx, const struct dam_charged *c),
		     void *ctx)
{
	bool reap = dying && poll_state_synchronize_rcu(dying_gp);
	bool marked = false;
	int cpu;

	lockdep_assert_held(&dam_lock);
	/* One batch of dying slots at a time shares one grace period. */
	for_each_possible_cpu(cpu)
		table_fold(tables[cpu], reap, !dying, &marked, fn, ctx);
	if (reap)
		dying = false;
	if (marked) {
		dying_gp = start_poll_synchronize_rcu();
		dying = true;
	}
}

void dam_charge_forget(struct dam_channel *ch)
{
	int cpu;
	u32 i;

	lockdep_assert_held(&dam_lock);
	for_each_possible_cpu(cpu) {
		struct table *t = tables[cpu];

		for_each_set_bit(i, t->used, SLOTS) {
			if (t->slot[i].ch != ch)
				continue;
			if (t->slot[i].key != KEY_DYING)
				t->shadow[i].task = t->slot[i].key;
			slot_free(t, i);
		}
	}
}

void dam_charge_sleep(void)
{
	xchg(&asleep, 1);
}

void dam_charge_awake(void)
{
	WRITE_ONCE(asleep, 0);
}

static void on_wake(struct irq_work *work)
{
	wake_tick();
}

int dam_charge_init(void (*wake)(void))
{
	int cpu;

	BUILD_BUG_ON(BIT(SLOT_BITS) != SLOTS);
	wake_tick = wake;
	init_irq_work(&wake_work, on_wake);
	tables = kcalloc(nr_cpu_ids, sizeof(*tables), GFP_KERNEL);
	if (!tables)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		tables[cpu] = vzalloc_node(sizeof(*tables[cpu]),
					   cpu_to_node(cpu));
		if (!tables[cpu]) {
			dam_charge_exit();
			return -ENOMEM;
		}
		dam_memory_add(sizeof(struct table));
	}
	return 0;
}

void dam_charge_sync(void)
{
	irq_work_sync(&wake_work);
}

void dam_charge_exit(void)
{
	int cpu;
	u32 i;

	for_each_possible_cpu(cpu) {
		if (!tables[cpu])
			continue;
		for_each_set_bit(i, tables[cpu]->used, SLOTS) {
			if (tables[cpu]->slot[i].key != KEY_DYING)
				tables[cpu]->shadow[i].task =
					tables[cpu]->slot[i].key;
			slot_free(tables[cpu], i);
		}
		vfree(tables[cpu]);
	}
	kfree(tables);
	tables = NULL;
}

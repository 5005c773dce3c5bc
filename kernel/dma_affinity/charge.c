// SPDX-License-Identifier: GPL-2.0
/* The probes' side of the tables; see charge_table.h. */
#include <linux/hash.h>
#include <linux/irq_work.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/vmalloc.h>

#include "hal/channel.h"
#include "hal/routes.h"
#include "affinity.h"
#include "charge.h"
#include "compat.h"
#include "charge_table.h"
#include "dam.h"
#include "trace.h"

#define WINDOW		16	/* slots searched from a key's own place */
/* Of preempt_count(). */
#define NOT_IN_TASK	(NMI_MASK | HARDIRQ_MASK | SOFTIRQ_OFFSET)

/* No task lives at these addresses. */
#define KEY_BUCKET(b)	((struct task_struct *)(unsigned long)((b) + 1))

struct dam_table **dam_tables;

static int asleep;
static struct irq_work wake_work;
static void (*wake_tick)(void);

static u32 slot_home(const void *key, const void *ch)
{
	return hash_long((unsigned long)key ^ ((unsigned long)ch >> 3),
			 DAM_SLOT_BITS);
}

static struct dam_slot *slot_of(struct dam_count *count)
{
	return container_of(count, struct dam_slot, count);
}

/* Interrupts are off, @ch is locked. */
static noinline struct dam_slot *slot_get(struct dam_table *t,
					  struct task_struct *key,
					  struct dam_channel *ch,
					  enum dam_kind kind)
{
	u32 home = slot_home(key, ch), i;
	struct dam_slot *s;

	for (i = 0; i < WINDOW; i++) {
		s = &t->slot[(home + i) % DAM_SLOTS];
		if (READ_ONCE(s->key) == key && READ_ONCE(s->ch) == ch)
			return s;
	}
	for (i = 0; i < WINDOW; i++) {
		s = &t->slot[(home + i) % DAM_SLOTS];
		if (READ_ONCE(s->key) || cmpxchg(&s->key, NULL, key))
			continue;
		if (dam_key_is_task(key))
			get_task_struct(key);
		s->kinds = ch->chan ? dam_routes_via(kind, ch->chan) : 0;
		/* Pairs with slot_look(): the slot is clean when it has one. */
		smp_store_release(&s->ch, ch);
		set_bit((home + i) % DAM_SLOTS, t->used);
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

/* @ch: submitted to, which stays while we look; NULL unknown. */
static noinline void wake(const struct dam_channel *ch)
{
	if (!in_task() ||
	    !dam_task_may_leave(current, ch ? READ_ONCE(ch->engine) : NULL))
		return;
	/* Not from here: the caller may hold the runqueue's lock. */
	if (xchg(&asleep, 0))
		irq_work_queue(&wake_work);
}

static noinline void wake_for(const struct dma_chan *chan)
{
	unsigned long flags;

	local_irq_save(flags);
	wake(dam_channel_find(chan));
	local_irq_restore(flags);
}

static __always_inline void wake_if_asleep(const struct dma_chan *chan)
{
	/* Either we see it asleep or its last fold sees this charge. */
	smp_mb();
	if (unlikely(READ_ONCE(asleep)))
		wake_for(chan);
}

/* @desc: NULL where the result is not seen. */
static noinline void charge(struct dma_chan *chan, enum dam_kind kind, u64 len,
			    const void *desc)
{
	struct dam_channel *ch;
	struct dam_slot *s;
	struct dam_table *t;
	unsigned long flags;
	struct task_struct *key = submitter();
	u32 depth;

	local_irq_save(flags);
	t = dam_tables[raw_smp_processor_id()];
	ch = dam_channel_find(chan);
	if (unlikely(!ch))
		goto drop;
	dam_channel_lock(ch);
	s = ch->slot;
	if (unlikely(!s || s->key != key)) {
		s = slot_get(t, key, ch, kind);
		ch->slot = s;
		if (unlikely(!s)) {
			dam_channel_unlock(ch);
			goto drop;
		}
	}
	depth = dam_channel_sample(ch, len);
	if (desc)
		dam_preps_returned(&ch->preps, key, &s->count, desc, len);
	else
		dam_preps_push(&ch->preps, key, &s->count, kind, len, depth);
	if (unlikely(!(s->kinds & BIT(kind)))) {
		WRITE_ONCE(s->kinds, s->kinds | BIT(kind));
		WRITE_ONCE(ch->kinds, ch->kinds | BIT(kind));
	}
	if (unlikely(kind == DAM_KIND_CYCLIC))
		ch->cyclic = ch->preps.seen + 1;
	dam_channel_unlock(ch);
	trace_dma_submit(ch->engine, chan, kind, len);
	goto out;

drop:
	WRITE_ONCE(t->dropped, t->dropped + 1);
out:
	local_irq_restore(flags);
	wake_if_asleep(chan);
}

/*
 * What charge() does, for the thread that used the channel last and submitted
 * what it had prepared. It calls nothing, and so costs half.
 * @desc as of charge().
 *
 * Return: false if it is not so; nothing was done then.
 */
static __always_inline bool charge_fast(struct dma_chan *chan,
					enum dam_kind kind, u64 len,
					const void *desc)
{
	struct task_struct *key = current;
	struct dam_channel *ch;
	dma_cookie_t cookie, completed;
	unsigned long flags;
	u64 now;

	if (unlikely(trace_dma_submit_enabled() || dam_clock_is_slow() ||
		     (preempt_count() & NOT_IN_TASK)))
		return false;
	local_irq_save(flags);
	ch = dam_channel_find(chan);
	if (unlikely(!ch || test_and_set_bit_lock(0, &ch->lock)))
		goto not;
	/* As in dam_channel_sample(). */
	completed = smp_load_acquire(&chan->completed_cookie);
	cookie = READ_ONCE(chan->cookie);
	now = get_cycles();
	if (unlikely(ch->gone || kind == DAM_KIND_CYCLIC ||
		     !dam_preps_is_simple(&ch->preps, cookie, key) ||
		     !(slot_of(ch->preps.prep[0].count)->kinds & BIT(kind)) ||
		     !dam_load_is_simple(&ch->load, now, cookie, completed)))
		goto not_locked;
	dam_preps_again(&ch->preps, cookie, desc, desc ? 0 : kind, len,
			desc ? 0 : cookie - completed);
	dam_load_submit(&ch->load);
	dam_load_look(&ch->load, now, cookie, completed);
	ch->load.len = len;
	if (unlikely(dam_load_surprises(&ch->load, now, cookie - completed)))
		dam_load_correct(&ch->load, cookie - completed);
	dam_channel_unlock(ch);
	local_irq_restore(flags);
	return true;

not_locked:
	dam_channel_unlock(ch);
not:
	local_irq_restore(flags);
	return false;
}

void dam_charge_prep(struct dma_chan *chan, enum dam_kind kind, u64 len)
{
	if (charge_fast(chan, kind, len, NULL))
		wake_if_asleep(chan);
	else
		charge(chan, kind, len, NULL);
}

void notrace dam_charge_on_memcpy(unsigned long ip, unsigned long parent_ip,
				  struct ftrace_ops *ops,
				  struct ftrace_regs *fregs)
{
	struct dma_chan *chan = (struct dma_chan *)dam_ftrace_arg(fregs, 0);
	u64 len = dam_ftrace_arg(fregs, 3);

	if (charge_fast(chan, DAM_KIND_MEMCPY, len, NULL))
		wake_if_asleep(chan);
	else
		charge(chan, DAM_KIND_MEMCPY, len, NULL);
}

void dam_charge_device(struct dam_channel *ch, size_t len)
{
	struct dam_table *t;
	struct dam_slot *s;
	unsigned long flags;
	u64 unfolded = 0;

	local_irq_save(flags);
	t = dam_tables[raw_smp_processor_id()];
	dam_channel_lock(ch);
	s = slot_get(t, submitter(), ch, DAM_KINDS);
	if (likely(s)) {
		dam_count_add(&s->count, len, 1);
		unfolded = s->count.bytes -
			   READ_ONCE(t->shadow[s - t->slot].bytes);
	} else {
		/* The tick makes room. */
		WRITE_ONCE(t->dropped, t->dropped + 1);
		unfolded = DAM_QUIET_BYTES;
	}
	dam_channel_unlock(ch);
	local_irq_restore(flags);
	/* What is missed here because the tick goes to sleep comes again. */
	if (unlikely(READ_ONCE(asleep)) && unfolded >= DAM_QUIET_BYTES)
		wake(ch);
}

void dam_charge_returned(struct dma_chan *chan, enum dam_kind kind, u64 len,
			 const void *desc)
{
	if (charge_fast(chan, kind, len, desc))
		wake_if_asleep(chan);
	else
		charge(chan, kind, len, desc);
}

void dam_charge_terminate(struct dma_chan *chan)
{
	struct dam_channel *ch;
	unsigned long flags;

	local_irq_save(flags);
	ch = dam_channel_find(chan);
	if (ch) {
		dam_channel_lock(ch);
		dam_channel_terminate(ch);
		dam_channel_unlock(ch);
	}
	local_irq_restore(flags);
}

struct task_struct *dam_slot_free(struct dam_table *t, u32 i)
{
	struct task_struct *key = t->slot[i].key;
	struct dam_slot *s = &t->slot[i];

	memset(&t->shadow[i], 0, sizeof(t->shadow[i]));
	clear_bit(i, t->used);
	WRITE_ONCE(s->ch, NULL);
	memset(&s->count, 0, sizeof(s->count));
	s->kinds = 0;
	/* Whoever claims it sees it clean. */
	smp_store_release(&s->key, NULL);
	return dam_key_is_task(key) ? key : NULL;
}

static void slot_drop(struct dam_table *t, u32 i)
{
	struct task_struct *task = dam_slot_free(t, i);

	if (task)
		put_task_struct(task);
}

void dam_charge_forget(struct dam_channel *ch)
{
	int cpu;
	u32 i;

	lockdep_assert_held(&dam_lock);
	for_each_possible_cpu(cpu) {
		struct dam_table *t = dam_tables[cpu];

		for_each_set_bit(i, t->used, DAM_SLOTS) {
			if (t->slot[i].ch != ch)
				continue;
			slot_drop(t, i);
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

	wake_tick = wake;
	init_irq_work(&wake_work, on_wake);
	dam_tables = kcalloc(nr_cpu_ids, sizeof(*dam_tables), GFP_KERNEL);
	if (!dam_tables)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		dam_tables[cpu] = vzalloc_node(sizeof(*dam_tables[cpu]),
					       cpu_to_node(cpu));
		if (!dam_tables[cpu]) {
			dam_charge_exit();
			return -ENOMEM;
		}
		dam_memory_add(sizeof(struct dam_table));
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
		if (!dam_tables[cpu])
			continue;
		for_each_set_bit(i, dam_tables[cpu]->used, DAM_SLOTS)
			slot_drop(dam_tables[cpu], i);
		vfree(dam_tables[cpu]);
	}
	kfree(dam_tables);
	dam_tables = NULL;
}

// SPDX-License-Identifier: GPL-2.0
#include <linux/sched.h>
#include <linux/sched/task.h>

#include "hal/routes.h"
#include "affinity.h"
#include "charge.h"
#include "charge_table.h"
#include "dam.h"
#include "fold.h"
#include "threads.h"

#define IDLE_FOLDS	100	/* folds without a submission until freed */

/**
 * struct news - what is new in a slot
 * @ch: where
 * @engine: the channel's
 * @bytes: submitted
 * @ops: submissions
 * @kinds: bits of enum dam_kind and DAM_VIA_*
 */
struct news {
	struct dam_channel *ch;
	struct dam_engine *engine;
	u64 bytes;
	u32 ops;
	u32 kinds;
};

/* By a device itself, not by a dmaengine provider. */
static bool by_device(const struct news *n)
{
	return !n->ch->chan;
}

/* Return: its slot in the table of threads, -1 if it cannot have one. */
static noinline int find_thread(struct dam_shadow *sh, struct task_struct *task,
				u64 now_ns, u32 ops)
{
	int slot = dam_thread_lookup(task);
	struct dam_thread *t;

	if (slot < 0) {
		t = dam_thread_adopt(task, now_ns);
		if (t)
			slot = dam_thread_index(t);
		else if (!(READ_ONCE(task->flags) & PF_EXITING))
			dam_drop(ops);
	}
	if (slot >= 0)
		sh->thread = slot;
	return slot;
}

/*
 * Which engine most was submitted to, in one pass over them: what is ahead
 * of the others taken together stays ahead. Operations break ties: an interrupt
 * has no bytes.
 */
static __always_inline void follow_leader(struct dam_thread *t,
					  const struct news *n)
{
	u64 weight = (n->bytes << 16) + n->ops;
	u16 engine = n->engine->id;

	if (likely(engine == t->leader)) {
		t->lead += weight;
	} else if (weight > t->lead) {
		t->lead = weight - t->lead;
		t->leader = engine;
	} else {
		t->lead -= weight;
	}
}

/*
 * Providers are in the tables later than they are announced, and once there are
 * clients. Who came by a table has seen it since.
 */
static noinline void note_route(const struct news *n)
{
	if ((n->kinds & (DAM_VIA_KIND | DAM_VIA_ASYNC)) &&
	    !dam_routes_serves(n->engine, n->kinds))
		dam_routes_stale();
}

static __always_inline void charge_thread(struct dam_fold *f, int slot,
					  const struct news *n)
{
	struct dam_thread *t = dam_thread_at(slot);

	t->last = f->stamp;
	t->tick_bytes += n->bytes;
	t->tick_ops += n->ops;
	n->engine->thread_bytes += n->bytes;
	if (unlikely(n->kinds & ~t->kinds)) {
		note_route(n);
		t->kinds |= n->kinds;
		dam_thread_view(slot)->kinds = t->kinds & DAM_KINDS_MASK;
		t->looked = false;
	}
	follow_leader(t, n);
}

/* Devices moved enough for movable threads to be worth a tick. */
static bool is_loud(struct dam_fold *f, u64 bytes)
{
	if (f->now_ns - f->quiet_ns >= NSEC_PER_SEC) {
		f->quiet_ns = f->now_ns;
		f->quiet_bytes = 0;
	}
	f->quiet_bytes += bytes;
	return f->quiet_bytes >= DAM_QUIET_BYTES;
}

static __always_inline void note_movable(struct dam_fold *f, int slot,
					 const struct task_struct *task,
					 const struct news *n)
{
	/* Once a tick will do; what devices moved is added up. */
	if (f->movable_ns == f->now_ns && !by_device(n))
		return;
	if (!dam_task_may_leave(task, n->engine) &&
	    !(slot >= 0 && dam_affinity_narrowed(slot)))
		return;
	if (!by_device(n) || is_loud(f, n->bytes))
		f->movable_ns = f->now_ns;
}

/* Who wakes the tick did this before it: its own, but not of that tick. */
static void forget_tick(struct dam_thread *t)
{
	t->bytes += t->tick_bytes;
	t->tick_bytes = 0;
	t->tick_ops = 0;
	t->lead = 0;
}

static __always_inline void charge(struct dam_fold *f, struct dam_shadow *sh,
				   struct task_struct *task,
				   const struct news *n, bool asleep)
{
	int slot = sh->thread;

	if (asleep) {
		if ((by_device(n) && n->bytes < DAM_QUIET_BYTES) ||
		    !dam_task_may_leave(task, n->engine))
			return;
		f->movable_ns = f->now_ns;
	}
	/* Most were in the table before, in the same place. */
	if (unlikely(dam_thread_at(slot)->task != task))
		slot = find_thread(sh, task, f->now_ns, n->ops);
	if (likely(slot >= 0))
		charge_thread(f, slot, n);
	if (!asleep)
		note_movable(f, slot, task, n);
	else if (slot >= 0)
		forget_tick(dam_thread_at(slot));
}

/* Return: whether there was anything new. */
static __always_inline bool slot_fold(struct dam_fold *f, struct dam_table *t,
				      u32 i, bool asleep)
{
	struct dam_slot *s = &t->slot[i];
	struct dam_shadow *sh = &t->shadow[i];
	u64 bytes = READ_ONCE(s->count.bytes);
	u32 ops = READ_ONCE(s->count.ops);
	struct dam_channel *ch = s->ch;
	struct dam_engine *e;
	struct news n;
	u32 bucket;

	/* The two may be seen in either order. */
	if (ops == sh->ops && bytes == sh->bytes)
		return false;
	/* A device has its engine soon after its first transfer. */
	e = ch->engine;
	if (!e)
		return false;
	n = (struct news) {
		.ch = ch,
		.engine = e,
		.bytes = bytes - sh->bytes,
		.ops = ops - sh->ops,
		.kinds = READ_ONCE(s->kinds),
	};
	sh->bytes = bytes;
	sh->ops = ops;
	ch->bytes += n.bytes;
	ch->ops += n.ops;
	e->tick_bytes += n.bytes;
	e->tick_ops += n.ops;
	if (likely(dam_key_is_task(s->key))) {
		charge(f, sh, s->key, &n, asleep);
	} else {
		bucket = (unsigned long)s->key - 1;
		WRITE_ONCE(e->bucket_bytes[bucket],
			   e->bucket_bytes[bucket] + n.bytes);
	}
	return true;
}

/* A submitter that will not come back. */
static bool is_gone(const struct task_struct *key)
{
	return dam_key_is_task(key) && (READ_ONCE(key->flags) & PF_EXITING);
}

/* What it submitted last is reported first. */
static noinline void slot_reap(struct dam_fold *f, struct dam_table *t, u32 i,
			       bool asleep)
{
	struct dam_slot *s = &t->slot[i];
	struct dam_channel *ch = s->ch;
	struct task_struct *task = NULL;
	unsigned long flags;
	bool still = true;

	local_irq_save(flags);
	dam_channel_lock(ch);
	if (ch->chan) {
		dam_preps_settle(&ch->preps, READ_ONCE(ch->chan->cookie));
		/* It was idle, and submits just now, or is about to. */
		if (!is_gone(s->key) &&
		    (s->count.ops != t->shadow[i].ops ||
		     dam_preps_has(&ch->preps, &s->count)))
			goto out;
		dam_preps_forget(&ch->preps, &s->count);
	}
	if (s->count.ops == t->shadow[i].ops) {
		still = false;
		if (ch->slot == s)
			ch->slot = NULL;
		task = dam_slot_free(t, i);
	}
out:
	dam_channel_unlock(ch);
	local_irq_restore(flags);
	if (still)
		slot_fold(f, t, i, asleep);
	if (task)
		put_task_struct(task);
}

static __always_inline void slot_look(struct dam_fold *f, struct dam_table *t,
				      u32 i, bool asleep)
{
	struct dam_shadow *sh = &t->shadow[i];

	/* Pairs with slot_get(): with a channel, the key is there too. */
	if (!smp_load_acquire(&t->slot[i].ch))
		return;
	if (slot_fold(f, t, i, asleep))
		sh->idle = 0;
	else if (++sh->idle >= IDLE_FOLDS || is_gone(t->slot[i].key))
		slot_reap(f, t, i, asleep);
}

static __always_inline void fold_all(struct dam_fold *f, bool asleep)
{
	unsigned long word, dropped;
	struct dam_table *t;
	int cpu;
	u32 i;

	lockdep_assert_held(&dam_lock);
	for_each_possible_cpu(cpu) {
		t = dam_tables[cpu];
		dropped = READ_ONCE(t->dropped);
		dam_drop(dropped - t->dropped_seen);
		t->dropped_seen = dropped;
		for (i = 0; i < BITS_TO_LONGS(DAM_SLOTS); i++)
			for (word = READ_ONCE(t->used[i]); word; word &= word - 1)
				slot_look(f, t, i * BITS_PER_LONG + __ffs(word),
					  asleep);
	}
}

void dam_fold(struct dam_fold *f)
{
	f->stamp = dam_stamp(f->now_ns);
	fold_all(f, false);
}

bool dam_fold_asleep(u64 now_ns)
{
	struct dam_fold f = {
		.now_ns = now_ns,
		.stamp = dam_stamp(now_ns),
	};

	fold_all(&f, true);
	return f.movable_ns;
}

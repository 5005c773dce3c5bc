// SPDX-License-Identifier: GPL-2.0
/*
 * Two ways lead to a child. The fork tracepoint tells at once of those that
 * go through it; vhost's and io_uring's workers do not, and a mask is copied
 * early in fork(): a parent that got its own back meanwhile leaves a narrowed
 * child behind. So each second while masks are narrowed, and after all were
 * given back, every thread of a family is compared with the masks issued to
 * that family. A thread born before its family was first narrowed did not
 * inherit, it was given that mask by its user.
 */
#include <linux/bitmap.h>
#include <linux/delay.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "affinity.h"
#include "dam.h"
#include "lineage.h"
#include "threads.h"
#include "trace.h"

#define FAMILIES	1024
#define BORN		512
#define BATCH		32
#define SCAN_NS		(NSEC_PER_SEC / 2)
/* fork() in progress may still publish a child with the mask given back. */
#define LATE_MS		200
#define BLOOM		4096
#define ASKED		1024

/**
 * struct family - one mask issued to one process
 * @tgid: the process, 0 free
 * @first_ns: when it was first issued, CLOCK_BOOTTIME like start_boottime
 * @used_ns: when it was issued last
 */
struct family {
	pid_t tgid;
	u64 first_ns;
	u64 used_ns;
};

/* Families and their masks: family_lock. */
static DEFINE_MUTEX(family_lock);
static struct family *families;
static u32 families_used;
static void *family_masks;
static size_t mask_size;
/* Most threads belong to no family: one bit a tgid tells. */
static DECLARE_BITMAP(bloom, BLOOM);

/* One scan at a time; its scratch. */
static DEFINE_MUTEX(scan_lock);
static struct cpumask *scratch, *scratch2;
static struct delayed_work late_scan;

/* Children from the probe: claimed by index, published by the pointer. */
struct birth {
	struct task_struct *child;
	pid_t parent_tgid;
};

static struct birth born[BORN];
static atomic_t born_head = ATOMIC_INIT(0);
static u32 born_tail;
static bool rescan;
static u64 scanned_ns;

/*
 * Threads whose mask somebody asked for since the first was narrowed. Lossy:
 * a later one with the same hash takes the place. Written by probes.
 */
static struct {
	pid_t pid;
	u64 start_ns;
} asked[ASKED];

static struct cpumask *issued_of(u32 f)
{
	return family_masks + (size_t)f * 2 * mask_size;
}

static struct cpumask *origin_of(u32 f)
{
	return family_masks + ((size_t)f * 2 + 1) * mask_size;
}

void dam_lineage_add(struct task_struct *p, const struct cpumask *issued,
		     const struct cpumask *origin)
{
	u64 now = ktime_get_boottime_ns();
	u32 f, at = families_used;

	mutex_lock(&family_lock);
	for (f = 0; f < families_used; f++) {
		if (families[f].tgid == p->tgid &&
		    cpumask_equal(issued_of(f), issued) &&
		    cpumask_equal(origin_of(f), origin))
			goto found;
		if (!families[f].tgid)
			at = f;
	}
	if (at == FAMILIES) {
		/* The longest unused: its children had many scans by now. */
		for (f = at = 0; f < FAMILIES; f++)
			if (families[f].used_ns < families[at].used_ns)
				at = f;
	} else if (at == families_used) {
		families_used++;
	}
	f = at;
	families[f].tgid = p->tgid;
	families[f].first_ns = now;
	set_bit(p->tgid % BLOOM, bloom);
	cpumask_copy(issued_of(f), issued);
	cpumask_copy(origin_of(f), origin);
found:
	families[f].used_ns = now;
	mutex_unlock(&family_lock);
}

bool dam_lineage_any(void)
{
	return READ_ONCE(families_used);
}

void dam_lineage_asked(pid_t pid, u64 start_ns)
{
	WRITE_ONCE(asked[pid % ASKED].pid, pid);
	WRITE_ONCE(asked[pid % ASKED].start_ns, start_ns);
}

void dam_lineage_born(const struct task_struct *parent,
		      struct task_struct *child)
{
	u32 head, at;

	do {
		head = atomic_read(&born_head);
		if (head - READ_ONCE(born_tail) >= BORN) {
			WRITE_ONCE(rescan, true);
			return;
		}
	} while (atomic_cmpxchg(&born_head, head, head + 1) != head);
	at = head % BORN;
	born[at].parent_tgid = parent->tgid;
	/* Pairs with take_births(): the parent is there when the child is. */
	smp_store_release(&born[at].child, get_task_struct(child));
}

/*
 * Which family's mask the task has inherited, or -1. family_lock held; the
 * comparison is repeated by whoever sets the mask.
 */
static int inherited(const struct task_struct *p, pid_t parent_tgid)
{
	u32 f;

	if (!test_bit(p->tgid % BLOOM, bloom) &&
	    !test_bit(parent_tgid % BLOOM, bloom))
		return -1;
	/* A mask that was asked for in so many words is not inherited. */
	if (READ_ONCE(asked[p->pid % ASKED].pid) == p->pid &&
	    READ_ONCE(asked[p->pid % ASKED].start_ns) == p->start_boottime)
		return -1;
	for (f = 0; f < families_used; f++) {
		if (!families[f].tgid || (families[f].tgid != p->tgid &&
					  families[f].tgid != parent_tgid))
			continue;
		if (p->start_boottime >= families[f].first_ns &&
		    cpumask_equal(&p->cpus_mask, issued_of(f)))
			return f;
	}
	return -1;
}

/* Narrowed by us, or set by a user since: not inherited. */
static bool is_known(const struct task_struct *p)
{
	int slot = dam_thread_lookup(p);

	return slot >= 0 &&
	       (dam_affinity_narrowed(slot) ||
		READ_ONCE(dam_thread_at(slot)->state) == DAM_THREAD_HOLDOFF);
}

/* scan_lock held. */
static bool release_child(struct task_struct *p, pid_t parent_tgid)
{
	int f;

	if (is_known(p) || (READ_ONCE(p->flags) & PF_EXITING))
		return false;
	mutex_lock(&family_lock);
	f = inherited(p, parent_tgid);
	if (f >= 0) {
		cpumask_copy(scratch, origin_of(f));
		cpumask_copy(scratch2, issued_of(f));
	}
	mutex_unlock(&family_lock);
	if (f < 0)
		return false;
	/* Its own children may have inherited as well. */
	if (p->tgid != parent_tgid)
		dam_lineage_add(p, scratch2, scratch);
	set_cpus_allowed_ptr(p, scratch);
	return true;
}

/* scan_lock held. Return: whether there may be more. */
static bool scan_batch(void)
{
	struct task_struct *found[BATCH], *g, *p;
	pid_t parent[BATCH];
	u32 n = 0, i, done = 0;

	mutex_lock(&family_lock);
	rcu_read_lock();
	for_each_process_thread(g, p) {
		pid_t pp = rcu_dereference(p->real_parent)->tgid;

		if (n == BATCH)
			break;
		if ((p->flags & (PF_KTHREAD | PF_EXITING)) ||
		    inherited(p, pp) < 0 || is_known(p))
			continue;
		parent[n] = pp;
		found[n++] = get_task_struct(p);
	}
	rcu_read_unlock();
	mutex_unlock(&family_lock);
	for (i = 0; i < n; i++) {
		done += release_child(found[i], parent[i]);
		put_task_struct(found[i]);
	}
	return n == BATCH && done;
}

/* scan_lock held. */
static void scan(void)
{
	WRITE_ONCE(rescan, false);
	while (READ_ONCE(families_used) && scan_batch())
		cond_resched();
}

void dam_lineage_scan(void)
{
	mutex_lock(&scan_lock);
	scan();
	mutex_unlock(&scan_lock);
}

static void forget_families(void)
{
	mutex_lock(&family_lock);
	if (!dam_affinity_count()) {
		families_used = 0;
		bitmap_zero(bloom, BLOOM);
	}
	mutex_unlock(&family_lock);
}

static void on_late_scan(struct work_struct *work)
{
	dam_lineage_scan();
	forget_families();
}

void dam_lineage_settle(void)
{
	if (!READ_ONCE(families_used))
		return;
	/* The watchdog comes this way: it must not wait for a stalled scan. */
	if (mutex_trylock(&scan_lock)) {
		scan();
		mutex_unlock(&scan_lock);
	}
	queue_delayed_work(system_unbound_wq, &late_scan,
			   msecs_to_jiffies(LATE_MS));
}

static void take_births(void)
{
	struct task_struct *child;
	struct birth *b;

	mutex_lock(&scan_lock);
	while (born_tail != (u32)atomic_read(&born_head)) {
		b = &born[born_tail % BORN];
		/* Pairs with dam_lineage_born(). */
		child = smp_load_acquire(&b->child);
		if (!child)
			break;
		release_child(child, b->parent_tgid);
		put_task_struct(child);
		b->child = NULL;
		/* The place is free only once it is empty. */
		smp_store_release(&born_tail, born_tail + 1);
	}
	mutex_unlock(&scan_lock);
}

void dam_lineage_tick(u64 now_ns)
{
	take_births();
	if (!dam_affinity_count() && !READ_ONCE(rescan))
		return;
	if (now_ns - scanned_ns < SCAN_NS && !READ_ONCE(rescan))
		return;
	scanned_ns = now_ns;
	dam_lineage_scan();
}

int dam_lineage_init(void)
{
	mask_size = cpumask_size();
	families = vzalloc(array_size(FAMILIES, sizeof(*families)));
	family_masks = vzalloc(array_size(2 * FAMILIES + 2, mask_size));
	if (!families || !family_masks) {
		vfree(families);
		vfree(family_masks);
		return -ENOMEM;
	}
	scratch = issued_of(FAMILIES);
	scratch2 = origin_of(FAMILIES);
	INIT_DELAYED_WORK(&late_scan, on_late_scan);
	dam_memory_add(array_size(FAMILIES, sizeof(*families)) +
		       array_size(2 * FAMILIES + 2, mask_size));
	return 0;
}

void dam_lineage_exit(void)
{
	cancel_delayed_work_sync(&late_scan);
	take_births();
	if (families_used) {
		dam_lineage_scan();
		msleep(LATE_MS);
		dam_lineage_scan();
	}
	vfree(families);
	vfree(family_masks);
}

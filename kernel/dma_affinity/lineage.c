// SPDX-License-Identifier: GPL-2.0
/*
 * A family is a thread, a mask that was issued to it, and the mask its
 * children should have. The fork tracepoint tells of each child of a narrowed
 * thread, of each child of such a child that still waits for its mask, and of
 * each child whose mask is not its parent's: then the parent's was given back
 * while it forked. All wait in a ring for the tick, which gives them the
 * origin of the family whose issued mask they have. A child that somebody
 * sets a mask for meanwhile keeps that.
 *
 * vhost's workers are made without the tracepoint. They are looked for among
 * all threads, by process, twice a second. (io_uring's set their own mask.)
 */
#include <linux/delay.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "affinity.h"
#include "compat.h"
#include "dam.h"
#include "lineage.h"
#include "threads.h"

#define FAMILIES	1024
#define BORN		256
#define BATCH		32
#define SCANS_MAX	1024
#define SCAN_NS		(NSEC_PER_SEC / 2)
/* fork() of a huge process takes long, with the mask copied at its start. */
#define LATE_NS		(60 * NSEC_PER_SEC)
#define LATE_MS		200

/**
 * struct family - one mask issued to one thread
 * @pid: the thread
 * @tgid: its process
 * @first_ns: when it was first issued, CLOCK_BOOTTIME like start_boottime
 * @used_ns: when it was issued or inherited last
 */
struct family {
	pid_t pid;
	pid_t tgid;
	u64 first_ns;
	u64 used_ns;
};

/* Families and their masks: family_lock. */
static DEFINE_MUTEX(family_lock);
static struct family *families;
static u32 families_used;
static void *masks;
static size_t mask_size;

/* One consumer of births, one scan at a time; its scratch. */
static DEFINE_MUTEX(scan_lock);
static struct cpumask *scratch, *scratch2;
static struct delayed_work late;
static u64 scanned_ns;

/**
 * struct birth - a child that may have inherited
 * @child: set last; a reference is held
 * @parent: pid of who made it
 * @pending: calls that set its mask, under way
 * @asked: one of them ended well; its mask is mask_asked()
 */
struct birth {
	struct task_struct *child;
	pid_t parent;
	atomic_t pending;
	atomic_t asked;
};

/* A ring: probes claim at the head, the consumer frees at the tail. */
static struct birth born[BORN];
static atomic_t born_head = ATOMIC_INIT(0);
static u32 born_tail;
/* It was full: look at all threads of the families once. */
static bool rescan;

static struct cpumask *mask_issued(u32 f)
{
	return masks + (size_t)f * mask_size;
}

static struct cpumask *mask_origin(u32 f)
{
	return masks + (size_t)(FAMILIES + f) * mask_size;
}

static struct cpumask *mask_asked(u32 b)
{
	return masks + (size_t)(2 * FAMILIES + b) * mask_size;
}

bool dam_lineage_any(void)
{
	return READ_ONCE(families_used);
}

void dam_lineage_add(struct task_struct *p, const struct cpumask *issued,
		     const struct cpumask *origin)
{
	u64 now = ktime_get_boottime_ns();
	u32 f, at;

	mutex_lock(&family_lock);
	for (f = 0; f < families_used; f++)
		if (families[f].pid == p->pid && families[f].tgid == p->tgid &&
		    cpumask_equal(mask_issued(f), issued) &&
		    cpumask_equal(mask_origin(f), origin))
			goto found;
	at = families_used;
	if (at == FAMILIES) {
		/* The longest unused: its children have their masks by now. */
		for (f = at = 0; f < FAMILIES; f++)
			if (families[f].used_ns < families[at].used_ns)
				at = f;
	}
	f = at;
	families[f].pid = p->pid;
	families[f].tgid = p->tgid;
	families[f].first_ns = now;
	cpumask_copy(mask_issued(f), issued);
	cpumask_copy(mask_origin(f), origin);
	if (f == families_used)
		WRITE_ONCE(families_used, f + 1);
found:
	families[f].used_ns = now;
	mutex_unlock(&family_lock);
}

/* Its place in the ring, or NULL. Any context; compares addresses. */
static struct birth *birth_of(const struct task_struct *p)
{
	u32 at, head = atomic_read(&born_head);

	for (at = READ_ONCE(born_tail); at != head; at++)
		if (READ_ONCE(born[at % BORN].child) == p)
			return &born[at % BORN];
	return NULL;
}

void dam_lineage_fork(const struct task_struct *parent,
		      struct task_struct *child, bool narrowed)
{
	struct birth *b;
	u32 head;

	if (!narrowed &&
	    cpumask_equal(&parent->cpus_mask, &child->cpus_mask)) {
		b = birth_of(parent);
		if (!b || atomic_read(&b->asked))
			return;
	}
	do {
		head = atomic_read(&born_head);
		if (head - READ_ONCE(born_tail) >= BORN) {
			WRITE_ONCE(rescan, true);
			return;
		}
	} while (atomic_cmpxchg(&born_head, head, head + 1) != head);
	b = &born[head % BORN];
	b->parent = parent->pid;
	atomic_set(&b->pending, 0);
	atomic_set(&b->asked, 0);
	/* Pairs with take_births(): all is there when the child is. */
	smp_store_release(&b->child, get_task_struct(child));
}

void dam_lineage_touched(const struct task_struct *p, bool begin,
			 const struct cpumask *mask, bool done)
{
	struct birth *b = birth_of(p);

	if (!b)
		return;
	if (mask)
		cpumask_copy(mask_asked(b - born), mask);
	if (begin) {
		atomic_inc(&b->pending);
		/* Before their change: the consumer looks after its own. */
		smp_mb__after_atomic();
		return;
	}
	if (done)
		atomic_set(&b->asked, 1);
	/* Whoever sees nothing pending sees whether it was asked. */
	smp_mb__before_atomic();
	/* The call may have begun before the child was in the ring. */
	atomic_dec_if_positive(&b->pending);
}

/* scan_lock held. Return: its family's origin is in scratch. */
static bool find_family(const struct task_struct *p, pid_t parent)
{
	bool found = false;
	u32 f;

	mutex_lock(&family_lock);
	for (f = 0; f < families_used && !found; f++) {
		if (families[f].pid != parent ||
		    !cpumask_equal(&p->cpus_mask, mask_issued(f)))
			continue;
		cpumask_copy(scratch, mask_origin(f));
		cpumask_copy(scratch2, mask_issued(f));
		families[f].used_ns = ktime_get_boottime_ns();
		found = true;
	}
	mutex_unlock(&family_lock);
	return found;
}

/* scan_lock held. Return: false if it has to be tried again later. */
static bool release_child(struct birth *b, struct task_struct *child)
{
	if (READ_ONCE(child->flags) & PF_EXITING)
		return true;
	if (atomic_read(&b->pending))
		return false;
	if (atomic_read(&b->asked) || !find_family(child, b->parent))
		return true;
	/* A child of its own may be in the making, with this mask. */
	dam_lineage_add(child, scratch2, scratch);
	dam_affinity_set(child, scratch);
	if (atomic_read(&b->pending))
		return false;
	/* What somebody asked for meanwhile may have come before ours. */
	if (atomic_read(&b->asked))
		dam_affinity_set(child, mask_asked(b - born));
	return true;
}

/* scan_lock held. */
static void take_births(void)
{
	struct task_struct *child;
	struct birth *b;

	while (born_tail != (u32)atomic_read(&born_head)) {
		b = &born[born_tail % BORN];
		/* Pairs with dam_lineage_fork(). */
		child = smp_load_acquire(&b->child);
		if (!child || !release_child(b, child))
			break;
		WRITE_ONCE(b->child, NULL);
		put_task_struct(child);
		/* The place is free only once it is empty. */
		smp_store_release(&born_tail, born_tail + 1);
	}
}

/*
 * A thread that no tracepoint told of: it is one of the process that a family
 * belongs to, or its child; it was born since; it has the mask issued. Only
 * workers that are made behind the tracepoint's back, or all once the ring was
 * full. family_lock held. Return: the family, or -1.
 */
static int overlooked(const struct task_struct *p, pid_t parent, bool all)
{
	u32 f;

	if (p->flags & (PF_KTHREAD | PF_EXITING | PF_IO_WORKER |
			PF_NO_SETAFFINITY))
		return -1;
	if (!all && !(p->flags & PF_USER_WORKER))
		return -1;
	for (f = 0; f < families_used; f++) {
		if (families[f].tgid != p->tgid && families[f].pid != parent)
			continue;
		if (p->start_boottime < families[f].first_ns ||
		    !cpumask_equal(&p->cpus_mask, mask_issued(f)))
			continue;
		/* Asked for in so many words (kernels that keep the wish). */
		if (p->user_cpus_ptr &&
		    cpumask_subset(p->user_cpus_ptr, mask_issued(f)))
			continue;
		return f;
	}
	return -1;
}

static bool is_known(const struct task_struct *p)
{
	int slot = dam_thread_lookup(p);

	return slot >= 0 &&
	       (dam_affinity_narrowed(slot) ||
		READ_ONCE(dam_thread_at(slot)->holdoff));
}

/* scan_lock held. Return: there may be more. */
static bool scan_batch(bool all)
{
	struct task_struct *found[BATCH], *g, *p;
	u32 n = 0, i;
	int f;

	mutex_lock(&family_lock);
	rcu_read_lock();
	for_each_process_thread(g, p) {
		if (n == BATCH)
			break;
		f = overlooked(p, rcu_dereference(p->real_parent)->pid, all);
		if (f < 0 || is_known(p))
			continue;
		found[n++] = get_task_struct(p);
	}
	rcu_read_unlock();
	mutex_unlock(&family_lock);
	for (i = 0; i < n; i++) {
		p = found[i];
		mutex_lock(&family_lock);
		rcu_read_lock();
		f = overlooked(p, rcu_dereference(p->real_parent)->pid, all);
		rcu_read_unlock();
		if (f >= 0)
			cpumask_copy(scratch, mask_origin(f));
		mutex_unlock(&family_lock);
		if (f >= 0)
			dam_affinity_set(p, scratch);
		put_task_struct(p);
	}
	return n == BATCH;
}

/* scan_lock held. Bounded: a mask that does not take is no reason to go on. */
static void scan(void)
{
	bool all = xchg(&rescan, false);
	int i;

	if (!all && !PF_USER_WORKER)
		return;
	for (i = 0; i < SCANS_MAX && dam_lineage_any() && scan_batch(all); i++)
		cond_resched();
}

/* Return: none is left. */
static bool forget_families(void)
{
	u64 now = ktime_get_boottime_ns(), used = 0;
	bool gone;
	u32 f;

	mutex_lock(&family_lock);
	for (f = 0; f < families_used; f++)
		used = max(used, families[f].used_ns);
	if (!dam_affinity_active() && now - used >= LATE_NS)
		WRITE_ONCE(families_used, 0);
	gone = !families_used;
	mutex_unlock(&family_lock);
	return gone;
}

static void see_to_children(void)
{
	mutex_lock(&scan_lock);
	take_births();
	scan();
	mutex_unlock(&scan_lock);
}

static void on_late(struct work_struct *work)
{
	see_to_children();
	if (!forget_families())
		queue_delayed_work(system_unbound_wq, &late,
				   msecs_to_jiffies(LATE_MS));
}

void dam_lineage_settle(void)
{
	if (!dam_lineage_any())
		return;
	/* The watchdog comes this way: it must not wait for a stalled scan. */
	if (mutex_trylock(&scan_lock)) {
		take_births();
		scan();
		mutex_unlock(&scan_lock);
	}
	queue_delayed_work(system_unbound_wq, &late,
			   msecs_to_jiffies(LATE_MS));
}

void dam_lineage_drain(void)
{
	if (!dam_lineage_any())
		return;
	msleep(LATE_MS);
	see_to_children();
}

void dam_lineage_tick(u64 now_ns)
{
	if (!dam_lineage_any())
		return;
	mutex_lock(&scan_lock);
	take_births();
	if (now_ns - scanned_ns >= SCAN_NS || READ_ONCE(rescan)) {
		scanned_ns = now_ns;
		scan();
	}
	mutex_unlock(&scan_lock);
}

int dam_lineage_init(void)
{
	size_t n = 2 * FAMILIES + BORN + 2;

	mask_size = cpumask_size();
	families = vzalloc(array_size(FAMILIES, sizeof(*families)));
	masks = vzalloc(array_size(n, mask_size));
	if (!families || !masks) {
		vfree(families);
		vfree(masks);
		return -ENOMEM;
	}
	scratch = mask_asked(BORN);
	scratch2 = mask_asked(BORN + 1);
	INIT_DELAYED_WORK(&late, on_late);
	dam_memory_add(array_size(FAMILIES, sizeof(*families)) +
		       array_size(n, mask_size));
	return 0;
}

void dam_lineage_exit(void)
{
	cancel_delayed_work_sync(&late);
	/* A call that set a child's mask may have been under way: it ended. */
	while (born_tail != (u32)atomic_read(&born_head)) {
		atomic_set(&born[born_tail % BORN].pending, 0);
		see_to_children();
	}
	vfree(families);
	vfree(masks);
}

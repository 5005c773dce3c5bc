// SPDX-License-Identifier: GPL-2.0
#include <linux/cpuhotplug.h>
#include <linux/delay.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "hal/routes.h"
#include "affinity.h"
#include "dam.h"
#include "lineage.h"
#include "trace.h"

/* How long to wait for a sched_setaffinity() that overlaps with ours. */
#define OVERLAP_MS	100

enum { REC_NONE, REC_NARROWED, REC_BUSY };

/**
 * struct record - the mask of one slot
 * @state: REC_*; REC_BUSY is a lock. All below but the atomics: under it.
 * @pending: calls of sched_setaffinity() on the thread under way
 * @touched: one of them has succeeded since the mask was narrowed
 * @task: a reference is held while narrowed
 * @since_ns: narrowed since, CLOCK_MONOTONIC
 */
struct record {
	atomic_t state;
	atomic_t pending;
	atomic_t touched;
	struct task_struct *task;
	u64 since_ns;
};

static struct record *records;
static u32 records_max;
/* Three masks a record: origin, issued, and what a user asked for last. */
static void *masks;
static size_t mask_size;
static atomic_t narrowed = ATOMIC_INIT(0);
static atomic_t busy = ATOMIC_INIT(0);
static bool allowed;
static int hotplug_state;

enum { MASK_ORIGIN, MASK_ISSUED, MASK_ASKED, MASKS };

static struct cpumask *mask_of(u32 i, int which)
{
	return masks + ((size_t)i * MASKS + which) * mask_size;
}

static bool rec_claim(struct record *r, int from)
{
	atomic_inc(&busy);
	if (atomic_cmpxchg(&r->state, from, REC_BUSY) == from)
		return true;
	atomic_dec(&busy);
	return false;
}

static void rec_release(struct record *r, int to)
{
	atomic_set_release(&r->state, to);
	atomic_dec(&busy);
}

static void mask_read(struct task_struct *p, struct cpumask *out)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&p->pi_lock, flags);
	cpumask_copy(out, &p->cpus_mask);
	raw_spin_unlock_irqrestore(&p->pi_lock, flags);
}

static bool mask_is(struct task_struct *p, const struct cpumask *mask)
{
	unsigned long flags;
	bool same;

	raw_spin_lock_irqsave(&p->pi_lock, flags);
	same = cpumask_equal(&p->cpus_mask, mask);
	raw_spin_unlock_irqrestore(&p->pi_lock, flags);
	return same;
}

bool dam_affinity_movable(u32 i, const struct task_struct *p)
{
	struct record *r = &records[i];
	int state = atomic_read(&r->state);

	if (p->flags & (PF_NO_SETAFFINITY | PF_WQ_WORKER | PF_EXITING))
		return false;
	if (p->normal_prio < MAX_RT_PRIO)
		return false;
	if (p->migration_disabled || atomic_read(&r->pending))
		return false;
	if (state == REC_NARROWED)
		return true;
	/* A kthread with a mask of its own was given it for a reason. */
	if ((p->flags & PF_KTHREAD) &&
	    !cpumask_equal(&p->cpus_mask, cpu_possible_mask) &&
	    !cpumask_subset(cpu_online_mask, &p->cpus_mask))
		return false;
	return state == REC_NONE && p->nr_cpus_allowed > 1;
}

bool dam_affinity_within(u32 i, struct task_struct *p, struct cpumask *mask)
{
	unsigned long flags;
	bool any;

	if (atomic_read(&records[i].state) == REC_NARROWED)
		return cpumask_and(mask, mask, mask_of(i, MASK_ORIGIN));
	raw_spin_lock_irqsave(&p->pi_lock, flags);
	any = cpumask_and(mask, mask, &p->cpus_mask);
	raw_spin_unlock_irqrestore(&p->pi_lock, flags);
	return any;
}

/*
 * A user's sched_setaffinity() overlapped with our change, and ours may have
 * come last. Do what would have happened without us. REC_BUSY held.
 */
static bool yield_to_user(u32 i, struct task_struct *p)
{
	struct record *r = &records[i];
	const struct cpumask *asked = mask_of(i, MASK_ASKED);
	int ms;

	for (ms = 0; atomic_read(&r->pending) && ms < OVERLAP_MS; ms++)
		usleep_range(1000, 1100);
	if (!atomic_read(&r->touched))
		return false;
	if (!mask_is(p, asked))
		set_cpus_allowed_ptr(p, asked);
	return true;
}

static bool overlapped(struct record *r)
{
	return atomic_read(&r->pending) || atomic_read(&r->touched);
}

static void rec_drop(struct record *r)
{
	put_task_struct(r->task);
	r->task = NULL;
	atomic_dec(&narrowed);
	rec_release(r, REC_NONE);
}

/* REC_BUSY held on a narrowed record; releases it. */
static int give_back(u32 i)
{
	struct record *r = &records[i];
	struct task_struct *p = r->task;
	int ret = 1;

	if (!mask_is(p, mask_of(i, MASK_ISSUED)) || atomic_read(&r->touched)) {
		ret = -ESTALE;
	} else if (!(READ_ONCE(p->flags) & PF_EXITING)) {
		set_cpus_allowed_ptr(p, mask_of(i, MASK_ORIGIN));
		if (overlapped(r))
			yield_to_user(i, p);
	}
	rec_drop(r);
	return ret;
}

int dam_affinity_give_back(u32 i)
{
	if (!rec_claim(&records[i], REC_NARROWED))
		return 0;
	return give_back(i);
}

int dam_affinity_narrow(u32 i, struct task_struct *p,
			const struct cpumask *target)
{
	struct record *r = &records[i];
	bool was_narrowed = false;
	struct cpumask *issued = mask_of(i, MASK_ISSUED);
	struct cpumask *origin = mask_of(i, MASK_ORIGIN);
	int err;

	if (rec_claim(r, REC_NARROWED))
		was_narrowed = true;
	else if (!rec_claim(r, REC_NONE))
		return -EAGAIN;

	if (was_narrowed) {
		if (!mask_is(p, issued) || atomic_read(&r->touched)) {
			rec_drop(r);
			return -ESTALE;
		}
	} else {
		atomic_set(&r->touched, 0);
		mask_read(p, origin);
	}
	err = -EAGAIN;
	if (atomic_read(&r->pending))
		goto out;
	err = -EINVAL;
	if (cpumask_empty(target) || !cpumask_subset(target, origin))
		goto out;
	/* On later kernels losing the only CPU would lose the user's mask. */
	if (p->user_cpus_ptr && cpumask_weight(target) < 2)
		goto out;
	err = -EPERM;
	if (!READ_ONCE(allowed))
		goto out;
	/* Before the mask is set: a child born just after has it already. */
	dam_lineage_add(p, target, origin);
	/* As late as can be: what lands after this is seen as an overlap. */
	if (!mask_is(p, was_narrowed ? issued : origin)) {
		err = -ESTALE;
		if (!was_narrowed)
			goto out;
		rec_drop(r);
		return err;
	}
	err = set_cpus_allowed_ptr(p, target);
	if (err)
		goto out;
	if (!was_narrowed) {
		r->task = get_task_struct(p);
		atomic_inc(&narrowed);
		r->since_ns = ktime_get_ns();
	}
	cpumask_copy(issued, target);
	if ((overlapped(r) && yield_to_user(i, p)) || !mask_is(p, issued)) {
		rec_drop(r);
		return -ESTALE;
	}
	/*
	 * MODE left manage, we unload, or a CPU went away: whoever gives masks
	 * back for that may have passed this record while it was busy.
	 */
	if (!READ_ONCE(allowed)) {
		give_back(i);
		return -EPERM;
	}
	if (!cpumask_subset(issued, cpu_active_mask)) {
		give_back(i);
		return -EAGAIN;
	}
	rec_release(r, REC_NARROWED);
	return 0;
out:
	rec_release(r, was_narrowed ? REC_NARROWED : REC_NONE);
	return err;
}

void dam_affinity_give_back_all(void)
{
	u32 i;

	/*
	 * A record that is busy is given back by its owner if moves are not
	 * allowed; wait for that. The owner may itself wait for a thread that
	 * forbids migration, which is short.
	 */
	do {
		for (i = 0; i < records_max && dam_affinity_count(); i++)
			dam_affinity_give_back(i);
		if (!READ_ONCE(allowed) && atomic_read(&busy))
			usleep_range(500, 1000);
	} while (!READ_ONCE(allowed) &&
		 (dam_affinity_count() || atomic_read(&busy)));
	dam_lineage_settle();
}

void dam_affinity_allow(bool on)
{
	WRITE_ONCE(allowed, on);
	/* Pairs with the re-check in dam_affinity_narrow(). */
	smp_mb();
}

bool dam_affinity_narrowed(u32 i)
{
	return atomic_read(&records[i].state) != REC_NONE;
}

u32 dam_affinity_count(void)
{
	return atomic_read(&narrowed);
}

bool dam_affinity_foreign(u32 i)
{
	struct record *r = &records[i];
	bool foreign;

	if (!rec_claim(r, REC_NARROWED))
		return false;
	foreign = !mask_is(r->task, mask_of(i, MASK_ISSUED)) ||
		  atomic_read(&r->touched);
	if (foreign)
		rec_drop(r);
	else
		rec_release(r, REC_NARROWED);
	return foreign;
}

void dam_affinity_touched(int i, bool begin, const struct cpumask *mask,
			  bool done)
{
	struct record *r = &records[i];

	if (begin) {
		if (mask)
			cpumask_copy(mask_of(i, MASK_ASKED), mask);
		atomic_inc(&r->pending);
		/* Before their change: ours looks again after its own. */
		smp_mb__after_atomic();
	} else {
		if (done)
			atomic_set(&r->touched, 1);
		/* Who sees nothing pending sees whether it was done. */
		smp_mb__before_atomic();
		atomic_dec(&r->pending);
	}
}

int dam_affinity_text(u32 i, const struct task_struct *p, bool origin,
		      char *buf, size_t size)
{
	const struct cpumask *m = &p->cpus_mask;

	if (origin && atomic_read(&records[i].state) == REC_NARROWED)
		m = mask_of(i, MASK_ORIGIN);
	return scnprintf(buf, size, "%*pb", cpumask_pr_args(m));
}

/*
 * A CPU goes away. Masks left with fewer than two active CPUs go back now: the
 * scheduler has widened those that had only this one already, and that is
 * ours to undo, not somebody else's wish.
 */
static int on_cpu_offline(unsigned int cpu)
{
	u32 i;

	dam_routes_stale();
	for (i = 0; i < records_max && dam_affinity_count(); i++) {
		struct record *r = &records[i];
		struct cpumask *issued = mask_of(i, MASK_ISSUED);
		unsigned int c, left = 0;

		if (!rec_claim(r, REC_NARROWED))
			continue;
		for_each_cpu_and(c, issued, cpu_active_mask)
			left += c != cpu;
		if (left >= 2 || !cpumask_test_cpu(cpu, issued)) {
			rec_release(r, REC_NARROWED);
			continue;
		}
		if (!left && !atomic_read(&r->touched)) {
			set_cpus_allowed_ptr(r->task, mask_of(i, MASK_ORIGIN));
			rec_drop(r);
			continue;
		}
		give_back(i);
	}
	return 0;
}

/* It has no channel before somebody rebalances: look at the tables anew. */
static int on_cpu_online(unsigned int cpu)
{
	dam_routes_stale();
	return 0;
}

int dam_affinity_init(u32 max_threads)
{
	int err = -ENOMEM;

	mask_size = cpumask_size();
	records = vzalloc(array_size(max_threads, sizeof(*records)));
	masks = vzalloc(array3_size(max_threads, MASKS, mask_size));
	if (!records || !masks)
		goto err_free;
	records_max = max_threads;
	err = dam_lineage_init();
	if (err)
		goto err_free;
	err = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "dma_affinity",
					on_cpu_online, on_cpu_offline);
	if (err < 0)
		goto err_lineage;
	hotplug_state = err;
	dam_memory_add(array_size(max_threads, sizeof(*records)) +
		       array3_size(max_threads, MASKS, mask_size));
	return 0;

err_lineage:
	dam_lineage_exit();
err_free:
	vfree(records);
	vfree(masks);
	return err;
}

void dam_affinity_exit(void)
{
	cpuhp_remove_state_nocalls(hotplug_state);
	dam_lineage_exit();
	vfree(records);
	vfree(masks);
}

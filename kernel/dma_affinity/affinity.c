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

/* How long to wait for a sched_setaffinity() that overlaps with ours. */
#define OVERLAP_MS	100
/* How long to wait for a record that somebody else is busy with. */
#define GIVE_BACK_MS	5000
#define SETTERS		16

enum { REC_NONE, REC_NARROWED, REC_BUSY };

/* Of struct dam_mask_state's wishes: one has succeeded; the rest is a count. */
#define TOUCHED		BIT(30)

/* Their state is REC_*; REC_BUSY is a lock. */
struct dam_mask_state *dam_mask_states;
static u32 records_max;
/* Of each place, under REC_BUSY; a reference is held while narrowed. */
static struct task_struct **tasks;
/*
 * Three masks a place: origin, issued, and what somebody asked for last. Those
 * of place 0 are nobody's.
 */
static void *masks;
static size_t mask_size;
static atomic_t narrowed = ATOMIC_INIT(0);
static atomic_t busy = ATOMIC_INIT(0);
static atomic_t wishes = ATOMIC_INIT(0);
static bool allowed;
static u32 possible_cpus;
static int hotplug_state;
/* Who is setting a mask for us right now. */
static struct task_struct *setters[SETTERS];

enum { MASK_ORIGIN, MASK_ISSUED, MASK_ASKED, MASKS };

static struct cpumask *mask_at(u32 place, int which)
{
	return masks + ((size_t)place * MASKS + which) * mask_size;
}

static struct cpumask *mask_of(u32 i, int which)
{
	return mask_at(dam_affinity_place(i), which);
}

static struct task_struct **task_of(u32 i)
{
	return &tasks[dam_affinity_place(i)];
}

static bool is_touched(const struct dam_mask_state *r)
{
	return atomic_read(&r->wishes) & TOUCHED;
}

static bool is_pending(const struct dam_mask_state *r)
{
	return atomic_read(&r->wishes) & ~TOUCHED;
}

static bool rec_claim(struct dam_mask_state *r, int from)
{
	atomic_inc(&busy);
	if (atomic_cmpxchg(&r->state, from, REC_BUSY) == from)
		return true;
	atomic_dec(&busy);
	return false;
}

static void rec_release(struct dam_mask_state *r, int to)
{
	atomic_set_release(&r->state, to);
	atomic_dec(&busy);
}

static void rec_drop(u32 i)
{
	put_task_struct(*task_of(i));
	*task_of(i) = NULL;
	atomic_dec(&narrowed);
	rec_release(&dam_mask_states[i], REC_NONE);
}

int dam_affinity_set(struct task_struct *p, const struct cpumask *mask)
{
	int i = 0, err;

	while (cmpxchg(&setters[i], NULL, current)) {
		i = (i + 1) % SETTERS;
		if (!i)
			usleep_range(100, 200);
	}
	err = set_cpus_allowed_ptr(p, mask);
	WRITE_ONCE(setters[i], NULL);
	return err;
}

bool dam_affinity_setting(void)
{
	int i;

	for (i = 0; i < SETTERS; i++)
		if (READ_ONCE(setters[i]) == current)
			return true;
	return false;
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

bool dam_kthread_is_free(const struct task_struct *p)
{
	/* One with a mask of its own was given it for a reason. */
	return p->nr_cpus_allowed == possible_cpus ||
	       cpumask_equal(&p->cpus_mask, cpu_possible_mask) ||
	       cpumask_subset(cpu_online_mask, &p->cpus_mask);
}

bool dam_affinity_movable(u32 i, const struct task_struct *p)
{
	const struct dam_mask_state *r = &dam_mask_states[i];

	if (atomic_read(&r->wishes))
		return false;
	if (atomic_read(&r->state) == REC_NARROWED)
		return dam_affinity_class_ok(p) && !p->migration_disabled;
	return atomic_read(&r->state) == REC_NONE && dam_task_movable(p);
}

bool dam_affinity_within(u32 i, struct task_struct *p, struct cpumask *mask)
{
	unsigned long flags;
	bool any;

	if (atomic_read(&dam_mask_states[i].state) == REC_NARROWED)
		return cpumask_and(mask, mask, mask_of(i, MASK_ORIGIN));
	raw_spin_lock_irqsave(&p->pi_lock, flags);
	any = cpumask_and(mask, mask, &p->cpus_mask);
	raw_spin_unlock_irqrestore(&p->pi_lock, flags);
	return any;
}

bool dam_affinity_is_origin(u32 i, struct task_struct *p,
			    const struct cpumask *mask)
{
	if (atomic_read(&dam_mask_states[i].state) == REC_NARROWED)
		return cpumask_equal(mask, mask_of(i, MASK_ORIGIN));
	return mask_is(p, mask);
}

void dam_affinity_adopt(u32 i)
{
	/* A call that began before ends later, and counts down then. */
	atomic_andnot(TOUCHED, &dam_mask_states[i].wishes);
}

void dam_affinity_attach(u32 i, u32 place)
{
	WRITE_ONCE(dam_mask_states[i].place, place);
	/* Pairs with dam_affinity_touched(): what is not pending yet sees it. */
	smp_mb();
}

bool dam_affinity_detach(u32 i)
{
	struct dam_mask_state *r = &dam_mask_states[i];
	u32 place = r->place;

	WRITE_ONCE(r->place, 0);
	/* As above: what is pending may be writing to it. */
	smp_mb();
	if (!is_pending(r))
		return true;
	WRITE_ONCE(r->place, place);
	return false;
}

static bool overlapped(struct dam_mask_state *r)
{
	return atomic_read(&r->wishes);
}

/* A call that overlaps with ours ends soon. Return: it was one that counts. */
static bool wait_for_wish(struct dam_mask_state *r)
{
	int ms;

	for (ms = 0; is_pending(r) && ms < OVERLAP_MS; ms++)
		usleep_range(1000, 1100);
	return is_touched(r);
}

/*
 * Somebody set the mask. If it is @ours all the same, ours came last: set what
 * was asked for. REC_BUSY held.
 */
static void yield_to_wish(u32 i, struct task_struct *p,
			  const struct cpumask *ours)
{
	const struct cpumask *asked = mask_of(i, MASK_ASKED);

	if (mask_is(p, ours) && !cpumask_equal(asked, ours))
		dam_affinity_set(p, asked);
}

/*
 * The last of its CPUs goes away and the scheduler has widened the mask: that
 * is not somebody's wish.
 */
static bool is_offline(u32 i)
{
	return !cpumask_intersects(mask_of(i, MASK_ISSUED), cpu_active_mask);
}

/* REC_BUSY held on a narrowed record; releases it. */
static int give_back(u32 i)
{
	struct cpumask *issued = mask_of(i, MASK_ISSUED);
	struct cpumask *origin = mask_of(i, MASK_ORIGIN);
	struct dam_mask_state *r = &dam_mask_states[i];
	struct task_struct *p = *task_of(i);
	int ret = 1;

	if (READ_ONCE(p->flags) & PF_EXITING)
		goto out;
	if (is_touched(r)) {
		yield_to_wish(i, p, issued);
		ret = -ESTALE;
		goto out;
	}
	if (!mask_is(p, issued) && !is_offline(i)) {
		ret = -ESTALE;
		goto out;
	}
	dam_affinity_set(p, origin);
	if (overlapped(r) && wait_for_wish(r))
		yield_to_wish(i, p, origin);
out:
	rec_drop(i);
	return ret;
}

int dam_affinity_give_back(u32 i)
{
	if (!rec_claim(&dam_mask_states[i], REC_NARROWED))
		return 0;
	return give_back(i);
}

int dam_affinity_narrow(u32 i, struct task_struct *p,
			const struct cpumask *target)
{
	struct cpumask *issued = mask_of(i, MASK_ISSUED);
	struct cpumask *origin = mask_of(i, MASK_ORIGIN);
	struct dam_mask_state *r = &dam_mask_states[i];
	bool was_narrowed = false;
	int err = -EAGAIN;

	if (!dam_affinity_place(i))
		return err;
	if (rec_claim(r, REC_NARROWED))
		was_narrowed = true;
	else if (!rec_claim(r, REC_NONE))
		return err;

	if (is_pending(r) || (was_narrowed && is_offline(i)))
		goto out;
	err = -ESTALE;
	if (is_touched(r))
		goto out;
	if (!was_narrowed)
		mask_read(p, origin);
	err = -EINVAL;
	if (!dam_affinity_class_ok(p) || cpumask_empty(target) ||
	    !cpumask_subset(target, origin) || cpumask_equal(target, origin))
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
	err = -ESTALE;
	if (!mask_is(p, was_narrowed ? issued : origin))
		goto out;
	err = dam_affinity_set(p, target);
	if (err)
		goto out;
	if (!was_narrowed) {
		*task_of(i) = get_task_struct(p);
		atomic_inc(&narrowed);
	}
	cpumask_copy(issued, target);
	if (overlapped(r) && wait_for_wish(r)) {
		yield_to_wish(i, p, issued);
		rec_drop(i);
		return -ESTALE;
	}
	if (!mask_is(p, issued) && !is_offline(i)) {
		rec_drop(i);
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

bool dam_affinity_give_back_all(void)
{
	ktime_t end = ktime_add_ms(ktime_get(), GIVE_BACK_MS);
	bool all;
	u32 i;

	/*
	 * A record that is busy is given back by its owner once moves are not
	 * allowed; that is waited for. The owner may wait in turn for a thread
	 * that forbids migration: short, unless that thread hangs.
	 */
	for (;;) {
		for (i = 0; i < records_max && dam_affinity_count(); i++)
			dam_affinity_give_back(i);
		all = !dam_affinity_active();
		if (all || READ_ONCE(allowed) || ktime_after(ktime_get(), end))
			break;
		usleep_range(500, 1000);
	}
	dam_lineage_settle();
	return all;
}

void dam_affinity_allow(bool on)
{
	WRITE_ONCE(allowed, on);
	/* Pairs with the re-check in dam_affinity_narrow(). */
	smp_mb();
}

u32 dam_affinity_wishes(void)
{
	return atomic_read(&wishes);
}

bool dam_affinity_active(void)
{
	return atomic_read(&narrowed) || atomic_read(&busy);
}

bool dam_affinity_ours(u32 i)
{
	return atomic_read(&dam_mask_states[i].state) != REC_NONE &&
	       !is_touched(&dam_mask_states[i]);
}

bool dam_affinity_narrowed(u32 i)
{
	return atomic_read(&dam_mask_states[i].state) != REC_NONE;
}

u32 dam_affinity_count(void)
{
	return atomic_read(&narrowed);
}

bool dam_affinity_foreign(u32 i)
{
	const struct cpumask *issued = mask_of(i, MASK_ISSUED);
	struct dam_mask_state *r = &dam_mask_states[i];
	unsigned int cpu, left = 0;

	/* A thread with its own mask: the wish counts all the same. */
	if (atomic_read(&r->state) == REC_NONE)
		return atomic_cmpxchg(&r->wishes, TOUCHED, 0) == TOUCHED;
	if (!rec_claim(r, REC_NARROWED))
		return false;
	if (is_touched(r)) {
		yield_to_wish(i, *task_of(i), issued);
		atomic_andnot(TOUCHED, &r->wishes);
		rec_drop(i);
		return true;
	}
	if (!mask_is(*task_of(i), issued) && !is_offline(i)) {
		rec_drop(i);
		return true;
	}
	/* It was busy when the CPU's callback came by. */
	for_each_cpu_and(cpu, issued, cpu_active_mask)
		left++;
	if (left < 2 && !cpumask_subset(issued, cpu_active_mask)) {
		give_back(i);
		return false;
	}
	rec_release(r, REC_NARROWED);
	return false;
}

void dam_affinity_touched(int i, bool begin, const struct cpumask *mask,
			  bool done)
{
	struct dam_mask_state *r = &dam_mask_states[i];
	u32 place;

	if (begin) {
		atomic_inc(&r->wishes);
		/*
		 * Before their change: ours looks again after its own. And before
		 * the place is read: while this is pending it is not taken away,
		 * and if there is none nobody will ask what was asked for.
		 */
		smp_mb__after_atomic();
		place = dam_affinity_place(i);
		if (mask && place)
			cpumask_copy(mask_at(place, MASK_ASKED), mask);
	} else {
		if (done)
			atomic_or(TOUCHED, &r->wishes);
		/* Who sees nothing pending sees whether it was done. */
		smp_mb__before_atomic();
		atomic_dec(&r->wishes);
		atomic_inc(&wishes);
	}
}

int dam_affinity_text(u32 i, const struct task_struct *p, bool origin,
		      char *buf, size_t size)
{
	const struct cpumask *m = &p->cpus_mask;

	if (origin && atomic_read(&dam_mask_states[i].state) == REC_NARROWED)
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
		struct dam_mask_state *r = &dam_mask_states[i];
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

int dam_affinity_init(u32 max_threads, u32 places)
{
	int err = -ENOMEM;

	mask_size = cpumask_size();
	possible_cpus = num_possible_cpus();
	dam_mask_states = vzalloc(array_size(max_threads,
					     sizeof(*dam_mask_states)));
	tasks = vzalloc(array_size(places + 1, sizeof(*tasks)));
	masks = vzalloc(array3_size(places + 1, MASKS, mask_size));
	if (!dam_mask_states || !tasks || !masks)
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
	dam_memory_add(array_size(max_threads, sizeof(*dam_mask_states)) +
		       array_size(places + 1, sizeof(*tasks)) +
		       array3_size(places + 1, MASKS, mask_size));
	return 0;

err_lineage:
	dam_lineage_exit();
err_free:
	vfree(dam_mask_states);
	vfree(tasks);
	vfree(masks);
	return err;
}

void dam_affinity_exit(void)
{
	cpuhp_remove_state_nocalls(hotplug_state);
	dam_lineage_exit();
	vfree(dam_mask_states);
	vfree(tasks);
	vfree(masks);
}

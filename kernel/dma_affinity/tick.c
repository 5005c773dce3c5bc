// SPDX-License-Identifier: GPL-2.0
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "hal/routes.h"
#include "hal/sources.h"
#include "affinity.h"
#include "apply.h"
#include "charge.h"
#include "collect.h"
#include "dam.h"
#include "lineage.h"
#include "threads.h"
#include "tick.h"
#include "trace.h"

/*
 * Without DMA of movable threads for this long the tick sleeps; and in so many ticks: after a
 * moment in which the whole machine stood still, as virtual ones do, the first sees nothing.
 */
#define IDLE_NS		NSEC_PER_SEC
#define IDLE_TICKS	3
/* The heart is looked at once a second; this many looks without a beat. */
#define WATCHDOG_LOOKS	4
/* As long may ticks overrun that follow each other, in CPU time of their own. */
#define OVERRUN_NS	(WATCHDOG_LOOKS * NSEC_PER_SEC)
/* While it sleeps, what unmovable threads did is folded this often. */
#define PARKED_FOLD	(10 * HZ)

static struct dam_tick *tick;
static struct task_struct *kthread;
/* The tick sleeps until a submission: written by the kthread. */
static bool parked;
static u64 sampled_ns;
static atomic_t heart = ATOMIC_INIT(0);

/* Stores to MODE, one at a time. */
static DEFINE_MUTEX(mode_mutex);

static struct delayed_work watchdog;
static int watchdog_heart;
static int watchdog_still;

static void run_tick(u64 now_ns)
{
	static enum dam_mode mode_before;
	enum dam_mode mode = dam_mode();
	u64 spent;

	tick->now_ns = now_ns;
	tick->dt_ns = max_t(u64, now_ns - sampled_ns, 1);
	sampled_ns = now_ns;

	dam_collect_foreign(tick);
	dam_lineage_tick(now_ns);

	mutex_lock(&dam_lock);
	/* Here, for a store to MODE that is not off must not wait for a tick that is stuck. */
	if (mode == DAM_MODE_MANAGE && mode_before != mode)
		dam_apply_forget_trials();
	mode_before = mode;
	dam_collect(tick);
	dam_find_bottlenecks(&tick->snap);
	dam_apply_learn(tick, false);
	if (mode >= DAM_MODE_ADVISE)
		dam_apply_plan(tick, mode == DAM_MODE_ADVISE);
	dam_collect_publish(tick, mode);
	mutex_unlock(&dam_lock);

	if (mode == DAM_MODE_MANAGE) {
		dam_apply_moves(tick);
		mutex_lock(&dam_lock);
		dam_apply_record(tick);
		mutex_unlock(&dam_lock);
	}
	dam_apply_cleanup(tick);

	spent = ktime_get_ns() - now_ns;
	atomic64_inc(&dam_stats.ticks);
	if (spent > READ_ONCE(dam_tunables.interval_ms) * NSEC_PER_MSEC)
		atomic64_inc(&dam_stats.overruns);
	atomic64_set(&dam_stats.tick_ns,
		     (15 * atomic64_read(&dam_stats.tick_ns) + spent) / 16);
	atomic_inc(&heart);
}

/* Settle what is open, so that a long sleep leaves nothing behind. */
static void settle(void)
{
	u64 now = ktime_get_ns();
	struct dam_thread *t;
	u32 i;

	mutex_lock(&dam_lock);
	dam_apply_learn(tick, true);
	mutex_unlock(&dam_lock);
	dam_affinity_give_back_all();
	mutex_lock(&dam_lock);
	for (i = dam_thread_next(0); i < dam_threads_limit();
	     i = dam_thread_next(i + 1)) {
		t = dam_thread_at(i);
		if (dam_affinity_narrowed(i))
			continue;
		/* Somebody's wish outlives our sleep. */
		if (dam_thread_held_off(t, now) && !(t->task->flags & PF_EXITING))
			continue;
		dam_thread_release(t);
	}
	mutex_unlock(&dam_lock);
}

/* Return: at once if something was submitted before it could sleep. */
static void park(void)
{
	bool news;

	settle();
	/* Somebody else is giving one back: next time. */
	if (dam_affinity_count())
		return;
	mutex_lock(&dam_lock);
	WRITE_ONCE(parked, true);
	dam_charge_sleep();
	dam_collect_idle(tick);
	news = dam_collect_engines(ktime_get_ns(),
				   ktime_get_ns() - sampled_ns);
	sampled_ns = ktime_get_ns();
	mutex_unlock(&dam_lock);

	while (!news && READ_ONCE(parked) && !kthread_should_stop()) {
		set_current_state(TASK_IDLE);
		if (READ_ONCE(parked) && !kthread_should_stop())
			schedule_timeout(PARKED_FOLD);
		__set_current_state(TASK_RUNNING);
		/* Who submits without waking us must not fill the tables. */
		mutex_lock(&dam_lock);
		dam_tick_refresh();
		mutex_unlock(&dam_lock);
	}
	dam_charge_awake();
	mutex_lock(&dam_lock);
	WRITE_ONCE(parked, false);
	/* What is older than this tick is not this tick's. */
	dam_collect_engines(ktime_get_ns(),
			    ktime_get_ns() - sampled_ns);
	sampled_ns = ktime_get_ns();
	mutex_unlock(&dam_lock);
	tick->fold.movable_ns = sampled_ns;
	watchdog_still = 0;
	queue_delayed_work(system_unbound_wq, &watchdog, HZ);
}

/*
 * Loads have periods, too, and ticks that kept in step with one would see always
 * the same of it: between three and five quarters of the interval, any as often.
 * Nor may it come together with other timers of its CPU, which are a load's perhaps:
 * no slack.
 */
static u64 dither(u64 interval_ns)
{
	static u32 state = 1;

	/* Numerical Recipes, "Quick and dirty" generators. */
	state = state * 1664525 + 1013904223;
	return interval_ns * 3 / 4 + mul_u64_u32_shr(interval_ns / 2, state, 32);
}

/*
 * Neither the tick's locks nor those of stores to MODE are needed.
 * Context: process, sleeps, dam_lock not held.
 */
static void leave_manage(const char *why)
{
	if (cmpxchg(&dam_tunables.mode, DAM_MODE_MANAGE, DAM_MODE_MONITOR) !=
	    DAM_MODE_MANAGE)
		return;
	pr_warn("dma_affinity: %s: all masks are given back, MODE is monitor\n",
		why);
	dam_affinity_allow(false);
	dam_affinity_give_back_all();
	trace_mode(DAM_MODE_MANAGE, DAM_MODE_MONITOR, true);
}

/*
 * A tick that overruns again and again takes a CPU for itself, before all others.
 * It is at fault only for the time that it ran: not for having been preempted, nor for
 * having waited. A virtual CPU that the host did not run counts as running where
 * nobody tells the guest; but one tick in time ends the row.
 *
 * Called after a sleep: only then is the time up to it accounted for in full.
 */
static void look_for_overruns(void)
{
	static u64 before, overrun_ns;
	u64 now = READ_ONCE(current->se.sum_exec_runtime);
	u64 ran = now - before;

	before = now;
	if (ran <= READ_ONCE(dam_tunables.interval_ms) * NSEC_PER_MSEC ||
	    dam_mode() != DAM_MODE_MANAGE) {
		overrun_ns = 0;
		return;
	}
	overrun_ns += ran;
	if (overrun_ns < OVERRUN_NS)
		return;
	overrun_ns = 0;
	/* Not between what a store to MODE does. */
	mutex_lock(&mode_mutex);
	leave_manage("each tick takes longer than SAMPLE_INTERVAL (raise it, then write MODE)");
	mutex_unlock(&mode_mutex);
}

static int tick_fn(void *unused)
{
	u64 now, next, interval;
	ktime_t expires;
	int idle = 0;

	park();
	next = ktime_get_ns();
	while (!kthread_should_stop()) {
		now = ktime_get_ns();
		run_tick(now);
		idle = now - tick->fold.movable_ns >= IDLE_NS ? idle + 1 : 0;
		if (idle >= IDLE_TICKS || dam_mode() == DAM_MODE_OFF) {
			park();
			idle = 0;
			next = ktime_get_ns();
		}
		interval = dither(READ_ONCE(dam_tunables.interval_ms) *
				  NSEC_PER_MSEC);
		now = ktime_get_ns();
		/* On the beat; after an overrun the beat starts anew. */
		next = next + interval > now ? next + interval :
					       now + interval;
		expires = ns_to_ktime(next);
		set_current_state(TASK_IDLE);
		if (!kthread_should_stop())
			schedule_hrtimeout(&expires, HRTIMER_MODE_ABS);
		__set_current_state(TASK_RUNNING);
		look_for_overruns();
	}
	settle();
	return 0;
}

void dam_tick_wake(void)
{
	WRITE_ONCE(parked, false);
	wake_up_process(kthread);
}

void dam_tick_refresh(void)
{
	u64 now = ktime_get_ns();

	lockdep_assert_held(&dam_lock);
	if (!READ_ONCE(parked))
		return;
	dam_routes_refresh(now);
	if (dam_collect_engines(now, now - sampled_ns))
		dam_tick_wake();
	sampled_ns = now;
}

void dam_tick_set_mode(enum dam_mode mode)
{
	enum dam_mode old;

	mutex_lock(&mode_mutex);
	old = dam_mode();
	if (mode == old)
		goto out;
	if (old == DAM_MODE_OFF) {
		dam_sources_enable(true);
		/* What was not seen until now is no tick's. */
		mutex_lock(&dam_lock);
		dam_tick_refresh();
		dam_collect_restart(tick);
		dam_apply_restart();
		mutex_unlock(&dam_lock);
	}
	WRITE_ONCE(dam_tunables.mode, mode);
	dam_affinity_allow(mode == DAM_MODE_MANAGE);
	if (mode != DAM_MODE_MANAGE)
		dam_affinity_give_back_all();
	if (mode == DAM_MODE_OFF)
		dam_sources_enable(false);
	trace_mode(old, mode, false);
out:
	mutex_unlock(&mode_mutex);
}

/*
 * The tick may be stuck, in a thread that forbids migration for ever, or for
 * want of a CPU. Masks must not stay narrowed for that: they are given back
 * from here, which needs none of the tick's locks, and MODE becomes monitor.
 */
static void on_watchdog(struct work_struct *work)
{
	int beat = atomic_read(&heart);

	if (READ_ONCE(parked))
		return;
	watchdog_still = beat == watchdog_heart ? watchdog_still + 1 : 0;
	watchdog_heart = beat;
	if (watchdog_still >= WATCHDOG_LOOKS && dam_affinity_count()) {
		leave_manage("the tick is stalled");
		watchdog_still = 0;
	}
	queue_delayed_work(system_unbound_wq, &watchdog, HZ);
}

int dam_tick_start(u32 max_threads)
{
	int err = -ENOMEM;

	tick = vzalloc(sizeof(*tick));
	if (!tick)
		return err;
	err = dam_collect_init(tick, max_threads);
	if (err)
		goto err_tick;
	err = dam_apply_init();
	if (err)
		goto err_collect;
	INIT_DELAYED_WORK(&watchdog, on_watchdog);
	sampled_ns = ktime_get_ns();
	kthread = kthread_create(tick_fn, NULL, "dma_affinity");
	if (IS_ERR(kthread)) {
		err = PTR_ERR(kthread);
		goto err_apply;
	}
	dam_affinity_allow(dam_mode() == DAM_MODE_MANAGE);
	/* It must come in time exactly when the CPUs are busy. */
	set_user_nice(kthread, -20);
	wake_up_process(kthread);
	return 0;

err_apply:
	dam_apply_exit();
err_collect:
	dam_collect_exit(tick);
err_tick:
	vfree(tick);
	return err;
}

void dam_tick_stop(void)
{
	dam_affinity_allow(false);
	dam_charge_sync();
	kthread_stop(kthread);
	cancel_delayed_work_sync(&watchdog);
	while (!dam_affinity_give_back_all())
		;
	dam_apply_exit();
	dam_collect_exit(tick);
	vfree(tick);
}

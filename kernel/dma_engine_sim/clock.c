// SPDX-License-Identifier: GPL-2.0
#include <linux/cpumask.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/sched.h>

#include "chan.h"
#include "clock.h"
#include "compat.h"
#include "desc.h"
#include "engine.h"
#include "move.h"
#include "power.h"

/* How far a cyclic transfer may be behind its time. */
#define SIM_LAG_MAX_NS		(NSEC_PER_SEC / 10)

/* The longest service, so that the times of full rings can be added up. */
#define SIM_SERVICE_MAX_NS	(1000000ULL * NSEC_PER_SEC)

static struct sim_desc *sim_clock_first(struct sim_engine *eng)
{
	return list_first_entry_or_null(&eng->queue, struct sim_desc, node);
}

static bool sim_clock_is_served(const struct sim_engine *eng,
				const struct sim_desc *desc)
{
	return eng->draining || desc->aborted ||
	       desc->fin_ns <= ktime_get_ns();
}

/*
 * From an interrupt of an idle CPU a timer goes to a busy one, as the scheduling domains
 * name them. These may still name one that is going offline: then it stays here. A CPU
 * that ceases to be active does not go on before all who saw it active are done.
 */
static enum hrtimer_mode sim_clock_mode(void)
{
	return cpumask_equal(cpu_active_mask, cpu_present_mask) ?
		HRTIMER_MODE_ABS : HRTIMER_MODE_ABS_PINNED;
}

/*
 * Under the lock, by whoever leaves the queue non-empty; expiring for nothing
 * does no harm.
 */
static void sim_clock_arm(struct sim_engine *eng)
{
	struct sim_desc *desc = sim_clock_first(eng);

	if (!desc || eng->serving)
		return;
	if (desc->moved)
		hrtimer_start(&eng->timer, ns_to_ktime(desc->fin_ns),
			      sim_clock_mode());
	else
		tasklet_schedule(&eng->mover);
}

/**
 * sim_clock_busy_ns() - how long the engine has worked, latency included
 * @eng: the engine
 * @now_ns: CLOCK_MONOTONIC
 *
 * From now to the end of the queue there is no gap, so what it has done is
 * what it was given less what it has yet to do.
 *
 * Context: any, under the engine's lock.
 * Return: nanoseconds.
 */
u64 sim_clock_busy_ns(const struct sim_engine *eng, u64 now_ns)
{
	if (eng->busy_until_ns <= now_ns)
		return eng->granted_ns;
	return eng->granted_ns - (eng->busy_until_ns - now_ns);
}

/* What serving a transfer takes, or one period of a cyclic one. */
static void sim_clock_price(const struct sim_engine *eng,
			    struct sim_desc *desc)
{
	const struct sim_params *params = &eng->params;
	unsigned int slow = eng->faults.slow_percent;
	u64 full = min(div64_u64((u64)desc->len * NSEC_PER_SEC,
				 params->bytes_per_sec), SIM_SERVICE_MAX_NS);

	desc->full_ns = mul_u64_u32_div(full, slow, 100);
	desc->service_ns = mul_u64_u32_div(params->latency_ns + full, slow,
					   100);
}

static bool sim_clock_may_begin(const struct sim_chan *ch,
				const struct sim_desc *desc)
{
	return (ch->eng->awake || ch->eng->draining) &&
	       !ch->paused && !ch->hung &&
	       (!ch->cyclic || ch->cyclic == desc);
}

/*
 * Queues up what waits on a channel, as far as it can go on, to be served
 * from @from_ns on. Who calls then arms the clock.
 */
static void sim_clock_feed(struct sim_chan *ch, u64 from_ns)
{
	struct sim_engine *eng = ch->eng;
	struct sim_desc *desc, *tmp;

	list_for_each_entry_safe(desc, tmp, &ch->waiting, node) {
		if (!sim_clock_may_begin(ch, desc))
			break;
		if (desc->op == SIM_CYCLIC)
			ch->cyclic = desc;
		if (eng->draining)
			desc->service_ns = 0;
		desc->fin_ns = max(from_ns, eng->busy_until_ns) +
			       desc->service_ns;
		desc->state = SIM_QUEUED;
		eng->busy_until_ns = desc->fin_ns;
		eng->granted_ns += desc->service_ns;
		list_move_tail(&desc->node, &eng->queue);
	}
}

static void sim_clock_wait(struct sim_chan *ch, struct sim_desc *desc)
{
	desc->state = SIM_WAITING;
	list_move_tail(&desc->node, &ch->waiting);
}

/**
 * sim_clock_issue() - have all that was submitted on a channel served
 * @ch: the channel
 *
 * Context: any, under the engine's lock. Without it sim_clock_begin() follows.
 */
void sim_clock_issue(struct sim_chan *ch)
{
	struct sim_desc *desc, *tmp;

	list_for_each_entry_safe(desc, tmp, &ch->submitted, node) {
		sim_clock_price(ch->eng, desc);
		sim_power_get(ch->eng);
		sim_clock_wait(ch, desc);
	}
	if (!list_empty(&ch->waiting))
		sim_clock_feed(ch, ktime_get_ns());
}

/*
 * What befalls the next transfer, by the counts. A cyclic transfer
 * has no end that could be an error.
 */
static void sim_clock_fate(struct sim_faults *faults,
			   const struct sim_desc *desc, bool *fail,
			   bool *corrupt)
{
	*fail = faults->fail_next && desc->op != SIM_CYCLIC;
	if (*fail)
		faults->fail_next--;
	*corrupt = !*fail && faults->corrupt_next &&
		   desc->op != SIM_INTERRUPT;
	if (*corrupt)
		faults->corrupt_next--;
}

/*
 * A period of a cyclic transfer was served; the next follows without a gap.
 * If the engine's own work takes longer than a period, it falls behind so far
 * and no farther.
 */
static void sim_clock_period(struct sim_desc *desc)
{
	struct sim_chan *ch = to_sim_chan(desc->tx.chan);
	u64 now = ktime_get_ns();

	if (desc->aborted || ch->eng->draining) {
		list_del(&desc->node);
		sim_chan_terminated(desc);
		sim_clock_feed(ch, now);
		return;
	}
	sim_chan_period(desc);
	sim_clock_price(ch->eng, desc);
	desc->moved = false;
	desc->state = SIM_WAITING;
	list_move(&desc->node, &ch->waiting);
	sim_clock_feed(ch, now - min_t(u64, now, SIM_LAG_MAX_NS));
}

/* Puts what a channel has in the queue back to what waits. */
static void sim_clock_halt(struct sim_chan *ch)
{
	struct sim_desc *desc;
	LIST_HEAD(list);

	sim_clock_withdraw(ch, &list);
	list_for_each_entry(desc, &list, node)
		desc->state = SIM_WAITING;
	list_splice(&list, &ch->waiting);
}

/*
 * A transfer that was served and does not complete blocks its channel and
 * nobody else.
 */
static bool sim_clock_hangs(struct sim_engine *eng, struct sim_desc *desc)
{
	struct sim_chan *ch = to_sim_chan(desc->tx.chan);

	if (!eng->faults.hang_next || eng->draining)
		return false;
	eng->faults.hang_next--;
	ch->hung = desc;
	sim_clock_halt(ch);
	return true;
}

/* A transfer's time is over, and its data has moved. */
static void sim_clock_finish(struct sim_engine *eng, struct sim_desc *desc)
{
	if (!desc->aborted && sim_clock_hangs(eng, desc))
		return;
	if (desc->op == SIM_CYCLIC) {
		sim_clock_period(desc);
		return;
	}
	list_del(&desc->node);
	sim_chan_completed(desc);
}

/*
 * Moves the data of the first of the queue, at the beginning of its service: its
 * completion is then known as soon as its time is over. Under the lock, which it
 * drops.
 */
static void sim_clock_move(struct sim_engine *eng, struct sim_desc *desc,
			   unsigned long *flags)
	__must_hold(&eng->lock)
{
	bool fail, corrupt;

	sim_clock_fate(&eng->faults, desc, &fail, &corrupt);
	eng->moving = desc;
	spin_unlock_irqrestore(&eng->lock, *flags);

	if (fail)
		desc->outcome = DMA_TRANS_ABORTED;
	else
		desc->outcome = sim_move(eng, desc, corrupt);
	/* A client that polls may read the buffers once it sees the
	 * cookie, so they have to be its own again by then.
	 */
	if (desc->op != SIM_CYCLIC)
		dma_descriptor_unmap(&desc->tx);

	spin_lock_irqsave(&eng->lock, *flags);
	eng->moving = NULL;
	desc->moved = true;
	if (wq_has_sleeper(&eng->moved))
		wake_up_all(&eng->moved);
}

/**
 * sim_clock_serve() - do what there is to do now
 * @eng: the engine
 * @budget: how many transfers to move at most
 *
 * One caller at a time serves, the others return: what they wait for is in
 * good hands. Preemption is off while serving, since a client may spin for
 * the completion in a section that its CPU does not leave.
 *
 * Context: any, without the engine's lock.
 */
void sim_clock_serve(struct sim_engine *eng, unsigned int budget)
{
	struct sim_desc *desc;
	unsigned long flags;
	bool did = false;

	spin_lock_irqsave(&eng->lock, flags);
	if (eng->serving) {
		spin_unlock_irqrestore(&eng->lock, flags);
		return;
	}
	preempt_disable();
	eng->serving = true;
	while ((desc = sim_clock_first(eng))) {
		if (!desc->moved && budget--)
			sim_clock_move(eng, desc, &flags);
		else if (desc->moved && sim_clock_is_served(eng, desc))
			sim_clock_finish(eng, desc);
		else
			break;
		did = true;
	}
	eng->serving = false;
	if (did)
		sim_clock_arm(eng);
	spin_unlock_irqrestore(&eng->lock, flags);
	preempt_enable();
}

static void sim_clock_move_next(struct tasklet_struct *task)
{
	struct sim_engine *eng = from_tasklet(eng, task, mover);

	sim_clock_serve(eng, SIM_SERVE_BATCH);
}

static enum hrtimer_restart sim_clock_expired(struct hrtimer *timer)
{
	struct sim_engine *eng = container_of(timer, struct sim_engine, timer);
	struct sim_desc *desc;
	unsigned long flags;

	spin_lock_irqsave(&eng->lock, flags);
	desc = sim_clock_first(eng);
	/* Or somebody is serving, and will see. */
	if (desc && !eng->serving && desc->moved &&
	    sim_clock_is_served(eng, desc))
		sim_clock_finish(eng, desc);
	sim_clock_arm(eng);
	spin_unlock_irqrestore(&eng->lock, flags);
	return HRTIMER_NORESTART;
}

/**
 * sim_clock_init() - an engine that was never busy
 * @eng: with params and lock set
 */
void sim_clock_init(struct sim_engine *eng)
{
	INIT_LIST_HEAD(&eng->queue);
	init_waitqueue_head(&eng->moved);
	tasklet_setup(&eng->mover, sim_clock_move_next);
	sim_timer_setup(&eng->timer, sim_clock_expired);
}

/**
 * sim_clock_exit() - stop the clock
 * @eng: an engine with an empty queue that nobody issues to
 *
 * Context: may sleep.
 */
void sim_clock_exit(struct sim_engine *eng)
{
	WARN_ON_ONCE(!list_empty(&eng->queue));
	tasklet_kill(&eng->mover);
	hrtimer_cancel(&eng->timer);
}

/**
 * sim_clock_begin() - the engine turns to what was issued
 * @eng: the engine
 *
 * Context: any, without the engine's lock.
 */
void sim_clock_begin(struct sim_engine *eng)
{
	/* Moving data takes too long for interrupts to be off. */
	if (irqs_disabled())
		tasklet_schedule(&eng->mover);
	else
		sim_clock_serve(eng, SIM_SERVE_BATCH);
}

/**
 * sim_clock_withdraw() - take a channel's transfers out of the queue
 * @ch: the channel
 * @list: where they go, in their order
 *
 * The others move up. The one whose data is moving stays, for no longer than that if it is
 * aborted.
 *
 * Context: any, under the engine's lock.
 */
void sim_clock_withdraw(struct sim_chan *ch, struct list_head *list)
{
	struct sim_engine *eng = ch->eng;
	u64 now = ktime_get_ns(), end = max(now, eng->ready_ns);
	struct sim_desc *desc, *tmp;

	eng->granted_ns = sim_clock_busy_ns(eng, now);
	list_for_each_entry_safe(desc, tmp, &eng->queue, node) {
		bool begun = desc->fin_ns <= desc->service_ns + now;

		if (desc->tx.chan == &ch->chan && desc != eng->moving) {
			if (begun)
				desc->service_ns = desc->fin_ns -
						   min(desc->fin_ns, now);
			list_move_tail(&desc->node, list);
			continue;
		}
		if (desc->aborted)
			desc->fin_ns = min(desc->fin_ns, now);
		else if (!begun)
			desc->fin_ns = end + desc->service_ns;
		end = max(end, desc->fin_ns);
	}
	eng->granted_ns += end - now;
	eng->busy_until_ns = end;
	sim_clock_arm(eng);
}

/**
 * sim_clock_pause() - serve nothing of a channel until it is resumed
 * @ch: the channel
 *
 * The transfer under way goes on later from where it is now, unless its data
 * is being moved: that one ends.
 *
 * Context: any, under the engine's lock.
 */
void sim_clock_pause(struct sim_chan *ch)
{
	ch->paused = true;
	sim_clock_halt(ch);
}

/**
 * sim_clock_resume() - undo sim_clock_pause()
 * @ch: the channel
 *
 * Context: any, under the engine's lock.
 */
void sim_clock_resume(struct sim_chan *ch)
{
	ch->paused = false;
	sim_clock_feed(ch, ktime_get_ns());
	sim_clock_arm(ch->eng);
}

/**
 * sim_clock_wake() - serve what was issued while the engine was suspended
 * @eng: an engine that has just been resumed, which takes its time
 *
 * Context: any, under the engine's lock.
 */
void sim_clock_wake(struct sim_engine *eng)
{
	u64 now = ktime_get_ns();
	unsigned int i;

	if (eng->draining)
		return;
	eng->ready_ns = max(now, eng->busy_until_ns) + eng->params.resume_ns;
	eng->busy_until_ns = eng->ready_ns;
	eng->granted_ns += eng->params.resume_ns;
	for (i = 0; i < eng->nr_chans; i++)
		sim_clock_feed(&eng->chans[i], now);
	sim_clock_arm(eng);
}

/* Nobody will terminate it, and it has no end of its own. Under the lock. */
static void sim_clock_end_cyclic(struct sim_chan *ch)
{
	struct sim_desc *desc = ch->cyclic;

	if (!desc || desc == ch->eng->moving)
		return;
	list_del(&desc->node);
	sim_chan_terminated(desc);
}

/**
 * sim_clock_drain() - serve all that was submitted, at once
 * @eng: an engine on which nobody submits any more
 *
 * Context: may sleep.
 */
void sim_clock_drain(struct sim_engine *eng)
{
	unsigned int i;
	bool empty;
	u64 now;

	spin_lock_irq(&eng->lock);
	eng->draining = true;
	now = ktime_get_ns();
	eng->granted_ns = sim_clock_busy_ns(eng, now);
	eng->busy_until_ns = min(eng->busy_until_ns, now);
	for (i = 0; i < eng->nr_chans; i++) {
		sim_clock_end_cyclic(&eng->chans[i]);
		eng->chans[i].hung = NULL;
		sim_clock_issue(&eng->chans[i]);
		sim_clock_resume(&eng->chans[i]);
	}
	spin_unlock_irq(&eng->lock);

	do {
		sim_clock_serve(eng, 1);
		cond_resched();
		spin_lock_irq(&eng->lock);
		empty = list_empty(&eng->queue);
		spin_unlock_irq(&eng->lock);
	} while (!empty);
}

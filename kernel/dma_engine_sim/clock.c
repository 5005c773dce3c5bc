// SPDX-License-Identifier: GPL-2.0
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/sched.h>

#include "chan.h"
#include "clock.h"
#include "compat.h"
#include "desc.h"
#include "engine.h"
#include "move.h"

/* Transfers served by one expiry of the timer, to let other softirqs in. */
#define SIM_SERVE_BATCH	64

/*
 * Armed under the lock by whoever leaves the queue non-empty; expiring for
 * nothing does no harm.
 */
static void sim_clock_arm(struct sim_engine *eng)
{
	struct sim_desc *desc;

	desc = list_first_entry_or_null(&eng->queue, struct sim_desc, node);
	if (desc && !eng->serving)
		hrtimer_start(&eng->timer, ns_to_ktime(desc->fin_ns),
			      HRTIMER_MODE_ABS_SOFT);
}

static enum hrtimer_restart sim_clock_expired(struct hrtimer *timer)
{
	sim_clock_serve(container_of(timer, struct sim_engine, timer),
			SIM_SERVE_BATCH);
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
	hrtimer_cancel(&eng->timer);
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

/**
 * sim_clock_issue() - put transfers at the end of the queue
 * @eng: the engine
 * @list: the transfers; empty afterwards
 *
 * Context: any, under the engine's lock.
 */
void sim_clock_issue(struct sim_engine *eng, struct list_head *list)
{
	const struct sim_params *params = &eng->params;
	bool idle = list_empty(&eng->queue);
	struct sim_desc *desc;
	u64 now;

	if (list_empty(list))
		return;

	now = ktime_get_ns();
	list_for_each_entry(desc, list, node) {
		desc->service_ns = params->latency_ns +
				   div64_u64((u64)desc->len * NSEC_PER_SEC,
					     params->bytes_per_sec);
		desc->fin_ns = max(now, eng->busy_until_ns) + desc->service_ns;
		desc->state = SIM_ISSUED;
		eng->busy_until_ns = desc->fin_ns;
		eng->granted_ns += desc->service_ns;
	}
	list_splice_tail_init(list, &eng->queue);
	if (idle)
		sim_clock_arm(eng);
}

/* The first of the queue, if its time has come. */
static struct sim_desc *sim_clock_due(struct sim_engine *eng)
{
	struct sim_desc *desc;

	desc = list_first_entry_or_null(&eng->queue, struct sim_desc, node);
	if (!desc || (!eng->draining && desc->fin_ns > ktime_get_ns()))
		return NULL;
	return desc;
}

/* What befalls the next transfer, by the one-shot counts. */
static void sim_clock_fate(struct sim_oneshots *oneshots,
			   const struct sim_desc *desc, bool *fail,
			   bool *corrupt)
{
	*fail = oneshots->fail_next;
	if (*fail)
		oneshots->fail_next--;
	*corrupt = !*fail && oneshots->corrupt_next &&
		   desc->op != SIM_INTERRUPT;
	if (*corrupt)
		oneshots->corrupt_next--;
}

/**
 * sim_clock_serve() - complete the transfers whose time has come
 * @eng: the engine
 * @budget: how many at most
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
	bool fail, corrupt;

	spin_lock_irqsave(&eng->lock, flags);
	if (eng->serving) {
		spin_unlock_irqrestore(&eng->lock, flags);
		return;
	}
	preempt_disable();
	eng->serving = true;
	while (budget-- && (desc = sim_clock_due(eng))) {
		sim_clock_fate(&eng->oneshots, desc, &fail, &corrupt);
		eng->moving = desc;
		spin_unlock_irqrestore(&eng->lock, flags);

		if (fail)
			desc->outcome = DMA_TRANS_ABORTED;
		else
			desc->outcome = sim_move(eng, desc, corrupt);
		/* A client that polls may read the buffers once it sees the
		 * cookie, so they have to be its own again by then.
		 */
		dma_descriptor_unmap(&desc->tx);

		spin_lock_irqsave(&eng->lock, flags);
		eng->moving = NULL;
		list_del(&desc->node);
		sim_chan_completed(desc);
		if (wq_has_sleeper(&eng->moved))
			wake_up_all(&eng->moved);
	}
	eng->serving = false;
	sim_clock_arm(eng);
	spin_unlock_irqrestore(&eng->lock, flags);
	preempt_enable();
}

/**
 * sim_clock_withdraw() - take a channel's transfers out of the queue
 * @ch: the channel
 *
 * The others move up. The one whose data is moving is only marked.
 *
 * Context: any, under the engine's lock.
 */
void sim_clock_withdraw(struct sim_chan *ch)
{
	struct sim_engine *eng = ch->eng;
	u64 now = ktime_get_ns(), end = now;
	struct sim_desc *desc, *tmp;

	eng->granted_ns = sim_clock_busy_ns(eng, now);
	list_for_each_entry_safe(desc, tmp, &eng->queue, node) {
		if (desc->tx.chan == &ch->chan && desc != eng->moving) {
			list_del(&desc->node);
			sim_chan_terminated(desc);
			continue;
		}
		if (desc->tx.chan == &ch->chan)
			desc->aborted = true;
		if (desc->fin_ns > desc->service_ns + now)
			desc->fin_ns = end + desc->service_ns;
		end = max(end, desc->fin_ns);
	}
	eng->granted_ns += end - now;
	eng->busy_until_ns = end;
	sim_clock_arm(eng);
}

/**
 * sim_clock_drain() - serve the whole queue at once
 * @eng: an engine that nobody issues to any more
 *
 * Context: may sleep.
 */
void sim_clock_drain(struct sim_engine *eng)
{
	bool empty;
	u64 now;

	spin_lock_irq(&eng->lock);
	now = ktime_get_ns();
	eng->granted_ns = sim_clock_busy_ns(eng, now);
	eng->busy_until_ns = min(eng->busy_until_ns, now);
	eng->draining = true;
	spin_unlock_irq(&eng->lock);

	do {
		sim_clock_serve(eng, 1);
		cond_resched();
		spin_lock_irq(&eng->lock);
		empty = list_empty(&eng->queue);
		spin_unlock_irq(&eng->lock);
	} while (!empty);
}

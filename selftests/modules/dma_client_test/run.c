// SPDX-License-Identifier: GPL-2.0
/* Carries an order out, batch by batch. */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "client.h"

/* How long a paused channel is watched. */
#define CLIENT_PAUSE_MS		20

static void client_called(void *param, const struct dmaengine_result *result)
{
	struct client_slot *slot = param;
	struct client_run *run = slot->run;

	slot->fate = result->result == DMA_TRANS_NOERROR ? CLIENT_COMPLETED :
							   CLIENT_FAILED;
	if (atomic_dec_and_test(&run->pending))
		complete(&run->done);
}

static void client_period(void *param)
{
	struct client_slot *slot = param;
	struct client_run *run = slot->run;

	if (atomic_inc_return(&run->called) != run->enough)
		return;
	/* From here no period more is called back: the count is exact. */
	dmaengine_terminate_async(run->chan);
	complete(&run->done);
}

static void client_prepare(struct client_slot *slot)
{
	struct client_run *run = slot->run;
	struct dma_async_tx_descriptor *tx = client_transfer_prep(slot);

	slot->tx = tx;
	slot->fate = tx ? CLIENT_PREPARED : CLIENT_IDLE;
	if (!tx) {
		run->result.refused++;
		return;
	}
	if (run->order.op == CLIENT_CYCLIC)
		tx->callback = client_period;
	else
		tx->callback_result = client_called;
	tx->callback_param = slot;
}

static void client_submit(struct client_slot *slot)
{
	/* The callback may come before this returns, if issued by another. */
	slot->fate = CLIENT_SUBMITTED;
	atomic_inc(&slot->run->pending);
	slot->cookie = dmaengine_submit(slot->tx);
	if (dma_submit_error(slot->cookie)) {
		atomic_dec(&slot->run->pending);
		slot->fate = CLIENT_REFUSED;
	}
}

/* Something is to be prepared, or submitted. */
static void client_hold(const struct client_run *run)
{
	if (run->order.hold_ms)
		schedule_timeout_killable(msecs_to_jiffies(run->order.hold_ms));
}

/**
 * client_step() - prepare a batch, then submit it, then issue it
 * @run: the run
 *
 * Context: any; may sleep where the order holds what it prepared.
 */
void client_step(struct client_run *run)
{
	unsigned int i;

	run->result.tid = in_task() ? current->pid : 0;
	client_hold(run);
	for (i = 0; i < run->want; i++)
		client_prepare(&run->slots[i]);
	if (run->order.mode == CLIENT_DROP)
		return;
	client_hold(run);
	for (i = 0; i < run->want; i++)
		if (run->slots[i].fate == CLIENT_PREPARED)
			client_submit(&run->slots[i]);
	dma_async_issue_pending(run->chan);
	if (atomic_dec_and_test(&run->pending))
		complete(&run->done);
}

/* Returns an error if a signal came, else 0; a timeout is a result. */
static int client_wait(struct client_run *run)
{
	unsigned long timeout = msecs_to_jiffies(run->order.timeout_ms);
	long left = wait_for_completion_killable_timeout(&run->done, timeout);

	if (!left)
		run->result.timeouts++;
	return left < 0 ? left : 0;
}

/* How far a channel has come; it does not go on while paused. */
struct client_progress {
	int called;
	dma_cookie_t completed;
	u32 residue;
	enum dma_status status;
};

static struct client_progress client_progress(struct client_run *run)
{
	struct client_progress at = { .called = atomic_read(&run->called) };
	struct client_slot *last = &run->slots[run->want - 1];
	struct dma_tx_state state = {};

	at.status = dmaengine_tx_status(run->chan, last->cookie, &state);
	at.completed = state.last;
	at.residue = state.residue;
	return at;
}

static bool client_ran_on(struct client_run *run)
{
	struct client_progress before = client_progress(run), after;

	msleep(CLIENT_PAUSE_MS);
	after = client_progress(run);
	return after.status == DMA_IN_PROGRESS ||
	       memcmp(&before, &after, sizeof(before));
}

static int client_pause(struct client_run *run)
{
	int ret = dmaengine_pause(run->chan);

	if (ret)
		return ret;
	/* What was under way when the channel paused. */
	dmaengine_synchronize(run->chan);
	if (client_ran_on(run))
		run->result.ran_on++;
	return dmaengine_resume(run->chan);
}

/* Returns 0, or why the run cannot go on. */
static int client_settle(struct client_run *run)
{
	int ret = 0;

	if (run->order.mode == CLIENT_PAUSE)
		ret = client_pause(run);
	if (!ret && run->order.mode != CLIENT_DROP &&
	    run->order.mode != CLIENT_TERMINATE)
		ret = client_wait(run);
	return ret;
}

static void client_count(struct client_slot *slot)
{
	struct client_run *run = slot->run;
	struct client_result *result = &run->result;

	switch (slot->fate) {
	case CLIENT_IDLE:
		break;
	case CLIENT_PREPARED:
		result->dropped++;
		break;
	case CLIENT_SUBMITTED:
		result->terminated++;
		if (run->order.op == CLIENT_CYCLIC &&
		    !client_transfer_check(slot))
			result->corrupt++;
		break;
	case CLIENT_REFUSED:
	case CLIENT_FAILED:
		result->errors++;
		break;
	case CLIENT_COMPLETED:
		result->ops++;
		result->bytes += run->order.size;
		if (!client_transfer_check(slot))
			result->corrupt++;
		break;
	}
}

static bool client_is_settled(struct client_run *run)
{
	unsigned int i;

	for (i = 0; i < run->want; i++)
		if (run->slots[i].fate == CLIENT_PREPARED ||
		    run->slots[i].fate == CLIENT_SUBMITTED)
			return false;
	return true;
}

/* Counts the periods of a cyclic transfer, which never completes. */
static void client_count_periods(struct client_run *run)
{
	unsigned int periods = atomic_read(&run->called);

	run->result.periods += periods;
	run->result.bytes += (u64)periods *
			     (run->order.size / run->order.parts);
}

/* Returns how many descriptors there were, or an error. */
static int client_batch(struct client_run *run)
{
	unsigned int i;
	int ret, made = 0;

	for (i = 0; i < run->want; i++)
		client_transfer_fill(&run->slots[i]);
	atomic_set(&run->pending, 1);
	atomic_set(&run->called, 0);
	reinit_completion(&run->done);

	client_step_in_context(run);
	for (i = 0; i < run->want; i++)
		made += run->slots[i].fate != CLIENT_IDLE;
	ret = made ? client_settle(run) : 0;
	if (!client_is_settled(run))
		dmaengine_terminate_sync(run->chan);

	for (i = 0; i < run->want; i++)
		client_count(&run->slots[i]);
	client_count_periods(run);
	return ret ?: made;
}

/*
 * Refused preps are tried again with the next batch, except where nobody is
 * to complete what fills the ring.
 */
static int client_batches(struct client_run *run)
{
	unsigned int left = run->order.ops;
	int made;

	while (left && !run->result.timeouts) {
		run->want = min(left, run->order.batch);
		made = client_batch(run);
		if (made < 0)
			return made;
		if (!made)
			return -EIO;
		if (fatal_signal_pending(current))
			return -ERESTARTSYS;
		left -= run->order.mode == CLIENT_DROP ? run->want : made;
		cond_resched();
	}
	return 0;
}

/**
 * client_run() - carry an order out
 * @order: what
 * @result: what came of it, valid with errors too
 *
 * Context: may sleep.
 * Return: 0; -EIO if a whole batch was refused; -ERESTARTSYS for a deadly
 * signal; an error of the channel's; or -ENOMEM.
 */
int client_run(const struct client_order *order, struct client_result *result)
{
	struct client_run *run = kzalloc(sizeof(*run), GFP_KERNEL);
	int ret;

	if (!run)
		return -ENOMEM;
	run->order = *order;
	run->enough = order->op == CLIENT_CYCLIC ? order->periods : 0;
	init_completion(&run->done);
	client_context_init(run);
	ret = client_channel_get(run);
	if (ret)
		goto out_free;
	ret = client_transfers_alloc(run);
	if (ret)
		goto out_channel;
	ret = client_batches(run);
	*result = run->result;
	client_transfers_free(run);
out_channel:
	client_channel_put(run);
out_free:
	kfree(run);
	return ret;
}

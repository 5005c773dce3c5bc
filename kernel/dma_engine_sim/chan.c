// SPDX-License-Identifier: GPL-2.0
#include <linux/ktime.h>

#include "chan.h"
#include "clock.h"
#include "desc.h"
#include "engine.h"
#include "fifo.h"
#include "power.h"

/* Callbacks made by one run of the tasklet, to let other softirqs in. */
#define SIM_CALLBACK_BATCH	256

/**
 * sim_chan_inflight() - where a channel keeps what is in flight
 * @ch: the channel
 * @cookie: of a transfer
 *
 * Context: any, under the engine's lock.
 * Return: where the transfer of that cookie is, if any: another may be there,
 * or NULL.
 */
struct sim_desc **sim_chan_inflight(struct sim_chan *ch, dma_cookie_t cookie)
{
	return &ch->inflight[cookie & ch->inflight_mask];
}

/* A transfer in flight is going to be no more. */
static void sim_chan_forget(struct sim_chan *ch, struct sim_desc *desc)
{
	struct sim_desc **slot = sim_chan_inflight(ch, desc->tx.cookie);

	if (*slot == desc)
		*slot = NULL;
	if (desc->state == SIM_WAITING || desc->state == SIM_QUEUED)
		sim_power_put(ch->eng);
}

/* What was moved without an error, as the device at the far end sees it. */
static void sim_chan_passed(struct sim_chan *ch, const struct sim_desc *desc)
{
	if (desc->op != SIM_SLAVE && desc->op != SIM_CYCLIC)
		return;
	if (desc->dir == DMA_MEM_TO_DEV)
		ch->eng->truth.sent_crc = desc->crc;
	else
		ch->stream += desc->len;
}

/**
 * sim_chan_completed() - a transfer ended; make it known
 * @desc: on no list, with its outcome
 *
 * Context: any, under the engine's lock. The client is called later, from
 * the channel's tasklet.
 */
void sim_chan_completed(struct sim_desc *desc)
{
	struct sim_chan *ch = to_sim_chan(desc->tx.chan);
	struct sim_truth *truth = &ch->eng->truth;

	if (desc->aborted) {
		sim_chan_terminated(desc);
		return;
	}

	sim_truth_completed(truth, ktime_get_ns(), desc->submit_ns);
	if (desc->outcome == DMA_TRANS_NOERROR) {
		sim_truth_moved(truth, desc->thread, desc->len, 1);
		sim_chan_passed(ch, desc);
	} else {
		truth->errors++;
		ch->failures[ch->next_failure++ % SIM_FAILURES] =
			desc->tx.cookie;
	}

	sim_chan_forget(ch, desc);
	/* Pairs with the acquire in sim_chan_peek(): whoever sees the cookie
	 * sees the data.
	 */
	smp_store_release(&ch->chan.completed_cookie, desc->tx.cookie);
	desc->tx.cookie = 0;
	desc->state = SIM_DONE;
	list_add_tail(&desc->node, &ch->done);
	tasklet_schedule(&ch->callbacks);
}

/**
 * sim_chan_period() - a period of a cyclic transfer ended
 * @desc: the transfer, with the period's outcome
 *
 * Context: any, under the engine's lock. The client is called later, from
 * the channel's tasklet.
 */
void sim_chan_period(struct sim_desc *desc)
{
	struct sim_chan *ch = to_sim_chan(desc->tx.chan);

	if (desc->outcome == DMA_TRANS_NOERROR) {
		sim_truth_moved(&ch->eng->truth, desc->thread, desc->len, 0);
		sim_chan_passed(ch, desc);
	}
	desc->pos += desc->len;
	if (desc->pos == desc->total)
		desc->pos = 0;
	ch->periods++;
	tasklet_schedule(&ch->callbacks);
}

/**
 * sim_chan_terminated() - a submitted transfer will never complete
 * @desc: on no list
 *
 * Context: any, under the engine's lock.
 */
void sim_chan_terminated(struct sim_desc *desc)
{
	struct sim_chan *ch = to_sim_chan(desc->tx.chan);

	if (ch->hung == desc)
		ch->hung = NULL;
	if (ch->cyclic == desc) {
		ch->cyclic = NULL;
		ch->periods = 0;
	}
	sim_truth_terminated(&ch->eng->truth, ktime_get_ns(), desc->total);
	sim_chan_forget(ch, desc);
	sim_desc_drop(desc);
}

static void sim_chan_terminated_list(struct list_head *list)
{
	struct sim_desc *desc, *tmp;

	list_for_each_entry_safe(desc, tmp, list, node) {
		list_del(&desc->node);
		sim_chan_terminated(desc);
	}
}

/* Calls a client. Of a cyclic transfer the descriptor may go meanwhile. */
static void sim_chan_tell(dma_async_tx_callback_result with_result,
			  dma_async_tx_callback callback, void *param,
			  const struct dmaengine_result *result)
{
	if (with_result)
		with_result(param, result);
	else if (callback)
		callback(param);
}

static void sim_chan_tell_done(struct sim_desc *desc)
{
	struct dma_async_tx_descriptor *tx = &desc->tx;
	struct dmaengine_result result = {
		.result = desc->outcome,
		.residue = desc->outcome == DMA_TRANS_NOERROR ? 0 : desc->len,
	};

	sim_chan_tell(tx->callback_result, tx->callback, tx->callback_param,
		      &result);
	dma_run_dependencies(tx);
}

/* Tells of what completed first. Under the lock, which it drops. */
static void sim_chan_next_done(struct sim_chan *ch, unsigned long *flags)
{
	struct sim_desc *desc;

	desc = list_first_entry(&ch->done, struct sim_desc, node);
	list_del(&desc->node);
	spin_unlock_irqrestore(&ch->eng->lock, *flags);

	sim_chan_tell_done(desc);

	spin_lock_irqsave(&ch->eng->lock, *flags);
	sim_desc_retire(desc);
}

/* Tells of one period. Under the lock, which it drops. */
static void sim_chan_next_period(struct sim_chan *ch, unsigned long *flags)
{
	struct dma_async_tx_descriptor *tx = &ch->cyclic->tx;
	dma_async_tx_callback_result with_result = tx->callback_result;
	dma_async_tx_callback callback = tx->callback;
	struct dmaengine_result result = { .result = ch->cyclic->outcome };
	void *param = tx->callback_param;

	ch->periods--;
	spin_unlock_irqrestore(&ch->eng->lock, *flags);
	sim_chan_tell(with_result, callback, param, &result);
	spin_lock_irqsave(&ch->eng->lock, *flags);
}

static void sim_chan_callbacks(struct tasklet_struct *task)
{
	struct sim_chan *ch = from_tasklet(ch, task, callbacks);
	struct sim_engine *eng = ch->eng;
	unsigned int budget = SIM_CALLBACK_BATCH;
	unsigned long flags;

	spin_lock_irqsave(&eng->lock, flags);
	while (budget-- && (!list_empty(&ch->done) || ch->periods)) {
		/* What is done came before a cyclic transfer that is not. */
		if (!list_empty(&ch->done))
			sim_chan_next_done(ch, &flags);
		else
			sim_chan_next_period(ch, &flags);
	}
	if (!list_empty(&ch->done) || ch->periods)
		tasklet_schedule(&ch->callbacks);
	spin_unlock_irqrestore(&eng->lock, flags);
}

/**
 * sim_chan_submit() - tx_submit of all descriptors
 * @tx: what a prep returned
 *
 * Context: any.
 * Return: the cookie, -EINVAL if @tx was terminated since its prep.
 */
dma_cookie_t sim_chan_submit(struct dma_async_tx_descriptor *tx)
{
	struct sim_desc *desc = to_sim_desc(tx);
	struct sim_chan *ch = to_sim_chan(tx->chan);
	struct sim_engine *eng = ch->eng;
	dma_cookie_t cookie;
	unsigned long flags;

	spin_lock_irqsave(&eng->lock, flags);
	if (desc->state != SIM_PREPARED) {
		spin_unlock_irqrestore(&eng->lock, flags);
		return -EINVAL;
	}

	cookie = ch->chan.cookie + 1;
	if (cookie < DMA_MIN_COOKIE)
		cookie = DMA_MIN_COOKIE;
	tx->cookie = cookie;
	WRITE_ONCE(ch->chan.cookie, cookie);

	desc->submit_ns = ktime_get_ns();
	desc->thread = sim_truth_submitter(&eng->truth);
	desc->state = SIM_SUBMITTED;
	*sim_chan_inflight(ch, cookie) = desc;
	sim_truth_submitted(&eng->truth, desc->submit_ns);

	if (eng->dead) {
		list_del(&desc->node);
		dma_descriptor_unmap(tx);
		desc->outcome = DMA_TRANS_ABORTED;
		sim_chan_completed(desc);
	} else {
		list_move_tail(&desc->node, &ch->submitted);
	}
	spin_unlock_irqrestore(&eng->lock, flags);
	return cookie;
}

static void sim_chan_issue_pending(struct dma_chan *chan)
{
	struct sim_chan *ch = to_sim_chan(chan);
	unsigned long flags;

	spin_lock_irqsave(&ch->eng->lock, flags);
	sim_clock_issue(ch);
	spin_unlock_irqrestore(&ch->eng->lock, flags);
	sim_clock_begin(ch->eng);
}

static bool sim_chan_width_valid(enum dma_slave_buswidth width)
{
	return !width || (width < BITS_PER_LONG && SIM_FIFO_WIDTHS & BIT(width));
}

static int sim_chan_config(struct dma_chan *chan,
			   struct dma_slave_config *config)
{
	if (!sim_chan_width_valid(config->src_addr_width) ||
	    !sim_chan_width_valid(config->dst_addr_width))
		return -EINVAL;
	to_sim_chan(chan)->config = *config;
	return 0;
}

static int sim_chan_pause(struct dma_chan *chan)
{
	struct sim_chan *ch = to_sim_chan(chan);
	unsigned long flags;

	spin_lock_irqsave(&ch->eng->lock, flags);
	sim_clock_pause(ch);
	spin_unlock_irqrestore(&ch->eng->lock, flags);
	return 0;
}

static int sim_chan_resume(struct dma_chan *chan)
{
	struct sim_chan *ch = to_sim_chan(chan);
	unsigned long flags;

	spin_lock_irqsave(&ch->eng->lock, flags);
	sim_clock_resume(ch);
	spin_unlock_irqrestore(&ch->eng->lock, flags);
	return 0;
}

/* Under the lock. */
static void sim_chan_abort(struct sim_chan *ch)
{
	struct sim_desc *moving = ch->eng->moving;
	LIST_HEAD(queued);

	if (moving && moving->tx.chan == &ch->chan)
		moving->aborted = true;
	sim_desc_drop_list(&ch->prepared);
	sim_chan_terminated_list(&ch->submitted);
	sim_chan_terminated_list(&ch->waiting);
	sim_clock_withdraw(ch, &queued);
	sim_chan_terminated_list(&queued);
	ch->periods = 0;
	ch->paused = false;
}

static int sim_chan_terminate_all(struct dma_chan *chan)
{
	struct sim_chan *ch = to_sim_chan(chan);
	struct sim_engine *eng = ch->eng;
	unsigned long flags;

	spin_lock_irqsave(&eng->lock, flags);
	sim_chan_abort(ch);
	/* virt-dma forgets complete transfers whose callback is due. */
	if (eng->params.style == SIM_VCHAN)
		sim_desc_drop_list(&ch->done);
	spin_unlock_irqrestore(&eng->lock, flags);
	return 0;
}

static bool sim_chan_moving(struct sim_chan *ch)
{
	unsigned long flags;
	bool moving;

	spin_lock_irqsave(&ch->eng->lock, flags);
	moving = ch->eng->moving && ch->eng->moving->tx.chan == &ch->chan;
	spin_unlock_irqrestore(&ch->eng->lock, flags);
	return moving;
}

static void sim_chan_synchronize(struct dma_chan *chan)
{
	struct sim_chan *ch = to_sim_chan(chan);

	wait_event(ch->eng->moved, !sim_chan_moving(ch));
	tasklet_kill(&ch->callbacks);
}

static int sim_chan_alloc(struct dma_chan *chan)
{
	struct sim_chan *ch = to_sim_chan(chan);
	struct sim_engine *eng = ch->eng;
	int ret;

	ret = sim_desc_init(ch);
	if (ret)
		return ret;

	spin_lock_irq(&eng->lock);
	if (eng->closing) {
		/* Not ENODEV, on which the core unlinks the device twice. */
		ret = -EBUSY;
	} else {
		eng->held++;
		chan->cookie = DMA_MIN_COOKIE;
		chan->completed_cookie = DMA_MIN_COOKIE;
		memset(ch->failures, 0, sizeof(ch->failures));
		memset(&ch->config, 0, sizeof(ch->config));
		ch->stream = 0;
	}
	spin_unlock_irq(&eng->lock);
	if (ret) {
		sim_desc_exit(ch);
		return ret;
	}
	return eng->params.ring;
}

static void sim_chan_free(struct dma_chan *chan)
{
	struct sim_chan *ch = to_sim_chan(chan);
	struct sim_engine *eng = ch->eng;

	spin_lock_irq(&eng->lock);
	sim_chan_abort(ch);
	spin_unlock_irq(&eng->lock);
	sim_chan_synchronize(chan);

	spin_lock_irq(&eng->lock);
	sim_desc_drop_list(&ch->done);
	sim_desc_drop_list(&ch->unacked);
	eng->held--;
	spin_unlock_irq(&eng->lock);
	sim_desc_exit(ch);
}

/**
 * sim_chan_init() - add a channel to an engine that is not registered
 * @eng: the engine, with params and lock set
 * @ch: zeroed
 */
void sim_chan_init(struct sim_engine *eng, struct sim_chan *ch)
{
	ch->eng = eng;
	ch->chan.device = &eng->dma;
	ch->chan.cookie = DMA_MIN_COOKIE;
	ch->chan.completed_cookie = DMA_MIN_COOKIE;
	INIT_LIST_HEAD(&ch->submitted);
	INIT_LIST_HEAD(&ch->waiting);
	tasklet_setup(&ch->callbacks, sim_chan_callbacks);
	list_add_tail(&ch->chan.device_node, &eng->dma.channels);
}

/**
 * sim_chan_setup() - fill in what a dma_device does for its channels
 * @dma: the device
 */
void sim_chan_setup(struct dma_device *dma)
{
	dma->device_alloc_chan_resources = sim_chan_alloc;
	dma->device_free_chan_resources = sim_chan_free;
	dma->device_issue_pending = sim_chan_issue_pending;
	dma->device_tx_status = sim_chan_status;
	dma->device_config = sim_chan_config;
	dma->device_pause = sim_chan_pause;
	dma->device_resume = sim_chan_resume;
	dma->device_terminate_all = sim_chan_terminate_all;
	dma->device_synchronize = sim_chan_synchronize;
}

// SPDX-License-Identifier: GPL-2.0
#include <linux/ktime.h>
#include <linux/math64.h>

#include "chan.h"
#include "clock.h"
#include "desc.h"
#include "engine.h"

/* Callbacks made by one run of the tasklet, to let other softirqs in. */
#define SIM_CALLBACK_BATCH	256

static struct sim_desc **sim_chan_inflight(struct sim_chan *ch,
					   dma_cookie_t cookie)
{
	return &ch->inflight[cookie & ch->inflight_mask];
}

static void sim_chan_forget(struct sim_chan *ch, struct sim_desc *desc)
{
	struct sim_desc **slot = sim_chan_inflight(ch, desc->tx.cookie);

	if (*slot == desc)
		*slot = NULL;
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
		sim_truth_moved(truth, desc->thread, desc->len);
	} else {
		truth->errors++;
		ch->failures[ch->next_failure++ % SIM_FAILURES] =
			desc->tx.cookie;
	}

	sim_chan_forget(ch, desc);
	/* Pairs with the acquire in sim_chan_status(): whoever sees the cookie
	 * sees the data.
	 */
	smp_store_release(&ch->chan.completed_cookie, desc->tx.cookie);
	desc->tx.cookie = 0;
	desc->state = SIM_DONE;
	list_add_tail(&desc->node, &ch->done);
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

	sim_truth_dropped(&ch->eng->truth, ktime_get_ns());
	sim_chan_forget(ch, desc);
	sim_desc_drop(desc);
}

static void sim_chan_tell(struct sim_desc *desc)
{
	struct dma_async_tx_descriptor *tx = &desc->tx;
	struct dmaengine_result result = {
		.result = desc->outcome,
		.residue = desc->outcome == DMA_TRANS_NOERROR ? 0 : desc->len,
	};

	if (tx->callback_result)
		tx->callback_result(tx->callback_param, &result);
	else if (tx->callback)
		tx->callback(tx->callback_param);
	dma_run_dependencies(tx);
}

static void sim_chan_callbacks(struct tasklet_struct *task)
{
	struct sim_chan *ch = from_tasklet(ch, task, callbacks);
	struct sim_engine *eng = ch->eng;
	unsigned int budget = SIM_CALLBACK_BATCH;
	struct sim_desc *desc;
	unsigned long flags;

	spin_lock_irqsave(&eng->lock, flags);
	while (budget-- && !list_empty(&ch->done)) {
		desc = list_first_entry(&ch->done, struct sim_desc, node);
		list_del(&desc->node);
		spin_unlock_irqrestore(&eng->lock, flags);

		sim_chan_tell(desc);

		spin_lock_irqsave(&eng->lock, flags);
		sim_desc_retire(desc);
	}
	if (!list_empty(&ch->done))
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
	sim_clock_issue(ch->eng, &ch->submitted);
	spin_unlock_irqrestore(&ch->eng->lock, flags);
}

static enum dma_status sim_chan_peek(struct dma_chan *chan, dma_cookie_t cookie,
				     struct dma_tx_state *state)
{
	dma_cookie_t used = READ_ONCE(chan->cookie);
	/* Pairs with the release in sim_chan_completed(). */
	dma_cookie_t complete = smp_load_acquire(&chan->completed_cookie);

	if (state) {
		state->last = complete;
		state->used = used;
		state->residue = 0;
		state->in_flight_bytes = 0;
	}
	return dma_async_is_complete(cookie, complete, used);
}

static bool sim_chan_failed(struct sim_chan *ch, dma_cookie_t cookie)
{
	unsigned int i;

	for (i = 0; i < SIM_FAILURES; i++)
		if (READ_ONCE(ch->failures[i]) == cookie)
			return true;
	return false;
}

/* Bytes of a transfer that the engine has not got to. Under the lock. */
static u32 sim_chan_residue(struct sim_chan *ch, dma_cookie_t cookie)
{
	struct sim_desc *desc = *sim_chan_inflight(ch, cookie);
	u64 now = ktime_get_ns(), left, service;

	if (!desc || desc->tx.cookie != cookie)
		return 0;
	if (desc->state != SIM_ISSUED)
		return desc->len;
	if (desc->fin_ns <= now)
		return 0;
	left = desc->fin_ns - now;
	service = desc->service_ns - ch->eng->params.latency_ns;
	if (left >= service)
		return desc->len;
	/* len is at most SIM_LEN_MAX: 30 bits leave 34 for the time. */
	while (service > U32_MAX) {
		service >>= 1;
		left >>= 1;
	}
	return div64_u64(left * desc->len, service);
}

/*
 * Serves what is due as well: a client that spins here with preemption off,
 * or where softirqs cannot run, is waiting for just that.
 */
static enum dma_status sim_chan_status(struct dma_chan *chan,
				       dma_cookie_t cookie,
				       struct dma_tx_state *state)
{
	struct sim_chan *ch = to_sim_chan(chan);
	enum dma_status status = sim_chan_peek(chan, cookie, state);
	unsigned long flags;

	if (status == DMA_IN_PROGRESS) {
		sim_clock_serve(ch->eng, UINT_MAX);
		status = sim_chan_peek(chan, cookie, state);
	}
	if (status == DMA_COMPLETE)
		return sim_chan_failed(ch, cookie) ? DMA_ERROR : DMA_COMPLETE;
	if (state) {
		spin_lock_irqsave(&ch->eng->lock, flags);
		state->residue = sim_chan_residue(ch, cookie);
		spin_unlock_irqrestore(&ch->eng->lock, flags);
	}
	return status;
}

/* Under the lock. */
static void sim_chan_abort(struct sim_chan *ch)
{
	struct sim_desc *desc, *tmp;

	sim_desc_drop_list(&ch->prepared);
	list_for_each_entry_safe(desc, tmp, &ch->submitted, node) {
		list_del(&desc->node);
		sim_chan_terminated(desc);
	}
	sim_clock_withdraw(ch);
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
	dma->device_terminate_all = sim_chan_terminate_all;
	dma->device_synchronize = sim_chan_synchronize;
}

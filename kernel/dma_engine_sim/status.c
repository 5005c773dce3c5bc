// SPDX-License-Identifier: GPL-2.0
/* How far a transfer has come. */
#include <linux/ktime.h>
#include <linux/math64.h>

#include "chan.h"
#include "clock.h"
#include "desc.h"
#include "engine.h"

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

/* How long the engine has yet to work on a transfer that was issued. */
static u64 sim_chan_left_ns(const struct sim_desc *desc)
{
	u64 now = ktime_get_ns();

	if (desc->state == SIM_WAITING)
		return desc->service_ns;
	return min(desc->fin_ns - min(desc->fin_ns, now), desc->service_ns);
}

/*
 * Bytes of a transfer that the engine has not got to; of a cyclic one, up to
 * the end of its buffer. Under the lock.
 */
static u32 sim_chan_residue(struct sim_chan *ch, dma_cookie_t cookie)
{
	struct sim_desc *desc = *sim_chan_inflight(ch, cookie);
	u64 left, full, rest;

	if (!desc || desc->tx.cookie != cookie)
		return 0;
	if (desc->state != SIM_WAITING && desc->state != SIM_QUEUED)
		return desc->total;
	rest = desc->total - desc->pos - desc->len;
	left = sim_chan_left_ns(desc);
	full = desc->full_ns;
	if (left >= full)
		return rest + desc->len;
	/* len is at most SIM_LEN_MAX: 30 bits leave 34 for the time. */
	while (full > U32_MAX) {
		full >>= 1;
		left >>= 1;
	}
	return rest + div64_u64(left * desc->len, full);
}

/**
 * sim_chan_status() - device_tx_status of all channels
 * @chan: the channel
 * @cookie: of a transfer
 * @state: filled in, unless NULL
 *
 * Serves what is due as well: a client that spins here with preemption off,
 * or where softirqs cannot run, is waiting for just that.
 *
 * Context: any.
 * Return: DMA_IN_PROGRESS, DMA_PAUSED, DMA_COMPLETE, or DMA_ERROR.
 */
enum dma_status sim_chan_status(struct dma_chan *chan, dma_cookie_t cookie,
				struct dma_tx_state *state)
{
	struct sim_chan *ch = to_sim_chan(chan);
	enum dma_status status = sim_chan_peek(chan, cookie, state);
	unsigned long flags;

	if (status == DMA_IN_PROGRESS) {
		sim_clock_serve(ch->eng, SIM_SERVE_BATCH);
		status = sim_chan_peek(chan, cookie, state);
	}
	if (status == DMA_COMPLETE)
		return sim_chan_failed(ch, cookie) ? DMA_ERROR : DMA_COMPLETE;

	spin_lock_irqsave(&ch->eng->lock, flags);
	if (state)
		state->residue = sim_chan_residue(ch, cookie);
	if (ch->paused)
		status = DMA_PAUSED;
	spin_unlock_irqrestore(&ch->eng->lock, flags);
	return status;
}

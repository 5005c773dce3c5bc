// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>
#include <linux/string.h>

#include "chan.h"
#include "desc.h"
#include "engine.h"
#include "prep.h"

static bool sim_prep_valid(const struct sim_engine *eng,
			   const struct sim_request *req)
{
	switch (req->op) {
	case SIM_INTERRUPT:
		return true;
	case SIM_MEMSET:
	case SIM_INTERLEAVED:
	case SIM_SLAVE:
	case SIM_CYCLIC:
		break;
	default:
		if (!req->src_cnt || req->src_cnt > eng->params.max_sources)
			return false;
	}
	return req->len && max(req->len, req->total) <= SIM_LEN_MAX;
}

static void sim_prep_fill(struct sim_desc *desc, struct dma_chan *chan,
			  const struct sim_request *req)
{
	dma_async_tx_descriptor_init(&desc->tx, chan);
	desc->tx.flags = req->flags;
	desc->tx.tx_submit = sim_chan_submit;
	desc->tx.cookie = -EBUSY;
	desc->state = SIM_PREPARED;
	desc->op = req->op;
	desc->len = req->len;
	desc->total = req->total ?: req->len;
	desc->value = req->value;
	desc->result = req->result;
	desc->dir = req->dir;
	desc->segs = req->segs;
	desc->seg_cnt = req->seg_cnt;
	desc->xt = req->xt;
	desc->src_cnt = req->src_cnt;
	if (req->dst) {
		desc->dst[0] = req->dst[0];
		desc->dst[1] = req->dst[1];
	}
	memcpy(desc->src, req->src, req->src_cnt * sizeof(*req->src));
	if (req->coef)
		memcpy(desc->coef, req->coef, req->src_cnt);
}

/**
 * sim_prep() - make a descriptor, or count a refusal
 * @chan: the channel
 * @req: what to do; what it has allocated is taken over, in any case
 *
 * Context: any.
 * Return: what prep functions return.
 */
struct dma_async_tx_descriptor *sim_prep(struct dma_chan *chan,
					 const struct sim_request *req)
{
	struct sim_chan *ch = to_sim_chan(chan);
	struct sim_engine *eng = ch->eng;
	struct sim_desc *desc = NULL;
	unsigned long flags;

	spin_lock_irqsave(&eng->lock, flags);
	if (!eng->dead && sim_prep_valid(eng, req))
		desc = sim_desc_get(ch);
	if (desc) {
		sim_prep_fill(desc, chan, req);
		list_add_tail(&desc->node, &ch->prepared);
	} else {
		eng->truth.refused++;
	}
	spin_unlock_irqrestore(&eng->lock, flags);
	if (desc)
		return &desc->tx;
	kfree(req->segs);
	kfree(req->xt);
	return NULL;
}

static struct dma_async_tx_descriptor *
sim_prep_dma_memcpy(struct dma_chan *chan, dma_addr_t dst, dma_addr_t src,
		    size_t len, unsigned long flags)
{
	dma_addr_t to[2] = { dst };
	struct sim_request req = {
		.op = SIM_MEMCPY, .len = len, .dst = to, .src = &src,
		.src_cnt = 1, .flags = flags,
	};

	return sim_prep(chan, &req);
}

/* A copy is a xor of one source; the hook of a tracer sees both calls. */
static struct dma_async_tx_descriptor *
sim_prep_nested_memcpy(struct dma_chan *chan, dma_addr_t dst, dma_addr_t src,
		       size_t len, unsigned long flags)
{
	return chan->device->device_prep_dma_xor(chan, dst, &src, 1, len,
						 flags);
}

static struct dma_async_tx_descriptor *
sim_prep_dma_memset(struct dma_chan *chan, dma_addr_t dst, int value,
		    size_t len, unsigned long flags)
{
	dma_addr_t to[2] = { dst };
	struct sim_request req = {
		.op = SIM_MEMSET, .len = len, .dst = to, .value = value,
		.flags = flags,
	};

	return sim_prep(chan, &req);
}

static struct dma_async_tx_descriptor *
sim_prep_dma_xor(struct dma_chan *chan, dma_addr_t dst, dma_addr_t *src,
		 unsigned int src_cnt, size_t len, unsigned long flags)
{
	dma_addr_t to[2] = { dst };
	struct sim_request req = {
		.op = SIM_XOR, .len = len, .dst = to, .src = src,
		.src_cnt = src_cnt, .flags = flags,
	};

	return sim_prep(chan, &req);
}

static struct dma_async_tx_descriptor *
sim_prep_dma_xor_val(struct dma_chan *chan, dma_addr_t *src,
		     unsigned int src_cnt, size_t len,
		     enum sum_check_flags *result, unsigned long flags)
{
	struct sim_request req = {
		.op = SIM_XOR_VAL, .len = len, .src = src, .src_cnt = src_cnt,
		.result = result, .flags = flags,
	};

	*result = 0;
	return sim_prep(chan, &req);
}

static struct dma_async_tx_descriptor *
sim_prep_dma_pq(struct dma_chan *chan, dma_addr_t *dst, dma_addr_t *src,
		unsigned int src_cnt, const unsigned char *scf, size_t len,
		unsigned long flags)
{
	struct sim_request req = {
		.op = SIM_PQ, .len = len, .dst = dst, .src = src,
		.src_cnt = src_cnt, .coef = scf, .flags = flags,
	};

	return sim_prep(chan, &req);
}

static struct dma_async_tx_descriptor *
sim_prep_dma_pq_val(struct dma_chan *chan, dma_addr_t *pq, dma_addr_t *src,
		    unsigned int src_cnt, const unsigned char *scf, size_t len,
		    enum sum_check_flags *result, unsigned long flags)
{
	struct sim_request req = {
		.op = SIM_PQ_VAL, .len = len, .dst = pq, .src = src,
		.src_cnt = src_cnt, .coef = scf, .result = result,
		.flags = flags,
	};

	*result = 0;
	return sim_prep(chan, &req);
}

static struct dma_async_tx_descriptor *
sim_prep_dma_interrupt(struct dma_chan *chan, unsigned long flags)
{
	struct sim_request req = { .op = SIM_INTERRUPT, .flags = flags };

	return sim_prep(chan, &req);
}

/**
 * sim_prep_setup() - fill in the prep functions of a dma_device
 * @dma: the device
 * @params: its engine's
 */
void sim_prep_setup(struct dma_device *dma, const struct sim_params *params)
{
	bool nested = params->style == SIM_NESTED;

	dma->device_prep_dma_memcpy = nested ? sim_prep_nested_memcpy :
					       sim_prep_dma_memcpy;
	dma->device_prep_dma_memset = sim_prep_dma_memset;
	dma->device_prep_dma_xor = sim_prep_dma_xor;
	dma->device_prep_dma_xor_val = sim_prep_dma_xor_val;
	dma->device_prep_dma_pq = sim_prep_dma_pq;
	dma->device_prep_dma_pq_val = sim_prep_dma_pq_val;
	dma->device_prep_dma_interrupt = sim_prep_dma_interrupt;
	sim_prep_slave_setup(dma);
	dma->max_xor = params->max_sources;
	dma_set_maxpq(dma, params->max_sources, 1);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The prep functions of transfers that are described by lists. A client may
 * be in an interrupt, and is refused where there is no memory for the list.
 */
#include <linux/overflow.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "compat.h"
#include "engine.h"
#include "fifo.h"
#include "frames.h"
#include "prep.h"

#define SIM_LIST_GFP	(GFP_NOWAIT | __GFP_NOWARN)

/*
 * The width in bytes of the device's register, which lengths and addresses
 * are multiples of; 0 where the client did not say, or asks for something
 * else than from memory to a device or back.
 */
static unsigned int sim_slave_width(struct dma_chan *chan,
				    enum dma_transfer_direction dir)
{
	const struct dma_slave_config *config = &to_sim_chan(chan)->config;

	switch (dir) {
	case DMA_MEM_TO_DEV:
		return config->dst_addr_width;
	case DMA_DEV_TO_MEM:
		return config->src_addr_width;
	default:
		return 0;
	}
}

/*
 * Adds up the segments: 0 if one of them is not what the device takes, for
 * sim_prep() to refuse.
 */
static size_t sim_slave_len(const struct sim_request *req, unsigned int width)
{
	size_t sum = 0;
	unsigned int i;

	if (!width)
		return 0;
	for (i = 0; i < req->seg_cnt; i++) {
		const struct sim_segment *segment = &req->segs[i];

		if (!segment->len || segment->len > SIM_LEN_MAX - sum ||
		    (segment->addr | segment->len) & (width - 1))
			return 0;
		sum += segment->len;
	}
	return sum;
}

static struct dma_async_tx_descriptor *
sim_prep_segments(struct dma_chan *chan, struct sim_request *req)
{
	if (req->segs)
		req->len = sim_slave_len(req, sim_slave_width(chan, req->dir));
	return sim_prep(chan, req);
}

static struct dma_async_tx_descriptor *
sim_prep_slave_sg(struct dma_chan *chan, struct scatterlist *sgl,
		  unsigned int sg_len, enum dma_transfer_direction dir,
		  unsigned long flags, void *context)
{
	struct sim_request req = {
		.op = SIM_SLAVE, .dir = dir, .seg_cnt = sg_len, .flags = flags,
	};
	struct scatterlist *sg;
	unsigned int i;

	if (sg_len)
		req.segs = kmalloc_array(sg_len, sizeof(*req.segs),
					 SIM_LIST_GFP);
	if (req.segs)
		for_each_sg(sgl, sg, sg_len, i) {
			req.segs[i].addr = sg_dma_address(sg);
			req.segs[i].len = sg_dma_len(sg);
		}
	return sim_prep_segments(chan, &req);
}

static struct dma_async_tx_descriptor *
sim_prep_dma_vec(struct dma_chan *chan, const struct dma_vec *vecs,
		 size_t nents, enum dma_transfer_direction dir,
		 unsigned long flags)
{
	struct sim_request req = {
		.op = SIM_SLAVE, .dir = dir, .seg_cnt = nents, .flags = flags,
	};
	size_t i;

	if (nents && nents <= UINT_MAX)
		req.segs = kmalloc_array(nents, sizeof(*req.segs),
					 SIM_LIST_GFP);
	for (i = 0; req.segs && i < nents; i++) {
		req.segs[i].addr = vecs[i].addr;
		req.segs[i].len = vecs[i].len;
	}
	return sim_prep_segments(chan, &req);
}

static struct dma_async_tx_descriptor *
sim_prep_dma_cyclic(struct dma_chan *chan, dma_addr_t buf, size_t buf_len,
		    size_t period_len, enum dma_transfer_direction dir,
		    unsigned long flags)
{
	unsigned int width = sim_slave_width(chan, dir);
	dma_addr_t at[2] = { buf };
	struct sim_request req = {
		.op = SIM_CYCLIC, .dir = dir, .dst = at, .total = buf_len,
		.flags = flags,
	};

	if (width && period_len && buf_len && buf_len % period_len == 0 &&
	    !((buf | period_len) & (width - 1)))
		req.len = period_len;
	return sim_prep(chan, &req);
}

static struct dma_async_tx_descriptor *
sim_prep_interleaved(struct dma_chan *chan, struct dma_interleaved_template *xt,
		     unsigned long flags)
{
	struct sim_request req = { .op = SIM_INTERLEAVED, .flags = flags };
	size_t len;

	if (sim_frames_len(xt, &len))
		req.xt = kmemdup(xt, struct_size(xt, sgl, xt->frame_size),
				 SIM_LIST_GFP);
	if (req.xt)
		req.len = len;
	return sim_prep(chan, &req);
}

/**
 * sim_prep_slave_setup() - fill in the prep functions that take lists
 * @dma: the device, with its cap_mask
 */
void sim_prep_slave_setup(struct dma_device *dma)
{
	bool sg = dma_has_cap(DMA_SLAVE, dma->cap_mask);
	bool cyclic = dma_has_cap(DMA_CYCLIC, dma->cap_mask);

	if (sg) {
		dma->device_prep_slave_sg = sim_prep_slave_sg;
		sim_set_prep_dma_vec(dma, sim_prep_dma_vec);
	}
	if (cyclic)
		dma->device_prep_dma_cyclic = sim_prep_dma_cyclic;
	if (dma_has_cap(DMA_INTERLEAVE, dma->cap_mask))
		dma->device_prep_interleaved_dma = sim_prep_interleaved;
	if (sg || cyclic) {
		dma->directions |= BIT(DMA_MEM_TO_DEV) | BIT(DMA_DEV_TO_MEM);
		dma->src_addr_widths = SIM_FIFO_WIDTHS;
		dma->dst_addr_widths = SIM_FIFO_WIDTHS;
	}
}

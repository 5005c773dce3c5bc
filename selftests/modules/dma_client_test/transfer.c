// SPDX-License-Identifier: GPL-2.0
/* What is transferred, how it is prepared, and whether it arrived. */
#include <linux/crc32.h>
#include <linux/dma-mapping.h>
#include <linux/math.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "client.h"

#define CLIENT_FLAGS		(DMA_PREP_INTERRUPT | DMA_CTRL_ACK)

/* What stands in a buffer before something is written to it. */
#define CLIENT_POISON		0xa5

/* The n-th byte that a simulated device gives is n modulo this. */
#define CLIENT_STREAM_MODULUS	251

static bool client_reads_memory(const struct client_order *order)
{
	return order->op <= CLIENT_INTERLEAVED || order->dir == DMA_MEM_TO_DEV;
}

static bool client_writes_memory(const struct client_order *order)
{
	return order->op <= CLIENT_INTERLEAVED || order->dir == DMA_DEV_TO_MEM;
}

/* Bytes of one of the two chunks of a frame. */
static size_t client_chunk(const struct client_order *order)
{
	return order->size / order->parts / 2;
}

/* Sources are read with gaps as ordered, results written with wider ones. */
static size_t client_gap(const struct client_order *order, bool source)
{
	return source ? order->gap : 2 * order->gap;
}

static size_t client_span(const struct client_order *order)
{
	if (order->op != CLIENT_INTERLEAVED)
		return order->size;
	return order->size + 2 * order->parts * client_gap(order, false);
}

/*
 * Entry @i of a scatter list: the first is at the end of the buffer, so that
 * the list is no single piece in disguise.
 */
static size_t client_entry(const struct client_order *order, unsigned int i,
			   size_t *len)
{
	size_t piece = order->size / order->parts;

	if (piece > sizeof(u32))
		piece = round_down(piece, sizeof(u32));
	*len = piece;
	if (i == order->parts - 1) {
		*len = order->size - i * piece;
		return 0;
	}
	return order->size - (i + 1) * piece;
}

static u8 *client_buffer_alloc(struct client_run *run, dma_addr_t *addr)
{
	struct device *dev = run->chan->device->dev;
	u8 *buffer = alloc_pages_exact(run->span, GFP_KERNEL);

	if (!buffer)
		return NULL;
	*addr = dma_map_single(dev, buffer, run->span, DMA_BIDIRECTIONAL);
	if (dma_mapping_error(dev, *addr)) {
		free_pages_exact(buffer, run->span);
		return NULL;
	}
	return buffer;
}

static void client_buffer_free(struct client_run *run, u8 *buffer,
			       dma_addr_t addr)
{
	if (!buffer)
		return;
	dma_unmap_single(run->chan->device->dev, addr, run->span,
			 DMA_BIDIRECTIONAL);
	free_pages_exact(buffer, run->span);
}

static int client_entries_alloc(struct client_slot *slot, dma_addr_t base)
{
	const struct client_order *order = &slot->run->order;
	unsigned int i;
	size_t at, len;

	slot->sg = kcalloc(order->parts, sizeof(*slot->sg), GFP_KERNEL);
	slot->vecs = kcalloc(order->parts, sizeof(*slot->vecs), GFP_KERNEL);
	if (!slot->sg || !slot->vecs)
		return -ENOMEM;
	sg_init_table(slot->sg, order->parts);
	for (i = 0; i < order->parts; i++) {
		at = client_entry(order, i, &len);
		sg_dma_address(&slot->sg[i]) = base + at;
		sg_dma_len(&slot->sg[i]) = len;
		slot->vecs[i].addr = base + at;
		slot->vecs[i].len = len;
	}
	return 0;
}

static int client_slot_alloc(struct client_run *run, struct client_slot *slot)
{
	const struct client_order *order = &run->order;
	unsigned int number = slot - run->slots;
	size_t i;

	slot->run = run;
	if (client_reads_memory(order)) {
		slot->src = client_buffer_alloc(run, &slot->src_dma);
		if (!slot->src)
			return -ENOMEM;
		for (i = 0; i < run->span; i++)
			slot->src[i] = number * 31 + i * 7 + i / 256;
	}
	if (client_writes_memory(order)) {
		slot->dst = client_buffer_alloc(run, &slot->dst_dma);
		if (!slot->dst)
			return -ENOMEM;
	}
	if (order->op != CLIENT_SLAVE_SG && order->op != CLIENT_DMA_VEC)
		return 0;
	return client_entries_alloc(slot, slot->src ? slot->src_dma :
						      slot->dst_dma);
}

static int client_template_alloc(struct client_run *run)
{
	const struct client_order *order = &run->order;
	struct dma_interleaved_template *xt;
	unsigned int i;

	xt = kzalloc(struct_size(xt, sgl, 2), GFP_KERNEL);
	if (!xt)
		return -ENOMEM;
	xt->dir = DMA_MEM_TO_MEM;
	xt->src_inc = true;
	xt->dst_inc = true;
	xt->src_sgl = true;
	xt->dst_sgl = true;
	xt->numf = order->parts;
	xt->frame_size = 2;
	for (i = 0; i < xt->frame_size; i++) {
		xt->sgl[i].size = client_chunk(order);
		xt->sgl[i].icg = client_gap(order, true);
		xt->sgl[i].dst_icg = client_gap(order, false);
	}
	run->xt = xt;
	return 0;
}

/**
 * client_transfers_alloc() - make the slots and their buffers
 * @run: with its order and channel
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int client_transfers_alloc(struct client_run *run)
{
	const struct client_order *order = &run->order;
	unsigned int i;
	int ret = 0;

	run->span = client_span(order);
	run->slots = kvcalloc(order->batch, sizeof(*run->slots), GFP_KERNEL);
	if (!run->slots)
		return -ENOMEM;
	if (order->op == CLIENT_INTERLEAVED)
		ret = client_template_alloc(run);
	for (i = 0; !ret && i < order->batch; i++)
		ret = client_slot_alloc(run, &run->slots[i]);
	if (ret)
		client_transfers_free(run);
	return ret;
}

/**
 * client_transfers_free() - undo client_transfers_alloc()
 * @run: nothing of it is in flight
 *
 * Context: may sleep.
 */
void client_transfers_free(struct client_run *run)
{
	struct client_slot *slot;

	for (slot = run->slots; slot < run->slots + run->order.batch; slot++) {
		client_buffer_free(run, slot->src, slot->src_dma);
		client_buffer_free(run, slot->dst, slot->dst_dma);
		kfree(slot->sg);
		kfree(slot->vecs);
	}
	kvfree(run->slots);
	kfree(run->xt);
}

/**
 * client_transfer_fill() - make the buffers ready
 * @slot: a slot that is not in flight
 */
void client_transfer_fill(struct client_slot *slot)
{
	struct client_run *run = slot->run;
	struct device *dev = run->chan->device->dev;

	slot->fate = CLIENT_IDLE;
	if (slot->dst) {
		memset(slot->dst, CLIENT_POISON, run->span);
		dma_sync_single_for_device(dev, slot->dst_dma, run->span,
					   DMA_BIDIRECTIONAL);
	}
	if (slot->src)
		dma_sync_single_for_device(dev, slot->src_dma, run->span,
					   DMA_BIDIRECTIONAL);
}

/**
 * client_transfer_prep() - call the prep function
 * @slot: a slot that is not in flight
 *
 * Context: any.
 * Return: what the provider returned.
 */
struct dma_async_tx_descriptor *client_transfer_prep(struct client_slot *slot)
{
	struct client_run *run = slot->run;
	const struct client_order *order = &run->order;
	struct dma_chan *chan = run->chan;

	switch (order->op) {
	case CLIENT_MEMCPY:
		return dmaengine_prep_dma_memcpy(chan, slot->dst_dma,
						 slot->src_dma, order->size,
						 CLIENT_FLAGS);
	case CLIENT_INTERLEAVED:
		run->xt->src_start = slot->src_dma;
		run->xt->dst_start = slot->dst_dma;
		return dmaengine_prep_interleaved_dma(chan, run->xt,
						      CLIENT_FLAGS);
	case CLIENT_SLAVE_SG:
		return dmaengine_prep_slave_sg(chan, slot->sg, order->parts,
					       order->dir, CLIENT_FLAGS);
	case CLIENT_DMA_VEC:
		return dmaengine_prep_peripheral_dma_vec(chan, slot->vecs,
							 order->parts,
							 order->dir,
							 CLIENT_FLAGS);
	default:
		return dmaengine_prep_dma_cyclic(chan, slot->src ?
						 slot->src_dma : slot->dst_dma,
						 order->size,
						 order->size / order->parts,
						 order->dir, CLIENT_FLAGS);
	}
}

static bool client_is_poison(const u8 *at, size_t len)
{
	return !memchr_inv(at, CLIENT_POISON, len);
}

static bool client_check_frames(const struct client_slot *slot)
{
	const struct client_order *order = &slot->run->order;
	size_t from_gap = client_gap(order, true);
	size_t to_gap = client_gap(order, false);
	size_t chunk = client_chunk(order);
	const u8 *from = slot->src, *to = slot->dst;
	unsigned int i;

	for (i = 0; i < 2 * order->parts; i++) {
		if (memcmp(to, from, chunk) ||
		    !client_is_poison(to + chunk, to_gap))
			return false;
		from += chunk + from_gap;
		to += chunk + to_gap;
	}
	return true;
}

static bool client_is_stream(const u8 *at, size_t len, u64 from)
{
	unsigned int byte = from % CLIENT_STREAM_MODULUS;

	for (; len--; at++) {
		if (*at != byte)
			return false;
		if (++byte == CLIENT_STREAM_MODULUS)
			byte = 0;
	}
	return true;
}

static bool client_check_received(const struct client_slot *slot)
{
	struct client_run *run = slot->run;
	bool good = true;
	unsigned int i;
	size_t at, len;

	for (i = 0; i < run->order.parts; i++) {
		at = client_entry(&run->order, i, &len);
		good &= client_is_stream(slot->dst + at, len, run->stream);
		run->stream += len;
	}
	return good;
}

/* Periods called back; of which lap each is, only the engine knows. */
static bool client_check_periods(const struct client_slot *slot)
{
	const struct client_order *order = &slot->run->order;
	size_t len = order->size / order->parts;
	unsigned int i, periods;
	bool good = true;

	periods = min_t(unsigned int, atomic_read(&slot->run->called),
			order->parts);
	for (i = 0; i < periods; i++)
		good &= client_is_stream(slot->dst + i * len, len,
					 slot->dst[i * len]);
	return good;
}

static void client_sum_sent(const struct client_slot *slot)
{
	struct client_run *run = slot->run;
	u32 *crc = &run->result.crc;
	unsigned int i;
	size_t at, len;

	for (i = 0; i < run->order.parts; i++) {
		at = client_entry(&run->order, i, &len);
		*crc = ~crc32_le(~*crc, slot->src + at, len);
	}
}

/**
 * client_transfer_check() - look at what arrived
 * @slot: a slot whose transfer completed, each once and in their order; or
 *	was cyclic and has been terminated
 *
 * What was sent to a device cannot be looked at: it is added to the result's
 * sum.
 *
 * Return: it is what should have arrived.
 */
bool client_transfer_check(struct client_slot *slot)
{
	struct client_run *run = slot->run;
	const struct client_order *order = &run->order;

	if (!slot->dst) {
		if (order->op != CLIENT_CYCLIC)
			client_sum_sent(slot);
		return true;
	}
	dma_sync_single_for_cpu(run->chan->device->dev, slot->dst_dma,
				run->span, DMA_BIDIRECTIONAL);
	switch (order->op) {
	case CLIENT_MEMCPY:
		return !memcmp(slot->dst, slot->src, order->size);
	case CLIENT_INTERLEAVED:
		return client_check_frames(slot);
	case CLIENT_CYCLIC:
		return client_check_periods(slot);
	default:
		return client_check_received(slot);
	}
}

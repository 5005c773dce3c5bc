// SPDX-License-Identifier: GPL-2.0
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "desc.h"
#include "engine.h"

/* Acknowledged descriptors looked for on each prep, to bound its cost. */
#define SIM_REAP_BATCH	4

static size_t sim_desc_size(const struct sim_chan *ch)
{
	struct sim_desc *desc;
	size_t sources = ch->eng->params.max_sources;

	return ALIGN(struct_size(desc, src, sources) + sources,
		     __alignof__(struct sim_desc));
}

/**
 * sim_desc_init() - make what a channel's descriptors need
 * @ch: a channel that no client uses
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int sim_desc_init(struct sim_chan *ch)
{
	const struct sim_params *params = &ch->eng->params;
	size_t size = sim_desc_size(ch);
	unsigned int i;

	INIT_LIST_HEAD(&ch->pool);
	INIT_LIST_HEAD(&ch->prepared);
	INIT_LIST_HEAD(&ch->submitted);
	INIT_LIST_HEAD(&ch->waiting);
	INIT_LIST_HEAD(&ch->done);
	INIT_LIST_HEAD(&ch->unacked);
	ch->used = 0;

	ch->inflight_mask = roundup_pow_of_two(params->ring) - 1;
	ch->inflight = kvcalloc(ch->inflight_mask + 1, sizeof(*ch->inflight),
				GFP_KERNEL);
	if (!ch->inflight)
		return -ENOMEM;
	if (params->style == SIM_VCHAN)
		return 0;

	ch->slots = kvcalloc(params->ring, size, GFP_KERNEL);
	if (!ch->slots) {
		kvfree(ch->inflight);
		ch->inflight = NULL;
		return -ENOMEM;
	}
	for (i = 0; i < params->ring; i++) {
		struct sim_desc *desc = ch->slots + i * size;

		list_add_tail(&desc->node, &ch->pool);
	}
	return 0;
}

/**
 * sim_desc_exit() - free what sim_desc_init() made
 * @ch: a channel with no descriptor left outside its pool
 *
 * Context: may sleep.
 */
void sim_desc_exit(struct sim_chan *ch)
{
	WARN_ON_ONCE(ch->used);
	kvfree(ch->slots);
	ch->slots = NULL;
	kvfree(ch->inflight);
	ch->inflight = NULL;
}

static void sim_desc_free(struct sim_chan *ch, struct sim_desc *desc)
{
	desc->state = SIM_FREE;
	ch->used--;
	kfree(desc->segs);
	desc->segs = NULL;
	kfree(desc->xt);
	desc->xt = NULL;
	if (ch->slots)
		list_add_tail(&desc->node, &ch->pool);
	else
		kfree(desc);
}

static void sim_desc_reap(struct sim_chan *ch, unsigned int max)
{
	struct sim_desc *desc, *tmp;

	list_for_each_entry_safe(desc, tmp, &ch->unacked, node) {
		if (!max--)
			break;
		if (!async_tx_test_ack(&desc->tx))
			continue;
		list_del(&desc->node);
		sim_desc_free(ch, desc);
	}
}

/**
 * sim_desc_get() - a blank descriptor
 * @ch: the channel
 *
 * Context: any, under the engine's lock.
 * Return: a descriptor that is on no list, NULL if all are in use.
 */
struct sim_desc *sim_desc_get(struct sim_chan *ch)
{
	struct sim_desc *desc;

	sim_desc_reap(ch, SIM_REAP_BATCH);
	if (ch->used >= ch->eng->params.ring)
		sim_desc_reap(ch, UINT_MAX);
	if (ch->used >= ch->eng->params.ring)
		return NULL;

	if (ch->slots) {
		desc = list_first_entry(&ch->pool, struct sim_desc, node);
		list_del(&desc->node);
	} else {
		desc = kmalloc(sim_desc_size(ch), GFP_NOWAIT | __GFP_NOWARN);
		if (!desc)
			return NULL;
	}
	ch->used++;
	memset(desc, 0, sizeof(*desc));
	desc->coef = (u8 *)&desc->src[ch->eng->params.max_sources];
	return desc;
}

/**
 * sim_desc_retire() - the client was told that a transfer is complete
 * @desc: on no list
 *
 * Kept until acknowledged, for until then a client may make other transfers
 * depend on it.
 *
 * Context: any, under the engine's lock.
 */
void sim_desc_retire(struct sim_desc *desc)
{
	struct sim_chan *ch = to_sim_chan(desc->tx.chan);

	if (async_tx_test_ack(&desc->tx))
		sim_desc_free(ch, desc);
	else
		list_add_tail(&desc->node, &ch->unacked);
}

/**
 * sim_desc_drop() - forget a transfer, whoever names it
 * @desc: on no list
 *
 * Context: any, under the engine's lock.
 */
void sim_desc_drop(struct sim_desc *desc)
{
	dma_descriptor_unmap(&desc->tx);
	sim_desc_free(to_sim_chan(desc->tx.chan), desc);
}

/**
 * sim_desc_drop_list() - forget all transfers of a list
 * @list: empty afterwards
 *
 * Context: any, under the engine's lock.
 */
void sim_desc_drop_list(struct list_head *list)
{
	struct sim_desc *desc, *tmp;

	list_for_each_entry_safe(desc, tmp, list, node) {
		list_del(&desc->node);
		sim_desc_drop(desc);
	}
}

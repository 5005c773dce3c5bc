// SPDX-License-Identifier: GPL-2.0
#include <linux/device.h>
#include <linux/string.h>

#include "client.h"

static const enum dma_transaction_type client_types[] = {
	[CLIENT_MEMCPY] = DMA_MEMCPY,
	[CLIENT_INTERLEAVED] = DMA_INTERLEAVE,
	[CLIENT_SLAVE_SG] = DMA_SLAVE,
	[CLIENT_DMA_VEC] = DMA_SLAVE,
	[CLIENT_CYCLIC] = DMA_CYCLIC,
};

static bool client_is_public(const struct client_order *order)
{
	return !strcmp(order->chan, "public");
}

static bool client_is_slave(const struct client_order *order)
{
	return order->op >= CLIENT_SLAVE_SG;
}

static bool client_filter(struct dma_chan *chan, void *name)
{
	return !strcmp(dma_chan_name(chan), name) ||
	       !strcmp(dev_name(chan->device->dev), name);
}

static struct dma_chan *client_find(struct client_order *order)
{
	enum dma_transaction_type type = client_types[order->op];
	dma_cap_mask_t mask;

	if (client_is_public(order)) {
		/* Slave transfers have no table. */
		return type == DMA_SLAVE ? NULL : dma_find_channel(type);
	}
	dma_cap_zero(mask);
	dma_cap_set(type, mask);
	return dma_request_channel(mask, client_filter, order->chan);
}

static int client_configure(struct client_run *run)
{
	const struct client_order *order = &run->order;
	struct dma_slave_config config = {
		.direction = order->dir,
		.src_addr = 0x1000,
		.dst_addr = 0x1000,
		.src_addr_width = order->width,
		.dst_addr_width = order->width,
		.src_maxburst = 1,
		.dst_maxburst = 1,
	};

	/*
	 * A provider may hold a lock from preparing to submitting. And the address is of no
	 * device: nothing real must be told to use it.
	 */
	if ((client_is_slave(order) || order->hold_ms) &&
	    strcmp(dev_driver_string(run->chan->device->dev), "dma_engine_sim"))
		return -EPERM;
	if (!client_is_slave(order))
		return 0;
	return order->width ? dmaengine_slave_config(run->chan, &config) : 0;
}

/**
 * client_channel_get() - find the channel, and configure it
 * @run: with its order
 *
 * Context: may sleep.
 * Return: 0; -ENODEV if there is no such channel that is free and can do it;
 * or what the provider says of the configuration.
 */
int client_channel_get(struct client_run *run)
{
	int ret = -ENODEV;

	if (client_is_public(&run->order))
		dmaengine_get();
	run->chan = client_find(&run->order);
	if (run->chan)
		ret = client_configure(run);
	if (ret)
		client_channel_put(run);
	return ret;
}

/**
 * client_channel_put() - undo client_channel_get()
 * @run: nothing of it is in flight
 *
 * Context: may sleep.
 */
void client_channel_put(struct client_run *run)
{
	if (client_is_public(&run->order))
		dmaengine_put();
	else if (run->chan)
		dma_release_channel(run->chan);
	run->chan = NULL;
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Channels of dmaengine providers: found by their address from a probe, and
 * sampled through their cookies.
 */
#ifndef DAM_HAL_CHANNEL_H
#define DAM_HAL_CHANNEL_H

#include <linux/dmaengine.h>
#include <linux/list.h>
#include <linux/types.h>

#include "hal/engine.h"

/**
 * struct dam_channel - one channel and what its cookies told
 * @node: in the table of channels, RCU
 * @list: in its engine's list, dam_lock
 * @chan: the kernel's; valid until the class callback removed the channel. NULL:
 *	it stands for a device that does DMA by itself; no field below is used
 * @engine: that it belongs to; of a device NULL until there is one, dam_lock
 * @sampling: bit 0 is a lock that is only ever tried: a probe that finds it
 *	taken leaves the interval to the next sample. All below: under it.
 * @last_ns: when it was sampled last
 * @last_completed: completed_cookie then
 * @last_depth: transfers in flight then, the one being submitted included
 * @service_ns: what an operation takes, 0 unknown
 * @now: accumulated since the tick read it
 */
struct dam_channel {
	struct hlist_node node;
	struct list_head list;
	struct dma_chan *chan;
	struct dam_engine *engine;

	unsigned long sampling;
	u64 last_ns;
	dma_cookie_t last_completed;
	u32 last_depth;
	u64 service_ns;
	struct dam_reading now;
};

/**
 * dam_channel_add() - make a channel known to probes
 * @chan: the kernel's
 * @e: its engine
 *
 * Context: class mutex held.
 * Return: the channel or NULL (no memory).
 */
struct dam_channel *dam_channel_add(struct dma_chan *chan,
				    struct dam_engine *e);

/**
 * dam_channel_hide() - no probe finds it once this returned
 * @ch: the channel
 *
 * Sleeps for a grace period. Context: class mutex held.
 */
void dam_channel_hide(struct dam_channel *ch);

/** dam_channel_free() - after dam_channel_hide() and all folding */
void dam_channel_free(struct dam_channel *ch);

/**
 * dam_channel_find() - the channel at that address, or NULL
 * @chan: address of the channel
 *
 * Context: any, preemption disabled; valid until it is enabled again.
 * Return: the channel, or NULL.
 */
struct dam_channel *dam_channel_find(const struct dma_chan *chan);

/**
 * dam_channel_sample() - account the time since the last sample
 * @ch: the channel
 * @now_ns: ktime_get_mono_fast_ns()
 * @submitting: one more transfer is about to be in flight
 *
 * Context: any. Never waits: with another sample under way it does nothing.
 */
void dam_channel_sample(struct dam_channel *ch, u64 now_ns, bool submitting);

/**
 * dam_channel_take() - add what was accumulated to @r, and forget it
 * @ch: the channel
 * @now_ns: time of the tick
 * @r: added to
 *
 * Context: dam_lock held.
 */
void dam_channel_take(struct dam_channel *ch, u64 now_ns,
		      struct dam_reading *r);

#endif

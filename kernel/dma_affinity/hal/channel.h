/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Channels of dmaengine providers: found by their address from a probe, and
 * understood through their cookies.
 */
#ifndef DAM_HAL_CHANNEL_H
#define DAM_HAL_CHANNEL_H

#include <linux/bitops.h>
#include <linux/dmaengine.h>
#include <linux/hash.h>
#include <linux/list.h>
#include <linux/processor.h>
#include <linux/rculist.h>
#include <linux/types.h>

#include "hal/clock.h"
#include "hal/engine.h"
#include "meter/load.h"
#include "meter/preps.h"

/**
 * struct dam_channel - one channel and what its cookies told
 * @node: in the table of channels, RCU
 * @list: in its engine's list, dam_lock
 * @chan: the kernel's; valid until the class callback removed the channel. NULL:
 *	it stands for a device that does DMA by itself: of what is below only
 *	@lock, @bytes and @ops are used
 * @engine: that it belongs to; of a device NULL until there is one, dam_lock
 * @lock: bit 0 is a spin lock, taken with interrupts off, under which nothing
 *	is called that a hook may be on; it protects all below up to @kinds, and the
 *	counters of the slots that submitters have on this channel
 * @preps: what was prepared and not seen submitted
 * @load: how busy it was, in units of dam_clock()
 * @slot: whose prep was the last, or NULL
 * @gone: the cookie up to which transfers were terminated, 0 none: they do not
 *	complete
 * @cyclic: the cookie of a cyclic transfer, which does not complete, 0 none
 * @kinds: bits of enum dam_kind, of preps seen
 * @bytes: cumulative, charged; as all below under dam_lock alone
 * @ops: cumulative operations, charged
 * @busy_ns: cumulative
 * @depth_ns: cumulative
 * @taken_ns: when the tick looked last
 * @aged_ns: when what waits to be submitted became older last
 * @armings: how often hooks had been armed when the tick looked
 * @armed_ns: when it saw that they had been
 */
struct dam_channel {
	struct hlist_node node;
	struct list_head list;
	struct dma_chan *chan;
	struct dam_engine *engine;

	unsigned long lock;
	struct dam_preps preps;
	struct dam_load load;
	struct dam_slot *slot;
	dma_cookie_t gone;
	dma_cookie_t cyclic;
	u32 kinds;

	u64 bytes;
	u64 ops;
	u64 busy_ns;
	u64 depth_ns;
	u64 taken_ns;
	u64 aged_ns;
	u32 armings;
	u64 armed_ns;
};

#define DAM_CHANNEL_BITS	8

/* Written under the class mutex, read under RCU. */
extern struct hlist_head dam_channels[BIT(DAM_CHANNEL_BITS)];

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
static __always_inline struct dam_channel *
dam_channel_find(const struct dma_chan *chan)
{
	struct dam_channel *ch;

	hlist_for_each_entry_rcu_notrace(ch,
					 &dam_channels[hash_ptr(chan, DAM_CHANNEL_BITS)],
					 node)
		if (ch->chan == chan)
			return ch;
	return NULL;
}

/*
 * Interrupts must be off: whoever interrupted the holder on its own CPU would wait
 * for ever. The holder calls nothing that could be hooked, so an int3 does not
 * come here either.
 */
static __always_inline void dam_channel_lock(struct dam_channel *ch)
{
	while (unlikely(test_and_set_bit_lock(0, &ch->lock)))
		cpu_relax();
}

static __always_inline void dam_channel_unlock(struct dam_channel *ch)
{
	clear_bit_unlock(0, &ch->lock);
}

dma_cookie_t dam_channel_survivor(struct dam_channel *ch, dma_cookie_t cookie,
				  dma_cookie_t completed);

/**
 * dam_channel_sample() - account for what happened since the last sample
 * @ch: the channel, locked
 * @len: bytes of a transfer that is about to be submitted
 *
 * Return: transfers in flight.
 */
static __always_inline u32 dam_channel_sample(struct dam_channel *ch, u64 len)
{
	/* In this order: what completed was submitted. */
	dma_cookie_t completed = smp_load_acquire(&ch->chan->completed_cookie);
	dma_cookie_t cookie = READ_ONCE(ch->chan->cookie);

	if (unlikely(ch->gone))
		completed = dam_channel_survivor(ch, cookie, completed);
	dam_preps_settle(&ch->preps, cookie);
	return dam_load_sample(&ch->load, dam_clock(), cookie, completed, len);
}

/**
 * dam_channel_terminate() - all that was submitted is given up
 * @ch: the channel, locked
 */
void dam_channel_terminate(struct dam_channel *ch);

/**
 * dam_channel_settle() - charge whose submissions are seen
 * @ch: the channel
 *
 * Context: process.
 */
void dam_channel_settle(struct dam_channel *ch);

/**
 * dam_channel_take() - add what was accumulated to @r, and forget it
 * @ch: the channel
 * @now_ns: time of the tick
 * @r: added to
 *
 * Context: dam_lock held.
 * Return: bits of enum dam_kind, of preps whose results ought to be seen
 * from now on, for it is unclear whose submissions are.
 */
u32 dam_channel_take(struct dam_channel *ch, u64 now_ns,
		     struct dam_reading *r);

#endif

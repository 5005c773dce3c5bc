// SPDX-License-Identifier: GPL-2.0
/*
 * Load from cookies. A channel is sampled at each submission and at each
 * tick, so between two samples nothing was submitted: work in flight only
 * shrank. If some is left at the end, the engine worked all the time. If
 * none is, it worked for as long as the operations completed since then take.
 */
#include <linux/hashtable.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "hal/channel.h"
#include "dam.h"

#define CHANNEL_BITS	8
/* A backward jump, or an absurd advance, is a channel acquired anew. */
#define ADVANCE_MAX	0x1000000
#define SAMPLE_TRIES	64

/* Written under the class mutex, read under RCU. */
static DEFINE_HASHTABLE(channels, CHANNEL_BITS);

struct dam_channel *dam_channel_add(struct dma_chan *chan,
				    struct dam_engine *e)
{
	struct dam_channel *ch = kzalloc(sizeof(*ch), GFP_KERNEL);

	if (!ch)
		return NULL;
	ch->chan = chan;
	ch->engine = e;
	ch->last_ns = ktime_get_mono_fast_ns();
	ch->last_completed = READ_ONCE(chan->completed_cookie);
	ch->last_depth = max(READ_ONCE(chan->cookie) - ch->last_completed, 0);
	hash_add_rcu(channels, &ch->node, (unsigned long)chan);
	dam_memory_add(sizeof(*ch));
	return ch;
}

void dam_channel_hide(struct dam_channel *ch)
{
	hash_del_rcu(&ch->node);
	synchronize_rcu();
}

void dam_channel_free(struct dam_channel *ch)
{
	dam_memory_sub(sizeof(*ch));
	kfree(ch);
}

struct dam_channel *dam_channel_find(const struct dma_chan *chan)
{
	struct dam_channel *ch;

	hash_for_each_possible_rcu_notrace(channels, ch, node,
					   (unsigned long)chan)
		if (ch->chan == chan)
			return ch;
	return NULL;
}

/*
 * A fully busy interval tells what an operation takes exactly. Without one,
 * the shortest interval an operation was seen to fit in is an upper bound,
 * which drifts up by 1/256 so that a slower engine is noticed.
 */
static void learn_service(struct dam_channel *ch, u64 dt, u32 done)
{
	u64 fit = div64_u64(dt, done);

	if (!ch->service_ns || fit < ch->service_ns)
		ch->service_ns = fit;
	else
		ch->service_ns += (ch->service_ns >> 8) + 1;
}

static void account(struct dam_channel *ch, u64 now_ns, bool submitting)
{
	dma_cookie_t completed = READ_ONCE(ch->chan->completed_cookie);
	dma_cookie_t used = READ_ONCE(ch->chan->cookie);
	s32 depth = used - completed;
	s32 done = completed - ch->last_completed;
	u64 dt = now_ns > ch->last_ns ? now_ns - ch->last_ns : 0;
	u64 busy = 0;

	if (depth < 0 || depth > ADVANCE_MAX)
		depth = 0;
	if (done < 0 || done > ADVANCE_MAX) {
		done = 0;
		ch->last_depth = 0;
	}
	if (ch->last_depth && depth) {
		busy = dt;
		ch->now.full_ns += dt;
		ch->now.full_ops += done;
		ch->now.depth_ns += dt * (ch->last_depth + depth) / 2;
	} else if (ch->last_depth && done) {
		learn_service(ch, dt, done);
		busy = min(dt, done * ch->service_ns);
		ch->now.depth_ns += busy * (ch->last_depth + 1) / 2;
	}
	ch->now.busy_ns += busy;
	ch->now.completed += done;
	ch->now.in_flight = depth;
	/* The tick took its time before it came here: never go back. */
	ch->last_ns = max(ch->last_ns, now_ns);
	ch->last_completed = completed;
	ch->last_depth = depth + submitting;
}

void dam_channel_sample(struct dam_channel *ch, u64 now_ns, bool submitting)
{
	if (test_and_set_bit_lock(0, &ch->sampling))
		return;
	account(ch, now_ns, submitting);
	clear_bit_unlock(0, &ch->sampling);
}

void dam_channel_take(struct dam_channel *ch, u64 now_ns,
		      struct dam_reading *r)
{
	struct dam_reading got = {};
	unsigned long flags;
	int i;

	/* The holder is a probe on another CPU: a few hundred instructions. */
	for (i = 0; i < SAMPLE_TRIES; i++) {
		local_irq_save(flags);
		if (!test_and_set_bit_lock(0, &ch->sampling)) {
			account(ch, now_ns, false);
			got = ch->now;
			memset(&ch->now, 0, sizeof(ch->now));
			if (got.full_ops)
				ch->service_ns = div64_u64(got.full_ns,
							   got.full_ops);
			clear_bit_unlock(0, &ch->sampling);
			local_irq_restore(flags);
			break;
		}
		local_irq_restore(flags);
		cpu_relax();
	}
	r->busy_ns += got.busy_ns;
	r->depth_ns += got.depth_ns;
	r->full_ns += got.full_ns;
	r->full_ops += got.full_ops;
	r->completed += got.completed;
	r->in_flight += got.in_flight;
}

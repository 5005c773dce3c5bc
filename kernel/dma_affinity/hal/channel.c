// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>

#include "hal/channel.h"
#include "hal/hook.h"
#include "dam.h"

/* What was prepared before its hook was armed is submitted within. */
#define ARMED_NS	NSEC_PER_SEC
/* What waits grows older by ticks, be they short, and not by each read of a file. */
#define AGE_NS		(NSEC_PER_MSEC / 2)
/* A look after more than this says nothing of the time before it. */
#define RECENT_NS	(NSEC_PER_SEC / 8)

struct hlist_head dam_channels[BIT(DAM_CHANNEL_BITS)];

struct dam_channel *dam_channel_add(struct dma_chan *chan,
				    struct dam_engine *e)
{
	struct dam_channel *ch = kzalloc(sizeof(*ch), GFP_KERNEL);
	dma_cookie_t cookie = READ_ONCE(chan->cookie);

	if (!ch)
		return NULL;
	ch->chan = chan;
	ch->engine = e;
	dam_preps_reset(&ch->preps, cookie);
	dam_load_reset(&ch->load, dam_clock(), cookie,
		       READ_ONCE(chan->completed_cookie));
	hlist_add_head_rcu(&ch->node,
			   &dam_channels[hash_ptr(chan, DAM_CHANNEL_BITS)]);
	dam_memory_add(sizeof(*ch));
	return ch;
}

void dam_channel_hide(struct dam_channel *ch)
{
	hlist_del_rcu(&ch->node);
	synchronize_rcu();
}

void dam_channel_free(struct dam_channel *ch)
{
	dam_memory_sub(sizeof(*ch));
	kfree(ch);
}

/* What was terminated does not complete, but is not in flight either. */
dma_cookie_t dam_channel_survivor(struct dam_channel *ch, dma_cookie_t cookie,
				  dma_cookie_t completed)
{
	/* Passed by, or of an owner before. */
	if (completed - ch->gone >= 0 || cookie - ch->gone < 0) {
		ch->gone = 0;
		return completed;
	}
	return ch->gone;
}

/* What completed, in the order that tells what is in flight. */
static dma_cookie_t look(struct dam_channel *ch, dma_cookie_t *cookie)
{
	/* As in dam_channel_sample(). */
	dma_cookie_t completed = smp_load_acquire(&ch->chan->completed_cookie);

	*cookie = READ_ONCE(ch->chan->cookie);
	if (unlikely(ch->gone))
		completed = dam_channel_survivor(ch, *cookie, completed);
	dam_preps_settle(&ch->preps, *cookie);
	return completed;
}

void dam_channel_terminate(struct dam_channel *ch)
{
	dma_cookie_t cookie, completed = look(ch, &cookie);

	dam_load_sample(&ch->load, dam_clock(), cookie, completed, ch->load.len);
	dam_load_abort(&ch->load);
	dam_load_reset(&ch->load, ch->load.last, cookie, cookie);
	ch->gone = cookie;
	ch->cyclic = 0;
}

void dam_channel_settle(struct dam_channel *ch)
{
	unsigned long flags;

	local_irq_save(flags);
	dam_channel_lock(ch);
	dam_preps_settle(&ch->preps, READ_ONCE(ch->chan->cookie));
	dam_channel_unlock(ch);
	local_irq_restore(flags);
}

static bool is_cyclic(const struct dam_channel *ch)
{
	return ch->cyclic && ch->preps.seen - ch->cyclic >= 0 &&
	       ch->load.completed - ch->cyclic < 0;
}

/* Submissions that nobody prepared in our sight were lost, or came before. */
static void take_unseen(struct dam_channel *ch, u32 unseen, u64 now_ns)
{
	u32 armings = dam_hooks_armings();

	if (ch->armings != armings || !(armings & 1)) {
		ch->armings = armings;
		ch->armed_ns = now_ns;
	}
	if (now_ns - ch->armed_ns > ARMED_NS)
		dam_drop(unseen);
}

u32 dam_channel_take(struct dam_channel *ch, u64 now_ns, struct dam_reading *r)
{
	bool recent = now_ns - ch->taken_ns < RECENT_NS;
	dma_cookie_t cookie, completed;
	struct dam_load got, *l = &ch->load;
	unsigned long flags;
	bool unclear = false, cyclic;
	u64 ticked, busy, depth_time;
	u32 depth, unseen;

	ch->taken_ns = now_ns;
	local_irq_save(flags);
	dam_channel_lock(ch);
	completed = look(ch, &cookie);
	ticked = l->ticked;
	depth = dam_load_tick(l, dam_clock(), cookie, completed, recent,
			      dam_preps_waits(&ch->preps));
	cyclic = is_cyclic(ch);
	if (now_ns - ch->aged_ns >= AGE_NS) {
		ch->aged_ns = now_ns;
		unclear = dam_preps_tick(&ch->preps);
	}
	unseen = ch->preps.unseen;
	ch->preps.unseen = 0;
	busy = dam_load_take_busy(l, l->ticked - ticked);
	depth_time = dam_load_take_depth(l, l->ticked - ticked);
	got = *l;
	l->full = 0;
	l->full_ops = 0;
	l->done = 0;
	dam_channel_unlock(ch);
	local_irq_restore(flags);

	take_unseen(ch, unseen, now_ns);
	r->in_flight += depth;
	r->completed += got.done;
	if (cyclic) {
		r->unknown = true;
	} else {
		busy = dam_clock_to_ns(busy);
		ch->busy_ns += busy;
		r->busy_ns += busy;
		depth_time = dam_clock_to_ns(depth_time);
		ch->depth_ns += depth_time;
		r->depth_ns += depth_time;
		r->full_ns += dam_clock_to_ns(got.full);
		r->full_ops += got.full_ops;
	}
	return unclear ? READ_ONCE(ch->kinds) : 0;
}

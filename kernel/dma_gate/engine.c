// SPDX-License-Identifier: GPL-2.0
/*
 * The channel that serves a CPU: segments and their completion.
 *
 * What keeps a channel usable: every agent holds all public channels through
 * dmaengine_get(), which pins their providers' modules, so a provider can only
 * go away by force (its driver unbound by hand). Nobody outside the core can
 * hold the channel itself against that, but its struct dma_chan_dev can be
 * held, and chan_dev->chan turns NULL when the provider is unregistered. So
 * between submissions only chan_dev is kept, the channel is read from it anew
 * under RCU (a provider with a device_release method frees after a grace
 * period), and nothing is ever asked of a channel that is gone. What was in
 * flight then is reported by the provider, or abandoned by the agent's reaper.
 */
#include <linux/delay.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "gate.h"

/* Segments submitted without letting others run. */
#define GATE_BATCH		64

/* The first and the longest pause when others fill the engine's queue. */
#define GATE_PAUSE_MIN_NS	(50 * NSEC_PER_USEC)
#define GATE_PAUSE_MAX_NS	(5 * NSEC_PER_MSEC)

static bool gate_engine_grab(struct gate_request *req)
{
	struct dma_chan_dev *chan_dev;
	struct dma_chan *chan;

	rcu_read_lock();
	chan = dma_find_channel(DMA_MEMCPY);
	chan_dev = chan ? chan->dev : NULL;
	if (chan_dev && READ_ONCE(chan_dev->chan) &&
	    kobject_get_unless_zero(&chan_dev->device.kobj)) {
		req->chan_dev = chan_dev;
		req->dev = get_device(chan->device->dev);
		req->align = 1U << chan->device->copy_align;
	}
	rcu_read_unlock();
	return req->chan_dev;
}

/**
 * gate_engine_find - the engine that serves DMA_MEMCPY on this CPU
 * @req: the request, its buffers pinned; undone by gate_engine_forget()
 *
 * While providers come and go the core empties the whole table for an instant,
 * so an agent that was served before looks twice.
 *
 * Return: 0, or -ENODEV when there is none for these addresses.
 */
int gate_engine_find(struct gate_request *req)
{
	struct gate_agent *agent = req->agent;
	bool found = gate_engine_grab(req);

	if (!found && agent->had_channel) {
		usleep_range(500, 1000);
		found = gate_engine_grab(req);
	}
	agent->had_channel = found;
	if (!found)
		return -ENODEV;

	/* Whoever shares a cache line with the destination must not lose. */
	if (!dev_is_dma_coherent(req->dev))
		req->align = max_t(u32, req->align, dma_get_cache_alignment());
	if ((req->src.offset | req->dst.offset | req->src.len) &
	    (req->align - 1)) {
		gate_engine_forget(req);
		return -ENODEV;
	}
	return 0;
}

/**
 * gate_engine_forget - the request needs its engine no more
 * @req: a request that is not mapped; one without engine is left alone
 */
void gate_engine_forget(struct gate_request *req)
{
	if (!req->chan_dev)
		return;
	kvfree(req->segments);
	req->segments = NULL;
	put_device(req->dev);
	req->dev = NULL;
	put_device(&req->chan_dev->device);
	req->chan_dev = NULL;
}

/**
 * gate_engine_gone - was the provider unregistered?
 * @req: a request in flight
 *
 * Context: any.
 *
 * Return: true once it was.
 */
bool gate_engine_gone(const struct gate_request *req)
{
	return !READ_ONCE(req->chan_dev->chan);
}

/* Both sides of a mapped request, walked in step. */
struct gate_walk {
	struct scatterlist *src;
	struct scatterlist *dst;
	u32 src_done;
	u32 dst_done;
	size_t left;
	u32 max;
};

static void gate_walk_start(struct gate_walk *walk, struct gate_request *req)
{
	u32 max = dma_get_max_seg_size(req->dev);

	walk->src = req->src.sgt.sgl;
	walk->dst = req->dst.sgt.sgl;
	walk->src_done = 0;
	walk->dst_done = 0;
	walk->left = req->src.len;
	walk->max = max(round_down(max, req->align), req->align);
}

/* Return: the next segment's length, 0 at the end. */
static u32 gate_walk_next(struct gate_walk *walk, dma_addr_t *src,
			  dma_addr_t *dst)
{
	u32 len;

	if (!walk->left)
		return 0;
	if (walk->src_done == sg_dma_len(walk->src)) {
		walk->src = sg_next(walk->src);
		walk->src_done = 0;
	}
	if (walk->dst_done == sg_dma_len(walk->dst)) {
		walk->dst = sg_next(walk->dst);
		walk->dst_done = 0;
	}
	len = min3(sg_dma_len(walk->src) - walk->src_done,
		   sg_dma_len(walk->dst) - walk->dst_done, walk->max);
	*src = sg_dma_address(walk->src) + walk->src_done;
	*dst = sg_dma_address(walk->dst) + walk->dst_done;
	walk->src_done += len;
	walk->dst_done += len;
	walk->left -= len;
	return len;
}

static int gate_alloc_segments(struct gate_request *req)
{
	unsigned int nr = 0;
	dma_addr_t src, dst;
	struct gate_walk walk;

	gate_walk_start(&walk, req);
	while (gate_walk_next(&walk, &src, &dst))
		nr++;
	req->segments = kvmalloc_array(nr, sizeof(*req->segments),
				       GFP_KERNEL_ACCOUNT);
	return req->segments ? 0 : -ENOMEM;
}

/*
 * A segment came back. Context: the provider's, often a tasklet. RCU keeps the
 * agent while a request may be found abandoned, and this module's text until
 * the last callback has left.
 */
static void gate_segment_done(void *param, const struct dmaengine_result *result)
{
	struct gate_segment *segment = param;
	struct gate_request *req = segment->req;
	struct gate_agent *agent = req->agent;
	bool failed = result && result->result != DMA_TRANS_NOERROR;
	unsigned long flags;

	rcu_read_lock();
	if (READ_ONCE(req->abandoned))
		goto out;
	spin_lock_irqsave(&agent->lock, flags);
	if (req->abandoned)
		goto out_unlock;
	if (!failed)
		req->bytes += segment->len;
	else if (!req->error)
		req->error = -EIO;
	req->completed++;
	agent->progress++;
	if (req->completed == req->submitted) {
		gate_agent_done(agent, req);
	} else if (req->wake_at && req->completed >= req->wake_at) {
		req->wake_at = 0;
		wake_up_all(&agent->wait);
	}
out_unlock:
	spin_unlock_irqrestore(&agent->lock, flags);
out:
	rcu_read_unlock();
}

/*
 * Every segment asks for its callback: the core promises none without
 * DMA_PREP_INTERRUPT, and an error in any segment must be seen.
 */
static int gate_submit_segment(struct gate_request *req, struct dma_chan *chan,
			       unsigned int nr, dma_addr_t src, dma_addr_t dst,
			       u32 len)
{
	struct gate_segment *segment = &req->segments[nr];
	struct dma_async_tx_descriptor *tx;

	tx = dmaengine_prep_dma_memcpy(chan, dst, src, len,
				       DMA_PREP_INTERRUPT | DMA_CTRL_ACK);
	if (!tx)
		return -EAGAIN;
	segment->req = req;
	segment->len = len;
	tx->callback_result = gate_segment_done;
	tx->callback_param = segment;
	return dma_submit_error(dmaengine_submit(tx)) ? -EIO : 0;
}

/*
 * Submit until the end, an error, or (-EAGAIN) until the engine takes no more;
 * *nr counts the segments that it took.
 */
static int gate_submit_some(struct gate_request *req, struct gate_walk *walk,
			    unsigned int *nr)
{
	struct gate_walk next;
	struct dma_chan *chan;
	dma_addr_t src, dst;
	int batch, err = 0;
	u32 len;

	do {
		rcu_read_lock();
		chan = READ_ONCE(req->chan_dev->chan);
		if (!chan)
			err = -ENODEV;
		for (batch = 0; !err && walk->left && batch < GATE_BATCH; batch++) {
			next = *walk;
			len = gate_walk_next(&next, &src, &dst);
			err = gate_submit_segment(req, chan, *nr, src, dst, len);
			if (!err) {
				*walk = next;
				++*nr;
			}
		}
		if (chan && (err || !walk->left))
			dma_async_issue_pending(chan);
		rcu_read_unlock();
		cond_resched();
	} while (!err && walk->left);
	return err;
}

/*
 * The queue is full of this request's own segments: wait until half of them
 * came back, so that refusals are few. Killable only: a part is submitted, so
 * another signal could not be answered by starting over.
 */
static int gate_stall_for_own(struct gate_request *req, unsigned int nr)
{
	struct gate_agent *agent = req->agent;
	unsigned int before;
	long left;
	int err = 0;

	spin_lock_irq(&agent->lock);
	before = req->completed;
	req->wake_at = before < nr ? before + DIV_ROUND_UP(nr - before, 2) : 0;
	spin_unlock_irq(&agent->lock);

	left = wait_event_killable_timeout(agent->wait,
					   !READ_ONCE(req->wake_at),
					   msecs_to_jiffies(GATE_STUCK_MS));

	spin_lock_irq(&agent->lock);
	req->wake_at = 0;
	if (left < 0)
		err = -EINTR;
	else if (!left && req->completed == before)
		err = -EBUSY;
	spin_unlock_irq(&agent->lock);
	return err;
}

/* The queue is full of others' transfers, whose end nobody tells: pause. */
static int gate_stall_for_others(unsigned int nr, u64 pause_ns)
{
	ktime_t pause = ns_to_ktime(pause_ns);

	set_current_state(nr ? TASK_KILLABLE : TASK_INTERRUPTIBLE);
	schedule_hrtimeout(&pause, HRTIMER_MODE_REL);
	if (!nr && signal_pending(current))
		return -ERESTARTSYS;
	return fatal_signal_pending(current) ? -EINTR : 0;
}

static bool gate_has_own(struct gate_request *req, unsigned int nr)
{
	bool own;

	spin_lock_irq(&req->agent->lock);
	own = req->completed < nr;
	spin_unlock_irq(&req->agent->lock);
	return own;
}

static int gate_submit_all(struct gate_request *req, unsigned int *nr)
{
	unsigned long deadline = jiffies + msecs_to_jiffies(GATE_STUCK_MS);
	u64 pause_ns = GATE_PAUSE_MIN_NS;
	struct gate_walk walk;
	unsigned int before;
	int err;

	gate_walk_start(&walk, req);
	for (;;) {
		before = *nr;
		err = gate_submit_some(req, &walk, nr);
		if (err != -EAGAIN)
			return err;
		if (*nr != before) {
			deadline = jiffies + msecs_to_jiffies(GATE_STUCK_MS);
			pause_ns = GATE_PAUSE_MIN_NS;
		} else if (time_after(jiffies, deadline)) {
			return -EBUSY;
		}
		if (gate_has_own(req, *nr)) {
			err = gate_stall_for_own(req, *nr);
		} else {
			err = gate_stall_for_others(*nr, pause_ns);
			pause_ns = min_t(u64, 2 * pause_ns, GATE_PAUSE_MAX_NS);
		}
		if (err)
			return err;
	}
}

/**
 * gate_engine_submit - give a mapped request to its engine
 * @req: the request, with engine and mapped
 *
 * Context: the thread that the request is to be charged to; may sleep while the
 * engine's queue is full.
 *
 * Return: 0 when the engine took at least a part: the request is then in
 * flight, may be complete and even collected, and tells the rest itself.
 * Otherwise a negative errno, and the request is the caller's.
 */
int gate_engine_submit(struct gate_request *req)
{
	struct gate_agent *agent = req->agent;
	unsigned int nr = 0;
	int err;

	err = gate_alloc_segments(req);
	if (err)
		return err;
	req->start_ns = ktime_get_ns();
	gate_agent_start(agent, req);
	err = gate_submit_all(req, &nr);
	if (!nr) {
		gate_agent_cancel(agent, req);
		return err;
	}

	spin_lock_irq(&agent->lock);
	if (err && !req->error)
		req->error = err;
	req->submitted = nr;
	if (req->completed == nr)
		gate_agent_done(agent, req);
	spin_unlock_irq(&agent->lock);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * One open file: what it may have in flight, what is in flight, what is done.
 *
 * A request's pages are unpinned in process context by whoever comes first:
 * the thread that collects it, or the reaper some milliseconds after the engine
 * is done. So pins last as long as the transfer, like those of direct I/O, and
 * not as long as the caller likes: FOLL_LONGTERM is not needed.
 *
 * Closing waits while the engines make progress. Whatever they hold after that
 * cannot be taken back (the channel is shared: terminating it would hit other
 * clients), so the agent stays as an orphan, with its pins, its hold on the
 * engines and on this module, until the last request is done.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/dma_gate.h>

#include "compat.h"
#include "gate.h"

/* A result came that can be collected; anything else that threads may wait for. */
#define GATE_RESULT	(EPOLLIN | EPOLLRDNORM)
#define GATE_ROOM	EPOLLOUT

/*
 * All who sleep in a call, and those who poll for one of @events. Caller holds
 * agent->lock.
 */
static void gate_wake(struct gate_agent *agent, __poll_t events)
{
	lockdep_assert_held(&agent->lock);
	/* Safe: a waiter is queued before it takes the lock to look. */
	if (waitqueue_active(&agent->wait))
		wake_up_poll(&agent->wait, events);
}

/* The reaper needs no more to unpin a request of the largest size. */
#define GATE_REAPER_NS	NSEC_PER_SEC

/* Caller holds agent->lock. */
static void gate_reap_soon(struct gate_agent *agent)
{
	lockdep_assert_held(&agent->lock);
	if (agent->reap_soon)
		return;
	agent->reap_soon = true;
	mod_delayed_work(gate_wq, &agent->reap, msecs_to_jiffies(GATE_REAP_MS));
}

static void gate_agent_free(struct gate_agent *agent)
{
	struct gate_request *req, *next;

	list_for_each_entry_safe(req, next, &agent->completed, node) {
		list_del(&req->node);
		gate_request_free(req);
	}
	gate_engines_put();
	kfree_rcu(agent, rcu);
	module_put(THIS_MODULE);
}

/* Caller holds agent->lock. */
static struct gate_request *gate_first_done(struct gate_agent *agent)
{
	struct gate_request *req;

	list_for_each_entry(req, &agent->completed, node)
		if (req->state == GATE_DONE)
			return req;
	return NULL;
}

/*
 * A provider that is unregistered with transfers in flight should report them
 * as aborted, but many drop them without a word. Seen gone twice, a period
 * apart, the provider had that period to stop its hardware: the request is
 * completed without its callbacks. Caller holds agent->lock.
 */
static void gate_abandon_gone(struct gate_agent *agent)
{
	struct gate_request *req, *next;

	list_for_each_entry_safe(req, next, &agent->inflight, node) {
		if (req->submitted == GATE_SUBMITTING || !gate_engine_gone(req))
			continue;
		if (!req->gone_since) {
			req->gone_since = jiffies | 1;
		} else if (time_after_eq(jiffies, req->gone_since +
					 msecs_to_jiffies(GATE_WATCH_MS))) {
			WRITE_ONCE(req->abandoned, true);
			if (!req->error)
				req->error = -ENODEV;
			gate_agent_done(agent, req);
		}
	}
}

static void gate_reap(struct work_struct *work)
{
	struct gate_agent *agent = container_of(to_delayed_work(work),
						struct gate_agent, reap);
	struct gate_request *req;
	bool inflight, last;

	spin_lock_irq(&agent->lock);
	agent->reap_soon = false;
	gate_abandon_gone(agent);
	while ((req = gate_first_done(agent))) {
		req->state = GATE_REAPING;
		spin_unlock_irq(&agent->lock);
		gate_request_release_pages(req);
		spin_lock_irq(&agent->lock);
		req->state = GATE_READY;
		gate_wake(agent, GATE_ROOM);
	}
	inflight = !list_empty(&agent->inflight);
	last = agent->orphaned && !inflight;
	spin_unlock_irq(&agent->lock);

	if (last) {
		/* A completion may have asked for one more run meanwhile. */
		cancel_delayed_work(&agent->reap);
		gate_agent_free(agent);
	} else if (inflight) {
		queue_delayed_work(gate_wq, &agent->reap,
				   msecs_to_jiffies(GATE_WATCH_MS));
	}
}

/**
 * gate_agent_create - an agent for a file that is being opened
 *
 * Holds the engines and this module. May sleep.
 *
 * Return: the agent, for gate_agent_close(), or ERR_PTR(-ENOMEM).
 */
struct gate_agent *gate_agent_create(void)
{
	struct gate_agent *agent = kzalloc(sizeof(*agent), GFP_KERNEL_ACCOUNT);

	if (!agent)
		return ERR_PTR(-ENOMEM);
	spin_lock_init(&agent->lock);
	INIT_LIST_HEAD(&agent->inflight);
	INIT_LIST_HEAD(&agent->completed);
	init_waitqueue_head(&agent->wait);
	INIT_DELAYED_WORK(&agent->reap, gate_reap);
	agent->had_channel = true;
	__module_get(THIS_MODULE);
	gate_engines_get();
	return agent;
}

static bool gate_agent_idle(struct gate_agent *agent, u64 *progress)
{
	bool idle;

	spin_lock_irq(&agent->lock);
	idle = list_empty(&agent->inflight);
	*progress = agent->progress;
	spin_unlock_irq(&agent->lock);
	return idle;
}

/**
 * gate_agent_close - the file is closed: no call is running or will come
 * @agent: the agent, gone afterwards for the caller
 *
 * Waits as long as the engines complete something every GATE_STUCK_MS. The
 * wait takes no signal: it is part of exit for a process that was killed.
 */
void gate_agent_close(struct gate_agent *agent)
{
	u64 progress, before;
	bool idle;

	idle = gate_agent_idle(agent, &progress);
	while (!idle) {
		before = progress;
		if (wait_event_timeout(agent->wait,
				       gate_agent_idle(agent, &progress),
				       msecs_to_jiffies(GATE_STUCK_MS)))
			break;
		if (progress == before)
			break;
	}

	spin_lock_irq(&agent->lock);
	idle = list_empty(&agent->inflight);
	agent->orphaned = !idle;
	spin_unlock_irq(&agent->lock);

	if (idle) {
		cancel_delayed_work_sync(&agent->reap);
		gate_agent_free(agent);
	} else {
		pr_warn_ratelimited("%s[%d] closed with transfers stuck in an engine: their pages stay pinned until it completes them\n",
				    current->comm, task_pid_nr(current));
	}
}

static int gate_charge(struct gate_request *req, unsigned int nr_pages)
{
	unsigned long limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	struct mm_struct *mm = current->mm;

	if (atomic64_add_return(nr_pages, &mm->pinned_vm) > limit &&
	    !capable(CAP_IPC_LOCK)) {
		atomic64_sub(nr_pages, &mm->pinned_vm);
		return -ENOMEM;
	}
	mmgrab(mm);
	req->mm = mm;
	req->charged = nr_pages;
	return 0;
}

/**
 * gate_uncharge - the pages of a request are no longer pinned
 * @req: the request; one that is not charged is left alone
 */
void gate_uncharge(struct gate_request *req)
{
	if (!req->mm)
		return;
	atomic64_sub(req->charged, &req->mm->pinned_vm);
	mmdrop(req->mm);
	req->mm = NULL;
}

/**
 * gate_admit - may this agent have one more request of this size?
 * @agent: who asks
 * @req: the request, named on success
 * @nr_pages: pages that it will pin, charged to current's VmPin
 *
 * The one place that says no for reasons of policy. Context: the caller of the
 * ioctl. Undone by gate_uncharge() and gate_discharge().
 *
 * Return: 0, -EAGAIN when the agent has too many, -ENOMEM over RLIMIT_MEMLOCK.
 */
int gate_admit(struct gate_agent *agent, struct gate_request *req,
	       unsigned int nr_pages)
{
	int err = 0;

	spin_lock_irq(&agent->lock);
	if (agent->requests < DMA_GATE_MAX_REQUESTS) {
		agent->requests++;
		req->id = ++agent->last_id;
	} else {
		err = -EAGAIN;
	}
	spin_unlock_irq(&agent->lock);
	if (err)
		return err;

	err = gate_charge(req, nr_pages);
	if (err)
		gate_discharge(agent);
	return err;
}

/**
 * gate_discharge - an admitted request is gone
 * @agent: whose it was
 */
void gate_discharge(struct gate_agent *agent)
{
	spin_lock_irq(&agent->lock);
	agent->requests--;
	spin_unlock_irq(&agent->lock);
}

/**
 * gate_agent_start - an engine may get a part of this request from now on
 * @agent: whose it is
 * @req: the request, with nothing submitted yet
 */
void gate_agent_start(struct gate_agent *agent, struct gate_request *req)
{
	spin_lock_irq(&agent->lock);
	req->state = GATE_BUSY;
	req->submitted = GATE_SUBMITTING;
	list_add_tail(&req->node, &agent->inflight);
	spin_unlock_irq(&agent->lock);
	queue_delayed_work(gate_wq, &agent->reap,
			   msecs_to_jiffies(GATE_WATCH_MS));
}

/**
 * gate_agent_cancel - no engine got a part of a request that was started
 * @agent: whose it is
 * @req: the request, the caller's again
 */
void gate_agent_cancel(struct gate_agent *agent, struct gate_request *req)
{
	spin_lock_irq(&agent->lock);
	list_del_init(&req->node);
	gate_wake(agent, GATE_ROOM);
	spin_unlock_irq(&agent->lock);
}

/**
 * gate_agent_done - a request is complete
 * @agent: whose it is; the caller holds its lock
 * @req: the request; anybody may collect and free it once the lock is dropped
 *
 * Context: any, interrupts off.
 */
void gate_agent_done(struct gate_agent *agent, struct gate_request *req)
{
	lockdep_assert_held(&agent->lock);
	req->done_ns = ktime_get_ns();
	req->state = req->src.pages ? GATE_DONE : GATE_READY;
	list_move_tail(&req->node, &agent->completed);
	/* Somebody who takes anything takes this one and unpins it. */
	if (req->state == GATE_DONE && !agent->any_waiters)
		gate_reap_soon(agent);
	gate_wake(agent, GATE_RESULT);
	if (req->eventfd)
		gate_eventfd_signal(req->eventfd);
}

/**
 * gate_agent_poll - is there a result to collect
 * @agent: the agent
 * @file: its file
 * @table: who wants to be woken
 *
 * Return: EPOLLIN while there is one that no other thread is collecting.
 */
__poll_t gate_agent_poll(struct gate_agent *agent, struct file *file,
			 struct poll_table_struct *table)
{
	struct gate_request *req;
	__poll_t events = 0;

	/* Before the lock is taken to look, as gate_wake() asks. */
	poll_wait(file, &agent->wait, table);
	spin_lock_irq(&agent->lock);
	list_for_each_entry(req, &agent->completed, node)
		if (req->state != GATE_CLAIMED) {
			events = GATE_RESULT;
			break;
		}
	spin_unlock_irq(&agent->lock);
	return events;
}

/*
 * Return: 0 and the request, -EAGAIN when it is not done, -EINPROGRESS when it is, but
 * the reaper is just letting go of its pages, or -ENOENT.
 */
static int gate_try_claim(struct gate_agent *agent, u64 id,
			  struct gate_request **reqp)
{
	struct gate_request *req;
	int err = -ENOENT;

	spin_lock_irq(&agent->lock);
	list_for_each_entry(req, &agent->completed, node) {
		if (id && req->id != id)
			continue;
		if (req->state == GATE_DONE || req->state == GATE_READY) {
			req->state = GATE_CLAIMED;
			*reqp = req;
			err = 0;
			break;
		}
		if (req->state == GATE_REAPING)
			err = -EINPROGRESS;
		else if (err != -EINPROGRESS)
			err = -EAGAIN;
	}
	if (err == -ENOENT) {
		list_for_each_entry(req, &agent->inflight, node) {
			if (!id || req->id == id) {
				err = -EAGAIN;
				break;
			}
		}
	}
	spin_unlock_irq(&agent->lock);
	return err;
}

/* Nothing to wait for: it is taken, or not there, or not @now. */
static bool gate_settled(struct gate_agent *agent, u64 id, bool now,
			 struct gate_request **reqp, int *err)
{
	*err = gate_try_claim(agent, id, reqp);
	return *err != -EINPROGRESS && (now || *err != -EAGAIN);
}

static int gate_wait_claim(struct gate_agent *agent, u64 id, s64 timeout_ns,
			   struct gate_request **reqp)
{
	ktime_t timeout = timeout_ns < 0 ? KTIME_MAX : ns_to_ktime(timeout_ns);
	/* What poll() has announced is not for the reaper to delay. */
	bool now = !timeout_ns;
	int err, ret;

	if (now)
		timeout = ns_to_ktime(GATE_REAPER_NS);

	if (!id) {
		spin_lock_irq(&agent->lock);
		agent->any_waiters++;
		spin_unlock_irq(&agent->lock);
	}

	ret = wait_event_interruptible_hrtimeout(agent->wait,
						 gate_settled(agent, id, now, reqp, &err),
						 timeout);

	if (!id) {
		spin_lock_irq(&agent->lock);
		agent->any_waiters--;
		/* More came than this thread takes. */
		if (!agent->any_waiters && gate_first_done(agent))
			gate_reap_soon(agent);
		spin_unlock_irq(&agent->lock);
	}
	if (err != -EINPROGRESS && (now || err != -EAGAIN))
		return err;
	/* A restarted call would wait for the whole timeout again. */
	if (ret == -ERESTARTSYS && timeout_ns > 0)
		return -EINTR;
	return ret;
}

/**
 * gate_agent_claim - wait for a request and take it
 * @agent: the agent
 * @id: which request, 0 for whichever is done first
 * @timeout_ns: 0 does not wait, negative waits for ever
 * @reqp: set to the request, its pages unpinned, nobody else's until
 *	gate_agent_collect() or gate_agent_unclaim()
 *
 * Return: 0, -ENOENT, -ETIME, -EINTR or -ERESTARTSYS.
 */
int gate_agent_claim(struct gate_agent *agent, u64 id, s64 timeout_ns,
		     struct gate_request **reqp)
{
	int err = gate_try_claim(agent, id, reqp);

	if (err == -EINPROGRESS || (err == -EAGAIN && timeout_ns))
		err = gate_wait_claim(agent, id, timeout_ns, reqp);
	if (err == -EAGAIN)
		err = -ETIME;
	if (!err)
		gate_request_release_pages(*reqp);
	return err;
}

/**
 * gate_agent_unclaim - the result could not be delivered: it stays
 * @agent: the agent
 * @req: the claimed request
 */
void gate_agent_unclaim(struct gate_agent *agent, struct gate_request *req)
{
	spin_lock_irq(&agent->lock);
	req->state = GATE_READY;
	gate_wake(agent, GATE_RESULT);
	spin_unlock_irq(&agent->lock);
}

/**
 * gate_agent_collect - the result was delivered: the request is over
 * @agent: the agent
 * @req: the claimed request, freed
 */
void gate_agent_collect(struct gate_agent *agent, struct gate_request *req)
{
	spin_lock_irq(&agent->lock);
	list_del(&req->node);
	gate_wake(agent, GATE_ROOM);
	spin_unlock_irq(&agent->lock);
	gate_request_free(req);
}

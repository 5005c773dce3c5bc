// SPDX-License-Identifier: GPL-2.0
/*
 * One copy, from pinning to the last release.
 */
#include <linux/eventfd.h>
#include <linux/ktime.h>
#include <linux/slab.h>

#include "gate.h"

/*
 * Requests that were completed without the engine's word. A callback that
 * comes after all would still name them, so they stay until the module goes.
 */
static DEFINE_SPINLOCK(gate_abandoned_lock);
static LIST_HEAD(gate_abandoned);

/**
 * gate_request_create - admit a request and pin its buffers
 * @agent: who asks
 * @src: address of the first byte to read
 * @dst: address of the first byte to write
 * @len: in bytes, checked
 *
 * Context: the caller of the ioctl.
 *
 * Return: the request, for gate_request_run() or gate_request_free(), or an
 * ERR_PTR.
 */
struct gate_request *gate_request_create(struct gate_agent *agent, u64 src,
					 u64 dst, size_t len)
{
	struct gate_request *req = kzalloc(sizeof(*req), GFP_KERNEL_ACCOUNT);
	int err;

	if (!req)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&req->node);
	req->agent = agent;
	err = gate_admit(agent, req, gate_buffer_pages(src, len) +
				     gate_buffer_pages(dst, len));
	if (err) {
		kfree(req);
		return ERR_PTR(err);
	}
	err = gate_buffer_pin(&req->src, src, len, DMA_TO_DEVICE);
	if (!err)
		err = gate_buffer_pin(&req->dst, dst, len, DMA_FROM_DEVICE);
	if (err) {
		gate_request_free(req);
		return ERR_PTR(err);
	}
	return req;
}

static int gate_request_map(struct gate_request *req)
{
	int err = gate_buffer_map(&req->src, req->dev);

	return err ? err : gate_buffer_map(&req->dst, req->dev);
}

static void gate_request_unmap(struct gate_request *req)
{
	gate_buffer_unmap(&req->src, req->dev);
	gate_buffer_unmap(&req->dst, req->dev);
}

static int gate_request_by_engine(struct gate_request *req)
{
	int err = gate_engine_find(req);

	if (err)
		return err;
	err = gate_request_map(req);
	if (!err)
		err = gate_engine_submit(req);
	if (err) {
		gate_request_unmap(req);
		gate_engine_forget(req);
	}
	return err;
}

static int gate_request_by_cpu(struct gate_request *req)
{
	struct gate_agent *agent = req->agent;
	int err;

	req->start_ns = ktime_get_ns();
	err = gate_buffer_copy(&req->dst, &req->src);
	if (err)
		return err;
	req->cpu_bytes = req->src.len;
	gate_request_release_pages(req);

	spin_lock_irq(&agent->lock);
	gate_agent_done(agent, req);
	spin_unlock_irq(&agent->lock);
	return 0;
}

/**
 * gate_request_run - have a request's bytes copied
 * @req: the request; on success it is the agent's, on failure it is freed
 * @fallback: the CPU copies where the engine cannot be used
 *
 * Everything is submitted by the calling thread itself and not by a worker: the
 * CPU it runs on chooses the engine, and whoever watches submissions charges
 * them to it.
 *
 * Return: 0 when the request is in flight or done, or a negative errno with
 * nothing copied.
 */
int gate_request_run(struct gate_request *req, bool fallback)
{
	int err = gate_request_by_engine(req);

	if (fallback && (err == -ENODEV || err == -EBUSY || err == -EIO))
		err = gate_request_by_cpu(req);
	if (err)
		gate_request_free(req);
	return err;
}

/**
 * gate_request_release_pages - unmap and unpin: no engine will touch them
 * @req: a request that is not in flight; doing it twice does no harm
 *
 * May sleep.
 */
void gate_request_release_pages(struct gate_request *req)
{
	gate_request_unmap(req);
	gate_buffer_unpin(&req->src);
	gate_buffer_unpin(&req->dst);
	gate_uncharge(req);
}

/**
 * gate_request_free - forget a request that is in no list
 * @req: the request
 *
 * May sleep.
 */
void gate_request_free(struct gate_request *req)
{
	gate_request_release_pages(req);
	gate_discharge(req->agent);
	if (req->eventfd)
		eventfd_ctx_put(req->eventfd);
	req->eventfd = NULL;
	if (req->abandoned) {
		spin_lock(&gate_abandoned_lock);
		list_add(&req->node, &gate_abandoned);
		spin_unlock(&gate_abandoned_lock);
		return;
	}
	gate_engine_forget(req);
	kfree(req);
}

/**
 * gate_request_free_abandoned - at unload: free what no callback names any more
 */
void gate_request_free_abandoned(void)
{
	struct gate_request *req, *next;

	list_for_each_entry_safe(req, next, &gate_abandoned, node) {
		gate_engine_forget(req);
		kfree(req);
	}
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The user's structures: checked, handed on, answered. The contract is in
 * uapi/linux/dma_gate.h.
 */
#include <linux/eventfd.h>
#include <linux/fs.h>
#include <linux/overflow.h>
#include <linux/uaccess.h>
#include <linux/dma_gate.h>

#include "gate.h"
#include "ioctl.h"

/* The size of each structure's first version: no caller knows less. */
#define GATE_COPY_SIZE_V0	offsetofend(struct dma_gate_copy, id)
#define GATE_WAIT_SIZE_V0	offsetofend(struct dma_gate_wait, reserved)

static int gate_read(void *kernel, size_t ksize, size_t ksize_v0,
		     const void __user *user, u32 *usize)
{
	if (get_user(*usize, (const u32 __user *)user))
		return -EFAULT;
	if (*usize < ksize_v0)
		return -EINVAL;
	if (*usize > PAGE_SIZE)
		return -E2BIG;
	return copy_struct_from_user(kernel, ksize, user, *usize);
}

static int gate_check_copy(const struct dma_gate_copy *copy)
{
	u64 src_end, dst_end;

	if (copy->flags & ~(DMA_GATE_NO_FALLBACK | DMA_GATE_EVENTFD))
		return -EINVAL;
	if (copy->reserved || (copy->eventfd && !(copy->flags & DMA_GATE_EVENTFD)))
		return -EINVAL;
	if (!copy->len)
		return -EINVAL;
	if (copy->len > DMA_GATE_MAX_LEN)
		return -E2BIG;
	if (check_add_overflow(copy->src, copy->len, &src_end) ||
	    check_add_overflow(copy->dst, copy->len, &dst_end))
		return -EINVAL;
	if (copy->src < dst_end && copy->dst < src_end)
		return -EINVAL;
	return 0;
}

/* A caller of the first version has no field for it. */
static int gate_get_eventfd(struct gate_request *req,
			    const struct dma_gate_copy *copy, u32 usize)
{
	struct eventfd_ctx *ctx;

	if (!(copy->flags & DMA_GATE_EVENTFD))
		return 0;
	if (usize < offsetofend(struct dma_gate_copy, eventfd))
		return -EINVAL;
	ctx = eventfd_ctx_fdget(copy->eventfd);
	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	req->eventfd = ctx;
	return 0;
}

static long gate_ioctl_copy(struct gate_agent *agent,
			    struct dma_gate_copy __user *user)
{
	struct dma_gate_copy copy;
	struct gate_request *req;
	u32 usize;
	int err;

	err = gate_read(&copy, sizeof(copy), GATE_COPY_SIZE_V0, user, &usize);
	if (err)
		return err;
	err = gate_check_copy(&copy);
	if (err)
		return err;

	req = gate_request_create(agent, copy.src, copy.dst, copy.len);
	if (IS_ERR(req))
		return PTR_ERR(req);
	req->user_data = copy.user_data;

	err = gate_get_eventfd(req, &copy, usize);
	/* A request whose name the caller cannot learn must not start. */
	if (!err && put_user(req->id, &user->id))
		err = -EFAULT;
	if (err) {
		gate_request_free(req);
		return err;
	}
	return gate_request_run(req, !(copy.flags & DMA_GATE_NO_FALLBACK));
}

static long gate_ioctl_wait(struct gate_agent *agent,
			    struct dma_gate_wait __user *user)
{
	struct dma_gate_wait wait;
	struct gate_request *req;
	u32 usize;
	int err;

	err = gate_read(&wait, sizeof(wait), GATE_WAIT_SIZE_V0, user, &usize);
	if (err)
		return err;
	if (wait.flags || wait.reserved)
		return -EINVAL;

	err = gate_agent_claim(agent, wait.id, wait.timeout_ns, &req);
	if (err)
		return err;

	wait.id = req->id;
	wait.user_data = req->user_data;
	wait.bytes = req->bytes;
	wait.cpu_bytes = req->cpu_bytes;
	wait.latency_ns = req->done_ns - req->start_ns;
	wait.error = -req->error;
	if (copy_to_user(user, &wait, min_t(size_t, usize, sizeof(wait)))) {
		gate_agent_unclaim(agent, req);
		return -EFAULT;
	}
	gate_agent_collect(agent, req);
	return 0;
}

/**
 * gate_ioctl - the device's calls
 * @file: the device, opened
 * @cmd: DMA_GATE_COPY or DMA_GATE_WAIT
 * @arg: the user's structure
 *
 * Return: 0 or a negative errno, see uapi/linux/dma_gate.h.
 */
long gate_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct gate_agent *agent = file->private_data;
	void __user *user = (void __user *)arg;

	switch (cmd) {
	case DMA_GATE_COPY:
		return gate_ioctl_copy(agent, user);
	case DMA_GATE_WAIT:
		return gate_ioctl_wait(agent, user);
	default:
		return -ENOTTY;
	}
}

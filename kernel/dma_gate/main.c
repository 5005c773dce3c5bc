// SPDX-License-Identifier: GPL-2.0
/*
 * The device, and who holds the engines.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>

#include "gate.h"
#include "ioctl.h"

struct workqueue_struct *gate_wq;

/* Protects gate_agents; held across dmaengine_get/put, so that they pair. */
static DEFINE_MUTEX(gate_engines_lock);
static unsigned int gate_agents;

/**
 * gate_engines_get - hold every public engine while an agent exists
 *
 * The first agent's dmaengine_get() fills the per-CPU channel table and keeps
 * every public provider's module loaded; with no agent, providers may be
 * unloaded. May sleep. Undone by gate_engines_put().
 */
void gate_engines_get(void)
{
	mutex_lock(&gate_engines_lock);
	if (!gate_agents++)
		dmaengine_get();
	mutex_unlock(&gate_engines_lock);
}

/**
 * gate_engines_put - let go of the engines with the last agent
 *
 * May sleep.
 */
void gate_engines_put(void)
{
	mutex_lock(&gate_engines_lock);
	if (!--gate_agents)
		dmaengine_put();
	mutex_unlock(&gate_engines_lock);
}

static int gate_open(struct inode *inode, struct file *file)
{
	struct gate_agent *agent = gate_agent_create();

	if (IS_ERR(agent))
		return PTR_ERR(agent);
	file->private_data = agent;
	return stream_open(inode, file);
}

static int gate_release(struct inode *inode, struct file *file)
{
	gate_agent_close(file->private_data);
	return 0;
}

static __poll_t gate_poll(struct file *file, struct poll_table_struct *table)
{
	return gate_agent_poll(file->private_data, file, table);
}

static const struct file_operations gate_fops = {
	.owner = THIS_MODULE,
	.open = gate_open,
	.release = gate_release,
	.poll = gate_poll,
	.unlocked_ioctl = gate_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice gate_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "dma_gate",
	.fops = &gate_fops,
	.mode = 0600,
};

static int __init gate_init(void)
{
	int err;

	gate_wq = alloc_workqueue("dma_gate", WQ_UNBOUND, 0);
	if (!gate_wq)
		return -ENOMEM;
	err = misc_register(&gate_misc);
	if (err)
		goto err_wq;
	return 0;

err_wq:
	destroy_workqueue(gate_wq);
	return err;
}

static void __exit gate_exit(void)
{
	misc_deregister(&gate_misc);
	/* The reaper that freed the last agent may still be returning. */
	destroy_workqueue(gate_wq);
	/* So may the callback that woke it. */
	synchronize_rcu();
	gate_request_free_abandoned();
}

module_init(gate_init);
module_exit(gate_exit);

MODULE_DESCRIPTION("DMA engines copy between user buffers");
MODULE_AUTHOR("dma_affinity maintainers");
MODULE_LICENSE("GPL");

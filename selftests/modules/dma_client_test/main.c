// SPDX-License-Identifier: GPL-2.0
/* /sys/kernel/debug/dma_client_test: run takes an order, result answers. */
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "client.h"

#define CLIENT_LINE_MAX		256

static struct dentry *client_folder;

/* Of the run that ended last. */
static struct client_result client_last;
static DEFINE_MUTEX(client_last_lock);

static ssize_t client_run_write(struct file *file, const char __user *user,
				size_t count, loff_t *pos)
{
	struct client_result result = {};
	struct client_order order;
	char *line;
	int ret;

	if (count > CLIENT_LINE_MAX)
		return -EINVAL;
	line = memdup_user_nul(user, count);
	if (IS_ERR(line))
		return PTR_ERR(line);
	ret = client_order_parse(&order, line);
	kfree(line);
	if (ret)
		return ret;

	ret = client_run(&order, &result);
	mutex_lock(&client_last_lock);
	client_last = result;
	mutex_unlock(&client_last_lock);
	return ret ?: count;
}

static const struct file_operations client_run_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = client_run_write,
	.llseek = noop_llseek,
};

static int client_result_show(struct seq_file *file, void *unused)
{
	struct client_result result;

	mutex_lock(&client_last_lock);
	result = client_last;
	mutex_unlock(&client_last_lock);
	seq_printf(file, "ops=%llu bytes=%llu refused=%llu errors=%llu",
		   result.ops, result.bytes, result.refused, result.errors);
	seq_printf(file, " corrupt=%llu terminated=%llu dropped=%llu",
		   result.corrupt, result.terminated, result.dropped);
	seq_printf(file, " periods=%llu timeouts=%llu ran_on=%llu",
		   result.periods, result.timeouts, result.ran_on);
	seq_printf(file, " crc=%u tid=%d\n", result.crc, result.tid);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(client_result);

static int __init client_init(void)
{
	client_folder = debugfs_create_dir("dma_client_test", NULL);
	if (IS_ERR(client_folder))
		return PTR_ERR(client_folder);
	debugfs_create_file("run", 0200, client_folder, NULL, &client_run_fops);
	debugfs_create_file("result", 0444, client_folder, NULL,
			    &client_result_fops);
	return 0;
}

static void __exit client_exit(void)
{
	debugfs_remove(client_folder);
}

module_init(client_init);
module_exit(client_exit);
MODULE_DESCRIPTION("Client of dmaengine for tests");
MODULE_AUTHOR("dma_affinity maintainers");
MODULE_LICENSE("GPL");

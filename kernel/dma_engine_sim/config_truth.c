// SPDX-License-Identifier: GPL-2.0
/* What an engine says about itself: dev_name and the truth_* files. */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/string.h>

#include "clock.h"
#include "config.h"

/* A read-only file, which config.c lists. */
#define SIM_READ_ATTR(_name)						\
struct configfs_attribute sim_attr_##_name = {				\
	.ca_name = __stringify(_name),					\
	.ca_mode = 0444,						\
	.ca_owner = THIS_MODULE,					\
	.show = sim_##_name##_show,					\
}

typedef u64 (*sim_figure_t)(struct sim_engine *eng, u64 now_ns);

static ssize_t sim_config_figure(struct config_item *item, char *page,
				 sim_figure_t figure)
{
	struct sim_config *config = to_sim_config(item);
	u64 value = 0;

	mutex_lock(&config->lock);
	if (config->eng) {
		spin_lock_irq(&config->eng->lock);
		value = figure(config->eng, ktime_get_ns());
		spin_unlock_irq(&config->eng->lock);
	}
	mutex_unlock(&config->lock);
	return sprintf(page, "%llu\n", value);
}

/* A file truth_@_name that shows the expression @_figure. */
#define SIM_TRUTH_ATTR(_name, _figure)					\
static u64 sim_figure_##_name(struct sim_engine *eng, u64 now_ns)	\
{									\
	return _figure;							\
}									\
static ssize_t sim_truth_##_name##_show(struct config_item *item,	\
					char *page)			\
{									\
	return sim_config_figure(item, page, sim_figure_##_name);	\
}									\
SIM_READ_ATTR(truth_##_name)

SIM_TRUTH_ATTR(bytes, eng->truth.bytes);
SIM_TRUTH_ATTR(ops, eng->truth.ops);
SIM_TRUTH_ATTR(errors, eng->truth.errors);
SIM_TRUTH_ATTR(refused, eng->truth.refused);
SIM_TRUTH_ATTR(terminated, eng->truth.terminated);
SIM_TRUTH_ATTR(terminated_bytes, eng->truth.terminated_bytes);
SIM_TRUTH_ATTR(busy_ns, sim_clock_busy_ns(eng, now_ns));
SIM_TRUTH_ATTR(depth_ns, sim_truth_depth_ns(&eng->truth, now_ns));
SIM_TRUTH_ATTR(latency_ns, eng->truth.latency_ns);
SIM_TRUTH_ATTR(sent_crc, eng->truth.sent_crc);

static ssize_t sim_dev_name_show(struct config_item *item, char *page)
{
	struct sim_config *config = to_sim_config(item);
	ssize_t ret = -ENODATA;

	mutex_lock(&config->lock);
	if (config->live)
		ret = sprintf(page, "%s\n", config->eng->name);
	mutex_unlock(&config->lock);
	return ret;
}
SIM_READ_ATTR(dev_name);

/* Three numbers padded with blanks, which separate them too. */
#define SIM_THREAD_LINE		"%-11d%-21llu%-21llu\n"
#define SIM_THREAD_LINE_LEN	54

static void sim_threads_print(struct sim_engine *eng, char *buf,
			      unsigned int lines)
{
	char line[SIM_THREAD_LINE_LEN + 1];
	struct sim_thread thread;
	unsigned int i;

	for (i = 0; i < lines; i++) {
		spin_lock_irq(&eng->lock);
		thread = eng->truth.threads[i];
		spin_unlock_irq(&eng->lock);
		snprintf(line, sizeof(line), SIM_THREAD_LINE, thread.tid,
			 thread.bytes, thread.ops);
		memcpy(buf + i * SIM_THREAD_LINE_LEN, line,
		       SIM_THREAD_LINE_LEN);
	}
}

/*
 * Called once for the length and once more for the text, of that length:
 * lines are as long as any other and are never taken away, only a new engine
 * begins again. What it lacks is left as empty lines.
 */
static ssize_t sim_truth_threads_read(struct config_item *item, void *buf,
				      size_t size)
{
	struct sim_config *config = to_sim_config(item);
	unsigned int lines = 0;

	mutex_lock(&config->lock);
	if (config->eng) {
		spin_lock_irq(&config->eng->lock);
		lines = config->eng->truth.nr_threads;
		spin_unlock_irq(&config->eng->lock);
	}
	if (buf) {
		lines = min_t(size_t, lines, size / SIM_THREAD_LINE_LEN);
		memset(buf, '\n', size);
		if (lines)
			sim_threads_print(config->eng, buf, lines);
	} else {
		size = lines * SIM_THREAD_LINE_LEN;
	}
	mutex_unlock(&config->lock);
	return size;
}

/* Names threads of other users: for root alone. */
struct configfs_bin_attribute sim_attr_truth_threads = {
	.cb_attr = {
		.ca_name = "truth_threads",
		.ca_mode = 0400,
		.ca_owner = THIS_MODULE,
	},
	.cb_max_size = SIM_THREADS * SIM_THREAD_LINE_LEN,
	.read = sim_truth_threads_read,
};

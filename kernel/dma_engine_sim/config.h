/* SPDX-License-Identifier: GPL-2.0 */
/* /sys/kernel/config/dma_engine_sim: a folder an engine. */
#ifndef SIM_CONFIG_H
#define SIM_CONFIG_H

#include <linux/configfs.h>
#include <linux/mutex.h>

#include "engine.h"

/**
 * struct sim_config - one folder
 * @item: the folder
 * @lock: protects all below; outermost
 * @params: what the files say; constant while @live
 * @live: the engine is registered
 * @eng: the engine, or the last one: its truth can be read until the next
 *	takes its place; NULL before the first
 * @faults: while not @live, what the next engine starts with
 */
struct sim_config {
	struct config_item item;
	struct mutex lock; /* of what follows; see above */
	struct sim_params params;
	bool live;
	struct sim_engine *eng;
	struct sim_faults faults;
};

static inline struct sim_config *to_sim_config(struct config_item *item)
{
	return container_of(item, struct sim_config, item);
}

extern struct configfs_attribute sim_attr_fail_next;
extern struct configfs_attribute sim_attr_corrupt_next;
extern struct configfs_attribute sim_attr_hang_next;
extern struct configfs_attribute sim_attr_slow_percent;
extern struct configfs_attribute sim_attr_dev_name;
extern struct configfs_attribute sim_attr_truth_bytes;
extern struct configfs_attribute sim_attr_truth_ops;
extern struct configfs_attribute sim_attr_truth_errors;
extern struct configfs_attribute sim_attr_truth_refused;
extern struct configfs_attribute sim_attr_truth_terminated;
extern struct configfs_attribute sim_attr_truth_terminated_bytes;
extern struct configfs_attribute sim_attr_truth_busy_ns;
extern struct configfs_attribute sim_attr_truth_depth_ns;
extern struct configfs_attribute sim_attr_truth_latency_ns;
extern struct configfs_attribute sim_attr_truth_sent_crc;
extern struct configfs_bin_attribute sim_attr_truth_threads;

int sim_config_init(void);
void sim_config_exit(void);

#endif

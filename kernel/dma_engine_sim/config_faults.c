// SPDX-License-Identifier: GPL-2.0
/* The files that may be set while the engine is live. */
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/module.h>

#include "config.h"

#define SIM_SLOW_MAX	10000

/*
 * While live they are the engine's, which uses the counts up. Under the
 * config's lock.
 */
static unsigned int *sim_fault(struct sim_config *config, size_t at)
{
	struct sim_faults *faults = config->live ? &config->eng->faults :
						   &config->faults;

	return (void *)faults + at;
}

static ssize_t sim_fault_show(struct config_item *item, char *page, size_t at)
{
	struct sim_config *config = to_sim_config(item);
	unsigned int value;

	mutex_lock(&config->lock);
	value = READ_ONCE(*sim_fault(config, at));
	mutex_unlock(&config->lock);
	return sprintf(page, "%u\n", value);
}

static ssize_t sim_fault_store(struct config_item *item, const char *page,
			       size_t count, size_t at, unsigned int min,
			       unsigned int max)
{
	struct sim_config *config = to_sim_config(item);
	unsigned int value;
	int ret = kstrtouint(page, 0, &value);

	if (ret)
		return ret;
	if (value < min || value > max)
		return -ERANGE;
	mutex_lock(&config->lock);
	if (config->live) {
		spin_lock_irq(&config->eng->lock);
		*sim_fault(config, at) = value;
		spin_unlock_irq(&config->eng->lock);
	} else {
		*sim_fault(config, at) = value;
	}
	mutex_unlock(&config->lock);
	return count;
}

/* A file, which config.c lists, for the number of that name. */
#define SIM_FAULT_ATTR(_name, _min, _max)				\
enum { sim_at_##_name = offsetof(struct sim_faults, _name) };		\
static ssize_t sim_##_name##_show(struct config_item *item, char *page)	\
{									\
	return sim_fault_show(item, page, sim_at_##_name);		\
}									\
static ssize_t sim_##_name##_store(struct config_item *item,		\
				   const char *page, size_t count)	\
{									\
	return sim_fault_store(item, page, count, sim_at_##_name,		\
			       _min, _max);				\
}									\
struct configfs_attribute sim_attr_##_name = {				\
	.ca_name = __stringify(_name),					\
	.ca_mode = 0644,						\
	.ca_owner = THIS_MODULE,					\
	.show = sim_##_name##_show,					\
	.store = sim_##_name##_store,					\
}

SIM_FAULT_ATTR(fail_next, 0, UINT_MAX);
SIM_FAULT_ATTR(corrupt_next, 0, UINT_MAX);
SIM_FAULT_ATTR(hang_next, 0, UINT_MAX);
SIM_FAULT_ATTR(slow_percent, 1, SIM_SLOW_MAX);

// SPDX-License-Identifier: GPL-2.0
#include <linux/bits.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/nodemask.h>
#include <linux/numa.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "config.h"

#define SIM_CHANNELS_MAX	64
#define SIM_RING_MAX		16384
#define SIM_RATE_MAX		BIT_ULL(42)
#define SIM_LATENCY_MAX		NSEC_PER_SEC
#define SIM_AUTOSUSPEND_MAX	(3600 * MSEC_PER_SEC)

static struct configfs_subsystem sim_subsystem;

/*
 * Each setter below is called with the config's lock held, while it is not
 * live, and leaves the old value where it returns an error.
 */
typedef int (*sim_setter_t)(struct sim_params *params, const char *page);

static ssize_t sim_config_set(struct config_item *item, const char *page,
			      size_t count, sim_setter_t set)
{
	struct sim_config *config = to_sim_config(item);
	int ret = -EBUSY;

	mutex_lock(&config->lock);
	if (!config->live)
		ret = set(&config->params, page);
	mutex_unlock(&config->lock);
	return ret ?: count;
}

static u64 *sim_number(struct sim_params *params, size_t at)
{
	return (void *)params + at;
}

static ssize_t sim_number_show(struct config_item *item, char *page,
			       size_t at)
{
	struct sim_config *config = to_sim_config(item);
	u64 value;

	mutex_lock(&config->lock);
	value = *sim_number(&config->params, at);
	mutex_unlock(&config->lock);
	return sprintf(page, "%llu\n", value);
}

static int sim_number_set(u64 *number, const char *page, u64 min, u64 max)
{
	u64 value;
	int ret = kstrtou64(page, 0, &value);

	if (ret)
		return ret;
	if (value < min || value > max)
		return -ERANGE;
	*number = value;
	return 0;
}

/* The functions of a file for the number of that name in the parameters. */
#define SIM_NUMBER(_name, _min, _max)					\
enum { sim_at_##_name = offsetof(struct sim_params, _name) };		\
static ssize_t sim_##_name##_show(struct config_item *item, char *page)	\
{									\
	return sim_number_show(item, page, sim_at_##_name);		\
}									\
static int sim_##_name##_set(struct sim_params *params, const char *page) \
{									\
	return sim_number_set(sim_number(params, sim_at_##_name), page,	\
			      _min, _max);				\
}									\
static ssize_t sim_##_name##_store(struct config_item *item,		\
				   const char *page, size_t count)	\
{									\
	return sim_config_set(item, page, count, sim_##_name##_set);	\
}

SIM_NUMBER(channels, 1, SIM_CHANNELS_MAX)
CONFIGFS_ATTR(sim_, channels);
SIM_NUMBER(bytes_per_sec, 1, SIM_RATE_MAX)
CONFIGFS_ATTR(sim_, bytes_per_sec);
SIM_NUMBER(latency_ns, 0, SIM_LATENCY_MAX)
CONFIGFS_ATTR(sim_, latency_ns);
SIM_NUMBER(ring, 1, SIM_RING_MAX)
CONFIGFS_ATTR(sim_, ring);
SIM_NUMBER(max_sources, 2, SIM_SOURCES_MAX)
CONFIGFS_ATTR(sim_, max_sources);
SIM_NUMBER(resume_ns, 0, SIM_LATENCY_MAX)
CONFIGFS_ATTR(sim_, resume_ns);

static ssize_t sim_node_show(struct config_item *item, char *page)
{
	struct sim_config *config = to_sim_config(item);
	int node;

	mutex_lock(&config->lock);
	node = config->params.node;
	mutex_unlock(&config->lock);
	return sprintf(page, "%d\n", node);
}

static int sim_node_set(struct sim_params *params, const char *page)
{
	int node, ret = kstrtoint(page, 0, &node);

	if (ret)
		return ret;
	if (node != NUMA_NO_NODE &&
	    (node < 0 || node >= MAX_NUMNODES || !node_online(node)))
		return -ERANGE;
	params->node = node;
	return 0;
}

static ssize_t sim_node_store(struct config_item *item, const char *page,
			      size_t count)
{
	return sim_config_set(item, page, count, sim_node_set);
}
CONFIGFS_ATTR(sim_, node);

static ssize_t sim_autosuspend_ms_show(struct config_item *item, char *page)
{
	struct sim_config *config = to_sim_config(item);
	int ms;

	mutex_lock(&config->lock);
	ms = config->params.autosuspend_ms;
	mutex_unlock(&config->lock);
	return sprintf(page, "%d\n", ms);
}

static int sim_autosuspend_ms_set(struct sim_params *params, const char *page)
{
	int ms, ret = kstrtoint(page, 0, &ms);

	if (ret)
		return ret;
	if (ms < -1 || ms > SIM_AUTOSUSPEND_MAX)
		return -ERANGE;
	params->autosuspend_ms = ms;
	return 0;
}

static ssize_t sim_autosuspend_ms_store(struct config_item *item,
					const char *page, size_t count)
{
	return sim_config_set(item, page, count, sim_autosuspend_ms_set);
}
CONFIGFS_ATTR(sim_, autosuspend_ms);

static ssize_t sim_private_show(struct config_item *item, char *page)
{
	struct sim_config *config = to_sim_config(item);
	bool private;

	mutex_lock(&config->lock);
	private = config->params.private;
	mutex_unlock(&config->lock);
	return sprintf(page, "%d\n", private);
}

static int sim_private_set(struct sim_params *params, const char *page)
{
	return kstrtobool(page, &params->private);
}

static ssize_t sim_private_store(struct config_item *item, const char *page,
				 size_t count)
{
	return sim_config_set(item, page, count, sim_private_set);
}
CONFIGFS_ATTR(sim_, private);

static const char * const sim_styles[] = {
	[SIM_PLAIN] = "plain",
	[SIM_VCHAN] = "vchan",
	[SIM_NESTED] = "nested",
};

static ssize_t sim_style_show(struct config_item *item, char *page)
{
	struct sim_config *config = to_sim_config(item);
	enum sim_style style;

	mutex_lock(&config->lock);
	style = config->params.style;
	mutex_unlock(&config->lock);
	return sprintf(page, "%s\n", sim_styles[style]);
}

static int sim_style_set(struct sim_params *params, const char *page)
{
	int style = sysfs_match_string(sim_styles, page);

	if (style < 0)
		return style;
	params->style = style;
	return 0;
}

static ssize_t sim_style_store(struct config_item *item, const char *page,
			       size_t count)
{
	return sim_config_set(item, page, count, sim_style_set);
}
CONFIGFS_ATTR(sim_, style);

static const struct {
	const char *name;
	enum dma_transaction_type cap;
} sim_caps[] = {
	{ "memcpy", DMA_MEMCPY },
	{ "memset", DMA_MEMSET },
	{ "xor", DMA_XOR },
	{ "xor_val", DMA_XOR_VAL },
	{ "pq", DMA_PQ },
	{ "pq_val", DMA_PQ_VAL },
	{ "interrupt", DMA_INTERRUPT },
	{ "sg", DMA_SLAVE },
	{ "cyclic", DMA_CYCLIC },
	{ "interleaved", DMA_INTERLEAVE },
};

static ssize_t sim_capabilities_show(struct config_item *item, char *page)
{
	struct sim_config *config = to_sim_config(item);
	dma_cap_mask_t caps;
	unsigned int i;
	ssize_t len = 0;

	mutex_lock(&config->lock);
	caps = config->params.caps;
	mutex_unlock(&config->lock);
	for (i = 0; i < ARRAY_SIZE(sim_caps); i++)
		if (dma_has_cap(sim_caps[i].cap, caps))
			len += sprintf(page + len, "%s%s", len ? " " : "",
				       sim_caps[i].name);
	return len + sprintf(page + len, "\n");
}

static int sim_capability_add(dma_cap_mask_t *caps, const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sim_caps); i++)
		if (!strcmp(sim_caps[i].name, name)) {
			dma_cap_set(sim_caps[i].cap, *caps);
			return 0;
		}
	return -EINVAL;
}

static int sim_capabilities_set(struct sim_params *params, const char *page)
{
	char *words, *rest, *word;
	dma_cap_mask_t caps;
	int ret = 0;

	words = kstrdup(page, GFP_KERNEL);
	if (!words)
		return -ENOMEM;
	dma_cap_zero(caps);
	rest = words;
	while (!ret && (word = strsep(&rest, " \t\n")))
		if (*word)
			ret = sim_capability_add(&caps, word);
	kfree(words);
	if (!ret && bitmap_empty(caps.bits, DMA_TX_TYPE_END))
		ret = -EINVAL;
	if (!ret)
		params->caps = caps;
	return ret;
}

static ssize_t sim_capabilities_store(struct config_item *item,
				      const char *page, size_t count)
{
	return sim_config_set(item, page, count, sim_capabilities_set);
}
CONFIGFS_ATTR(sim_, capabilities);

/* Under the config's lock. */
static int sim_config_go_live(struct sim_config *config)
{
	struct sim_engine *eng;
	int ret;

	/* A live engine's folder stays: rmdir fails with EBUSY. */
	ret = configfs_depend_item_unlocked(&sim_subsystem, &config->item);
	if (ret)
		return ret;
	eng = sim_engine_start(&config->params, &config->faults);
	if (IS_ERR(eng)) {
		configfs_undepend_item_unlocked(&config->item);
		return PTR_ERR(eng);
	}
	if (config->eng)
		sim_engine_put(config->eng);
	config->eng = eng;
	config->live = true;
	return 0;
}

/* Under the config's lock. */
static int sim_config_go_down(struct sim_config *config, bool force)
{
	int ret = sim_engine_stop(config->eng, force);

	if (ret)
		return ret;
	config->live = false;
	config->faults = config->eng->faults;
	configfs_undepend_item_unlocked(&config->item);
	return 0;
}

static ssize_t sim_live_show(struct config_item *item, char *page)
{
	struct sim_config *config = to_sim_config(item);
	bool live;

	mutex_lock(&config->lock);
	live = config->live;
	mutex_unlock(&config->lock);
	return sprintf(page, "%d\n", live);
}

static ssize_t sim_live_store(struct config_item *item, const char *page,
			      size_t count)
{
	struct sim_config *config = to_sim_config(item);
	bool force = sysfs_streq(page, "force"), live = false;
	int ret = force ? 0 : kstrtobool(page, &live);

	if (ret)
		return ret;
	mutex_lock(&config->lock);
	if (live && !config->live)
		ret = sim_config_go_live(config);
	else if (!live && config->live)
		ret = sim_config_go_down(config, force);
	mutex_unlock(&config->lock);
	return ret ?: count;
}
CONFIGFS_ATTR(sim_, live);

static struct configfs_attribute *sim_attrs[] = {
	&sim_attr_node,
	&sim_attr_channels,
	&sim_attr_bytes_per_sec,
	&sim_attr_latency_ns,
	&sim_attr_capabilities,
	&sim_attr_private,
	&sim_attr_style,
	&sim_attr_ring,
	&sim_attr_max_sources,
	&sim_attr_autosuspend_ms,
	&sim_attr_resume_ns,
	&sim_attr_live,
	&sim_attr_fail_next,
	&sim_attr_corrupt_next,
	&sim_attr_hang_next,
	&sim_attr_slow_percent,
	&sim_attr_dev_name,
	&sim_attr_truth_bytes,
	&sim_attr_truth_ops,
	&sim_attr_truth_errors,
	&sim_attr_truth_refused,
	&sim_attr_truth_terminated,
	&sim_attr_truth_terminated_bytes,
	&sim_attr_truth_busy_ns,
	&sim_attr_truth_depth_ns,
	&sim_attr_truth_latency_ns,
	&sim_attr_truth_sent_crc,
	NULL
};

static struct configfs_bin_attribute *sim_bin_attrs[] = {
	&sim_attr_truth_threads,
	NULL
};

static void sim_item_release(struct config_item *item)
{
	struct sim_config *config = to_sim_config(item);

	if (config->eng)
		sim_engine_put(config->eng);
	mutex_destroy(&config->lock);
	kfree(config);
}

static struct configfs_item_operations sim_item_ops = {
	.release = sim_item_release,
};

static const struct config_item_type sim_item_type = {
	.ct_owner = THIS_MODULE,
	.ct_item_ops = &sim_item_ops,
	.ct_attrs = sim_attrs,
	.ct_bin_attrs = sim_bin_attrs,
};

static struct config_item *sim_make_item(struct config_group *group,
					 const char *name)
{
	struct sim_config *config = kzalloc(sizeof(*config), GFP_KERNEL);

	if (!config)
		return ERR_PTR(-ENOMEM);
	mutex_init(&config->lock);
	config->params = (struct sim_params){
		.node = NUMA_NO_NODE,
		.channels = 1,
		.bytes_per_sec = 1000000000,
		.latency_ns = 1000,
		.style = SIM_PLAIN,
		.ring = 1024,
		.max_sources = 16,
		.autosuspend_ms = -1,
	};
	dma_cap_set(DMA_MEMCPY, config->params.caps);
	config->faults.slow_percent = 100;
	config_item_init_type_name(&config->item, name, &sim_item_type);
	return &config->item;
}

static struct configfs_group_operations sim_group_ops = {
	.make_item = sim_make_item,
};

static const struct config_item_type sim_group_type = {
	.ct_owner = THIS_MODULE,
	.ct_group_ops = &sim_group_ops,
};

static struct configfs_subsystem sim_subsystem = {
	.su_group = {
		.cg_item = {
			.ci_namebuf = "dma_engine_sim",
			.ci_type = &sim_group_type,
		},
	},
};

/**
 * sim_config_init() - make the root folder
 *
 * Return: 0 or a negative error.
 */
int sim_config_init(void)
{
	config_group_init(&sim_subsystem.su_group);
	mutex_init(&sim_subsystem.su_mutex);
	return configfs_register_subsystem(&sim_subsystem);
}

/** sim_config_exit() - undo sim_config_init(); folders keep the module loaded */
void sim_config_exit(void)
{
	configfs_unregister_subsystem(&sim_subsystem);
	mutex_destroy(&sim_subsystem.su_mutex);
}

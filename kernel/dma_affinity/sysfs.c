// SPDX-License-Identifier: GPL-2.0
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/pm_runtime.h>
#include <linux/sysfs.h>
#include <linux/timekeeping.h>

#include "hal/engine.h"
#include "hal/routes.h"
#include "dam.h"
#include "sysfs.h"
#include "tables.h"
#include "tick.h"
#include "tunables.h"

static struct kobject *root;

/*
 * A figure that is not known reads as ENODATA. Shows take dam_lock: whoever
 * deletes the kobject does not hold it.
 */
struct engine_attr {
	struct attribute attr;
	ssize_t (*show)(struct dam_engine *e, char *buf);
	ssize_t (*store)(struct dam_engine *e, const char *buf, size_t count);
};

static ssize_t engine_show(struct kobject *kobj, struct attribute *attr,
			   char *buf)
{
	struct engine_attr *a = container_of(attr, struct engine_attr, attr);
	ssize_t ret;

	mutex_lock(&dam_lock);
	dam_tick_refresh();
	ret = a->show(to_dam_engine(kobj), buf);
	mutex_unlock(&dam_lock);
	return ret;
}

static ssize_t engine_store(struct kobject *kobj, struct attribute *attr,
			    const char *buf, size_t count)
{
	struct engine_attr *a = container_of(attr, struct engine_attr, attr);

	return a->store ? a->store(to_dam_engine(kobj), buf, count) : -EIO;
}

static ssize_t show_share(u64 q16, char *buf)
{
	u64 e2 = DIV_ROUND_CLOSEST_ULL(q16 * 10000, 65536);

	return sysfs_emit(buf, "%llu.%02llu\n", e2 / 100, e2 % 100);
}

static ssize_t node_show(struct dam_engine *e, char *buf)
{
	return sysfs_emit(buf, "%d\n", e->node);
}

static ssize_t cpus_show(struct dam_engine *e, char *buf)
{
	return sysfs_emit(buf, "%*pbl\n", cpumask_pr_args(e->routed));
}

static ssize_t capabilities_show(struct dam_engine *e, char *buf)
{
	int k, at = 0;

	for (k = 0; k < DAM_KINDS; k++)
		if (e->caps & BIT(k))
			at += sysfs_emit_at(buf, at, "%s%s", at ? " " : "",
					    dam_kind_names[k]);
	return at + sysfs_emit_at(buf, at, "\n");
}

static ssize_t capacity_bps_show(struct dam_engine *e, char *buf)
{
	u64 bps = dam_engine_capacity(e);

	return bps ? sysfs_emit(buf, "%llu\n", bps) : -ENODATA;
}

static ssize_t capacity_show(struct dam_engine *e, char *buf)
{
	return sysfs_emit(buf, "%llu\n", e->declared_bps);
}

static ssize_t capacity_store(struct dam_engine *e, const char *buf,
			      size_t count)
{
	u64 bps;
	int err = kstrtou64(buf, 10, &bps);

	if (err)
		return err;
	if (bps > DAM_BPS_MAX)
		return -ERANGE;
	WRITE_ONCE(e->declared_bps, bps);
	return count;
}

static const char * const reserved_names[] = { "none", "rt" };

static ssize_t reserved_show(struct dam_engine *e, char *buf)
{
	return sysfs_emit(buf, "%s\n", reserved_names[e->reserved]);
}

static ssize_t reserved_store(struct dam_engine *e, const char *buf,
			      size_t count)
{
	int for_whom = sysfs_match_string(reserved_names, buf);
	int err;

	if (for_whom < 0)
		return for_whom;
	mutex_lock(&dam_lock);
	err = dam_engine_reserve(e, for_whom);
	mutex_unlock(&dam_lock);
	return err ?: count;
}

static ssize_t utilisation_show(struct dam_engine *e, char *buf)
{
	struct dam_means m;

	if (e->ops->depth_only)
		return -ENODATA;
	dam_engine_means(e, ktime_get_ns(), &m);
	return m.busy_known ? show_share(m.busy_q16, buf) : -ENODATA;
}

static ssize_t predicted_show(struct dam_engine *e, char *buf)
{
	return e->predicted_known ? show_share(e->predicted_q16, buf) :
				    -ENODATA;
}

static ssize_t forecast_error_show(struct dam_engine *e, char *buf)
{
	return e->errors ? show_share(e->error_q16, buf) : -ENODATA;
}

static ssize_t depth_show(struct dam_engine *e, char *buf)
{
	struct dam_means m;

	dam_engine_means(e, ktime_get_ns(), &m);
	if (!m.busy_known)
		return -ENODATA;
	return sysfs_emit(buf, "%llu.%02llu\n", m.depth_e2 / 100,
			  m.depth_e2 % 100);
}

static ssize_t latency_ns_show(struct dam_engine *e, char *buf)
{
	struct dam_means m;

	if (e->ops->depth_only)
		return -ENODATA;
	dam_engine_means(e, ktime_get_ns(), &m);
	return m.latency_known ? sysfs_emit(buf, "%llu\n", m.latency_ns) :
				 -ENODATA;
}

static ssize_t bytes_show(struct dam_engine *e, char *buf)
{
	return sysfs_emit(buf, "%llu\n", e->bytes);
}

static ssize_t irq_bytes_show(struct dam_engine *e, char *buf)
{
	return sysfs_emit(buf, "%llu\n", e->bucket_bytes[DAM_BUCKET_IRQ]);
}

static ssize_t softirq_bytes_show(struct dam_engine *e, char *buf)
{
	return sysfs_emit(buf, "%llu\n", e->bucket_bytes[DAM_BUCKET_SOFTIRQ]);
}

static ssize_t exiting_bytes_show(struct dam_engine *e, char *buf)
{
	return sysfs_emit(buf, "%llu\n", e->bucket_bytes[DAM_BUCKET_EXITING]);
}

static ssize_t ops_show(struct dam_engine *e, char *buf)
{
	return sysfs_emit(buf, "%llu\n", e->ops_done);
}

static ssize_t busy_ns_show(struct dam_engine *e, char *buf)
{
	if (e->ops->depth_only)
		return -ENODATA;
	return sysfs_emit(buf, "%llu\n", e->busy_ns);
}

static ssize_t depth_ns_show(struct dam_engine *e, char *buf)
{
	if (e->ops->depth_only)
		return -ENODATA;
	return sysfs_emit(buf, "%llu\n", e->depth_ns);
}

/* NULL: nobody manages its power, or it does not say. */
static const char *runtime_status_of(struct device *dev)
{
#ifdef CONFIG_PM
	static const char * const names[] = {
		[RPM_ACTIVE] = "active",
		[RPM_RESUMING] = "resuming",
		[RPM_SUSPENDED] = "suspended",
		[RPM_SUSPENDING] = "suspending",
	};
	int status = READ_ONCE(dev->power.runtime_status);

	if (pm_runtime_enabled(dev) && status >= 0 &&
	    status < ARRAY_SIZE(names))
		return names[status];
#endif
	return NULL;
}

static ssize_t mapped_bytes_show(struct dam_engine *e, char *buf)
{
	if (!e->ops->depth_only || dam_mode() == DAM_MODE_OFF)
		return -ENODATA;
	return sysfs_emit(buf, "%llu\n", e->tick_reading.mapped_bytes);
}

static ssize_t runtime_status_show(struct dam_engine *e, char *buf)
{
	const char *status = runtime_status_of(e->dev);

	return status ? sysfs_emit(buf, "%s\n", status) : -ENODATA;
}

static ssize_t threads_show(struct dam_engine *e, char *buf)
{
	if (dam_mode() == DAM_MODE_OFF)
		return -ENODATA;
	return sysfs_emit(buf, "%u\n", e->threads);
}

#define ENGINE_ATTR(_name)						\
	static struct engine_attr engine_##_name = {			\
		.attr = { .name = #_name, .mode = 0444 },		\
		.show = _name##_show,					\
	}

ENGINE_ATTR(node);
ENGINE_ATTR(cpus);
ENGINE_ATTR(capabilities);
ENGINE_ATTR(capacity_bps);
ENGINE_ATTR(utilisation);
ENGINE_ATTR(predicted);
ENGINE_ATTR(forecast_error);
ENGINE_ATTR(depth);
ENGINE_ATTR(latency_ns);
ENGINE_ATTR(bytes);
ENGINE_ATTR(irq_bytes);
ENGINE_ATTR(softirq_bytes);
ENGINE_ATTR(exiting_bytes);
ENGINE_ATTR(ops);
ENGINE_ATTR(busy_ns);
ENGINE_ATTR(depth_ns);
ENGINE_ATTR(mapped_bytes);
ENGINE_ATTR(runtime_status);
ENGINE_ATTR(threads);

static struct engine_attr engine_capacity = {
	.attr = { .name = "CAPACITY", .mode = 0644 },
	.show = capacity_show,
	.store = capacity_store,
};

static struct engine_attr engine_reserved = {
	.attr = { .name = "RESERVED", .mode = 0644 },
	.show = reserved_show,
	.store = reserved_store,
};

static struct attribute *engine_attrs[] = {
	&engine_node.attr,
	&engine_cpus.attr,
	&engine_capabilities.attr,
	&engine_capacity_bps.attr,
	&engine_capacity.attr,
	&engine_reserved.attr,
	&engine_utilisation.attr,
	&engine_predicted.attr,
	&engine_forecast_error.attr,
	&engine_depth.attr,
	&engine_latency_ns.attr,
	&engine_bytes.attr,
	&engine_irq_bytes.attr,
	&engine_softirq_bytes.attr,
	&engine_exiting_bytes.attr,
	&engine_ops.attr,
	&engine_busy_ns.attr,
	&engine_depth_ns.attr,
	&engine_mapped_bytes.attr,
	&engine_runtime_status.attr,
	&engine_threads.attr,
	NULL
};

static const struct attribute_group engine_group = {
	.attrs = engine_attrs,
};

static const struct attribute_group *engine_groups[] = {
	&engine_group,
	&dam_engine_tables_group,
	NULL
};

static const struct sysfs_ops engine_sysfs_ops = {
	.show = engine_show,
	.store = engine_store,
};

const struct kobj_type dam_engine_ktype = {
	.release = dam_engine_free,
	.sysfs_ops = &engine_sysfs_ops,
	.default_groups = engine_groups,
};

/* stats/ */
struct stat_attr {
	struct kobj_attribute attr;
	atomic64_t *value;
};

static ssize_t stat_show(struct kobject *kobj, struct kobj_attribute *attr,
			 char *buf)
{
	struct stat_attr *s = container_of(attr, struct stat_attr, attr);

	return sysfs_emit(buf, "%lld\n", atomic64_read(s->value));
}

#define STAT_ATTR(_name, _value)					\
	static struct stat_attr stat_##_name = {			\
		.attr = __ATTR(_name, 0444, stat_show, NULL),		\
		.value = &(_value),					\
	}

STAT_ATTR(ticks, dam_stats.ticks);
STAT_ATTR(overruns, dam_stats.overruns);
STAT_ATTR(moves, dam_stats.moves);
STAT_ATTR(successes, dam_stats.successes);
STAT_ATTR(failures, dam_stats.failures);
STAT_ATTR(reverts, dam_stats.reverts);
STAT_ATTR(dropped, dam_stats.dropped);
STAT_ATTR(tick_ns, dam_stats.tick_ns);
STAT_ATTR(memory_bytes, dam_stats.memory_bytes);

static struct attribute *stat_attrs[] = {
	&stat_ticks.attr.attr,
	&stat_overruns.attr.attr,
	&stat_moves.attr.attr,
	&stat_successes.attr.attr,
	&stat_failures.attr.attr,
	&stat_reverts.attr.attr,
	&stat_dropped.attr.attr,
	&stat_tick_ns.attr.attr,
	&stat_memory_bytes.attr.attr,
	NULL
};

static const struct attribute_group stats_group = {
	.name = "stats",
	.attrs = stat_attrs,
};

static const struct attribute_group *published[] = {
	&dam_tunables_group,
	&stats_group,
	&dam_tables_group,
	NULL
};

int dam_sysfs_init(void)
{
	int err;

	root = kobject_create_and_add("dma_affinity", kernel_kobj);
	if (!root)
		return -ENOMEM;
	err = dam_engines_init(root, &dam_engine_ktype);
	if (err)
		kobject_put(root);
	return err;
}

void dam_sysfs_exit(void)
{
	dam_engines_exit();
	kobject_put(root);
}

int dam_sysfs_publish(void)
{
	return sysfs_create_groups(root, published);
}

void dam_sysfs_hide(void)
{
	sysfs_remove_groups(root, published);
}

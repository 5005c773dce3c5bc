// SPDX-License-Identifier: GPL-2.0
/*
 * A store parses the whole value first and then writes one word: a bad value
 * leaves the old one standing. kstrto*() and not sscanf(): trailing rubbish
 * is an error.
 */
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/string.h>

#include "hal/sources.h"
#include "history.h"
#include "optout.h"
#include "tick.h"
#include "trace.h"
#include "tunables.h"

const char * const dam_mode_names[DAM_MODES] = {
	[DAM_MODE_OFF] = "off",
	[DAM_MODE_MONITOR] = "monitor",
	[DAM_MODE_ADVISE] = "advise",
	[DAM_MODE_MANAGE] = "manage",
};

static const char * const model_names[] = {
	[DAM_MODEL_LAST] = "last",
	[DAM_MODEL_EWMA] = "ewma",
	[DAM_MODEL_HOLT] = "holt",
	[DAM_MODEL_KALMAN] = "kalman",
	[DAM_MODEL_SEASONAL] = "seasonal",
	[DAM_MODEL_AUTO] = "auto",
};

struct dam_tunables dam_tunables = {
	.weight_latency_e4 = 5000,
	.weight_throughput_e4 = 5000,
	.threshold_pct = 10,
	.horizon_ms = 30,
	.interval_ms = 10,
	.history = 256,
	.max_moves = DAM_MOVES_AUTO,
	.holdoff_s = 10,
	.model = DAM_MODEL_AUTO,
	.mode = DAM_MODE_MANAGE,
	.sources = DAM_SOURCES_ALL,
};

void dam_params(u32 engines, struct dam_params *p)
{
	const struct dam_tunables *t = &dam_tunables;
	int moves = READ_ONCE(t->max_moves);

	p->weight_latency_e4 = READ_ONCE(t->weight_latency_e4);
	p->weight_throughput_e4 = READ_ONCE(t->weight_throughput_e4);
	p->threshold_pct = READ_ONCE(t->threshold_pct);
	p->horizon_ms = READ_ONCE(t->horizon_ms);
	p->interval_ms = READ_ONCE(t->interval_ms);
	/* A badly skewed start of many engines needs many moves. */
	p->max_moves = moves == DAM_MOVES_AUTO ? max(20U, 10 * engines) :
						 (u32)moves;
	p->energy_bias_e4 = READ_ONCE(t->energy_bias_e4);
	p->learn = READ_ONCE(t->history) > 0;
}

/**
 * struct tunable - a number with its range
 * @attr: the file
 * @value: where it lives
 * @min: lowest
 * @max: highest
 * @changed: called after a change, may be NULL; may refuse: the old value is
 *	put back
 */
struct tunable {
	struct kobj_attribute attr;
	int *value;
	int min;
	int max;
	int (*changed)(int value);
};

#define to_tunable(a)	container_of(a, struct tunable, attr)

static ssize_t number_show(struct kobject *kobj, struct kobj_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(*to_tunable(attr)->value));
}

/* A value and what follows from it change together. */
static DEFINE_MUTEX(store_mutex);

static int set_value(struct tunable *t, int value)
{
	int old, err = 0;

	if (value < t->min || value > t->max)
		return -ERANGE;
	mutex_lock(&store_mutex);
	old = *t->value;
	WRITE_ONCE(*t->value, value);
	if (t->changed)
		err = t->changed(value);
	if (err)
		WRITE_ONCE(*t->value, old);
	else
		trace_config(t->attr.attr.name, value);
	mutex_unlock(&store_mutex);
	return err;
}

static ssize_t number_store(struct kobject *kobj, struct kobj_attribute *attr,
			    const char *buf, size_t count)
{
	int value, err;

	err = kstrtoint(buf, 10, &value);
	if (!err)
		err = set_value(to_tunable(attr), value);
	return err ?: count;
}

static ssize_t weight_show(struct kobject *kobj, struct kobj_attribute *attr,
			   char *buf)
{
	int e4 = READ_ONCE(*to_tunable(attr)->value);

	return sysfs_emit(buf, "%d.%04d\n", e4 / 10000, e4 % 10000);
}

/* [0-9]+(\.[0-9]{1,4})?, then at most one newline. */
static int parse_weight(const char *buf, int *e4)
{
	bool negative = *buf == '-';
	int whole = 0, digits, part = 0;

	if (negative)
		buf++;
	if (!isdigit(*buf))
		return -EINVAL;
	for (; isdigit(*buf); buf++)
		whole = min(whole * 10 + *buf - '0', 1000);
	if (*buf == '.') {
		buf++;
		for (digits = 0; digits < 4; digits++) {
			part *= 10;
			if (isdigit(*buf))
				part += *buf++ - '0';
			else if (!digits)
				return -EINVAL;
		}
	}
	if (*buf == '\n')
		buf++;
	if (*buf)
		return -EINVAL;
	if (negative)
		return -ERANGE;
	*e4 = whole * 10000 + part;
	return 0;
}

static ssize_t weight_store(struct kobject *kobj, struct kobj_attribute *attr,
			    const char *buf, size_t count)
{
	int e4, err;

	err = parse_weight(buf, &e4);
	if (!err)
		err = set_value(to_tunable(attr), e4);
	return err ?: count;
}

static ssize_t moves_show(struct kobject *kobj, struct kobj_attribute *attr,
			  char *buf)
{
	int moves = READ_ONCE(dam_tunables.max_moves);

	if (moves == DAM_MOVES_AUTO)
		return sysfs_emit(buf, "auto\n");
	return sysfs_emit(buf, "%d\n", moves);
}

static ssize_t moves_store(struct kobject *kobj, struct kobj_attribute *attr,
			   const char *buf, size_t count)
{
	int value, err = 0;

	if (sysfs_streq(buf, "auto")) {
		WRITE_ONCE(dam_tunables.max_moves, DAM_MOVES_AUTO);
		trace_config(attr->attr.name, DAM_MOVES_AUTO);
		return count;
	}
	err = kstrtoint(buf, 10, &value);
	if (!err)
		err = set_value(to_tunable(attr), value);
	return err ?: count;
}

static ssize_t model_show(struct kobject *kobj, struct kobj_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  model_names[READ_ONCE(dam_tunables.model)]);
}

static ssize_t model_store(struct kobject *kobj, struct kobj_attribute *attr,
			   const char *buf, size_t count)
{
	int model = __sysfs_match_string(model_names, ARRAY_SIZE(model_names),
					 buf);
	int err = model;

	if (model >= 0)
		err = set_value(to_tunable(attr), model);
	return err ?: count;
}

static ssize_t mode_show(struct kobject *kobj, struct kobj_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%s\n", dam_mode_names[dam_mode()]);
}

static ssize_t mode_store(struct kobject *kobj, struct kobj_attribute *attr,
			  const char *buf, size_t count)
{
	int mode = __sysfs_match_string(dam_mode_names, DAM_MODES, buf);

	if (mode < 0)
		return mode;
	dam_tick_set_mode(mode);
	return count;
}

static ssize_t sources_show(struct kobject *kobj, struct kobj_attribute *attr,
			    char *buf)
{
	u32 on = READ_ONCE(dam_tunables.sources);
	int i, at = 0;

	if (on == DAM_SOURCES_ALL || !on)
		return sysfs_emit(buf, "%s\n", on ? "all" : "none");
	for (i = 0; i < DAM_SOURCES; i++)
		if (on & BIT(i))
			at += sysfs_emit_at(buf, at, "%s%s", at ? "," : "",
					    dam_source_names[i]);
	return at + sysfs_emit_at(buf, at, "\n");
}

/* Names separated by commas, then at most one newline. */
static int parse_sources(const char *buf, u32 *on)
{
	size_t len;
	int i;

	for (*on = 0;; buf += len + 1) {
		len = strcspn(buf, ",\n");
		for (i = 0; i < DAM_SOURCES; i++)
			if (strlen(dam_source_names[i]) == len &&
			    !strncmp(buf, dam_source_names[i], len))
				break;
		if (i == DAM_SOURCES)
			return -EINVAL;
		*on |= BIT(i);
		if (buf[len] != ',')
			break;
	}
	buf += len;
	if (*buf == '\n')
		buf++;
	return *buf ? -EINVAL : 0;
}

static ssize_t sources_store(struct kobject *kobj, struct kobj_attribute *attr,
			     const char *buf, size_t count)
{
	u32 on = 0;
	int err = 0;

	if (sysfs_streq(buf, "all"))
		on = DAM_SOURCES_ALL;
	else if (!sysfs_streq(buf, "none"))
		err = parse_sources(buf, &on);
	if (!err)
		err = set_value(to_tunable(attr), on);
	return err ?: count;
}

static int sources_changed(int value)
{
	return dam_sources_set(value);
}

#define TUNABLE(var, file, how, field, lo, hi, fn)			\
	static struct tunable var = {					\
		.attr = __ATTR(file, 0644, how##_show, how##_store),	\
		.value = &dam_tunables.field,				\
		.min = (lo),						\
		.max = (hi),						\
		.changed = (fn),					\
	}

TUNABLE(weight_latency, DMA_WEIGHT_LATENCY, weight, weight_latency_e4,
	0, 10000, NULL);
TUNABLE(weight_throughput, DMA_WEIGHT_THROUGHPUT, weight,
	weight_throughput_e4, 0, 10000, NULL);
TUNABLE(energy_bias, ENERGY_BIAS, weight, energy_bias_e4, 0, 10000, NULL);
TUNABLE(threshold, MIGRATION_THRESHOLD, number, threshold_pct, 0, 100, NULL);
TUNABLE(horizon, PREDICTION_HORIZON, number, horizon_ms, 0, 10000, NULL);
TUNABLE(interval, SAMPLE_INTERVAL, number, interval_ms, 1, 1000, NULL);
TUNABLE(history, AFFINITY_HISTORY, number, history, 0, DAM_HISTORY_MAX,
	dam_history_resize);
TUNABLE(max_moves, MAX_MOVES, moves, max_moves, 0, 10000, NULL);
TUNABLE(holdoff, HOLDOFF, number, holdoff_s, 0, 3600, NULL);
TUNABLE(forecaster, FORECASTER, model, model, 0, DAM_MODEL_AUTO, NULL);
TUNABLE(mode, MODE, mode, mode, 0, DAM_MODES - 1, NULL);
TUNABLE(sources, SOURCES, sources, sources, 0, DAM_SOURCES_ALL,
	sources_changed);

static struct attribute *tunable_attrs[] = {
	&weight_latency.attr.attr,
	&weight_throughput.attr.attr,
	&energy_bias.attr.attr,
	&threshold.attr.attr,
	&horizon.attr.attr,
	&interval.attr.attr,
	&history.attr.attr,
	&max_moves.attr.attr,
	&holdoff.attr.attr,
	&forecaster.attr.attr,
	&mode.attr.attr,
	&sources.attr.attr,
	&dam_optout_attr.attr,
	NULL
};

const struct attribute_group dam_tunables_group = {
	.attrs = tunable_attrs,
};

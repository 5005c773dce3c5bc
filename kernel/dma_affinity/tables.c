// SPDX-License-Identifier: GPL-2.0
/*
 * A table is made of rows of one length, so that a reader may start anywhere:
 * row N begins at N times that length. Row 0 says which generation it is and
 * how many rows follow; a reader that finds another generation at the end has
 * read a torn table and starts again. Freed slots are blank rows.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "hal/channel.h"
#include "hal/engine.h"
#include "affinity.h"
#include "dam.h"
#include "history.h"
#include "tables.h"
#include "threads.h"
#include "tick.h"

/* Columns but the masks: 10 + 20 + 64 + 4 x 20 + 10 and blanks between. */
#define ROW_FIXED	200
/* A name of at most 32 and 4 x 20. */
#define CHANNEL_ROW	120

/* One row, dam_lock. */
static char *row;
static size_t thread_row, history_row, mask_text;

struct table {
	size_t length;
	u32 rows;
	u64 generation;
	int (*fill)(const struct table *t, u32 i, char *buf, size_t size);
	struct dam_engine *of;
};

static int share_text(char *buf, size_t size, s32 q16)
{
	s64 e2 = div_s64((s64)q16 * 10000, 65536);
	u64 abs = e2 < 0 ? -e2 : e2;

	return scnprintf(buf, size, "%s%llu.%02llu", e2 < 0 ? "-" : "",
			 abs / 100, abs % 100);
}

static int thread_fill(const struct table *table, u32 i, char *buf, size_t size)
{
	const struct dam_thread *t = dam_thread_at(i);
	const struct dam_thread_view *v = dam_thread_view(i);
	struct dam_engine *e;
	int n;

	if (!t->task)
		return 0;
	e = dam_engine_at(v->engine);
	n = scnprintf(buf, size, "%d %llu %s %llu %llu %llu %s ", t->task->pid,
		      t->task->start_boottime, e ? kobject_name(&e->kobj) : "-",
		      t->bytes, v->now_bps, v->pred_bps,
		      dam_thread_state_names[t->state]);
	n += dam_affinity_text(i, t->task, false, buf + n, size - n);
	n += scnprintf(buf + n, size - n, " ");
	n += dam_affinity_text(i, t->task, true, buf + n, size - n);
	return n;
}

static int history_fill(const struct table *table, u32 i, char *buf,
			size_t size)
{
	const struct dam_record *r = dam_history_at(i);
	int n;

	n = scnprintf(buf, size, "%llu %d %s %s ", r->time_ns, r->tid,
		      r->from, r->to);
	n += share_text(buf + n, size - n, r->promised_q16);
	n += scnprintf(buf + n, size - n, " ");
	if (r->known)
		n += share_text(buf + n, size - n, r->achieved_q16);
	else
		n += scnprintf(buf + n, size - n, "-");
	n += scnprintf(buf + n, size - n, " %s",
		       dam_verdict_names[r->verdict]);
	return n;
}

static int channel_fill(const struct table *t, u32 i, char *buf, size_t size)
{
	struct dam_engine *e = t->of;
	const struct dam_channel *ch = e->ops->channel(e, i);

	if (!ch)
		return 0;
	return scnprintf(buf, size, "%s %llu %llu %llu %llu",
			 dma_chan_name(ch->chan), ch->bytes, ch->ops,
			 ch->busy_ns, ch->depth_ns);
}

static ssize_t table_read(const struct table *t, char *buf, loff_t off,
			  size_t count)
{
	size_t done = 0, at, part;
	int n;
	u32 i;

	while (done < count) {
		i = div_u64_rem(off + done, t->length, (u32 *)&n);
		at = n;
		if (i > t->rows)
			break;
		if (!i)
			n = scnprintf(row, t->length,
				      "generation %llu rows %u",
				      t->generation, t->rows);
		else
			n = t->fill(t, i - 1, row, t->length);
		memset(row + n, ' ', t->length - n);
		row[t->length - 1] = '\n';
		part = min(count - done, t->length - at);
		memcpy(buf + done, row + at, part);
		done += part;
	}
	return done;
}

static ssize_t threads_read(struct file *file, struct kobject *kobj,
			    struct bin_attribute *attr, char *buf, loff_t off,
			    size_t count)
{
	struct table t = { .length = thread_row, .fill = thread_fill };
	ssize_t ret;

	mutex_lock(&dam_lock);
	t.rows = dam_threads_limit();
	t.generation = dam_threads_generation();
	ret = table_read(&t, buf, off, count);
	mutex_unlock(&dam_lock);
	return ret;
}

static ssize_t history_read(struct file *file, struct kobject *kobj,
			    struct bin_attribute *attr, char *buf, loff_t off,
			    size_t count)
{
	struct table t = { .length = history_row, .fill = history_fill };
	ssize_t ret;

	mutex_lock(&dam_lock);
	t.rows = dam_history_count();
	t.generation = dam_history_generation();
	ret = table_read(&t, buf, off, count);
	mutex_unlock(&dam_lock);
	return ret;
}

static ssize_t channels_read(struct file *file, struct kobject *kobj,
			     struct bin_attribute *attr, char *buf, loff_t off,
			     size_t count)
{
	struct dam_engine *e = to_dam_engine(kobj);
	struct table t = { .length = CHANNEL_ROW, .fill = channel_fill, .of = e };
	ssize_t ret;

	mutex_lock(&dam_lock);
	dam_tick_refresh();
	/* Its source may be gone already. */
	if (e->id != DAM_NO_ID)
		t.rows = e->channels;
	t.generation = e->channel_changes;
	ret = table_read(&t, buf, off, count);
	mutex_unlock(&dam_lock);
	return ret;
}

static umode_t channels_visible(struct kobject *kobj, struct bin_attribute *attr,
				int index)
{
	return to_dam_engine(kobj)->ops->channel ? attr->attr.mode : 0;
}

static struct bin_attribute channels_attr = {
	.attr = { .name = "channels", .mode = 0444 },
	.read = channels_read,
};

static struct bin_attribute *engine_table_attrs[] = {
	&channels_attr,
	NULL
};

const struct attribute_group dam_engine_tables_group = {
	.bin_attrs = engine_table_attrs,
	.is_bin_visible = channels_visible,
};

static struct bin_attribute threads_attr = {
	.attr = { .name = "threads", .mode = 0400 },
	.read = threads_read,
};

static struct bin_attribute history_attr = {
	.attr = { .name = "history", .mode = 0400 },
	.read = history_read,
};

static struct bin_attribute *table_attrs[] = {
	&threads_attr,
	&history_attr,
	NULL
};

const struct attribute_group dam_tables_group = {
	.bin_attrs = table_attrs,
};

int dam_tables_init(void)
{
	/* Eight digits and a comma for each 32 CPUs. */
	mask_text = DIV_ROUND_UP(nr_cpu_ids, 32) * 9;
	thread_row = ROW_FIXED + 2 * mask_text;
	history_row = ROW_FIXED;
	row = kzalloc(thread_row + 1, GFP_KERNEL);
	return row ? 0 : -ENOMEM;
}

void dam_tables_exit(void)
{
	kfree(row);
}

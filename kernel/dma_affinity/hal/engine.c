// SPDX-License-Identifier: GPL-2.0
/*
 * The registry. Linking and figures: dam_lock. Creation and destruction of
 * kobjects happen outside it, for a reader of a file may wait for dam_lock
 * while the remover waits for the reader.
 */
#include <linux/device.h>
#include <linux/pm_runtime.h>
#include <linux/slab.h>

#include "hal/engine.h"
#include "dam.h"
#include "tunables.h"

/* What waits for longer counts as if it waited so long. */
#define WAIT_MAX_NS	(10 * NSEC_PER_SEC)

const char * const dam_kind_names[DAM_KINDS] = {
	[DAM_KIND_MEMCPY] = "memcpy",
	[DAM_KIND_MEMSET] = "memset",
	[DAM_KIND_XOR] = "xor",
	[DAM_KIND_XOR_VAL] = "xor_val",
	[DAM_KIND_PQ] = "pq",
	[DAM_KIND_PQ_VAL] = "pq_val",
	[DAM_KIND_INTERRUPT] = "interrupt",
	[DAM_KIND_SLAVE_SG] = "slave_sg",
	[DAM_KIND_CYCLIC] = "cyclic",
	[DAM_KIND_INTERLEAVED] = "interleaved",
	[DAM_KIND_DMA_VEC] = "dma_vec",
};

static struct kobject *engines_dir;
static const struct kobj_type *engine_ktype;
struct dam_engine *dam_engine_table[DAM_ENGINES_MAX];
u32 dam_engines_reserved;
static u32 engine_count;
/* One above the highest index in use, dam_lock. */
static u32 engine_limit;

void dam_engine_free(struct kobject *kobj)
{
	struct dam_engine *e = to_dam_engine(kobj);

	dam_memory_sub(sizeof(*e) + cpumask_size());
	put_device(e->dev);
	free_cpumask_var(e->routed);
	kfree(e);
}

/* A device may carry several dma_devices: the second is NAME.1, and so on. */
static int engine_name(struct dam_engine *e)
{
	const char *base = dev_name(e->dev);
	struct kernfs_node *taken;
	char name[DAM_ENGINE_NAME];
	char *c;
	int i;

	for (i = 0; i < DAM_ENGINES_MAX; i++) {
		if (i)
			snprintf(name, sizeof(name), "%s.%d", base, i);
		else
			strscpy(name, base, sizeof(name));
		for (c = name; *c; c++)
			if (*c == '/')
				*c = '!';
		taken = sysfs_get_dirent(engines_dir->sd, name);
		if (!taken)
			return kobject_add(&e->kobj, engines_dir, "%s", name);
		sysfs_put(taken);
	}
	return -EEXIST;
}

struct dam_engine *dam_engine_create(struct device *dev,
				     const struct dam_engine_ops *ops,
				     void *source, u32 caps, bool private)
{
	struct dam_engine *e;
	int err;
	u32 i;

	e = kzalloc(sizeof(*e), GFP_KERNEL);
	if (!e)
		return ERR_PTR(-ENOMEM);
	if (!zalloc_cpumask_var(&e->routed, GFP_KERNEL)) {
		kfree(e);
		return ERR_PTR(-ENOMEM);
	}
	dam_memory_add(sizeof(*e) + cpumask_size());
	e->dev = get_device(dev);
	e->ops = ops;
	e->source = source;
	e->caps = caps;
	e->private = private;
	e->node = dev_to_node(dev);
	e->id = DAM_NO_ID;
	kobject_init(&e->kobj, engine_ktype);
	err = engine_name(e);
	if (err)
		goto err_put;
	err = sysfs_create_link(&e->kobj, &dev->kobj, "device");
	if (err)
		goto err_del;

	mutex_lock(&dam_lock);
	for (i = 0; i < DAM_ENGINES_MAX && dam_engine_table[i]; i++)
		;
	if (i < DAM_ENGINES_MAX) {
		e->id = i;
		dam_engine_table[i] = e;
		engine_limit = max(engine_limit, i + 1);
		WRITE_ONCE(engine_count, engine_count + 1);
	}
	mutex_unlock(&dam_lock);
	if (i == DAM_ENGINES_MAX) {
		err = -ENOSPC;
		goto err_link;
	}
	kobject_uevent(&e->kobj, KOBJ_ADD);
	return e;

err_link:
	sysfs_remove_link(&e->kobj, "device");
err_del:
	kobject_del(&e->kobj);
err_put:
	kobject_put(&e->kobj);
	return ERR_PTR(err);
}

bool dam_engine_may_suspend(const struct dam_engine *e)
{
#ifdef CONFIG_PM
	return pm_runtime_enabled(e->dev) && e->dev->power.runtime_auto;
#else
	return false;
#endif
}

int dam_engine_reserve(struct dam_engine *e, bool on)
{
	lockdep_assert_held(&dam_lock);
	if (e->id == DAM_NO_ID)
		return -ENODEV;
	WRITE_ONCE(dam_engines_reserved,
		   dam_engines_reserved - e->reserved + on);
	WRITE_ONCE(e->reserved, on);
	return 0;
}

void dam_engine_unlink(struct dam_engine *e)
{
	lockdep_assert_held(&dam_lock);
	if (e->id == DAM_NO_ID)
		return;
	dam_engine_reserve(e, false);
	dam_engine_table[e->id] = NULL;
	while (engine_limit && !dam_engine_table[engine_limit - 1])
		engine_limit--;
	e->id = DAM_NO_ID;
	WRITE_ONCE(engine_count, engine_count - 1);
}

void dam_engine_destroy(struct dam_engine *e)
{
	sysfs_remove_link(&e->kobj, "device");
	kobject_del(&e->kobj);
	kobject_put(&e->kobj);
}

u32 dam_engine_count(void)
{
	return READ_ONCE(engine_count);
}

u32 dam_engine_limit(void)
{
	lockdep_assert_held(&dam_lock);
	return engine_limit;
}

u64 dam_engine_capacity(const struct dam_engine *e)
{
	u64 declared = READ_ONCE(e->declared_bps);

	return declared ? declared : READ_ONCE(e->capacity.bps);
}

static void push_window(struct dam_engine *e, u64 now_ns)
{
	struct dam_window *w = &e->window[e->window_head];

	if (e->windows && now_ns - w->time_ns < DAM_WINDOW_NS)
		return;
	e->window_head = (e->window_head + 1) % DAM_WINDOWS;
	e->window[e->window_head] = (struct dam_window) {
		.time_ns = now_ns,
		.busy_ns = e->busy_ns,
		.depth_ns = e->depth_ns,
		.ops = e->ops_done,
	};
	if (e->windows < DAM_WINDOWS)
		e->windows++;
}

void dam_engine_sample(struct dam_engine *e, u64 now_ns, u64 dt_ns)
{
	struct dam_reading *r = &e->tick_reading;

	lockdep_assert_held(&dam_lock);
	memset(r, 0, sizeof(*r));
	e->ops->read(e, now_ns, dt_ns, r);
	/* Who does not see submissions does not know how long they kept it busy. */
	if (dam_mode() == DAM_MODE_OFF) {
		r->unknown = true;
		r->busy_ns = 0;
		r->depth_ns = 0;
		r->full_ns = 0;
		r->completed = 0;
	}

	if (e->tick_ops)
		dam_capacity_sizes(&e->capacity, e->tick_bytes, e->tick_ops, r->in_flight);
	WRITE_ONCE(e->bytes, e->bytes + e->tick_bytes);
	WRITE_ONCE(e->ops_done, e->ops_done + e->tick_ops);
	WRITE_ONCE(e->busy_ns, e->busy_ns + r->busy_ns);
	WRITE_ONCE(e->depth_ns, e->depth_ns + r->depth_ns);
	e->busy_q16 = dam_share_q16(r->busy_ns, dt_ns);
	if (r->completed) {
		e->wait_ns = div64_u64(r->depth_ns, r->completed);
		e->wait_q30 = div64_u64(min(e->wait_ns, WAIT_MAX_NS) << 30,
					NSEC_PER_SEC);
	}
	dam_capacity_learn(&e->capacity, r->full_ns, r->full_ops, dt_ns);
	e->busy_bps = (dam_engine_capacity(e) >> 16) * e->busy_q16;
	/* What is known again begins anew. */
	if (r->unknown)
		e->windows = 0;
	else
		push_window(e, now_ns);
}

void dam_engine_predict(struct dam_engine *e, u32 now_q16, u32 pred_q16,
			u64 now_ns, u64 horizon_ns)
{
	u64 gap = max_t(u64, horizon_ns / DAM_ENGINE_PENDING, 1);
	u64 newest = 0;
	int i, slot = -1;

	for (i = 0; i < DAM_ENGINE_PENDING; i++) {
		if (e->pending_due[i] && now_ns >= e->pending_due[i]) {
			u32 err = max(e->pending_q16[i], now_q16) -
				  min(e->pending_q16[i], now_q16);

			e->pending_due[i] = 0;
			WRITE_ONCE(e->error_q16, e->errors ?
				   (15 * (u64)e->error_q16 + err) / 16 : err);
			WRITE_ONCE(e->errors, e->errors + 1);
		}
		newest = max(newest, e->pending_due[i]);
		if (!e->pending_due[i])
			slot = i;
	}
	if (slot >= 0 && now_ns + horizon_ns >= newest + gap) {
		e->pending_due[slot] = now_ns + max_t(u64, horizon_ns, 1);
		e->pending_q16[slot] = pred_q16;
	}
	WRITE_ONCE(e->predicted_q16, pred_q16);
	WRITE_ONCE(e->predicted_known, true);
}

void dam_engine_means(const struct dam_engine *e, u64 now_ns,
		      struct dam_means *m)
{
	const struct dam_window *old;
	u64 dt, ops;
	u8 i, at;

	memset(m, 0, sizeof(*m));
	if (!e->windows || dam_mode() == DAM_MODE_OFF)
		return;
	at = (e->window_head + DAM_WINDOWS - e->windows + 1) % DAM_WINDOWS;
	old = &e->window[at];
	/* After a pause the oldest snapshot may be far away: not a second. */
	for (i = 1; i < e->windows &&
	     now_ns - old->time_ns > NSEC_PER_SEC + DAM_WINDOW_NS; i++) {
		at = (at + 1) % DAM_WINDOWS;
		old = &e->window[at];
	}
	dt = now_ns - old->time_ns;
	if (!dt)
		return;
	ops = e->ops_done - old->ops;
	m->busy_known = true;
	m->busy_q16 = dam_share_q16(e->busy_ns - old->busy_ns, dt);
	m->depth_e2 = mul_u64_u64_div_u64(e->depth_ns - old->depth_ns, 100, dt);
	m->latency_known = ops > 0;
	if (ops)
		m->latency_ns = div64_u64(e->depth_ns - old->depth_ns, ops);
}

int dam_engines_init(struct kobject *parent, const struct kobj_type *ktype)
{
	engine_ktype = ktype;
	engines_dir = kobject_create_and_add("engines", parent);
	return engines_dir ? 0 : -ENOMEM;
}

void dam_engines_exit(void)
{
	kobject_put(engines_dir);
}

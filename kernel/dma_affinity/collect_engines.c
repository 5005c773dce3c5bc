// SPDX-License-Identifier: GPL-2.0
/* The engines' part of a tick: their figures, the policy's view of them, what is told of both. */
#include <linux/cpumask.h>
#include <linux/string.h>

#include "hal/clock.h"
#include "hal/engine.h"
#include "hal/hook.h"
#include "hal/routes.h"
#include "collect.h"
#include "dam.h"
#include "topology.h"
#include "trace.h"
#include "watch.h"

/* Fewer operations in a tick say little of how fast an engine is. */
#define WORK_MIN_OPS	8

static void sample_engines(u64 now_ns, u64 dt_ns)
{
	struct dam_engine *e;
	u32 i, n = dam_engine_limit();

	for (i = 0; i < n; i++) {
		e = dam_engine_at(i);
		if (e)
			dam_engine_sample(e, now_ns, dt_ns);
	}
}

/* Before a fold: all that was submitted is charged. */
static void settle_engines(void)
{
	struct dam_engine *e;
	u32 i, n = dam_engine_limit();

	for (i = 0; i < n; i++) {
		e = dam_engine_at(i);
		if (e && e->ops->settle)
			e->ops->settle(e);
	}
}

static void clear_engines(void)
{
	struct dam_engine *e;
	u32 i, n = dam_engine_limit();

	for (i = 0; i < n; i++) {
		e = dam_engine_at(i);
		if (!e)
			continue;
		e->tick_bytes = 0;
		e->tick_ops = 0;
		e->thread_bytes = 0;
	}
}

void dam_collect_fold(struct dam_tick *k)
{
	clear_engines();
	settle_engines();
	dam_clock_update();
	k->fold.now_ns = k->now_ns;
	dam_fold(&k->fold);
	dam_drop(dam_hooks_missed() + dam_watch_missed());
	sample_engines(k->now_ns, k->dt_ns);
}

bool dam_collect_engines(u64 now_ns, u64 dt_ns)
{
	bool movable;

	lockdep_assert_held(&dam_lock);
	clear_engines();
	settle_engines();
	dam_clock_update();
	movable = dam_fold_asleep(now_ns);
	sample_engines(now_ns, max_t(u64, dt_ns, 1));
	return movable;
}

/* Where its threads would run: beside it, if no CPU is routed to it. */
static const struct cpumask *cpus_of(const struct dam_engine *e)
{
	if (!e->target && e->node >= 0 && node_online(e->node))
		return cpumask_of_node(e->node);
	return e->routed;
}

/* What changes seldom, and takes a look at each CPU. */
static void look_around(struct dam_engine *e, u32 epoch)
{
	e->epoch = epoch;
	e->serves_kinds = 0;
	e->serves = false;
	e->target = !cpumask_empty(e->routed);
	e->sleeps = dam_engine_may_suspend(e);
	e->cpus = min_t(u32, cpumask_weight(cpus_of(e)), U16_MAX);
	/* Nobody is sent near an engine before it is known how busy it is there. */
	if (!e->target && !dam_topology_known())
		e->pressure_q16 = 65536;
	else
		e->pressure_q16 = dam_topology_pressure(cpus_of(e));
}

/* How fast it is where it is never saturated, unless somebody says so. */
static void view_work(const struct dam_tick *k, const struct dam_engine *e,
		      struct dam_engine_view *v)
{
	const struct dam_reading *r = &e->tick_reading;

	if (READ_ONCE(e->declared_bps) || e->ops->depth_only) {
		v->guess_bps = 0;
		v->guess_ticks = 0;
		v->busy_q16 = 0;
		v->done_bps = 0;
		return;
	}
	v->guess_bps = e->guess_bps;
	v->guess_ticks = e->guess_ticks;
	v->busy_q16 = r->unknown || r->completed < WORK_MIN_OPS ? 0 :
								 e->busy_q16;
	v->done_bps = dam_collect_rate(k, r->completed * e->capacity.op_bytes);
}

static void view_engine(struct dam_tick *k, struct dam_engine *e,
			struct dam_engine_view *v)
{
	if (e->epoch != k->epoch)
		look_around(e, k->epoch);
	v->capacity_bps = min(dam_engine_capacity(e), DAM_BPS_MAX);
	v->busy_bps = min(e->busy_bps, DAM_BPS_MAX);
	v->charged_bps = dam_collect_rate(k, e->thread_bytes);
	view_work(k, e, v);
	v->caps = e->caps;
	v->pressure_q16 = e->pressure_q16;
	v->cpus = e->cpus;
	v->node = e->node;
	v->target = e->target && !e->private;
	v->reserved = e->reserved;
	v->sleeps = e->sleeps;
	v->light_ticks = e->light_ticks;
	v->hot_ticks = e->hot_ticks;
	v->full_ticks = e->full_ticks;
	v->used = e->used;
	v->rest_bps = e->rest_bps;
	e->threads = 0;
	k->services[e->id] = (struct dam_service) {
		.capacity_bps = dam_most_bps(v, e->effective_bps),
		.wait_ns = e->wait_ns,
		.wait_q30 = e->wait_q30,
		.busy_q16 = e->busy_q16,
	};
}

void dam_collect_views(struct dam_tick *k)
{
	struct dam_engine *e;
	u32 i, n = dam_engine_limit();

	k->snap.n_engines = n;
	for (i = 0; i < n; i++) {
		e = dam_engine_at(i);
		if (e)
			view_engine(k, e, &k->views[i]);
		else
			/* One that can do nothing. */
			memset(&k->views[i], 0, sizeof(k->views[i]));
	}
}

static void trace_distances(const struct dam_snapshot *s)
{
	u32 node;

	if (!trace_node_distances_enabled())
		return;
	for (node = 0; node < s->n_nodes; node++)
		trace_node_distances(node, s->n_nodes,
				     s->distance + node * s->n_nodes);
}

void dam_collect_publish(struct dam_tick *k, enum dam_mode mode)
{
	struct dam_engine_view *v;
	struct dam_engine *e;
	u32 i, now_q16, pred_q16;
	u64 horizon_ns = (u64)k->snap.params.horizon_ms * NSEC_PER_MSEC;

	lockdep_assert_held(&dam_lock);
	for (i = 0; i < k->snap.n_engines; i++) {
		v = &k->views[i];
		e = dam_engine_at(i);
		if (!e)
			continue;
		e->hot_ticks = v->hot_ticks;
		e->full_ticks = v->full_ticks;
		e->used = v->used;
		e->rest_bps = v->rest_bps;
		e->effective_bps = v->effective_bps;
		e->guess_bps = v->guess_bps;
		e->guess_ticks = v->guess_ticks;
		e->light_ticks = v->light_ticks;
		trace_engine_sample(e, v);
		if (!v->capacity_bps)
			continue;
		/* Both are below 2^42, times 2^16 fits. */
		now_q16 = min_t(u64, div64_u64(v->load_now_bps << 16,
					       v->capacity_bps), U32_MAX / 2);
		pred_q16 = min_t(u64, div64_u64(v->load_pred_bps << 16,
						v->capacity_bps), U32_MAX / 2);
		dam_engine_predict(e, now_q16, pred_q16, k->now_ns, horizon_ns);
		trace_engine_forecast(e, v, k->snap.params.horizon_ms);
		if (v->bottleneck)
			trace_bottleneck(e, v,
					 k->snap.params.horizon_ms);
	}
	if (!k->sequence)
		trace_distances(&k->snap);
	trace_tick(k, mode);
	k->sequence++;
	k->rested = false;
}

// SPDX-License-Identifier: GPL-2.0
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/isolation.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "hal/clock.h"
#include "hal/hook.h"
#include "hal/routes.h"
#include "affinity.h"
#include "charge.h"
#include "collect.h"
#include "dam.h"
#include "threads.h"
#include "topology.h"
#include "trace.h"
#include "tunables.h"
#include "watch.h"

static void fold_engine(const struct dam_charged *c)
{
	struct dam_engine *e = dam_engine_at(c->engine);

	if (!e)
		return;
	e->tick_bytes += c->bytes;
	e->tick_ops += c->ops;
	if (!c->task)
		WRITE_ONCE(e->bucket_bytes[c->bucket],
			   e->bucket_bytes[c->bucket] + c->bytes);
}

/* Devices moved enough for movable threads to be worth a tick. */
static bool is_loud(struct dam_tick *k, const struct dam_charged *c)
{
	if (k->now_ns - k->quiet_ns >= NSEC_PER_SEC) {
		k->quiet_ns = k->now_ns;
		k->quiet_bytes = 0;
	}
	k->quiet_bytes += c->bytes;
	return k->quiet_bytes >= DAM_QUIET_BYTES;
}

static void on_charged(void *ctx, const struct dam_charged *c)
{
	struct dam_tick *k = ctx;
	struct dam_thread *t;

	fold_engine(c);
	if (!c->task)
		return;
	t = dam_thread_charge(c, k->now_ns);
	if (!dam_task_may_move(c->task) &&
	    !(t && dam_affinity_narrowed(dam_thread_index(t))))
		return;
	if (!c->device || is_loud(k, c))
		k->movable_ns = k->now_ns;
}

struct asleep {
	u64 now_ns;
	bool movable;
};

/* Who wakes the tick did this before it: its own, but not of that tick. */
static void on_charged_asleep(void *ctx, const struct dam_charged *c)
{
	struct asleep *asleep = ctx;
	struct dam_thread *t;

	fold_engine(c);
	if (c->device && c->bytes < DAM_QUIET_BYTES)
		return;
	if (!c->task || !dam_task_may_move(c->task))
		return;
	asleep->movable = true;
	t = dam_thread_charge(c, asleep->now_ns);
	if (t) {
		t->tick_bytes = 0;
		t->tick_ops = 0;
	}
}

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
	}
}

bool dam_collect_engines(u64 now_ns, u64 dt_ns)
{
	struct asleep asleep = { .now_ns = now_ns };

	lockdep_assert_held(&dam_lock);
	clear_engines();
	settle_engines();
	dam_clock_update();
	dam_charge_fold(on_charged_asleep, &asleep);
	sample_engines(now_ns, max_t(u64, dt_ns, 1));
	return asleep.movable;
}

void dam_collect_foreign(u64 now_ns)
{
	u32 i, n = dam_threads_limit();
	struct dam_thread *t;

	for (i = 0; i < n; i++) {
		t = dam_thread_at(i);
		if (!t->task || !dam_affinity_foreign(i))
			continue;
		t->holdoff_ns = now_ns +
			READ_ONCE(dam_tunables.holdoff_s) * NSEC_PER_SEC;
		t->state = DAM_THREAD_HOLDOFF;
	}
}

/* Where most of its bytes went; a thread just moved is given a few ticks. */
static void find_engine(struct dam_thread *t)
{
	u64 most = 0;
	int best = -1;
	u8 i;

	for (i = 0; i < t->shares; i++) {
		/* Operations break ties: an interrupt has no bytes. */
		u64 weight = (t->share[i].bytes << 16) + t->share[i].ops;

		if (weight > most && t->share[i].engine != DAM_NO_ID) {
			most = weight;
			best = t->share[i].engine;
		}
	}
	t->shares = 0;
	if (best < 0)
		return;
	if (best == t->engine || !t->assumed)
		t->assumed = 0;
	else if (--t->assumed)
		return;
	t->engine = best;
}

static void sample_thread(struct dam_tick *k, struct dam_thread *t)
{
	struct dam_demand_in in = {};
	struct dam_engine *e;
	u64 runtime, used;
	u32 mean;

	runtime = READ_ONCE(t->task->se.sum_exec_runtime);
	used = runtime - t->runtime_ns;
	t->cpu_q16 = (7 * t->cpu_q16 + dam_share_q16(used, k->dt_ns)) / 8;
	t->runtime_ns = runtime;

	find_engine(t);
	e = dam_engine_at(t->engine);
	if (t->tick_ops) {
		mean = min_t(u64, div_u64(t->tick_bytes, t->tick_ops), U32_MAX);
		t->op_bytes = t->op_bytes ? (3ULL * t->op_bytes + mean) / 4 :
					    mean;
	}
	in.submitted_bps = min(dam_rate(t->tick_bytes, k->dt_ns), DAM_BPS_MAX);
	/* A closed loop submits what was completed. */
	in.completed_bps = in.submitted_bps;
	if (e) {
		/* In order: everybody on the engine waits as long. */
		in.wait_ns = e->wait_ns;
		in.busy_q16 = e->busy_q16;
		in.capacity_bps = min(dam_engine_capacity(e), DAM_BPS_MAX);
		in.outstanding = mul_u64_u64_div_u64(in.submitted_bps,
						     min_t(u64, e->wait_ns,
							   10 * NSEC_PER_SEC),
						     NSEC_PER_SEC);
	}
	t->outstanding = in.outstanding;
	t->now_bps = dam_demand_update(&t->demand, &in);
	t->pred_bps = dam_forecast_update(&k->forecaster, &t->forecast,
					  t->now_bps);
	if (trace_thread_sample_enabled() && t->tick_ops)
		trace_thread_sample(t, e, in.submitted_bps);
	t->tick_bytes = 0;
	t->tick_ops = 0;
}

/* Served through no table of its CPUs: its demand does not follow it. */
static bool is_bound(struct dam_thread *t, struct dam_engine *e)
{
	return e->private || !dam_routes_serves(e, t->kinds);
}

static void view_thread(struct dam_tick *k, struct dam_thread *t, u32 slot)
{
	struct dam_engine *e = dam_engine_at(t->engine);
	bool movable = dam_affinity_movable(slot, t->task);
	bool holdoff = k->now_ns < t->holdoff_ns;
	bool bound = e && is_bound(t, e);
	bool cooling = dam_cooling(&t->memory, k->now_ns) || t->outcome_ns;
	struct dam_thread_view *v;
	u32 at = k->snap.n_threads;
	u8 state = DAM_THREAD_FREE;

	if (dam_affinity_narrowed(slot))
		state = DAM_THREAD_NARROWED;
	else if (holdoff)
		state = DAM_THREAD_HOLDOFF;
	else if (!movable)
		state = DAM_THREAD_PINNED;
	else if (bound)
		state = DAM_THREAD_BOUND;
	else if (cooling)
		state = DAM_THREAD_COOLING;
	WRITE_ONCE(t->state, state);

	k->view_of_slot[slot] = -1;
	if (!e || (!t->now_bps && !t->pred_bps))
		return;
	v = &k->threads[at];
	k->slot_of[at] = slot;
	k->view_of_slot[slot] = at;
	k->snap.n_threads++;
	e->threads++;
	*v = (struct dam_thread_view) {
		.now_bps = t->now_bps,
		.pred_bps = t->pred_bps,
		.outstanding = t->outstanding,
		.op_bytes = t->op_bytes,
		.cpu_q16 = t->cpu_q16,
		.kinds = t->kinds & DAM_KINDS_MASK,
		.engine = k->view_of[e->id],
		.mem_node = -1,
		.cpu_node = cpu_to_node(task_cpu(t->task)),
		.history_e4 = dam_history_e4(&t->memory),
		.movable = movable && !holdoff,
		.bound = bound,
		.cooling = cooling,
	};
#ifdef CONFIG_NUMA_BALANCING
	v->mem_node = READ_ONCE(t->task->numa_preferred_nid);
#endif
	/* What it touches in caches grows with the CPU time it takes. */
	v->working_set_kb = t->cpu_q16 >> 7;
}

/* Where its threads would run: beside it, if no CPU is routed to it. */
static const struct cpumask *cpus_of(const struct dam_engine *e)
{
	if (cpumask_empty(e->routed) && e->node >= 0 && node_online(e->node))
		return cpumask_of_node(e->node);
	return e->routed;
}

/* Nobody is sent near an engine before it is known how busy it is there. */
static u32 pressure_of(const struct dam_engine *e)
{
	if (cpumask_empty(e->routed) && !dam_topology_known())
		return 65536;
	return dam_topology_pressure(cpus_of(e));
}

static void view_engines(struct dam_tick *k)
{
	struct dam_engine_view *v;
	struct dam_engine *e;
	u32 i, n = dam_engine_limit();

	k->snap.n_engines = 0;
	memset(k->view_of, 0xff, sizeof(k->view_of));
	for (i = 0; i < n; i++) {
		e = dam_engine_at(i);
		if (!e)
			continue;
		k->view_of[i] = k->snap.n_engines;
		k->id_of[k->snap.n_engines] = i;
		v = &k->views[k->snap.n_engines++];
		*v = (struct dam_engine_view) {
			.capacity_bps = min(dam_engine_capacity(e),
					    DAM_BPS_MAX),
			.busy_bps = min(e->busy_bps, DAM_BPS_MAX),
			.caps = e->caps,
			.node = e->node,
			.target = !e->private && !cpumask_empty(e->routed),
			.hot_ticks = e->hot_ticks,
			.rest_bps = e->rest_bps,
			.pressure_q16 = pressure_of(e),
			.cpus = min_t(u32, cpumask_weight(cpus_of(e)), U16_MAX),
		};
		e->threads = 0;
	}
}

static void charge_views(struct dam_tick *k, struct dam_thread *t)
{
	u16 view;
	u8 i;

	for (i = 0; i < t->shares; i++) {
		if (t->share[i].engine == DAM_NO_ID)
			continue;
		view = k->view_of[t->share[i].engine];
		if (view != DAM_NO_ENGINE)
			k->views[view].charged_bps +=
				dam_rate(t->share[i].bytes, k->dt_ns);
	}
}

void dam_collect(struct dam_tick *k)
{
	struct dam_thread *t;
	u32 i, n;

	lockdep_assert_held(&dam_lock);
	clear_engines();
	settle_engines();
	dam_clock_update();
	dam_charge_fold(on_charged, k);
	dam_drop(dam_hooks_missed() + dam_watch_missed());
	sample_engines(k->now_ns, k->dt_ns);
	dam_routes_refresh(k->now_ns);
	dam_topology_sample(k->now_ns);
	dam_params(dam_engine_count(), &k->snap.params);
	dam_forecast_prepare(&k->forecaster,
			     DIV_ROUND_UP(k->snap.params.horizon_ms,
					  k->snap.params.interval_ms),
			     READ_ONCE(dam_tunables.model));
	view_engines(k);
	k->snap.n_threads = 0;
	k->snap.now_ns = k->now_ns;
	n = dam_threads_limit();
	for (i = 0; i < n; i++) {
		t = dam_thread_at(i);
		k->view_of_slot[i] = -1;
		if (!t->task)
			continue;
		charge_views(k, t);
		sample_thread(k, t);
		view_thread(k, t, i);
	}
}

void dam_collect_publish(struct dam_tick *k)
{
	struct dam_engine_view *v;
	struct dam_engine *e;
	u32 i, now_q16, pred_q16;
	u64 horizon_ns = (u64)k->snap.params.horizon_ms * NSEC_PER_MSEC;

	lockdep_assert_held(&dam_lock);
	for (i = 0; i < k->snap.n_engines; i++) {
		v = &k->views[i];
		e = dam_engine_at(k->id_of[i]);
		if (!e)
			continue;
		e->hot_ticks = v->hot_ticks;
		e->rest_bps = v->rest_bps;
		trace_engine_sample(e);
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
}

void dam_collect_idle(void)
{
	struct dam_engine *e;
	u32 i, n = dam_engine_limit();

	lockdep_assert_held(&dam_lock);
	for (i = 0; i < n; i++) {
		e = dam_engine_at(i);
		if (!e)
			continue;
		WRITE_ONCE(e->predicted_known, false);
		memset(e->pending_due, 0, sizeof(e->pending_due));
		e->threads = 0;
		e->hot_ticks = 0;
	}
}

bool dam_collect_target(struct dam_thread *t, struct dam_engine *e, bool bound,
			struct cpumask *out)
{
	u32 slot = dam_thread_index(t);

	lockdep_assert_held(&dam_lock);
	if (bound) {
		if (e->node < 0 || !node_online(e->node))
			return false;
		cpumask_copy(out, cpumask_of_node(e->node));
	} else if (!dam_routes_cpus(e, t->kinds, out)) {
		return false;
	}
	cpumask_and(out, out, housekeeping_cpumask(HK_TYPE_DOMAIN));
	cpumask_and(out, out, cpu_active_mask);
	if (!dam_affinity_within(slot, t->task, out))
		return false;
	dam_topology_confine(out, e->node);
	/* Wherever it may run it is there already: nothing to move. */
	if (dam_affinity_is_origin(slot, t->task, out))
		return false;
	/* Losing the only CPU of a user's mask would lose the mask itself. */
	return cpumask_weight(out) > 1 || !t->task->user_cpus_ptr;
}

int dam_collect_init(struct dam_tick *k, u32 max_threads)
{
	k->threads = vzalloc(array_size(max_threads, sizeof(*k->threads)));
	k->slot_of = vzalloc(array_size(max_threads, sizeof(*k->slot_of)));
	k->view_of_slot = vzalloc(array_size(max_threads,
					     sizeof(*k->view_of_slot)));
	k->mask = kzalloc(cpumask_size(), GFP_KERNEL);
	if (!k->threads || !k->slot_of || !k->view_of_slot || !k->mask) {
		dam_collect_exit(k);
		return -ENOMEM;
	}
	k->snap.engines = k->views;
	k->snap.threads = k->threads;
	k->snap.n_nodes = dam_topology_nodes();
	k->snap.distance = dam_topology_distances();
	dam_memory_add(sizeof(*k) +
		       array_size(max_threads, sizeof(*k->threads) +
				  sizeof(*k->slot_of) +
				  sizeof(*k->view_of_slot)));
	return 0;
}

void dam_collect_exit(struct dam_tick *k)
{
	vfree(k->threads);
	vfree(k->slot_of);
	vfree(k->view_of_slot);
	kfree(k->mask);
}

// SPDX-License-Identifier: GPL-2.0
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/isolation.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "hal/routes.h"
#include "affinity.h"
#include "collect.h"
#include "dam.h"
#include "moved.h"
#include "optout.h"
#include "threads.h"
#include "topology.h"
#include "trace.h"
#include "tunables.h"

/* A thread without DMA for five seconds gets its mask back and is forgotten. */
#define KEEP_STAMPS	((5 * NSEC_PER_SEC) >> 25)

void dam_collect_foreign(struct dam_tick *k)
{
	u32 wishes = dam_affinity_wishes();
	struct dam_thread *t;
	u32 i;

	/* Nobody set a mask, none is ours. */
	if (wishes == k->wishes && !dam_affinity_active())
		return;
	k->wishes = wishes;
	for (i = dam_thread_next(0); i < dam_threads_limit();
	     i = dam_thread_next(i + 1)) {
		if (likely(dam_affinity_untouched(i)) ||
		    !dam_affinity_foreign(i))
			continue;
		t = dam_thread_at(i);
		dam_thread_hold_off(t, k->now_ns,
				    READ_ONCE(dam_tunables.holdoff_s) *
				    NSEC_PER_SEC);
		t->state = DAM_THREAD_HOLDOFF;
		t->looked = false;
	}
}

/*
 * Where most of its bytes went; a thread just moved is given a few ticks.
 * In this tick it has submitted something.
 */
static void find_engine(struct dam_thread *t, struct dam_thread_view *v)
{
	t->lead = 0;
	if (t->leader == v->engine) {
		t->assumed = 0;
		return;
	}
	if (t->leader == DAM_NO_ID || (t->assumed && --t->assumed))
		return;
	v->engine = t->leader;
	t->looked = false;
}

static void sample_op(const struct dam_thread *t, struct dam_thread_view *v)
{
	u32 mean;

	if (t->tick_bytes >> 32)
		mean = min_t(u64, div_u64(t->tick_bytes, t->tick_ops), U32_MAX);
	else
		mean = (u32)t->tick_bytes / t->tick_ops;
	/* as a rule all are of one size */
	if (likely(mean == v->op_bytes))
		return;
	v->op_bytes = v->op_bytes ? (3ULL * v->op_bytes + mean) / 4 : mean;
}

static void sample_thread(struct dam_tick *k, struct dam_thread *t,
			  struct dam_thread_view *v,
			  const struct dam_engine *e)
{
	static const struct dam_service none;
	u64 bps = dam_collect_rate(k, t->tick_bytes);

	dam_observe(&k->forecaster, &t->demand, &t->forecast,
		    e ? &k->services[v->engine] : &none, v, bps);
	if (!(t->tick_ops | t->tick_bytes))
		return;
	trace_thread_sample(t, v, e, bps);
	t->bytes += t->tick_bytes;
	t->tick_bytes = 0;
	t->tick_ops = 0;
}

/* As long a memory, however many turns there are. */
static void sample_cpu(const struct dam_tick *k, struct dam_thread *t,
		       struct dam_thread_view *v)
{
	u32 runtime = READ_ONCE(t->task->se.sum_exec_runtime) >> 10;
	u32 weight = k->turns == 4 ? 3 : k->turns;
	u64 used = min_t(u64, runtime - t->runtime, k->runtime_max);
	u32 share_q16 = used * k->share_q36 >> 20;

	t->runtime = runtime;
	v->cpu_q16 = ((8 - weight) * v->cpu_q16 + weight * share_q16) / 8;
	/* What it touches in caches grows with the CPU time it takes. */
	v->working_set_kb = v->cpu_q16 >> 7;
}

/* Served through no table of its CPUs: its demand does not follow it. */
static bool is_bound(struct dam_engine *e, u32 kinds)
{
	if (e->private)
		return true;
	if (unlikely(kinds != e->serves_kinds)) {
		e->serves_kinds = kinds;
		e->serves = dam_routes_serves(e, kinds);
	}
	return !e->serves;
}

static u8 state_of(const struct dam_thread_view *v, bool narrowed, bool opted_out,
		   bool holdoff, bool movable)
{
	if (narrowed)
		return DAM_THREAD_NARROWED;
	if (opted_out)
		return DAM_THREAD_OPTOUT;
	if (holdoff)
		return DAM_THREAD_HOLDOFF;
	if (!movable)
		return DAM_THREAD_PINNED;
	if (v->bound)
		return DAM_THREAD_BOUND;
	if (v->cooling)
		return DAM_THREAD_COOLING;
	return DAM_THREAD_FREE;
}

/* What its mask was narrowed for is wanted no more. */
static bool is_pointless(const struct dam_tick *k, u32 slot)
{
	const struct dam_moved *m = dam_moved_of(slot);
	const struct dam_engine *from;

	if (!m)
		return false;
	switch (m->outcome.purpose) {
	case DAM_FOR_RESERVED:
		from = dam_engine_at(m->outcome.from);
		return !from || !from->reserved;
	case DAM_FOR_ENERGY:
		return !k->snap.params.energy_bias_e4;
	default:
		return false;
	}
}

/* Its last move, if it was ever moved. */
static void view_moved(const struct dam_tick *k, struct dam_thread_view *v,
		       u32 slot)
{
	static const struct dam_memory none;
	struct dam_moved *m = NULL;

	if (unlikely(dam_affinity_place(slot)))
		m = dam_moved_of(slot);
	v->history_e4 = dam_history_e4(m ? &m->memory : &none);
	v->cooling = m && (dam_cooling(&m->memory, k->now_ns) ||
			   m->outcome.due_ns);
	v->tried = m && dam_tried(&m->memory);
}

/*
 * Beside a reserved engine bulk has a mask of ours only where the engine was reserved,
 * or its thread ceased to be a real-time one, later: perhaps it may go nowhere else.
 */
static bool is_kept_there(const struct dam_thread_view *v,
			  const struct dam_engine *e)
{
	return e && e->reserved && !v->rt && !v->bound && !v->cooling;
}

static bool is_opted_out(struct dam_thread *t)
{
	if (unlikely(t->task->pid != t->tid))
		dam_optout_look(t);
	return t->opted_out;
}

static u8 attend_to(const struct dam_tick *k, const struct dam_thread *t,
		    const struct dam_thread_view *v,
		    const struct dam_engine *e, bool narrowed)
{
	if (READ_ONCE(t->task->flags) & PF_EXITING)
		return DAM_ATTEND_LEAVE;
	if (!t->holdoff && dam_stamp(k->now_ns) - t->last > KEEP_STAMPS)
		return DAM_ATTEND_LEAVE;
	if (narrowed &&
	    (t->opted_out || READ_ONCE(t->lost) || !dam_affinity_class_ok(t->task) ||
	     (v->rt && e && !e->reserved) || is_kept_there(v, e) ||
	     is_pointless(k, dam_thread_index(t))))
		return DAM_ATTEND_MASK;
	return DAM_ATTEND_NOT;
}

/* What changes seldom; where that would matter, it is asked anew. */
static void look_at_thread(struct dam_tick *k, struct dam_thread *t,
			   struct dam_thread_view *v, struct dam_engine *e,
			   u32 slot)
{
	const struct task_struct *task = t->task;
	bool holdoff = dam_thread_held_off(t, k->now_ns);
	bool narrowed = dam_affinity_narrowed(slot);
	bool movable = dam_affinity_movable(slot, task);
	bool opted_out = is_opted_out(t);

	t->looked = true;
	v->rt = dam_task_is_rt(task);
	if (v->rt && !(e && e->reserved))
		movable = false;
	v->movable = movable && !holdoff && !opted_out;
	v->bound = e && is_bound(e, dam_thread_kinds(slot));
	view_moved(k, v, slot);
	WRITE_ONCE(t->state, state_of(v, narrowed, opted_out, holdoff, movable));
	t->attend = attend_to(k, t, v, e, narrowed);
	k->attend += !!t->attend;
	/* One that gets its mask back is not sent elsewhere before it has it. */
	if (t->attend)
		v->movable = false;

	v->cpu_node = cpu_to_node(task_cpu(task));
	v->mem_node = -1;
#ifdef CONFIG_NUMA_BALANCING
	v->mem_node = READ_ONCE(task->numa_preferred_nid);
#endif
	trace_thread_look(task->pid, slot, v);
}

static bool is_far(const struct dam_thread_view *v, const struct dam_engine *e)
{
	return v->bound && e->node >= 0 && v->cpu_node != e->node;
}

static void collect_thread(struct dam_tick *k, u32 slot)
{
	struct dam_thread_view *v = dam_thread_view(slot);
	struct dam_thread *t = dam_thread_at(slot);
	bool turn = ((slot ^ k->turn) & (k->turns - 1)) == 0;
	struct dam_engine *e;

	if (t->tick_ops) {
		find_engine(t, v);
		sample_op(t, v);
	}
	e = dam_engine_at(v->engine);
	sample_thread(k, t, v, e);
	if (turn) {
		if (t->looked)
			sample_cpu(k, t, v);
		else
			t->runtime = READ_ONCE(t->task->se.sum_exec_runtime) >> 10;
	}
	if (turn || !t->looked || t->holdoff || !dam_affinity_untouched(slot))
		look_at_thread(k, t, v, e, slot);
	if (!e || !(v->now_bps | v->pred_bps))
		return;
	e->threads++;
	k->active[k->snap.n_active++] = slot;
	if (is_far(v, e))
		k->snap.none_far = false;
}

static void collect_threads(struct dam_tick *k)
{
	u32 i, n = dam_threads_limit();
	unsigned long word;

	k->attend = 0;
	k->snap.n_active = 0;
	k->snap.none_far = true;
	k->snap.n_threads = n;
	for (i = 0; i < n; i += BITS_PER_LONG)
		for (word = dam_threads_used[i / BITS_PER_LONG]; word;
		     word &= word - 1)
			collect_thread(k, i + __ffs(word));
}

static void note_epoch(struct dam_tick *k)
{
	bool anew = dam_topology_sample(k->now_ns);
	u32 routes, online = num_online_cpus();

	dam_routes_refresh(k->now_ns);
	routes = dam_routes_epoch();
	if (!anew && routes == k->routes && online == k->online)
		return;
	k->routes = routes;
	k->online = online;
	k->epoch = max(k->epoch + 1, 1U);
}

static void measure_time(struct dam_tick *k)
{
	/* Not too low: whole rates stay whole. */
	k->rate_q32 = div64_u64(NSEC_PER_SEC << 32,
				max_t(u64, k->dt_ns, NSEC_PER_USEC)) + 1;
}

static void take_turn(struct dam_tick *k)
{
	u32 interval_ms = k->snap.params.interval_ms;
	u64 *last_ns;

	k->turns = DAM_TURNS;
	while (k->turns > 1 && k->turns * interval_ms > DAM_TURNS_MS)
		k->turns /= 2;
	k->turn = (k->turn + 1) & (k->turns - 1);
	last_ns = &k->turn_ns[k->turn];
	k->runtime_max = max_t(u64, (k->now_ns - *last_ns) >> 10, 1);
	k->share_q36 = div64_u64(BIT_ULL(36), k->runtime_max);
	*last_ns = k->now_ns;
}

void dam_collect(struct dam_tick *k)
{
	lockdep_assert_held(&dam_lock);
	measure_time(k);
	dam_collect_fold(k);
	note_epoch(k);
	dam_params(dam_engine_count(), &k->snap.params);
	dam_forecast_clock(&k->forecaster, k->now_ns,
			   k->snap.params.interval_ms);
	dam_forecast_prepare(&k->forecaster,
			     DIV_ROUND_UP(k->snap.params.horizon_ms,
					  k->snap.params.interval_ms),
			     READ_ONCE(dam_tunables.model));
	take_turn(k);
	dam_collect_views(k);
	k->snap.now_ns = k->now_ns;
	collect_threads(k);
}

bool dam_collect_target(struct dam_thread *t, struct dam_engine *e, bool bound,
			struct cpumask *out)
{
	u32 slot = dam_thread_index(t);

	lockdep_assert_held(&dam_lock);
	if (is_opted_out(t))
		return false;
	if (bound) {
		if (e->node < 0 || !node_online(e->node))
			return false;
		cpumask_copy(out, cpumask_of_node(e->node));
	} else if (!dam_routes_cpus(e, dam_thread_kinds(slot), out)) {
		return false;
	}
	/* Its class may have changed since it was looked at. */
	if (dam_task_is_rt(t->task) ? !e->reserved : e->reserved && !bound)
		return false;
	cpumask_and(out, out, housekeeping_cpumask(HK_TYPE_DOMAIN));
	cpumask_and(out, out, cpu_active_mask);
	/* It may have changed since it was looked at. */
	if (!dam_affinity_movable(slot, t->task) ||
	    !dam_affinity_within(slot, t->task, out))
		return false;
	dam_topology_confine(out, e->node);
	/* Wherever it may run it is there already: nothing to move. */
	if (dam_affinity_is_origin(slot, t->task, out))
		return false;
	/* Losing the only CPU of a user's mask would lose the mask itself. */
	return cpumask_weight(out) > 1 || !t->task->user_cpus_ptr;
}

static u32 thread_of(void *ctx, const struct dam_forecast *f)
{
	return dam_thread_index(container_of(f, struct dam_thread, forecast));
}

int dam_collect_init(struct dam_tick *k, u32 max_threads)
{
	k->active = vzalloc(array_size(max_threads, sizeof(*k->active)));
	k->mask = kzalloc(cpumask_size(), GFP_KERNEL);
	k->forecaster.seasons = vzalloc(sizeof(*k->forecaster.seasons));
	if (!k->active || !k->mask || !k->forecaster.seasons) {
		dam_collect_exit(k);
		return -ENOMEM;
	}
	k->snap.engines = k->views;
	k->snap.threads = dam_thread_view(0);
	k->snap.forecaster = &k->forecaster;
	k->snap.ahead = &k->ahead;
	k->snap.thread_of = thread_of;
	k->snap.active = k->active;
	k->snap.n_nodes = dam_topology_nodes();
	k->snap.distance = dam_topology_distances();
	dam_memory_add(sizeof(*k) + sizeof(*k->forecaster.seasons) +
		       array_size(max_threads, sizeof(*k->active)));
	return 0;
}

void dam_collect_exit(struct dam_tick *k)
{
	vfree(k->active);
	vfree(k->forecaster.seasons);
	kfree(k->mask);
}

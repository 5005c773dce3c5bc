/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM dma_affinity

#if !defined(DAM_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define DAM_TRACE_H

#include <linux/dmaengine.h>
#include <linux/sched.h>
#include <linux/tracepoint.h>

#include "hal/engine.h"
#include "policy/policy.h"
#include "collect.h"
#include "compat.h"
#include "threads.h"

/*
 * Shares are printed in percent from Q16; rates are bytes a second. Names of
 * engines are those of /sys/kernel/dma_affinity/engines.
 */
#ifndef DAM_TRACE_ONCE
#define DAM_TRACE_ONCE
static inline const char *dam_engine_label(const struct dam_engine *e)
{
	return e ? kobject_name(&e->kobj) : "-";
}
#endif

#define dam_show_kind(k) __print_symbolic(k,				\
	{ DAM_KIND_SLAVE_SG, "slave_sg" },				\
	{ DAM_KIND_CYCLIC, "cyclic" },					\
	{ DAM_KIND_INTERLEAVED, "interleaved" },			\
	{ DAM_KIND_DMA_VEC, "dma_vec" },				\
	{ DAM_KIND_MEMCPY, "memcpy" }, { DAM_KIND_MEMSET, "memset" },	\
	{ DAM_KIND_XOR, "xor" }, { DAM_KIND_XOR_VAL, "xor_val" },	\
	{ DAM_KIND_PQ, "pq" }, { DAM_KIND_PQ_VAL, "pq_val" },		\
	{ DAM_KIND_INTERRUPT, "interrupt" })

#define dam_show_mode(m) __print_symbolic(m,				\
	{ 0, "off" }, { 1, "monitor" }, { 2, "advise" }, { 3, "manage" })

#define dam_show_model(m) __print_symbolic(m,				\
	{ DAM_MODEL_LAST, "last" }, { DAM_MODEL_EWMA, "ewma" },		\
	{ DAM_MODEL_HOLT, "holt" }, { DAM_MODEL_KALMAN, "kalman" },	\
	{ DAM_MODEL_SEASONAL, "seasonal" })

#define dam_show_verdict(v) __print_symbolic(v,				\
	{ 0, "pending" }, { 1, "success" }, { 2, "partial" },		\
	{ 3, "failure" }, { 4, "reverted" })

#define dam_show_purpose(p) __print_symbolic(p,				\
	{ 0, "gain" }, { 1, "reserved" }, { 2, "energy" }, { 3, "trial" },	\
	{ 4, "return" }, { 5, "room" })

#define dam_centi(q16)	((s64)(q16) * 10000 / 65536)

TRACE_EVENT(dma_submit,
	TP_PROTO(const struct dam_engine *engine, const struct dma_chan *chan,
		 u32 kind, size_t len),
	TP_ARGS(engine, chan, kind, len),
	TP_STRUCT__entry(
		__string(engine, dam_engine_label(engine))
		__field(u32, channel)
		__field(u32, kind)
		__field(u64, bytes)
	),
	TP_fast_assign(
		dam_assign_str(engine, dam_engine_label(engine));
		__entry->channel = chan->chan_id;
		__entry->kind = kind;
		__entry->bytes = len;
	),
	TP_printk("engine=%s channel=%u kind=%s bytes=%llu",
		  __get_str(engine), __entry->channel,
		  dam_show_kind(__entry->kind), __entry->bytes)
);

TRACE_EVENT(engine_sample,
	TP_PROTO(const struct dam_engine *e, const struct dam_engine_view *v),
	TP_ARGS(e, v),
	TP_STRUCT__entry(
		__string(engine, dam_engine_label(e))
		__field(u64, bytes)
		__field(u64, ops)
		__field(u64, busy_ns)
		__field(u64, depth_ns)
		__field(u64, in_flight)
		__field(u64, capacity_bps)
		__field(u64, busy_bps)
		__field(u32, utilisation_e2)
		__field(u32, threads)
		__field(u32, id)
		__field(u32, caps)
		__field(u32, busy_q16)
		__field(u32, work_q16)
		__field(u64, wait_ns)
		__field(u64, wait_q30)
		__field(u64, charged_bps)
		__field(u64, done_bps)
		__field(u32, pressure_q16)
		__field(u32, cpus)
		__field(s32, node)
		__field(bool, target)
		__field(bool, reserved)
		__field(bool, sleeps)
		__field(u32, guess_ticks)
	),
	TP_fast_assign(
		dam_assign_str(engine, dam_engine_label(e));
		__entry->bytes = e->tick_bytes;
		__entry->ops = e->tick_ops;
		__entry->busy_ns = e->tick_reading.busy_ns;
		__entry->depth_ns = e->tick_reading.depth_ns;
		__entry->in_flight = e->tick_reading.in_flight;
		__entry->capacity_bps = v->capacity_bps;
		__entry->busy_bps = v->busy_bps;
		__entry->utilisation_e2 = dam_centi(e->busy_q16);
		__entry->threads = e->threads;
		__entry->id = e->id;
		__entry->caps = v->caps;
		__entry->busy_q16 = e->busy_q16;
		__entry->work_q16 = v->busy_q16;
		__entry->wait_ns = e->wait_ns;
		__entry->wait_q30 = e->wait_q30;
		__entry->charged_bps = v->charged_bps;
		__entry->done_bps = v->done_bps;
		/* A plan has changed the view's. */
		__entry->pressure_q16 = e->pressure_q16;
		__entry->cpus = v->cpus;
		__entry->node = v->node;
		__entry->target = v->target;
		__entry->reserved = v->reserved;
		__entry->sleeps = v->sleeps;
		__entry->guess_ticks = v->guess_ticks;
	),
	TP_printk("engine=%s bytes=%llu ops=%llu busy_ns=%llu depth_ns=%llu in_flight=%llu capacity_bps=%llu busy_bps=%llu utilisation_e2=%u threads=%u id=%u caps=%#x busy_q16=%u work_q16=%u wait_ns=%llu wait_q30=%llu charged_bps=%llu done_bps=%llu pressure_q16=%u cpus=%u node=%d target=%d reserved=%d sleeps=%d guess_ticks=%u",
		  __get_str(engine), __entry->bytes, __entry->ops,
		  __entry->busy_ns, __entry->depth_ns, __entry->in_flight,
		  __entry->capacity_bps, __entry->busy_bps,
		  __entry->utilisation_e2, __entry->threads,
		  __entry->id, __entry->caps, __entry->busy_q16,
		  __entry->work_q16, __entry->wait_ns, __entry->wait_q30,
		  __entry->charged_bps, __entry->done_bps,
		  __entry->pressure_q16, __entry->cpus, __entry->node,
		  __entry->target, __entry->reserved, __entry->sleeps,
		  __entry->guess_ticks)
);

DECLARE_EVENT_CLASS(dam_engine_load,
	TP_PROTO(const struct dam_engine *e, const struct dam_engine_view *v,
		 u32 horizon_ms),
	TP_ARGS(e, v, horizon_ms),
	TP_STRUCT__entry(
		__string(engine, dam_engine_label(e))
		__field(u64, now_bps)
		__field(u64, predicted_bps)
		__field(u64, capacity_bps)
		__field(u32, now_e2)
		__field(u32, predicted_e2)
		__field(s32, excess_e2)
		__field(u32, horizon_ms)
	),
	TP_fast_assign(
		dam_assign_str(engine, dam_engine_label(e));
		__entry->now_bps = v->load_now_bps;
		__entry->predicted_bps = v->load_pred_bps;
		__entry->capacity_bps = v->capacity_bps;
		__entry->now_e2 = v->capacity_bps ?
			div64_u64(v->load_now_bps * 10000, v->capacity_bps) : 0;
		__entry->predicted_e2 = v->capacity_bps ?
			div64_u64(v->load_pred_bps * 10000, v->capacity_bps) :
			0;
		__entry->excess_e2 = dam_centi(v->excess_q16);
		__entry->horizon_ms = horizon_ms;
	),
	TP_printk("engine=%s now_bps=%llu predicted_bps=%llu capacity_bps=%llu now_e2=%u predicted_e2=%u excess_e2=%d horizon_ms=%u",
		  __get_str(engine), __entry->now_bps,
		  __entry->predicted_bps, __entry->capacity_bps,
		  __entry->now_e2, __entry->predicted_e2, __entry->excess_e2,
		  __entry->horizon_ms)
);

DEFINE_EVENT(dam_engine_load, engine_forecast,
	TP_PROTO(const struct dam_engine *e, const struct dam_engine_view *v,
		 u32 horizon_ms),
	TP_ARGS(e, v, horizon_ms)
);

DEFINE_EVENT(dam_engine_load, bottleneck,
	TP_PROTO(const struct dam_engine *e, const struct dam_engine_view *v,
		 u32 horizon_ms),
	TP_ARGS(e, v, horizon_ms)
);

TRACE_EVENT(candidate,
	TP_PROTO(pid_t tid, const struct dam_engine *from,
		 const struct dam_engine *to, const struct dam_cost *cost,
		 bool accepted),
	TP_ARGS(tid, from, to, cost, accepted),
	TP_STRUCT__entry(
		__field(pid_t, tid)
		__string(from, dam_engine_label(from))
		__string(to, dam_engine_label(to))
		__field(s32, latency_q16)
		__field(s32, throughput_q16)
		__field(s32, cache_q16)
		__field(s32, pressure_q16)
		__field(s32, history_q16)
		__field(s32, total_q16)
		__field(s32, accept_q16)
		__field(bool, accepted)
	),
	TP_fast_assign(
		__entry->tid = tid;
		dam_assign_str(from, dam_engine_label(from));
		dam_assign_str(to, dam_engine_label(to));
		__entry->latency_q16 = cost->latency_q16;
		__entry->throughput_q16 = cost->throughput_q16;
		__entry->cache_q16 = cost->cache_q16;
		__entry->pressure_q16 = cost->pressure_q16;
		__entry->history_q16 = cost->history_q16;
		__entry->total_q16 = cost->total_q16;
		__entry->accept_q16 = cost->accept_q16;
		__entry->accepted = accepted;
	),
	TP_printk("tid=%d from=%s to=%s latency_q16=%d throughput_q16=%d cache_q16=%d pressure_q16=%d history_q16=%d total_q16=%d accept_q16=%d accepted=%d",
		  __entry->tid, __get_str(from), __get_str(to),
		  __entry->latency_q16, __entry->throughput_q16,
		  __entry->cache_q16, __entry->pressure_q16,
		  __entry->history_q16, __entry->total_q16,
		  __entry->accept_q16, __entry->accepted)
);

TRACE_EVENT(migrate,
	TP_PROTO(pid_t tid, const char *comm, const char *from, const char *to,
		 const struct cpumask *mask, s32 promised_q16, u32 purpose,
		 bool applied, u32 slot),
	TP_ARGS(tid, comm, from, to, mask, promised_q16, purpose, applied, slot),
	TP_STRUCT__entry(
		__field(pid_t, tid)
		__string(comm, comm)
		__string(from, from)
		__string(to, to)
		__bitmask(mask, nr_cpu_ids)
		__field(s32, promised_e2)
		__field(u32, purpose)
		__field(bool, applied)
		__field(u32, slot)
	),
	TP_fast_assign(
		__entry->tid = tid;
		dam_assign_str(comm, comm);
		dam_assign_str(from, from);
		dam_assign_str(to, to);
		__assign_bitmask(mask, cpumask_bits(mask), nr_cpu_ids);
		__entry->promised_e2 = dam_centi(promised_q16);
		__entry->purpose = purpose;
		__entry->applied = applied;
		__entry->slot = slot;
	),
	TP_printk("tid=%d comm=%s from=%s to=%s mask=%s promised_e2=%d purpose=%s applied=%d slot=%u",
		  __entry->tid, __get_str(comm), __get_str(from),
		  __get_str(to), __get_bitmask(mask), __entry->promised_e2,
		  dam_show_purpose(__entry->purpose), __entry->applied,
		  __entry->slot)
);

TRACE_EVENT(migrate_outcome,
	TP_PROTO(pid_t tid, s32 promised_q16, s32 achieved_q16, u32 verdict,
		 u32 slot, bool early, bool known),
	TP_ARGS(tid, promised_q16, achieved_q16, verdict, slot, early, known),
	TP_STRUCT__entry(
		__field(pid_t, tid)
		__field(s32, promised_e2)
		__field(s32, achieved_e2)
		__field(u32, verdict)
		__field(u32, slot)
		__field(s32, achieved_q16)
		__field(bool, early)
		__field(bool, known)
	),
	TP_fast_assign(
		__entry->tid = tid;
		__entry->promised_e2 = dam_centi(promised_q16);
		__entry->achieved_e2 = dam_centi(achieved_q16);
		__entry->verdict = verdict;
		__entry->slot = slot;
		__entry->achieved_q16 = achieved_q16;
		__entry->early = early;
		__entry->known = known;
	),
	TP_printk("tid=%d promised_e2=%d achieved_e2=%d result=%s slot=%u achieved_q16=%d early=%d known=%d",
		  __entry->tid, __entry->promised_e2, __entry->achieved_e2,
		  dam_show_verdict(__entry->verdict), __entry->slot,
		  __entry->achieved_q16, __entry->early, __entry->known)
);

TRACE_EVENT(thread_adopt,
	TP_PROTO(pid_t tid, const char *comm, u32 slot),
	TP_ARGS(tid, comm, slot),
	TP_STRUCT__entry(
		__field(pid_t, tid)
		__string(comm, comm)
		__field(u32, slot)
	),
	TP_fast_assign(
		__entry->tid = tid;
		dam_assign_str(comm, comm);
		__entry->slot = slot;
	),
	TP_printk("tid=%d comm=%s slot=%u", __entry->tid, __get_str(comm),
		  __entry->slot)
);

TRACE_EVENT(thread_release,
	TP_PROTO(pid_t tid, u32 slot),
	TP_ARGS(tid, slot),
	TP_STRUCT__entry(
		__field(pid_t, tid)
		__field(u32, slot)
	),
	TP_fast_assign(
		__entry->tid = tid;
		__entry->slot = slot;
	),
	TP_printk("tid=%d slot=%u", __entry->tid, __entry->slot)
);

TRACE_EVENT(thread_sample,
	TP_PROTO(const struct dam_thread *t, const struct dam_thread_view *v,
		 const struct dam_engine *e, u64 submitted_bps),
	TP_ARGS(t, v, e, submitted_bps),
	TP_STRUCT__entry(
		__field(pid_t, tid)
		__string(engine, dam_engine_label(e))
		__field(u32, kinds)
		__field(u64, submitted_bps)
		__field(u64, demand_bps)
		__field(u64, predicted_bps)
		__field(u64, outstanding)
		__field(u32, op_bytes)
		__field(u32, cpu_e2)
		__field(u32, migrations)
		__field(u32, model)
		__field(u32, slot)
		__field(u32, engine_id)
	),
	TP_fast_assign(
		__entry->tid = t->task->pid;
		dam_assign_str(engine, dam_engine_label(e));
		__entry->kinds =
			dam_thread_kinds(dam_thread_index(t));
		__entry->submitted_bps = submitted_bps;
		__entry->demand_bps = v->now_bps;
		__entry->predicted_bps = v->pred_bps;
		__entry->outstanding = v->outstanding;
		__entry->op_bytes = v->op_bytes;
		__entry->cpu_e2 = dam_centi(v->cpu_q16);
		__entry->migrations = t->migrations;
		__entry->model = t->forecast.model;
		__entry->slot = dam_thread_index(t);
		__entry->engine_id = v->engine;
	),
	TP_printk("tid=%d engine=%s kinds=%#x submitted_bps=%llu demand_bps=%llu predicted_bps=%llu outstanding=%llu op_bytes=%u cpu_e2=%u migrations=%u model=%s slot=%u engine_id=%u",
		  __entry->tid, __get_str(engine), __entry->kinds,
		  __entry->submitted_bps, __entry->demand_bps,
		  __entry->predicted_bps, __entry->outstanding,
		  __entry->op_bytes, __entry->cpu_e2, __entry->migrations,
		  dam_show_model(__entry->model), __entry->slot,
		  __entry->engine_id)
);

TRACE_EVENT(node_sample,
	TP_PROTO(u32 node, u32 pressure_q16),
	TP_ARGS(node, pressure_q16),
	TP_STRUCT__entry(
		__field(u32, node)
		__field(u32, pressure_e2)
	),
	TP_fast_assign(
		__entry->node = node;
		__entry->pressure_e2 = dam_centi(pressure_q16);
	),
	TP_printk("node=%u pressure_e2=%u", __entry->node,
		  __entry->pressure_e2)
);

/*
 * What follows is there to be replayed by dmaaff-lab: with the samples above, all
 * that a tick decides on.
 */

TRACE_EVENT(tick,
	TP_PROTO(const struct dam_tick *k, u32 mode),
	TP_ARGS(k, mode),
	TP_STRUCT__entry(
		__field(u32, sequence)
		__field(u32, mode)
		__field(u64, now_ns)
		__field(u32, engines)
		__field(u32, engine_limit)
		__field(u32, thread_limit)
		__field(u32, weight_latency_e4)
		__field(u32, weight_throughput_e4)
		__field(u32, energy_bias_e4)
		__field(u32, threshold_pct)
		__field(u32, horizon_ms)
		__field(u32, interval_ms)
		__field(u32, max_moves)
		__field(u32, choice)
		__field(bool, learn)
		__field(bool, rested)
	),
	TP_fast_assign(
		const struct dam_params *p = &k->snap.params;

		__entry->sequence = k->sequence;
		__entry->mode = mode;
		__entry->now_ns = k->now_ns;
		__entry->engines = dam_engine_count();
		__entry->engine_limit = k->snap.n_engines;
		__entry->thread_limit = k->snap.n_threads;
		__entry->weight_latency_e4 = p->weight_latency_e4;
		__entry->weight_throughput_e4 = p->weight_throughput_e4;
		__entry->energy_bias_e4 = p->energy_bias_e4;
		__entry->threshold_pct = p->threshold_pct;
		__entry->horizon_ms = p->horizon_ms;
		__entry->interval_ms = p->interval_ms;
		__entry->max_moves = p->max_moves;
		__entry->choice = k->forecaster.choice;
		__entry->learn = p->learn;
		__entry->rested = k->rested;
	),
	TP_printk("sequence=%u mode=%s now_ns=%llu engines=%u engine_limit=%u thread_limit=%u weight_latency_e4=%u weight_throughput_e4=%u energy_bias_e4=%u threshold_pct=%u horizon_ms=%u interval_ms=%u max_moves=%u choice=%u learn=%d rested=%d",
		  __entry->sequence, dam_show_mode(__entry->mode),
		  __entry->now_ns, __entry->engines, __entry->engine_limit,
		  __entry->thread_limit, __entry->weight_latency_e4,
		  __entry->weight_throughput_e4, __entry->energy_bias_e4,
		  __entry->threshold_pct, __entry->horizon_ms,
		  __entry->interval_ms, __entry->max_moves, __entry->choice,
		  __entry->learn, __entry->rested)
);

TRACE_EVENT(thread_look,
	TP_PROTO(pid_t tid, u32 slot, const struct dam_thread_view *v),
	TP_ARGS(tid, slot, v),
	TP_STRUCT__entry(
		__field(pid_t, tid)
		__field(u32, slot)
		__field(u32, kinds)
		__field(u32, cpu_q16)
		__field(u32, working_set_kb)
		__field(u32, history_e4)
		__field(s32, mem_node)
		__field(s32, cpu_node)
		__field(bool, movable)
		__field(bool, bound)
		__field(bool, rt)
		__field(bool, cooling)
		__field(bool, tried)
	),
	TP_fast_assign(
		__entry->tid = tid;
		__entry->slot = slot;
		__entry->kinds = v->kinds;
		__entry->cpu_q16 = v->cpu_q16;
		__entry->working_set_kb = v->working_set_kb;
		__entry->history_e4 = v->history_e4;
		__entry->mem_node = v->mem_node;
		__entry->cpu_node = v->cpu_node;
		__entry->movable = v->movable;
		__entry->bound = v->bound;
		__entry->rt = v->rt;
		__entry->cooling = v->cooling;
		__entry->tried = v->tried;
	),
	TP_printk("tid=%d slot=%u kinds=%#x cpu_q16=%u working_set_kb=%u history_e4=%u mem_node=%d cpu_node=%d movable=%d bound=%d rt=%d cooling=%d tried=%d",
		  __entry->tid, __entry->slot, __entry->kinds,
		  __entry->cpu_q16, __entry->working_set_kb,
		  __entry->history_e4, __entry->mem_node,
		  __entry->cpu_node, __entry->movable, __entry->bound,
		  __entry->rt, __entry->cooling, __entry->tried)
);

TRACE_EVENT(node_distances,
	TP_PROTO(u32 node, u32 nodes, const u8 *row),
	TP_ARGS(node, nodes, row),
	TP_STRUCT__entry(
		__field(u32, node)
		__field(u32, nodes)
		__dynamic_array(u8, distances, nodes)
	),
	TP_fast_assign(
		__entry->node = node;
		__entry->nodes = nodes;
		memcpy(__get_dynamic_array(distances), row, nodes);
	),
	TP_printk("node=%u nodes=%u distances=%s", __entry->node,
		  __entry->nodes,
		  __print_array(__get_dynamic_array(distances),
				__get_dynamic_array_len(distances), 1))
);

TRACE_EVENT(allowed,
	TP_PROTO(pid_t tid, u32 slot, u32 engine_id, bool allowed),
	TP_ARGS(tid, slot, engine_id, allowed),
	TP_STRUCT__entry(
		__field(pid_t, tid)
		__field(u32, slot)
		__field(u32, engine_id)
		__field(bool, allowed)
	),
	TP_fast_assign(
		__entry->tid = tid;
		__entry->slot = slot;
		__entry->engine_id = engine_id;
		__entry->allowed = allowed;
	),
	TP_printk("tid=%d slot=%u engine_id=%u allowed=%d", __entry->tid,
		  __entry->slot, __entry->engine_id, __entry->allowed)
);

TRACE_EVENT(decision,
	TP_PROTO(pid_t tid, const struct dam_move *m, bool ready),
	TP_ARGS(tid, m, ready),
	TP_STRUCT__entry(
		__field(pid_t, tid)
		__field(u32, slot)
		__field(u32, from_id)
		__field(u32, to_id)
		__field(s32, promised_q16)
		__field(u32, purpose)
		__field(bool, ready)
	),
	TP_fast_assign(
		__entry->tid = tid;
		__entry->slot = m->thread;
		__entry->from_id = m->from;
		__entry->to_id = m->to;
		__entry->promised_q16 = m->promised_q16;
		__entry->purpose = m->purpose;
		__entry->ready = ready;
	),
	TP_printk("tid=%d slot=%u from_id=%u to_id=%u promised_q16=%d purpose=%s ready=%d",
		  __entry->tid, __entry->slot, __entry->from_id,
		  __entry->to_id, __entry->promised_q16,
		  dam_show_purpose(__entry->purpose), __entry->ready)
);

TRACE_EVENT(mode,
	TP_PROTO(u32 from, u32 to, bool stalled),
	TP_ARGS(from, to, stalled),
	TP_STRUCT__entry(
		__field(u32, from)
		__field(u32, to)
		__field(bool, stalled)
	),
	TP_fast_assign(
		__entry->from = from;
		__entry->to = to;
		__entry->stalled = stalled;
	),
	TP_printk("from=%s to=%s stalled=%d", dam_show_mode(__entry->from),
		  dam_show_mode(__entry->to), __entry->stalled)
);

TRACE_EVENT(config,
	TP_PROTO(const char *name, int value),
	TP_ARGS(name, value),
	TP_STRUCT__entry(
		__string(name, name)
		__field(int, value)
	),
	TP_fast_assign(
		dam_assign_str(name, name);
		__entry->value = value;
	),
	TP_printk("%s=%d", __get_str(name), __entry->value)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>

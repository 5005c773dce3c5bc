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
	{ DAM_MODEL_HOLT, "holt" })

#define dam_show_verdict(v) __print_symbolic(v,				\
	{ 0, "pending" }, { 1, "success" }, { 2, "partial" },		\
	{ 3, "failure" }, { 4, "reverted" })

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
	TP_PROTO(const struct dam_engine *e),
	TP_ARGS(e),
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
	),
	TP_fast_assign(
		dam_assign_str(engine, dam_engine_label(e));
		__entry->bytes = e->tick_bytes;
		__entry->ops = e->tick_ops;
		__entry->busy_ns = e->tick_reading.busy_ns;
		__entry->depth_ns = e->tick_reading.depth_ns;
		__entry->in_flight = e->tick_reading.in_flight;
		__entry->capacity_bps = dam_engine_capacity(e);
		__entry->busy_bps = e->busy_bps;
		__entry->utilisation_e2 = dam_centi(e->busy_q16);
		__entry->threads = e->threads;
	),
	TP_printk("engine=%s bytes=%llu ops=%llu busy_ns=%llu depth_ns=%llu in_flight=%llu capacity_bps=%llu busy_bps=%llu utilisation_e2=%u threads=%u",
		  __get_str(engine), __entry->bytes, __entry->ops,
		  __entry->busy_ns, __entry->depth_ns, __entry->in_flight,
		  __entry->capacity_bps, __entry->busy_bps,
		  __entry->utilisation_e2, __entry->threads)
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
		 const struct cpumask *mask, s32 promised_q16, bool applied),
	TP_ARGS(tid, comm, from, to, mask, promised_q16, applied),
	TP_STRUCT__entry(
		__field(pid_t, tid)
		__string(comm, comm)
		__string(from, from)
		__string(to, to)
		__bitmask(mask, nr_cpu_ids)
		__field(s32, promised_e2)
		__field(bool, applied)
	),
	TP_fast_assign(
		__entry->tid = tid;
		dam_assign_str(comm, comm);
		dam_assign_str(from, from);
		dam_assign_str(to, to);
		__assign_bitmask(mask, cpumask_bits(mask), nr_cpu_ids);
		__entry->promised_e2 = dam_centi(promised_q16);
		__entry->applied = applied;
	),
	TP_printk("tid=%d comm=%s from=%s to=%s mask=%s promised_e2=%d applied=%d",
		  __entry->tid, __get_str(comm), __get_str(from),
		  __get_str(to), __get_bitmask(mask), __entry->promised_e2,
		  __entry->applied)
);

TRACE_EVENT(migrate_outcome,
	TP_PROTO(pid_t tid, s32 promised_q16, s32 achieved_q16, u32 verdict),
	TP_ARGS(tid, promised_q16, achieved_q16, verdict),
	TP_STRUCT__entry(
		__field(pid_t, tid)
		__field(s32, promised_e2)
		__field(s32, achieved_e2)
		__field(u32, verdict)
	),
	TP_fast_assign(
		__entry->tid = tid;
		__entry->promised_e2 = dam_centi(promised_q16);
		__entry->achieved_e2 = dam_centi(achieved_q16);
		__entry->verdict = verdict;
	),
	TP_printk("tid=%d promised_e2=%d achieved_e2=%d result=%s",
		  __entry->tid, __entry->promised_e2, __entry->achieved_e2,
		  dam_show_verdict(__entry->verdict))
);

TRACE_EVENT(thread_adopt,
	TP_PROTO(pid_t tid, const char *comm),
	TP_ARGS(tid, comm),
	TP_STRUCT__entry(
		__field(pid_t, tid)
		__string(comm, comm)
	),
	TP_fast_assign(
		__entry->tid = tid;
		dam_assign_str(comm, comm);
	),
	TP_printk("tid=%d comm=%s", __entry->tid, __get_str(comm))
);

TRACE_EVENT(thread_release,
	TP_PROTO(pid_t tid),
	TP_ARGS(tid),
	TP_STRUCT__entry(__field(pid_t, tid)),
	TP_fast_assign(__entry->tid = tid;),
	TP_printk("tid=%d", __entry->tid)
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
	),
	TP_printk("tid=%d engine=%s kinds=%#x submitted_bps=%llu demand_bps=%llu predicted_bps=%llu outstanding=%llu op_bytes=%u cpu_e2=%u migrations=%u model=%s",
		  __entry->tid, __get_str(engine), __entry->kinds,
		  __entry->submitted_bps, __entry->demand_bps,
		  __entry->predicted_bps, __entry->outstanding,
		  __entry->op_bytes, __entry->cpu_e2, __entry->migrations,
		  dam_show_model(__entry->model))
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

// SPDX-License-Identifier: GPL-2.0
/*
 * How long transfers wait on an engine.
 *
 * An operation finds the engine busy with a share rho of the time and then
 * waits for what is in service and before it; that part grows with the square
 * of service times, so a few large operations hurt many small ones. What is
 * asked above the capacity piles up until the horizon. What threads keep in
 * flight whatever happens stands in front of everybody.
 */
#include "queue.h"

#define NS_PER_S		(1000ULL * 1000 * 1000)
#define OPS_MAX			BIT_ULL(32)
#define VOLUME_MAX		BIT_ULL(52)
#define ELASTIC_MAX		BIT_ULL(33)
#define OP_BYTES_MAX		(64U << 20)
#define OP_BYTES_UNKNOWN	(64U << 10)
#define SERVICE_MAX_NS		(1024U << 10)
#define WAIT_MAX_NS		BIT_ULL(31)
/* A queue in front of a full engine is finite: rho counts up to 0.95 here */
#define IDLE_MIN_Q16		3277

struct dam_load dam_load_now(const struct dam_engine_view *e)
{
	return (struct dam_load){
		.bps = e->load_now_bps,
		.ops = e->now.ops,
		.volume = e->now.volume,
		.elastic_bytes = e->elastic_bytes,
	};
}

struct dam_load dam_load_pred(const struct dam_engine_view *e)
{
	return (struct dam_load){
		.bps = e->load_pred_bps,
		.ops = e->pred.ops,
		.volume = e->pred.volume,
		.elastic_bytes = e->elastic_bytes,
	};
}

struct dam_load dam_load_of(const struct dam_thread_view *t, u64 bps)
{
	u32 op_bytes = t->op_bytes ? t->op_bytes : OP_BYTES_UNKNOWN;
	struct dam_load l;

	bps = min_t(u64, bps, DAM_BPS_MAX);
	l.bps = bps;
	/* most rates fit 32 bits, where a division is much cheaper */
	if (bps <= U32_MAX)
		l.ops = (u32)bps / op_bytes;
	else
		l.ops = div64_u64(bps, op_bytes);
	op_bytes = min_t(u32, op_bytes, OP_BYTES_MAX);
	l.volume = ((bps >> 10) * op_bytes) >> 10;
	l.elastic_bytes = min_t(u64, t->outstanding, ELASTIC_MAX);
	return l;
}

struct dam_load dam_load_plus(const struct dam_load *a,
			      const struct dam_load *b)
{
	return (struct dam_load){
		.bps = dam_add(a->bps, b->bps),
		.ops = dam_add(a->ops, b->ops),
		.volume = dam_add(a->volume, b->volume),
		.elastic_bytes = dam_add(a->elastic_bytes, b->elastic_bytes),
	};
}

struct dam_load dam_load_minus(const struct dam_load *a,
			       const struct dam_load *b)
{
	return (struct dam_load){
		.bps = dam_sub(a->bps, b->bps),
		.ops = dam_sub(a->ops, b->ops),
		.volume = dam_sub(a->volume, b->volume),
		.elastic_bytes = dam_sub(a->elastic_bytes, b->elastic_bytes),
	};
}

/* Time to move that many bytes, ends at WAIT_MAX_NS */
static u64 bytes_ns(u64 bytes, u64 capacity_bps)
{
	bytes = min_t(u64, bytes, ELASTIC_MAX);
	return min_t(u64, div64_u64(bytes * NS_PER_S, capacity_bps),
		     WAIT_MAX_NS);
}

/* Sum of operations a second x (service time)^2 */
static u64 burst_ns(const struct dam_load *l, u64 capacity_bps, u32 rho_q16,
		    u32 service_ns)
{
	u64 volume = min_t(u64, l->volume, VOLUME_MAX);
	u64 ops = min_t(u64, l->ops, OPS_MAX);
	u64 sum_ns;

	sum_ns = bytes_ns(div64_u64(volume << 10,
				    max_t(u64, capacity_bps >> 10, 1)),
			  capacity_bps);
	if (!service_ns)
		return sum_ns;
	service_ns = min_t(u32, service_ns, SERVICE_MAX_NS);
	sum_ns += ((u64)service_ns * rho_q16) >> 15;
	/* 2^20 x 2^32 / 10^3 x 2^20 / 10^6 */
	sum_ns += div64_u64(div64_u64(ops * service_ns, 1000 * 1000) *
			    service_ns, 1000);
	return min_t(u64, sum_ns, WAIT_MAX_NS);
}

u64 dam_waiting_q16(const struct dam_snapshot *s, u64 capacity_bps,
		    u32 service_ns, const struct dam_load *l)
{
	u32 horizon_ms = min_t(u32, max_t(u32, s->params.horizon_ms,
					  s->params.interval_ms), 10000);
	u64 ops = min_t(u64, l->ops, OPS_MAX);
	u32 rho_q16 = dam_share_q16(l->bps, capacity_bps);
	u32 idle_q16 = IDLE_MIN_Q16;
	u64 wait_ns;

	if (!ops)
		return 0;
	if (rho_q16 < DAM_ONE_Q16)
		idle_q16 = max_t(u32, idle_q16, DAM_ONE_Q16 - rho_q16);
	wait_ns = div64_u64(burst_ns(l, capacity_bps, rho_q16, service_ns) << 15,
			    idle_q16);
	if (rho_q16 > DAM_ONE_Q16)
		wait_ns += ((u64)(rho_q16 - DAM_ONE_Q16) *
			    horizon_ms * 1000 >> 16) * 500;
	wait_ns += bytes_ns(l->elastic_bytes, capacity_bps);
	/* 10^9 / 2^16: from nanoseconds to shares of a second */
	return div64_u64(ops * min_t(u64, wait_ns, WAIT_MAX_NS), 15259);
}

/* A thread adds less than 2^48 to any sum: it cannot pass beyond 64 bits */
static void queue(struct dam_queue *q, const struct dam_load *l)
{
	q->ops = min_t(u64, q->ops + l->ops, DAM_SUM_MAX);
	q->volume = min_t(u64, q->volume + l->volume, DAM_SUM_MAX);
}

static void unqueue(struct dam_queue *q, const struct dam_load *l)
{
	q->ops = dam_sub(q->ops, l->ops);
	q->volume = dam_sub(q->volume, l->volume);
}

static void queue_thread(struct dam_engine_view *e,
			 const struct dam_thread_view *t)
{
	struct dam_load l = dam_load_of(t, t->now_bps);

	queue(&e->now, &l);
	e->elastic_bytes = min_t(u64, e->elastic_bytes + l.elastic_bytes,
				 DAM_SUM_MAX);
	if (t->pred_bps != t->now_bps)
		l = dam_load_of(t, t->pred_bps);
	queue(&e->pred, &l);
}

void dam_charge(struct dam_engine_view *e, const struct dam_thread_view *t)
{
	e->load_now_bps = dam_add(e->load_now_bps,
				  min_t(u64, t->now_bps, DAM_BPS_MAX));
	e->load_pred_bps = dam_add(e->load_pred_bps,
				   min_t(u64, t->pred_bps, DAM_BPS_MAX));
	queue_thread(e, t);
}

void dam_discharge(struct dam_engine_view *e, const struct dam_thread_view *t)
{
	struct dam_load l = dam_load_of(t, t->now_bps);

	e->load_now_bps = dam_sub(e->load_now_bps, l.bps);
	unqueue(&e->now, &l);
	e->elastic_bytes = dam_sub(e->elastic_bytes, l.elastic_bytes);
	if (t->pred_bps != t->now_bps)
		l = dam_load_of(t, t->pred_bps);
	e->load_pred_bps = dam_sub(e->load_pred_bps, l.bps);
	unqueue(&e->pred, &l);
}

void dam_fill_queues(struct dam_snapshot *s)
{
	u32 i, n = dam_active(s);

	if (s->queued)
		return;
	s->queued = true;
	for (i = 0; i < s->n_engines; i++) {
		struct dam_engine_view *e = &s->engines[i];

		e->now = (struct dam_queue){ 0 };
		e->pred = (struct dam_queue){ 0 };
		e->elastic_bytes = 0;
	}
	for (i = 0; i < n; i++) {
		const struct dam_thread_view *v =
			&s->threads[dam_active_at(s, i)];

		if (v->engine < s->n_engines && (v->now_bps | v->pred_bps))
			queue_thread(&s->engines[v->engine], v);
	}
	for (i = 0; i < s->n_engines; i++)
		dam_settle(s, &s->engines[i]);
}

void dam_settle(const struct dam_snapshot *s, struct dam_engine_view *e)
{
	struct dam_load now = dam_load_now(e);
	struct dam_load pred = dam_load_pred(e);

	e->now.waiting_q16 = 0;
	e->pred.waiting_q16 = 0;
	if (!e->effective_bps)
		return;
	e->now.waiting_q16 = dam_waiting_q16(s, e->effective_bps,
					     e->service_ns, &now);
	e->pred.waiting_q16 = dam_waiting_q16(s, e->effective_bps,
					      e->service_ns, &pred);
}

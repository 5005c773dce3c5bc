// SPDX-License-Identifier: GPL-2.0
/* A machine in small, in a closed loop with the policy. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loop.h"

#define NS_PER_MS	1000000ULL
#define NS_PER_S	1000000000ULL
#define NEVER		(~0ULL)
#define PINGPONG_NS	NS_PER_S

void loop_init(struct loop *l, u64 seed)
{
	memset(l, 0, sizeof(*l));
	l->params = (struct dam_params){
		.weight_latency_e4 = 5000,
		.weight_throughput_e4 = 5000,
		.threshold_pct = 10,
		.horizon_ms = 30,
		.interval_ms = 10,
		.max_moves = 20,
		.learn = true,
	};
	l->random.state = seed;
	l->manage = true;
	l->now_ns = NS_PER_S;
	memset(l->next_ns, 0xff, sizeof(l->next_ns));
}

void loop_done(struct loop *l)
{
	free(l->ops);
	l->ops = NULL;
}

u32 loop_engine(struct loop *l, u64 bps, s16 node)
{
	struct loop_engine *e = &l->engines[l->n_engines];

	e->bps = bps;
	e->caps = 1;
	e->node = node;
	return l->n_engines++;
}

static struct loop_thread *add_thread(struct loop *l, u16 engine, u32 op_bytes)
{
	struct loop_thread *t = &l->threads[l->n_threads++];

	t->engine = engine;
	t->op_bytes = op_bytes;
	t->kinds = 1;
	t->start_ns = l->now_ns;
	return t;
}

u32 loop_closed(struct loop *l, u16 engine, u32 op_bytes, u32 depth,
		u64 think_ns)
{
	struct loop_thread *t = add_thread(l, engine, op_bytes);
	u32 i;

	t->depth = depth;
	t->think_ns = think_ns;
	for (i = 0; i < depth; i++)
		l->next_ns[l->n_threads - 1][i] = t->start_ns + i;
	return l->n_threads - 1;
}

u32 loop_open(struct loop *l, u16 engine, u32 op_bytes, u64 bps, double jitter)
{
	struct loop_thread *t = add_thread(l, engine, op_bytes);

	t->open_bps = bps;
	t->jitter = jitter;
	l->next_ns[l->n_threads - 1][0] = t->start_ns;
	return l->n_threads - 1;
}

u64 loop_bytes(const struct loop *l)
{
	u64 sum = 0;
	u32 e;

	for (e = 0; e < l->n_engines; e++)
		sum += l->engines[e].bytes;
	return sum;
}

static u64 open_next(struct loop *l, const struct loop_thread *t, u64 now_ns)
{
	double gap_ns = 1e9 * t->op_bytes / (double)t->open_bps;
	u64 next_ns, cycle_ns, at_ns;

	gap_ns *= 1 + t->jitter * (2 * lab_random_unit(&l->random) - 1);
	next_ns = now_ns + (u64)gap_ns + 1;
	if (!t->off_ns)
		return next_ns;
	cycle_ns = t->on_ns + t->off_ns;
	at_ns = (next_ns + t->phase_ns) % cycle_ns;
	return at_ns < t->on_ns ? next_ns : next_ns + cycle_ns - at_ns;
}

static void submit(struct loop *l, u32 ti, u32 slot, u64 at_ns)
{
	struct loop_thread *t = &l->threads[ti];
	struct loop_engine *e = &l->engines[t->engine];
	struct loop_op *op;

	if (l->n_ops == l->room_ops) {
		l->room_ops = l->room_ops ? 2 * l->room_ops : 4096;
		l->ops = realloc(l->ops, l->room_ops * sizeof(*l->ops));
		if (!l->ops)
			abort();
	}
	op = &l->ops[l->n_ops++];
	op->submit_ns = at_ns;
	op->start_ns = at_ns > e->free_ns ? at_ns : e->free_ns;
	op->done_ns = op->start_ns + e->latency_ns +
		      (u64)(1e9 * t->op_bytes / (double)e->bps);
	op->bytes = t->op_bytes;
	op->thread = ti;
	op->engine = t->engine;
	op->slot = slot;
	e->free_ns = op->done_ns;
	t->submitted += t->op_bytes;
	if (t->depth)
		l->next_ns[ti][slot] = op->done_ns + t->think_ns;
	else
		l->next_ns[ti][slot] = open_next(l, t, at_ns);
}

/* All submissions until then, in order of time */
static void submit_until(struct loop *l, u64 until_ns)
{
	for (;;) {
		u64 first_ns = NEVER;
		u32 t, i, at_t = 0, at_i = 0;

		for (t = 0; t < l->n_threads; t++) {
			u32 slots = l->threads[t].depth ? l->threads[t].depth : 1;

			for (i = 0; i < slots; i++) {
				if (l->next_ns[t][i] >= first_ns)
					continue;
				first_ns = l->next_ns[t][i];
				at_t = t;
				at_i = i;
			}
		}
		if (first_ns > until_ns)
			return;
		submit(l, at_t, at_i, first_ns);
	}
}

static u64 overlap(u64 from, u64 to, u64 lo, u64 hi)
{
	from = from > lo ? from : lo;
	to = to < hi ? to : hi;
	return to > from ? to - from : 0;
}

/* What each engine looked like in one tick */
struct seen {
	u64 busy_ns;
	u64 depth_ns;
	u64 ops;
	u64 bytes;
};

static void collect(struct loop *l, u64 from_ns, u64 to_ns,
		    struct seen seen[LOOP_ENGINES])
{
	u32 i, kept = 0;

	memset(seen, 0, LOOP_ENGINES * sizeof(*seen));
	for (i = 0; i < l->n_ops; i++) {
		struct loop_op *op = &l->ops[i];
		struct seen *s = &seen[op->engine];
		u64 depth_ns = overlap(op->submit_ns, op->done_ns, from_ns,
				       to_ns);

		s->busy_ns += overlap(op->start_ns, op->done_ns, from_ns,
				      to_ns);
		s->depth_ns += depth_ns;
		if (op->done_ns <= to_ns) {
			struct loop_thread *t = &l->threads[op->thread];

			s->ops++;
			s->bytes += op->bytes;
			t->completed += op->bytes;
			t->bytes += op->bytes;
			t->ops++;
			l->engines[op->engine].bytes += op->bytes;
		} else {
			l->ops[kept++] = *op;
		}
	}
	l->n_ops = kept;
}

static u64 rate(u64 bytes, u64 dt_ns)
{
	return (u64)((double)bytes * 1e9 / (double)dt_ns);
}

static bool anywhere(void *ctx, u32 t, u32 e)
{
	(void)ctx;
	(void)t;
	(void)e;
	return true;
}

static void move(struct loop *l, const struct dam_move *m)
{
	struct loop_thread *t = &l->threads[m->thread];

	if (l->n_moves < LOOP_MOVES)
		l->moves[l->n_moves] = (struct loop_move){
			.at_ns = l->now_ns, .thread = m->thread,
			.from = m->from, .to = m->to,
		};
	l->n_moves++;
	if (t->moves && t->moved_from == m->to && t->last_failed &&
	    l->now_ns - t->last_move_ns < PINGPONG_NS)
		l->pingpong++;
	t->moves++;
	t->last_move_ns = l->now_ns;
	t->last_failed = false;
	t->engine = m->to;
	t->moved_from = m->from;
	t->promised_q16 = m->promised_q16;
	t->outcome_ns = l->now_ns + DAM_OUTCOME_NS;
	dam_learn_move(&t->memory, l->now_ns);
}

/* An enemy: what was moved goes to sleep, what stayed doubles, and back */
static void turn_against(struct loop *l, const struct dam_move *m)
{
	u32 i;

	for (i = 0; i < l->n_threads; i++) {
		struct loop_thread *t = &l->threads[i];

		if (!t->open_bps)
			continue;
		if (t->engine == m->to)
			t->open_bps = l->engines[m->to].bps * 6 / 10;
		else
			t->open_bps = l->engines[m->to].bps / 10;
	}
}

static void settle_outcomes(struct loop *l, struct dam_snapshot *s)
{
	u32 t;

	for (t = 0; t < l->n_threads; t++) {
		struct loop_thread *v = &l->threads[t];
		s32 achieved_q16;

		if (!v->outcome_ns || v->outcome_ns > l->now_ns)
			continue;
		v->outcome_ns = 0;
		achieved_q16 = -dam_gain_q16(s, t, v->engine, v->moved_from);
		switch (dam_learn_outcome(&v->memory, v->promised_q16,
					  achieved_q16, s->params.learn)) {
		case DAM_SUCCESS:
			l->successes++;
			break;
		case DAM_FAILURE:
			l->failures++;
			v->last_failed = true;
			break;
		case DAM_PARTIAL:
			break;
		}
	}
}

static void see_engines(struct loop *l, struct dam_engine_view *views,
			const struct seen *seen, u64 dt_ns)
{
	u32 e;

	for (e = 0; e < l->n_engines; e++) {
		struct loop_engine *v = &l->engines[e];
		double rho = (double)seen[e].busy_ns / (double)dt_ns;

		if (l->noise_q16)
			rho += l->noise_q16 / 65536.0 *
			       (2 * lab_random_unit(&l->random) - 1);
		rho = rho < 0 ? 0 : rho > 1 ? 1 : rho;
		l->last_rho[e] = rho;
		if (seen[e].busy_ns)
			v->used = true;
		views[e] = (struct dam_engine_view){
			.capacity_bps = v->used ? v->bps : 0,
			.busy_bps = (u64)(rho * (double)v->bps),
			.caps = v->caps,
			.node = v->node,
			.cpus = 2,
			.target = true,
			.hot_ticks = v->hot_ticks,
			.rest_bps = v->rest_bps,
			.service_ns = v->used ? v->latency_ns : 0,
		};
	}
}

static void see_threads(struct loop *l, struct dam_thread_view *views,
			struct dam_engine_view *engines,
			const struct seen *seen, u64 dt_ns)
{
	u32 t;

	dam_forecast_prepare(&l->forecaster,
			     (l->params.horizon_ms + l->params.interval_ms - 1) /
			     l->params.interval_ms, DAM_MODEL_AUTO);
	for (t = 0; t < l->n_threads; t++) {
		struct loop_thread *v = &l->threads[t];
		struct dam_engine_view *e = &engines[v->engine];
		const struct seen *s = &seen[v->engine];
		struct dam_demand_in in = { 0 };
		u64 now_bps;

		v->completed -= v->completed * l->unattributed_pct / 100;
		v->submitted -= v->submitted * l->unattributed_pct / 100;
		in.submitted_bps = rate(v->submitted, dt_ns);
		/* as in a kernel: what completes for a thread is not seen */
		in.completed_bps = in.submitted_bps;
		if (s->ops)
			in.wait_ns = s->depth_ns / s->ops;
		in.outstanding = (u64)((double)in.submitted_bps *
				       (double)in.wait_ns / 1e9);
		in.busy_q16 = (u32)(l->last_rho[v->engine] * 65536);
		in.capacity_bps = e->capacity_bps;
		now_bps = dam_demand_update(&v->demand, &in);
		views[t] = (struct dam_thread_view){
			.now_bps = now_bps,
			.pred_bps = dam_forecast_update(&l->forecaster,
							&v->forecast, now_bps),
			.outstanding = in.outstanding,
			.op_bytes = v->op_bytes,
			.working_set_kb = 1024,
			.cpu_q16 = 6554,
			.kinds = v->kinds,
			.engine = v->engine,
			.mem_node = 0,
			.cpu_node = l->engines[v->engine].node,
			.history_e4 = dam_history_e4(&v->memory),
			.movable = true,
			.cooling = dam_cooling(&v->memory, l->now_ns),
		};
		e->charged_bps += in.completed_bps;
	}
}

static void tick(struct loop *l, u64 dt_ns, const struct seen *seen)
{
	static const u8 distance[] = { 10, 20, 20, 10 };
	struct dam_engine_view engines[LOOP_ENGINES];
	struct dam_thread_view threads[LOOP_THREADS];
	struct dam_move moves[32];
	struct dam_snapshot s = {
		.params = l->params,
		.engines = engines,
		.threads = threads,
		.n_engines = l->n_engines,
		.n_threads = l->n_threads,
		.n_nodes = 2,
		.distance = distance,
		.now_ns = l->now_ns,
		.allowed = anywhere,
	};
	u32 n, i, e;

	see_engines(l, engines, seen, dt_ns);
	see_threads(l, threads, engines, seen, dt_ns);
	dam_find_bottlenecks(&s);
	for (e = 0; e < l->n_engines; e++) {
		l->engines[e].hot_ticks = engines[e].hot_ticks;
		l->engines[e].rest_bps = engines[e].rest_bps;
	}
	settle_outcomes(l, &s);
	if (l->trace)
		l->trace(l, &s);
	n = dam_plan(&s, &l->bucket, moves, 32);
	for (i = 0; l->manage && i < n; i++) {
		move(l, &moves[i]);
		if (l->adverse)
			turn_against(l, &moves[i]);
	}
}

void loop_run(struct loop *l, u32 ms)
{
	u64 end_ns = l->now_ns + ms * NS_PER_MS;
	u64 interval_ns = l->params.interval_ms * NS_PER_MS;
	struct seen seen[LOOP_ENGINES];
	u32 t;

	while (l->now_ns < end_ns) {
		u64 dt_ns = lab_random_in(&l->random, interval_ns * 8 / 10,
					  interval_ns * 12 / 10);
		u64 from_ns = l->now_ns;

		submit_until(l, from_ns + dt_ns);
		l->now_ns = from_ns + dt_ns;
		collect(l, from_ns, l->now_ns, seen);
		l->ticks++;
		if (lab_random_in(&l->random, 1, 100) <= l->lost_pct) {
			memset(seen, 0, sizeof(seen));
			for (t = 0; t < l->n_threads; t++) {
				l->threads[t].submitted = 0;
				l->threads[t].completed = 0;
			}
		}
		tick(l, dt_ns, seen);
		for (t = 0; t < l->n_threads; t++) {
			l->threads[t].submitted = 0;
			l->threads[t].completed = 0;
			l->threads[t].ops = 0;
		}
	}
}

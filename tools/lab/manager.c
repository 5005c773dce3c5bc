// SPDX-License-Identifier: GPL-2.0
/* What the module does, on a simulated machine. */
#include <stddef.h>
#include <string.h>

#include "manager.h"
#include "memory.h"

#define NS_PER_MS	1000000ULL
#define NS_PER_S	1000000000ULL
#define PINGPONG_NS	NS_PER_S
/* Fewer operations in a tick say little of how busy an engine was */
#define WORK_MIN_OPS	8
#define PRESSURE_NS	(100 * NS_PER_MS)
#define MOVES_A_SECOND	20
#define MOVES_AN_ENGINE	10

static u64 rate(u64 amount, u64 ns)
{
	return (u64)((double)amount * 1e9 / (double)ns);
}

/* Of threads as in the kernel: a mean over whole operations, old ones count less */
static u32 mean_op_bytes(u32 mean, u64 bytes, u64 ops)
{
	u32 latest = (u32)(bytes / ops);

	return mean ? (3ULL * mean + latest) / 4 : latest;
}

static void learn_capacity(struct manager_engine *v, struct sim_engine *e, u64 dt_ns)
{
	if (v->submitted_ops)
		dam_capacity_sizes(&v->capacity, v->submitted, v->submitted_ops,
				   e->in_flight);
	v->submitted = 0;
	v->submitted_ops = 0;
	dam_capacity_learn(&v->capacity, e->full_ns, e->full_ops, dt_ns);
	e->full_ns = 0;
	e->full_ops = 0;
}

static void see_engine(struct manager *m, u32 i, u64 dt_ns)
{
	const struct scenario *scenario = m->sim->scenario;
	struct sim_engine *e = &m->sim->engines[i];
	struct manager_engine *v = &m->engines[i];
	struct sim_route all = { .cpus = 0 };
	u64 busy_ns, depth_ns;
	double busy;
	u64 done;
	u32 kind;

	sim_look(m->sim, i);
	busy_ns = sim_busy_ns(m->sim, i);
	depth_ns = sim_depth_ns(m->sim, i);
	busy = (double)(busy_ns - v->busy_ns) / (double)dt_ns;
	busy += scenario->noise * (2 * lab_random_unit(&m->random) - 1);
	busy = busy < 0 ? 0 : busy > 1 ? 1 : busy;
	v->busy_q16 = (u32)(busy * DAM_ONE_Q16);
	done = e->ops - v->ops;
	if (done)
		v->wait_ns = (depth_ns - v->depth_ns) / done;
	v->busy_ns = busy_ns;
	v->depth_ns = depth_ns;
	v->ops = e->ops;
	learn_capacity(v, e, dt_ns);
	for (kind = 0; kind < SCENARIO_KINDS; kind++)
		if (m->sim->routes[kind][i].cpus > all.cpus)
			all = m->sim->routes[kind][i];
	m->engine_views[i] = (struct dam_engine_view){
		.capacity_bps = v->capacity.bps,
		.busy_bps = (v->capacity.bps >> 16) * v->busy_q16,
		.effective_bps = m->engine_views[i].effective_bps,
		.caps = scenario->engines[i].caps,
		.pressure_q16 = all.node < 0 ? 0 :
				(u32)(m->pressure[all.node] * DAM_ONE_Q16),
		.cpus = all.cpus,
		.node = scenario->engines[i].node,
		.target = all.cpus,
		.reserved = scenario->engines[i].reserved,
		.hot_ticks = v->hot_ticks,
		.full_ticks = v->full_ticks,
		.used = v->used,
		.rest_bps = v->rest_bps,
		.sleeps = true,
		.light_ticks = v->light_ticks,
		.guess_bps = v->guess_bps,
		.guess_ticks = v->guess_ticks,
		.busy_q16 = done >= WORK_MIN_OPS ? v->busy_q16 : 0,
		.done_bps = rate(done * v->capacity.op_bytes, dt_ns),
	};
}

static void see_thread(struct manager *m, u32 t, u64 dt_ns)
{
	const struct scenario_thread *s = &m->sim->scenario->threads[t];
	const struct sim_thread *x = &m->sim->threads[t];
	struct manager_thread *v = &m->threads[t];
	struct manager_engine *e = &m->engines[x->engine];
	u64 submitted = x->submitted - v->submitted;
	u64 ops = x->submitted_ops - v->submitted_ops;
	struct dam_service service = {
		.capacity_bps = dam_most_bps(&m->engine_views[x->engine],
					     m->engine_views[x->engine].effective_bps),
		.wait_ns = e->wait_ns,
		.wait_q30 = (u64)((double)e->wait_ns * 1.073741824),
		.busy_q16 = e->busy_q16,
	};
	struct dam_thread_view *view = &m->thread_views[t];
	u64 bps;

	v->submitted = x->submitted;
	v->submitted_ops = x->submitted_ops;
	v->cpu_q16 = (7 * v->cpu_q16 +
		      (u32)((double)(ops * SIM_SUBMIT_NS) / (double)dt_ns * DAM_ONE_Q16)) / 8;
	if (ops)
		v->op_bytes = mean_op_bytes(v->op_bytes, submitted, ops);
	submitted -= (u64)((double)submitted * m->sim->scenario->unseen);
	bps = rate(submitted, dt_ns);
	m->engine_views[x->engine].charged_bps += bps;
	*view = (struct dam_thread_view){
		.now_bps = view->now_bps,
		.pred_bps = view->pred_bps,
		.arriving = view->arriving,
		.op_bytes = v->op_bytes,
		.working_set_kb = v->cpu_q16 >> 7,
		.cpu_q16 = v->cpu_q16,
		.kinds = s->kinds,
		.engine = x->engine,
		.mem_node = -1,
		.cpu_node = x->node,
		.history_e4 = dam_history_e4(&v->memory),
		.movable = !s->rt || m->sim->scenario->engines[x->engine].reserved,
		.rt = s->rt,
		.bound = s->bound,
		.cooling = dam_cooling(&v->memory, m->sim->now_ns) || v->outcome_ns,
		.tried = dam_tried(&v->memory),
	};
	dam_observe(&m->forecaster, &v->demand, &v->forecast, &service, view, bps);
}

/* Other work and that of submitting, a node each */
static void see_pressure(struct manager *m)
{
	const struct scenario *scenario = m->sim->scenario;
	double own[SCENARIO_NODES] = { 0 };
	u32 cpus[SCENARIO_NODES] = { 0 };
	u32 i;

	if (m->pressed_ns && m->sim->now_ns - m->pressed_ns < PRESSURE_NS)
		return;
	for (i = 0; i < scenario->n_cpus; i++)
		if (scenario->cpu_node[i] >= 0)
			cpus[scenario->cpu_node[i]]++;
	for (i = 0; i < scenario->n_threads; i++)
		if (m->sim->threads[i].node >= 0)
			own[m->sim->threads[i].node] += m->threads[i].cpu_q16 / 65536.0;
	for (i = 0; i < scenario->n_nodes; i++) {
		double now = sim_pressure(scenario, i, m->sim->now_ns);

		now += cpus[i] ? own[i] / cpus[i] : 0;
		now = now > 1 ? 1 : now;
		m->pressure[i] = m->pressed_ns ? (m->pressure[i] + now) / 2 : now;
	}
	m->pressed_ns = m->sim->now_ns;
}

static void judge(struct manager *m, struct dam_snapshot *s, u32 t)
{
	struct manager_thread *v = &m->threads[t];
	s32 achieved_q16;
	bool arriving;

	v->outcome_ns = 0;
	arriving = s->threads[t].arriving;
	s->threads[t].arriving = false;
	if (s->threads[t].bound || arriving)
		return;
	achieved_q16 = dam_achieved_q16(s, t, v->moved_from, v->promised_q16);
	switch (dam_learn_outcome(&v->memory, v->promised_q16, achieved_q16,
				  s->params.learn)) {
	case DAM_SUCCESS:
		m->successes++;
		break;
	case DAM_FAILURE:
		m->failures++;
		v->failed = true;
		break;
	case DAM_PARTIAL:
		break;
	}
}

static void judge_all(struct manager *m, struct dam_snapshot *s)
{
	u32 t;

	for (t = 0; t < s->n_threads; t++)
		if (m->threads[t].outcome_ns && m->threads[t].outcome_ns <= s->now_ns)
			judge(m, s, t);
}

static void record(struct manager *m, const struct dam_move *move)
{
	if (m->n_moves == m->room_moves) {
		m->room_moves = m->room_moves ? 2 * m->room_moves : 256;
		m->log = must(realloc(m->log, m->room_moves * sizeof(*m->log)));
	}
	m->log[m->n_moves++] = (struct manager_move){
		.at_ns = m->sim->now_ns, .thread = move->thread,
		.from = move->from, .to = move->to,
	};
}

static void make_move(struct manager *m, const struct dam_move *move)
{
	struct manager_thread *v = &m->threads[move->thread];
	u64 now_ns = m->sim->now_ns;

	if (v->moves && v->failed && v->moved_from == move->to &&
	    now_ns - v->moved_ns < PINGPONG_NS)
		m->pingpong++;
	record(m, move);
	v->moves++;
	v->moved_ns = now_ns;
	v->failed = false;
	v->moved_from = move->from;
	v->promised_q16 = move->promised_q16;
	v->outcome_ns = now_ns + DAM_OUTCOME_NS;
	dam_learn_move(&v->memory, now_ns, move->purpose);
	if (move->from == move->to) {
		sim_send(m->sim, move->thread, move->to,
			 m->sim->scenario->engines[move->to].node);
		return;
	}
	dam_arrive(&v->demand, &v->forecast, &m->thread_views[move->thread]);
	sim_send(m->sim, move->thread, move->to,
		 sim_beside(m->sim, move->thread, move->to));
	sim_turn(m->sim, move->to);
}

static bool allowed(void *ctx, u32 t, u32 e)
{
	const struct manager *m = ctx;

	if (m->sim->scenario->threads[t].bound)
		return m->sim->scenario->engines[e].node >= 0;
	return sim_may_go(m->sim, t, e);
}

static u32 thread_of(void *ctx, const struct dam_forecast *f)
{
	const struct manager *m = ctx;

	return (const struct manager_thread *)((const char *)f -
		offsetof(struct manager_thread, forecast)) - m->threads;
}

/* What threads submitted is charged to the engine it went to */
static void fold(struct manager *m, bool lost)
{
	u32 t;

	for (t = 0; t < m->sim->scenario->n_threads; t++) {
		const struct sim_thread *x = &m->sim->threads[t];
		struct manager_thread *v = &m->threads[t];
		struct manager_engine *e = &m->engines[x->engine];

		if (lost) {
			v->submitted = x->submitted;
			v->submitted_ops = x->submitted_ops;
		}
		e->submitted += x->submitted - v->submitted;
		e->submitted_ops += x->submitted_ops - v->submitted_ops;
	}
}

static void tick(struct manager *m, u64 dt_ns)
{
	const struct scenario *scenario = m->sim->scenario;
	struct dam_move moves[DAM_TICK_MOVES];
	struct dam_snapshot s = {
		.params = m->params,
		.engines = m->engine_views,
		.threads = m->thread_views,
		.n_engines = scenario->n_engines,
		.n_threads = scenario->n_threads,
		.n_nodes = scenario->n_nodes,
		.distance = m->distance,
		.now_ns = m->sim->now_ns,
		.forecaster = &m->forecaster,
		.ahead = &m->ahead,
		.thread_of = thread_of,
		.allowed = allowed,
		.ctx = m,
	};
	u32 i, n;

	fold(m, lab_random_unit(&m->random) < m->lost);
	see_pressure(m);
	for (i = 0; i < s.n_engines; i++)
		see_engine(m, i, dt_ns);
	dam_forecast_clock(&m->forecaster, m->sim->now_ns, m->params.interval_ms);
	dam_forecast_prepare(&m->forecaster,
			     (m->params.horizon_ms + m->params.interval_ms - 1) /
			     m->params.interval_ms, DAM_MODEL_AUTO);
	for (i = 0; i < s.n_threads; i++)
		see_thread(m, i, dt_ns);
	dam_find_bottlenecks(&s);
	for (i = 0; i < s.n_engines; i++) {
		m->engines[i].hot_ticks = s.engines[i].hot_ticks;
		m->engines[i].full_ticks = s.engines[i].full_ticks;
		m->engines[i].used = s.engines[i].used;
		m->engines[i].rest_bps = s.engines[i].rest_bps;
		m->engines[i].guess_bps = s.engines[i].guess_bps;
		m->engines[i].guess_ticks = s.engines[i].guess_ticks;
	}
	judge_all(m, &s);
	n = dam_plan(&s, &m->bucket, moves, DAM_TICK_MOVES);
	for (i = 0; i < s.n_engines; i++)
		m->engines[i].light_ticks = s.engines[i].light_ticks;
	for (i = 0; i < n; i++)
		make_move(m, &moves[i]);
}

void manager_run(struct manager *m, u64 until_ns)
{
	u64 interval_ns = m->params.interval_ms * NS_PER_MS;
	u64 dt_ns;

	for (;;) {
		if (m->next_ns <= m->ticked_ns)
			m->next_ns = m->ticked_ns +
				lab_random_in(&m->random, interval_ns * 3 / 4,
					      interval_ns * 5 / 4);
		if (m->next_ns > until_ns)
			break;
		sim_run(m->sim, m->next_ns);
		dt_ns = m->next_ns - m->ticked_ns;
		m->ticked_ns = m->next_ns;
		tick(m, dt_ns);
	}
	sim_run(m->sim, until_ns);
}

void manager_start(struct manager *m, struct sim *sim, u64 seed)
{
	const struct scenario *scenario = sim->scenario;
	u32 n_nodes = scenario->n_nodes, i, j;
	u32 n_engines = scenario->n_engines + 1, n_threads = scenario->n_threads + 1;

	memset(m, 0, sizeof(*m));
	m->sim = sim;
	m->random.state = ~seed;
	m->ticked_ns = sim->now_ns;
	m->params = (struct dam_params){
		.weight_latency_e4 = 5000,
		.weight_throughput_e4 = 5000,
		.threshold_pct = 10,
		.horizon_ms = 30,
		.interval_ms = 10,
		.max_moves = MOVES_AN_ENGINE * scenario->n_engines,
		.learn = true,
	};
	if (m->params.max_moves < MOVES_A_SECOND)
		m->params.max_moves = MOVES_A_SECOND;
	m->engines = must(calloc(n_engines, sizeof(*m->engines)));
	m->threads = must(calloc(n_threads, sizeof(*m->threads)));
	m->engine_views = must(calloc(n_engines, sizeof(*m->engine_views)));
	m->thread_views = must(calloc(n_threads, sizeof(*m->thread_views)));
	m->pressure = must(calloc(SCENARIO_NODES, sizeof(*m->pressure)));
	m->forecaster.seasons = must(calloc(1, sizeof(*m->forecaster.seasons)));
	m->distance = must(calloc((size_t)n_nodes * n_nodes + 1, 1));
	for (i = 0; i < n_nodes; i++)
		for (j = 0; j < n_nodes; j++)
			m->distance[i * n_nodes + j] = scenario->distance[i][j];
}

void manager_stop(struct manager *m)
{
	free(m->log);
	free(m->engines);
	free(m->threads);
	free(m->engine_views);
	free(m->thread_views);
	free(m->pressure);
	free(m->distance);
	free(m->forecaster.seasons);
	memset(m, 0, sizeof(*m));
}

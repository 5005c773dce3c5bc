// SPDX-License-Identifier: GPL-2.0
/*
 * One tick of the module, as collect.c and apply.c run it, on what was recorded of
 * it.
 *
 * With other tunables a thread that was moved in one world alone is elsewhere in
 * the other: it is taken to ask there what it asked where it was.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"
#include "replay.h"

#define NS_PER_S	1e9
/* The module's */
#define MODE_ADVISE	2
#define MODE_MANAGE	3
#define MOVES_AUTO	20
#define MOVES_AN_ENGINE	10

enum verdict { VERDICT_PENDING, VERDICT_SUCCESS, VERDICT_PARTIAL, VERDICT_FAILURE };

static void differs(struct replay *r, int tid, const char *format, ...)
{
	double at_s = (double)(r->tick.now_ns - r->first_ns) / NS_PER_S;
	char *text = NULL, *line = NULL;
	va_list args;

	if (replay_is_other(r))
		return;
	if (r->differences++ >= REPLAY_TOLD)
		return;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	must(text);
	if (asprintf(&line, "at %.6f s, thread %d: %s", at_s, tid, text) < 0)
		line = NULL;
	free(text);
	r->told[r->differences - 1] = must(line);
}

static const char *name_of(const struct replay *r, u32 engine)
{
	return engine < REPLAY_ENGINES && r->engines[engine].there ?
	       r->engines[engine].name : "-";
}

static void note_move(const struct replay *r, struct replay_moves *m, const struct dam_move *move)
{
	const struct replay_thread *t = r->threads[move->thread];
	struct replay_move *to;

	if (m->n == m->room) {
		m->room = m->room ? 2 * m->room : 64;
		m->move = must(realloc(m->move, m->room * sizeof(*m->move)));
	}
	to = &m->move[m->n++];
	*to = (struct replay_move){
		.at_ns = r->tick.now_ns - r->first_ns,
		.tid = t->tid,
		.promised_q16 = move->promised_q16,
	};
	snprintf(to->comm, sizeof(to->comm), "%s", t->comm);
	snprintf(to->from, sizeof(to->from), "%s", name_of(r, move->from));
	snprintf(to->to, sizeof(to->to), "%s", name_of(r, move->to));
}

/* What was set instead, or else what was set */
static u32 wish(const struct replay *r, enum replay_tunable tunable, u32 recorded)
{
	return r->wishes.set & BIT(tunable) ? (u32)r->wishes.value[tunable] : recorded;
}

static struct dam_params params_of(const struct replay *r)
{
	struct dam_params p = r->tick.params;
	u32 moves = wish(r, REPLAY_MAX_MOVES, p.max_moves);

	if (r->wishes.set & BIT(REPLAY_MAX_MOVES) && r->wishes.value[REPLAY_MAX_MOVES] < 0)
		moves = max_t(u32, MOVES_AUTO, MOVES_AN_ENGINE * r->tick.present);
	p.max_moves = moves;
	p.weight_latency_e4 = wish(r, REPLAY_WEIGHT_LATENCY, p.weight_latency_e4);
	p.weight_throughput_e4 = wish(r, REPLAY_WEIGHT_THROUGHPUT, p.weight_throughput_e4);
	p.threshold_pct = wish(r, REPLAY_THRESHOLD, p.threshold_pct);
	p.horizon_ms = wish(r, REPLAY_HORIZON, p.horizon_ms);
	p.energy_bias_e4 = wish(r, REPLAY_BIAS, p.energy_bias_e4);
	p.learn = wish(r, REPLAY_HISTORY, p.learn);
	return p;
}

static struct dam_thread_view *view_of(struct replay *r, u32 i)
{
	return r->threads[i] && r->threads[i]->used ? &r->views[i] : NULL;
}

static void engine_goes(struct replay *r, u32 engine)
{
	struct dam_thread_view *v;
	u32 i;

	for (i = 0; i < r->limit; i++) {
		v = view_of(r, i);
		if (v && v->engine == engine)
			v->engine = DAM_NO_ENGINE;
	}
	r->engines[engine].kept = (struct dam_engine_view){ 0 };
	r->engines[engine].there = false;
}

static void view_engine(struct replay *r, u32 i)
{
	struct replay_engine *e = &r->engines[i];
	struct dam_engine_view *v = &r->engine_views[i];
	const struct dam_engine_view *now = &e->view;

	v->capacity_bps = now->capacity_bps;
	v->busy_bps = now->busy_bps;
	v->charged_bps = now->charged_bps;
	v->done_bps = now->done_bps;
	v->busy_q16 = now->busy_q16;
	v->caps = now->caps;
	v->pressure_q16 = now->pressure_q16;
	v->cpus = now->cpus;
	v->node = now->node;
	v->target = now->target;
	v->reserved = now->reserved;
	v->sleeps = now->sleeps;
	v->hot_ticks = e->kept.hot_ticks;
	v->full_ticks = e->kept.full_ticks;
	v->used = e->kept.used;
	v->light_ticks = e->kept.light_ticks;
	v->rest_bps = e->kept.rest_bps;
	v->guess_bps = e->kept.guess_bps;
	/* none at the end of a tick is none all the time: it is never taken back */
	v->guess_ticks = now->guess_ticks ? e->kept.guess_ticks : 0;
	e->service.capacity_bps = dam_most_bps(now, e->kept.effective_bps);
}

static void view_engines(struct replay *r)
{
	u32 i;

	for (i = 0; i < REPLAY_ENGINES; i++) {
		struct replay_engine *e = &r->engines[i];
		bool there = e->sampled && i < r->tick.n_engines;

		if (e->there && (!there || strcmp(e->name, e->sample_name)))
			engine_goes(r, i);
		if (!there) {
			r->engine_views[i] = (struct dam_engine_view){ 0 };
			continue;
		}
		e->there = true;
		memcpy(e->name, e->sample_name, sizeof(e->name));
		view_engine(r, i);
	}
}

/* MODE has left off: dam_collect_restart(), dam_apply_restart() */
static void restart(struct replay *r)
{
	struct dam_seasons *seasons = r->forecaster.seasons;
	u32 i;

	memset(seasons, 0, sizeof(*seasons));
	r->forecaster = (struct dam_forecaster){ .seasons = seasons };
	memset(&r->ahead, 0, sizeof(r->ahead));
	memset(&r->bucket, 0, sizeof(r->bucket));
	for (i = 0; i < REPLAY_ENGINES; i++)
		r->engines[i].kept = (struct dam_engine_view){ 0 };
	for (i = 0; i < r->limit; i++) {
		if (!r->threads[i])
			continue;
		memset(&r->threads[i]->demand, 0, sizeof(r->threads[i]->demand));
		memset(&r->threads[i]->forecast, 0, sizeof(r->threads[i]->forecast));
		r->views[i].ahead = 0;
		r->views[i].arriving = false;
	}
}

/* It slept: dam_collect_idle() */
static void rest(struct replay *r)
{
	u32 i;

	for (i = 0; i < REPLAY_ENGINES; i++) {
		r->engines[i].kept.hot_ticks = 0;
		r->engines[i].kept.full_ticks = 0;
		r->engines[i].kept.light_ticks = 0;
	}
}

static void find_engine(const struct replay *r, struct replay_thread *t,
			struct dam_thread_view *v)
{
	if (!t->sampled)
		return;
	v->op_bytes = t->sample.op_bytes;
	if (!t->strayed)
		v->engine = t->sample.engine;
	else if (v->engine == t->sample.engine || v->engine >= r->tick.n_engines)
		t->strayed = false;
}

static void look(const struct replay *r, struct replay_thread *t, struct dam_thread_view *v)
{
	if (t->looked) {
		v->kinds = t->look.kinds;
		v->cpu_q16 = t->look.cpu_q16;
		v->working_set_kb = t->look.working_set_kb;
		v->mem_node = t->look.mem_node;
		v->cpu_node = t->look.cpu_node;
		v->movable = t->look.movable;
		v->bound = t->look.bound;
		v->rt = t->look.rt;
		v->history_e4 = t->look.history_e4;
		v->cooling = t->look.cooling;
		v->tried = t->look.tried;
	}
	if (!replay_is_other(r))
		return;
	v->history_e4 = dam_history_e4(&t->memory);
	v->cooling = dam_cooling(&t->memory, r->tick.now_ns) || t->due_ns;
	v->tried = dam_tried(&t->memory);
	if (t->strayed && r->engine_views[v->engine].node >= 0)
		v->cpu_node = r->engine_views[v->engine].node;
}

static bool has_engine(const struct replay *r, const struct dam_thread_view *v)
{
	return v->engine < r->tick.n_engines && r->engines[v->engine].there;
}

static void observe(struct replay *r, u32 i)
{
	static const struct dam_service none;
	struct replay_thread *t = r->threads[i];
	struct dam_thread_view *v = &r->views[i];

	find_engine(r, t, v);
	dam_observe(&r->forecaster, &t->demand, &t->forecast,
		    has_engine(r, v) ? &r->engines[v->engine].service : &none, v,
		    t->sampled ? t->sample.bps : 0);
	if (t->sampled && (v->now_bps != t->sample.now_bps || v->pred_bps != t->sample.pred_bps))
		differs(r, t->tid,
			"demand recorded %llu bytes/s, forecast %llu; replayed %llu, forecast %llu",
			t->sample.now_bps, t->sample.pred_bps, v->now_bps, v->pred_bps);
	if (!has_engine(r, v))
		t->strayed = false;
	look(r, t, v);
}

static void observe_all(struct replay *r)
{
	struct dam_snapshot *s = &r->snap;
	u32 n = min_t(u32, r->limit, r->tick.n_threads), i;

	s->n_active = 0;
	s->none_far = true;
	for (i = 0; i < n; i++) {
		const struct dam_thread_view *v = view_of(r, i);
		s16 node;

		if (!v)
			continue;
		observe(r, i);
		if (!has_engine(r, v) || !(v->now_bps | v->pred_bps))
			continue;
		r->active[s->n_active++] = i;
		node = r->engine_views[v->engine].node;
		if (v->bound && node >= 0 && v->cpu_node != node)
			s->none_far = false;
	}
}

static u32 verdict_of(enum dam_result result)
{
	if (result == DAM_SUCCESS)
		return VERDICT_SUCCESS;
	return result == DAM_FAILURE ? VERDICT_FAILURE : VERDICT_PARTIAL;
}

static u32 judge(struct replay *r, u32 slot, s32 *achieved_q16)
{
	struct replay_thread *t = r->threads[slot];
	struct dam_thread_view *v = &r->views[slot];
	bool active = has_engine(r, v) && !v->arriving && (v->now_bps | v->pred_bps);

	t->due_ns = 0;
	v->arriving = false;
	*achieved_q16 = 0;
	if (active && v->bound) {
		*achieved_q16 = t->due_q16;
		return VERDICT_SUCCESS;
	}
	if (!active || t->due_from >= r->tick.n_engines || !r->engines[t->due_from].there)
		return VERDICT_PARTIAL;
	*achieved_q16 = dam_achieved_q16(&r->snap, slot, t->due_from, t->due_q16);
	return verdict_of(dam_learn_outcome(&t->memory, t->due_q16, *achieved_q16,
					    r->snap.params.learn));
}

static void judge_all(struct replay *r)
{
	u32 n = min_t(u32, r->limit, r->tick.n_threads), i;

	for (i = 0; i < n; i++) {
		struct replay_thread *t = r->threads[i];
		s32 achieved_q16;
		u32 verdict;

		if (!view_of(r, i) || !t->due_ns || r->tick.now_ns < t->due_ns)
			continue;
		verdict = judge(r, i, &achieved_q16);
		if (!t->judged || t->verdict != verdict || t->achieved_q16 != achieved_q16)
			differs(r, t->tid,
				"outcome recorded %u, %d of 65536; replayed %u, %d of 65536",
				t->judged ? t->verdict : VERDICT_PENDING,
				t->judged ? t->achieved_q16 : 0, verdict, achieved_q16);
	}
}

void replay_settle(struct replay *r, u32 slot)
{
	s32 achieved_q16;

	if (slot >= r->snap.n_threads || !r->threads[slot]->due_ns)
		return;
	/* There may be more room since the tick. */
	r->snap.threads = r->views;
	r->snap.active = r->active;
	r->snap.distance = r->distance;
	r->snap.n_nodes = r->nodes;
	judge(r, slot, &achieved_q16);
}

/* As the module was told; what it did not ask is as it was the last time, or allowed */
static bool allowed(void *ctx, u32 t, u32 e)
{
	struct replay *r = ctx;
	const struct replay_thread *thread = r->threads[t];
	const struct replay_answer *a;
	size_t i;

	if (r->next_answer < r->n_answers) {
		a = &r->answers[r->next_answer++];
		if (a->slot == t && a->engine == e)
			return a->may;
	}
	for (i = 0; i < r->n_answers; i++) {
		a = &r->answers[i];
		if (a->slot == t && a->engine == e)
			return a->may;
	}
	if (thread->asked[e / 64] & BIT_ULL(e % 64))
		return thread->may[e / 64] & BIT_ULL(e % 64);
	return true;
}

static void report(void *ctx, u32 t, u32 from, u32 to, const struct dam_cost *cost, bool accepted)
{
	struct replay *r = ctx;
	int tid = r->threads[t]->tid;
	const struct replay_candidate *c;

	if (r->next_candidate == r->n_candidates) {
		differs(r, tid, "considered for %s when replayed alone", name_of(r, to));
		return;
	}
	c = &r->candidates[r->next_candidate++];
	if (c->tid == tid && !strcmp(c->from, name_of(r, from)) &&
	    !strcmp(c->to, name_of(r, to)) && c->accepted == accepted &&
	    !memcmp(&c->cost, cost, sizeof(*cost)))
		return;
	differs(r, tid, "recorded as considered: thread %d from %s to %s, cost %d of 65536, %s; replayed: from %s to %s, %d, %s",
		c->tid, c->from, c->to, c->cost.total_q16, c->accepted ? "taken" : "left",
		name_of(r, from), name_of(r, to), cost->total_q16, accepted ? "taken" : "left");
}

static u32 thread_of(void *ctx, const struct dam_forecast *f)
{
	(void)ctx;
	return ((const struct replay_thread *)((const char *)f -
		offsetof(struct replay_thread, forecast)))->slot;
}

static void make_move(struct replay *r, const struct dam_move *m)
{
	struct replay_thread *t = r->threads[m->thread];

	dam_learn_move(&t->memory, r->tick.now_ns, m->purpose);
	t->due_ns = r->tick.now_ns + DAM_OUTCOME_NS;
	t->due_from = m->from;
	t->due_q16 = m->promised_q16;
	r->views[m->thread].engine = m->to;
	if (m->from != m->to)
		dam_arrive(&t->demand, &t->forecast, &r->views[m->thread]);
}

void replay_moved(struct replay *r, u32 slot)
{
	struct replay_thread *t = r->threads[slot];
	struct dam_move m = {
		.thread = slot, .from = t->sent_from, .to = t->sent_to,
		.purpose = t->sent_for, .promised_q16 = t->sent_q16,
	};

	if (!replay_is_other(r))
		make_move(r, &m);
	else if (r->views[slot].engine != t->sent_to)
		t->strayed = true;
}

static bool same(const struct dam_move *a, const struct dam_move *b)
{
	return a->thread == b->thread && a->from == b->from && a->to == b->to;
}

/* Whether it could be made is known of what was decided */
static bool is_ready(const struct replay *r, const struct dam_move *m)
{
	size_t i;

	for (i = 0; i < r->n_decisions; i++)
		if (same(&r->decisions[i].move, m))
			return r->decisions[i].ready;
	return true;
}

static void settle_move(struct replay *r, const struct dam_move *m)
{
	struct replay_thread *t = r->threads[m->thread];
	struct dam_thread_view *v = &r->views[m->thread];

	/* The plan has it moved; it is not yet */
	v->engine = m->from;
	v->cooling = false;
	if (!is_ready(r, m)) {
		r->bucket.tokens_q16 += DAM_ONE_Q16;
		return;
	}
	note_move(r, &r->replayed, m);
	if (!replay_is_other(r))
		return;
	if (r->tick.mode == MODE_MANAGE) {
		make_move(r, m);
		t->strayed = true;
	} else {
		dam_learn_move(&t->memory, r->tick.now_ns, m->purpose);
	}
}

static void compare(struct replay *r, const struct dam_move *moves, u32 n)
{
	static const struct dam_move nothing = { .from = DAM_NO_ENGINE, .to = DAM_NO_ENGINE };
	size_t most = r->n_decisions > n ? r->n_decisions : n, i;

	for (i = 0; i < most; i++) {
		bool had = i < r->n_decisions, has = i < n;
		const struct dam_move *a = had ? &r->decisions[i].move : &nothing;
		const struct dam_move *b = has ? &moves[i] : &nothing;
		u32 slot = had ? a->thread : b->thread;

		if (had && has && same(a, b) && a->purpose == b->purpose &&
		    a->promised_q16 == b->promised_q16)
			continue;
		differs(r, r->threads[slot]->tid,
			"move recorded %s to %s, promised %d of 65536; replayed thread %d, %s to %s, %d",
			name_of(r, a->from), name_of(r, a->to), a->promised_q16,
			has ? r->threads[b->thread]->tid : 0, name_of(r, b->from),
			name_of(r, b->to), b->promised_q16);
	}
	if (r->next_candidate < r->n_candidates)
		differs(r, r->candidates[r->next_candidate].tid,
			"considered for %s when recorded alone",
			r->candidates[r->next_candidate].to);
}

static void plan(struct replay *r)
{
	struct dam_move moves[DAM_TICK_MOVES];
	u32 n, i;

	r->next_answer = 0;
	r->next_candidate = 0;
	n = dam_plan(&r->snap, &r->bucket, moves, DAM_TICK_MOVES);
	compare(r, moves, n);
	for (i = 0; i < n; i++)
		settle_move(r, &moves[i]);
	for (i = 0; i < r->n_decisions; i++)
		if (r->decisions[i].ready)
			note_move(r, &r->recorded, &r->decisions[i].move);
}

/* dam_apply_forget_trials() */
static void forget_trials(struct replay *r)
{
	u32 i;

	for (i = 0; i < r->limit; i++)
		if (r->threads[i])
			r->threads[i]->memory.trials = 0;
}

static void keep_engines(struct replay *r)
{
	u32 i;

	for (i = 0; i < r->tick.n_engines; i++)
		r->engines[i].kept = r->engine_views[i];
}

void replay_decide(struct replay *r)
{
	struct dam_params params = params_of(r);

	r->ticks++;
	if (!r->tick.sequence)
		restart(r);
	if (!r->tick.sequence || (r->tick.mode == MODE_MANAGE && r->mode != MODE_MANAGE))
		forget_trials(r);
	r->mode = r->tick.mode;
	if (r->tick.rested)
		rest(r);
	view_engines(r);
	r->snap = (struct dam_snapshot){
		.params = params,
		.engines = r->engine_views,
		.threads = r->views,
		.n_engines = r->tick.n_engines,
		.n_threads = r->tick.n_threads,
		.active = r->active,
		.n_nodes = r->nodes,
		.distance = r->distance,
		.now_ns = r->tick.now_ns,
		.forecaster = &r->forecaster,
		.ahead = &r->ahead,
		.thread_of = thread_of,
		.allowed = allowed,
		.report = replay_is_other(r) ? NULL : report,
		.ctx = r,
	};
	dam_forecast_clock(&r->forecaster, r->tick.now_ns, params.interval_ms);
	dam_forecast_prepare(&r->forecaster,
			     (params.horizon_ms + params.interval_ms - 1) / params.interval_ms,
			     wish(r, REPLAY_FORECASTER, r->tick.choice));
	observe_all(r);
	dam_find_bottlenecks(&r->snap);
	judge_all(r);
	if (r->tick.mode >= MODE_ADVISE)
		plan(r);
	keep_engines(r);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The best placement that can be found. Searching is done by rates; what it finds
 * is judged by simulation, and only that counts.
 */
#include <math.h>
#include <string.h>

#include "fluid.h"
#include "memory.h"
#include "oracle.h"

#define EPOCH_NS	SIM_WINDOW_NS
/* A thread is not moved for less of what all engines deliver */
#define WORTH		0.002
#define EXHAUSTIVE_MAX	20000
/* Plans this close in bytes are the same; then the shorter waits win */
#define SAME_BYTES	0.001

static void start_places(const struct sim *sim, u16 *engine, s16 *node)
{
	const struct scenario *s = sim->scenario;
	u32 t;

	for (t = 0; t < s->n_threads; t++) {
		engine[t] = s->threads[t].start;
		node[t] = s->threads[t].runs >= 0 ? s->threads[t].runs :
			  sim_beside(sim, t, s->threads[t].start);
	}
}

static void plan_room(struct oracle *o, const struct scenario *s, u64 epoch_ns)
{
	o->epoch_ns = epoch_ns;
	o->n_epochs = (u32)((s->duration_ns + epoch_ns - 1) / epoch_ns);
	o->engine = must(calloc((size_t)o->n_epochs * s->n_threads + 1, sizeof(*o->engine)));
	o->node = must(calloc((size_t)o->n_epochs * s->n_threads + 1, sizeof(*o->node)));
}

void oracle_free(struct oracle *o)
{
	free(o->engine);
	free(o->node);
	memset(o, 0, sizeof(*o));
}

/* How much all engines deliver over the whole run with one assignment */
static double static_worth(struct fluid *f)
{
	u64 part_ns = f->s->duration_ns / 32 + 1, from_ns;
	double all = 0;

	for (from_ns = 0; from_ns < f->s->duration_ns; from_ns += part_ns) {
		fluid_rates(f, from_ns, from_ns + part_ns);
		all += fluid_worth(f);
	}
	return all;
}

static bool next_assignment(struct fluid *f, u32 *digits)
{
	u32 t = 0;

	for (t = 0; t < f->s->n_threads; t++) {
		struct place p;

		if (fluid_nth_place(f, t, ++digits[t], &p)) {
			f->engine[t] = p.engine;
			f->node[t] = p.node;
			return true;
		}
		digits[t] = 0;
		if (fluid_nth_place(f, t, 0, &p)) {
			f->engine[t] = p.engine;
			f->node[t] = p.node;
		}
	}
	return false;
}

static void best_static_by_trying_all(struct fluid *f)
{
	u32 n = f->s->n_threads;
	u16 *engine = must(calloc(n + 1, sizeof(*engine)));
	s16 *node = must(calloc(n + 1, sizeof(*node)));
	u32 *digits = must(calloc(n + 1, sizeof(*digits)));
	double best = static_worth(f), here;

	memcpy(engine, f->engine, n * sizeof(*engine));
	memcpy(node, f->node, n * sizeof(*node));
	memset(digits, 0xff, n * sizeof(*digits));
	while (next_assignment(f, digits)) {
		here = static_worth(f);
		if (here <= best * (1 + 0.000000001))
			continue;
		best = here;
		memcpy(engine, f->engine, n * sizeof(*engine));
		memcpy(node, f->node, n * sizeof(*node));
	}
	memcpy(f->engine, engine, n * sizeof(*engine));
	memcpy(f->node, node, n * sizeof(*node));
	free(engine);
	free(node);
	free(digits);
}

static void make_static(struct oracle *o, const struct sim *sim)
{
	const struct scenario *s = sim->scenario;
	struct fluid f;

	plan_room(o, s, s->duration_ns);
	start_places(sim, o->engine, o->node);
	fluid_start(&f, sim, o->engine, o->node);
	if (pow(s->n_engines, s->n_threads) * s->n_threads <= EXHAUSTIVE_MAX) {
		best_static_by_trying_all(&f);
	} else {
		fluid_rates(&f, 0, s->duration_ns);
		fluid_climb(&f, 0.000001);
	}
	fluid_stop(&f);
}

static void make_clairvoyant(struct oracle *o, const struct sim *sim, u64 epoch_ns, double least)
{
	const struct scenario *s = sim->scenario;
	u32 epoch, n = s->n_threads;
	struct fluid f;

	plan_room(o, s, epoch_ns);
	fluid_start(&f, sim, o->engine, o->node);
	start_places(sim, o->engine, o->node);
	for (epoch = 0; epoch < o->n_epochs; epoch++) {
		f.engine = o->engine + (size_t)epoch * n;
		f.node = o->node + (size_t)epoch * n;
		if (epoch) {
			memcpy(f.engine, f.engine - n, n * sizeof(*f.engine));
			memcpy(f.node, f.node - n, n * sizeof(*f.node));
		}
		fluid_rates(&f, epoch * epoch_ns, (epoch + 1) * epoch_ns);
		fluid_climb(&f, least);
	}
	fluid_stop(&f);
}

static void make_none(struct oracle *o, const struct sim *sim)
{
	plan_room(o, sim->scenario, sim->scenario->duration_ns);
	start_places(sim, o->engine, o->node);
}

u32 oracle_run(const struct oracle *o, struct sim *sim)
{
	u32 n = sim->scenario->n_threads, epoch, t, moves = 0;

	for (epoch = 0; epoch < o->n_epochs; epoch++) {
		u64 end_ns = (epoch + 1) * o->epoch_ns;

		for (t = 0; t < n; t++) {
			u32 e = o->engine[(size_t)epoch * n + t];
			int node = o->node[(size_t)epoch * n + t];

			if (sim->threads[t].engine == e && sim->threads[t].node == node)
				continue;
			moves++;
			sim_send(sim, t, e, node);
			sim_turn(sim, e);
		}
		if (end_ns > sim->scenario->duration_ns)
			end_ns = sim->scenario->duration_ns;
		sim_run(sim, end_ns);
	}
	return moves;
}

/*
 * struct judged - a plan and what it brought
 * @bytes: completed
 * @p99_ns: of waiting
 * @ops: simulated to know that
 */
struct judged {
	struct oracle plan;
	u64 bytes;
	u64 p99_ns;
	u64 ops;
};

static void judge(struct judged *j, const struct scenario *s, u64 seed)
{
	struct sim sim;
	u32 e;

	sim_start(&sim, s, seed, 0);
	oracle_run(&j->plan, &sim);
	j->bytes = sim_bytes(&sim);
	j->p99_ns = sim_wait_ns(&sim, 0.99);
	j->ops = 0;
	for (e = 0; e < s->n_engines; e++)
		j->ops += sim.engines[e].ops;
	sim_stop(&sim);
}

static bool better(const struct judged *a, const struct judged *b)
{
	double margin = SAME_BYTES * (double)b->bytes;
	double more = (double)a->bytes - (double)b->bytes;

	if (fabs(more) > margin)
		return more > 0;
	return a->p99_ns < b->p99_ns;
}

/* The better of both stays, the other is freed */
static void keep_better(struct judged *best, struct judged *other)
{
	struct judged worse = *other;

	if (better(other, best)) {
		worse = *best;
		*best = *other;
	}
	oracle_free(&worse.plan);
}

static void copy_static(struct oracle *to, const struct oracle *from, const struct scenario *s)
{
	plan_room(to, s, s->duration_ns);
	memcpy(to->engine, from->engine, s->n_threads * sizeof(*to->engine));
	memcpy(to->node, from->node, s->n_threads * sizeof(*to->node));
}

/* One thread elsewhere, one after the other, as long as that helps and @effort lasts */
static void improve(struct judged *best, const struct sim *sim, u64 seed, u64 effort)
{
	const struct scenario *s = sim->scenario;
	u64 spent = 0;
	u32 t = 0, still = 0, i;

	while (still < s->n_threads && spent < effort) {
		struct fluid f = { .s = s, .sim = sim };
		bool improved = false;
		struct place p;

		for (i = 0; spent < effort; i++) {
			struct judged other;

			f.engine = best->plan.engine;
			f.node = best->plan.node;
			if (!fluid_nth_place(&f, t, i, &p))
				break;
			if (same_place(p, fluid_place(&f, t)))
				continue;
			copy_static(&other.plan, &best->plan, s);
			other.plan.engine[t] = p.engine;
			other.plan.node[t] = p.node;
			judge(&other, s, seed);
			spent += other.ops;
			improved |= better(&other, best);
			keep_better(best, &other);
		}
		still = improved ? 0 : still + 1;
		t = (t + 1) % s->n_threads;
	}
}

void oracle_find(struct oracle *o, const struct scenario *scenario, u64 seed, u64 effort)
{
	struct judged best, other;
	struct sim sim;

	sim_start(&sim, scenario, seed, 0);
	make_static(&best.plan, &sim);
	judge(&best, scenario, seed);
	make_none(&other.plan, &sim);
	judge(&other, scenario, seed);
	keep_better(&best, &other);
	improve(&best, &sim, seed, effort);
	make_clairvoyant(&other.plan, &sim, EPOCH_NS, WORTH);
	judge(&other, scenario, seed);
	keep_better(&best, &other);
	make_clairvoyant(&other.plan, &sim, 10 * EPOCH_NS, WORTH);
	judge(&other, scenario, seed);
	keep_better(&best, &other);
	sim_stop(&sim);
	*o = best.plan;
}

// SPDX-License-Identifier: GPL-2.0
/* Placements compared by rates. */
#include <math.h>
#include <string.h>

#include "fluid.h"
#include "memory.h"

/* Rates are looked up that often in the time they are of */
#define SAMPLES		4
/* Balance decides where bytes do not, by this share of what engines deliver */
#define BALANCE		0.02
#define SWAPS_MAX	64

/* What a thread asks at a place, in bytes/s and in time of the engine */
static void asks(const struct fluid *f, u32 t, struct place p, double *bps, double *load)
{
	const struct scenario_thread *v = &f->s->threads[t];
	double service_ns = sim_service_ns(f->s, p.engine, v->size, p.node);
	double most_bps = 1e9 * v->size / service_ns;

	*bps = f->bps[t];
	if (v->demand == DEMAND_CLOSED && *bps > 0)
		*bps = most_bps * v->depth * service_ns /
		       (v->depth * service_ns + (double)v->think_ns);
	*bps = fmin(*bps, most_bps);
	if (f->s->n_busy)
		*bps *= sim_slowed(sim_pressure(f->s, p.node, (u64)f->at_ns));
	*load = *bps / most_bps;
}

static double worth(double load, double asked_bps, double bps)
{
	double got = load > 1 ? asked_bps / load : asked_bps;

	return got - BALANCE * bps * load * load;
}

static double engine_worth(const struct fluid *f, u32 e)
{
	return worth(f->load[e], f->asked_bps[e], (double)f->s->engines[e].bps);
}

static void shift(struct fluid *f, u32 t, struct place p, int sign)
{
	double bps, load;

	asks(f, t, p, &bps, &load);
	f->load[p.engine] += sign * load;
	f->asked_bps[p.engine] += sign * bps;
}

struct place fluid_place(const struct fluid *f, u32 t)
{
	return (struct place){ f->engine[t], f->node[t] };
}

static void put(struct fluid *f, u32 t, struct place p)
{
	shift(f, t, fluid_place(f, t), -1);
	f->engine[t] = p.engine;
	f->node[t] = p.node;
	shift(f, t, p, 1);
}

static void sum(struct fluid *f)
{
	u32 t;

	memset(f->load, 0, f->s->n_engines * sizeof(*f->load));
	memset(f->asked_bps, 0, f->s->n_engines * sizeof(*f->asked_bps));
	for (t = 0; t < f->s->n_threads; t++)
		shift(f, t, fluid_place(f, t), 1);
}

void fluid_rates(struct fluid *f, u64 from_ns, u64 to_ns)
{
	u32 t, i;

	f->at_ns = (double)(from_ns + to_ns) / 2;
	for (t = 0; t < f->s->n_threads; t++) {
		f->bps[t] = 0;
		for (i = 0; i < SAMPLES; i++)
			f->bps[t] += sim_rate_bps(f->sim, t, from_ns +
						  (to_ns - from_ns) * (2ULL * i + 1) /
						  (2ULL * SAMPLES)) / SAMPLES;
	}
	sum(f);
}

double fluid_worth(const struct fluid *f)
{
	double all = 0;
	u32 e;

	for (e = 0; e < f->s->n_engines; e++)
		all += engine_worth(f, e);
	return all;
}

/* The @i-th place that thread @t could have, false beyond the last */
bool fluid_nth_place(const struct fluid *f, u32 t, u32 i, struct place *p)
{
	const struct scenario_thread *v = &f->s->threads[t];

	*p = fluid_place(f, t);
	if (v->bound) {
		p->node = f->s->engines[v->start].node;
		return !i && p->node >= 0;
	}
	if (i >= f->s->n_engines)
		return false;
	if (v->rt && !(f->s->engines[i].reserved && f->s->engines[p->engine].reserved))
		return true;
	if (!v->rt && f->s->engines[i].reserved)
		return true;
	if ((v->kinds & ~f->s->engines[i].caps) || !sim_may_go(f->sim, t, i))
		return true;
	p->engine = i;
	p->node = sim_beside(f->sim, t, i);
	return true;
}

static double gain_of(struct fluid *f, u32 t, struct place to)
{
	struct place from = fluid_place(f, t);
	double before = engine_worth(f, from.engine), after;

	if (to.engine != from.engine)
		before += engine_worth(f, to.engine);
	put(f, t, to);
	after = engine_worth(f, from.engine);
	if (to.engine != from.engine)
		after += engine_worth(f, to.engine);
	put(f, t, from);
	return after - before;
}

static bool move_one(struct fluid *f, double least)
{
	struct place to, best_to = { 0 };
	double best = least, gain;
	u32 t, i, best_t = 0;

	for (t = 0; t < f->s->n_threads; t++) {
		if (f->bps[t] <= 0)
			continue;
		for (i = 0; fluid_nth_place(f, t, i, &to); i++) {
			if (same_place(to, fluid_place(f, t)))
				continue;
			gain = gain_of(f, t, to);
			if (gain <= best)
				continue;
			best = gain;
			best_t = t;
			best_to = to;
		}
	}
	if (best > least)
		put(f, best_t, best_to);
	return best > least;
}

static bool may_swap(const struct fluid *f, u32 a, u32 b)
{
	struct place p;

	if (f->engine[a] == f->engine[b] || f->s->threads[a].bound || f->s->threads[b].bound)
		return false;
	return fluid_nth_place(f, a, f->engine[b], &p) && p.engine == f->engine[b] &&
	       fluid_nth_place(f, b, f->engine[a], &p) && p.engine == f->engine[a];
}

static bool swap_two(struct fluid *f, double least)
{
	u32 a, b;

	if (f->s->n_threads > SWAPS_MAX)
		return false;
	for (a = 0; a < f->s->n_threads; a++) {
		for (b = 0; b < a; b++) {
			struct place pa = fluid_place(f, a), pb = fluid_place(f, b);
			double before;

			if (!may_swap(f, a, b))
				continue;
			before = engine_worth(f, pa.engine) + engine_worth(f, pb.engine);
			put(f, a, pb);
			put(f, b, pa);
			if (engine_worth(f, pa.engine) + engine_worth(f, pb.engine) >
			    before + least)
				return true;
			put(f, a, pa);
			put(f, b, pb);
		}
	}
	return false;
}

void fluid_climb(struct fluid *f, double worth_share)
{
	double all_bps = 0;
	u32 e, rounds = 4 * f->s->n_threads + 16;

	for (e = 0; e < f->s->n_engines; e++)
		all_bps += (double)f->s->engines[e].bps;
	while (rounds-- && (move_one(f, worth_share * all_bps) ||
			    swap_two(f, worth_share * all_bps)))
		;
}

void fluid_start(struct fluid *f, const struct sim *sim, u16 *engine, s16 *node)
{
	const struct scenario *s = sim->scenario;

	f->s = s;
	f->sim = sim;
	f->engine = engine;
	f->node = node;
	f->bps = must(calloc(s->n_threads + 1, sizeof(*f->bps)));
	f->load = must(calloc(s->n_engines + 1, sizeof(*f->load)));
	f->asked_bps = must(calloc(s->n_engines + 1, sizeof(*f->asked_bps)));
}

void fluid_stop(struct fluid *f)
{
	free(f->bps);
	free(f->load);
	free(f->asked_bps);
}


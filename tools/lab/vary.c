// SPDX-License-Identifier: GPL-2.0
/* The same scenario with other numbers, and scenarios of random numbers. */
#include <math.h>

#include "random.h"
#include "vary.h"

#define ANY_THREADS	16

/* 1/@most .. @most, as often below 1 as above */
static double factor(struct lab_random *r, double most)
{
	return exp(log(most) * (2 * lab_random_unit(r) - 1));
}

static u32 larger_or_smaller(u32 size, u32 step)
{
	return step == 0 ? size / 2 + 1 : step == 1 ? size : size * 2;
}

void vary(struct scenario *s, u64 seed)
{
	struct lab_random r = { .state = seed };
	double speed, period;
	u32 size, i, k;

	if (!seed)
		return;
	speed = factor(&r, 2);
	period = factor(&r, 1.25);
	size = lab_random_in(&r, 0, 2);
	for (i = 0; i < s->n_engines; i++)
		s->engines[i].bps = (u64)((double)s->engines[i].bps * speed);
	for (i = 0; i < s->n_threads; i++) {
		struct scenario_thread *t = &s->threads[i];
		double own = factor(&r, 1.05), high = factor(&r, 1.05);

		t->low_bps *= speed * own;
		t->high_bps *= speed * high;
		for (k = 0; k < t->n_series; k++)
			t->series_bps[k] *= speed * high;
		t->size = larger_or_smaller(t->size, size);
		t->period_ns = (u64)((double)t->period_ns * period);
		t->phase_ns = (u64)((double)t->phase_ns * period);
		t->begins_ns = (u64)((double)t->begins_ns * period);
	}
}

static void any_demand(struct scenario_thread *t, struct lab_random *r, double share_bps)
{
	double bps = share_bps * (0.3 + 1.4 * lab_random_unit(r));

	switch (lab_random_in(r, 0, 3)) {
	case 0:
		t->demand = DEMAND_CLOSED;
		return;
	case 1:
		t->demand = DEMAND_SQUARE;
		t->low_bps = bps * 0.1;
		t->high_bps = bps * 1.9;
		t->period_ns = lab_random_in(r, 300, 4000) * 1000000;
		t->phase_ns = lab_random_in(r, 0, t->period_ns);
		t->jitter = lab_random_in(r, 0, 1) * 0.05;
		return;
	default:
		t->demand = DEMAND_CONST;
		t->low_bps = bps;
		return;
	}
}

void vary_any(struct scenario *s, u64 seed)
{
	struct lab_random r = { .state = seed ^ 0x5ca1ab1e };
	u32 engines = lab_random_in(&r, 2, 6), threads = lab_random_in(&r, 3, ANY_THREADS);
	bool unequal = lab_random_in(&r, 0, 1);
	double all_bps = 0, load;
	u32 i;

	scenario_init(s);
	s->duration_ns = 8000000000ULL;
	scenario_cpus(s, 0, 8);
	scenario_cpus(s, 1, 8);
	for (i = 0; i < engines; i++) {
		u64 bps = unequal ? 500000000ULL << lab_random_in(&r, 0, 2) : 1000000000ULL;

		scenario_engine(s, bps, i & 1);
		s->engines[i].latency_ns = lab_random_in(&r, 0, 3000);
		all_bps += (double)bps;
	}
	load = 0.4 + 0.8 * lab_random_unit(&r);
	for (i = 0; i < threads; i++) {
		u16 start = lab_random_in(&r, 0, 2) ? lab_random_in(&r, 0, engines - 1) : 0;
		struct scenario_thread *t = scenario_thread(s, start);

		t->size = 16384U << lab_random_in(&r, 0, 3);
		t->depth = lab_random_in(&r, 2, 8);
		any_demand(t, &r, all_bps * load / threads);
	}
}

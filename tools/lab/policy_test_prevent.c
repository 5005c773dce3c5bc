// SPDX-License-Identifier: GPL-2.0
/*
 * Time in which one engine is full beside a free one: with the forecast, and with the
 * present alone.
 */
#include <stdio.h>

#include "check.h"
#include "trial.h"

#define SEEDS		30
#define NS_PER_S	1000000000ULL
/* The forecast has that many periods to learn */
#define PERIODS_BEFORE	8
#define PERIODS		24
#define MB		1000000.0

/**
 * struct sums - of several runs
 * @reactive_s: one engine full beside a free one, with the present alone
 * @manage_s: the same, with the forecast
 * @reactive_moves: of threads
 * @manage_moves: the same
 */
struct sums {
	double reactive_s;
	double manage_s;
	u64 reactive_moves;
	u64 manage_moves;
};

static struct scenario s;

static void two_engines(void)
{
	scenario_init(&s);
	scenario_cpus(&s, 0, 4);
	scenario_cpus(&s, 1, 4);
	scenario_engine(&s, NS_PER_S, 0);
	scenario_engine(&s, NS_PER_S, 1);
}

static void burst(u16 engine, double high_mb, u64 period_ns, u64 phase_ns, double jitter)
{
	struct scenario_thread *t = scenario_thread(&s, engine);

	t->depth = 8;
	t->demand = DEMAND_SQUARE;
	t->low_bps = 10 * MB;
	t->high_bps = high_mb * MB;
	t->period_ns = period_ns;
	t->phase_ns = phase_ns;
	t->jitter = jitter;
}

/* 0.3 s to 1 s */
static u64 period_of(u32 seed)
{
	return 300000000ULL + 700000000ULL * seed / (SEEDS - 1);
}

/* Those that are busy together start together */
static void pairs(u32 seed, double jitter)
{
	u64 period_ns = period_of(seed);
	u32 i;

	two_engines();
	s.duration_ns = PERIODS * period_ns;
	for (i = 0; i < 4; i++)
		burst(i / 2, 900, period_ns, i / 2 * period_ns / 2, jitter);
}

/* Each at a time of its own */
static void phases(u32 seed, double jitter)
{
	struct lab_random r = { .state = seed };
	u64 period_ns = period_of(seed);
	u32 i;

	two_engines();
	s.duration_ns = PERIODS * period_ns;
	for (i = 0; i < 4; i++)
		burst(i / 2, 700, period_ns, lab_random_in(&r, 0, period_ns), jitter);
}

/* Demand that grows on one engine and falls on the other */
static void ramps(u32 seed, double jitter)
{
	struct lab_random r = { .state = seed };
	u32 i;

	(void)jitter;
	two_engines();
	s.duration_ns = 10 * NS_PER_S;
	for (i = 0; i < 6; i++) {
		struct scenario_thread *t = scenario_thread(&s, i / 3);
		double low = 30 + 40 * lab_random_unit(&r), high = 350 + 200 * lab_random_unit(&r);

		t->depth = 8;
		t->demand = DEMAND_RAMP;
		t->low_bps = (i < 3 ? low : high) * MB;
		t->high_bps = (i < 3 ? high : low) * MB;
	}
}

static void run(enum trial_policy policy, u32 seed, u64 measured_ns, double *overlap_s,
		u64 *moves)
{
	struct trial t = {
		.scenario = &s, .policy = policy, .seed = seed + 1,
		.measured_ns = measured_ns,
	};
	struct trial_result result;

	trial_run(&t, &result);
	*overlap_s += result.overlap_s;
	*moves += result.moves;
	trial_free(&result);
}

static struct sums compare(void (*make)(u32 seed, double jitter), double jitter)
{
	struct sums sums = { 0 };
	u32 seed;

	for (seed = 0; seed < SEEDS; seed++) {
		u64 from_ns = PERIODS_BEFORE * period_of(seed);

		make(seed, jitter);
		run(TRIAL_REACTIVE, seed, from_ns, &sums.reactive_s, &sums.reactive_moves);
		run(TRIAL_MANAGE, seed, from_ns, &sums.manage_s, &sums.manage_moves);
		scenario_free(&s);
	}
	print_message("%.0f %%: %.2f s with the present alone, %.2f s with the forecast; %llu and %llu moves\n",
		      jitter * 100, sums.reactive_s, sums.manage_s, sums.reactive_moves,
		      sums.manage_moves);
	return sums;
}

/* @part of what the present alone gives, at most */
static void prevents(double jitter, double part)
{
	struct sums sums = compare(pairs, jitter);

	/* there is something to prevent */
	assert_true(sums.reactive_s > 1);
	assert_true(sums.manage_s <= part * sums.reactive_s);
	sums = compare(phases, jitter);
	assert_true(sums.reactive_s > 1);
	assert_true(sums.manage_s <= part * sums.reactive_s);
}

static void bursts_of_little_jitter_are_kept_apart(void **state)
{
	(void)state;
	prevents(0.03, 0.2);
}

static void bursts_of_some_jitter_are_mostly_kept_apart(void **state)
{
	(void)state;
	prevents(0.1, 0.5);
}

static void bursts_of_much_jitter_are_no_worse_for_the_forecast(void **state)
{
	(void)state;
	prevents(0.2, 1.2);
	prevents(0.5, 1.2);
}

static void ramps_are_no_worse_for_the_forecast(void **state)
{
	struct sums sums = compare(ramps, 0);

	(void)state;
	assert_true(sums.manage_s <= sums.reactive_s + 0.01 * SEEDS);
	assert_true(sums.manage_moves * 2 <= sums.reactive_moves * 3);
}

int main(void)
{
	check_list(tests) = {
		cmocka_unit_test(bursts_of_little_jitter_are_kept_apart),
		cmocka_unit_test(bursts_of_some_jitter_are_mostly_kept_apart),
		cmocka_unit_test(bursts_of_much_jitter_are_no_worse_for_the_forecast),
		cmocka_unit_test(ramps_are_no_worse_for_the_forecast),
	};

	return cmocka_run_group_tests_name("prevent", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The policy in the scenarios of scenarios/, as they are and with other numbers,
 * beside nobody who moves and beside the best placement found.
 */
#include <string.h>

#include "check.h"
#include "trial.h"
#include "vary.h"

#define VARIATIONS	3
#define EFFORT		1000000
#define WINDOW_MS	10
#define TICK_NS		10000000ULL

/**
 * struct expected - what is asked of one scenario
 * @name: of its file
 * @part: of the oracle's bytes, at least
 * @stationary: nothing changes after the first moves: waits are compared, too
 * @hostile: the load turns against moves
 */
static const struct expected {
	const char *name;
	double part;
	bool stationary;
	bool hostile;
} expected[] = {
	{ "adversary", 0.85, false, true },
	{ "bound_far", 0.98, true, false },
	{ "bulk_small", 0.95, false, false },
	{ "bursts", 0.90, false, false },
	{ "bursts_periods", 0.90, false, false },
	{ "capabilities", 0.98, true, false },
	{ "heavy", 0.90, false, false },
	{ "hidden", 0.98, false, false },
	{ "light", 0.98, true, false },
	{ "lone_deep", 0.98, false, false },
	{ "lone_few", 0.98, false, false },
	{ "lone_slow", 0.98, false, false },
	{ "pressure", 0.98, false, false },
	{ "ramps", 0.98, false, false },
	{ "rt", 0.98, true, false },
	{ "skewed_2", 0.98, true, false },
	{ "skewed_4", 0.98, true, false },
	{ "skewed_8", 0.98, true, false },
	{ "step", 0.90, false, false },
	{ "unequal", 0.98, true, false },
	{ "uniform", 0.99, true, false },
	{ "uniform_full", 0.99, true, false },
};

#define SCENARIOS	(sizeof(expected) / sizeof(*expected))

/* Of each scenario, variation and policy, run once */
static struct trial_result results[SCENARIOS][VARIATIONS][TRIAL_POLICIES];

static void load(const char *name, u64 variation, struct scenario *s)
{
	char path[128];

	snprintf(path, sizeof(path), "scenarios/%s.scn", name);
	if (!scenario_read(s, path))
		fail_msg("%s cannot be read", path);
	vary(s, variation);
}

static int run_all(void **state)
{
	static struct scenario s;
	u32 i, v, p;

	(void)state;
	for (i = 0; i < SCENARIOS; i++) {
		for (v = 0; v < VARIATIONS; v++) {
			load(expected[i].name, v, &s);
			for (p = 0; p < TRIAL_POLICIES; p++) {
				struct trial t = {
					.scenario = &s, .policy = p, .seed = v + 1,
					.measured_ns = 300000000, .effort = EFFORT,
				};

				trial_run(&t, &results[i][v][p]);
			}
			scenario_free(&s);
		}
	}
	return 0;
}

static int free_all(void **state)
{
	u32 i, v, p;

	(void)state;
	for (i = 0; i < SCENARIOS; i++)
		for (v = 0; v < VARIATIONS; v++)
			for (p = 0; p < TRIAL_POLICIES; p++)
				trial_free(&results[i][v][p]);
	return 0;
}

#define RUNS	(SCENARIOS * VARIATIONS)

static void near(u32 i, u32 v, const char *what, double is, double bound)
{
	if (is < bound)
		fail_msg("%s, variation %u: %s: %.3f is below %.3f", expected[i].name, v,
			 what, is, bound);
}

static void throughput_is_near_the_oracles(void **state)
{
	u32 run;

	(void)state;
	for (run = 0; run < RUNS; run++) {
		u32 i = run / VARIATIONS, v = run % VARIATIONS;
		const struct trial_result *r = results[i][v];

		near(i, v, "part of the oracle's bytes",
		     (double)r[TRIAL_MANAGE].bytes / (double)r[TRIAL_ORACLE].bytes,
		     expected[i].part);
	}
}

static void throughput_is_never_far_below_nobodys(void **state)
{
	u32 run;

	(void)state;
	for (run = 0; run < RUNS; run++) {
		u32 i = run / VARIATIONS, v = run % VARIATIONS;
		const struct trial_result *r = results[i][v];

		near(i, v, "part of the bytes without moves",
		     (double)r[TRIAL_MANAGE].bytes / (double)r[TRIAL_NONE].bytes,
		     expected[i].hostile ? 0.90 : 0.95);
	}
}

static void waits_on_stationary_loads_are_near_the_oracles(void **state)
{
	u32 run;

	(void)state;
	for (run = 0; run < RUNS; run++) {
		u32 i = run / VARIATIONS, v = run % VARIATIONS;
		const struct trial_result *r = results[i][v];

		if (expected[i].stationary)
			near(i, v, "oracle's p99 in parts of it",
			     1.3 * (double)r[TRIAL_ORACLE].wait_p99_ns + TICK_NS,
			     (double)r[TRIAL_MANAGE].wait_p99_ns);
	}
}

static void heavy_tailed_loads_wait_less_than_without_moves(void **state)
{
	u32 run;

	(void)state;
	for (run = 0; run < RUNS; run++) {
		u32 i = run / VARIATIONS, v = run % VARIATIONS;
		const struct trial_result *r = results[i][v];

		if (!strcmp(expected[i].name, "heavy"))
			near(i, v, "nobody's p99 in parts of it",
			     0.8 * (double)r[TRIAL_NONE].wait_p99_ns,
			     (double)r[TRIAL_MANAGE].wait_p99_ns);
	}
}

static void uniform_load_is_left_alone(void **state)
{
	u32 run;

	(void)state;
	for (run = 0; run < RUNS; run++) {
		u32 i = run / VARIATIONS, v = run % VARIATIONS;
		const struct trial_result *r = results[i][v];

		if (!strncmp(expected[i].name, "uniform", 7))
			check_case(!r[TRIAL_MANAGE].moves, v);
	}
}

static void no_thread_goes_back_after_a_move_in_vain(void **state)
{
	u32 run;

	(void)state;
	for (run = 0; run < RUNS; run++)
		check_case(!results[run / VARIATIONS][run % VARIATIONS][TRIAL_MANAGE].pingpong,
			   run);
}

/* No thread moves again before its outcome is known */
static void no_thread_moves_more_often_than_each_120_ms(void **state)
{
	static struct scenario s;
	struct trial_result r;
	u64 seed;

	(void)state;
	for (seed = 1; seed <= 20; seed++) {
		struct trial t = {
			.scenario = &s, .policy = TRIAL_MANAGE, .seed = seed,
		};

		vary_any(&s, seed);
		trial_run(&t, &r);
		check_case(r.most_moves <= s.duration_ns / DAM_OUTCOME_NS, seed);
		trial_free(&r);
		scenario_free(&s);
	}
}

static bool towards_throughput;

static void set_weights(struct dam_params *p)
{
	p->weight_throughput_e4 = towards_throughput ? 10000 : 0;
	p->weight_latency_e4 = 10000 - p->weight_throughput_e4;
}

static void weights_decide_between_bulk_and_small(void **state)
{
	static struct scenario s;
	struct trial_result fast, soon;
	struct trial t = {
		.scenario = &s, .policy = TRIAL_MANAGE, .params = set_weights,
	};
	u64 v;

	(void)state;
	for (v = 0; v < 4; v++) {
		load("bulk_small", v, &s);
		t.seed = v + 1;
		towards_throughput = true;
		trial_run(&t, &fast);
		towards_throughput = false;
		trial_run(&t, &soon);
		check_case(fast.bytes * 10 > soon.bytes * 15, v);
		check_case(fast.wait_p50_ns > soon.wait_p50_ns * 10, v);
		trial_free(&fast);
		trial_free(&soon);
		scenario_free(&s);
	}
}

/* The oracle has the right placement from the start */
static void step_is_answered_within_50_ms(void **state)
{
	static struct scenario s;
	struct trial_result managed, best;
	struct trial t = { .scenario = &s, .effort = EFFORT };
	u64 got = 0, could = 0;
	u32 seed, w;

	(void)state;
	for (seed = 1; seed <= 5; seed++) {
		load("skewed_4", seed, &s);
		t.seed = seed;
		t.policy = TRIAL_MANAGE;
		trial_run(&t, &managed);
		t.policy = TRIAL_ORACLE;
		trial_run(&t, &best);
		got = 0;
		could = 0;
		for (w = 50 / WINDOW_MS; w < 150 / WINDOW_MS; w++) {
			got += managed.windows[w];
			could += best.windows[w];
		}
		check_case(got * 100 >= could * 95, seed);
		trial_free(&managed);
		trial_free(&best);
		scenario_free(&s);
	}
}

#define test(name)	cmocka_unit_test(name)

int main(void)
{
	check_list(tests) = {
		test(throughput_is_near_the_oracles),
		test(throughput_is_never_far_below_nobodys),
		test(waits_on_stationary_loads_are_near_the_oracles),
		test(heavy_tailed_loads_wait_less_than_without_moves),
		test(uniform_load_is_left_alone),
		test(no_thread_goes_back_after_a_move_in_vain),
		test(no_thread_moves_more_often_than_each_120_ms),
		test(weights_decide_between_bulk_and_small),
		test(step_is_answered_within_50_ms),
	};

	return cmocka_run_group_tests_name("place", tests, run_all, free_all);
}

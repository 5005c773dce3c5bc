// SPDX-License-Identifier: GPL-2.0
/* ENERGY_BIAS on a simulated machine: what is left alone, and what that costs. */
#include "check.h"
#include "manager.h"

#define SEEDS		5
#define MB		1000000ULL
#define MS		1000000ULL
#define BURST_MS	2400
#define BURSTS		12
/* By then the period is known */
#define FIRST_BURST	6

static struct scenario s;
static struct sim sim;
static struct manager m;

static int clean_up(void **state)
{
	(void)state;
	manager_stop(&m);
	sim_stop(&sim);
	scenario_free(&s);
	return 0;
}

static struct scenario_thread *paced(u16 engine, u64 bps)
{
	struct scenario_thread *t = scenario_thread(&s, engine);

	t->demand = DEMAND_CONST;
	t->depth = 16;
	t->low_bps = (double)bps;
	t->uneven = 0.2;
	return t;
}

/* Two engines of 400 MB/s, that have shown what they can do */
static void two_engines(void)
{
	clean_up(NULL);
	scenario_init(&s);
	s.duration_ns = 100000 * MS;
	scenario_cpus(&s, 0, 4);
	scenario_cpus(&s, 1, 4);
	scenario_engine(&s, 400 * MB, 0);
	scenario_engine(&s, 400 * MB, 1);
}

static void start(u64 seed, u32 bias_e4)
{
	sim_start(&sim, &s, seed, 0);
	manager_start(&m, &sim, seed);
	m.params.energy_bias_e4 = bias_e4;
	m.engines[0].capacity.bps = 400 * MB;
	m.engines[1].capacity.bps = 400 * MB;
}

static void run_to(u64 ms)
{
	manager_run(&m, ms * MS);
}

static void light_load_leaves_an_engine_alone(void **state)
{
	u64 ops[2], bytes, seed;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		two_engines();
		paced(0, 80 * MB);
		paced(1, 80 * MB);
		start(seed, 10000);
		run_to(2000);
		ops[0] = sim.engines[0].ops;
		ops[1] = sim.engines[1].ops;
		run_to(10000);
		check_case(sim.engines[0].ops == ops[0] || sim.engines[1].ops == ops[1],
			   seed);
		check_case(m.n_moves == 1, seed);
		bytes = sim_bytes(&sim);
		check_case(bytes * 100 > 160 * MB * 10 * 98, seed);
	}
}

static bool apart(void)
{
	return sim.threads[0].engine != sim.threads[1].engine;
}

/* One is busy half of the time: packed in between, not when it begins */
static void engine_is_awake_before_a_periodic_burst(void **state)
{
	u32 packed = 0, awake = 0, i;
	struct scenario_thread *t;
	u64 seed;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		two_engines();
		paced(0, 60 * MB);
		t = paced(1, 10 * MB);
		t->demand = DEMAND_SQUARE;
		t->high_bps = 380 * MB;
		t->period_ns = BURST_MS * MS;
		start(seed, 10000);
		for (i = 1; i <= BURSTS; i++) {
			run_to(i * BURST_MS - BURST_MS / 4);
			packed += i > FIRST_BURST && !apart();
			run_to((u64)i * BURST_MS);
			awake += i > FIRST_BURST && apart();
		}
	}
	print_message("of %u bursts, packed before %u, awake at %u\n",
		      SEEDS * (BURSTS - FIRST_BURST), packed, awake);
	assert_true(packed * 10 >= SEEDS * (BURSTS - FIRST_BURST) * 9);
	assert_true(awake * 10 >= SEEDS * (BURSTS - FIRST_BURST) * 9);
}

static void loaded_engines_are_not_packed(void **state)
{
	u64 seed;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		two_engines();
		paced(0, 160 * MB);
		paced(1, 160 * MB);
		start(seed, 10000);
		run_to(10000);
		check_case(!m.n_moves, seed);
	}
}

int main(void)
{
	check_list(tests) = {
		cmocka_unit_test_teardown(light_load_leaves_an_engine_alone, clean_up),
		cmocka_unit_test_teardown(engine_is_awake_before_a_periodic_burst, clean_up),
		cmocka_unit_test_teardown(loaded_engines_are_not_packed, clean_up),
	};

	return cmocka_run_group_tests_name("energy", tests, NULL, NULL);
}

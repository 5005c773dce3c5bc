// SPDX-License-Identifier: GPL-2.0
/*
 * The policy in a closed loop with a machine in small: does it come to rest,
 * where, and how soon, with figures as coarse and uneven as a kernel's.
 */
#include "check.h"
#include "manager.h"

#define MB	1000000ULL
#define MS	1000000ULL
#define KIB	1024
#define SEEDS	4

static struct scenario s;
static struct sim sim;
static struct manager m;
static bool running;

static int tidy(void **state)
{
	(void)state;
	if (running) {
		manager_stop(&m);
		sim_stop(&sim);
	}
	running = false;
	return 0;
}

static void fresh(void)
{
	tidy(NULL);
	scenario_init(&s);
	s.duration_ns = 60000 * MS;
	scenario_cpus(&s, 0, 4);
	scenario_cpus(&s, 1, 4);
}

static void start(u64 seed)
{
	sim_start(&sim, &s, seed, 0);
	manager_start(&m, &sim, seed);
	running = true;
}

static void run_to(u32 ms)
{
	manager_run(&m, ms * MS);
}

static void engines(u32 n, u64 bps)
{
	u32 i;

	for (i = 0; i < n; i++)
		scenario_engine(&s, bps, i * 2 / n);
}

static void closed(u32 n, u16 engine, u32 size, u32 depth)
{
	while (n--) {
		struct scenario_thread *t = scenario_thread(&s, engine);

		t->size = size;
		t->depth = depth;
	}
}

static struct scenario_thread *paced(u16 engine, u64 bps, double uneven)
{
	struct scenario_thread *t = scenario_thread(&s, engine);

	t->demand = DEMAND_CONST;
	t->depth = SCENARIO_DEPTH_MAX;
	t->low_bps = (double)bps;
	t->uneven = uneven;
	return t;
}

/* Bytes in the @ms after the first @skip_ms */
static u64 bytes_after(u32 skip_ms, u32 ms)
{
	u64 before;

	run_to(skip_ms);
	before = sim_bytes(&sim);
	run_to(skip_ms + ms);
	return sim_bytes(&sim) - before;
}

static void skewed(u64 seed, u64 bps, u32 size, u32 depth)
{
	fresh();
	engines(2, bps);
	closed(4, 0, size, depth);
	start(seed);
}

static void skewed_start_takes_two_moves_in_the_first_tick(void **state)
{
	u64 seed;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		skewed(seed, 1000 * MB, 64 * KIB, 4);
		run_to(13);
		check_case(m.n_moves == 2, seed);
		run_to(5000);
		check_case(m.n_moves == 2, seed);
	}
}

static void skewed_start_doubles_the_throughput(void **state)
{
	u64 alone, seed;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		skewed(seed, 400 * MB, 64 * KIB, 1);
		sim_run(&sim, 1000 * MS);
		alone = sim_bytes(&sim);
		skewed(seed, 400 * MB, 64 * KIB, 1);
		check_case(bytes_after(1000, 1000) * 10 > alone * 19, seed);
	}
}

static void skewed_start_of_large_operations_is_balanced(void **state)
{
	u64 seed;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		/* one operation takes a whole tick */
		skewed(seed, 100 * MB, 1024 * KIB, 1);
		check_case(bytes_after(1000, 2000) > 380 * MB, seed);
		check_case(m.n_moves <= 3, seed);
	}
}

static void skewed_start_with_bad_figures_is_balanced(void **state)
{
	u64 seed;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		skewed(seed, 400 * MB, 64 * KIB, 2);
		s.noise = 0.05;
		s.unseen = 0.1;
		m.lost = 0.05;
		check_case(bytes_after(1000, 4000) > 3100 * MB, seed);
		check_case(m.n_moves <= 4, seed);
	}
}

static void threads_that_start_one_by_one_are_balanced(void **state)
{
	u64 seed;
	u32 i;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		fresh();
		engines(2, 400 * MB);
		closed(4, 0, 64 * KIB, 2);
		for (i = 0; i < 4; i++)
			s.threads[i].begins_ns = i * (7 * MS);
		start(seed);
		check_case(bytes_after(1000, 1000) > 780 * MB, seed);
		check_case(m.n_moves <= 4, seed);
	}
}

static void two_array_threads_are_parted_for_good(void **state)
{
	u64 seed;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		fresh();
		engines(2, 30 * MB);
		/* parity of single pages, with work of their own in between */
		closed(2, 0, 4 * KIB, 8);
		s.threads[0].think_ns = 200000;
		s.threads[1].think_ns = 300000;
		start(seed);
		check_case(bytes_after(1000, 4000) > 230 * MB, seed);
		check_case(m.n_moves == 1, seed);
	}
}

static void eight_threads_spread_over_four_engines(void **state)
{
	u64 seed;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		fresh();
		engines(4, 400 * MB);
		closed(8, 0, 64 * KIB, 2);
		start(seed);
		check_case(bytes_after(500, 1000) > 1560 * MB, seed);
		check_case(m.n_moves == 6, seed);
	}
}

static void unequal_engines_are_all_used(void **state)
{
	u64 seed;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		fresh();
		scenario_engine(&s, 400 * MB, 0);
		scenario_engine(&s, 200 * MB, 0);
		scenario_engine(&s, 100 * MB, 1);
		closed(7, 2, 64 * KIB, 2);
		start(seed);
		check_case(bytes_after(1000, 4000) > 2740 * MB, seed);
		check_case(m.n_moves <= 10, seed);
	}
}

static void uniform_saturated_load_is_left_alone(void **state)
{
	u64 seed;
	u32 i;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		fresh();
		engines(4, 400 * MB);
		s.noise = 0.05;
		for (i = 0; i < 16; i++)
			closed(1, i % 4, 64 * KIB, 2);
		start(seed);
		m.lost = 0.02;
		run_to(10000);
		check_case(!m.n_moves, seed);
	}
}

static void uniform_free_load_is_left_alone(void **state)
{
	u64 seed;
	u32 i;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		fresh();
		engines(4, 400 * MB);
		s.noise = 0.05;
		for (i = 0; i < 16; i++)
			paced(i % 4, 60 * MB, 1);
		start(seed);
		run_to(10000);
		check_case(!m.n_moves, seed);
	}
}

/* It tries the other engine once; both are alike, and it stays */
static void single_thread_moves_once(void **state)
{
	u32 size = 4 * KIB;
	u64 seed;

	(void)state;
	for (seed = 0; seed < 3ULL * SEEDS; seed++) {
		fresh();
		engines(2, 400 * MB);
		s.noise = 0.05;
		closed(1, 0, size << (seed % 3 * 4), 2);
		start(seed);
		run_to(5000);
		check_case(m.n_moves <= 1, seed);
	}
}

/* What made moves until 10 s makes none until 60 s */
static void trials_end(u64 seed)
{
	u32 n;

	start(seed);
	run_to(10000);
	n = m.n_moves;
	run_to(60000);
	check_case(n && m.n_moves == n && !m.pingpong, seed);
}

static void engine_that_stays_unknown_is_tried_once(void **state)
{
	u64 seed;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		fresh();
		scenario_engine(&s, 500 * MB, 0);
		scenario_engine(&s, 4000 * MB, 0);
		scenario_engine(&s, 100 * MB, 0);
		closed(1, 2, 64 * KIB, 4);
		s.threads[0].bound = true;
		paced(0, 600 * MB, 0);
		trials_end(seed);
		check_case(m.n_moves == 1 && sim.threads[1].engine == 1, seed);
	}
}

static void fastest_engine_is_left_for_few_slower_ones(void **state)
{
	u64 seed;
	u32 i;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		fresh();
		for (i = 0; i < 32; i++)
			scenario_engine(&s, i ? (1000 - 30 * i) * MB : 2000 * MB, 0);
		closed(1, 0, 64 * KIB, 4);
		trials_end(seed);
		check_case(m.n_moves <= 4 && sim.threads[0].engine == 0, seed);
	}
}

static void odd_thread_does_not_wander_between_full_engines(void **state)
{
	u64 seed;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		fresh();
		engines(2, 400 * MB);
		s.noise = 0.05;
		closed(2, 0, 64 * KIB, 2);
		closed(1, 1, 64 * KIB, 2);
		start(seed);
		run_to(10000);
		check_case(!m.n_moves, seed);
	}
}

static void squares_out_of_phase_find_their_place(void **state)
{
	u64 seed;
	u32 i;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		fresh();
		engines(2, 400 * MB);
		for (i = 0; i < 4; i++) {
			struct scenario_thread *t = paced(i / 2, 0, 0.2);

			t->demand = DEMAND_SQUARE;
			t->high_bps = 300 * MB;
			t->period_ns = 500 * MS;
			t->phase_ns = i / 2 * (250 * MS);
		}
		start(seed);
		/* those that are busy together end apart, and stay there */
		run_to(1000);
		check_case(m.n_moves >= 2 && m.n_moves <= 4, seed);
		run_to(6000);
		check_case(m.n_moves <= 6, seed);
	}
}

static void load_that_flips(u64 seed, u32 threads, u32 max_moves)
{
	u32 i;

	fresh();
	engines(2, 400 * MB);
	for (i = 0; i < threads; i++) {
		struct scenario_thread *t = paced(i * 4 / threads / 3, 40 * MB, 0.2);

		t->demand = DEMAND_FLIP;
		t->high_bps = 240 * MB;
	}
	start(seed);
	m.params.max_moves = max_moves;
}

static void load_that_flips_when_moved_is_moved_rarely(void **state)
{
	u32 first;
	u64 seed;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		load_that_flips(seed, 4, 20);
		run_to(10000);
		first = m.n_moves;
		run_to(20000);
		/* four threads, each at rest for longer and longer */
		check_case(m.n_moves - first <= 40, seed);
		check_case(m.failures > m.successes, seed);
	}
}

static void no_second_exceeds_the_budget(void **state)
{
	u64 seed;
	u32 i, j;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		load_that_flips(seed, 16, 5);
		run_to(5000);
		/* any second: one second's tokens saved up, and one's filled */
		for (i = 0; i < m.n_moves; i++) {
			for (j = i; j < m.n_moves; j++)
				if (m.log[j].at_ns - m.log[i].at_ns > 1000 * MS)
					break;
			check_case(j - i <= 10, seed);
		}
		check_case(m.n_moves > 5, seed);
	}
}

static void successes_are_recognised_as_such(void **state)
{
	u64 seed;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		skewed(seed, 1000 * MB, 64 * KIB, 4);
		run_to(1000);
		check_case(m.successes == 2, seed);
		check_case(!m.failures, seed);
	}
}

static void same_seed_gives_the_same_run(void **state)
{
	u64 bytes;
	u32 moves;

	(void)state;
	skewed(1, 400 * MB, 64 * KIB, 2);
	run_to(1000);
	bytes = sim_bytes(&sim);
	moves = m.n_moves;
	skewed(1, 400 * MB, 64 * KIB, 2);
	run_to(1000);
	assert_int_equal(sim_bytes(&sim), bytes);
	assert_int_equal(m.n_moves, moves);
}

static void nothing_is_lost_between_submission_and_completion(void **state)
{
	u64 submitted = 0, in_flight = 0;
	u32 i;

	(void)state;
	skewed(1, 400 * MB, 64 * KIB, 2);
	run_to(777);
	for (i = 0; i < 4; i++) {
		submitted += sim.threads[i].submitted;
		in_flight += (u64)sim.threads[i].in_flight * 64 * KIB;
	}
	assert_int_equal(submitted, sim_bytes(&sim) + in_flight);
	assert_int_equal(in_flight, 8ULL * 64 * KIB);
}

static void engine_is_as_busy_as_its_operations_take(void **state)
{
	(void)state;
	fresh();
	scenario_engine(&s, 1000 * MB, 0);
	s.engines[0].latency_ns = 34464;
	/* 65.536 us and 34.464 us: a tenth of a millisecond, twice a millisecond */
	paced(0, 131072000, 0);
	start(1);
	sim_run(&sim, 1000 * MS);
	assert_in_range(sim_busy_ns(&sim, 0), 199 * MS, 201 * MS);
	assert_in_range(sim_depth_ns(&sim, 0), 199 * MS, 201 * MS);
}

#define test(name)	cmocka_unit_test_teardown(name, tidy)

int main(void)
{
	check_list(tests) = {
		test(skewed_start_takes_two_moves_in_the_first_tick),
		test(skewed_start_doubles_the_throughput),
		test(skewed_start_of_large_operations_is_balanced),
		test(skewed_start_with_bad_figures_is_balanced),
		test(threads_that_start_one_by_one_are_balanced),
		test(two_array_threads_are_parted_for_good),
		test(eight_threads_spread_over_four_engines),
		test(unequal_engines_are_all_used),
		test(uniform_saturated_load_is_left_alone),
		test(uniform_free_load_is_left_alone),
		test(single_thread_moves_once),
		test(engine_that_stays_unknown_is_tried_once),
		test(fastest_engine_is_left_for_few_slower_ones),
		test(odd_thread_does_not_wander_between_full_engines),
		test(squares_out_of_phase_find_their_place),
		test(load_that_flips_when_moved_is_moved_rarely),
		test(no_second_exceeds_the_budget),
		test(successes_are_recognised_as_such),
		test(same_seed_gives_the_same_run),
		test(nothing_is_lost_between_submission_and_completion),
		test(engine_is_as_busy_as_its_operations_take),
	};

	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}

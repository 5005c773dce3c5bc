// SPDX-License-Identifier: GPL-2.0
/*
 * The policy in a closed loop with a machine in small: does it come to rest,
 * where, and how soon, with figures as coarse and uneven as a kernel's.
 */
#include "check.h"
#include "loop.h"

#define MB	1000000ULL
#define KIB	1024
#define SEEDS	4

static struct loop l;

static void fresh(u64 seed)
{
	loop_done(&l);
	loop_init(&l, seed);
}

static int tidy(void **state)
{
	(void)state;
	loop_done(&l);
	return 0;
}

static void engines(u32 n, u64 bps)
{
	u32 i;

	for (i = 0; i < n; i++)
		loop_engine(&l, bps, i * 2 / n);
}

/* Bytes in the @ms after the first @skip_ms */
static u64 bytes_after(u32 skip_ms, u32 ms)
{
	u64 before;

	loop_run(&l, skip_ms);
	before = loop_bytes(&l);
	loop_run(&l, ms);
	return loop_bytes(&l) - before;
}

static void skewed(u64 seed, u64 bps, u32 op_bytes, u32 depth)
{
	int i;

	fresh(seed);
	engines(2, bps);
	for (i = 0; i < 4; i++)
		loop_closed(&l, 0, op_bytes, depth, 0);
}

static void skewed_start_takes_two_moves_in_the_first_tick(void **state)
{
	u64 seed;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		skewed(seed, 1000 * MB, 64 * KIB, 4);
		loop_run(&l, 8);
		check_case(l.n_moves == 2, seed);
		loop_run(&l, 5000);
		check_case(l.n_moves == 2, seed);
	}
}

static void skewed_start_doubles_the_throughput(void **state)
{
	u64 alone, seed;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		skewed(seed, 400 * MB, 64 * KIB, 1);
		l.manage = false;
		alone = bytes_after(1000, 1000);
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
		check_case(l.n_moves <= 3, seed);
	}
}

static void skewed_start_with_bad_figures_is_balanced(void **state)
{
	u64 seed;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		skewed(seed, 400 * MB, 64 * KIB, 2);
		l.noise_q16 = 3277;
		l.unattributed_pct = 10;
		l.lost_pct = 5;
		check_case(bytes_after(1000, 4000) > 3100 * MB, seed);
		check_case(l.n_moves <= 4, seed);
	}
}

static void threads_that_start_one_by_one_are_balanced(void **state)
{
	u64 seed;
	int i;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		fresh(seed);
		engines(2, 400 * MB);
		for (i = 0; i < 4; i++) {
			loop_closed(&l, 0, 64 * KIB, 2, 0);
			loop_run(&l, 7);
		}
		check_case(bytes_after(1000, 1000) > 780 * MB, seed);
		check_case(l.n_moves <= 4, seed);
	}
}

static void two_array_threads_are_parted_for_good(void **state)
{
	u64 seed;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		fresh(seed);
		engines(2, 30 * MB);
		/* parity of single pages, with work of their own in between */
		loop_closed(&l, 0, 4 * KIB, 8, 200000);
		loop_closed(&l, 0, 4 * KIB, 8, 300000);
		check_case(bytes_after(1000, 4000) > 230 * MB, seed);
		check_case(l.n_moves == 1, seed);
	}
}

static void eight_threads_spread_over_four_engines(void **state)
{
	u64 seed;
	int i;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		fresh(seed);
		engines(4, 400 * MB);
		for (i = 0; i < 8; i++)
			loop_closed(&l, 0, 64 * KIB, 2, 0);
		check_case(bytes_after(500, 1000) > 1560 * MB, seed);
		check_case(l.n_moves == 6, seed);
	}
}

static void unequal_engines_are_all_used(void **state)
{
	u64 seed;
	int i;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		fresh(seed);
		loop_engine(&l, 400 * MB, 0);
		loop_engine(&l, 200 * MB, 0);
		loop_engine(&l, 100 * MB, 1);
		for (i = 0; i < 7; i++)
			loop_closed(&l, 2, 64 * KIB, 2, 0);
		check_case(bytes_after(1000, 4000) > 2740 * MB, seed);
		check_case(l.n_moves <= 10, seed);
	}
}

static void uniform_saturated_load_is_left_alone(void **state)
{
	u64 seed;
	int i;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		fresh(seed);
		engines(4, 400 * MB);
		l.noise_q16 = 3277;
		l.lost_pct = 2;
		for (i = 0; i < 16; i++)
			loop_closed(&l, i % 4, 64 * KIB, 2, 0);
		loop_run(&l, 10000);
		check_case(!l.n_moves, seed);
	}
}

static void uniform_free_load_is_left_alone(void **state)
{
	u64 seed;
	int i;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		fresh(seed);
		engines(4, 400 * MB);
		l.noise_q16 = 3277;
		for (i = 0; i < 16; i++)
			loop_open(&l, i % 4, 64 * KIB, 60 * MB, 1);
		loop_run(&l, 10000);
		check_case(!l.n_moves, seed);
	}
}

static void single_thread_never_moves(void **state)
{
	u32 op_bytes = 4 * KIB;
	u64 seed;

	(void)state;
	for (seed = 0; seed < 3ULL * SEEDS; seed++) {
		fresh(seed);
		engines(2, 400 * MB);
		l.noise_q16 = 3277;
		loop_closed(&l, 0, op_bytes << (seed % 3 * 4), 2, 0);
		loop_run(&l, 5000);
		check_case(!l.n_moves, seed);
	}
}

static void odd_thread_does_not_wander_between_full_engines(void **state)
{
	u64 seed;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		fresh(seed);
		engines(2, 400 * MB);
		l.noise_q16 = 3277;
		loop_closed(&l, 0, 64 * KIB, 2, 0);
		loop_closed(&l, 0, 64 * KIB, 2, 0);
		loop_closed(&l, 1, 64 * KIB, 2, 0);
		loop_run(&l, 10000);
		check_case(!l.n_moves, seed);
	}
}

static void squares_out_of_phase_find_their_place(void **state)
{
	u64 seed;
	int i;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		fresh(seed);
		engines(2, 400 * MB);
		for (i = 0; i < 4; i++) {
			struct loop_thread *t;

			t = &l.threads[loop_open(&l, i / 2, 64 * KIB, 300 * MB,
						 0.2)];
			t->on_ns = 250 * MB;
			t->off_ns = 250 * MB;
			t->phase_ns = i / 2 * 250ULL * MB;
		}
		/* those that are busy together end apart, and stay there */
		loop_run(&l, 1000);
		check_case(l.n_moves >= 2 && l.n_moves <= 4, seed);
		loop_run(&l, 5000);
		check_case(l.n_moves <= 6, seed);
	}
}

static void load_that_flips_when_moved_is_moved_rarely(void **state)
{
	u32 first;
	u64 seed;
	int i;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		fresh(seed);
		engines(2, 400 * MB);
		l.adverse = true;
		for (i = 0; i < 4; i++)
			loop_open(&l, i / 3, 64 * KIB, 130 * MB, 0.2);
		loop_run(&l, 10000);
		first = l.n_moves;
		loop_run(&l, 10000);
		/* four threads, each at rest for longer and longer */
		check_case(l.n_moves - first <= 40, seed);
		check_case(l.failures > l.successes, seed);
	}
}

static void no_tick_exceeds_the_budget(void **state)
{
	u64 seed;
	u32 i, j;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		fresh(seed);
		engines(4, 400 * MB);
		l.params.max_moves = 5;
		l.adverse = true;
		for (i = 0; i < 16; i++)
			loop_open(&l, 0, 64 * KIB, 60 * MB, 0.5);
		loop_run(&l, 5000);
		/* any second: one second's tokens saved up, and one's filled */
		for (i = 0; i < l.n_moves && i < LOOP_MOVES; i++) {
			for (j = i; j < l.n_moves && j < LOOP_MOVES; j++)
				if (l.moves[j].at_ns - l.moves[i].at_ns >
				    1000 * MB)
					break;
			check_case(j - i <= 10, seed);
		}
	}
}

static void successes_are_recognised_as_such(void **state)
{
	u64 seed;

	(void)state;
	for (seed = 0; seed < SEEDS; seed++) {
		skewed(seed, 1000 * MB, 64 * KIB, 4);
		loop_run(&l, 1000);
		check_case(l.successes == 2, seed);
		check_case(!l.failures, seed);
	}
}

static void same_seed_gives_the_same_run(void **state)
{
	u64 bytes;
	u32 moves;

	(void)state;
	skewed(1, 400 * MB, 64 * KIB, 2);
	loop_run(&l, 1000);
	bytes = loop_bytes(&l);
	moves = l.n_moves;
	skewed(1, 400 * MB, 64 * KIB, 2);
	loop_run(&l, 1000);
	assert_int_equal(loop_bytes(&l), bytes);
	assert_int_equal(l.n_moves, moves);
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
		test(single_thread_never_moves),
		test(odd_thread_does_not_wander_between_full_engines),
		test(squares_out_of_phase_find_their_place),
		test(load_that_flips_when_moved_is_moved_rarely),
		test(no_tick_exceeds_the_budget),
		test(successes_are_recognised_as_such),
		test(same_seed_gives_the_same_run),
	};

	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}

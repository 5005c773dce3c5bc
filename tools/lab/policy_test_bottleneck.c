// SPDX-License-Identifier: GPL-2.0
/* bottleneck.c: load, fair share, and when an engine is called hot. */
#include "check.h"
#include "random.h"
#include "world.h"

static struct world w;

static int fresh(void **state)
{
	(void)state;
	world_init(&w);
	return 0;
}

static void load_is_the_sum_over_threads(void **state)
{
	(void)state;
	world_engine(&w, 100, 0);
	world_engine(&w, 100, 1);
	world_thread(&w, 10, 0);
	world_thread(&w, 20, 0);
	world_thread(&w, 5, 1);
	w.threads[2].pred_bps = WORLD_BPS / 2;
	world_look(&w);
	assert_int_equal(w.engines[0].load_now_bps, WORLD_BPS * 30 / 100);
	assert_int_equal(w.engines[0].load_pred_bps, WORLD_BPS * 30 / 100);
	assert_int_equal(w.engines[1].load_now_bps, WORLD_BPS * 5 / 100);
	assert_int_equal(w.engines[1].load_pred_bps, WORLD_BPS / 2);
}

static void load_of_nobody_is_added_after_a_while(void **state)
{
	int i;

	(void)state;
	world_engine(&w, 100, 0);
	world_thread(&w, 10, 0);
	for (i = 0; i < 100; i++) {
		w.engines[0].busy_bps = WORLD_BPS * 50 / 100;
		w.engines[0].charged_bps = WORLD_BPS * 10 / 100;
		world_look(&w);
	}
	assert_in_range(w.engines[0].load_now_bps, WORLD_BPS * 49 / 100,
			WORLD_BPS * 50 / 100);
}

static void counting_error_is_no_load(void **state)
{
	struct lab_random r = { .state = 1 };
	int i;

	(void)state;
	world_engine(&w, 100, 0);
	for (i = 0; i < 1000; i++) {
		w.engines[0].busy_bps = WORLD_BPS / 2;
		/* a quarter more or less than there was */
		w.engines[0].charged_bps = WORLD_BPS / 4 +
			lab_random_in(&r, 0, WORLD_BPS / 2);
		world_look(&w);
		check_case(w.engines[0].load_now_bps <= WORLD_BPS / 10, i);
	}
}

static void load_may_exceed_the_capacity(void **state)
{
	int i;

	(void)state;
	world_engine(&w, 100, 0);
	world_engine(&w, 100, 0);
	for (i = 0; i < 5; i++) {
		world_thread(&w, 50, 0);
		w.threads[i].pred_bps = 0;
	}
	world_look(&w);
	/* 2.5 against a fair 1.25 */
	assert_int_equal(w.engines[0].excess_q16, 125 * 65536 / 100);
}

static void slightly_hot_is_no_bottleneck(void **state)
{
	int i;

	(void)state;
	world_engine(&w, 100, 0);
	world_engine(&w, 100, 0);
	world_thread(&w, 59, 0);
	world_thread(&w, 41, 1);
	for (i = 0; i < 10; i++)
		assert_int_equal(world_look(&w), 0);
}

static void hot_for_two_ticks_is_a_bottleneck(void **state)
{
	(void)state;
	world_engine(&w, 100, 0);
	world_engine(&w, 100, 0);
	world_thread(&w, 65, 0);
	world_thread(&w, 35, 1);
	assert_int_equal(world_look(&w), 0);
	assert_int_equal(world_look(&w), 1);
	assert_true(w.engines[0].bottleneck);
	assert_false(w.engines[1].bottleneck);
}

static void twice_the_threshold_is_a_bottleneck_at_once(void **state)
{
	(void)state;
	world_engine(&w, 100, 0);
	world_engine(&w, 100, 0);
	world_thread(&w, 75, 0);
	world_thread(&w, 25, 1);
	assert_int_equal(world_look(&w), 1);
}

static void cooler_tick_in_between_starts_again(void **state)
{
	(void)state;
	world_engine(&w, 100, 0);
	world_engine(&w, 100, 0);
	world_thread(&w, 65, 0);
	world_thread(&w, 35, 1);
	world_look(&w);
	w.threads[0].now_bps = WORLD_BPS / 2;
	w.threads[0].pred_bps = WORLD_BPS / 2;
	world_look(&w);
	w.threads[0].now_bps = WORLD_BPS * 65 / 100;
	assert_int_equal(world_look(&w), 0);
}

static void predicted_heat_is_a_bottleneck(void **state)
{
	(void)state;
	world_engine(&w, 100, 0);
	world_engine(&w, 100, 0);
	world_thread(&w, 30, 0);
	world_thread(&w, 30, 1);
	w.threads[0].pred_bps = WORLD_BPS * 90 / 100;
	assert_int_equal(world_look(&w), 1);
	assert_true(w.engines[0].bottleneck);
}

static void few_operations_need_more_ticks(void **state)
{
	int ticks = 0;

	(void)state;
	world_engine(&w, 10, 0);
	world_engine(&w, 10, 0);
	world_thread(&w, 10, 0);
	/* 10^8 bytes/s: about four operations a tick */
	w.threads[0].op_bytes = 256 * 1024;
	while (!world_look(&w) && ticks < 100)
		ticks++;
	assert_in_range(ticks, 5, 15);
}

static void fair_share_goes_by_capacity(void **state)
{
	(void)state;
	world_engine(&w, 400, 0);
	world_engine(&w, 200, 0);
	world_engine(&w, 100, 0);
	world_thread(&w, 200, 0);
	world_thread(&w, 100, 1);
	world_thread(&w, 50, 2);
	world_look(&w);
	assert_in_range(w.engines[0].excess_q16 + 10, 0, 20);
	assert_in_range(w.engines[1].excess_q16 + 10, 0, 20);
	assert_in_range(w.engines[2].excess_q16 + 10, 0, 20);
}

static void engine_that_cannot_do_the_work_has_no_share(void **state)
{
	(void)state;
	world_engine(&w, 100, 0);
	world_engine(&w, 100, 0);
	world_thread(&w, 100, 0);
	w.engines[1].caps = 2;
	assert_int_equal(world_look(&w), 0);
}

static void engine_that_takes_no_threads_has_no_share(void **state)
{
	(void)state;
	world_engine(&w, 100, 0);
	world_engine(&w, 100, 0);
	world_thread(&w, 100, 0);
	w.engines[1].target = false;
	assert_int_equal(world_look(&w), 0);
}

static void bound_load_alone_is_no_bottleneck(void **state)
{
	(void)state;
	world_engine(&w, 100, 0);
	world_engine(&w, 100, 0);
	world_thread(&w, 100, 0);
	w.threads[0].bound = true;
	assert_int_equal(world_look(&w), 0);
}

static void unknown_capacity_is_the_mean_of_its_like(void **state)
{
	(void)state;
	world_engine(&w, 100, 0);
	world_engine(&w, 300, 0);
	world_engine(&w, 900, 0);
	world_engine(&w, 0, 0);
	w.engines[2].caps = 2;
	world_look(&w);
	assert_int_equal(w.engines[3].effective_bps, 2 * WORLD_BPS);
}

static void look(u32 ticks)
{
	while (ticks--)
		world_look(&w);
}

static void few_ticks_are_no_guess(void **state)
{
	(void)state;
	world_engine(&w, 100, 0);
	world_engine(&w, 0, 0);
	w.engines[1].done_bps = WORLD_BPS;
	w.engines[1].busy_q16 = 16384;
	look(3);
	assert_int_equal(w.engines[1].effective_bps, WORLD_BPS);
	look(1);
	assert_int_equal(w.engines[1].effective_bps, 4 * WORLD_BPS);
}

/* Seldom busy, it has no guess */
static void unknown_engine_can_do_what_it_does(void **state)
{
	(void)state;
	world_engine(&w, 100, 0);
	world_engine(&w, 0, 0);
	w.engines[1].done_bps = 2 * WORLD_BPS;
	w.engines[1].busy_q16 = DAM_ONE_Q16 / 8;
	look(1);
	assert_int_equal(w.engines[1].effective_bps, 2 * WORLD_BPS);
	/* so few operations say nothing */
	w.engines[1].busy_q16 = 0;
	look(1);
	assert_int_equal(w.engines[1].effective_bps, WORLD_BPS);
	w.engines[1].done_bps = WORLD_BPS / 2;
	w.engines[1].busy_q16 = DAM_ONE_Q16 / 8;
	look(1);
	assert_int_equal(w.engines[1].effective_bps, WORLD_BPS);
	/* where none is known nothing is compared with it */
	w.engines[0].capacity_bps = 0;
	look(1);
	assert_int_equal(w.engines[1].effective_bps, 0);
}

static void saturated_engine_ends_the_guess(void **state)
{
	(void)state;
	world_engine(&w, 100, 0);
	w.engines[0].guess_bps = 4 * WORLD_BPS;
	w.engines[0].guess_ticks = 16;
	w.engines[0].done_bps = WORLD_BPS;
	w.engines[0].busy_q16 = 65536;
	look(200);
	assert_in_range(w.engines[0].effective_bps, WORLD_BPS, WORLD_BPS / 100 * 101);
}

static void unknown_capacity_is_guessed_from_bytes_in_busy_time(void **state)
{
	(void)state;
	world_engine(&w, 100, 0);
	world_engine(&w, 0, 0);
	w.engines[1].done_bps = WORLD_BPS;
	w.engines[1].busy_q16 = 16384;
	look(16);
	assert_int_equal(w.engines[1].effective_bps, 4 * WORLD_BPS);
	/* one tick that differs is a sixteenth of the guess */
	w.engines[1].busy_q16 = 32768;
	look(1);
	assert_int_equal(w.engines[1].effective_bps, 31 * WORLD_BPS / 8);
	/* an idle tick says nothing */
	w.engines[1].busy_q16 = 0;
	w.engines[1].done_bps = 0;
	world_look(&w);
	assert_int_equal(w.engines[1].effective_bps, 31 * WORLD_BPS / 8);
}

static void capacity_learned_too_low_gives_way_to_the_guess(void **state)
{
	(void)state;
	world_engine(&w, 100, 0);
	w.engines[0].done_bps = WORLD_BPS / 2;
	w.engines[0].busy_q16 = 40000;
	look(4);
	assert_int_equal(w.engines[0].effective_bps, WORLD_BPS);
	w.engines[0].guess_bps = 0;
	w.engines[0].guess_ticks = 0;
	w.engines[0].busy_q16 = 16384;
	look(4);
	assert_int_equal(w.engines[0].effective_bps, 2 * WORLD_BPS);
}

static void no_known_capacity_is_no_bottleneck(void **state)
{
	(void)state;
	world_engine(&w, 0, 0);
	world_engine(&w, 0, 0);
	world_thread(&w, 100, 0);
	assert_int_equal(world_look(&w), 0);
	assert_int_equal(world_plan(&w), 0);
}

static void engine_without_known_like_has_no_share(void **state)
{
	(void)state;
	world_engine(&w, 100, 0);
	world_engine(&w, 100, 0);
	world_engine(&w, 0, 0);
	w.engines[2].caps = 4;
	world_thread(&w, 75, 0);
	world_thread(&w, 25, 1);
	world_thread(&w, 500, 2);
	assert_int_equal(world_look(&w), 1);
	assert_true(w.engines[0].bottleneck);
}

static void thread_without_engine_counts_nowhere(void **state)
{
	(void)state;
	world_engine(&w, 100, 0);
	world_thread(&w, 100, 0);
	w.threads[0].engine = DAM_NO_ENGINE;
	world_look(&w);
	assert_int_equal(w.engines[0].load_now_bps, 0);
}

static void largest_engines_have_a_fair_share(void **state)
{
	u32 e, i;

	(void)state;
	for (e = 0; e < WORLD_ENGINES; e++) {
		world_engine(&w, 100, 0);
		w.engines[e].capacity_bps = DAM_BPS_MAX;
		for (i = 0; i < 5; i++) {
			u32 t = world_thread(&w, 100, e);

			w.threads[t].now_bps = DAM_BPS_MAX;
			w.threads[t].pred_bps = DAM_BPS_MAX;
		}
	}
	world_look(&w);
	for (e = 0; e < WORLD_ENGINES; e++)
		assert_int_equal(w.engines[e].excess_q16, 0);
}

static void nothing_to_look_at_is_no_bottleneck(void **state)
{
	(void)state;
	assert_int_equal(world_look(&w), 0);
	assert_int_equal(world_plan(&w), 0);
}

#define test(name)	cmocka_unit_test_setup(name, fresh)

int main(void)
{
	check_list(tests) = {
		test(load_is_the_sum_over_threads),
		test(load_of_nobody_is_added_after_a_while),
		test(counting_error_is_no_load),
		test(load_may_exceed_the_capacity),
		test(slightly_hot_is_no_bottleneck),
		test(hot_for_two_ticks_is_a_bottleneck),
		test(twice_the_threshold_is_a_bottleneck_at_once),
		test(cooler_tick_in_between_starts_again),
		test(predicted_heat_is_a_bottleneck),
		test(few_operations_need_more_ticks),
		test(fair_share_goes_by_capacity),
		test(engine_that_cannot_do_the_work_has_no_share),
		test(engine_that_takes_no_threads_has_no_share),
		test(bound_load_alone_is_no_bottleneck),
		test(unknown_capacity_is_the_mean_of_its_like),
		test(few_ticks_are_no_guess),
		test(unknown_engine_can_do_what_it_does),
		test(saturated_engine_ends_the_guess),
		test(unknown_capacity_is_guessed_from_bytes_in_busy_time),
		test(capacity_learned_too_low_gives_way_to_the_guess),
		test(no_known_capacity_is_no_bottleneck),
		test(engine_without_known_like_has_no_share),
		test(thread_without_engine_counts_nowhere),
		test(largest_engines_have_a_fair_share),
		test(nothing_to_look_at_is_no_bottleneck),
	};

	return cmocka_run_group_tests_name("bottleneck", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* What becomes of those who have changed places: they stay, or all go back. */
#include "trade_world.h"

/* Both are where they went; what is asked of the fast engine is so much */
static void then_it_has(u32 percent)
{
	u32 i;

	they_change(1);
	w.threads[FILLS].tried = true;
	w.threads[OTHER].tried = true;
	for (i = 0; i < TICKS - 1; i++) {
		w.engines[FAST].charged_bps = world_percent(percent);
		assert_int_equal(world_tick(&w), 0);
		assert_true(w.threads[FILLS].cooling);
		assert_true(w.threads[OTHER].cooling);
	}
	w.engines[FAST].charged_bps = world_percent(percent);
}

static void who_gains_an_eighth_stays(void **state)
{
	(void)state;
	then_it_has(57);
	nobody_moves();
}

static void who_gains_less_goes_back_and_so_do_they(void **state)
{
	(void)state;
	then_it_has(56);
	assert_int_equal(world_tick(&w), 2);
	assert_int_equal(w.threads[FILLS].engine, SLOW);
	assert_int_equal(w.threads[OTHER].engine, FAST);
	assert_int_equal(w.moves[0].purpose, DAM_FOR_RETURN);
	assert_int_equal(w.moves[1].purpose, DAM_FOR_RETURN);
	nobody_moves();
}

static void back_goes_who_may(void **state)
{
	(void)state;
	then_it_has(50);
	w.forbidden = FAST;
	assert_int_equal(world_tick(&w), 1);
	assert_int_equal(w.threads[OTHER].engine, SLOW);
	fresh(NULL);
	then_it_has(50);
	w.threads[OTHER].movable = false;
	assert_int_equal(world_tick(&w), 1);
	fresh(NULL);
	then_it_has(50);
	w.threads[OTHER].bound = true;
	assert_int_equal(world_tick(&w), 1);
	fresh(NULL);
	then_it_has(50);
	w.engines[FAST].target = false;
	assert_int_equal(world_tick(&w), 1);
	assert_int_equal(w.threads[FILLS].engine, SLOW);
	fresh(NULL);
	then_it_has(50);
	w.engines[SLOW].caps = 3;
	w.threads[OTHER].kinds = 2;
	assert_int_equal(world_tick(&w), 1);
	assert_int_equal(w.threads[OTHER].engine, SLOW);
}

/* Somebody else has come there: its place is taken, be those who made room gone or not */
static void nobody_goes_back_to_a_taken_place(void **state)
{
	(void)state;
	then_it_has(50);
	world_thread(&w, 13, SLOW);
	w.threads[2].movable = false;
	assert_int_equal(world_tick(&w), 0);
	assert_int_equal(w.threads[FILLS].engine, FAST);
}

static void who_ended_meanwhile_does_not_go_back(void **state)
{
	(void)state;
	then_it_has(50);
	w.threads[OTHER].engine = DAM_MAX_ENGINES;
	assert_int_equal(world_tick(&w), 1);
	assert_int_equal(w.threads[FILLS].engine, SLOW);
}

static void the_way_back_is_paid_for(void **state)
{
	(void)state;
	w.s.params.max_moves = 4;
	then_it_has(50);
	assert_in_range(w.bucket.tokens_q16, 0, DAM_ONE_Q16);
	assert_int_equal(world_tick(&w), 2);
}

static void what_is_not_needed_for_it_is_given_back(void **state)
{
	(void)state;
	w.s.params.max_moves = 4;
	then_it_has(57);
	assert_in_range(w.bucket.tokens_q16, 0, DAM_ONE_Q16);
	assert_int_equal(world_tick(&w), 0);
	assert_in_range(w.bucket.tokens_q16, 2 * DAM_ONE_Q16, 3 * DAM_ONE_Q16);
	fresh(NULL);
	w.s.params.max_moves = 4;
	they_change(1);
	w.engines[FAST].reserved = true;
	assert_int_equal(world_tick(&w), 1);
	assert_in_range(w.bucket.tokens_q16, DAM_ONE_Q16, 2 * DAM_ONE_Q16);
}

static void where_no_move_is_allowed_any_more_none_goes_back(void **state)
{
	(void)state;
	then_it_has(50);
	w.s.params.max_moves = 0;
	assert_int_equal(world_tick(&w), 0);
	w.s.params.max_moves = 20;
	assert_int_equal(world_tick(&w), 2);
}

/* Its mask could not be set, say */
static void without_the_thread_the_others_go_back(void **state)
{
	(void)state;
	they_change(1);
	w.threads[FILLS].engine = SLOW;
	assert_int_equal(world_tick(&w), 1);
	assert_int_equal(w.moves[0].thread, OTHER);
	assert_int_equal(w.threads[OTHER].engine, FAST);
	assert_int_equal(w.moves[0].purpose, DAM_FOR_RETURN);
}

static void without_one_of_the_others_all_go_back(void **state)
{
	(void)state;
	they_change(1);
	w.engines[FAST].charged_bps = world_percent(100);
	w.threads[OTHER].engine = FAST;
	assert_int_equal(world_tick(&w), 1);
	assert_int_equal(w.moves[0].thread, FILLS);
	assert_int_equal(w.threads[FILLS].engine, SLOW);
}

/* What others asked there would be taken for the thread's */
static void nobody_else_is_sent_to_the_fast_engine_meanwhile(void **state)
{
	u32 i;

	(void)state;
	they_change(1);
	w.threads[FILLS].tried = true;
	world_engine(&w, 50, 0);
	world_thread(&w, 30, 2);
	world_thread(&w, 30, 2);
	for (i = 0; i < TICKS - 1; i++)
		assert_int_equal(world_tick(&w), 0);
	w.engines[FAST].charged_bps = world_percent(100);
	assert_int_not_equal(moves_soon(), 0);
}

/* Real-time threads' now: those of others are let go, so that they can be sent off */
static void where_only_others_belong_by_now_it_is_over(void **state)
{
	(void)state;
	they_change(1);
	w.engines[SLOW].reserved = true;
	assert_int_equal(world_tick(&w), 1);
	assert_int_equal(w.moves[0].thread, OTHER);
	assert_int_equal(w.moves[0].purpose, DAM_FOR_RESERVED);
}

#define test(name)	cmocka_unit_test_setup(name, fresh)

int main(void)
{
	check_list(tests) = {
		test(who_gains_an_eighth_stays),
		test(who_gains_less_goes_back_and_so_do_they),
		test(back_goes_who_may),
		test(nobody_goes_back_to_a_taken_place),
		test(who_ended_meanwhile_does_not_go_back),
		test(the_way_back_is_paid_for),
		test(what_is_not_needed_for_it_is_given_back),
		test(where_no_move_is_allowed_any_more_none_goes_back),
		test(without_the_thread_the_others_go_back),
		test(without_one_of_the_others_all_go_back),
		test(nobody_else_is_sent_to_the_fast_engine_meanwhile),
		test(where_only_others_belong_by_now_it_is_over),
	};

	return cmocka_run_group_tests_name("traded", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* Who leaves a reserved engine, and where for. */
#include "check.h"
#include "learn.h"
#include "world.h"

#define CROWD	100

static struct world w;

/* Two free engines and a reserved one */
static int fresh(void **state)
{
	(void)state;
	world_init(&w);
	world_engine(&w, 100, 0);
	world_engine(&w, 100, 1);
	world_engine(&w, 100, 1);
	w.engines[2].reserved = true;
	return 0;
}

static u32 decide(void)
{
	world_next(&w);
	world_look(&w);
	return world_plan(&w);
}

static void bulk_leaves_for_the_least_loaded_engine(void **state)
{
	(void)state;
	world_thread(&w, 40, 0);
	world_thread(&w, 20, 1);
	world_thread(&w, 5, 2);
	assert_int_equal(decide(), 1);
	assert_int_equal(w.threads[2].engine, 1);
	assert_int_equal(w.moves[0].promised_q16, 0);
	assert_int_equal(decide(), 0);
}

static void it_leaves_for_a_full_engine_if_there_is_no_other(void **state)
{
	(void)state;
	world_thread(&w, 150, 0);
	w.engines[1].target = false;
	world_thread(&w, 20, 2);
	assert_int_equal(decide(), 1);
	assert_int_equal(w.threads[1].engine, 0);
}

static void it_leaves_for_another_where_it_may_not_go_to_the_first(void **state)
{
	(void)state;
	world_thread(&w, 40, 0);
	world_thread(&w, 20, 2);
	w.forbidden = 1;
	assert_int_equal(decide(), 1);
	assert_int_equal(w.threads[1].engine, 0);
}

static void it_stays_where_nobody_else_can_do_its_work(void **state)
{
	(void)state;
	world_thread(&w, 20, 2);
	w.engines[2].caps = 3;
	w.threads[0].kinds = 2;
	assert_int_equal(decide(), 0);
}

static void real_time_threads_stay(void **state)
{
	(void)state;
	world_thread(&w, 20, 2);
	w.threads[0].rt = true;
	assert_int_equal(decide(), 0);
}

static void bound_and_unmovable_ones_and_those_just_moved_stay(void **state)
{
	u32 t;

	(void)state;
	for (t = 0; t < 3; t++)
		world_thread(&w, 5, 2);
	w.threads[0].bound = true;
	w.threads[1].movable = false;
	world_look(&w);
	w.threads[2].cooling = true;
	assert_int_equal(world_plan(&w), 0);
}

static void who_asks_next_to_nothing_stays(void **state)
{
	(void)state;
	world_thread(&w, 20, 2);
	w.threads[0].now_bps = WORLD_BPS / 2000;
	w.threads[0].pred_bps = WORLD_BPS / 2000;
	assert_int_equal(decide(), 0);
}

static void budget_counts_for_them_too(void **state)
{
	u32 t;

	(void)state;
	for (t = 0; t < 10; t++)
		world_thread(&w, 5, 2);
	w.s.params.max_moves = 4;
	assert_int_equal(decide(), 4);
}

/* The engine that takes the last thread; no other is taken by any */
static u32 taker;

static bool taken_by_one(void *ctx, u32 t, u32 e)
{
	(void)ctx;
	w.asked++;
	return e == taker && t + 1 == w.s.n_threads;
}

static u32 moves_in(u32 ticks)
{
	u32 n = 0;

	while (ticks--)
		n += decide();
	return n;
}

static void none_that_would_take_it_is_forgotten(void **state)
{
	u32 e;

	(void)state;
	taker = 8;
	for (e = 3; e < 10; e++)
		world_engine(&w, 100, 0);
	world_thread(&w, 30, taker);
	w.threads[0].movable = false;
	world_thread(&w, 10, 2);
	w.s.allowed = taken_by_one;
	assert_int_equal(moves_in(10), 1);
	assert_int_equal(w.threads[1].engine, taker);
}

/* All of its threads on the reserved engine, which is no bottleneck for that */
static void crowd(void)
{
	u32 t, e;

	w.s.params.threshold_pct = 100;
	for (e = 3; e < WORLD_ENGINES; e++)
		world_engine(&w, 100, 0);
	for (t = 0; t < CROWD; t++)
		world_thread(&w, 1, 2);
	w.s.allowed = taken_by_one;
}

static void many_that_are_refused_cost_no_more_than_some(void **state)
{
	(void)state;
	crowd();
	taker = WORLD_ENGINES;
	decide();
	assert_in_range(w.asked, 1, 200);
}

static void many_that_are_refused_keep_nobody(void **state)
{
	(void)state;
	crowd();
	taker = 5;
	assert_int_equal(moves_in(20 * WORLD_ENGINES), 1);
}

static void evictions_that_never_come_true_do_not_keep_the_others(void **state)
{
	u32 tick, t;

	(void)state;
	for (t = 0; t < CROWD; t++)
		world_thread(&w, 1, 2);
	world_thread(&w, 60, 0);
	world_thread(&w, 60, 0);
	for (tick = 0; tick < 20; tick++) {
		decide();
		for (t = 0; t < CROWD; t++)
			w.threads[t].engine = 2;
	}
	assert_true(w.threads[CROWD].engine != w.threads[CROWD + 1].engine);
}

static void it_has_come_true_when_the_thread_is_off(void **state)
{
	struct dam_memory m = { 0 };

	(void)state;
	world_thread(&w, 20, 2);
	decide();
	assert_int_equal(dam_achieved_q16(&w.s, 0, 2, 0), 0);
	assert_int_equal(dam_learn_outcome(&m, 0, 0, true), DAM_SUCCESS);
	assert_int_equal(m.outcomes, 0);
	w.threads[0].engine = 2;
	assert_int_equal(dam_achieved_q16(&w.s, 0, 2, 0), -65536);
	assert_int_equal(dam_learn_outcome(&m, 0, -65536, true), DAM_FAILURE);
	assert_true(m.cooldown_ms >= 1000);
}

#define test(name)	cmocka_unit_test_setup(name, fresh)

int main(void)
{
	check_list(tests) = {
		test(bulk_leaves_for_the_least_loaded_engine),
		test(it_leaves_for_a_full_engine_if_there_is_no_other),
		test(it_leaves_for_another_where_it_may_not_go_to_the_first),
		test(it_stays_where_nobody_else_can_do_its_work),
		test(real_time_threads_stay),
		test(bound_and_unmovable_ones_and_those_just_moved_stay),
		test(who_asks_next_to_nothing_stays),
		test(budget_counts_for_them_too),
		test(none_that_would_take_it_is_forgotten),
		test(many_that_are_refused_cost_no_more_than_some),
		test(many_that_are_refused_keep_nobody),
		test(evictions_that_never_come_true_do_not_keep_the_others),
		test(it_has_come_true_when_the_thread_is_off),
	};

	return cmocka_run_group_tests_name("reserved", tests, NULL, NULL);
}

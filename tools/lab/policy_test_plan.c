// SPDX-License-Identifier: GPL-2.0
/* plan.c: which threads move, and which never. */
#include "check.h"
#include "world.h"

static struct world w;

static int fresh(void **state)
{
	(void)state;
	world_init(&w);
	return 0;
}

static u32 decide(void)
{
	world_look(&w);
	return world_plan(&w);
}

/* @n threads asking @percent each, all on engine 0 of @engines equal ones */
static void skewed(u32 n, u32 percent, u32 engines)
{
	u32 i;

	for (i = 0; i < engines; i++)
		world_engine(&w, 100, i % 2);
	for (i = 0; i < n; i++)
		world_thread(&w, percent, 0);
}

static u32 threads_on(u32 engine)
{
	u32 t, n = 0;

	for (t = 0; t < w.s.n_threads; t++)
		n += w.threads[t].engine == engine;
	return n;
}

static void four_on_one_of_two_engines_takes_two_moves(void **state)
{
	(void)state;
	skewed(4, 25, 2);
	assert_int_equal(decide(), 2);
	assert_int_equal(threads_on(1), 2);
	world_next(&w);
	assert_int_equal(decide(), 0);
}

static void engine_never_used_is_a_target(void **state)
{
	(void)state;
	skewed(4, 25, 2);
	w.engines[1].capacity_bps = 0;
	assert_int_equal(decide(), 2);
	world_next(&w);
	assert_int_equal(decide(), 0);
}

static void two_on_one_of_two_engines_takes_one_move(void **state)
{
	(void)state;
	skewed(2, 50, 2);
	assert_int_equal(decide(), 1);
	world_next(&w);
	assert_int_equal(decide(), 0);
}

static void eight_on_one_of_four_engines_end_two_on_each(void **state)
{
	u32 e;

	(void)state;
	skewed(8, 13, 4);
	assert_int_equal(decide(), 6);
	for (e = 0; e < 4; e++)
		assert_int_equal(threads_on(e), 2);
}

static void unequal_engines_are_filled_by_capacity(void **state)
{
	int i;

	(void)state;
	world_engine(&w, 400, 0);
	world_engine(&w, 200, 0);
	world_engine(&w, 100, 1);
	for (i = 0; i < 14; i++)
		world_thread(&w, 29, 0);
	decide();
	assert_in_range(threads_on(0), 7, 9);
	assert_in_range(threads_on(1), 3, 5);
	assert_in_range(threads_on(2), 1, 3);
}

static void balanced_engines_are_left_alone(void **state)
{
	(void)state;
	skewed(2, 50, 2);
	w.threads[1].engine = 1;
	assert_int_equal(decide(), 0);
}

static void single_thread_stays(void **state)
{
	(void)state;
	skewed(1, 100, 2);
	assert_int_equal(decide(), 0);
}

static void three_on_two_full_engines_stay(void **state)
{
	int i;

	(void)state;
	skewed(3, 100, 2);
	w.threads[2].engine = 1;
	for (i = 0; i < 5; i++) {
		assert_int_equal(decide(), 0);
		world_next(&w);
	}
}

static void five_that_want_a_whole_engine_each_end_three_and_two(void **state)
{
	(void)state;
	skewed(5, 100, 2);
	assert_int_equal(decide(), 2);
	world_next(&w);
	assert_int_equal(decide(), 0);
}

static void hottest_engine_comes_first(void **state)
{
	u32 i;

	(void)state;
	for (i = 0; i < 5; i++)
		world_engine(&w, 100, 0);
	for (i = 0; i < 3; i++)
		world_thread(&w, 30, 0);
	for (i = 0; i < 4; i++)
		world_thread(&w, 30, 1);
	for (i = 0; i < 3; i++)
		world_thread(&w, 30, 2);
	decide();
	assert_int_equal(w.moves[0].from, 1);
}

static void move_goes_to_the_coldest_engine(void **state)
{
	(void)state;
	skewed(4, 25, 4);
	world_thread(&w, 20, 1);
	world_thread(&w, 20, 2);
	decide();
	assert_int_equal(w.moves[0].to, 3);
}

static void of_idle_engines_the_fastest_comes_first(void **state)
{
	(void)state;
	skewed(2, 60, 8);
	w.engines[7].capacity_bps = 2 * WORLD_BPS;
	assert_int_equal(decide(), 1);
	assert_int_equal(w.moves[0].to, 7);
}

static void weights_of_zero_move_nothing(void **state)
{
	(void)state;
	skewed(4, 25, 2);
	w.s.params.weight_latency_e4 = 0;
	w.s.params.weight_throughput_e4 = 0;
	assert_int_equal(decide(), 0);
}

static void thread_that_may_not_be_moved_stays(void **state)
{
	(void)state;
	skewed(4, 25, 2);
	w.threads[0].movable = false;
	w.threads[1].movable = false;
	w.threads[2].movable = false;
	assert_int_equal(decide(), 1);
	assert_int_equal(w.moves[0].thread, 3);
}

static void thread_that_cools_stays(void **state)
{
	u32 i, t;

	(void)state;
	skewed(4, 25, 2);
	w.threads[0].cooling = true;
	w.threads[2].cooling = true;
	assert_int_equal(decide(), 2);
	for (i = 0; i < 2; i++) {
		t = w.moves[i].thread;
		assert_true(t == 1 || t == 3);
	}
}

static void engine_that_is_not_allowed_is_passed_over(void **state)
{
	(void)state;
	skewed(4, 25, 3);
	w.forbidden = 1;
	decide();
	assert_int_equal(threads_on(1), 0);
	assert_in_range(threads_on(2), 1, 2);
}

static void any_allowed_engine_is_found_behind_forbidden_ones(void **state)
{
	u32 e;

	(void)state;
	skewed(4, 25, 12);
	/* the ten coldest do what only the one thread asks that stays */
	for (e = 1; e < 11; e++)
		w.engines[e].caps = 2;
	world_thread(&w, 5, 11);
	w.engines[0].caps = 3;
	world_thread(&w, 1, 0);
	w.threads[5].kinds = 2;
	w.threads[5].movable = false;
	assert_int_equal(decide(), 2);
	assert_int_equal(threads_on(11), 3);
}

static void kinds_must_be_among_the_targets(void **state)
{
	(void)state;
	skewed(4, 25, 2);
	w.engines[0].caps = 3;
	w.threads[0].kinds = 2;
	w.threads[1].kinds = 3;
	decide();
	assert_int_equal(w.threads[0].engine, 0);
	assert_int_equal(w.threads[1].engine, 0);
	assert_int_equal(threads_on(1), 2);
}

static void bulk_never_lands_on_a_reserved_engine(void **state)
{
	u32 t;

	(void)state;
	skewed(6, 30, 3);
	w.engines[1].reserved = true;
	assert_int_equal(decide(), 3);
	for (t = 0; t < 6; t++)
		assert_int_not_equal(w.threads[t].engine, 1);
}

static void reserved_engine_is_no_room_for_bulk(void **state)
{
	(void)state;
	skewed(2, 40, 1);
	world_engine(&w, 100, 1);
	w.engines[1].reserved = true;
	assert_int_equal(world_look(&w), 0);
}

static void real_time_threads_move_only_among_reserved_engines(void **state)
{
	u32 t;

	(void)state;
	skewed(4, 40, 3);
	for (t = 0; t < 4; t++)
		w.threads[t].rt = true;
	w.engines[2].reserved = true;
	assert_int_equal(decide(), 0);
	w.engines[0].reserved = true;
	assert_int_equal(decide(), 2);
	for (t = 0; t < 4; t++)
		assert_int_not_equal(w.threads[t].engine, 1);
}

static void bound_thread_is_not_sent_to_another_engine(void **state)
{
	int i;

	(void)state;
	skewed(4, 25, 2);
	for (i = 0; i < 4; i++)
		w.threads[i].bound = true;
	/* one that could be served elsewhere, so that the engine is hot */
	world_thread(&w, 5, 0);
	w.threads[4].movable = false;
	assert_int_equal(decide(), 0);
}

static void bound_thread_far_away_is_brought_near(void **state)
{
	(void)state;
	skewed(1, 60, 2);
	w.threads[0].bound = true;
	w.threads[0].cpu_node = 1;
	assert_int_equal(decide(), 1);
	assert_int_equal(w.moves[0].from, w.moves[0].to);
	assert_true(w.moves[0].promised_q16 > 0);
}

static void bound_thread_near_its_engine_stays(void **state)
{
	(void)state;
	skewed(1, 60, 2);
	w.threads[0].bound = true;
	w.threads[0].cpu_node = 0;
	assert_int_equal(decide(), 0);
}

static void smaller_working_set_moves(void **state)
{
	(void)state;
	skewed(2, 50, 2);
	w.threads[0].working_set_kb = 8192;
	w.threads[1].working_set_kb = 64;
	decide();
	assert_int_equal(w.moves[0].thread, 1);
}

static void memory_on_the_targets_node_moves(void **state)
{
	(void)state;
	skewed(2, 50, 2);
	w.threads[0].mem_node = 0;
	w.threads[1].mem_node = 1;
	decide();
	assert_int_equal(w.moves[0].thread, 1);
	assert_int_equal(w.s.n_threads, 2);
}

static void better_history_moves(void **state)
{
	(void)state;
	skewed(2, 50, 2);
	w.threads[0].history_e4 = 2000;
	w.threads[1].history_e4 = 8000;
	decide();
	assert_int_equal(w.moves[0].thread, 1);
}

static void nearer_of_two_equal_targets_is_chosen(void **state)
{
	(void)state;
	world_engine(&w, 100, 1);
	world_engine(&w, 100, 0);
	world_engine(&w, 100, 1);
	world_thread(&w, 50, 0);
	world_thread(&w, 50, 0);
	w.threads[0].working_set_kb = 1024;
	w.threads[1].working_set_kb = 1024;
	decide();
	assert_int_equal(w.moves[0].to, 2);
}

static void threads_are_not_herded_onto_busy_cpus(void **state)
{
	int i;

	(void)state;
	skewed(8, 12, 2);
	/* each takes a whole CPU; of the target's two one is busy */
	for (i = 0; i < 8; i++)
		w.threads[i].cpu_q16 = 65536;
	w.engines[0].cpus = 16;
	w.engines[0].pressure_q16 = 32768;
	w.engines[1].cpus = 2;
	w.engines[1].pressure_q16 = 32768;
	assert_int_equal(decide(), 1);
}

static void threads_are_spread_where_cpus_have_room(void **state)
{
	int i;

	(void)state;
	skewed(8, 12, 2);
	for (i = 0; i < 8; i++)
		w.threads[i].cpu_q16 = 65536;
	w.engines[0].cpus = 16;
	w.engines[0].pressure_q16 = 32768;
	w.engines[1].cpus = 16;
	assert_int_equal(decide(), 4);
}

static void moves_stop_when_the_budget_is_spent(void **state)
{
	(void)state;
	skewed(16, 6, 4);
	w.s.params.max_moves = 5;
	assert_int_equal(decide(), 5);
	world_next(&w);
	assert_int_equal(decide(), 0);
}

static void budget_refills_with_time(void **state)
{
	(void)state;
	skewed(16, 6, 4);
	w.s.params.max_moves = 5;
	decide();
	world_next(&w);
	w.s.now_ns += 400000000;
	assert_int_equal(decide(), 2);
}

static void budget_never_exceeds_one_seconds(void **state)
{
	u32 t;

	(void)state;
	skewed(40, 3, 4);
	w.s.params.max_moves = 5;
	for (t = 0; t < 40; t++)
		w.threads[t].engine = t % 4;
	assert_int_equal(decide(), 0);
	for (t = 0; t < 40; t++)
		w.threads[t].engine = 0;
	w.s.now_ns += 100ULL * 1000000000;
	assert_int_equal(decide(), 5);
}

static void planned_thread_cools_at_once(void **state)
{
	u32 n;

	(void)state;
	skewed(4, 25, 2);
	n = decide();
	assert_int_equal(n, 2);
	while (n--)
		assert_true(w.threads[w.moves[n].thread].cooling);
}

static void budget_of_zero_moves_nothing(void **state)
{
	(void)state;
	skewed(4, 25, 2);
	w.s.params.max_moves = 0;
	assert_int_equal(decide(), 0);
}

static void clock_going_back_fills_nothing(void **state)
{
	(void)state;
	skewed(16, 6, 4);
	w.s.params.max_moves = 5;
	decide();
	world_next(&w);
	w.s.now_ns = 5;
	assert_int_equal(decide(), 0);
}

static void room_for_moves_is_respected(void **state)
{
	(void)state;
	skewed(8, 13, 4);
	world_look(&w);
	assert_int_equal(dam_plan(&w.s, &w.bucket, w.moves, 3), 3);
	assert_int_equal(dam_plan(&w.s, &w.bucket, w.moves, 0), 0);
}

static void load_follows_each_planned_move(void **state)
{
	(void)state;
	skewed(4, 25, 2);
	decide();
	assert_int_equal(w.engines[0].load_now_bps, WORLD_BPS / 2);
	assert_int_equal(w.engines[1].load_now_bps, WORLD_BPS / 2);
}

static void promise_is_what_going_back_would_lose(void **state)
{
	s32 back;
	u32 i, n;

	(void)state;
	skewed(8, 13, 4);
	n = decide();
	for (i = 0; i < n; i++) {
		back = dam_gain_q16(&w.s, w.moves[i].thread, w.moves[i].to,
				    w.moves[i].from);
		assert_int_equal(w.moves[i].promised_q16, -back);
		assert_true(w.moves[i].promised_q16 > 0);
	}
}

static void each_costed_candidate_is_reported(void **state)
{
	(void)state;
	skewed(2, 50, 2);
	decide();
	assert_in_range(w.reported, 1, 4);
}

static void best_fit_is_found_at_the_end_of_a_long_list(void **state)
{
	u32 i;

	(void)state;
	skewed(0, 0, 2);
	world_thread(&w, 50, 0);
	for (i = 0; i < 100; i++)
		world_thread(&w, 1, 0);
	decide();
	assert_int_equal(w.moves[0].thread, 0);
}

static void many_small_threads_are_spread_too(void **state)
{
	(void)state;
	skewed(100, 1, 2);
	w.s.params.max_moves = 1000;
	assert_in_range(decide(), 40, 50);
}

static void queries_to_allowed_are_bounded(void **state)
{
	u32 e;

	(void)state;
	skewed(400, 1, 40);
	w.forbidden = 1;
	for (e = 2; e < 40; e++)
		w.engines[e].target = false;
	assert_int_equal(decide(), 0);
	assert_in_range(w.asked, 1, 400);
}

#define test(name)	cmocka_unit_test_setup(name, fresh)

int main(void)
{
	check_list(tests) = {
		test(four_on_one_of_two_engines_takes_two_moves),
		test(engine_never_used_is_a_target),
		test(two_on_one_of_two_engines_takes_one_move),
		test(eight_on_one_of_four_engines_end_two_on_each),
		test(unequal_engines_are_filled_by_capacity),
		test(balanced_engines_are_left_alone),
		test(single_thread_stays),
		test(three_on_two_full_engines_stay),
		test(five_that_want_a_whole_engine_each_end_three_and_two),
		test(hottest_engine_comes_first),
		test(move_goes_to_the_coldest_engine),
		test(of_idle_engines_the_fastest_comes_first),
		test(weights_of_zero_move_nothing),
		test(thread_that_may_not_be_moved_stays),
		test(thread_that_cools_stays),
		test(engine_that_is_not_allowed_is_passed_over),
		test(any_allowed_engine_is_found_behind_forbidden_ones),
		test(kinds_must_be_among_the_targets),
		test(bulk_never_lands_on_a_reserved_engine),
		test(reserved_engine_is_no_room_for_bulk),
		test(real_time_threads_move_only_among_reserved_engines),
		test(bound_thread_is_not_sent_to_another_engine),
		test(bound_thread_far_away_is_brought_near),
		test(bound_thread_near_its_engine_stays),
		test(smaller_working_set_moves),
		test(memory_on_the_targets_node_moves),
		test(better_history_moves),
		test(nearer_of_two_equal_targets_is_chosen),
		test(threads_are_not_herded_onto_busy_cpus),
		test(threads_are_spread_where_cpus_have_room),
		test(moves_stop_when_the_budget_is_spent),
		test(budget_refills_with_time),
		test(budget_never_exceeds_one_seconds),
		test(planned_thread_cools_at_once),
		test(budget_of_zero_moves_nothing),
		test(clock_going_back_fills_nothing),
		test(room_for_moves_is_respected),
		test(load_follows_each_planned_move),
		test(promise_is_what_going_back_would_lose),
		test(each_costed_candidate_is_reported),
		test(best_fit_is_found_at_the_end_of_a_long_list),
		test(many_small_threads_are_spread_too),
		test(queries_to_allowed_are_bounded),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}

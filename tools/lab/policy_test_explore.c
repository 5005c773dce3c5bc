// SPDX-License-Identifier: GPL-2.0
/* Who tries an engine of which nothing is known, or one that has more room. */
#include "check.h"
#include "world.h"

#define SOON	8

static struct world w;

/* A thread that fills its engine, one that nobody has used, and a slow one */
static int fresh(void **state)
{
	(void)state;
	world_init(&w);
	world_engine(&w, 100, 0);
	world_engine(&w, 0, 0);
	world_engine(&w, 50, 0);
	world_thread(&w, 100, 0);
	return 0;
}

/* The same, and a faster engine that somebody else uses */
static int beside_a_faster_one(void **state)
{
	fresh(state);
	w.engines[1].capacity_bps = 2 * WORLD_BPS;
	world_thread(&w, 90, 1);
	return 0;
}

/* Weights so small that no known gain is worth a move */
static void no_gain_counts(void)
{
	w.s.params.weight_latency_e4 = 0;
	w.s.params.weight_throughput_e4 = 1;
}

/* And promises nothing */
static void one_goes(void)
{
	assert_int_equal(world_ticks(&w, 3 * SOON), 1);
	assert_int_equal(w.threads[0].engine, 1);
	assert_int_equal(w.moves[0].purpose, DAM_FOR_TRIAL);
	assert_int_equal(w.moves[0].promised_q16, 0);
}

static void who_fills_its_engine_tries_an_unknown_one(void **state)
{
	(void)state;
	assert_int_equal(world_ticks(&w, SOON - 1), 0);
	one_goes();
}

static void nobody_tries_what_is_known(void **state)
{
	(void)state;
	w.engines[1].capacity_bps = WORLD_BPS;
	assert_int_equal(world_ticks(&w, 100), 0);
	fresh(NULL);
	one_goes();
}

/* Too little to tell what it can do: so few operations tell nothing of how busy it is */
static void nobody_tries_what_was_used_once(void **state)
{
	(void)state;
	w.engines[1].done_bps = 1;
	world_look(&w);
	w.engines[1].done_bps = 0;
	assert_int_equal(world_ticks(&w, 100), 0);
}

static void nobody_tries_what_was_in_use(void **state)
{
	(void)state;
	world_thread(&w, 1, 1);
	assert_int_equal(world_ticks(&w, 100), 0);
	world_asks(&w, 1, 0);
	assert_int_equal(world_ticks(&w, 100), 0);
}

static void who_does_not_fill_its_engine_stays(void **state)
{
	(void)state;
	world_asks(&w, 0, 92);
	assert_int_equal(world_ticks(&w, 100), 0);
	w.threads[0].now_bps = WORLD_BPS;
	assert_int_equal(world_ticks(&w, 100), 0);
	world_asks(&w, 0, 92);
	w.threads[0].pred_bps = WORLD_BPS;
	assert_int_equal(world_ticks(&w, 100), 0);
	world_asks(&w, 0, 96);
	one_goes();
}

/* The unknown one is taken for slower: nothing to gain; and it is not alone */
static void who_shares_a_full_engine_stays(void **state)
{
	(void)state;
	world_asks(&w, 0, 85);
	world_thread(&w, 15, 0);
	w.threads[1].bound = true;
	w.engines[2].capacity_bps = WORLD_BPS / 100 * 60;
	world_thread(&w, 60, 2);
	w.threads[2].bound = true;
	assert_int_equal(world_ticks(&w, 100), 0);
	world_asks(&w, 0, 95);
	world_asks(&w, 1, 5);
	one_goes();
}

static void engine_of_unknown_capacity_is_not_known_to_be_full(void **state)
{
	(void)state;
	w.engines[0].capacity_bps = 0;
	w.engines[0].guess_bps = WORLD_BPS;
	w.engines[0].guess_ticks = 16;
	assert_int_equal(world_ticks(&w, 100), 0);
}

static void who_may_not_be_moved_stays(void **state)
{
	(void)state;
	w.threads[0].movable = false;
	assert_int_equal(world_ticks(&w, 100), 0);
	w.threads[0].movable = true;
	w.threads[0].bound = true;
	/* without another its engine would be no bottleneck */
	world_thread(&w, 1, 0);
	w.threads[1].movable = false;
	assert_int_equal(world_ticks(&w, 100), 0);
	w.threads[0].bound = false;
	one_goes();
}

static void engine_that_cannot_serve_it_is_not_tried(void **state)
{
	(void)state;
	world_engine(&w, 0, 0);
	w.forbidden = 3;
	w.engines[1].caps = 2;
	assert_int_equal(world_ticks(&w, 100), 0);
	w.engines[1].caps = 3;
	w.engines[1].target = false;
	assert_int_equal(world_ticks(&w, 100), 0);
	w.engines[1].target = true;
	w.engines[1].reserved = true;
	assert_int_equal(world_ticks(&w, 100), 0);
	w.engines[1].reserved = false;
	w.engines[3].target = false;
	w.forbidden = 1;
	assert_int_equal(world_ticks(&w, 100), 0);
	w.forbidden = -1;
	one_goes();
}

static void busy_cpus_and_far_memory_keep_it_back(void **state)
{
	(void)state;
	w.engines[1].pressure_q16 = DAM_ONE_Q16 / 2 + 1;
	assert_int_equal(world_ticks(&w, 100), 0);
	w.engines[1].pressure_q16 = 0;
	w.engines[1].node = 1;
	w.threads[0].mem_node = 0;
	assert_int_equal(world_ticks(&w, 100), 0);
	w.threads[0].mem_node = 1;
	one_goes();
}

/* Taken to be where it runs, but not for sure */
static void with_memory_of_unknown_place_the_near_ones_come_first(void **state)
{
	(void)state;
	w.threads[0].cpu_node = 0;
	w.engines[1].node = 1;
	world_engine(&w, 0, 0);
	assert_int_equal(world_ticks(&w, 3 * SOON), 1);
	assert_int_equal(w.threads[0].engine, 3);
	fresh(NULL);
	w.engines[1].node = 1;
	world_engine(&w, 0, 0);
	w.threads[0].cpu_node = 1;
	one_goes();
	fresh(NULL);
	w.engines[1].node = 1;
	w.threads[0].cpu_node = 0;
	one_goes();
}

/* Nor does a faster one that is far come before a new one that is near */
static void near_new_engine_is_tried_before_a_far_faster_one(void **state)
{
	(void)state;
	w.threads[0].cpu_node = 0;
	w.engines[1].node = 1;
	world_engine(&w, 0, 0);
	assert_int_equal(world_ticks(&w, 3 * SOON), 1);
	assert_int_equal(w.threads[0].engine, 3);
	beside_a_faster_one(NULL);
	w.threads[0].cpu_node = 0;
	w.engines[1].node = 1;
	w.threads[0].mem_node = 0;
	assert_int_equal(world_ticks(&w, 100), 0);
	w.threads[0].mem_node = -1;
	one_goes();
}

static void as_far_from_its_memory_as_before_it_goes(void **state)
{
	(void)state;
	w.threads[0].mem_node = 1;
	one_goes();
}

static void who_was_moved_lately_stays(void **state)
{
	u32 i;

	(void)state;
	for (i = 0; i < 100; i++) {
		world_next(&w);
		w.threads[0].cooling = true;
		world_look(&w);
		assert_int_equal(world_plan(&w), 0);
	}
	one_goes();
}

static void who_serves_real_time_stays(void **state)
{
	(void)state;
	w.engines[0].reserved = true;
	w.engines[1].reserved = true;
	w.threads[0].rt = true;
	world_engine(&w, 0, 0);
	assert_int_equal(world_ticks(&w, 100), 0);
}

/* Too hot all the time; and full again and again */
static void eight_ticks_in_a_row_must_be_full(void **state)
{
	u32 i;

	(void)state;
	world_asks(&w, 0, 92);
	assert_int_equal(world_ticks(&w, 100), 0);
	for (i = 0; i < 3; i++) {
		world_asks(&w, 0, 100);
		assert_int_equal(world_ticks(&w, SOON - 1), 0);
		world_asks(&w, 0, i ? 92 : 0);
		assert_int_equal(world_ticks(&w, 1), 0);
	}
	world_asks(&w, 0, 100);
	assert_int_equal(world_ticks(&w, SOON - 1), 0);
	assert_int_equal(world_ticks(&w, 1), 1);
}

/* Two dozen operations in 0.64 s: with fewer it would take too long to see what comes of it */
static void where_few_operations_are_done_nobody_tries(void **state)
{
	(void)state;
	w.threads[0].op_bytes = WORLD_BPS / 36;
	assert_int_equal(world_ticks(&w, 100), 0);
	fresh(NULL);
	/* So many are called a bottleneck after as many ticks, as for any move */
	w.threads[0].op_bytes = WORLD_BPS / 38;
	assert_int_equal(world_ticks(&w, 31), 0);
	assert_int_equal(world_ticks(&w, 1), 1);
	assert_int_equal(w.moves[0].purpose, DAM_FOR_TRIAL);
	fresh(NULL);
	w.threads[0].op_bytes = WORLD_BPS / 36;
	w.s.params.interval_ms = 11;
	assert_int_equal(world_ticks(&w, 32), 1);
}

static void without_weights_or_budget_nobody_goes(void **state)
{
	(void)state;
	w.s.params.weight_latency_e4 = 0;
	w.s.params.weight_throughput_e4 = 0;
	assert_int_equal(world_ticks(&w, 100), 0);
	w.s.params.weight_throughput_e4 = 5000;
	w.s.params.max_moves = 0;
	assert_int_equal(world_ticks(&w, 100), 0);
}

/* In the very tick in which a thread would try another engine */
static void load_is_balanced_first(void **state)
{
	(void)state;
	assert_int_equal(world_ticks(&w, SOON - 1), 0);
	world_engine(&w, 100, 0);
	world_engine(&w, 100, 0);
	world_thread(&w, 60, 3);
	world_thread(&w, 60, 3);
	w.engines[2].caps = 2;
	w.engines[3].caps = 2;
	w.engines[4].caps = 2;
	w.threads[1].kinds = 2;
	w.threads[2].kinds = 2;
	assert_int_equal(world_ticks(&w, 1), 1);
	assert_int_equal(w.moves[0].purpose, DAM_FOR_GAIN);
	assert_int_equal(w.threads[0].engine, 0);
	w.threads[w.moves[0].thread].movable = false;
	assert_int_equal(world_ticks(&w, SOON), 1);
	assert_int_equal(w.moves[0].purpose, DAM_FOR_TRIAL);
}

static void one_at_a_time_goes(void **state)
{
	(void)state;
	w.engines[2].caps = 2;
	world_engine(&w, 100, 0);
	world_engine(&w, 0, 0);
	world_thread(&w, 100, 3);
	assert_int_equal(world_ticks(&w, 100), 1);
	assert_int_equal(w.threads[0].engine, 1);
	w.engines[1].capacity_bps = 2 * WORLD_BPS;
	world_asks(&w, 0, 200);
	assert_int_equal(world_ticks(&w, 100), 1);
	assert_int_not_equal(w.threads[0].engine, w.threads[1].engine);
	assert_int_equal(w.threads[0].engine + w.threads[1].engine, 1 + 4);
}

/* The first full engine's thread may go nowhere */
static void who_may_not_go_does_not_keep_the_others(void **state)
{
	(void)state;
	w.engines[2].caps = 2;
	world_engine(&w, 100, 0);
	world_thread(&w, 100, 3);
	w.forbidden = 1;
	w.forbidden_thread = 0;
	assert_int_equal(world_ticks(&w, 100), 1);
	assert_int_equal(w.threads[1].engine, 1);
}

/* Who may be sent where: so many engines from @barred_from on may not be used */
static u32 barred_from, barred, barred_threads;

static bool barred_allowed(void *ctx, u32 t, u32 e)
{
	(void)ctx;
	w.asked++;
	return t >= barred_threads || e < barred_from || e >= barred_from + barred;
}

static void all_engines_are_offered_in_turn(void **state)
{
	(void)state;
	while (w.s.n_engines < 20)
		world_engine(&w, 0, 0);
	w.s.allowed = barred_allowed;
	barred_from = 0;
	barred = 19;
	barred_threads = 1;
	w.threads[0].mem_node = 0;
	assert_int_equal(world_ticks(&w, SOON), 0);
	assert_in_range(w.asked, 1, 4);
	w.asked = 0;
	w.threads[0].mem_node = -1;
	assert_int_equal(world_ticks(&w, SOON), 0);
	assert_in_range(w.asked, 5, 8);
	assert_int_equal(world_ticks(&w, 20 * SOON), 1);
	assert_int_equal(w.threads[0].engine, 19);
}

/* Each fills an engine that does another kind; only the last one's thread may use the new one */
static void all_threads_have_their_turn(void **state)
{
	u32 i;

	(void)state;
	world_init(&w);
	for (i = 0; i < 10; i++) {
		world_engine(&w, 100, 0);
		w.engines[i].caps = 1U << i;
		world_thread(&w, 100, i);
		w.threads[i].kinds = 1U << i;
	}
	for (i = 0; i < 6; i++)
		w.engines[world_engine(&w, 0, 0)].caps = 0x3ff;
	w.s.allowed = barred_allowed;
	barred_from = 10;
	barred = 6;
	barred_threads = 9;
	assert_int_equal(world_ticks(&w, 12 * SOON), 1);
	assert_int_equal(w.moves[0].thread, 9);
}

/* So many others that are known, one of them by a quarter slower, beside the one to be tried */
static void others(u32 n)
{
	fresh(NULL);
	w.engines[2].capacity_bps = WORLD_BPS / 100 * 75;
	while (--n)
		world_engine(&w, 100, 0);
}

static void two_others_do_not_stand_for_the_rest(void **state)
{
	(void)state;
	others(2);
	one_goes();
}

/* The last is full: a faster one with room would be tried itself */
static void three_that_are_much_the_same_stand_for_the_others(void **state)
{
	(void)state;
	others(2);
	world_engine(&w, 124, 0);
	world_thread(&w, 124, 4);
	w.threads[1].bound = true;
	assert_int_equal(world_ticks(&w, 100), 0);
	w.engines[4].capacity_bps = WORLD_BPS / 100 * 126;
	world_asks(&w, 1, 126);
	one_goes();
	others(3);
	assert_int_equal(world_ticks(&w, 100), 0);
	w.engines[2].capacity_bps = WORLD_BPS / 100 * 74;
	one_goes();
}

static void what_it_may_not_use_stands_for_nothing(void **state)
{
	(void)state;
	others(3);
	assert_int_equal(world_ticks(&w, 100), 0);
	w.engines[4].target = false;
	one_goes();
	others(3);
	w.engines[4].caps = 2;
	one_goes();
	others(3);
	w.engines[4].reserved = true;
	one_goes();
}

static void who_tried_what_is_used_but_unknown_has_tried(void **state)
{
	(void)state;
	others(2);
	world_engine(&w, 0, 0);
	w.engines[4].used = true;
	assert_int_equal(world_ticks(&w, 100), 0);
}

static void who_fills_its_engine_tries_a_faster_one_with_room(void **state)
{
	(void)state;
	one_goes();
}

static void room_must_be_for_a_sixteenth_more(void **state)
{
	(void)state;
	w.threads[1].movable = false;
	world_asks(&w, 1, 95);
	assert_int_equal(world_ticks(&w, 100), 0);
	world_asks(&w, 1, 93);
	one_goes();
}

static void no_faster_engine_is_no_trial(void **state)
{
	(void)state;
	w.engines[1].capacity_bps = WORLD_BPS;
	w.threads[1].bound = true;
	world_asks(&w, 1, 0);
	assert_int_equal(world_ticks(&w, 100), 0);
}

/* It would fit, but what for? */
static void no_faster_engine_with_room_is_no_trial(void **state)
{
	(void)state;
	no_gain_counts();
	w.engines[1].capacity_bps = WORLD_BPS;
	world_asks(&w, 1, 4);
	w.threads[1].engine = 0;
	w.threads[1].bound = true;
	world_asks(&w, 0, 93);
	assert_int_equal(world_ticks(&w, 100), 0);
	w.engines[1].capacity_bps = 2 * WORLD_BPS;
	one_goes();
}

static void guess_is_no_room_where_more_is_known(void **state)
{
	(void)state;
	no_gain_counts();
	w.engines[1].capacity_bps = WORLD_BPS / 100 * 95;
	w.engines[1].guess_bps = 4 * WORLD_BPS;
	w.engines[1].guess_ticks = 16;
	assert_int_equal(world_ticks(&w, 100), 0);
	w.engines[1].capacity_bps = 2 * WORLD_BPS;
	one_goes();
}

static void known_engine_is_tried_before_an_unknown_one(void **state)
{
	(void)state;
	no_gain_counts();
	w.engines[2].capacity_bps = 0;
	one_goes();
	fresh(NULL);
	no_gain_counts();
	w.engines[2].capacity_bps = 2 * WORLD_BPS;
	assert_int_equal(world_ticks(&w, SOON), 1);
	assert_int_equal(w.threads[0].engine, 2);
}

static void who_may_not_use_the_known_one_tries_the_unknown(void **state)
{
	(void)state;
	no_gain_counts();
	w.engines[2].capacity_bps = 2 * WORLD_BPS;
	w.forbidden = 2;
	one_goes();
}

static void who_has_tried_enough_stays(void **state)
{
	(void)state;
	w.threads[0].tried = true;
	assert_int_equal(world_ticks(&w, 100), 0);
	w.threads[0].tried = false;
	assert_int_equal(world_ticks(&w, 3 * SOON), 1);
}

/* They were made for what was known */
static void whose_moves_failed_tries_as_well(void **state)
{
	(void)state;
	w.threads[0].history_e4 = 0;
	assert_int_equal(world_ticks(&w, 3 * SOON), 1);
}

#define test(name)	cmocka_unit_test_setup(name, fresh)
#define room(name)	cmocka_unit_test_setup(name, beside_a_faster_one)

int main(void)
{
	check_list(tests) = {
		test(who_fills_its_engine_tries_an_unknown_one),
		test(nobody_tries_what_is_known),
		test(nobody_tries_what_was_used_once),
		test(nobody_tries_what_was_in_use),
		test(who_does_not_fill_its_engine_stays),
		test(who_shares_a_full_engine_stays),
		test(engine_of_unknown_capacity_is_not_known_to_be_full),
		test(who_may_not_be_moved_stays),
		test(engine_that_cannot_serve_it_is_not_tried),
		test(busy_cpus_and_far_memory_keep_it_back),
		test(with_memory_of_unknown_place_the_near_ones_come_first),
		room(near_new_engine_is_tried_before_a_far_faster_one),
		test(as_far_from_its_memory_as_before_it_goes),
		test(who_was_moved_lately_stays),
		test(who_serves_real_time_stays),
		test(eight_ticks_in_a_row_must_be_full),
		test(where_few_operations_are_done_nobody_tries),
		test(without_weights_or_budget_nobody_goes),
		test(load_is_balanced_first),
		test(one_at_a_time_goes),
		test(who_may_not_go_does_not_keep_the_others),
		test(all_engines_are_offered_in_turn),
		test(all_threads_have_their_turn),
		test(two_others_do_not_stand_for_the_rest),
		test(three_that_are_much_the_same_stand_for_the_others),
		test(what_it_may_not_use_stands_for_nothing),
		test(who_tried_what_is_used_but_unknown_has_tried),
		room(who_fills_its_engine_tries_a_faster_one_with_room),
		room(room_must_be_for_a_sixteenth_more),
		room(no_faster_engine_is_no_trial),
		room(no_faster_engine_with_room_is_no_trial),
		room(guess_is_no_room_where_more_is_known),
		room(known_engine_is_tried_before_an_unknown_one),
		test(who_may_not_use_the_known_one_tries_the_unknown),
		room(who_has_tried_enough_stays),
		test(who_has_tried_enough_stays),
		room(whose_moves_failed_tries_as_well),
		test(whose_moves_failed_tries_as_well),
	};

	return cmocka_run_group_tests_name("explore", tests, NULL, NULL);
}

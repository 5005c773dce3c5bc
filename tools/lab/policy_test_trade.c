// SPDX-License-Identifier: GPL-2.0
/* Who changes places, so that a thread which fills a slow engine may try a faster one. */
#include "trade_world.h"

static void they_change_places(void **state)
{
	(void)state;
	they_change(1);
	assert_int_equal(w.threads[OTHER].engine, SLOW);
}

static void who_has_room_is_tried_without(void **state)
{
	(void)state;
	world_asks(&w, OTHER, 46);
	assert_int_equal(moves_soon(), 1);
	assert_int_equal(w.moves[0].purpose, DAM_FOR_TRIAL);
	assert_int_equal(w.threads[OTHER].engine, FAST);
}

static void who_weighs_waiting_higher_wants_none(void **state)
{
	(void)state;
	w.s.params.weight_throughput_e4 = 4999;
	nobody_moves();
	w.s.params.weight_throughput_e4 = 5000;
	they_change(1);
}

/* An eighth of what the thread has, though it would gain more */
static void enough_must_be_idle(void **state)
{
	(void)state;
	world_engine(&w, 40, 0);
	world_asks(&w, OTHER, 50);
	world_thread(&w, 44, FAST);
	w.threads[2].bound = true;
	world_asks(&w, FILLS, 48);
	nobody_moves();
	world_asks(&w, 2, 43);
	they_change(1);
}

/* By an eighth again, of what is idle and what those leave who make room */
static void enough_must_be_gained(void **state)
{
	(void)state;
	world_thread(&w, 20, FAST);
	world_asks(&w, OTHER, 25);
	w.threads[2].movable = false;
	w.engines[FAST].capacity_bps = world_percent(76);
	nobody_moves();
	w.engines[FAST].capacity_bps = world_percent(77);
	they_change(1);
}

/* Learned of other operations its speed says little: by how busy it is it could do as much again */
static void who_is_not_busy_is_idle(void **state)
{
	(void)state;
	world_engine(&w, 40, 0);
	w.engines[FAST].capacity_bps = world_percent(60);
	w.engines[FAST].done_bps = world_percent(49);
	w.engines[FAST].busy_q16 = DAM_ONE_Q16 / 10 * 9;
	nobody_moves();
	w.engines[FAST].busy_q16 = DAM_ONE_Q16 / 10 * 8;
	they_change(1);
}

static void who_is_idle_enough_needs_no_room(void **state)
{
	(void)state;
	w.engines[FAST].capacity_bps = world_percent(70);
	w.engines[FAST].done_bps = world_percent(49);
	w.engines[FAST].busy_q16 = DAM_ONE_Q16 / 100 * 47;
	w.threads[OTHER].movable = false;
	nobody_moves();
	w.engines[FAST].busy_q16 = DAM_ONE_Q16 / 100 * 46;
	they_change(0);
}

/* Faster by less than an eighth is none, either */
static void no_faster_engine_is_none(void **state)
{
	(void)state;
	world_engine(&w, 40, 0);
	w.engines[FAST].capacity_bps = world_percent(56);
	w.engines[FAST].busy_q16 = DAM_ONE_Q16 / 2;
	w.engines[FAST].done_bps = world_percent(49);
	nobody_moves();
	w.engines[FAST].capacity_bps = world_percent(57);
	they_change(1);
}

static void who_does_not_fit_makes_no_room(void **state)
{
	(void)state;
	world_asks(&w, OTHER, 51);
	nobody_moves();
	world_asks(&w, OTHER, 50);
	they_change(1);
}

/* Of the slow engine it has no more than that can do */
static void what_it_would_ask_is_not_what_it_has(void **state)
{
	(void)state;
	world_asks(&w, FILLS, 60);
	world_thread(&w, 40, FAST);
	w.threads[2].movable = false;
	they_change(1);
}

/* Some of the slow engine's is asked by one who stays */
static void who_stays_takes_room(void **state)
{
	(void)state;
	world_asks(&w, FILLS, 47);
	world_asks(&w, OTHER, 48);
	world_thread(&w, 3, SLOW);
	w.threads[2].movable = false;
	world_thread(&w, 5, FAST);
	w.threads[3].movable = false;
	nobody_moves();
	world_asks(&w, OTHER, 47);
	they_change(1);
}

/* Not the second, for which there is no room, nor the last, less than a sixteenth of the engine */
static void the_largest_that_fit_leave(void **state)
{
	(void)state;
	world_asks(&w, OTHER, 25);
	world_thread(&w, 6, FAST);
	world_thread(&w, 26, FAST);
	world_thread(&w, 5, FAST);
	world_thread(&w, 15, FAST);
	world_thread(&w, 3, FAST);
	they_change(3);
	assert_int_equal(w.moves[0].thread, 3);
	assert_int_equal(w.moves[1].thread, 5);
	assert_int_equal(w.moves[2].thread, 2);
}

static void four_at_most_leave(void **state)
{
	u32 i;

	(void)state;
	world_asks(&w, OTHER, 9);
	for (i = 0; i < 6; i++)
		world_thread(&w, 9, FAST);
	w.engines[FAST].capacity_bps = world_percent(90);
	they_change(4);
	for (i = 0; i < 4; i++)
		assert_int_equal(w.moves[i].thread, OTHER + i);
}

/* Eight are asked at most: be the largest the last of all */
static void the_largest_of_many_leaves(void **state)
{
	u32 i;

	(void)state;
	world_asks(&w, OTHER, 4);
	for (i = 0; i < 8; i++)
		world_thread(&w, 4, FAST);
	world_thread(&w, 30, FAST);
	they_change(4);
	assert_int_equal(w.moves[0].thread, 10);
}

/* Nor are those asked for whom there is no room */
static void too_large_ones_do_not_count(void **state)
{
	u32 i;

	(void)state;
	w.s.params.weight_latency_e4 = 0;
	w.s.params.weight_throughput_e4 = 1;
	world_engine(&w, 40, 0);
	w.engines[FAST].capacity_bps = world_percent(620);
	world_asks(&w, OTHER, 60);
	for (i = 0; i < 8; i++)
		world_thread(&w, 60, FAST);
	world_thread(&w, 30, FAST);
	they_change(1);
	assert_int_equal(w.moves[0].thread, 10);
}

static void who_may_not_leave_stays(void **state)
{
	(void)state;
	w.threads[OTHER].movable = false;
	nobody_moves();
	w.threads[OTHER].movable = true;
	w.threads[OTHER].bound = true;
	nobody_moves();
	w.threads[OTHER].bound = false;
	w.threads[OTHER].rt = true;
	nobody_moves();
	w.threads[OTHER].rt = false;
	w.threads[OTHER].tried = true;
	nobody_moves();
	w.threads[OTHER].tried = false;
	w.engines[FAST].caps = 3;
	w.threads[OTHER].kinds = 2;
	nobody_moves();
	w.threads[OTHER].kinds = 1;
	w.forbidden = SLOW;
	nobody_moves();
	w.forbidden = -1;
	they_change(1);
}

static void who_was_moved_lately_stays(void **state)
{
	u32 i;

	(void)state;
	for (i = 0; i < 100; i++) {
		world_next(&w);
		w.threads[OTHER].cooling = true;
		world_look(&w);
		assert_int_equal(world_plan(&w), 0);
	}
	they_change(1);
}

static void who_may_not_come_stays(void **state)
{
	(void)state;
	w.forbidden = FAST;
	nobody_moves();
	w.forbidden = -1;
	w.engines[FAST].target = false;
	nobody_moves();
	w.engines[FAST].target = true;
	w.engines[SLOW].target = false;
	nobody_moves();
	w.engines[SLOW].target = true;
	w.engines[FAST].pressure_q16 = DAM_ONE_Q16 / 2 + 1;
	nobody_moves();
	w.engines[FAST].pressure_q16 = 0;
	w.engines[SLOW].pressure_q16 = DAM_ONE_Q16 / 2 + 1;
	nobody_moves();
	w.engines[SLOW].pressure_q16 = 0;
	they_change(1);
}

/* That of both is where they run, or is not known */
static void none_goes_far_from_its_memory(void **state)
{
	(void)state;
	w.engines[FAST].node = 1;
	w.threads[OTHER].mem_node = 1;
	nobody_moves();
	w.threads[OTHER].mem_node = -1;
	w.threads[FILLS].mem_node = 0;
	nobody_moves();
	w.threads[FILLS].mem_node = -1;
	w.threads[FILLS].cpu_node = 0;
	w.threads[OTHER].cpu_node = 1;
	they_change(1);
}

/* There and back again */
static void without_enough_moves_none_is_made(void **state)
{
	(void)state;
	for (w.s.params.max_moves = 1; w.s.params.max_moves < 4; w.s.params.max_moves++) {
		w.bucket.tokens_q16 = w.s.params.max_moves * (u64)DAM_ONE_Q16;
		nobody_moves();
	}
	w.bucket.tokens_q16 = 4ULL * DAM_ONE_Q16;
	they_change(1);
}

/* Another tries the fast engine, or the slow one: what it finds must be its own */
static void where_somebody_tries_nobody_changes(void **state)
{
	struct dam_trial *open = &w.bucket.open[0];
	u32 i, at;

	(void)state;
	world_engine(&w, 50, 0);
	w.engines[2].caps = 2;
	world_thread(&w, 1, FAST);
	for (at = SLOW; at <= FAST; at++) {
		w.threads[2].engine = at;
		world_asks(&w, FILLS, at == SLOW ? 49 : 50);
		*open = (struct dam_trial){
			.end_ns = U64_MAX, .thread = 2, .from = 2, .to = at,
			.interval_ms = 10, .ticks = 1, .before = 100, .counted = 100,
		};
		for (i = 0; i < 5 * SOON; i++)
			assert_int_equal(world_tick(&w), 0);
	}
	open->ticks = 0;
	they_change(1);
}

/* Each full engine's turn begins at another fast one: none of which nobody may leave keeps it */
static void all_fast_engines_have_their_turn(void **state)
{
	(void)state;
	w.threads[OTHER].movable = false;
	world_engine(&w, 100, 0);
	world_thread(&w, 49, 2);
	assert_int_equal(moves_soon(), 2);
	assert_int_equal(w.threads[2].engine, SLOW);
	assert_int_equal(w.threads[FILLS].engine, 2);
}

/* What it can do is a guess: that of three others that are used says enough */
static void nobody_changes_for_an_unused_engine(void **state)
{
	u32 e;

	(void)state;
	world_init(&w);
	for (e = 0; e < 4; e++) {
		world_engine(&w, 50, 0);
		world_thread(&w, e == FILLS ? 50 : 40, e);
		w.threads[e].movable = e == FILLS;
	}
	world_engine(&w, 200, 0);
	world_thread(&w, 190, e);
	w.threads[e].movable = false;
	world_engine(&w, 0, 0);
	w.s.params.weight_latency_e4 = 0;
	w.s.params.weight_throughput_e4 = 1;
	nobody_moves();
	w.engines[5].used = true;
	assert_int_equal(moves_soon(), 1);
	assert_int_equal(w.threads[FILLS].engine, 5);
}

#define test(name)	cmocka_unit_test_setup(name, fresh)

int main(void)
{
	check_list(tests) = {
		test(they_change_places),
		test(who_has_room_is_tried_without),
		test(who_weighs_waiting_higher_wants_none),
		test(enough_must_be_idle),
		test(enough_must_be_gained),
		test(who_is_not_busy_is_idle),
		test(who_is_idle_enough_needs_no_room),
		test(no_faster_engine_is_none),
		test(who_does_not_fit_makes_no_room),
		test(what_it_would_ask_is_not_what_it_has),
		test(who_stays_takes_room),
		test(the_largest_that_fit_leave),
		test(four_at_most_leave),
		test(the_largest_of_many_leaves),
		test(too_large_ones_do_not_count),
		test(who_may_not_leave_stays),
		test(who_was_moved_lately_stays),
		test(who_may_not_come_stays),
		test(none_goes_far_from_its_memory),
		test(without_enough_moves_none_is_made),
		test(where_somebody_tries_nobody_changes),
		test(all_fast_engines_have_their_turn),
		test(nobody_changes_for_an_unused_engine),
	};

	return cmocka_run_group_tests_name("trade", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* learn.c: outcomes, cooldown and history of a thread. */
#include "check.h"
#include "learn.h"
#include "random.h"

#define MS	1000000ULL
#define PROMISE	10000

static void thread_never_moved_does_not_rest(void **state)
{
	struct dam_memory m = { 0 };

	(void)state;
	assert_false(dam_cooling(&m, 0));
	assert_false(dam_cooling(&m, 1000 * MS));
	assert_int_equal(dam_history_e4(&m), 5000);
	m.cooldown_ms = 200;
	assert_false(dam_cooling(&m, 100 * MS));
}

static void moved_thread_rests_until_its_outcome_is_known(void **state)
{
	struct dam_memory m = { 0 };

	(void)state;
	dam_learn_move(&m, 1000 * MS, DAM_FOR_GAIN);
	assert_true(dam_cooling(&m, 1000 * MS));
	assert_true(dam_cooling(&m, 1000 * MS + DAM_OUTCOME_NS));
	assert_false(dam_cooling(&m, 1200 * MS));
}

static void half_of_the_promise_is_success(void **state)
{
	struct dam_memory m = { 0 };

	(void)state;
	assert_int_equal(dam_learn_outcome(&m, PROMISE, PROMISE / 2, true),
			 DAM_SUCCESS);
	assert_int_equal(dam_learn_outcome(&m, PROMISE, PROMISE / 2 - 1, true),
			 DAM_PARTIAL);
}

static void quarter_of_the_promise_is_partial(void **state)
{
	struct dam_memory m = { 0 };

	(void)state;
	assert_int_equal(dam_learn_outcome(&m, PROMISE, PROMISE / 4, true),
			 DAM_PARTIAL);
	assert_int_equal(dam_learn_outcome(&m, PROMISE, PROMISE / 4 - 1, true),
			 DAM_FAILURE);
	assert_int_equal(dam_learn_outcome(&m, PROMISE, -PROMISE, true),
			 DAM_FAILURE);
}

static void failure_doubles_the_cooldown_up_to_its_end(void **state)
{
	struct dam_memory m = { 0 };
	u32 before;
	int i;

	(void)state;
	dam_learn_move(&m, 1, DAM_FOR_GAIN);
	dam_learn_outcome(&m, PROMISE, 0, true);
	before = m.cooldown_ms;
	dam_learn_outcome(&m, PROMISE, 0, true);
	assert_int_equal(m.cooldown_ms, 2 * before);
	for (i = 0; i < 20; i++)
		dam_learn_outcome(&m, PROMISE, 0, true);
	assert_int_equal(m.cooldown_ms, DAM_COOLDOWN_MAX_MS);
}

static void success_halves_the_cooldown_down_to_its_end(void **state)
{
	struct dam_memory m = { 0 };
	u32 before;
	int i;

	(void)state;
	dam_learn_move(&m, 1, DAM_FOR_GAIN);
	before = m.cooldown_ms;
	dam_learn_outcome(&m, PROMISE, PROMISE, true);
	assert_int_equal(m.cooldown_ms, before / 2);
	for (i = 0; i < 20; i++)
		dam_learn_outcome(&m, PROMISE, PROMISE, true);
	assert_int_equal(m.cooldown_ms, DAM_COOLDOWN_MIN_MS);
}

static void partial_leaves_the_cooldown(void **state)
{
	struct dam_memory m = { 0 };
	u32 before;

	(void)state;
	dam_learn_move(&m, 1, DAM_FOR_GAIN);
	before = m.cooldown_ms;
	dam_learn_outcome(&m, PROMISE, PROMISE / 3, true);
	assert_int_equal(m.cooldown_ms, before);
}

static void history_goes_where_outcomes_point(void **state)
{
	struct dam_memory good = { 0 }, bad = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		dam_learn_outcome(&good, PROMISE, PROMISE, true);
		dam_learn_outcome(&bad, PROMISE, 0, true);
	}
	assert_in_range(dam_history_e4(&good), 9500, 10000);
	assert_in_range(dam_history_e4(&bad), 0, 500);
}

static void without_learning_nothing_changes(void **state)
{
	struct dam_memory m = { 0 }, before;

	(void)state;
	dam_learn_move(&m, 1000, DAM_FOR_GAIN);
	before = m;
	assert_int_equal(dam_learn_outcome(&m, PROMISE, 0, false), DAM_FAILURE);
	assert_memory_equal(&m, &before, sizeof(m));
}

static void failed_move_is_followed_by_none_for_a_second(void **state)
{
	static const s32 achieved[] = { 0, -PROMISE, PROMISE / 4 - 1 };
	u32 i;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct dam_memory m = { 0 };

		dam_learn_move(&m, 5000 * MS, DAM_FOR_GAIN);
		assert_int_equal(dam_learn_outcome(&m, PROMISE, achieved[i], true),
				 DAM_FAILURE);
		assert_true(dam_cooling(&m, 6000 * MS - 1));
		assert_false(dam_cooling(&m, 6000 * MS));
	}
}

static void miss_within_the_noise_teaches_nothing(void **state)
{
	struct dam_memory m = { 0 };
	u32 i;

	(void)state;
	dam_learn_move(&m, 1000, DAM_FOR_GAIN);
	for (i = 0; i < 20; i++)
		assert_int_equal(dam_learn_outcome(&m, 20, -20, true),
				 DAM_FAILURE);
	assert_int_equal(dam_history_e4(&m), 5000);
	assert_int_equal(m.cooldown_ms, 1000);
}

/* Be it for good or in vain, and made or advised */
static void who_tried_twice_has_tried_enough(void **state)
{
	struct dam_memory m = { 0 };
	u32 i;

	(void)state;
	dam_learn_move(&m, 1000 * MS, DAM_FOR_TRIAL);
	for (i = 0; i < 20; i++)
		dam_learn_move(&m, (2000 + i) * MS, i % DAM_FOR_TRIAL);
	assert_false(dam_tried(&m));
	for (i = 0; i < 1000; i++) {
		dam_learn_move(&m, (3000 + i) * MS, DAM_FOR_TRIAL);
		assert_true(dam_tried(&m));
	}
}

static void to_make_room_is_to_try(void **state)
{
	struct dam_memory m = { 0 };

	(void)state;
	dam_learn_move(&m, 1000 * MS, DAM_FOR_ROOM);
	assert_false(dam_tried(&m));
	dam_learn_move(&m, 2000 * MS, DAM_FOR_ROOM);
	assert_true(dam_tried(&m));
}

static void who_never_went_has_failed_and_rests(void **state)
{
	static const s32 promises[] = { 0, PROMISE };
	struct dam_thread_view v = { .engine = 2 };
	struct dam_snapshot s = { .threads = &v, .n_threads = 1 };
	u32 i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct dam_memory m = { 0 };

		assert_int_equal(dam_achieved_q16(&s, 0, 2, promises[i]), -65536);
		assert_int_equal(dam_learn_outcome(&m, promises[i], -65536, true),
				 DAM_FAILURE);
		assert_true(m.cooldown_ms >= 1000);
	}
}

static void second_move_without_an_outcome_rests_long_enough_for_one(void **state)
{
	struct dam_memory m = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 20; i++)
		dam_learn_outcome(&m, PROMISE, PROMISE, true);
	dam_learn_move(&m, 1000 * MS, DAM_FOR_GAIN);
	assert_false(dam_cooling(&m, 1060 * MS));
	dam_learn_move(&m, 1060 * MS, DAM_FOR_GAIN);
	assert_true(dam_cooling(&m, 1060 * MS + DAM_OUTCOME_NS));
}

static void clock_before_the_move_is_rest(void **state)
{
	struct dam_memory m = { 0 };

	(void)state;
	dam_learn_move(&m, 1000 * MS, DAM_FOR_GAIN);
	assert_true(dam_cooling(&m, 10));
}

static void any_outcome_stays_in_range(void **state)
{
	struct lab_random r = { .state = 1 };
	struct dam_memory m = { 0 };
	u32 i;

	(void)state;
	for (i = 0; i < 300000; i++) {
		dam_learn_move(&m, lab_random_wild(&r), DAM_FOR_GAIN);
		dam_learn_outcome(&m, (s32)lab_random_wild(&r),
				  (s32)lab_random_wild(&r), true);
		dam_cooling(&m, lab_random_wild(&r));
		check_case(m.cooldown_ms >= DAM_COOLDOWN_MIN_MS, i);
		check_case(m.cooldown_ms <= DAM_COOLDOWN_MAX_MS, i);
		check_case(dam_history_e4(&m) <= 10000, i);
	}
}

int main(void)
{
	check_list(tests) = {
		cmocka_unit_test(thread_never_moved_does_not_rest),
		cmocka_unit_test(moved_thread_rests_until_its_outcome_is_known),
		cmocka_unit_test(half_of_the_promise_is_success),
		cmocka_unit_test(quarter_of_the_promise_is_partial),
		cmocka_unit_test(failure_doubles_the_cooldown_up_to_its_end),
		cmocka_unit_test(success_halves_the_cooldown_down_to_its_end),
		cmocka_unit_test(partial_leaves_the_cooldown),
		cmocka_unit_test(history_goes_where_outcomes_point),
		cmocka_unit_test(without_learning_nothing_changes),
		cmocka_unit_test(failed_move_is_followed_by_none_for_a_second),
		cmocka_unit_test(miss_within_the_noise_teaches_nothing),
		cmocka_unit_test(who_tried_twice_has_tried_enough),
		cmocka_unit_test(to_make_room_is_to_try),
		cmocka_unit_test(who_never_went_has_failed_and_rests),
		cmocka_unit_test(second_move_without_an_outcome_rests_long_enough_for_one),
		cmocka_unit_test(clock_before_the_move_is_rest),
		cmocka_unit_test(any_outcome_stays_in_range),
	};

	return cmocka_run_group_tests_name("learn", tests, NULL, NULL);
}

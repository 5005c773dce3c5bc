// SPDX-License-Identifier: GPL-2.0
/* capacity.c: what an engine is taken for, tick by tick. */
#include "check.h"
#include "meter/capacity.h"

#define TICK_NS		10000000ULL
#define OP_BYTES	65536ULL

static struct dam_capacity c;

static int fresh(void **state)
{
	(void)state;
	c = (struct dam_capacity){ 0 };
	return 0;
}

/* So many ticks in which it was never idle and did so many operations in each */
static void full(u32 ticks, u64 ops)
{
	for (; ticks; ticks--) {
		if (ops)
			dam_capacity_sizes(&c, ops * OP_BYTES, ops, 16);
		dam_capacity_learn(&c, TICK_NS, ops, TICK_NS);
	}
}

static u64 bps_of(u64 ops_a_tick)
{
	return ops_a_tick * OP_BYTES * 1000000000ULL / TICK_NS;
}

/* To one of a thousand */
static bool is_about(u64 bps)
{
	return c.bps >= bps - bps / 1000 && c.bps <= bps + bps / 1000;
}

static void unknown_while_it_is_idle(void **state)
{
	u32 i;

	(void)state;
	for (i = 0; i < 100; i++) {
		dam_capacity_sizes(&c, 20 * OP_BYTES, 20, 1);
		dam_capacity_learn(&c, TICK_NS / 2 - 1, 20, TICK_NS);
	}
	assert_int_equal(c.bps, 0);
}

static void known_after_a_full_tick(void **state)
{
	(void)state;
	full(1, 20);
	assert_true(is_about(bps_of(20)));
}

/* Runtime PM: a quarter of a second goes by before anything is done */
static void what_it_takes_to_resume_is_not_counted(void **state)
{
	(void)state;
	dam_capacity_sizes(&c, 64 * OP_BYTES, 64, 0);
	full(25, 0);
	assert_int_equal(c.bps, 0);
	full(1, 9);
	assert_int_equal(c.bps, 0);
	full(1, 20);
	assert_true(is_about(bps_of(20)));

	/* nor after it was idle */
	dam_capacity_learn(&c, 0, 0, TICK_NS);
	full(25, 0);
	full(1, 9);
	assert_true(is_about(bps_of(20)));
	full(1, 20);
	assert_true(is_about(bps_of(20)));
}

static void first_eight_are_a_mean(void **state)
{
	(void)state;
	full(1, 30);
	full(1, 20);
	assert_true(is_about(bps_of(25)));
	full(2, 20);
	assert_true(is_about(bps_of(90) / 4));
}

/* An operation each 50 ms: no tick by itself tells anything, eight of them do */
static void slow_engine_is_learned_from_many_ticks(void **state)
{
	u32 i;

	(void)state;
	for (i = 0; i < 9; i++) {
		assert_int_equal(c.bps, 0);
		full(4, 0);
		full(1, 1);
	}
	assert_true(is_about(bps_of(1) / 5));
}

static void standstill_among_the_first_is_forgotten(void **state)
{
	(void)state;
	/* a host that does not run the machine, say */
	dam_capacity_sizes(&c, 64 * OP_BYTES, 64, 0);
	dam_capacity_learn(&c, 50 * TICK_NS, 10, 50 * TICK_NS);
	assert_true(c.bps < bps_of(1));
	full(1, 20);
	assert_true(is_about(bps_of(20)));
}

/* Their mean size is all that is known of those completed: large ones, then small ones */
static void operations_of_two_sizes_are_no_standstill(void **state)
{
	(void)state;
	full(1, 10);
	full(1, 40);
	assert_true(is_about(bps_of(25)));
}

static void standstill_of_a_known_engine_changes_little(void **state)
{
	(void)state;
	full(20, 20);
	dam_capacity_learn(&c, TICK_NS, 8, TICK_NS);
	assert_in_range(c.bps, bps_of(20) - bps_of(20) / 63, bps_of(20));
}

static void half_the_speed_is_learned_in_45_ticks(void **state)
{
	(void)state;
	full(20, 40);
	full(45, 20);
	assert_in_range(c.bps, bps_of(20), bps_of(20) * 11 / 10);
}

static void short_bursts_are_not_added_up(void **state)
{
	u32 i;

	(void)state;
	for (i = 0; i < 100; i++) {
		full(1, 4);
		dam_capacity_learn(&c, 0, 0, TICK_NS);
	}
	assert_int_equal(c.bps, 0);
}

#define test(name)	cmocka_unit_test_setup(name, fresh)

int main(void)
{
	check_list(tests) = {
		test(unknown_while_it_is_idle),
		test(known_after_a_full_tick),
		test(what_it_takes_to_resume_is_not_counted),
		test(first_eight_are_a_mean),
		test(slow_engine_is_learned_from_many_ticks),
		test(standstill_among_the_first_is_forgotten),
		test(operations_of_two_sizes_are_no_standstill),
		test(standstill_of_a_known_engine_changes_little),
		test(half_the_speed_is_learned_in_45_ticks),
		test(short_bursts_are_not_added_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

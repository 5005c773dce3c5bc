// SPDX-License-Identifier: GPL-2.0
/* demand.c: censored demand, and what a single tick may not do to it. */
#include "check.h"
#include "policy.h"
#include "random.h"

#define BPS	1000000000ULL
#define OP	65536ULL

/* One tick of a thread that keeps one operation in flight */
static struct dam_demand_in tick_of(u64 bps, u32 busy_q16)
{
	return (struct dam_demand_in){
		.submitted_bps = bps,
		.completed_bps = bps,
		.outstanding = busy_q16 > 60000 ? 4 * OP : OP / 4,
		.wait_ns = bps ? 4 * OP * 1000000000ULL / bps : 0,
		.busy_q16 = busy_q16,
		.capacity_bps = BPS,
	};
}

static u64 repeat(struct dam_demand *d, u64 bps, u32 busy_q16, int ticks)
{
	struct dam_demand_in in = tick_of(bps, busy_q16);
	u64 out = 0;

	while (ticks--)
		out = dam_demand_update(d, &in);
	return out;
}

static void free_thread_asks_what_it_submits(void **state)
{
	struct dam_demand d = { 0 };

	(void)state;
	assert_int_equal(repeat(&d, BPS / 5, 20000, 1), BPS / 5);
	assert_int_equal(repeat(&d, BPS / 5, 20000, 50), BPS / 5);
}

static void saturated_thread_asks_what_it_was_seen_to_ask(void **state)
{
	struct dam_demand d = { 0 };
	u64 out;

	(void)state;
	repeat(&d, BPS / 2, 30000, 60);
	/* others come: it gets a quarter, and still wants a half */
	out = repeat(&d, BPS / 4, 65536, 20);
	assert_in_range(out, BPS * 45 / 100, BPS * 55 / 100);
}

static void thread_saturated_from_the_start_asks_what_it_gets(void **state)
{
	struct dam_demand d = { 0 };

	(void)state;
	assert_int_equal(repeat(&d, BPS / 4, 65536, 1), BPS / 4);
	assert_in_range(repeat(&d, BPS / 4, 65536, 100), BPS / 4 - BPS / 100,
			BPS / 4 + BPS / 100);
}

/* Of an engine of 25 MB/s eight threads keep 4 x 64 KiB in flight each, and then five */
static void thread_of_few_operations_a_tick_is_saturated(void **state)
{
	struct dam_service s = { .capacity_bps = 25000000 };
	struct dam_thread_view v = { .op_bytes = OP };
	struct lab_random r = { 1 };
	struct dam_forecaster c = { 0 };
	struct dam_forecast f = { 0 };
	struct dam_demand d = { 0 };
	s64 next_ns = 0;
	int i, ops = 4;

	(void)state;
	for (i = 0; i < 400; i++) {
		s64 each_ns = (i < 100 ? 8 : 5) * (s64)OP * 40;

		if (!i)
			next_ns = 4 * each_ns;
		s.wait_ns = 4 * each_ns;
		s.wait_q30 = (s.wait_ns << 30) / 1000000000;
		s.busy_q16 = i ? DAM_ONE_Q16 : DAM_ONE_Q16 / 2;
		next_ns -= lab_random_in(&r, 7500000, 12500000);
		for (; next_ns < 0; next_ns += each_ns)
			ops++;
		dam_forecast_prepare(&c, 3, DAM_MODEL_AUTO);
		dam_observe(&c, &d, &f, &s, &v, ops * OP * 100);
		ops = 0;
		/* it gets 3.1 and 5 MB/s, and began with more than that */
		assert_true(i < 5 || (d.saturated && v.now_bps > 10000000));
	}
}

static void demand_of_a_saturated_thread_ends_at_the_capacity(void **state)
{
	struct dam_demand d = { 0 };

	(void)state;
	repeat(&d, 3 * BPS, 30000, 60);
	assert_in_range(repeat(&d, BPS / 4, 65536, 100), 0, BPS);
}

static void thread_without_bytes_in_flight_is_not_saturated(void **state)
{
	struct dam_demand d = { 0 };
	struct dam_demand_in in = tick_of(BPS / 8, 65536);
	int i;

	(void)state;
	repeat(&d, BPS / 2, 30000, 60);
	in.outstanding = 0;
	for (i = 0; i < 10; i++)
		dam_demand_update(&d, &in);
	assert_in_range(dam_demand_update(&d, &in), BPS / 10, BPS / 6);
}

static void one_tick_without_samples_is_not_believed(void **state)
{
	struct dam_demand d = { 0 };

	(void)state;
	repeat(&d, BPS / 2, 30000, 30);
	assert_in_range(repeat(&d, 0, 0, 1), BPS * 45 / 100, BPS / 2);
	assert_in_range(repeat(&d, BPS / 2, 30000, 1), BPS * 45 / 100, BPS / 2);
}

static void step_is_believed_at_its_second_tick(void **state)
{
	struct dam_demand d = { 0 };

	(void)state;
	repeat(&d, BPS / 10, 20000, 30);
	assert_in_range(repeat(&d, BPS / 2, 30000, 1), BPS / 10, BPS / 4);
	assert_int_equal(repeat(&d, BPS / 2, 30000, 1), BPS / 2);
}

static void end_of_demand_is_believed_at_its_second_tick(void **state)
{
	struct dam_demand d = { 0 };

	(void)state;
	repeat(&d, BPS / 2, 20000, 30);
	assert_int_equal(repeat(&d, 0, 0, 2), 0);
}

static void first_tick_of_a_step_is_not_taken_for_all_of_it(void **state)
{
	struct dam_demand d = { 0 };

	(void)state;
	repeat(&d, BPS / 10, 20000, 30);
	/* the step came late in this tick */
	repeat(&d, BPS / 5, 30000, 1);
	assert_int_equal(repeat(&d, BPS / 2, 30000, 1), BPS / 2);
}

/* Counts of @mean operations a tick that differ as much as counts do */
static void noisy(u64 seed, double mean, u64 *low, u64 *high)
{
	struct lab_random r = { .state = seed };
	struct dam_demand d = { 0 };
	double due = 0;
	u64 out;
	int i;

	*low = ~0ULL;
	*high = 0;
	for (i = 0; i < 3000; i++) {
		u64 ops;

		due += mean * 2 * lab_random_unit(&r);
		ops = (u64)due;
		due -= (double)ops;
		out = repeat(&d, ops * OP * 100, 30000, 1);
		if (i < 200)
			continue;
		*low = out < *low ? out : *low;
		*high = out > *high ? out : *high;
	}
}

static void few_operations_a_tick_are_averaged(void **state)
{
	u64 low, high;

	(void)state;
	noisy(1, 4, &low, &high);
	assert_in_range(low, 4 * OP * 100 * 60 / 100, 4 * OP * 100);
	assert_in_range(high, 4 * OP * 100, 4 * OP * 100 * 140 / 100);
}

static void less_than_one_operation_a_tick_is_averaged(void **state)
{
	u64 low, high;

	(void)state;
	noisy(2, 0.6, &low, &high);
	assert_in_range(low, OP * 60 * 20 / 100, OP * 60);
	assert_in_range(high, OP * 60, OP * 60 * 250 / 100);
}

static void unknown_capacity_bounds_nothing(void **state)
{
	struct dam_demand d = { 0 };
	struct dam_demand_in in = tick_of(5 * BPS, 65536);

	(void)state;
	in.capacity_bps = 0;
	assert_int_equal(dam_demand_update(&d, &in), 5 * BPS);
}

static void engine_of_unknown_capacity_is_asked_for_what_it_is_taken_for(void **state)
{
	struct dam_engine_view v = { .done_bps = BPS };

	(void)state;
	/* for all where nobody knows, and for no less than what it does */
	assert_int_equal(dam_most_bps(&v, 0), 0);
	assert_int_equal(dam_most_bps(&v, 2 * BPS), 2 * BPS);
	assert_int_equal(dam_most_bps(&v, BPS / 20), BPS);
	v.capacity_bps = BPS / 2;
	assert_int_equal(dam_most_bps(&v, 2 * BPS), BPS / 2);
}

static void any_input_stays_in_range(void **state)
{
	struct lab_random r = { .state = 3 };
	struct dam_demand d = { 0 };
	u32 i;

	(void)state;
	for (i = 0; i < 300000; i++) {
		struct dam_demand_in in = {
			.submitted_bps = lab_random_wild(&r),
			.completed_bps = lab_random_wild(&r),
			.outstanding = lab_random_wild(&r),
			.wait_ns = lab_random_wild(&r),
			.busy_q16 = (u32)lab_random_wild(&r),
			.capacity_bps = lab_random_wild(&r),
		};

		check_case(dam_demand_update(&d, &in) <= DAM_BPS_MAX, i);
	}
}

int main(void)
{
	check_list(tests) = {
		cmocka_unit_test(free_thread_asks_what_it_submits),
		cmocka_unit_test(saturated_thread_asks_what_it_was_seen_to_ask),
		cmocka_unit_test(thread_saturated_from_the_start_asks_what_it_gets),
		cmocka_unit_test(thread_of_few_operations_a_tick_is_saturated),
		cmocka_unit_test(demand_of_a_saturated_thread_ends_at_the_capacity),
		cmocka_unit_test(thread_without_bytes_in_flight_is_not_saturated),
		cmocka_unit_test(one_tick_without_samples_is_not_believed),
		cmocka_unit_test(step_is_believed_at_its_second_tick),
		cmocka_unit_test(end_of_demand_is_believed_at_its_second_tick),
		cmocka_unit_test(first_tick_of_a_step_is_not_taken_for_all_of_it),
		cmocka_unit_test(few_operations_a_tick_are_averaged),
		cmocka_unit_test(less_than_one_operation_a_tick_is_averaged),
		cmocka_unit_test(unknown_capacity_bounds_nothing),
		cmocka_unit_test(engine_of_unknown_capacity_is_asked_for_what_it_is_taken_for),
		cmocka_unit_test(any_input_stays_in_range),
	};

	return cmocka_run_group_tests_name("demand", tests, NULL, NULL);
}

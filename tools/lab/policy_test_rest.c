// SPDX-License-Identifier: GPL-2.0
/* observe.c: a thread whose demand is steady rests, and that costs next to no accuracy. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "policy.h"
#include "random.h"
#include "shapes.h"

#define TICKS	3000
#define HORIZON	10
#define PERCENT	10000000.0
#define SEEDS	20

static const struct dam_service idle = { .capacity_bps = 1000000000, .busy_q16 = 20000 };
static const struct dam_service full = {
	.capacity_bps = 1000000000, .busy_q16 = DAM_ONE_Q16,
	.wait_ns = 4000000, .wait_q30 = 4294967,
};

/*
 * struct observed - a thread as dam_observe() sees it
 * @tireless: it never comes to rest
 * @rested: ticks at rest
 */
struct observed {
	struct dam_forecaster c;
	struct dam_seasons seasons;
	struct dam_demand demand;
	struct dam_forecast forecast;
	struct dam_thread_view view;
	bool tireless;
	u32 rested;
};

static struct observed *observed_create(bool tireless)
{
	struct observed *o = test_calloc(1, sizeof(*o));

	o->c.seasons = &o->seasons;
	o->tireless = tireless;
	return o;
}

static void tick(struct observed *o, const struct dam_service *s, double percent)
{
	dam_forecast_prepare(&o->c, HORIZON, DAM_MODEL_AUTO);
	if (o->tireless)
		o->forecast.calm = 0;
	dam_observe(&o->c, &o->demand, &o->forecast, s, &o->view,
		    (u64)(percent * PERCENT));
	o->rested += o->forecast.calm == DAM_AT_REST;
}

static double now(const struct observed *o)
{
	return (double)o->view.now_bps / PERCENT;
}

static double ahead(const struct observed *o)
{
	return (double)o->view.pred_bps / PERCENT;
}

static void steady(struct observed *o, double percent, int ticks)
{
	while (ticks--)
		tick(o, &idle, percent);
}

static void steady_thread_comes_to_rest(void **state)
{
	struct observed *o = observed_create(false);

	(void)state;
	steady(o, 20, 1000);
	assert_int_equal(o->forecast.calm, DAM_AT_REST);
	assert_true(fabs(now(o) - 20) < 0.1 && fabs(ahead(o) - 20) < 0.1);
	test_free(o);
}

static void step_is_seen_as_soon_as_without_rest(void **state)
{
	struct observed *o = observed_create(false);
	struct observed *twin = observed_create(true);
	int i;

	(void)state;
	steady(o, 20, 1000);
	steady(twin, 20, 1000);
	for (i = 0; i < 20; i++) {
		tick(o, &idle, 30);
		tick(twin, &idle, 30);
		assert_true(fabs(now(o) - now(twin)) < 0.5);
		assert_true(fabs(ahead(o) - ahead(twin)) < 2);
	}
	assert_true(fabs(now(o) - 30) < 0.5);
	test_free(o);
	test_free(twin);
}

static void ramp_is_seen_soon(void **state)
{
	struct observed *o = observed_create(false);
	double y = 20;
	int i;

	(void)state;
	steady(o, y, 1000);
	for (i = 0; i < 100; i++) {
		y += 0.25;
		tick(o, &idle, y);
		assert_true(fabs(now(o) - y) < 3);
	}
	assert_int_not_equal(o->forecast.calm, DAM_AT_REST);
	test_free(o);
}

/* Its operations are of 10 % of a tick each */
static struct observed *counted_create(void)
{
	struct observed *o = observed_create(false);

	o->c.interval_ms = 10;
	o->view.op_bytes = 10 * PERCENT / 100;
	return o;
}

/* At equal distances; ticks end up to @late_ms late */
static int come_to_rest(double every_ms, double late_ms, int ticks)
{
	int rest = 0, seed, i;

	for (seed = 0; seed < SEEDS; seed++) {
		struct lab_random r = { .state = seed + 1 };
		double next = every_ms * lab_random_unit(&r), begin = 0, end;
		struct observed *o = counted_create();

		for (i = 1; i <= ticks; i++) {
			int n = 0;

			end = 10 * i + late_ms * lab_random_unit(&r);
			while (next < end) {
				next += every_ms;
				n++;
			}
			tick(o, &idle, 10 * n * 10 / (end - begin));
			begin = end;
		}
		rest += o->forecast.calm == DAM_AT_REST;
		test_free(o);
	}
	return rest;
}

static void one_operation_more_or_less_is_no_news(void **state)
{
	static const double late_ms[] = { 0.001, 0.05, 0.5, 3 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(late_ms) / sizeof(*late_ms); i++) {
		int rest = come_to_rest(5.008, late_ms[i], 1000);

		print_message("%g ms: %d of %d at rest\n", late_ms[i], rest, SEEDS);
		assert_true(rest >= 0.9 * SEEDS);
	}
}

/* Of noise, with a period whose forecasts err by so much of what the others' do: does it rest? */
static bool rests_with_period(double share)
{
	struct observed *o = observed_create(false);
	struct lab_random r = { .state = 1 };
	struct dam_season *s;
	bool rested;
	int i;

	for (i = 0; i < TICKS; i++) {
		tick(o, &idle, 20 + 4 * lab_random_unit(&r));
		if (o->rested)
			break;
		assert_int_not_equal(o->forecast.season, 0);
		s = &o->seasons.rows[o->forecast.season - 1];
		s->period_q8 = 50 << 8;
		s->err_other = BIT(28);
		s->err = share * BIT(28);
		s->recent = BIT(28);
		s->recent_other = BIT(28);
		if (i > 100)
			assert_int_equal(o->forecast.model, DAM_MODEL_SEASONAL);
	}
	rested = o->rested;
	test_free(o);
	return rested;
}

static void period_found_by_chance_keeps_nobody_from_rest(void **state)
{
	(void)state;
	assert_true(rests_with_period(0.93));
	assert_true(rests_with_period(0.85));
	assert_false(rests_with_period(0.75));
	assert_false(rests_with_period(0.1));
}

/* Of so many a tick, at rest */
static struct observed *counted(int operations)
{
	struct observed *o = counted_create();

	steady(o, 10 * operations, 1000);
	assert_int_equal(o->forecast.calm, DAM_AT_REST);
	return o;
}

static void one_operation_more_or_less_for_good_is_news(void **state)
{
	int then;

	(void)state;
	for (then = 1; then <= 3; then += 2) {
		struct observed *o = counted(2);

		tick(o, &idle, 10 * then);
		assert_int_equal(o->forecast.calm, DAM_AT_REST);
		tick(o, &idle, 10 * then);
		assert_int_not_equal(o->forecast.calm, DAM_AT_REST);
		steady(o, 10 * then, 4);
		assert_true(fabs(now(o) - 10 * then) < 0.5);
		test_free(o);
	}
}

static void two_operations_more_or_less_are_news(void **state)
{
	int then;

	(void)state;
	for (then = 0; then <= 4; then += 4) {
		struct observed *o = counted(2);

		tick(o, &idle, 10 * then);
		assert_int_not_equal(o->forecast.calm, DAM_AT_REST);
		test_free(o);
	}
}

static void steps_of_one_operation_do_not_come_to_rest(void **state)
{
	int ticks, i;

	(void)state;
	for (ticks = 10; ticks <= 320; ticks *= 2) {
		struct observed *o = counted_create();

		for (i = 0; i < TICKS; i++)
			tick(o, &idle, i / ticks % 2 ? 30 : 20);
		print_message("%d ticks: %u at rest\n", ticks, o->rested);
		assert_int_equal(o->rested, 0);
		test_free(o);
	}
}

static void one_operation_less_on_a_busy_engine_is_news(void **state)
{
	struct observed *o = counted(2);

	(void)state;
	tick(o, &full, 10);
	assert_int_not_equal(o->forecast.calm, DAM_AT_REST);
	test_free(o);
}

/* Less than what ends a rest */
static void rest_follows_the_mean(void **state)
{
	struct observed *o = observed_create(false);
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		tick(o, &idle, 20 + i % 3);
	assert_int_equal(o->forecast.calm, DAM_AT_REST);
	for (i = 0; i < 130; i++) {
		tick(o, &idle, 20.1 + i % 3);
		assert_int_equal(o->forecast.calm, DAM_AT_REST);
	}
	assert_true(fabs(now(o) - 21.1) < 0.05);
	test_free(o);
}

static void saturated_thread_does_not_rest(void **state)
{
	struct observed *o = observed_create(false);
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		tick(o, &full, 20);
	assert_int_equal(o->rested, 0);
	/* nor one whose engine becomes busy */
	steady(o, 20, 1000);
	assert_int_equal(o->forecast.calm, DAM_AT_REST);
	tick(o, &full, 20);
	assert_int_not_equal(o->forecast.calm, DAM_AT_REST);
	test_free(o);
}

/* 1.5 s of each at 10 ms */
static void what_repeats_is_learned(void **state)
{
	struct observed *o = observed_create(false);
	int i;

	(void)state;
	for (i = 0; i < 3000; i++)
		tick(o, &idle, i / 150 % 2 ? 60 : 10);
	assert_int_equal(o->forecast.model, DAM_MODEL_SEASONAL);
	test_free(o);
}

/* Mean absolute error of the forecasts of a trace */
static double error_of(struct observed *o, const double *y)
{
	double made[HORIZON] = { 0 }, miss = 0;
	int i;

	for (i = 0; i < TICKS; i++) {
		if (i >= HORIZON)
			miss += fabs(made[i % HORIZON] - y[i]);
		tick(o, &idle, y[i]);
		made[i % HORIZON] = ahead(o);
	}
	return miss / TICKS;
}

static void forecasts_of_any_load_are_as_good_as_without(void **state)
{
	static double y[TICKS];
	enum lab_shape shape;
	u64 seed;

	(void)state;
	for (shape = 0; shape < LAB_SHAPES; shape++) {
		double with = 0, without = 0, rested = 0;

		for (seed = 0; seed < SEEDS; seed++) {
			struct observed *o = observed_create(false);
			struct observed *twin = observed_create(true);

			lab_shape_trace(shape, seed + 1000, y, NULL, TICKS);
			with += error_of(o, y);
			without += error_of(twin, y);
			rested += o->rested;
			test_free(o);
			test_free(twin);
		}
		print_message("%-8s error %.3f of that without rest, at rest %.0f %%\n",
			      lab_shape_names[shape], with / without,
			      100 * rested / TICKS / SEEDS);
		assert_true(with < without * 1.01);
		if (shape == LAB_NOISE)
			assert_true(rested > 0.5 * TICKS * SEEDS);
	}
}

/* What is in flight on the old engine is waited for: no ticks of it to be seen */
static void moved(struct observed *o)
{
	dam_arrive(&o->demand, &o->forecast, &o->view);
	steady(o, 0, 10);
}

static void thread_that_arrives_asks_what_it_asked(void **state)
{
	static const int seen[] = { 2, 100, 1000 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(seen) / sizeof(*seen); i++) {
		struct observed *o = observed_create(false);

		steady(o, 20, seen[i]);
		moved(o);
		assert_true(fabs(now(o) - 20) < 0.1 && fabs(ahead(o) - 20) < 1);
		test_free(o);
	}
}

static void what_it_asks_once_it_has_arrived_is_seen(void **state)
{
	struct observed *o = observed_create(false);

	(void)state;
	steady(o, 20, 1000);
	moved(o);
	steady(o, 40, 10);
	assert_true(fabs(now(o) - 40) < 0.5);
	test_free(o);
}

static void thread_that_has_arrived_may_stop(void **state)
{
	struct observed *o = observed_create(false);

	(void)state;
	steady(o, 20, 1000);
	moved(o);
	steady(o, 20, 3);
	steady(o, 0, 10);
	assert_true(now(o) < 0.5);
	test_free(o);
}

static void thread_that_never_waited_may_stop(void **state)
{
	struct observed *o = observed_create(false);

	(void)state;
	steady(o, 20, 1000);
	dam_arrive(&o->demand, &o->forecast, &o->view);
	steady(o, 20, 3);
	steady(o, 0, 10);
	assert_true(now(o) < 0.5);
	test_free(o);
}

static void thread_that_is_judged_has_arrived(void **state)
{
	struct observed *o = observed_create(false);

	(void)state;
	steady(o, 20, 1000);
	moved(o);
	o->view.arriving = false;
	steady(o, 0, 10);
	assert_true(now(o) < 0.5);
	test_free(o);
}

int main(void)
{
	check_list(tests) = {
		cmocka_unit_test(steady_thread_comes_to_rest),
		cmocka_unit_test(step_is_seen_as_soon_as_without_rest),
		cmocka_unit_test(ramp_is_seen_soon),
		cmocka_unit_test(period_found_by_chance_keeps_nobody_from_rest),
		cmocka_unit_test(one_operation_more_or_less_is_no_news),
		cmocka_unit_test(one_operation_more_or_less_for_good_is_news),
		cmocka_unit_test(two_operations_more_or_less_are_news),
		cmocka_unit_test(steps_of_one_operation_do_not_come_to_rest),
		cmocka_unit_test(one_operation_less_on_a_busy_engine_is_news),
		cmocka_unit_test(rest_follows_the_mean),
		cmocka_unit_test(saturated_thread_does_not_rest),
		cmocka_unit_test(what_repeats_is_learned),
		cmocka_unit_test(thread_that_arrives_asks_what_it_asked),
		cmocka_unit_test(what_it_asks_once_it_has_arrived_is_seen),
		cmocka_unit_test(thread_that_has_arrived_may_stop),
		cmocka_unit_test(thread_that_never_waited_may_stop),
		cmocka_unit_test(thread_that_is_judged_has_arrived),
		cmocka_unit_test(forecasts_of_any_load_are_as_good_as_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* seasonal.c, and what all models together make of loads of random shape. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "models.h"
#include "shapes.h"

#define HORIZON		10
#define TICKS		3000
#define FIRST		500
#define SEEDS		40
#define PERCENT		10000000.0
#define VALUE		1000000000ULL
#define SERIES		(DAM_SEASONS + 8)

static struct dam_seasons seasons;
static struct dam_forecaster c;
static struct dam_forecast f[SERIES];

static int fresh(void **state)
{
	(void)state;
	memset(&seasons, 0, sizeof(seasons));
	memset(f, 0, sizeof(f));
	c = (struct dam_forecaster){ .seasons = &seasons };
	return 0;
}

static u64 feed(u64 y, u32 horizon, enum dam_model choice)
{
	dam_forecast_prepare(&c, horizon, choice);
	return dam_forecast_update(&c, &f[0], y);
}

/* A ratio that never ends the same way: period + a part of a tick */
static u64 wave(int i, double period)
{
	return (u64)(VALUE * (1 + 0.8 * sin(2 * M_PI * i / period)));
}

static u64 square(int i, double period)
{
	return fmod(i / period, 1) < 0.5 ? VALUE : 2 * VALUE;
}

static void period_is_found(void **state)
{
	static const double periods[] = { 30, 47.3, 101.7, 150, 299.6 };
	u32 n;
	int i;

	for (n = 0; n < sizeof(periods) / sizeof(*periods); n++) {
		fresh(state);
		for (i = 0; i < 1500; i++)
			feed(wave(i, periods[n]), HORIZON, DAM_MODEL_AUTO);
		check_case(fabs(seasons.rows[f[0].season - 1].period_q8 / 256.0 -
				periods[n]) < 0.1, n);
	}
}

/* Of a period that is no whole number of ticks edges come a tick earlier or later */
static void edges_are_foreseen_as_such(void **state)
{
	u32 between = 0, wrong = 0, edges = 0, ticks = 0;
	int trace, i;
	u64 y;

	for (trace = 0; trace < 32; trace++) {
		double period = 50 + 0.618 * trace;

		fresh(state);
		for (i = 0; i < 3000; i++) {
			u64 then = square(i + HORIZON, period);

			y = feed(square(i, period), HORIZON, DAM_MODEL_SEASONAL);
			if (i < 1500)
				continue;
			between += y > VALUE / 5 * 6 && y < VALUE / 5 * 9;
			wrong += (y > VALUE / 2 * 3) != (then > VALUE);
			edges += then != square(i + HORIZON - 1, period);
			ticks++;
		}
	}
	print_message("between two levels: %u of %u forecasts; wrong: %u at %u edges\n", between,
		      ticks, wrong, edges);
	assert_in_range(between, 0, ticks / 1000);
	assert_in_range(wrong, 0, edges / 7);
}

/* Ticks of 12 ms where they should take 10, and some of 7 */
static void period_and_two_thirds_are_enough(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 500; i++)
		feed(wave(i, 299.6), HORIZON, DAM_MODEL_AUTO);
	assert_true(fabs(seasons.rows[f[0].season - 1].period_q8 / 256.0 - 299.6) < 3);
}

/* All that comes is late from some time on: after three periods edges are where they are */
static void late_edges_are_believed_after_three_periods(void **state)
{
	int i, wrong = 0;

	(void)state;
	for (i = 0; i < 900 + 4 * 60; i++) {
		int at = i < 900 ? i : i - 4;
		u64 y = feed(square(at, 60), HORIZON, DAM_MODEL_SEASONAL);

		if (i >= 900 + 3 * 60 + 4 - HORIZON)
			wrong += (y > VALUE / 2 * 3) != (square(at + HORIZON, 60) > VALUE);
	}
	assert_int_equal(wrong, 0);
}

static void period_is_one_of_time_not_of_ticks(void **state)
{
	u64 at_ms = 0;
	int i;

	(void)state;
	for (i = 0; i < 1500; i++) {
		at_ms += i % 8 ? 12 : 7;
		dam_forecast_clock(&c, at_ms * 1000000, 10);
		feed(wave((int)at_ms, 1200), HORIZON, DAM_MODEL_AUTO);
	}
	assert_true(fabs(seasons.rows[f[0].season - 1].period_q8 / 256.0 - 120) < 1.2);
}

/* What was kept is of an interval that is no more */
static void histories_begin_anew_with_another_interval(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 1500; i++) {
		dam_forecast_clock(&c, (i + 1) * 10000000ULL, 10);
		feed(wave(i, 120), HORIZON, DAM_MODEL_AUTO);
	}
	assert_int_not_equal(f[0].season, 0);
	assert_int_not_equal(seasons.rows[f[0].season - 1].period_q8, 0);
	dam_forecast_clock(&c, 15100000000ULL, 100);
	feed(wave(i, 120), HORIZON, DAM_MODEL_AUTO);
	for (i = 0; i < DAM_SEASONS; i++)
		assert_false(seasons.rows[i].owner && seasons.rows[i].period_q8);
}

static void wave_without_noise_is_forecast_within_a_percent(void **state)
{
	double period = 120, miss = 0;
	u64 out[HORIZON];
	int i;

	(void)state;
	for (i = 0; i < 3000; i++) {
		if (i >= 2000)
			miss += fabs((double)out[i % HORIZON] -
				     (double)wave(i, period));
		out[i % HORIZON] = feed(wave(i, period), HORIZON,
					DAM_MODEL_SEASONAL);
	}
	assert_true(miss / 1000 < 0.01 * VALUE);
}

static void edges_that_repeat_are_foreseen(void **state)
{
	u64 pattern[97], got;
	int i, missed = 0;

	(void)state;
	for (i = 0; i < 97; i++)
		pattern[i] = i / 12 % 2 || !i ? VALUE : VALUE / 10;
	for (i = 0; i < 3000; i++) {
		got = feed(pattern[i % 97], HORIZON, DAM_MODEL_SEASONAL);
		if (i < 1500)
			continue;
		missed += fabs((double)got -
			       (double)pattern[(i + HORIZON) % 97]) >
			  VALUE / 10.0;
	}
	/* beside each of nine edges a tick, where the period is rounded */
	assert_in_range(missed, 0, 1500 * 2 * 9 / 97);
}

static void nothing_is_found_in_noise(void **state)
{
	struct lab_random r = { .state = 10 };
	int i, spoke = 0;

	(void)state;
	for (i = 0; i < 5000; i++) {
		feed(VALUE + lab_random_in(&r, 0, VALUE), HORIZON,
		     DAM_MODEL_AUTO);
		spoke += f[0].model == DAM_MODEL_SEASONAL;
	}
	assert_int_equal(spoke, 0);
}

static void period_that_changes_is_found_again(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 2000; i++)
		feed(wave(i, 50), HORIZON, DAM_MODEL_AUTO);
	for (i = 0; i < 3000; i++)
		feed(wave(i, 83), HORIZON, DAM_MODEL_AUTO);
	/* or a multiple of it */
	assert_int_equal(f[0].model, DAM_MODEL_SEASONAL);
	assert_in_range(dam_forecast_error_bps(&c, &f[0]), 0, VALUE / 50);
}

static void horizon_beyond_the_history_is_the_last_value(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 3000; i++)
		assert_int_equal(feed(wave(i, 50), 5000, DAM_MODEL_SEASONAL),
				 wave(i, 50));
}

static void without_histories_it_is_the_last_value(void **state)
{
	int i;

	(void)state;
	c.seasons = NULL;
	for (i = 0; i < 3000; i++)
		assert_int_equal(feed(wave(i, 50), HORIZON, DAM_MODEL_SEASONAL),
				 wave(i, 50));
}

/* Series @i swings by i + 1 units */
static void feed_all(int tick, u32 from)
{
	u32 i;

	dam_forecast_prepare(&c, HORIZON, DAM_MODEL_AUTO);
	for (i = from; i < SERIES; i++)
		dam_forecast_update(&c, &f[i],
				    (i + 1ULL) * (tick / 50 % 2 ? 2000 : 1000));
}

static void those_that_vary_most_get_the_histories(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 2000; i++)
		feed_all(i, 0);
	/* to take one, a series must outweigh its owner twice */
	for (i = 0; i < 4; i++)
		assert_int_equal(f[i].season, 0);
	for (i = SERIES / 2; i < SERIES; i++)
		assert_int_not_equal(f[i].season, 0);
}

static void history_of_a_series_that_ended_is_free(void **state)
{
	int i, n = 0;

	(void)state;
	for (i = 0; i < 2000; i++)
		feed_all(i, 0);
	/* the heavier half goes; the other takes what it had */
	for (; i < 4000; i++) {
		dam_forecast_prepare(&c, HORIZON, DAM_MODEL_AUTO);
		for (n = 0; n < SERIES / 2; n++)
			dam_forecast_update(&c, &f[n], (n + 1ULL) *
					    (i / 50 % 2 ? 2000 : 1000));
	}
	for (n = 0; n < SERIES / 2; n++)
		assert_int_not_equal(f[n].season, 0);
}

static void histories_take_at_most_64_kib(void **state)
{
	(void)state;
	assert_in_range(sizeof(seasons), DAM_SEASONS * DAM_SEASON_TICKS, 65536);
}

static void any_input_stays_in_range(void **state)
{
	struct lab_random r = { .state = 11 };
	u32 i, n, horizon = 0;

	(void)state;
	for (i = 0; i < 20000; i++) {
		if (!lab_random_in(&r, 0, 300))
			horizon = lab_random_in(&r, 0, 2) ?
				  lab_random_in(&r, 0, 100) :
				  (u32)lab_random_wild(&r);
		dam_forecast_prepare(&c, horizon,
				     lab_random_in(&r, 0, DAM_MODELS + 1));
		for (n = lab_random_in(&r, 0, 8); n < 16; n++) {
			check_case(dam_forecast_update(&c, &f[n],
						       lab_random_wild(&r)) <=
				   DAM_BPS_MAX, i);
			check_case(dam_forecast_error_bps(&c, &f[n]) <=
				   DAM_BPS_MAX, i);
		}
		/* a thread that ends, another in its place */
		if (!lab_random_in(&r, 0, 50))
			f[lab_random_in(&r, 0, 15)] = (struct dam_forecast){ 0 };
	}
}

static void periodic_extremes_stay_in_range(void **state)
{
	struct lab_random r = { .state = 12 };
	u32 i, period = 20, scale = 0;

	(void)state;
	for (i = 0; i < 200000; i++) {
		if (!(i % 5000)) {
			period = lab_random_in(&r, 2, 400);
			scale = lab_random_in(&r, 0, 42);
		}
		check_case(feed(i / period % 2 ? DAM_BPS_MAX >> scale : 0,
				HORIZON, DAM_MODEL_AUTO) <= DAM_BPS_MAX, i);
	}
}

/* ---- bars on loads of random shape ------------------------------------ */

/* Mean absolute error over the last value's */
static double ratio(const double *y, enum dam_model m)
{
	double miss = 0, miss_last = 0, made[HORIZON];
	void *none = NULL;
	int i;

	fresh(&none);
	for (i = 0; i < TICKS; i++) {
		if (i >= FIRST) {
			miss += fabs(made[i % HORIZON] - y[i]);
			miss_last += fabs(y[i - HORIZON] - y[i]);
		}
		made[i % HORIZON] = (double)feed((u64)(y[i] * PERCENT), HORIZON,
						 m) / PERCENT;
	}
	return miss / miss_last;
}

/* Over many seeds; and no single model is better by more than a twentieth */
static void bar(enum lab_shape shape, double most)
{
	double sum[DAM_MODELS + 1] = { 0 }, y[TICKS];
	enum dam_model m;
	u64 seed;

	for (seed = 0; seed < SEEDS; seed++) {
		lab_shape_trace(shape, seed, y, NULL, TICKS);
		for (m = 0; m <= DAM_MODEL_AUTO; m++)
			sum[m] += ratio(y, m);
	}
	assert_true(sum[DAM_MODEL_AUTO] / SEEDS <= most);
	for (m = 0; m < DAM_MODELS; m++)
		check_case(sum[DAM_MODEL_AUTO] <= 1.05 * sum[m], m);
}

#define BAR_TEST(name, shape, most)					\
static void name(void **state)						\
{									\
	(void)state;							\
	bar(shape, most);						\
}

BAR_TEST(ramps_are_foreseen, LAB_RAMP, 0.4)
BAR_TEST(sines_are_foreseen, LAB_SINE, 0.40)
BAR_TEST(squares_are_foreseen, LAB_SQUARE, 0.28)
BAR_TEST(noise_is_averaged, LAB_NOISE, 0.74)
BAR_TEST(walks_do_no_harm, LAB_WALK, 1.05)
BAR_TEST(on_off_does_no_harm, LAB_ON_OFF, 1.05)
BAR_TEST(bursts_do_no_harm, LAB_BURSTS, 1.05)

#define test(name)	cmocka_unit_test_setup(name, fresh)

int main(void)
{
	check_list(tests) = {
		test(period_is_found),
		test(edges_are_foreseen_as_such),
		test(period_and_two_thirds_are_enough),
		test(late_edges_are_believed_after_three_periods),
		test(period_is_one_of_time_not_of_ticks),
		test(histories_begin_anew_with_another_interval),
		test(wave_without_noise_is_forecast_within_a_percent),
		test(edges_that_repeat_are_foreseen),
		test(nothing_is_found_in_noise),
		test(period_that_changes_is_found_again),
		test(horizon_beyond_the_history_is_the_last_value),
		test(without_histories_it_is_the_last_value),
		test(those_that_vary_most_get_the_histories),
		test(history_of_a_series_that_ended_is_free),
		test(histories_take_at_most_64_kib),
		test(any_input_stays_in_range),
		test(periodic_extremes_stay_in_range),
		test(ramps_are_foreseen),
		test(sines_are_foreseen),
		test(squares_are_foreseen),
		test(noise_is_averaged),
		test(walks_do_no_harm),
		test(on_off_does_no_harm),
		test(bursts_do_no_harm),
	};

	return cmocka_run_group_tests_name("seasonal", tests, NULL, NULL);
}

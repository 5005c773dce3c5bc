// SPDX-License-Identifier: GPL-2.0
/* forecast.c against a reference in double precision, and its chooser. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "models.h"
#include "policy.h"
#include "random.h"
#include "shapes.h"

#define HORIZON	10
#define VALUE	1000000000ULL

/* A series and what it is forecast with */
struct series {
	struct dam_forecaster c;
	struct dam_forecast f;
};

static u64 feed(struct series *s, u64 y, u32 horizon, enum dam_model choice)
{
	dam_forecast_prepare(&s->c, horizon, choice);
	return dam_forecast_update(&s->c, &s->f, y);
}

/* The models again, in floating point: nothing is rounded but constants */
struct reference {
	double ewma;
	double ewma_gain;
	bool ewma_below;
	double holt_level;
	double holt_slope;
	double level;
	double slope;
	double gain;
	bool below;
	bool started;
};

static double q16(u32 v)
{
	return v / 65536.0;
}

/* Gains are a ladder of rungs by definition: steps of 1/16, in 1/65536 */
static void learn(double *gain, bool *below, double miss, double max)
{
	double step = floor(*gain * 4096) / 65536;
	bool was = *below;

	if (miss)
		*below = miss < 0;
	*gain = *below == was ? fmin(*gain + step, max) :
				fmax(*gain - step, q16(GAIN_MIN_Q16));
}

static void reference_take(struct reference *r, double y)
{
	double expected, slope;

	if (!r->started) {
		*r = (struct reference){
			.ewma = y, .ewma_gain = 0.25, .holt_level = y,
			.level = y, .gain = 0.25, .started = true,
		};
		return;
	}
	learn(&r->ewma_gain, &r->ewma_below, y - r->ewma, q16(EWMA_GAIN_MAX_Q16));
	r->ewma += r->ewma_gain * (y - r->ewma);

	slope = q16(HOLT_DAMPING_Q16) * r->holt_slope;
	expected = r->holt_level + slope;
	r->holt_slope = slope + q16(HOLT_SLOPE_Q16) * (y - expected);
	r->holt_level = expected + q16(HOLT_LEVEL_Q16) * (y - expected);
	r->holt_level = fmax(r->holt_level, 0);

	slope = q16(KALMAN_DAMPING_Q16) * r->slope;
	expected = r->level + slope;
	learn(&r->gain, &r->below, y - expected,
	      q16(KALMAN_GAIN_MAX_Q16));
	r->slope = slope + r->gain * r->gain / 4 * (y - expected);
	r->level = fmax(expected + r->gain * (y - expected), 0);
}

static double reference_predict(const struct reference *r, enum dam_model m,
				double y, int ticks)
{
	double level = r->level, slope = r->slope, damping = q16(KALMAN_DAMPING_Q16);

	if (m == DAM_MODEL_LAST)
		return y;
	if (m == DAM_MODEL_EWMA)
		return r->ewma;
	if (m == DAM_MODEL_HOLT) {
		level = r->holt_level;
		slope = r->holt_slope;
		damping = q16(HOLT_DAMPING_Q16);
	}
	return fmax(level + slope * damping * (1 - pow(damping, ticks)) /
		    (1 - damping), 0);
}

/* With pauses; never still, as then the side of a miss is a matter of rounding */
static double wave(struct lab_random *r, double size, int i)
{
	if (i % 997 < 40)
		return floor(size * 0.01 * lab_random_unit(r));
	return floor(size * (0.5 + 0.3 * sin(i / 20.0) +
			     0.1 * lab_random_unit(r)));
}

static void model_matches_double_reference(enum dam_model m)
{
	struct lab_random random = { .state = m };
	double size, y, got, want;
	int i, n;

	for (n = 0; n < 40; n++) {
		struct series s = { 0 };
		struct reference r = { 0 };

		/* from a megabyte to half a terabyte a second */
		size = exp2(20 + n * 0.48);
		for (i = 0; i < 3000; i++) {
			y = wave(&random, size, i);
			reference_take(&r, y);
			got = (double)feed(&s, (u64)y, HORIZON, m);
			want = reference_predict(&r, m, y, HORIZON);
			/* to nothing: of the largest value, a millionth */
			check_case(fabs(got - want) <=
				   fmax(0.001 * want, size / 1000000) + 1,
				   n * 10000 + i);
		}
	}
}

static void last_value_matches_double_reference(void **state)
{
	(void)state;
	model_matches_double_reference(DAM_MODEL_LAST);
}

static void mean_matches_double_reference(void **state)
{
	(void)state;
	model_matches_double_reference(DAM_MODEL_EWMA);
}

static void holt_matches_double_reference(void **state)
{
	(void)state;
	model_matches_double_reference(DAM_MODEL_HOLT);
}

static void kalman_matches_double_reference(void **state)
{
	(void)state;
	model_matches_double_reference(DAM_MODEL_KALMAN);
}

static void error_matches_double_reference(void **state)
{
	struct lab_random random = { .state = 2 };
	struct series s = { 0 };
	double past[2] = { 0 }, err = 0, y, miss;
	int i, scored = 0;

	(void)state;
	/* at a horizon of two ticks every second forecast is kept */
	for (i = 1; i < 2000; i++) {
		y = wave(&random, 1e9, i);
		feed(&s, (u64)y, 2, DAM_MODEL_LAST);
		if (s.f.scored > scored || (scored == 255 && i % 2)) {
			double weight = 2 * 1966.0 / 65536;

			miss = fabs(past[i % 2] - y);
			if (scored < 33)
				weight = fmax(weight, 1.0 / (scored + 1));
			err += weight * (miss - err);
			scored = s.f.scored;
		}
		past[i % 2] = y;
		/* forecasts wait in 1/4096 of the largest value or less */
		check_case(fabs((double)dam_forecast_error_bps(&s.c, &s.f) - err) <=
			   0.001 * err + 1e9 / 4096, i);
	}
	assert_int_equal(scored, 255);
}

static void constant_series_is_forecast_exactly_by_all(void **state)
{
	enum dam_model m;
	int i;

	(void)state;
	for (m = 0; m <= DAM_MODEL_AUTO; m++) {
		struct series s = { 0 };

		for (i = 0; i < 100; i++)
			assert_int_equal(feed(&s, VALUE, 3, m), VALUE);
		assert_int_equal(dam_forecast_error_bps(&s.c, &s.f), 0);
	}
}

static void first_value_is_the_forecast(void **state)
{
	enum dam_model m;

	(void)state;
	for (m = 0; m <= DAM_MODEL_AUTO; m++) {
		struct series s = { 0 };

		assert_int_equal(feed(&s, VALUE, 3, m), VALUE);
	}
}

static void horizon_zero_is_the_present_value(void **state)
{
	struct lab_random random = { .state = 3 };
	struct series s = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 200; i++) {
		u64 y = (u64)wave(&random, 1e9, i);

		assert_int_equal(feed(&s, y, 0, DAM_MODEL_HOLT), y);
	}
}

static void series_that_ends_is_forecast_to_be_nothing(void **state)
{
	struct series s = { 0 };
	enum dam_model m;
	int i;

	(void)state;
	for (m = 0; m <= DAM_MODEL_AUTO; m++) {
		for (i = 0; i < 100; i++)
			feed(&s, DAM_BPS_MAX, 3, m);
		for (i = 0; i < 5000; i++)
			feed(&s, 0, 3, m);
		assert_int_equal(feed(&s, 0, 3, m), 0);
		/* and small values are exact again */
		assert_int_equal(s.f.shift, 0);
	}
}

static void trend_speaks_on_a_ramp(void **state)
{
	struct series s = { 0 };
	u64 out = 0, y = VALUE;
	int i;

	(void)state;
	for (i = 0; i < 200; i++) {
		y += 10000000;
		out = feed(&s, y, 3, DAM_MODEL_AUTO);
	}
	assert_in_range(s.f.model, DAM_MODEL_HOLT, DAM_MODEL_KALMAN);
	assert_in_range(out, y + 5000000, y + 33000000);
}

static void choice_overrides_the_errors(void **state)
{
	struct series s = { 0 };
	enum dam_model m;
	int i;

	(void)state;
	for (m = 0; m < DAM_MODELS; m++) {
		for (i = 0; i < 20; i++)
			feed(&s, i % 2 ? VALUE : 0, 2, m);
		assert_int_equal(s.f.model, m);
	}
}

static void forecast_is_scored_when_it_is_due(void **state)
{
	struct series s = { 0 };
	int i;

	(void)state;
	feed(&s, VALUE, 3, DAM_MODEL_LAST);
	for (i = 0; i < 2; i++) {
		feed(&s, 3 * VALUE, 3, DAM_MODEL_LAST);
		assert_int_equal(s.f.scored, 0);
	}
	feed(&s, 3 * VALUE, 3, DAM_MODEL_LAST);
	assert_int_equal(s.f.scored, 1);
	assert_in_range(dam_forecast_error_bps(&s.c, &s.f), 2 * VALUE * 999 / 1000,
			2 * VALUE * 1001 / 1000);
}

static void horizon_may_change_between_calls(void **state)
{
	struct lab_random random = { .state = 6 };
	struct series s = { 0 };
	u32 horizon = 0;
	int i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		if (!lab_random_in(&random, 0, 99))
			horizon = lab_random_in(&random, 0, 40);
		/* two levels, from one to the other whenever it changes */
		feed(&s, horizon % 2 ? VALUE : 2 * VALUE, horizon,
		     DAM_MODEL_LAST);
		/* what was forecast for another horizon is never compared */
		assert_int_equal(dam_forecast_error_bps(&s.c, &s.f), 0);
	}
	assert_int_equal(s.f.scored, 255);
}

static void long_horizons_are_scored_too(void **state)
{
	struct series s = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 5000; i++)
		feed(&s, VALUE, 1000, DAM_MODEL_AUTO);
	assert_in_range(s.f.scored, 10, 5000);
}

static void falling_ramp_ends_at_zero(void **state)
{
	struct series s = { 0 };
	u64 out = 0;
	int i;

	(void)state;
	for (i = 20; i >= 0; i--)
		out = feed(&s, i * 10000000ULL, 100, DAM_MODEL_HOLT);
	assert_int_equal(out, 0);
}

static void count_of_ticks_survives_its_wrap(void **state)
{
	struct series s = { .c.tick = U32_MAX - 10000 };
	int i;

	(void)state;
	/* what comes after forty ticks is the same: scored in time, no error */
	for (i = 0; i < 20000; i++) {
		feed(&s, i % 2 ? VALUE : 0, 40, DAM_MODEL_LAST);
		check_case(!dam_forecast_error_bps(&s.c, &s.f), i);
		if (i == 15000)
			s.f.scored = 0;
	}
	assert_in_range(s.f.scored, 200, 255);
}

static void any_input_stays_in_range(void **state)
{
	struct lab_random random = { .state = 7 };
	struct series s = { 0 };
	u32 i, horizon = 0;

	(void)state;
	for (i = 0; i < 300000; i++) {
		if (!lab_random_in(&random, 0, 30))
			horizon = (u32)lab_random_wild(&random);
		check_case(feed(&s, lab_random_wild(&random), horizon,
				lab_random_in(&random, 0, DAM_MODELS + 1)) <=
			   DAM_BPS_MAX, i);
		check_case(dam_forecast_error_bps(&s.c, &s.f) <= DAM_BPS_MAX, i);
		check_case(s.f.model < DAM_MODELS, i);
	}
}

static void extremes_in_any_order_stay_in_range(void **state)
{
	struct lab_random random = { .state = 8 };
	struct series s = { 0 };
	u64 y = 0;
	u32 i;

	(void)state;
	/* runs of nothing and of all there can be: the steepest slopes */
	for (i = 0; i < 300000; i++) {
		if (!lab_random_in(&random, 0, 1U << (i / 20000)))
			y = y ? 0 : DAM_BPS_MAX;
		check_case(feed(&s, y, 10000, DAM_MODEL_AUTO) <= DAM_BPS_MAX, i);
	}
}

#define test(name)	cmocka_unit_test(name)

int main(void)
{
	check_list(tests) = {
		test(last_value_matches_double_reference),
		test(mean_matches_double_reference),
		test(holt_matches_double_reference),
		test(kalman_matches_double_reference),
		test(error_matches_double_reference),
		test(constant_series_is_forecast_exactly_by_all),
		test(first_value_is_the_forecast),
		test(horizon_zero_is_the_present_value),
		test(series_that_ends_is_forecast_to_be_nothing),
		test(trend_speaks_on_a_ramp),
		test(choice_overrides_the_errors),
		test(forecast_is_scored_when_it_is_due),
		test(horizon_may_change_between_calls),
		test(long_horizons_are_scored_too),
		test(falling_ramp_ends_at_zero),
		test(count_of_ticks_survives_its_wrap),
		test(any_input_stays_in_range),
		test(extremes_in_any_order_stay_in_range),
	};

	return cmocka_run_group_tests_name("forecast", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* forecast.c against a reference in double precision, and its chooser. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "policy.h"
#include "random.h"

#define HORIZON	10
#define VALUE	1000000000ULL

/* The models again, in floating point and without rounding */
struct reference {
	double level;
	double slope;
	double ewma;
	int seen;
};

static void reference_take(struct reference *r, double y)
{
	const double a = 0.3, b = 0.1, d = 0.95;
	double expected = r->level + d * r->slope;

	if (!r->seen++) {
		r->level = y;
		r->ewma = y;
		return;
	}
	r->ewma += 0.3 * (y - r->ewma);
	r->slope = d * r->slope + a * b * (y - expected);
	r->level = expected + a * (y - expected);
	if (r->level < 0)
		r->level = 0;
}

static double reference_holt(const struct reference *r, int ticks)
{
	double out = r->level + r->slope * 0.95 * (1 - pow(0.95, ticks)) / 0.05;

	return out < 0 ? 0 : out;
}

static double wave(struct lab_random *r, int i)
{
	return 500e6 + 300e6 * sin(i / 20.0) + 40e6 * lab_random_unit(r);
}

static u64 feed(struct dam_forecast *f, const u64 *y, int n, u32 horizon,
		enum dam_model choice)
{
	u64 out = 0;
	int i;

	for (i = 0; i < n; i++)
		out = dam_forecast_update(f, y[i], horizon, choice, NULL);
	return out;
}

static void models_match_double_reference(void **state)
{
	struct lab_random random = { .state = 1 };
	struct dam_forecast holt = { 0 }, ewma = { 0 };
	struct reference r = { 0 };
	double y, got, want;
	int i;

	(void)state;
	for (i = 0; i < 3000; i++) {
		y = floor(wave(&random, i));
		reference_take(&r, y);
		got = dam_forecast_update(&ewma, (u64)y, HORIZON,
					  DAM_MODEL_EWMA, NULL);
		check_case(fabs(got - r.ewma) <= 0.001 * r.ewma, i);
		want = reference_holt(&r, HORIZON);
		got = dam_forecast_update(&holt, (u64)y, HORIZON,
					  DAM_MODEL_HOLT, NULL);
		check_case(fabs(got - want) <= 0.001 * want, i);
	}
}

static void error_matches_double_reference(void **state)
{
	struct lab_random random = { .state = 2 };
	struct dam_forecast f = { 0 };
	double past[HORIZON] = { 0 }, err = 0, y, miss;
	u64 got = 0;
	int i, scored = 0;

	(void)state;
	/* a horizon of two ticks: each forecast is kept and compared */
	for (i = 0; i < 2000; i++) {
		y = floor(wave(&random, i));
		if (i >= 2) {
			double weight = 1966.0 / 65536;

			miss = fabs(past[i % 2] - y);
			if (scored < 33)
				weight = fmax(weight, 1.0 / (scored + 1));
			err += weight * (miss - err);
			scored++;
		}
		past[i % 2] = y;
		dam_forecast_update(&f, (u64)y, 2, DAM_MODEL_LAST, &got);
		check_case(fabs((double)got - err) <= 0.001 * err + 16, i);
	}
}

static void constant_series_is_forecast_exactly_by_all(void **state)
{
	enum dam_model m;
	u64 err = 1;
	int i;

	(void)state;
	for (m = 0; m <= DAM_MODEL_AUTO; m++) {
		struct dam_forecast f = { 0 };

		for (i = 0; i < 100; i++)
			assert_int_equal(dam_forecast_update(&f, VALUE, 3, m,
							     &err), VALUE);
		assert_int_equal(err, 0);
	}
}

static void first_value_is_the_forecast(void **state)
{
	enum dam_model m;

	(void)state;
	for (m = 0; m <= DAM_MODEL_AUTO; m++) {
		struct dam_forecast f = { 0 };

		assert_int_equal(dam_forecast_update(&f, VALUE, 3, m, NULL),
				 VALUE);
	}
}

static void horizon_zero_is_the_present_value(void **state)
{
	struct lab_random random = { .state = 3 };
	struct dam_forecast f = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 200; i++) {
		u64 y = (u64)wave(&random, i);

		assert_int_equal(dam_forecast_update(&f, y, 0, DAM_MODEL_HOLT,
						     NULL), y);
	}
}

static void last_value_speaks_on_a_random_walk(void **state)
{
	struct lab_random random = { .state = 4 };
	struct dam_forecast f = { 0 };
	u64 y = VALUE;
	int i, other = 0;

	(void)state;
	for (i = 0; i < 5000; i++) {
		y += lab_random_in(&random, 0, 40000000);
		y -= 20000000;
		dam_forecast_update(&f, y, 3, DAM_MODEL_AUTO, NULL);
		other += f.model != DAM_MODEL_LAST;
	}
	assert_in_range(other, 0, 250);
}

static void chooser_beats_the_last_value_on_noise(void **state)
{
	struct lab_random random = { .state = 5 };
	struct dam_forecast f = { 0 };
	double err = 0, err_last = 0;
	u64 y = 0, past[4] = { 0 }, spoken[4] = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 5000; i++) {
		y = VALUE + lab_random_in(&random, 0, VALUE);
		if (i >= 500) {
			err += fabs((double)spoken[(i - 3) % 4] - (double)y);
			err_last += fabs((double)past[(i - 3) % 4] - (double)y);
		}
		past[i % 4] = y;
		spoken[i % 4] = dam_forecast_update(&f, y, 3, DAM_MODEL_AUTO,
						    NULL);
	}
	assert_true(err < 0.93 * err_last);
}

static void trend_speaks_on_a_ramp(void **state)
{
	struct dam_forecast f = { 0 };
	u64 out = 0, y = VALUE;
	int i;

	(void)state;
	for (i = 0; i < 100; i++) {
		y += 10000000;
		out = dam_forecast_update(&f, y, 3, DAM_MODEL_AUTO, NULL);
	}
	assert_int_equal(f.model, DAM_MODEL_HOLT);
	assert_in_range(out, y + 5000000, y + 30000000);
}

static void choice_overrides_the_errors(void **state)
{
	u64 y[] = { 0, VALUE, 0, VALUE, 0, VALUE, 0, VALUE, 0, VALUE };
	struct dam_forecast f = { 0 };

	(void)state;
	feed(&f, y, 10, 2, DAM_MODEL_EWMA);
	assert_int_equal(f.model, DAM_MODEL_EWMA);
	feed(&f, y, 1, 2, DAM_MODEL_HOLT);
	assert_int_equal(f.model, DAM_MODEL_HOLT);
}

static void forecast_is_scored_when_it_is_due(void **state)
{
	struct dam_forecast f = { 0 };
	u64 err;
	int i;

	(void)state;
	dam_forecast_update(&f, VALUE, 3, DAM_MODEL_LAST, &err);
	for (i = 0; i < 2; i++) {
		dam_forecast_update(&f, 3 * VALUE, 3, DAM_MODEL_LAST, &err);
		assert_int_equal(f.scored, 0);
	}
	dam_forecast_update(&f, 3 * VALUE, 3, DAM_MODEL_LAST, &err);
	assert_int_equal(f.scored, 1);
	assert_int_equal(err, 2 * VALUE);
}

static void horizon_may_change_between_calls(void **state)
{
	struct lab_random random = { .state = 6 };
	struct dam_forecast f = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 20000; i++)
		dam_forecast_update(&f, VALUE, lab_random_in(&random, 0, 40),
				    DAM_MODEL_AUTO, NULL);
	/* of a constant series nothing is ever missed, whatever was pending */
	assert_int_equal(f.err_bps[DAM_MODEL_LAST], 0);
	assert_in_range(f.scored, 1000, 65535);
}

static void long_horizons_are_scored_too(void **state)
{
	struct dam_forecast f = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 5000; i++)
		dam_forecast_update(&f, VALUE, 1000, DAM_MODEL_AUTO, NULL);
	assert_in_range(f.scored, 12, 5000);
}

static void falling_ramp_ends_at_zero(void **state)
{
	struct dam_forecast f = { 0 };
	u64 out = 0;
	int i;

	(void)state;
	for (i = 20; i >= 0; i--)
		out = dam_forecast_update(&f, i * 10000000ULL, 100,
					  DAM_MODEL_HOLT, NULL);
	assert_int_equal(out, 0);
}

static void count_of_ticks_survives_its_wrap(void **state)
{
	struct dam_forecast f = { .ticks = U32_MAX - 20000 };
	u16 before;
	u64 err;
	int i;

	(void)state;
	/* what comes after forty ticks is the same: scored in time, no error */
	for (i = 0; i < 30000; i++) {
		dam_forecast_update(&f, i % 2 ? VALUE : 0, 40, DAM_MODEL_LAST,
				    &err);
		check_case(!err, i);
	}
	before = f.scored;
	for (i = 0; i < 100; i++)
		dam_forecast_update(&f, i % 2 ? VALUE : 0, 40, DAM_MODEL_LAST,
				    NULL);
	assert_int_equal(f.scored, before + 10);
}

static void any_input_stays_in_range(void **state)
{
	struct lab_random random = { .state = 7 };
	struct dam_forecast f = { 0 };
	u64 err, out;
	u32 i;

	(void)state;
	for (i = 0; i < 300000; i++) {
		/* now and then a state that no sequence of ticks leads to */
		if (i % 97 == 0) {
			f.level_bps = lab_random_wild(&random) % DAM_BPS_MAX;
			f.slope_bps = lab_random_wild(&random) % DAM_BPS_MAX;
			if (i & 1)
				f.slope_bps = -f.slope_bps;
			f.ticks = (u32)lab_random_wild(&random);
		}
		out = dam_forecast_update(&f, lab_random_wild(&random),
					  (u32)lab_random_wild(&random),
					  lab_random_in(&random, 0, 5), &err);
		check_case(out <= DAM_BPS_MAX, i);
		check_case(err <= DAM_BPS_MAX, i);
		check_case(f.model < DAM_MODELS, i);
	}
}

int main(void)
{
	check_list(tests) = {
		cmocka_unit_test(models_match_double_reference),
		cmocka_unit_test(error_matches_double_reference),
		cmocka_unit_test(constant_series_is_forecast_exactly_by_all),
		cmocka_unit_test(first_value_is_the_forecast),
		cmocka_unit_test(horizon_zero_is_the_present_value),
		cmocka_unit_test(last_value_speaks_on_a_random_walk),
		cmocka_unit_test(chooser_beats_the_last_value_on_noise),
		cmocka_unit_test(trend_speaks_on_a_ramp),
		cmocka_unit_test(choice_overrides_the_errors),
		cmocka_unit_test(forecast_is_scored_when_it_is_due),
		cmocka_unit_test(horizon_may_change_between_calls),
		cmocka_unit_test(long_horizons_are_scored_too),
		cmocka_unit_test(falling_ramp_ends_at_zero),
		cmocka_unit_test(count_of_ticks_survives_its_wrap),
		cmocka_unit_test(any_input_stays_in_range),
	};

	return cmocka_run_group_tests_name("forecast", tests, NULL, NULL);
}

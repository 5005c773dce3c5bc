// SPDX-License-Identifier: GPL-2.0
/* Light load is packed for engines to suspend: when, whose, and how far. */
#include <string.h>

#include "check.h"
#include "world.h"

#define LIGHT_TICKS	50

static struct world w;
static struct dam_seasons seasons;
static struct dam_forecaster forecaster;
static struct dam_forecast forecasts[2];
static struct dam_ahead ahead;

/* Two engines at a fifth each */
static int fresh(void **state)
{
	(void)state;
	world_init(&w);
	world_engine(&w, 100, 0);
	world_engine(&w, 100, 1);
	w.engines[0].sleeps = true;
	w.engines[1].sleeps = true;
	world_thread(&w, 20, 0);
	world_thread(&w, 20, 1);
	w.s.params.energy_bias_e4 = 10000;
	return 0;
}

static u32 moves_in(u32 ticks)
{
	u32 n = 0;

	while (ticks--)
		n += world_tick(&w);
	return n;
}

static void first_asks(u32 percent)
{
	w.threads[0].now_bps = WORLD_BPS / 100 * percent;
	w.threads[0].pred_bps = w.threads[0].now_bps;
}

static bool apart(void)
{
	return w.threads[0].engine != w.threads[1].engine;
}

static void light_load_is_packed_after_half_a_second(void **state)
{
	(void)state;
	assert_int_equal(moves_in(LIGHT_TICKS - 1), 0);
	assert_int_equal(moves_in(3), 1);
	assert_false(apart());
	assert_int_equal(w.moves[0].promised_q16, 0);
}

static void half_a_second_is_as_long_in_short_ticks(void **state)
{
	(void)state;
	w.s.params.interval_ms = 1;
	assert_int_equal(moves_in(10 * LIGHT_TICKS - 1), 0);
	assert_int_equal(moves_in(3), 1);
}

static void what_is_packed_stays_so(void **state)
{
	(void)state;
	moves_in(2 * LIGHT_TICKS);
	assert_int_equal(moves_in(1000), 0);
}

static void without_a_bias_nothing_is_packed(void **state)
{
	(void)state;
	w.s.params.energy_bias_e4 = 0;
	assert_int_equal(moves_in(1000), 0);
}

static void small_bias_packs_less(void **state)
{
	(void)state;
	w.s.params.energy_bias_e4 = 5000;
	assert_int_equal(moves_in(1000), 0);
	first_asks(5);
	assert_int_equal(moves_in(1000), 1);
}

static void engines_that_do_not_suspend_are_left_alone(void **state)
{
	(void)state;
	w.engines[0].sleeps = false;
	w.engines[1].sleeps = false;
	assert_int_equal(moves_in(1000), 0);
}

static void one_that_does_not_suspend_takes_nothing(void **state)
{
	u32 e;

	(void)state;
	for (e = 0; e < 2; e++) {
		w.engines[e].sleeps = false;
		w.engines[!e].sleeps = true;
		assert_int_equal(moves_in(1000), 0);
	}
}

static void those_that_suspend_are_packed_beside_one_that_does_not(void **state)
{
	(void)state;
	world_engine(&w, 100, 0);
	world_thread(&w, 20, 2);
	assert_int_equal(moves_in(2 * LIGHT_TICKS), 1);
	assert_false(apart());
	assert_int_equal(moves_in(1000), 0);
}

static void what_would_not_fit_stays_apart(void **state)
{
	(void)state;
	first_asks(40);
	assert_int_equal(moves_in(1000), 0);
}

static void growth_is_borne_to_three_quarters_and_then_spread(void **state)
{
	(void)state;
	moves_in(2 * LIGHT_TICKS);
	assert_false(apart());
	first_asks(50);
	assert_int_equal(moves_in(100), 0);
	first_asks(60);
	assert_int_equal(moves_in(5), 1);
	assert_true(apart());
}

static void forecast_growth_is_spread_before_it_comes(void **state)
{
	(void)state;
	moves_in(2 * LIGHT_TICKS);
	w.threads[0].pred_bps = WORLD_BPS * 9 / 10;
	assert_int_equal(moves_in(5), 1);
	assert_true(apart());
}

static void engine_is_left_by_all_or_none(void **state)
{
	(void)state;
	world_thread(&w, 5, 0);
	world_thread(&w, 5, 1);
	w.threads[2].movable = false;
	w.threads[3].movable = false;
	assert_int_equal(moves_in(1000), 0);
	w.threads[2].movable = true;
	assert_int_equal(moves_in(10), 2);
	assert_int_equal(w.threads[0].engine, 1);
	assert_int_equal(w.threads[2].engine, 1);
}

static void budget_for_some_of_them_is_not_enough(void **state)
{
	(void)state;
	world_thread(&w, 5, 0);
	world_thread(&w, 5, 1);
	w.s.params.max_moves = 1;
	assert_int_equal(moves_in(1000), 0);
}

static void load_that_nobody_was_charged_with_keeps_it_awake(void **state)
{
	u32 e;

	(void)state;
	for (e = 0; e < 2; e++) {
		w.threads[e].now_bps = WORLD_BPS / 10;
		w.threads[e].pred_bps = WORLD_BPS / 10;
		w.engines[e].busy_bps = WORLD_BPS / 4;
		w.engines[e].charged_bps = WORLD_BPS / 10;
	}
	assert_int_equal(moves_in(1000), 0);
}

static void one_that_may_not_leave_does_not_keep_the_other(void **state)
{
	(void)state;
	w.forbidden = 1;
	assert_int_equal(moves_in(2 * LIGHT_TICKS), 1);
	assert_int_equal(w.threads[1].engine, 0);
}

static void busy_cpus_get_no_more_threads(void **state)
{
	(void)state;
	w.engines[0].pressure_q16 = 50000;
	w.engines[1].pressure_q16 = 50000;
	assert_int_equal(moves_in(1000), 0);
}

/* What one unit in a history stands for, nearly; and its length in ticks */
#define UNIT_BPS	(BIT_ULL(24))
#define PERIOD		100
#define NOW		1000

static u32 thread_of(void *ctx, const struct dam_forecast *f)
{
	(void)ctx;
	return f - forecasts;
}

/* Idle engines, and two threads on the first: the second will ask  soon */
static void burst_is_near(u32 percent)
{
	struct dam_season *row = &seasons.rows[0];
	u32 age, phase, e;

	for (e = 2; e < 12; e++)
		w.engines[world_engine(&w, 100, 0)].sleeps = true;
	w.threads[1] = w.threads[0];
	w.threads[1].now_bps = WORLD_BPS / 100;
	w.threads[1].pred_bps = WORLD_BPS / 100;
	memset(&ahead, 0, sizeof(ahead));
	memset(row, 0, sizeof(*row));
	forecasts[1].season = 1;
	row->owner = &forecasts[1];
	row->period_q8 = PERIOD << 8;
	row->filled = DAM_SEASON_TICKS;
	row->newest = DAM_SEASON_TICKS - 1;
	row->tick = NOW;
	row->shift = 20;
	for (age = 0; age < DAM_SEASON_TICKS; age++) {
		phase = (NOW - age) % PERIOD;
		row->value[row->newest - age] = phase >= 5 && phase < 20 ?
			WORLD_BPS / 100 * percent / UNIT_BPS : 0;
	}
	forecaster = (struct dam_forecaster){
		.seasons = &seasons, .choice = DAM_MODEL_AUTO,
		.horizon_ticks = 3, .seasons_tick = NOW,
	};
	w.s.forecaster = &forecaster;
	w.s.ahead = &ahead;
	w.s.thread_of = thread_of;
}

static void burst_that_will_be_too_much_parts_them(void **state)
{
	(void)state;
	burst_is_near(80);
	assert_int_equal(moves_in(1), 1);
	assert_true(apart());
	assert_int_equal(w.threads[0].engine, 0);
}

static void small_bias_parts_nobody_for_a_small_burst(void **state)
{
	(void)state;
	burst_is_near(6);
	first_asks(4);
	w.s.params.energy_bias_e4 = 100;
	assert_int_equal(moves_in(20), 0);
}

static bool only_the_last_but_one(void *ctx, u32 t, u32 e)
{
	(void)ctx;
	(void)t;
	return e == w.s.n_engines - 2;
}

static void no_idle_engine_is_forgotten(void **state)
{
	(void)state;
	burst_is_near(80);
	w.s.allowed = only_the_last_but_one;
	w.s.report = NULL;
	assert_int_equal(moves_in(10), 1);
	assert_int_equal(w.threads[1].engine, w.s.n_engines - 2);
}

static void bursts_go_where_cpus_are_idle_and_engines_fast_enough(void **state)
{
	u32 e;

	(void)state;
	burst_is_near(80);
	for (e = 1; e < w.s.n_engines - 1; e++) {
		if (e % 2)
			w.engines[e].capacity_bps = WORLD_BPS / 2;
		else
			w.engines[e].pressure_q16 = 50000;
	}
	assert_int_equal(moves_in(1), 1);
	assert_int_equal(w.threads[1].engine, w.s.n_engines - 1);
}

static void reserved_engines_take_no_bulk(void **state)
{
	(void)state;
	w.engines[1].reserved = true;
	w.threads[1].rt = true;
	assert_int_equal(moves_in(1000), 0);
}

#define test(name)	cmocka_unit_test_setup(name, fresh)

int main(void)
{
	check_list(tests) = {
		test(light_load_is_packed_after_half_a_second),
		test(half_a_second_is_as_long_in_short_ticks),
		test(what_is_packed_stays_so),
		test(without_a_bias_nothing_is_packed),
		test(small_bias_packs_less),
		test(engines_that_do_not_suspend_are_left_alone),
		test(one_that_does_not_suspend_takes_nothing),
		test(those_that_suspend_are_packed_beside_one_that_does_not),
		test(what_would_not_fit_stays_apart),
		test(growth_is_borne_to_three_quarters_and_then_spread),
		test(forecast_growth_is_spread_before_it_comes),
		test(engine_is_left_by_all_or_none),
		test(budget_for_some_of_them_is_not_enough),
		test(load_that_nobody_was_charged_with_keeps_it_awake),
		test(one_that_may_not_leave_does_not_keep_the_other),
		test(busy_cpus_get_no_more_threads),
		test(burst_that_will_be_too_much_parts_them),
		test(small_bias_parts_nobody_for_a_small_burst),
		test(no_idle_engine_is_forgotten),
		test(bursts_go_where_cpus_are_idle_and_engines_fast_enough),
		test(reserved_engines_take_no_bulk),
	};

	return cmocka_run_group_tests_name("pack", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* ahead.c: what repeats, and for whom that counts. */
#include <string.h>

#include "check.h"
#include "world.h"

#define TICK	1000
#define PERIOD	100

static struct world w;
static struct dam_seasons seasons;
static struct dam_forecaster forecaster;
static struct dam_forecast series[WORLD_THREADS];
static struct dam_ahead ahead;

static u32 thread_of(void *ctx, const struct dam_forecast *f)
{
	(void)ctx;
	return (u32)(f - series);
}

/* Bulk and small transfers on the first engine, some load on the second, another
 * thread on the third
 */
static int fresh(void **state)
{
	(void)state;
	world_init(&w);
	world_engine(&w, 100, 0);
	world_engine(&w, 100, 1);
	world_engine(&w, 100, 0);
	world_thread(&w, 30, 0);
	world_thread(&w, 10, 0);
	world_thread(&w, 20, 1);
	world_thread(&w, 5, 2);
	w.threads[0].op_bytes = 8 << 20;
	w.threads[0].outstanding = 64 << 20;
	w.threads[1].op_bytes = 4096;
	memset(&seasons, 0, sizeof(seasons));
	memset(&forecaster, 0, sizeof(forecaster));
	memset(series, 0, sizeof(series));
	memset(&ahead, 0, sizeof(ahead));
	forecaster.seasons = &seasons;
	forecaster.choice = DAM_MODEL_AUTO;
	forecaster.seasons_tick = TICK;
	w.s.forecaster = &forecaster;
	w.s.ahead = &ahead;
	w.s.thread_of = thread_of;
	return 0;
}

/* Thread @t has a known period, in which it asks much for half of the time */
static void repeats(u32 t)
{
	struct dam_season *s = &seasons.rows[0];
	int i;

	*s = (struct dam_season){
		.owner = &series[t], .period_q8 = PERIOD << 8, .tick = TICK, .shift = 20,
		.filled = DAM_SEASON_TICKS, .newest = DAM_SEASON_TICKS - 1,
	};
	for (i = 0; i < DAM_SEASON_TICKS; i++)
		s->value[i] = i % PERIOD < PERIOD / 2 ? 30 : 0;
	series[t].season = 1;
}

static s32 gain_of_the_small(void)
{
	world_next(&w);
	world_look(&w);
	dam_look_ahead(&w.s);
	return dam_gain_q16(&w.s, 1, 0, 1);
}

static void what_repeats_elsewhere_counts_for_nobody_else(void **state)
{
	s32 before = gain_of_the_small();

	(void)state;
	repeats(3);
	assert_int_equal(gain_of_the_small(), before);
	assert_int_equal(ahead.n, 1);
	assert_int_not_equal(before, 0);
}

static void what_repeats_on_its_engine_counts(void **state)
{
	s32 before = gain_of_the_small();

	(void)state;
	repeats(0);
	assert_int_not_equal(gain_of_the_small(), before);
}

/* It went, and another has its place in the table */
static void history_of_one_that_went_is_nobodys(void **state)
{
	(void)state;
	repeats(0);
	series[0].season = 0;
	gain_of_the_small();
	assert_int_equal(ahead.n, 0);
}

/* With a tick longer than they are apart, no moment is looked at twice */
static void moments_are_a_tick_apart(void **state)
{
	u32 k, distinct = 0;

	(void)state;
	repeats(0);
	w.s.params.interval_ms = 1000;
	for (k = 0; k < DAM_SEASON_TICKS; k++)
		seasons.rows[0].value[k] = (u16)(k % PERIOD);
	gain_of_the_small();
	assert_int_equal(ahead.n, 1);
	for (k = 1; k < DAM_AHEAD; k++)
		distinct += ahead.off_bps[0][k] != ahead.off_bps[0][k - 1];
	assert_int_equal(distinct, DAM_AHEAD - 1);
}

#define test(f)	cmocka_unit_test_setup(f, fresh)

int main(void)
{
	check_list(tests) = {
		test(what_repeats_elsewhere_counts_for_nobody_else),
		test(what_repeats_on_its_engine_counts),
		test(history_of_one_that_went_is_nobodys),
		test(moments_are_a_tick_apart),
	};

	return cmocka_run_group_tests_name("ahead", tests, NULL, NULL);
}

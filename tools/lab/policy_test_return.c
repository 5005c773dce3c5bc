// SPDX-License-Identifier: GPL-2.0
/* What a trial found, and whom it takes back. */
#include "check.h"
#include "world.h"

#define HOME	0
#define AWAY	1
#define SOON	8
#define TICKS	12

static struct world w;

/* A thread that fills its engine, one that nobody has used, and a slow one */
static int fresh(void **state)
{
	(void)state;
	world_init(&w);
	world_engine(&w, 100, 0);
	world_engine(&w, 0, 0);
	world_engine(&w, 50, 0);
	world_thread(&w, 100, HOME);
	return 0;
}

/* Nothing is worth a move by what is known */
static void no_gain_counts(void)
{
	w.s.params.weight_latency_e4 = 0;
	w.s.params.weight_throughput_e4 = 1;
}

static void goes(void)
{
	u32 i;

	no_gain_counts();
	for (i = 0; i < SOON - 1; i++)
		assert_int_equal(world_tick(&w), 0);
	assert_int_equal(world_tick(&w), 1);
	assert_int_equal(w.moves[0].purpose, DAM_FOR_TRIAL);
	assert_int_equal(w.threads[0].engine, AWAY);
	w.threads[0].tried = true;
}

/* The first ticks, in which work is under way yet, do not count */
static void finds(u32 percent, u32 first, u32 ticks)
{
	u32 i;

	for (i = 1; i <= ticks; i++) {
		w.engines[AWAY].charged_bps = world_percent(i <= 2 ? first : percent);
		assert_int_equal(world_tick(&w), 0);
	}
	w.engines[AWAY].charged_bps = world_percent(percent);
}

static void stays(void)
{
	u32 i;

	for (i = 0; i < 3 * TICKS; i++)
		assert_int_equal(world_tick(&w), 0);
	assert_int_equal(w.threads[0].engine, AWAY);
}

static void returns(void)
{
	assert_int_equal(world_tick(&w), 1);
	assert_int_equal(w.threads[0].engine, HOME);
	assert_int_equal(w.moves[0].from, AWAY);
	assert_int_equal(w.moves[0].to, HOME);
	assert_int_equal(w.moves[0].purpose, DAM_FOR_RETURN);
	assert_int_equal(w.moves[0].promised_q16, 0);
}

static void who_found_less_returns(void **state)
{
	(void)state;
	goes();
	finds(96, 300, TICKS - 1);
	returns();
	assert_int_equal(world_tick(&w), 0);
}

static void who_found_as_much_or_more_stays(void **state)
{
	(void)state;
	goes();
	finds(97, 0, TICKS - 1);
	assert_int_equal(world_tick(&w), 0);
	assert_int_equal(w.bucket.open[0].ticks, 0);
	stays();
	fresh(NULL);
	goes();
	finds(300, 0, TICKS - 1);
	stays();
}

/* An operation in each tick: two dozen of them count, after a quarter of as many */
static void few_operations_take_a_longer_trial(void **state)
{
	u32 i;

	(void)state;
	w.threads[0].op_bytes = WORLD_BPS / 100;
	no_gain_counts();
	for (i = 0; i < 31; i++)
		assert_int_equal(world_tick(&w), 0);
	assert_int_equal(world_tick(&w), 1);
	w.threads[0].tried = true;
	for (i = 1; i < 6 + 24; i++) {
		w.engines[AWAY].charged_bps = world_percent(i <= 6 ? 300 : i <= 18 ? 191 : 1);
		assert_int_equal(world_tick(&w), 0);
	}
	returns();
}

/* What is in flight on its old engine becomes submissions to the new one */
static void what_is_under_way_is_waited_for(void **state)
{
	u32 i;

	(void)state;
	w.threads[0].outstanding = WORLD_BPS / 100 * 40 + 1;
	goes();
	for (i = 1; i <= 41; i++) {
		w.engines[AWAY].charged_bps = world_percent(150);
		assert_int_equal(world_tick(&w), 0);
	}
	finds(96, 96, 10 - 1);
	returns();
}

static void who_has_too_much_under_way_tries_nothing(void **state)
{
	u32 i;

	(void)state;
	no_gain_counts();
	w.threads[0].outstanding = WORLD_BPS / 100 * 64;
	for (i = 0; i < 3 * SOON; i++)
		assert_int_equal(world_tick(&w), 0);
	/* so many that they overflow in microseconds */
	w.threads[0].outstanding = U64_MAX / 1000000 + 1;
	for (i = 0; i < 3 * SOON; i++)
		assert_int_equal(world_tick(&w), 0);
	w.threads[0].outstanding = WORLD_BPS / 100 * 63;
	for (i = 0; i < SOON && !world_tick(&w); i++)
		;
	assert_int_equal(w.moves[0].purpose, DAM_FOR_TRIAL);
}

/* By what is known it would gain: its engine gives half of what it had, the third as much */
static void who_tries_is_sent_nowhere_else(void **state)
{
	u32 i;

	(void)state;
	w.engines[2].capacity_bps = WORLD_BPS;
	w.engines[2].effective_bps = WORLD_BPS;
	w.threads[0].op_bytes = WORLD_BPS / 100;
	w.threads[0].now_bps = world_percent(80);
	w.threads[0].pred_bps = world_percent(80);
	world_thread(&w, 30, AWAY);
	w.threads[0].engine = AWAY;
	w.engines[AWAY].capacity_bps = WORLD_BPS / 2;
	w.engines[AWAY].effective_bps = WORLD_BPS / 2;
	w.threads[1].movable = false;
	w.bucket.open[0] = (struct dam_trial){
		.end_ns = U64_MAX, .to = AWAY, .interval_ms = w.s.params.interval_ms,
		.before_bps = WORLD_BPS, .ticks = 1, .before = 6, .counted = 24,
	};
	for (i = 1; i < 6 + 24; i++) {
		assert_int_equal(world_tick(&w), 0);
		assert_true(w.threads[0].cooling);
	}
	w.bucket.open[0].ticks = 0;
	for (i = 0; i < SOON && !world_tick(&w); i++)
		;
	assert_int_equal(w.moves[0].thread, 0);
}

static void who_is_where_others_belong_leaves(void **state)
{
	(void)state;
	goes();
	assert_int_equal(world_tick(&w), 0);
	w.engines[AWAY].reserved = true;
	world_tick(&w);
	assert_int_not_equal(w.threads[0].engine, AWAY);
	assert_int_equal(w.bucket.open[0].ticks, 0);
}

/* What was seen in ticks of 10 ms is no measure for others */
static void with_other_ticks_it_returns(void **state)
{
	static const u32 ms[] = { 1, 1000 };
	u32 most, i, j;

	(void)state;
	for (i = 0; i < 2; i++) {
		fresh(NULL);
		goes();
		finds(500, 500, 6);
		w.s.params.interval_ms = ms[i];
		returns();
		/* or stays, if no move is left for so long */
		fresh(NULL);
		goes();
		most = w.s.params.max_moves;
		w.s.params.max_moves = 0;
		w.s.params.interval_ms = ms[i];
		for (j = 0; j <= 20; j++)
			assert_int_equal(world_tick(&w), 0);
		assert_int_equal(w.bucket.open[0].ticks, 0);
		w.s.params.max_moves = most;
		stays();
	}
}

/* A tick of much does not make up for those of less; ticks are summed */
static void mean_of_the_ticks_counts(void **state)
{
	(void)state;
	goes();
	finds(50, 50, TICKS - 2);
	w.engines[AWAY].charged_bps = world_percent(540);
	assert_int_equal(world_tick(&w), 0);
	w.engines[AWAY].charged_bps = world_percent(1);
	returns();
	fresh(NULL);
	goes();
	finds(50, 50, TICKS - 2);
	w.engines[AWAY].charged_bps = world_percent(580);
	assert_int_equal(world_tick(&w), 0);
	w.engines[AWAY].charged_bps = world_percent(1);
	stays();
}

/* A faster one that is known, and used by another */
static void what_others_ask_is_not_found(void **state)
{
	(void)state;
	w.engines[AWAY].capacity_bps = 3 * WORLD_BPS;
	world_thread(&w, 150, AWAY);
	goes();
	finds(246, 0, TICKS - 1);
	returns();
	fresh(NULL);
	w.engines[AWAY].capacity_bps = 3 * WORLD_BPS;
	world_thread(&w, 150, AWAY);
	goes();
	finds(248, 0, TICKS - 1);
	stays();
}

/* It waits for what it has under way on its old engine */
/* However much it asked for: more than its engine could give it had not */
static void what_it_had_is_what_it_asked_and_got(void **state)
{
	(void)state;
	w.threads[0].now_bps = world_percent(130);
	w.threads[0].pred_bps = world_percent(130);
	goes();
	finds(98, 0, TICKS - 1);
	stays();
	fresh(NULL);
	w.threads[0].now_bps = world_percent(96);
	w.threads[0].pred_bps = world_percent(96);
	goes();
	finds(95, 0, TICKS - 1);
	stays();
}

static void ticks_without_a_submission_do_not_count(void **state)
{
	u32 i;

	(void)state;
	goes();
	w.threads[0].arriving = true;
	for (i = 0; i < TICKS; i++)
		assert_int_equal(world_tick(&w), 0);
	w.threads[0].arriving = false;
	finds(100, 0, TICKS - 1);
	stays();
}

static void place_is_kept_meanwhile(void **state)
{
	u32 i;

	(void)state;
	goes();
	world_thread(&w, 60, 2);
	w.s.params.weight_throughput_e4 = 5000;
	w.s.params.weight_latency_e4 = 5000;
	w.threads[0].movable = false;
	w.engines[AWAY].target = false;
	for (i = 1; i < TICKS; i++) {
		assert_int_equal(world_tick(&w), 0);
		assert_true(w.engines[HOME].kept);
	}
	assert_int_equal(world_tick(&w), 1);
	assert_int_equal(w.moves[0].thread, 1);
	assert_int_equal(w.threads[1].engine, HOME);
	assert_int_equal(world_tick(&w), 0);
	assert_false(w.engines[HOME].kept);
}

static void nobody_tries_a_place_that_is_kept(void **state)
{
	u32 i;

	(void)state;
	goes();
	world_thread(&w, 50, 2);
	for (i = 1; i < TICKS; i++) {
		w.engines[AWAY].charged_bps = world_percent(100);
		assert_int_equal(world_tick(&w), 0);
	}
	for (i = 0; i < 2 * SOON && !world_tick(&w); i++)
		;
	assert_int_equal(w.moves[0].purpose, DAM_FOR_TRIAL);
	assert_int_equal(w.threads[1].engine, HOME);
}

static void whose_place_was_taken_stays(void **state)
{
	(void)state;
	goes();
	finds(50, 50, TICKS - 1);
	world_thread(&w, 26, HOME);
	w.threads[1].movable = false;
	stays();
	fresh(NULL);
	goes();
	finds(50, 50, TICKS - 1);
	world_thread(&w, 25, HOME);
	w.threads[1].movable = false;
	returns();
	fresh(NULL);
	goes();
	finds(50, 50, TICKS - 1);
	world_thread(&w, 25, HOME);
	w.threads[1].pred_bps = world_percent(26);
	w.threads[1].movable = false;
	stays();
}

static void found_half(void)
{
	fresh(NULL);
	goes();
	finds(50, 50, TICKS - 1);
}

static void who_may_not_return_stays(void **state)
{
	(void)state;
	found_half();
	w.threads[0].movable = false;
	stays();
	found_half();
	w.threads[0].bound = true;
	stays();
	found_half();
	w.engines[HOME].target = false;
	stays();
	found_half();
	w.engines[HOME].reserved = true;
	stays();
	found_half();
	w.forbidden = HOME;
	stays();
	found_half();
	returns();
}

/* It rests after its move; the trial is at its end */
static void rest_does_not_keep_it(void **state)
{
	(void)state;
	found_half();
	world_next(&w);
	world_look(&w);
	w.threads[0].cooling = true;
	assert_int_equal(world_plan(&w), 1);
	assert_int_equal(w.threads[0].engine, HOME);
}

static void who_was_sent_elsewhere_does_not_return(void **state)
{
	(void)state;
	found_half();
	w.threads[0].engine = 2;
	assert_int_equal(world_tick(&w), 0);
	assert_false(w.engines[HOME].kept);
	w.threads[0].engine = AWAY;
	stays();
}

static void engine_or_thread_that_is_gone_is_no_harm(void **state)
{
	(void)state;
	found_half();
	w.threads[0].engine = DAM_NO_ENGINE;
	assert_int_equal(world_tick(&w), 0);
	found_half();
	w.s.n_threads = 0;
	assert_int_equal(world_tick(&w), 0);
	found_half();
	w.s.n_engines = 1;
	assert_int_equal(world_tick(&w), 0);
	fresh(NULL);
	goes();
	w.bucket.open[0].from = 3;
	assert_int_equal(world_tick(&w), 0);
	assert_false(w.engines[3].kept);
}

/* For as long as a trial may last */
static void without_a_move_left_it_returns_later(void **state)
{
	u32 most, i;

	(void)state;
	found_half();
	most = w.s.params.max_moves;
	w.s.params.max_moves = 0;
	for (i = 0; i < 19; i++)
		assert_int_equal(world_tick(&w), 0);
	w.s.params.max_moves = most;
	w.bucket.tokens_q16 = DAM_ONE_Q16;
	returns();
	found_half();
	w.s.params.max_moves = 0;
	for (i = 0; i < 20; i++)
		assert_int_equal(world_tick(&w), 0);
	w.s.params.max_moves = most;
	w.bucket.tokens_q16 = DAM_ONE_Q16;
	stays();
}

/* What it gets is seen all the same */
static void without_a_move_left_the_trial_goes_on(void **state)
{
	u32 most;

	(void)state;
	goes();
	most = w.s.params.max_moves;
	w.s.params.max_moves = 0;
	finds(50, 50, TICKS);
	w.s.params.max_moves = most;
	w.bucket.tokens_q16 = DAM_ONE_Q16;
	returns();
}

/* They end in the same tick, and one move is left */
static void one_returns_after_the_other(void **state)
{
	(void)state;
	found_half();
	world_thread(&w, 1, AWAY);
	w.bucket.open[1] = w.bucket.open[0];
	w.bucket.open[1].thread = 1;
	w.bucket.open[1].from = 2;
	w.s.params.max_moves = 1;
	w.bucket.tokens_q16 = DAM_ONE_Q16;
	returns();
	assert_int_equal(w.threads[1].engine, AWAY);
	w.bucket.tokens_q16 = DAM_ONE_Q16;
	assert_int_equal(world_tick(&w), 1);
	assert_int_equal(w.threads[1].engine, 2);
}

static void returns_are_no_evictions(void **state)
{
	(void)state;
	found_half();
	returns();
	assert_false(w.bucket.evicted);
}

/* One after the other fills an engine of its own kind, and could use one that nobody has used */
static void so_many_try_at_a_time(void **state)
{
	u32 full = 0, i, n = 0;

	(void)state;
	world_init(&w);
	no_gain_counts();
	for (i = 0; i <= DAM_TRIALS; i++) {
		full = world_engine(&w, 100, 0);
		w.engines[full].caps = 1U << i;
		w.engines[world_engine(&w, 0, 0)].caps = 1U << i;
		world_thread(&w, 100, full);
		w.threads[i].kinds = 1U << i;
		w.threads[i].now_bps = 0;
		w.threads[i].pred_bps = 0;
	}
	for (i = 0; i < SOON + DAM_TRIALS + 1; i++) {
		if (i <= DAM_TRIALS) {
			w.threads[i].now_bps = WORLD_BPS;
			w.threads[i].pred_bps = WORLD_BPS;
		}
		n += world_tick(&w);
	}
	assert_int_equal(n, DAM_TRIALS);
	assert_int_equal(w.threads[DAM_TRIALS].engine, full);
}

#define test(name)	cmocka_unit_test_setup(name, fresh)

int main(void)
{
	check_list(tests) = {
		test(who_found_less_returns),
		test(who_found_as_much_or_more_stays),
		test(few_operations_take_a_longer_trial),
		test(what_is_under_way_is_waited_for),
		test(who_has_too_much_under_way_tries_nothing),
		test(who_tries_is_sent_nowhere_else),
		test(who_is_where_others_belong_leaves),
		test(with_other_ticks_it_returns),
		test(mean_of_the_ticks_counts),
		test(what_others_ask_is_not_found),
		test(what_it_had_is_what_it_asked_and_got),
		test(ticks_without_a_submission_do_not_count),
		test(place_is_kept_meanwhile),
		test(nobody_tries_a_place_that_is_kept),
		test(whose_place_was_taken_stays),
		test(who_may_not_return_stays),
		test(rest_does_not_keep_it),
		test(who_was_sent_elsewhere_does_not_return),
		test(engine_or_thread_that_is_gone_is_no_harm),
		test(without_a_move_left_it_returns_later),
		test(without_a_move_left_the_trial_goes_on),
		test(one_returns_after_the_other),
		test(returns_are_no_evictions),
		test(so_many_try_at_a_time),
	};

	return cmocka_run_group_tests_name("return", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* cost.c: what a move gains, and each cost of moving. */
#include "check.h"
#include "random.h"
#include "world.h"

static struct world w;

/* Two engines, all on the first: half of it by each of two threads */
static int fresh(void **state)
{
	(void)state;
	world_init(&w);
	world_engine(&w, 100, 0);
	world_engine(&w, 100, 1);
	world_thread(&w, 50, 0);
	world_thread(&w, 50, 0);
	world_look(&w);
	return 0;
}

static s32 gain(u32 t, u32 from, u32 to)
{
	return dam_gain_q16(&w.s, t, from, to);
}

static struct dam_cost cost(u32 t)
{
	struct dam_cost c;

	dam_cost_of(&w.s, t, 0, 1, &c);
	return c;
}

static bool worth(u32 t)
{
	struct dam_cost c;

	return dam_cost_of(&w.s, t, 0, 1, &c);
}

static void off_a_full_engine_gains(void **state)
{
	(void)state;
	assert_true(gain(0, 0, 1) > 0);
	assert_true(worth(0));
}

static void balance_alone_is_half_the_potential(void **state)
{
	(void)state;
	w.s.params.weight_latency_e4 = 0;
	w.s.params.weight_throughput_e4 = 10000;
	/* x (2 (1 - 0) - x (1 + 1)) / 2 at x = 0.5 */
	assert_int_equal(gain(0, 0, 1), 16384);
}

static void waiting_alone_gains_at_most_an_eighth(void **state)
{
	(void)state;
	w.s.params.weight_latency_e4 = 10000;
	w.s.params.weight_throughput_e4 = 0;
	assert_in_range(gain(0, 0, 1), 2048, 8192);
}

static void gain_is_the_mean_of_now_and_horizon(void **state)
{
	s32 now, both;

	(void)state;
	w.s.params.weight_latency_e4 = 0;
	now = gain(0, 0, 1);
	/* at the horizon nobody asks anything */
	w.threads[0].pred_bps = 0;
	w.threads[1].pred_bps = 0;
	world_look(&w);
	both = gain(0, 0, 1);
	assert_in_range(both, now / 2 - 1, now / 2 + 1);
}

static void there_and_back_gains_nothing(void **state)
{
	struct lab_random r = { .state = 1 };
	u32 i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		s32 there, back, off;
		u32 t;

		world_init(&w);
		world_engine(&w, lab_random_in(&r, 10, 1000), 0);
		world_engine(&w, lab_random_in(&r, 10, 1000), 1);
		for (t = 0; t < 6; t++) {
			world_thread(&w, lab_random_in(&r, 0, 300),
				     lab_random_in(&r, 0, 1));
			w.threads[t].pred_bps = lab_random_in(&r, 0, WORLD_BPS);
			w.threads[t].op_bytes = lab_random_in(&r, 64, 1 << 20);
			w.threads[t].outstanding = lab_random_in(&r, 0, 1 << 22);
		}
		w.threads[0].engine = 0;
		world_look(&w);
		there = gain(0, 0, 1);
		w.threads[0].engine = 1;
		world_look(&w);
		back = gain(0, 1, 0);
		off = there + back;
		/* each of a few terms is rounded */
		check_case(off >= -16 && off <= 16, i);
	}
}

static void from_alone_to_alone_gains_nothing(void **state)
{
	(void)state;
	w.s.n_threads = 1;
	world_look(&w);
	assert_in_range(gain(0, 0, 1) + 2, 0, 4);
	assert_false(worth(0));
}

static void larger_engine_gains_more(void **state)
{
	s32 equal = gain(0, 0, 1);

	(void)state;
	w.engines[1].capacity_bps = 4 * WORLD_BPS;
	world_look(&w);
	/* shares of both together: 5 instead of 2 */
	assert_true(gain(0, 0, 1) * 5 / 2 > equal);
}

static void without_weights_nothing_is_worth_it(void **state)
{
	(void)state;
	w.s.params.weight_latency_e4 = 0;
	w.s.params.weight_throughput_e4 = 0;
	assert_int_equal(gain(0, 0, 1), 0);
	assert_false(worth(0));
}

static void small_transfers_are_saved_from_bulk(void **state)
{
	s32 throughput, latency;

	(void)state;
	world_init(&w);
	world_engine(&w, 100, 0);
	world_engine(&w, 100, 1);
	/* bulk on one engine, little and small transfers on both */
	world_thread(&w, 60, 0);
	world_thread(&w, 1, 0);
	world_thread(&w, 40, 1);
	w.threads[0].op_bytes = 1 << 20;
	w.threads[0].outstanding = 4 << 20;
	w.threads[1].op_bytes = 512;
	w.threads[2].op_bytes = 4096;
	world_look(&w);
	w.s.params.weight_latency_e4 = 0;
	throughput = gain(1, 0, 1);
	w.s.params.weight_latency_e4 = 5000;
	w.s.params.weight_throughput_e4 = 0;
	latency = gain(1, 0, 1);
	assert_true(latency > 10 * throughput);
}

static void larger_working_set_costs_more(void **state)
{
	(void)state;
	w.threads[0].working_set_kb = 64;
	w.threads[1].working_set_kb = 16384;
	assert_true(cost(0).cache_q16 < cost(1).cache_q16);
	assert_true(cost(0).total_q16 < cost(1).total_q16);
}

static void working_set_weighs_more_over_a_distance(void **state)
{
	s32 near;

	(void)state;
	w.threads[0].working_set_kb = 16384;
	w.engines[1].node = 0;
	near = cost(0).cache_q16;
	w.engines[1].node = 1;
	assert_true(cost(0).cache_q16 > near);
}

static void memory_at_the_target_costs_less(void **state)
{
	(void)state;
	w.threads[0].mem_node = 0;
	w.threads[1].mem_node = 1;
	assert_true(cost(0).cache_q16 > 0);
	assert_true(cost(1).cache_q16 < 0);
}

static void unknown_nodes_count_as_near(void **state)
{
	s32 near;

	(void)state;
	w.threads[0].working_set_kb = 16384;
	w.engines[1].node = 0;
	near = cost(0).cache_q16;
	w.engines[0].node = -1;
	w.engines[1].node = -1;
	assert_int_equal(cost(0).cache_q16, near);
}

static void busy_cpus_at_the_target_forbid_it(void **state)
{
	(void)state;
	w.engines[1].pressure_q16 = 65536;
	assert_true(cost(0).pressure_q16 > 0);
	assert_false(worth(0));
}

static void cpus_with_room_cost_nothing(void **state)
{
	(void)state;
	w.engines[1].pressure_q16 = 65536 * 4 / 10;
	assert_int_equal(cost(0).pressure_q16, 0);
}

static void busier_cpus_at_home_are_no_cost(void **state)
{
	(void)state;
	w.engines[0].pressure_q16 = 65536;
	w.engines[1].pressure_q16 = 65536 * 6 / 10;
	w.threads[0].cpu_q16 = 32768;
	assert_int_equal(cost(0).pressure_q16, 0);
}

static void better_history_costs_less(void **state)
{
	(void)state;
	w.threads[0].history_e4 = 1000;
	w.threads[1].history_e4 = 9000;
	assert_true(cost(0).history_q16 > 0);
	assert_true(cost(1).history_q16 < 0);
	w.threads[0].history_e4 = 5000;
	assert_int_equal(cost(0).history_q16, 0);
}

static void gain_within_the_noise_is_not_worth_it(void **state)
{
	(void)state;
	world_init(&w);
	world_engine(&w, 100, 0);
	world_engine(&w, 100, 0);
	world_thread(&w, 10, 0);
	world_thread(&w, 47, 0);
	world_thread(&w, 43, 1);
	world_look(&w);
	assert_true(gain(0, 0, 1) > 0);
	assert_false(worth(0));
}

static void bound_thread_gains_nearness(void **state)
{
	struct dam_cost c;

	(void)state;
	w.threads[0].bound = true;
	w.threads[0].cpu_node = 1;
	w.threads[0].now_bps = WORLD_BPS * 60 / 100;
	w.threads[0].pred_bps = WORLD_BPS * 60 / 100;
	/* 0.12 x 0.6 / 2 */
	assert_in_range(gain(0, 0, 0), 2340, 2370);
	assert_true(dam_cost_of(&w.s, 0, 0, 0, &c));
	w.threads[0].cpu_node = 0;
	assert_in_range(-gain(0, 0, 0), 2340, 2370);
	assert_false(dam_cost_of(&w.s, 0, 0, 0, &c));
}

static void light_bound_thread_stays(void **state)
{
	struct dam_cost c;

	(void)state;
	w.threads[0].bound = true;
	w.threads[0].cpu_node = 1;
	w.threads[0].now_bps = WORLD_BPS / 100;
	w.threads[0].pred_bps = WORLD_BPS / 100;
	assert_false(dam_cost_of(&w.s, 0, 0, 0, &c));
}

/* A drive's link is wide: a thread that takes a tenth of it is a heavy one. */
static void bound_thread_of_a_tenth_is_brought_near(void **state)
{
	struct dam_cost c;

	(void)state;
	w.threads[0].bound = true;
	w.threads[0].cpu_node = 1;
	w.threads[0].now_bps = WORLD_BPS / 10;
	w.threads[0].pred_bps = WORLD_BPS / 10;
	assert_true(dam_cost_of(&w.s, 0, 0, 0, &c));
}

static void bound_thread_stays_away_from_busy_cpus(void **state)
{
	struct dam_cost c;

	(void)state;
	w.threads[0].bound = true;
	w.threads[0].cpu_node = 1;
	w.threads[0].now_bps = WORLD_BPS * 60 / 100;
	w.threads[0].pred_bps = WORLD_BPS * 60 / 100;
	w.engines[0].pressure_q16 = DAM_ONE_Q16 * 95 / 100;
	assert_false(dam_cost_of(&w.s, 0, 0, 0, &c));
	w.engines[0].pressure_q16 = DAM_ONE_Q16 * 40 / 100;
	assert_true(dam_cost_of(&w.s, 0, 0, 0, &c));
}

static void engine_or_thread_out_of_range_gains_nothing(void **state)
{
	struct dam_cost c;

	(void)state;
	assert_int_equal(gain(0, 0, DAM_NO_ENGINE), 0);
	assert_int_equal(gain(0, 7, 1), 0);
	assert_int_equal(gain(99, 0, 1), 0);
	assert_false(dam_cost_of(&w.s, 0, 0, DAM_NO_ENGINE, &c));
}

#define test(name)	cmocka_unit_test_setup(name, fresh)

int main(void)
{
	check_list(tests) = {
		test(off_a_full_engine_gains),
		test(balance_alone_is_half_the_potential),
		test(waiting_alone_gains_at_most_an_eighth),
		test(gain_is_the_mean_of_now_and_horizon),
		test(there_and_back_gains_nothing),
		test(from_alone_to_alone_gains_nothing),
		test(larger_engine_gains_more),
		test(without_weights_nothing_is_worth_it),
		test(small_transfers_are_saved_from_bulk),
		test(larger_working_set_costs_more),
		test(working_set_weighs_more_over_a_distance),
		test(memory_at_the_target_costs_less),
		test(unknown_nodes_count_as_near),
		test(busy_cpus_at_the_target_forbid_it),
		test(cpus_with_room_cost_nothing),
		test(busier_cpus_at_home_are_no_cost),
		test(better_history_costs_less),
		test(gain_within_the_noise_is_not_worth_it),
		test(bound_thread_gains_nearness),
		test(light_bound_thread_stays),
		test(bound_thread_of_a_tenth_is_brought_near),
		test(bound_thread_stays_away_from_busy_cpus),
		test(engine_or_thread_out_of_range_gains_nothing),
	};

	return cmocka_run_group_tests_name("cost", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* What holds for any snapshot, however odd: random ones from fixed seeds. */
#include <string.h>

#include "check.h"
#include "random.h"
#include "world.h"

#define CASES	2000

static struct world w;
static struct lab_random r;

static u32 below(u32 n)
{
	return lab_random_in(&r, 0, n - 1);
}

/* Plausible figures, so that there is something to move */
static void plausible(u64 seed)
{
	u32 engines, threads, i;

	r.state = seed;
	world_init(&w);
	engines = lab_random_in(&r, 1, 12);
	threads = lab_random_in(&r, 0, 80);
	for (i = 0; i < engines; i++) {
		world_engine(&w, lab_random_in(&r, 20, 400), (s16)below(3) - 1);
		w.engines[i].caps = lab_random_in(&r, 1, 7);
		w.engines[i].target = below(8);
		w.engines[i].pressure_q16 = below(65537);
		w.engines[i].cpus = below(5);
		if (!below(6))
			w.engines[i].capacity_bps = 0;
	}
	for (i = 0; i < threads; i++) {
		struct dam_thread_view *t;

		world_thread(&w, lab_random_in(&r, 0, 100),
			     below(2) ? 0 : below(engines));
		t = &w.threads[i];
		t->pred_bps = t->now_bps * below(200) / 100;
		t->kinds = 1 << below(3);
		t->op_bytes = lab_random_in(&r, 64, 1 << 20);
		t->outstanding = below(1 << 24);
		t->working_set_kb = below(1 << 16);
		t->cpu_q16 = below(65537);
		t->history_e4 = below(10001);
		t->mem_node = (s16)below(3) - 1;
		t->cpu_node = (s16)below(3) - 1;
		t->movable = below(10);
		t->bound = !below(10);
		t->cooling = !below(10);
	}
	w.s.params.max_moves = below(40);
	w.s.params.weight_latency_e4 = below(10001);
	w.s.params.weight_throughput_e4 = below(10001);
	w.s.params.threshold_pct = below(30);
	w.forbidden = below(3) ? (int)below(engines) : -1;
}

/* Anything that fits the types */
static void wild(u64 seed)
{
	u32 i;

	r.state = seed;
	world_init(&w);
	w.s.n_engines = below(13);
	w.s.n_threads = below(81);
	for (i = 0; i < w.s.n_engines; i++) {
		struct dam_engine_view *e = &w.engines[i];

		e->capacity_bps = lab_random_wild(&r);
		e->busy_bps = lab_random_wild(&r);
		e->charged_bps = lab_random_wild(&r);
		e->done_bps = lab_random_wild(&r);
		e->busy_q16 = (u32)lab_random_wild(&r);
		e->guess_bps = lab_random_wild(&r);
		e->guess_ticks = below(256);
		e->sleeps = below(2);
		e->light_ticks = below(65536);
		e->service_ns = (u32)lab_random_wild(&r);
		e->caps = (u32)lab_random_wild(&r);
		e->pressure_q16 = (u32)lab_random_wild(&r) & 0x7fffffff;
		e->cpus = (u16)lab_random_wild(&r);
		e->node = (s16)lab_random_wild(&r);
		e->target = below(8);
		e->hot_ticks = (u8)lab_random_wild(&r);
		e->rest_bps = (s64)lab_random_wild(&r);
	}
	for (i = 0; i < w.s.n_threads; i++) {
		struct dam_thread_view *t = &w.threads[i];

		t->now_bps = lab_random_wild(&r);
		t->pred_bps = lab_random_wild(&r);
		t->outstanding = lab_random_wild(&r);
		t->op_bytes = (u32)lab_random_wild(&r);
		t->working_set_kb = (u32)lab_random_wild(&r);
		t->cpu_q16 = (u32)lab_random_wild(&r);
		t->kinds = (u32)lab_random_wild(&r) & 7;
		t->engine = below(14);
		t->mem_node = (s16)lab_random_wild(&r);
		t->cpu_node = (s16)lab_random_wild(&r);
		t->history_e4 = (u16)lab_random_wild(&r);
		t->movable = below(8);
		t->bound = !below(8);
		t->cooling = !below(8);
		t->next = (u32)lab_random_wild(&r);
	}
	w.s.params = (struct dam_params){
		.weight_latency_e4 = (u32)lab_random_wild(&r),
		.weight_throughput_e4 = (u32)lab_random_wild(&r),
		.threshold_pct = (u32)lab_random_wild(&r),
		.horizon_ms = (u32)lab_random_wild(&r),
		.interval_ms = (u32)lab_random_wild(&r),
		.max_moves = (u32)lab_random_wild(&r),
	};
	w.bucket.tokens_q16 = lab_random_wild(&r);
	w.bucket.last_ns = lab_random_wild(&r);
	w.s.now_ns = lab_random_wild(&r);
}

static struct dam_thread_view before[WORLD_THREADS];

static u32 decide(void)
{
	u32 i, n = 0;

	memcpy(before, w.threads, sizeof(before));
	/* hot for long enough, so that evidence is no bar */
	for (i = 0; i < 3; i++)
		world_look(&w);
	n = world_plan(&w);
	return n;
}

static void any_snapshot_is_decided_without_overflow(void **state)
{
	u64 i;

	(void)state;
	for (i = 0; i < CASES; i++) {
		wild(i);
		check_case(decide() <= WORLD_MOVES, i);
	}
}

static void random_snapshots_do_move(void **state)
{
	u64 i, moves = 0;

	(void)state;
	for (i = 0; i < CASES; i++) {
		plausible(i);
		moves += decide();
	}
	/* or all that follows would be empty */
	assert_in_range(moves, CASES, CASES * 40);
}

static void no_more_moves_than_tokens(void **state)
{
	u64 i;

	(void)state;
	for (i = 0; i < CASES; i++) {
		plausible(i);
		check_case(decide() <= w.s.params.max_moves, i);
		check_case(w.bucket.tokens_q16 <=
			   (u64)w.s.params.max_moves << 16, i);
	}
}

static void no_move_that_is_forbidden(void **state)
{
	u64 i;
	u32 n, m;

	(void)state;
	for (i = 0; i < CASES; i++) {
		plausible(i);
		n = decide();
		for (m = 0; m < n; m++)
			check_case(w.moves[m].to != w.forbidden, i);
	}
}

static void no_move_to_an_engine_that_cannot_do_it(void **state)
{
	const struct dam_move *v;
	u64 i;
	u32 n, m;

	(void)state;
	for (i = 0; i < CASES; i++) {
		plausible(i);
		n = decide();
		for (m = 0; m < n; m++) {
			v = &w.moves[m];
			if (v->to == v->from)
				continue;
			check_case(w.engines[v->to].target, i);
			check_case(!(w.threads[v->thread].kinds &
				     ~w.engines[v->to].caps), i);
		}
	}
}

static void no_move_of_what_may_not_move(void **state)
{
	const struct dam_thread_view *v;
	u64 i;
	u32 n, m;

	(void)state;
	for (i = 0; i < CASES; i++) {
		plausible(i);
		n = decide();
		for (m = 0; m < n; m++) {
			v = &before[w.moves[m].thread];
			check_case(v->movable && !v->cooling, i);
			check_case(v->engine == w.moves[m].from, i);
			check_case(v->bound ==
				   (w.moves[m].from == w.moves[m].to), i);
		}
	}
}

static void no_thread_moves_twice_in_a_tick(void **state)
{
	bool moved[WORLD_THREADS];
	u64 i;
	u32 n, m;

	(void)state;
	for (i = 0; i < CASES; i++) {
		plausible(i);
		n = decide();
		memset(moved, 0, sizeof(moved));
		for (m = 0; m < n; m++) {
			check_case(!moved[w.moves[m].thread], i);
			moved[w.moves[m].thread] = true;
		}
	}
}

static void no_move_without_weights(void **state)
{
	u64 i;

	(void)state;
	for (i = 0; i < CASES; i++) {
		plausible(i);
		w.s.params.weight_latency_e4 = 0;
		w.s.params.weight_throughput_e4 = 0;
		check_case(!decide(), i);
	}
}

static u64 load_now(void)
{
	u64 sum = 0;
	u32 e;

	for (e = 0; e < w.s.n_engines; e++)
		sum += w.engines[e].load_now_bps;
	return sum;
}

static void load_is_conserved(void **state)
{
	u64 i, sum;

	(void)state;
	for (i = 0; i < CASES; i++) {
		plausible(i);
		world_look(&w);
		sum = load_now();
		world_plan(&w);
		check_case(load_now() == sum, i);
	}
}

static void load_is_where_the_threads_are(void **state)
{
	u64 i, sum[WORLD_ENGINES];
	u32 e, t;

	(void)state;
	for (i = 0; i < CASES; i++) {
		plausible(i);
		decide();
		memset(sum, 0, sizeof(sum));
		for (t = 0; t < w.s.n_threads; t++)
			sum[w.threads[t].engine] += w.threads[t].now_bps;
		for (e = 0; e < w.s.n_engines; e++)
			check_case(w.engines[e].load_now_bps == sum[e], i);
	}
}

static void each_move_is_worth_it(void **state)
{
	u64 i;
	u32 n, m;

	(void)state;
	for (i = 0; i < CASES; i++) {
		plausible(i);
		n = decide();
		for (m = 0; m < n; m++) {
			const struct dam_cost *c = &w.moves[m].cost;

			check_case(c->accept_q16 > 0, i);
			check_case(c->total_q16 < -c->accept_q16, i);
			check_case(w.moves[m].promised_q16 > 0, i);
		}
	}
}

static double potential(void)
{
	double sum = 0, rho;
	u32 e;

	for (e = 0; e < w.s.n_engines; e++) {
		if (!w.engines[e].effective_bps)
			continue;
		rho = (double)w.engines[e].load_now_bps /
		      (double)w.engines[e].effective_bps;
		sum += rho * rho * (double)w.engines[e].effective_bps;
	}
	return sum;
}

static void balance_never_gets_worse(void **state)
{
	double was;
	u64 i;
	u32 t;

	(void)state;
	for (i = 0; i < CASES; i++) {
		plausible(i);
		w.s.params.weight_latency_e4 = 0;
		for (t = 0; t < w.s.n_threads; t++)
			w.threads[t].pred_bps = w.threads[t].now_bps;
		world_look(&w);
		was = potential();
		world_plan(&w);
		check_case(potential() <= was * 1.000000001, i);
	}
}

static void repeated_decisions_come_to_rest(void **state)
{
	u32 tick, moves, i;

	(void)state;
	for (i = 0; i < 400; i++) {
		plausible(i);
		w.s.params.max_moves = 10000;
		moves = 1;
		for (tick = 0; tick < 30 && moves; tick++) {
			u32 t;

			moves = decide();
			for (t = 0; t < w.s.n_threads; t++) {
				w.threads[t].cooling = false;
				/* where it was brought to, as it would be */
				if (w.threads[t].bound &&
				    w.engines[w.threads[t].engine].node >= 0)
					w.threads[t].cpu_node =
						w.engines[w.threads[t].engine].node;
			}
			w.s.now_ns += 1000000000;
		}
		check_case(!moves, i);
	}
}

#define test(name)	cmocka_unit_test(name)

int main(void)
{
	check_list(tests) = {
		test(any_snapshot_is_decided_without_overflow),
		test(random_snapshots_do_move),
		test(no_more_moves_than_tokens),
		test(no_move_that_is_forbidden),
		test(no_move_to_an_engine_that_cannot_do_it),
		test(no_move_of_what_may_not_move),
		test(no_thread_moves_twice_in_a_tick),
		test(no_move_without_weights),
		test(load_is_conserved),
		test(load_is_where_the_threads_are),
		test(each_move_is_worth_it),
		test(balance_never_gets_worse),
		test(repeated_decisions_come_to_rest),
	};

	return cmocka_run_group_tests_name("any", tests, NULL, NULL);
}

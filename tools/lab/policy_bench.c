// SPDX-License-Identifier: GPL-2.0
/* What decisions cost on a large machine, natively; printed, not judged. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "policy.h"
#include "random.h"

#define ENGINES	256
#define HEAVY	1024
#define MOVES	20000
#define BPS	1000000000ULL
#define ROUNDS	20

static struct dam_engine_view engines[ENGINES];
static struct dam_move moves[MOVES];

static bool anywhere(void *ctx, u32 t, u32 e)
{
	(void)ctx;
	(void)t;
	(void)e;
	return true;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void place(struct dam_thread_view *threads, u32 n, u32 heavy)
{
	struct lab_random r = { .state = 1 };
	u32 i;

	for (i = 0; i < ENGINES; i++)
		engines[i] = (struct dam_engine_view){
			.capacity_bps = BPS, .caps = 1, .node = 0,
			.target = true, .cpus = 4,
		};
	for (i = 0; i < n; i++)
		threads[i] = (struct dam_thread_view){
			.now_bps = i < heavy ? lab_random_in(&r, BPS / 20,
							     BPS / 5) : 1000,
			.op_bytes = 65536, .kinds = 1, .mem_node = -1,
			.cpu_node = -1, .history_e4 = 5000, .movable = true,
			/* a quarter of the engines carry all */
			.engine = lab_random_in(&r, 0, ENGINES / 4 - 1),
		};
	for (i = 0; i < n; i++)
		threads[i].pred_bps = threads[i].now_bps;
}

static void measure(u32 n, u32 heavy)
{
	static const u8 distance[] = { 10 };
	struct dam_thread_view *threads = calloc(n, sizeof(*threads));
	struct dam_forecast *forecasts = calloc(heavy, sizeof(*forecasts));
	struct dam_snapshot s = {
		.params = {
			.weight_latency_e4 = 5000,
			.weight_throughput_e4 = 5000,
			.threshold_pct = 10, .horizon_ms = 30,
			.interval_ms = 10, .max_moves = 10000,
		},
		.engines = engines, .threads = threads,
		.n_engines = ENGINES, .n_threads = n,
		.n_nodes = 1, .distance = distance,
		.now_ns = 1, .allowed = anywhere,
	};
	struct dam_bucket bucket = { 0 };
	struct dam_forecaster forecaster = { 0 };
	double forecast = 0, sums = 0, plan = 0, at;
	u32 planned = 0, round, i;

	if (!threads || !forecasts) {
		fprintf(stderr, "policy_bench: no memory for %u threads\n", n);
		exit(1);
	}
	for (round = 0; round < ROUNDS; round++) {
		place(threads, n, heavy);
		at = seconds();
		dam_forecast_prepare(&forecaster, 3, DAM_MODEL_AUTO);
		for (i = 0; i < heavy; i++)
			threads[i].pred_bps =
				dam_forecast_update(&forecaster, &forecasts[i],
						    threads[i].now_bps);
		forecast += seconds() - at;
		at = seconds();
		dam_find_bottlenecks(&s);
		sums += seconds() - at;
		bucket.last_ns = 0;
		at = seconds();
		planned += dam_plan(&s, &bucket, moves, MOVES);
		plan += seconds() - at;
	}
	printf("%d engines, %u threads, %u heavy\n", ENGINES, n, heavy);
	printf("a tick: forecast %.3f ms, sums %.3f ms; %u moves, %.2f us each\n",
	       forecast * 1e3 / ROUNDS, sums * 1e3 / ROUNDS,
	       planned / ROUNDS, planned ? plan * 1e6 / planned : 0);
	printf("bytes a thread: view %zu, demand %zu, forecast %zu, memory %zu; an engine: %zu\n",
	       sizeof(*threads), sizeof(struct dam_demand),
	       sizeof(*forecasts), sizeof(struct dam_memory),
	       sizeof(struct dam_engine_view));
	free(forecasts);
	free(threads);
}

int main(void)
{
	measure(100000, HEAVY);
	measure(100000, 100000);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/* dmaaff-lab scale: what deciding costs on a large machine. */
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lab.h"
#include "memory.h"
#include "learn.h"
#include "random.h"

#define THREADS_MAX	4000000
#define HEAVY		1024
#define MOVES		4096
#define BPS		1000000000ULL
#define ROUNDS		20
#define HORIZON_TICKS	3

static const char help[] =
"Usage: dmaaff-lab scale --engines E --threads T --nodes N [OPTION]...\n"
"\n"
"Measure what a tick of dma_affinity costs natively, on one core: 1,024 threads load\n"
"a quarter of the engines, the others ask next to nothing.\n"
"\n"
"  --engines E    2 to 1024\n"
"  --threads T    1 to 4000000\n"
"  --nodes N      1 to 64\n"
"  --json         one JSON object\n"
"  -h, --help     show this text\n"
"\n"
"Exit status: 0, 2 wrong usage.\n";

/*
 * struct large - a machine with many threads
 * @forecasts: of the heavy ones
 * @memories: what moves taught, of all
 */
struct large {
	struct dam_snapshot s;
	struct dam_demand *demands;
	struct dam_forecast *forecasts;
	struct dam_memory *memories;
	struct dam_move *moves;
	u8 *distance;
	u32 heavy;
};

/*
 * struct cost - what was measured, of all rounds together
 * @tick_s: forecasts and sums
 * @plan_s: dam_plan()
 * @moves: planned
 */
struct cost {
	double tick_s;
	double plan_s;
	u64 moves;
};

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

static void *room(size_t n, size_t size)
{
	return must(calloc(n, size));
}

static void build(struct large *l, u32 engines, u32 threads, u32 nodes)
{
	u32 i;

	l->heavy = threads < HEAVY ? threads : HEAVY;
	l->demands = room(threads, sizeof(*l->demands));
	l->forecasts = room(l->heavy, sizeof(*l->forecasts));
	l->memories = room(threads, sizeof(*l->memories));
	l->moves = room(MOVES, sizeof(*l->moves));
	l->distance = room((size_t)nodes * nodes, 1);
	for (i = 0; i < nodes * nodes; i++)
		l->distance[i] = i / nodes == i % nodes ? 10 : 20;
	l->s = (struct dam_snapshot){
		.params = {
			.weight_latency_e4 = 5000, .weight_throughput_e4 = 5000,
			.threshold_pct = 10, .horizon_ms = 30, .interval_ms = 10,
			.max_moves = 10000, .learn = true,
		},
		.engines = room(engines, sizeof(*l->s.engines)),
		.threads = room(threads, sizeof(*l->s.threads)),
		.n_engines = engines, .n_threads = threads,
		.n_nodes = nodes, .distance = l->distance,
		.none_far = true, .now_ns = 1, .allowed = anywhere,
	};
}

static void tear_down(struct large *l)
{
	free(l->demands);
	free(l->forecasts);
	free(l->memories);
	free(l->moves);
	free(l->distance);
	free(l->s.engines);
	free(l->s.threads);
}

static void place(struct large *l)
{
	struct lab_random r = { .state = 1 };
	u32 engines = l->s.n_engines, threads = l->s.n_threads, i;
	u32 loaded = engines > 4 ? engines / 4 : 1;

	for (i = 0; i < engines; i++)
		l->s.engines[i] = (struct dam_engine_view){
			.capacity_bps = BPS, .caps = 1,
			.node = (s16)(i * l->s.n_nodes / engines),
			.target = true, .cpus = 4,
		};
	for (i = 0; i < threads; i++) {
		u64 bps = i < l->heavy ? lab_random_in(&r, BPS / 20, BPS / 5) : 1000;
		u16 engine = lab_random_in(&r, 0, loaded - 1);

		l->s.threads[i] = (struct dam_thread_view){
			.now_bps = bps, .pred_bps = bps, .op_bytes = 65536,
			.kinds = 1, .engine = engine, .mem_node = -1,
			.cpu_node = l->s.engines[engine].node,
			.history_e4 = 5000, .movable = true,
		};
	}
}

static void measure_tick(struct large *l, struct cost *c)
{
	struct dam_forecaster forecaster = { 0 };
	struct dam_bucket bucket = { 0 };
	double at;
	u32 i;

	place(l);
	at = seconds();
	dam_forecast_prepare(&forecaster, HORIZON_TICKS, DAM_MODEL_AUTO);
	for (i = 0; i < l->heavy; i++)
		l->s.threads[i].pred_bps =
			dam_forecast_update(&forecaster, &l->forecasts[i],
					    l->s.threads[i].now_bps);
	dam_find_bottlenecks(&l->s);
	c->tick_s += seconds() - at;
	at = seconds();
	c->moves += dam_plan(&l->s, &bucket, l->moves, MOVES);
	c->plan_s += seconds() - at;
}

static void report(const struct large *l, const struct cost *c, bool json)
{
	double ns_per_tick = c->tick_s * 1e9 / ROUNDS;
	double ns_per_move = c->moves ? c->plan_s * 1e9 / (double)c->moves : 0;
	u64 per_thread = sizeof(*l->s.threads) + sizeof(*l->demands) +
			 sizeof(*l->forecasts) + sizeof(*l->memories);
	u64 total = per_thread * l->s.n_threads +
		    sizeof(*l->s.engines) * l->s.n_engines +
		    (u64)l->s.n_nodes * l->s.n_nodes;
	struct json_object *o;

	if (!json) {
		printf("a tick: %.3f ms to forecast and sum; %llu moves, %.2f us each\n",
		       ns_per_tick / 1e6, c->moves / ROUNDS, ns_per_move / 1e3);
		printf("memory: %llu bytes a thread, %.1f MiB in all\n", per_thread,
		       (double)total / 1048576);
		return;
	}
	o = json_object_new_object();
	json_object_object_add(o, "ns_per_tick", json_object_new_int64((s64)ns_per_tick));
	json_object_object_add(o, "ns_per_move", json_object_new_int64((s64)ns_per_move));
	json_object_object_add(o, "bytes_per_thread", json_object_new_uint64(per_thread));
	json_object_object_add(o, "bytes_total", json_object_new_uint64(total));
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
}

static int usage(const char *what)
{
	if (what)
		fprintf(stderr, "dmaaff-lab: scale: %s\n", what);
	fputs("Try 'dmaaff-lab scale --help'.\n", stderr);
	return LAB_USAGE;
}

static u32 get_number(const char *text, u32 highest)
{
	unsigned long number;
	char *end;

	if (*text < '0' || *text > '9')
		return 0;
	number = strtoul(text, &end, 10);
	return *end || number > highest ? 0 : number;
}

static void measure(u32 engines, u32 threads, u32 nodes, bool json)
{
	struct large l = { .heavy = 0 };
	struct cost c = { .moves = 0 };
	u32 round;

	build(&l, engines, threads, nodes);
	for (round = 0; round < ROUNDS; round++)
		measure_tick(&l, &c);
	report(&l, &c, json);
	tear_down(&l);
}

int lab_scale(int argc, char **argv)
{
	static const struct option options[] = {
		{ "engines", required_argument, NULL, 'e' },
		{ "threads", required_argument, NULL, 't' },
		{ "nodes", required_argument, NULL, 'n' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	u32 engines = 0, threads = 0, nodes = 0;
	bool json = false;
	int option;

	optind = 1;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		switch (option) {
		case 'e':
			engines = get_number(optarg, DAM_MAX_ENGINES);
			break;
		case 't':
			threads = get_number(optarg, THREADS_MAX);
			break;
		case 'n':
			nodes = get_number(optarg, DAM_MAX_NODES);
			break;
		case 'j':
			json = true;
			break;
		case 'h':
			fputs(help, stdout);
			return LAB_OK;
		default:
			return usage(NULL);
		}
	}
	if (optind != argc)
		return usage("nothing but options is expected");
	if (engines < 2 || !threads || !nodes)
		return usage("--engines, --threads and --nodes are needed, within their range");
	measure(engines, threads, nodes, json);
	return LAB_OK;
}

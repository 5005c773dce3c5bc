// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer on the policy: a machine of any engines and threads, and ticks of any
 * length with any load. No arithmetic that is undefined, no access out of bounds,
 * and of each plan what holds for any.
 */
#include <string.h>

#include "fuzz_input.h"
#include "world.h"

#define ENGINES		12
#define THREADS		24
#define TICKS		64
#define KINDS		7

static struct world w;
static struct dam_seasons seasons;
static struct dam_ahead ahead;
static struct dam_forecaster forecaster;
static struct dam_demand demands[THREADS];
static struct dam_forecast forecasts[THREADS];

static u32 thread_of(void *ctx, const struct dam_forecast *f)
{
	(void)ctx;
	return f - forecasts;
}

static void make_engine(struct fuzz_input *in, struct dam_engine_view *e)
{
	u8 bits = fuzz_u8(in);

	e->capacity_bps = fuzz_u64(in);
	e->service_ns = fuzz_u64(in);
	e->caps = fuzz_u8(in) & KINDS;
	e->pressure_q16 = fuzz_u64(in) & S32_MAX;
	e->cpus = fuzz_u64(in);
	e->node = (s16)fuzz_below(in, 4) - 1;
	e->target = bits & 1;
	e->reserved = bits & 2;
	e->sleeps = bits & 4;
}

static void make_thread(struct fuzz_input *in, struct dam_thread_view *t)
{
	u8 bits = fuzz_u8(in);

	t->op_bytes = fuzz_u64(in);
	t->working_set_kb = fuzz_u64(in);
	t->cpu_q16 = fuzz_u64(in);
	t->kinds = fuzz_u8(in) & KINDS;
	t->engine = fuzz_below(in, w.s.n_engines + 1);
	t->mem_node = (s16)fuzz_below(in, 4) - 1;
	t->cpu_node = (s16)fuzz_below(in, 4) - 1;
	t->history_e4 = fuzz_u64(in);
	t->movable = bits & 1;
	t->bound = bits & 2;
	t->rt = bits & 4;
}

static void make_params(struct fuzz_input *in, struct dam_params *p)
{
	p->weight_latency_e4 = fuzz_u64(in);
	p->weight_throughput_e4 = fuzz_u64(in);
	p->threshold_pct = fuzz_u64(in);
	p->horizon_ms = fuzz_u64(in);
	p->interval_ms = fuzz_u64(in);
	p->max_moves = fuzz_u64(in);
	p->energy_bias_e4 = fuzz_u64(in);
	p->learn = fuzz_u8(in) & 1;
}

static void make_world(struct fuzz_input *in)
{
	u32 i;

	world_init(&w);
	memset(&seasons, 0, sizeof(seasons));
	memset(&ahead, 0, sizeof(ahead));
	memset(&forecaster, 0, sizeof(forecaster));
	memset(demands, 0, sizeof(demands));
	memset(forecasts, 0, sizeof(forecasts));
	forecaster.seasons = &seasons;
	w.s.forecaster = &forecaster;
	w.s.ahead = &ahead;
	w.s.thread_of = thread_of;
	make_params(in, &w.s.params);
	w.s.n_engines = fuzz_below(in, ENGINES + 1);
	w.s.n_threads = fuzz_below(in, THREADS + 1);
	w.s.now_ns = fuzz_u64(in);
	w.bucket.tokens_q16 = fuzz_u64(in);
	w.bucket.last_ns = fuzz_u64(in);
	for (i = 0; i < w.s.n_engines; i++)
		make_engine(in, &w.engines[i]);
	for (i = 0; i < w.s.n_threads; i++)
		make_thread(in, &w.threads[i]);
	w.forbidden = (int)fuzz_below(in, ENGINES + 1) - 1;
}

static void see_engine(struct fuzz_input *in, struct dam_engine_view *e)
{
	e->busy_bps = fuzz_u64(in);
	e->charged_bps = fuzz_u64(in);
	e->done_bps = fuzz_u64(in);
	e->busy_q16 = fuzz_u64(in);
}

static void see_thread(struct fuzz_input *in, u32 i)
{
	struct dam_thread_view *t = &w.threads[i];
	struct dam_service s = { 0 };

	if (t->engine < w.s.n_engines) {
		s.capacity_bps = min_t(u64, w.engines[t->engine].capacity_bps, DAM_BPS_MAX);
		s.wait_ns = fuzz_u64(in);
		/* in seconds, as the module gives it */
		s.wait_q30 = min_t(u64, s.wait_ns, 10000000000ULL) * 1073 / 1000;
		s.busy_q16 = min_t(u32, w.engines[t->engine].busy_q16, DAM_ONE_Q16);
	}
	dam_observe(&forecaster, &demands[i], &forecasts[i], &s, t, fuzz_u64(in));
	fuzz_must(t->now_bps <= DAM_BPS_MAX && t->pred_bps <= DAM_BPS_MAX);
	t->cooling = fuzz_u8(in) & 1;
}

static void check_move(const struct dam_move *m)
{
	fuzz_must(m->thread < w.s.n_threads);
	fuzz_must(m->from < w.s.n_engines && m->to < w.s.n_engines);
	fuzz_must((int)m->to != w.forbidden);
	if (m->from == m->to)
		return;
	fuzz_must(w.engines[m->to].target);
	fuzz_must(!(w.threads[m->thread].kinds & ~w.engines[m->to].caps));
	fuzz_must(w.engines[m->to].reserved == w.threads[m->thread].rt);
}

static void tick(struct fuzz_input *in)
{
	const struct dam_params *p = &w.s.params;
	u64 tokens;
	u32 i, n;

	w.s.now_ns += fuzz_u64(in);
	dam_forecast_clock(&forecaster, w.s.now_ns, p->interval_ms);
	dam_forecast_prepare(&forecaster, p->horizon_ms / max_t(u32, p->interval_ms, 1),
			     fuzz_below(in, DAM_MODELS + 1));
	for (i = 0; i < w.s.n_engines; i++)
		see_engine(in, &w.engines[i]);
	for (i = 0; i < w.s.n_threads; i++)
		see_thread(in, i);
	dam_find_bottlenecks(&w.s);
	n = world_plan(&w);
	tokens = w.bucket.tokens_q16;
	fuzz_must(n <= WORLD_MOVES && n <= p->max_moves);
	fuzz_must(tokens <= (u64)p->max_moves << 16);
	for (i = 0; i < n; i++)
		check_move(&w.moves[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	u32 i;

	make_world(&in);
	for (i = 0; i < TICKS && !fuzz_ended(&in); i++)
		tick(&in);
	return 0;
}

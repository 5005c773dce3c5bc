// SPDX-License-Identifier: GPL-2.0
/* A snapshot to decide on, built in a few lines by each test. */
#include <string.h>

#include "world.h"

static bool allowed(void *ctx, u32 t, u32 e)
{
	struct world *w = ctx;

	w->asked++;
	if ((int)e != w->forbidden)
		return true;
	return w->forbidden_thread >= 0 && (int)t != w->forbidden_thread;
}

static void report(void *ctx, u32 t, u32 from, u32 to,
		   const struct dam_cost *cost, bool accepted)
{
	struct world *w = ctx;

	(void)t;
	(void)from;
	(void)to;
	(void)cost;
	(void)accepted;
	w->reported++;
}

void world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	memcpy(w->distance, (u8[]){ 10, 20, 20, 10 }, sizeof(w->distance));
	w->forbidden = -1;
	w->forbidden_thread = -1;
	w->s = (struct dam_snapshot){
		.params = {
			.weight_latency_e4 = 5000,
			.weight_throughput_e4 = 5000,
			.threshold_pct = 10,
			.horizon_ms = 30,
			.interval_ms = 10,
			.max_moves = 20,
			.learn = true,
		},
		.engines = w->engines,
		.threads = w->threads,
		.n_nodes = 2,
		.distance = w->distance,
		.now_ns = WORLD_START_NS,
		.allowed = allowed,
		.report = report,
		.ctx = w,
	};
}

u32 world_engine(struct world *w, u32 percent, s16 node)
{
	w->engines[w->s.n_engines] = (struct dam_engine_view){
		.capacity_bps = WORLD_BPS / 100 * percent,
		.caps = 1,
		.node = node,
		.cpus = 2,
		.target = true,
	};
	return w->s.n_engines++;
}

u64 world_percent(u32 percent)
{
	return WORLD_BPS / 100 * percent;
}

void world_asks(struct world *w, u32 thread, u32 percent)
{
	w->threads[thread].now_bps = world_percent(percent);
	w->threads[thread].pred_bps = world_percent(percent);
}

u32 world_thread(struct world *w, u32 percent, u16 engine)
{
	w->threads[w->s.n_threads] = (struct dam_thread_view){
		.now_bps = world_percent(percent),
		.pred_bps = world_percent(percent),
		.op_bytes = 65536,
		.kinds = 1,
		.engine = engine,
		.mem_node = -1,
		.cpu_node = -1,
		.history_e4 = 5000,
		.movable = true,
	};
	return w->s.n_threads++;
}

u32 world_look(struct world *w)
{
	u32 found = dam_find_bottlenecks(&w->s);

	dam_fill_queues(&w->s);
	return found;
}

u32 world_plan(struct world *w)
{
	return dam_plan(&w->s, &w->bucket, w->moves, WORLD_MOVES);
}

void world_next(struct world *w)
{
	u32 t;

	w->s.now_ns += w->s.params.interval_ms * 1000000ULL;
	for (t = 0; t < w->s.n_threads; t++)
		w->threads[t].cooling = false;
}

u32 world_tick(struct world *w)
{
	world_next(w);
	world_look(w);
	return world_plan(w);
}

u32 world_ticks(struct world *w, u32 ticks)
{
	u32 n = 0;

	while (ticks-- && !n)
		n = world_tick(w);
	return n;
}

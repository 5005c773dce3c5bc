// SPDX-License-Identifier: GPL-2.0
/* The events of a recording, put together to ticks. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"
#include "replay.h"

#define SLOTS_FIRST	64

static void wrong(struct replay *r, const char *format, ...)
{
	va_list args;

	if (r->error)
		return;
	va_start(args, format);
	if (vasprintf(&r->error, format, args) < 0)
		r->error = NULL;
	va_end(args);
	must(r->error);
}

/* A number that every recording of this module has, within its range */
static u64 number(struct replay *r, const struct happening *what, const char *field, u64 max)
{
	long long value = happening_number(what, field, -1);

	if (value >= 0 && (u64)value <= max)
		return value;
	wrong(r, "%s of dma_affinity:%s is not what this version records: record it anew",
	      field, what->name);
	return 0;
}

static u32 number32(struct replay *r, const struct happening *what, const char *field)
{
	return number(r, what, field, U32_MAX);
}

static u64 number64(struct replay *r, const struct happening *what, const char *field)
{
	return number(r, what, field, INT64_MAX);
}

static s32 signed32(const struct happening *what, const char *field)
{
	return (s32)happening_number(what, field, 0);
}

static bool flag(struct replay *r, const struct happening *what, const char *field)
{
	return number(r, what, field, 1);
}

/* One of several that grow with a tick */
static void *grow(void *array, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return array;
	*room = *room ? 2 * *room : 64;
	return must(realloc(array, *room * size));
}

static void make_room(struct replay *r, u32 n)
{
	u32 room = r->room ? r->room : SLOTS_FIRST, i;

	while (room < n)
		room *= 2;
	if (room == r->room)
		return;
	r->threads = must(realloc(r->threads, room * sizeof(void *)));
	r->views = must(realloc(r->views, room * sizeof(*r->views)));
	r->active = must(realloc(r->active, room * sizeof(*r->active)));
	for (i = r->room; i < room; i++) {
		r->threads[i] = NULL;
		r->views[i] = (struct dam_thread_view){ .engine = DAM_NO_ENGINE };
	}
	r->room = room;
}

/* NULL: the recording is wrong */
static struct replay_thread *slot_of(struct replay *r, const struct happening *what, u32 *slot)
{
	*slot = number(r, what, "slot", REPLAY_SLOTS - 1);
	if (r->error)
		return NULL;
	make_room(r, *slot + 1);
	if (*slot >= r->limit)
		r->limit = *slot + 1;
	if (!r->threads[*slot]) {
		r->threads[*slot] = must(calloc(1, sizeof(**r->threads)));
		r->threads[*slot]->slot = *slot;
	}
	return r->threads[*slot];
}

/* One that was in the table before the recording began is met when it is seen */
static struct replay_thread *thread_of(struct replay *r, const struct happening *what, u32 *slot)
{
	struct replay_thread *t = slot_of(r, what, slot);

	if (t && !t->used) {
		t->used = true;
		t->tid = signed32(what, "tid");
		snprintf(t->comm, sizeof(t->comm), "-");
	}
	return t;
}

static void take_adopt(struct replay *r, const struct happening *what)
{
	struct replay_thread *t;
	u32 slot;

	t = slot_of(r, what, &slot);
	if (!t)
		return;
	*t = (struct replay_thread){ .slot = slot, .used = true };
	t->tid = signed32(what, "tid");
	happening_text(what, "comm", t->comm);
	r->views[slot] = (struct dam_thread_view){ .engine = DAM_NO_ENGINE };
}

static void take_release(struct replay *r, const struct happening *what)
{
	struct replay_thread *t;
	u32 slot;

	t = slot_of(r, what, &slot);
	if (!t)
		return;
	t->used = false;
	t->due_ns = 0;
	r->views[slot].engine = DAM_NO_ENGINE;
}

static void take_sample(struct replay *r, const struct happening *what)
{
	struct replay_thread *t;
	u32 slot;

	t = thread_of(r, what, &slot);
	if (!t)
		return;
	t->sampled = true;
	t->sample = (struct replay_sample){
		.bps = number64(r, what, "submitted_bps"),
		.now_bps = number64(r, what, "demand_bps"),
		.pred_bps = number64(r, what, "predicted_bps"),
		.op_bytes = number32(r, what, "op_bytes"),
		.engine = number(r, what, "engine_id", DAM_NO_ENGINE),
	};
}

static void take_look(struct replay *r, const struct happening *what)
{
	struct replay_thread *t;
	u32 slot;

	t = thread_of(r, what, &slot);
	if (!t)
		return;
	t->looked = true;
	t->look = (struct dam_thread_view){
		.kinds = number32(r, what, "kinds"),
		.cpu_q16 = number32(r, what, "cpu_q16"),
		.working_set_kb = number32(r, what, "working_set_kb"),
		.history_e4 = number(r, what, "history_e4", 10000),
		.mem_node = (s16)signed32(what, "mem_node"),
		.cpu_node = (s16)signed32(what, "cpu_node"),
		.movable = flag(r, what, "movable"),
		.bound = flag(r, what, "bound"),
		.rt = flag(r, what, "rt"),
		.cooling = flag(r, what, "cooling"),
		.tried = flag(r, what, "tried"),
	};
}

static void take_engine(struct replay *r, const struct happening *what)
{
	u32 id = number(r, what, "id", REPLAY_ENGINES - 1);
	struct replay_engine *e = &r->engines[id];

	e->sampled = true;
	happening_text(what, "engine", e->sample_name);
	e->view = (struct dam_engine_view){
		.capacity_bps = number(r, what, "capacity_bps", DAM_BPS_MAX),
		.busy_bps = number(r, what, "busy_bps", DAM_BPS_MAX),
		.charged_bps = number64(r, what, "charged_bps"),
		.done_bps = number64(r, what, "done_bps"),
		.busy_q16 = number32(r, what, "work_q16"),
		.caps = number32(r, what, "caps"),
		.pressure_q16 = number32(r, what, "pressure_q16"),
		.cpus = number(r, what, "cpus", U16_MAX),
		.node = (s16)signed32(what, "node"),
		.target = flag(r, what, "target"),
		.reserved = flag(r, what, "reserved"),
		.sleeps = flag(r, what, "sleeps"),
		.guess_ticks = number(r, what, "guess_ticks", U8_MAX),
	};
	e->service = (struct dam_service){
		.capacity_bps = e->view.capacity_bps,
		.wait_ns = number64(r, what, "wait_ns"),
		.wait_q30 = number(r, what, "wait_q30", BIT_ULL(34)),
		.busy_q16 = number32(r, what, "busy_q16"),
	};
}

static void take_candidate(struct replay *r, const struct happening *what)
{
	struct replay_candidate *c;

	r->candidates = grow(r->candidates, r->n_candidates, &r->room_candidates,
			     sizeof(*r->candidates));
	c = &r->candidates[r->n_candidates++];
	c->tid = signed32(what, "tid");
	happening_text(what, "from", c->from);
	happening_text(what, "to", c->to);
	c->accepted = flag(r, what, "accepted");
	c->cost = (struct dam_cost){
		.latency_q16 = signed32(what, "latency_q16"),
		.throughput_q16 = signed32(what, "throughput_q16"),
		.cache_q16 = signed32(what, "cache_q16"),
		.pressure_q16 = signed32(what, "pressure_q16"),
		.history_q16 = signed32(what, "history_q16"),
		.total_q16 = signed32(what, "total_q16"),
		.accept_q16 = signed32(what, "accept_q16"),
	};
}

static void take_allowed(struct replay *r, const struct happening *what)
{
	struct replay_thread *t;
	struct replay_answer a;
	u64 bit;

	t = thread_of(r, what, &a.slot);
	a.engine = number(r, what, "engine_id", REPLAY_ENGINES - 1);
	a.may = flag(r, what, "allowed");
	if (r->error)
		return;
	r->answers = grow(r->answers, r->n_answers, &r->room_answers, sizeof(*r->answers));
	r->answers[r->n_answers++] = a;
	bit = BIT_ULL(a.engine % 64);
	t->asked[a.engine / 64] |= bit;
	t->may[a.engine / 64] &= ~bit;
	if (a.may)
		t->may[a.engine / 64] |= bit;
}

static void take_decision(struct replay *r, const struct happening *what)
{
	struct replay_decision d = { .ready = flag(r, what, "ready") };
	struct replay_thread *t = thread_of(r, what, &d.move.thread);

	d.move.from = number(r, what, "from_id", REPLAY_ENGINES - 1);
	d.move.to = number(r, what, "to_id", REPLAY_ENGINES - 1);
	d.move.purpose = number(r, what, "purpose", DAM_FOR_ROOM);
	d.move.promised_q16 = signed32(what, "promised_q16");
	if (r->error)
		return;
	t->sent_from = d.move.from;
	t->sent_to = d.move.to;
	t->sent_for = d.move.purpose;
	t->sent_q16 = d.move.promised_q16;
	r->decisions = grow(r->decisions, r->n_decisions, &r->room_decisions,
			    sizeof(*r->decisions));
	r->decisions[r->n_decisions++] = d;
}

static void take_migrate(struct replay *r, const struct happening *what)
{
	bool applied = flag(r, what, "applied");
	u32 slot;

	if (thread_of(r, what, &slot) && applied && r->started)
		replay_moved(r, slot);
}

static void take_outcome(struct replay *r, const struct happening *what)
{
	bool early = flag(r, what, "early");
	struct replay_thread *t;
	u32 slot;

	t = thread_of(r, what, &slot);
	if (!t)
		return;
	if (early) {
		if (r->started)
			replay_settle(r, slot);
		return;
	}
	t->judged = true;
	t->achieved_q16 = signed32(what, "achieved_q16");
	t->verdict = number32(r, what, "verdict");
}

static void take_distances(struct replay *r, const struct happening *what)
{
	u32 nodes = number(r, what, "nodes", DAM_MAX_NODES);
	u32 node = number(r, what, "node", DAM_MAX_NODES - 1);
	const u8 *row;
	size_t size;

	row = happening_bytes(what, "distances", &size);
	if (!row || size != nodes || node >= nodes) {
		wrong(r, "dma_affinity:node_distances is not whole");
		return;
	}
	if (nodes != r->nodes) {
		free(r->distance);
		r->distance = must(calloc(nodes, nodes));
		r->nodes = nodes;
	}
	memcpy(r->distance + (size_t)node * nodes, row, nodes);
}

static void forget_tick(struct replay *r)
{
	u32 i;

	for (i = 0; i < r->limit; i++) {
		if (!r->threads[i])
			continue;
		r->threads[i]->sampled = false;
		r->threads[i]->looked = false;
		r->threads[i]->judged = false;
	}
	for (i = 0; i < REPLAY_ENGINES; i++)
		r->engines[i].sampled = false;
	r->n_candidates = 0;
	r->n_answers = 0;
	r->n_decisions = 0;
	/* Of a tick that is not decided on again, it does not matter. */
	r->lost = false;
}

static void read_tick(struct replay *r, const struct happening *what)
{
	r->tick = (struct replay_tick){
		.sequence = number32(r, what, "sequence"),
		.mode = number(r, what, "mode", 3),
		.now_ns = number64(r, what, "now_ns"),
		.n_engines = number(r, what, "engine_limit", REPLAY_ENGINES),
		.n_threads = number(r, what, "thread_limit", REPLAY_SLOTS),
		.present = number(r, what, "engines", REPLAY_ENGINES),
		.rested = flag(r, what, "rested"),
		.choice = number(r, what, "choice", DAM_MODEL_AUTO),
		.params = {
			.weight_latency_e4 = number(r, what, "weight_latency_e4", 10000),
			.weight_throughput_e4 = number(r, what, "weight_throughput_e4", 10000),
			.energy_bias_e4 = number(r, what, "energy_bias_e4", 10000),
			.threshold_pct = number(r, what, "threshold_pct", 100),
			.horizon_ms = number(r, what, "horizon_ms", 10000),
			.interval_ms = number(r, what, "interval_ms", 1000),
			.max_moves = number(r, what, "max_moves", 1000000),
			.learn = flag(r, what, "learn"),
		},
	};
}

static void check_engines(struct replay *r)
{
	u32 there = 0, i;

	for (i = 0; i < r->tick.n_engines; i++)
		there += r->engines[i].sampled;
	if (there != r->tick.present)
		wrong(r, "a tick of %u engines tells of %u: record all of dma_affinity:*, and with a larger buffer (trace-cmd record -b)",
		      r->tick.present, there);
}

static void events_lost(struct replay *r)
{
	wrong(r, "events were lost: record with a larger buffer (trace-cmd record -b)");
}

static void take_tick(struct replay *r, const struct happening *what)
{
	u32 sequence;

	read_tick(r, what);
	sequence = r->tick.sequence;
	r->any_tick = true;
	if (!r->tick.params.interval_ms)
		wrong(r, "a tick has no length");
	if (sequence && r->started && sequence != r->sequence + 1)
		wrong(r, "ticks are missing from %u to %u: record with a larger buffer (trace-cmd record -b)",
		      r->sequence, sequence);
	if (r->error)
		return;
	if (!sequence || r->started) {
		if (r->lost) {
			events_lost(r);
			return;
		}
		if (!r->started)
			r->first_ns = r->tick.now_ns;
		r->started = true;
		r->sequence = sequence;
		check_engines(r);
		make_room(r, r->tick.n_threads);
		if (!r->error)
			replay_decide(r);
	}
	forget_tick(r);
}

static const struct {
	const char *name;
	void (*take)(struct replay *r, const struct happening *what);
} events[] = {
	{ "tick", take_tick },
	{ "engine_sample", take_engine },
	{ "thread_sample", take_sample },
	{ "thread_look", take_look },
	{ "candidate", take_candidate },
	{ "allowed", take_allowed },
	{ "decision", take_decision },
	{ "migrate", take_migrate },
	{ "migrate_outcome", take_outcome },
	{ "thread_adopt", take_adopt },
	{ "thread_release", take_release },
	{ "node_distances", take_distances },
};

void replay_take(const struct happening *what, void *replay)
{
	struct replay *r = replay;
	size_t i;

	if (r->error)
		return;
	r->events++;
	r->lost |= what->lost;
	if (r->lost && r->started) {
		events_lost(r);
		return;
	}
	for (i = 0; i < sizeof(events) / sizeof(*events); i++) {
		if (strcmp(what->name, events[i].name))
			continue;
		events[i].take(r, what);
		return;
	}
}

void replay_end(struct replay *r)
{
	if (!r->events)
		wrong(r, "it has no events of dma_affinity in it");
	else if (!r->any_tick)
		wrong(r, "it has no dma_affinity:tick in it: record all of dma_affinity:* with a module of this version");
	else if (!r->started)
		wrong(r, "it does not begin before MODE leaves off, so what was known then is not known: set MODE to off, begin to record, and set MODE");
}

void replay_start(struct replay *r, const struct replay_wishes *wishes)
{
	*r = (struct replay){ .wishes = *wishes };
	r->engines = must(calloc(REPLAY_ENGINES, sizeof(*r->engines)));
	r->engine_views = must(calloc(REPLAY_ENGINES, sizeof(*r->engine_views)));
	r->forecaster.seasons = must(calloc(1, sizeof(*r->forecaster.seasons)));
	make_room(r, SLOTS_FIRST);
}

void replay_free(struct replay *r)
{
	u32 i;

	for (i = 0; i < r->room; i++)
		free(r->threads[i]);
	for (i = 0; i < REPLAY_TOLD; i++)
		free(r->told[i]);
	free(r->threads);
	free(r->views);
	free(r->active);
	free(r->engines);
	free(r->engine_views);
	free(r->forecaster.seasons);
	free(r->candidates);
	free(r->answers);
	free(r->decisions);
	free(r->distance);
	free(r->recorded.move);
	free(r->replayed.move);
	free(r->error);
}

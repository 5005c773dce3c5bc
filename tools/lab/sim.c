// SPDX-License-Identifier: GPL-2.0
/* A machine in small, by discrete events. */
#include <math.h>
#include <string.h>

#include "memory.h"
#include "routes.h"
#include "sim.h"

#define NS_PER_S	1000000000ULL
/* A rate that changes is taken for constant for as long */
#define RATE_STEP_NS	1000000ULL
#define NEVER		(~0ULL)
/* CPUs up to half busy leave room for a thread; on full ones it has half */
#define PRESSURE_FREE	0.5
/* Bytes fetched over twice the local distance take that much longer */
#define REMOTE_COST	0.12

enum event_kind { EVENT_SUBMIT, EVENT_DONE };

/*
 * struct sim_event - something that will happen
 * @at_ns: when
 * @sequence: order of those at the same moment
 * @thread: whose
 * @engine: of EVENT_DONE
 * @kind: enum event_kind
 * @wait_ns: of EVENT_DONE: since it was submitted
 */
struct sim_event {
	u64 at_ns;
	u64 wait_ns;
	u32 sequence;
	u32 thread;
	u16 engine;
	u16 kind;
};

static bool earlier(const struct sim_event *a, const struct sim_event *b)
{
	if (a->at_ns != b->at_ns)
		return a->at_ns < b->at_ns;
	return (s32)(a->sequence - b->sequence) < 0;
}

static void push(struct sim *s, struct sim_event event)
{
	u32 i = s->n_events++;

	event.sequence = s->sequence++;
	if (s->n_events > s->room_events) {
		s->room_events = s->room_events ? 2 * s->room_events : 1024;
		s->events = must(realloc(s->events, s->room_events * sizeof(event)));
	}
	while (i && earlier(&event, &s->events[(i - 1) / 2])) {
		s->events[i] = s->events[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	s->events[i] = event;
}

static struct sim_event pop(struct sim *s)
{
	struct sim_event first = s->events[0];
	struct sim_event last = s->events[--s->n_events];
	u32 i = 0, child;

	for (;;) {
		child = 2 * i + 1;
		if (child >= s->n_events)
			break;
		if (child + 1 < s->n_events &&
		    earlier(&s->events[child + 1], &s->events[child]))
			child++;
		if (!earlier(&s->events[child], &last))
			break;
		s->events[i] = s->events[child];
		i = child;
	}
	s->events[i] = last;
	return first;
}

double sim_pressure(const struct scenario *s, int node, u64 at_ns)
{
	double sum = 0;
	u32 i;

	for (i = 0; i < s->n_busy; i++)
		if (s->busy[i].node == node && at_ns >= s->busy[i].from_ns &&
		    at_ns < s->busy[i].to_ns)
			sum += s->busy[i].share;
	return fmin(sum, 1);
}

double sim_slowed(double pressure)
{
	return 1 - fmax(fmin(pressure, 1) - PRESSURE_FREE, 0);
}

double sim_service_ns(const struct scenario *s, u32 e, u32 size, int node)
{
	const struct scenario_engine *v = &s->engines[e];
	double bytes_ns = 1e9 * size / (double)v->bps;

	if (node >= 0 && v->node >= 0)
		bytes_ns *= 1 + REMOTE_COST * (s->distance[node][v->node] / 10.0 - 1);
	return bytes_ns + (double)v->latency_ns;
}

/* -1 .. 1 for edge @k of thread @t, the same in every run of that seed */
static double edge_noise(const struct sim *s, u32 t, s64 k)
{
	struct lab_random r = { .state = s->seed };

	r.state ^= (u64)k * 0x9e3779b97f4a7c15ULL + t * 0xbf58476d1ce4e5b9ULL;
	lab_random_u64(&r);
	return 2 * lab_random_unit(&r) - 1;
}

/* Edges are where they should be, give or take: the phase is kept for ever */
static bool is_high(const struct sim *s, u32 t, u64 at_ns)
{
	const struct scenario_thread *v = &s->scenario->threads[t];
	double half_ns = (double)v->period_ns / 2;
	double at = (double)(at_ns + v->phase_ns) / half_ns;
	s64 last = (s64)floor(at), k, passed = last - 2;

	if (v->jitter <= 0)
		return !(last & 1);
	for (k = last - 2; k <= last + 3; k++)
		passed += (double)k + 2 * v->jitter * edge_noise(s, t, k) <= at;
	return !((passed - 1) & 1);
}

double sim_rate_bps(const struct sim *s, u32 t, u64 at_ns)
{
	const struct scenario_thread *v = &s->scenario->threads[t];
	double part;

	if (at_ns < v->begins_ns)
		return 0;
	switch (v->demand) {
	case DEMAND_CONST:
		return v->low_bps;
	case DEMAND_SQUARE:
		return is_high(s, t, at_ns) ? v->high_bps : v->low_bps;
	case DEMAND_RAMP:
		part = (double)at_ns / (double)s->scenario->duration_ns;
		return v->low_bps + (v->high_bps - v->low_bps) * fmin(part, 1);
	case DEMAND_FILE:
		return v->series_bps[at_ns / DEMAND_FILE_NS % v->n_series];
	case DEMAND_FLIP:
		return s->threads[t].flipped ? v->low_bps : v->high_bps;
	case DEMAND_CLOSED:
		break;
	}
	return 1e9 * v->size / sim_service_ns(s->scenario, v->start, v->size, -1);
}

/* When it wants to submit next: once its rate has added up to an operation */
static u64 next_due_ns(struct sim *s, u32 t)
{
	const struct scenario_thread *v = &s->scenario->threads[t];
	struct sim_thread *x = &s->threads[t];
	bool steady = v->demand == DEMAND_CONST && !s->scenario->n_busy;
	double want = v->size, rate_bps, got;
	u64 at_ns = s->now_ns;

	want *= 1 + v->uneven * (2 * lab_random_unit(&x->random) - 1);
	if (at_ns < v->begins_ns)
		at_ns = v->begins_ns;
	while (at_ns < s->scenario->duration_ns) {
		rate_bps = sim_rate_bps(s, t, at_ns);
		rate_bps *= sim_slowed(sim_pressure(s->scenario, x->node, at_ns));
		if (steady && rate_bps > 0)
			return at_ns + (u64)(want * 1e9 / rate_bps) + 1;
		got = rate_bps * RATE_STEP_NS / 1e9;
		if (got >= want)
			return at_ns + (u64)(want * 1e9 / rate_bps) + 1;
		want -= got;
		at_ns += RATE_STEP_NS;
	}
	return NEVER;
}

static void plan_submit(struct sim *s, u32 t, u64 at_ns)
{
	if (at_ns < s->scenario->duration_ns)
		push(s, (struct sim_event){
			.at_ns = at_ns, .thread = t, .kind = EVENT_SUBMIT });
}

void sim_look(struct sim *s, u32 e)
{
	struct sim_engine *v = &s->engines[e];

	if (v->in_flight) {
		v->full_ns += s->now_ns - v->looked_ns;
		v->full_ops += v->ops - v->looked_ops;
	}
	v->looked_ns = s->now_ns;
	v->looked_ops = v->ops;
}

static void submit(struct sim *s, u32 t)
{
	u32 size = s->scenario->threads[t].size;
	struct sim_thread *x = &s->threads[t];
	struct sim_engine *e = &s->engines[x->engine];
	u64 service_ns = (u64)sim_service_ns(s->scenario, x->engine, size, x->node);

	sim_look(s, x->engine);
	e->free_ns = (e->free_ns > s->now_ns ? e->free_ns : s->now_ns) + service_ns;
	e->assigned_ns += service_ns;
	e->sojourn_ns += e->free_ns - s->now_ns;
	e->in_flight++;
	e->in_flight_done_ns += e->free_ns;
	x->in_flight++;
	x->submitted += size;
	x->submitted_ops++;
	push(s, (struct sim_event){
		.at_ns = e->free_ns, .wait_ns = e->free_ns - s->now_ns,
		.thread = t, .engine = x->engine, .kind = EVENT_DONE });
}

static void on_submit(struct sim *s, u32 t)
{
	const struct scenario_thread *v = &s->scenario->threads[t];

	if (s->threads[t].in_flight >= v->depth) {
		s->threads[t].due = true;
		return;
	}
	submit(s, t);
	if (v->demand != DEMAND_CLOSED)
		plan_submit(s, t, next_due_ns(s, t));
}

/* On CPUs that leave it a share of its time it submits that much less often */
static u64 pause_ns(const struct sim *s, u32 t, u64 wait_ns)
{
	double pressure, slowed;

	if (!s->scenario->n_busy)
		return 0;
	pressure = sim_pressure(s->scenario, s->threads[t].node, s->now_ns);
	slowed = sim_slowed(pressure);
	return (u64)((double)wait_ns * (1 / slowed - 1));
}

static void on_done(struct sim *s, const struct sim_event *event)
{
	const struct scenario_thread *v = &s->scenario->threads[event->thread];
	struct sim_thread *x = &s->threads[event->thread];
	struct sim_engine *e = &s->engines[event->engine];
	u64 pause;

	e->bytes += v->size;
	e->ops++;
	e->in_flight--;
	e->in_flight_done_ns -= event->at_ns;
	x->in_flight--;
	x->bytes += v->size;
	s->bytes += v->size;
	s->window_bytes += v->size;
	if (event->at_ns - event->wait_ns >= s->measured_ns)
		histogram_add(s->waits, event->wait_ns);
	if (v->demand == DEMAND_CLOSED) {
		pause = v->think_ns + pause_ns(s, event->thread, event->wait_ns);
		if (pause)
			plan_submit(s, event->thread, s->now_ns + pause);
		else if (s->now_ns < s->scenario->duration_ns)
			submit(s, event->thread);
	} else if (x->due) {
		x->due = false;
		on_submit(s, event->thread);
	}
}

u64 sim_busy_ns(const struct sim *s, u32 e)
{
	const struct sim_engine *v = &s->engines[e];

	if (v->free_ns <= s->now_ns)
		return v->assigned_ns;
	return v->assigned_ns - (v->free_ns - s->now_ns);
}

u64 sim_depth_ns(const struct sim *s, u32 e)
{
	const struct sim_engine *v = &s->engines[e];

	return v->sojourn_ns - (v->in_flight_done_ns - v->in_flight * s->now_ns);
}

static void end_window(struct sim *s)
{
	bool full = false, free = false;
	u32 e;

	for (e = 0; e < s->scenario->n_engines; e++) {
		u64 busy_ns = sim_busy_ns(s, e);
		u64 part_ns = busy_ns - s->window_busy_ns[e];

		full |= part_ns * 100 > SIM_WINDOW_NS * 95;
		free |= part_ns * 100 < SIM_WINDOW_NS * 50;
		s->window_busy_ns[e] = busy_ns;
	}
	s->overlap_windows += full && free && s->window_ns >= s->measured_ns;
	s->windows[s->n_windows++] = s->window_bytes;
	s->window_bytes = 0;
	s->window_ns += SIM_WINDOW_NS;
}

static void flip(struct sim *s)
{
	u32 t;

	for (t = 0; t < s->scenario->n_threads; t++)
		s->threads[t].flipped = s->threads[t].engine != s->flip_to;
	s->flip_ns = 0;
}

/* Whatever comes first: the end of a window, a turn of the load, an event */
static void step(struct sim *s, u64 until_ns)
{
	u64 event_ns = s->n_events ? s->events[0].at_ns : NEVER;
	u64 to_ns = until_ns;
	struct sim_event event;

	if (s->window_ns + SIM_WINDOW_NS < to_ns)
		to_ns = s->window_ns + SIM_WINDOW_NS;
	if (s->flip_ns && s->flip_ns < to_ns)
		to_ns = s->flip_ns;
	if (event_ns <= to_ns) {
		event = pop(s);
		s->now_ns = event.at_ns;
		if (event.kind == EVENT_DONE)
			on_done(s, &event);
		else
			on_submit(s, event.thread);
		return;
	}
	s->now_ns = to_ns;
	if (s->flip_ns && s->flip_ns <= to_ns)
		flip(s);
	if (s->window_ns + SIM_WINDOW_NS <= to_ns)
		end_window(s);
}

void sim_run(struct sim *s, u64 until_ns)
{
	while (s->now_ns < until_ns || (s->n_events && s->events[0].at_ns <= until_ns))
		step(s, until_ns);
}

void sim_send(struct sim *s, u32 t, u32 e, int node)
{
	s->threads[t].engine = e;
	s->threads[t].node = node;
}

void sim_turn(struct sim *s, u32 e)
{
	const struct scenario *scenario = s->scenario;
	u32 t;

	for (t = 0; t < scenario->n_threads; t++) {
		if (scenario->threads[t].demand != DEMAND_FLIP)
			continue;
		s->flip_to = e;
		s->flip_ns = s->now_ns + scenario->threads[t].period_ns + 1;
		return;
	}
}

static const struct sim_route *route_of(const struct sim *s, u32 t, u32 e)
{
	return &s->routes[__builtin_ctz(s->scenario->threads[t].kinds)][e];
}

int sim_beside(const struct sim *s, u32 t, u32 e)
{
	const struct sim_route *r = route_of(s, t, e);

	return r->cpus ? r->node : s->scenario->engines[e].node;
}

bool sim_may_go(const struct sim *s, u32 t, u32 e)
{
	return route_of(s, t, e)->cpus;
}

static void start_thread(struct sim *s, u32 t, u64 seed)
{
	const struct scenario_thread *v = &s->scenario->threads[t];
	struct sim_thread *x = &s->threads[t];
	u32 i, n = v->demand == DEMAND_CLOSED ? v->depth : 1;
	u64 first_ns = s->now_ns;

	x->engine = v->start;
	x->node = v->runs >= 0 ? v->runs : sim_beside(s, t, v->start);
	x->random.state = seed * 0x100000001b3ULL + t;
	x->flipped = v->demand == DEMAND_FLIP && v->start != s->flip_to;
	if (first_ns < v->begins_ns)
		first_ns = v->begins_ns;
	if (v->demand != DEMAND_CLOSED)
		first_ns = next_due_ns(s, t);
	for (i = 0; i < n; i++)
		plan_submit(s, t, first_ns == NEVER ? NEVER : first_ns + i);
}

void sim_start(struct sim *s, const struct scenario *scenario, u64 seed, u64 from_ns)
{
	u64 room = scenario->duration_ns / SIM_WINDOW_NS + 2;
	u32 t;

	memset(s, 0, sizeof(*s));
	s->scenario = scenario;
	s->seed = seed;
	s->now_ns = from_ns;
	s->window_ns = from_ns;
	s->routes = must(calloc(SCENARIO_KINDS, sizeof(*s->routes)));
	s->engines = must(calloc(scenario->n_engines + 1, sizeof(*s->engines)));
	s->threads = must(calloc(scenario->n_threads + 1, sizeof(*s->threads)));
	s->waits = must(calloc(1, sizeof(*s->waits)));
	s->windows = must(calloc(room, sizeof(*s->windows)));
	s->window_busy_ns = must(calloc(scenario->n_engines + 1, sizeof(u64)));
	routes_find(scenario, s->routes);
	for (t = 0; t < scenario->n_engines; t++)
		s->engines[t].looked_ns = from_ns;
	for (t = 0; t < scenario->n_threads; t++)
		start_thread(s, t, seed);
}

void sim_stop(struct sim *s)
{
	free(s->routes);
	free(s->engines);
	free(s->threads);
	free(s->waits);
	free(s->windows);
	free(s->window_busy_ns);
	free(s->events);
	memset(s, 0, sizeof(*s));
}

u64 sim_bytes(const struct sim *s)
{
	return s->bytes;
}

u64 sim_wait_ns(const struct sim *s, double share)
{
	static struct histogram_view last, since;

	memset(&last, 0, sizeof(last));
	memset(&since, 0, sizeof(since));
	histogram_since(s->waits, &last, &since);
	return histogram_quantile(&since, share);
}

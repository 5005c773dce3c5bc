// SPDX-License-Identifier: GPL-2.0
/* What the full screen shows: read, remembered, filtered, sorted. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "threads.h"
#include "top.h"

/* What panels are sorted by. */
static const char *const engine_sorts[] = { "name", "UTIL%", "MB/s" };
static const char *const thread_sorts[] = { "demand", "forecast", "TID", "engine" };

const char *top_sort_name(const struct top *top, enum top_panel panel)
{
	unsigned int sort = top->views[panel].sort;

	switch (panel) {
	case PANEL_ENGINES:
		return engine_sorts[sort % 3];
	case PANEL_THREADS:
		return thread_sorts[sort % 4];
	default:
		return "newest";
	}
}

struct dmaaff_rate top_rate(const struct top *top, const struct dmaaff_engine *engine)
{
	return dmaaff_rate(top->before, engine);
}

const struct top_track *top_track_of(const struct top *top, const char *name)
{
	size_t i;

	for (i = 0; i < top->nr_tracks; i++) {
		if (!strcmp(top->tracks[i].name, name))
			return &top->tracks[i];
	}
	return NULL;
}

static unsigned char percent(struct dmaaff_real number)
{
	if (!number.known)
		return TOP_UNKNOWN;
	if (number.value <= 0)
		return 0;
	return number.value < 100 ? number.value : 100;
}

static struct top_track *new_track(struct top *top, const char *name)
{
	struct top_track *more = realloc(top->tracks, (top->nr_tracks + 1) * sizeof(*more));
	struct top_track *track;

	if (!more)
		return NULL;
	top->tracks = more;
	track = &more[top->nr_tracks];
	memset(track, 0, sizeof(*track));
	track->name = strdup(name);
	if (!track->name)
		return NULL;
	top->nr_tracks++;
	return track;
}

static void push(struct top_track *track, struct dmaaff_real utilisation,
		 struct dmaaff_real predicted)
{
	if (track->nr == TOP_PAST) {
		memmove(track->utilisation, track->utilisation + 1, TOP_PAST - 1);
		memmove(track->predicted, track->predicted + 1, TOP_PAST - 1);
		track->nr--;
	}
	track->utilisation[track->nr] = percent(utilisation);
	track->predicted[track->nr] = percent(predicted);
	track->nr++;
	track->seen = true;
}

static void forget_gone(struct top *top)
{
	size_t i, kept = 0;

	for (i = 0; i < top->nr_tracks; i++) {
		if (top->tracks[i].seen)
			top->tracks[kept++] = top->tracks[i];
		else
			free(top->tracks[i].name);
	}
	top->nr_tracks = kept;
}

static void remember(struct top *top)
{
	size_t i;

	for (i = 0; i < top->nr_tracks; i++)
		top->tracks[i].seen = false;
	for (i = 0; top->now && i < top->now->nr_engines; i++) {
		const struct dmaaff_engine *engine = &top->now->engines[i];
		struct top_track *track = (struct top_track *)top_track_of(top, engine->name);

		if (!track)
			track = new_track(top, engine->name);
		if (track)
			push(track, top_rate(top, engine).utilisation_pct, engine->predicted_pct);
	}
	forget_gone(top);
}

static int by_utilisation(const void *a, const void *b, void *data)
{
	const struct dmaaff_engine *const *x = a, *const *y = b;
	struct dmaaff_rate rx = top_rate(data, *x), ry = top_rate(data, *y);

	return (rx.utilisation_pct.value < ry.utilisation_pct.value) -
	       (rx.utilisation_pct.value > ry.utilisation_pct.value);
}

static int by_bytes(const void *a, const void *b, void *data)
{
	const struct dmaaff_engine *const *x = a, *const *y = b;
	struct dmaaff_rate rx = top_rate(data, *x), ry = top_rate(data, *y);

	return (rx.bytes_per_s.value < ry.bytes_per_s.value) -
	       (rx.bytes_per_s.value > ry.bytes_per_s.value);
}

static int by_forecast(const void *a, const void *b)
{
	const struct dmaaff_thread *x = a, *y = b;
	uint64_t px = x->predicted_bytes_per_s.value, py = y->predicted_bytes_per_s.value;

	return px == py ? threads_by_demand(a, b) : px < py ? 1 : -1;
}

static int by_tid(const void *a, const void *b)
{
	const struct dmaaff_thread *x = a, *y = b;

	return (x->tid > y->tid) - (x->tid < y->tid);
}

static int by_engine(const void *a, const void *b)
{
	const struct dmaaff_thread *x = a, *y = b;
	int order = strverscmp(x->engine ? x->engine : "", y->engine ? y->engine : "");

	return order ? order : threads_by_demand(a, b);
}

static bool has(const char *text, const char *part)
{
	return text && strcasestr(text, part);
}

static void arrange_engines(struct top *top)
{
	const size_t size = sizeof(const struct dmaaff_engine *);
	const char *sort = top_sort_name(top, PANEL_ENGINES);
	size_t i;

	top->nr_engines = 0;
	free(top->engines);
	top->engines = calloc(top->now ? top->now->nr_engines + 1 : 1, size);
	top->views[PANEL_ENGINES].rows = 0;
	if (!top->engines)
		return;
	for (i = 0; top->now && i < top->now->nr_engines; i++) {
		const struct dmaaff_engine *engine = &top->now->engines[i];
		struct dmaaff_rate rate = top_rate(top, engine);

		if (*top->filter && !has(engine->name, top->filter))
			continue;
		if (top->no_idle && !rate.bytes_per_s.value && !rate.utilisation_pct.value)
			continue;
		top->engines[top->nr_engines++] = engine;
	}
	if (sort == engine_sorts[1])
		qsort_r(top->engines, top->nr_engines, size, by_utilisation, top);
	else if (sort == engine_sorts[2])
		qsort_r(top->engines, top->nr_engines, size, by_bytes, top);
	top->views[PANEL_ENGINES].rows = top->nr_engines;
}

static bool thread_passes(const struct top *top, const struct dmaaff_thread *thread)
{
	char comm[COMM_SIZE];

	if (top->no_idle && thread->demand_bytes_per_s.known && !thread->demand_bytes_per_s.value)
		return false;
	return !*top->filter || has(thread->engine, top->filter) ||
	       has(text_comm(thread->tid, comm), top->filter);
}

static void arrange_threads(struct top *top)
{
	static int (*const orders[])(const void *a, const void *b) = {
		threads_by_demand, by_forecast, by_tid, by_engine,
	};
	struct dmaaff_threads *threads = top->threads;
	size_t i, rest;

	top->views[PANEL_THREADS].rows = 0;
	if (!threads)
		return;
	/* Those that pass come first, and only they are sorted. */
	for (i = 0, rest = 0; i < threads->nr; i++) {
		if (thread_passes(top, &threads->threads[i])) {
			struct dmaaff_thread passes = threads->threads[i];

			threads->threads[i] = threads->threads[rest];
			threads->threads[rest++] = passes;
		}
	}
	qsort(threads->threads, rest, sizeof(*threads->threads),
	      orders[top->views[PANEL_THREADS].sort % (sizeof(orders) / sizeof(*orders))]);
	top->views[PANEL_THREADS].rows = rest;
}

static void arrange_moves(struct top *top)
{
	struct dmaaff_history *history = top->history;
	size_t i, rest = 0;

	/* They stay in order; a filter that is taken back needs the next reading. */
	for (i = 0; history && i < history->nr; i++) {
		const struct dmaaff_move *move = &history->moves[i];

		if (!*top->filter || has(move->from, top->filter) || has(move->to, top->filter))
			history->moves[rest++] = *move;
	}
	if (history)
		history->nr = rest;
	top->views[PANEL_MOVES].rows = rest;
}

void top_arrange(struct top *top)
{
	arrange_engines(top);
	arrange_threads(top);
	arrange_moves(top);
}

void top_refresh(struct top *top)
{
	struct dmaaff_snapshot *now = dmaaff_snapshot_read(top->dmaaff);

	top->engines_errno = errno;
	dmaaff_snapshot_free(top->before);
	top->before = now ? top->now : NULL;
	if (!now)
		dmaaff_snapshot_free(top->now);
	top->now = now;
	dmaaff_threads_free(top->threads);
	top->threads = dmaaff_threads_read(top->dmaaff);
	top->threads_errno = errno;
	dmaaff_history_free(top->history);
	top->history = dmaaff_history_read(top->dmaaff);
	top->history_errno = errno;
	top_reasons_look(&top->reasons, now);
	remember(top);
	top_arrange(top);
}

void top_release(struct top *top)
{
	size_t i;

	for (i = 0; i < top->nr_tracks; i++)
		free(top->tracks[i].name);
	free(top->tracks);
	free(top->engines);
	top_reasons_release(&top->reasons);
	dmaaff_snapshot_free(top->before);
	dmaaff_snapshot_free(top->now);
	dmaaff_threads_free(top->threads);
	dmaaff_history_free(top->history);
	dmaaff_close(top->dmaaff);
}

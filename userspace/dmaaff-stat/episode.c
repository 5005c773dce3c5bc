// SPDX-License-Identifier: GPL-2.0
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "episode.h"
#include "message.h"

#define POINTS 200
#define LEAST_NS 50000000

static struct episode_series *series_of(struct episode *episode, const char *name)
{
	struct episode_series *more;
	size_t i;

	for (i = 0; i < episode->nr_engines; i++) {
		if (!strcmp(episode->engines[i].name, name))
			return &episode->engines[i];
	}
	more = realloc(episode->engines, (i + 1) * sizeof(*more));
	if (!more)
		return NULL;
	episode->engines = more;
	more[i] = (struct episode_series){ .nr = 0 };
	snprintf(more[i].name, sizeof(more[i].name), "%s", name);
	episode->nr_engines++;
	return &more[i];
}

/* What the engine of an event did in the interval of it, to add to; NULL without memory. */
static struct episode_engine *cell_of(struct episode *episode, const struct happening *what)
{
	size_t interval = (what->time_ns - episode->start_ns) / episode->interval_ns;
	char name[RECORDING_NAME];
	struct episode_series *series = series_of(episode, happening_text(what, "engine", name));

	if (series && interval >= series->nr) {
		size_t room = interval + 1;
		struct episode_engine *more = realloc(series->at, room * sizeof(*more));

		if (more) {
			memset(more + series->nr, 0, (room - series->nr) * sizeof(*more));
			series->at = more;
			series->nr = room;
		}
	}
	if (!series || interval >= series->nr) {
		episode->no_memory = true;
		return NULL;
	}
	if (interval >= episode->nr_intervals)
		episode->nr_intervals = interval + 1;
	return &series->at[interval];
}

static void add_sample(struct episode *episode, const struct happening *what)
{
	struct episode_engine *engine = cell_of(episode, what);

	if (!engine)
		return;
	engine->sampled = true;
	engine->bytes += happening_number(what, "bytes", 0);
	engine->ops += happening_number(what, "ops", 0);
	engine->busy_ns += happening_number(what, "busy_ns", 0);
	engine->depth_ns += happening_number(what, "depth_ns", 0);
	engine->threads = happening_number(what, "threads", 0);
}

static void add_forecast(struct episode *episode, const struct happening *what)
{
	struct episode_engine *engine = cell_of(episode, what);

	if (!engine)
		return;
	engine->forecast = true;
	engine->predicted_e2 = happening_number(what, "predicted_e2", 0);
}

static void add(const struct happening *what, void *data)
{
	struct episode *episode = data;

	if (!episode->start_ns)
		episode->start_ns = what->time_ns;
	if (what->time_ns < episode->start_ns)
		return;
	episode->end_ns = what->time_ns;
	episode->lost |= what->lost;
	if (!strcmp(what->name, "engine_sample"))
		add_sample(episode, what);
	else if (!strcmp(what->name, "engine_forecast"))
		add_forecast(episode, what);
	else
		moves_add(&episode->moves, what);
}

/* From the first event to the last. */
static void add_span(const struct happening *what, void *data)
{
	struct episode *episode = data;

	if (!episode->start_ns)
		episode->start_ns = what->time_ns;
	if (what->time_ns > episode->end_ns)
		episode->end_ns = what->time_ns;
}

int episode_read(struct episode *episode, const char *path, double seconds)
{
	*episode = (struct episode){ .interval_ns = seconds * 1e9 };
	if (!episode->interval_ns) {
		if (recording_read(path, add_span, episode))
			return -1;
		episode->interval_ns = (episode->end_ns - episode->start_ns) / POINTS + 1;
		if (episode->interval_ns < LEAST_NS)
			episode->interval_ns = LEAST_NS;
	}
	if (recording_read(path, add, episode))
		return -1;
	if (episode->no_memory || episode->moves.no_memory) {
		message("no memory for %s: a longer interval needs less", path);
		return -1;
	}
	/* What is left over is too short to say much. */
	if (episode->nr_intervals > 1 &&
	    episode_length_ns(episode, episode->nr_intervals - 1) < episode->interval_ns / 2)
		episode->nr_intervals--;
	if (!episode->nr_intervals) {
		message("%s has no dma_affinity:engine_sample in it", path);
		return -1;
	}
	return 0;
}

void episode_free(struct episode *episode)
{
	size_t i;

	for (i = 0; i < episode->nr_engines; i++)
		free(episode->engines[i].at);
	free(episode->engines);
	moves_free(&episode->moves);
}

const struct episode_engine *episode_at(const struct episode *episode, size_t interval,
					size_t engine)
{
	static const struct episode_engine nothing;
	const struct episode_series *series = &episode->engines[engine];

	return interval < series->nr ? &series->at[interval] : &nothing;
}

uint64_t episode_length_ns(const struct episode *episode, size_t interval)
{
	uint64_t from = episode->start_ns + interval * episode->interval_ns;
	uint64_t left = episode->end_ns > from ? episode->end_ns - from : 1;

	return left < episode->interval_ns ? left : episode->interval_ns;
}

double episode_utilisation_pct(const struct episode *episode, size_t interval, size_t engine)
{
	const struct episode_engine *at = episode_at(episode, interval, engine);

	if (!at->sampled)
		return NAN;
	/* A tick's busy time may reach out of the interval. */
	return fmin((double)at->busy_ns / episode_length_ns(episode, interval) * 100, 100);
}

double episode_seconds(const struct episode *episode)
{
	return (episode->end_ns - episode->start_ns) / 1e9;
}

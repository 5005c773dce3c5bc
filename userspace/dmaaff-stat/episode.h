/* SPDX-License-Identifier: GPL-2.0 */
/* A recording as figures of each engine in each interval, and moves. */
#ifndef DMAAFF_STAT_EPISODE_H
#define DMAAFF_STAT_EPISODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "moves.h"
#include "recording.h"

/**
 * struct episode_engine - an engine in one interval
 * @sampled: there was a sample: else nothing is known
 * @forecast: there was a forecast
 */
struct episode_engine {
	bool sampled, forecast;
	uint64_t bytes, ops, busy_ns, depth_ns, predicted_e2, threads;
};

/* An engine from the first interval to the last in which it was seen. */
struct episode_series {
	char name[RECORDING_NAME];
	struct episode_engine *at;
	size_t nr;
};

/**
 * struct episode - the whole recording
 * @start_ns, @end_ns: of its events
 * @interval_ns: length of an interval
 * @nr_intervals: up to the last sample
 * @lost: events are missing in it
 */
struct episode {
	uint64_t start_ns, end_ns, interval_ns;
	struct episode_series *engines;
	size_t nr_engines;
	size_t nr_intervals;
	struct moves moves;
	bool no_memory, lost;
};

/*
 * Intervals of @seconds; 0: 200 of them, and none shorter than 50 ms.
 * Return: 0, or -1, explained on stderr. Either way episode_free() is due.
 */
int episode_read(struct episode *episode, const char *path, double seconds);
void episode_free(struct episode *episode);

/* Zero where nothing was recorded of it. */
const struct episode_engine *episode_at(const struct episode *episode, size_t interval,
					size_t engine);

/* How long an interval is: the last may be shorter. */
uint64_t episode_length_ns(const struct episode *episode, size_t interval);

/* 0 to 100; NAN where it is not known. */
double episode_utilisation_pct(const struct episode *episode, size_t interval, size_t engine);

/* From its first event to the last. */
double episode_seconds(const struct episode *episode);

#endif

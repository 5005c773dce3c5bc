// SPDX-License-Identifier: GPL-2.0
/* Engines and counters at one instant. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "attr.h"

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void engine_release(struct dmaaff_engine *engine)
{
	free(engine->name);
	free(engine->cpus);
	free(engine->capabilities);
	free(engine->power);
	free(engine->reserved);
}

/* Returns 1 when the engine was read, 0 when it is gone, -1 without memory. */
static int engine_read(const char *engines, const char *name, struct dmaaff_engine *engine)
{
	char dir[ATTR_PATH_MAX];
	struct stat st;

	if ((size_t)snprintf(dir, sizeof(dir), "%s/%s", engines, name) >= sizeof(dir))
		return 0;
	if (stat(dir, &st) || !S_ISDIR(st.st_mode))
		return 0;
	*engine = (struct dmaaff_engine){ .id = st.st_ino, .name = strdup(name) };
	if (!engine->name)
		return -1;

	/* The counters first and close together: rates come from them. */
	engine->time_ns = now_ns();
	engine->bytes = attr_u64(dir, "bytes");
	engine->ops = attr_u64(dir, "ops");
	engine->busy_ns = attr_u64(dir, "busy_ns");
	engine->depth_ns = attr_u64(dir, "depth_ns");

	engine->utilisation_pct = attr_real(dir, "utilisation");
	engine->predicted_pct = attr_real(dir, "predicted");
	engine->forecast_error_pct = attr_real(dir, "forecast_error");
	engine->depth = attr_real(dir, "depth");
	engine->latency_ns = attr_u64(dir, "latency_ns");
	engine->threads = attr_u64(dir, "threads");
	engine->node = attr_i64(dir, "node");
	engine->cpus = attr_read(dir, "cpus");
	engine->capabilities = attr_read(dir, "capabilities");
	engine->capacity_bytes_per_s = attr_u64(dir, "capacity_bps");
	engine->irq_bytes = attr_u64(dir, "irq_bytes");
	engine->softirq_bytes = attr_u64(dir, "softirq_bytes");
	engine->exiting_bytes = attr_u64(dir, "exiting_bytes");
	engine->mapped_bytes = attr_u64(dir, "mapped_bytes");
	engine->power = attr_read(dir, "runtime_status");
	engine->reserved = attr_read(dir, "RESERVED");

	if (stat(dir, &st) || st.st_ino != engine->id) {
		engine_release(engine);
		return 0;
	}
	return 1;
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* libsysfs cuts names in a list at 63 bytes, hence scandir(). */
static int engines_read(struct dmaaff *dmaaff, struct dmaaff_snapshot *snapshot)
{
	char dir[ATTR_PATH_MAX];
	struct dirent **entries;
	int nr, i, got = 0;

	if ((size_t)snprintf(dir, sizeof(dir), "%s/engines", dmaaff->path) >= sizeof(dir)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	nr = scandir(dir, &entries, visible, versionsort);
	if (nr < 0)
		return -1;
	snapshot->engines = calloc(nr ? nr : 1, sizeof(*snapshot->engines));
	if (!snapshot->engines)
		got = -1;
	for (i = 0; i < nr; i++) {
		if (got >= 0) {
			got = engine_read(dir, entries[i]->d_name,
					  &snapshot->engines[snapshot->nr_engines]);
			if (got > 0)
				snapshot->nr_engines++;
		}
		free(entries[i]);
	}
	free(entries);
	if (got < 0) {
		errno = ENOMEM;
		return -1;
	}
	return 0;
}

static void stats_read(struct dmaaff *dmaaff, struct dmaaff_stats *stats)
{
	char dir[ATTR_PATH_MAX];

	if ((size_t)snprintf(dir, sizeof(dir), "%s/stats", dmaaff->path) >= sizeof(dir))
		return;
	stats->ticks = attr_u64(dir, "ticks");
	stats->overruns = attr_u64(dir, "overruns");
	stats->moves = attr_u64(dir, "moves");
	stats->successes = attr_u64(dir, "successes");
	stats->failures = attr_u64(dir, "failures");
	stats->reverts = attr_u64(dir, "reverts");
	stats->dropped = attr_u64(dir, "dropped");
	stats->tick_ns = attr_u64(dir, "tick_ns");
	stats->memory_bytes = attr_u64(dir, "memory_bytes");
}

DMAAFF_PUBLIC struct dmaaff_snapshot *dmaaff_snapshot_read(struct dmaaff *dmaaff)
{
	struct dmaaff_snapshot *snapshot = calloc(1, sizeof(*snapshot));
	size_t i;

	if (!snapshot)
		return NULL;
	snapshot->time_ns = now_ns();
	if (engines_read(dmaaff, snapshot)) {
		int err = errno;

		dmaaff_snapshot_free(snapshot);
		errno = err;
		return NULL;
	}
	stats_read(dmaaff, &snapshot->stats);
	snapshot->mode = attr_read(dmaaff->path, "MODE");
	for (i = 0; i < snapshot->nr_engines; i++) {
		struct dmaaff_engine *engine = &snapshot->engines[i];

		engine->counted = !snapshot->mode || strcmp(snapshot->mode, "off") != 0;
		if (engine->counted)
			continue;
		engine->threads = (struct dmaaff_u64){ 0 };
		engine->latency_ns = (struct dmaaff_u64){ 0 };
		engine->utilisation_pct = (struct dmaaff_real){ 0 };
		engine->predicted_pct = (struct dmaaff_real){ 0 };
		engine->depth = (struct dmaaff_real){ 0 };
	}
	return snapshot;
}

DMAAFF_PUBLIC void dmaaff_snapshot_free(struct dmaaff_snapshot *snapshot)
{
	size_t i;

	if (!snapshot)
		return;
	for (i = 0; i < snapshot->nr_engines; i++)
		engine_release(&snapshot->engines[i]);
	free(snapshot->engines);
	free(snapshot->mode);
	free(snapshot);
}

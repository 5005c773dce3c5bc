// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer on the library: one file of a recorded tree at a time is replaced by
 * what the fuzzer makes up, or is not what it should be. FUZZ_TREE is a copy of
 * such a tree that this may spoil.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dmaaff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const files[] = {
	"threads", "history", "MODE", "MAX_MOVES", "stats/ticks", "stats/dropped",
	"engines/dma_engine_sim.0/bytes", "engines/dma_engine_sim.0/busy_ns",
	"engines/dma_engine_sim.0/depth", "engines/dma_engine_sim.0/utilisation",
	"engines/dma_engine_sim.0/node", "engines/dma_engine_sim.0/cpus",
};

#define NR_FILES (sizeof(files) / sizeof(*files))

enum { MADE_UP, GONE, FOLDER, LOOP, NR_FATES };

static void make(const char *path, const uint8_t *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
}

static void spoil(const char *path, int fate, const uint8_t *data, size_t size)
{
	switch (fate) {
	case MADE_UP:
		make(path, data, size);
		break;
	case FOLDER:
		if (mkdir(path, 0755))
			abort();
		break;
	case LOOP:
		if (symlink(path, path))
			abort();
		break;
	default:
		break;
	}
}

static void read_engines(struct dmaaff *dmaaff, const char *path)
{
	struct dmaaff_snapshot *before = dmaaff_snapshot_read(dmaaff), *now;
	size_t i;

	/* In between the file goes, or comes. */
	if (remove(path))
		make(path, (const uint8_t *)"1\n", 2);
	now = dmaaff_snapshot_read(dmaaff);
	for (i = 0; now && i < now->nr_engines; i++) {
		struct dmaaff_rate rate = dmaaff_rate(before, &now->engines[i]);

		if (rate.utilisation_pct.known && before && rate.seconds > 0 &&
		    !(rate.utilisation_pct.value >= 0 && rate.utilisation_pct.value <= 100))
			abort();
	}
	dmaaff_snapshot_free(before);
	dmaaff_snapshot_free(now);
}

static void read_all(struct dmaaff *dmaaff, const char *path)
{
	struct dmaaff_threads *threads = dmaaff_threads_read(dmaaff);
	struct dmaaff_history *history = dmaaff_history_read(dmaaff);
	struct dmaaff_tunables *tunables = dmaaff_tunables_read(dmaaff);

	if (threads && threads->nr && !threads->threads[threads->nr - 1].state)
		abort();
	if (history && history->nr && !history->moves[history->nr - 1].result)
		abort();
	dmaaff_threads_free(threads);
	dmaaff_history_free(history);
	dmaaff_tunables_free(tunables);
	read_engines(dmaaff, path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *tree = getenv("FUZZ_TREE");
	char path[256], aside[300];
	struct dmaaff *dmaaff;

	if (!tree)
		abort();
	if (size < 2)
		return 0;
	dmaaff = dmaaff_open(tree);
	if (!dmaaff)
		abort();
	snprintf(path, sizeof(path), "%s/kernel/dma_affinity/%s", tree, files[data[0] % NR_FILES]);
	snprintf(aside, sizeof(aside), "%s/aside", tree);
	if (rename(path, aside))
		abort();
	spoil(path, data[1] % NR_FATES, data + 2, size - 2);
	read_all(dmaaff, path);
	remove(path);
	if (rename(aside, path))
		abort();
	dmaaff_close(dmaaff);
	return 0;
}

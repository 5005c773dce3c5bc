// SPDX-License-Identifier: GPL-2.0
/* The table of threads. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "lists.h"
#include "table.h"

enum { TID, START_NS, ENGINE, BYTES, DEMAND_BPS, PREDICTED_BPS, STATE, MASK, ORIGIN_MASK, COLUMNS };

static bool thread_parse(char *row, struct dmaaff_lists *lists, struct dmaaff_thread *thread)
{
	char *column[COLUMNS];
	struct dmaaff_u64 tid, start_ns;

	if (!table_split(row, column, COLUMNS))
		return false;
	tid = parse_u64(column[TID]);
	start_ns = parse_u64(column[START_NS]);
	if (!tid.known || tid.value > INT32_MAX || !start_ns.known)
		return false;
	*thread = (struct dmaaff_thread){
		.tid = tid.value,
		.start_ns = start_ns.value,
		.engine = strcmp(column[ENGINE], "-") ? column[ENGINE] : NULL,
		.bytes = parse_u64(column[BYTES]),
		.demand_bytes_per_s = parse_u64(column[DEMAND_BPS]),
		.predicted_bytes_per_s = parse_u64(column[PREDICTED_BPS]),
		.state = column[STATE],
		.cpus = lists_get(lists, column[MASK]),
		.origin_cpus = lists_get(lists, column[ORIGIN_MASK]),
	};
	return true;
}

DMAAFF_PUBLIC struct dmaaff_threads *dmaaff_threads_read(struct dmaaff *dmaaff)
{
	struct dmaaff_threads *threads = calloc(1, sizeof(*threads));
	struct table table;
	size_t i;

	if (!threads)
		return NULL;
	if (table_read(dmaaff->path, "threads", &table)) {
		int err = errno;

		free(threads);
		errno = err;
		return NULL;
	}
	threads->generation = table.generation;
	threads->torn = table.torn;
	threads->text = table.text;
	threads->lists = lists_new();
	threads->threads = calloc(table.nr_rows ? table.nr_rows : 1, sizeof(*threads->threads));
	if (!threads->threads || !threads->lists) {
		dmaaff_threads_free(threads);
		errno = ENOMEM;
		return NULL;
	}
	for (i = 0; i < table.nr_rows; i++) {
		if (thread_parse(table_row(&table, i), threads->lists,
				 &threads->threads[threads->nr]))
			threads->nr++;
		else
			threads->skipped++;
	}
	return threads;
}

DMAAFF_PUBLIC void dmaaff_threads_free(struct dmaaff_threads *threads)
{
	if (!threads)
		return;
	lists_free(threads->lists);
	free(threads->threads);
	free(threads->text);
	free(threads);
}

// SPDX-License-Identifier: GPL-2.0
/* Threads that submit DMA: what each asks for, and of which engine. */
#include <stdlib.h>

#include "message.h"
#include "text.h"
#include "threads.h"
#include "view.h"

static const struct column columns[] = {
	{ "tid", "TID", .min = 7 },
	{ "start_ns", "START_s", .more = true, .unit = 1e9, .decimals = 3 },
	{ "comm", "COMM", .left = true, .min = 15 },
	{ "engine", "ENGINE", .left = true, .min = 18 },
	{ "bytes", "MB", .more = true, .unit = 1e6, .decimals = 2 },
	{ "demand_bytes_per_s", "DEMAND_MB/s", .unit = 1e6, .decimals = 2 },
	{ "predicted_bytes_per_s", "PRED_MB/s", .unit = 1e6, .decimals = 2 },
	{ "state", "STATE", .left = true, .min = 8 },
	{ "cpus", "CPUS", .left = true },
	{ "origin_cpus", "ORIGIN_CPUS", .left = true, .more = true },
	{ NULL },
};

int threads_by_demand(const void *a, const void *b)
{
	const struct dmaaff_thread *x = a, *y = b;
	struct dmaaff_u64 dx = x->demand_bytes_per_s, dy = y->demand_bytes_per_s;

	if (dx.known != dy.known)
		return dx.known ? -1 : 1;
	if (dx.value != dy.value)
		return dx.value > dy.value ? -1 : 1;
	return (x->tid > y->tid) - (x->tid < y->tid);
}

static bool is_idle(const struct dmaaff_thread *thread)
{
	return thread->demand_bytes_per_s.known && !thread->demand_bytes_per_s.value;
}

static void add_row(struct sheet *sheet, const struct dmaaff_thread *thread)
{
	char comm[COMM_SIZE];

	sheet_i64(sheet, (struct dmaaff_i64){ thread->tid, true });
	sheet_u64(sheet, (struct dmaaff_u64){ thread->start_ns, true });
	sheet_text(sheet, text_comm(thread->tid, comm));
	sheet_text(sheet, thread->engine);
	sheet_u64(sheet, thread->bytes);
	sheet_u64(sheet, thread->demand_bytes_per_s);
	sheet_u64(sheet, thread->predicted_bytes_per_s);
	sheet_text(sheet, thread->state);
	sheet_text(sheet, thread->cpus);
	sheet_text(sheet, thread->origin_cpus);
}

static int threads_fill(struct report *report)
{
	struct dmaaff_threads *threads = dmaaff_threads_read(report->dmaaff);
	size_t i;

	if (!threads)
		return -1;
	qsort(threads->threads, threads->nr, sizeof(*threads->threads), threads_by_demand);
	warn_table("threads", threads->torn, threads->skipped);
	report->torn = threads->torn;
	for (i = 0; i < threads->nr; i++) {
		if (!report->options->no_idle || !is_idle(&threads->threads[i]))
			add_row(&report->sheet, &threads->threads[i]);
	}
	dmaaff_threads_free(threads);
	return 0;
}

const struct view threads_view = {
	.name = "threads",
	.columns = columns,
	.fill = threads_fill,
	.head = view_head_torn,
};

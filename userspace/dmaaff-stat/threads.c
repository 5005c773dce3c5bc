// SPDX-License-Identifier: GPL-2.0
/* Threads that submit DMA: what each asks for, and of which engine. */
#include <stdlib.h>

#include "json.h"
#include "message.h"
#include "screen.h"
#include "text.h"
#include "view.h"

static const struct column columns[] = {
	{ "TID", false, 7 },
	{ "COMM", true, 15 },
	{ "ENGINE", true, 18 },
	{ "DEMAND_MB/s", false, 0 },
	{ "PRED_MB/s", false, 0 },
	{ "STATE", true, 8 },
	{ "CPUS", true, 0 },
	{ NULL },
};

/* The greatest demand first, unknown demand last. */
static int by_demand(const void *a, const void *b)
{
	const struct dmaaff_thread *x = a, *y = b;
	struct dmaaff_u64 dx = x->demand_bytes_per_s, dy = y->demand_bytes_per_s;

	if (dx.known != dy.known)
		return dx.known ? -1 : 1;
	if (dx.value != dy.value)
		return dx.value > dy.value ? -1 : 1;
	return (x->tid > y->tid) - (x->tid < y->tid);
}

static struct dmaaff_real real(struct dmaaff_u64 number)
{
	struct dmaaff_real result = { number.value, number.known };

	return result;
}

static int write_text(struct report *report, const struct dmaaff_threads *threads)
{
	struct columns *table = &report->columns;
	size_t i;

	for (i = 0; i < threads->nr; i++) {
		const struct dmaaff_thread *thread = &threads->threads[i];
		char *comm = text_comm(thread->tid);

		columns_i64(table, (struct dmaaff_i64){ thread->tid, true });
		columns_text(table, comm);
		columns_text(table, thread->engine);
		columns_real(table, real(thread->demand_bytes_per_s), 1e6, 2);
		columns_real(table, real(thread->predicted_bytes_per_s), 1e6, 2);
		columns_text(table, thread->state);
		columns_text(table, thread->cpus);
		free(comm);
	}
	return columns_print(table, report->out, NULL, screen_lines());
}

static struct json_object *thread_object(const struct dmaaff_thread *thread)
{
	struct json_object *object = json_object_new_object();
	char *comm = text_comm(thread->tid);

	json_add_i64(object, "tid", (struct dmaaff_i64){ thread->tid, true });
	json_add_u64(object, "start_ns", (struct dmaaff_u64){ thread->start_ns, true });
	json_add_text(object, "comm", comm);
	json_add_text(object, "engine", thread->engine);
	json_add_u64(object, "bytes", thread->bytes);
	json_add_u64(object, "demand_bytes_per_s", thread->demand_bytes_per_s);
	json_add_u64(object, "predicted_bytes_per_s", thread->predicted_bytes_per_s);
	json_add_text(object, "state", thread->state);
	json_add_text(object, "cpus", thread->cpus);
	json_add_text(object, "origin_cpus", thread->origin_cpus);
	free(comm);
	return object;
}

static int write_json(struct report *report, const struct dmaaff_threads *threads)
{
	struct json_object *object = json_object_new_object();
	struct json_object *array = json_object_new_array();
	size_t i;

	for (i = 0; i < threads->nr; i++)
		json_object_array_add(array, thread_object(&threads->threads[i]));
	json_add_time(object);
	json_object_object_add(object, "torn", json_object_new_boolean(threads->torn));
	json_object_object_add(object, "threads", array);
	return json_print(object, report->out);
}

static int threads_write(struct report *report)
{
	struct dmaaff_threads *threads = dmaaff_threads_read(report->dmaaff);
	int result;

	if (!threads)
		return -1;
	qsort(threads->threads, threads->nr, sizeof(*threads->threads), by_demand);
	warn_table("threads", threads->torn, threads->skipped);
	result = report->json ? write_json(report, threads) : write_text(report, threads);
	dmaaff_threads_free(threads);
	return result;
}

const struct view threads_view = {
	.name = "threads",
	.columns = columns,
	.write = threads_write,
};

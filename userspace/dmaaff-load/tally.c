// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "tally.h"

/**
 * struct mark - how far a thread's counters were read
 * @base: counters at that time
 * @latency: the histogram at that time
 * @max_ns: the longest latency of earlier intervals
 */
struct mark {
	struct figures base;
	struct histogram_view latency;
	uint64_t max_ns;
};

struct tally {
	struct worker *workers;
	unsigned int nr;
	struct mark *marks;
	struct figures *figures;
	struct histogram_view one;
	struct histogram_view all;
};

struct tally *tally_new(struct worker *workers, unsigned int nr)
{
	struct tally *tally = calloc(1, sizeof(*tally));

	if (!tally)
		return NULL;
	tally->workers = workers;
	tally->nr = nr;
	tally->marks = calloc(nr, sizeof(*tally->marks));
	tally->figures = calloc(nr, sizeof(*tally->figures));
	if (!tally->marks || !tally->figures) {
		tally_free(tally);
		return NULL;
	}
	return tally;
}

void tally_free(struct tally *tally)
{
	if (!tally)
		return;
	free(tally->marks);
	free(tally->figures);
	free(tally);
}

static void quantiles(struct figures *f, const struct histogram_view *view)
{
	f->p50_ns = histogram_quantile(view, 0.50);
	f->p99_ns = histogram_quantile(view, 0.99);
	/* A bucket's middle may lie above what is in it. */
	if (f->p50_ns > f->max_ns)
		f->p50_ns = f->max_ns;
	if (f->p99_ns > f->max_ns)
		f->p99_ns = f->max_ns;
}

static void add(struct figures *to, const struct figures *f)
{
	to->bytes += f->bytes;
	to->cpu_bytes += f->cpu_bytes;
	to->ops += f->ops;
	to->errors += f->errors;
	if (f->max_ns > to->max_ns)
		to->max_ns = f->max_ns;
}

static void read_since(struct figures *f, struct worker *worker, struct mark *mark)
{
	struct figures now = {
		.tid = worker->tid,
		.bytes = worker->bytes,
		.cpu_bytes = worker->cpu_bytes,
		.ops = worker->ops,
		.errors = worker->errors,
	};

	*f = now;
	f->bytes -= mark->base.bytes;
	f->cpu_bytes -= mark->base.cpu_bytes;
	f->ops -= mark->base.ops;
	f->errors -= mark->base.errors;
	f->max_ns = atomic_exchange(&worker->max_ns, 0);
	if (f->max_ns > mark->max_ns)
		mark->max_ns = f->max_ns;
	mark->base = now;
}

const struct figures *tally_interval(struct tally *tally, struct figures *total)
{
	*total = (struct figures){ 0 };
	memset(&tally->all, 0, sizeof(tally->all));
	for (unsigned int i = 0; i < tally->nr; i++) {
		struct figures *f = &tally->figures[i];

		read_since(f, &tally->workers[i], &tally->marks[i]);
		histogram_since(&tally->workers[i].latency,
				&tally->marks[i].latency, &tally->one);
		quantiles(f, &tally->one);
		histogram_merge(&tally->all, &tally->one);
		add(total, f);
	}
	quantiles(total, &tally->all);
	return tally->figures;
}

const struct figures *tally_run(struct tally *tally, struct figures *total)
{
	/* Keeps the longest latency of the last part; its figures are not used. */
	tally_interval(tally, total);

	*total = (struct figures){ 0 };
	memset(&tally->all, 0, sizeof(tally->all));
	for (unsigned int i = 0; i < tally->nr; i++) {
		struct figures *f = &tally->figures[i];
		struct mark *mark = &tally->marks[i];

		*f = mark->base;
		f->max_ns = mark->max_ns;
		quantiles(f, &mark->latency);
		histogram_merge(&tally->all, &mark->latency);
		add(total, f);
	}
	quantiles(total, &tally->all);
	return tally->figures;
}

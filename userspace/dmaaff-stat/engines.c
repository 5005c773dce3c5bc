// SPDX-License-Identifier: GPL-2.0
/* Engines: what each did in the interval, and the moves made in it. */
#include <stdlib.h>

#include "json.h"
#include "screen.h"
#include "text.h"
#include "view.h"

static const struct column columns[] = {
	{ "ENGINE", true, 18 },
	{ "NODE", false, 0 },
	{ "UTIL%", false, 6 },
	{ "PRED%", false, 6 },
	{ "DEPTH", false, 6 },
	{ "LATENCY_us", false, 0 },
	{ "MB/s", false, 9 },
	{ "THREADS", false, 0 },
	{ NULL },
};

/* The first report is about the last second, by the module's own reckoning. */
static struct dmaaff_rate rate_for(const struct report *report, const struct dmaaff_engine *engine)
{
	struct dmaaff_rate rate = dmaaff_rate(report->before, engine);

	if (!report->nr) {
		struct dmaaff_rate last_second = dmaaff_rate(NULL, engine);

		rate.utilisation_pct = last_second.utilisation_pct;
		rate.depth = last_second.depth;
		rate.latency_ns = last_second.latency_ns;
	}
	return rate;
}

static void add_row(struct report *report, const struct dmaaff_engine *engine)
{
	struct dmaaff_rate rate = rate_for(report, engine);
	struct columns *table = &report->columns;

	columns_text(table, engine->name);
	columns_i64(table, engine->node);
	columns_real(table, rate.utilisation_pct, 1, 2);
	columns_real(table, engine->predicted_pct, 1, 2);
	columns_real(table, rate.depth, 1, 2);
	columns_real(table, rate.latency_ns, 1e3, 1);
	columns_real(table, rate.bytes_per_s, 1e6, 2);
	columns_u64(table, engine->threads);
}

static void print_u64(FILE *out, struct dmaaff_u64 number)
{
	if (number.known)
		fprintf(out, "%llu", (unsigned long long)number.value);
	else
		fputc('-', out);
}

/* Engines that came in this interval have no rate yet, and do not add to the sum. */
static struct dmaaff_real total_bytes_per_s(const struct report *report,
					    const struct dmaaff_snapshot *now)
{
	struct dmaaff_real total = { 0 };
	size_t i;

	for (i = 0; i < now->nr_engines; i++) {
		struct dmaaff_rate rate = dmaaff_rate(report->before, &now->engines[i]);

		if (rate.bytes_per_s.known) {
			total.value += rate.bytes_per_s.value;
			total.known = true;
		}
	}
	return total;
}

static double seconds_since(const struct report *report, const struct dmaaff_snapshot *now)
{
	return (now->time_ns - report->before->time_ns) / 1e9;
}

static char *status_line(const struct report *report, const struct dmaaff_snapshot *now)
{
	struct dmaaff_u64 moves = dmaaff_delta(report->before->stats.moves, now->stats.moves);
	struct dmaaff_u64 dropped = now->stats.dropped;
	struct dmaaff_real total = total_bytes_per_s(report, now);
	char *mode = text_clean(now->mode ? now->mode : "-");
	char *line = NULL;
	size_t size;
	FILE *out = open_memstream(&line, &size);

	if (!out) {
		free(mode);
		return NULL;
	}
	fprintf(out, "mode %s, moves ", mode ? mode : "-");
	free(mode);
	print_u64(out, moves);
	fprintf(out, " in %.2f s, ", seconds_since(report, now));
	print_u64(out, now->stats.moves);
	fputs(" since load, ", out);
	if (total.known)
		fprintf(out, "%.2f MB/s", total.value / 1e6);
	else
		fputs("- MB/s", out);
	fprintf(out, " on %zu engine%s", now->nr_engines, now->nr_engines == 1 ? "" : "s");
	if (dropped.known && dropped.value)
		fprintf(out, ", %llu samples dropped", (unsigned long long)dropped.value);
	if (fclose(out)) {
		free(line);
		return NULL;
	}
	return line;
}

static int write_text(struct report *report, const struct dmaaff_snapshot *now)
{
	char *status = status_line(report, now);
	size_t i;
	int result;

	if (!status)
		return -1;
	for (i = 0; i < now->nr_engines; i++)
		add_row(report, &now->engines[i]);
	result = columns_print(&report->columns, report->out, status, screen_lines());
	free(status);
	return result;
}

static struct json_object *engine_object(const struct report *report,
					 const struct dmaaff_engine *engine)
{
	struct dmaaff_rate rate = rate_for(report, engine);
	struct json_object *object = json_object_new_object();

	json_add_text(object, "name", engine->name);
	json_add_i64(object, "node", engine->node);
	json_add_text(object, "cpus", engine->cpus);
	json_add_words(object, "capabilities", engine->capabilities);
	json_add_u64(object, "capacity_bytes_per_s", engine->capacity_bytes_per_s);
	json_add_real(object, "utilisation_pct", rate.utilisation_pct, 2);
	json_add_real(object, "predicted_pct", engine->predicted_pct, 2);
	json_add_real(object, "forecast_error_pct", engine->forecast_error_pct, 2);
	json_add_real(object, "depth", rate.depth, 2);
	json_add_real(object, "latency_ns", rate.latency_ns, 0);
	json_add_real(object, "bytes_per_s", rate.bytes_per_s, 0);
	json_add_real(object, "ops_per_s", rate.ops_per_s, 2);
	json_add_u64(object, "bytes", engine->bytes);
	json_add_u64(object, "ops", engine->ops);
	json_add_u64(object, "threads", engine->threads);
	return object;
}

static struct json_object *stats_object(const struct dmaaff_stats *stats)
{
	struct json_object *object = json_object_new_object();

	json_add_u64(object, "ticks", stats->ticks);
	json_add_u64(object, "overruns", stats->overruns);
	json_add_u64(object, "moves", stats->moves);
	json_add_u64(object, "successes", stats->successes);
	json_add_u64(object, "failures", stats->failures);
	json_add_u64(object, "reverts", stats->reverts);
	json_add_u64(object, "dropped", stats->dropped);
	json_add_u64(object, "tick_ns", stats->tick_ns);
	json_add_u64(object, "memory_bytes", stats->memory_bytes);
	return object;
}

static int write_json(struct report *report, const struct dmaaff_snapshot *now)
{
	struct json_object *object = json_object_new_object();
	struct json_object *engines = json_object_new_array();
	struct dmaaff_real interval = { seconds_since(report, now), true };
	size_t i;

	json_add_time(object);
	json_add_real(object, "interval_s", interval, 3);
	json_add_text(object, "mode", now->mode);
	json_add_u64(object, "moves",
		     dmaaff_delta(report->before->stats.moves, now->stats.moves));
	json_add_real(object, "bytes_per_s", total_bytes_per_s(report, now), 0);
	json_object_object_add(object, "since_load", stats_object(&now->stats));
	for (i = 0; i < now->nr_engines; i++)
		json_object_array_add(engines, engine_object(report, &now->engines[i]));
	json_object_object_add(object, "engines", engines);
	return json_print(object, report->out);
}

static int engines_begin(struct report *report)
{
	report->before = dmaaff_snapshot_read(report->dmaaff);
	return report->before ? 0 : -1;
}

static int engines_write(struct report *report)
{
	struct dmaaff_snapshot *now = dmaaff_snapshot_read(report->dmaaff);
	int result;

	if (!now)
		return -1;
	result = report->json ? write_json(report, now) : write_text(report, now);
	dmaaff_snapshot_free(report->before);
	report->before = now;
	return result;
}

const struct view engines_view = {
	.name = "engines",
	.columns = columns,
	.begin = engines_begin,
	.write = engines_write,
};

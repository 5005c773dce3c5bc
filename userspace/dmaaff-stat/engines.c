// SPDX-License-Identifier: GPL-2.0
/* Engines: what each did in the interval, and the moves made in it. */
#include <stdlib.h>

#include "json.h"
#include "text.h"
#include "view.h"

static const struct column columns[] = {
	{ "name", "ENGINE", .left = true, .min = 18 },
	{ .key = "node", .title = "NODE" },
	{ "cpus", "CPUS", .left = true, .more = true },
	{ "capabilities", "CAPABILITIES", .left = true, .more = true, .words = true },
	{ "reserved", "RESERVED", .left = true, .more = true },
	{ "capacity_bytes_per_s", "CAP_MB/s", .more = true, .unit = 1e6, .decimals = 2 },
	{ "utilisation_pct", "UTIL%", .min = 6, .decimals = 2, .raw_decimals = 2, .hot = 90 },
	{ "predicted_pct", "PRED%", .min = 6, .decimals = 2, .raw_decimals = 2, .hot = 100 },
	{ "forecast_error_pct", "ERR%", .more = true, .min = 6, .decimals = 2, .raw_decimals = 2 },
	{ "depth", "DEPTH", .min = 6, .decimals = 2, .raw_decimals = 2 },
	{ "latency_ns", "LATENCY_us", .unit = 1e3, .decimals = 1 },
	{ "bytes_per_s", "MB/s", .min = 9, .unit = 1e6, .decimals = 2 },
	{ "ops_per_s", "OPS/s", .more = true, .decimals = 2, .raw_decimals = 2 },
	{ "bytes", "MB", .more = true, .unit = 1e6, .decimals = 2 },
	{ "ops", "OPS", .more = true },
	{ "irq_bytes", "IRQ_MB", .more = true, .unit = 1e6, .decimals = 2 },
	{ "softirq_bytes", "SOFTIRQ_MB", .more = true, .unit = 1e6, .decimals = 2 },
	{ "exiting_bytes", "EXITING_MB", .more = true, .unit = 1e6, .decimals = 2 },
	{ "mapped_bytes", "MAPPED_MB", .more = true, .unit = 1e6, .decimals = 2 },
	{ "power", "POWER", .left = true, .more = true },
	{ .key = "threads", .title = "THREADS" },
	{ NULL },
};

/* The first report is about the last second, by the module's own reckoning. */
static struct dmaaff_rate rate_for(const struct report *report, const struct dmaaff_engine *engine)
{
	struct dmaaff_rate rate = dmaaff_rate(report->before, engine);

	if (!report->interval) {
		struct dmaaff_rate last_second = dmaaff_rate(NULL, engine);

		rate.utilisation_pct = last_second.utilisation_pct;
		rate.depth = last_second.depth;
		rate.latency_ns = last_second.latency_ns;
	}
	return rate;
}

static bool is_idle(const struct dmaaff_rate *rate)
{
	return !rate->bytes_per_s.value && !rate->utilisation_pct.value && !rate->depth.value;
}

static void add_row(struct report *report, const struct dmaaff_engine *engine)
{
	struct dmaaff_rate rate = rate_for(report, engine);
	struct sheet *sheet = &report->sheet;

	if (report->options->no_idle && is_idle(&rate))
		return;
	sheet_text(sheet, engine->name);
	sheet_i64(sheet, engine->node);
	sheet_text(sheet, engine->cpus);
	sheet_text(sheet, engine->capabilities);
	sheet_text(sheet, engine->reserved);
	sheet_u64(sheet, engine->capacity_bytes_per_s);
	sheet_real(sheet, rate.utilisation_pct);
	sheet_real(sheet, engine->predicted_pct);
	sheet_real(sheet, engine->forecast_error_pct);
	sheet_real(sheet, rate.depth);
	sheet_real(sheet, rate.latency_ns);
	sheet_real(sheet, rate.bytes_per_s);
	sheet_real(sheet, rate.ops_per_s);
	sheet_u64(sheet, engine->bytes);
	sheet_u64(sheet, engine->ops);
	sheet_u64(sheet, engine->irq_bytes);
	sheet_u64(sheet, engine->softirq_bytes);
	sheet_u64(sheet, engine->exiting_bytes);
	sheet_u64(sheet, engine->mapped_bytes);
	sheet_text(sheet, engine->power);
	sheet_u64(sheet, engine->threads);
}

static void print_u64(FILE *out, struct dmaaff_u64 number)
{
	if (number.known)
		fprintf(out, "%llu", (unsigned long long)number.value);
	else
		fputc('-', out);
}

/* Engines that came in this interval have no rate yet, and do not add to the sum. */
static struct dmaaff_real total_bytes_per_s(const struct report *report)
{
	struct dmaaff_real total = { 0 };
	size_t i;

	for (i = 0; i < report->now->nr_engines; i++) {
		struct dmaaff_rate rate = dmaaff_rate(report->before, &report->now->engines[i]);

		if (rate.bytes_per_s.known) {
			total.value += rate.bytes_per_s.value;
			total.known = true;
		}
	}
	return total;
}

static double seconds_between(const struct report *report)
{
	return (report->now->time_ns - report->before->time_ns) / 1e9;
}

static struct dmaaff_u64 moves_between(const struct report *report)
{
	return dmaaff_delta(report->before->stats.moves, report->now->stats.moves);
}

static char *engines_title(const struct report *report)
{
	const struct dmaaff_snapshot *now = report->now;
	struct dmaaff_u64 dropped = now->stats.dropped;
	struct dmaaff_real total = total_bytes_per_s(report);
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
	print_u64(out, moves_between(report));
	fprintf(out, " in %.2f s, ", seconds_between(report));
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

static void engines_head(const struct report *report, struct json_object *object)
{
	struct dmaaff_real interval = { seconds_between(report), true };

	json_add_real(object, "interval_s", interval, 3);
	json_add_text(object, "mode", report->now->mode);
	json_add_u64(object, "moves", moves_between(report));
	json_add_real(object, "bytes_per_s", total_bytes_per_s(report), 0);
	json_object_object_add(object, "since_load", stats_object(&report->now->stats));
}

static int engines_begin(struct report *report)
{
	report->now = dmaaff_snapshot_read(report->dmaaff);
	return report->now ? 0 : -1;
}

static int engines_fill(struct report *report)
{
	size_t i;

	dmaaff_snapshot_free(report->before);
	report->before = report->now;
	report->now = dmaaff_snapshot_read(report->dmaaff);
	if (!report->now)
		return -1;
	for (i = 0; i < report->now->nr_engines; i++)
		add_row(report, &report->now->engines[i]);
	return 0;
}

const struct view engines_view = {
	.name = "engines",
	.columns = columns,
	.begin = engines_begin,
	.fill = engines_fill,
	.title = engines_title,
	.head = engines_head,
};

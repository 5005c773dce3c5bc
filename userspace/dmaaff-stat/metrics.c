// SPDX-License-Identifier: GPL-2.0
/*
 * OpenMetrics 1.0. Units are base units: seconds, bytes, ratios of 1. A figure
 * that is not known has no line. node_exporter, which reads the older text
 * format, takes it as well: `# UNIT` and `# EOF` are comments to it. It refuses
 * the whole file for a type that the older format lacks (info, stateset), so
 * what would be of such a type is a gauge.
 */
#include <inttypes.h>
#include <string.h>

#include "metrics.h"
#include "text.h"

/* A figure, and where it is in struct dmaaff_engine or struct dmaaff_stats. */
struct figure {
	const char *name;
	const char *unit;
	const char *help;
	size_t at;
	double divisor;
	bool counter;
	bool real;
};

#define ENGINE(field) offsetof(struct dmaaff_engine, field)
#define STAT(field) offsetof(struct dmaaff_stats, field)

static const struct figure engine_figures[] = {
	{ "dmaaff_engine_bytes", "bytes",
	  "Submitted to the engine.",
	  ENGINE(bytes), 1, true, false },
	{ "dmaaff_engine_transfers", "",
	  "Transfers submitted to the engine.",
	  ENGINE(ops), 1, true, false },
	{ "dmaaff_engine_irq_bytes", "bytes",
	  "Submitted by hard interrupts.",
	  ENGINE(irq_bytes), 1, true, false },
	{ "dmaaff_engine_softirq_bytes", "bytes",
	  "Submitted by soft interrupts.",
	  ENGINE(softirq_bytes), 1, true, false },
	{ "dmaaff_engine_exiting_bytes", "bytes",
	  "Submitted by threads on their way out.",
	  ENGINE(exiting_bytes), 1, true, false },
	{ "dmaaff_engine_busy_seconds", "seconds",
	  "Time in which the engine was busy.",
	  ENGINE(busy_ns), 1e9, true, false },
	{ "dmaaff_engine_depth_seconds", "seconds",
	  "Integral over time of the transfers in flight.",
	  ENGINE(depth_ns), 1e9, true, false },
	{ "dmaaff_engine_utilisation_ratio", "ratio",
	  "Share of the last second in which the engine was busy.",
	  ENGINE(utilisation_pct), 100, false, true },
	{ "dmaaff_engine_predicted_ratio", "ratio",
	  "Load forecast for PREDICTION_HORIZON; exceeds 1 when more is asked for than it can do.",
	  ENGINE(predicted_pct), 100, false, true },
	{ "dmaaff_engine_forecast_error_ratio", "ratio",
	  "Mean error of such forecasts.",
	  ENGINE(forecast_error_pct), 100, false, true },
	{ "dmaaff_engine_depth", "",
	  "Transfers in flight, mean of the last second.",
	  ENGINE(depth), 1, false, true },
	{ "dmaaff_engine_latency_seconds", "seconds",
	  "Submission to completion, mean of the last second.",
	  ENGINE(latency_ns), 1e9, false, false },
	{ "dmaaff_engine_capacity_bytes_per_second", "bytes_per_second",
	  "Bytes a second the engine delivers when it is never idle.",
	  ENGINE(capacity_bytes_per_s), 1, false, false },
	{ "dmaaff_engine_mapped_bytes", "bytes",
	  "Memory mapped for the device.",
	  ENGINE(mapped_bytes), 1, false, false },
	{ "dmaaff_engine_threads", "",
	  "Threads with demand on the engine.",
	  ENGINE(threads), 1, false, false },
};

static const struct figure stat_figures[] = {
	{ "dmaaff_ticks", "",
	  "Ticks of the module.",
	  STAT(ticks), 1, true, false },
	{ "dmaaff_overruns", "",
	  "Ticks that took longer than SAMPLE_INTERVAL.",
	  STAT(overruns), 1, true, false },
	{ "dmaaff_moves", "",
	  "CPU masks narrowed because of a decision.",
	  STAT(moves), 1, true, false },
	{ "dmaaff_move_successes", "",
	  "Moves that brought half of their promise or more.",
	  STAT(successes), 1, true, false },
	{ "dmaaff_move_failures", "",
	  "Moves that brought less than a quarter.",
	  STAT(failures), 1, true, false },
	{ "dmaaff_reverts", "",
	  "CPU masks given back because a move failed or its engine went.",
	  STAT(reverts), 1, true, false },
	{ "dmaaff_dropped", "",
	  "What could not be recorded: other figures are too low.",
	  STAT(dropped), 1, true, false },
	{ "dmaaff_tick_seconds", "seconds",
	  "Mean duration of a tick.",
	  STAT(tick_ns), 1e9, false, false },
	{ "dmaaff_memory_bytes", "bytes",
	  "Memory the module holds.",
	  STAT(memory_bytes), 1, false, false },
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void write_family(const char *name, const char *type, const char *unit, const char *help,
			 FILE *out)
{
	fprintf(out, "# TYPE %s %s\n", name, type);
	if (*unit)
		fprintf(out, "# UNIT %s %s\n", name, unit);
	fprintf(out, "# HELP %s %s\n", name, help);
}

static void write_label(const char *name, const char *value, FILE *out)
{
	fprintf(out, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			fputc('\\', out);
		fputc(*value < ' ' || *value > '~' ? '?' : *value, out);
	}
	fputc('"', out);
}

/* Whole numbers stay exact; @record is what the figure is a member of. */
static void write_sample(const struct figure *figure, const char *record, const char *engine,
			 FILE *out)
{
	struct dmaaff_u64 u64 = { 0 };
	struct dmaaff_real real = { 0 };

	if (figure->real)
		memcpy(&real, record + figure->at, sizeof(real));
	else
		memcpy(&u64, record + figure->at, sizeof(u64));
	if (!u64.known && !real.known)
		return;
	fprintf(out, "%s%s", figure->name, figure->counter ? "_total" : "");
	if (engine) {
		fputc('{', out);
		write_label("engine", engine, out);
		fputc('}', out);
	}
	if (u64.known && figure->divisor == 1)
		fprintf(out, " %" PRIu64 "\n", u64.value);
	else
		fprintf(out, " %.9g\n", (u64.known ? u64.value : real.value) / figure->divisor);
}

static void write_head(const struct figure *figure, FILE *out)
{
	write_family(figure->name, figure->counter ? "counter" : "gauge", figure->unit,
		     figure->help, out);
}

static void write_engine_info(const struct dmaaff_snapshot *snapshot, FILE *out)
{
	size_t i;

	write_family("dmaaff_engine_info", "gauge", "", "What the engine is; always 1.", out);
	for (i = 0; i < snapshot->nr_engines; i++) {
		const struct dmaaff_engine *engine = &snapshot->engines[i];

		fputs("dmaaff_engine_info{", out);
		write_label("engine", engine->name, out);
		if (engine->node.known)
			fprintf(out, ",node=\"%" PRId64 "\"", engine->node.value);
		if (engine->cpus) {
			fputc(',', out);
			write_label("cpus", engine->cpus, out);
		}
		if (engine->capabilities) {
			fputc(',', out);
			write_label("capabilities", engine->capabilities, out);
		}
		if (engine->reserved) {
			fputc(',', out);
			write_label("reserved", engine->reserved, out);
		}
		fputs("} 1\n", out);
	}
}

static void write_mode(const char *mode, FILE *out)
{
	static const char *const modes[] = { "off", "monitor", "advise", "manage" };
	size_t i;

	if (!mode)
		return;
	write_family("dmaaff_mode", "gauge", "",
		     "How far the module goes: 1 for its mode, 0 for the others.", out);
	for (i = 0; i < COUNT(modes); i++)
		fprintf(out, "dmaaff_mode{dmaaff_mode=\"%s\"} %d\n", modes[i],
			!strcmp(mode, modes[i]));
}

void metrics_write(const struct dmaaff_snapshot *snapshot, FILE *out)
{
	size_t i, e;

	write_mode(snapshot->mode, out);
	for (i = 0; i < COUNT(stat_figures); i++) {
		write_head(&stat_figures[i], out);
		write_sample(&stat_figures[i], (const char *)&snapshot->stats, NULL, out);
	}
	write_engine_info(snapshot, out);
	for (i = 0; i < COUNT(engine_figures); i++) {
		write_head(&engine_figures[i], out);
		for (e = 0; e < snapshot->nr_engines; e++)
			write_sample(&engine_figures[i], (const char *)&snapshot->engines[e],
				     snapshot->engines[e].name, out);
	}
	fputs("# EOF\n", out);
}

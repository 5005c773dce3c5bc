// SPDX-License-Identifier: GPL-2.0
/* report: a recording as dmaaff-stat would have shown it, and the moves. */
#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "episode.h"
#include "grid.h"
#include "json.h"
#include "message.h"
#include "output.h"
#include "record.h"

static const struct column engine_columns[] = {
	{ "from_start_s", "AT_s", .min = 8, .decimals = 2, .raw_decimals = 3 },
	{ "name", "ENGINE", .left = true, .min = 18 },
	{ "utilisation_pct", "UTIL%", .min = 6, .decimals = 2, .raw_decimals = 2, .hot = 90 },
	{ "predicted_pct", "PRED%", .min = 6, .decimals = 2, .raw_decimals = 2, .hot = 100 },
	{ "depth", "DEPTH", .min = 6, .decimals = 2, .raw_decimals = 2 },
	{ "latency_ns", "LATENCY_us", .unit = 1e3, .decimals = 1 },
	{ "bytes_per_s", "MB/s", .min = 9, .unit = 1e6, .decimals = 2 },
	{ "ops_per_s", "OPS/s", .more = true, .decimals = 2, .raw_decimals = 2 },
	{ .key = "threads", .title = "THREADS" },
	{ NULL },
};

static const struct column move_columns[] = {
	{ "from_start_s", "AT_s", .min = 8, .decimals = 2, .raw_decimals = 3 },
	{ "tid", "TID", .min = 7 },
	{ "comm", "COMM", .left = true, .min = 15 },
	{ "from", "FROM", .left = true, .min = 18 },
	{ "to", "TO", .left = true, .min = 18 },
	{ "promised_pct", "PROMISED%", .decimals = 2, .raw_decimals = 2 },
	{ "achieved_pct", "ACHIEVED%", .decimals = 2, .raw_decimals = 2 },
	{ "result", "RESULT", .left = true },
	{ "reason", "REASON", .left = true },
	{ NULL },
};

static struct dmaaff_real real(double value, bool known)
{
	return (struct dmaaff_real){ known ? value : 0, known };
}

static double seconds_from_start(const struct episode *episode, uint64_t time_ns)
{
	return (time_ns - episode->start_ns) / 1e9;
}

static void add_engine(struct sheet *sheet, const struct episode *episode, size_t interval,
		       size_t column)
{
	const struct episode_engine *engine = episode_at(episode, interval, column);
	double ns = episode_length_ns(episode, interval);

	sheet_real(sheet, real(interval * episode->interval_ns / 1e9, true));
	sheet_text(sheet, episode->engines[column].name);
	sheet_real(sheet, real(episode_utilisation_pct(episode, interval, column),
			       engine->sampled));
	sheet_real(sheet, real(engine->predicted_e2 / 100.0, engine->forecast));
	sheet_real(sheet, real(engine->depth_ns / ns, engine->sampled));
	sheet_real(sheet, real(engine->ops ? (double)engine->depth_ns / engine->ops : 0,
			       engine->ops));
	sheet_real(sheet, real(engine->bytes / ns * 1e9, engine->sampled));
	sheet_real(sheet, real(engine->ops / ns * 1e9, engine->sampled));
	sheet_u64(sheet, (struct dmaaff_u64){ engine->threads, engine->sampled });
}

static void add_move(struct sheet *sheet, const struct episode *episode, size_t index)
{
	const struct move *move = &episode->moves.at[index];

	sheet_real(sheet, real(seconds_from_start(episode, move->time_ns), true));
	sheet_i64(sheet, (struct dmaaff_i64){ move->tid, true });
	sheet_text(sheet, move->comm);
	sheet_text(sheet, move->from);
	sheet_text(sheet, move->to);
	sheet_real(sheet, real(move->promised_e2 / 100.0, true));
	sheet_real(sheet, real(move->achieved_e2 / 100.0, move->known));
	sheet_text(sheet, move_result(move));
	sheet_text(sheet, move_reason(move));
}

static void fill(struct sheet *engines, struct sheet *moves, const struct episode *episode)
{
	size_t i, column;

	for (i = 0; i < episode->nr_intervals; i++) {
		for (column = 0; column < episode->nr_engines; column++)
			add_engine(engines, episode, i, column);
	}
	for (i = 0; i < episode->moves.nr; i++)
		add_move(moves, episode, i);
}

static int write_text(const struct sheet *sheet, FILE *out)
{
	struct grid grid;
	int result = grid_init(&grid, sheet, output_colour());

	if (!result)
		result = grid_print(&grid, sheet, out, NULL, NULL, 0);
	grid_free(&grid);
	return result;
}

static int write_form(const struct options *options, const struct sheet *engines,
		      const struct sheet *moves, FILE *out)
{
	struct json_object *object;

	switch (options->form) {
	case FORM_JSON:
		object = json_object_new_object();
		json_object_object_add(object, "engines", json_rows(engines));
		json_object_object_add(object, "moves", json_rows(moves));
		return json_print(object, out);
	case FORM_CSV:
		csv_header(engines, false, out);
		csv_rows(engines, false, out);
		return 0;
	default:
		if (write_text(engines, out))
			return -1;
		if (!sheet_rows(moves))
			return 0;
		fputc('\n', out);
		return write_text(moves, out);
	}
}

static int write_all(const struct options *options, const struct sheet *engines,
		     const struct sheet *moves)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int result = -1;

	if (out && !engines->no_memory && !moves->no_memory)
		result = write_form(options, engines, moves, out);
	if (out && fclose(out))
		result = -1;
	if (result)
		message("no memory");
	else if (output_open(options->output) || output_put(text, size))
		result = -1;
	free(text);
	return result;
}

int replayed_run(const struct options *options)
{
	struct sheet engines, moves;
	struct episode episode;
	double seconds = 1;
	int result;

	if (!options->words[0])
		return usage("argument", "FILE", "is missing");
	if (options->words[1] && !options_seconds(options->words[1], &seconds))
		return usage("interval", options->words[1],
			     "is no number of seconds from 0.01 to 86400");
	if (sheet_init(&engines, engine_columns, options->form != FORM_TEXT))
		return EXIT_FAILURE;
	if (sheet_init(&moves, move_columns, true)) {
		sheet_free(&engines);
		return EXIT_FAILURE;
	}
	result = episode_read(&episode, options->words[0], seconds);
	if (!result) {
		fill(&engines, &moves, &episode);
		result = write_all(options, &engines, &moves);
	}
	episode_free(&episode);
	sheet_free(&engines);
	sheet_free(&moves);
	return result ? EXIT_FAILURE : EXIT_SUCCESS;
}

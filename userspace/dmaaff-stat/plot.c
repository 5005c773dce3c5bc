// SPDX-License-Identifier: GPL-2.0
/* plot: a recording as a picture, by gnuplot, or as a page. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "chart.h"
#include "episode.h"
#include "message.h"
#include "output.h"
#include "page.h"
#include "record.h"

static bool ends_in(const char *path, const char *ending)
{
	const char *dot = strrchr(path, '.');

	return dot && !strcasecmp(dot + 1, ending);
}

/* No other character can end the string, or have gnuplot run what is in it. */
static void write_quoted(const char *text, FILE *out)
{
	fputc('"', out);
	for (; *text; text++) {
		if (isalnum((unsigned char)*text) || strchr(" ./_-", *text))
			fputc(*text, out);
		else
			fprintf(out, "\\%03o", (unsigned char)*text);
	}
	fputc('"', out);
}

static void write_data(const struct episode *episode, size_t engine, FILE *out)
{
	size_t i;

	fprintf(out, "$engine%zu << END\n", engine);
	for (i = 0; i < episode->nr_intervals; i++) {
		const struct episode_engine *at = episode_at(episode, i, engine);

		if (at->sampled)
			fprintf(out, "%.3f %.2f ", i * episode->interval_ns / 1e9,
				episode_utilisation_pct(episode, i, engine));
		if (at->sampled && at->forecast)
			fprintf(out, "%.2f\n", at->predicted_e2 / 100.0);
		else if (at->sampled)
			fputs("NaN\n", out);
		else
			fputc('\n', out);
	}
	fputs("END\n", out);
}

static void write_moves(const struct episode *episode, FILE *out)
{
	size_t i;

	for (i = 0; i < episode->moves.nr; i++)
		fprintf(out, "set arrow from %.3f, graph 0 to %.3f, graph 1 nohead dashtype 3\n",
			(episode->moves.at[i].time_ns - episode->start_ns) / 1e9,
			(episode->moves.at[i].time_ns - episode->start_ns) / 1e9);
}

enum figure { UTILISATION = 2, FORECAST };	/* columns of the data */

static bool is_known(const struct episode *episode, size_t engine, enum figure figure)
{
	size_t i;

	for (i = 0; i < episode->nr_intervals; i++) {
		const struct episode_engine *at = episode_at(episode, i, engine);

		if (at->sampled && (figure == UTILISATION || at->forecast))
			return true;
	}
	return false;
}

/* gnuplot complains of a curve without a point, and does not draw where there is no other. */
static void write_curves(const struct episode *episode, const char *title, enum figure figure,
			 int top_pct, FILE *out)
{
	bool any = false;
	size_t i;

	for (i = 0; i < episode->nr_engines; i++)
		any |= is_known(episode, i, figure);
	fprintf(out, "set ylabel '%s'\nset yrange [0:%d]\nplot ", title, top_pct);
	for (i = 0; i < episode->nr_engines; i++) {
		if (is_known(episode, i, figure))
			fprintf(out, "$engine%zu using 1:%d", i, figure);
		else
			fputs("keyentry", out);
		fputs(" with lines linewidth 2 title ", out);
		write_quoted(episode->engines[i].name, out);
		fputs(i + 1 < episode->nr_engines || !any ? ", " : "", out);
	}
	fputs(any ? "\n" : "-1 notitle\n", out);
}

static void write_script(const struct episode *episode, const char *path, FILE *out)
{
	size_t i;

	/* Each half must have room beside the key, which has three names or more a line. */
	fprintf(out, "set terminal %s noenhanced size 1200,%zu background 'white'\n",
		ends_in(path, "svg") ? "svg" : "pngcairo",
		800 + episode->nr_engines / 3 * 40);
	fputs("set output ", out);
	write_quoted(path, out);
	fputs("\nset grid\nset key above\n"
	      "set lmargin 10\nset datafile missing NaN\n", out);
	for (i = 0; i < episode->nr_engines; i++)
		write_data(episode, i, out);
	write_moves(episode, out);
	/* The line that is empty keeps the title off the key. */
	fputs("set multiplot layout 2,1 title \"DMA engines (dashed: moves of threads)\\n\"\n",
	      out);
	fprintf(out, "set xrange [0:%.3f]\n", fmax(episode_seconds(episode), 0.001));
	write_curves(episode, "utilisation %", UTILISATION, 105, out);
	fputs("unset key\nset xlabel 'seconds from the start of the recording'\n", out);
	write_curves(episode, "forecast %", FORECAST, chart_top_pct(episode), out);
	fputs("unset multiplot\n", out);
}

static int draw(const struct episode *episode, const char *path)
{
	const struct sigaction ignored = { .sa_handler = SIG_IGN };
	FILE *gnuplot = popen("gnuplot", "we");

	if (!gnuplot) {
		message("cannot run gnuplot: %s", strerror(errno));
		return -1;
	}
	/* It may end before it has read all; what it ends with says why. */
	sigaction(SIGPIPE, &ignored, NULL);
	write_script(episode, path, gnuplot);
	switch (pclose(gnuplot)) {
	case 0:
		return 0;
	case 127 << 8:
		message("cannot run gnuplot; it is in Debian's package gnuplot-nox");
		return -1;
	default:
		message("gnuplot could not draw %s", path);
		return -1;
	}
}

static int write_page(const struct episode *episode, const char *recording, const char *path)
{
	struct page page = { .episode = episode };
	char kernel[RECORDING_NAME], *text = NULL;
	struct stat file;
	int result = -1;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	page.kernel = recording_kernel(recording, kernel);
	if (!stat(recording, &file))
		page.written = file.st_mtime;
	if (out)
		page_write(&page, out);
	if (!out || fclose(out))
		message("no memory");
	else if (!output_open(path))
		result = output_put(text, size);
	free(text);
	return result;
}

int plot_run(const struct options *options)
{
	const char *file = options->words[0], *path = options->output;
	bool page = options->form == FORM_HTML || (path && ends_in(path, "html"));
	struct episode episode;
	int result;

	if (!file)
		return usage("argument", "FILE", "is missing");
	if (options->words[1])
		return usage("argument", options->words[1], "is one too many");
	if (!path)
		path = page ? "dma_affinity.html" : "dma_affinity.png";
	if (!page && !ends_in(path, "png") && !ends_in(path, "svg"))
		return usage("output", path, "ends in none of .png, .svg and .html");
	result = episode_read(&episode, file, 0);
	if (!result)
		result = page ? write_page(&episode, file, path) : draw(&episode, path);
	episode_free(&episode);
	return result ? EXIT_FAILURE : EXIT_SUCCESS;
}

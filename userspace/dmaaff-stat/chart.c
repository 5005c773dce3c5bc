// SPDX-License-Identifier: GPL-2.0
#include <math.h>
#include <string.h>

#include "chart.h"
#include "html.h"

/* In units of the drawing, which the page stretches to the room there is. */
#define WIDTH 480
#define HEIGHT 200
#define LEFT 62
#define RIGHT 14
#define TOP 16
#define BOTTOM 28

#define STEP_PCT 50

struct chart {
	const struct episode *episode;
	size_t engine;
	double seconds, top_pct;
	FILE *out;
};

typedef double (*value_fn)(const struct chart *chart, size_t interval);

int chart_top_pct(const struct episode *episode)
{
	double highest = 100;
	size_t engine, i;

	for (engine = 0; engine < episode->nr_engines; engine++) {
		for (i = 0; i < episode->nr_intervals; i++) {
			const struct episode_engine *at = episode_at(episode, i, engine);

			if (at->forecast)
				highest = fmax(highest, at->predicted_e2 / 100.0);
		}
	}
	return fmin(ceil(highest / STEP_PCT) * STEP_PCT, CHART_LIMIT_PCT);
}

static double x_of(const struct chart *chart, double seconds)
{
	return LEFT + seconds / chart->seconds * (WIDTH - LEFT - RIGHT);
}

static double y_of(const struct chart *chart, double pct)
{
	return HEIGHT - BOTTOM - pct / chart->top_pct * (HEIGHT - TOP - BOTTOM);
}

static double utilisation(const struct chart *chart, size_t interval)
{
	return episode_utilisation_pct(chart->episode, interval, chart->engine);
}

static double forecast(const struct chart *chart, size_t interval)
{
	const struct episode_engine *at = episode_at(chart->episode, interval, chart->engine);

	if (!at->forecast)
		return NAN;
	return fmin(at->predicted_e2 / 100.0, chart->top_pct);
}

/* A figure is drawn at the middle of its interval; where none is known there is a gap. */
static void write_curve(const struct chart *chart, const char *name, value_fn value)
{
	const struct episode *episode = chart->episode;
	bool drawing = false;
	size_t i;

	fprintf(chart->out, "<path class=\"%s\" d=\"", name);
	for (i = 0; i < episode->nr_intervals; i++) {
		double ns = i * (double)episode->interval_ns + episode_length_ns(episode, i) / 2.0;
		double pct = value(chart, i);

		if (!isnan(pct))
			fprintf(chart->out, "%c%.1f %.1f%s", drawing ? 'L' : 'M',
				x_of(chart, ns / 1e9), y_of(chart, pct), drawing ? "" : "h0");
		drawing = !isnan(pct);
	}
	fputs("\"/>\n", chart->out);
}

/* 1, 2 or 5 times a power of ten, at most five times in the whole. */
static double time_step(double seconds)
{
	double ten = pow(10, floor(log10(seconds / 5)));

	if (ten * 5 >= seconds)
		return ten;
	if (ten * 10 >= seconds)
		return ten * 2;
	return ten * 25 >= seconds ? ten * 5 : ten * 10;
}

static void write_axes(const struct chart *chart)
{
	double step = time_step(chart->seconds);
	int pct, i;

	fputs("<g class=\"grid\">\n", chart->out);
	for (pct = 0; pct <= chart->top_pct; pct += STEP_PCT)
		fprintf(chart->out,
			"<path d=\"M%d %.1fH%d\"/><text x=\"%d\" y=\"%.1f\" class=\"left\">%d %%</text>\n",
			LEFT, y_of(chart, pct), WIDTH - RIGHT, LEFT - 6, y_of(chart, pct) + 5, pct);
	for (i = 0; i * step <= chart->seconds; i++)
		fprintf(chart->out,
			"<path d=\"M%.1f %dv4\"/><text x=\"%.1f\" y=\"%d\" class=\"below\">%g s</text>\n",
			x_of(chart, i * step), HEIGHT - BOTTOM, x_of(chart, i * step), HEIGHT - 8,
			i * step);
	fputs("</g>\n", chart->out);
}

static void write_move(const struct chart *chart, const struct move *move, const char *name,
		       const char *head, const char *where)
{
	double seconds = (move->time_ns - chart->episode->start_ns) / 1e9;
	double x = x_of(chart, seconds);

	fprintf(chart->out,
		"<g class=\"%s\"><title>%.2f s: thread %d %s</title><path d=\"M%.1f %dV%d\"/>",
		name, seconds, (int)move->tid, where, x, TOP, HEIGHT - BOTTOM);
	fprintf(chart->out, "<path d=\"M%.1f %d%s\"/></g>\n", x, TOP, head);
}

static void write_moves(const struct chart *chart)
{
	const char *engine = chart->episode->engines[chart->engine].name;
	size_t i;

	for (i = 0; i < chart->episode->moves.nr; i++) {
		const struct move *move = &chart->episode->moves.at[i];

		if (!strcmp(move->to, engine))
			write_move(chart, move, "come", "l-5 -10h10z", "comes");
		else if (!strcmp(move->from, engine))
			write_move(chart, move, "leave", "m-5 0h10l-5 -10z", "leaves");
	}
}

void chart_write(const struct episode *episode, size_t engine, int top_pct, FILE *out)
{
	const struct chart chart = {
		.episode = episode,
		.engine = engine,
		/* Never 0, which nothing can be divided by. */
		.seconds = fmax(episode_seconds(episode), 0.001),
		.top_pct = top_pct,
		.out = out,
	};

	fprintf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Utilisation and forecast of ",
		WIDTH, HEIGHT);
	html_text(episode->engines[engine].name, out);
	fprintf(out, " over %.2f seconds\">\n", chart.seconds);
	write_axes(&chart);
	write_moves(&chart);
	write_curve(&chart, "forecast", forecast);
	write_curve(&chart, "busy", utilisation);
	fputs("</svg>\n", out);
}

// SPDX-License-Identifier: GPL-2.0
#include <math.h>
#include <string.h>

#include "chart.h"
#include "html.h"
#include "page.h"

/*
 * Nothing is loaded, and nothing run, whatever a name may hold; as XML it is
 * well-formed as well.
 */
static const char head[] =
"<!DOCTYPE html>\n"
"<html lang=\"en\">\n"
"<head>\n"
"<meta charset=\"utf-8\"/>\n"
"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n"
"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
"<title>DMA engines and moves of threads</title>\n"
"<style>\n";

static const char legend[] =
"<p class=\"legend\">\n"
"<span><svg viewBox=\"0 0 32 16\" aria-hidden=\"true\"><path class=\"busy\" d=\"M0 8H32\"/></svg>utilisation</span>\n"
"<span><svg viewBox=\"0 0 32 16\" aria-hidden=\"true\"><path class=\"forecast\" d=\"M0 8H32\"/></svg>forecast</span>\n"
"<span><svg viewBox=\"0 0 32 16\" aria-hidden=\"true\"><g class=\"come\"><path d=\"M16 12l-5 -10h10z\"/></g></svg>a thread comes</span>\n"
"<span><svg viewBox=\"0 0 32 16\" aria-hidden=\"true\"><g class=\"leave\"><path d=\"M11 12h10l-5 -10z\"/></g></svg>a thread leaves</span>\n"
"</p>\n";

static const char moves_head[] =
"<table>\n"
"<thead><tr><th class=\"number\" scope=\"col\">At</th>\n"
"<th scope=\"col\">Thread</th><th scope=\"col\">From</th><th scope=\"col\">To</th><th scope=\"col\">Reason</th>\n"
"<th class=\"number\" scope=\"col\">Promised</th><th class=\"number\" scope=\"col\">Achieved</th>\n"
"<th scope=\"col\">Result</th></tr></thead>\n"
"<tbody>\n";

static void write_item(const char *name, const char *text, FILE *out)
{
	fprintf(out, "<div><dt>%s</dt><dd>", name);
	html_text(text, out);
	fputs("</dd></div>\n", out);
}

static void write_count(const char *name, size_t nr, bool known, FILE *out)
{
	char text[32];

	snprintf(text, sizeof(text), "%zu", nr);
	write_item(name, known ? text : NULL, out);
}

static void write_success(const struct moves *moves, FILE *out)
{
	size_t i, judged = 0, good = 0;
	char text[64];

	for (i = 0; i < moves->nr; i++) {
		const char *result = move_result(&moves->at[i]);

		if (!result)
			continue;
		judged++;
		good += !strcmp(result, "success");
	}
	snprintf(text, sizeof(text), "%zu of %zu", good, judged);
	write_item("Moves that succeeded", judged ? text : NULL, out);
}

static void write_summary(const struct page *page, FILE *out)
{
	const struct episode *episode = page->episode;
	char text[64] = "-";
	struct tm tm;

	fputs("<dl>\n", out);
	if (page->written && gmtime_r(&page->written, &tm))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm);
	write_item("Recording written", text, out);
	snprintf(text, sizeof(text), "%.2f s", episode_seconds(episode));
	write_item("Length", text, out);
	write_item("Kernel", page->kernel, out);
	write_count("Engines", episode->nr_engines, true, out);
	write_count("Threads", episode->moves.nr_threads, episode->moves.nr_threads, out);
	write_count("Moves", episode->moves.nr, true, out);
	write_success(&episode->moves, out);
	write_item("Events lost", episode->lost ? "some: figures are too low" : "none", out);
	fputs("</dl>\n", out);
}

/* What the chart shows, in words. */
static void write_caption(const struct episode *episode, size_t engine, FILE *out)
{
	double busy = 0, ns = 0, bytes = 0, highest = NAN;
	size_t i;

	for (i = 0; i < episode->nr_intervals; i++) {
		const struct episode_engine *at = episode_at(episode, i, engine);
		double length = episode_length_ns(episode, i);

		if (at->forecast)
			highest = fmax(highest, at->predicted_e2 / 100.0);
		if (!at->sampled)
			continue;
		busy += episode_utilisation_pct(episode, i, engine) * length;
		bytes += at->bytes;
		ns += length;
	}
	fputs("<p>", out);
	if (ns > 0)
		fprintf(out, "%.1f %% busy, %.1f MB/s", busy / ns, bytes / ns * 1e3);
	else
		fputs("busy -", out);
	if (isnan(highest))
		fputs(", forecast -", out);
	else
		fprintf(out, ", forecast up to %.1f %%", highest);
	fputs("</p>\n", out);
}

static void write_charts(const struct episode *episode, FILE *out)
{
	int top_pct = chart_top_pct(episode);
	size_t i;

	fputs("<h2>Engines</h2>\n", out);
	fputs(legend, out);
	if (top_pct == CHART_LIMIT_PCT)
		fprintf(out, "<p>A forecast above %d %% is drawn at %d %%.</p>\n", CHART_LIMIT_PCT,
			CHART_LIMIT_PCT);
	fputs("<div class=\"charts\">\n", out);
	for (i = 0; i < episode->nr_engines; i++) {
		fputs("<figure>\n<figcaption><h3>", out);
		html_text(episode->engines[i].name, out);
		fputs("</h3>\n", out);
		write_caption(episode, i, out);
		fputs("</figcaption>\n", out);
		chart_write(episode, i, top_pct, out);
		fputs("</figure>\n", out);
	}
	fputs("</div>\n", out);
}

static void write_name(const char *title, const char *name, FILE *out)
{
	fprintf(out, "<td class=\"name\" data-title=\"%s\">", title);
	html_text(name, out);
	fputs("</td>", out);
}

static void write_gain(const char *title, int gain_e2, bool known, FILE *out)
{
	fprintf(out, "<td class=\"number\" data-title=\"%s\">", title);
	if (known)
		fprintf(out, "%.2f %%", gain_e2 / 100.0);
	else
		fputc('-', out);
	fputs("</td>", out);
}

static void write_reason(const struct move *move, FILE *out)
{
	size_t i;

	fputs("<td data-title=\"Reason\">", out);
	html_text(move_reason(move), out);
	if (move->reckoned) {
		fputs("<small>", out);
		for (i = 0; i < MOVE_TERMS; i++)
			fprintf(out, "<span>%s %+.2f</span>", move_terms[i],
				move->terms_q16[i] * 100.0 / 65536);
		fputs("</small>", out);
	}
	fputs("</td>", out);
}

static void write_move(const struct episode *episode, const struct move *move, FILE *out)
{
	const char *result = move_result(move);

	fprintf(out, "<tr><td class=\"number\" data-title=\"At\">%.2f s</td>",
		(move->time_ns - episode->start_ns) / 1e9);
	fprintf(out, "<td class=\"name\" data-title=\"Thread\">%d ", (int)move->tid);
	html_text(move->comm, out);
	fputs("</td>", out);
	write_name("From", move->from, out);
	write_name("To", move->to, out);
	write_reason(move, out);
	write_gain("Promised", move->promised_e2, true, out);
	write_gain("Achieved", move->achieved_e2, move->known, out);
	fprintf(out, "<td class=\"%s\" data-title=\"Result\">%s</td></tr>\n",
		result ? result : "unknown", result ? result : "-");
}

static void write_moves(const struct episode *episode, FILE *out)
{
	size_t i;

	fputs("<h2>Moves</h2>\n", out);
	if (!episode->moves.nr) {
		fputs("<p>No thread was moved.</p>\n", out);
		return;
	}
	fputs("<p>Gains are in percent, as the module reckons them; of the terms of the cost, in points, a negative one speaks for the move.</p>\n",
	      out);
	fputs(moves_head, out);
	for (i = 0; i < episode->moves.nr; i++)
		write_move(episode, &episode->moves.at[i], out);
	fputs("</tbody>\n</table>\n", out);
}

void page_write(const struct page *page, FILE *out)
{
	fputs(head, out);
	fputs(page_style, out);
	fputs("</style>\n</head>\n<body>\n<h1>DMA engines and moves of threads</h1>\n", out);
	write_summary(page, out);
	write_charts(page->episode, out);
	write_moves(page->episode, out);
	fputs("</body>\n</html>\n", out);
}

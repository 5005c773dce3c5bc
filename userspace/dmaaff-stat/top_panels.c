// SPDX-License-Identifier: GPL-2.0
/* The rows of the three parts of the screen. */
#include <curses.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "text.h"
#include "top.h"
#include "top_paint.h"

/* Names have the room there is. */
static int name_width(int width)
{
	return width >= 120 ? 26 : 18;
}

#define BAR 12
/* A screen of so many columns has room for why threads were moved. */
#define REASON_WIDTH 100

/* The rightmost place on a line where nothing is for so many columns; or else the end of it. */
static int gap_in(const char *text, int width, int size)
{
	int used = (int)strlen(text), column, blank = 0;

	for (column = width - 1; column >= 0 && blank < size; column--)
		blank = column >= used || text[column] == ' ' ? blank + 1 : 0;
	return blank == size ? column + 1 : width - size;
}

static void draw_head(const struct top *top, enum top_panel panel, int line, int width,
		      const char *columns)
{
	const struct top_view *view = &top->views[panel];
	char text[512];

	paint_head(line, width, top->focus == panel, columns);
	if (view->rows <= view->room)
		return;
	snprintf(text, sizeof(text), " %zu-%zu of %zu ", view->first + 1, view->first + view->room,
		 view->rows);
	paint_on(PAINT_FOCUS);
	mvaddstr(line, gap_in(columns, width, (int)strlen(text)), text);
	paint_off(PAINT_FOCUS);
}

static struct dmaaff_real real(struct dmaaff_u64 number)
{
	return (struct dmaaff_real){ number.value, number.known };
}

/* The past in what is left of the line: a wide screen has room for both. */
static void draw_past(const struct top *top, const struct dmaaff_engine *engine, int width)
{
	const struct top_track *track = top_track_of(top, engine->name);
	int left = width - getcurx(stdscr) - 2;

	if (!track || left < 4)
		return;
	addstr("  ");
	if (width < 120) {
		paint_past(top->forecast ? track->predicted : track->utilisation, track->nr, left,
			   top->utf8);
		return;
	}
	left = (left - 2) / 2;
	paint_past(track->utilisation, track->nr, left, top->utf8);
	addstr("  ");
	paint_past(track->predicted, track->nr, left, top->utf8);
}

static void draw_engine(const struct top *top, const struct dmaaff_engine *engine, int width)
{
	struct dmaaff_rate rate = top_rate(top, engine);
	bool hot = rate.utilisation_pct.known && rate.utilisation_pct.value >= 90;
	bool more = engine->predicted_pct.known && engine->predicted_pct.value >= 100;

	paint_text(engine->name, name_width(width));
	if (hot)
		paint_on(PAINT_BAD);
	paint_real(rate.utilisation_pct, 1, 6, 1);
	addch(' ');
	paint_bar(rate.utilisation_pct.known ? rate.utilisation_pct.value : -1,
		  engine->predicted_pct.known ? engine->predicted_pct.value : -1, BAR);
	if (hot)
		paint_off(PAINT_BAD);
	if (more)
		paint_on(PAINT_BAD);
	paint_real(engine->predicted_pct, 1, 7, 1);
	if (more)
		paint_off(PAINT_BAD);
	paint_real(rate.bytes_per_s, 1e6, 9, 1);
	paint_u64(engine->threads, 5);
	if (width >= 100) {
		paint_real(rate.depth, 1, 8, 2);
		paint_real(rate.latency_ns, 1e3, 11, 1);
		if (engine->node.known)
			printw("%5lld", (long long)engine->node.value);
		else
			printw("%5s", "-");
	}
	draw_past(top, engine, width);
}

void top_draw_engines(struct top *top, int line, int width)
{
	const struct top_view *view = &top->views[PANEL_ENGINES];
	char head[512];
	size_t i;
	int used;

	used = snprintf(head, sizeof(head), "%-*s%6s %-*s%7s%9s%5s", name_width(width), "ENGINE",
			"UTIL%", BAR, "0%      100%", "PRED%", "MB/s", "THR");
	if (width >= 100)
		used += snprintf(head + used, sizeof(head) - used, "%8s%11s%5s", "DEPTH",
				 "LATENCY_us", "NODE");
	if (width >= 120)
		snprintf(head + used, sizeof(head) - used, "  %-*s  FORECAST",
			 (width - used - 4) / 2, "PAST UTIL%");
	else
		snprintf(head + used, sizeof(head) - used, "  %s",
			 top->forecast ? "FORECAST" : "PAST UTIL%");
	draw_head(top, PANEL_ENGINES, line, width, head);
	for (i = 0; i < view->room && view->first + i < view->rows; i++) {
		move(line + 1 + (int)i, 0);
		draw_engine(top, top->engines[view->first + i], width);
	}
	if (!view->rows)
		mvaddstr(line + 1, 0, "no engine");
}

static void draw_reason(int line, int error, const char *none)
{
	if (error == EACCES || error == EPERM)
		mvaddstr(line, 0, "for root only: sudo dmaaff-stat top");
	else if (error)
		mvaddstr(line, 0, strerror(error));
	else
		mvaddstr(line, 0, none);
}

void top_draw_threads(struct top *top, int line, int width)
{
	const struct top_view *view = &top->views[PANEL_THREADS];
	char head[512], comm[COMM_SIZE];
	size_t i;

	snprintf(head, sizeof(head), "%8s %-15s %-*s%9s%9s %-8s %s", "TID", "COMM",
		 name_width(width), "ENGINE", "DEM_MB/s", "PRE_MB/s", "STATE", "CPUS");
	draw_head(top, PANEL_THREADS, line, width, head);
	if (!view->rows && view->room)
		draw_reason(line + 1, top->threads ? 0 : top->threads_errno, "no thread does DMA");
	for (i = 0; i < view->room && view->first + i < view->rows; i++) {
		const struct dmaaff_thread *thread = &top->threads->threads[view->first + i];
		int left;

		move(line + 1 + (int)i, 0);
		printw("%8d ", (int)thread->tid);
		paint_text(text_comm(thread->tid, comm), 15);
		addch(' ');
		paint_text(thread->engine, name_width(width));
		paint_real(real(thread->demand_bytes_per_s), 1e6, 9, 2);
		paint_real(real(thread->predicted_bytes_per_s), 1e6, 9, 2);
		addch(' ');
		paint_text(thread->state, 8);
		addch(' ');
		left = width - getcurx(stdscr);
		if (left > 0)
			paint_text(thread->cpus, left);
	}
}

static enum paint paint_of(const char *result)
{
	if (!strcmp(result, "success"))
		return PAINT_GOOD;
	if (!strcmp(result, "failure") || !strcmp(result, "reverted"))
		return PAINT_BAD;
	return PAINT_PLAIN;
}

void top_draw_moves(struct top *top, int line, int width)
{
	const struct top_view *view = &top->views[PANEL_MOVES];
	int name = name_width(width) - 2;
	char head[512];
	size_t i;

	snprintf(head, sizeof(head), "%10s%8s %-*s %-*s%9s%9s %-8s %s", "AT_s", "TID", name,
		 "FROM", name, "TO", "PROMISE%", "BROUGHT%", "RESULT",
		 width < REASON_WIDTH ? "" : "REASON");
	draw_head(top, PANEL_MOVES, line, width, head);
	if (!view->rows && view->room)
		draw_reason(line + 1, top->history ? 0 : top->history_errno, "no move yet");
	for (i = 0; i < view->room && view->first + i < view->rows; i++) {
		const struct dmaaff_move *move = &top->history->moves[view->first + i];
		enum paint paint = paint_of(move->result);
		int left;

		wmove(stdscr, line + 1 + (int)i, 0);
		printw("%10.3f%8d ", (double)move->time_ns / 1e9, (int)move->tid);
		paint_text(move->from, name);
		addch(' ');
		paint_text(move->to, name);
		paint_real(move->promised_pct, 1, 9, 2);
		paint_real(move->achieved_pct, 1, 9, 2);
		addch(' ');
		paint_on(paint);
		paint_text(move->result, 8);
		paint_off(paint);
		left = width - getcurx(stdscr) - 1;
		if (width >= REASON_WIDTH && left > 0) {
			addch(' ');
			paint_text(top_reason_of(&top->reasons, move), left);
		}
	}
}

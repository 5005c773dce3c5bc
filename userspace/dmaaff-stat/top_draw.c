// SPDX-License-Identifier: GPL-2.0
/* The screen: its parts, one below the other. */
#include <curses.h>
#include <errno.h>
#include <string.h>

#include "stamp.h"
#include "text.h"
#include "top.h"
#include "top_paint.h"

#define KEYS "q quit  ? help  tab panel  s sort  / filter  t tunables  z idle  space pause"

static struct dmaaff_real total_bytes_per_s(const struct top *top)
{
	struct dmaaff_real total = { 0 };
	size_t i;

	for (i = 0; i < top->now->nr_engines; i++) {
		struct dmaaff_rate rate = top_rate(top, &top->now->engines[i]);

		total.known |= rate.bytes_per_s.known;
		total.value += rate.bytes_per_s.value;
	}
	return total;
}

static void draw_state(const struct top *top, int width)
{
	const struct dmaaff_stats *stats = &top->now->stats;
	struct dmaaff_real total = total_bytes_per_s(top);

	move(0, 0);
	paint_on(PAINT_FOCUS);
	printw("mode %.8s", top->now->mode ? top->now->mode : "-");
	paint_off(PAINT_FOCUS);
	addstr("  ");
	paint_real(total, 1e6, 0, 2);
	printw(" MB/s on %zu engines, ", top->now->nr_engines);
	if (top->threads)
		printw("%zu", top->threads->nr);
	else
		addstr("-");
	addstr(" threads; moves ");
	paint_u64(stats->moves, 0);
	addstr(": ");
	paint_u64(stats->successes, 0);
	addstr(" good, ");
	paint_u64(stats->failures, 0);
	addstr(" bad");
	if (stats->dropped.known && stats->dropped.value) {
		paint_on(PAINT_BAD);
		printw(", %llu dropped", (unsigned long long)stats->dropped.value);
		paint_off(PAINT_BAD);
	}
	if (width >= 100) {
		char stamp[STAMP_SIZE];

		stamp_text(stamp);
		mvprintw(0, width - 20, "%.19sZ", stamp);
	}
}

static void draw_foot(const struct top *top, int line, int width)
{
	char text[700];

	if (*top->message)
		snprintf(text, sizeof(text), "%s", top->message);
	else
		snprintf(text, sizeof(text), "%s%s%s%s%s", top->paused ? "PAUSED  " : "",
			 *top->filter ? "filter: " : "", top->filter,
			 *top->filter ? "  " : "", KEYS);
	text_make_clean(text);
	if (*top->message)
		paint_on(PAINT_BAD);
	mvaddnstr(line, 0, text, width);
	if (*top->message)
		paint_off(PAINT_BAD);
}

static size_t grow(struct top_view *view, size_t spare)
{
	size_t want = view->rows > view->room ? view->rows - view->room : 0;

	if (want > spare)
		want = spare;
	view->room += want;
	return want;
}

/* How many rows each panel gets of what is there: threads take what is left. */
static void share_lines(struct top *top, int lines)
{
	struct top_view *engines = &top->views[PANEL_ENGINES];
	struct top_view *threads = &top->views[PANEL_THREADS];
	struct top_view *moves = &top->views[PANEL_MOVES];
	size_t left = lines > 5 ? lines - 5 : 0;
	size_t need = threads->rows ? threads->rows : 1;
	int i;

	engines->room = engines->rows < left / 3 ? engines->rows : left / 3;
	moves->room = moves->rows < left / 4 ? moves->rows : left / 4;
	if (!engines->room && left)
		engines->room = 1;
	if (!moves->room && left > 1)
		moves->room = 1;
	threads->room = left > engines->room + moves->room ?
			left - engines->room - moves->room : 0;
	/* What threads do not need, the others may have; what is left is blank. */
	if (threads->room > need) {
		size_t spare = threads->room - need;

		spare -= grow(engines, spare);
		grow(moves, spare);
		threads->room = need;
	}
	for (i = 0; i < NR_PANELS; i++) {
		struct top_view *view = &top->views[i];

		if (view->first + view->room > view->rows)
			view->first = view->rows > view->room ? view->rows - view->room : 0;
	}
}

void top_draw(struct top *top)
{
	int lines, width, line = 1;

	getmaxyx(stdscr, lines, width);
	erase();
	if (!top->now) {
		mvprintw(lines / 2, 0, "%s", top->engines_errno == ENOENT ?
			 "dma_affinity is not loaded: load it with 'modprobe dma_affinity'" :
			 strerror(top->engines_errno));
	} else if (lines < 8 || width < 40) {
		mvaddnstr(0, 0, "too small a screen", width);
	} else {
		share_lines(top, lines);
		draw_state(top, width);
		top_draw_engines(top, line, width);
		line += 1 + (int)top->views[PANEL_ENGINES].room;
		top_draw_threads(top, line, width);
		line += 1 + (int)top->views[PANEL_THREADS].room;
		top_draw_moves(top, line, width);
	}
	draw_foot(top, lines - 1, width);
	refresh();
}

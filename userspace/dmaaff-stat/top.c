// SPDX-License-Identifier: GPL-2.0
/* The full screen: reads, draws, and obeys keys. */
#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "message.h"
#include "module.h"
#include "pace.h"
#include "top.h"
#include "top_paint.h"

#define SECONDS_LEAST 0.1
#define SECONDS_MOST 60
#define SLICE_MS 200

static double monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void scroll_by(struct top_view *view, long rows)
{
	long last = view->rows > view->room ? (long)(view->rows - view->room) : 0;
	long first = (long)view->first + rows;

	view->first = first < 0 ? 0 : first > last ? last : first;
}

static void ask_filter(struct top *top)
{
	if (!top_ask("Show only what has in its name: ", top->filter, sizeof(top->filter)))
		top->filter[0] = '\0';
	top_refresh(top);
}

static void change_pace(struct top *top, double factor)
{
	top->seconds *= factor;
	if (top->seconds < SECONDS_LEAST)
		top->seconds = SECONDS_LEAST;
	if (top->seconds > SECONDS_MOST)
		top->seconds = SECONDS_MOST;
	snprintf(top->message, sizeof(top->message), "each %.2f s", top->seconds);
}

static void sort(struct top *top)
{
	top->views[top->focus].sort++;
	top_arrange(top);
	snprintf(top->message, sizeof(top->message), "sorted by %s",
		 top_sort_name(top, top->focus));
}

/* Keys that only scroll. Return: it was one. */
static bool scroll_key(struct top_view *view, int key)
{
	long page = view->room ? (long)view->room : 1;

	switch (key) {
	case KEY_UP:
		scroll_by(view, -1);
		return true;
	case KEY_DOWN:
		scroll_by(view, 1);
		return true;
	case KEY_PPAGE:
		scroll_by(view, -page);
		return true;
	case KEY_NPAGE:
		scroll_by(view, page);
		return true;
	case KEY_HOME:
		view->first = 0;
		return true;
	case KEY_END:
		scroll_by(view, (long)view->rows);
		return true;
	default:
		return false;
	}
}

/* Return: go on. */
static bool obey(struct top *top, int key)
{
	top->message[0] = '\0';
	if (scroll_key(&top->views[top->focus], key))
		return true;
	switch (key) {
	case 'q':
		return false;
	case '?':
	case 'h':
		top_help();
		break;
	case '\t':
		top->focus = (top->focus + 1) % NR_PANELS;
		break;
	case KEY_BTAB:
		top->focus = (top->focus + NR_PANELS - 1) % NR_PANELS;
		break;
	case 's':
		sort(top);
		break;
	case 'f':
		top->forecast = !top->forecast;
		break;
	case '/':
		ask_filter(top);
		break;
	case 'z':
		top->no_idle = !top->no_idle;
		top_refresh(top);
		break;
	case 't':
		top_tunables(top);
		break;
	case 'o':
		top_opt_out(top);
		break;
	case '+':
		change_pace(top, 0.5);
		break;
	case '-':
		change_pace(top, 2);
		break;
	case ' ':
		top->paused = !top->paused;
		break;
	default:
		break;
	}
	return true;
}

static void look(struct top *top, unsigned long count)
{
	double due = monotonic();
	unsigned long nr = 0;
	bool going = true;

	while (going && !pace_stopped()) {
		double left = due - monotonic();
		int key;

		if (left <= 0 && !top->paused) {
			if (count && nr++ >= count)
				break;
			top_refresh(top);
			due = monotonic() + top->seconds;
			left = top->seconds;
		}
		top_draw(top);
		do {
			timeout(left > 0 && left * 1000 < SLICE_MS ? (int)(left * 1000) + 1 :
				SLICE_MS);
			key = getch();
			left = due - monotonic();
		} while (key == ERR && !pace_stopped() && (left > 0 || top->paused));
		if (key != ERR)
			going = obey(top, key);
	}
}

int top_run(const struct options *options)
{
	struct top top = { .seconds = options->seconds };
	const char *term = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || !term) {
		message("top needs a terminal: 'dmaaff-stat 1' does without");
		return EXIT_FAILURE;
	}
	top.dmaaff = module_open(options->root);
	if (!top.dmaaff)
		return EXIT_FAILURE;
	/* Characters alone: numbers stay as they are everywhere. */
	setlocale(LC_CTYPE, "");
	top.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	top.no_idle = options->no_idle;
	/* Another tree's moves are not this kernel's. */
	top.reasons.unwanted = options->root || geteuid();
	if (!newterm(NULL, stdout, stdin)) {
		message("cannot draw on a terminal of type '%s'", term);
		top_release(&top);
		return EXIT_FAILURE;
	}
	paint_start();
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	set_escdelay(50);
	curs_set(0);
	look(&top, options->words[0] ? options->count : 0);
	endwin();
	top_release(&top);
	return EXIT_SUCCESS;
}

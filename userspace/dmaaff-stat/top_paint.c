// SPDX-License-Identifier: GPL-2.0
#include <curses.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "top.h"
#include "top_paint.h"

static attr_t attributes[] = {
	[PAINT_PLAIN] = A_NORMAL,
	[PAINT_BAD] = A_BOLD,
	[PAINT_GOOD] = A_NORMAL,
	[PAINT_TITLE] = A_REVERSE,
	[PAINT_FOCUS] = A_REVERSE | A_BOLD,
};

void paint_start(void)
{
	const char *no_color = getenv("NO_COLOR");

	if (!has_colors() || (no_color && *no_color))
		return;
	start_color();
	use_default_colors();
	init_pair(PAINT_BAD, COLOR_RED, -1);
	init_pair(PAINT_GOOD, COLOR_GREEN, -1);
	attributes[PAINT_BAD] |= COLOR_PAIR(PAINT_BAD);
	attributes[PAINT_GOOD] |= COLOR_PAIR(PAINT_GOOD);
}

void paint_on(enum paint paint)
{
	attron(attributes[paint]);
}

void paint_off(enum paint paint)
{
	attroff(attributes[paint]);
}

void paint_head(int line, int width, bool focus, const char *text)
{
	enum paint paint = focus ? PAINT_FOCUS : PAINT_TITLE;

	paint_on(paint);
	mvhline(line, 0, ' ', width);
	mvaddnstr(line, 0, text, width);
	paint_off(paint);
}

void paint_real(struct dmaaff_real number, double unit, int width, int decimals)
{
	if (number.known)
		printw("%*.*f", width, decimals, number.value / unit);
	else
		printw("%*s", width, "-");
}

void paint_u64(struct dmaaff_u64 number, int width)
{
	if (number.known)
		printw("%*llu", width, (unsigned long long)number.value);
	else
		printw("%*s", width, "-");
}

void paint_text(const char *text, int width)
{
	char *clean = text_clean(text && *text ? text : "-");

	/* What was cut off shows it. */
	if (clean && (int)strlen(clean) > width && width > 1)
		printw("%.*s+", width - 1, clean);
	else
		printw("%-*.*s", width, width, clean ? clean : "-");
	free(clean);
}

void paint_bar(double percent, double mark, int width)
{
	int full = percent < 0 ? 0 : percent / 100 * width + 0.5;
	int at = mark < 0 ? -1 : mark / 100 * width;
	int i;

	if (full > width)
		full = width;
	if (at >= width)
		at = width - 1;
	for (i = 0; i < width; i++)
		addch(i == at ? '>' : i < full ? '#' : percent < 0 ? ' ' : '.');
}

void paint_past(const unsigned char *percent, unsigned int nr, int width, bool utf8)
{
	static const char *const blocks[] = {
		"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"
	};
	static const char *const letters[] = { "_", ".", ":", "-", "=", "+", "*", "#" };
	unsigned int first = nr > (unsigned int)width ? nr - width : 0, i;

	/* The latest is at the right edge. */
	printw("%*s", (int)(width - (nr - first)), "");
	for (i = first; i < nr; i++) {
		if (percent[i] == TOP_UNKNOWN)
			addch(' ');
		else
			addstr((utf8 ? blocks : letters)[percent[i] * 7 / 100]);
	}
}

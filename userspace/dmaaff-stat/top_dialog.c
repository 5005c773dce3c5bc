// SPDX-License-Identifier: GPL-2.0
/* What the full screen asks and explains. */
#include <curses.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "set.h"
#include "top.h"
#include "top_paint.h"

#define ESCAPE 27

static const char *const help[] = {
	"Engines: how busy each is (# in the bar), what is forecast for it (> in the bar,",
	"PRED%: more than 100 is more than it can do), and how both went on, the latest",
	"at the right edge. Threads: the engine each uses, what it asks for, whether its",
	"CPU mask is narrowed. Moves: what each promised and brought, newest first.",
	"",
	"  tab, shift-tab      next, previous panel; its title is bold",
	"  arrows, page keys   scroll the panel; home, end",
	"  s                   sort the panel by another column",
	"  f                   narrow screen: history of utilisation or forecast",
	"  /                   show only what has this in an engine's or a thread's name",
	"  z                   leave out what does nothing",
	"  t                   change a tunable; asks before it does",
	"  o                   opt a thread out: it is never moved; -TID: it is again",
	"  + -                 look twice as often, half as often",
	"  space               stand still, go on",
	"  q                   quit",
	"",
	"- stands for a figure that is not known. Press any key.",
	NULL,
};

void top_help(void)
{
	int line;

	erase();
	paint_head(0, COLS, true, "dmaaff-stat top");
	for (line = 0; help[line]; line++)
		mvaddnstr(line + 2, 0, help[line], COLS);
	refresh();
	timeout(-1);
	getch();
}

bool top_ask(const char *question, char *answer, int size)
{
	int used = 0, key;

	answer[0] = '\0';
	timeout(-1);
	curs_set(1);
	do {
		move(LINES - 1, 0);
		clrtoeol();
		printw("%s%s", question, answer);
		refresh();
		key = getch();
		if ((key == KEY_BACKSPACE || key == 127 || key == '\b') && used)
			answer[--used] = '\0';
		if (key >= ' ' && key <= '~' && used < size - 1) {
			answer[used++] = key;
			answer[used] = '\0';
		}
	} while (key != '\n' && key != KEY_ENTER && key != ESCAPE && key != ERR);
	curs_set(0);
	return key == '\n' || key == KEY_ENTER;
}

static void draw_tunables(const struct dmaaff_tunables *tunables, size_t chosen)
{
	size_t i;

	erase();
	paint_head(0, COLS, true, "Tunables: arrows choose, Enter changes, Escape goes back");
	for (i = 0; i < tunables->nr; i++) {
		const struct dmaaff_tunable *tunable = &tunables->tunables[i];
		const struct dmaaff_tunable_rule *rule = dmaaff_tunable_rule(tunable->name);

		move(2 + (int)i, 0);
		if (i == chosen)
			paint_on(PAINT_TITLE);
		paint_text(tunable->name, 22);
		paint_text(tunable->value, 10);
		if (i == chosen)
			paint_off(PAINT_TITLE);
		if (rule)
			printw("  %s %s", rule->values, rule->unit);
		if (rule && i == chosen)
			mvaddnstr(3 + (int)tunables->nr, 0, rule->about, COLS);
	}
	refresh();
}

static void change(struct top *top, const struct dmaaff_tunable *tunable)
{
	char value[64], question[256], yes[4];

	snprintf(question, sizeof(question), "%s: ", tunable->name);
	if (!top_ask(question, value, sizeof(value)) || !*value)
		return;
	snprintf(question, sizeof(question), "Change %s from %.99s to %s? (y/n) ", tunable->name,
		 tunable->value ? tunable->value : "-", value);
	if (!top_ask(question, yes, sizeof(yes)) || strcmp(yes, "y") != 0)
		return;
	if (dmaaff_tunable_set(top->dmaaff, tunable->name, value))
		set_why(top->dmaaff, tunable->name, value, top->message, sizeof(top->message));
	else
		snprintf(top->message, sizeof(top->message), "%s is %s now", tunable->name, value);
}

#define OPTED_OUT "OPTED_OUT"

void top_opt_out(struct top *top)
{
	static const char question[] = "Thread never to be moved, or -TID to take one back: ";
	char answer[16], change[sizeof(answer) + 1];
	const char *tid;

	if (!top_ask(question, answer, sizeof(answer)) || !*answer)
		return;
	tid = answer + (*answer == '-' || *answer == '+');
	snprintf(change, sizeof(change), "%c%s", *answer == '-' ? '-' : '+', tid);
	if (!dmaaff_tunable_set(top->dmaaff, OPTED_OUT, change))
		snprintf(top->message, sizeof(top->message), "thread %s %s", tid,
			 *change == '-' ? "may be moved again" : "is never moved from now on");
	else if (errno == ESRCH)
		snprintf(top->message, sizeof(top->message), "there is no thread %s", tid);
	else
		set_why(top->dmaaff, OPTED_OUT, change, top->message, sizeof(top->message));
	top_refresh(top);
}

void top_tunables(struct top *top)
{
	struct dmaaff_tunables *tunables = dmaaff_tunables_read(top->dmaaff);
	size_t chosen = 0;
	int key = 0;

	while (tunables && tunables->nr && key != ESCAPE && key != 'q' && key != '\n') {
		draw_tunables(tunables, chosen);
		timeout(-1);
		key = getch();
		if (key == KEY_DOWN && chosen + 1 < tunables->nr)
			chosen++;
		if (key == KEY_UP && chosen)
			chosen--;
		if (key == '\n')
			change(top, &tunables->tunables[chosen]);
	}
	dmaaff_tunables_free(tunables);
}

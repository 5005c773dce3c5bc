// SPDX-License-Identifier: GPL-2.0
/*
 * Why threads were moved: the module's table of moves does not say, its events do. For
 * root alone, and of moves made since the screen is there.
 */
#include <math.h>
#include <string.h>

#include "top.h"

/* As many as the module remembers at most */
#define KEPT 4096UL

static void add(const struct happening *what, void *moves)
{
	moves_add(moves, what);
}

static void start(struct top_reasons *reasons)
{
	static const struct recording_want wants[] = {
		{ "candidate", "accepted == 1" }, { "migrate", NULL }, { NULL, NULL }
	};
	char why[RECORDING_WHY];

	reasons->watch = recording_watch_start(wants, add, &reasons->moves, why);
	reasons->unwanted = !reasons->watch;
}

void top_reasons_look(struct top_reasons *reasons, bool loaded)
{
	/* The events of a module that is loaded anew are others. */
	if (!loaded && reasons->watch) {
		recording_watch_end(reasons->watch);
		reasons->watch = NULL;
	}
	if (loaded && !reasons->watch && !reasons->unwanted)
		start(reasons);
	if (!reasons->watch)
		return;
	recording_watch_look(reasons->watch);
	if (reasons->moves.nr > 2 * KEPT)
		moves_keep(&reasons->moves, KEPT);
}

void top_reasons_release(struct top_reasons *reasons)
{
	recording_watch_end(reasons->watch);
	moves_free(&reasons->moves);
}

static bool is_same(const struct move *move, const struct dmaaff_move *other)
{
	return move->tid == other->tid && other->from && !strcmp(move->from, other->from) &&
	       other->to && !strcmp(move->to, other->to) && other->promised_pct.known &&
	       lround(other->promised_pct.value * 100) == move->promised_e2;
}

const char *top_reason_of(const struct top_reasons *reasons, const struct dmaaff_move *move)
{
	size_t i;

	for (i = reasons->moves.nr; i > 0; i--) {
		if (is_same(&reasons->moves.at[i - 1], move))
			return move_reason(&reasons->moves.at[i - 1]);
	}
	return NULL;
}

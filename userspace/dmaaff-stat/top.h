/* SPDX-License-Identifier: GPL-2.0 */
/* The full screen: what it knows, and the parts that draw it. */
#ifndef DMAAFF_STAT_TOP_H
#define DMAAFF_STAT_TOP_H

#include <stdbool.h>

#include "dmaaff.h"
#include "moves.h"
#include "options.h"
#include "sheet.h"

#define TOP_FILTER 32
#define TOP_PAST 256
#define TOP_UNKNOWN 255

enum top_panel { PANEL_ENGINES, PANEL_THREADS, PANEL_MOVES, NR_PANELS };

/**
 * struct top_track - the past of an engine, the latest last
 * @name: the engine's
 * @seen: it was there at the last reading
 * @utilisation, @predicted: percent, 100 at most; TOP_UNKNOWN
 * @nr: how many of them there are
 */
struct top_track {
	char *name;
	bool seen;
	unsigned char utilisation[TOP_PAST];
	unsigned char predicted[TOP_PAST];
	unsigned int nr;
};

/**
 * struct top_view - how one part of the screen is looked at
 * @sort: which order, an index of the panel's own
 * @first: the first row shown
 * @rows: rows there are
 * @room: rows that fit
 */
struct top_view {
	unsigned int sort;
	size_t first;
	size_t rows;
	size_t room;
};

/**
 * struct top_reasons - why threads were moved since the screen is there
 * @watch: of the events that tell it; NULL: not started, or it may not be
 * @moves: the latest
 * @unwanted: it is not asked for, or was tried in vain
 */
struct top_reasons {
	struct recording_watch *watch;
	struct moves moves;
	bool unwanted;
};

/**
 * struct top - all of it
 * @before, @now: the last two readings of the engines; NULL: none yet, or unloaded
 * @threads, @history: NULL when they could not be read, then the errno
 * @engines: those of @now that pass the filter, in the order shown
 * @reasons: of @history
 * @tracks: the past of all engines seen
 * @filter: what engines, threads or moves must have in their names; "" for all
 * @seconds: from one reading to the next
 * @forecast: the narrow screen's history is that of the forecast
 * @utf8: the terminal has block characters
 * @message: the last line until a key is pressed; "" for the usual one
 */
struct top {
	struct dmaaff *dmaaff;
	struct dmaaff_snapshot *before, *now;
	struct dmaaff_threads *threads;
	struct dmaaff_history *history;
	int threads_errno, history_errno, engines_errno;
	const struct dmaaff_engine **engines;
	size_t nr_engines;
	struct top_reasons reasons;
	struct top_track *tracks;
	size_t nr_tracks;
	struct top_view views[NR_PANELS];
	enum top_panel focus;
	char filter[TOP_FILTER];
	double seconds;
	bool no_idle;
	bool paused;
	bool forecast;
	bool utf8;
	char message[512];
};

/* Looks until q is pressed. Return: an exit status. */
int top_run(const struct options *options);

/* Reads everything anew. */
void top_refresh(struct top *top);
void top_release(struct top *top);

/* What passes the filter, in order; after a change of either. */
void top_arrange(struct top *top);
const char *top_sort_name(const struct top *top, enum top_panel panel);
struct dmaaff_rate top_rate(const struct top *top, const struct dmaaff_engine *engine);
const struct top_track *top_track_of(const struct top *top, const char *name);

/* Takes what has happened; @loaded: the module is there. */
void top_reasons_look(struct top_reasons *reasons, bool loaded);
void top_reasons_release(struct top_reasons *reasons);

/* Return: in words, NULL where it is not known. */
const char *top_reason_of(const struct top_reasons *reasons, const struct dmaaff_move *move);

/* The whole screen. */
void top_draw(struct top *top);
void top_draw_engines(struct top *top, int line, int width);
void top_draw_threads(struct top *top, int line, int width);
void top_draw_moves(struct top *top, int line, int width);

/* Asks for a line at the bottom. Return: it was ended by Enter. */
bool top_ask(const char *question, char *answer, int size);

/* A list of settings to change one of. */
void top_tunables(struct top *top);

/* Asks for a thread that is never to be moved, or is again. */
void top_opt_out(struct top *top);
void top_help(void);

#endif

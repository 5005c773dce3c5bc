/* SPDX-License-Identifier: GPL-2.0 */
/* What dmaaff-stat can show. Each view has a file of its own. */
#ifndef DMAAFF_STAT_VIEW_H
#define DMAAFF_STAT_VIEW_H

#include <stdbool.h>
#include <stdio.h>

#include "columns.h"
#include "dmaaff.h"

/**
 * struct report - what a view works on
 * @dmaaff: where figures come from
 * @json: one JSON object on one line, instead of text
 * @out: holds one report back until it is whole
 * @columns: the view's table, its widths kept from report to report
 * @before: the previous snapshot, for views that show rates
 * @nr: reports made so far
 */
struct report {
	struct dmaaff *dmaaff;
	bool json;
	FILE *out;
	struct columns columns;
	struct dmaaff_snapshot *before;
	unsigned long nr;
};

/**
 * struct view - one kind of report
 * @name: the word on the command line
 * @columns: its table, ended by a NULL title
 * @begin: NULL, or reads what the first report is compared with
 * @write: writes one report to @out
 *
 * Both return 0, or -1 with errno when the module's files cannot be read.
 */
struct view {
	const char *name;
	const struct column *columns;
	int (*begin)(struct report *report);
	int (*write)(struct report *report);
};

extern const struct view engines_view;
extern const struct view threads_view;
extern const struct view history_view;

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* What dmaaff-stat can list. Each view has a file of its own. */
#ifndef DMAAFF_STAT_VIEW_H
#define DMAAFF_STAT_VIEW_H

#include <json.h>
#include <stdbool.h>

#include "dmaaff.h"
#include "options.h"
#include "sheet.h"

/**
 * struct report - what a view works on
 * @dmaaff: where figures come from
 * @options: the command line
 * @sheet: the rows of this report
 * @before, @now: the last two snapshots, for views that show rates
 * @torn: the table changed while it was read
 * @interval: there was a report before, or there is to be none about the last second
 */
struct report {
	struct dmaaff *dmaaff;
	const struct options *options;
	struct sheet sheet;
	struct dmaaff_snapshot *before, *now;
	bool torn;
	bool interval;
};

/**
 * struct view - one kind of list
 * @name: what it lists; the array's key in JSON
 * @columns: ended by a NULL title
 * @begin: NULL, or reads what the first report is compared with
 * @fill: adds the rows
 * @title: NULL, or makes the line above the rows, to be released by free()
 * @head: adds to the JSON object what is before the rows
 *
 * @begin and @fill return 0, or -1 with errno when the module's files cannot be
 * read; @title returns NULL without memory.
 */
struct view {
	const char *name;
	const struct column *columns;
	int (*begin)(struct report *report);
	int (*fill)(struct report *report);
	char *(*title)(const struct report *report);
	void (*head)(const struct report *report, struct json_object *object);
};

extern const struct view engines_view;
extern const struct view threads_view;
extern const struct view history_view;
extern const struct view tunables_view;

/* One report after the other, as the command line wants. Return: 0 or -1, explained on stderr. */
int view_run(const struct view *view, struct report *report);

/* The head of a table that may be torn. */
void view_head_torn(const struct report *report, struct json_object *object);

#endif

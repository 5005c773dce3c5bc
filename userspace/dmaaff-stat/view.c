// SPDX-License-Identifier: GPL-2.0
/* One report after the other, in the form that was asked for. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "grid.h"
#include "json.h"
#include "module.h"
#include "output.h"
#include "pace.h"
#include "stamp.h"
#include "view.h"

void view_head_torn(const struct report *report, struct json_object *object)
{
	json_object_object_add(object, "torn", json_object_new_boolean(report->torn));
}

static int write_json(const struct view *view, const struct report *report, FILE *out)
{
	struct json_object *object = json_object_new_object();

	json_add_time(object);
	if (view->head)
		view->head(report, object);
	json_object_object_add(object, view->name, json_rows(&report->sheet));
	return json_print(object, out);
}

static int write_text(const struct view *view, const struct report *report, struct grid *grid,
		      FILE *out)
{
	char *title = view->title ? view->title(report) : NULL;
	char stamp[STAMP_SIZE];
	int result;

	if (view->title && !title)
		return -1;
	stamp_text(stamp);
	result = grid_print(grid, &report->sheet, out, title,
			    report->options->stamps ? stamp : NULL, output_lines());
	free(title);
	return result;
}

static int write_form(const struct view *view, struct report *report, struct grid *grid,
		      unsigned long nr, FILE *out)
{
	switch (report->options->form) {
	case FORM_JSON:
		return write_json(view, report, out);
	case FORM_CSV:
		if (!nr)
			csv_header(&report->sheet, true, out);
		csv_rows(&report->sheet, true, out);
		return 0;
	default:
		if (nr)
			fputc('\n', out);
		return write_text(view, report, grid, out);
	}
}

static int write_report(const struct view *view, struct report *report, struct grid *grid,
			unsigned long nr)
{
	size_t size = 0;
	char *text = NULL;
	int result = view->fill(report);
	FILE *out;

	if (result) {
		module_explain(report->dmaaff, view->name);
		return -1;
	}
	if (report->sheet.no_memory) {
		errno = ENOMEM;
		result = -1;
	}
	out = result ? NULL : open_memstream(&text, &size);
	if (out) {
		result = write_form(view, report, grid, nr, out);
		result |= fclose(out);
	}
	if (!out || result)
		module_explain(report->dmaaff, view->name);
	else
		result = output_put(text, size);
	free(text);
	sheet_clear(&report->sheet);
	report->interval = true;
	return out ? result : -1;
}

/* A view with rates looks at a second, or less, before its first report. */
static int begin(const struct view *view, struct report *report, bool *stopped)
{
	double seconds = report->options->seconds;

	*stopped = false;
	if (!view->begin)
		return 0;
	if (view->begin(report)) {
		module_explain(report->dmaaff, view->name);
		return -1;
	}
	report->interval = report->options->no_first;
	*stopped = !pace_wait(seconds < 1 || report->interval ? seconds : 1);
	return 0;
}

int view_run(const struct view *view, struct report *report)
{
	const struct options *options = report->options;
	unsigned long nr = 0;
	bool stopped;
	struct grid grid;
	int result = 0;

	if (grid_init(&grid, &report->sheet, output_colour())) {
		module_explain(report->dmaaff, view->name);
		return -1;
	}
	result = begin(view, report, &stopped);
	while (!result && !stopped) {
		result = write_report(view, report, &grid, nr);
		nr++;
		if (result || (options->count && nr >= options->count))
			break;
		stopped = !pace_wait(options->seconds);
	}
	grid_free(&grid);
	return result;
}

// SPDX-License-Identifier: GPL-2.0
/* The commands that list: engines, threads, history, tunables. */
#include <stdio.h>
#include <stdlib.h>

#include "list.h"
#include "message.h"
#include "module.h"
#include "output.h"
#include "view.h"

static int choose_columns(const struct options *options, struct sheet *sheet)
{
	const char *list = options->show ? options->show : options->hide;
	char *wrong, *names = NULL;
	size_t i, size;
	FILE *out;

	wrong = list ? sheet_choose(sheet, list, options->show) : NULL;
	if (!wrong)
		return 0;
	out = open_memstream(&names, &size);
	for (i = 0; out && i < sheet->nr; i++)
		fprintf(out, "%s%s", i ? ", " : "", sheet->column[i].key);
	if (out)
		fclose(out);
	message("%s has no column '%s': there are %s", options->command->name, wrong,
		names ? names : "others");
	free(names);
	free(wrong);
	return -1;
}

static int list(const struct options *options, const struct view *view)
{
	struct report report = { .options = options };
	int result = EXIT_FAILURE;

	if (sheet_init(&report.sheet, view->columns, options->form != FORM_TEXT)) {
		message("no memory");
		return EXIT_FAILURE;
	}
	if (choose_columns(options, &report.sheet)) {
		result = EXIT_USAGE;
	} else {
		report.dmaaff = module_open(options->root);
		if (report.dmaaff && !output_open(options->output) && !view_run(view, &report))
			result = EXIT_SUCCESS;
	}
	sheet_free(&report.sheet);
	dmaaff_snapshot_free(report.before);
	dmaaff_snapshot_free(report.now);
	dmaaff_close(report.dmaaff);
	return result;
}

int list_engines(const struct options *options)
{
	return list(options, &engines_view);
}

int list_threads(const struct options *options)
{
	return list(options, &threads_view);
}

int list_history(const struct options *options)
{
	return list(options, &history_view);
}

int list_tunables(const struct options *options)
{
	return list(options, &tunables_view);
}

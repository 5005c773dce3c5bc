// SPDX-License-Identifier: GPL-2.0
/* dmaaff-stat: the command line, and one report after the other. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json.h>

#include "message.h"
#include "pace.h"
#include "view.h"

#define EXIT_USAGE 2
#define SECONDS_MIN 0.01
#define SECONDS_MAX 86400.0

static const char help[] =
"Usage: dmaaff-stat [OPTION]... [engines|threads|history] [INTERVAL [COUNT]]\n"
"\n"
"Show what DMA engines do, which threads drive them, and how dma_affinity moves\n"
"those threads.\n"
"\n"
"  engines   engines and the moves made (this is shown when nothing is named):\n"
"            the first report is about the last second, each further one about\n"
"            the interval before it\n"
"  threads   threads that submit DMA, the greatest demand first (root only)\n"
"  history   moves and what came of them, newest first (root only)\n"
"\n"
"  INTERVAL  seconds between reports, 0.01 to 86400; without it, one report\n"
"  COUNT     number of reports; without it, until interrupted\n"
"\n"
"  -j, --json     one JSON object a line and report; what is not known is null\n"
"  -h, --help     show this text\n"
"  -V, --version  show the version\n"
"\n"
"In text, what is not known is \"-\"; 1 MB is 1000000 bytes.\n"
"Exit status: 0, 1 when something cannot be read or written, 2 wrong usage.\n";

static const struct view *const views[] = { &engines_view, &threads_view, &history_view, NULL };

/**
 * struct options - the command line
 * @view: what to show
 * @json: in which form
 * @seconds: between reports
 * @count: reports to make, 0 for no end
 */
struct options {
	const struct view *view;
	bool json;
	double seconds;
	unsigned long count;
};

/* Nothing is shown of a report before it is whole; one that began is finished. */
static int put(const char *text, size_t size)
{
	while (size) {
		ssize_t done = write(STDOUT_FILENO, text, size);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0) {
			message("cannot write to stdout: %s", strerror(errno));
			return -1;
		}
		text += done;
		size -= done;
	}
	return 0;
}

static bool parse_seconds(const char *text, double *seconds)
{
	char *end;

	/* strtod() alone would take "inf" and "0x1p3" too. */
	if (!*text || text[strspn(text, "0123456789.")])
		return false;
	*seconds = strtod(text, &end);
	return !*end && *seconds >= SECONDS_MIN && *seconds <= SECONDS_MAX;
}

static bool parse_count(const char *text, unsigned long *count)
{
	if (!*text || text[strspn(text, "0123456789")])
		return false;
	errno = 0;
	*count = strtoul(text, NULL, 10);
	return !errno && *count;
}

static int usage(const char *what, const char *argument, const char *rule)
{
	message("%s '%s' %s; see dmaaff-stat --help", what, argument, rule);
	return EXIT_USAGE;
}

static int parse_arguments(struct options *options, char **argument)
{
	size_t i;

	for (i = 0; *argument && views[i]; i++) {
		if (!strcmp(*argument, views[i]->name)) {
			options->view = views[i];
			argument++;
			break;
		}
	}
	if (!*argument)
		return 0;
	if (!parse_seconds(*argument, &options->seconds)) {
		if (options->view == &engines_view && !strchr("0123456789.-", **argument))
			return usage("report", *argument, "is none of engines, threads, history");
		return usage("interval", *argument, "is no number of seconds from 0.01 to 86400");
	}
	options->count = 0;
	if (!*++argument)
		return 0;
	if (!parse_count(*argument, &options->count))
		return usage("count", *argument, "is no whole number from 1");
	if (*++argument)
		return usage("argument", *argument, "is one too many");
	return 0;
}

/* Returns -1 to go on, or the exit status. */
static int parse_options(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL },
	};
	char letter[2] = "";
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "jhV", known, NULL)) != -1) {
		switch (option) {
		case 'j':
			options->json = true;
			break;
		case 'h':
			return put(help, sizeof(help) - 1) ? EXIT_FAILURE : EXIT_SUCCESS;
		case 'V':
			return put("dmaaff-stat " DMAAFF_VERSION "\n",
				   sizeof("dmaaff-stat " DMAAFF_VERSION "\n") - 1) ?
			       EXIT_FAILURE : EXIT_SUCCESS;
		default:
			/* optopt is 0, or a known letter, where a long option was wrong. */
			if (!strncmp(argv[optind - 1], "--", 2))
				return usage("option", argv[optind - 1], "is not known");
			letter[0] = optopt;
			return usage("option", letter, "is not known");
		}
	}
	option = parse_arguments(options, argv + optind);
	return option ? option : -1;
}

static void explain(const struct options *options, const struct report *report)
{
	int err = errno;

	if (!report->dmaaff && err == ENOENT)
		message("dma_affinity is not loaded: load it with 'modprobe dma_affinity'");
	else if (!report->dmaaff)
		message("cannot open dma_affinity's folder in sysfs: %s", strerror(err));
	else if (access(dmaaff_path(report->dmaaff), F_OK))
		message("dma_affinity has been unloaded: load it with 'modprobe dma_affinity'");
	else if (err == EACCES || err == EPERM)
		message("%s: the table names other users' threads and is for root only: use sudo",
			options->view->name);
	else if (err == EBADMSG)
		message("%s/%s is of an unknown form: use the module's dmaaff-stat",
			dmaaff_path(report->dmaaff), options->view->name);
	else
		message("cannot read %s in %s: %s", options->view->name,
			dmaaff_path(report->dmaaff), strerror(err));
}

static int write_report(const struct options *options, struct report *report)
{
	size_t size = 0;
	char *text = NULL;
	int result;

	report->out = open_memstream(&text, &size);
	if (!report->out) {
		explain(options, report);
		return -1;
	}
	if (report->nr && !report->json)
		fputc('\n', report->out);
	result = options->view->write(report);
	if (result)
		explain(options, report);
	if (fclose(report->out) && !result) {
		message("cannot hold a report: %s", strerror(errno));
		result = -1;
	}
	if (!result)
		result = put(text, size);
	free(text);
	report->nr++;
	return result;
}

/* A view with rates looks at a second, or less, before its first report. */
static int begin(const struct options *options, struct report *report, bool *stopped)
{
	*stopped = false;
	if (!options->view->begin)
		return 0;
	if (options->view->begin(report)) {
		explain(options, report);
		return -1;
	}
	*stopped = !pace_wait(options->seconds < 1 ? options->seconds : 1);
	return 0;
}

static int run(const struct options *options, struct report *report)
{
	bool stopped;

	if (begin(options, report, &stopped))
		return -1;
	while (!stopped) {
		if (write_report(options, report))
			return -1;
		if (options->count && report->nr >= options->count)
			break;
		stopped = !pace_wait(options->seconds);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct options options = { .view = &engines_view, .seconds = 1, .count = 1 };
	struct report report = { 0 };
	int result;

	pace_start();
	result = parse_options(&options, argc, argv);
	if (result >= 0)
		return result;
	report.json = options.json;
	/*
	 * The other hash asks for a random seed, and a machine that has just booted
	 * may busily collect entropy for seconds before it gives one.
	 */
	if (options.json)
		json_global_set_string_hash(JSON_C_STR_HASH_PERLLIKE);
	report.dmaaff = dmaaff_open(NULL);
	if (!report.dmaaff || columns_init(&report.columns, options.view->columns)) {
		explain(&options, &report);
		dmaaff_close(report.dmaaff);
		return EXIT_FAILURE;
	}
	result = run(&options, &report);
	columns_free(&report.columns);
	dmaaff_snapshot_free(report.before);
	dmaaff_close(report.dmaaff);
	return result ? EXIT_FAILURE : EXIT_SUCCESS;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Recording is trace-cmd's work: libtracecmd reads recordings, but has no
 * interface to write them.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "module.h"
#include "record.h"

/* The program of that name beside this one, or else wherever it is */
static void run_beside(const char *name, char *const *argv)
{
	char path[PATH_MAX];
	ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	if (size > 0) {
		path[size] = '\0';
		slash = strrchr(path, '/');
		if (slash && (size_t)(slash + 1 - path) + strlen(name) < sizeof(path)) {
			memcpy(slash + 1, name, strlen(name) + 1);
			execv(path, argv);
		}
	}
	execvp(name, argv);
}

static size_t count(char *const *words)
{
	size_t nr = 0;

	while (words[nr])
		nr++;
	return nr;
}

int record_run(const struct options *options)
{
	static const char *const begin[] = {
		"trace-cmd", "record", "-q", "-C", "mono", "-b", "4096",
		"-e", "dma_affinity:*", "-o",
	};
	const size_t fixed = sizeof(begin) / sizeof(*begin);
	const char *output = options->output ? options->output : "dma_affinity.dat";
	struct dmaaff *dmaaff = module_open(options->root);
	const char **argv;

	if (!dmaaff)
		return EXIT_FAILURE;
	dmaaff_close(dmaaff);
	argv = calloc(fixed + count(options->words) + 2, sizeof(char *));
	if (!argv) {
		message("no memory");
		return EXIT_FAILURE;
	}
	memcpy(argv, begin, sizeof(begin));
	argv[fixed] = output;
	memcpy(argv + fixed + 1, options->words, count(options->words) * sizeof(char *));
	execvp(argv[0], (char *const *)argv);
	message("cannot run trace-cmd: %s%s", strerror(errno),
		errno == ENOENT ? "; it is in Debian's package trace-cmd" : "");
	free(argv);
	return EXIT_FAILURE;
}

int replay_run(const struct options *options)
{
	const size_t nr = count(options->words);
	const char **argv;
	size_t at = 0, i;

	if (!nr)
		return usage("argument", "FILE", "is missing");
	argv = calloc(2 * nr + 4, sizeof(char *));
	if (!argv) {
		message("no memory");
		return 2;
	}
	argv[at++] = "dmaaff-lab";
	argv[at++] = "replay";
	if (options->form == FORM_JSON)
		argv[at++] = "--json";
	for (i = 1; i < nr; i++) {
		argv[at++] = "--set";
		argv[at++] = options->words[i];
	}
	argv[at] = options->words[0];
	run_beside(argv[0], (char *const *)argv);
	message("cannot run dmaaff-lab: %s", strerror(errno));
	free(argv);
	/* 1 is dmaaff-lab's, for other decisions. */
	return 2;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Recording is trace-cmd's work: libtracecmd reads recordings, but has no
 * interface to write them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "module.h"
#include "record.h"

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

// SPDX-License-Identifier: GPL-2.0
/* The command: when metrics are written, and where. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "message.h"
#include "metrics.h"
#include "module.h"
#include "output.h"
#include "pace.h"

/* To be released by free(); NULL for stdout, or without memory. */
static char *target(const char *output)
{
	struct stat about;
	char *path;

	if (!output)
		return NULL;
	if (!stat(output, &about) && S_ISDIR(about.st_mode)) {
		if (asprintf(&path, "%s/dma_affinity.prom", output) < 0)
			return NULL;
		return path;
	}
	return strdup(output);
}

static int write_once(struct dmaaff *dmaaff, const char *path)
{
	struct dmaaff_snapshot *snapshot = dmaaff_snapshot_read(dmaaff);
	char *text = NULL;
	size_t size;
	FILE *out;
	int result = -1;

	if (!snapshot) {
		module_explain(dmaaff, "engines");
		return -1;
	}
	out = open_memstream(&text, &size);
	if (out) {
		metrics_write(snapshot, out);
		if (fclose(out))
			message("cannot hold a report: %s", strerror(errno));
		else
			result = path ? output_replace(path, text, size) : output_put(text, size);
	}
	free(text);
	dmaaff_snapshot_free(snapshot);
	return result;
}

int metrics_run(const struct options *options)
{
	struct dmaaff *dmaaff = module_open(options->root);
	char *path = target(options->output);
	unsigned long nr = 0;
	int result = dmaaff && (path || !options->output) ? 0 : -1;

	while (!result) {
		result = write_once(dmaaff, path);
		if (result || (options->count && ++nr >= options->count) ||
		    !pace_wait(options->seconds))
			break;
	}
	free(path);
	dmaaff_close(dmaaff);
	return result ? EXIT_FAILURE : EXIT_SUCCESS;
}

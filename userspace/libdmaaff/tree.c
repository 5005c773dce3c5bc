// SPDX-License-Identifier: GPL-2.0
/* The module's folder: is it there, what is set. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysfs/libsysfs.h>

#include "attr.h"

/*
 * libsysfs's own sysfs_get_mnt_path() takes a mounted sysfs only, which a
 * recorded tree is not.
 */
static const char *sysfs_path(void)
{
	const char *path = getenv(SYSFS_PATH_ENV);

	return path && *path ? path : SYSFS_MNT_PATH;
}

DMAAFF_PUBLIC struct dmaaff *dmaaff_open(const char *sysfs)
{
	struct dmaaff *dmaaff = calloc(1, sizeof(*dmaaff));
	struct stat st;

	if (!dmaaff)
		return NULL;
	if ((size_t)snprintf(dmaaff->path, sizeof(dmaaff->path), "%s/kernel/dma_affinity",
			     sysfs ? sysfs : sysfs_path()) >= sizeof(dmaaff->path)) {
		free(dmaaff);
		errno = ENAMETOOLONG;
		return NULL;
	}
	if (stat(dmaaff->path, &st)) {
		int err = errno;

		free(dmaaff);
		errno = err;
		return NULL;
	}
	return dmaaff;
}

DMAAFF_PUBLIC void dmaaff_close(struct dmaaff *dmaaff)
{
	free(dmaaff);
}

DMAAFF_PUBLIC const char *dmaaff_path(const struct dmaaff *dmaaff)
{
	return dmaaff->path;
}

static int tunable_filter(const struct dirent *entry)
{
	const char *c = entry->d_name;

	for (; *c; c++) {
		if (!isupper((unsigned char)*c) && !isdigit((unsigned char)*c) && *c != '_')
			return 0;
	}
	return 1;
}

DMAAFF_PUBLIC struct dmaaff_tunables *dmaaff_tunables_read(struct dmaaff *dmaaff)
{
	struct dmaaff_tunables *tunables = calloc(1, sizeof(*tunables));
	struct dirent **entries = NULL;
	int nr, i, err = 0;

	if (!tunables)
		return NULL;
	nr = scandir(dmaaff->path, &entries, tunable_filter, alphasort);
	if (nr < 0) {
		err = errno;
		goto out;
	}
	tunables->tunables = calloc(nr ? nr : 1, sizeof(*tunables->tunables));
	if (!tunables->tunables)
		err = ENOMEM;
	for (i = 0; i < nr; i++) {
		if (!err) {
			struct dmaaff_tunable *tunable = &tunables->tunables[tunables->nr];

			tunable->name = strdup(entries[i]->d_name);
			tunable->value = attr_read(dmaaff->path, entries[i]->d_name);
			if (tunable->name)
				tunables->nr++;
			else
				err = ENOMEM;
		}
		free(entries[i]);
	}
	free(entries);
out:
	if (err) {
		dmaaff_tunables_free(tunables);
		errno = err;
		return NULL;
	}
	return tunables;
}

DMAAFF_PUBLIC void dmaaff_tunables_free(struct dmaaff_tunables *tunables)
{
	size_t i;

	if (!tunables)
		return;
	for (i = 0; i < tunables->nr; i++) {
		free(tunables->tunables[i].name);
		free(tunables->tunables[i].value);
	}
	free(tunables->tunables);
	free(tunables);
}

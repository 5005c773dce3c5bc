// SPDX-License-Identifier: GPL-2.0
/* The module's folder: is it there. */
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

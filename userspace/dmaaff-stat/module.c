// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "module.h"

struct dmaaff *module_open(const char *root)
{
	struct dmaaff *dmaaff = dmaaff_open(root);

	if (!dmaaff && errno == ENOENT && root)
		message("no dma_affinity in %s: there is no kernel/dma_affinity", root);
	else if (!dmaaff && errno == ENOENT)
		message("dma_affinity is not loaded: load it with 'modprobe dma_affinity'");
	else if (!dmaaff)
		message("cannot open dma_affinity's folder in sysfs: %s", strerror(errno));
	return dmaaff;
}

void module_explain(const struct dmaaff *dmaaff, const char *what)
{
	const char *path = dmaaff_path(dmaaff);
	int err = errno;

	if (access(path, F_OK))
		message("dma_affinity has been unloaded: load it with 'modprobe dma_affinity'");
	else if (err == EACCES || err == EPERM)
		message("%s: the table names other users' threads and is for root only: use sudo",
			what);
	else if (err == EBADMSG)
		message("%s/%s is of an unknown form: use the module's dmaaff-stat", path, what);
	else
		message("cannot read %s in %s: %s", what, path, strerror(err));
}

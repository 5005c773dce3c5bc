// SPDX-License-Identifier: GPL-2.0
/* Boots a kernel and runs a command in it: vmrun ROOT BUILD [OPTION]... -- COMMAND [ARG...] */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm.h"

static void drop(const char *folder, const char *name)
{
	char *path = text("%s/%s", folder, name);

	unlink(path);
	free(path);
}

static char *make_folder(const struct options *options)
{
	char *folder = text("%s/vm/run.XXXXXX", options->build);

	if (!mkdtemp(folder))
		fail(STATUS_VM, "cannot make %s: %m", folder);
	return folder;
}

static void keep_log(const char *folder, const char *as)
{
	char *log = text("%s/console.log", folder);
	char *argv[] = { "cp", "--", log, (char *)as, NULL };

	lines_of(argv);
	free(log);
}

int main(int argc, char **argv)
{
	static const char * const passing[] = { "initramfs", "out", "err", "status" };
	static const char * const kept[] = { "console.log", "qemu.log" };
	struct options options = { 0 };
	struct outcome outcome = { 0 };
	struct kernel kernel;
	char *folder, *initramfs, *reason;
	int status;

	if (argc < 3)
		fail(STATUS_USAGE, "this program is tools/vm/run's");
	options.root = argv[1];
	options.build = argv[2];
	argv[2] = argv[0];
	options_parse(&options, argc - 2, argv + 2);
	kernel_find(&kernel, &options);

	relay_prepare();
	folder = make_folder(&options);
	initramfs = text("%s/initramfs", folder);
	initramfs_write(initramfs, &options, &kernel);
	relay(&outcome, folder, qemu_start(folder, &options, &kernel), options.timeout_s);
	status = verdict(folder, &outcome, &options, &reason);

	if (options.log)
		keep_log(folder, options.log);
	for (size_t i = 0; i < sizeof(passing) / sizeof(*passing); i++)
		drop(folder, passing[i]);
	if (reason)
		fail(status, "%s (log: %s/console.log)", reason, folder);
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		drop(folder, kept[i]);
	rmdir(folder);
	return status;
}

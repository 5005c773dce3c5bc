// SPDX-License-Identifier: GPL-2.0
/* Boots a kernel and runs a command in it: vmrun ROOT BUILD [OPTION]... -- COMMAND [ARG...] */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm.h"

/* All files of this run; it goes at the end, but for the logs of a machine that failed. */
static char *folder;
static bool logs_kept;

static void drop(const char *name)
{
	char *path = text("%s/%s", folder, name);

	unlink(path);
	free(path);
}

static void drop_folder(void)
{
	static const char * const passing[] = { "initramfs", "out", "err", "status", "wire" };
	static const char * const logs[] = { "console.log", "qemu.log" };

	for (size_t i = 0; i < sizeof(passing) / sizeof(*passing); i++)
		drop(passing[i]);
	if (logs_kept)
		return;
	for (size_t i = 0; i < sizeof(logs) / sizeof(*logs); i++)
		drop(logs[i]);
	rmdir(folder);
}

static void make_folder(const struct options *options)
{
	folder = text("%s/vm/run.XXXXXX", options->build);
	if (!mkdtemp(folder))
		fail(STATUS_VM, "cannot make %s: %m", folder);
	atexit(drop_folder);
}

static void copy_log(const char *as)
{
	char *log = text("%s/console.log", folder);
	char *argv[] = { "cp", "--", log, (char *)as, NULL };

	lines_of(argv);
	free(log);
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	struct outcome outcome = { 0 };
	struct kernel kernel;
	char *initramfs, *reason;
	int status;

	if (argc < 3)
		fail(STATUS_USAGE, "this program is tools/vm/run's");
	options.root = argv[1];
	options.build = argv[2];
	argv[2] = argv[0];
	options_parse(&options, argc - 2, argv + 2);
	kernel_find(&kernel, &options);
	qemu_check(&options);

	relay_prepare();
	make_folder(&options);
	if (options.machine->wire)
		wire_open(folder);
	initramfs = text("%s/initramfs", folder);
	initramfs_write(initramfs, &options, &kernel);
	relay(&outcome, folder, qemu_start(folder, &options, &kernel), options.timeout_s);
	status = verdict(folder, &outcome, &options, &reason);

	if (options.log)
		copy_log(options.log);
	if (reason) {
		logs_kept = true;
		fail(status, "%s (log: %s/console.log)", reason, folder);
	}
	return status;
}

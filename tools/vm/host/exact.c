// SPDX-License-Identifier: GPL-2.0
/* What the initramfs holds under --exact: all that COMMAND will find. */
#include <dirent.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm.h"

#define MODULE "module:"

static void pack_module(struct cpio *cpio, const struct kernel *kernel, const char *name)
{
	struct words files = kernel_module_files(kernel, name);

	for (size_t i = 0; i < files.count; i++)
		cpio_file(cpio, files.at[i] + strlen(kernel->modules), files.at[i]);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Modules of build/, and the lists that modprobe reads. */
static void pack_modules(struct cpio *cpio, const struct kernel *kernel)
{
	static const char * const lists[] = {
		"modules.dep.bin", "modules.alias.bin", "modules.symbols.bin",
		"modules.builtin.bin", "modules.builtin.alias.bin", "modules.softdep",
		"modules.builtin", "modules.order", "modules.builtin.modinfo",
	};
	char *folder = text("/lib/modules/%s", kernel->release);
	char *dep = text("%s%s/modules.dep", kernel->modules, folder);
	char *argv[] = { "sed", "-n", "s|^extra/\\(.*/\\)\\?\\(.*\\)\\.ko:.*|\\2|p", dep, NULL };
	struct words ours = lines_of(argv);

	if (ours.count)
		qsort(ours.at, ours.count, sizeof(*ours.at), by_name);
	for (size_t i = 0; i < ours.count; i++)
		pack_module(cpio, kernel, ours.at[i]);
	pack_module(cpio, kernel, "configfs");
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		char *source = text("%s%s/%s", kernel->modules, folder, lists[i]);

		if (!access(source, R_OK))
			cpio_file(cpio, text("%s/%s", folder, lists[i]), source);
	}
}

static void pack_program(struct cpio *cpio, const struct options *options, const char *name)
{
	char *source = program_find(options, name);

	if (!source)
		fail(STATUS_VM, "%s is not on this machine: run tools/setup", name);
	program_pack(cpio, options, text("/bin/%s", name), source);
	free(source);
}

/*
 * busybox under the names of all its tools, but for those of kmod, and for sh: busybox's
 * own runs its own tools whatever lies in $PATH.
 */
static void pack_tools(struct cpio *cpio, const struct options *options)
{
	static const char * const kmod_names[] = {
		"depmod", "insmod", "lsmod", "modinfo", "modprobe", "rmmod",
	};
	char *argv[] = { "busybox", "--list", NULL };
	struct words applets = lines_of(argv);

	pack_program(cpio, options, "busybox");
	pack_program(cpio, options, "kmod");
	pack_program(cpio, options, "dash");
	cpio_link(cpio, "/bin/sh", "dash");
	for (size_t i = 0; i < sizeof(kmod_names) / sizeof(*kmod_names); i++)
		cpio_link(cpio, text("/bin/%s", kmod_names[i]), "kmod");
	for (size_t i = 0; i < applets.count; i++)
		cpio_link(cpio, text("/bin/%s", applets.at[i]), "busybox");
	cpio_link(cpio, "/sbin", "bin");
	cpio_link(cpio, "/usr/bin", "../bin");
	cpio_link(cpio, "/usr/sbin", "../bin");
	/* The C library opens it by name where a thread ends early. */
	if (!access("/lib/x86_64-linux-gnu/libgcc_s.so.1", R_OK))
		cpio_file(cpio, "/lib/x86_64-linux-gnu/libgcc_s.so.1",
			  "/lib/x86_64-linux-gnu/libgcc_s.so.1");
}

static int is_file(const char *path)
{
	struct stat about;

	return !stat(path, &about) && S_ISREG(about.st_mode);
}

static void pack_our_programs(struct cpio *cpio, const struct options *options)
{
	struct dirent **entries;
	int count = scandir(text("%s/bin", options->build), &entries, NULL, alphasort);

	/* Nothing may be built yet. */
	for (int i = 0; i < count; i++) {
		char *source = text("%s/bin/%s", options->build, entries[i]->d_name);

		if (is_file(source))
			program_pack(cpio, options, text("/bin/%s", entries[i]->d_name), source);
		free(source);
		free(entries[i]);
	}
}

/* The file at its path; an executable also in $PATH; a relative path also from the root. */
static void add_file(struct cpio *cpio, const struct options *options, const char *name)
{
	char *path = realpath(name, NULL), *where;

	if (!path)
		fail(STATUS_USAGE, "--add %s: %m", name);
	where = *name == '/' ? text("%s", name) : text("%s", path);
	if (is_file(path)) {
		program_pack(cpio, options, where, path);
		if (!access(path, X_OK))
			cpio_link(cpio, text("/bin/%s", basename(text("%s", name))), where);
	} else {
		cpio_tree(cpio, where, path);
	}
	if (*name != '/' && !strstr(name, "..")) {
		while (!strncmp(name, "./", 2))
			name += 2;
		cpio_link(cpio, text("/%s", name), where);
	}
}

static void add(struct cpio *cpio, const struct options *options, const struct kernel *kernel,
		const char *name)
{
	char *program;

	if (!strncmp(name, MODULE, strlen(MODULE))) {
		pack_module(cpio, kernel, name + strlen(MODULE));
		return;
	}
	program = strchr(name, '/') ? NULL : program_find(options, name);
	if (program)
		program_pack(cpio, options, text("/bin/%s", name), program);
	else if (strchr(name, '/') || is_file(name))
		add_file(cpio, options, name);
	else
		fail(STATUS_USAGE, "--add %s: no such file, and no such program in $PATH", name);
	free(program);
}

void exact_pack(struct cpio *cpio, const struct options *options, const struct kernel *kernel)
{
	/* What the user asks for comes first: of two with one name the first is kept. */
	for (size_t i = 0; i < options->add.count; i++)
		add(cpio, options, kernel, options->add.at[i]);
	pack_our_programs(cpio, options);
	pack_tools(cpio, options);
	pack_modules(cpio, kernel);
	if (options->share)
		cpio_tree(cpio, "/share", options->share);
}

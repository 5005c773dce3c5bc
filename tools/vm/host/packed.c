// SPDX-License-Identifier: GPL-2.0
/* What the initramfs holds where nothing of the host is there: all that COMMAND will find. */
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

static void pack_lists(struct cpio *cpio, const struct kernel *kernel, const char * const *lists)
{
	for (; *lists; lists++) {
		char *path = text("/lib/modules/%s/%s", kernel->release, *lists);
		char *source = text("%s%s", kernel->modules, path);

		if (!access(source, R_OK))
			cpio_file(cpio, path, source);
		free(source);
		free(path);
	}
}

/* Modules of build/, and the lists that modprobe reads. */
static void pack_modules(struct cpio *cpio, const struct options *options,
			 const struct kernel *kernel)
{
	static const char * const kmod_lists[] = {
		"modules.dep.bin", "modules.alias.bin", "modules.symbols.bin",
		"modules.builtin.bin", "modules.builtin.alias.bin", "modules.softdep",
		"modules.builtin", "modules.order", "modules.builtin.modinfo", NULL,
	};
	static const char * const busybox_lists[] = {
		"modules.dep", "modules.alias", "modules.symbols", "modules.builtin", NULL,
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
	pack_lists(cpio, kernel, options->machine->board ? busybox_lists : kmod_lists);
}

static void pack_program(struct cpio *cpio, const struct options *options, const char *name)
{
	char *source = program_find(options, name);

	if (!source)
		fail(STATUS_VM, "%s is not on this machine: run tools/setup", name);
	program_pack(cpio, options, text("/bin/%s", name), source);
	free(source);
}

/* busybox's own sh runs its own tools whatever lies in $PATH. */
static void pack_kmod_and_sh(struct cpio *cpio, const struct options *options)
{
	static const char * const kmod_names[] = {
		"depmod", "insmod", "lsmod", "modinfo", "modprobe", "rmmod",
	};

	pack_program(cpio, options, "kmod");
	pack_program(cpio, options, "dash");
	cpio_link(cpio, "/bin/sh", "dash");
	for (size_t i = 0; i < sizeof(kmod_names) / sizeof(*kmod_names); i++)
		cpio_link(cpio, text("/bin/%s", kmod_names[i]), "kmod");
}

/* busybox under the names of all its tools that are not there yet. */
static void pack_tools(struct cpio *cpio, const struct options *options,
		       const struct kernel *kernel)
{
	/* Debian builds it with the same tools for every machine. */
	char *argv[] = { "busybox", "--list", NULL };
	struct words applets = lines_of(argv);

	if (options->machine->board) {
		cpio_file(cpio, "/bin/busybox", text("%s/busybox", kernel->folder));
	} else {
		pack_program(cpio, options, "busybox");
		pack_kmod_and_sh(cpio, options);
	}
	for (size_t i = 0; i < applets.count; i++)
		cpio_link(cpio, text("/bin/%s", applets.at[i]), "busybox");
	cpio_link(cpio, "/sbin", "bin");
	cpio_link(cpio, "/usr/bin", "../bin");
	cpio_link(cpio, "/usr/sbin", "../bin");
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
	/* The C library opens it by name where a thread ends early. */
	if (!access("/lib/x86_64-linux-gnu/libgcc_s.so.1", R_OK))
		cpio_file(cpio, "/lib/x86_64-linux-gnu/libgcc_s.so.1",
			  "/lib/x86_64-linux-gnu/libgcc_s.so.1");
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
	/* Programs of this machine do not run on a board. */
	program = strchr(name, '/') || options->machine->board ?
		  NULL : program_find(options, name);
	if (program)
		program_pack(cpio, options, text("/bin/%s", name), program);
	else if (strchr(name, '/') || is_file(name))
		add_file(cpio, options, name);
	else
		fail(STATUS_USAGE, "--add %s: no such file, and no such program in $PATH", name);
	free(program);
}

void packed_pack(struct cpio *cpio, const struct options *options, const struct kernel *kernel)
{
	/* What the user asks for comes first: of two with one name the first is kept. */
	for (size_t i = 0; i < options->add.count; i++)
		add(cpio, options, kernel, options->add.at[i]);
	if (!options->machine->board)
		pack_our_programs(cpio, options);
	pack_tools(cpio, options, kernel);
	pack_modules(cpio, options, kernel);
	if (options->share)
		cpio_tree(cpio, "/share", options->share);
}

// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "vm.h"

bool kernel_watches(const char *name)
{
	return !strcmp(name, "debug") || !strcmp(name, "kcsan");
}

/* Builds it, and the modules for it, as far as that is not done. */
static void build(const struct options *options)
{
	char *argv[] = { "make", "-s", "-C", (char *)options->root,
			 text("BUILD=%s", options->build),
			 text("modules-%s-%s", options->machine->arch, options->kernel), NULL };

	run(argv);
}

void kernel_find(struct kernel *kernel, const struct options *options)
{
	char *script = text("%s/tools/vm/modtree", options->root);
	char *argv[] = { script, (char *)options->kernel, (char *)options->build,
			 (char *)options->machine->arch, NULL };
	struct words lines;

	if (kernel_watches(options->kernel))
		build(options);
	lines = lines_of(argv);
	if (lines.count != 3)
		fail(STATUS_VM, "%s does not say where the kernel is", script);
	kernel->folder = lines.at[0];
	kernel->release = lines.at[1];
	kernel->modules = lines.at[2];
}

struct words kernel_module_files(const struct kernel *kernel, const char *name)
{
	char *argv[] = { "modprobe", "-d", kernel->modules, "-S", kernel->release,
			 "-C", "/dev/null", "--show-depends", (char *)name, NULL };
	struct words lines = lines_of(argv), files = { 0 };

	for (size_t i = 0; i < lines.count; i++) {
		char *path;

		if (strncmp(lines.at[i], "insmod ", 7))
			continue;
		path = lines.at[i] + 7;
		path[strcspn(path, " ")] = '\0';
		words_add(&files, path);
	}
	return files;
}

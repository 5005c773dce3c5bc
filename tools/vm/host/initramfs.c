// SPDX-License-Identifier: GPL-2.0
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <string.h>
#include <unistd.h>

#include "vm.h"

/* What the host's root needs. */
static const char * const hostroot_modules[] = { "9pnet_virtio", "9p", "overlay", NULL };

struct list {
	char *text;
	size_t size;
	FILE *to;
};

static void list_open(struct list *list)
{
	list->to = open_memstream(&list->text, &list->size);
	if (!list->to)
		fail(STATUS_VM, "no memory");
}

static void list_pack(struct list *list, struct cpio *cpio, const char *path)
{
	fclose(list->to);
	cpio_bytes(cpio, path, list->text, list->size);
	free(list->text);
}

static void pack_modules(struct cpio *cpio, struct list *list, const struct kernel *kernel,
			 const char * const *names)
{
	for (; *names; names++) {
		struct words files = kernel_module_files(kernel, *names);

		for (size_t j = 0; j < files.count; j++) {
			char *path = text("/vm/%s", basename(files.at[j]));

			if (!cpio_has(cpio, path)) {
				cpio_file(cpio, path, files.at[j]);
				fprintf(list->to, "%s\n", path);
			}
			free(path);
		}
	}
}

static void pack_early_modules(struct cpio *cpio, const struct options *options,
			       const struct kernel *kernel)
{
	struct list list;

	list_open(&list);
	pack_modules(cpio, &list, kernel, options->machine->modules);
	if (!options->packed)
		pack_modules(cpio, &list, kernel, hostroot_modules);
	list_pack(&list, cpio, "/vm/modules");
}

static void pack_command(struct cpio *cpio, const struct options *options)
{
	struct list list;

	list_open(&list);
	for (char **word = options->command; *word; word++)
		fwrite(*word, strlen(*word) + 1, 1, list.to);
	list_pack(&list, cpio, "/vm/argv");
}

/* The lines are guest/init.c's setup_words[]. */
static void pack_setup(struct cpio *cpio, const struct options *options,
		       const struct kernel *kernel)
{
	static const char path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char *here = getcwd(NULL, 0);
	struct list list;

	list_open(&list);
	if (options->packed) {
		fprintf(list.to, "mounts\n");
		if (options->share)
			fprintf(list.to, "share-copy\n");
		/* The kernel started one: see qemu.c. */
		if (options->exact)
			fprintf(list.to, "cpus %d\n", options->cpus);
		fprintf(list.to, "path %s\n", path);
	} else {
		fprintf(list.to, "hostroot\n");
		fprintf(list.to, "bind %s/lib/modules/%s /lib/modules/%s\n", kernel->modules,
			kernel->release, kernel->release);
		fprintf(list.to, "mounts\n");
		if (options->share)
			fprintf(list.to, "share\n");
		fprintf(list.to, "path %s/bin:%s\n", options->build, path);
		fprintf(list.to, "libraries %s/lib\n", options->build);
		fprintf(list.to, "directory %s\n", here);
	}
	list_pack(&list, cpio, "/vm/setup");
	free(here);
}

void initramfs_write(const char *path, const struct options *options, const struct kernel *kernel)
{
	struct cpio *cpio = cpio_create(path);
	char *init = text("%s/vm/%s", options->build, options->machine->init);

	if (access(init, R_OK))
		fail(STATUS_VM, "there is no %s: run tools/setup, for the compiler", init);
	cpio_directory(cpio, "/root");
	cpio_file(cpio, "/init", init);
	pack_early_modules(cpio, options, kernel);
	pack_setup(cpio, options, kernel);
	pack_command(cpio, options);
	if (options->machine->wire)
		cpio_bytes(cpio, "/vm/wire", options->machine->wire,
			   strlen(options->machine->wire));
	if (options->packed)
		packed_pack(cpio, options, kernel);
	cpio_finish(cpio);
	free(init);
}

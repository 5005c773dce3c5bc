// SPDX-License-Identifier: GPL-2.0
/* Programs in an initramfs: the file, the libraries it is linked with, the shell it wants. */
#include <elf.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm.h"

#define LIBRARIES "/lib/x86_64-linux-gnu"

char *program_find(const struct options *options, const char *name)
{
	char *folders = text("%s/bin:%s:/usr/sbin:/sbin", options->build, getenv("PATH") ?: "");
	char *rest = folders, *folder, *found = NULL;
	struct stat about;

	while (!found && (folder = strsep(&rest, ":"))) {
		char *path = text("%s/%s", folder, name);

		if (*folder && !access(path, X_OK) && !stat(path, &about) && S_ISREG(about.st_mode))
			found = path;
		else
			free(path);
	}
	free(folders);
	return found;
}

/* The first bytes of a file, as a string; its size, which may be 0. */
static size_t head_of(const char *source, char *head, size_t room)
{
	int fd = open(source, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, head, room - 1);

	if (got < 0)
		fail(STATUS_VM, "cannot read %s: %m", source);
	close(fd);
	head[got] = '\0';
	return got;
}

static void pack_libraries(struct cpio *cpio, const struct options *options, const char *source)
{
	/* ldd ends with 1 for a program that needs none. */
	char *argv[] = { "sh", "-c", "LD_LIBRARY_PATH=$1/lib ldd \"$2\" 2> /dev/null || :", "sh",
			 (char *)options->build, (char *)source, NULL };
	struct words lines = lines_of(argv);

	for (size_t i = 0; i < lines.count; i++) {
		char *name = lines.at[i] + strspn(lines.at[i], " \t"), *path = strstr(name, "=> ");

		if (strstr(name, "not found"))
			fail(STATUS_VM, "%s: library %s", source, name);
		path = path ? path + 3 : name;
		if (*path != '/')
			continue;
		path[strcspn(path, " ")] = '\0';
		/* The loader is named by its path, the others are looked for. */
		if (path == name) {
			cpio_file(cpio, path, path);
		} else {
			name[strcspn(name, " ")] = '\0';
			cpio_file(cpio, text(LIBRARIES "/%s", name), path);
		}
	}
}

static void pack_interpreter(struct cpio *cpio, const struct options *options, char *line)
{
	char *path, *name;

	line[strcspn(line, "\n")] = '\0';
	path = strtok(line, " \t");
	name = path ? basename(path) : NULL;
	if (name && !strcmp(name, "env"))
		name = strtok(NULL, " \t");
	if (!name || !strcmp(name, "sh"))
		return;
	path = program_find(options, name);
	if (!path)
		fail(STATUS_VM, "a script of --add wants '%s', which is not on this machine", name);
	program_pack(cpio, options, text("/bin/%s", name), path);
	free(path);
}

void program_pack(struct cpio *cpio, const struct options *options, const char *path,
		  const char *source)
{
	char head[256];
	size_t size;

	if (cpio_has(cpio, path))
		return;
	size = head_of(source, head, sizeof(head));
	cpio_file(cpio, path, source);
	if (options->machine->board)
		return;
	if (size > SELFMAG && !memcmp(head, ELFMAG, SELFMAG))
		pack_libraries(cpio, options, source);
	else if (!strncmp(head, "#!", 2))
		pack_interpreter(cpio, options, head + 2);
}

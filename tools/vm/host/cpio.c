// SPDX-License-Identifier: GPL-2.0
/*
 * The initramfs format: no owner but root, no time but 0, inode numbers in order,
 * so that the same contents always make the same bytes.
 */
#include <dirent.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm.h"

#define ALIGNMENT 4

struct cpio {
	FILE *to;
	unsigned int entries;
	size_t written;
	void *paths;			/* of all entries, by tsearch() */
};

static void put(struct cpio *cpio, const void *bytes, size_t size)
{
	if (size && fwrite(bytes, size, 1, cpio->to) != 1)
		fail(STATUS_VM, "cannot write the initramfs: %m");
	cpio->written += size;
}

static void align(struct cpio *cpio)
{
	static const char zeros[ALIGNMENT];

	put(cpio, zeros, -cpio->written % ALIGNMENT);
}

/* Writes an entry's header; size bytes of contents and align() are to follow. */
static void put_header(struct cpio *cpio, const char *path, mode_t mode, size_t size)
{
	/* magic, inode, mode, uid, gid, links, time, size, four device numbers, name's size, sum */
	char *header = text("070701%08X%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X",
			    ++cpio->entries, mode, 0, 0, 1, 0, size, 0, 0, 0, 0,
			    strlen(path) + 1, 0);

	put(cpio, header, strlen(header));
	put(cpio, path, strlen(path) + 1);
	align(cpio);
	free(header);
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

bool cpio_has(struct cpio *cpio, const char *path)
{
	return tfind(path, &cpio->paths, compare);
}

/* Enters a path and the folders above it; false if it is there already. */
static bool enter(struct cpio *cpio, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (cpio_has(cpio, path))
		return false;
	if (slash > path) {
		char *above = strndup(path, slash - path);

		cpio_directory(cpio, above);
		free(above);
	}
	if (!tsearch(text("%s", path), &cpio->paths, compare))
		fail(STATUS_VM, "no memory");
	return true;
}

struct cpio *cpio_create(const char *path)
{
	struct cpio *cpio = calloc(1, sizeof(*cpio));

	if (!cpio)
		fail(STATUS_VM, "no memory");
	cpio->to = fopen(path, "we");
	if (!cpio->to)
		fail(STATUS_VM, "cannot write %s: %m", path);
	return cpio;
}

void cpio_directory(struct cpio *cpio, const char *path)
{
	if (enter(cpio, path))
		put_header(cpio, path + 1, S_IFDIR | 0755, 0);
}

void cpio_link(struct cpio *cpio, const char *path, const char *target)
{
	if (!enter(cpio, path))
		return;
	put_header(cpio, path + 1, S_IFLNK | 0777, strlen(target));
	put(cpio, target, strlen(target));
	align(cpio);
}

static void put_file(struct cpio *cpio, const char *path, mode_t mode, const void *bytes,
		     size_t size)
{
	if (!enter(cpio, path))
		return;
	put_header(cpio, path + 1, S_IFREG | mode, size);
	put(cpio, bytes, size);
	align(cpio);
}

void cpio_bytes(struct cpio *cpio, const char *path, const void *bytes, size_t size)
{
	put_file(cpio, path, 0644, bytes, size);
}

void cpio_file(struct cpio *cpio, const char *path, const char *source)
{
	FILE *from = fopen(source, "re");
	struct stat about;
	char *bytes;

	if (!from || fstat(fileno(from), &about))
		fail(STATUS_VM, "cannot read %s: %m", source);
	bytes = malloc(about.st_size + 1);
	if (!bytes)
		fail(STATUS_VM, "no memory for %s", source);
	if (fread(bytes, 1, about.st_size, from) != (size_t)about.st_size)
		fail(STATUS_VM, "%s changes while it is read", source);
	put_file(cpio, path, about.st_mode & 0755, bytes, about.st_size);
	free(bytes);
	fclose(from);
}

static int not_dots(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
}

void cpio_tree(struct cpio *cpio, const char *path, const char *source)
{
	struct dirent **entries;
	int count = scandir(source, &entries, not_dots, alphasort);

	if (count < 0)
		fail(STATUS_VM, "cannot read %s: %m", source);
	cpio_directory(cpio, path);
	for (int i = 0; i < count; i++) {
		char *to = text("%s/%s", path, entries[i]->d_name);
		char *from = text("%s/%s", source, entries[i]->d_name);
		char target[4096] = "";
		struct stat about;

		if (lstat(from, &about))
			fail(STATUS_VM, "cannot read %s: %m", from);
		if (S_ISDIR(about.st_mode)) {
			cpio_tree(cpio, to, from);
		} else if (S_ISREG(about.st_mode)) {
			cpio_file(cpio, to, from);
		} else if (S_ISLNK(about.st_mode)) {
			if (readlink(from, target, sizeof(target) - 1) < 0)
				fail(STATUS_VM, "cannot read %s: %m", from);
			cpio_link(cpio, to, target);
		}
		free(to);
		free(from);
		free(entries[i]);
	}
	free(entries);
}

void cpio_finish(struct cpio *cpio)
{
	put_header(cpio, "TRAILER!!!", 0, 0);
	if (fclose(cpio->to))
		fail(STATUS_VM, "cannot write the initramfs: %m");
	tdestroy(cpio->paths, free);
	free(cpio);
}

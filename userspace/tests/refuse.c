// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded: writes to a file of the name in REFUSE_FILE fail with the errno in
 * REFUSE_ERRNO, as the kernel refuses a value, which a plain file never does.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

ssize_t write(int fd, const void *buf, size_t size)
{
	static ssize_t (*real)(int fd, const void *buf, size_t size);
	const char *file = getenv("REFUSE_FILE"), *number = getenv("REFUSE_ERRNO");
	char link[64], path[4096] = "";
	char *name;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (readlink(link, path, sizeof(path) - 1) < 0)
		path[0] = '\0';
	name = strrchr(path, '/');
	if (file && number && name && !strcmp(name + 1, file)) {
		errno = strtol(number, NULL, 10);
		return -1;
	}
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "write");
	return real(fd, buf, size);
}

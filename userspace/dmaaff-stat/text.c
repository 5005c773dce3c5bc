// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

void text_make_clean(char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			*text = '?';
	}
}

char *text_clean(const char *text)
{
	char *copy = strdup(text);

	if (copy)
		text_make_clean(copy);
	return copy;
}

const char *text_comm(pid_t tid, char comm[COMM_SIZE])
{
	char path[64];
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	size = read(fd, comm, COMM_SIZE - 1);
	close(fd);
	if (size < 0)
		size = 0;
	/* The newline at the end is the kernel's, one before it the thread's. */
	if (size && comm[size - 1] == '\n')
		size--;
	comm[size] = '\0';
	text_make_clean(comm);
	return size ? comm : NULL;
}

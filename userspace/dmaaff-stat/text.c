// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

char *text_clean(const char *text)
{
	char *copy = strdup(text);
	char *c;

	for (c = copy; c && *c; c++) {
		if (*c < ' ' || *c > '~')
			*c = '?';
	}
	return copy;
}

char *text_comm(pid_t tid)
{
	char path[64], comm[64];
	char *copy = NULL;
	size_t size;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)tid);
	file = fopen(path, "re");
	if (!file)
		return NULL;
	size = fread(comm, 1, sizeof(comm) - 1, file);
	fclose(file);
	/* The newline at the end is the kernel's, one before it the thread's. */
	if (size && comm[size - 1] == '\n')
		size--;
	comm[size] = '\0';
	if (size)
		copy = text_clean(comm);
	return copy;
}

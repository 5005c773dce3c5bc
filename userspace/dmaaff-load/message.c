// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#include "message.h"

#define LINE_MAX_LEN	256
#define COMPLAINTS_MAX	8

static atomic_uint complaints;

/* One call a line: threads may speak at the same time. */
static void put(const char *line)
{
	fprintf(stderr, "dmaaff-load: %s\n", line);
}

void message(const char *format, ...)
{
	char line[LINE_MAX_LEN];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	put(line);
}

void complain(const char *format, ...)
{
	unsigned int before = atomic_fetch_add(&complaints, 1);
	char line[LINE_MAX_LEN];
	va_list args;

	if (before == COMPLAINTS_MAX)
		put("more errors are counted, not shown");
	if (before >= COMPLAINTS_MAX)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	put(line);
}

// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#include "message.h"

#define COMPLAINTS_MAX 8

static atomic_uint complaints;

static void print(const char *format, va_list args)
{
	/* One write a line: threads may speak at the same time. */
	char line[256];
	int len = vsnprintf(line, sizeof(line), format, args);

	if (len > 0)
		fprintf(stderr, "dmaaff-load: %s\n", line);
}

void message(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(format, args);
	va_end(args);
}

void complain(const char *format, ...)
{
	unsigned int before = atomic_fetch_add(&complaints, 1);
	va_list args;

	if (before == COMPLAINTS_MAX)
		message("more errors are counted, not shown");
	if (before >= COMPLAINTS_MAX)
		return;
	va_start(args, format);
	print(format, args);
	va_end(args);
}

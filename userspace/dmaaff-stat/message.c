// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "message.h"

void message(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

void warn_table(const char *table, bool torn, size_t skipped)
{
	if (torn)
		message("%s kept changing while it was read: rows may be missing or doubled",
			table);
	if (skipped)
		message("%s: left out %zu row%s of an unknown form: use the module's dmaaff-stat",
			table, skipped, skipped == 1 ? "" : "s");
}

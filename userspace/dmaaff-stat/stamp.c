// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <time.h>

#include "stamp.h"

double stamp_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

void stamp_text(char text[STAMP_SIZE])
{
	struct timespec now;
	struct tm utc;
	size_t used;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	used = strftime(text, STAMP_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text + used, STAMP_SIZE - used, ".%03uZ",
		 (unsigned int)(now.tv_nsec / 1000000) % 1000);
}

/* SPDX-License-Identifier: GPL-2.0 */
/* What was done, in an interval or in the whole run. */
#ifndef DMAAFF_LOAD_REPORT_H
#define DMAAFF_LOAD_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * struct figures - what one thread did
 * @tid: the thread
 * @bytes: copied by engines
 * @cpu_bytes: copied by the CPU
 * @ops: copies that succeeded
 * @errors: copies that failed or were wrong
 * @p50_ns: half of the copies took no longer
 * @p99_ns: 99 % of the copies took no longer
 * @max_ns: the longest took so long
 */
struct figures {
	pid_t tid;
	uint64_t bytes;
	uint64_t cpu_bytes;
	uint64_t ops;
	uint64_t errors;
	uint64_t p50_ns;
	uint64_t p99_ns;
	uint64_t max_ns;
};

/* Return 0, or -1 when there is no memory or it cannot be written. */
int report_json(double seconds, const struct figures *threads, unsigned int nr);
int report_interval(double at_seconds, double seconds,
		    const struct figures *total);
int report_table(double seconds, const struct figures *threads, unsigned int nr,
		 const struct figures *total);

#endif

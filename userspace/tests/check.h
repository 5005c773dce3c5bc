/* SPDX-License-Identifier: GPL-2.0 */
/* Checks and TAP for the tests in C. Included once a program. */
#ifndef DMAAFF_TESTS_CHECK_H
#define DMAAFF_TESTS_CHECK_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "dmaaff.h"

static int tests, failures, failed_checks;

#define check(condition) check_that(condition, #condition, __LINE__)

static inline void check_that(bool holds, const char *condition, int line)
{
	if (holds)
		return;
	printf("# line %d: not so: %s\n", line, condition);
	failed_checks++;
}

static inline void check_text(const char *got, const char *expected)
{
	if (got && !strcmp(got, expected))
		return;
	printf("# '%s' instead of '%s'\n", got ? got : "(null)", expected);
	failed_checks++;
}

static inline bool is(struct dmaaff_real number, double value)
{
	double off = number.value - value;

	return number.known && off < 0.000001 && off > -0.000001;
}

/* A test takes its name from what it shows. */
#define RUN(test) run(test, #test)

static inline void run(void (*test)(void), const char *name)
{
	const char *c;

	failed_checks = 0;
	test();
	printf("%sok %d - ", failed_checks ? "not " : "", ++tests);
	for (c = name; *c; c++)
		putchar(*c == '_' ? ' ' : *c);
	putchar('\n');
	failures += !!failed_checks;
}

#endif

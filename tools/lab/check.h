/* SPDX-License-Identifier: GPL-2.0 */
/* What each test program includes of cmocka, in the order it wants. */
#ifndef LAB_CHECK_H
#define LAB_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* A failed comparison names the random case, so that it can be run again */
#define check_case(condition, i)					\
	do {								\
		if (!(condition))					\
			fail_msg("case %llu: %s", (unsigned long long)(i), \
				 #condition);				\
	} while (0)

/* The tests of a program, in order */
#define check_list(name)	const struct CMUnitTest name[]

#endif

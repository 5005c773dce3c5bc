// SPDX-License-Identifier: GPL-2.0
/* CPU masks as people write them. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attr.h"

static int nibble(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	if (isxdigit((unsigned char)c))
		return tolower((unsigned char)c) - 'a' + 10;
	return -1;
}

static void print_range(FILE *out, const char *separator, long first, long last)
{
	if (first == last)
		fprintf(out, "%s%ld", separator, first);
	else
		fprintf(out, "%s%ld-%ld", separator, first, last);
}

DMAAFF_PUBLIC char *dmaaff_mask_to_list(const char *mask)
{
	long cpu = 0, first = -1;
	const char *separator = "";
	size_t size, left = strlen(mask);
	char *list = NULL;
	FILE *out;
	int bit;

	if (!left || mask[strspn(mask, "0123456789abcdefABCDEF,")] || mask[left - 1] == ',') {
		errno = EINVAL;
		return NULL;
	}
	out = open_memstream(&list, &size);
	if (!out)
		return NULL;
	/* The last digit holds the lowest CPUs. */
	while (left--) {
		if (mask[left] == ',')
			continue;
		for (bit = 0; bit < 4; bit++, cpu++) {
			bool set = nibble(mask[left]) & (1 << bit);

			if (set && first < 0)
				first = cpu;
			if (!set && first >= 0) {
				print_range(out, separator, first, cpu - 1);
				separator = ",";
				first = -1;
			}
		}
	}
	if (first >= 0)
		print_range(out, separator, first, cpu - 1);
	if (fclose(out)) {
		free(list);
		errno = ENOMEM;
		return NULL;
	}
	return list;
}

/* SPDX-License-Identifier: GPL-2.0 */
/* CPU lists of many threads: each different one is kept once. */
#ifndef DMAAFF_LISTS_H
#define DMAAFF_LISTS_H

struct dmaaff_lists;

/* Return: NULL without memory. */
struct dmaaff_lists *lists_new(void);
void lists_free(struct dmaaff_lists *lists);

/* The list for a hexadecimal mask, as long as @lists lives; NULL when it is none. */
const char *lists_get(struct dmaaff_lists *lists, const char *mask);

#endif

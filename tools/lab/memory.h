/* SPDX-License-Identifier: GPL-2.0 */
/* Memory that is there, or the program ends. */
#ifndef LAB_MEMORY_H
#define LAB_MEMORY_H

#include <stdio.h>
#include <stdlib.h>

static inline void *must(void *memory)
{
	if (memory)
		return memory;
	fputs("dmaaff-lab: no memory\n", stderr);
	exit(1);
}

#endif

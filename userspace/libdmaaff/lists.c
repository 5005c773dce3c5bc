// SPDX-License-Identifier: GPL-2.0
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "lists.h"

/* A mask and its list; @list is NULL for what is no mask. */
struct pair {
	char *mask;
	char *list;
};

struct dmaaff_lists {
	void *tree;
	const struct pair *last;
};

static int by_mask(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	return strcmp(x->mask, y->mask);
}

static void pair_free(void *node)
{
	struct pair *pair = node;

	free(pair->mask);
	free(pair->list);
	free(pair);
}

struct dmaaff_lists *lists_new(void)
{
	return calloc(1, sizeof(struct dmaaff_lists));
}

void lists_free(struct dmaaff_lists *lists)
{
	if (lists)
		tdestroy(lists->tree, pair_free);
	free(lists);
}

static const struct pair *add(struct dmaaff_lists *lists, const char *mask)
{
	struct pair *pair = calloc(1, sizeof(*pair));

	if (!pair)
		return NULL;
	pair->mask = strdup(mask);
	if (!pair->mask || !tsearch(pair, &lists->tree, by_mask)) {
		pair_free(pair);
		return NULL;
	}
	pair->list = dmaaff_mask_to_list(mask);
	return pair;
}

const char *lists_get(struct dmaaff_lists *lists, const char *mask)
{
	struct pair key = { .mask = (char *)mask };
	struct pair *const *found;

	/* Threads beside each other in the table mostly have the same mask. */
	if (lists->last && !strcmp(lists->last->mask, mask))
		return lists->last->list;
	found = tfind(&key, &lists->tree, by_mask);
	lists->last = found ? *found : add(lists, mask);
	return lists->last ? lists->last->list : NULL;
}

// SPDX-License-Identifier: GPL-2.0
/* The line that says what to do. */
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "client.h"

static const char * const client_ops[] = {
	[CLIENT_MEMCPY] = "memcpy",
	[CLIENT_INTERLEAVED] = "interleaved",
	[CLIENT_SLAVE_SG] = "slave_sg",
	[CLIENT_DMA_VEC] = "dma_vec",
	[CLIENT_CYCLIC] = "cyclic",
};

static const char * const client_contexts[] = {
	[CLIENT_TASK] = "task",
	[CLIENT_HARDIRQ] = "hardirq",
	[CLIENT_SOFTIRQ] = "softirq",
	[CLIENT_KWORKER] = "kworker",
};

static const char * const client_modes[] = {
	[CLIENT_BATCH] = "batch",
	[CLIENT_DROP] = "drop",
	[CLIENT_TERMINATE] = "terminate",
	[CLIENT_PAUSE] = "pause",
};

static const char * const client_dirs[] = {
	[DMA_MEM_TO_DEV] = "to_dev",
	[DMA_DEV_TO_MEM] = "from_dev",
};

static const struct {
	const char *name;
	size_t at;
	unsigned int min;
	unsigned int max;
} client_numbers[] = {
	{ "ops", offsetof(struct client_order, ops), 1, UINT_MAX },
	{ "size", offsetof(struct client_order, size), 1, SZ_4M },
	{ "parts", offsetof(struct client_order, parts), 1, 1024 },
	{ "gap", offsetof(struct client_order, gap), 0, SZ_64K },
	{ "width", offsetof(struct client_order, width), 0, 128 },
	{ "periods", offsetof(struct client_order, periods), 1, UINT_MAX },
	{ "timeout_ms", offsetof(struct client_order, timeout_ms), 1, 600000 },
	{ "hold_ms", offsetof(struct client_order, hold_ms), 0, 10000 },
};

/* match_string() with entries that are not set passed over. */
static int client_word(const char * const *words, unsigned int count,
		       const char *word, unsigned int *value)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (words[i] && !strcmp(words[i], word)) {
			*value = i;
			return 0;
		}
	return -EINVAL;
}

static int client_number(const char *word, unsigned int min, unsigned int max,
			 unsigned int *value)
{
	unsigned int number;
	int ret = kstrtouint(word, 0, &number);

	if (ret)
		return ret;
	if (number < min || number > max)
		return -ERANGE;
	*value = number;
	return 0;
}

/* MODE or MODE:BATCH */
static int client_mode(struct client_order *order, char *value)
{
	char *mode = strsep(&value, ":");
	int ret = client_word(client_modes, ARRAY_SIZE(client_modes), mode,
			      &order->mode);

	if (ret || !value)
		return ret;
	return client_number(value, 1, 1024, &order->batch);
}

static int client_setting(struct client_order *order, const char *name,
			  char *value)
{
	unsigned int i;

	if (!strcmp(name, "chan"))
		return strscpy(order->chan, value, sizeof(order->chan)) > 0 ?
		       0 : -EINVAL;
	if (!strcmp(name, "mode"))
		return client_mode(order, value);
	if (!strcmp(name, "context"))
		return client_word(client_contexts, ARRAY_SIZE(client_contexts),
				   value, &order->context);
	if (!strcmp(name, "dir"))
		return client_word(client_dirs, ARRAY_SIZE(client_dirs),
				   value, &order->dir);
	for (i = 0; i < ARRAY_SIZE(client_numbers); i++)
		if (!strcmp(name, client_numbers[i].name))
			return client_number(value, client_numbers[i].min,
					     client_numbers[i].max,
					     (void *)order +
					     client_numbers[i].at);
	return -EINVAL;
}

/* What can be done at all. */
static bool client_order_valid(const struct client_order *order)
{
	if (!*order->chan || order->size / order->parts == 0)
		return false;
	if (order->op == CLIENT_DMA_VEC && !CLIENT_HAS_DMA_VEC)
		return false;
	/* Frames are made of two chunks. */
	if (order->op == CLIENT_INTERLEAVED &&
	    order->size % (2 * order->parts) != 0)
		return false;
	if (order->op == CLIENT_CYCLIC && order->batch != 1)
		return false;
	/* Interrupts cannot sleep. */
	if (order->hold_ms && order->context != CLIENT_TASK &&
	    order->context != CLIENT_KWORKER)
		return false;
	/* Terminating and pausing would hit the channel's other clients. */
	return strcmp(order->chan, "public") || order->mode == CLIENT_BATCH;
}

/**
 * client_order_parse() - read "OP NAME=VALUE..."
 * @order: where to
 * @line: the line; changed
 *
 * Return: 0, -EINVAL, or -ERANGE.
 */
int client_order_parse(struct client_order *order, char *line)
{
	char *word, *rest = strim(line);
	int ret;

	*order = (struct client_order){
		.dir = DMA_MEM_TO_DEV,
		.ops = 1,
		.batch = 1,
		.size = 4096,
		.parts = 1,
		.width = 4,
		.periods = 1,
		.timeout_ms = 30000,
	};
	ret = client_word(client_ops, ARRAY_SIZE(client_ops),
			  strsep(&rest, " "), &order->op);
	while (!ret && (word = strsep(&rest, " "))) {
		char *value = word, *name = strsep(&value, "=");

		if (*name)
			ret = value ? client_setting(order, name, value) :
				      -EINVAL;
	}
	if (!ret && !client_order_valid(order))
		ret = -EINVAL;
	return ret;
}

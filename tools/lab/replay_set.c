// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay_set.h"

#define AUTO	(-1)

static const char * const models[] = {
	[DAM_MODEL_LAST] = "last",
	[DAM_MODEL_EWMA] = "ewma",
	[DAM_MODEL_HOLT] = "holt",
	[DAM_MODEL_KALMAN] = "kalman",
	[DAM_MODEL_SEASONAL] = "seasonal",
	[DAM_MODEL_AUTO] = "auto",
};

static bool get_number(const char *text, int max, int *value)
{
	unsigned long number;

	if (!*text || text[strspn(text, "0123456789")])
		return false;
	number = strtoul(text, NULL, 10);
	*value = (int)number;
	return number <= (unsigned long)max;
}

/* [0-9]+(\.[0-9]{1,4})?, at most 1 */
static bool get_weight(const char *text, int max, int *value)
{
	size_t whole = strspn(text, "0123456789");
	size_t part = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;
	double weight;

	if (!whole || part > 4 || (text[whole] == '.' && !part) ||
	    text[whole + (part ? part + 1 : 0)])
		return false;
	weight = strtod(text, NULL);
	if (weight > 1)
		return false;
	*value = (int)(weight * max + 0.5);
	return true;
}

static bool get_moves(const char *text, int max, int *value)
{
	*value = AUTO;
	return !strcmp(text, "auto") || get_number(text, max, value);
}

/* Only whether anything is learned shows in decisions */
static bool get_history(const char *text, int max, int *value)
{
	bool is_one = get_number(text, max, value);

	*value = *value > 0;
	return is_one;
}

static bool get_model(const char *text, int max, int *value)
{
	for (*value = 0; *value <= max; ++*value)
		if (!strcmp(text, models[*value]))
			return true;
	return false;
}

static const struct {
	const char *name;
	const char *range;
	bool (*get)(const char *text, int max, int *value);
	int max;
} tunables[REPLAY_TUNABLES] = {
	[REPLAY_WEIGHT_LATENCY] = { "DMA_WEIGHT_LATENCY", "0 to 1, 4 decimals",
				    get_weight, 10000 },
	[REPLAY_WEIGHT_THROUGHPUT] = { "DMA_WEIGHT_THROUGHPUT", "0 to 1, 4 decimals",
				       get_weight, 10000 },
	[REPLAY_THRESHOLD] = { "MIGRATION_THRESHOLD", "0 to 100", get_number, 100 },
	[REPLAY_HORIZON] = { "PREDICTION_HORIZON", "0 to 10000", get_number, 10000 },
	[REPLAY_MAX_MOVES] = { "MAX_MOVES", "auto or 0 to 10000", get_moves, 10000 },
	[REPLAY_BIAS] = { "ENERGY_BIAS", "0 to 1, 4 decimals", get_weight, 10000 },
	[REPLAY_HISTORY] = { "AFFINITY_HISTORY", "0 to 4096", get_history, 4096 },
	[REPLAY_FORECASTER] = { "FORECASTER", "auto, last, ewma, holt, kalman or seasonal",
				get_model, DAM_MODEL_AUTO },
};

/* What a recording fixes: when ticks were, what they saw and whom they had to leave alone */
static const char * const fixed[] = { "SAMPLE_INTERVAL", "SOURCES", "HOLDOFF", "MODE" };

static bool is_named(const char *text, size_t length, const char *name)
{
	return strlen(name) == length && !strncmp(text, name, length);
}

bool replay_set(struct replay_wishes *wishes, const char *text)
{
	size_t length = strcspn(text, "=");
	unsigned int i;
	int value = 0;

	for (i = 0; i < sizeof(fixed) / sizeof(*fixed); i++) {
		if (!is_named(text, length, fixed[i]))
			continue;
		fprintf(stderr, "dmaaff-lab: %s is as recorded: it cannot be replayed otherwise\n",
			fixed[i]);
		return false;
	}
	for (i = 0; i < REPLAY_TUNABLES; i++) {
		if (text[length] != '=' || !is_named(text, length, tunables[i].name))
			continue;
		if (!tunables[i].get(text + length + 1, tunables[i].max, &value)) {
			fprintf(stderr, "dmaaff-lab: %s is %s, not '%s'\n", tunables[i].name,
				tunables[i].range, text + length + 1);
			return false;
		}
		wishes->set |= BIT(i);
		wishes->value[i] = value;
		return true;
	}
	fprintf(stderr, "dmaaff-lab: '%s' is no NAME=VALUE of a tunable\n", text);
	return false;
}

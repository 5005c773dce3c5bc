// SPDX-License-Identifier: GPL-2.0
/* dmaaff-stat: which command. */
#include <stdlib.h>

#include <json.h>

#include "list.h"
#include "metrics.h"
#include "options.h"
#include "pace.h"
#include "record.h"
#include "set.h"
#include "top.h"

#define LISTS "jctosxr"

const struct command commands[] = {
	{ "engines", LISTS "zy", .paced = true, list_engines },
	{ "threads", LISTS "z", .paced = true, list_threads },
	{ "history", LISTS, .paced = true, list_history },
	{ "tunables", LISTS, .paced = true, list_tunables },
	{ "set", "r", .run = set_run },
	{ "apply", "r", .run = apply_run },
	{ "metrics", "or", .paced = true, metrics_run },
	{ "top", "rz", .paced = true, top_run },
	{ "record", "or", .run = record_run },
	{ "report", "jco", .run = replayed_run },
	{ "replay", "j", .run = replay_run },
	{ "plot", "oH", .run = plot_run },
	{ "explain", "r", .run = explain_run },
	{ NULL },
};

int main(int argc, char **argv)
{
	struct options options;
	int result;

	pace_start();
	result = options_parse(&options, argc, argv);
	if (result >= 0)
		return result;
	/*
	 * The other hash asks for a random seed, and a machine that has just booted
	 * may busily collect entropy for seconds before it gives one.
	 */
	json_global_set_string_hash(JSON_C_STR_HASH_PERLLIKE);
	return options.command->run(&options);
}

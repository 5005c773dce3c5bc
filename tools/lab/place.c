// SPDX-License-Identifier: GPL-2.0
/* dmaaff-lab place: a machine and its load, simulated. */
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "lab.h"
#include "vary.h"

static const char help[] =
"Usage: dmaaff-lab place [OPTION]... SCENARIO\n"
"       dmaaff-lab place --compare [OPTION]... SCENARIO...\n"
"\n"
"Simulate engines and the threads that load them, and who places those.\n"
"\n"
"  --policy P    none: nobody; reactive: dma_affinity with PREDICTION_HORIZON=0;\n"
"                manage: dma_affinity as it comes; oracle: the best placement found\n"
"                (manage)\n"
"  --seed N      of all that is random (1)\n"
"  --json        one JSON object\n"
"  --compare     a table of all policies, a row for each scenario\n"
"  --vary N      with that: N rows more for each, with other numbers\n"
"  --any N       with that: N scenarios drawn at random\n"
"  -h, --help    show this text\n"
"\n"
"SCENARIO is a file, one item a line, # begins a comment:\n"
"  duration S\n"
"  node N cpus LIST\n"
"  engine NAME node N bps B latency_ns L caps LIST [reserved]\n"
"  thread NAME start ENGINE size B depth D demand DEMAND [rt] [bound] [runs N]\n"
"         [begins S] [kind KIND]\n"
"  busy node N pct P from S to S\n"
"  distance N N D    noise PCT    unseen PCT\n"
"DEMAND is: const B | square LOW HIGH PERIOD_S PHASE_S [JITTER] | ramp A B |\n"
"  file PATH | closed | flip LOW HIGH DELAY_S\n"
"\n"
"Exit status: 0, 1 no scenario, 2 wrong usage.\n";

static int find_policy(const char *name)
{
	int i;

	for (i = 0; i < TRIAL_POLICIES; i++)
		if (!strcmp(name, trial_names[i]))
			return i;
	return -1;
}

static void print_json(const struct trial_result *r)
{
	struct json_object *o = json_object_new_object();
	char overlap[32];

	/* The library's own form would show 0.1 as 0.10000000000000001. */
	snprintf(overlap, sizeof(overlap), "%.2f", r->overlap_s);
	json_object_object_add(o, "bytes", json_object_new_uint64(r->bytes));
	json_object_object_add(o, "wait_p50_ns", json_object_new_uint64(r->wait_p50_ns));
	json_object_object_add(o, "wait_p99_ns", json_object_new_uint64(r->wait_p99_ns));
	json_object_object_add(o, "moves", json_object_new_int64(r->moves));
	json_object_object_add(o, "pingpong", json_object_new_int64(r->pingpong));
	json_object_object_add(o, "overlap_s",
			       json_object_new_double_s(r->overlap_s, overlap));
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
}

static void print_text(const struct trial *t, const struct trial_result *r)
{
	double seconds = (double)t->scenario->duration_ns / 1e9;

	printf("%s: %.2f MB/s over %.1f s on %u engines\n", trial_names[t->policy],
	       (double)r->bytes / 1e6 / seconds, seconds, t->scenario->n_engines);
	printf("wait: median %.1f us, p99 %.1f us\n", (double)r->wait_p50_ns / 1e3,
	       (double)r->wait_p99_ns / 1e3);
	printf("moves: %u, of which back after a failure %u\n", r->moves, r->pingpong);
	printf("one engine full beside a free one: %.2f s\n", r->overlap_s);
}

static int usage(void)
{
	fputs("Try 'dmaaff-lab place --help'.\n", stderr);
	return LAB_USAGE;
}

static bool get_number(const char *text, u64 *number)
{
	char *end;

	*number = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end;
}

/*
 * struct wishes - what the command line asks for
 * @json: one object
 * @compare: a table
 * @vary: rows more for each scenario
 * @any: rows of random scenarios
 */
struct wishes {
	struct trial trial;
	bool json;
	bool compare;
	u64 vary;
	u64 any;
};

/* Return: the status to end with, -1 to go on */
static int get_wishes(int argc, char **argv, struct wishes *w)
{
	static const struct option options[] = {
		{ "policy", required_argument, NULL, 'p' },
		{ "seed", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, 'j' },
		{ "compare", no_argument, NULL, 'c' },
		{ "vary", required_argument, NULL, 'v' },
		{ "any", required_argument, NULL, 'a' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	int option, policy;

	optind = 1;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		u64 *number = option == 's' ? &w->trial.seed :
			      option == 'v' ? &w->vary : &w->any;

		switch (option) {
		case 'p':
			policy = find_policy(optarg);
			if (policy < 0) {
				fprintf(stderr, "dmaaff-lab: no policy '%s'\n", optarg);
				return usage();
			}
			w->trial.policy = policy;
			break;
		case 's':
		case 'v':
		case 'a':
			if (!get_number(optarg, number)) {
				fprintf(stderr, "dmaaff-lab: '%s': give a whole number\n",
					optarg);
				return usage();
			}
			break;
		case 'j':
			w->json = true;
			break;
		case 'c':
			w->compare = true;
			break;
		case 'h':
			fputs(help, stdout);
			return LAB_OK;
		default:
			return usage();
		}
	}
	return -1;
}

static const char *short_name(const char *path, u64 variation)
{
	const char *name = strrchr(path, '/');
	static char text[64];

	name = name ? name + 1 : path;
	snprintf(text, sizeof(text), "%.*s", (int)strcspn(name, "."), name);
	if (variation)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "+%llu", variation);
	return text;
}

static int compare(const struct wishes *w, int n, char **paths)
{
	static struct scenario scenario;
	u64 variation;
	char name[32];
	int i;

	compare_head();
	for (i = 0; i < n; i++) {
		for (variation = 0; variation <= w->vary; variation++) {
			if (!scenario_read(&scenario, paths[i]))
				return LAB_BAD_INPUT;
			vary(&scenario, variation);
			compare_row(short_name(paths[i], variation), &scenario,
				    w->trial.seed + variation);
			scenario_free(&scenario);
		}
	}
	for (variation = 1; variation <= w->any; variation++) {
		vary_any(&scenario, variation);
		snprintf(name, sizeof(name), "any%llu", variation);
		compare_row(name, &scenario, w->trial.seed);
		scenario_free(&scenario);
	}
	return LAB_OK;
}

static int run_one(const struct wishes *w, const char *path)
{
	static struct scenario scenario;
	struct trial t = w->trial;
	struct trial_result r;

	if (!scenario_read(&scenario, path))
		return LAB_BAD_INPUT;
	t.scenario = &scenario;
	trial_run(&t, &r);
	if (w->json)
		print_json(&r);
	else
		print_text(&t, &r);
	trial_free(&r);
	scenario_free(&scenario);
	return LAB_OK;
}

int lab_place(int argc, char **argv)
{
	struct wishes w = { .trial = { .policy = TRIAL_MANAGE, .seed = 1 } };
	int status = get_wishes(argc, argv, &w);

	if (status >= 0)
		return status;
	if (w.compare)
		return compare(&w, argc - optind, argv + optind);
	if (optind != argc - 1) {
		fprintf(stderr, "dmaaff-lab: place: give one scenario\n");
		return usage();
	}
	return run_one(&w, argv[optind]);
}

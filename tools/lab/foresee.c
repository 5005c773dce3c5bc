// SPDX-License-Identifier: GPL-2.0
/* dmaaff-lab forecast: how far off forecasts of a load trace are. */
#include <getopt.h>
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab.h"
#include "memory.h"
#include "percent_file.h"
#include "policy.h"

static const char help[] =
"Usage: dmaaff-lab forecast [OPTION]... FILE\n"
"\n"
"Forecast a load trace, one percentage a line, one line an interval, and say how\n"
"far off that is beside the last value. Forecasts of the first 500 lines are not\n"
"counted.\n"
"\n"
"  --interval-ms N   time from line to line, 1 to 1000 (10)\n"
"  --horizon-ms N    how far to look ahead, 0 to 10000 (100)\n"
"  --model M         auto, last, ewma, holt, kalman or seasonal (auto)\n"
"  --series          print each forecast, as CSV\n"
"  --json            one JSON object\n"
"  -h, --help        show this text\n"
"\n"
"Exit status: 0, 1 bad file, 2 wrong usage.\n";

/* What 1 % of a load is taken for */
#define BPS_PER_PERCENT	10000000.0
/* Earlier ones are not counted: the models have to learn first */
#define FIRST_SCORED	500

static const char * const model_names[] = {
	[DAM_MODEL_LAST] = "last",
	[DAM_MODEL_EWMA] = "ewma",
	[DAM_MODEL_HOLT] = "holt",
	[DAM_MODEL_KALMAN] = "kalman",
	[DAM_MODEL_SEASONAL] = "seasonal",
	[DAM_MODEL_AUTO] = "auto",
};

/*
 * struct wishes - what the command line asks for
 * @model: enum dam_model
 */
struct wishes {
	u32 interval_ms;
	u32 horizon_ms;
	u32 model;
	bool series;
	bool json;
	const char *path;
};

/*
 * struct foreseen - a forecast, made for a line
 * @model: enum dam_model that spoke
 */
struct foreseen {
	double percent;
	u32 model;
};

/*
 * struct score - of all forecasts that count
 * @samples: how many
 * @miss: sum of absolute errors, in percent
 * @miss_last: the last value's, of the same lines
 * @spoke: how many each model made
 */
struct score {
	size_t samples;
	double miss;
	double miss_last;
	size_t spoke[DAM_MODELS];
};

static int usage(void)
{
	fputs("Try 'dmaaff-lab forecast --help'.\n", stderr);
	return LAB_USAGE;
}

static bool get_number(const char *option, const char *text, u32 min, u32 max,
		       u32 *number)
{
	unsigned long v;
	char *end;

	v = strtoul(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !*end && v >= min && v <= max) {
		*number = v;
		return true;
	}
	fprintf(stderr, "dmaaff-lab: --%s is a number from %u to %u, not '%s'\n",
		option, min, max, text);
	return false;
}

static bool get_model(const char *text, u32 *model)
{
	for (*model = 0; *model <= DAM_MODEL_AUTO; ++*model)
		if (!strcmp(text, model_names[*model]))
			return true;
	fprintf(stderr, "dmaaff-lab: no model '%s'\n", text);
	return false;
}

/* Return: the status to end with, -1 to go on */
static int get_wishes(int argc, char **argv, struct wishes *w)
{
	static const struct option options[] = {
		{ "interval-ms", required_argument, NULL, 'i' },
		{ "horizon-ms", required_argument, NULL, 'o' },
		{ "model", required_argument, NULL, 'm' },
		{ "series", no_argument, NULL, 's' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	bool fine = true;
	int c;

	while (fine) {
		c = getopt_long(argc, argv, "h", options, NULL);
		if (c < 0)
			break;
		switch (c) {
		case 'i':
			fine = get_number("interval-ms", optarg, 1, 1000,
					  &w->interval_ms);
			break;
		case 'o':
			fine = get_number("horizon-ms", optarg, 0, 10000,
					  &w->horizon_ms);
			break;
		case 'm':
			fine = get_model(optarg, &w->model);
			break;
		case 's':
			w->series = true;
			break;
		case 'j':
			w->json = true;
			break;
		case 'h':
			fputs(help, stdout);
			return LAB_OK;
		default:
			return usage();
		}
	}
	if (fine && optind != argc - 1) {
		fputs("dmaaff-lab: forecast takes one file\n", stderr);
		fine = false;
	}
	w->path = argv[argc - 1];
	return fine ? -1 : usage();
}

/* Fill @made with what was foreseen, line by line, for @horizon lines later */
static void foresee(const struct percent_file *file, u32 horizon, u32 model,
		    struct foreseen *made)
{
	struct dam_seasons *seasons = must(calloc(1, sizeof(*seasons)));
	struct dam_forecaster c = { .seasons = seasons };
	struct dam_forecast f = { 0 };
	size_t i;
	u64 bps;

	for (i = 0; i < file->n; i++) {
		dam_forecast_prepare(&c, horizon, model);
		bps = dam_forecast_update(&c, &f, (u64)(file->value[i] *
							BPS_PER_PERCENT));
		made[i].percent = (double)bps / BPS_PER_PERCENT;
		made[i].model = f.model;
	}
	free(seasons);
}

static struct score score(const struct percent_file *file, u32 horizon,
			  const struct foreseen *made, bool series)
{
	size_t i = horizon > FIRST_SCORED ? horizon : FIRST_SCORED;
	struct score s = { 0 };

	if (series)
		puts("index,actual,forecast,model");
	for (; i < file->n; i++) {
		const struct foreseen *m = &made[i - horizon];

		s.samples++;
		s.miss += fabs(m->percent - file->value[i]);
		s.miss_last += fabs(file->value[i - horizon] - file->value[i]);
		s.spoke[m->model]++;
		if (series)
			printf("%zu,%.4f,%.4f,%s\n", i, file->value[i],
			       m->percent, model_names[m->model]);
	}
	return s;
}

/* Not a number (JSON's null) where there is nothing to divide by */
static double over(double a, double b)
{
	return b > 0 ? a / b : NAN;
}

static struct json_object *number(double v)
{
	char text[32];

	if (isnan(v))
		return NULL;
	/* the library's own form would show 0.1 as 0.10000000000000001 */
	snprintf(text, sizeof(text), "%.6f", v);
	return json_object_new_double_s(v, text);
}

static void print_json(const struct score *s)
{
	struct json_object *o = json_object_new_object();
	struct json_object *share = json_object_new_object();
	double n = (double)s->samples;
	u32 m;

	json_object_object_add(o, "samples", json_object_new_uint64(s->samples));
	json_object_object_add(o, "mae", number(over(s->miss, n)));
	json_object_object_add(o, "mae_last", number(over(s->miss_last, n)));
	json_object_object_add(o, "ratio", number(over(s->miss, s->miss_last)));
	for (m = 0; m < DAM_MODELS && s->samples; m++)
		json_object_object_add(share, model_names[m],
				       number((double)s->spoke[m] / n));
	json_object_object_add(o, "share", share);
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
}

static void print_text(const struct score *s)
{
	double n = (double)s->samples;
	u32 m;

	if (!s->samples) {
		puts("too short: no forecast counts");
		return;
	}
	printf("%zu forecasts\n", s->samples);
	printf("mean absolute error %.3f points, the last value's %.3f",
	       s->miss / n, s->miss_last / n);
	if (s->miss_last > 0)
		printf(", ratio %.3f", s->miss / s->miss_last);
	printf("\nmade by:");
	for (m = 0; m < DAM_MODELS; m++)
		if (s->spoke[m])
			printf(" %s %.1f %%", model_names[m],
			       100 * (double)s->spoke[m] / n);
	putchar('\n');
}

int lab_forecast(int argc, char **argv)
{
	struct wishes w = {
		.interval_ms = 10, .horizon_ms = 100, .model = DAM_MODEL_AUTO,
	};
	struct percent_file file;
	struct foreseen *made;
	struct score s;
	u32 horizon;
	int status;

	status = get_wishes(argc, argv, &w);
	if (status >= 0)
		return status;
	if (percent_file_read(w.path, &file)) {
		percent_file_free(&file);
		return LAB_BAD_INPUT;
	}
	horizon = (w.horizon_ms + w.interval_ms - 1) / w.interval_ms;
	made = must(calloc(file.n + 1, sizeof(*made)));
	foresee(&file, horizon, w.model, made);
	s = score(&file, horizon, made, w.series);
	if (w.json)
		print_json(&s);
	else if (!w.series)
		print_text(&s);
	free(made);
	percent_file_free(&file);
	return LAB_OK;
}

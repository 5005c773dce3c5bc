// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdio.h>

#include <json-c/json.h>

#include "report.h"

static int flush(void)
{
	return fflush(stdout) || ferror(stdout) ? -1 : 0;
}

static int add(struct json_object *to, const char *key, struct json_object *value)
{
	if (!value || json_object_object_add(to, key, value)) {
		json_object_put(value);
		return -1;
	}
	return 0;
}

static struct json_object *seconds_to_json(double seconds)
{
	char text[32];

	snprintf(text, sizeof(text), "%.6f", seconds);
	return json_object_new_double_s(seconds, text);
}

static struct json_object *thread_to_json(const struct figures *f)
{
	const struct {
		const char *key;
		uint64_t value;
	} fields[] = {
		{ "tid", f->tid },
		{ "bytes", f->bytes },
		{ "cpu_bytes", f->cpu_bytes },
		{ "ops", f->ops },
		{ "errors", f->errors },
		{ "p50_ns", f->p50_ns },
		{ "p99_ns", f->p99_ns },
		{ "max_ns", f->max_ns },
	};
	struct json_object *object = json_object_new_object();

	for (size_t i = 0; object && i < sizeof(fields) / sizeof(*fields); i++) {
		if (add(object, fields[i].key,
			json_object_new_uint64(fields[i].value))) {
			json_object_put(object);
			object = NULL;
		}
	}
	return object;
}

int report_json(double seconds, const struct figures *threads, unsigned int nr)
{
	struct json_object *object, *list;
	const char *text = NULL;
	unsigned int i;

	/*
	 * The other hash asks for a random seed, and a machine that has just
	 * booted may busily collect entropy for seconds before it gives one.
	 */
	json_global_set_string_hash(JSON_C_STR_HASH_PERLLIKE);
	object = json_object_new_object();
	list = json_object_new_array_ext(nr);
	if (!object || !list)
		goto out;
	for (i = 0; i < nr; i++) {
		struct json_object *thread = thread_to_json(&threads[i]);

		if (!thread || json_object_array_add(list, thread)) {
			json_object_put(thread);
			goto out;
		}
	}
	if (add(object, "seconds", seconds_to_json(seconds)))
		goto out;
	if (!add(object, "threads", list))
		text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN);
	list = NULL;
	if (text)
		puts(text);
out:
	json_object_put(list);
	json_object_put(object);
	return text ? flush() : -1;
}

static double megabytes(uint64_t bytes, double seconds)
{
	return seconds > 0 ? bytes / seconds / 1e6 : 0;
}

static void print_row(const char *name, double seconds, const struct figures *f)
{
	printf("%-10s %10.2f %10.2f %10" PRIu64 " %8" PRIu64 " %10.1f %10.1f %10.1f\n",
	       name, megabytes(f->bytes, seconds),
	       megabytes(f->cpu_bytes, seconds), f->ops, f->errors,
	       f->p50_ns / 1e3, f->p99_ns / 1e3, f->max_ns / 1e3);
}

static void print_header(const char *name)
{
	printf("%-10s %10s %10s %10s %8s %10s %10s %10s\n", name, "MB/s",
	       "CPU MB/s", "ops", "errors", "p50 us", "p99 us", "max us");
}

int report_interval(double at_seconds, double seconds,
		    const struct figures *total)
{
	static bool begun;
	char name[32];

	if (!begun)
		print_header("second");
	begun = true;
	snprintf(name, sizeof(name), "%.2f", at_seconds);
	print_row(name, seconds, total);
	return flush();
}

int report_table(double seconds, const struct figures *threads, unsigned int nr,
		 const struct figures *total)
{
	char name[32];

	print_header("thread");
	for (unsigned int i = 0; i < nr; i++) {
		snprintf(name, sizeof(name), "%d", threads[i].tid);
		print_row(name, seconds, &threads[i]);
	}
	print_row("all", seconds, total);
	return flush();
}

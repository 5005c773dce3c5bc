// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "json.h"
#include "text.h"

void json_add_text(struct json_object *object, const char *key, const char *text)
{
	char *clean = text ? text_clean(text) : NULL;

	json_object_object_add(object, key, clean ? json_object_new_string(clean) : NULL);
	free(clean);
}

void json_add_u64(struct json_object *object, const char *key, struct dmaaff_u64 number)
{
	json_object_object_add(object, key,
			       number.known ? json_object_new_uint64(number.value) : NULL);
}

void json_add_i64(struct json_object *object, const char *key, struct dmaaff_i64 number)
{
	json_object_object_add(object, key,
			       number.known ? json_object_new_int64(number.value) : NULL);
}

void json_add_real(struct json_object *object, const char *key, struct dmaaff_real number,
		   int decimals)
{
	struct json_object *value = NULL;
	char *text;

	/* The library's own form would show 0.1 as 0.10000000000000001. */
	if (number.known && asprintf(&text, "%.*f", decimals, number.value) >= 0) {
		value = json_object_new_double_s(number.value, text);
		free(text);
	}
	json_object_object_add(object, key, value);
}

void json_add_words(struct json_object *object, const char *key, const char *words)
{
	struct json_object *array;
	char *copy, *word, *rest = NULL;

	copy = words ? text_clean(words) : NULL;
	if (!copy) {
		json_object_object_add(object, key, NULL);
		return;
	}
	array = json_object_new_array();
	for (word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		json_object_array_add(array, json_object_new_string(word));
	json_object_object_add(object, key, array);
	free(copy);
}

void json_add_time(struct json_object *object)
{
	struct timespec now;
	struct dmaaff_real seconds = { .known = true };

	clock_gettime(CLOCK_REALTIME, &now);
	seconds.value = now.tv_sec + now.tv_nsec / 1e9;
	json_add_real(object, "time_s", seconds, 3);
}

int json_print(struct json_object *object, FILE *out)
{
	const char *text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
							  JSON_C_TO_STRING_NOSLASHESCAPE);
	int result = 0;

	if (text) {
		fprintf(out, "%s\n", text);
	} else {
		errno = ENOMEM;
		result = -1;
	}
	json_object_put(object);
	return result;
}

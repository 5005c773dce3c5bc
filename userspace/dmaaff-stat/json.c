// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "stamp.h"
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

static struct json_object *real_object(double number, int decimals)
{
	struct json_object *value;
	char *text;

	/* The library's own form would show 0.1 as 0.10000000000000001. */
	if (asprintf(&text, "%.*f", decimals, number) < 0)
		return NULL;
	value = json_object_new_double_s(number, text);
	free(text);
	return value;
}

void json_add_real(struct json_object *object, const char *key, struct dmaaff_real number,
		   int decimals)
{
	json_object_object_add(object, key,
			       number.known ? real_object(number.value, decimals) : NULL);
}

static struct json_object *words_object(const char *words)
{
	struct json_object *array = json_object_new_array();
	char *copy = strdup(words), *word, *rest = NULL;

	for (word = copy ? strtok_r(copy, " ", &rest) : NULL; word;
	     word = strtok_r(NULL, " ", &rest))
		json_object_array_add(array, json_object_new_string(word));
	free(copy);
	return array;
}

static struct json_object *cell_object(const struct sheet *sheet, const struct cell *cell,
				       const struct column *column)
{
	switch (cell->kind) {
	case CELL_TEXT:
		if (column->words)
			return words_object(cell_text(sheet, cell));
		return json_object_new_string(cell_text(sheet, cell));
	case CELL_U64:
		return json_object_new_uint64(cell->u64);
	case CELL_I64:
		return json_object_new_int64(cell->i64);
	case CELL_REAL:
		return real_object(cell->real, column->raw_decimals);
	default:
		return NULL;
	}
}

struct json_object *json_rows(const struct sheet *sheet)
{
	struct json_object *rows = json_object_new_array();
	size_t row, i;

	for (row = 0; row < sheet_rows(sheet); row++) {
		struct json_object *object = json_object_new_object();

		for (i = 0; i < sheet->nr; i++) {
			if (sheet->shown[i])
				json_object_object_add(object, sheet->column[i].key,
						       cell_object(sheet, sheet_cell(sheet, row, i),
								   &sheet->column[i]));
		}
		json_object_array_add(rows, object);
	}
	return rows;
}

void json_add_time(struct json_object *object)
{
	json_object_object_add(object, "time_s", real_object(stamp_seconds(), 3));
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

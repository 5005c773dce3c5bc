// SPDX-License-Identifier: GPL-2.0
/*
 * jsonlines [POINTER]...: checks that every line of stdin is one strict JSON
 * object, and prints the values that the RFC 6901 pointers lead to, one a line.
 */
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int show(struct json_object *object, const char *pointer)
{
	struct json_object *value;

	if (json_pointer_get(object, pointer, &value)) {
		fprintf(stderr, "jsonlines: no %s\n", pointer);
		return -1;
	}
	if (json_object_is_type(value, json_type_string))
		puts(json_object_get_string(value));
	else
		puts(json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN));
	return 0;
}

static int check(const char *line, size_t size, int argc, char **argv)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *object;
	int i, result = 0;

	/* With its terminator the line must be the whole of the object. */
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	object = json_tokener_parse_ex(tokener, line, size + 1);
	if (!json_object_is_type(object, json_type_object)) {
		fprintf(stderr, "jsonlines: %s: %s\n",
			json_tokener_error_desc(json_tokener_get_error(tokener)), line);
		result = -1;
	}
	for (i = 1; i < argc && !result; i++)
		result = show(object, argv[i]);
	json_object_put(object);
	json_tokener_free(tokener);
	return result;
}

int main(int argc, char **argv)
{
	int result = 0, lines = 0;
	char *line = NULL;
	size_t room = 0;
	ssize_t size;

	while (!result && (size = getline(&line, &room, stdin)) > 0) {
		if (line[size - 1] != '\n') {
			fprintf(stderr, "jsonlines: the last line has no end\n");
			result = -1;
			break;
		}
		line[--size] = '\0';
		result = check(line, size, argc, argv);
		lines++;
	}
	free(line);
	return result || !lines ? EXIT_FAILURE : EXIT_SUCCESS;
}

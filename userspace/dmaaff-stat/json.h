/* SPDX-License-Identifier: GPL-2.0 */
/* Values as JSON: what is not known is null. */
#ifndef DMAAFF_STAT_JSON_H
#define DMAAFF_STAT_JSON_H

#include <json.h>
#include <stdio.h>

#include "dmaaff.h"
#include "sheet.h"

void json_add_text(struct json_object *object, const char *key, const char *text);
void json_add_u64(struct json_object *object, const char *key, struct dmaaff_u64 number);
void json_add_real(struct json_object *object, const char *key, struct dmaaff_real number,
		   int decimals);

/* When the report was made: seconds since 1970. */
void json_add_time(struct json_object *object);

/* The rows, each an object of the columns shown. */
struct json_object *json_rows(const struct sheet *sheet);

/**
 * json_print() - write an object as one line and release it
 *
 * Return: 0, or -1 with errno.
 */
int json_print(struct json_object *object, FILE *out);

#endif

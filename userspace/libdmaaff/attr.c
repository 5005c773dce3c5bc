// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysfs/libsysfs.h>

#include "attr.h"

char *attr_read(const char *dir, const char *name)
{
	char path[SYSFS_PATH_MAX];
	struct sysfs_attribute *attr;
	char *value = NULL;
	int err;

	/* libsysfs cuts a longer path off and would read another file. */
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	attr = sysfs_open_attribute(path);
	if (!attr)
		return NULL;
	if (!sysfs_read_attribute(attr) && attr->value) {
		/* A NUL byte inside ends the value here: it is no text. */
		value = strdup(attr->value);
		if (value)
			value[strcspn(value, "\n")] = '\0';
	}
	err = errno;
	sysfs_close_attribute(attr);
	errno = err;
	return value;
}

struct dmaaff_u64 parse_u64(const char *text)
{
	struct dmaaff_u64 number = { 0 };
	unsigned long long value;
	char *end;

	/* strtoull() takes blanks and signs, no figure here has them. */
	if (!text || !isdigit((unsigned char)*text))
		return number;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end)
		return number;
	number.value = value;
	number.known = true;
	return number;
}

struct dmaaff_i64 parse_i64(const char *text)
{
	struct dmaaff_i64 number = { 0 };
	bool minus = text && *text == '-';
	struct dmaaff_u64 size = parse_u64(minus ? text + 1 : text);

	if (!size.known || size.value > INT64_MAX)
		return number;
	number.value = minus ? -(int64_t)size.value : (int64_t)size.value;
	number.known = true;
	return number;
}

/* strtod() would read the decimal point of the caller's locale, and "nan". */
struct dmaaff_real parse_real(const char *text)
{
	struct dmaaff_real number = { 0 };
	bool minus = text && *text == '-';
	double value = 0, unit = 1;
	const char *digit = text;

	if (!text)
		return number;
	if (minus)
		digit++;
	if (!isdigit((unsigned char)*digit))
		return number;
	for (; isdigit((unsigned char)*digit); digit++)
		value = value * 10 + (*digit - '0');
	if (*digit == '.') {
		if (!isdigit((unsigned char)*++digit))
			return number;
		/* One division at the end: 93.50 stays what it was printed as. */
		for (; isdigit((unsigned char)*digit) && unit < 1e9; digit++) {
			value = value * 10 + (*digit - '0');
			unit *= 10;
		}
		while (isdigit((unsigned char)*digit))
			digit++;
	}
	if (*digit || value > 1e300)
		return number;
	number.value = (minus ? -value : value) / unit;
	number.known = true;
	return number;
}

struct dmaaff_u64 attr_u64(const char *dir, const char *name)
{
	char *text = attr_read(dir, name);
	struct dmaaff_u64 number = parse_u64(text);

	free(text);
	return number;
}

struct dmaaff_i64 attr_i64(const char *dir, const char *name)
{
	char *text = attr_read(dir, name);
	struct dmaaff_i64 number = parse_i64(text);

	free(text);
	return number;
}

struct dmaaff_real attr_real(const char *dir, const char *name)
{
	char *text = attr_read(dir, name);
	struct dmaaff_real number = parse_real(text);

	free(text);
	return number;
}

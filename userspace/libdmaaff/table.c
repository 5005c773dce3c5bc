// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attr.h"
#include "table.h"

#define ATTEMPTS 3
#define CHUNK ((size_t)64 << 10)
#define TEXT_MAX ((size_t)512 << 20)

static ssize_t read_at(int fd, void *buf, size_t size, off_t offset)
{
	ssize_t got;

	do {
		got = pread(fd, buf, size, offset);
	} while (got < 0 && errno == EINTR);
	return got;
}

static int bad_table(void)
{
	errno = EBADMSG;
	return -1;
}

/* @row need not be terminated, and may be less than a whole row. */
static int parse_header(const char *row, size_t size, uint64_t *generation)
{
	unsigned long long number, rows;
	char text[80];

	if (size >= sizeof(text))
		size = sizeof(text) - 1;
	memcpy(text, row, size);
	text[size] = '\0';
	if (sscanf(text, "generation %llu rows %llu", &number, &rows) != 2)
		return bad_table();
	*generation = number;
	return 0;
}

static bool blank(const char *row, size_t size)
{
	while (size && (row[size - 1] == ' ' || row[size - 1] == '\n'))
		size--;
	return !size;
}

static int keep_row(struct table *table, const char *row, size_t *room)
{
	size_t used = table->nr_rows * table->row_size;

	if (!table->text || used + table->row_size > *room) {
		size_t want = *room ? *room * 2 : CHUNK + table->row_size;
		char *text;

		if (*room > TEXT_MAX / 2) {
			errno = EFBIG;
			return -1;
		}
		text = realloc(table->text, want);
		if (!text)
			return -1;
		table->text = text;
		*room = want;
	}
	memcpy(table->text + used, row, table->row_size);
	table->text[used + table->row_size - 1] = '\0';
	table->nr_rows++;
	return 0;
}

/* Takes the whole rows out of @buf and says in @used how far they reach. */
static int take_rows(struct table *table, const char *buf, size_t have, size_t *used,
		     size_t *room)
{
	*used = 0;
	if (!table->row_size) {
		const char *newline = memchr(buf, '\n', have);

		/* When the buffer is full of it, the next read gets nothing. */
		if (!newline)
			return 0;
		if (parse_header(buf, have, &table->generation))
			return -1;
		table->row_size = newline - buf + 1;
		*used = table->row_size;
	}
	for (; have - *used >= table->row_size; *used += table->row_size) {
		const char *row = buf + *used;

		if (row[table->row_size - 1] != '\n')
			return bad_table();
		if (!blank(row, table->row_size) && keep_row(table, row, room))
			return -1;
	}
	return 0;
}

static int read_rows(int fd, char *buf, struct table *table)
{
	size_t have = 0, used, room = 0;
	off_t offset = 0;

	for (;;) {
		ssize_t got = read_at(fd, buf + have, CHUNK - have, offset);

		if (got < 0)
			return -1;
		if (!got)
			break;
		offset += got;
		have += got;
		if (take_rows(table, buf, have, &used, &room))
			return -1;
		have -= used;
		memmove(buf, buf + used, have);
	}
	/* Half a row at the end: the table was cut off. */
	return table->row_size && !have ? 0 : bad_table();
}

/* Returns 1 when the table did not change meanwhile, 0 when it did. */
static int read_once(int fd, char *buf, struct table *table)
{
	uint64_t generation;
	ssize_t got;

	if (read_rows(fd, buf, table))
		return -1;
	got = read_at(fd, buf, CHUNK, 0);
	if (got < 0 || parse_header(buf, got, &generation))
		return -1;
	table->torn = generation != table->generation;
	return !table->torn;
}

static void forget_rows(struct table *table)
{
	free(table->text);
	table->text = NULL;
	table->nr_rows = 0;
	table->row_size = 0;
}

int table_read(const char *dir, const char *name, struct table *table)
{
	char path[ATTR_PATH_MAX];
	int fd, i, same = 0, err;
	char *buf;

	*table = (struct table){ 0 };
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	buf = malloc(CHUNK);
	if (!buf)
		same = -1;
	for (i = 0; i < ATTEMPTS && !same; i++) {
		forget_rows(table);
		same = read_once(fd, buf, table);
	}
	err = errno;
	free(buf);
	close(fd);
	if (same < 0) {
		forget_rows(table);
		errno = err;
		return -1;
	}
	return 0;
}

char *table_row(const struct table *table, size_t row)
{
	return table->text + row * table->row_size;
}

bool table_split(char *row, char **columns, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		while (*row == ' ')
			row++;
		if (!*row)
			return false;
		columns[i] = row;
		row = strchrnul(row, ' ');
		if (*row)
			*row++ = '\0';
	}
	return true;
}

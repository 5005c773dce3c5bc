/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's tables: rows of one length, padded with blanks; the first says
 * `generation N rows N`, a free slot is all blanks.
 */
#ifndef DMAAFF_TABLE_H
#define DMAAFF_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct table - the rows in use
 * @generation: of the attempt that is kept
 * @torn: the generation changed during every attempt
 * @row_size: bytes from one row to the next
 * @nr_rows: rows in @text
 * @text: rows, each ended by a NUL
 */
struct table {
	uint64_t generation;
	bool torn;
	size_t row_size;
	size_t nr_rows;
	char *text;
};

/**
 * table_read() - read @dir/@name
 * @table: filled in; its text is to be released by free()
 *
 * Return: 0, or -1 with errno: that of open() or read(), EBADMSG when the file
 * is no table, EFBIG when it cannot be one.
 */
int table_read(const char *dir, const char *name, struct table *table);

/* The start of a row. */
char *table_row(const struct table *table, size_t row);

/**
 * table_split() - cut a row into its columns, in place
 *
 * Columns past @nr are left alone: a later module may have more.
 * Return: the row has at least @nr columns.
 */
bool table_split(char *row, char **columns, size_t nr);

#endif

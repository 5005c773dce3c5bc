/* SPDX-License-Identifier: GPL-2.0 */
/* Rows of figures, whatever the form they will be shown in. */
#ifndef DMAAFF_STAT_SHEET_H
#define DMAAFF_STAT_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "dmaaff.h"

/**
 * struct column - one column of a report
 * @key: its name where numbers are raw, with the unit: JSON and CSV
 * @title: its name in text; NULL ends a list of columns
 * @left: words are aligned to the left, numbers to the right
 * @more: text leaves it out unless --show asks for it
 * @words: JSON makes it an array of words
 * @min: least width
 * @unit: text shows the raw number divided by this; 0 stands for 1
 * @decimals: of a real number in text
 * @raw_decimals: of a real number in JSON and CSV
 * @hot: a terminal shows raw numbers from here on in colour; 0: none
 */
struct column {
	const char *key;
	const char *title;
	bool left;
	bool more;
	bool words;
	int min;
	double unit;
	int decimals;
	int raw_decimals;
	double hot;
};

enum cell_kind { CELL_UNKNOWN, CELL_TEXT, CELL_U64, CELL_I64, CELL_REAL };

/* @text is an offset into the sheet's text. */
struct cell {
	enum cell_kind kind;
	union {
		size_t text;
		uint64_t u64;
		int64_t i64;
		double real;
	};
};

/**
 * struct sheet - the rows of one report
 * @column: what the columns are
 * @nr: columns
 * @shown: which of them are
 * @cell: row by row, @nr each
 * @no_memory: a cell is missing
 */
struct sheet {
	const struct column *column;
	size_t nr;
	bool *shown;
	struct cell *cell;
	size_t nr_cells, room;
	char *text;
	size_t text_used, text_room;
	bool no_memory;
};

/* Return: 0, or -1 with errno. */
int sheet_init(struct sheet *sheet, const struct column *column, bool all);
void sheet_free(struct sheet *sheet);

/**
 * sheet_choose() - obey --show or --hide
 * @list: keys or titles separated by commas, in any case; or `all`
 * @show: these alone, else all but these
 *
 * Return: NULL, or the word that is no column, to be released by free().
 */
char *sheet_choose(struct sheet *sheet, const char *list, bool show);

/* Forgets the rows. */
void sheet_clear(struct sheet *sheet);

/* Forgets the cells of the last row, which must be whole. */
void sheet_drop_row(struct sheet *sheet);

/*
 * Cells are added from the left to the right, row by row. A NULL text is not
 * known; text shows an empty one as "-", too.
 */
void sheet_text(struct sheet *sheet, const char *text);
void sheet_u64(struct sheet *sheet, struct dmaaff_u64 number);
void sheet_i64(struct sheet *sheet, struct dmaaff_i64 number);
void sheet_real(struct sheet *sheet, struct dmaaff_real number);

size_t sheet_rows(const struct sheet *sheet);
const struct cell *sheet_cell(const struct sheet *sheet, size_t row, size_t column);
const char *cell_text(const struct sheet *sheet, const struct cell *cell);

/* The raw number; 0 for what is none. */
double cell_number(const struct cell *cell);

/**
 * cell_format() - a cell for people
 *
 * Return: what snprintf() would.
 */
int cell_format(const struct sheet *sheet, const struct cell *cell, const struct column *column,
		char *text, size_t size);

/* The same with nothing scaled, "" for what is not known. */
int cell_format_raw(const struct sheet *sheet, const struct cell *cell,
		    const struct column *column, char *text, size_t size);

#endif

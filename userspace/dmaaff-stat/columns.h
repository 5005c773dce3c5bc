/* SPDX-License-Identifier: GPL-2.0 */
/* A text table that stays aligned from report to report. */
#ifndef DMAAFF_STAT_COLUMNS_H
#define DMAAFF_STAT_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "dmaaff.h"

/**
 * struct column - one column
 * @title: its header; NULL ends a list of columns
 * @left: words are aligned to the left, numbers to the right
 * @min: least width
 */
struct column {
	const char *title;
	bool left;
	int min;
};

/* Private but for its size. */
struct columns {
	const struct column *column;
	size_t nr;
	int *width;
	char **cell;
	size_t nr_cells;
	size_t room;
	size_t since_header;
	bool header_due;
};

int columns_init(struct columns *columns, const struct column *column);
void columns_free(struct columns *columns);

/*
 * Cells are added from the left to the right, row by row. A figure that is not
 * known, and a NULL text, is "-".
 */
void columns_text(struct columns *columns, const char *text);
void columns_u64(struct columns *columns, struct dmaaff_u64 number);
void columns_i64(struct columns *columns, struct dmaaff_i64 number);
/* @number / @unit with so many decimals. */
void columns_real(struct columns *columns, struct dmaaff_real number, double unit, int decimals);

/**
 * columns_print() - print the rows added since the last call, and forget them
 * @title: a line above the rows; NULL for none
 * @screen: lines of the terminal; 0 when there is none
 *
 * The header is printed the first time, when the columns have become wider, and
 * when it would have scrolled off the screen.
 * Return: 0, or -1 with errno when a cell found no memory.
 */
int columns_print(struct columns *columns, FILE *out, const char *title, size_t screen);

#endif

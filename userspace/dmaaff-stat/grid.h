/* SPDX-License-Identifier: GPL-2.0 */
/* A sheet as text that stays aligned from report to report. */
#ifndef DMAAFF_STAT_GRID_H
#define DMAAFF_STAT_GRID_H

#include <stdbool.h>
#include <stdio.h>

#include "sheet.h"

/**
 * struct grid - what is remembered from report to report
 * @width: of each column of the sheet
 * @since_header: lines printed since the header was
 * @header_due: it must be printed next time
 * @colour: the terminal shows colours
 */
struct grid {
	int *width;
	size_t since_header;
	bool header_due;
	bool colour;
};

/* Return: 0, or -1 with errno. */
int grid_init(struct grid *grid, const struct sheet *sheet, bool colour);
void grid_free(struct grid *grid);

/**
 * grid_print() - print the rows of a sheet
 * @title: a line above the rows; NULL for none
 * @stamp: what each line begins with; NULL for nothing
 * @lines: of the terminal; 0 when there is none
 *
 * The header is printed the first time, when the columns have become wider, and
 * when it would have scrolled off the screen.
 * Return: 0, or -1 with errno.
 */
int grid_print(struct grid *grid, const struct sheet *sheet, FILE *out, const char *title,
	       const char *stamp, size_t lines);

#endif

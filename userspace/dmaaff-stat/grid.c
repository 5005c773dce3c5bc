// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "grid.h"

#define LONGEST 4096
#define BOLD "\033[1m"
#define RED "\033[1;31m"
#define PLAIN "\033[0m"

int grid_init(struct grid *grid, const struct sheet *sheet, bool colour)
{
	size_t i;

	*grid = (struct grid){ .header_due = true, .colour = colour };
	grid->width = calloc(sheet->nr, sizeof(*grid->width));
	if (!grid->width)
		return -1;
	for (i = 0; i < sheet->nr; i++) {
		int title = strlen(sheet->column[i].title);

		grid->width[i] = title > sheet->column[i].min ? title : sheet->column[i].min;
	}
	return 0;
}

void grid_free(struct grid *grid)
{
	free(grid->width);
}

/* The last column that is shown: nothing is padded after it. */
static size_t last_of(const struct sheet *sheet)
{
	size_t i, last = 0;

	for (i = 0; i < sheet->nr; i++) {
		if (sheet->shown[i])
			last = i;
	}
	return last;
}

static void print_cell(const struct grid *grid, const struct sheet *sheet, FILE *out, size_t i,
		       size_t last, const char *text, const char *colour)
{
	int width = grid->width[i];

	if (colour)
		fputs(colour, out);
	if (!sheet->column[i].left)
		fprintf(out, "%*s", width, text);
	else if (i == last)
		fputs(text, out);
	else
		fprintf(out, "%-*s", width, text);
	if (colour)
		fputs(PLAIN, out);
	fputs(i == last ? "\n" : "  ", out);
}

/* Where a cell of this report starts in the text of all: formatted once, printed when the widths
 * are known.
 */
struct drawn {
	char *text;
	size_t size;
	size_t *start;
};

static int draw(struct grid *grid, const struct sheet *sheet, struct drawn *drawn)
{
	size_t nr = sheet_rows(sheet) * sheet->nr, i, used = 0;
	FILE *out = open_memstream(&drawn->text, &drawn->size);
	char text[LONGEST];

	drawn->start = calloc(nr + 1, sizeof(*drawn->start));
	if (!out || !drawn->start) {
		if (out)
			fclose(out);
		return -1;
	}
	for (i = 0; i < nr; i++) {
		size_t column = i % sheet->nr;
		int size;

		if (!sheet->shown[column])
			continue;
		size = cell_format(sheet, &sheet->cell[i], &sheet->column[column], text,
				   sizeof(text));
		if (size >= LONGEST)
			size = LONGEST - 1;
		if (size > grid->width[column]) {
			grid->width[column] = size;
			grid->header_due = true;
		}
		drawn->start[i] = used;
		fwrite(text, 1, size + 1, out);
		used += size + 1;
	}
	return fclose(out);
}

static void stamp_line(FILE *out, const char *stamp)
{
	if (stamp)
		fprintf(out, "%s  ", stamp);
}

static void print_header(struct grid *grid, const struct sheet *sheet, FILE *out,
			 const char *stamp)
{
	size_t last = last_of(sheet), i;

	stamp_line(out, stamp);
	for (i = 0; i < sheet->nr; i++) {
		if (sheet->shown[i])
			print_cell(grid, sheet, out, i, last, sheet->column[i].title,
				   grid->colour ? BOLD : NULL);
	}
	grid->header_due = false;
	grid->since_header = 1;
}

static void print_rows(const struct grid *grid, const struct sheet *sheet, FILE *out,
		       const struct drawn *drawn, const char *stamp)
{
	size_t last = last_of(sheet), row, i;

	for (row = 0; row < sheet_rows(sheet); row++) {
		stamp_line(out, stamp);
		for (i = 0; i < sheet->nr; i++) {
			const struct cell *cell = sheet_cell(sheet, row, i);
			double hot = sheet->column[i].hot;

			if (!sheet->shown[i])
				continue;
			print_cell(grid, sheet, out, i, last,
				   drawn->text + drawn->start[row * sheet->nr + i],
				   grid->colour && hot && cell_number(cell) >= hot ? RED : NULL);
		}
	}
}

int grid_print(struct grid *grid, const struct sheet *sheet, FILE *out, const char *title,
	       const char *stamp, size_t lines)
{
	size_t more = sheet_rows(sheet) + (title ? 2 : 1);
	struct drawn drawn = { 0 };
	int result = draw(grid, sheet, &drawn);

	if (!result) {
		/* One line is the shell's prompt, or where the cursor stands. */
		if (lines && grid->since_header + more + 1 > lines)
			grid->header_due = true;
		if (title) {
			stamp_line(out, stamp);
			fprintf(out, "%s\n", title);
		}
		if (grid->header_due)
			print_header(grid, sheet, out, stamp);
		print_rows(grid, sheet, out, &drawn, stamp);
		grid->since_header += more;
	} else {
		errno = ENOMEM;
	}
	free(drawn.text);
	free(drawn.start);
	return result;
}

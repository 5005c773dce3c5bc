// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "text.h"

int columns_init(struct columns *columns, const struct column *column)
{
	size_t i;

	*columns = (struct columns){ .column = column };
	while (column[columns->nr].title)
		columns->nr++;
	columns->width = calloc(columns->nr, sizeof(*columns->width));
	if (!columns->width)
		return -1;
	for (i = 0; i < columns->nr; i++) {
		int title = strlen(column[i].title);

		columns->width[i] = title > column[i].min ? title : column[i].min;
	}
	columns->header_due = true;
	return 0;
}

static void forget_cells(struct columns *columns)
{
	while (columns->nr_cells)
		free(columns->cell[--columns->nr_cells]);
}

void columns_free(struct columns *columns)
{
	forget_cells(columns);
	free(columns->cell);
	free(columns->width);
}

/* A cell without memory is NULL: columns_print() reports it. */
static void add(struct columns *columns, char *text)
{
	size_t column = columns->nr_cells % columns->nr;

	if (columns->nr_cells == columns->room) {
		size_t room = columns->room ? columns->room * 2 : 256;
		char **cell = realloc(columns->cell, room * sizeof(*cell));

		if (!cell) {
			free(text);
			return;
		}
		columns->cell = cell;
		columns->room = room;
	}
	columns->cell[columns->nr_cells++] = text;
	if (text && (int)strlen(text) > columns->width[column]) {
		columns->width[column] = strlen(text);
		columns->header_due = true;
	}
}

__attribute__((format(printf, 2, 3)))
static void add_format(struct columns *columns, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	add(columns, text);
}

void columns_text(struct columns *columns, const char *text)
{
	add(columns, text && *text ? text_clean(text) : strdup("-"));
}

void columns_u64(struct columns *columns, struct dmaaff_u64 number)
{
	if (number.known)
		add_format(columns, "%llu", (unsigned long long)number.value);
	else
		columns_text(columns, NULL);
}

void columns_i64(struct columns *columns, struct dmaaff_i64 number)
{
	if (number.known)
		add_format(columns, "%lld", (long long)number.value);
	else
		columns_text(columns, NULL);
}

void columns_real(struct columns *columns, struct dmaaff_real number, double unit, int decimals)
{
	if (number.known)
		add_format(columns, "%.*f", decimals, number.value / unit);
	else
		columns_text(columns, NULL);
}

static void print_cell(const struct columns *columns, FILE *out, size_t i, const char *text)
{
	const char *gap = i ? "  " : "";

	if (!columns->column[i].left)
		fprintf(out, "%s%*s", gap, columns->width[i], text);
	else if (i + 1 < columns->nr)
		fprintf(out, "%s%-*s", gap, columns->width[i], text);
	else
		fprintf(out, "%s%s", gap, text);
	if (i + 1 == columns->nr)
		fputc('\n', out);
}

int columns_print(struct columns *columns, FILE *out, const char *title, size_t screen)
{
	size_t lines = columns->nr_cells / columns->nr + (title ? 2 : 1);
	size_t i;

	for (i = 0; i < columns->nr_cells && columns->cell[i]; i++)
		;
	if (i < columns->nr_cells || columns->nr_cells % columns->nr) {
		errno = ENOMEM;
		return -1;
	}
	/* One line is the shell's prompt, or where the cursor stands. */
	if (screen && columns->since_header + lines + 1 > screen)
		columns->header_due = true;
	if (title)
		fprintf(out, "%s\n", title);
	if (columns->header_due) {
		for (i = 0; i < columns->nr; i++)
			print_cell(columns, out, i, columns->column[i].title);
		columns->header_due = false;
		columns->since_header = 1;
	}
	for (i = 0; i < columns->nr_cells; i++)
		print_cell(columns, out, i % columns->nr, columns->cell[i]);
	columns->since_header += lines;
	forget_cells(columns);
	return 0;
}

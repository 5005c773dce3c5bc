// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sheet.h"
#include "text.h"

int sheet_init(struct sheet *sheet, const struct column *column, bool all)
{
	size_t i;

	*sheet = (struct sheet){ .column = column };
	while (column[sheet->nr].title)
		sheet->nr++;
	sheet->shown = calloc(sheet->nr, sizeof(*sheet->shown));
	if (!sheet->shown)
		return -1;
	for (i = 0; i < sheet->nr; i++)
		sheet->shown[i] = all || !column[i].more;
	return 0;
}

void sheet_free(struct sheet *sheet)
{
	free(sheet->shown);
	free(sheet->cell);
	free(sheet->text);
}

static bool choose(struct sheet *sheet, const char *word, bool shown)
{
	bool all = !strcasecmp(word, "all"), found = all;
	size_t i;

	for (i = 0; i < sheet->nr; i++) {
		const struct column *column = &sheet->column[i];

		if (all || !strcasecmp(word, column->title) || !strcasecmp(word, column->key)) {
			sheet->shown[i] = shown;
			found = true;
		}
	}
	return found;
}

char *sheet_choose(struct sheet *sheet, const char *list, bool show)
{
	char *copy = strdup(list), *rest = copy, *word, *wrong = NULL;

	if (show)
		memset(sheet->shown, 0, sheet->nr * sizeof(*sheet->shown));
	while (!wrong && (word = strsep(&rest, ","))) {
		if (!choose(sheet, word, show))
			wrong = strdup(word);
	}
	free(copy);
	return wrong;
}

void sheet_clear(struct sheet *sheet)
{
	sheet->nr_cells = 0;
	sheet->text_used = 0;
	sheet->no_memory = false;
}

void sheet_drop_row(struct sheet *sheet)
{
	if (sheet->nr_cells >= sheet->nr)
		sheet->nr_cells -= sheet->nr;
}

static void add(struct sheet *sheet, struct cell cell)
{
	if (sheet->nr_cells == sheet->room) {
		size_t room = sheet->room ? sheet->room * 2 : 256;
		struct cell *more = realloc(sheet->cell, room * sizeof(*more));

		if (!more) {
			sheet->no_memory = true;
			return;
		}
		sheet->cell = more;
		sheet->room = room;
	}
	sheet->cell[sheet->nr_cells++] = cell;
}

void sheet_text(struct sheet *sheet, const char *text)
{
	struct cell cell = { .kind = CELL_TEXT, .text = sheet->text_used };
	size_t size = text ? strlen(text) + 1 : 0;

	if (!size) {
		add(sheet, (struct cell){ 0 });
		return;
	}
	if (sheet->text_used + size > sheet->text_room) {
		size_t room = (sheet->text_used + size) * 2;
		char *more = realloc(sheet->text, room);

		if (!more) {
			sheet->no_memory = true;
			return;
		}
		sheet->text = more;
		sheet->text_room = room;
	}
	memcpy(sheet->text + sheet->text_used, text, size);
	text_make_clean(sheet->text + sheet->text_used);
	sheet->text_used += size;
	add(sheet, cell);
}

void sheet_u64(struct sheet *sheet, struct dmaaff_u64 number)
{
	struct cell cell = { .kind = number.known ? CELL_U64 : CELL_UNKNOWN };

	cell.u64 = number.value;
	add(sheet, cell);
}

void sheet_i64(struct sheet *sheet, struct dmaaff_i64 number)
{
	struct cell cell = { .kind = number.known ? CELL_I64 : CELL_UNKNOWN };

	cell.i64 = number.value;
	add(sheet, cell);
}

void sheet_real(struct sheet *sheet, struct dmaaff_real number)
{
	struct cell cell = { .kind = number.known ? CELL_REAL : CELL_UNKNOWN };

	cell.real = number.value;
	add(sheet, cell);
}

size_t sheet_rows(const struct sheet *sheet)
{
	return sheet->nr_cells / sheet->nr;
}

const struct cell *sheet_cell(const struct sheet *sheet, size_t row, size_t column)
{
	return &sheet->cell[row * sheet->nr + column];
}

const char *cell_text(const struct sheet *sheet, const struct cell *cell)
{
	return sheet->text + cell->text;
}

double cell_number(const struct cell *cell)
{
	switch (cell->kind) {
	case CELL_U64:
		return cell->u64;
	case CELL_I64:
		return cell->i64;
	case CELL_REAL:
		return cell->real;
	default:
		return 0;
	}
}

int cell_format_raw(const struct sheet *sheet, const struct cell *cell,
		    const struct column *column, char *text, size_t size)
{
	switch (cell->kind) {
	case CELL_TEXT:
		return snprintf(text, size, "%s", cell_text(sheet, cell));
	case CELL_U64:
		return snprintf(text, size, "%llu", (unsigned long long)cell->u64);
	case CELL_I64:
		return snprintf(text, size, "%lld", (long long)cell->i64);
	case CELL_REAL:
		return snprintf(text, size, "%.*f", column->raw_decimals, cell->real);
	default:
		return snprintf(text, size, "%s", "");
	}
}

int cell_format(const struct sheet *sheet, const struct cell *cell, const struct column *column,
		char *text, size_t size)
{
	if (cell->kind == CELL_UNKNOWN || (cell->kind == CELL_TEXT && !*cell_text(sheet, cell)))
		return snprintf(text, size, "-");
	if (cell->kind == CELL_TEXT || (cell->kind != CELL_REAL && !column->unit))
		return cell_format_raw(sheet, cell, column, text, size);
	return snprintf(text, size, "%.*f", column->decimals,
			cell_number(cell) / (column->unit ? column->unit : 1));
}

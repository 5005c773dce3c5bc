// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "csv.h"
#include "stamp.h"

static void put_text(const char *text, FILE *out)
{
	if (!strpbrk(text, ",\" ")) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

void csv_header(const struct sheet *sheet, FILE *out)
{
	size_t i;

	fputs("time_s", out);
	for (i = 0; i < sheet->nr; i++) {
		if (sheet->shown[i])
			fprintf(out, ",%s", sheet->column[i].key);
	}
	fputc('\n', out);
}

void csv_rows(const struct sheet *sheet, FILE *out)
{
	double now = stamp_seconds();
	size_t row, i;

	for (row = 0; row < sheet_rows(sheet); row++) {
		fprintf(out, "%.3f", now);
		for (i = 0; i < sheet->nr; i++) {
			const struct cell *cell = sheet_cell(sheet, row, i);
			char number[400];

			if (!sheet->shown[i])
				continue;
			fputc(',', out);
			if (cell->kind == CELL_TEXT) {
				put_text(cell_text(sheet, cell), out);
			} else {
				cell_format_raw(sheet, cell, &sheet->column[i], number,
						sizeof(number));
				fputs(number, out);
			}
		}
		fputc('\n', out);
	}
}

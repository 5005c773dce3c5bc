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

void csv_header(const struct sheet *sheet, bool timed, FILE *out)
{
	const char *comma = "";
	size_t i;

	if (timed) {
		fputs("time_s", out);
		comma = ",";
	}
	for (i = 0; i < sheet->nr; i++) {
		if (!sheet->shown[i])
			continue;
		fprintf(out, "%s%s", comma, sheet->column[i].key);
		comma = ",";
	}
	fputc('\n', out);
}

void csv_rows(const struct sheet *sheet, bool timed, FILE *out)
{
	double now = stamp_seconds();
	size_t row, i;

	for (row = 0; row < sheet_rows(sheet); row++) {
		const char *comma = "";

		if (timed) {
			fprintf(out, "%.3f", now);
			comma = ",";
		}
		for (i = 0; i < sheet->nr; i++) {
			const struct cell *cell = sheet_cell(sheet, row, i);
			char number[400];

			if (!sheet->shown[i])
				continue;
			fputs(comma, out);
			comma = ",";
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

/* SPDX-License-Identifier: GPL-2.0 */
/* A sheet as comma-separated values: RFC 4180, but for the line's end. */
#ifndef DMAAFF_STAT_CSV_H
#define DMAAFF_STAT_CSV_H

#include <stdio.h>

#include "sheet.h"

/* Names of the columns shown, `time_s` first if they are . */
void csv_header(const struct sheet *sheet, bool timed, FILE *out);

/* The rows: raw numbers; a figure that is not known is empty. */
void csv_rows(const struct sheet *sheet, bool timed, FILE *out);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the full screen draw with. Colours are for dark and light backgrounds. */
#ifndef DMAAFF_STAT_TOP_PAINT_H
#define DMAAFF_STAT_TOP_PAINT_H

#include <stdbool.h>
#include <stddef.h>

#include "dmaaff.h"

enum paint { PAINT_PLAIN, PAINT_BAD, PAINT_GOOD, PAINT_TITLE, PAINT_FOCUS };

/* Once the screen is there. */
void paint_start(void);

void paint_on(enum paint paint);
void paint_off(enum paint paint);

/* The head of a panel across the screen, marked when it has the focus. */
void paint_head(int line, int width, bool focus, const char *text);

/* @number / @unit, right-aligned; "-" when it is not known. */
void paint_real(struct dmaaff_real number, double unit, int width, int decimals);
void paint_u64(struct dmaaff_u64 number, int width);

/* Left-aligned and cut off at @width; "-" for NULL. */
void paint_text(const char *text, int width);

/* A bar of @width for @percent, with a mark where @mark is; negative: not known. */
void paint_bar(double percent, double mark, int width);

/* The last @width of @nr percentages as columns of different heights. */
void paint_past(const unsigned char *percent, unsigned int nr, int width, bool utf8);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* plot: a recording as a page that needs nothing beside itself. */
#ifndef DMAAFF_STAT_PAGE_H
#define DMAAFF_STAT_PAGE_H

#include <stdio.h>
#include <time.h>

#include "episode.h"

/**
 * struct page - what is shown
 * @episode: the recording
 * @written: when its file was, 0 if that is not known
 * @kernel: it was made on; NULL if that is not known
 */
struct page {
	const struct episode *episode;
	time_t written;
	const char *kernel;
};

/* All colours and measures: CSS. */
extern const char page_style[];

/* Whether it could be written, @out knows. */
void page_write(const struct page *page, FILE *out);

#endif

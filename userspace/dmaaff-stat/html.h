/* SPDX-License-Identifier: GPL-2.0 */
/* Text from elsewhere within a page. */
#ifndef DMAAFF_STAT_HTML_H
#define DMAAFF_STAT_HTML_H

#include <stdio.h>

/* Writes @text so that it is text, between tags and within quotes; NULL as "-". */
void html_text(const char *text, FILE *out);

#endif

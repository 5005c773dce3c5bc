/* SPDX-License-Identifier: GPL-2.0 */
/* One line on stderr. */
#ifndef DMAAFF_LOAD_MESSAGE_H
#define DMAAFF_LOAD_MESSAGE_H

__attribute__((format(printf, 1, 2)))
void message(const char *format, ...);

/* The same, for what may happen with every copy: the first few are shown. */
__attribute__((format(printf, 1, 2)))
void complain(const char *format, ...);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Text that came from elsewhere: names of threads and devices. */
#ifndef DMAAFF_STAT_TEXT_H
#define DMAAFF_STAT_TEXT_H

#include <stddef.h>
#include <sys/types.h>

#define COMM_SIZE 64

/**
 * text_make_clean() - make a text one that can be shown
 *
 * What is not printable ASCII becomes `?`: a thread names itself as it likes,
 * and may neither steer the terminal nor break JSON's encoding.
 */
void text_make_clean(char *text);

/**
 * text_clean() - a copy that can be shown
 *
 * Return: to be released by free(), NULL without memory.
 */
char *text_clean(const char *text);

/**
 * text_comm() - the name of a thread that lives
 *
 * Return: @comm; NULL when there is no such thread.
 */
const char *text_comm(pid_t tid, char comm[COMM_SIZE]);

#endif

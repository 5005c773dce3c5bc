/* SPDX-License-Identifier: GPL-2.0 */
/* The subcommands of dmaaff-lab; each returns the exit status. */
#ifndef LAB_LAB_H
#define LAB_LAB_H

#define LAB_OK		0
#define LAB_BAD_INPUT	1
#define LAB_USAGE	2

int lab_forecast(int argc, char **argv);
int lab_place(int argc, char **argv);
int lab_replay(int argc, char **argv);
int lab_scale(int argc, char **argv);

#endif

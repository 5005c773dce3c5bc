// SPDX-License-Identifier: GPL-2.0
/* dmaaff-lab: the decisions of dma_affinity, without a kernel. */
#include <stdio.h>
#include <string.h>

#include "lab.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "forecast", lab_forecast },
	{ "place", lab_place },
	{ "replay", lab_replay },
	{ "scale", lab_scale },
};

static const char help[] =
"Usage: dmaaff-lab COMMAND [OPTION]... [ARGUMENT]...\n"
"\n"
"The decisions of dma_affinity, tried out without a kernel.\n"
"\n"
"  forecast how far off forecasts of a load trace are\n"
"  place    simulate a machine and its load, managed or not\n"
"  replay   decide on a recording again, or with other tunables\n"
"  scale    measure what deciding costs on a large machine\n"
"\n"
"'dmaaff-lab COMMAND --help' says more.\n"
"Exit status: 0, 1 bad input, 2 wrong usage; of replay see there.\n";

int main(int argc, char **argv)
{
	unsigned int i;

	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		fputs(help, stdout);
		return LAB_OK;
	}
	for (i = 0; argc > 1 && i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	if (argc > 1)
		fprintf(stderr, "dmaaff-lab: no command '%s'\n", argv[1]);
	fputs(help, stderr);
	return LAB_USAGE;
}

// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/dma_gate.h>

#include "message.h"
#include "options.h"

#define NSEC_PER_SEC	1000000000ULL
#define NSEC_PER_MSEC	1000000ULL
#define SECONDS_MAX	1000000
#define INTERVAL_MAX_MS	(1000ULL * SECONDS_MAX)
#define RATE_MAX	(1ULL << 42)

static const char help[] =
"Usage: dmaaff-load [OPTION]...\n"
"\n"
"Have DMA engines copy memory, by /dev/dma_gate, and report what they did.\n"
"\n"
"  --threads N        threads that submit copies (1)\n"
"  --size BYTES       bytes a copy, up to 64M (64K)\n"
"  --depth D          copies that a thread keeps in flight, up to 256 (4)\n"
"  --rate BYTES       bytes a second and thread (as fast as it goes)\n"
"  --rate-to BYTES    from --rate to this, evenly over the whole time\n"
"  --burst-ms P,B,F   submit only in bursts: every P ms for B ms, the first after F\n"
"  --chase-ms MS      --rate only on the node that a thread came to last, from MS\n"
"                     later on, a tenth of it elsewhere\n"
"  --cpus LIST        run the threads on these CPUs only\n"
"  --start-cpus LIST  start the threads on these CPUs in turn, then let them go\n"
"  --seconds S        how long (10)\n"
"  --interval-ms MS   report each such interval as well\n"
"  --verify           look at every byte of every copy\n"
"  --fallback         let the CPU copy where no engine serves; counted apart\n"
"  --json             one JSON object a report\n"
"  -h, --help         show this text\n"
"  -V, --version      show the version\n"
"\n"
"BYTES takes K, M and G (1024 each); LIST is like 0-3,8.\n"
"Exit status: 0, 1 when a copy failed or was wrong, 2 wrong usage, 3 no device\n"
"or no engine.\n";

static void __attribute__((noreturn)) bad(const char *option, const char *arg,
					  const char *want)
{
	message("--%s %s: %s", option, arg, want);
	exit(STATUS_USAGE);
}

static uint64_t parse_number(const char *option, const char *arg, uint64_t min,
			     uint64_t max, bool suffix)
{
	unsigned int shift = 0;
	char want[96];
	uint64_t value;
	char *end;

	snprintf(want, sizeof(want), "give a whole number from %llu to %llu%s",
		 (unsigned long long)min, (unsigned long long)max,
		 suffix ? ", with K, M or G if you like" : "");
	errno = 0;
	value = strtoull(arg, &end, 10);
	if (!isdigit((unsigned char)*arg) || errno)
		bad(option, arg, want);
	if (suffix && *end) {
		static const char units[] = "kmg";
		const char *unit = strchr(units, tolower((unsigned char)*end));

		if (unit) {
			shift = 10 * (unit - units + 1);
			end++;
		}
	}
	if (*end || value > max >> shift || value << shift < min)
		bad(option, arg, want);
	return value << shift;
}

static uint64_t parse_seconds(const char *option, const char *arg)
{
	double value;
	char *end;

	errno = 0;
	value = strtod(arg, &end);
	if (end == arg || *end || errno || !isfinite(value) || value <= 0 ||
	    value > SECONDS_MAX)
		bad(option, arg, "give a number of seconds above 0, up to 1000000");
	return (uint64_t)(value * NSEC_PER_SEC);
}

static long parse_cpu(const char **at)
{
	char *end;
	long cpu;

	if (!isdigit((unsigned char)**at))
		return -1;
	errno = 0;
	cpu = strtol(*at, &end, 10);
	*at = end;
	return errno || cpu >= CPU_SETSIZE ? -1 : cpu;
}

/* Calls add() for each CPU in the order of the list. */
static void parse_cpus(const char *option, const char *arg, struct options *opt,
		       void (*add)(struct options *opt, int cpu))
{
	static const char want[] = "give a list of CPUs like 0-3,8";
	const char *at = arg;
	long cpu, last;

	for (;;) {
		cpu = parse_cpu(&at);
		last = cpu;
		if (cpu >= 0 && *at == '-') {
			at++;
			last = parse_cpu(&at);
		}
		if (cpu < 0 || last < cpu)
			bad(option, arg, want);
		for (; cpu <= last; cpu++)
			add(opt, cpu);
		if (!*at)
			return;
		if (*at++ != ',')
			bad(option, arg, want);
	}
}

static void parse_burst(const char *option, const char *arg, struct options *opt)
{
	unsigned int period, burst, phase;
	int end = 0;

	/* sscanf() takes signs. */
	if (arg[strspn(arg, "0123456789,")] ||
	    sscanf(arg, "%9u,%9u,%9u%n", &period, &burst, &phase, &end) < 3 ||
	    arg[end] || !burst || burst > period || phase >= period)
		bad(option, arg, "give PERIOD,BURST,PHASE in ms, like 600,300,0: burst at most a period, phase less than one");
	opt->burst_period_ns = period * NSEC_PER_MSEC;
	opt->burst_ns = burst * NSEC_PER_MSEC;
	opt->burst_phase_ns = phase * NSEC_PER_MSEC;
}

static void add_cpu(struct options *opt, int cpu)
{
	CPU_SET(cpu, &opt->cpus);
}

static void add_start_cpu(struct options *opt, int cpu)
{
	int *list = reallocarray(opt->start_cpus, opt->nr_start_cpus + 1,
				 sizeof(*list));

	if (!list) {
		message("no memory");
		exit(STATUS_ERROR);
	}
	list[opt->nr_start_cpus++] = cpu;
	opt->start_cpus = list;
}

void options_parse(struct options *opt, int argc, char **argv)
{
	enum { THREADS = 256, SIZE, DEPTH, RATE, RATE_TO, BURST, CHASE, CPUS, START_CPUS,
	       SECONDS, INTERVAL, VERIFY, FALLBACK, JSON };
	static const struct option options[] = {
		{ "threads", required_argument, NULL, THREADS },
		{ "size", required_argument, NULL, SIZE },
		{ "depth", required_argument, NULL, DEPTH },
		{ "rate", required_argument, NULL, RATE },
		{ "rate-to", required_argument, NULL, RATE_TO },
		{ "burst-ms", required_argument, NULL, BURST },
		{ "chase-ms", required_argument, NULL, CHASE },
		{ "cpus", required_argument, NULL, CPUS },
		{ "start-cpus", required_argument, NULL, START_CPUS },
		{ "seconds", required_argument, NULL, SECONDS },
		{ "interval-ms", required_argument, NULL, INTERVAL },
		{ "verify", no_argument, NULL, VERIFY },
		{ "fallback", no_argument, NULL, FALLBACK },
		{ "json", no_argument, NULL, JSON },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ }
	};
	const char *name;
	int c, index = 0;

	*opt = (struct options){
		.threads = 1,
		.size = 64 << 10,
		.depth = 4,
		.duration_ns = 10 * NSEC_PER_SEC,
	};
	while ((c = getopt_long(argc, argv, "hV", options, &index)) != -1) {
		name = options[index].name;
		switch (c) {
		case THREADS:
			opt->threads = parse_number(name, optarg, 1, THREADS_MAX,
						    false);
			break;
		case SIZE:
			opt->size = parse_number(name, optarg, 1,
						 DMA_GATE_MAX_LEN, true);
			break;
		case DEPTH:
			opt->depth = parse_number(name, optarg, 1,
						  DMA_GATE_MAX_REQUESTS, false);
			break;
		case RATE:
			opt->rate = parse_number(name, optarg, 1, RATE_MAX, true);
			break;
		case RATE_TO:
			opt->rate_to = parse_number(name, optarg, 1, RATE_MAX, true);
			break;
		case BURST:
			parse_burst(name, optarg, opt);
			break;
		case CHASE:
			opt->chase_ns = parse_number(name, optarg, 1, INTERVAL_MAX_MS,
						     false) * NSEC_PER_MSEC;
			break;
		case CPUS:
			CPU_ZERO(&opt->cpus);
			parse_cpus(name, optarg, opt, add_cpu);
			opt->has_cpus = true;
			break;
		case START_CPUS:
			opt->nr_start_cpus = 0;
			parse_cpus(name, optarg, opt, add_start_cpu);
			break;
		case SECONDS:
			opt->duration_ns = parse_seconds(name, optarg);
			break;
		case INTERVAL:
			opt->interval_ns = parse_number(name, optarg, 1,
							INTERVAL_MAX_MS, false) *
					   NSEC_PER_MSEC;
			break;
		case VERIFY:
			opt->verify = true;
			break;
		case FALLBACK:
			opt->fallback = true;
			break;
		case JSON:
			opt->json = true;
			break;
		case 'h':
			fputs(help, stdout);
			exit(STATUS_OK);
		case 'V':
			puts("dmaaff-load " DMAAFF_VERSION);
			exit(STATUS_OK);
		default:
			/* getopt has said what is wrong. */
			exit(STATUS_USAGE);
		}
	}
	if (!opt->rate && (opt->rate_to || opt->chase_ns)) {
		message("--%s: give a --rate as well", opt->rate_to ? "rate-to" : "chase-ms");
		exit(STATUS_USAGE);
	}
	if (optind < argc) {
		message("%s: no such argument; see --help", argv[optind]);
		exit(STATUS_USAGE);
	}
}

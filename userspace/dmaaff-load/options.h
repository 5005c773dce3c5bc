/* SPDX-License-Identifier: GPL-2.0 */
/* The command line. */
#ifndef DMAAFF_LOAD_OPTIONS_H
#define DMAAFF_LOAD_OPTIONS_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define THREADS_MAX	4096

/* Exit statuses. */
enum {
	STATUS_OK,
	STATUS_ERROR,
	STATUS_USAGE,
	STATUS_NO_ENGINE,
};

/**
 * struct options - what to do
 * @threads: how many
 * @size: bytes a copy
 * @depth: copies that a thread keeps in flight
 * @rate: bytes a second and thread, 0 for as fast as it goes
 * @rate_to: the rate goes there over @duration_ns; 0: it stays
 * @burst_period_ns: 0: it asks all the time
 * @burst_ns: how much of a period it asks anything
 * @burst_phase_ns: when the first burst begins, less than a period
 * @chase_ns: see --chase-ms; 0: no
 * @has_cpus: @cpus was given
 * @cpus: where the threads may run
 * @start_cpus: CPUs that the threads start on, in turn; NULL: anywhere
 * @nr_start_cpus: how many
 * @duration_ns: how long
 * @interval_ns: an interval's length, 0 for none
 * @verify: look at every byte
 * @fallback: let the CPU copy where there is no engine
 * @json: JSON rather than a table
 */
struct options {
	unsigned int threads;
	size_t size;
	unsigned int depth;
	uint64_t rate;
	uint64_t rate_to;
	uint64_t burst_period_ns;
	uint64_t burst_ns;
	uint64_t burst_phase_ns;
	uint64_t chase_ns;
	bool has_cpus;
	cpu_set_t cpus;
	int *start_cpus;
	unsigned int nr_start_cpus;
	uint64_t duration_ns;
	uint64_t interval_ns;
	bool verify;
	bool fallback;
	bool json;
};

/* Exits after --help and --version, and with STATUS_USAGE when it is wrong. */
void options_parse(struct options *opt, int argc, char **argv);

#endif

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The kernel's own dmatest finds no fault with a simulated engine of any style,
# finds those that are made on purpose, and the engine's figures are exact.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=dma_engine_sim_lib.sh
. "$(dirname "$0")/dma_engine_sim_lib.sh"

# serves STYLE: copies, xors and syndromes of random length and place.
serves() {
	put style "$1"
	put capabilities "memcpy xor pq"
	put live 1
	dmatest iterations=30 threads_per_chan=2
	[[ $tests == 180 && $failures == 0 ]] ||
		complain "$failures of $tests tests failed: $report"
	expect truth_ops 180
	expect truth_errors 0
}

plain_engine_is_right() {
	serves plain
}

vchan_engine_is_right() {
	serves vchan
}

nested_engine_is_right() {
	serves nested
}

memset_is_right() {
	put capabilities memset
	put live 1
	dmatest dmatest=1 iterations=30
	[[ $tests == 30 && $failures == 0 ]] || complain "$report"
}

many_sources_are_right() {
	put capabilities "xor pq"
	put max_sources 32
	put live 1
	dmatest iterations=10 xor_sources=31 pq_sources=31
	[[ $tests == 20 && $failures == 0 ]] || complain "$report"
}

channels_work_side_by_side() {
	put channels 4
	put style vchan
	put live 1
	dmatest iterations=20
	[[ $tests == 80 && $failures == 0 ]] || complain "$report"
}

# polls STYLE: dmatest then spins on tx_status and terminates after each copy.
polls() {
	put style "$1"
	put live 1
	dmatest iterations=40 polled=1
	[[ $tests == 40 && $failures == 0 ]] || complain "$report"
	expect truth_ops 40
}

plain_engine_can_be_polled() {
	polls plain
}

vchan_engine_can_be_polled() {
	polls vchan
}

bytes_are_what_dmatest_moved() {
	put capabilities "memcpy xor pq"
	put live 1
	dmatest iterations=10 threads_per_chan=3 transfer_size=5000
	[[ $tests == 90 && $failures == 0 ]] || complain "$report"
	expect truth_ops 90
	expect truth_bytes $((90 * 5000))
}

busy_time_is_that_of_the_model() {
	put latency_ns 700
	put bytes_per_sec 500000000
	put live 1
	dmatest iterations=30 transfer_size=4096
	expect truth_busy_ns $((30 * (700 + 4096 * 2)))
}

latency_is_no_less_than_the_service_time() {
	put latency_ns 2000000
	put live 1
	dmatest iterations=20 transfer_size=1000
	[[ $(truth latency_ns) -ge $((20 * 2001000)) ]]
	expect truth_depth_ns "$(truth latency_ns)"
}

submitters_are_told_apart() {
	put live 1
	dmatest iterations=10 threads_per_chan=5 transfer_size=2048
	[[ $(wc -l < "$engine/truth_threads") == 5 ]]
	awk '$2 != 10 * 2048 || $3 != 10 { bad = 1 } END { exit bad }' \
		"$engine/truth_threads"
}

# One thread: a dmatest thread that saw errors terminates what others have on
# its channel when it ends.
fail_next_fails_so_many() {
	put live 1
	put fail_next 7
	dmatest iterations=20
	[[ $tests == 20 && $failures == 7 ]] || complain "$report"
	expect truth_errors 7
	expect truth_ops 13
	expect fail_next 0
}

corrupt_next_is_seen() {
	local caps

	for caps in memcpy xor pq; do
		put capabilities $caps
		put live 1
		put corrupt_next 3
		dmatest iterations=20
		[[ $tests == 20 && $failures == 3 ]] || complain "$report"
		expect truth_ops 20
		expect corrupt_next 0
		put live 0
	done
}

a_private_engine_is_found_on_request() {
	put private 1
	put live 1
	dmatest iterations=10
	[[ $tests == 10 && $failures == 0 ]] || complain "$report"
}

counters_begin_again_with_the_engine() {
	put live 1
	dmatest iterations=10
	put live 0
	expect truth_ops 10
	put live 1
	expect truth_ops 0
}

run_tests plain_engine_is_right \
	vchan_engine_is_right \
	nested_engine_is_right \
	memset_is_right \
	many_sources_are_right \
	channels_work_side_by_side \
	plain_engine_can_be_polled \
	vchan_engine_can_be_polled \
	bytes_are_what_dmatest_moved \
	busy_time_is_that_of_the_model \
	latency_is_no_less_than_the_service_time \
	submitters_are_told_apart \
	fail_next_fails_so_many \
	corrupt_next_is_seen \
	a_private_engine_is_found_on_request \
	counters_begin_again_with_the_engine

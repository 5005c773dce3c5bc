#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The kernel's own dmatest over simulated engines while dma_affinity watches: what it
# counts is what the engine did, to the byte. dmatest takes its channels for itself, so
# the engine is private, and its threads are bound.
set -euo pipefail
. "$(dirname "$0")/dma_engine_sim_lib.sh"

watched=/sys/kernel/dma_affinity

# figure NAME: the module's, of the engine.
figure() {
	echo "$(< "$watched/engines/$(< "$engine/dev_name")/$1")"
}

counts_are_the_engines() {
	local name

	for name in bytes ops; do
		[[ $(figure $name) == "$(truth $name)" ]] ||
			complain "$name: $(figure $name), truly $(truth $name)"
	done
	[[ $(truth ops) -gt 0 ]]
	[[ $(< "$watched/stats/dropped") == 0 ]] || complain "samples were dropped"
}

# counts STYLE: copies, xors and syndromes of random length by several threads.
counts() {
	put style "$1"
	put capabilities "memcpy xor pq"
	put channels 2
	put live 1
	dmatest iterations=100 threads_per_chan=2
	[[ $tests == 1200 && $failures == 0 ]] || complain "$failures of $tests failed: $report"
	counts_are_the_engines
}

plain_engine_is_counted_right() {
	counts plain
}

vchan_engine_is_counted_right() {
	counts vchan
}

polled_transfers_are_counted() {
	put live 1
	dmatest iterations=100 polled=1
	counts_are_the_engines
}

# dmatest_thread_is STATE: so says the table.
dmatest_thread_is() {
	local tid state

	while read -r tid _ _ _ _ _ state _; do
		[[ -e /proc/$tid/comm && $(< "/proc/$tid/comm") == dma*chan* ]] || continue
		[[ $state == "$1" ]] && return
	done < "$watched/threads"
	return 1
}

threads_are_bound_and_stay() {
	local moves

	put live 1
	moves=$(< "$watched/stats/moves")
	modprobe dmatest device="$(< "$engine/dev_name")" threads_per_chan=2 run=1
	poll_until 20 dmatest_thread_is bound || complain "$(tr -s ' ' < "$watched/threads")"
	rmmod dmatest
	[[ $(< "$watched/stats/moves") == "$moves" ]]
	counts_are_the_engines
}

need_module dma_affinity
run_tests plain_engine_is_counted_right \
	vchan_engine_is_counted_right \
	polled_transfers_are_counted \
	threads_are_bound_and_stay
rmmod dma_affinity

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# dma_affinity under load: a skewed start gets balanced, and the module and the
# engines may come and go meanwhile.
set -euo pipefail
. "$(dirname "$0")/affinity_lib.sh"

# even: until both together have moved 5 MB more, neither moves twice as much.
even() {
	local left right

	left=$(truth left bytes)
	right=$(truth right bytes)
	poll_until 30 both_beyond $((left + right + 5000000))
	left=$(($(truth left bytes) - left))
	right=$(($(truth right bytes) - right))
	((2 * left > right && 2 * right > left))
}

both_beyond() {
	[[ $(($(truth left bytes) + $(truth right bytes))) -gt $1 ]]
}

# Two that may not be moved and two that may, all on node 0 at first.
skew() {
	load --threads 2 --cpus 0 "$@"
	load --threads 2 --start-cpus 0-1 "$@"
}

skewed_start_gets_balanced() {
	skew
	poll_until 60 even || complain "left is at $(get "engines/$(dev left)/utilisation"), \
right at $(get "engines/$(dev right)/utilisation"): $(table history)"
}

skewed_start_stays_without_it() {
	put MODE off
	load --threads 4 --cpus 0-1
	poll_until 30 both_beyond 5000000
	! even
}

bytes_of_a_balanced_load_are_those_of_the_engines() {
	skew --verify
	poll_until 60 even
	loads_end
	[[ $(($(truth left bytes) + $(truth right bytes))) == $(loads_bytes) ]]
}

loaded_and_unloaded_under_load() {
	local i

	skew --verify
	for i in {1..10}; do
		rmmod dma_affinity
		modprobe dma_affinity
		poll_until 30 at_least stats/ticks 10 ||
			complain "no ticks the ${i}th time"
		expect stats/dropped 0
	done
	loads_end
	[[ $(($(truth left bytes) + $(truth right bytes))) == $(loads_bytes) ]]
}

modes_change_under_load() {
	local i mode

	skew --verify
	for i in {1..5}; do
		for mode in off manage monitor advise manage; do
			put MODE $mode
		done
	done
	poll_until 60 even
	loads_end
}

engine_of_a_moved_thread_goes() {
	local gone

	narrowed_worker
	gone=$(dev right)
	engine_remove right
	[[ ! -e $aff/engines/$gone ]]
	poll_until 20 has_mask "$worker" "$all_cpus" ||
		complain "its mask is $(mask "$worker")"
	poll_until 20 at_least stats/reverts 1 ||
		complain "no revert: $(table threads) $(table history)"
}

engines_come_and_go_under_load() {
	local i

	skew --fallback --verify
	for i in {1..5}; do
		engine_remove right
		engine_create right node=1 bytes_per_sec="$speed"
	done
	poll_until 60 even || complain "$(table history)"
	loads_end
}

engine_that_comes_late_is_used() {
	engine_remove right
	load --threads 4 --cpus 0-3
	poll_until 20 both_beyond_left 1000000
	engine_create right node=1 bytes_per_sec="$speed"
	poll_until 60 even || complain "$(table history)"
}

both_beyond_left() {
	[[ $(truth left bytes) -gt $1 ]]
}

run_tests skewed_start_gets_balanced \
	skewed_start_stays_without_it \
	bytes_of_a_balanced_load_are_those_of_the_engines \
	loaded_and_unloaded_under_load \
	modes_change_under_load \
	engine_of_a_moved_thread_goes \
	engines_come_and_go_under_load \
	engine_that_comes_late_is_used

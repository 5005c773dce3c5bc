#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Engines that are reserved for real-time threads: bulk is never sent to one and leaves
# it, real-time threads are moved among them alone.
set -euo pipefail
. "$(dirname "$0")/affinity_lib.sh"

# reserve ENGINE FOR
reserve() {
	put "engines/$(dev "$1")/RESERVED" "$2"
}

# was_sent_to ENGINE: the history knows a move to it.
was_sent_to() {
	local columns name

	name=$(dev "$1")
	while read -ra columns; do
		[[ ${columns[3]} != "$name" ]] || return 0
	done < <(table history)
	return 1
}

# The scheduler may take it to node 1, whence it is sent back: history tells that from a move
# to there.
bulk_is_not_sent_there() {
	reserve right rt
	worker
	crowd
	tell work > /dev/null
	pass_ticks 60
	! was_sent_to right || complain "it was sent there: $(table history)"
	reserve right none
	gets_moved c || complain "nor is it when nothing is reserved"
}

bulk_leaves_it() {
	local tid

	load --threads 1 --depth 1 --rate 1M --start-cpus 0-1
	poll_until 20 is_known || complain "no load"
	pass_ticks 20
	expect stats/moves 0
	reserve left rt
	moves_come 1 1
	poll_until 20 is_known || complain "no load"
	tid=$known
	poll_until 20 has_mask "$tid" c || complain "its mask is $(mask "$tid")"
	poll_until 20 at_least stats/successes 1 || complain "$(table history)"
}

# Sets $known to the thread that is. All are forgotten where everything stands still for a second.
is_known() {
	read -r known _ < <(table threads)
}

bulk_gets_its_mask_back_when_it_is_not_reserved_any_more() {
	local tid

	load --threads 1 --depth 1 --rate 1M --start-cpus 0-1
	reserve left rt
	moves_come 1 1
	poll_until 20 is_known || complain "no load"
	tid=$known
	poll_until 20 has_mask "$tid" c || complain "its mask is $(mask "$tid")"
	reserve left none
	poll_until 20 has_mask "$tid" "$all_cpus" || complain "its mask is $(mask "$tid")"
}

bulk_that_was_sent_there_leaves_it() {
	narrowed_worker
	reserve right rt
	poll_until 20 has_mask "$worker" 3 || complain "its mask is $(mask "$worker")"
}

real_time_thread_stays_among_others() {
	reserve left rt
	worker
	chrt -f -p 10 "$worker"
	crowd
	tell work > /dev/null
	pass_ticks 60
	has_mask "$worker" "$all_cpus" || complain "its mask is $(mask "$worker")"
	expect stats/moves 0
}

# real_time_worker: one that was moved from a reserved engine to another.
real_time_worker() {
	reserve left rt
	reserve right rt
	worker
	chrt -f -p 10 "$worker"
	crowd
	tell work > /dev/null
	gets_moved c
}

real_time_thread_is_moved_among_reserved_ones() {
	real_time_worker
	poll_until 20 is_state "$worker" narrowed
}

bulk_is_not_kept_there_where_it_may_go_nowhere_else() {
	real_time_worker
	poll_until 20 judged
	chrt -o -p 0 "$worker"
	poll_until 20 has_mask "$worker" "$all_cpus" ||
		complain "its mask is $(mask "$worker")"
}

# Nothing could be done for it.
real_time_thread_among_others_wakes_no_tick() {
	reserve right rt
	worker_with "" start
	chrt -f -p 10 "$worker"
	tell work > /dev/null
	poll_until 20 truth_beyond 1000000 || complain "it does not work"
	poll_until 30 still stats/ticks || complain "the tick goes on: $(table threads)"
}

its_mask_is_given_back_when_they_are_not_reserved_any_more() {
	real_time_worker
	reserve right none
	poll_until 20 has_mask "$worker" "$all_cpus" ||
		complain "its mask is $(mask "$worker")"
}

reservation_goes_with_the_engine() {
	local name

	reserve right rt
	engine_remove right
	engine_create right node=1 bytes_per_sec="$speed"
	name=$(dev right)
	poll_until 20 test -e "$aff/engines/$name" || complain "no engine"
	expect "engines/$name/RESERVED" none
}

run_tests bulk_is_not_sent_there \
	bulk_leaves_it \
	bulk_gets_its_mask_back_when_it_is_not_reserved_any_more \
	bulk_that_was_sent_there_leaves_it \
	bulk_is_not_kept_there_where_it_may_go_nowhere_else \
	real_time_thread_among_others_wakes_no_tick \
	real_time_thread_stays_among_others \
	real_time_thread_is_moved_among_reserved_ones \
	its_mask_is_given_back_when_they_are_not_reserved_any_more \
	reservation_goes_with_the_engine

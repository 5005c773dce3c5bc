#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# When threads are moved and when none is, and how a mask is narrowed.
set -euo pipefail
. "$(dirname "$0")/affinity_lib.sh"

# none_until FILE VALUE: as it is set, nothing is moved; set so, something is.
none_until() {
	worker
	crowd
	tell work > /dev/null
	pass_ticks 60
	expect stats/moves 0
	has_mask "$worker" "$all_cpus" || complain "its mask is $(mask "$worker")"
	put "$1" "$2"
	gets_moved c || complain "nor is it moved with $1 $2"
}

no_weight_no_move() {
	put DMA_WEIGHT_LATENCY 0
	put DMA_WEIGHT_THROUGHPUT 0
	none_until DMA_WEIGHT_THROUGHPUT 1
}

max_moves_0_no_move() {
	put MAX_MOVES 0
	none_until MAX_MOVES auto
}

mode_monitor_no_move() {
	put MODE monitor
	none_until MODE manage
}

mode_advise_no_move() {
	put MODE advise
	none_until MODE manage
}

# Nothing is even watched: there are no ticks.
mode_off_no_move() {
	local ticks bytes

	put MODE off
	ticks=$(get stats/ticks)
	worker
	load --threads 3 --cpus 0-1
	tell work > /dev/null
	bytes=$(truth left bytes)
	poll_until 30 truth_beyond $((bytes + 5000000))
	expect stats/ticks "$ticks"
	has_mask "$worker" "$all_cpus"
	put MODE manage
	poll_until 30 at_least stats/ticks $((ticks + 5))
}

mask_is_within_the_original_one() {
	worker_with e ""
	crowd
	tell work > /dev/null
	gets_moved c
}

# Node 1 has two CPUs of which it may use one, and node 0 keeps two.
not_to_one_cpu_of_a_users_mask() {
	worker_with 7 ""
	crowd
	tell work > /dev/null
	pass_ticks 60
	case $(mask "$worker") in
	7|3) ;;
	4) [[ $(uname -r) == 6.1.* ]] ;;
	*) complain "its mask is $(mask "$worker")" ;;
	esac
}

member_of_a_cpuset_stays_inside() {
	group_create inner 0-2
	worker_with "" inner
	crowd
	tell work > /dev/null
	gets_moved 4
}

both_masks_are_shown() {
	narrowed_worker
	# It may rest for a moment, which gives its mask back.
	poll_until 20 is_row "$worker" narrowed c "$all_cpus" ||
		complain "$(table threads)"
}

# is_row TID STATE MASK ORIGIN: of the table of threads.
is_row() {
	table threads | awk -v tid="$1" '$1 == tid { print $7, $8, $9 }' |
		grep -qxE "$2 0*$3 0*$4"
}

a_move_is_remembered() {
	narrowed_worker
	poll_until 20 at_least stats/moves 1
	table history | awk "{ print \$2, \$3, \$4 }" |
		grep -qx "$worker $(dev left) $(dev right)" || complain "$(table history)"
}

gain_is_said() {
	table history | awk '$5 > 0 && $6 ~ /^-?[0-9]+\.[0-9][0-9]$/ { found = 1 } END { exit !found }'
}

nothing_pends() {
	judged && ! table history | grep -q ' pending'
}

# Where hardly anything runs the worker may have submitted nothing by then: once more.
outcome_is_judged() {
	local times

	narrowed_worker
	for times in {1..5}; do
		poll_until 30 nothing_pends || complain "something is not judged: $(table history)"
		table history | awk '!($6 == "-" ? $7 == "partial" : $7 ~ /^(success|partial|failure)$/) { exit 1 }' ||
			complain "$(table history)"
		! gain_is_said || return 0
		put MODE off
		put MODE manage
		gets_moved c
	done
	complain "no gain is said $times times: $(table history)"
}

nothing_is_said() {
	table history | awk '$6 == "-" && $7 == "partial" { found = 1 } END { exit !found }'
}

# Bursts that are over when a move of theirs is judged.
of_who_asks_nothing_any_more_nothing_is_said() {
	local speed_of_each=$((speed * 9 / 10))

	load --threads 4 --size 4096 --rate "$speed_of_each" --burst-ms 400,100,0 --start-cpus 0-1
	poll_until 30 nothing_is_said || complain "$(table history)"
	table history | awk '$6 == "0.00" && $7 == "partial" { exit 1 }' || complain "$(table history)"
}

thread_that_rests_gets_its_mask_back() {
	narrowed_worker
	tell rest > /dev/null
	poll_until 30 has_mask "$worker" "$all_cpus" ||
		complain "its mask is $(mask "$worker")"
	expect MODE manage
}

# Without any DMA the tick goes to sleep, and leaves nothing behind.
all_rest_and_get_their_masks_back() {
	narrowed_worker
	tell rest > /dev/null
	loads_end
	poll_until 30 has_mask "$worker" "$all_cpus" ||
		complain "its mask is $(mask "$worker")"
	poll_until 30 still stats/ticks || complain "the tick goes on"
	[[ -z $(table threads) ]] || complain "$(table threads)"
}

# leaves WORD: another MODE, another mask.
leaves() {
	narrowed_worker
	put MODE "$1"
	has_mask "$worker" "$all_cpus" || complain "its mask is $(mask "$worker")"
	expect MODE "$1"
	put MODE manage
	gets_moved c
}

mode_advise_gives_masks_back() {
	leaves advise
}

mode_monitor_gives_masks_back() {
	leaves monitor
}

mode_off_gives_masks_back() {
	leaves off
}

unload_gives_masks_back() {
	narrowed_worker
	rmmod dma_affinity
	has_mask "$worker" "$all_cpus" || complain "its mask is $(mask "$worker")"
}

ended() {
	! kill -0 "$1" 2> /dev/null
}

# The tick is kept from running by a thread of higher priority on its only CPU; of
# a real-time one, for the others are spared some time. Nobody waits for it, and it goes on
# as soon as it can.
stalled_tick_gives_masks_back() {
	local tick hog

	narrowed_worker
	tick=$(pgrep -x dma_affinity)
	taskset -p 2 "$tick" > /dev/null
	chrt -f -p 1 "$tick"
	taskset 2 chrt -f 50 sh -c "while :; do :; done" &
	hog=$!
	poll_until 60 has_mask "$worker" "$all_cpus" ||
		complain "its mask is $(mask "$worker"), MODE $(get MODE)"
	poll_until 20 reads MODE monitor || complain "MODE is $(get MODE)"
	put MODE manage &
	poll_until 10 ended $! || complain "who sets MODE waits for the tick"
	expect MODE manage
	kill "$hog"
	gets_moved c
}

# What the tick calls for each channel takes a stack trace: some 1,000 of them a tick, in a millisecond.
slow_down_ticks() {
	local i

	for i in 1 2 3 4; do
		engine_create "many$i" private=1 channels=64
	done
	put SAMPLE_INTERVAL 1
	printf 'dam_%s\n' channel_take preps_tick load_tick load_take_busy > "$tracing/set_ftrace_filter"
	echo 1 > "$tracing/options/func_stack_trace"
	echo function > "$tracing/current_tracer"
}

let_ticks_be_fast() {
	local i

	echo nop > "$tracing/current_tracer"
	echo 0 > "$tracing/options/func_stack_trace"
	echo > "$tracing/set_ftrace_filter"
	put SAMPLE_INTERVAL 10
	for i in 1 2 3 4; do
		engine_remove "many$i"
	done
	[[ ! -d $own_trace ]] || rmdir "$own_trace"
}

# Others fill the usual buffer.
own_trace=$tracing/instances/affinity_moves

own_trace_has() {
	[[ $(< "$own_trace/trace") == *"$1"* ]]
}

overruns_said() {
	dmesg | grep -c "dma_affinity: each tick takes longer" || :
}

overrunning_ticks_give_masks_back() {
	local said

	trap 'set +e; let_ticks_be_fast; clean_up' EXIT
	said=$(overruns_said)
	narrowed_worker
	mkdir "$own_trace"
	echo 1 > "$own_trace/events/dma_affinity/mode/enable"
	slow_down_ticks
	poll_until 120 reads MODE monitor || complain "MODE is $(get MODE), overruns $(get stats/overruns)"
	poll_until 20 has_mask "$worker" "$all_cpus" || complain "its mask is $(mask "$worker")"
	poll_until 20 own_trace_has "from=manage to=monitor stalled=1" || complain "not traced"
	[[ $(overruns_said) == $((said + 1)) ]] || complain "said $(($(overruns_said) - said)) times"
	let_ticks_be_fast
	put MODE manage
	gets_moved c
	expect MODE manage
}

run_tests no_weight_no_move \
	max_moves_0_no_move \
	mode_monitor_no_move \
	mode_advise_no_move \
	mode_off_no_move \
	mask_is_within_the_original_one \
	not_to_one_cpu_of_a_users_mask \
	member_of_a_cpuset_stays_inside \
	both_masks_are_shown \
	a_move_is_remembered \
	outcome_is_judged \
	of_who_asks_nothing_any_more_nothing_is_said \
	thread_that_rests_gets_its_mask_back \
	all_rest_and_get_their_masks_back \
	mode_advise_gives_masks_back \
	mode_monitor_gives_masks_back \
	mode_off_gives_masks_back \
	unload_gives_masks_back \
	stalled_tick_gives_masks_back \
	overrunning_ticks_give_masks_back

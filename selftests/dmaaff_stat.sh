#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# dmaaff-stat on a live module: it shows what the module does, and sets it.
set -euo pipefail
. "$(dirname "$0")/affinity_lib.sh"

# explaining PID: dmaaff-stat explain follows what is reckoned from now on.
explaining() {
	dmaaff-stat explain "$1" 300 > "$scratch/explained" 2>&1 &
	explainer=$!
	poll_until 20 follows || complain "$(< "$scratch/explained")"
}

follows() {
	local file=$tracing/instances/dmaaff-stat-$explainer/events/dma_affinity/bottleneck/enable

	[[ -e $file && $(< "$file") == 1 ]]
}

# explained: what it has to say, and nothing of it is left.
explained() {
	kill -INT "$explainer"
	wait "$explainer" || complain "explain ended with $?"
	[[ ! -e $tracing/instances/dmaaff-stat-$explainer ]] || complain "its instance is left"
}

# says PATTERN: a line of it.
says() {
	grep -qE -- "$1" "$scratch/explained" ||
		complain "not '$1': $(< "$scratch/explained")"
}

explain_has_each_term_of_a_move() {
	local term

	worker
	crowd
	explaining "$worker"
	tell work > /dev/null
	gets_moved c
	explained
	says "^Thread $worker is narrowed on $(dev right), CPUs 2-3 of 0-$(($(nproc) - 1))\.$"
	says "^Thread $worker, from $(dev left) to $(dev right): reckoned [1-9][0-9]* times, accepted [1-9][0-9]* times\.$"
	for term in latency throughput cache pressure history; do
		says "^  $term +[-+][0-9]+\.[0-9]{2} %   [a-zC]"
	done
	says "^  total +[-+][0-9.]+ %   is (not )?enough: "
	says "^  bound +-[0-9.]+ %   what a move must gain at least$"
}

explain_tells_of_each_thread_of_a_process_that_it_may_not_be_moved() {
	crowd
	# shellcheck disable=SC2031 # of the same test
	dmaaff-stat explain "${load_pids[1]}" 0.5 > "$scratch/explained"
	[[ $(grep -cE "^Thread [0-9]+ is pinned on $(dev left), CPUs 0.*: it may not be moved" \
		"$scratch/explained") == 3 ]] || complain "$(< "$scratch/explained")"
}

explain_tells_where_nothing_is_reckoned() {
	put MODE monitor
	crowd
	# shellcheck disable=SC2031 # of the same test
	dmaaff-stat explain "${load_pids[0]}" 0.1 > "$scratch/explained"
	says "^Thread [0-9]+ is .*: nothing is reckoned in this mode: set MODE to advise or manage\.$"
	put MODE manage
	dmaaff-stat explain $$ 0.1 > "$scratch/explained"
	says "^$$: it did no DMA, or so little that it is not in the table\.$"
}

# on_screen PATTERN: what top has drawn so far, of a terminal of its own.
on_screen() {
	tr '\033' '\n' < "$scratch/screen" | grep -qE -- "$1"
}

top_says_why_a_thread_was_moved() {
	local top left

	command -v script > /dev/null || exit 4

	worker
	crowd
	SHELL=/bin/bash TERM=vt100 script -qfc "stty cols 140 rows 40; exec dmaaff-stat top 1" \
		"$scratch/screen" < /dev/null > /dev/null &
	top=$!
	poll_until 30 on_screen 'REASON'
	tell work > /dev/null
	gets_moved c
	poll_until 30 on_screen 'less waiting|better balance|nearer memory|less busy CPUs' ||
		complain "$(tr '\033' '\n' < "$scratch/screen" | tail -n 60)"
	pkill -INT -f 'dmaaff-stat top 1$'
	wait $top || complain "top ended with $?"
	for left in "$tracing"/instances/dmaaff-stat-*; do
		[[ ! -e $left ]] || complain "its instance is left"
	done
}

# columns_of NAME N...: of a table of the module's, as comma-separated values
columns_of() {
	local name=$1 columns column line

	shift
	while read -ra columns; do
		line=
		for column; do
			line+=,${columns[column - 1]}
		done
		echo "${line#,}"
	done < <(table "$name") | sort
}

# shown NAME COLUMNS: the same by dmaaff-stat
shown() {
	dmaaff-stat "$1" --csv --show "$2" | tail -n +2 | cut -d , -f 2- | sort
}

# shown_as_is NAME COLUMNS N...: dmaaff-stat shows COLUMNS of NAME as the module
# has them in its columns N. All goes on meanwhile: what counts is what was shown
# between two equal readings of the module.
shown_as_is() {
	local name=$1 before shown_now

	shift
	for _ in {1..20}; do
		before=$(columns_of "$name" "${@:2}")
		shown_now=$(shown "$name" "$1")
		if [[ $before == "$(columns_of "$name" "${@:2}")" ]]; then
			[[ -n $shown_now && $shown_now == "$before" ]] ||
				complain "$shown_now, not $before"
			return
		fi
	done
	complain "$name was never the same twice"
}

threads_and_moves_are_those_of_the_module() {
	narrowed_worker
	poll_until 30 judged
	# It stays there as nobody narrows it: else its engine is another each moment.
	taskset -p c "$worker" > /dev/null
	put MODE monitor
	[[ $(columns_of history 2) == *$worker* ]]
	shown_as_is threads tid,start_ns,engine 1 2 3
	shown_as_is history time_ns,tid,from,to,result 1 2 3 4 7
}

# What was moved stands still by now.
figures_are_those_of_the_module() {
	local name

	load --threads 2 --depth 2 --cpus 0-1
	poll_until 20 truth_beyond 1000000
	loads_end
	name=$(dev left)
	echo rt > "$aff/engines/$name/RESERVED"
	[[ $(shown engines name,reserved,bytes,ops) == *"$name,rt,$(truth left bytes),$(truth left ops)"* ]] ||
		complain "$(shown engines name,reserved,bytes,ops)"
	dmaaff-stat metrics | grep -qxF "dmaaff_engine_bytes_total{engine=\"$name\"} $(truth left bytes)"
}

what_is_set_holds_and_what_is_refused_is_told() {
	local allowed

	dmaaff-stat set HOLDOFF=20 MIGRATION_THRESHOLD=33
	expect HOLDOFF 20
	expect MIGRATION_THRESHOLD 33
	allowed=$(dmaaff-stat tunables --csv --show name,value,values)
	[[ $allowed == *,HOLDOFF,20,0-3600* ]] || complain "$allowed"
	fails_with "HOLDOFF cannot be '3601': allowed is 0-3600 s" dmaaff-stat set HOLDOFF=3601
	expect HOLDOFF 20
}

run_tests explain_has_each_term_of_a_move \
	explain_tells_of_each_thread_of_a_process_that_it_may_not_be_moved \
	explain_tells_where_nothing_is_reckoned \
	top_says_why_a_thread_was_moved \
	threads_and_moves_are_those_of_the_module \
	figures_are_those_of_the_module \
	what_is_set_holds_and_what_is_refused_is_told

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# dmaaff-load: its report against the engine's truth, its options, its exit
# statuses.
set -euo pipefail
. "$(dirname "$0")/dma_engine_sim_lib.sh"

need_module dma_gate
out=$(mktemp)
errors=$(mktemp)

# load STATUS OPTION...: runs it, which must end so; what it said is in $out
# and $errors.
load() {
	local want=$1 status=0

	shift
	dmaaff-load "$@" > "$out" 2> "$errors" || status=$?
	[[ $status == "$want" ]] ||
		complain "status $status of dmaaff-load $*: $(head -n 1 "$errors")"
}

# sum KEY: over all threads of the last report.
sum() {
	tail -n 1 "$out" | grep -o "\"$1\":[0-9]*" |
		awk -F : '{ sum += $2 } END { printf "%.0f\n", sum }'
}

one_line_of_errors() {
	local lines

	mapfile -t lines < "$errors"
	[[ ${#lines[@]} == 1 ]] || complain "said: ${lines[*]}"
}

json_is_as_documented() {
	local n='[0-9]+' thread

	put live 1
	load 0 --threads 2 --seconds 0.2 --json
	thread="\{\"tid\":$n,\"bytes\":$n,\"cpu_bytes\":$n,\"ops\":$n"
	thread+=",\"errors\":$n,\"p50_ns\":$n,\"p99_ns\":$n,\"max_ns\":$n\}"
	grep -Eqx "\{\"seconds\":$n\.$n,\"threads\":\[$thread,$thread\]\}" "$out"
	[[ $(wc -l < "$out") == 1 ]]
}

bytes_are_the_engines() {
	put live 1
	load 0 --threads 3 --depth 7 --size 100001 --seconds 1 --json
	[[ $(sum bytes) -gt 0 ]]
	expect truth_bytes "$(sum bytes)"
	[[ $(sum cpu_bytes) == 0 && $(sum errors) == 0 ]]
	[[ $(sum bytes) == $((100001 * $(sum ops))) ]]
}

each_thread_is_charged_with_its_own() {
	local tid bytes

	put live 1
	load 0 --threads 3 --seconds 1 --json
	while read -r tid bytes; do
		grep -Eq "^$tid +$bytes( |$)" "$engine/truth_threads" ||
			complain "$tid $bytes is not in: $(< "$engine/truth_threads")"
	done < <(grep -Eo '"tid":[0-9]+,"bytes":[0-9]+' "$out" | tr -cs '0-9\n' ' ')
}

intervals_come_first_and_add_up() {
	local total

	put live 1
	load 0 --seconds 1 --interval-ms 200 --json
	[[ $(wc -l < "$out") == 6 ]] || complain "$(wc -l < "$out") lines"
	total=$(sum bytes)
	head -n -1 "$out" | grep -o '"bytes":[0-9]*' |
		awk -F : -v total="$total" '
			{ sum += $2 }
			END { exit !(sum > 0 && sum <= total) }'
}

text_has_a_line_a_thread_and_one_for_all() {
	put live 1
	load 0 --threads 3 --seconds 0.2
	[[ $(wc -l < "$out") == 5 ]]
	grep -q '^all ' "$out"
}

a_wrong_byte_is_found() {
	put live 1
	put corrupt_next 1
	load 1 --verify --seconds 2 --json
	[[ $(sum errors) == 1 ]] || complain "errors: $(sum errors)"
	grep -q "wrong data" "$errors"
	one_line_of_errors
}

right_bytes_are_right() {
	put live 1
	load 0 --verify --threads 2 --depth 8 --size 12345 --seconds 1 --json
	[[ $(sum ops) -gt 0 ]]
}

a_failed_copy_is_counted() {
	put live 1
	put fail_next 1
	load 1 --seconds 2 --json
	[[ $(sum errors) == 1 && $(sum ops) -gt 0 ]]
	expect truth_bytes "$(sum bytes)"
	one_line_of_errors
}

no_engine_ends_it() {
	load 3 --threads 4 --seconds 5
	one_line_of_errors
	grep -q "no DMA engine serves CPU" "$errors"
}

no_device_ends_it() {
	poll_until 10 rmmod dma_gate
	load 3 --threads 4 --seconds 5
	modprobe dma_gate
	one_line_of_errors
	grep -q "/dev/dma_gate" "$errors"
}

fallback_is_counted_apart() {
	load 0 --fallback --verify --seconds 2 --json
	[[ $(sum bytes) == 0 && $(sum cpu_bytes) -gt 0 ]]
}

a_rate_is_not_exceeded() {
	put live 1
	load 0 --rate 1M --size 4K --seconds 2 --json
	[[ $(sum bytes) -gt 0 ]]
	# What it may make up for, and what it keeps in flight, come on top.
	awk -v bytes="$(sum bytes)" -F '[:,]' \
		'{ exit !(bytes <= 1048576 * ($2 + 0.1) + 5 * 4096) }' "$out"
}

# The first is from 0.3 to 0.7 s, the next a minute later.
bursts_are_not_exceeded() {
	put live 1
	load 0 --rate 1M --size 4K --burst-ms 60000,400,300 --seconds 2 --json
	[[ $(sum bytes) -gt 0 && $(sum bytes) -le $((1048576 * 4 / 10 + 2 * 4096)) ]]
}

threads_may_run_where_they_are_told() {
	local pid

	put live 1
	dmaaff-load --threads 2 --start-cpus 0 --cpus 0-1 --seconds 100 > "$out" &
	pid=$!
	poll_until 10 some_bytes_moved
	[[ $(cat "/proc/$pid/task/"*/status | grep -c "^Cpus_allowed_list:.0-1$") == 3 ]]
	kill -TERM "$pid"
	wait "$pid"
}

some_bytes_moved() {
	[[ $(truth bytes) -gt 0 ]]
}

a_signal_ends_it_with_a_report() {
	local signal pid before

	put live 1
	for signal in INT TERM; do
		before=$(truth bytes)
		dmaaff-load --seconds 100 --json > "$out" &
		pid=$!
		poll_until 10 more_bytes_than "$before"
		kill -"$signal" "$pid"
		wait "$pid"
		grep -q '^{.*}$' "$out"
		expect truth_bytes "$((before + $(sum bytes)))"
	done
}

more_bytes_than() {
	[[ $(truth bytes) -gt $1 ]]
}

wrong_usage_is_one_line() {
	local args

	while read -r -a args; do
		load 2 "${args[@]}" || complain "${args[*]}"
		one_line_of_errors
		[[ ! -s $out ]]
	done <<- EOF
	--threads 0
	--threads -1
	--threads x
	--size 65M
	--size 4T
	--size 18446744073709551616
	--depth 257
	--rate 0
	--rate-to 1M
	--chase-ms 10
	--burst-ms 10
	--burst-ms 10,11,0
	--burst-ms 10,5,10
	--burst-ms 10,-5,0
	--seconds nan
	--seconds -1
	--interval-ms 0
	--cpus 1-
	--cpus 3-1
	--cpus 0,,1
	--start-cpus 99999
	--start-cpus 1000
	--cpus 1000
	--no-such-option
	word
	EOF
}

run_tests json_is_as_documented \
	bytes_are_the_engines \
	each_thread_is_charged_with_its_own \
	intervals_come_first_and_add_up \
	text_has_a_line_a_thread_and_one_for_all \
	a_wrong_byte_is_found \
	right_bytes_are_right \
	a_failed_copy_is_counted \
	no_engine_ends_it \
	no_device_ends_it \
	fallback_is_counted_apart \
	a_rate_is_not_exceeded \
	bursts_are_not_exceeded \
	threads_may_run_where_they_are_told \
	a_signal_ends_it_with_a_report \
	wrong_usage_is_one_line

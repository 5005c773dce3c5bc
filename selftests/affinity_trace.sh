#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The tracepoints dma_affinity:*, as trace-cmd records them.
set -euo pipefail
. "$(dirname "$0")/affinity_lib.sh"

recording=$scratch/recording
events=$tracing/events/dma_affinity

# record: a worker is moved out of a crowd, once for all tests that look at it.
record() {
	local recorder

	[[ ! -d $recording ]] || return 0
	mkdir "$recording"
	trace-cmd record -q -b 8192 -e dma_affinity -o "$recording/trace.dat" \
		bash -c "touch $recording/begun; until [[ -e $recording/end ]]; do sleep 0.2; done" \
		> "$recording/errors" 2>&1 &
	recorder=$!
	# Events are enabled before the buffer takes them: only what it runs comes after both.
	poll_until 60 test -e "$recording/begun"
	narrowed_worker
	poll_until 30 judged
	# The last move is in both records, or in none.
	put MODE monitor
	tell rest > /dev/null
	loads_end
	touch "$recording/end"
	wait "$recorder"
	trace-cmd report -i "$recording/trace.dat" > "$recording/report" \
		2>> "$recording/errors"
	table history > "$recording/history"
	cat "$scratch"/load.* > "$recording/load"
	dev left > "$recording/crowded"
}

# recorded EVENT: what it said, one a line.
recorded() {
	sed -nE "s/^.* $1: +//p" "$recording/report"
}

# has EVENT FIELD...: as its format says.
has() {
	local event=$1 field

	shift
	for field; do
		grep -qE "field:.*[ *]$field(\[.*\])?;" "$events/$event/format" ||
			complain "$event has no $field"
	done
}

events_have_their_fields() {
	has dma_submit engine channel kind bytes
	has engine_sample engine bytes ops busy_ns depth_ns in_flight \
		capacity_bps utilisation_e2 threads id caps busy_q16 work_q16 \
		wait_ns wait_q30 charged_bps done_bps pressure_q16 cpus node \
		target reserved sleeps guess_ticks
	has engine_forecast engine now_bps predicted_bps capacity_bps horizon_ms
	has bottleneck engine now_bps predicted_bps capacity_bps excess_e2
	has candidate tid from to latency_q16 throughput_q16 cache_q16 \
		pressure_q16 history_q16 total_q16 accepted
	has migrate tid comm from to mask promised_e2 purpose applied slot
	has migrate_outcome tid promised_e2 achieved_e2 verdict slot \
		achieved_q16 early known
	has thread_adopt tid comm slot
	has thread_release tid slot
	has mode from to
	has thread_sample tid engine submitted_bps demand_bps predicted_bps \
		op_bytes slot engine_id
	has thread_look tid slot kinds cpu_q16 working_set_kb history_e4 \
		mem_node cpu_node movable bound rt cooling tried
	has allowed tid slot engine_id allowed
	has decision tid slot from_id to_id promised_q16 purpose ready
	has node_distances node nodes distances
	has tick sequence mode now_ns engines engine_limit thread_limit \
		weight_latency_e4 weight_throughput_e4 energy_bias_e4 \
		threshold_pct horizon_ms interval_ms max_moves choice learn \
		rested
	has node_sample node pressure_e2
	has config name value
}

no_event_is_without_a_test() {
	[[ $(find "$events" -mindepth 1 -maxdepth 1 -type d -printf '%f ' |
		tr ' ' '\n' | sort | xargs) == "allowed bottleneck candidate config \
decision dma_submit engine_forecast engine_sample migrate migrate_outcome mode \
node_distances node_sample thread_adopt thread_look thread_release thread_sample \
tick" ]]
}

what_happened_is_recorded() {
	local event

	record
	for event in dma_submit engine_sample engine_forecast bottleneck \
		candidate allowed decision migrate migrate_outcome thread_adopt \
		thread_look thread_sample node_sample tick; do
		[[ -n $(recorded $event) ]] || complain "there is no $event"
	done
}

nothing_is_lost() {
	record
	! grep -E "LOST|DROPPED" "$recording/report"
}

submissions_add_up_to_the_bytes_of_each_thread() {
	local traced loaded

	record
	loaded=$(grep -oE '"tid":[0-9]+,"bytes":[0-9]+' "$recording/load" |
		sed -E 's/[^0-9]+/ /g; s/^ //' | sort)
	traced=$(sed -nE 's/^.*-([0-9]+) +\[[0-9]+\].* dma_submit: .* bytes=([0-9]+).*$/\1 \2/p' \
		"$recording/report" |
		awk 'NR == FNR { sum[$1] = 0; next }
			$1 in sum { sum[$1] += $2 }
			END { for (t in sum) print t, sum[t] }' \
			<(echo "$loaded") - | sort)
	[[ -n $loaded && $traced == "$loaded" ]] ||
		complain "traced: $traced; moved: $loaded"
}

every_engine_sample_is_below_one_whole() {
	record
	[[ $(recorded engine_sample | grep -oE 'utilisation_e2=[0-9]+' |
		cut -d = -f 2 | sort -n | tail -n 1) -le 10000 ]]
}

bottleneck_is_where_the_crowd_is() {
	record
	recorded bottleneck | grep "^engine=$(< "$recording/crowded") " > /dev/null
}

moves_are_those_of_the_history() {
	record
	[[ $(recorded migrate | grep applied=1 |
		sed -E 's/tid=([0-9]+) .*from=([^ ]+) to=([^ ]+) .*/\1 \2 \3/') == \
	   $(tac "$recording/history" | awk '{ print $2, $3, $4 }') ]] ||
		complain "$(recorded migrate), $(cat "$recording/history")"
}

each_move_was_an_accepted_candidate() {
	local moved

	record
	for moved in $(recorded migrate | grep -oE '^tid=[0-9]+'); do
		recorded candidate | grep "^$moved .*accepted=1" > /dev/null ||
			complain "$moved was moved and not accepted"
	done
}

# traced EVENT: what the kernel's own buffer has of it.
traced() {
	sed -nE "s/^.* $1: +//p" "$tracing/trace"
}

# watch EVENT...: from now on.
watch() {
	local event

	echo > "$tracing/trace"
	for event; do
		echo 1 > "$events/$event/enable"
	done
}

advice_is_traced_and_not_applied() {
	put MODE advise
	watch migrate
	worker
	crowd
	tell work > /dev/null
	put HOLDOFF 0
	poll_until 30 is_advised || complain "$(table threads)"
	[[ $(traced migrate) != *applied=1* ]] || complain "$(traced migrate)"
	has_mask "$worker" "$all_cpus"
	expect stats/moves 0
}

# On node 1, where the scheduler may take it, there is nothing to advise.
is_advised() {
	is_traced migrate "tid=$worker " && return
	comes_back none
	return 1
}

is_traced() {
	[[ $(traced "$1") == *"$2"* ]]
}

mode_and_config_are_traced() {
	watch mode config
	put MODE advise
	put MIGRATION_THRESHOLD 33
	put DMA_WEIGHT_LATENCY 0.25
	is_traced mode "from=manage to=advise stalled=0"
	is_traced config MIGRATION_THRESHOLD=33
	is_traced config DMA_WEIGHT_LATENCY=2500
}

refused_values_are_not_traced() {
	watch mode config
	fails_with "$ERANGE" put MIGRATION_THRESHOLD 101
	fails_with "$EINVAL" put MODE nonsense
	[[ -z $(traced config)$(traced mode) ]]
}

thread_that_ends_is_traced() {
	watch thread_adopt thread_release
	load --threads 1 --cpus 0-1
	poll_until 20 is_traced thread_adopt comm=dmaaff-load
	loads_end
	poll_until 20 all_are_released ||
		complain "$(traced thread_adopt), released $(traced thread_release)"
}

all_are_released() {
	[[ $(traced thread_adopt | grep -oE '^tid=[0-9]+') == \
	   $(traced thread_release | grep -oE '^tid=[0-9]+') ]]
}

# The kernel keeps the buffer readable, and the events go.
unload_with_events_enabled_is_safe() {
	echo 1 > "$events/enable"
	load --threads 4 --start-cpus 0-1
	poll_until 30 at_least stats/ticks 30
	rmmod dma_affinity
	[[ ! -d $events ]]
	cat "$tracing/trace" > /dev/null
	modprobe dma_affinity
	[[ $(< "$events/enable") == 0 ]]
}

run_tests events_have_their_fields \
	no_event_is_without_a_test \
	what_happened_is_recorded \
	nothing_is_lost \
	submissions_add_up_to_the_bytes_of_each_thread \
	every_engine_sample_is_below_one_whole \
	bottleneck_is_where_the_crowd_is \
	moves_are_those_of_the_history \
	each_move_was_an_accepted_candidate \
	advice_is_traced_and_not_applied \
	mode_and_config_are_traced \
	refused_values_are_not_traced \
	thread_that_ends_is_traced \
	unload_with_events_enabled_is_safe

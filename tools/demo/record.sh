# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC3043
#
# Runs in the guest: what the demo's figures and plots are made of. Lines that begin with
# "@" are for report.awk, not for people. Sourced.

sim=/sys/kernel/config/dma_engine_sim
aff=/sys/kernel/dma_affinity
tracing=/sys/kernel/tracing

# What a run is called in the records: PART.MODE.
run=

# begin_step TEXT...: what comes now, and why.
begin_step() {
	printf '\n'
	for line; do
		printf '=== %s\n' "$line"
	done
	printf '\n'
}

# show COMMAND...: as somebody at a terminal would.
show() {
	printf '# %s\n' "$*"
	"$@"
	printf '\n'
}

set_mode() {
	printf '# echo %s > %s/MODE\n' "$1" "$aff"
	echo "$1" > "$aff/MODE"
}

# counts FILE: of both engines, as words.
counts() {
	local a b

	read -r a < "$sim/e0/$1"
	read -r b < "$sim/e1/$1"
	echo "$a $b"
}

# mark WORD...: a line among the trace events, on their clock.
mark() {
	echo "demo: $*" > "$tracing/trace_marker"
}

# The engines' own truth, so that a plot shows no more of the module than its forecast.
sample_for_ever() {
	local a b

	while :; do
		read -r a < "$sim/e0/truth_busy_ns"
		read -r b < "$sim/e1/truth_busy_ns"
		mark "busy $a $b"
		sleep 0.04
	done
}

# threads_served AT: who had which engine move how much, so far.
threads_served() {
	local engine

	for engine in e0 e1; do
		sed "s/^/@ served $run $1 $engine /" "$sim/$engine/truth_threads"
	done
}

# record_begin RUN
record_begin() {
	run=$1
	echo "@ run $run"
	echo 0 > "$tracing/tracing_on"
	echo mono > "$tracing/trace_clock"
	echo 4096 > "$tracing/buffer_size_kb"
	for event in engine_forecast migrate mode; do
		echo 1 > "$tracing/events/dma_affinity/$event/enable"
	done
	echo > "$tracing/trace"
	echo 1 > "$tracing/tracing_on"
	for engine in e0 e1; do
		echo "@ engine $run $engine $(cat "$sim/$engine/dev_name")"
	done
	threads_served begin
	mark begin
	sample_for_ever &
	sampler=$!
}

record_end() {
	mark end
	kill "$sampler"
	wait "$sampler" 2> /dev/null || true
	echo 0 > "$tracing/tracing_on"
	threads_served end
	# "comm-tid [cpu] flags time: event: ..." without what is before the time.
	sed -n "s/^ .*\] [^ ]* *\([0-9.]*\): \(tracing_mark_write: demo\|engine_forecast\|migrate\|mode\): /@ trace $run \1 \2 /p" \
		"$tracing/trace"
}

# record_window HUNDREDTHS BYTES_BEFORE BYTES_AFTER: what the table is made of. Hundredths of
# a second; bytes are two words each, one an engine. Sets $share, how much was the part of
# the busier engine, in percent.
record_window() {
	# shellcheck disable=SC2086 # words
	set -- $1 $2 $3
	set -- "$1" $(($4 - $2)) $(($5 - $3))
	echo "@ window $run $1 $2 $3"
	# shellcheck disable=SC2034 # for the caller
	share=$((100 * ($2 > $3 ? $2 : $3) / ($2 + $3)))
}

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Runs in the guest: four equal threads start on node 0, two equal engines serve
# one node each, with MODE off and then manage. Prints `NAME VALUE` lines.
set -eu

sim=/sys/kernel/config/dma_engine_sim
aff=/sys/kernel/dma_affinity

# report NAME VALUE
report() {
	echo "$1 $2"
}

# figure NAME: of stats/
figure() {
	cat "$aff/stats/$1"
}

# truth: bytes that the engines moved
truth() {
	echo $(($(cat "$sim/left/truth_bytes") + $(cat "$sim/right/truth_bytes")))
}

# sum: of the bytes of all threads in dmaaff-load's reports on stdin
sum() {
	grep -o '"bytes":[0-9]*' | awk -F: '{ n += $2 } END { printf "%.0f\n", n }'
}

# measure MODE: four threads that start on node 0, for four seconds.
measure() {
	echo "$1" > "$aff/MODE"
	before=$(truth)
	right_before=$(cat "$sim/right/truth_bytes")
	dmaaff-load --json --threads 4 --start-cpus 0-1 --seconds 4 \
		--interval-ms 1000 > /tmp/load &
	# What is measured below is the time in between, not waited for.
	sleep 1
	ticks_before=$(figure ticks)
	sleep 2
	ticks=$(($(figure ticks) - ticks_before))
	wait $!
	right=$(($(cat "$sim/right/truth_bytes") - right_before))
}

report_measured() {
	report "${1}_ticks_in_two_seconds" "$ticks"
	report "${1}_load_bytes" "$(tail -n 1 /tmp/load | sum)"
	report "${1}_truth_bytes" $(($(truth) - before))
	report "${1}_bytes_after_first_second" \
		$(($(tail -n 1 /tmp/load | sum) - $(head -n 1 /tmp/load | sum)))
}

# is_skewed: all but a twentieth went over the engine of node 0.
is_skewed() {
	[ $((20 * right)) -lt $(($(truth) - before)) ]
}

modprobe -a dma_engine_sim dma_gate
for node in 0 1; do
	[ $node = 0 ] && engine=$sim/left || engine=$sim/right
	mkdir "$engine"
	echo $node > "$engine/node"
	echo 100000000 > "$engine/bytes_per_sec"
	echo 1 > "$engine/live"
done
modprobe dma_affinity

# Off, the scheduler spreads the threads by itself at times. Such a run is no skewed
# start, and no baseline.
for tries in 1 2 3 4 5; do
	measure off
	! is_skewed || break
done
report tries "$tries"
if is_skewed; then report off_is_skewed 1; else report off_is_skewed 0; fi
report_measured off
measure manage
report_measured manage

sleep 1.1
ticks=$(figure ticks)
sleep 3
report ticks_when_idle $(($(figure ticks) - ticks))
for name in moves successes failures reverts overruns dropped; do
	report $name "$(figure $name)"
done
tr -s ' ' < "$aff/history" | sed 's/^/history /'
rmmod dma_affinity

# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC3043
#
# Runs in the guest: the demo's two parts, each first with MODE off, then manage.
set -eu
. "$(dirname "$0")/record.sh"
. "$(dirname "$0")/../../selftests/raid5_lib.sh"

uptime_cs() {
	local up

	read -r up _ < /proc/uptime
	echo "${up%.*}${up#*.}"
}

# The load runs for two and a half seconds; what is measured begins after the first.
skewed_begin() {
	dmaaff-load --json --interval-ms 500 --threads 4 --size 128K --depth 4 \
		--start-cpus 0-1 --seconds 2.5 > /tmp/load &
	load=$!
}

skewed_measure() {
	local before since

	before=$(counts truth_bytes)
	since=$(uptime_cs)
	sleep 1.4
	record_window $(($(uptime_cs) - since)) "$before" "$(counts truth_bytes)"
}

skewed_end() {
	wait $load
	sed "s/^/@ load $run /" /tmp/load
	record_end
}

# baseline COMMAND...: a run with MODE off in which nobody else balances, or the sixth.
baseline() {
	local tries

	for tries in 1 2 3 4 5 6; do
		"$@"
		[ "$share" -lt 90 ] || return 0
		echo "The scheduler moved a thread by itself this time, as happens ($tries of 6 tries)."
	done
}

skewed_off_run() {
	record_begin skewed.off
	skewed_begin
	show dmaaff-stat 0.5 5 &
	sleep 1
	skewed_measure
	wait $!
	skewed_end
}

skewed_off() {
	begin_step "1a. MODE=off: four equal threads start on node 0 and stay there" \
		"One engine drowns in what they ask for, its twin idles. Off, the module sees nothing of it."
	set_mode off
	baseline skewed_off_run
}

skewed_manage() {
	begin_step "1b. The same once more, watched at first: MODE=monitor moves nobody"
	set_mode monitor
	record_begin skewed.manage
	skewed_begin
	sleep 0.4
	show dmaaff-stat threads
	begin_step "and now MODE=manage: threads move to the CPUs of the other node until both engines are busy," \
		"for the engine that serves a copy is that of the node where its thread runs"
	set_mode manage
	show dmaaff-stat 0.1 5
	show dmaaff-stat threads
	show dmaaff-stat history
	sleep 0.1
	skewed_measure
	skewed_end
}

# 99 of 100 writes took no longer, in ns: of those of the second half, since what is queued
# when a thread is moved stays with its engine.
array_p99() {
	awk -F ", *" "\$3 == 1 { print \$2 }" "$raid5_tmp/fio.md$1_clat.1.log" > /tmp/clat
	tail -n $(($(wc -l < /tmp/clat) / 2)) /tmp/clat | sort -n |
		awk "{ ns[NR] = \$1 } END { print ns[int(0.99 * NR + 0.99)] }"
}

# arrays_run MODE INTERVAL COUNT
arrays_run() {
	local wrong=0 n

	# Takes a while, in which nothing is to be seen.
	echo off > "$aff/MODE"
	record_begin "raid5.$1"
	# Its shell's jobs are waited for one by one: the sampler never ends.
	show dmaaff-stat "$2" "$3" &
	stat=$!
	raid5_write_both node0 "$1" || wrong=1
	wait $stat
	record_window $moved_cs "$moved_from" "$moved_to"
	for n in 0 1; do
		echo "@ array $run md$n $(raid5_tid $n) $(array_p99 $n)"
	done
	record_end
	if [ $wrong = 1 ]; then
		echo "demo: a byte was wrong, or fio failed: $(cat "$raid5_tmp"/fio.md*.err)" >&2
		exit 1
	fi
}

arrays_off() {
	begin_step "2a. md RAID 5: two arrays, whose parity the engines compute; MODE=off" \
		"Their kernel threads, md0_raid5 and md1_raid5, get to work on node 0; fio writes."
	baseline arrays_run off 0.5 7
}

arrays_manage() {
	begin_step "2b. The same, and MODE=manage once both are at work"
	arrays_run manage 0.25 8
	show dmaaff-stat history
	echo "fio has read all back and found every byte right. md checks the parity:"
	mismatches="$(raid5_mismatches 0) $(raid5_mismatches 1)"
	echo "mismatch_cnt of both arrays: $mismatches"
	echo "@ mismatches $mismatches"
}

node_engine() {
	printf '    node %s  CPUs %s  %s\n' "$1" "$(cat "/sys/devices/system/node/node$1/cpulist")" \
		"$(cat "$sim/e$1/dev_name")"
}

echo "@ kernel $(uname -r)"
echo "Linux $(uname -r), booted with two NUMA nodes and a simulated DMA engine on each:"
modprobe -a dma_engine_sim dma_gate
for node in 0 1; do
	mkdir $sim/e$node
	echo $node > $sim/e$node/node
	echo 100000000 > $sim/e$node/bytes_per_sec
	echo 1 > $sim/e$node/live
	node_engine $node
done
modprobe dma_affinity
skewed_off
skewed_manage
rmmod dma_gate
for node in 0 1; do
	echo 0 > $sim/e$node/live
	rmdir $sim/e$node
	raid5_engine e$node $node
done
raid5_disks 2
raid5_create 0
raid5_create 1
arrays_off
arrays_manage
rmmod dma_affinity
raid5_stop

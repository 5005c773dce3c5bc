# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC3043
#
# Runs in the guest of tools/bench/bench: guest.sh SCENARIOS NAME ALTERNATIVE SECONDS. Prints
# the records that report.awk reads. Fails where a byte that a load counts is not one that an
# engine moved.
set -eu

scenarios=$1 name=$2 alternative=$3 seconds=$4
here=$(dirname "$0")
sim=/sys/kernel/config/dma_engine_sim
aff=/sys/kernel/dma_affinity
tracing=/sys/kernel/tracing
tmp=/tmp/bench
check_peer=:

# lines_of WORD: what follows it in each such line of the scenario.
lines_of() {
	awk -v name="$name" -v word="$1" '
		$1 == "scenario" { on = $2 == name }
		on && $1 == word { sub(/^[^ ]+ /, ""); print }' "$scenarios"
}

make_engines() {
	local engine node bps

	lines_of engine > $tmp/engines
	while read -r engine node bps; do
		if [ "$kind" = raid5 ]; then
			raid5_engine "$engine" "$node" "$bps"
			continue
		fi
		mkdir "$sim/$engine"
		echo "$node" > "$sim/$engine/node"
		echo "$bps" > "$sim/$engine/bytes_per_sec"
		echo 1 > "$sim/$engine/live"
	done < $tmp/engines
}

# The module as the alternative has it; $mode is what MODE should be, $mode_file where it is
# set. With the word `off` it is loaded and off: for who sets masks that it would respect.
prepare() {
	local engine

	mode=off
	mode_file=/dev/null
	case $alternative in
	absent | pinned | alone) return ;;
	numa_balancing | numad | irqbalance) "start_$alternative"; return ;;
	monitor) mode=monitor ;;
	horizon0 | manage) mode=manage ;;
	*) echo "there is no alternative '$alternative'" >&2; return 1 ;;
	esac
	mode_file=$aff/MODE
	modprobe dma_affinity
	echo "${1:-$mode}" > $mode_file
	[ "$alternative" != horizon0 ] || echo 0 > $aff/PREDICTION_HORIZON
	lines_of reserve > $tmp/reserve
	while read -r engine; do
		echo rt > "$aff/engines/$(cat "$sim/$engine/dev_name")/RESERVED"
	done < $tmp/reserve
}

# Peers, each as fast as it can.

start_numa_balancing() {
	local files=/sys/kernel/debug/sched/numa_balancing

	echo 1 > /proc/sys/kernel/numa_balancing
	echo 1 > $files/scan_delay_ms
	echo 1 > $files/scan_period_min_ms
	echo 1 > $files/scan_period_max_ms
	check_peer=:
}

# It refuses `-i 1`, and any longest interval that is not longer than the shortest.
start_numad() {
	mkdir -p /var/run /var/log
	numad -i 1:2 > $tmp/peer 2>&1 || :
	check_peer="peer_is_there numad"
}

start_irqbalance() {
	mkdir -p /run/irqbalance
	irqbalance --foreground -t 1 > $tmp/peer 2>&1 &
	check_peer="peer_is_there irqbalance"
}

# A peer that has ended has not been measured: why.
peer_is_there() {
	if ! pidof "$1" > $tmp/pid; then
		echo "cannot $(cat $tmp/peer /var/log/numad.log 2> /dev/null | tail -n 1)"
	fi
}

# How busy each engine has been, of its own knowledge, twenty times a second. Among the trace
# events, whose clock is exact. A reserved one is to idle.
sample_for_ever() {
	local file value values reserved

	reserved=$(lines_of reserve)
	echo mono > $tracing/trace_clock
	while :; do
		values=
		for file in "$sim"/*/truth_busy_ns; do
			[ "$file" != "$sim/$reserved/truth_busy_ns" ] || continue
			read -r value < "$file"
			values="$values $value"
		done
		echo "busy$values" > $tracing/trace_marker
		sleep 0.05
	done
}

report_busy() {
	sed -n "s/^ .*\] [^ ]* *\([0-9.]*\): tracing_mark_write: busy/busy \1/p" $tracing/trace
}

sampled() {
	local sampler status=0

	"$1" &
	sampler=$!
	shift
	"$@" || status=$?
	kill $sampler
	wait $sampler 2> /dev/null || :
	return $status
}

# --- dmaaff-load

loads() {
	lines_of both
	case $alternative in
	pinned) lines_of pinned ;;
	alone) ;;
	*) lines_of free ;;
	esac
}

# Two reports of half the time each, then one of all.
run_loads() {
	local label command job jobs="" status=0

	while read -r label command; do
		# shellcheck disable=SC2086 # words
		$command --json --seconds "$seconds" --interval-ms $((seconds * 500)) \
			> "$tmp/load.$label" &
		jobs="$jobs $!"
	done < $tmp/loads
	for job in $jobs; do
		wait "$job" || status=$?
	done
	return $status
}

# truth: bytes that all engines moved.
truth() {
	cat "$sim"/*/truth_bytes | awk '{ sum += $1 } END { printf "%.0f\n", sum }'
}

# sum KEY: over all threads in the loads' last reports.
sum() {
	for file in "$tmp"/load.*; do
		tail -n 1 "$file"
	done | grep -o "\"$1\":[0-9]*" | awk -F : '{ sum += $2 } END { printf "%.0f\n", sum }'
}

measure_loads() {
	local file

	modprobe dma_gate
	prepare
	loads > $tmp/loads
	sampled sample_for_ever run_loads
	report_busy
	for file in "$tmp"/load.*; do
		sed "s/^/load ${file#"$tmp"/load.} /" "$file"
	done
	if [ "$(truth)" != "$(sum bytes)" ]; then
		echo "engines moved $(truth) bytes, the loads say $(sum bytes)" >&2
		return 1
	fi
	echo "figure cpu_bytes $(sum cpu_bytes)"
	echo "figure errors $(sum errors)"
}

# --- md RAID 5

# Of the second half of an array's writes.
array_latencies() {
	awk -F ', *' '$3 == 1 { print $2 }' "$tmp/fio.md$1_clat.1.log" > $tmp/clat
	tail -n $(($(wc -l < $tmp/clat) / 2)) $tmp/clat | sort -n |
		awk '{ ns[NR] = $1 }
			END { print ns[int(0.5 * NR + 0.5)], ns[int(0.99 * NR + 0.99)] }'
}

# What begins on node 0 has its masks back when it is measured.
measure_raid5() {
	local start=node0 n

	raid5_disks 2
	raid5_create 0
	raid5_create 1
	prepare off
	if [ "$alternative" = pinned ]; then
		start=free
		taskset -p 3 "$(raid5_tid 0)" > /dev/null
		taskset -p c "$(raid5_tid 1)" > /dev/null
	fi
	# shellcheck disable=SC2034 # of raid5_lib.sh
	raid5_mode=$mode_file
	sampled sample_for_ever raid5_write_both $start "$mode"
	report_busy
	# shellcheck disable=SC2154 # of raid5_lib.sh
	echo "figure bytes_per_s $((moved_bytes * 100 / moved_cs))"
	for n in 0 1; do
		echo "latencies md$n $(array_latencies $n)"
	done
}

# --- a drive

until_true() {
	local tries=600

	until "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { echo "in vain: $*" >&2; return 1; }
		sleep 0.1
	done
}

has_jobs() {
	read -r jobs < "/proc/$fio/task/$fio/children" || :
	# shellcheck disable=SC2086 # words
	set -- $jobs
	[ $# = 2 ]
}

# The node where each job is, by CPU: 0-1 are node 0's.
sample_cpus_for_ever() {
	local job cpu

	while :; do
		for job in $jobs; do
			cpu=$(cut -d' ' -f 39 "/proc/$job/stat" 2> /dev/null) || continue
			[ -z "$cpu" ] || echo "$cpu" >> $tmp/cpus
		done
		sleep 0.1
	done
}

# How often one of them was there, in percent.
near_percent() {
	awk '{ near += $1 >= 2 } END { if (NR) print 100 * near / NR }' $tmp/cpus
}

wait_for_fio() {
	echo "$mode" > "$mode_file"
	wait "$fio"
}

# Two processes read, with all CPUs allowed but pinned.
measure_drive() {
	local job cpus=0-1

	modprobe nvme
	until_true test -b /dev/nvme0n1
	prepare off
	[ "$alternative" != pinned ] || cpus=2-3
	taskset -c $cpus fio --name=job --filename=/dev/nvme0n1 --rw=read --bs=64k --direct=1 \
		--size=8m --time_based --ramp_time=1 --runtime="$seconds" --numjobs=2 --ioengine=psync \
		--group_reporting --minimal > $tmp/fio &
	fio=$!
	until_true has_jobs
	if [ "$alternative" != pinned ]; then
		for job in $jobs; do
			taskset -p f "$job" > /dev/null
		done
	fi
	sampled sample_cpus_for_ever wait_for_fio
	# Version 3 of fio's terse output: KiB/s; percentiles in us.
	awk -F ';' '{
		printf "figure bytes_per_s %.0f\n", $7 * 1024
		for (i = 8; i < 48; i++) {
			split($i, part, "=")
			if ($i ~ /^50\.0+%=/ && !p50)
				p50 = part[2]
			if ($i ~ /^99\.0+%=/ && !p99)
				p99 = part[2]
		}
		printf "latencies drive %d %d\n", p50 * 1000, p99 * 1000
	}' $tmp/fio
	echo "figure near_percent $(near_percent)"
}

report_module() {
	local figure

	for figure in moves successes failures reverts dropped overruns; do
		echo "figure $figure $(cat $aff/stats/$figure)"
	done
	tail -n +2 $aff/history | awk 'NF { $1 = $1; print "history", $0 }'
}

mkdir -p $tmp
kind=$(lines_of kind)
if [ "$kind" = raid5 ]; then
	# shellcheck source-path=SCRIPTDIR source=../../selftests/raid5_lib.sh
	. "$here/../../selftests/raid5_lib.sh"
	# What one engine is busy with for so long; whole stripes.
	# shellcheck disable=SC2034 # of raid5_lib.sh
	raid5_bytes=$((seconds * 38 * 49152)) raid5_tmp=$tmp
fi
modprobe dma_engine_sim
make_engines
"measure_${kind:-loads}"
$check_peer
[ ! -d $aff ] || report_module

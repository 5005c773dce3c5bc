#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Runs in the guest: one engine of 100 MB/s under loads that are known, and what
# dma_affinity says of it beside what it says of itself. Prints
#	NAME STYLE FIGURE MEASURED TRUE
# for each load: means over ten seconds, and in the end the bytes of each thread.
set -eu

sim=/sys/kernel/config/dma_engine_sim
aff=/sys/kernel/dma_affinity
engine=$sim/truth
speed=100000000
styles="plain vchan nested"

# make_engine STYLE [ATTRIBUTE=VALUE]...: it serves both nodes.
make_engine() {
	mkdir $engine
	echo "$1" > $engine/style
	if [ "$1" = nested ]; then
		echo memcpy xor > $engine/capabilities
	fi
	echo $speed > $engine/bytes_per_sec
	shift
	for setting; do
		echo "${setting#*=}" > "$engine/${setting%%=*}"
	done
	echo 1 > $engine/live
	figures=$aff/engines/$(cat $engine/dev_name)
}

remove_engine() {
	echo 0 > $engine/live
	rmdir $engine
}

# look: all cumulative figures of one moment, ours and the engine's own.
look() {
	# Hundredths of a second will do for ten.
	echo "$(awk '{ printf "%.0f", $1 * 1000000000 }' /proc/uptime)" \
		"$(cat "$figures/busy_ns" "$figures/depth_ns" "$figures/ops" "$figures/bytes" | xargs)" \
		"$(cat $engine/truth_busy_ns $engine/truth_depth_ns $engine/truth_ops $engine/truth_bytes | xargs)" \
		"$(cat $engine/truth_latency_ns)"
}

# compare: the means between two looks on stdin.
compare() {
	awk -v name="$name" -v style="$style" '
		{ for (i = 1; i <= NF; i++) { d[i] = $i - last[i]; last[i] = $i } }
		END {
			row = name " " style " %s %.4f %.4f\n"
			printf row, "utilisation", 100 * d[2] / d[1], 100 * d[6] / d[1]
			printf row, "depth", d[3] / d[1], d[7] / d[1]
			printf row, "latency_us", d[3] / d[4] / 1000, d[10] / d[8] / 1000
		}'
}

# measure NAME STYLE LOAD...: with dmaaff-load as told.
measure() {
	name=$1
	style=$2
	shift 2
	dmaaff-load --json --cpus 0-3 --seconds 100 "$@" > /tmp/load &
	sleep 3
	look > /tmp/looks
	sleep 10
	look >> /tmp/looks
	compare < /tmp/looks
	say_capacity "$name" $speed
	[ "$name $style" != "saturated plain" ] || change_speed
	same_bytes
	kill -INT $!
	wait $! || true
	# The last submissions are folded when somebody asks, at the latest.
	sleep 2
	for figure in bytes ops; do
		echo "$name $style $figure $(cat "$figures/$figure") $(cat $engine/truth_$figure)"
	done
}

# say_capacity NAME TRUE
say_capacity() {
	echo "$1 $style capacity_bps $(cat "$figures/capacity_bps" 2> /dev/null || echo 0) $2"
}

# change_speed: of a saturated engine; two seconds later that is known.
change_speed() {
	echo 200 > $engine/slow_percent
	sleep 2
	say_capacity halved $((speed / 2))
	echo 100 > $engine/slow_percent
	sleep 2
	say_capacity restored $speed
}

# change_size: small transfers at first, and large ones beside them, seen once a second;
# two seconds later the engine's capacity is known.
change_size() {
	style=plain
	make_engine $style
	echo 1000 > $aff/SAMPLE_INTERVAL
	dmaaff-load --cpus 0-3 --seconds 100 --threads 1 --depth 1 --size 4K --rate 200K > /tmp/small &
	small=$!
	sleep 4
	dmaaff-load --cpus 0-3 --seconds 100 --threads 4 --depth 4 --size 64K > /tmp/large &
	sleep 2
	say_capacity resized $speed
	kill -INT $small $!
	wait
	echo 10 > $aff/SAMPLE_INTERVAL
	remove_engine
}

# same_bytes: of all its threads together that differ, at a moment when they
# do nothing, but soon enough for the tick not to have forgotten them.
same_bytes() {
	kill -STOP $!
	sleep 0.3
	tr -s ' ' < $aff/threads > /tmp/threads
	cat $engine/truth_threads > /tmp/truths
	kill -CONT $!
	awk -v row="$name $style threads_wrong" '
		FNR == NR { bytes[$1] = $2; next }
		FNR > 1 && $1 in bytes { n++; wrong += bytes[$1] != $4 }
		END { print row, n ? wrong : "none", 0 }' /tmp/truths /tmp/threads
}

modprobe -a dma_engine_sim dma_gate
modprobe dma_affinity
for style in $styles; do
	[ "$style" = plain ] && loads="5 20 50 80 95" periods="5 10 20" ||
		loads=50 periods=10
	for percent in $loads; do
		make_engine "$style"
		measure "load_$percent" "$style" --threads 1 --depth 4 \
			--size 64K --rate $((speed * percent / 100))
		remove_engine
	done
	for period in $periods; do
		make_engine "$style"
		measure "every_${period}_ms" "$style" --threads 1 --depth 1 \
			--size 64K --rate $((65536 * 1000 / period))
		remove_engine
	done
	make_engine "$style"
	measure bursts "$style" --threads 3 --depth 8 --size 48K --rate 8M
	remove_engine
	make_engine "$style"
	measure saturated "$style" --threads 4 --depth 4 --size 24K
	remove_engine
done
change_size
echo "all all dropped $(cat $aff/stats/dropped) 0"
rmmod dma_affinity

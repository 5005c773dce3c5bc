# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC3043
#
# Two md RAID 5 arrays of four RAM disks each, whose parity simulated engines compute.
# Written for sh, as the exact VM has no other; it has CPUs 0-1 on node 0 and 2-3 on
# node 1. Sourced.

raid5_sim=/sys/kernel/config/dma_engine_sim
# Slow enough that one engine cannot keep up with two arrays, nor the CPUs matter.
raid5_bps=5000000
# Bytes written to each array. Engines move a third more: the parity.
raid5_bytes=$((6 << 20))
raid5_tmp=/tmp
raid5_mode=/sys/kernel/dma_affinity/MODE

# raid5_engine NAME NODE [BYTES_PER_SEC]: one that async_tx takes, since it can do all that
# async_tx may ask for. The ring is longer than what two arrays have in flight: where a
# prep fails the CPU does the work.
raid5_engine() {
	mkdir "$raid5_sim/$1"
	echo "$2" > "$raid5_sim/$1/node"
	echo "${3:-$raid5_bps}" > "$raid5_sim/$1/bytes_per_sec"
	echo 4096 > "$raid5_sim/$1/ring"
	echo memcpy memset xor xor_val pq pq_val interrupt > "$raid5_sim/$1/capabilities"
	echo 1 > "$raid5_sim/$1/live"
}

# raid5_disks ARRAYS: RAM disks for so many.
raid5_disks() {
	modprobe brd rd_nr=$((4 * $1)) rd_size=$((raid5_bytes / 3072 + 2048))
	modprobe raid456
}

# raid5_create N: /dev/mdN. What mdadm says is shown if it fails.
raid5_create() {
	local first=$((4 * $1)) said

	said=$(MDADM_NO_UDEV=1 mdadm --create "/dev/md$1" --run --assume-clean \
		--bitmap=none --level=5 --chunk=16 --raid-devices=4 \
		"/dev/ram$first" "/dev/ram$((first + 1))" \
		"/dev/ram$((first + 2))" "/dev/ram$((first + 3))" 2>&1) ||
		{ echo "$said" >&2; return 1; }
}

# raid5_tid N: prints the id of the thread that has the array's parity computed.
raid5_tid() {
	local comm name

	for comm in /proc/[0-9]*/comm; do
		read -r name < "$comm" 2> /dev/null || continue
		if [ "$name" = "md$1_raid5" ]; then
			comm=${comm%/comm}
			echo "${comm#/proc/}"
			return
		fi
	done
	return 1
}

# raid5_fio N [OPTION]...: writes whole stripes to the array and reads them back, looking
# at every byte. Status 0: all are right.
raid5_fio() {
	local n="$1"

	shift
	fio --name="md$n" --filename="/dev/md$n" --allow_file_create=0 --rw=write \
		--bs=48k --size="$raid5_bytes" --direct=1 --ioengine=libaio \
		--iodepth=4 --randseed="$n" --verify=crc32c --do_verify=1 \
		--output="$raid5_tmp/fio.md$n" "$@" > "$raid5_tmp/fio.md$n.err" 2>&1
}

# raid5_moved: sets $moved, the bytes that all engines have moved, $each, the same engine by
# engine, and $now, the time in hundredths of a second.
raid5_moved() {
	local file bytes

	moved=0
	each=
	for file in "$raid5_sim"/*/truth_bytes; do
		read -r bytes < "$file"
		moved=$((moved + bytes))
		each="$each $bytes"
	done
	read -r now _ < /proc/uptime
	now=${now%.*}${now#*.}
}

# raid5_share BEFORE AFTER: prints how much of what two engines moved between the one
# $each and the other is that of the busier one, in percent.
raid5_share() {
	# shellcheck disable=SC2086 # numbers, two each
	set -- $1 $2
	set -- $(($3 - $1)) $(($4 - $2))
	echo $((100 * ($1 > $2 ? $1 : $2) / ($1 + $2)))
}

# raid5_wait_moved BYTES: until the engines have moved as many; at most for half a minute.
raid5_wait_moved() {
	local tries=0

	while raid5_moved && [ "$moved" -lt "$1" ]; do
		tries=$((tries + 1))
		[ $tries -lt 1000 ] || return 1
		sleep 0.05
	done
}

# raid5_write_both START MODE: fio on both arrays at once. START is `node0`: their threads
# get to work on node 0, with dma_affinity off, and then their masks back, for it leaves
# alone whose mask it sees somebody set; or `free`. Then MODE is set, and until a sixth of
# all is left and one array may soon be done, it measures: sets $moved_bytes and $moved_cs,
# what engines moved and in how long, $moved_from and $moved_to, the count of each engine
# then, and $moved_share, see raid5_share(). Status 0: no byte is wrong.
raid5_write_both() {
	local tid0 tid1 fio0 fio1 begin all status=0

	tid0=$(raid5_tid 0)
	tid1=$(raid5_tid 1)
	raid5_moved
	begin=$moved
	all=$((raid5_bytes * 8 / 3))
	echo off > "$raid5_mode"
	if [ "$1" = node0 ]; then
		taskset -p 3 "$tid0" > /dev/null
		taskset -p 3 "$tid1" > /dev/null
	fi
	raid5_fio 0 --write_lat_log="$raid5_tmp/fio.md0" &
	fio0=$!
	raid5_fio 1 --write_lat_log="$raid5_tmp/fio.md1" &
	fio1=$!
	raid5_wait_moved $((begin + all / 16))
	if [ "$1" = node0 ]; then
		taskset -p f "$tid0" > /dev/null
		taskset -p f "$tid1" > /dev/null
	fi
	echo "$2" > "$raid5_mode"
	raid5_moved
	moved_from=$each
	moved_bytes=$moved
	moved_cs=$now
	raid5_wait_moved $((begin + all * 5 / 6))
	moved_bytes=$((moved - moved_bytes))
	moved_cs=$((now - moved_cs))
	moved_to=$each
	# shellcheck disable=SC2034 # for the caller
	moved_share=$(raid5_share "$moved_from" "$moved_to")
	wait $fio0 || status=1
	wait $fio1 || status=1
	return $status
}

# raid5_mismatches N: has the array's parity checked, and prints mismatch_cnt.
raid5_mismatches() {
	local md="/sys/block/md$1/md"

	raid5_sync "$1" check
	cat "$md/mismatch_cnt"
}

# raid5_sync N check|repair
raid5_sync() {
	local action="/sys/block/md$1/md/sync_action"

	echo "$2" > "$action"
	while [ "$(cat "$action")" != idle ]; do
		sleep 0.05
	done
}

# raid5_stop: takes down all of the above. async_tx lets go of the engines once its users
# are gone, in this order.
raid5_stop() {
	local module array engine

	for array in /sys/block/md*; do
		[ -e "$array" ] || continue
		MDADM_NO_UDEV=1 mdadm --quiet --stop "/dev/${array##*/}"
	done
	for module in raid456 async_raid6_recov async_pq async_xor async_memcpy async_tx brd; do
		! [ -d "/sys/module/$module" ] || rmmod "$module"
	done
	for engine in "$raid5_sim"/*; do
		[ -d "$engine" ] || continue
		echo 0 > "$engine/live"
		rmdir "$engine"
	done
}

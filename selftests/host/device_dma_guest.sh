#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs in the guest: an NVMe drive and two network controllers on node 1, all CPUs
# free. Prints `NAME VALUE` lines; what is said of equality is said of differences: 0.
set -eu

aff=/sys/kernel/dma_affinity
sim=/sys/kernel/config/dma_engine_sim
disk=/dev/nvme0n1

# report NAME VALUE
report() {
	echo "$1 $2"
}

get() {
	cat "$aff/$1"
}

# until_true COMMAND...: at most a minute of the guest's time
until_true() {
	local tries=600

	until "$@"; do
		((tries--)) || return 1
		sleep 0.1
	done
}

# engine_of PATH: of the PCI device behind a device of sysfs.
engine_of() {
	local path

	path=$(realpath "$1")
	until [[ -e $path/vendor && -e $path/numa_node ]]; do
		path=${path%/*}
	done
	echo "${path##*/}"
}

# moved: bytes read and written, as the block layer counts them.
moved() {
	awk '$3 == "nvme0n1" { printf "%.0f\n", ($6 + $10) * 512 }' /proc/diskstats
}

# bytes ENGINE: 0 while it is none.
bytes() {
	cat "$aff/engines/$1/bytes" 2> /dev/null || echo 0
}

# drive NAME ARG...: fio, one job of 8 MiB unless said otherwise.
drive() {
	fio --name="$1" --filename=$disk --bs=64k --size=8m "${@:2}" > /tmp/fio 2>&1 || {
		cat /tmp/fio >&2
		return 1
	}
}

# is_equal NAME ARG...: by how much the engine and the drive differ after fio.
is_equal() {
	local before_engine before_disk

	sync
	before_engine=$(bytes "$nvme")
	before_disk=$(moved)
	drive "$@"
	sync
	# The tick folds what was charged last.
	sleep 0.1
	report "$1_moved" $(($(moved) - before_disk))
	report "$1_differs_by" $(($(bytes "$nvme") - before_engine -
		$(moved) + before_disk))
}

# column TID N: of its row in the table of threads.
column() {
	awk -v tid="$1" -v n="$2" '$1 == tid { print $n }' "$aff/threads"
}

mask() {
	awk '$1 == "Cpus_allowed:" { print $2 }' "/proc/$1/status"
}

read_of() {
	awk '$1 == "read_bytes:" { print $2 }' "/proc/$1/io"
}

has_mask() {
	[[ $(mask "$1") == "$2" ]]
}

all_have_mask() {
	local want=$1 pid

	shift
	for pid; do
		has_mask "$pid" "$want" || return
	done
}

# narrowed PID...: how many of them may not run everywhere.
narrowed() {
	local pid n=0

	for pid; do
		has_mask "$pid" f || n=$((n + 1))
	done
	echo $n
}

ticks_pass() {
	[[ $(get stats/ticks) -ge $1 ]]
}

# jobs_start N: fio jobs that read the drive for ever, from node 0, with all CPUs
# allowed. They are as many processes, $jobs; their parent is $fio.
jobs_start() {
	local mode

	mode=$(get MODE)
	echo off > $aff/MODE
	taskset -c 0-1 fio --name=job --filename=$disk --rw=read --bs=64k --direct=1 \
		--size=8m --time_based --runtime=100000 --numjobs="$1" \
		--ioengine=psync > /tmp/jobs 2>&1 &
	fio=$!
	until_true has_children "$fio" "$1"
	read -ra jobs < "/proc/$fio/task/$fio/children" || :
	for job in "${jobs[@]}"; do
		taskset -p f "$job" > /dev/null
	done
	echo "$mode" > $aff/MODE
}

has_children() {
	local children=()

	read -ra children < "/proc/$1/task/$1/children" || :
	[[ ${#children[@]} -eq $2 ]]
}

# The tick is awake, and knows them.
jobs_are_known() {
	local job

	for job in "${jobs[@]}"; do
		[[ -n $(column "$job" 4) ]] || return
	done
}

jobs_stop() {
	kill -KILL "$fio" "${jobs[@]}" 2> /dev/null || :
	wait "$fio" 2> /dev/null || :
}

nothing_is_mapped() {
	[[ $(get "engines/$nvme/mapped_bytes") == 0 ]]
}

something_moved() {
	[[ $(bytes "$nvme") -gt 0 ]]
}

# What reads a drive that has come, as for its partitions, is done with that.
drive_rests() {
	local was

	was="$(bytes "$nvme") $(moved)"
	sleep 0.1
	[[ $(moved) -gt 0 && "$(bytes "$nvme") $(moved)" == "$was" ]]
}

has_carrier() {
	[[ $(cat "/sys/class/net/$1/carrier") == 1 ]]
}

# count NIC: bytes by its own statistics. gap_of NIC: what the engine has beyond.
count() {
	local rx tx

	rx=$(cat "/sys/class/net/$1/statistics/rx_bytes")
	tx=$(cat "/sys/class/net/$1/statistics/tx_bytes")
	echo $((rx + tx))
}

gap_of() {
	echo $(($(bytes "$(engine_of "/sys/class/net/$1/device")") - $(count "$1")))
}

is_gap() {
	[[ $(gap_of "$1") == "${gap[${1#eth}]}" ]]
}

# send: datagrams, then it says so and stays.
send() {
	local _

	exec 9> /dev/udp/10.9.0.2/9
	for _ in $(seq 1000); do
		printf "%1400s" "" >&9
	done
	sleep 0.1
	echo sent
	read -r _
}

engines() {
	local names

	shopt -s nullglob
	names=("$aff"/engines/*)
	echo "${names[*]##*/}"
}


all_bytes() {
	local value sum=0

	while read -r value; do
		sum=$((sum + value))
	done < <(cat $aff/engines/*/bytes)
	echo $sum
}

modprobe -a nvme e1000e dma_affinity
until_true test -e $disk
nvme=$(engine_of /sys/block/nvme0n1)

# The drive, by several ways in.
is_equal direct --rw=randrw --direct=1 --ioengine=libaio --iodepth=8
is_equal buffered_read --rw=read
is_equal buffered_write --rw=write --end_fsync=1
is_equal io_uring --rw=randrw --direct=1 --ioengine=io_uring --iodepth=8
is_equal eight_jobs --rw=randrw --direct=1 --numjobs=8 --thread --size=2m
# As an array of two parts of it. Where it counts nothing itself, the very bio that was queued to it goes on
# to one of them (6.1); else a copy does.
addpart $disk 1 2048 32768
addpart $disk 2 65536 32768
mdadm --quiet --build /dev/md0 --level=0 --raid-devices=2 --chunk=64 \
	"${disk}p1" "${disk}p2" > /tmp/mdadm 2>&1
echo 0 > /sys/block/md0/queue/iostats
is_equal striped --filename=/dev/md0 --rw=randrw --direct=1 --bs=256k \
	--ioengine=libaio --iodepth=4
mdadm --quiet --stop /dev/md0
for part in 1 2; do
	delpart $disk $part
done
report drive "$nvme"
report node "$(get "engines/$nvme/node")"
report runtime_status "$(get "engines/$nvme/runtime_status")"
until_true nothing_is_mapped
report mapped_when_idle "$(get "engines/$nvme/mapped_bytes")"

# The tick rests while little is written, often.
for _ in $(seq 30); do
	dd if=/dev/zero of=$disk bs=4k count=1 conv=fsync 2> /dev/null
	sleep 0.1
done
before=$(get stats/ticks)
for _ in $(seq 30); do
	dd if=/dev/zero of=$disk bs=4k count=1 conv=fsync 2> /dev/null
	sleep 0.1
done
report ticks_of_a_quiet_drive $(($(get stats/ticks) - before))

# Eight jobs are told apart. While they are stopped nothing is on its way.
jobs_start 8
until_true jobs_are_known
off=0
for turn in first second; do
	sleep 0.3
	kill -STOP "${jobs[@]}"
	sleep 0.1
	for i in "${!jobs[@]}"; do
		charged=$(column "${jobs[i]}" 4)
		now=$(($(read_of "${jobs[i]}") - ${charged:-0}))
		[[ $turn == second ]] || gap[i]=$now
		[[ ${charged:-0} -gt 0 && ${gap[i]} == "$now" ]] || off=$((off + 1))
	done
	kill -CONT "${jobs[@]}"
done
report jobs_charged_wrongly $off
jobs_stop

# Started on node 0, brought near the drive, and given back when they rest.
moves=$(get stats/moves)
for _ in $(seq 5); do
	jobs_start 2
	for _ in $(seq 20); do
		[[ $(narrowed "${jobs[@]}") == 0 ]] || break
		sleep 0.1
	done
	near=$(narrowed "${jobs[@]}")
	[[ $near == 0 ]] || break
	jobs_stop
done
report jobs_brought_near "$near"
for job in "${jobs[@]}"; do
	has_mask "$job" f || report mask_near "$(mask "$job")"
done
kill -STOP "${jobs[@]}"
report given_back "$(until_true all_have_mask f "${jobs[@]}" && echo 1)"
jobs_stop

# Not while the CPUs there are busy.
for cpu in 2 3; do
	taskset -c $cpu bash -c 'while :; do :; done' &
	burners+=($!)
done
sleep 0.5
moves=$(get stats/moves)
jobs_start 1
until_true jobs_are_known
ticks=$(($(get stats/ticks) + 100))
until_true ticks_pass $ticks
report moved_to_busy_cpus $(($(get stats/moves) - moves))
kill "${burners[@]}"
wait "${burners[@]}" 2> /dev/null || :
jobs_stop

report dropped "$(get stats/dropped)"

# The network: eth0 sends to eth1. Neither counts what the kernel says by itself.
nics=(eth0 eth1)
for nic in "${nics[@]}"; do
	echo 1 > /proc/sys/net/ipv6/conf/"$nic"/disable_ipv6
	ip link set "$nic" up
	until_true has_carrier "$nic"
done
ip addr add 10.9.0.1/24 dev eth0
ip neigh add 10.9.0.2 lladdr "$(cat /sys/class/net/eth1/address)" dev eth0
for nic in "${nics[@]}"; do
	until_true test -e "$aff/engines/$(engine_of /sys/class/net/"$nic"/device)"
	gap[${nic#eth}]=$(gap_of "$nic")
	nic_before[${nic#eth}]=$(count "$nic")
done
jobs_start 1
until_true jobs_are_known
coproc sender { send; }
sender_pid=$!
read -r _ <&"${sender[0]}"
report sender_uses "$(column "$sender_pid" 3)"
report eth0_is "$(engine_of /sys/class/net/eth0/device)"
report sender_bytes "$(column "$sender_pid" 4)"
jobs_stop
for nic in "${nics[@]}"; do
	report "${nic}"_moved $(($(count "$nic") - nic_before[${nic#eth}]))
	until_true is_gap "$nic" || :
	report "${nic}"_differs_by $(($(gap_of "$nic") - gap[${nic#eth}]))
done
kill "$sender_pid"
report dropped_by_the_network "$(get stats/dropped)"

# Sources come and go.
modprobe -a dma_engine_sim dma_gate
mkdir $sim/one
echo 1 > $sim/one/live
report with_all "$(engines)"

# What a provider's clients do is counted once.
before=$(all_bytes)
dmaaff-load --threads 2 --seconds 0.2 > /tmp/load
sleep 0.1
report provider_moved "$(cat $sim/one/truth_bytes)"
report provider_differs_by $(($(all_bytes) - before - $(cat $sim/one/truth_bytes)))

echo dmaengine > $aff/SOURCES
report with_dmaengine "$(engines)"
drive unseen --rw=read --direct=1
echo none > $aff/SOURCES
report with_none "$(engines)"
echo device > $aff/SOURCES
drive seen --rw=read --direct=1
until_true test -e "$aff/engines/$nvme"
sleep 0.1
report with_device "$(engines)"
report bytes_since_device "$(bytes "$nvme")"
echo all > $aff/SOURCES
report with_all_again "$(engines)"

echo off > $aff/MODE
before=$(bytes "$nvme")
drive unseen --rw=read --direct=1
sleep 0.1
report bytes_while_off $(($(bytes "$nvme") - before))
echo manage > $aff/MODE

# Its driver goes in the middle of it, then the drive itself; both come back.
jobs_start 4
until_true something_moved
echo "$nvme" > "/sys/bus/pci/drivers/nvme/unbind"
report unbound "$(engines)"
jobs_stop
echo "$nvme" > /sys/bus/pci/drivers/nvme/bind
until_true test -e $disk
until_true drive_rests
is_equal bound_again --rw=read --direct=1
jobs_start 4
until_true something_moved
echo 1 > "/sys/bus/pci/devices/$nvme/remove"
report removed "$(engines)"
jobs_stop
echo 1 > /sys/bus/pci/rescan
until_true test -e $disk
until_true drive_rests
is_equal found_again --rw=read --direct=1

# Unloaded in the middle of it.
jobs_start 4
for _ in 1 2 3; do
	until_true something_moved
	rmmod dma_affinity
	modprobe dma_affinity
done
rmmod dma_affinity
report masks_after_unload "$(narrowed "${jobs[@]}")"
jobs_stop

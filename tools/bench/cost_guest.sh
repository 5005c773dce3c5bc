#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Runs in the guest of tools/bench/cost: measures what dma_affinity costs, where a nanosecond is
# an instruction. Prints `NAME VALUE` lines. With the word `memory` only what is held on loading.
set -eu

aff=/sys/kernel/dma_affinity
bench=/sys/module/dma_bench/parameters
# Of ENGINESxTHREADS, each with its own channel and each thread submitting twice a tick.
loads="1x8 8x16 8x64 8x128 16x64 32x256"
period_us=5000

report()
{
	echo "$1 $2"
}

# now: nanoseconds since boot
now()
{
	awk '/^now at/ { print $3; exit }' /proc/timer_list
}

# kthread: the tick's
kthread()
{
	grep -lx dma_affinity /proc/[0-9]*/comm | cut -d/ -f3
}

# measure WHAT: what one takes
measure()
{
	echo "$1" > $bench/run
	cat $bench/run
}

# wait_for COMMAND...: at most ten seconds
wait_for()
{
	tries=100
	until "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { echo "in vain: $*" >&2; return 1; }
		sleep 0.1
	done
}

memory()
{
	cat $aff/stats/memory_bytes
}

# probed_by PATTERN: is there such a line among the kernel's probes
probed_by()
{
	grep -q "$1" /sys/kernel/debug/kprobes/list
}

# added NAME STYLE WHAT [COMMAND...]: by the module, once the command succeeds. What that sees may
# be announced before it is done: a jump instead of a breakpoint, a result seen by all CPUs.
added()
{
	name=$1 style=$2 what=$3
	shift 3
	threads=0
	[ "$style" != dropped ] || threads=2
	modprobe dma_bench style="$style" threads=$threads period_us=20000
	base=$(measure "$what")
	modprobe dma_affinity
	if [ $# != 0 ]; then
		wait_for "$@"
		sleep 1
	fi
	report "$name" $(($(measure "$what") - base))
	rmmod dma_affinity
	rmmod dma_bench
}

# Is the device an engine by now?
watched_pci()
{
	measure map_pci > /dev/null
	[ -n "$(find $aff/engines -name '0000:*')" ]
}

submissions()
{
	modprobe dma_bench
	report memcpy_base "$(measure memcpy)"
	rmmod dma_bench
	added memcpy_entry plain memcpy
	added memcpy_kprobe notrace memcpy probed_by "bench_prep_notrace.*OPTIMIZED"
	added memcpy_results dropped memcpy probed_by " r .*bench_prep"
	added memcpy_nested nested memcpy
	added slave_sg_16 plain slave_sg
}

others()
{
	added fork plain fork
	added migrate plain migrate
	added set_mask plain set_mask
	added map_ignored plain map
	added map_watched plain map_pci watched_pci
}

# ticks: what one takes, mean of two seconds
ticks()
{
	pid=$(kthread)
	ticks=$(cat $aff/stats/ticks)
	read -r begin _ < /proc/"$pid"/schedstat
	sleep 2
	read -r end _ < /proc/"$pid"/schedstat
	ticks=$(($(cat $aff/stats/ticks) - ticks))
	[ $ticks -gt 100 ] || { echo "only $ticks ticks in two seconds" >&2; return 1; }
	echo $(((end - begin) / ticks))
}

tick_of()
{
	modprobe dma_affinity
	modprobe dma_bench engines="${1%x*}" threads="${1#*x}" period_us=$period_us
	for mode in monitor manage; do
		echo $mode > $aff/MODE
		sleep 1
		report "tick_$1_$mode" "$(ticks)"
	done
	# What has been steady for five seconds takes less.
	sleep 6
	report "tick_$1_steady" "$(ticks)"
	dropped=$((dropped + $(cat $aff/stats/dropped)))
	rmmod dma_bench
	rmmod dma_affinity
}

idle_ticks()
{
	modprobe dma_affinity
	modprobe dma_bench
	measure memcpy > /dev/null
	sleep 3
	ticks=$(cat $aff/stats/ticks)
	sleep 3
	report ticks_idle $(($(cat $aff/stats/ticks) - ticks))
	rmmod dma_bench
	rmmod dma_affinity
}

# held ARGUMENT...: by dma_affinity when loaded with these
held()
{
	modprobe dma_affinity "$@"
	memory
	rmmod dma_affinity
}

# engines_hold ENGINES CHANNELS
engines_hold()
{
	modprobe dma_affinity
	before=$(memory)
	modprobe dma_bench engines="$1" channels="$2"
	echo $(($(memory) - before))
	rmmod dma_bench
	rmmod dma_affinity
}

memory_parts()
{
	report memory_total "$(held)"
	report memory_thread $((($(held) - $(held max_threads=64)) / (4096 - 64)))
	one=$(engines_hold 1 1)
	nine=$(engines_hold 9 1)
	report memory_engine $(((nine - one) / 8))
	report memory_channel $((($(engines_hold 1 9) - one) / 8))
}

# took COMMAND...
took()
{
	begin=$(now)
	"$@" > /dev/null
	echo $(($(now) - begin))
}

# What modprobe and rmmod themselves do is in it.
loading()
{
	report "load_$1" "$(took modprobe dma_affinity)"
	sleep 0.1
	report "unload_$1" "$(took rmmod dma_affinity)"
}

if [ "${1:-}" = memory ]; then
	report memory_total "$(held)"
	exit
fi
# All on one CPU, so that no other's instructions are counted.
echo 0 > /sys/devices/system/cpu/cpu1/online
submissions
others
dropped=0
for load in $loads; do
	tick_of "$load"
done
report tick_dropped $dropped
idle_ticks
memory_parts
loading idle
modprobe dma_bench engines=8 threads=64 period_us=$period_us
loading busy
rmmod dma_bench

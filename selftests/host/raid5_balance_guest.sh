# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC3043
#
# What raid5_balance.sh runs in the exact VM. Prints a line `KEY VALUE` for each finding.
set -eu
. "$(dirname "$0")/../raid5_lib.sh"

watched=/sys/kernel/dma_affinity
wrong=0

# measure START MODE: the arrays' rate in bytes a second.
measure() {
	raid5_write_both "$1" "$2" || wrong=$((wrong + 1))
	rate=$((moved_bytes * 100 / moved_cs))
}

# The scheduler, too, moves one of the threads at times. That is no baseline.
measure_skewed() {
	local tries

	for tries in 1 2 3; do
		measure node0 off
		[ "$moved_share" -lt 90 ] || return 0
		echo "tries $tries"
	done
}

mask_of() {
	sed -n 's/^Cpus_allowed:[^0-9a-f]*0*//p' "/proc/$1/status"
}

modprobe dma_engine_sim
modprobe dma_affinity
raid5_engine e0 0
raid5_engine e1 1
raid5_disks 2
raid5_create 0
raid5_create 1

measure_skewed
echo "node0.off $rate"
measure node0 manage
echo "node0.manage $rate"
measure free manage
echo "free.manage $rate"
echo "wrong $wrong"
echo "mismatches $(raid5_mismatches 0) $(raid5_mismatches 1)"
echo "moves $(cat $watched/stats/moves)"
echo "dropped $(cat $watched/stats/dropped)"
tids="$(raid5_tid 0) $(raid5_tid 1)"
rmmod dma_affinity
# shellcheck disable=SC2086 # two words
set -- $tids
echo "masks $(mask_of "$1") $(mask_of "$2")"
raid5_stop

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What dmaaff-stat costs: the share of one core that a command takes with an interval of one
# second, on a tree of 64 engines and 10,000 threads that is made here. Run by
# `make -C userspace bench`; the kernel's own work for such a tree is not in it.
set -euo pipefail

work=$(mktemp -d -p /dev/shm)
trap 'rm -rf "$work"' EXIT
root=$work/kernel/dma_affinity
stat=$BUILD/bin/dmaaff-stat
reports=20

make_tree() {
	local i folder file

	mkdir -p "$root/stats"
	echo manage > "$root/MODE"
	for file in ticks overruns moves successes failures reverts dropped tick_ns memory_bytes; do
		echo 1000 > "$root/stats/$file"
	done
	for ((i = 0; i < 64; i++)); do
		folder=$root/engines/dma_engine_sim.$i
		mkdir -p "$folder"
		for file in bytes ops busy_ns depth_ns latency_ns capacity_bps irq_bytes \
			softirq_bytes exiting_bytes mapped_bytes; do
			echo "123456789$i" > "$folder/$file"
		done
		for file in utilisation predicted forecast_error depth; do
			echo 55.12 > "$folder/$file"
		done
		echo 156 > "$folder/threads"
		echo $((i / 32)) > "$folder/node"
		echo 0-63 > "$folder/cpus"
		echo memcpy xor > "$folder/capabilities"
		echo active > "$folder/runtime_status"
	done
	awk 'BEGIN {
		printf "%-216s\n", "generation 1 rows 10000"
		for (i = 0; i < 10000; i++) {
			mask = i % 2 ? "ffffffff,00000000" : "00000000,ffffffff"
			row = sprintf("%d 14674%06d dma_engine_sim.%d %d %d %d narrowed %s ffffffff,ffffffff",
				4200000 + i, i, i % 64, 1000000000 + i * 997, 1000000 + i * 91,
				1000000 + i * 97, mask)
			printf "%-216s\n", row
		}
	}' > "$root/threads"
	awk 'BEGIN {
		printf "%-216s\n", "generation 1 rows 256"
		for (i = 0; i < 256; i++) {
			row = sprintf("14674%06d %d dma_engine_sim.%d dma_engine_sim.%d 12.50 11.00 success",
				999999 - i, 4200000 + i, i % 64, (i + 32) % 64)
			printf "%-216s\n", row
		}
	}' > "$root/history"
}

# cost NAME COMMAND...: CPU time of a run, divided by its reports, in percent of a second
cost() {
	local name=$1 TIMEFORMAT='%U %S' spent
	shift

	spent=$({ time "$@" > /dev/null; } 2>&1)
	awk -v name="$name" -v reports="$reports" '{
		printf "%-28s %6.2f %% of a core\n", name, ($1 + $2) / reports * 100
	}' <<< "$spent"
}

make_tree
cost 'dmaaff-stat 1' "$stat" -r "$work" 0.1 "$reports"
cost 'dmaaff-stat --json 1' "$stat" -r "$work" --json 0.1 "$reports"
cost 'dmaaff-stat metrics 1' "$stat" -r "$work" metrics 0.1 "$reports"
cost 'dmaaff-stat history 1' "$stat" -r "$work" history 0.1 "$reports"
cost 'dmaaff-stat threads 1' "$stat" -r "$work" threads 0.1 "$reports"
cost 'dmaaff-stat top 1, 200x60' script -qec \
	"stty rows 60 cols 200; TERM=xterm exec '$stat' -r '$work' top 0.2 $reports" /dev/null

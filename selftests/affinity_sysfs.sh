#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The files under /sys/kernel/dma_affinity: what is described is there and the
# other way round, tables, figures, engines that come and go.
set -euo pipefail
. "$(dirname "$0")/affinity_lib.sh"

# Installed beside us, or in the source tree, this project's or the kernel's.
description() {
	local name=sysfs-kernel-dma_affinity folder

	for folder in . ../sysfs-abi ../../../../Documentation/ABI/testing; do
		[[ ! -e $here/$folder/$name ]] || {
			cat "$here/$folder/$name"
			return
		}
	done
	complain "there is no file $name"
}

files_are_those_described_with_their_modes() {
	description | awk '
		/^What:/ { path[++n] = $2; sub(".*/dma_affinity/", "", path[n]) }
		n && match($0, /\(0[0-7]+\)/) {
			for (; n; n--)
				print substr($0, RSTART + 1, RLENGTH - 2), path[n]
		}' | sort > "$scratch/described"
	find "$aff" -mindepth 1 ! -type d -printf '0%m %P\n' |
		sed -E 's|engines/[^/]+|engines/<NAME>|' | sort -u > "$scratch/present"
	[[ $(wc -l < "$scratch/described") -gt 30 ]]
	diff "$scratch/described" "$scratch/present"
}

every_file_belongs_to_root() {
	[[ -z $(find "$aff" ! -user root -o ! -group root) ]]
}

engine_is_named_like_its_device() {
	[[ -d $aff/engines/$(dev left) ]]
	[[ $(realpath "$aff/engines/$(dev left)/device") == \
	   /sys/devices/platform/$(dev left) ]]
}

engine_is_described() {
	engine_create other capabilities="memcpy xor pq_val" private=1
	expect "engines/$(dev left)/node" 0
	expect "engines/$(dev right)/node" 1
	expect "engines/$(dev other)/node" -1
	expect "engines/$(dev left)/capabilities" memcpy
	expect "engines/$(dev other)/capabilities" "memcpy xor pq_val"
	engine_remove other
}

# The CPUs of further nodes, two of each, are served by both in turn.
routes_are_shown() {
	local left=0-1 right=2-3 cpu

	for ((cpu = 4; cpu < $(nproc); cpu += 2)); do
		left+=,$cpu
		right+=,$((cpu + 1))
	done
	load --threads 1 --cpus 0-1
	poll_until 20 reads "engines/$(dev left)/cpus" "$left" ||
		complain "left serves '$(get "engines/$(dev left)/cpus")'"
	expect "engines/$(dev right)/cpus" "$right"
}

engine_comes_and_goes() {
	local name

	engine_create other
	name=$(dev other)
	[[ -d $aff/engines/$name ]]
	engine_remove other
	[[ ! -e $aff/engines/$name ]]
}

unknown_figures_read_enodata() {
	local name

	for name in capacity_bps predicted forecast_error latency_ns; do
		fails_with "$ENODATA" cat "$aff/engines/$(dev left)/$name"
	done
	for name in bytes ops busy_ns depth_ns threads; do
		expect "engines/$(dev left)/$name" 0
	done
}

figures_become_known() {
	local name

	load --threads 2 --depth 8 --cpus 0-1
	for name in capacity_bps utilisation predicted forecast_error depth \
		latency_ns; do
		poll_until 30 is_figure "engines/$(dev left)/$name" ||
			complain "$name is not known"
	done
	for name in bytes ops busy_ns depth_ns; do
		at_least "engines/$(dev left)/$name" 1
		expect "engines/$(dev right)/$name" 0
	done
	poll_until 30 reads "engines/$(dev left)/threads" 2 ||
		complain "threads is $(get "engines/$(dev left)/threads")"
}

mode_off_knows_nothing() {
	local name busy bytes

	load --threads 2 --depth 8 --cpus 0-1
	poll_until 30 is_figure "engines/$(dev left)/predicted" ||
		complain "nothing is forecast"
	put MODE off
	for name in utilisation predicted depth latency_ns threads; do
		fails_with "$ENODATA" cat "$aff/engines/$(dev left)/$name"
	done
	busy=$(get "engines/$(dev left)/busy_ns")
	bytes=$(truth left bytes)
	poll_until 60 truth_beyond $((bytes + 5 * speed))
	expect "engines/$(dev left)/busy_ns" "$busy"
	put MODE monitor
	poll_until 30 is_figure "engines/$(dev left)/utilisation" ||
		complain "utilisation stays unknown"
}

is_figure() {
	[[ $(get "$1" 2> /dev/null) =~ ^[0-9]+(\.[0-9][0-9])?$ ]]
}

saturated_engine_is_seen_as_such() {
	load --threads 2 --depth 8 --cpus 0-1
	within utilisation 90 100
	within depth 14 17
	# 64 KiB at a time, and a microsecond each: within a tenth.
	within capacity_bps \
		$((speed * 9 / 10)) $((speed * 11 / 10))
	# Sixteen in flight, each waits for all.
	within latency_ns \
		$((900000000 * 16 * 65536 / speed)) $((1200000000 * 16 * 65536 / speed))
}

# within NAME MIN MAX: the whole part of that figure of engine left, soon.
within() {
	poll_until 90 is_within "$@" || complain \
		"$1 is $(get "engines/$(dev left)/$1"), not $2 to $3"
}

is_within() {
	local value

	value=$(get "engines/$(dev left)/$1" 2> /dev/null)
	[[ -n $value && ${value%.*} -ge $2 && ${value%.*} -le $3 ]]
}

bytes_are_those_of_the_engine() {
	load --threads 3 --depth 4 --cpus 0-3
	poll_until 30 at_least "engines/$(dev left)/bytes" 3000000
	loads_end
	[[ $(($(truth left bytes) + $(truth right bytes))) == $(loads_bytes) ]]
	poll_until 10 reads "engines/$(dev left)/bytes" "$(truth left bytes)"
	poll_until 10 reads "engines/$(dev left)/ops" "$(truth left ops)"
	poll_until 10 reads "engines/$(dev right)/bytes" "$(truth right bytes)"
}

# rows_of TABLE: all rows have one length, and the first says how many follow.
rows_of() {
	awk '{ lengths[length($0)]++ }
		NR == 1 && !/^generation [0-9]+ rows [0-9]+ *$/ { bad = "first row" }
		NR == 1 { rows = $4 }
		END {
			for (l in lengths)
				kinds++
			if (kinds != 1)
				bad = bad " lengths"
			if (NR != rows + 1)
				bad = bad " number of rows"
			print bad ? bad : "good"
		}' "$aff/$1"
}

rows_have_one_length() {
	[[ $(rows_of threads) == good ]] || complain "threads: $(rows_of threads)"
	[[ $(rows_of history) == good ]] || complain "history: $(rows_of history)"
	narrowed_worker
	[[ $(rows_of threads) == good ]] || complain "threads: $(rows_of threads)"
	[[ $(rows_of history) == good ]] || complain "history: $(rows_of history)"
}

# More than a page, and not in one read.
large_table_is_read_in_pieces() {
	put MODE monitor
	load --threads 60 --depth 1 --size 4096 --rate 40K
	poll_until 30 rows_are threads 60 || complain "$(table threads | wc -l) rows"
	[[ $(wc -c < "$aff/threads") -gt 8192 ]]
	[[ $(dd if="$aff/threads" bs=100 status=none |
		awk 'NR > 1 && NF' | wc -l) == 60 ]]
}

rows_are() {
	[[ $(table "$1" | wc -l) == "$2" ]]
}

threads_that_end_leave_the_table() {
	local before

	before=$(generation)
	load --threads 2 --cpus 0-1
	poll_until 20 rows_are threads 2
	[[ $(generation) -gt $before ]]
	loads_end
	poll_until 20 rows_are threads 0
}

generation() {
	awk 'NR == 1 { print $2 }' "$aff/threads"
}

threads_name_their_engine_and_bytes() {
	load --threads 1 --depth 4 --cpus 2-3
	poll_until 20 rows_are threads 1
	poll_until 20 at_least "engines/$(dev right)/bytes" 1000000
	poll_until 20 row_is_of "$(dev right)" || complain "$(table threads)"
}

row_is_of() {
	table threads | awk -v engine="$1" '
		{ good = NF == 9 && $3 == engine && $4 > 0 &&
			$5 > 0 && $7 == "free" && $8 ~ /^0*c$/ && $9 ~ /^0*c$/ }
		END { exit !good }'
}

others_may_not_read_tables() {
	local name

	for name in threads history; do
		fails_with "Permission denied" setpriv --reuid=65534 --regid=65534 \
			--clear-groups cat "$aff/$name"
	done
	setpriv --reuid=65534 --regid=65534 --clear-groups \
		cat "$aff/stats/moves" > /dev/null
}

# More than three moves, then none.
make_history() {
	put MAX_MOVES 1000
	load --threads 16 --depth 1 --size 32K --start-cpus 0-1
	# What cannot be moved drowns node 0.
	load --threads 3 --depth 8 --cpus 0
	moves_come 4 1
	put MODE monitor
	# The tick that was under way has made its last.
	pass_ticks 2
}

moments() {
	table history | awk '{ print $1, $2, $3, $4 }'
}

every_move_is_in_the_history() {
	local rows moves

	make_history
	rows=$(moments | wc -l)
	moves=$(get stats/moves)
	[[ $rows == "$moves" ]] || complain "$rows rows of $moves moves"
	[[ $(moments | sort -s -k 1,1rn) == $(moments) ]] || complain "not newest first"
}

smaller_history_keeps_the_newest() {
	local newest

	make_history
	newest=$(moments | sed -n 1,3p)
	put AFFINITY_HISTORY 3
	[[ $(moments) == "$newest" ]] || complain "$(moments), not $newest"
	put AFFINITY_HISTORY 100
	[[ $(moments) == "$newest" ]] || complain "$(moments), not $newest"
}

history_of_0_remembers_nothing() {
	put AFFINITY_HISTORY 0
	make_history
	[[ -z $(moments) ]] || complain "$(moments)"
	[[ $(rows_of history) == good ]]
}

more_threads_than_max_threads_are_dropped() {
	rmmod dma_affinity
	modprobe dma_affinity max_threads=64
	put MODE monitor
	load --threads 80 --depth 1 --size 4096 --rate 40K
	poll_until 30 at_least stats/dropped 1
	rows_are threads 64
	# Told, and so not for teardown to tell.
	rmmod dma_affinity
}

run_tests files_are_those_described_with_their_modes \
	every_file_belongs_to_root \
	engine_is_named_like_its_device \
	engine_is_described \
	routes_are_shown \
	engine_comes_and_goes \
	unknown_figures_read_enodata \
	figures_become_known mode_off_knows_nothing \
	saturated_engine_is_seen_as_such \
	bytes_are_those_of_the_engine \
	rows_have_one_length \
	large_table_is_read_in_pieces \
	threads_that_end_leave_the_table \
	threads_name_their_engine_and_bytes \
	others_may_not_read_tables \
	every_move_is_in_the_history \
	smaller_history_keeps_the_newest \
	history_of_0_remembers_nothing \
	more_threads_than_max_threads_are_dropped

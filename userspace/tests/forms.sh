#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dmaaff-stat: each form of each list, on trees recorded with both kernels, and the options that
# shape them.
# shellcheck disable=SC2317  # run_tests calls them
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# recorded NAME ARG...: what is printed about the trees of both kernels
recorded() {
	local name=$1 kernel
	shift

	for kernel in 6.1 6.12; do
		stat_run --root "$here/trees/$kernel" "$@"
		golden "$kernel-$name"
	done
}

test_recorded_engines_as_text() {
	recorded engines.txt engines 0.01 1
}

test_recorded_engines_as_json() {
	recorded engines.json engines --json 0.01 1
}

test_recorded_engines_as_csv() {
	recorded engines.csv engines --csv 0.01 1
}

test_recorded_threads_as_text() {
	recorded threads.txt threads
}

test_recorded_threads_as_json() {
	recorded threads.json threads --json
}

test_recorded_threads_as_csv() {
	recorded threads.csv threads --csv
}

test_recorded_history_as_text() {
	recorded history.txt history
}

test_recorded_history_as_json() {
	recorded history.json history --json
}

test_recorded_history_as_csv() {
	recorded history.csv history --csv
}

test_recorded_tunables_as_text() {
	recorded tunables.txt tunables
}

test_recorded_tunables_as_json() {
	recorded tunables.json tunables --json
}

test_recorded_tunables_as_csv() {
	recorded tunables.csv tunables --csv
}

test_recorded_metrics() {
	recorded metrics.prom metrics
}

test_recorded_with_every_column() {
	recorded engines-all.txt engines --show all 0.01 1
	recorded threads-all.txt threads --show all
	recorded tunables-all.txt tunables --show all
}

test_recorded_with_chosen_columns() {
	recorded engines-show.csv engines --csv --show name,cpus,power 0.01 1
	recorded threads-hide.json threads --json --hide comm,cpus,origin_cpus
	recorded history-hide.txt history --hide TIME_s
}

# In a recorded tree no counter moves: nothing was done since the first report.
test_recorded_without_what_is_idle() {
	recorded engines-idle.txt engines -y -z 0.01 1
	recorded threads-idle.txt threads -z
}

test_recorded_with_the_time_on_each_line() {
	recorded history-times.txt history -t
}

test_recorded_into_a_file() {
	stat_run --root "$here/trees/6.12" history -o "$work/file"
	[ ! -s "$work/out" ]
	cp "$work/file" "$work/out"
	golden 6.12-history.txt
}

test_unknown_has_no_metric() {
	mkdir -p "$root/engines/mute"
	rm -r "$root/stats" "$root/MODE"
	stat_run metrics
	golden unknown.prom
}

# Every sample belongs to the family above it, and the text ends with its mark.
test_metrics_are_openmetrics() {
	two_engines
	engine "odd\"\\" bytes=1
	stat_run metrics
	[ "$rc" -eq 0 ]
	[ "$(tail -n 1 "$work/out")" = '# EOF' ]
	grep -qF 'dmaaff_engine_bytes_total{engine="odd\"\\"} 1' "$work/out"
	awk '
		$1 == "#" { if ($2 == "TYPE") { family = $3; if (seen[family]++) exit 1 } next }
		{ name = $0; sub(/[{ ].*/, "", name); sub(/_total$/, "", name) }
		name != family || !/^[a-z_]+({[a-z_]+="([^"\\]|\\.)*"(,[a-z_]+="([^"\\]|\\.)*")*})? [0-9.e+-]+$/ { print "bad: " $0; exit 1 }
	' "$work/out"
}

test_metrics_go_into_a_folder() {
	two_engines
	mkdir "$work/collector"
	stat_run metrics -o "$work/collector"
	[ "$rc" -eq 0 ]
	[ ! -s "$work/out" ]
	[ "$(ls -A "$work/collector")" = dma_affinity.prom ]
	[ "$(stat -c %a "$work/collector/dma_affinity.prom")" = 644 ]
	[ "$(tail -n 1 "$work/collector/dma_affinity.prom")" = '# EOF' ]
}

# Whoever has the old file open keeps it whole: it is replaced, not written over.
test_metrics_are_replaced_at_once() {
	two_engines
	stat_run metrics -o "$work/m.prom"
	exec 5< "$work/m.prom"
	rm -r "$root/engines/dma_engine_sim.2"
	stat_run metrics -o "$work/m.prom"
	grep -q dma_engine_sim.2 <&5
	exec 5<&-
	lacks dma_engine_sim.2 "$work/m.prom"
}

test_metrics_that_cannot_be_written_leave_the_old_ones() {
	two_engines
	stat_run metrics -o "$work/m.prom"
	cp "$work/m.prom" "$work/before"
	stat_run metrics -o "$work/nowhere/m.prom"
	fails 1 "cannot write to $work/nowhere/m.prom"
	cmp "$work/m.prom" "$work/before"
}

test_show_takes_titles_and_keys() {
	two_engines
	stat_run --show engine,ops_per_s,CPUS 0.01 1
	golden show.txt
}

test_show_all_has_every_column() {
	two_engines
	stat_run --show all 0.01 1
	golden show-all.txt
}

test_who_an_engine_is_reserved_for() {
	two_engines
	engine dma_engine_sim.2 RESERVED=rt
	stat_run --csv --show name,reserved 0.01 1
	cat "$work/out"
	[ "$(tail -n +2 "$work/out" | cut -d , -f 2-)" = $'dma_engine_sim.2,rt\ndma_engine_sim.10,' ]
}

test_hide_leaves_columns_out_of_json() {
	two_engines
	stat_run --hide bytes,ops,node,cpus,capabilities --json 0.01 1
	[ "$("$tools/jsonlines" /engines/0/name < "$work/out")" = dma_engine_sim.2 ]
	lacks '"ops":' "$work/out"
	grep -q '"ops_per_s":' "$work/out"
}

test_column_that_is_not_there_is_named_with_those_that_are() {
	stat_run history --show nonsense
	fails 2 "history has no column 'nonsense': there are time_ns, tid, from"
}

test_csv_has_one_header() {
	two_engines
	stat_run --csv 0.01 3
	[ "$(grep -c ^time_s, "$work/out")" -eq 1 ]
	[ "$(wc -l < "$work/out")" -eq 7 ]
}

test_csv_quotes_what_would_split() {
	engine a cpus=0-1,4 capabilities='memcpy xor'
	stat_run --csv --show cpus,capabilities 0.01 1
	grep -q ',"0-1,4","memcpy xor"$' "$work/out"
}

test_each_line_has_the_time_if_asked() {
	two_engines
	stat_run -t 0.01 2
	cat "$work/out"
	[ "$(grep -cvE '^(20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}Z  |$)' "$work/out")" -eq 0 ]
}

test_idle_engines_are_left_out_if_asked() {
	two_engines
	stat_run -z --csv --show name 0.01 1
	[ "$(wc -l < "$work/out")" -eq 2 ]
	grep -q ',dma_engine_sim.2$' "$work/out"
}

test_idle_threads_are_left_out_if_asked() {
	table threads "42000001 1 a 1 5 5 free 1 1" "42000002 1 a 1 0 0 free 1 1" "42000003 1 a 1 - - free 1 1"
	stat_run threads -z --csv --show tid
	[ "$(cut -d , -f 2 "$work/out" | paste -sd ' ')" = "tid 42000001 42000003" ]
}

# The counters do not move; the module's own means say 98 %.
test_no_first_report_about_the_past() {
	two_engines
	stat_run -y --csv --show utilisation_pct 0.01 1
	[ "$(sed -n 2p "$work/out" | cut -d , -f 2)" = 0.00 ]
	stat_run --csv --show utilisation_pct 0.01 1
	[ "$(sed -n 2p "$work/out" | cut -d , -f 2)" = 98.12 ]
}

test_output_goes_to_a_file() {
	two_engines
	stat_run -o "$work/file" --json 0.01 2
	[ ! -s "$work/out" ]
	"$tools/jsonlines" /mode < "$work/file"
}

# On a terminal of its own.
coloured() {
	script -qec "exec '$bin/dmaaff-stat' 0.01 1" /dev/null < /dev/null
}

test_colours_are_for_terminals_without_no_color() {
	two_engines
	TERM=xterm coloured | grep -q $'\e\[1;31m'
	NO_COLOR=1 TERM=xterm coloured > "$work/out"
	TERM=dumb coloured >> "$work/out"
	lacks $'\e' "$work/out"
	stat_run 0.01 1
	lacks $'\e' "$work/out"
}

test_locale_changes_nothing() {
	two_engines
	LC_ALL=de_DE.UTF-8 stat_run 0.01 1
	golden engines.txt
}

test_set_changes_what_it_names() {
	stat_run set MODE=monitor MAX_MOVES=7
	[ "$rc" -eq 0 ]
	[ "$(cat "$root/MODE" "$root/MAX_MOVES")" = monitor7 ]
	engine a CAPACITY=0
	stat_run set engines/a/CAPACITY=123
	[ "$(cat "$root/engines/a/CAPACITY")" = 123 ]
}

test_refused_value_is_told_what_is_allowed() {
	export LD_PRELOAD="$tools/refuse.so" REFUSE_FILE=HOLDOFF REFUSE_ERRNO=34
	set_files "$root" HOLDOFF=10
	stat_run set HOLDOFF=9999
	unset LD_PRELOAD
	fails 1 "HOLDOFF cannot be '9999': allowed is 0-3600 s"
}

test_setting_that_is_not_there_is_told_what_is() {
	stat_run set NOTHING=1
	fails 1 "by the name of 'NOTHING': there are DMA_WEIGHT_LATENCY, MAX_MOVES, MODE"
	stat_run set stats/ticks=1
	fails 1 "by the name of 'stats/ticks'"
	stat_run set engines/../MODE=off
	fails 1 "by the name of 'engines/../MODE'"
}

test_nothing_is_set_when_a_word_is_wrong() {
	stat_run set MODE=off MAX_MOVES
	fails 2 "'MAX_MOVES' is no NAME=VALUE"
	[ "$(cat "$root/MODE")" = manage ]
}

# What the viewer says of a setting is what its description says.
test_every_tunable_is_explained() {
	local abi=$here/../../sysfs-abi/sysfs-kernel-dma_affinity kind name text row seen=0

	while read -r kind name text; do
		set_files "$root" "$name=1"
		stat_run tunables --csv --show name,default,values
		row=$(grep ",$name," "$work/out")
		case $kind in
		default) [[ $row == *",$name,$text,"* ]] ;;
		word) [[ $row =~ (\"|[ ,])"$text"(\"|[ ,]|\$) ]] ;;
		esac || { echo "$name: $text? $row"; return 1; }
		seen=$((seen + 1))
	done < <(awk '
		/^What:/ { n = split($2, part, "/"); name = n == 5 && part[n] ~ /^[A-Z_]+$/ ? part[n] : "" }
		!name { next }
		{ line = $0 }
		/Default: / { sub(/.*Default: /, ""); sub(/\.$/, ""); print "default", name, $0 }
		{ while (match(line, /"[a-z]+"/)) {
			print "word", name, substr(line, RSTART + 1, RLENGTH - 2)
			line = substr(line, RSTART + RLENGTH) } }' "$abi")
	[ "$seen" -gt 20 ]
}

run_tests

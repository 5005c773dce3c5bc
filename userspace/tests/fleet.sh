#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The way of the figures of a fleet, through Debian's node_exporter and Prometheus: what Prometheus
# is asked for is what sysfs says. Alert rules and dashboard are held against both.
# shellcheck disable=SC2317  # run_tests calls them
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

fleet=$here/../fleet
rules=$fleet/dma_affinity.rules.yml
dashboard=$fleet/dma_affinity.dashboard.json
# Whatever proxy there is, the servers are here.
export no_proxy="*"
# Beside $work, which is emptied before each test.
servers=$(mktemp -d)
collector=$servers/collector
pids=()

stop_servers() {
	if ((${#pids[@]})); then
		kill -KILL "${pids[@]}" 2> /dev/null || true
		wait "${pids[@]}" 2> /dev/null || true
	fi
	rm -rf "$work" "$servers"
}
trap stop_servers EXIT

# Both take whatever port is free, and say in their log which.
listens() {
	sed -n 's/.*msg="Listening on".* address=//p' "$1" | grep -m 1 .
}

# bail_out NAME: the server does not come up
bail_out() {
	sed "s/^/# /" "$servers/$1.log"
	echo "Bail out! $1 does not serve"
	exit 1
}

# start NAME COMMAND...: a server; leaves its address in $address
start() {
	local log=$servers/$1.log

	: > "$log"
	"${@:2}" > "$log" 2>&1 &
	pids+=($!)
	poll_until listens "$log" > "$servers/address" || bail_out "$1"
	address=$(< "$servers/address")
}

is_ready() {
	curl -sf "http://$address/-/ready" > /dev/null
}

start_servers() {
	mkdir "$collector" "$servers/data"
	start node_exporter prometheus-node-exporter --web.listen-address=127.0.0.1:0 \
		--collector.disable-defaults --collector.textfile --web.disable-exporter-metrics \
		--collector.textfile.directory="$collector"
	cat > "$servers/prometheus.yml" <<-END
	global: {scrape_interval: 1s, evaluation_interval: 1s}
	rule_files: ['$rules']
	scrape_configs:
	  - job_name: node
	    static_configs: [{targets: ['$address'], labels: {instance: here}}]
	END
	start prometheus prometheus --config.file="$servers/prometheus.yml" \
		--storage.tsdb.path="$servers/data" --web.listen-address=127.0.0.1:0
	poll_until is_ready || bail_out prometheus
	api=http://$address/api/v1
}

# query EXPRESSION: its samples, one JSON object a line
query() {
	curl -sS --get "$api/query" --data-urlencode "query=$1" > "$servers/answer"
	jq -ce 'if .status == "success" then .data.result else (.error | halt_error) end' "$servers/answer" > "$servers/result"
	jq -c '.[]' "$servers/result"
}

# finds EXPRESSION: there is a sample
finds() {
	query "$1" | grep -q .
}

# was_scraped TIME: Prometheus has what the file of the collector held then, in seconds as node_exporter
# has them
was_scraped() {
	query "node_textfile_mtime_seconds == $1" | grep -q .
}

# collect [ARG...]: figures of the tree, until Prometheus has them. Each file has a time of its own.
collect() {
	local at=$(($(cat "$servers/at" 2> /dev/null || date -d '-1 minute' +%s) + 1))

	echo "$at" > "$servers/at"
	"$bin/dmaaff-stat" "$@" metrics -o "$servers"
	touch -d "@$at" "$servers/dma_affinity.prom"
	mv "$servers/dma_affinity.prom" "$collector/"
	poll_until was_scraped "$at"
}

# Which metric a file of sysfs becomes, and what the file's unit is divided by.
of_engine="
bytes           dmaaff_engine_bytes_total                 1
ops             dmaaff_engine_transfers_total             1
irq_bytes       dmaaff_engine_irq_bytes_total             1
softirq_bytes   dmaaff_engine_softirq_bytes_total         1
exiting_bytes   dmaaff_engine_exiting_bytes_total         1
busy_ns         dmaaff_engine_busy_seconds_total          1e9
depth_ns        dmaaff_engine_depth_seconds_total         1e9
utilisation     dmaaff_engine_utilisation_ratio           100
predicted       dmaaff_engine_predicted_ratio             100
forecast_error  dmaaff_engine_forecast_error_ratio        100
depth           dmaaff_engine_depth                       1
latency_ns      dmaaff_engine_latency_seconds             1e9
capacity_bps    dmaaff_engine_capacity_bytes_per_second   1
mapped_bytes    dmaaff_engine_mapped_bytes                1
threads         dmaaff_engine_threads                     1
"
of_module="
ticks           dmaaff_ticks_total                        1
overruns        dmaaff_overruns_total                     1
moves           dmaaff_moves_total                        1
successes       dmaaff_move_successes_total               1
failures        dmaaff_move_failures_total                1
reverts         dmaaff_reverts_total                      1
dropped         dmaaff_dropped_total                      1
tick_ns         dmaaff_tick_seconds                       1e9
memory_bytes    dmaaff_memory_bytes                       1
"

# label FOLDER FILE: as of metrics, if there is a value
label() {
	local value

	value=$(cat "$1/$2" 2> /dev/null || true)
	[ -z "$value" ] || echo "${2,,}=$value"
}

# figures FOLDER LABELS TABLE: those that are known
figures() {
	local file metric divisor

	while read -r file metric divisor; do
		[ -z "$file" ] || [ ! -e "$1/$file" ] ||
			printf '%s\t%s\t%s\t%s\n' "$metric" "$2" "$(cat "$1/$file")" "$divisor"
	done <<< "$3"
}

# sysfs_says TREE: lines of tabs: metric, labels in the order of the alphabet, value, divisor
sysfs_says() {
	local folder engine mode

	for mode in off monitor advise manage; do
		printf 'dmaaff_mode\tdmaaff_mode=%s\t%d\t1\n' "$mode" "$(grep -cx "$mode" "$1/MODE")"
	done
	figures "$1/stats" '' "$of_module"
	for folder in "$1"/engines/*; do
		engine=engine=${folder##*/}
		printf 'dmaaff_engine_info\t%s\t1\t1\n' \
			"$({ label "$folder" capabilities; label "$folder" cpus; echo "$engine"; label "$folder" node; label "$folder" RESERVED; } | paste -sd ,)"
		figures "$folder" "$engine" "$of_engine"
	done
}

prometheus_says() {
	query '{__name__=~"dmaaff_.*"}' | jq -r '
		.metric.__name__ as $name | .value[1] as $value |
		.metric | del(.__name__, .job, .instance) | to_entries | sort_by(.key) |
		[$name, (map("\(.key)=\(.value)") | join(",")), $value] | @tsv'
}

# same TREE: both say the same of each figure, and name the same; to nine digits
same() {
	sysfs_says "$1" | awk -F '\t' '{ printf "%s\t%s\t%.17g\n", $1, $2, $3 / $4 }' > "$work/sysfs"
	prometheus_says > "$work/prometheus"
	[ "$(wc -l < "$work/sysfs")" -gt 20 ]
	awk -F '\t' '
		{ key = $1 "{" $2 "}" }
		NR == FNR { says[key] = $3; next }
		!(key in says) { print "not in sysfs: " key; bad = 1; next }
		{ off = $3 - says[key]; if (off < 0) off = -off }
		off > 1e-8 * says[key] { print key " is " $3 ", sysfs says " says[key]; bad = 1 }
		{ delete says[key] }
		END { for (key in says) { print "not in Prometheus: " key; bad = 1 } exit bad }
	' "$work/sysfs" "$work/prometheus"
}

test_prometheus_says_what_sysfs_says() {
	local kernel

	for kernel in 6.1 6.12; do
		collect --root "$here/trees/$kernel"
		same "$here/trees/$kernel/kernel/dma_affinity"
	done
}

test_unknown_is_absent_and_not_0() {
	two_engines
	engine 0000:00:04.0 node=-1 cpus= capabilities= bytes=4096 mapped_bytes=8192
	collect
	same "$root"
	finds 'dmaaff_engine_latency_seconds{engine="dma_engine_sim.2"}'
	finds 'absent(dmaaff_engine_latency_seconds{engine="dma_engine_sim.10"})'
	finds 'absent(dmaaff_engine_utilisation_ratio{engine="0000:00:04.0"})'
}

test_what_becomes_unknown_ends() {
	two_engines
	collect
	finds 'dmaaff_engine_latency_seconds{engine="dma_engine_sim.2"}'
	rm "$root/engines/dma_engine_sim.2/latency_ns"
	collect
	finds 'absent(dmaaff_engine_latency_seconds)'
}

# alert NAME: Prometheus holds it for possible, or fires it
alerts() {
	finds "ALERTS{alertname=\"$1\"}"
}

quiet() {
	! alerts "$1"
}

# What takes three minutes to fire is seen coming; how long it takes is in rules/.
test_stopped_metrics_are_seen_as_stale() {
	local writer

	two_engines
	"$bin/dmaaff-stat" metrics -o "$collector" 0.1 &
	writer=$!
	poll_until finds 'changes(node_textfile_mtime_seconds[20s]) > 2'
	poll_until quiet DmaAffinityMetricsStale
	kill "$writer"
	wait "$writer"
	touch -d '10 minutes ago' "$collector/dma_affinity.prom"
	poll_until alerts DmaAffinityMetricsStale
	finds 'dmaaff_ticks_total'
}

test_module_that_is_gone_is_seen() {
	two_engines
	collect
	poll_until quiet DmaAffinityModuleGone
	rm "$collector/dma_affinity.prom"
	poll_until alerts DmaAffinityModuleGone
}

# A test of an alert expects it somewhere, and expects that it is not there somewhere else.
expects_both() {
	awk '
		/alertname:/ { asked++ }
		/exp_alerts:/ { expected++ }
		END { exit !(expected > 0 && expected < asked) }
	' "$1"
}

test_every_alert_fires_when_it_should_and_not_when_not() {
	local names name

	promtool check rules "$rules"
	names=$(sed -n 's/.*- alert: //p' "$rules")
	[ "$(sort <<< "$names")" = "$(basename -s .yml "$here"/rules/*.yml)" ]
	for name in $names; do
		promtool test rules "$here/rules/$name.yml"
		grep -q "alertname: $name\$" "$here/rules/$name.yml"
		expects_both "$here/rules/$name.yml"
	done
}

alerts_tell() {
	curl -sS "$api/rules" | jq -e '[.data.groups[].rules[]] | length > 5 and all(
		.health == "ok" and .duration > 0 and (.labels.severity | IN("warning", "critical")) and
		(.annotations.summary | contains("instance")) and
		(.annotations.description | test("dmaaff-stat|dmesg")))'
}

# Each was evaluated once.
test_every_alert_tells_what_to_do() {
	poll_until alerts_tell > /dev/null
}

# expressions: of alerts and dashboard, one a line, with an interval for Grafana's
expressions() {
	curl -sS "$api/rules" | jq -r '.data.groups[].rules[].query'
	panels
}

panels() {
	jq -r '.panels[].targets[]?.expr' "$dashboard" |
		sed 's/[$]__rate_interval/5m/g; s/[$]__range/5m/g; s/"[$]instance"/"here"/g; s/"[$]engine"/".*"/g'
}

# What dmaaff-stat prints in both trees and of a tree of its own, and what Prometheus adds.
known_names() {
	{
		"$bin/dmaaff-stat" metrics
		"$bin/dmaaff-stat" --root "$here/trees/6.12" metrics
	} | sed -n 's/^\([a-z][a-z_]*\).*/\1/p' | sort -u
	printf '%s\n' node_textfile_mtime_seconds up
}

known_labels() {
	"$bin/dmaaff-stat" metrics | grep -o '[a-z_]*="' | tr -d '="' | sort -u
	printf '%s\n' instance job file
}

every_device() {
	two_engines
	engine 0000:00:04.0 node=0 mapped_bytes=8192 RESERVED=rt
}

# Names have the prefix of a kind; labels stand in braces, or in the lists of on, by and the like.
test_every_name_in_an_expression_exists() {
	every_device
	expressions > "$work/expressions"
	[ "$(wc -l < "$work/expressions")" -gt 30 ]
	sed 's/"[^"]*"//g; s/{[^}]*}//g; s/\b\(on\|by\|without\|ignoring\|group_left\|group_right\) *([^)]*)//g' "$work/expressions" |
		grep -oE '\b(dmaaff|node)_[a-z_]*|\bup\b' | sort -u > "$work/names"
	jq -r '.templating.list[] | select(.type == "query") | .definition' "$dashboard" |
		grep -oE '\bdmaaff_[a-z_]*' | sort -u >> "$work/names"
	[ "$(wc -l < "$work/names")" -gt 20 ]
	! grep -vxF -f <(known_names) "$work/names"
}

test_every_label_in_an_expression_exists() {
	every_device
	expressions > "$work/expressions"
	{
		grep -oE '[{,] *[a-z_]+ *(=|!=|=~|!~) *"' "$work/expressions" | grep -oE '[a-z_]+'
		grep -oE '\b(on|by|without|ignoring|group_left|group_right) *\([^)]*\)' "$work/expressions" |
			sed 's/^[a-z_]* *//' | grep -oE '[a-z_]+'
		jq -r '.panels[].targets[]?.legendFormat, (.templating.list[].definition // "")' "$dashboard" |
			grep -oE '\{\{[a-z_]+|, [a-z_]+\)' | grep -oE '[a-z_]+'
	} | sort -u > "$work/labels"
	[ "$(wc -l < "$work/labels")" -gt 5 ]
	! grep -vxF -f <(known_labels) "$work/labels"
}

test_dashboard_shows_every_metric() {
	every_device
	panels | grep -oE '\bdmaaff_[a-z_]*' | sort -u > "$work/shown"
	! known_names | grep dmaaff_ | grep -vxF -f "$work/shown"
}

# The counters grow, or a share of them would be one of nothing.
test_every_panel_has_data() {
	local expression

	cp -r "$here/trees/6.12/kernel" "$work/"
	engine 0000:00:04.0 depth=3.00 mapped_bytes=8192
	collect
	echo 20 > "$root/stats/successes"
	collect
	panels > "$work/panels"
	while read -r expression; do
		echo "$expression"
		poll_until finds "$expression"
	done < "$work/panels"
}

test_dashboard_is_well_formed() {
	jq -e '
		def apart($a; $b): $a.x + $a.w <= $b.x or $b.x + $b.w <= $a.x or
			$a.y + $a.h <= $b.y or $b.y + $b.h <= $a.y;
		(.panels | map(.id) | length > 10 and length == (unique | length)) and
		(.panels | map(.gridPos) | all(.x >= 0 and .w > 0 and .h > 0 and .x + .w <= 24)) and
		([.panels[].gridPos] as $at | [range($at | length) as $i | range($i) as $j | apart($at[$i]; $at[$j])] | all) and
		(.templating.list | map(.name) == ["datasource", "instance", "engine"])
	' "$dashboard"
}

test_dashboard_shows_unknown_as_a_gap_and_names_units() {
	jq -e '[.panels[] | select(.type != "row")] | length > 10 and all(
		.fieldConfig.defaults.noValue == "-" and (.fieldConfig.defaults.unit | length > 0) and
		(.description | length > 0) and (.type != "timeseries" or .fieldConfig.defaults.custom.spanNulls == false) and
		all(.targets[]; .expr | test("vector\\(0\\)|or +0") | not))' "$dashboard"
}

start_servers
run_tests

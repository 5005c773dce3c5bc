# SPDX-License-Identifier: GPL-2.0
#
# Reads the records that the guest made (record.sh says what there are); writes the data
# of the plots and results.json to the folder `out`, and prints the table.
#
# awk -v out=FOLDER -f report.awk RECORDS

BEGIN {
	nparts = split("skewed raid5", parts)
	nmodes = split("off manage", modes)
	title["skewed"] = "Skewed start: four dmaaff-load threads, copies of 128 KiB, 4 each in flight"
	title["raid5"] = "md RAID 5: two arrays written by fio, parity and copies by the engines"
	heading["skewed"] = "Four threads start on node 0, where one engine serves them all"
	heading["raid5"] = "Two RAID 5 arrays get to work on node 0, where one engine computes their parity"
}

# field NAME: of a trace event's `NAME=value`.
function field(name,    i, at)
{
	for (i = 1; i <= NF; i++) {
		at = index($i, "=")
		if (substr($i, 1, at - 1) == name)
			return substr($i, at + 1)
	}
	return ""
}

# served(run, tid): the engine that moved most of what the thread asked for in that run.
function served(run, tid)
{
	return moved[run, tid, "e1"] > moved[run, tid, "e0"] ? 1 : 0
}

function worst(run, engine, p99)
{
	if (p99 > p99_ns[run, engine])
		p99_ns[run, engine] = p99
	if (p99 > p99_ns[run, "all"])
		p99_ns[run, "all"] = p99
}

# 1.500: seconds since the run began.
function since(run, time)
{
	return sprintf("%.6f", time - began[run])
}

$2 == "kernel" {
	kernel = $3
}

$2 == "engine" {
	engine_of[$3, $5] = substr($4, 2)
	name_of[$3, substr($4, 2)] = $5
}

$2 == "window" {
	seconds[$3] = $4 / 100
	bytes[$3, 0] = $5
	bytes[$3, 1] = $6
	bytes[$3, "all"] = $5 + $6
}

# served RUN begin|end ENGINE TID BYTES OPS
$2 == "served" {
	moved[$3, $6, $5] += $4 == "end" ? $7 : -$7
}

# load RUN {"seconds":s,"threads":[{"tid":t,...,"p99_ns":n,...},...]}; the last is about all.
$2 == "load" {
	loads[$3]++
	load_line[$3, loads[$3]] = $4
}

$2 == "array" {
	tid_of_array[$3, $4] = $5
	array_p99[$3, $4] = $6
}

$2 == "mismatches" {
	mismatches = $3 ", " $4
}

# A run may be made again: the last counts.
$2 == "run" {
	loads[$3] = moves[$3] = 0
	for (key in moved)
		if (index(key, $3 SUBSEP) == 1)
			delete moved[key]
	delete busy_time[$3]
	n = split("busy forecast0 forecast1 modes moves", names)
	for (i = 1; i <= n; i++) {
		file = out "/" $3 "." names[i]
		close(file)
		# Out of sight, for gnuplot warns of a file without points.
		print "-1 -1 \"\"\n" > file
	}
}

$2 == "trace" && $6 == "demo" && $7 == "begin" {
	began[$3] = $4
}

# Where nobody is busy any more the plot ends.
$2 == "trace" && $7 == "busy" && ($8 > busy0[$3] || $9 > busy1[$3]) {
	ended[$3] = $4
}

$2 == "trace" && $7 == "busy" {
	if ($3 in busy_time) {
		dt = ($4 - busy_time[$3]) * 1e7
		printf "%s %.2f %.2f\n", since($3, $4), ($8 - busy0[$3]) / dt, ($9 - busy1[$3]) / dt > (out "/" $3 ".busy")
	}
	busy_time[$3] = $4
	busy0[$3] = $8
	busy1[$3] = $9
}

$5 == "engine_forecast" {
	print since($3, $4), field("predicted_e2") / 100 > (out "/" $3 ".forecast" engine_of[$3, field("engine")])
}

$5 == "mode" {
	print since($3, $4), "\"MODE=" field("to") "\"" > (out "/" $3 ".modes")
}

$5 == "migrate" && field("applied") == 1 {
	n = ++moves[$3]
	to = engine_of[$3, field("to")]
	move[$3, n] = sprintf("{\"time_s\":%s,\"tid\":%d,\"comm\":\"%s\",\"from\":\"%s\",\"to\":\"%s\"}",
		since($3, $4), field("tid"), field("comm"), field("from"), field("to"))
	# One below the other, where they come close together.
	printf "%s %d \"%s (%d) to engine %d\"\n", since($3, $4), n,
		field("comm"), field("tid"), to > (out "/" $3 ".moves")
}

function find_p99(run,    i, n, at, objects, tid)
{
	# What the window covers: of a load of three seconds the second and half the third.
	for (i = 1; i < loads[run]; i++) {
		match(load_line[run, i], /"seconds":[0-9.]+/)
		at += substr(load_line[run, i], RSTART + 10, RLENGTH - 10)
		if (at < 1.25 || at > 2.75)
			continue
		n = split(load_line[run, i], objects, "{\"tid\":")
		while (n > 1) {
			match(objects[n], /"p99_ns":[0-9]+/)
			worst(run, served(run, objects[n] + 0),
			      substr(objects[n], RSTART + 9, RLENGTH - 9) + 0)
			n--
		}
	}
	for (i = 0; i < 2; i++) {
		tid = tid_of_array[run, "md" i]
		if (tid)
			worst(run, served(run, tid), array_p99[run, "md" i])
	}
}

function rate(run, engine)
{
	return seconds[run] ? bytes[run, engine] / seconds[run] : 0
}

function figure(format, value)
{
	return value ? sprintf(format, value) : "-"
}

function ratio(a, b)
{
	return a && b ? sprintf("%.2f x", a / b) : "-"
}

function row(part, name, engine,    off, manage)
{
	off = part ".off"
	manage = part ".manage"
	printf "  %-12s %8.1f %9s   %8.1f %9s   %8s %8s\n", name,
		rate(off, engine) / 1e6, figure("%.2f", p99_ns[off, engine] / 1e6),
		rate(manage, engine) / 1e6, figure("%.2f", p99_ns[manage, engine] / 1e6),
		ratio(rate(manage, engine), rate(off, engine)),
		ratio(p99_ns[manage, engine], p99_ns[off, engine])
}

function table(part)
{
	printf "\n%s\n", title[part]
	printf "  %-12s %18s   %18s   %17s\n", "", "MODE=off", "MODE=manage", "manage / off"
	printf "  %-12s %8s %9s   %8s %9s   %8s %8s\n", "", "MB/s", "p99 ms", "MB/s", "p99 ms", "MB/s", "p99"
	row(part, "engine 0", 0)
	row(part, "engine 1", 1)
	row(part, "total", "all")
}

# What the plots say.
function labels(part,    m, file)
{
	file = out "/" part ".labels"
	printf "heading = '%s'\n", heading[part] > file
	for (m = 1; m <= nmodes; m++)
		printf "%s_title = 'MODE=%s: %.1f MB/s in total'\n", modes[m], modes[m],
			rate(part "." modes[m], "all") / 1e6 > file
	printf "end = %s\n", since(part ".off", ended[part ".off"]) > file
}

function json_figures(run, engine)
{
	return sprintf("\"bytes_per_s\":%.0f,\"p99_ns\":%s", rate(run, engine),
		       figure("%.0f", p99_ns[run, engine]) == "-" ? "null" : p99_ns[run, engine])
}

function json_run(run,    i, list)
{
	for (i = 0; i < 2; i++)
		list = list (i ? "," : "") sprintf("{\"name\":\"%s\",\"node\":%d,%s}",
			name_of[run, i], i, json_figures(run, i))
	list = sprintf("{\"seconds\":%.2f,%s,\"engines\":[%s],\"moves\":[", seconds[run],
		       json_figures(run, "all"), list)
	for (i = 1; i <= moves[run]; i++)
		list = list (i > 1 ? "," : "") move[run, i]
	return list "]}"
}

function json_part(part,    off)
{
	off = rate(part ".off", "all")
	return sprintf("\"%s\":{\"off\":%s,\"manage\":%s,\"ratio\":%.4f}", part,
		       json_run(part ".off"), json_run(part ".manage"),
		       off ? rate(part ".manage", "all") / off : 0)
}

END {
	for (p = 1; p <= nparts; p++) {
		for (m = 1; m <= nmodes; m++)
			find_p99(parts[p] "." modes[m])
		table(parts[p])
		labels(parts[p])
	}
	print "\np99: 99 of 100 copies, or writes, took no longer; the worst of those that the engine served."
	printf "{\"kernel\":\"%s\",%s,%s,\"mismatches\":[%s]}\n", kernel, json_part("skewed"),
		json_part("raid5"), mismatches > (out "/results.json")
	for (p = 1; p <= nparts; p++)
		if (rate(parts[p] ".off", "all") == 0 || rate(parts[p] ".manage", "all") == 0) {
			print "demo: the records of the " parts[p] " part are not complete" > "/dev/stderr"
			exit 1
		}
}

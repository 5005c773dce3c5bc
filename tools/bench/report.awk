# SPDX-License-Identifier: GPL-2.0
#
# Reads the list of scenarios and what the guests printed, each file's first line being `run
# KERNEL SCENARIO ALTERNATIVE FILE`; prints the tables, and writes results.json and what the
# plots are made of to the folder `out`. With `brief` only the MB/s of what is read.
#
# awk -v out=FOLDER -v scenarios=FILE -f report.awk RUN...

BEGIN {
	while (scenarios != "" && (getline line < scenarios) > 0)
		read_scenario(line)
}

function read_scenario(line,    word, n)
{
	n = split(line, word, " ")
	if (word[1] == "scenario") {
		scenario[++nscenarios] = current = word[2]
	} else if (word[1] == "title") {
		sub(/^title /, "", line)
		title[current] = line
	} else if (word[1] == "watch") {
		watch[current] = word[2] "."
	} else if (word[1] == "bar") {
		sub(/^bar /, "", line)
		bar[current, ++bars[current]] = line
	}
}

$1 == "run" {
	run = $2 SUBSEP $3 SUBSEP $4
	ran[run] = 1
	remember(kernel, $2)
	remember(alternative, $4)
	reports = samples = moved = 0
}

# remember(LIST, WORD): at its end, but once.
function remember(list, word,    n)
{
	for (n = 1; n in list; n++)
		if (list[n] == word)
			return
	list[n] = word
}

function put(key, number)
{
	value[run, key] = number
}

function get(key)
{
	return (run, key) in value ? value[run, key] : 0
}

$1 == "figure" {
	put($2, $3)
}

# cannot WHY: the peer could not act there, and what was measured is not its doing.
$1 == "cannot" {
	sub(/^cannot /, "")
	gsub(/["\\]/, "")
	cannot[run] = $0
	for (key in value)
		if (index(key, run SUBSEP) == 1)
			delete value[key]
}

# latencies OF P50 P99
$1 == "latencies" {
	worst("p50_ns", $3)
	worst("p99_ns", $4)
}

# load NAME {"seconds":s,"threads":[...]}: of the first half, the second half, and all of it.
$1 == "load" {
	if ($2 != load)
		reports = 0
	load = $2
	reports++
	if (reports == 2)
		add_report("settled_", "")
	else if (reports == 3) {
		add_report("", "")
		add_report("", load ".")
	}
}

# after(TEXT, KEY): the number behind "KEY":
function after(text, key)
{
	return match(text, "\"" key "\":[0-9.]+") ? substr(text, RSTART + length(key) + 3, RLENGTH - length(key) - 3) + 0 : 0
}

function worst(key, number)
{
	if (number > get(key))
		put(key, number)
}

# add_report(OF, WHOSE): this line, to figures whose names begin with these.
function add_report(of, whose,    object, n, i, bytes)
{
	n = split($3, object, "{\"tid\":")
	for (i = 2; i <= n; i++) {
		bytes += after(object[i], "bytes")
		worst(whose of "p50_ns", after(object[i], "p50_ns"))
		worst(whose of "p99_ns", after(object[i], "p99_ns"))
	}
	put(whose of "bytes_per_s", get(whose of "bytes_per_s") + bytes / after($3, "seconds"))
}

# busy TIME NS...: how long each engine was busy until then.
$1 == "busy" {
	samples++
	for (i = 2; i <= NF; i++)
		busy[samples, i] = $i
	nengines = NF - 2
}

# history TIME_NS TID FROM TO PROMISED ACHIEVED RESULT, the last first.
$1 == "history" {
	moved++
	for (i = 2; i <= NF; i++)
		move[moved, i] = $i
}

# The last line of a run: what is reckoned from all of it.
$1 == "end" && !(run in cannot) {
	put("overlap_percent", overlap())
	if ((run, "moves") in value)
		put("ping_pong", ping_pongs())
}

# In the second half: how much of the time one engine was above 95 % busy while another was
# below 50 %.
function overlap(    s, e, dt, share, hot, cold, bad, all)
{
	for (s = int((samples + 1) / 2) + 1; s <= samples; s++) {
		dt = busy[s, 2] - busy[s - 1, 2]
		hot = cold = 0
		for (e = 3; e < nengines + 3; e++) {
			share = (busy[s, e] - busy[s - 1, e]) / 1e9 / dt
			hot = hot || share > 0.95
			cold = cold || share < 0.5
		}
		all += dt
		bad += hot && cold ? dt : 0
	}
	return all ? 100 * bad / all : 0
}

# Threads that went back within a second after a move that brought less than a quarter of
# what it promised.
function ping_pongs(    a, b, n)
{
	for (a = 1; a <= moved; a++) {
		if (move[a, 7] !~ /^-?[0-9]/ || move[a, 7] * 4 >= move[a, 6])
			continue
		for (b = 1; b < a; b++)
			if (move[b, 3] == move[a, 3] && move[b, 5] == move[a, 4] &&
			    move[b, 2] - move[a, 2] <= 1e9)
				break
		n += b < a
	}
	return n + 0
}

# of(K, S, A, KEY): a figure, or "" where there is none.
function of(k, s, a, key)
{
	return (k, s, a, key) in value ? value[k, s, a, key] : ""
}

function shown(format, number)
{
	return number == "" ? "-" : sprintf(format, number)
}

function ratio(a, b)
{
	return a == "" || !b ? "" : a / b
}

# scaled(NUMBER, BY): in a larger unit, if there is a number.
function scaled(number, by)
{
	return number == "" ? "" : number / by
}

function table(k, s,    i, a, rate)
{
	printf "\n%s: %s\n", s, title[s]
	printf "  %-14s %9s %10s %10s %9s %9s %6s %9s %8s\n", "", "MB/s", "of pinned", "of absent", "p50 ms", "p99 ms", "moves", "ping-pong", "overlap"
	for (i = 1; i in alternative; i++) {
		a = alternative[i]
		if (!((k, s, a) in ran))
			continue
		if ((k, s, a) in cannot) {
			printf "  %-14s cannot act here: %s\n", a, cannot[k, s, a]
			continue
		}
		rate = of(k, s, a, "bytes_per_s")
		printf "  %-14s %9s %10s %10s %9s %9s %6s %9s %8s\n", a, shown("%.1f", scaled(rate, 1e6)),
			shown("%.3f x", ratio(rate, of(k, s, "pinned", "bytes_per_s"))),
			shown("%.3f x", ratio(rate, of(k, s, "absent", "bytes_per_s"))),
			shown("%.3f", scaled(of(k, s, a, watch[s] "p50_ns"), 1e6)),
			shown("%.3f", scaled(of(k, s, a, watch[s] "p99_ns"), 1e6)),
			shown("%d", of(k, s, a, "moves")), shown("%d", of(k, s, a, "ping_pong")),
			shown("%.1f %%", of(k, s, a, "overlap_percent"))
	}
}

# judge(K, S, TEXT): one bar, "ALTERNATIVE KEY at_least|at_most FACTOR [ALTERNATIVE]"; sets
# $wanted and $found. "held", "missed", or "" where a figure is not there.
function judge(k, s, text,    word, n, other)
{
	n = split(text, word, " ")
	found = of(k, s, word[1], word[2])
	other = n > 4 ? of(k, s, word[5], word[2]) : 1
	if (found == "" || other == "")
		return ""
	wanted = word[4] * other
	return (word[3] == "at_least" ? found >= wanted : found <= wanted) ? "held" : "missed"
}

function judge_all(k, s,    b, verdict)
{
	for (b = 1; b <= bars[s]; b++) {
		verdict = judge(k, s, bar[s, b])
		if (verdict != "")
			printf "  %-6s %s: %.10g, %.10g wanted\n", verdict, bar[s, b], found, wanted
	}
}

function json_bars(k, s,    b, verdict, list)
{
	for (b = 1; b <= bars[s]; b++) {
		verdict = judge(k, s, bar[s, b])
		if (verdict != "")
			list = list (list == "" ? "" : ",") sprintf("{\"bar\":\"%s\",\"found\":%.10g,\"wanted\":%.10g,\"held\":%s}",
				bar[s, b], found, wanted, verdict == "held" ? "true" : "false")
	}
	return "[" list "]"
}

function json_run(k, s, a,    key, part, list)
{
	for (key in value) {
		split(key, part, SUBSEP)
		if (part[1] == k && part[2] == s && part[3] == a)
			list = list (list == "" ? "" : ",") sprintf("\"%s\":%.10g", part[4], value[key])
	}
	if ((k, s, a) in cannot)
		list = sprintf("\"cannot\":\"%s\"", cannot[k, s, a])
	return "{" list "}"
}

function json_scenario(k, s,    i, list)
{
	for (i = 1; i in alternative; i++)
		if ((k, s, alternative[i]) in ran)
			list = list (list == "" ? "" : ",") "\"" alternative[i] "\":" json_run(k, s, alternative[i])
	return sprintf("\"%s\":{\"title\":\"%s\",\"runs\":{%s},\"bars\":%s}", s, title[s], list, json_bars(k, s))
}

# A row a scenario, a column an alternative, for gnuplot.
function plots(k, file, key, unit,    n, i, a)
{
	file = out "/" file "-" k ".data"
	printf "scenario" > file
	for (i = 1; i in alternative; i++)
		printf " %s", alternative[i] > file
	for (n = 1; n <= nscenarios; n++) {
		if (!has(k, scenario[n]))
			continue
		printf "\n%s", scenario[n] > file
		for (i = 1; i in alternative; i++) {
			a = of(k, scenario[n], alternative[i], (key == "p99_ns" ? watch[scenario[n]] : "") key)
			printf " %s", shown("%.6f", unit ? scaled(a, unit) : ratio(a, of(k, scenario[n], "pinned", key))) > file
		}
	}
	printf "\n" > file
	close(file)
}

# has(K, S): was any of it run?
function has(k, s,    i)
{
	for (i = 1; i in alternative; i++)
		if ((k, s, alternative[i]) in ran)
			return 1
	return 0
}

END {
	if (brief) {
		printf "%.1f\n", get("bytes_per_s") / 1e6
		exit
	}
	printf "{\"kernels\":{" > (out "/results.json")
	for (k = 1; k in kernel; k++) {
		printf "\nLinux %s\n", kernel[k]
		comma = ""
		printf "%s\"%s\":{", (k > 1 ? "," : ""), kernel[k] > (out "/results.json")
		for (n = 1; n <= nscenarios; n++) {
			s = scenario[n]
			if (!has(kernel[k], s))
				continue
			table(kernel[k], s)
			judge_all(kernel[k], s)
			printf "%s%s", comma, json_scenario(kernel[k], s) > (out "/results.json")
			comma = ","
		}
		printf "}" > (out "/results.json")
		plots(kernel[k], "throughput", "bytes_per_s", 0)
		plots(kernel[k], "p99", "p99_ns", 1e6)
	}
	printf "}}\n" > (out "/results.json")
}

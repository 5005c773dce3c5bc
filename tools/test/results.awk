# SPDX-License-Identifier: GPL-2.0
#
# Reads what one stage of `make test` prints (KTAP, with the results of kselftest's programs
# nested one level by "# "), prints a line for each result, and what was said before it if it
# is bad; writes `passed failed` to the file `counts` and what failed, with what was said, to
# `failures`. A skip is no pass. Neither is a plan that is not kept.
#
# awk -v stage=NAME -v counts=FILE -v failures=FILE -f results.awk

function result(good, name, why)
{
	if (good) {
		passed++
		printf "%-10s ok      %s\n", stage, name
	} else {
		failed++
		printf "%-10s FAILED  %s%s\n", stage, name, why == "" ? "" : " (" why ")"
		printf "%s", said
		printf "%s: %s%s\n%s", stage, name, why == "" ? "" : " (" why ")", said > failures
	}
	fflush()
	said = ""
	lines = 0
}

function close_plan(level, name)
{
	if (plan[level] > results[level])
		result(0, name, (plan[level] - results[level]) " of " plan[level] " results are missing")
	plan[level] = results[level] = 0
}

# What is behind "ok N " and before a directive.
function name_of(text)
{
	sub(/^(not )?ok *[0-9]*( -)? */, "", text)
	sub(/ *# *(SKIP|TODO|XFAIL|TIMEOUT|exit=).*/, "", text)
	sub(/^selftests: [^:]*: /, "", text)
	return text
}

function directive_of(text)
{
	if (text ~ /# *SKIP/)
		return "skipped"
	if (match(text, /# *(TODO|XFAIL|TIMEOUT|exit=).*/))
		return substr(text, RSTART + 2)
	return ""
}

# A program of kselftest has ended: its results are counted already, if it had any.
function program_result(good, name, why,    bad_before)
{
	bad_before = nested_bad
	if (plan[1] > results[1])
		close_plan(1, name)
	else if (!good && !bad_before)
		result(0, name, why)
	else if (!nested)
		result(good, name, why)
	plan[1] = results[1] = nested = nested_bad = 0
}

{
	text = $0
	level = sub(/^# /, "", text)
}

# Which program the nested results are of.
/^# selftests: / {
	program = text
	sub(/^selftests: [^:]*: /, "", program)
	next
}

text ~ /^1\.\.[0-9]+/ {
	if (!level && !plan[0] && results[0]) {
		# It may come last.
		plan[0] = substr(text, 4) + 0
		close_plan(0, "the plan")
		next
	}
	close_plan(level, level ? program : "the plan")
	plan[level] = substr(text, 4) + 0
	next
}

text ~ /^Bail out!/ {
	result(0, level ? program : "everything", text)
	next
}

text ~ /^(not )?ok( [0-9]+| -)/ {
	good = text ~ /^ok/
	why = directive_of(text)
	if (why != "")
		good = 0
	results[level]++
	if (level) {
		nested++
		nested_bad += !good
		result(good, program ": " name_of(text), why)
	} else if (text ~ /^(not )?ok [0-9]+ selftests: /) {
		program_result(good, name_of(text), why)
	} else {
		result(good, name_of(text), why)
	}
	next
}

text !~ /^(K?TAP version|timeout set to|Totals:|# Totals:)/ && lines < 40 {
	said = said "             " text "\n"
	lines++
}

END {
	close_plan(1, program)
	close_plan(0, "the plan")
	print passed + 0, failed + 0 > counts
}

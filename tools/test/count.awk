# SPDX-License-Identifier: GPL-2.0
#
# Reads KTAP, prints "PASSED FAILED". A test that has parts counts by its parts, and
# once more as failed if it failed without any of them failing. A skip is a failure,
# and so is a part that was planned and did not report.

function skipped() { return tolower($0) ~ /# *skip/ }

function parts_end(good) {
	if (planned > parts)
		failed += planned - parts
	else if (!good && !bad_parts)
		failed++
}

# A part, or the plan of the parts, of the test whose result comes below.
/^# *1\.\.[0-9]+/ {
	sub(/^# *1\.\./, "")
	planned += $1
}
/^# *(not )?ok [0-9]+/ {
	parts++
	if ($2 == "not" || skipped()) {
		failed++
		bad_parts++
	} else {
		passed++
	}
}
/^1\.\.[0-9]+/ {
	sub(/^1\.\./, "")
	top_planned += $1
}
/^(not )?ok [0-9]+/ {
	good = $1 == "ok" && !skipped()
	top++
	if (parts || planned)
		parts_end(good)
	else if (good)
		passed++
	else
		failed++
	parts = planned = bad_parts = 0
}
END {
	# Cut off in the middle of a test.
	if (parts || planned)
		parts_end(1)
	if (top_planned > top)
		failed += top_planned - top
	print passed + 0, failed + 0
}

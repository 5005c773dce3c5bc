#!/usr/bin/awk -f
# SPDX-License-Identifier: GPL-2.0
#
# Of what gcov -t prints, the lines of ours that never ran, as file:line: text. A header's are in many
# objects: there a line ran if it did in one. Ours have a whole path.

function field(    value)
{
	value = $0
	sub(/:.*/, "", value)
	sub(/^[^:]*:/, "")
	gsub(/ /, "", value)
	return value
}

{
	count = field()
	line = field()
}

line == 0 {
	n = split($0, part, "/")
	if (/^Source:/)
		file = /^Source:\/.*\.[ch]$/ ? part[n - 1] "/" part[n] : ""
	next
}

# A line without code has the count "-"; one of those that gcov draws between functions none.
file && count ~ /^[0-9#=]/ {
	at = file ":" line
	if (!(at in text))
		order[++lines] = at
	text[at] = $0
	if (count ~ /^[0-9]/)
		ran[at] = 1
}

END {
	for (i = 1; i <= lines; i++)
		if (!(order[i] in ran))
			print order[i] ": " text[order[i]]
}

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dmaaff-stat plot: pictures and pages of recordings made with both kernels.
# shellcheck disable=SC2317  # run_tests calls them
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# page_of RECORDING: its page is $work/page.html
page_of() {
	stat_run plot "$1" --html -o "$work/page.html"
	cat "$work/err"
	[ "$rc" -eq 0 ]
	[ ! -s "$work/err" ]
}

# in_page XPATH: what is found in the page, which must be well-formed
in_page() {
	xmllint --nonet --xpath "$1" "$work/page.html"
}

# in_recording SED: a copy of a recording in which that was done to what is of constant length
in_recording() {
	trace-cmd convert -i "$here/recordings/6.12.dat" -o "$work/plain.dat" --compression none
	LC_ALL=C sed "$1" "$work/plain.dat" > "$work/changed.dat"
	! cmp "$work/plain.dat" "$work/changed.dat"
}

test_page_of_both_kernels() {
	local recording

	for recording in 6.1 6.12 6.1-whole 6.12-whole; do
		cp "$here/recordings/$recording.dat" "$work/file.dat"
		touch -d @1700000000 "$work/file.dat"
		stat_run plot "$work/file.dat" --html -o /dev/stdout
		golden "$recording-plot.html"
	done
}

test_page_is_well_formed() {
	page_of "$here/recordings/6.12.dat"
	xmllint --nonet --noout "$work/page.html"
}

test_page_loads_nothing() {
	page_of "$here/recordings/6.12.dat"
	lacks 'https\?:\|url(\|@import\|//' "$work/page.html"
	[ "$(in_page 'count(//script | //link | //img | //iframe | //object | //@src | //@href)')" = 0 ]
	in_page 'string(//meta/@content)' | grep -q "default-src 'none'"
}

test_page_has_what_readers_of_screens_need() {
	page_of "$here/recordings/6.12.dat"
	[ -n "$(in_page 'string(/html[@lang]/head/title)')" ]
	[ "$(in_page 'count(//h1)')" = 1 ]
	[ "$(in_page 'count(//figure)')" = 2 ]
	[ "$(in_page 'count(//figure/svg[@role = "img" and @aria-label])')" = 2 ]
	[ "$(in_page 'count(//svg[not(@aria-label) and not(@aria-hidden)])')" = 0 ]
}

test_page_is_for_light_and_dark() {
	page_of "$here/recordings/6.12.dat"
	in_page 'string(//style)' > "$work/style"
	grep -q 'prefers-color-scheme: dark' "$work/style"
	# Whatever bears a colour takes it from there.
	lacks '(fill|stroke|color)="' "$work/page.html"
}

# Threads name themselves.
test_hostile_names_stay_text() {
	in_recording "s/dmaaff-load/<script>\\&\"'/g; s/dma_engine_sim\.1/<img alt=\"\" x=\\&>/g"
	page_of "$work/changed.dat"
	[ "$(in_page 'string(//tbody/tr[1]/td[2])')" = "170 <script>&\"'" ]
	[ "$(in_page 'string(//tbody/tr[1]/td[3])')" = '<img alt="" x=&>' ]
	[ "$(in_page 'string(//figure[2]//h3)')" = '<img alt="" x=&>' ]
	[ "$(in_page 'string(//figure[2]/svg/@aria-label)')" = \
		'Utilisation and forecast of <img alt="" x=&> over 4.51 seconds' ]
	[ "$(in_page 'count(//script | //img)')" = 0 ]
}

# The field is there by another name: what says why a thread was moved is not known.
test_what_is_not_known_is_a_dash() {
	in_recording 's/field:bool accepted;/field:bool aCCepted;/g'
	page_of "$work/changed.dat"
	[ "$(in_page 'string(//tbody/tr[1]/td[5])')" = - ]
	[ "$(in_page 'string(//tbody/tr[1]/td[6])')" = '7.78 %' ]
}

# Off a reserved engine, or off one that is to sleep: nothing is reckoned, and nothing promised.
test_move_without_a_promise_has_its_purpose_for_a_reason() {
	in_recording 's/field:bool accepted;/field:bool aCCepted;/; s/field:s32 promised_e2;/field:s32 pRomised_e2;/'
	page_of "$work/changed.dat"
	[ "$(in_page 'string(//tbody/tr[1]/td[5])')" = 'the engine is reserved, or to sleep' ]
	[ "$(in_page 'string(//tbody/tr[1]/td[6])')" = '0.00 %' ]
}

test_page_by_the_name_of_the_file() {
	stat_run plot "$here/recordings/6.12.dat" -o "$work/plot.html"
	[ "$rc" -eq 0 ]
	grep -qx '</html>' "$work/plot.html"
	(cd "$work" && stat_run plot -H "$here/recordings/6.12.dat")
	grep -qx '</html>' "$work/dma_affinity.html"
}

test_page_that_cannot_be_written_is_told() {
	stat_run plot "$here/recordings/6.12.dat" --html -o "$work/nowhere/page.html"
	fails 1 "cannot write to $work/nowhere/page.html: No such file"
	stat_run plot "$here/recordings/6.12.dat" --html -o /dev/full
	fails 1 "cannot write to /dev/full: No space left"
}

# gnuplot's own lines differ from version to version: what it is told does not.
test_picture_is_drawn_as_before() {
	local recording

	mkdir "$work/path"
	printf '#!/bin/sh\nexec %s\n' "$(command -v cat)" > "$work/path/gnuplot"
	chmod +x "$work/path/gnuplot"
	for recording in 6.1 6.12 6.1-whole 6.12-whole; do
		PATH=$work/path:$PATH stat_run plot "$here/recordings/$recording.dat" -o plot.svg
		golden "$recording-plot.gnuplot"
	done
}

test_plot_draws_both_kinds() {
	stat_run plot "$here/recordings/6.12.dat" -o "$work/plot.svg"
	[ "$rc" -eq 0 ]
	[ ! -s "$work/err" ]
	grep -q '>dma_engine_sim.1</' "$work/plot.svg"
	xmllint --nonet --noout "$work/plot.svg"
	stat_run plot "$here/recordings/6.1.dat" -o "$work/plot.png"
	[ "$rc" -eq 0 ]
	[ "$(head -c 4 "$work/plot.png" | tail -c 3)" = PNG ]
}

# One engine of the recording has no forecast; then none has.
test_what_is_not_known_has_no_curve() {
	stat_run plot "$here/recordings/6.12-whole.dat" -o "$work/plot.png"
	cat "$work/err"
	[ "$rc" -eq 0 ]
	[ ! -s "$work/err" ]
	in_recording 's/name: engine_forecast/name: engine_fOrecast/'
	stat_run plot "$work/changed.dat" -o "$work/plot.svg"
	cat "$work/err"
	[ "$rc" -eq 0 ]
	[ ! -s "$work/err" ]
	xmllint --nonet --noout "$work/plot.svg"
	grep -q '>dma_engine_sim.1</' "$work/plot.svg"
}

# A quote at the beginning of a name would end it, and gnuplot run what is between backquotes.
test_hostile_names_stay_text_in_pictures() {
	in_recording "s/dma_engine_sim\.1/''''\`id\`<b>\\&\$xyz/g"
	stat_run plot "$work/changed.dat" -o "$work/plot.svg"
	cat "$work/err"
	[ "$rc" -eq 0 ]
	xmllint --nonet --noout "$work/plot.svg"
	grep -F "<text>''''\`id\`&lt;b>&amp;\$xyz</text>" "$work/plot.svg"
}

test_plot_of_another_kind_is_refused() {
	stat_run plot "$here/recordings/6.12.dat" -o "$work/plot.gif"
	fails 2 "ends in none of .png, .svg and .html"
	stat_run plot "$here/recordings/6.12.dat" -o "$work/nowhere/plot.svg"
	[ "$rc" -eq 1 ]
	grep -q "gnuplot could not draw $work/nowhere/plot.svg" "$work/err"
}

test_plot_without_gnuplot_says_so() {
	PATH='' stat_run plot "$here/recordings/6.12.dat" -o "$work/plot.svg"
	[ "$rc" -eq 1 ]
	grep -q 'package gnuplot-nox' "$work/err"
}

test_plot_without_a_recording_is_refused() {
	stat_run plot
	fails 2 "'FILE' is missing"
	stat_run plot a b
	fails 2 "'b' is one too many"
	stat_run plot --html "$work/missing"
	fails 1 "cannot read $work/missing: No such file"
}

run_tests

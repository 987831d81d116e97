#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# `energytrace analyze`, on runs that were recorded, that the harness wrote, and that are made up: every
# figure again by other means, every page and drawing as a browser and a screen reader take them.
#
# REGENERATE=1 writes tests/golden/telemetry/expected anew from what comes out now.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2317 # called by check_says
. "$(dirname "$0")/lib.sh"
need python3

golden=$here/../golden/telemetry
check_telemetry() { python3 "$here/check_telemetry.py" "$@"; }
make_run() { python3 "$here/telemetry_windows.py" "$@"; }

# analyze NAME ARGS...: status 0 and nothing on standard error, else a failure with both
analyze() {
	local name=$1
	shift
	"$energytrace" analyze "$@" >"$work/out.md" 2>"$work/err"
	check "$name" "0 " "$? $(cat "$work/err")"
}

# --- what is there byte for byte

compare_golden() { # FILE NAME
	if [ -n "${REGENERATE-}" ]; then
		mkdir -p "$golden/expected"
		cp "$1" "$golden/expected/$2"
	fi
	check_true "$2 as before" "$(diff <(tr '>' '\n' <"$golden/expected/$2") <(tr '>' '\n' <"$1") | head -5)" \
		cmp -s "$golden/expected/$2" "$1"
}

test_golden() {
	local a=golden/run-2026-01-12-001 b=golden/run-2026-01-12-002 file
	cp -r "$golden/results" golden
	# No time zone, locale or width of a terminal may change them.
	TZ=Pacific/Chatham LC_ALL=de_DE.UTF-8 COLUMNS=37 "$energytrace" analyze "$a" >golden.out 2>golden.err
	check "a run with a broken line" "0 1" "$? $(wc -l <golden.err)"
	check_true "which is named" "$(cat golden.err)" \
		grep -q "$a/kernel-data/bandpass_fir/telemetry.ndjson:130: byte 47: expected" golden.err
	check "standard output is SUMMARY.md" "$(cksum <golden.out)" "$(cksum <"$a/analysis/SUMMARY.md")"
	"$energytrace" analyze --baseline "$a" "$b" >golden.out 2>golden.err
	check "standard output is COMPARISON.md" "$(cksum <golden.out)" "$(cksum <"$b/analysis/COMPARISON.md")"
	for file in "$a"/analysis/* "$b"/analysis/*; do
		compare_golden "$file" "$(basename "$file")"
	done
	compare_golden "$a/kernel-data/car/report.html" report.html
	check_says "every figure of SUMMARY.md, by Python" check_telemetry summary "$a"
	check_says "every test of COMPARISON.md, by Python" check_telemetry comparison "$a" "$b"
	check_says "report.html" check_telemetry page "$a"/kernel-data/*/report.html
	check_says "the drawings" check_telemetry drawing "$a"/analysis/*.svg "$b"/analysis/*.svg
	check_says "contrasts of the colours" check_telemetry contrast "$a/kernel-data/car/report.html"
}

# --- the documents' one-liners, as they stand there, on files as we write them

test_one_liners() {
	local expected
	mkdir -p lines/results bin
	cp -r "$golden/results/run-2026-01-12-002" lines/results/
	ln -sf "$(command -v python3)" bin/python
	expected=$(cat lines/results/run-*/kernel-data/*/telemetry.ndjson | wc -l)
	(
		cd lines && PATH=$work/bin:$PATH || exit
		head -1 results/run-*/kernel-data/*/telemetry.ndjson | python -m json.tool >/dev/null 2>&1
		python -c "
import json, glob
for path in glob.glob('results/run-*/kernel-data/*/telemetry.ndjson'):
    for line in open(path):
        data = json.loads(line)
        print(data['end_ts_ns'] - data['start_ts_ns'])
" | grep -cx '[0-9]*' >python.count
		python -c "
import json, glob
count = 0
for path in glob.glob('results/run-*/kernel-data/*/telemetry.ndjson'):
    for line in open(path):
        if json.loads(line).get('deadline_missed', 0) == 1:
            count += 1
print(count)
" >python.missed
	) 2>lines.err
	check "Python, all latencies" "$expected " "$(cat lines/python.count) $(cat lines.err)"
	check "Python, misses counted" "$(grep -c '"deadline_missed":1' \
		lines/results/run-*/kernel-data/bandpass_fir/telemetry.ndjson)" "$(cat lines/python.missed)"
	if ! command -v jq >/dev/null; then
		skip "one-liners of jq" "needs jq"
		return
	fi
	cd lines || return
	# One file: of two, head would print their names too.
	check "jq, the first record" notch\ iir \
		"$(head -1 results/run-*/kernel-data/notch*/telemetry.ndjson | jq . | jq -r .plugin)"
	check "jq, all latencies" "$expected" \
		"$(cat results/run-*/kernel-data/*/telemetry.ndjson | jq -r '.end_ts_ns - .start_ts_ns' | grep -cx '[0-9]*')"
	# shellcheck disable=SC2126 # as the document has it
	check "jq, misses counted" "$(cat python.missed)" \
		"$(cat results/run-*/kernel-data/*/telemetry.ndjson | jq -r '.deadline_missed' | grep 1 | wc -l)"
	cd "$work" || exit
}

# --- runs of every kind

test_large() {
	make_run several large 10000
	analyze "40,000 windows of four kernels" --plots all large
	check_says "every figure of them" check_telemetry summary large
	check_says "their pages, under 2 MB" check_telemetry page large/kernel-data/*/report.html
	check_says "their drawings" check_telemetry drawing large/analysis/*.svg
	check "six figures of the run and eight of each kernel" 38 "$(find large/analysis -name '*.svg' | wc -l)"
}

test_harness() {
	local kind
	for kind in harness harness-csv; do
		make_run "$kind" "$kind" 300
		analyze "a run of the $kind" "$kind"
		check_says "every figure of the $kind" check_telemetry summary "$kind"
		check_says "the report of the $kind" check_telemetry page "$kind"/kernel-data/*/report.html
		check "who it was, from the $kind" 1 "$(grep -c 'Example CPU @ 2.10GHz' "$kind/kernel-data/car/report.html")"
	done
	check "NDJSON and CSV tell the same" "$(grep '^|' harness/analysis/SUMMARY.md | cksum)" \
		"$(grep '^|' harness-csv/analysis/SUMMARY.md | cksum)"
}

test_many() {
	make_run many many 60
	analyze "twelve kernels" many
	check_says "their pages" check_telemetry page many/kernel-data/*/report.html
	check "each page has the figures of its own" "1 12" \
		"$(grep -o '<h2 id="kernel-' many/kernel-data/kernel_05/report.html | wc -l) $(find many -name report.html | wc -l)"
}

test_baseline() {
	make_run several before 1000
	make_run slower slower 1000
	make_run again again 1000
	"$energytrace" analyze --baseline before slower >out.md
	check "what is slower and takes more" "goertzel, latency: **slower**
goertzel, energy: **takes more energy**" "$(sed -n 's/^- \(.*: \*\*[a-z ]*\*\*\),.*/\1/p' out.md)"
	check_says "the tests of it" check_telemetry comparison before slower
	"$energytrace" analyze --baseline before again >out.md
	check "the same again differs in nothing" 8 "$(grep -c '^- .*: no difference shown,' out.md)"
	check_says "the tests of that" check_telemetry comparison before again
}

# --- what needs other programs

test_formats() {
	local file
	if ! command -v rsvg-convert >/dev/null; then
		skip "PNG and PDF" "needs rsvg-convert (librsvg2-bin)"
		return
	fi
	make_run one one 200
	analyze "PNG" --format png --plots cdf,power one
	analyze "PDF" --format pdf --plots cdf,power one
	for file in latency-cdf power-over-time; do
		check "$file.png is one" "89504e470d0a1a0a" "$(head -c 8 "one/analysis/$file.png" | od -An -tx1 | tr -d ' \n')"
		check "$file.pdf is one" "%PDF-" "$(head -c 5 "one/analysis/$file.pdf")"
	done
	check "the pictures in SUMMARY.md" 2 "$(grep -c '^!.*\.pdf)$' one/analysis/SUMMARY.md)"
}

browser() {
	local scheme=$1 output=$2 page=$3
	local -a more=()
	[ "$scheme" = light ] || more=(--blink-settings=preferredColorScheme=0)
	mkdir "profile-$scheme"
	timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
		--disable-background-networking --disable-component-update --disable-sync \
		--user-data-dir="$work/profile-$scheme" --hide-scrollbars --window-size=1280,2400 \
		"${more[@]}" --screenshot="$output" "file://$page" >browser.log 2>&1
}

test_screenshots() {
	local scheme
	if ! command -v chromium >/dev/null; then
		skip "screenshots" "needs chromium"
		return
	fi
	make_run several seen 1000
	"$energytrace" analyze seen >/dev/null
	for scheme in light dark; do
		browser "$scheme" "$work/$scheme.png" "$work/seen/kernel-data/goertzel/report.html"
		check "a browser draws the report, $scheme" 0 $?
		check_says "what it drew, $scheme" check_telemetry screenshot "$scheme.png" "$scheme"
		# To be looked at: SHOTS=DIR keeps them.
		[ -z "${SHOTS-}" ] || cp "$scheme.png" "$SHOTS/report-$scheme.png"
	done
}

# --- wrong input

# says STATUS WORDS ARGS...: one line on standard error with the WORDS in it, nothing on standard output
says() {
	local expected=$1 words=$2
	shift 2
	"$energytrace" analyze "$@" >out 2>err </dev/null
	check "$expected for analyze $*" "$expected 1 0 1" "$? $(wc -l <err) $(wc -c <out) $(grep -c -e "$words" err)"
}

test_wrong() {
	mkdir -p wrong/run-1/kernel-data empty
	: >file
	says 2 "analyze needs the RUN_DIR"
	says 2 'unknown plot "latncy": did you mean "latency"' --plots latncy empty
	says 2 'unknown format "svgz": did you mean "svg"' --format svgz empty
	says 1 "cannot read the run no-run: No such file" no-run
	says 1 "there is no telemetry in empty" empty
	says 1 "file is no folder of a run" file
	says 1 "wrong holds runs: name one of them, such as wrong/run-1" wrong
	make_run one good 30
	says 1 "there is no telemetry in empty" --baseline empty good
	PATH=$work/empty "$energytrace" analyze --format png good >out 2>err
	check "4 without the converter" "4 1" "$? $(grep -c 'png needs rsvg-convert, which is not installed' err)"
	check "nothing was made" "" "$(find good -name analysis)"
	if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
		chmod 755 "$work" && cp "$energytrace" for-anybody
		setpriv --reuid=65534 --regid=65534 --clear-groups ./for-anybody analyze good >out 2>err
		check "a folder that is not ours" "3 1" "$? $(grep -c 'cannot make the folder good/analysis: Permission denied' err)"
	fi
	# The reader of standard output goes away.
	"$energytrace" analyze good 2>err | head -1 >/dev/null
	check "a reader that goes away" "0 0" "${PIPESTATUS[0]} $(wc -c <err)"
	"$energytrace" analyze good >/dev/full 2>err
	check "a full disk behind standard output" "1 1" "$? $(grep -c 'standard output: No space left' err)"
}

test_golden
test_one_liners
test_large
test_harness
test_many
test_baseline
test_formats
test_screenshots
test_wrong
summary

#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Windows of single calls by the command line: --window-of, --window-usdt, --deadline and --run-config, into
# -o telemetry. programs/calls.c says what it called; windows.sh has the probes' own tests.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2317 # called by check_says
. "$(dirname "$0")/lib.sh"
need root pids python3 cc jq

if [ ! -d /sys/bus/event_source/devices/uprobe ]; then
	skip calls "this kernel has no probes in programs"
	exit 0
fi
build calls windows
echo go >go
# bpf_loop came with 5.17 (e6f2dd0f8067).
if [ "$(printf '%s\n' 5.17 "$(uname -r)" | sort -V | head -n 1)" != 5.17 ]; then
	"$energytrace" -s none -o telemetry:old --window-of ./calls:main -- ./calls 2>old.err
	check "a kernel that is too old for windows of calls" 4 $?
	check "and what it lacks" 1 "$(grep -c 'they need Linux 5.17' old.err)"
	summary
	exit
fi
check_calls() { python3 "$here/check_calls.py" "$@"; }

# calls_of DIR OPTION... [-- COMMAND...]: a short run, into the only folder of DIR, its path in $run; what
# the command said in DIR.out, what the tracer said in DIR.err, its status in $status
calls_of() {
	local name=$1
	shift
	"$energytrace" --sysfs "$tree" --carbon GLOBAL -i 0.05 -o "telemetry:$name${keys:-}" "$@" \
		<go >"$name.out" 2>"$name.err"
	status=$?
	run=$(echo "$name"/*)
}

# facts KEY...: of run.json's functions, in order
facts() {
	local key keys=
	for key in "$@"; do
		keys+="${keys:+,}.$key"
	done
	jq -r "[.functions[] | $keys] | join(\" \")" "$run/run.json"
}

# column KEY [KERNEL]: the different values of the run's windows
column() {
	find "$run/kernel-data" -path "*/${2:-*}/telemetry.ndjson" -exec cat {} + | jq -r ".$1" | sort -u |
		paste -sd ' '
}

# --- what the windows are

test_nested() {
	local before
	before=$(interrupted_ns "${cpus[@]}")
	calls_of nested --window-of ./calls:outer --window-of ./calls:inner -o jsonl:nested.jsonl,by=process \
		-- ./calls nested 5
	check "nested, in threads" 0 "$status"
	check_says "nested: counts" check_calls counts "$run" outer=12 inner=24
	check_says "nested: times, resident set and threads" \
		check_calls truth "$run" nested.out "$(interrupted_since "$before" "${cpus[@]}")"
	check_says "nested: joules of windows, processes and the JSONL" check_calls joules "$run" nested.jsonl
	check "nested: simulated" simulated "$(column energy_kind)"
	check "nested: a page for each" 2 "$(grep -l '<!DOCTYPE html>' "$run"/kernel-data/*/report.html | wc -l)"
}

test_mid_call() {
	launch held ./calls held
	hear held
	trace trace-held -i 0.05 -p "${pids[held]}" --window-of ./calls:hold --window-of ./calls:idle \
		-o telemetry:held
	tell held go
	hear held
	check "stopped in mid-call: it is" inside "$line"
	tick_of trace-held
	stop_trace trace-held
	run=$(echo held/*)
	check "stopped in mid-call" "0 1 0 1 0 0 0" "$status $(facts begun windows open)"
	check "stopped in mid-call: no window, no folder" "" "$(ls "$run/kernel-data")"
	check "stopped in mid-call: that is said" \
		"hold has no windows: of 1 calls 0 were left without returning, 1 had not ended" \
		"$(sed -n 's/^energytrace: \(hold .*\)/\1/p' trace-held.err)"
	check "never called: that is said" "idle was not called while it was traced: it has no windows" \
		"$(sed -n 's/^energytrace: \(idle .*\)/\1/p' trace-held.err)"
	tell held go
	finish held
	check "stopped in mid-call: the program goes on" "0 unharmed" "$status $(cat held.rest)"
}

test_families() {
	launch parent sh -c './windows quick 40; ./windows quick 2 <go'
	hear parent
	trace trace-parent -i 0.05 -p "${pids[parent]}" -C --window-of ./windows:quick -o telemetry:parent
	tell parent go
	finish parent
	finish trace-parent
	run=$(echo parent/*)
	check_says "-p with -C: windows of descendants, there already and born later" check_calls counts "$run" quick=42
	check "-p with -C: report" 1 "$(grep -c '<!DOCTYPE html>' "$run/kernel-data/quick/report.html")"
	calls_of family --window-of ./windows:quick -- sh -c './windows quick 60 <go & wait'
	check_says "a command's grandchild" check_calls counts "$run" quick=60
	check "a command's grandchild: is a process of run.json" "60" "$(jq '.processes[].windows' "$run/run.json")"
}

test_left() {
	calls_of leaps --window-of ./windows:leap --window-of ./windows:leap_outer -- ./windows leaps 10
	check "longjmp" "32 12 20 11 1 10" "$(facts begun windows abandoned)"
	check_says "longjmp: each is accounted for" check_calls counts "$run" leap=12 leap_outer=1
	calls_of cuts --window-of ./windows:exits -- ./windows cuts 1
	check "exit, thread's exit and exec in a call" "3 0 3" "$(facts begun windows abandoned)"
	calls_of forks --window-of ./windows:forks --window-of ./windows:quick -- ./windows fork 1
	check "fork in a call" "1 1 1 2 2 0" "$(facts begun windows unmatched)"
	check_says "fork in a call: each is accounted for" check_calls counts "$run" forks=1 quick=2
}

test_usdt() {
	if ! "${CC:-cc}" -O2 -DWITH_MARKERS -D_GNU_SOURCE -pthread -o marked "$here/programs/windows.c" 2>/dev/null; then
		skip "markers" "needs sys/sdt.h (systemtap-sdt-dev)"
		return
	fi
	calls_of markers --window-usdt windows:begin:end -- ./marked markers 100
	check "markers" "100 75 25" "$(facts begun windows abandoned)"
	check_says "markers: each is accounted for" check_calls counts "$run" begin=75
	wrong "a marker that is not there" 4 "windows has no marker ned; it has: begin, end" \
		--window-usdt windows:begin:ned -o telemetry:none -- ./marked markers 1
}

# --- what a run is told of them

test_deadline() {
	calls_of results --window-of ./calls:timed --deadline 0.004 -- ./calls lengths 20
	"$energytrace" analyze "$run" >summary.md
	check_says "--deadline" check_calls deadline "$run" results.out 4000000 summary.md
	one_liners "$(sed -n 's/^| timed |.*| \([0-9]*\) | [0-9.]* |$/\1/p' summary.md | head -1)"
	keys=,h=2,fs=100 calls_of releases --window-of ./calls:timed -- ./calls periodic 20
	check_says "H and Fs" check_calls releases "$run" 20000000
}

# one_liners MISSED: as the format's document has them, of what is in results/
one_liners() {
	local latencies
	python() { python3 "$@"; }
	check "jq: pretty-print first record" timed \
		"$(head -1 results/run-*/kernel-data/*/telemetry.ndjson | jq . | jq -r .plugin)"
	latencies=$(cat results/run-*/kernel-data/*/telemetry.ndjson | jq -r '.end_ts_ns - .start_ts_ns')
	check "jq: latencies" 20 "$(grep -c '^[1-9][0-9]*$' <<<"$latencies")"
	# shellcheck disable=SC2126 # word for word
	check "jq: deadline misses" "$1" \
		"$(cat results/run-*/kernel-data/*/telemetry.ndjson | jq -r '.deadline_missed' | grep 1 | wc -l)"
	check "Python: pretty-print first record" timed \
		"$(head -1 results/run-*/kernel-data/*/telemetry.ndjson | python -m json.tool | jq -r .plugin)"
	check "Python: latencies" "$latencies" "$(python -c "
import json, glob
for path in glob.glob('results/run-*/kernel-data/*/telemetry.ndjson'):
    for line in open(path):
        data = json.loads(line)
        print(data['end_ts_ns'] - data['start_ts_ns'])
")"
	check "Python: deadline misses" "$1" "$(python -c "
import json, glob
count = 0
for path in glob.glob('results/run-*/kernel-data/*/telemetry.ndjson'):
    for line in open(path):
        if json.loads(line).get('deadline_missed', 0) == 1:
            count += 1
print(count)
")"
}

test_run_config() {
	cat >run.yaml <<-'YAML'
		Fs: 160
		C: 64
		load_profile: idle
		deadline: 0.5
		plugins:
		  - {name: inner, W: 160, H: 80, dtype: q15}
		  - {name: outer, W: 320, H: 160, C: 8, dtype: float32}
	YAML
	keys=,w=99,warmup=2,repeat=3 calls_of told --run-config run.yaml --deadline 0.25 \
		--window-of ./calls:outer --window-of ./calls:inner -- ./calls nested 1
	check "--run-config: shapes" "99 80 64 160 q15; 99 160 8 160 float32" \
		"$(column '| "\(.W) \(.H) \(.C) \(.Fs) \(.dtype)"' inner); $(column '| "\(.W) \(.H) \(.C) \(.Fs) \(.dtype)"' outer)"
	check "--run-config: the rest, behind keys and --deadline" "idle 250000000 3" \
		"$(column load_profile) $(column 'deadline_ts_ns - .release_ts_ns') $(column repeat)"
	check "warmup=" "1 1 0" "$(jq -r .warmup "$run/kernel-data/inner/telemetry.ndjson" | head -3 | paste -sd ' ')"
	check "warmup=: of each kernel" 2 "$(jq -r .warmup "$run/kernel-data/outer/telemetry.ndjson" | grep -c 1)"
	printf 'Fs: 160\nwindow: 4\nC: many\n' >bad.yaml
	wrong "a bad --run-config" 2 'bad.yaml: line 2: unknown word "window"' \
		--run-config bad.yaml --window-of ./calls:outer -o telemetry:none -- ./calls nested 1
	wrong "--run-config twice" 2 "--run-config can be given once" \
		--run-config run.yaml --run-config run.yaml -o telemetry:none -p 1
}

test_csv() {
	keys=,format=csv,plugin=renamed calls_of csv --window-of ./windows:work -- ./windows work 1
	check "plugin= of a single function" "renamed renamed" "$(ls "$run/kernel-data") $(facts name)"
	check_says "format=csv" check_calls csv "$run/kernel-data/renamed/telemetry.csv"
	check "format=csv: lines" 21 "$(wc -l <"$run/kernel-data/renamed/telemetry.csv")"
}

# --- files of all kinds

test_binaries() {
	calls_of sorts --window-of libc.so.6:qsort -- ./windows sorts 100
	check_says "a shared library by its soname" check_calls counts "$run" qsort=100
	"${CC:-cc}" -O2 -no-pie -fno-pie -D_GNU_SOURCE -pthread -o fixed "$here/programs/windows.c"
	calls_of at-fixed --window-of ./fixed:quick -- ./fixed quick 50
	check_says "a program at a fixed address" check_calls counts "$run" quick=50
	if "${CC:-cc}" -O2 -static -D_GNU_SOURCE -pthread -o static "$here/programs/windows.c" 2>/dev/null; then
		calls_of in-static --window-of ./static:quick -- ./static quick 50
		check_says "a static program" check_calls counts "$run" quick=50
	else
		skip "a static program" "there is no static C library"
	fi
	printf '#!/bin/sh\n./windows quick 7\n' >script && chmod +x script
	calls_of by-script --window-of ./windows:quick -- ./script
	check_says "a program that a script starts" check_calls counts "$run" quick=7
}

# The program was built anew since it was started.
test_replaced() {
	cp calls replaced
	launch held ./replaced held
	hear held
	rm replaced && cp windows replaced
	trace trace-replaced -i 0.05 -p "${pids[held]}" --window-of ./replaced:hold -o telemetry:replaced-file
	tell held go
	hear held
	tell held go
	finish held
	finish trace-replaced
	run=$(echo replaced-file/*)
	check_says "a program that was replaced" check_calls counts "$run" hold=1
}

# --- mistakes

# wrong NAME STATUS SENTENCE OPTION...: that status, and one line that has the sentence
wrong() {
	local name=$1 expected=$2 sentence=$3
	shift 3
	"$energytrace" --sysfs "$tree" --carbon GLOBAL -i 0.05 "$@" <go >wrong.out 2>wrong.err
	check "$name: exit status" "$expected" $?
	check_true "$name: is said, in a line" "$(cat wrong.err)" grep -qF -e "$sentence" wrong.err
	check "$name: no more is said" "1 0" "$(wc -l <wrong.err) $(wc -c <wrong.out)"
}

test_mistakes() {
	local windows=(-o telemetry:none) many=() i gone
	true &
	gone=$!
	wait "$gone"
	wrong "a slip" 4 "./calls has no function outter; near it: outer" \
		"${windows[@]}" --window-of ./calls:outter -- ./calls nested 1
	strip -o stripped windows
	wrong "a stripped program" 4 "./stripped has no names of functions: it is stripped" \
		"${windows[@]}" --window-of ./stripped:quick -- ./stripped quick 1
	"${CC:-cc}" -O2 -g -D_GNU_SOURCE -pthread -o debug "$here/programs/windows.c"
	wrong "an inlined function" 4 "it was probably inlined" \
		"${windows[@]}" --window-of ./debug:always_inlined -- ./debug quick 1
	wrong "a script as the file" 4 "./script is no ELF file" \
		"${windows[@]}" --window-of ./script:quick -- ./script
	wrong "markers of nobody" 4 "there are no markers (USDT) of nobody" \
		"${windows[@]}" --window-usdt nobody:begin:end -- ./windows quick 1
	wrong "no such command" 127 "nonesuch" "${windows[@]}" --window-of ./windows:quick -- nonesuch
	wrong "a command that is no program" 126 "./go" "${windows[@]}" --window-of ./windows:quick -- ./go
	wrong "no such process" 1 "no process has the pid $gone" \
		"${windows[@]}" --window-of ./windows:quick -p "$gone"
	wrong "of every process" 2 "--window-usdt go with -p PID or -- COMMAND" \
		"${windows[@]}" --window-of ./windows:quick
	wrong "into no telemetry" 2 "-o telemetry:DIR" --window-of ./windows:quick -- ./windows quick 1
	wrong "a word without a colon" 2 '"quick" is not BINARY:FUNCTION' \
		"${windows[@]}" --window-of quick -- ./windows quick 1
	wrong "the same function twice" 2 "windows:quick begin at the same place" "${windows[@]}" \
		--window-of ./windows:quick --window-of "$work/windows:quick" -- ./windows quick 1
	wrong "with --repeat" 2 "--repeat gives one summary of all runs" \
		"${windows[@]}" --repeat 2 --window-of ./windows:quick -- ./windows quick 1
	wrong "with --repeat, of a process" 2 "--repeat goes with -- COMMAND" \
		"${windows[@]}" --repeat 2 --window-of ./windows:quick -p $$
	for i in $(seq 65); do
		many+=(--window-of "./windows:f$i")
	done
	wrong "too many functions" 2 "more than 64" "${windows[@]}" "${many[@]}" -- ./windows quick 1
	wrong "a folder below a file" 1 "go is there and is no folder" -o telemetry:go/below \
		--window-of ./windows:quick -- ./windows quick 1
	check_true "a mistake leaves no folder" "$(ls none 2>&1)" test ! -e none
}

# --- beside each other

test_two_at_once() {
	local name=,run=one first second
	launch held ./calls held
	hear held
	trace trace-first -i 0.05 -p "${pids[held]}" --window-of ./calls:hold -o "telemetry:both$name"
	calls_of both --window-of ./windows:quick -- ./windows quick 10 &
	first=$!
	calls_of both --window-of ./windows:quick -- ./windows quick 20 &
	second=$!
	wait "$first" "$second"
	check "at once: folders of their own" "10 20" \
		"$(jq '.functions[].windows' both/run-*/run.json | sort -n | paste -sd ' ')"
	wrong "at once by the same name" 1 "both/one is there already" --window-of ./windows:quick \
		-o "telemetry:both$name" -- ./windows quick 5
	tell held go
	hear held
	tell held go
	finish held
	finish trace-first
	run=both/one
	check_says "at once by the same name: the first loses nothing" check_calls counts "$run" hold=1
}

# --- a million calls a minute

test_rate() {
	local calls elapsed lines
	calls_of rate -i 0.5 --window-of ./calls:quick -- ./calls paced 3
	calls=$(sed -n 's/^calls //p' rate.out) elapsed=$(sed -n 's/^elapsed_ns //p' rate.out)
	check "a million a minute: each is counted" "$calls 0 0 0" "$(facts begun abandoned tooDeep open)"
	check_says "a million a minute: each is told or counted" check_calls counts "$run" quick=
	lines=$(wc -l <"$run/kernel-data/quick/telemetry.ndjson")
	check "a million a minute: the sum" "$calls" $((lines + $(facts dropped)))
	# It makes up for what it is late; three times as long is no pace at all.
	check_true "a million a minute: the program is not kept" "$elapsed ns for $calls calls" \
		test "$elapsed" -lt 9000000000
}

simulate -p 20
test_nested
test_mid_call
test_families
test_left
test_usdt
test_deadline
test_run_config
test_csv
test_binaries
test_replaced
test_mistakes
test_two_at_once
test_rate
stop_simulation
summary

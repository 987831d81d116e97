#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# A live run with -o telemetry: its windows are the ticks, its joules those of the other outputs, and
# readers of the format get on with it.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2317 # called by check_says
. "$(dirname "$0")/lib.sh"
need root pids python3 cc jq

# same_as_jsonl RUN JSONL: window by window.
same_as_jsonl() {
	python3 - "$@" <<-'PY'
		import glob, json, math, sys
		files = glob.glob(sys.argv[1] + "/kernel-data/*/telemetry.ndjson")
		if len(files) != 1:
		    sys.exit(f"{files}")
		windows = [json.loads(line) for line in open(files[0])]
		lines = [json.loads(line) for line in open(sys.argv[2])][1:]
		if len(windows) != len(lines):
		    sys.exit(f"{len(windows)} windows, {len(lines)} ticks")
		for number, (window, line) in enumerate(zip(windows, lines)):
		    tick = line["tree"]["tick"]
		    if window["window_index"] != number or window["plugin"] != line["tree"]["name"]:
		        sys.exit(f"window {number}: {window}")
		    if window["cpu_ns"] != int(tick["cpuNs"]):
		        sys.exit(f"window {number}: {window['cpu_ns']} ns, {tick['cpuNs']}")
		    if not math.isclose(window["energy_j"], tick["energy"]["value"], rel_tol=1e-12, abs_tol=1e-15):
		        sys.exit(f"window {number}: {window['energy_j']} J, {tick['energy']['value']}")
		    seconds = (window["end_ts_ns"] - window["start_ts_ns"]) / 1e9
		    if abs(seconds - line["intervalSeconds"]) > 1e-6:
		        sys.exit(f"window {number}: {seconds} s")
		    if window["energy_kind"] != "simulated" or window["energy_source"] != "powercap":
		        sys.exit(f"window {number}: {window['energy_kind']}")
		    if number and window["start_ts_ns"] != windows[number - 1]["end_ts_ns"]:
		        sys.exit(f"window {number} does not begin where the last one ended")
		print(f"{len(windows)} windows")
	PY
}

build parent
ln -s parent child-exec
simulate -p 20
launch parent ./parent "${cpus[0]}" children.log
trace trace-parent -p "${pids[parent]}" -i 0.2 -o telemetry:results,warmup=2 -o "jsonl:ticks.jsonl,by=tree"
go 150 parent
hear parent
hang_up parent
finish parent
finish trace-parent
check "exit status, and where it is" \
	"0 energytrace: the run's windows and report are in $(ls -d results/run-*)" \
	"$status $(cat trace-parent.err)"
run=$(echo results/run-*-001)
check_says "a window is a tick of the tree, with its time and its joules" same_as_jsonl "$run" ticks.jsonl
check "warm-up" "1 1 0" "$(jq -r .warmup "$run"/kernel-data/parent/telemetry.ndjson | head -3 | paste -sd ' ')"
check "the page is there" 1 "$(grep -c '<!DOCTYPE html>' "$run/kernel-data/parent/report.html")"
check "run.json knows when it ended" string "$(jq -r '.endedAt | type' "$run/run.json")"

# A tree of two that hold 40 MB each.
"$energytrace" --sysfs "$tree" -i 0.2 -o telemetry:held -- python3 -c '
import os, time
held = b"x" * 40_000_000
child = os.fork()
end = time.monotonic() + 1
while time.monotonic() < end:
    held = b"y" * len(held) if child == 0 else held
if child:
    os.wait()
' 2>/dev/null
check "the resident memory of a tree" true "$(jq -s 'map(.rss_bytes) | max | . > 80e6 and . < 160e6' \
	held/run-*/kernel-data/*/telemetry.ndjson)"

# As its document has them.
check "pretty-print" parent \
	"$(head -1 results/run-*/kernel-data/*/telemetry.ndjson | jq -r .plugin)"
check "latencies" "$(wc -l <"$run/kernel-data/parent/telemetry.ndjson")" \
	"$(cat results/run-*/kernel-data/*/telemetry.ndjson | jq -r '.end_ts_ns - .start_ts_ns' | grep -c '^[0-9]')"
# shellcheck disable=SC2126 # word for word
check "deadline misses" 0 \
	"$(cat results/run-*/kernel-data/*/telemetry.ndjson | jq -r '.deadline_missed' | grep 1 | wc -l)"

"$energytrace" --sysfs "$tree" -i 0.1 -n 3 -o telemetry:results,format=csv,plugin=all 2>second.err
check "a second run, exit status" 0 $?
second=$(echo results/run-*-002)
check "it has a folder of its own and every tick" 4 \
	"$(wc -l <"$second/kernel-data/all/telemetry.csv")"
"$energytrace" analyze "$run" >summary.md 2>analyze.err
check "analyze" "0 " "$? $(cat analyze.err)"
check "its summary has the tree" 1 "$(grep -c '^| parent | [0-9]' summary.md | head -1 | awk '{ print ($1 > 0) }')"
"$energytrace" analyze --baseline "$run" "$second" >comparison.md 2>comparison.err
check "analyze --baseline" 0 $?
touch file
"$energytrace" --sysfs "$tree" -i 0.1 -n 1 -o telemetry:file/below >/dev/null 2>no.err
check "a folder that cannot be made is said" "1 1" "$? $(grep -c "file is there and is no folder" no.err)"
"$energytrace" -o telemetry:results,warmpu=3 2>no.err
check "an unknown key is said, with the nearest" "2 1" "$? $(grep -c warmup no.err)"
stop_simulation
summary

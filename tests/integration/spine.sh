#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The whole path, from the switches of one process that burns half of a CPU to joules, grams and lines
# of JSON.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2317 # called by check_says
. "$(dirname "$0")/lib.sh"
need root python3 cc

schedstat() { cut -d ' ' -f 1 "/proc/$1/schedstat"; }

# share_of_window FILE SCHEDSTAT_NS INTERRUPTED_NS: the last line's window is the whole run.
share_of_window() {
	python3 - "$@" <<-'PY'
		import sys
		from check_jsonl import load, cpu_ns
		ticks, kernel, interrupted = load(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
		busy = sum(int(t.host["spanNs"]) - cpu_ns(t.host["idle"]) for t in ticks)
		last = ticks[-1].lines[-1]["process"]
		assert last["window"]["samples"] == len(ticks) - 1 == 10, last["window"]
		ledger = last["cpuShare"] * busy
		# Time in interrupts and stolen time is in the ledger's sum, and may not be in the kernel's.
		if not kernel * 0.99 <= ledger <= kernel * 1.01 + interrupted:
		    sys.exit(f"{ledger:.0f} ns by cpuShare, {kernel} by schedstat: {ledger / kernel:.4f}")
	PY
}

build burn
simulate -p 20
launch burner ./burn "${cpus[0]}" 50
stat_before=$(schedstat "${pids[burner]}")
interrupted=$(interrupted_ns "${cpus[0]}")
trace half -p "${pids[burner]}" -i 0.5 -n 10 -o jsonl:half.jsonl
# It begins after the start mark and has ended before the last tick: the kernel's count of it can be
# read while it stands still.
go 400 burner
hear burner
stat_after=$(schedstat "${pids[burner]}")
interrupted=$(interrupted_since "$interrupted" "${cpus[0]}")
check "it was still running when the burner was done" 1 \
	"$(kill -0 "${pids[half]}" && echo 1)"
finish half
check "exit status" "0 " "$status $(cat half.err)"
hang_up burner
finish burner

check_says "every line and every sum" check_jsonl half.jsonl
check "one line a tick, and the start mark" 11 "$(wc -l <half.jsonl)"
check_says "cpuShare is schedstat over busy time, within 1 %" \
	share_of_window half.jsonl $((stat_after - stat_before)) "$interrupted"
check "it says that the joules are simulated" 11 "$(grep -c '"kind":"simulated"' half.jsonl)"
check "and so does the table, loudly" 1 "$(grep -q 'SIMULATED' half.table && echo 1)"
check "475 g and GLOBAL unless said otherwise" 11 \
	"$(grep -c '"countryCode":"GLOBAL","unit":"gCO2e/kWh","value":475}' half.jsonl)"

# Without a source: the same lines, and null for joules and grams.
"$energytrace" --carbon GLOBAL -s none -p $$ -i 0.1 -n 3 -w 2 -o jsonl >none.jsonl 2>none.err
check "-s none" "0 " "$? $(cat none.err)"
check_says "-s none has every sum but joules" check_jsonl --window 2 none.jsonl
check "-s none has null for joules" 4 "$(grep -c '"energy":{"unit":"joules","delta":null' none.jsonl)"

# All processes, another factor.
"$energytrace" --sysfs "$tree" -i 0.2 -n 5 --carbon 56.5 -o jsonl:all.jsonl
check "all processes" 0 $?
check_says "all processes, every sum" check_jsonl all.jsonl
check "energytrace itself has its row" 1 "$(grep '"self":true' all.jsonl | grep -c '"intervalSeconds":null')"
check "--carbon NUMBER" "$(wc -l <all.jsonl)" \
	"$(grep -c '"countryCode":"CUSTOM","unit":"gCO2e/kWh","value":56.5}' all.jsonl)"
stop_simulation
summary

#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Counters that wrap, fall back, fail, go away and are there twice: the joules stay right, and what
# cannot be known is counted.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2317 # called by check_says
. "$(dirname "$0")/lib.sh"
need root python3

sleep infinity &
idler=$!
running+=("$idler")

# measure NAME SECONDS-A-TICK TICKS: one line a tick, of a process that sleeps.
measure() {
	"$energytrace" --sysfs "$tree" --carbon GLOBAL -p "$idler" -i "$2" -n "$3" -o "jsonl:$1.jsonl" 2>"$1.err"
	check "$1, exit status" "0 " "$? $(cat "$1.err")"
	check_says "$1, every line and every sum" check_jsonl "$1.jsonl"
}

# joules FILE PYTHON: the expression is to be true of the run's `delta`, `seconds`, `nodes` (joules by
# node), `types` (the same by type), `ticks`, `wraps`, `resets`, `gaps`; near(J, WATTS) allows for a
# counter that moves every 5 ms, and later on a busy machine.
joules() {
	python3 - "$@" <<-'PY'
		import collections, sys
		from check_jsonl import load
		ticks = load(sys.argv[1])[1:]
		hosts = [tick.host["energy"] for tick in ticks]
		seconds = sum(tick.interval for tick in ticks)
		deltas = [host["delta"] for host in hosts]
		delta = sum(deltas)
		nodes, types = collections.Counter(), collections.Counter()
		for host in hosts:
		    for domain in host["perPackage"] + host.get("domains", []):
		        nodes[domain["node"]] += domain["delta"]
		        types[domain.get("type", "package")] += domain["delta"]
		wraps = sum(domain["wraps"] for host in hosts for domain in host["perPackage"])
		resets = sum(host["meta"]["resets"] for host in hosts)
		gaps = sum(host["meta"]["gaps"] for host in hosts)
		def near(joules, watts, of_seconds=None):
		    expected = watts * (seconds if of_seconds is None else of_seconds)
		    return abs(joules - expected) <= 0.02 * expected + 0.03 * watts
		print(f"{delta} J in {seconds} s, by tick {deltas}, by node {dict(nodes)}")
		print(f"{wraps} wraps, {resets} resets, {gaps} gaps")
		sys.exit(not eval(f"({sys.argv[2]})"))
	PY
}

test_wraps() {
	# A wrap each half second, 2 or 3 in a tick: a reader that looks once a tick loses most of it.
	simulate -p 20,range=10
	measure wraps 1.2 2
	check_says "wraps within a tick" joules wraps.jsonl 'near(delta, 20) and wraps in range(3, 7) and not resets'
	stop_simulation
	# A second and a half before the wrap of a real counter.
	simulate -p 20,start=262113
	measure real-wrap 0.3 9
	check_says "one wrap of a real counter" joules real-wrap.jsonl \
		'near(delta, 20) and wraps == 1 and max(deltas) < 12 and not resets'
	stop_simulation
}

# Each turn of the fault is between two ticks that the trace has shown.
test_reset() {
	simulate -p 20,start=1000 -f usr1:package-0:reset
	trace reset -p "$idler" -i 0.4 -n 6 -o jsonl:reset.jsonl
	tick_of reset && tick_of reset
	kill -USR1 "${pids[raplsim]}" && hear raplsim
	finish reset
	check "reset, exit status" 0 "$status"
	check_says "reset, every line and every sum" check_jsonl reset.jsonl
	# What was used in the tick of the reset may be lost, no more.
	check_says "a reset is counted, with no spike and nothing negative" joules reset.jsonl \
		'resets == 1 and not wraps and min(deltas) >= 0 and max(deltas) < 0.4 * 20 * 2 and
		20 * (seconds - 0.4) * 0.95 <= delta <= 20 * seconds * 1.02'
	check "a reset is in the totals" 1 "$(grep -c '1 reset' reset.table)"
	stop_simulation
}

test_failure() {
	local kind=$1
	simulate -p 20 -f "usr1-usr1:package-0:$kind"
	trace "$kind" -p "$idler" -i 0.3 -n 9 -o "jsonl:$kind.jsonl"
	tick_of "$kind" && tick_of "$kind"
	kill -USR1 "${pids[raplsim]}" && hear raplsim
	check "$kind begins" "begin usr1-usr1:package-0:$kind" "$line"
	tick_of "$kind" && tick_of "$kind" && tick_of "$kind"
	kill -USR1 "${pids[raplsim]}" && hear raplsim
	finish "$kind"
	check "$kind, exit status" 0 "$status"
	check_says "$kind, every line and every sum" check_jsonl "$kind.jsonl"
	check_says "$kind, gaps are counted and the joules come later" joules "$kind.jsonl" \
		'gaps >= 2 and not resets and min(deltas) == 0 and near(delta, 20)'
	check "$kind, said once" 1 "$(grep -c 'package-0' "$kind.err")"
	stop_simulation
}

test_domains() {
	local -a packages=(-p "20,dram=3,core=12,uncore=2")
	local watts=20 nodes=5
	if [ ${#cpus[@]} -ge 2 ]; then
		packages=(-p "20,dram=3,core=12,uncore=2,cpus=${cpus[0]}${other_cpus:+,$other_cpus}"
			-p "30,dram=4,cpus=${cpus[1]}")
		watts=50 nodes=7
	fi
	simulate "${packages[@]}" --psys 75 --mmio
	measure domains 0.5 3
	check_says "the mmio duplicate is not counted" joules domains.jsonl \
		"near(delta, $watts) and not [node for node in nodes if 'mmio' in node]"
	check_says "dram, core, uncore and psys are beside, and in no sum" joules domains.jsonl \
		"len(nodes) == $nodes and near(types['package'], $watts) and near(types['dram'], 3 + 4 * ($watts == 50))
		and near(types['core'], 12) and near(types['uncore'], 2) and near(types['psys'], 75)"
	stop_simulation

	simulate -p 20,dies=2,mirror
	measure mirror 0.4 3
	check_says "dies that mirror one counter count once" \
		joules mirror.jsonl 'near(delta, 20) and len(nodes) == 1'
	stop_simulation
	simulate -p 20,dies=2
	measure dies 0.4 3
	check_says "dies with a counter each count both" joules dies.jsonl 'near(delta, 40) and len(nodes) == 2'
	stop_simulation
}

test_wraps
test_reset
test_failure eio
test_failure removed
test_domains
kill "$idler"
summary

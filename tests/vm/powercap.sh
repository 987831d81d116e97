#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# In a guest: RAPL from a real sysfs. The module powercap_sim registers packages of 15 W and 40 W and
# 3 W of dram with the kernel's powercap class; the packages wrap every two seconds.
# shellcheck source-path=SCRIPTDIR source=../integration/lib.sh disable=SC2317 # called by check_says
. "$(dirname "$0")/../integration/lib.sh"
need root python3

module=$here/../../powercap_sim.ko
zones=/sys/class/powercap
if [ ! -e "$module" ]; then
	skip powercap "$(cat "$module.why")"
	exit 0
fi

# joules FILE PYTHON: the expression is to be true of the run's `nodes` (joules by node), `seconds`,
# `wraps`, `resets`, `gaps`, `deltas` (of each tick); near(JOULES, WATTS, SECONDS).
joules() {
	python3 - "$@" <<-'PY'
		import collections, sys
		from check_jsonl import load
		ticks = load(sys.argv[1])[1:]
		hosts = [tick.host["energy"] for tick in ticks]
		seconds = sum(tick.interval for tick in ticks)
		deltas = [host["delta"] for host in hosts]
		nodes, types, wraps = collections.Counter(), collections.Counter(), collections.Counter()
		for host in hosts:
		    for domain in host["perPackage"] + host.get("domains", []):
		        nodes[domain["node"]] += domain["delta"]
		        wraps[domain["node"]] += domain.get("wraps", 0)
		        types[domain.get("type", "package")] += domain["delta"]
		resets = sum(host["meta"]["resets"] for host in hosts)
		gaps = sum(host["meta"]["gaps"] for host in hosts)
		def near(joules, watts, of_seconds=None):
		    expected = watts * (seconds if of_seconds is None else of_seconds)
		    return abs(joules - expected) <= 0.02 * expected + 0.02 * watts
		print(f"{seconds} s, {dict(nodes)}, by tick {deltas}")
		print(f"wraps {dict(wraps)}, {resets} resets, {gaps} gaps, {hosts[0]['meta']}")
		sys.exit(not eval(f"({sys.argv[2]})"))
	PY
}

# two_packages RECORD: the guest's two CPUs are in two sockets, each the domain of its package.
two_packages() {
	python3 - "$@" <<-'PY'
		import sys
		lines = [line.split() for line in open(sys.argv[1])]
		cpus = [word for kind, *words in lines if kind == "cpu" for word in words if "domain=" in word]
		print(cpus)
		sys.exit(cpus != ["domain=0", "domain=1"])
	PY
}

# measure NAME INTERVAL TICKS: reads what is really in /sys
measure() {
	"$energytrace" -s powercap --carbon GLOBAL -i "$2" -n "$3" -o "jsonl:$1.jsonl" \
		-o "record:$1.rec" 2>"$1.err"
	check "$1, exit status" "0 " "$? $(cat "$1.err")"
	check_says "$1, every line and every sum" check_jsonl "$1.jsonl"
}

measured() { # FILE
	joules "$1" 'len(nodes) == 3 and near(delta := sum(deltas), 55) and near(types["dram"], 3) and
		all(host["meta"]["source"] == "powercap" and host["meta"]["kind"] == "measured"
		for host in hosts)'
}

test_zones() {
	"$energytrace" sources >sources.txt 2>&1
	check "sources, powercap is used" used "$(awk '$1 == "powercap" { print $2 }' sources.txt)"
	measure ticks 0.5 10
	check_says "two packages and dram, measured" measured ticks.jsonl
	# In five seconds each package goes round two or three times.
	check_says "wraps are counted, and are no resets" joules ticks.jsonl \
		'all(wraps[n] in (2, 3) for n in nodes if "package" in n) and not resets and not gaps'
	check_says "no tick has a spike" joules ticks.jsonl \
		'all(near(delta, 55, tick.interval) for delta, tick in zip(deltas, ticks))'
	check_says "each package has the CPU of its socket" two_packages ticks.rec
	measure slow 5 1
	check_says "a tick that is longer than the wrap has all of it" measured slow.jsonl
}

# Of the dram: a package's range is so small that a reset may as well be a wrap.
test_reset() {
	trace_zones reset
	tick_of reset && tick_of reset
	echo 0 >"$zones/intel-rapl:0:0/energy_uj"
	finish reset
	check "reset, exit status" 0 "$status"
	check_says "reset, every line and every sum" check_jsonl reset.jsonl
	# What was used in the tick of the reset may be lost, no more.
	check_says "a counter that was set back is one reset, with no spike" joules reset.jsonl \
		'resets == 1 and not gaps and 3 * (seconds - 0.7) * 0.95 <= types["dram"] <= 3 * seconds * 1.02'
}

# The driver goes while it is read.
test_removal() {
	trace_zones removal
	tick_of removal && tick_of removal
	rmmod powercap_sim
	finish removal
	check "removal, exit status" 0 "$status"
	check_says "removal, every line and every sum" check_jsonl removal.jsonl
	check_says "zones that go away are gaps" joules removal.jsonl \
		'gaps >= 3 and min(deltas) >= 0 and deltas[-1] == 0'
	check "zones that go away, each is said once" "1 1 1" \
		"$(for zone in package-0 package-1 dram; do grep -c "$zone" removal.err; done | paste -sd ' ')"
}

# trace_zones NAME: six ticks of what is really in /sys
trace_zones() {
	local simulated=$tree
	tree=/sys
	trace "$1" -s powercap -i 0.5 -n 6 -o "jsonl:$1.jsonl"
	tree=$simulated
}

insmod "$module" || { not_ok powercap "powercap_sim does not load" && exit 1; }
test_zones
test_reset
test_removal
summary

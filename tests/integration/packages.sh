#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Two packages of 20 W and 60 W, a CPU of each: who runs on one gets its joules and not the other's.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2317 # called by check_says
. "$(dirname "$0")/lib.sh"
need root pids two-cpus python3 cc

# own_package FILE PID=WATTS...: joules per CPU second, in the ticks after the first.
own_package() {
	python3 - "$@" <<-'PY'
		import sys
		from check_jsonl import load, joules, cpu_ns
		ticks, bad = load(sys.argv[1])[2:], False
		for word in sys.argv[2:]:
		    pid, watts = map(int, word.split("="))
		    its = [l["process"]["tick"] for t in ticks for l in t.lines if l["process"]["pid"] == pid]
		    price = sum(map(joules, its)) / sum(map(cpu_ns, its)) * 1e9
		    print(f"pid {pid}: {price:.3f} J per CPU second of {watts} W")
		    bad |= abs(price / watts - 1) > 0.02
		sys.exit(bad)
	PY
}

# shared_by_package JSONL RECORD: each process's joules again, from the samples: of each package's
# energy the part that its CPU time is of the package's busy time.
shared_by_package() {
	python3 - "$@" <<-'PY'
		import collections, sys
		from check_jsonl import load, joules, close
		expected = []
		domain_of_cpu = []
		for line in open(sys.argv[2]):
		    kind, *words = line.split()
		    keys = dict(word.split("=", 1) for word in words)
		    number = lambda key, default=None: int(keys.get(key, default))
		    if kind == "cpu":
		        domain_of_cpu.append(number("domain", -1))
		    elif kind == "tick":
		        busy, energy = collections.Counter(), {}
		        pids, tasks = [], []
		    elif kind == "span":
		        busy[domain_of_cpu[number("cpu")]] += number("busy_ns") + number("lost_ns", 0)
		    elif kind == "energy":
		        energy[number("domain")] = number("uj") / 1e6
		    elif kind == "process":
		        pids.append(number("pid"))
		    elif kind == "task":
		        tasks.append((pids[number("process")], number("domain", -1), number("cpu_ns")))
		    elif kind == "end":
		        of = collections.Counter()
		        for pid, domain, ns in tasks:
		            if busy[domain]:
		                of[pid] += energy.get(domain, 0) * ns / busy[domain]
		        expected.append(of)
		ticks = load(sys.argv[1])
		assert len(ticks) == len(expected), (len(ticks), len(expected))
		n = 0
		for number, (tick, of) in enumerate(zip(ticks, expected)):
		    for line in tick.lines:
		        pid, value = line["process"]["pid"], joules(line["process"]["tick"])
		        n += 1
		        if not close(value, of[pid], 1e-9):
		            sys.exit(f"tick {number}, pid {pid}: {value} J, should be {of[pid]}")
		print(f"{n} lines")
	PY
}

build burn
simulate -p "20,cpus=${cpus[0]}" -p "60,cpus=${cpus[1]}" ${other_cpus:+-p "5,cpus=$other_cpus"}
launch first ./burn "${cpus[0]}"
launch second ./burn "${cpus[1]}"
# Not pinned when it is started, and then moved: has a row in each package.
launch mover ./burn "${cpus[0]}" 20
go 450 first second mover
trace both -i 0.5 -n 8 -o jsonl:both.jsonl -o record:both.rec
tick_of both
taskset -cp "${cpus[1]}" "${pids[mover]}" >moved.txt
finish both
both_status=$status
for name in first second mover; do
	hang_up "$name"
	finish "$name"
done
check "exit status" "0 " "$both_status $(cat both.err)"
check_says "every line and every sum" check_jsonl both.jsonl
check_says "a burner on each gets its own package's joules" \
	own_package both.jsonl "${pids[first]}=20" "${pids[second]}=60"
check_says "each process's joules follow from the samples, package by package" \
	shared_by_package both.jsonl both.rec
check "one that moves has time in both" 2 \
	"$(grep -o "^task .*tid=${pids[mover]} .*" both.rec | grep -o ' domain=[01] ' | sort -u | wc -l)"
stop_simulation
summary

#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Performance counters at the switches: events of software, which every machine has, of a program that
# knows how many it caused. Events that the machine lacks, or that nobody knows.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2317 # called by check_says
. "$(dirname "$0")/lib.sh"
need root pids python3 cc

# counted FILE PID FAULTS CPU_NS: what the record has of the process.
counted() {
	python3 - "$@" <<-'PY'
		import sys
		path, pid, faults, own_ns = sys.argv[1], *map(int, sys.argv[2:])
		names, ledger_ns, sums, ticks = [], 0, {}, 0
		for line in open(path):
		    kind, *words = line.split()
		    keys = dict(word.split("=", 1) for word in words)
		    if kind == "counter":
		        names.append(keys["name"])
		    elif kind == "tick":
		        processes, tasks = [], []
		    elif kind == "process":
		        processes.append(int(keys["pid"]))
		    elif kind == "task":
		        tasks.append(processes[int(keys["process"])])
		        if tasks[-1] == pid:
		            ledger_ns += int(keys["cpu_ns"])
		            ticks += 1
		    elif kind == "count" and tasks[int(keys["task"])] == pid:
		        name = names[int(keys["counter"])]
		        at = sums.setdefault(name, [0, 0, 0])
		        for i, key in enumerate(("value", "enabled_ns", "running_ns")):
		            at[i] += int(keys[key])
		print(f"{sums}; {faults} faults, {ledger_ns} ns by the ledger, {own_ns} by the kernel")
		clock = sums["cpu-clock"]
		# The scheduler's clock may have been read some microseconds before the switch.
		slack = ledger_ns * 0.01 + 20000 * sums["context-switches"][0]
		problems = []
		if ticks < 3:
		    problems.append(f"{ticks} ticks only")
		if not faults <= sums["page-faults"][0] <= faults + 50:
		    problems.append("page faults")
		if not all(abs(each - ledger_ns) <= slack for each in clock):
		    problems.append("CPU clock")
		sys.exit("; ".join(problems) or 0)
	PY
}

# cpus_conserved FILE: no task's counts are more than those of the CPUs, over the run.
cpus_conserved() {
	python3 - "$@" <<-'PY'
		import sys
		tasks, cpus = {}, {}
		for line in open(sys.argv[1]):
		    kind, *words = line.split()
		    if kind in ("count", "cpucount"):
		        keys = dict(word.split("=", 1) for word in words)
		        sums = tasks if kind == "count" else cpus
		        sums[keys["counter"]] = sums.get(keys["counter"], 0) + int(keys["value"])
		print(f"tasks {tasks}, CPUs {cpus}")
		# A reading at the switch is the task's and the CPU's alike, so up to the last reading of each.
		bad = [c for c in tasks if tasks[c] > cpus.get(c, 0) * 1.01 + 1000]
		sys.exit(f"counters {bad}" if bad else not tasks)
	PY
}

test_counts() {
	launch faults ./faults "${cpus[0]}" 5000
	trace trace-counts --events cpu-clock,page-faults,context-switches -i 0.4 \
		-o record:counts.rec -o jsonl:counts.jsonl
	go 200 faults
	hear faults && read -r faults own_ns <<<"$line"
	stop_trace trace-counts
	check "counters, exit status" "0 " "$status $(cat trace-counts.err)"
	check_says "page faults and CPU clock are the process's own" \
		counted counts.rec "${pids[faults]}" "$faults" "$own_ns"
	hang_up faults && finish faults
	check_says "tasks have no more than their CPUs" cpus_conserved counts.rec
	"$energytrace" replay -o record:again.rec -o jsonl:again.jsonl counts.rec
	check_true "a replay gives the same bytes" "$(cmp counts.jsonl again.jsonl 2>&1)" \
		cmp -s counts.jsonl again.jsonl
	check "and the same counts" "$(grep -c count counts.rec)" "$(grep -c count again.rec)"
}

test_what_lacks() {
	trace trace-lacks --events page-faults,RETIRED_OPS,CPU_CLK_THREAD_UNHALTED:REF_P -i 0.2 \
		-o record:lacks.rec
	tick_of trace-lacks && tick_of trace-lacks
	stop_trace trace-lacks
	check "events of another CPU, exit status" 0 "$status"
	# No CPU has both.
	check_true "are named" "$(cat trace-lacks.err)" grep -qE 'RETIRED_OPS|REF_P' trace-lacks.err
	check "once each" "" "$(sort trace-lacks.err | uniq -d)"
	check "and the others go on" 1 "$(grep -c '^counter name=page-faults ' lacks.rec)"
	check_true "with counts" "none" grep -q '^count ' lacks.rec
	"$energytrace" -s none --events page-fautls -n 1 2>unknown.err >unknown.out
	check "an unknown event is refused" "2 energytrace: no event is called 'page-fautls': \
did you mean 'page-faults'?" "$? $(cat unknown.err)"
}

build faults
simulate -p 20
test_counts
if ldconfig -p | grep -q 'libpfm\.so\.4'; then
	test_what_lacks
else
	skip "events of another CPU" "libpfm4 is not installed"
fi
stop_simulation
summary

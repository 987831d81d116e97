#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Two CPUs at 20 W. A process burns one; a parent burns the other by children that live for 3 ms.
# Every child is in the output, and children cost per CPU second what the long process does.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2317 # called by check_says
. "$(dirname "$0")/lib.sh"
need root pids two-cpus python3 cc

# same_price FILE LONG_PID LONG_NS INTERRUPTED_NS PARENT_PID PARENT_NS INTERRUPTED_NS LOG: the joules
# for CPU time by the kernel's count. That may leave out the time in interrupts and what the hypervisor
# stole, which is not the same on both CPUs: so much the ratio may be off beside the 1 %.
same_price() {
	python3 - "$@" <<-'PY'
		import math, sys
		from check_jsonl import load, joules
		path, log = sys.argv[1], sys.argv[8]
		long_pid, long_ns, of_long, parent_pid, parent_ns, of_parent = map(int, sys.argv[2:8])
		children = {tuple(line.split()) for line in open(log)}
		pids = {int(pid) for pid, _ in children}
		per = {"long": [], "parent": []}
		for tick in load(path):
		    for line in tick.lines:
		        process = line["process"]
		        if process["pid"] == long_pid:
		            per["long"].append(joules(process["tick"]))
		        elif process["pid"] == parent_pid or (
		            process["pid"] in pids and process["comm"].startswith(("child-", "parent"))
		        ):
		            per["parent"].append(joules(process["tick"]))
		price = math.fsum(per["long"]) / long_ns * 1e9
		price_of_children = math.fsum(per["parent"]) / parent_ns * 1e9
		ratio = price_of_children / price
		off = 0.01 + of_long / long_ns, 0.01 + of_parent / parent_ns
		print(f"{price:.3f} and {price_of_children:.3f} J per CPU second: {ratio:.4f}")
		print(f"from {1 - off[0]:.4f} to {1 + off[1]:.4f} would be right")
		sys.exit(not 1 - off[0] <= ratio <= 1 + off[1])
	PY
}

# every_child FILE LOG: by its own pid and name, with its time, and its end.
every_child() {
	python3 - "$@" <<-'PY'
		import sys
		from check_jsonl import load, cpu_ns, losses
		last, ticks = {}, load(sys.argv[1])
		for tick in ticks:
		    for line in tick.lines:
		        process = line["process"]
		        last[process["pid"], process["comm"]] = process
		children = [tuple(line.split()) for line in open(sys.argv[2])]
		missing = [child for child in children if (int(child[0]), child[1]) not in last]
		if missing:
		    sys.exit(f"{len(missing)} of {len(children)} are not there: {missing[:5]}")
		rows = [last[int(pid), name] for pid, name in children]
		alive = [row["pid"] for row in rows if not row.get("ended")]
		if alive:
		    sys.exit(f"{len(alive)} of {len(children)} are not said to have ended: {alive[:5]}")
		# Each used 3 ms by the kernel's count before it exited. Where the kernel hides switches from
		# BPF programs, the slice beside one goes to (unattributed), and is named.
		short = [(row["pid"], row["total"]) for row in rows if cpu_ns(row["total"]) < 2_900_000]
		if len(short) > sum(losses(ticks).values()):
		    sys.exit(f"{len(short)} of {len(children)} have less than 3 ms: {short[:3]}")
	PY
}

build burn parent
ln -s parent child-exec
simulate -p "20,cpus=${cpus[0]},${cpus[1]}" ${other_cpus:+-p "5,cpus=$other_cpus"}
launch long ./burn "${cpus[0]}"
launch parent ./parent "${cpus[1]}" children.log
trace all -i 0.5 -o jsonl:all.jsonl
of_long=$(interrupted_ns "${cpus[0]}")
of_parent=$(interrupted_ns "${cpus[1]}")
go 800 long parent
hear long && long_ns=$line
hear parent && read -r parent_ns n_children <<<"$line"
of_long=$(interrupted_since "$of_long" "${cpus[0]}")
of_parent=$(interrupted_since "$of_parent" "${cpus[1]}")
# On a busy machine the last child may be reaped before it has left its CPU for good.
tick_of all && tick_of all
stop_trace all
check "exit status" "0 " "$status $(cat all.err)"
hang_up long && hang_up parent
check_true "there were hundreds of children" "only $n_children" [ "$n_children" -gt 500 ]
check_says "every line and every sum" check_jsonl all.jsonl
check_says "each of $n_children children by pid and name, to its end" \
	every_child all.jsonl children.log
check_says "children cost what a long process does, within 1 %" \
	same_price all.jsonl "${pids[long]}" "$long_ns" "$of_long" \
	"${pids[parent]}" "$parent_ns" "$of_parent" children.log
check "the totals hold them by name" 1 \
	"$(grep -c '^ *[0-9]* .* child-exec$' all.table | awk '{ print ($1 > 0) }')"
stop_simulation
summary

#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The CPU time of processes with several threads, and of those that exec, is what the kernel itself
# counts for them; and they stay who they are.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2317 # called by check_says
. "$(dirname "$0")/lib.sh"
need root pids python3 cc

# same_time FILE PID NS INTERRUPTED-NS: the process's total, against the kernel's count.
same_time() {
	python3 - "$@" <<-'PY'
		import sys
		from check_jsonl import load, cpu_ns
		ticks = load(sys.argv[1])
		pid, kernel, interrupted = map(int, sys.argv[2:5])
		its = [line["process"] for tick in ticks for line in tick.lines if line["process"]["pid"] == pid]
		ledger = cpu_ns(its[-1]["total"])
		# Time in interrupts and stolen time is in the ledger's sum, and may not be in the kernel's. Where
		# the kernel hides switches from BPF programs, what they cost is named and unattributed.
		lost = sum(cpu_ns(tick.host["unattributed"]) for tick in ticks)
		print(f"{ledger} ns, {kernel} by the kernel: {ledger / kernel:.4f}; {interrupted} ns in interrupts at most")
		sys.exit(not kernel * 0.99 - lost <= ledger <= kernel * 1.01 + interrupted)
	PY
}

# names FILE PID NAME...: one process by pid and start, with these names one after the other, that ended.
names() {
	python3 - "$@" <<-'PY'
		import itertools, sys
		from check_jsonl import load, who
		pid, names = int(sys.argv[2]), sys.argv[3:]
		lines = [line for tick in load(sys.argv[1]) for line in tick.lines]
		its = [line for line in lines if line["process"]["pid"] == pid]
		starts = {who(line) for line in its}
		seen = [name for name, _ in itertools.groupby(line["process"]["comm"] for line in its)]
		if len(starts) != 1 or not its[-1]["process"].get("ended"):
		    sys.exit(f"{starts}, the last one {its[-1]['process']}")
		if seen != names:
		    sys.exit(f"names: {seen}")
	PY
}

test_threads() {
	local how=$1 of_kernel
	shift
	launch "$how" ./threads 5
	interrupted=$(interrupted_ns "${cpus[@]}")
	trace "trace-$how" -i 0.25 -o "jsonl:$how.jsonl" -o "record:$how.rec" "$@"
	go 200 "$how"
	hear "$how" && of_kernel=$line
	interrupted=$(interrupted_since "$interrupted" "${cpus[@]}")
	stop_trace "trace-$how"
	hang_up "$how"
	finish "$how"
	check_says "$how, every line and every sum" check_jsonl "$how.jsonl"
	check_says "$how, all threads' time is the kernel's, within 1 %" \
		same_time "$how.jsonl" "${pids[$how]}" "$of_kernel" "$interrupted"
	check "$how, the leader names the process" "threads" \
		"$(grep "\"pid\":${pids[$how]}," "$how.jsonl" | grep -o '"comm":"[^"]*"' |
			sort -u | cut -d '"' -f 4 | paste -sd ' ')"
	check "$how, each thread is in the record" "2 3" \
		"$(for name in short-thread long-thread; do
			grep " comm=$name" "$how.rec" | grep -o ' tid=[0-9]*' | sort -u | wc -l
		done | paste -sd ' ')"
}

# Not asked for by pid: all there is, and those who are born are met.
test_exec() {
	local kind=$1
	for step in one two three; do ln -sf exec "$kind-$step"; done
	launch "$kind" ./exec "$kind" "$kind-one" "$kind-two" "$kind-three"
	interrupted=$(interrupted_ns "${cpus[@]}")
	trace "trace-$kind" -p "${pids[$kind]}" -i 0.1 -o "jsonl:$kind.jsonl"
	go 100 "$kind"
	hear "$kind" && of_kernel=$line
	interrupted=$(interrupted_since "$interrupted" "${cpus[@]}")
	finish "$kind"
	finish "trace-$kind"
	check "exec by the $kind, the trace ends with it" "0 " "$status $(cat "trace-$kind.err")"
	check_says "exec by the $kind, every line and every sum" check_jsonl "$kind.jsonl"
	check_says "exec by the $kind, it stays one process with the names of its programs" \
		names "$kind.jsonl" "${pids[$kind]}" exec "$kind-one" "$kind-two" "$kind-three"
	check_says "exec by the $kind, its time is the kernel's, within 1 %" \
		same_time "$kind.jsonl" "${pids[$kind]}" "$of_kernel" "$interrupted"
}

build threads exec
simulate -p 20
test_threads "threads"
test_threads "threads without task storage" --ledger-without task-storage
test_exec leader
test_exec thread
stop_simulation
summary

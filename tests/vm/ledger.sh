#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# In a guest: the ledger loads on this kernel, says what it does without there, loses nothing, and
# names all who come and go; with its usual parts, and with those that stand in for them.
# shellcheck source-path=SCRIPTDIR source=../integration/lib.sh disable=SC2317 # called by check_says
. "$(dirname "$0")/../integration/lib.sh"
need root pids python3 cc

n_children=100

# at_least VERSION: this kernel is that new.
at_least() {
	[ "$(printf '%s\n' "$1" "$(uname -r)" | sort -V | head -n 1)" = "$1" ]
}

# state_of WORD: what `sources` says of that part of the ledger.
state_of() {
	awk -v word="$1" '$1 == word { print $2 }' sources.txt
}

# No kernel here hides tasks from BPF, and all have the scheduler's clock where it is looked for.
test_sources() {
	local lookup=used
	at_least 5.13 || lookup=fallback # a10787e6d58c: task storage for tracing programs
	"$energytrace" sources --sysfs "$tree" >sources.txt 2>sources.err
	check "sources, exit status" "0 " "$? $(cat sources.err)"
	check "sources, task storage is used from 5.13 on, and the hash before" \
		"$lookup" "$(state_of look-up)"
	check "sources, every switch is seen" used "$(state_of programs)"
	check "sources, the scheduler's clock" used "$(state_of clock)"
	check "sources, names are told as they come" used "$(state_of names)"
	if [ -d /sys/fs/cgroup/unified ]; then
		check "sources, both versions of control groups" "used used" "$(state_of v1) $(state_of v2)"
	else
		check "sources, control groups of version 2" " used" "$(state_of v1) $(state_of v2)"
	fi
}

children() {
	local i
	for i in $(seq "$n_children"); do
		ln -sf /bin/true "child-$i"
	done
	for i in $(seq "$n_children"); do
		"./child-$i"
	done
}

# nothing_lost FILE: no counter of trouble has moved, and all time is somebody's or idle.
nothing_lost() {
	python3 - "$@" <<-'PY'
		import sys
		from check_jsonl import load, cpu_ns, losses
		ticks = load(sys.argv[1])
		lost = sum(cpu_ns(tick.host["unattributed"]) for tick in ticks)
		print(f"{lost} ns are unattributed, losses {dict(losses(ticks))}")
		sys.exit(bool(lost or losses(ticks)))
	PY
}

# every_child FILE N: each once, to its end, with the time it had.
every_child() {
	python3 - "$@" <<-'PY'
		import collections, sys
		from check_jsonl import load, who, cpu_ns
		last = collections.defaultdict(dict)
		for tick in load(sys.argv[1]):
		    for line in tick.lines:
		        last[line["process"]["comm"]][who(line)] = line["process"]
		for number in range(1, int(sys.argv[2]) + 1):
		    its = list(last[f"child-{number}"].values())
		    if len(its) != 1 or not its[0].get("ended") or not cpu_ns(its[0]["total"]):
		        sys.exit(f"child-{number}: {its}")
	PY
}

# thread_names RECORD: how many of the threads have been seen by the names that they gave themselves
# (all at once: where a tracepoint's program can be preempted, others of it are skipped).
thread_names() {
	local name
	for name in short-thread long-thread; do
		grep "^task .* comm=$name" "$1" | grep -o ' tid=[0-9]*' | sort -u | wc -l
	done | paste -sd ' '
}

test_load() { # NAME OPTION...
	local name=$1
	shift
	trace "$name" -i 0.1 -w 5 -o "jsonl:$name.jsonl" -o "record:$name.rec" "$@"
	launch "threads-$name" ./threads 60
	go 100 "threads-$name"
	children
	hear "threads-$name" || not_ok "$name" "the threads broke off"
	hang_up "threads-$name"
	finish "threads-$name"
	tick_of "$name" && tick_of "$name"
	stop_trace "$name"
	check "$name, exit status" "0 " "$status $(cat "$name.err")"
	check_says "$name, every line and every sum" check_jsonl --window 5 "$name.jsonl"
	check_says "$name, nothing is lost" nothing_lost "$name.jsonl"
	check_says "$name, each of $n_children children once, by name and to its end" \
		every_child "$name.jsonl" "$n_children"
	check "$name, each of 60 threads by its own name" "30 30" "$(thread_names "$name.rec")"
}

# More tasks at a time than rows: those who find none run unattributed, and are counted.
test_full() {
	local -a sleepers=()
	trace full -i 0.2 -w 5 -o jsonl:full.jsonl --ledger-rows 64
	for _ in $(seq "$n_children"); do
		sleep infinity &
		sleepers+=($!)
		running+=($!)
	done
	tick_of full && tick_of full
	stop_trace full
	kill "${sleepers[@]}"
	wait "${sleepers[@]}" 2>/dev/null
	running=("${pids[raplsim]}")
	check "64 rows, exit status" "0 " "$status $(cat full.err)"
	check_says "64 rows, exact sums, and the loss is named" \
		check_jsonl --window 5 --loss ledger-full full.jsonl
	check "64 rows, the totals name the loss" 1 "$(grep -c '^losses: .*ledger-full [1-9]' full.table)"
}

build threads
simulate -p 20
test_sources
test_load "as it is"
test_load "without task storage" --ledger-without task-storage
test_load "without the rq's clock" --ledger-without rq-clock
test_full
stop_simulation
summary

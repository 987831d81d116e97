#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# No time is lost in silence: in a storm of forks and switches, with a ledger that is far too small,
# and on the paths of kernels that lack what the ledger would like to use.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2317 # called by check_says
. "$(dirname "$0")/lib.sh"
need root python3 cc

# storm NAME HUNDREDTHS OPTION...: ticks of $tick through all of it, and what its lines say
tick=0.1
storm() {
	local name=$1 hundredths=$2
	shift 2
	launch "load-$name" ./storm
	trace "$name" -i "$tick" -w 5 -o "jsonl:$name.jsonl" "$@"
	go "$hundredths" "load-$name"
	hear "load-$name" || not_ok "$name" "the storm broke off: $(cat "load-$name.err")"
	stop_trace "$name"
	check "$name, exit status" "0 " "$status $(cat "$name.err")"
	finish "load-$name"
	check_true "$name, it was a storm" "children and throws: $line" \
		[ "$(awk -v s="$hundredths" '{ print ($1 > s && $2 > 10 * s) }' <<<"$line")" = 1 ]
}

# unattributed FILE PYTHON: the expression is to be true of `part`, of the busy time, and `late`: a
# program that other load kept from running for a second can't give rows back in that time.
unattributed() {
	python3 - "$@" <<-'PY'
		import sys
		from check_jsonl import load, cpu_ns, losses
		ticks = load(sys.argv[1])
		busy = sum(int(tick.host["spanNs"]) - cpu_ns(tick.host["idle"]) for tick in ticks)
		late = max(tick.interval or 0 for tick in ticks) > 1
		part = sum(cpu_ns(tick.host["unattributed"]) for tick in ticks) / busy
		print(f"unattributed is {part:.4%} of busy time; {dict(losses(ticks))}")
		sys.exit(not eval(sys.argv[2]))
	PY
}

build storm
simulate -p 20
storm "ten seconds" 1000
check_says "ten seconds, exact sums, and spans within 100 ppm" check_jsonl --window 5 "ten seconds.jsonl"
# A kernel that runs no BPF programs for some of its own tasks hides their switches.
check_says "ten seconds, next to nothing is unattributed" unattributed "ten seconds.jsonl" 'part < 0.01 or late'

storm "64 rows" 300 --ledger-rows 64
check_says "64 rows, exact sums, and the loss is named" \
	check_jsonl --window 5 --loss ledger-full "64 rows.jsonl"
check_says "64 rows, what found no row is unattributed" unattributed "64 rows.jsonl" '0.01 < part < 1'
check "64 rows, the totals name the loss" 1 "$(grep -c '^losses: .*ledger-full [1-9]' "64 rows.table")"

storm "no task storage" 300 --ledger-without task-storage
check_says "no task storage, exact sums" check_jsonl --window 5 "no task storage.jsonl"
check_says "no task storage, next to nothing is unattributed" \
	unattributed "no task storage.jsonl" 'part < 0.01 or late'

storm "no rq clock" 300 --ledger-without rq-clock
check_says "no rq clock, exact sums" check_jsonl --window 5 "no rq clock.jsonl"
# Without the scheduler's clock its note of a task's arrival says nothing: after a missed switch all up
# to the next look is lost, not only the hidden task's own slice.
check_says "no rq clock, little is unattributed" \
	unattributed "no rq clock.jsonl" 'part < 0.05 or late'
# Many closes beside many switches: what a switch and a close that run at once do to each other.
tick=0.01
storm "ticks of 10 ms" 300
check_says "ticks of 10 ms, exact sums" check_jsonl --window 5 "ticks of 10 ms.jsonl"
storm "ticks of 10 ms in the hash" 300 --ledger-without task-storage
check_says "ticks of 10 ms in the hash, exact sums" \
	check_jsonl --window 5 "ticks of 10 ms in the hash.jsonl"
stop_simulation
summary

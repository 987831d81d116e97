#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# How a run ends: by signals, with the reader of its output gone, and by SIGKILL; and what it does
# when its file is taken away.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2317 # called by check_says
. "$(dirname "$0")/lib.sh"
need root python3 bpftool

# The ids of the BPF programs and links that the process holds: "prog 12", "link 7".
held_bpf() {
	cat "/proc/$1/fdinfo/"* 2>/dev/null |
		awk '/^link_id:/ { print "link", $2 } /^prog_id:/ { print "prog", $2 }' | sort -u
}

gone() {
	! bpftool "$1" show id "$2" >/dev/null 2>&1
}

# mid_tick FILE: a whole first tick, and a last one that was cut short.
mid_tick() {
	python3 - "$@" <<-'PY'
		import sys
		from check_jsonl import load
		ticks = load(sys.argv[1])
		intervals = [tick.interval for tick in ticks]
		if len(ticks) != 2 or intervals[0] is not None or not 0 < intervals[1] < 30:
		    sys.exit(f"the ticks are {intervals}")
	PY
}

test_signal() {
	local signal=$1 name=SIG$1
	trace "$signal" -i 30 -o "jsonl:$signal.jsonl"
	kill "-$signal" "${pids[$signal]}"
	finish "$signal"
	check "$name in mid-tick ends with 0" "0 " "$status $(cat "$signal.err")"
	check_says "$name, the lines are complete, and their sums" check_jsonl "$signal.jsonl"
	check_says "$name, the tick that was begun is there, as short as it was" mid_tick "$signal.jsonl"
	check "$name, the totals are there" 1 "$(grep -c '^total of ' "$signal.table")"
}

# One that comes while the program starts: it ends before anything has begun, or in order.
test_early() {
	local delay
	for delay in 0.001 0.01 0.02 0.03 0.05; do
		rm -f early.table
		timeout --preserve-status -s TERM $delay "$energytrace" --sysfs "$tree" --carbon GLOBAL \
			-i 30 -o table:early.table 2>early.err
		status=$?
		case $status in
		0) check "SIGTERM $delay s after the start ends in order" "1 " \
			"$(grep -c '^total of ' early.table) $(cat early.err)" ;;
		143) check "SIGTERM $delay s after the start ends before anything has begun" "" \
			"$(cat early.table early.err 2>/dev/null)" ;;
		*) not_ok "SIGTERM $delay s after the start" "status $status, $(cat early.err)" ;;
		esac
	done
}

test_sigkill() {
	local kind id size
	# Lines come as fast as they can.
	trace killed -i 0.01 -w 3 -o jsonl:killed.jsonl -o record:killed.rec
	for _ in 1 2 3 4 5 6 7 8; do tick_of killed; done
	held_bpf "${pids[killed]}" >held.txt
	check_true "SIGKILL, there were programs and links" "none is seen in fdinfo" \
		[ "$(grep -c prog held.txt)" -ge 2 ]
	while read -r kind id; do
		gone "$kind" "$id" && not_ok "SIGKILL" "bpftool does not show $kind $id of a running program"
	done <held.txt
	kill -KILL "${pids[killed]}"
	finish killed
	check "SIGKILL kills" 137 "$status"
	check_says "SIGKILL, all lines but at most the last are complete" \
		check_jsonl --cut --window 3 killed.jsonl
	# The kernel takes programs down behind a grace period.
	while read -r kind id; do
		wait_for gone "$kind" "$id" || not_ok "SIGKILL" "$kind $id stays attached"
	done <held.txt
	ok "SIGKILL, nothing stays attached"
	# All ticks but the last were written whole.
	"$energytrace" replay -o jsonl:killed.again killed.rec 2>killed.err
	check "SIGKILL, its record replays, but for a last tick that was cut" 1 \
		"$(case $? in 0) echo 1 ;; 1) grep -c 'in the middle of' killed.err ;; esac)"
	size=$(stat -c %s killed.again killed.jsonl | sort -n | head -n 1)
	check_says "SIGKILL, to the same lines" cmp -n "$size" killed.again killed.jsonl
}

test_rotation() {
	trace rotated -p $$ -i 0.05 -o jsonl:rotated.jsonl -o record:rotated.rec
	tick_of rotated
	mv rotated.jsonl rotated.1
	mv rotated.rec rotated.rec.1
	tick_of rotated
	check_true "a file that was renamed is written on" "a new one was made" [ ! -e rotated.jsonl ]
	kill -HUP "${pids[rotated]}"
	wait_for test -s rotated.jsonl || not_ok "SIGHUP" "no new file"
	tick_of rotated
	tick_of rotated
	stop_trace rotated
	check "SIGHUP, exit status" "0 " "$status $(cat rotated.err)"
	check "SIGHUP, ticks are in the new file" 1 "$(wc -l <rotated.jsonl | awk '{ print ($1 >= 2) }')"
	cat rotated.1 rotated.jsonl >rotated.all
	check_says "SIGHUP, no tick is lost between the files" check_jsonl rotated.all
	# A record's second file is a record as well.
	for part in rotated.rec.1 rotated.rec; do
		"$energytrace" replay -o jsonl:part.jsonl $part
		check "SIGHUP, $part can be replayed" 0 $?
	done

	# SIGHUP with the file in its place does nothing to it.
	trace in-place -p $$ -i 0.05 -o jsonl:in-place.jsonl
	tick_of in-place
	kill -HUP "${pids[in-place]}"
	tick_of in-place
	stop_trace in-place
	check_says "SIGHUP, a file that is in its place is written on" check_jsonl in-place.jsonl
}

test_reader_gone() {
	"$energytrace" --sysfs "$tree" --carbon GLOBAL -p $$ -i 0.02 -o jsonl -o table:gone.table 2>gone.err |
		head -n 2 >gone.jsonl
	check "a reader that goes away, status 0, and quiet" "0 " "${PIPESTATUS[0]} $(cat gone.err)"
	check "a reader that goes away, it has its lines" 2 "$(wc -l <gone.jsonl)"
	check "a reader that goes away, the other output has the totals" 1 \
		"$(grep -c '^total of ' gone.table)"
	"$energytrace" --sysfs "$tree" --carbon GLOBAL -i 0.02 2>gone.err | head -n 1 >gone.txt
	check "a reader of the table that goes away, status 0, and quiet" "0 " "${PIPESTATUS[0]} $(cat gone.err)"
}

# Who was asked for ends: so does the run, with its last nanosecond.
test_ended() {
	sh -c 'while :; do :; done' &
	local burner=$!
	running+=("$burner")
	trace ended -p "$burner" -i 30 -o jsonl:ended.jsonl
	kill -KILL "$burner"
	finish ended
	check "the end of what was asked for ends the run" "0 " "$status $(cat ended.err)"
	check_says "and its lines are complete" check_jsonl ended.jsonl
	check "the last line says so" 1 "$(tail -n 1 ended.jsonl | grep -c '"ended":true')"
	wait "$burner" 2>/dev/null
}

simulate -p 20
test_signal TERM
test_signal INT
test_early
test_sigkill
test_rotation
test_reader_gone
test_ended
stop_simulation
summary

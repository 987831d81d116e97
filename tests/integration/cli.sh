#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Each wrong input gets a sentence of its own and its own exit status, and nothing on standard output.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2317 # called by check_says
. "$(dirname "$0")/lib.sh"
need timeout

# says STATUS WORDS COMMAND...: that status, and one line on standard error that has all the WORDS
# (a regular expression each, between bars).
says() {
	local expected=$1 words=$2 name word
	shift 2
	name="$expected for $(printf '%s ' "${@#"$work/"}" |
		sed "s,$energytrace,energytrace,; s,$trees/,,; s/: /:/g; s/ $//")"
	timeout 20 "$@" >out 2>err </dev/null
	status=$?
	if [ "$status" != "$expected" ]; then
		not_ok "$name" "status $status, saying '$(head -c 300 err)'"
		return
	fi
	if [ "$(wc -l <err)" != 1 ] || [ -s out ]; then
		not_ok "$name" "$(wc -l <err) lines on standard error, $(wc -c <out) bytes on standard output"
		return
	fi
	while IFS= read -r word; do
		grep -qi -e "$word" err && continue
		not_ok "$name" "does not say '$word' but '$(cat err)'"
		return
	done < <(tr '|' '\n' <<<"$words")
	ok "$name"
}

test_usage() {
	local status words args
	while IFS='!' read -r words args; do
		# shellcheck disable=SC2086 # the words of a line are arguments
		says 2 "$words" "$energytrace" $args
	done <<-'LINES'
		-p|process ids|"x"!-p x
		-p|process ids|"0"!-p 0
		-p|process ids|"1,,2"!-p 1,,2
		-p|process ids|"-5"!-p -5
		-p|process ids|"4194305"!-p 4194305
		-i|seconds|0.01 to 3600|"0"!-i 0
		-i|seconds|0.01 to 3600|"nan"!-i nan
		-i|seconds|0.01 to 3600|"1e99"!-i 1e99
		-i|seconds|"1s"!-i 1s
		-i|seconds|"0,5"!-i 0,5
		-w|1 to 3600|"99999"!-w 99999
		-w|1 to 3600|"0"!-w 0
		-w|1 to 3600|"1.5"!-w 1.5
		-n|"0"!-n 0
		-n|"-1"!-n -1
		-d|"soon"!-d soon
		--carbon|-5!--carbon -5
		--carbon|QQ!--carbon QQ
		--carbon|1e9!--carbon 1e9
		jsonk|did you mean .*jsonl!-o jsonk
		tabel|did you mean .*table!-o tabel:x
		record|needs|FILE!-o record
		no target!-o jsonl:
		setting|colour!-o jsonl:x,colour=red
		powercpa|did you mean "powercap"!-s powercpa
		model|sahre|did you mean "share"!-m sahre
		--intervall|did you mean --interval!--intervall 1
		--widnow|did you mean --window!--widnow=3
		there is no option -Z!-Z
		-i|argument!-i
		repaly|did you mean "replay"!repaly x
		source|did you mean "sources"!source
		replay|FILE!replay
		one word too many|extra!replay file.rec extra
		--ledger-rows|64 to!--ledger-rows 63
		--ledger-without|task-storage!--ledger-without anything
	LINES
	check "nothing was made" "" "$(find . -name x -o -name file.rec)"
}

# As this user: what the machine has is not looked at before what was asked.
test_run() {
	local -a run=("$energytrace" --sysfs "$tree" -n 2 -i 0.05 --carbon GLOBAL)
	says 1 "No space left|/dev/full" "${run[@]}" -o jsonl:/dev/full
	says 1 "No space left|/dev/full" "${run[@]}" -o record:/dev/full
	"${run[@]}" >/dev/full 2>err
	check "1 for a full disk behind standard output" "1 1" "$? $(grep -c 'standard output.*No space left' err)"
	says 1 "no/such/file|No such file" "${run[@]}" -o jsonl:no/such/file
	says 1 "directory" "${run[@]}" -o jsonl:.
	# One output that fails does not take the others' lines with it.
	"${run[@]}" -p $$ -o jsonl:/dev/full -o jsonl:beside.jsonl 2>err
	check "1 for one output of two, and the other has its lines" "1 1" \
		"$? $(wc -l <beside.jsonl | awk '{ print ($1 > 0) }')"
}

# A pid that nobody has: of a process that has ended.
test_pid() {
	local pid
	true &
	pid=$!
	wait "$pid"
	says 1 "no process|$pid" "$energytrace" --sysfs "$tree" -p "$pid"
	says 1 "no process|$pid" "$energytrace" --sysfs "$tree" -p "$$,$pid"
}

test_machine() {
	local denied=$trees/denied broken=$trees/broken
	mkdir -p empty/class/powercap bare
	says 4 "RAPL|powercap|modprobe|raplsim" "$energytrace" --sysfs "$work/empty" -s powercap -n 1
	says 4 "powercap" "$energytrace" --sysfs "$work/bare" -s powercap -n 1

	"$raplsim" --once -p 20 -f 0:package-0:unreadable "$denied"
	# Root reads whatever the mode says, but for these two capabilities.
	says 3 "permission|energy_uj|CAP_DAC_READ_SEARCH" \
		setpriv --bounding-set=-dac_override,-dac_read_search \
		"$energytrace" --sysfs "$denied" -s powercap -n 1
	"$raplsim" --once -p 20 -f 0:package-0:eio "$broken"
	says 1 "energy_uj|Input/output error" "$energytrace" --sysfs "$broken" -s powercap -n 1
}

test_nobody() {
	chmod 755 "$work"
	install -m 755 "$energytrace" "$work/for-anybody"
	says 3 "CAP_BPF|CAP_PERFMON|root" \
		setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all \
		"$work/for-anybody" -s none -n 1
	says 3 "CAP_BPF" setpriv --bounding-set=-bpf,-sys_admin "$energytrace" -s none -n 1
}

test_records() {
	: >empty.rec
	head -c 1000 /dev/urandom >binary.rec
	printf 'energytrace-record version=1\nrun host=a vers' >cut.rec
	says 1 "empty.rec|empty" "$energytrace" replay empty.rec
	says 1 "binary.rec|not an energytrace record" "$energytrace" replay binary.rec
	says 1 "cut.rec|in the middle of its head" "$energytrace" replay cut.rec
	says 1 "missing.rec|No such file" "$energytrace" replay missing.rec
	says 2 "jsonk|jsonl" "$energytrace" replay -o jsonk empty.rec
}

# What asks for nothing that could fail is on standard output, with 0.
test_asked() {
	local words
	for words in --help --version "-o list" -h; do
		# shellcheck disable=SC2086
		"$energytrace" $words >out 2>err </dev/null
		check "0 for $words" "0 0 1" "$? $(wc -c <err) $(wc -l <out | awk '{ print ($1 > 0) }')"
	done
	check "-o list has what the help has" 3 "$("$energytrace" -o list | grep -c -E '^(table|jsonl|record) ')"
}

test_usage
test_records
test_asked
if [ "$(id -u)" = 0 ]; then
	simulate -p 20
	test_run
	test_pid
	test_machine
	command -v setpriv >/dev/null && test_nobody
	stop_simulation
else
	skip "what needs a ledger" "needs root, to load BPF programs"
fi
summary

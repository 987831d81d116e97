#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# A recorded run gives the same bytes again: in every format, as anybody, and as far as it goes.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2317 # called by check_says
. "$(dirname "$0")/lib.sh"
need root python3 setpriv

as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all "$@"; }

record_run() {
	# Processes that end, one that renames itself, names of every kind.
	cat >worker.sh <<-'SH'
		for i in 1 2 3 4 5 6 7 8 9 10; do
			/bin/true
			printf 'na me %%\n"%s' $i >/proc/self/comm
		done
	SH
	trace live -i 0.2 -n 5 -w 3 -o jsonl:live.jsonl -o record:live.rec
	for _ in 1 2 3; do
		bash worker.sh
		tick_of live
	done
	finish live
	check "a run with three outputs" "0 " "$status $(cat live.err)"
}

test_same_bytes() {
	local format
	check_says "every line and every sum" check_jsonl --window 3 live.jsonl
	"$energytrace" replay -o jsonl:again.jsonl -o table:again.table -o record:again.rec live.rec
	check "replay" 0 $?
	for format in jsonl table rec; do
		check_true "replay gives the same bytes of .$format" "$(cmp live.$format again.$format 2>&1)" \
			cmp -s live.$format again.$format
	done
	"$energytrace" replay live.rec >again.table
	check_true "the table is what it gives by itself" "$(cmp live.table again.table 2>&1)" \
		cmp -s live.table again.table
	"$energytrace" replay -o jsonl - <live.rec >again.jsonl
	check_true "from standard input" "$(cmp live.jsonl again.jsonl 2>&1)" cmp -s live.jsonl again.jsonl
}

# By a program and a record that anybody may read, in a place with no /sys/fs/bpf and no tracefs to
# lean on: only the record tells.
test_nobody() {
	chmod 755 "$work"
	install -m 755 "$energytrace" ./for-anybody
	chmod 644 live.rec
	as_nobody ./for-anybody replay -o jsonl live.rec >nobody.jsonl 2>nobody.err
	check "as nobody, without any capability" "0 " "$? $(cat nobody.err)"
	check_true "as nobody, the same bytes" "$(cmp live.jsonl nobody.jsonl 2>&1)" \
		cmp -s live.jsonl nobody.jsonl
	env -i TZ=Asia/Kolkata LC_ALL=de_DE.UTF-8 ./for-anybody replay -o jsonl live.rec >elsewhere.jsonl
	check_true "in another time zone and locale, the same bytes" "$(cmp live.jsonl elsewhere.jsonl 2>&1)" \
		cmp -s live.jsonl elsewhere.jsonl
}

# An option of the replay comes before that of the run.
test_other_options() {
	"$energytrace" replay -p $$ -w 2 --carbon 100 -o jsonl live.rec >other.jsonl
	check_says "replay with -p, -w and --carbon, every sum" check_jsonl --window 2 other.jsonl
	check_says "and each tick has what it had for that process" python3 - <<-PY
		import sys
		from check_jsonl import load
		def of(path):
		    return {
		        (tick.timestamp, line["process"]["comm"]): line["process"]["tick"]["energy"]
		        for tick in load(path) for line in tick.lines if line["process"]["pid"] == $$
		    }
		whole, part = of("live.jsonl"), of("other.jsonl")
		ran = {key: value for key, value in whole.items() if value["value"]}
		bad = [key for key in ran if ran[key] != part.get(key)]
		sys.exit(f"{bad} of {len(ran)}" if bad or not ran else 0)
	PY
}

# says NAME WORDS COMMAND...: exit 1, one line on standard error with these words in it
says() {
	local name=$1 words=$2
	shift 2
	"$@" >bad.out 2>bad.err </dev/null
	check "$name" "1 1 1" "$? $(wc -l <bad.err) $(grep -c -e "$words" bad.err)"
}

test_bad_records() {
	local size lines
	: >empty.rec
	says "an empty record" "empty.rec: the file is empty" "$energytrace" replay empty.rec
	head -c 4096 /dev/urandom >binary.rec
	says "a file that is no record" "binary.rec: not an energytrace record" "$energytrace" replay binary.rec
	says "a program" "not an energytrace record" "$energytrace" replay "$energytrace"
	says "a record that is not there" "cannot open .*no.rec: No such file" "$energytrace" replay no.rec
	says "a directory" "directory" "$energytrace" replay .
	{ echo "energytrace-record version=99" && tail -n +2 live.rec; } >newer.rec
	says "a newer record" "version 99" "$energytrace" replay newer.rec
	sed 's/^span cpu=0 busy_ns=[0-9]*/span cpu=0 busy_ns=x/' live.rec >bad.rec
	says "a line that is wrong is named" "bad.rec:[0-9]*: span" "$energytrace" replay bad.rec

	size=$(wc -c <live.rec)
	head -c $((size / 2)) live.rec >cut.rec
	says "a record that was cut" "cut.rec: the record ends in the middle of" \
		"$energytrace" replay -o jsonl:cut.jsonl -o table:cut.table cut.rec
	lines=$(wc -l <cut.jsonl)
	check_says "a record that was cut, its whole ticks" check_jsonl --window 3 cut.jsonl
	check "a record that was cut, the same lines as far as it goes" "$(head -n "$lines" live.jsonl | cksum)" \
		"$(cksum <cut.jsonl)"
	check "a record that was cut, the totals of that" 1 "$(grep -c '^total of ' cut.table)"
	head -c 100 live.rec >head.rec
	says "a record that ends in its head" "in the middle of its head" "$energytrace" replay head.rec
	says "a full disk" "No space left" "$energytrace" replay -o jsonl:/dev/full live.rec
}

simulate -p 20,dram=3 --psys 45
record_run
test_same_bytes
test_nobody
test_other_options
test_bad_records
stop_simulation
# The same without joules.
trace none -s none -p $$ -i 0.1 -n 2 -o jsonl:none.jsonl -o record:none.rec
finish none
"$energytrace" replay -o jsonl none.rec >again.jsonl
check_true "replay without an energy source" "$(cmp none.jsonl again.jsonl 2>&1)" \
	cmp -s none.jsonl again.jsonl
summary

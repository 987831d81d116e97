#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# tools/raplsim against the clock, the file system and its own word. Prints "ok NAME", "not ok NAME:
# why" or "skip NAME: why" for each check; fails if one did. No check waits for a time to pass: what
# is compared is the counters and clocks of one and the same run.
set -u
export LC_ALL=C

raplsim=$(realpath "${BUILD:-build}")/raplsim
work=$(mktemp -d) || exit 1
failed=0
pid=

# shellcheck disable=SC2317 # by the trap
finish() {
	[ -z "$pid" ] || kill "$pid" 2>/dev/null
	rm -rf "$work"
}
trap finish EXIT
cd "$work" || exit 1

ok() { echo "ok $1"; }
not_ok() {
	echo "not ok $1: $2"
	failed=1
}
skip() { echo "skip $1: $2"; }

# Lines to words.
words() { paste -sd ' '; }
entries() { find "$1" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | words; }

# check NAME EXPECTED ACTUAL
check() {
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "expected '$2', got '$3'"; fi
}

# check_true NAME WHY COMMAND...
check_true() {
	local name=$1 why=$2
	shift 2
	if "$@"; then ok "$name"; else not_ok "$name" "$why"; fi
}

# Starts raplsim in the background; its lines can be read from descriptor 3. Waits for "ready".
start() {
	local line
	rm -f lines && mkfifo lines
	"$raplsim" "$@" >lines 2>errors &
	pid=$!
	exec 3<lines
	IFS= read -r -t 10 line <&3
	[ "${line%% *}" = ready ] || not_ok start "no 'ready' from raplsim $*: $(cat errors)"
}

stop() {
	kill "${1:--TERM}" "$pid" 2>/dev/null
	wait "$pid"
	status=$?
	pid=
	exec 3<&-
}

# Sends a signal, waits until raplsim says that the tree has changed, and leaves its line in $line.
turn() {
	kill "-$1" "$pid"
	IFS= read -r -t 10 line <&3 || line="nothing"
}

counter() { cat "$1/class/powercap/$2/energy_uj"; }

# Waits until the counter has another value (the next period), at most as long as 5,000 looks take.
moves() {
	local before now
	before=$(counter "$1" "$2")
	for _ in $(seq 5000); do
		now=$(counter "$1" "$2")
		[ "$now" = "$before" ] || return 0
	done
	return 1
}

test_usage() {
	local args bad=0
	while IFS= read -r args; do
		# shellcheck disable=SC2086 # the words of a line are arguments
		"$raplsim" $args >out 2>err </dev/null
		if [ $? != 2 ] || [ "$(wc -l <err)" != 1 ] || [ -s out ] || [ -e no ]; then
			not_ok usage "'$args' is not exit 2 with one line: $(head -1 err)"
			bad=1
		fi
	done <<-'LINES'

		--bogus no
		no no2
		-p 20w no
		-p -1 no
		-p 20,watts=3 no
		-p 20,mirror no
		-p 20,dies=2,mirror=1 no
		-p 20,dies no
		-p 20,dies=9 no
		-p 20,range=0 no
		-p 20,range=1,start=2 no
		-p 20,cpus=0-x no
		-p 20,cpus=1048575 no
		-p 20,cpus=0 -p 20,cpus=0 no
		-p 20,at=5 no
		-p 20,at=2:1,1:2 no
		-p 20,at=2:1,busy=3 no
		-f 1:package-0 no
		-f 1:package-7:eio no
		-f 2-1:package-0:eio no
		-f 1-2:package-0:reset no
		-f 1:package-0:melted no
		--period 0 no
		-d no
		--once -d 1 no
		--once no -- true
		no --
	LINES
	[ $bad = 1 ] || ok "usage: what is wrong is said in one line, exit 2, nothing made"
	"$raplsim" --help >out 2>err
	check "usage: --help succeeds and fits a screen" "0 1" "$? $(($(wc -l <out) <= 40))"
}

test_layout() {
	local class=static/class/powercap online
	"$raplsim" --once -p 20,core=5,uncore=1,dram=3,start=5 -p 30,range=1.5 --psys 60 --mmio static
	check "layout: --once succeeds" 0 $?
	check "layout: names of the zones" \
		"package-0 core uncore dram package-1 psys package-0" \
		"$(cd $class && cat intel-rapl:0/name intel-rapl:0:{0,1,2}/name \
			intel-rapl:{1,2}/name intel-rapl-mmio:0/name | words)"
	check "layout: subzones are links into their package" \
		"$(realpath static)/devices/virtual/powercap/intel-rapl/intel-rapl:0/intel-rapl:0:2" \
		"$(realpath $class/intel-rapl:0:2)"
	check "layout: links are relative" 0 "$(find static -lname '/*' | wc -l)"
	check "layout: start= and range=" "5000000 1500000 262143328850" \
		"$(echo "$(counter static intel-rapl:0)" \
			"$(cat $class/intel-rapl:{1,0}/max_energy_range_uj)" | words)"
	check "layout: mmio repeats package 0" "$(counter static intel-rapl:0)" \
		"$(counter static intel-rapl-mmio:0)"
	check "marker: its first line" "raplsim 1" "$(head -1 static/raplsim)"
	check "marker: its arguments" 1 "$(grep -c -- '--once -p 20,core=5' static/raplsim)"
	online=$(cat /sys/devices/system/cpu/online)
	check "topology: the machine's CPUs" "$online" "$(cat static/devices/system/cpu/online)"
	if [ "$online" = 0 ]; then
		skip "topology: two packages" "one CPU"
		return
	fi
	check "topology: two packages" "0 1" \
		"$(sort -u static/devices/system/cpu/cpu*/topology/physical_package_id | words)"
	"$raplsim" --once -p 20,dies=2,mirror static
	check "topology: two dies of one package" "0 0 1" \
		"$(cd static/devices/system/cpu && echo "$(sort -u cpu*/topology/physical_package_id)" \
			"$(sort -u cpu*/topology/die_id | words)")"
	check "layout: a former tree is replaced, and dies mirror" \
		"package-0-die-0 package-0-die-1 intel-rapl intel-rapl:0 intel-rapl:1" \
		"$(words <<<"$(cat $class/intel-rapl:?/name)") $(entries $class)"
	check "layout: mirrored counters are equal" "$(counter static intel-rapl:0)" \
		"$(counter static intel-rapl:1)"
}

test_directory() {
	mkdir foreign empty && echo mine >foreign/file
	"$raplsim" --once foreign 2>err
	check "directory: a foreign one is refused and left alone" "1 1 file" \
		"$? $(wc -l <err) $(entries foreign)"
	echo "not raplsim" >foreign/raplsim
	"$raplsim" --once foreign 2>err
	check "directory: so is one with a false marker" "1 not raplsim" "$? $(cat foreign/raplsim)"
	"$raplsim" -d 0.01 --rm empty >/dev/null
	check "directory: --rm leaves one that was there, empty" "0 0" "$? $(find empty -mindepth 1 | wc -l)"
	"$raplsim" -d 0.01 --rm made >/dev/null
	check "directory: --rm removes one it made" "0 1" "$? $([ -e made ] && echo 0 || echo 1)"
	start -p 20 busy
	"$raplsim" -d 0.01 busy >/dev/null 2>err
	check "directory: two do not feed one" "1 1" "$? $(grep -c 'another raplsim' err)"
	stop
	check "directory: SIGTERM ends with 0 and leaves the tree" "0 package-0" \
		"$status $(cat busy/class/powercap/intel-rapl:0/name)"
}

# The end is exactly that of --duration, so these are equalities.
test_exact() {
	local first=7919123457
	"$raplsim" -p 20,dram=2 -p 10,at=0.05:50,0.1:0 -d 0.15 --period 0.02 --summary exact \
		>/dev/null 2>err
	check "exact: joules of constant watts and of steps" \
		"package-0 3.000000 dram 0.300000 package-1 3.000000" \
		"$(cut -d ' ' -f 1,3 err | words)"
	check "exact: the counter ends at start + joules" $((first + 3000000)) \
		"$(counter exact intel-rapl:0)"
	"$raplsim" -p 20,range=1 -d 0.13 exact >/dev/null
	check "exact: it wraps at range + 1" \
		$(((first % 1000001 + 2600000) % 1000001)) "$(counter exact intel-rapl:0)"
	"$raplsim" -p 20 -f 0.1:package-0:reset -d 0.15 --summary exact >out 2>err
	check "exact: a reset counts from 0 and is no loss of the true joules" \
		"1000000 3.000000 begin 0.1:package-0:reset" \
		"$(counter exact intel-rapl:0) $(cut -d ' ' -f 3 err) $(tail -1 out)"
	"$raplsim" -p 20 -f 0.02-0.1:package-0:stuck -d 0.15 exact >/dev/null
	check "exact: a stuck counter loses nothing" $((first + 3000000)) \
		"$(counter exact intel-rapl:0)"
}

# Two bunches of reads; the freshest of each bunch is at most about a period old.
test_rate() {
	"$raplsim" -p 20,dram=4 -p 35 rate -- python3 - <<-'PY'
		import os, sys, time
		zones = {"intel-rapl:0": 20, "intel-rapl:0:0": 4, "intel-rapl:1": 35}
		def offset(zone, watts):
		    best = None
		    end = time.monotonic() + 0.03
		    while time.monotonic() < end:
		        path = os.environ["RAPLSIM_DIR"] + "/class/powercap/" + zone + "/energy_uj"
		        value = int(open(path).read()) / 1e6
		        ahead = value - watts * time.monotonic()
		        best = ahead if best is None else max(best, ahead)
		    return best
		first = {z: offset(z, w) for z, w in zones.items()}
		time.sleep(0.5)
		for zone, watts in zones.items():
		    off_s = abs(offset(zone, watts) - first[zone]) / watts
		    if off_s > 0.003:
		        sys.exit(f"{zone} is {off_s * 1e3:.1f} ms of its watts off the clock")
	PY
	check "rate: three counters go with CLOCK_MONOTONIC to 3 ms" 0 $?
}

# One counter wraps every 50 ms from seven digits to few, the other shows 0 to 99 at random.
test_whole_numbers() {
	"$raplsim" -p 100,range=5 -p 20,range=0.000099 whole -- python3 - <<-'PY'
		import os, re, sys, time
		base = os.environ["RAPLSIM_DIR"] + "/class/powercap/intel-rapl:"
		def read(path):
		    fd = os.open(path, os.O_RDONLY)
		    try: return os.read(fd, 64)
		    finally: os.close(fd)
		number = re.compile(rb"(0|[1-9][0-9]*)\n")
		last, changed, wraps, reads, values = None, time.monotonic(), 0, 0, set()
		end = time.monotonic() + 1.5
		while time.monotonic() < end:
		    reads += 1
		    before = time.monotonic()
		    text, small = read(base + "0/energy_uj"), read(base + "1/energy_uj")
		    after = time.monotonic()
		    if not number.fullmatch(text) or int(text) > 5000000:
		        sys.exit(f"read {text}")
		    if not number.fullmatch(small) or int(small) > 99:
		        sys.exit(f"read {small}")
		    values.add(int(small))
		    now = int(text)
		    if last is None: last = now
		    step = (now - last) % 5000001
		    # A step back is nearly a whole range forward: more than 100 W can have given.
		    if step > 100e6 * (after - changed + 0.02):
		        sys.exit(f"{last} -> {now} in {after - changed:.6f} s")
		    if step:
		        wraps += now < last
		        last, changed = now, before
		if reads < 3000 or wraps < 10 or len(values) < 30:
		    sys.exit(f"{reads} reads, {wraps} wraps, {len(values)} values: too few to tell")
	PY
	check "whole: thousands of reads across wraps see only valid, rising numbers" 0 $?
}

test_faults() {
	local before class=faults/class/powercap
	start -p 20,dram=3 -p 30 -f usr1-usr1:intel-rapl:0:0:eio -f usr2-usr2:package-0:removed faults
	turn USR1
	check "fault: eio begins" "begin usr1-usr1:intel-rapl:0:0:eio" "$line"
	check_true "fault: eio is EIO" "$(cat err)" \
		sh -c "! cat $class/intel-rapl:0:0/energy_uj 2>err && grep -q 'Input/output error' err"
	check_true "fault: eio leaves the others" "package-0 stands" moves faults intel-rapl:0
	turn USR1
	check_true "fault: eio ends" "$line" moves faults intel-rapl:0:0
	turn USR2
	check "fault: removed takes the zone with what is in it" \
		"begin usr2-usr2:package-0:removed: intel-rapl intel-rapl:1" \
		"$line: $(entries $class)"
	check "fault: removed takes the directory too" "enabled intel-rapl:1" \
		"$(entries faults/devices/virtual/powercap/intel-rapl)"
	turn USR2
	check_true "fault: removed ends" "$line" moves faults intel-rapl:0:0
	stop

	start -p 20 -p 30 -f usr1-usr1:package-0:stuck -f usr2-usr2:package-1:unreadable faults
	turn USR1
	before=$(counter faults intel-rapl:0)
	moves faults intel-rapl:1
	check "fault: stuck stands" "$before" "$(counter faults intel-rapl:0)"
	turn USR1
	check_true "fault: stuck ends" "$line" \
		test "$(counter faults intel-rapl:0)" -gt "$before"
	turn USR2
	check "fault: unreadable has mode 0" 0 "$(stat -c %a $class/intel-rapl:1/energy_uj)"
	if [ "$(id -u)" = 0 ]; then
		skip "fault: unreadable is EACCES" "root reads everything"
	else
		check_true "fault: unreadable is EACCES" "could read it" \
			sh -c "! cat $class/intel-rapl:1/energy_uj 2>err && grep -q denied err"
	fi
	turn USR2
	check "fault: unreadable ends" 444 "$(stat -c %a $class/intel-rapl:1/energy_uj)"
	stop -INT
	check "fault: SIGINT ends with 0" 0 "$status"

	"$raplsim" -f 0:package-0:removed faults -- sh -c "ls $class" >out
	check "fault: one of time 0 is there before the command" intel-rapl "$(cat out)"
	"$raplsim" --once -f 0:package-0:eio faults
	check "fault: and in a tree that stands still" 1 \
		"$(counter faults intel-rapl:0 2>&1 | grep -c 'Input/output error')"
}

test_command() {
	umask 022
	# shellcheck disable=SC2016 # for the command's shell
	"$raplsim" command -- sh -c 'test -e "$RAPLSIM_DIR/class/powercap/intel-rapl:0/energy_uj" &&
		test "$RAPLSIM_DIR" = "$PWD/command" && exit 7' >out
	check "command: its status, its environment, its standard output" "7 " "$? $(cat out)"
	"$raplsim" command -- ./nothing 2>err
	check "command: 127 when it is not there" "127 1" "$? $(wc -l <err)"
	"$raplsim" command -- ./command/raplsim 2>err
	check "command: 126 when it cannot be executed" "126 1" "$? $(wc -l <err)"
	"$raplsim" command -- sh -c 'kill -TERM $$'
	check "command: 128 + the signal that ended it" 143 $?
	"$raplsim" -d 0.05 command -- sleep 30
	check "command: --duration ends it" 143 $?
	rm -f lines && mkfifo lines
	"$raplsim" --rm command -- sh -c 'echo up; exec sleep 30' >lines &
	pid=$!
	read -r _ <lines
	kill "$pid"
	wait "$pid"
	check "command: SIGTERM is passed on, and --rm is done after" "143 1" \
		"$? $([ -e command/raplsim ] && echo 0 || echo 1)"
	pid=
}

# Package 0 is the CPU that a loop runs on. Its joules have to be those that /proc/stat explains.
test_load() {
	local cpu others
	cpu=$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')
	others=$(python3 -c "
import os, sys
def cpus(text):
    for part in text.split(','):
        low, _, high = part.partition('-')
        yield from range(int(low), int(high or low) + 1)
online = open('/sys/devices/system/cpu/online').read()
print(','.join(str(c) for c in cpus(online) if c != $cpu))")
	taskset -c "$cpu" "$raplsim" -p 0,busy=100,cpus="$cpu" \
		${others:+-p 0,busy=100,cpus="$others"} load -- python3 - "$cpu" <<-'PY'
		import os, sys, time
		cpu, path = sys.argv[1], os.environ["RAPLSIM_DIR"] + "/class/powercap/intel-rapl:0/energy_uj"
		def now():
		    for line in open("/proc/stat"):
		        word = line.split()
		        if word[0] == "cpu" + cpu:
		            ticks = [int(t) for t in word[1:9]]
		            idle = ticks[3] + ticks[4]
		            return int(open(path).read()) / 1e6, sum(ticks) - idle, sum(ticks), time.monotonic()
		first = now()
		end = first[3] + 1
		while time.monotonic() < end: pass
		joules, busy, total, seconds = (b - a for a, b in zip(first, now()))
		expected = 100 * busy / total * seconds
		# The load is known a tenth of a second late.
		if abs(joules - expected) > 25 or joules < 50:
		    sys.exit(f"{joules:.1f} J where /proc/stat says {expected:.1f}")
	PY
	check "load: joules follow a busy loop as /proc/stat does" 0 $?
}

if [ ! -x "$raplsim" ]; then
	not_ok raplsim "$raplsim is not built"
	exit 1
fi
test_usage
test_layout
test_directory
test_exact
test_faults
test_command
if command -v python3 >/dev/null; then
	test_rate
	test_whole_numbers
	test_load
else
	skip "rate, whole, load" "no python3"
fi
exit $failed

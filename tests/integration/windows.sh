#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Windows of single calls, by real probes: programs/windows.c makes calls and says what it did,
# programs/windows_driver.c tells of the windows it saw.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need root pids

if [ ! -d /sys/bus/event_source/devices/uprobe ]; then
	skip windows "this kernel has no probes in programs"
	exit 0
fi
root=$here/../..
build windows windows_early
"${CC:-cc}" -O2 -D_GNU_SOURCE -I"$root/user" -o windows_driver "$here/programs/windows_driver.c" \
	"$build/libenergytrace.a" -lbpf -lelf -lz -ljson-c -lm || {
	not_ok windows_driver "programs/windows_driver.c does not compile"
	exit 1
}

# A kernel that runs no BPF for some of its tasks hides switches, and on-CPU times with them.
unresolved_allowed=0
"$energytrace" sources 2>/dev/null | grep -q 'no BPF for some of its tasks' && unresolved_allowed=2

declare -A given=()

# watch PROGRAM MODE N [OPTION...] -- SPEC...: what the driver told of is in windows.log, what the
# program said in `given`; fails with the driver's sentence in $line.
watch() {
	local program=$1 mode=$2 n=$3 options=() key value
	shift 3
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	given=()
	: >windows.log
	launch target "$program" "$mode" "$n"
	hear target
	launch driver ./windows_driver "${options[@]}" -o windows.log "${pids[target]}" "$@"
	hear driver
	if [ "$line" != ready ]; then
		finish driver
		finish target
		return 1
	fi
	interrupted=$(interrupted_ns "${cpus[@]}")
	tell target go
	while hear target && [ "$line" != "done" ]; do
		read -r key value <<<"$line"
		given[$key]=$value
	done
	interrupted=$(interrupted_since "$interrupted" "${cpus[@]}")
	finish target
	finish driver
}

# count KEY [FUNCTION]: of the totals
count() {
	awk -v key="$1" -v function_="${2:-0}" '
		$1 == "totals" && $2 == "function=" function_ {
			for (i = 3; i <= NF; i++) if (split($i, pair, "=") && pair[1] == key) print pair[2]
		}' windows.log
}

# total KEY [CONDITION]: the sum over the windows for which the awk condition on w[KEY] holds
total() {
	awk -v key="$1" '$1 == "window" {
		for (i = 2; i <= NF; i++) { split($i, pair, "="); w[pair[1]] = pair[2] }
		if ('"${2:-1}"') sum += key == "n" ? 1 : w[key]
	} END { printf "%.0f\n", sum }' windows.log
}

# near NAME EXPECTED ACTUAL PERCENT: the probes' own cost is on top, so it is upwards mostly
near() {
	if [ "$(total unresolved)" -gt 0 ] && [ "$unresolved_allowed" -gt 0 ]; then
		skip "$1" "a switch went unseen on this kernel"
		return
	fi
	check_true "$1" "expected $2, got $3, interrupted $interrupted" \
		awk -v a="$2" -v b="$3" -v percent="$4" -v interrupted="$interrupted" 'BEGIN {
			exit !(b >= a * (1 - percent / 100) && b <= a * (1 + percent / 100) + interrupted)
		}'
}

# resolved NAME
resolved() {
	check_true "$1: CPU time is known" "$(count unresolved) of $(count begun) are not" \
		test "$(count unresolved)" -le $(($(count begun) * unresolved_allowed / 100 + unresolved_allowed))
}

balance() { # NAME FUNCTION
	check "$1: each is accounted for" "$(count begun "$2")" \
		$(($(count ended "$2") + $(count dropped "$2") + $(count abandoned "$2") + $(count too_deep "$2")))
}

exact() {
	watch ./windows quick 1000 -- -f ./windows:quick || not_ok "one thread" "$line"
	check "one thread" 1000 "$(count ended)"
	check "one thread: each is told" 1000 "$(total n 'w["pid"] == w["tid"] && w["depth"] == 0')"
	check "one thread: resident set" 1000 "$(total n 'w["rss"] > 200000 && w["rss"] < 1e8')"
	watch ./windows threads 10000 -- -f ./windows:quick
	check "four threads" 40000 "$(count ended)"
	check "four threads: each is told" 40000 "$(total n)"
	check "four threads: of threads" 4 "$(grep -o 'tid=[0-9]*' windows.log | sort -u | wc -l)"
	resolved "four threads"
}

cpu_time() {
	watch ./windows work 1 -- -f ./windows:work -f ./windows:nap
	check "CPU time: calls" "20 20" "$(count ended 0) $(count ended 1)"
	near "CPU time: the threads' own clocks" "${given[cpu_ns]}" "$(total cpu)" 1
	check "CPU time: asleep is no part of it" 20 \
		"$(total n 'w["function"] == 1 && w["end"] - w["begin"] > w["cpu"] + 1900000')"
}

# The thread's time is in several rows, one of each cgroup.
cgroups() {
	local mount=/sys/fs/cgroup/unified a b
	[ -e "$mount/cgroup.procs" ] || mount=/sys/fs/cgroup
	a=$mount/energytrace-windows-$$-a b=$mount/energytrace-windows-$$-b
	if ! mkdir "$a" "$b" 2>/dev/null || [ ! -e "$a/cgroup.procs" ]; then
		rmdir "$a" "$b" 2>/dev/null
		skip "moved between cgroups" "no v2 cgroup can be made here"
		return
	fi
	CGROUP_A=$a/cgroup.procs CGROUP_B=$b/cgroup.procs watch ./windows wander 20 -- -f ./windows:wander
	rmdir "$a" "$b"
	check "moved between cgroups" 1 "$(count ended)"
	near "moved between cgroups: CPU time" "${given[cpu_ns]}" "$(total cpu)" 1
}

nested() {
	watch ./windows recurse 50 -- -f ./windows:recurse
	check "recursion" "50 0" "$(count ended) $(count abandoned)"
	check "recursion: depths" 1225 "$(total depth)"
	check "recursion: own times are the outermost's" "$(total cpu 'w["depth"] == 0')" "$(total own)"
	watch ./windows recurse 100 -- -f ./windows:recurse
	check "deep recursion" "64 36" "$(count ended) $(count too_deep)"
	balance "deep recursion" 0
	watch ./windows nested 10 -- -f ./windows:outer -f ./windows:inner -f ./windows:work
	check "nested" "10 20 30" "$(count ended 0) $(count ended 1) $(count ended 2)"
	check "nested: own times are the outermost's" "$(total cpu 'w["depth"] == 0')" "$(total own)"
	near "nested: work's time" "${given[cpu_ns]}" "$(total cpu 'w["function"] == 2')" 1
	watch ./windows tail 10 -- -f ./windows:tail -f ./windows:work
	check "a jump in place of a call" "10 10 0 0" \
		"$(count ended 0) $(count ended 1) $(count abandoned 0) $(count abandoned 1)"
	check "a jump in place of a call: depths" 10 "$(total n 'w["function"] == 1 && w["depth"] == 1')"
}

left() {
	watch ./windows leaps 10 -- -f ./windows:leap -f ./windows:leap_outer
	check "longjmp" "32 12 20" "$(count begun) $(count ended) $(count abandoned)"
	check "longjmp: two frames at once" "11 1 10" "$(count begun 1) $(count ended 1) $(count abandoned 1)"
	watch ./windows cuts 1 -C -- -f ./windows:exits
	check "exit, thread's exit and exec in a call" "3 0 3" \
		"$(count begun) $(count ended) $(count abandoned)"
	watch ./windows fork 1 -- -f ./windows:forks -f ./windows:quick
	check "fork in a call: the parent's" "1 1" "$(count ended 0) $(count ended 1)"
	check "fork in a call: the child's return" 1 "$(count unmatched 0)"
	watch ./windows fork 1 -C -- -f ./windows:forks -f ./windows:quick
	check "fork in a call, descendants too" "1 2" "$(count ended 0) $(count ended 1)"
	check "fork in a call, descendants too: of two processes" 2 \
		"$(grep 'window function=1' windows.log | grep -o 'pid=[0-9]*' | sort -u | wc -l)"
}

# A child, and a thread that executes another program, both older than the probes.
early() {
	watch ./windows_early early 1 -C -- -f ./windows_early:quick
	check "descendants and threads that were there before" "2 2" \
		"$(count ended) $(grep 'window function=0' windows.log | grep -o 'pid=[0-9]*' | sort -u | wc -l)"
}

# No room for most: the program runs on, and they are counted.
dropped() {
	watch ./windows quick 20000 -r 4096 -- -f ./windows:quick
	check "no room: the program is not kept" 20000 "$(count begun)"
	check "no room: some are told" "$(count ended)" "$(total n)"
	check_true "no room: the others are counted" "$(count dropped) dropped" test "$(count dropped)" -gt 19000
	balance "no room" 0
}

binaries() {
	watch ./windows sorts 100 -- -f libc.so.6:qsort || not_ok "a shared library by its soname" "$line"
	check "a shared library by its soname" 100 "$(count ended)"
	if "${CC:-cc}" -O2 -static -D_GNU_SOURCE -pthread -o static "$here/programs/windows.c" 2>/dev/null; then
		watch ./static quick 100 -- -f ./static:quick || not_ok "a static program" "$line"
		check "a static program" 100 "$(count ended)"
		watch ./static sorts 10 -- -f ./static:qsort
		check "a static program's library function" 10 "$(count ended)"
	else
		skip "a static program" "there is no static C library"
	fi
	"${CC:-cc}" -O2 -no-pie -fno-pie -D_GNU_SOURCE -pthread -o fixed "$here/programs/windows.c"
	watch ./fixed quick 100 -- -f ./fixed:quick
	check "a program at a fixed address" 100 "$(count ended)"
	watch ./windows quick 100 -- -f "$work/windows:quick"
	check "by its whole path" 100 "$(count ended)"
	strip -o stripped windows
	watch ./stripped quick 1 -- -f ./stripped:quick
	check "a stripped program" "error ./stripped has no names of functions: it is stripped; one that is \
not, or markers (--window-usdt), can be traced" "$line"
}

mistakes() {
	watch ./windows quick 1 -- -f ./windows:quik
	check "a slip" "error ./windows has no function quik; near it: quick" "$line"
	watch ./windows quick 1 -- -f ./windows:qsort
	check "imported" "error ./windows only calls qsort: name the library that has it (as in \
libc.so.6:qsort)" "$line"
	watch ./windows quick 1 -- -f libnone.so:f
	check "no such library" "error the process has no file libnone.so mapped: give its path, or the name \
of a library that it has loaded" "$line"
	watch ./windows quick 1 -- -f ./none:f
	check "no such file" "error cannot read ./none: No such file or directory" "$line"
	"${CC:-cc}" -O2 -g -D_GNU_SOURCE -pthread -o debug "$here/programs/windows.c"
	watch ./debug quick 1 -- -f ./debug:always_inlined
	check "inlined" "error ./debug has no function always_inlined of its own: it was probably inlined \
wherever it is called (__attribute__((noinline)) keeps it)" "$line"
}

usdt() {
	if ! "${CC:-cc}" -O2 -DWITH_MARKERS -D_GNU_SOURCE -pthread -o marked "$here/programs/windows.c" 2>/dev/null; then
		skip "markers" "needs sys/sdt.h (systemtap-sdt-dev)"
		return
	fi
	watch ./marked markers 100 -- -m windows:begin:end || not_ok "markers" "$line"
	check "markers" "100 75 25" "$(count begun) $(count ended) $(count abandoned)"
	watch ./marked markers 1 -- -m windows:begin:ned
	check "a marker that is not there" "error windows has no marker ned; it has: begin, end" "$line"
	watch ./marked markers 1 -- -m window:begin:end
	check "a provider that is not there" "error there are no markers (USDT) of window in the program \
and its libraries" "$line"
}

exact
cpu_time
cgroups
nested
left
early
dropped
binaries
mistakes
usdt
summary

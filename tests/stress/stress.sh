#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The ledger under the loads of tests/stress: nothing is lost but by name, whatever is born, dies,
# execs, switches or moves, and what processes are told to have used is what the kernel counted.
# tests/stress/oracles.py says what the two may differ by. Lines that begin with # are figures.
#
#   make stress STRESS="PART..."   fork vfork exec exec-thread reuse threads uring pipe futex sleepers affinity
#                         cgroups storm hotplug full-ledger full-hash hash births-fail outside crowd
#                         births births-one;
#                         all of these without a word, and `long`
# shellcheck source-path=SCRIPTDIR source=../integration/lib.sh
. "$(dirname "$0")/../integration/lib.sh"
need root pids python3 cc taskset

stress=$here/../stress
cpu_online=/sys/devices/system/cpu/cpu1/online
cgroup=energytrace-stress-$$
v1=$(awk '$3 == "cgroup" && $4 ~ /(^|,)cpuacct(,|$)/ { print $2; exit }' /proc/self/mounts)
v2=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
pid_max=$(cat /proc/sys/kernel/pid_max)
hz=$(getconf CLK_TCK)
was_online=$(cat "$cpu_online" 2>/dev/null)

# Whatever happens: the CPU on, nothing of ours left in the cgroups, limits as they were.
# shellcheck disable=SC2317 # by the trap
put_back() {
	[ "$BASHPID" = $$ ] || return
	[ "$was_online" != 1 ] || [ "$(cat "$cpu_online")" = 1 ] || echo 1 >"$cpu_online"
	[ "$(cat /proc/sys/kernel/pid_max)" = "$pid_max" ] || echo "$pid_max" >/proc/sys/kernel/pid_max
	local top
	for top in $v1 $v2; do
		[ -d "$top/$cgroup" ] || continue
		for _ in $(seq 100); do
			cat "$top/$cgroup"/cgroup.procs "$top/$cgroup"/*/cgroup.procs 2>/dev/null |
				xargs -r kill -KILL 2>/dev/null
			rmdir "$top/$cgroup"/*/ "$top/$cgroup" 2>/dev/null
			[ -d "$top/$cgroup" ] || break
			sleep 0.02
		done
	done
}
trap 'clean_up; put_back' EXIT

# says NAME CHECK ARGUMENT...: one of oracles.py; its figures are told also if it holds.
says() {
	local name=$1 why
	shift
	if why=$(python3 "$stress/oracles.py" "$@" 2>&1); then
		ok "$name"
		echo "# $name: $why"
	else
		not_ok "$name" "$(tail -n 3 <<<"$why" | paste -sd ';')"
	fi
}

# The cgroups that can be made here: "KIND=PATH" words, the directory of the load in each.
cgroups=()
make_cgroups() {
	if [ -n "$v1" ] && mkdir "$v1/$cgroup" 2>/dev/null; then
		cgroups+=("cpuacct=$v1/$cgroup")
	fi
	if [ -n "$v2" ] && mkdir "$v2/$cgroup" 2>/dev/null; then
		cgroups+=("v2=$v2/$cgroup")
	fi
}

# CPU time of a cgroup and all below it, in ns.
usage_of() { # KIND=PATH
	case $1 in
	cpuacct=*) cat "${1#*=}/cpuacct.usage" ;;
	*) awk '$1 == "usage_usec" { printf "%.0f\n", $2 * 1000 }' "${1#*=}/cpu.stat" ;;
	esac
}

# Time of all tasks on all CPUs but what was stolen, in ns, or nothing.
all_tasks_ns() {
	if [ -r /proc/schedstat ]; then
		awk '/^cpu[0-9]/ { sum += $8 } END { if (sum) printf "%.0f\n", sum }' /proc/schedstat
	elif [ -n "$v1" ]; then
		cat "$v1/cpuacct.usage"
	fi
}

# Of all CPUs since boot, in ns: interrupts and steal, as /proc/stat has them, and the steal alone.
upwards_ns() { awk -v hz="$hz" '$1 == "cpu" { printf "%.0f\n", ($7 + $8 + $9) * 1e9 / hz }' /proc/stat; }
stolen_ns() { awk -v hz="$hz" '$1 == "cpu" { printf "%.0f\n", $9 * 1e9 / hz }' /proc/stat; }

# shellcheck disable=SC2317 # by wait_for
asleep() { [ "$(awk '$1 == "State:" { print $2 }' "/proc/$1/status")" = S ]; }

ticks_in() { grep -c ^end "$1"; }
# shellcheck disable=SC2317 # by wait_for
ticks_are() { [ "$(ticks_in "$1")" -ge "$2" ]; }

# ready NAME LOAD ARGUMENT...: the load in the cgroups, waiting for its start.
ready() {
	local name=$1 files=() each
	load=$2
	shift
	for each in "${cgroups[@]}"; do files+=("${each#*=}/cgroup.procs"); done
	# shellcheck disable=SC2016 # of the inner shell
	launch "$name" sh -c 'while [ "$1" != -- ]; do echo $$ >"$1" && shift; done; shift; exec "$@"' \
		sh "${files[@]}" -- ./stress "$1" "$name.log" "${@:2}"
	wait_for grep -qx stress "/proc/${pids[$name]}/comm" && wait_for asleep "${pids[$name]}"
}

# follow NAME OPTION...: energytrace in the background, without energy, into NAME.jsonl. Returns when
# the start mark is out. (No table: nobody reads it before the end, so that the pipe would fill up.)
follow() {
	local name=$1
	shift
	launch "$name-trace" "$energytrace" -s none -o "jsonl:$name.jsonl" "$@"
	wait_for [ -s "$name.jsonl" ] && return
	not_ok "$name" "energytrace $* did not start: $(cat "$name-trace.err")"
	exit 1
}

# drive NAME HUNDREDTHS: runs the load that is ready, and leaves $work_done, $births, $witnesses (CPU
# time by the kernel), $upwards and $stolen of the run. Fails, and says so, where nothing came of it.
drive() {
	local name=$1 each before cpu_ns told_ns n_failed
	local -A usage=()
	witnesses='' upwards=$(upwards_ns) stolen=$(stolen_ns)
	for each in "${cgroups[@]}"; do usage[$each]=$(usage_of "$each"); done
	go "$2" "$name"
	for ((each = 0; each <= $2 / 6000; each++)); do # of 60 s
		hear "$name" && break
		line='no result'
	done
	case $line in
	[0-9]*) read -r work_done births cpu_ns told_ns n_failed <<<"$line" ;;
	unsupported*)
		skip "$name" "$line"
		return 1
		;;
	*)
		not_ok "$name" "$line $(cat "$name.err")"
		return 1
		;;
	esac
	[ "$n_failed" = 0 ] || not_ok "$name" "$n_failed calls of the load failed"
	for each in "${cgroups[@]}"; do
		before=${usage[$each]}
		witnesses+=${each%%=*}=$(($(usage_of "$each") - before)),
	done
	witnesses+=rusage=$cpu_ns
	[ "$load" != pipe ] || witnesses+=,schedstat=$told_ns
	# At most, as it is told in jiffies.
	upwards=$(($(upwards_ns) - upwards + 1000000000 / hz)) stolen=$(($(stolen_ns) - stolen))
}

# conclude NAME: ends the trace and the load.
conclude() {
	stop_trace "$1-trace"
	check "$1, exit status" "0 " "$status $(cat "$1-trace.err")"
	finish "$1"
}

# under NAME HUNDREDTHS PROCESSES LOAD-ARGUMENT...: one load, followed with all its descendants. Where
# PROCESSES is "each", every process it made has to be in the output.
under() {
	local name=$1 hundredths=$2 processes=$3 n_born
	shift 3
	ready "$name" "$name" "$@"
	follow "$name" -i 0.5 -C -p "${pids[$name]}" -o "record:$name.rec"
	if ! drive "$name" "$hundredths"; then
		conclude "$name"
		return 1
	fi
	conclude "$name"
	n_born=$births
	[ "$name" != threads ] || n_born=$work_done
	check_says "$name, $work_done times: each line and every sum" check_jsonl "$name.jsonl"
	says "$name, spans" spans "$name.jsonl" "$stolen"
	says "$name, CPU time" tree "$name.jsonl" "$witnesses" "$upwards" "$n_born"
	says "$name, losses" losses_small "$name.jsonl" "$most" switch-missed lookup-failed
	[ "$processes" != each ] || says "$name, each process" lives "$name.jsonl" "$name.log" "${pids[$name]}"
}

# --- one load at a time

reuse() {
	under reuse 150 each || return
	check_true "reuse, one pid for many" "only $work_done of $births" [ "$((work_done * 2))" -gt "$births" ]
}

# Moved to and fro among three cgroups below the load's own; each cgroup's sum is known too.
moves() {
	local home=${cgroups[0]:-} parts='' part
	if [ -z "$home" ]; then
		skip cgroups "no cgroup can be made here"
		return
	fi
	for part in a b c; do mkdir "${home#*=}/$part"; done
	under cgroups 300 each "${home#*=}"/{a,b,c}/cgroup.procs || return
	for part in a b c; do
		parts+=,/$cgroup/$part=$(usage_of "${home%%=*}=${home#*=}/$part")
	done
	says "cgroups, each one's CPU time" moves cgroups.rec "${parts#,}"
}

# Ten seconds of fork, pipe and futex on all CPUs, all processes listed.
storm() {
	local inner outer up
	ready storm storm
	outer=$(all_tasks_ns) up=$(upwards_ns)
	follow storm -i 0.5
	inner=$(all_tasks_ns)
	drive storm 1000
	[ -z "$inner" ] || inner=$(($(all_tasks_ns) - inner))
	conclude storm
	[ -z "$outer" ] || outer=$(($(all_tasks_ns) - outer))
	up=$(($(upwards_ns) - up))
	check_says "storm, $work_done times: each line and every sum" check_jsonl storm.jsonl
	says "storm, spans" spans storm.jsonl "$stolen"
	says "storm, losses" losses_small storm.jsonl "$most" switch-missed lookup-failed
	if [ -n "$outer" ]; then
		says "storm, idle time is measured" host storm.jsonl "$inner" "$outer" "$up"
	else
		skip "storm, idle time is measured" "neither /proc/schedstat nor a cpuacct cgroup to compare with"
	fi
}

# A CPU that goes and comes.
hotplug() {
	local toggler n
	if [ "$was_online" != 1 ] || ! echo 0 >"$cpu_online" 2>/dev/null; then
		skip hotplug "CPU 1 cannot be taken offline here"
		return
	fi
	echo 1 >"$cpu_online"
	ready hotplug storm
	follow hotplug -i 0.25 -C -p "${pids[hotplug]}" -o record:hotplug.rec
	(
		for state in 0 1 0 1; do
			sleep 0.6 # more than two ticks
			echo $state >"$cpu_online"
		done
	) &
	toggler=$!
	drive hotplug 400
	wait "$toggler"
	n=$(ticks_in hotplug.rec)
	wait_for ticks_are hotplug.rec $((n + 3))
	conclude hotplug
	says "hotplug, every sum" sums hotplug.jsonl
	says "hotplug, spans end with the CPU" hotplug hotplug.jsonl
	says "hotplug, nobody is told the time away" stoppers hotplug.rec
	says "hotplug, nor is it lost" lost_at_most hotplug.jsonl 100
	says "hotplug, CPU time" tree hotplug.jsonl "$witnesses" "$upwards" "$births"
	says "hotplug, losses" losses_small hotplug.jsonl "$most" switch-missed lookup-failed
}

# --- losses, each made to happen: seen in its counter, and every sum still exact

# lossy NAME LOAD ARGUMENTS OPTION...
lossy() {
	local name=$1 of=$2 arguments=$3
	shift 3
	# shellcheck disable=SC2086 # words
	ready "$name" "$of" $arguments
	follow "$name" -i 0.5 -C -p "${pids[$name]}" "$@"
	drive "$name" 150
	conclude "$name"
	check_says "$name, each line and every sum" check_jsonl "$name.jsonl"
	says "$name, spans" spans "$name.jsonl" "$stolen"
}

full_ledger() {
	lossy full-ledger fork "" --ledger-rows 64
	says "full-ledger, named" named full-ledger.jsonl ledger-full
}

# Without task storage the hash has as many slots as the ledger has rows.
full_hash() {
	lossy full-hash crowd 300 --ledger-rows 64 --ledger-without task-storage
	says "full-hash, named" named full-hash.jsonl hash-full
}

hash_alone() {
	lossy hash fork "" --ledger-without task-storage
	says "hash, nothing lost" losses_small hash.jsonl "$most" switch-missed
	says "hash, CPU time" tree hash.jsonl "$witnesses" "$upwards" "$births"
	says "hash, each process" lives hash.jsonl hash.log "${pids[hash]}"
}

# As if the program that makes a new task's storage had been skipped, or had got no memory: the hash
# stands in for each of them, and no time is lost.
failed_births() {
	lossy births-fail fork "" --ledger-without births
	says "births-fail, named" named births-fail.jsonl birth-failed lookup-failed
	says "births-fail, nothing lost" losses_small births-fail.jsonl "$most" birth-failed lookup-failed switch-missed
	says "births-fail, CPU time" tree births-fail.jsonl "$witnesses" "$upwards" "$births"
	says "births-fail, each process" lives births-fail.jsonl births-fail.log "${pids[births-fail]}"
}

# In a pid namespace the iterator shows nothing of what is outside: no storage, the hash stands in.
outside() {
	if ! unshare -pf --mount-proc true 2>/dev/null; then
		skip outside "no pid namespace can be made here"
		return
	fi
	ready outside pipe
	launch outside-trace unshare -pf --mount-proc --kill-child "$energytrace" -s none -i 0.5 -n 6 \
		-o jsonl:outside.jsonl
	wait_for [ -s outside.jsonl ] || not_ok outside "no start mark: $(cat outside-trace.err)"
	drive outside 150
	finish outside-trace
	check "outside, exit status" "0 " "$status $(cat outside-trace.err)"
	finish outside
	check_says "outside, each line and every sum" check_jsonl outside.jsonl
	says "outside, the look-up that failed is named" named outside.jsonl lookup-failed
	says "outside, no time is lost" losses_small outside.jsonl "$most" switch-missed lookup-failed
}

# --- scale

crowd() {
	[ "$pid_max" -ge 65536 ] || echo 65536 >/proc/sys/kernel/pid_max
	ulimit -u unlimited 2>/dev/null
	ready crowd crowd 20000
	follow crowd -i 1 -C -p "${pids[crowd]}" -o record:crowd.rec
	if ! drive crowd 300; then
		conclude crowd
		return
	fi
	conclude crowd
	check_says "crowd, each line and every sum" check_jsonl crowd.jsonl
	says "crowd, 20000 threads, each with its time" crowd crowd.rec "${pids[crowd]}" 20000
	says "crowd, CPU time" tree crowd.jsonl "$witnesses" "$upwards" "$work_done"
	says "crowd, losses" losses_small crowd.jsonl "$most" switch-missed lookup-failed
}

# births NAME [CPU]: a million births a minute, with the default ledger, on all CPUs or on one; the
# busiest are listed, the others summed.
births() {
	local name=$1
	ready "$name" births 17500
	[ -z "${2:-}" ] || taskset -cp "$2" "${pids[$name]}" >/dev/null
	follow "$name" -i 1 -t 50
	drive "$name" 1000
	conclude "$name"
	says "$name, every sum" sums "$name.jsonl"
	says "$name, spans" spans "$name.jsonl" "$stolen"
	says "$name, losses" losses_small "$name.jsonl" "$most" switch-missed lookup-failed
	if [ "$births" -ge 166000 ]; then
		ok "$name, a million a minute"
	else
		skip "$name, a million a minute" "this machine made $((births * 6)) a minute"
	fi
}

# Minutes of storm, with the busiest listed, the others summed: not one of the parts of a test run.
long() {
	local seconds=${LONG_SECONDS:-600}
	ready long storm
	follow long -i 1 -t 20
	drive long $((seconds * 100))
	conclude long
	says "long, every sum" sums long.jsonl
	says "long, spans within 10 ppm" spans long.jsonl "$stolen" 10
	says "long, losses" losses_small long.jsonl "$most" switch-missed lookup-failed
}

"${CC:-cc}" -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -pthread -isystem "$here/programs" -o stress "$stress"/*.c ||
	{ not_ok stress "tests/stress does not compile" && exit 1; }
make_cgroups
# On a kernel that runs no BPF programs for some of its own tasks, a little is lost wherever they run.
most=0
"$energytrace" sources 2>/dev/null | grep -q 'no BPF for some of its tasks' && most=0.01
[ ${#cgroups[@]} -gt 0 ] || skip "CPU time by cgroup" "no cgroup can be made here"
[ $# -gt 0 ] || set -- fork vfork exec exec-thread reuse threads uring pipe futex sleepers affinity cgroups \
	storm hotplug full-ledger full-hash hash births-fail outside crowd births births-one
for part in "$@"; do
	case $part in
	fork) under fork 150 each ;;
	vfork) under vfork 150 each ;;
	exec) under exec 150 each ;;
	exec-thread) under exec-thread 150 each ;;
	reuse) reuse ;;
	threads) under threads 150 each ;;
	uring) under uring 150 - ;;
	pipe) under pipe 150 each ;;
	futex) under futex 150 each ;;
	sleepers) under sleepers 150 - 3000 ;;
	affinity) under affinity 150 - ;;
	cgroups) moves ;;
	storm) storm ;;
	hotplug) hotplug ;;
	full-ledger) full_ledger ;;
	full-hash) full_hash ;;
	hash) hash_alone ;;
	births-fail) failed_births ;;
	outside) outside ;;
	crowd) crowd ;;
	births) births births ;;
	births-one) births births-one "${cpus[0]}" ;;
	long) long ;;
	*) not_ok "$part" "there is no such part" ;;
	esac
done
summary

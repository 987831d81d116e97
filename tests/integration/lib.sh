# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What the integration tests share; each sources this file first. A test prints "ok NAME", "not ok
# NAME: why" or "skip NAME: why" for each check and fails if one did. No test waits for a time to
# pass: it waits for lines, for the end of a process, or (wait_for) for a state, with a bound.
set -u
export LC_ALL=C

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
build=$(realpath "${BUILD:-$here/../../build}")
# shellcheck disable=SC2034 # used by the tests
energytrace=$build/energytrace
raplsim=$build/raplsim
work=$(mktemp -d) || exit 1
# Simulated counters are written 200 times a second: on tmpfs, if there is one.
trees=$(mktemp -d /dev/shm/energytrace-test.XXXXXX 2>/dev/null) || trees=$work/trees
tree=$trees/sys
export PYTHONPATH=$here PYTHONDONTWRITEBYTECODE=1

failed=0
running=() # what the clean-up has to end
declare -A pids=() said=() told=()

# shellcheck disable=SC2317 # by the trap
clean_up() {
	trap - EXIT
	[ "$BASHPID" = $$ ] || return # a signal has met a child before its own program began
	[ ${#running[@]} = 0 ] || kill -KILL "${running[@]}" 2>/dev/null
	wait 2>/dev/null
	rm -rf "$work" "$trees"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
cd "$work" || exit 1

ok() { echo "ok $1"; }
not_ok() {
	echo "not ok $1: $2"
	failed=1
}
skip() { echo "skip $1: $2"; }
summary() { exit "$failed"; }

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

# check_says NAME COMMAND...: the command's standard output, if it fails, is the reason.
check_says() {
	local name=$1 why
	shift
	if why=$("$@" 2>&1); then
		ok "$name"
	else
		not_ok "$name" "$(head -c 2000 <<<"$why" | paste -sd ';')"
	fi
}

# The file's lines, sums and windows, read again.
check_jsonl() { python3 "$here/check_jsonl.py" "$@"; }

# The whole test is skipped where it has to be.
need() {
	local test
	test=$(basename "$0" .sh)
	for program in "$energytrace" "$raplsim"; do
		[ -x "$program" ] || { not_ok "$test" "$program is not built" && exit 1; }
	done
	for what in "$@"; do
		case $what in
		root)
			[ "$(id -u)" = 0 ] || { skip "$test" "needs root, to load BPF programs" && exit 0; }
			;;
		two-cpus)
			[ ${#cpus[@]} -ge 2 ] || { skip "$test" "needs two CPUs" && exit 0; }
			;;
		pids)
			[ "$(readlink /proc/self/ns/pid)" = "pid:[4026531836]" ] ||
				{ skip "$test" "pids of this pid namespace are not those of the kernel" && exit 0; }
			;;
		*)
			command -v "$what" >/dev/null || { skip "$test" "needs $what" && exit 0; }
			;;
		esac
	done
}

# wait_for COMMAND...: looks until it succeeds, for 10 s at most.
wait_for() {
	for _ in $(seq 500); do
		"$@" && return 0
		read -r -t 0.02 <>"$work/nothing"
	done
	return 1
}

# A list such as 0-2,5, one a line.
expand() {
	local range
	for range in ${1//,/ }; do
		seq "${range%-*}" "${range#*-}"
	done
}

# The CPUs that this shell may run on, and those online but for the first two of them ("2,3,5").
mapfile -t cpus < <(expand "$(taskset -cp $$ | sed 's/.*: //')")
# shellcheck disable=SC2034 # used by the tests
other_cpus=$(expand "$(cat /sys/devices/system/cpu/online)" |
	grep -vx -e "${cpus[0]}" -e "${cpus[1]:-none}" | paste -sd ,)
mkfifo "$work/nothing"

# build NAME...: compiles programs/NAME.c
build() {
	for name in "$@"; do
		"${CC:-cc}" -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -pthread -o "$work/$name" \
			"$here/programs/$name.c" && continue
		not_ok "$name" "programs/$name.c does not compile"
		exit 1
	done
}

# In a process of its own: an end of a pipe that another holds too would keep it open.
alone() {
	local end
	for end in "${told[@]}" "${said[@]}"; do
		[ -z "$end" ] || exec {end}>&-
	done
	exec "$@"
}

# launch NAME COMMAND...: in the background, its standard error in NAME.err. `hear NAME` reads a line
# of its standard output, `tell NAME LINE` writes one to its input, `hang_up NAME` closes that.
launch() {
	local name=$1 in out
	shift
	rm -f "$name.in" "$name.out" && mkfifo "$name.in" "$name.out"
	alone "$@" <"$name.in" >"$name.out" 2>"$name.err" &
	pids[$name]=$!
	running+=($!)
	exec {in}>"$name.in" {out}<"$name.out"
	said[$name]=$out
	told[$name]=$in
}

# Leaves the line in $line; fails at the end of the output, or after 60 s.
hear() {
	IFS= read -r -t 60 -u "${said[$1]}" line
}

tell() {
	echo "$2" >&"${told[$1]}"
}

hang_up() {
	local in=${told[$1]:-}
	[ -z "$in" ] || exec {in}>&-
	told[$1]=
}

# Waits for the end; the rest of the output is in NAME.rest, the exit status in $status.
finish() {
	local name=$1 out=${said[$1]}
	hang_up "$name"
	timeout 60 cat <&"$out" >"$name.rest" || {
		not_ok "$name" "does not end"
		kill -KILL "${pids[$name]}"
	}
	exec {out}<&-
	said[$name]=
	wait "${pids[$name]}"
	# shellcheck disable=SC2034 # used by the tests
	status=$?
	forget "$name"
}

forget() {
	local kept=()
	for pid in "${running[@]}"; do
		[ "$pid" = "${pids[$1]}" ] || kept+=("$pid")
	done
	running=("${kept[@]}")
}

# simulate OPTION...: raplsim feeds $tree in the background
simulate() {
	launch raplsim "$raplsim" --rm --period 0.005 "$@" "$tree"
	hear raplsim && [ "$line" = "ready $tree" ] && return
	not_ok raplsim "no 'ready' from raplsim $*: $(cat raplsim.err)"
	exit 1
}

stop_simulation() {
	kill "${pids[raplsim]}"
	finish raplsim
}

# trace NAME OPTION...: energytrace in the background, its table in NAME.table. Returns when the start
# mark is out: what runs from then on is accounted. The table is read on, or its pipe would be full;
# what `hear` gets is the first line and the head of each tick.
trace() {
	local name=$1
	shift
	mkfifo "$name.raw"
	# shellcheck disable=SC2016 # for the other shell
	launch "$name" bash -c 'tee "$1.table" <"$1.raw" |
		grep --line-buffered -e "^energytrace: " -e " UTC "' - "$name"
	alone "$energytrace" --sysfs "$tree" --carbon GLOBAL -o table "$@" \
		</dev/null >"$name.raw" 2>"$name.err" &
	pids[$name]=$!
	running+=($!)
	hear "$name" && [ "${line%%:*}" = energytrace ] && return
	not_ok "$name" "energytrace $* did not start: $(cat "$name.err")"
	exit 1
}

# Waits until the table of the trace shows another tick.
tick_of() {
	while hear "$1"; do
		case $line in *UTC*) return 0 ;; esac
	done
	return 1
}

# Ends what `trace` began, in order.
stop_trace() {
	kill -INT "${pids[$1]}"
	finish "$1"
}

# Begins the programs NAME... at one moment, for so many hundredths of a second.
go() {
	local hundredths=$1 now start name
	shift
	read -r now _ </proc/uptime
	now=$((10#${now/./}))
	start=$((now + 10))
	for name in "$@"; do
		tell "$name" "$start $((start + hundredths))"
	done
}

# interrupted_ns CPU...: since boot, the time in interrupts and that the hypervisor stole. The ledger
# counts it to whoever was interrupted, the scheduler's own sums may leave it out.
interrupted_ns() {
	awk -v cpus=" $* " -v hz="$(getconf CLK_TCK)" '
		index(cpus, " " substr($1, 4) " ") && /^cpu[0-9]/ { sum += $7 + $8 + $9 }
		END { printf "%.0f\n", sum * 1e9 / hz }' /proc/stat
}

# interrupted_since NS CPU...: from an earlier interrupted_ns on; at most, as it is told in jiffies.
interrupted_since() {
	local before=$1
	shift
	echo $(($(interrupted_ns "$@") - before + $# * 1000000000 / $(getconf CLK_TCK)))
}

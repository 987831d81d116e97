#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Closing and reading ticks sends no interrupt to any CPU: the kernel's own trace of interprocessor
# interrupts has none that energytrace sent. (Those sent while an interrupt was being served are not its
# own: it only was on the CPU then.)
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2317 # called by check_says
. "$(dirname "$0")/lib.sh"
need root pids two-cpus

tracing=/sys/kernel/tracing
[ -d "$tracing/events" ] || mount -t tracefs nodev "$tracing" 2>/dev/null
if [ ! -d "$tracing/events/ipi/ipi_send_cpu" ]; then
	skip interrupts "this kernel has no ipi:ipi_send_cpu (Linux 6.4)"
	exit 0
fi
instance=$tracing/instances/energytrace-test-$$
mkdir "$instance" || exit 1

# shellcheck disable=SC2317 # by the trap
remove_instance() {
	[ "$BASHPID" = $$ ] || return
	clean_up
	rmdir "$instance" 2>/dev/null
}
trap remove_instance EXIT

# watch PID: from now on, in $instance/trace
watch() {
	for event in ipi_send_cpu ipi_send_cpumask; do
		echo "common_pid == $1" >"$instance/events/ipi/$event/filter"
		echo 1 >"$instance/events/ipi/$event/enable"
	done
}

# The third of the flags is h, H, s or Z inside an interrupt: "NAME-PID [CPU] d..1. TIME: EVENT". On a busy
# machine a CPU that is about to go idle, as after every tick, takes over a task from another one, where the
# scheduler then may end a time slice (update_curr): that is the other task's.
list_interrupts() {
	grep -E '^ *[^ ].*-[0-9]+ +\[[0-9]+\] .{2}[.]' "$instance/trace" |
		grep -v 'ipi_send_cpu: .*callsite=update_curr+.* callback=0x0$'
}

own_interrupts() {
	list_interrupts | wc -l
}

ticks() {
	[ -e "$trees/quiet.jsonl" ] && [ "$(grep -o '^{"timestamp":"[^"]*"' "$trees/quiet.jsonl" | sort -u | wc -l)" -ge "$1" ]
}

# To a file in memory: the reader of a pipe, or who writes pages back, would have to be woken.
mkdir -p "$trees"
launch quiet "$energytrace" -s none -i 0.05 -o "jsonl:$trees/quiet.jsonl"
wait_for ticks 5
watch "${pids[quiet]}"
wait_for ticks 65
sent=$(own_interrupts)
check "60 ticks send no interrupt" 0 "$sent"
[ "$sent" = 0 ] || list_interrupts | head -5

# The trace does see them: waking a process that is to run on another CPU sends one.
launch sleeper taskset -c "${cpus[1]}" cat
taskset -cp "${cpus[0]}" $$ >moved.txt
watch $$
seen() {
	tell sleeper wake && hear sleeper
	[ "$(own_interrupts)" -gt 0 ]
}
check_true "the trace sees those that are sent" "none from a shell that wakes another CPU" \
	wait_for seen
hang_up sleeper
finish sleeper
kill -INT "${pids[quiet]}"
finish quiet
check "exit status" 0 "$status"
summary

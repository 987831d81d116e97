#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# In a guest that systemd runs: a service of the system and one of a user, each with its own CPU time.
# shellcheck source-path=SCRIPTDIR source=../integration/lib.sh disable=SC2317 # called by check_says
. "$(dirname "$0")/../integration/lib.sh"
need root python3 cc systemd-run
[ -d /run/systemd/system ] || { skip units "systemd does not run here" && exit 0; }

# A user whom every Debian has, and whose manager is started for the purpose.
user=daemon
user_id=$(id -u "$user")

cat >turn.c <<-'C'
	#include <stdlib.h>
	#include <time.h>

	int main(int argc, char **argv)
	{
		struct timespec used;
		long ms = argc > 1 ? atol(argv[1]) : 0;

		do
			clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
		while (used.tv_sec * 1000 + used.tv_nsec / 1000000 < ms);
		return 0;
	}
C

# run_unit MANAGER NAME MS: a service that uses so much CPU time, to its end.
run_unit() {
	local manager=(--system)
	[ "$1" = system ] || manager=(--user "--machine=$user@")
	systemd-run "${manager[@]}" --quiet --wait --unit="$2" \
		"$work/turn" "$3" 2>"$2.err"
	check "$2 runs" "0 " "$? $(cat "$2.err")"
}

# unit_time FILE NAME MS: the time of all in the unit's cgroup, against what the program was told to
# use. Of the start, which the program counts as its own, a part is spent before systemd's child goes
# to the unit's cgroup, and the rest after that.
unit_time() {
	python3 - "$@" <<-'PY'
		import sys
		from check_jsonl import load, cpu_ns
		path, name, ms = sys.argv[1], sys.argv[2], int(sys.argv[3])
		its = [
		    line["process"]
		    for tick in load(path)
		    for line in tick.lines
		    if f"/{name}.service" in (line["process"].get("cgroup") or "")
		]
		used = sum(cpu_ns(process["tick"]) for process in its) / 1e6
		where = {process["cgroup"] for process in its}
		print(f"{name}: {used:.1f} ms of {ms} in {where}")
		sys.exit(not 0.8 * ms <= used <= 2 * ms + 300 or len(where) != 1)
	PY
}

# by_unit FILE NAME MS: the same of --by unit.
by_unit() {
	python3 - "$@" <<-'PY'
		import json, sys
		path, name, ms = sys.argv[1], sys.argv[2], int(sys.argv[3])
		used, names = 0, set()
		for line in map(json.loads, open(path)):
		    unit = line["unit"]
		    if f"{name}.service" in (unit["name"], unit["id"].rsplit("/", 1)[-1]):
		        used += int(unit["tick"]["cpuNs"]) / 1e6
		        names.add((unit["id"], unit["name"]))
		print(f"{name}: {used:.1f} ms of {ms}, {names}")
		sys.exit(not 0.8 * ms <= used <= 2 * ms + 300 or len(names) != 1)
	PY
}

# run_both FILE OPTION...: both services while a trace runs.
run_both() {
	local name=$1
	shift
	trace "$name" -i 0.2 -o "jsonl:$name.jsonl" "$@"
	run_unit system "burn-system-$name" 500
	run_unit user "burn-user-$name" 300
	tick_of "$name" && tick_of "$name"
	stop_trace "$name"
	check "$name, exit status" "0 " "$status $(cat "$name.err")"
}

test_cgroups() {
	run_both cgroups
	check_says "cgroups, every line and every sum" check_jsonl cgroups.jsonl
	check_says "a system service's time is in its cgroup" unit_time cgroups.jsonl burn-system-cgroups 500
	check_says "a user service's time is in its cgroup" unit_time cgroups.jsonl burn-user-cgroups 300
}

test_by_unit() {
	if ! "$energytrace" --help | grep -q -- '--by'; then
		skip "--by unit" "this energytrace has no --by"
		return
	fi
	run_both units --by unit
	check_says "--by unit, a system service has its time" by_unit units.jsonl burn-system-units 500
	check_says "--by unit, a user service has its time" by_unit units.jsonl burn-user-units 300
}

"${CC:-cc}" -O2 -Wall -Wextra -Werror -o turn turn.c || { not_ok units "turn.c does not compile" && exit 1; }
chmod 755 "$work" # the user's manager runs it
systemctl start "user@$user_id.service"
check "the user's manager runs" active "$(systemctl is-active "user@$user_id.service")"
simulate -p 20
test_cgroups
test_by_unit
stop_simulation
systemctl stop "user@$user_id.service"
summary

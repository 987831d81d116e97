#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Who used it: cgroups, also those that come and go inside a tick, and what moves between them; users;
# trees with their orphans; threads. Their time is what the kernel counts for them.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2317 # called by check_says
. "$(dirname "$0")/lib.sh"
need root pids python3 cc setpriv

# Where cgroups are accounted: cpuacct of v1 where there is one, else v2.
cgroups=$(awk '$3 == "cgroup" && $4 ~ /(^|,)cpuacct(,|$)/ { print $2; exit }' /proc/self/mounts)
[ -n "$cgroups" ] || cgroups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
if [ -z "$cgroups" ]; then
	skip entities "no cgroup hierarchy is mounted"
	exit 0
fi
top=energytrace-test-$$
made=()

make_cgroup() { # NAME...
	for name in "$@"; do
		mkdir "$cgroups/$name" || exit 1
		made=("$cgroups/$name" "${made[@]}")
	done
}

# shellcheck disable=SC2317 # by the trap
remove_cgroups() {
	[ "$BASHPID" = $$ ] || return
	clean_up
	for directory in "${made[@]}"; do
		wait_for rmdir "$directory" 2>/dev/null
	done
}
trap remove_cgroups EXIT

used_ns() { # CGROUP: the kernel's own count
	if [ -e "$cgroups/$1/cpuacct.usage" ]; then
		cat "$cgroups/$1/cpuacct.usage"
	else
		awk '$1 == "usage_usec" { print $2 * 1000 }' "$cgroups/$1/cpu.stat"
	fi
}

# sum_of FILE KIND ID NS INTERRUPTED [subtree]: the entity's total is the kernel's, within 1 %.
sum_of() {
	python3 - "$@" <<-'PY'
		import json, sys
		path, kind, who, kernel, interrupted, *where = sys.argv[1:]
		kernel, interrupted, total, lost = int(kernel), int(interrupted), 0, 0
		seen = set()
		for line in map(json.loads, open(path)):
		    if line["timestamp"] not in seen:
		        seen.add(line["timestamp"])
		        lost += int(line["host"]["unattributed"]["cpuNs"])
		    block = line[kind]
		    if who in (block.get("id"), block["name"], block.get("comm")):
		        total += int((block[where[0]] if where else block)["tick"]["cpuNs"])
		print(f"{total} ns, {kernel} by the kernel: {total / kernel:.4f}; {lost} ns unattributed")
		sys.exit(not kernel * 0.99 - lost <= total <= kernel * 1.01 + interrupted)
	PY
}

# last FILE KIND ID KEY: of its last line.
last() {
	python3 - "$@" <<-'PY'
		import json, sys
		path, kind, who, key = sys.argv[1:]
		lines = [line[kind] for line in map(json.loads, open(path))]
		its = [block for block in lines if who in (block.get("id"), block["name"])]
		print(its[-1].get(key) if its else "no line")
	PY
}

# conserved FILE KIND: in every tick the lines, idle, unattributed and others are the CPUs' spans.
conserved() {
	python3 - "$@" <<-'PY'
		import itertools, json, math, sys
		lines = [json.loads(line) for line in open(sys.argv[1])]
		# Two ticks may end in one millisecond: the last one follows a signal.
		for at, group in itertools.groupby(lines, key=lambda line: (line["timestamp"], line["host"])):
		    group = list(group)
		    host = group[0]["host"]
		    parts = [line[sys.argv[2]]["tick"] for line in group]
		    parts += [host[key] for key in ("idle", "unattributed", "others") if key in host]
		    ns = sum(int(part["cpuNs"]) for part in parts)
		    joules = math.fsum(part["energy"]["value"] for part in parts)
		    if ns != int(host["spanNs"]):
		        sys.exit(f"{at}: {ns} ns of {host['spanNs']}")
		    if not math.isclose(joules, host["energy"]["delta"], rel_tol=1e-9, abs_tol=1e-9):
		        sys.exit(f"{at}: {joules} J of {host['energy']['delta']}")
	PY
}

# One that is made, burns for 100 ms of CPU time and is removed, all between two ticks.
test_short_lived_cgroup() {
	local name=$top/short used
	trace trace-short -b cgroup -i 2 -o jsonl:short.jsonl
	tick_of trace-short
	mkdir "$cgroups/$name"
	interrupted=$(interrupted_ns "${cpus[@]}")
	python3 - "$cgroups/$name" <<-'PY'
		import os, sys, time
		with open(sys.argv[1] + "/cgroup.procs", "w") as procs:
		    procs.write("0")
		while time.process_time() < 0.1:
		    pass
	PY
	used=$(used_ns "$name")
	interrupted=$(interrupted_since "$interrupted" "${cpus[@]}")
	wait_for rmdir "$cgroups/$name"
	tick_of trace-short && tick_of trace-short
	stop_trace trace-short
	check "a short-lived cgroup, exit status" "0 " "$status $(cat trace-short.err)"
	check_says "a cgroup of 100 ms, gone inside a tick, has its name and its time" \
		sum_of short.jsonl cgroup "/$name" "$used" "$interrupted"
	check "and has ended" True "$(last short.jsonl cgroup "/$name" ended)"
	check_says "with it, every sum" conserved short.jsonl cgroup
}

# A burner in each of two cgroups and one that goes to and fro.
test_cgroups() {
	make_cgroup "$top/a" "$top/a/deep" "$top/b"
	launch mover ./mover "${cpus[0]}" "$cgroups/$top/a/deep" "$cgroups/$top/b"
	launch still sh -c "echo \$\$ >$cgroups/$top/a/cgroup.procs; exec ./burn ${cpus[-1]} 30"
	interrupted=$(interrupted_ns "${cpus[@]}")
	trace trace-cgroups -c "/$top" -b cgroup -i 0.4 -o jsonl:cgroups.jsonl -o record:cgroups.rec
	local deep=0 a=0 b=0
	deep=$(used_ns "$top/a/deep") a=$(used_ns "$top/a") b=$(used_ns "$top/b")
	go 250 mover still
	hear mover && moves=$line
	hear still
	stop_trace trace-cgroups
	interrupted=$(interrupted_since "$interrupted" "${cpus[@]}")
	deep=$(($(used_ns "$top/a/deep") - deep)) a=$(($(used_ns "$top/a") - a))
	b=$(($(used_ns "$top/b") - b))
	check "cgroups, exit status" "0 " "$status $(cat trace-cgroups.err)"
	check_true "it has moved" "$moves times only" [ "$moves" -gt 60 ]
	check_says "a task that moves is charged where it was" \
		sum_of cgroups.jsonl cgroup "/$top/a/deep" "$deep" "$interrupted"
	check_says "and there" sum_of cgroups.jsonl cgroup "/$top/b" "$b" "$interrupted"
	# The kernel's count of a cgroup holds what is below it.
	check_says "a cgroup with all below it is the kernel's count of it" \
		sum_of cgroups.jsonl cgroup "/$top/a" "$a" "$interrupted" subtree
	check_says "the top holds all" \
		sum_of cgroups.jsonl cgroup "/$top" $((a + b)) "$interrupted" subtree
	check_says "and nothing counts twice" conserved cgroups.jsonl cgroup
	for name in mover still; do
		hang_up "$name" && finish "$name"
	done
	"$energytrace" replay -o jsonl cgroups.rec >again.jsonl
	check_true "a replay gives the same bytes" "$(cmp cgroups.jsonl again.jsonl 2>&1)" \
		cmp -s cgroups.jsonl again.jsonl
}

# Nobody comes to look while it goes to and fro: the programs follow what moves itself.
test_moves_unattended() {
	launch unattended ./mover "${cpus[0]}" "$cgroups/$top/a/deep" "$cgroups/$top/b"
	trace trace-unattended -c "/$top" -b cgroup -i 0.4 -o jsonl:unattended.jsonl
	tick_of trace-unattended
	kill -STOP "${pids[trace-unattended]}"
	local deep b
	deep=$(used_ns "$top/a/deep") b=$(used_ns "$top/b")
	interrupted=$(interrupted_ns "${cpus[@]}")
	go 150 unattended
	hear unattended
	interrupted=$(interrupted_since "$interrupted" "${cpus[@]}")
	deep=$(($(used_ns "$top/a/deep") - deep)) b=$(($(used_ns "$top/b") - b))
	kill -CONT "${pids[trace-unattended]}"
	stop_trace trace-unattended
	hang_up unattended && finish unattended
	check_says "moves of one's own while the tool stands still, where they began" \
		sum_of unattended.jsonl cgroup "/$top/a/deep" "$deep" "$interrupted"
	check_says "and where they went" sum_of unattended.jsonl cgroup "/$top/b" "$b" "$interrupted"
	check_says "with them, every sum" conserved unattended.jsonl cgroup
}

test_user() {
	launch user setpriv --reuid 54321 --clear-groups ./burn "${cpus[0]}"
	interrupted=$(interrupted_ns "${cpus[@]}")
	trace trace-user -b user -i 0.4 -o jsonl:user.jsonl
	go 150 user
	hear user && of_kernel=$line
	interrupted=$(interrupted_since "$interrupted" "${cpus[@]}")
	stop_trace trace-user
	hang_up user && finish user
	check_says "a user without a name, by its uid" \
		sum_of user.jsonl user 54321 "$of_kernel" "$interrupted"
	check "root has its name" root "$(last user.jsonl user 0 name)"
	check_true "kernel threads are a group" "no (kernel)" grep -q '"name":"(kernel)"' user.jsonl
	check_says "users, every sum" conserved user.jsonl user
}

test_tree() {
	launch orphan ./orphan "${cpus[0]}"
	interrupted=$(interrupted_ns "${cpus[@]}")
	trace trace-tree -b tree -p "${pids[orphan]}" -i 0.3 -o jsonl:tree.jsonl
	go 150 orphan
	hear orphan && read -r of_kernel processes <<<"$line"
	interrupted=$(interrupted_since "$interrupted" "${cpus[@]}")
	hang_up orphan && finish orphan
	finish trace-tree
	check "a tree, exit status" "0 " "$status $(cat trace-tree.err)"
	check_true "it is large" "$processes processes" [ "$processes" -gt 50 ]
	check_says "a tree has its orphans and their children" \
		sum_of tree.jsonl tree "${pids[orphan]}" "$of_kernel" "$interrupted"
	check "it ends with the last of them" True "$(last tree.jsonl tree "${pids[orphan]}" ended)"
	check "it is one" 1 "$(grep -o '"tree":{"id":"[0-9]*"' tree.jsonl | sort -u | wc -l)"
	check_says "trees, every sum" conserved tree.jsonl tree
}

test_threads() {
	launch threads ./threads 5
	interrupted=$(interrupted_ns "${cpus[@]}")
	trace trace-threads -b thread -p "${pids[threads]}" -i 0.3 -o jsonl:threads.jsonl
	go 120 threads
	hear threads && of_kernel=$line
	interrupted=$(interrupted_since "$interrupted" "${cpus[@]}")
	stop_trace trace-threads
	hang_up threads && finish threads
	check "each thread is there by its name" "2 short-thread 3 long-thread" \
		"$(for name in short-thread long-thread; do
			echo "$(grep "\"comm\":\"$name\"" threads.jsonl | grep -o '"tid":[0-9]*' |
				sort -u | wc -l) $name"
		done | paste -sd ' ')"
	check_says "threads, every sum" conserved threads.jsonl thread
}

build burn mover orphan threads
make_cgroup "$top"
simulate -p 20
test_short_lived_cgroup
test_cgroups
test_moves_unattended
test_user
test_tree
test_threads
stop_simulation
summary

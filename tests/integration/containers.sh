#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Containers of real runtimes, of those that are here and can run one: runc and crun by themselves, Podman
# and systemd-nspawn. Each burns some of a CPU: its name and image are its runtime's, its time is the
# kernel's count, its joules follow from that. One more starts when the others run.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2317 # called by check_says
. "$(dirname "$0")/lib.sh"
need root pids python3 cc unshare pgrep

prefix=energytrace-test-$$
image=localhost/energytrace-test:$$
rootfs=$work/rootfs
cgroups=$work/cgroup2 # version 2 counts CPU time without a controller
declare -A started=() cgroup=() used=()

# shellcheck disable=SC2317 # by the trap
remove_containers() {
	[ "$BASHPID" = $$ ] || return
	for name in "${!started[@]}"; do
		"delete_${started[$name]}" "$name" >/dev/null 2>&1
	done
	podman_alone rmi "$image" >/dev/null 2>&1
	umount "$cgroups" 2>/dev/null
	clean_up
}
trap remove_containers EXIT

# Where both versions of cgroups are mounted the runtimes want the controllers of the older one, which may
# not be there. They see the newer one alone.
with_v2() {
	if [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]; then
		exec "$@"
	fi
	# shellcheck disable=SC2016 # for the other shell
	exec unshare -m --propagation private sh -c '
		umount -l /sys/fs/cgroup 2>/dev/null
		mount -t cgroup2 none /sys/fs/cgroup && exec "$@"' - "$@"
}

# --- the runtimes. start_RUNTIME NAME ARGUMENT... becomes the container; the arguments are those of burn.

# No limits: a test's shell may not be permitted to set them.
make_bundle() { # NAME ARGUMENT...
	mkdir -p "$work/$1.bundle"
	python3 - "$rootfs" "$work/$1.bundle" "${@:2}" <<-'PY'
		import json, sys
		rootfs, folder, *arguments = sys.argv[1:]
		spec = {
		    "ociVersion": "1.0.2",
		    "process": {
		        "terminal": False,
		        "user": {"uid": 0, "gid": 0},
		        "args": ["/burn", *arguments],
		        "env": ["PATH=/"],
		        "cwd": "/",
		    },
		    "root": {"path": rootfs, "readonly": True},
		    "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}],
		    "linux": {"namespaces": [{"type": kind} for kind in ("pid", "mount", "ipc", "uts")]},
		}
		with open(f"{folder}/config.json", "w") as file:
		    json.dump(spec, file)
	PY
}

start_runc() {
	make_bundle "$@"
	with_v2 runc run --bundle "$work/$1.bundle" "$1"
}
delete_runc() { (with_v2 runc delete --force "$1"); }

start_crun() {
	make_bundle "$@"
	with_v2 crun run --bundle "$work/$1.bundle" "$1"
}
delete_crun() { (with_v2 crun delete --force "$1"); }

podman_alone() {
	local runtime=()
	# crun makes a BPF program of the devices, and for that wants to lock memory without a limit.
	! command -v runc >/dev/null || runtime=(--runtime runc)
	(with_v2 podman --cgroup-manager=cgroupfs "${runtime[@]}" "$@")
}

start_podman() {
	podman_alone run --name "$1" --interactive --rm --network=none --pids-limit=-1 \
		--ulimit nofile=1024:1024 --ulimit nproc=1024:1024 "$image" /burn "${@:2}"
}
delete_podman() { podman_alone rm --force "$1"; }

# In the cgroup that systemd would make: with --keep-unit it stays there.
start_nspawn() {
	mkdir -p "$cgroups/machine.slice/systemd-nspawn@$1.service" &&
		echo "$BASHPID" >"$cgroups/machine.slice/systemd-nspawn@$1.service/cgroup.procs" || return
	with_v2 systemd-nspawn --quiet --register=no --keep-unit --console=pipe --read-only \
		--machine "$1" --directory "$rootfs" /burn "${@:2}"
}
delete_nspawn() {
	find "$cgroups/machine.slice/systemd-nspawn@$1.service" -depth -type d -exec rmdir {} +
	rmdir "$cgroups/machine.slice" # if it was the last one and nobody else's
}

# For a shell of its own, which `launch` needs.
export work rootfs cgroups image
export -f with_v2 make_bundle start_runc start_crun podman_alone start_podman start_nspawn

# --- what they do here

make_rootfs() {
	mkdir -p "$rootfs"/{proc,sys,dev,tmp,run,var,etc,usr}
	echo ID=energytrace-test >"$rootfs/etc/os-release"
	"${CC:-cc}" -O2 -static -D_GNU_SOURCE -o "$rootfs/burn" "$here/programs/burn.c" 2>cc.err && return
	skip containers "no static program can be made: $(tail -n 1 cc.err)"
	exit 0
}

make_podman_image() {
	tar -C "$rootfs" -cf image.tar . && podman_alone import image.tar "$image" >/dev/null
}

# The runtime runs a container that ends at once; if not, why.
can_run() { # RUNTIME
	local name=$prefix-try-$1
	if [ "$1" = podman ]; then
		make_podman_image || return
	fi
	started[$name]=$1
	echo 0 0 | ("start_$1" "$name" "${cpus[0]}" 0 "$name") >/dev/null || return
	"delete_$1" "$name" >/dev/null 2>&1
	unset "started[$name]"
}

find_runtimes() {
	local runtime command
	runtimes=()
	for runtime in runc crun podman nspawn; do
		command=${runtime/nspawn/systemd-nspawn}
		if ! command -v "$command" >/dev/null; then
			skip "$runtime" "needs $command"
		elif can_run "$runtime" 2>try.err; then
			runtimes+=("$runtime")
		else
			skip "$runtime" "can run no container here: $(grep -v '^$' try.err | tail -n 1)"
		fi
	done
}

# The burner's own process: its last argument is the container's name.
burner_of() { # NAME
	local pid
	for pid in $(pgrep -x burn); do
		[ "$(tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | tail -n 1)" = "$1" ] &&
			echo "$pid" && return
	done
	return 1
}

# Where its CPU time is counted: what nspawn does for it is a part of it.
find_cgroup() { # NAME
	local pid
	wait_for burner_of "$1" >/dev/null && pid=$(burner_of "$1") || return
	cgroup[$1]=$(sed -n 's/^0:://p' "/proc/$pid/cgroup")
	[ "${started[$1]}" != nspawn ] || cgroup[$1]=${cgroup[$1]%%.service*}.service
	[ -e "$cgroups${cgroup[$1]}/cpu.stat" ]
}

used_ns() { # NAME
	awk '$1 == "usage_usec" { print $2 * 1000 }' "$cgroups${cgroup[$1]}/cpu.stat"
}

start() { # RUNTIME PERCENT CPU
	local name=$prefix-$1
	started[$name]=$1
	# shellcheck disable=SC2016 # for the other shell
	launch "$name" bash -c '"start_$0" "$@"' "$1" "$name" "$3" "$2" "$name"
	if ! find_cgroup "$name"; then
		not_ok "$1" "its container does not come up: $(tail -n 1 "$name.err")"
		exit 1
	fi
}

# The same program in the cgroup that systemd makes for a service, and by hand.
start_service() { # CPU PERCENT
	local directory=$cgroups/system.slice/$prefix.service
	mkdir -p "$directory" || exit 1
	cgroup[service]=/system.slice/$prefix.service
	# shellcheck disable=SC2016 # for the other shell
	launch service sh -c 'echo $$ >"$1/cgroup.procs" && exec "$2/burn" "$3" "$4" service' - \
		"$directory" "$rootfs" "$@"
	wait_for burner_of service >/dev/null
	launch hand "$rootfs/burn" "$@" hand
}

end_service() {
	for name in service hand; do
		hang_up "$name" && finish "$name"
	done
	wait_for rmdir "$cgroups/system.slice/$prefix.service" 2>/dev/null
	rmdir "$cgroups/system.slice" 2>/dev/null # if it was the last one and nobody else's
}

end() { # NAME
	hang_up "$1"
	finish "$1"
	"delete_${started[$1]}" "$1" >/dev/null 2>&1
	unset "started[$1]"
}

# --- what is said of them

# labelled FILE NAME RUNTIME IMAGE: in each of its lines, from the first on.
labelled() {
	python3 - "$@" <<-'PY'
		import json, sys
		path, name, runtime, image = sys.argv[1:]
		blocks = [line["container"] for line in map(json.loads, open(path))]
		ids = {block["id"] for block in blocks if block["name"] == name}
		if len(ids) != 1:
		    sys.exit(f"{len(ids)} containers have this name of {sorted({b['name'] for b in blocks})}")
		for block in blocks:
		    if block["id"] not in ids:
		        continue
		    labels = block.get("labels", {})
		    said = block["name"], labels.get("runtime"), labels.get("image", "")
		    if said != (name, runtime, image):
		        sys.exit(f"{said}")
	PY
}

# told_apart FILE RUNTIME...: the processes of one program by where they are.
told_apart() {
	python3 - "$@" <<-'PY'
		import json, sys
		path, prefix, *runtimes = sys.argv[1:]
		found = {}
		for process in (json.loads(line)["process"] for line in open(path)):
		    labels = process.get("labels", {})
		    if process["comm"] == "burn" and "/burn " in labels.get("cmdline", ""):
		        found[labels["cmdline"].split()[-1]] = process["container"], labels.get("unit")
		for runtime in runtimes:
		    if found.get(f"{prefix}-{runtime}", [None])[0] != f"{prefix}-{runtime}":
		        sys.exit(f"{runtime}: {found}")
		if found.get("service") != (None, f"{prefix}.service") or found.get("hand") != (None, None):
		    sys.exit(f"{found}")
	PY
}

# accounted FILE NAME NS INTERRUPTED [KIND]: its time is the kernel's count, its joules are so much of what all
# active time has. Time in interrupts and stolen time the kernel may have left out.
accounted() {
	python3 - "$@" <<-'PY'
		import itertools, json, math, sys
		path, name = sys.argv[1:3]
		kernel, interrupted = map(int, sys.argv[3:5])
		kind = sys.argv[5] if len(sys.argv) > 5 else "container"
		total = lost = 0
		joules, expected = [], []
		lines = map(json.loads, open(path))
		for at, group in itertools.groupby(lines, key=lambda line: line["timestamp"]):
		    group = list(group)
		    host = group[0]["host"]
		    active = int(host["spanNs"]) - int(host["idle"]["cpuNs"])
		    lost += int(host["unattributed"]["cpuNs"])
		    for line in group:
		        if line[kind]["name"] != name:
		            continue
		        tick = line[kind]["tick"]
		        total += int(tick["cpuNs"])
		        joules.append(tick["energy"]["value"])
		        if active:
		            expected.append(host["energy"]["delta"] * int(tick["cpuNs"]) / active)
		joules, expected = math.fsum(joules), math.fsum(expected)
		print(f"{total} ns, {kernel} by the kernel: {total / kernel:.4f}; {lost} ns unattributed;")
		print(f"{joules:.6f} J, {expected:.6f} by its share")
		sys.exit(not kernel * 0.99 - lost <= total <= kernel * 1.01 + interrupted
		         or not math.isclose(joules, expected, rel_tol=1e-6) or not joules)
	PY
}

make_rootfs
mkdir "$cgroups"
mount -t cgroup2 none "$cgroups" 2>mount.err || {
	skip containers "no cgroups of version 2: $(cat mount.err)"
	exit 0
}
find_runtimes
if [ ${#runtimes[@]} -lt 2 ]; then
	skip containers "needs two runtimes that can run a container here"
	exit 0
fi

simulate -p 20
late=${runtimes[0]}
early=("${runtimes[@]:1}")
percent=20 turn=0
for runtime in "${early[@]}"; do
	start "$runtime" $((percent += 20)) "${cpus[turn++ % ${#cpus[@]}]}"
	used[$runtime]=$(used_ns "$prefix-$runtime")
done
start_service "${cpus[0]}" 30
used[service]=$(used_ns service)
interrupted=$(interrupted_ns "${cpus[@]}")
trace all -b container -i 0.5 -o jsonl:all.jsonl -o jsonl:units.jsonl,by=unit \
	-o jsonl:processes.jsonl,by=process
go 350 "${early[@]/#/$prefix-}" service hand
tick_of all
start "$late" 50 "${cpus[0]}"
go 100 "$prefix-$late"
hear "$prefix-$late"
for runtime in "${early[@]}"; do
	hear "$prefix-$runtime"
	used[$runtime]=$(($(used_ns "$prefix-$runtime") - used[$runtime]))
done
used[$late]=$(used_ns "$prefix-$late")
hear service && hear hand
used[service]=$(($(used_ns service) - used[service]))
tick_of all
stop_trace all
interrupted=$(interrupted_since "$interrupted" "${cpus[@]}")
check "exit status" "0 " "$status $(cat all.err)"
for runtime in "${runtimes[@]}"; do
	of=
	[ "$runtime" != podman ] || of=$image
	check_says "$runtime: its name from the first line on" \
		labelled all.jsonl "$prefix-$runtime" "$runtime" "$of"
	check_says "$runtime: time and joules are its cgroup's" \
		accounted all.jsonl "$prefix-$runtime" "${used[$runtime]}" "$interrupted"
done

check_says "a service beside them: time and joules are its cgroup's" \
	accounted units.jsonl "$prefix.service" "${used[service]}" "$interrupted" unit
check_says "one program in containers, in a service and by hand is told apart" \
	told_apart processes.jsonl "$prefix" "${runtimes[@]}"
end_service

"$energytrace" --sysfs "$tree" --carbon GLOBAL --container "$prefix-$late" -b container -i 0.1 \
	-n 3 -o jsonl:one.jsonl 2>one.err
check "--container, exit status" "0 " "$? $(cat one.err)"
check "--container lists it in each tick and no other" "4 $prefix-$late" \
	"$(grep -o '"container":{"id":"[^"]*","name":"[^"]*"' one.jsonl | sed 's/.*"name":"//; s/"$//' |
		sort | uniq -c | sed 's/^ *//')"
for runtime in "${runtimes[@]}"; do
	end "$prefix-$runtime"
done
stop_simulation
summary

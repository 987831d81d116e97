#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes a record (docs/record.md) of many cgroups: powerapi_record.py TICKS CGROUPS [COUNTER...]

A tick a second, two packages of a CPU each, a process for each cgroup that ran a little of every second. Counters
(TSC is of the CPUs alone) count as many as there are nanoseconds, times their number.
"""

import sys

SECOND = 1_000_000_000


def main(ticks, cgroups, *counters):
    print("energytrace-record version=1")
    print("run host=hour version=0 user_hz=100 boot_realtime_ns=1700000000000000000 source=powercap "
          "kind=simulated")
    for package in (0, 1):
        print(f"domain type=package name=package-{package} node=intel-rapl:{package} package={package}")
    for cpu in (0, 1):
        print(f"cpu id={cpu} package={cpu} die=0 core={cpu} domain={cpu}")
    for name in counters:
        print(f"counter name={name} group={'msr' if name == 'TSC' else 'core'}")
    for tick in range(int(ticks) + 1):
        write_tick(tick, int(cgroups), counters)


def write_tick(tick, cgroups, counters):
    since = 100 * SECOND + tick * SECOND
    lines = [f"tick seq={tick} realtime_ns={1_700_000_000 * SECOND + since} monotonic_ns={since} "
             f"boottime_ns={since} interval_ns={SECOND if tick else 0}"]
    # Some hundred microseconds each, another number in each tick.
    used = [100_000 + (7919 * tick + 104_729 * i) % 900_000 for i in range(cgroups)] if tick else []
    for cpu in (0, 1):
        busy = sum(used[cpu::2])
        if tick:
            lines.append(f"span cpu={cpu} busy_ns={busy} idle_ns={SECOND - busy}")
            lines += [f"cpucount cpu={cpu} counter={j} value={busy * (j + 1)} enabled_ns={SECOND} "
                      f"running_ns={SECOND}" for j in range(len(counters))]
    for domain in (0, 1):
        lines.append(f"energy domain={domain} uj={20_000_000 + 1000 * (tick % 1000) if tick else 0}")
    if tick == 0:
        lines += [f"cgroup ref={i} path=/pods/pod{i}/container" for i in range(cgroups)]
    for i in range(len(used)):
        lines.append(f"process pid={1000 + i} ppid=1 start_ns={1000 + i} cgroup={i} comm=worker")
    for i, ns in enumerate(used):
        lines.append(f"task process={i} tid={1000 + i} start_ns={1000 + i} domain={i % 2} cgroup={i} "
                     f"cpu_ns={ns} comm=worker")
        lines += [f"count task={i} counter={j} value={ns * (j + 1)} enabled_ns={ns} running_ns={ns}"
                  for j, name in enumerate(counters) if name != "TSC"]
    lines.append(f"end tick={tick}\n")
    sys.stdout.write("\n".join(lines))


if __name__ == "__main__":
    main(*sys.argv[1:])

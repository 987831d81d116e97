#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What energytrace told of a load, held against what the kernel counted.

oracles.py CHECK FILE [ARGUMENT...]: prints a line of figures and exits 0, or what is wrong and exits
1. FILE is of the format jsonl, or record where the check says so. The sums within each tick are
check_jsonl.py's; what is here needs another witness.

What may differ, and by how much:

- The ledger's clock runs on through interrupts and through what the hypervisor steals; the scheduler's
  own sums leave out the latter, and where CONFIG_IRQ_TIME_ACCOUNTING is set the former. Both are in
  /proc/stat (in jiffies) and are an allowance upwards.
- getrusage ends with a child's exit_notify (a thread's: with its release), and the ledger with its last
  switch-out, some microseconds later: an allowance upwards for each birth. A cgroup's usage has them.
- What was lost by name (unattributed) is missing from processes: an allowance downwards.
- Beyond these 1 %, and a tick of the clock (4 ms) for reading the witnesses some time after the marks.
"""

import collections
import sys

from check_jsonl import cpu_ns, load, losses, parts, who

NS_PER_S = 1_000_000_000
TOLERANCE = 0.01
AT_ENDS_NS = 4_000_000
SKEW_NS = 100_000  # of one CPU, in a run that is too short for a ratio
EXIT_NS = 10_000  # from exit_notify to the last switch-out, all told


def lost_ns(ticks):
    return sum(cpu_ns(tick.host["unattributed"]) for tick in ticks)


def last_lines(ticks):
    """The last line of each process."""
    last = {}
    for tick in ticks:
        for line in tick.lines:
            last[who(line)] = line["process"]
    return last


def fail_unless(holds, text):
    if not holds:
        sys.exit(text)
    print(text)


def spans(path, stolen_ns, ppm=100):
    """The CPUs' spans against CPUs x clock, over the run: 100 ppm of ten seconds, else 100 us a CPU."""
    ticks = load(path)[1:]
    cpus = ticks[0].host["cpus"]
    elapsed = sum(tick.host["cpus"] * tick.interval * NS_PER_S for tick in ticks)
    skew = sum(int(tick.host["spanNs"]) for tick in ticks) - elapsed
    # Not running between the ledger's stamp and its look at the clock is the machine's doing.
    allowed = float(ppm) * 1e-6 * elapsed if elapsed / cpus >= 9.9e9 else SKEW_NS * cpus + int(stolen_ns)
    fail_unless(
        abs(skew) <= allowed,
        f"spans are {skew / 1e3:+.1f} us ({skew / elapsed * 1e6:+.2f} ppm) off "
        f"{cpus} CPUs x {elapsed / cpus / 1e9:.3f} s",
    )


def sums(path):
    """Where some processes are not listed, so that check_jsonl.py cannot follow their totals."""
    ticks = load(path)
    off = [
        index
        for index, tick in enumerate(ticks)
        if sum(cpu_ns(part) for part in parts(tick)) != int(tick.host["spanNs"])
    ]
    fail_unless(not off, f"{len(ticks)} ticks, {len(off)} that do not add up {off[:5]}")


def tree(path, witnesses, upwards_ns, births=0):
    """CPU time of all that is listed: witnesses are NAME=NS,..., `rusage` misses the ends of births."""
    ticks = load(path)
    ours = sum(cpu_ns(process["total"]) for process in last_lines(ticks).values())
    lost = lost_ns(ticks)
    said, wrong = [], False
    for witness in witnesses.split(","):
        name, ns = witness.split("=")
        ns = int(ns)
        up = int(upwards_ns) + (int(births) * EXIT_NS if name == "rusage" else 0)
        low = ns * (1 - TOLERANCE) - lost - AT_ENDS_NS
        high = ns * (1 + TOLERANCE) + up + AT_ENDS_NS
        wrong |= not low <= ours <= high
        said.append(f"{name} {ns / 1e9:.4f} s ({ours / ns - 1:+.3%})")
    fail_unless(
        not wrong,
        f"{ours / 1e9:.4f} s of CPU time, by {' and '.join(said)}; {lost / 1e6:.2f} ms lost by name, "
        f"{int(upwards_ns) / 1e6:.0f} ms of steal and interrupts",
    )


def lives(path, log, main_pid):
    """Each process that was made: by its own pid, once, to its end."""
    ticks = load(path)
    made = collections.Counter(int(line) for line in open(log, encoding="ascii"))
    last = last_lines(ticks)
    seen, ended = collections.Counter(), collections.Counter()
    for (pid, _), process in last.items():
        seen[pid] += 1
        ended[pid] += "ended" in process
    seen.pop(int(main_pid), None)
    missing, strange = made - seen, seen - made
    alive = sum((made - missing - ended).values())
    named = sum(losses(ticks).values())
    said = (
        f"{sum(made.values())} made of {len(made)} pids, {sum(seen.values())} seen, "
        f"{alive} not ended; losses {dict(losses(ticks))}"
    )
    if strange:
        said += f"; not made: {list(strange.items())[:5]}"
    # One that had but one slice, next to a switch that went unseen, cannot be known; that is named.
    fail_unless(sum(missing.values()) + alive <= named and not strange, said)


def losses_small(path, most, *allowed):
    """Part of the busy time that is lost, `most` at most (0: nothing), under the `allowed` names."""
    ticks = load(path)
    busy = sum(int(tick.host["spanNs"]) - cpu_ns(tick.host["idle"]) for tick in ticks)
    part, named = lost_ns(ticks) / busy, losses(ticks)
    fail_unless(
        part <= float(most) and (named or not part) and set(named) <= set(allowed),
        f"{part:.4%} of the busy time is unattributed; {dict(named)}",
    )


def named(path, *names):
    """These losses are told of in the ticks."""
    ticks = load(path)
    counts = losses(ticks)
    fail_unless(
        all(counts[name] for name in names),
        f"{lost_ns(ticks) / 1e9:.3f} s unattributed; {dict(counts)}",
    )


def host(path, inner_ns, outer_ns, upwards_ns):
    """Busy and idle time of the host against the kernel's sum over all tasks, read within and around
    the run: the idle time is not derived from either."""
    ticks = load(path)[1:]
    elapsed = sum(tick.host["cpus"] * tick.interval * NS_PER_S for tick in ticks)
    idle = sum(cpu_ns(tick.host["idle"]) for tick in ticks)
    busy = sum(int(tick.host["spanNs"]) for tick in ticks) - idle
    inner, outer, up = int(inner_ns), int(outer_ns), int(upwards_ns)
    low, high = inner * (1 - TOLERANCE) - AT_ENDS_NS, outer * (1 + TOLERANCE) + up + AT_ENDS_NS
    fail_unless(
        low <= busy <= high and elapsed - high <= idle <= elapsed - low,
        f"busy {busy / 1e9:.4f} s, idle {idle / 1e9:.4f} s; by the kernel's tasks "
        f"{inner / 1e9:.4f} to {outer / 1e9:.4f} s busy, + {up / 1e6:.0f} ms of steal and interrupts",
    )


def fields(line):
    return dict(word.split("=", 1) for word in line.split(" ")[1:])


def records(path):
    """The ticks of a record: (spans, processes, tasks), each a list of what its lines say."""
    ticks, tick = [], None
    for line in open(path, encoding="ascii"):
        kind, _, _ = line.rstrip("\n").partition(" ")
        if kind == "tick":
            tick = collections.defaultdict(list)
        elif kind == "end":
            ticks.append(tick)
        elif tick is not None:
            tick[kind].append(fields(line.rstrip("\n")))
    return ticks


def crowd(path, main_pid, n):
    """(record) That many threads of the one process, each with time of its own."""
    threads = collections.Counter()
    for tick in records(path):
        for task in tick["task"]:
            if tick["process"][int(task["process"])]["pid"] == main_pid:
                threads[task["tid"], task["start_ns"]] += int(task["cpu_ns"])
        if sum(int(span["busy_ns"]) for span in tick["span"]) != sum(
            int(task["cpu_ns"]) for task in tick["task"]
        ):
            sys.exit("the rows do not add up to the spans")
    fail_unless(
        int(n) < len(threads) and all(threads.values()), f"{len(threads) - 1} threads of {n}"
    )


def moves(path, witnesses):
    """(record) CPU time in each of the cgroups that the processes were moved among, PATH=NS,..."""
    paths, spent = {}, collections.Counter()
    for tick in records(path):
        for cgroup in tick["cgroup"]:
            paths[cgroup["ref"]] = cgroup["path"]
        for task in tick["task"]:
            spent[paths.get(task.get("cgroup"))] += int(task["cpu_ns"])
    said, wrong = [], False
    for witness in witnesses.split(","):
        name, ns = witness.rsplit("=", 1)
        off = spent[name] / int(ns) - 1
        wrong |= abs(off) > 0.1  # the slice that was running goes to the cgroup that was left
        said.append(f"{name} {int(ns) / 1e9:.3f} s ({off:+.2%})")
    fail_unless(not wrong, "; ".join(said))


def hotplug(path):
    """Spans never exceed the clock, fall below it while a CPU is away, and are whole again after."""
    ticks = load(path)[1:]
    on = [int(tick.host["spanNs"]) / (tick.interval * NS_PER_S) for tick in ticks]
    most = max(tick.host["cpus"] for tick in ticks)
    said = "CPUs by tick: " + " ".join(f"{part:.3f}" for part in on)
    whole = abs(on[-2] / most - 1) < 0.02  # the last one may be of any length
    fail_unless(max(on[:-1]) < most * 1.02 and min(on) < most - 0.5 and whole, said)


def stoppers(path):
    """(record) A CPU's stopper (migration/N) runs last before the CPU goes: it is not told the time that
    the CPU was away."""
    spent = collections.Counter()
    for tick in records(path):
        for task in tick["task"]:
            spent[task["comm"].strip('"')] += int(task["cpu_ns"])
    ns = sum(ns for comm, ns in spent.items() if comm.startswith("migration/"))
    fail_unless(ns < 50_000_000, f"the CPUs' stoppers ran for {ns / 1e6:.3f} ms")


def lost_at_most(path, ms):
    ns = lost_ns(load(path))
    fail_unless(ns <= float(ms) * 1e6, f"{ns / 1e6:.3f} ms are unattributed")


CHECKS = {
    check.__name__: check
    for check in (spans, sums, tree, lives, losses_small, named, host, crowd, moves, hotplug, stoppers, lost_at_most)
}

if __name__ == "__main__":
    CHECKS[sys.argv[1]](*sys.argv[2:])

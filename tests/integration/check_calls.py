# SPDX-License-Identifier: BSD-2-Clause
"""Windows of calls in a telemetry run, against what the program that made the calls says, and against the
run's other outputs. Each check prints what is wrong and fails, or prints nothing.

check_calls.py counts RUN NAME=WINDOWS…           run.json and the files: so many windows, nothing lost
check_calls.py truth RUN SAID INTERRUPTED_NS      the calls that the program said in file SAID, one by one
check_calls.py joules RUN JSONL                   sums, and the processes' joules of the same run's JSONL
check_calls.py deadline RUN SAID NS SUMMARY.md    missed exactly where the end is later
check_calls.py releases RUN PERIOD_NS             releases stand a period apart
check_calls.py csv FILE                           a header, and windows by the csv module
"""

import collections
import csv
import glob
import json
import math
import os
import re
import sys

RSS_OFF = 0.25  # of VmRSS
CPU_OFF = 0.01  # what two clocks may differ by
CPU_OFF_NS = 1_000_000
TRAP_NS = 2_000_000  # most of a probe's cost that lies within its own window, and in those around it
LONG_NS = 300_000_000  # many ticks

problems = []


def expect(truth, message):
    if not truth:
        problems.append(message)


def run_facts(run):
    with open(os.path.join(run, "run.json"), encoding="utf-8") as file:
        return json.load(file)


def windows_of(run):
    """By kernel, in the order of the file."""
    windows = collections.defaultdict(list)
    for path in sorted(glob.glob(os.path.join(run, "kernel-data", "*", "telemetry.ndjson"))):
        with open(path, encoding="utf-8") as file:
            for line in file:
                window = json.loads(line)
                windows[window["plugin"]].append(window)
    return windows


def said_calls(path):
    """By function and thread, in order."""
    calls = collections.defaultdict(list)
    with open(path, encoding="utf-8") as file:
        for line in file:
            word, *rest = line.split()
            if word != "call":
                continue
            function, *numbers = rest
            tid, begin, end, cpu, rss = map(int, numbers)
            calls[function, tid].append({"begin": begin, "end": end, "cpu": cpu, "rss": rss})
    return calls


# --- counts

def counts(run, *wanted):
    facts, windows = run_facts(run), windows_of(run)
    wanted = dict(word.split("=") for word in wanted)
    expect(sorted(wanted) == sorted(f["name"] for f in facts["functions"]), f"functions: {facts['functions']}")
    for function in facts["functions"]:
        name = function["name"]
        ends = sum(function[key] for key in ("windows", "dropped", "abandoned", "tooDeep", "open"))
        expect(function["begun"] == ends, f"{name}: {function['begun']} begun, {ends} accounted for: {function}")
        expect(len(windows[name]) == function["windows"], f"{name}: {len(windows[name])} lines, {function}")
        numbers = [window["window_index"] for window in windows[name]]
        expect(numbers == list(range(len(numbers))), f"{name}: not numbered one by one")
        if wanted.get(name):
            expect(function["windows"] == int(wanted[name]), f"{name}: {wanted[name]} calls: {function}")
    for total, key in (("abandoned", "abandoned"), ("dropped", "dropped")):
        expect(facts[total] == sum(f[key] for f in facts["functions"]), f"{total} of all: {facts[total]}")


# --- one by one

def truth(run, said, interrupted):
    calls = said_calls(said)
    threads = collections.defaultdict(list)
    for window in sum(windows_of(run).values(), []):
        threads[window["plugin"], window["tid"]].append(window)
    expect(sorted(threads) == sorted(calls), f"functions and threads {sorted(threads)}, not {sorted(calls)}")
    for key, windows in threads.items():
        windows.sort(key=lambda window: window["start_ts_ns"])
        expect(len(windows) == len(calls[key]), f"{key}: {len(windows)} windows of {len(calls[key])} calls")
        for window, call in zip(windows, calls[key]):
            same(key, window, call, int(interrupted))


def same(key, window, call, interrupted):
    """The call reads its clocks within the window: so that has both times, and the CPU time."""
    start, end = window["start_ts_ns"], window["end_ts_ns"]
    name = f"{key[0]} of {key[1]} at {call['begin']}"
    expect(start <= call["begin"] and call["end"] <= end, f"{name}: {start} to {end}, not {call}")
    resident = window["rss_bytes"]
    expect(abs(resident - call["rss"]) <= RSS_OFF * call["rss"], f"{name}: {resident} resident, VmRSS {call['rss']}")
    if window["energy_j"] is None:
        expect(window["cpu_ns"] == 0 and window["energy_method"] is None, f"{name}: unresolved, but {window}")
        return
    off = CPU_OFF * call["cpu"] + CPU_OFF_NS
    least, most = call["cpu"] - off, call["cpu"] + off + TRAP_NS + interrupted
    expect(least <= window["cpu_ns"] <= most, f"{name}: {window['cpu_ns']} ns on the CPU, not {call['cpu']}")
    expect(window["cpu_ns"] <= end - start, f"{name}: more CPU time than time: {window}")
    expect(window["energy_j"] > 0, f"{name}: {window['energy_j']} J")
    methods = ("resolved",) if end - start > LONG_NS else ("resolved", "shared")
    expect(window["energy_method"] in methods, f"{name}: {window['energy_method']} in {end - start} ns")


# --- joules

def outermost(windows):
    """Those that no other window of their thread contains; an unresolved one counts for nothing."""
    last = {}
    for window in sorted(windows, key=lambda w: (w["start_ts_ns"], -w["end_ts_ns"])):
        if window["end_ts_ns"] <= last.get(window["tid"], 0):
            continue
        last[window["tid"]] = window["end_ts_ns"]
        yield window


def process_totals(path):
    totals = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            process = json.loads(line).get("process")
            if process:
                totals[process["pid"]] = process["total"]["energy"]["value"]
    return totals


def joules(run, jsonl):
    facts, windows, totals = run_facts(run), windows_of(run), process_totals(jsonl)
    processes = facts["processes"]
    expect(processes, "run.json has no process")
    for process in processes:
        parts = process["windowsJoules"] + process["restJoules"]
        expect(math.isclose(parts, process["joules"], abs_tol=1e-9), f"{process}: {parts} J")
        expect(process["windowsJoules"] > 0 and process["restJoules"] > -1e-9, f"{process}")
        total = totals.get(process["pid"], math.nan)
        expect(math.isclose(total, process["joules"], abs_tol=1e-9), f"{process}: {total} J in the JSONL")
    everything = sum(windows.values(), [])
    everyone = facts["allProcesses"]
    expect(everyone["windows"] == len(everything), f"{len(everything)} windows, {everyone}")
    total = sum(totals.values())
    expect(math.isclose(everyone["joules"], total, abs_tol=1e-9), f"{everyone}, {total} J in the JSONL")
    if any(window["energy_j"] is None for window in everything):
        return  # what is around or within such a window has joules that the lines do not tell of
    own = sum(window["energy_j"] for window in outermost(everything))
    expect(math.isclose(own, everyone["windowsJoules"], abs_tol=1e-9), f"outermost windows {own} J, {everyone}")


# --- deadlines and releases

def miss_rate(summary, kernel):
    """By the table's head: its columns may change places."""
    with open(summary, encoding="utf-8") as file:
        lines = [line.strip().strip("|") for line in file if line.startswith("|")]
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    for head in (row for row in rows if "Misses" in row):
        row = next(row for row in rows[rows.index(head) + 1:] if row[0] == kernel)
        return float(row[head.index("Miss rate (%)")]), int(row[head.index("Misses")])
    return math.nan, -1


def deadline(run, said, limit, summary):
    limit = int(limit)
    (kernel, windows), = windows_of(run).items()
    calls, = said_calls(said).values()
    expect(len(windows) == len(calls), f"{len(windows)} windows of {len(calls)} calls")
    for window, call in zip(windows, calls):
        expect(window["deadline_ts_ns"] - window["release_ts_ns"] == limit, f"not {limit} ns: {window}")
        expect(window["release_ts_ns"] == window["start_ts_ns"], f"not released as it begins: {window}")
        late = window["end_ts_ns"] > window["deadline_ts_ns"]
        expect(window["deadline_missed"] == late, f"missed and late are not the same: {window}")
        expect(late or call["end"] - call["begin"] <= limit, f"{call} was too long, and not missed: {window}")
    missed = sum(window["deadline_missed"] for window in windows)
    expect(0 < missed, "none missed")
    rate, misses = miss_rate(summary, kernel)
    same_rate = math.isclose(rate, 100 * missed / len(windows), rel_tol=1e-5)
    expect(misses == missed and same_rate, f"{rate} %, {misses}: {missed} of {len(windows)}")


def releases(run, period):
    """Again from the windows' begins: one that is late leaves the schedule as it is, an early one moves it."""
    period, due = int(period), 0
    (_, windows), = windows_of(run).items()
    for window in windows:
        start = window["start_ts_ns"]
        due = start if not due or start < due else start - (start - due) % period
        expect(window["release_ts_ns"] == due, f"released at {window['release_ts_ns']}, not {due}")
        expect(window["deadline_ts_ns"] == due + period, f"the deadline is not the period: {window}")
        expect(window["deadline_missed"] == (window["end_ts_ns"] > due + period), f"{window}")
        due += period
    steps = [b["release_ts_ns"] - a["release_ts_ns"] for a, b in zip(windows, windows[1:])]
    expect(steps and steps.count(period) > len(steps) / 2, f"periods of {steps} ns")


# --- CSV

def csv_(path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = list(rows[0]) if rows else []
    expect(columns[:3] == ["run_id", "plugin", "window_index"] and columns[-1:] == ["tid"], f"columns {columns}")
    for number, row in enumerate(rows):
        expect(None not in row and None not in row.values(), f"row {number} has not the header's columns: {row}")
        expect(int(row["window_index"]) == number, f"row {number}: {row}")
        expect(int(row["end_ts_ns"]) >= int(row["start_ts_ns"]), f"row {number}: {row}")
        expect(re.fullmatch(r"\d+", row["tid"]), f"row {number}: {row}")
        expect(not row["energy_j"] or float(row["energy_j"]) > 0, f"row {number}: {row}")


def main():
    checks = {
        "counts": counts, "truth": truth, "joules": joules,
        "deadline": deadline, "releases": releases, "csv": csv_,
    }
    checks[sys.argv[1]](*sys.argv[2:])
    if problems:
        more = [f"… {len(problems) - 8} more"] if len(problems) > 8 else []
        sys.exit("\n".join(problems[:8] + more))


main()

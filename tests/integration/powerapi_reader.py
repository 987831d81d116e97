#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Reads PowerAPI reports as the programs of that toolkit do, and checks what they rely on.

It shares nothing with the program but the documents (the toolkit's page on reports, docs/powerapi.md). Prints
what is wrong and exits 1, or one line about what was read.

  powerapi_reader.py file FILE             JSON reports with ISO timestamps
  powerapi_reader.py socket FILE           what a socket received: epoch milliseconds
  powerapi_reader.py directory DIR         the CSV files
  powerapi_reader.py agree JSONL FILE DIR SOCKET
                                           all of one run, the JSONL by cgroup
  powerapi_reader.py counters FILE DIR     both have counters, and the targets' are the CPUs'
  powerapi_reader.py delivered FILE SOCKET [DROPPED]
                                           all that is in FILE was received, but for so many
"""

import collections
import csv
import datetime
import json
import math
import os
import re
import sys

UNITS_PER_J = 2**32
EXACT = 1e-12  # one formula, computed in another order
SUMS = 1e-9  # sums in another order
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}")
EVENT = re.compile(r"[A-Za-z][A-Za-z0-9_:.=-]*")
COMMON = {"timestamp", "sensor", "target", "metadata"}

Tick = collections.namedtuple("Tick", "ms power procfs hwpc")


class Wrong(Exception):
    pass


def expect(holds, *what):
    if not holds:
        raise Wrong(" ".join(str(word) for word in what))


def close(a, b, tolerance=EXACT):
    return math.isclose(a, b, rel_tol=tolerance, abs_tol=1e-12)


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


# --- JSON


def epoch_ms(text):
    """As release 2.10 reads it, which wants a fraction and no zone; the newest reader must agree."""
    expect(ISO.fullmatch(text), "timestamp", text)
    when = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f")
    expect(when == datetime.datetime.fromisoformat(text), "timestamp", text)
    since = when - datetime.datetime(1970, 1, 1)
    return (since.days * 86400 + since.seconds) * 1000 + since.microseconds // 1000


def check_common(report, on_socket):
    stamp = report["timestamp"]
    if on_socket:
        expect(type(stamp) is int, "timestamp", stamp)
        report["ms"] = stamp
    else:
        expect(isinstance(stamp, str), "timestamp", stamp)
        report["ms"] = epoch_ms(stamp)
    expect(isinstance(report["sensor"], str) and report["sensor"], "sensor", report["sensor"])
    expect(isinstance(report["metadata"], dict), "metadata", report["metadata"])


def check_power(report):
    expect(set(report) == COMMON | {"power", "ms"}, "fields of a PowerReport:", sorted(report))
    expect(isinstance(report["target"], str) and report["target"], "target", report["target"])
    expect(is_number(report["power"]) and report["power"] >= 0, "power", report["power"])
    expect(report["metadata"]["source"] != "none", "source", report["metadata"])
    kinds = ("measured", "estimated", "simulated")
    expect(report["metadata"]["kind"] in kinds, "kind", report["metadata"])


def check_procfs(report):
    fields = COMMON | {"usage", "global_cpu_usage", "ms"}
    expect(set(report) == fields, "fields of a ProcfsReport:", sorted(report))
    target, usage = report["target"], report["usage"]
    expect(isinstance(target, list) and isinstance(usage, dict), "target and usage")
    expect(list(usage) == target and len(set(target)) == len(target), "usage is not by target")
    for name, value in list(usage.items()) + [("global", report["global_cpu_usage"])]:
        expect(is_number(value) and value >= 0, "usage of", name, value)
    total = report["global_cpu_usage"]
    expect(sum(usage.values()) <= total * (1 + SUMS) + 1e-9, "usage is above", total)


def check_hwpc(report):
    expect(set(report) == COMMON | {"groups", "ms"}, "fields of a HWPCReport:", sorted(report))
    expect(report["groups"], "no groups")
    for group, sockets in report["groups"].items():
        expect(group in ("rapl", "msr", "core"), "group", group)
        expect(group == "core" or report["target"] == "all", group, "of", report["target"])
        expect(sockets, "no sockets in", group)
        for socket, cpus in sockets.items():
            expect(socket.isdigit() and cpus, "socket", socket)
            expect(group != "rapl" or len(cpus) == 1, "rapl on", len(cpus), "CPUs")
            for cpu, values in cpus.items():
                expect(cpu.isdigit(), "cpu", cpu)
                check_values(values)


def check_values(values):
    for name, value in values.items():
        expect(type(value) is int and 0 <= value < 2**64, name, value)
        expect(EVENT.fullmatch(name) or name.startswith("time_"), "event", name)
    enabled, running = values["time_enabled"], values["time_running"]
    expect(enabled >= running > 0, "enabled", enabled, "running", running)


def read_lines(path, cut_allowed=False):
    with open(path, "rb") as file:
        data = file.read()
    lines = data.split(b"\n")
    expect(not lines.pop() or cut_allowed, path, "ends in mid-line")
    return lines


def parse(line, where, on_socket):
    try:
        report = json.loads(line.decode("utf-8"))
        check_common(report, on_socket)
        if "power" in report:
            check_power(report)
        elif "usage" in report:
            check_procfs(report)
        else:
            check_hwpc(report)
    except (ValueError, KeyError, TypeError, Wrong) as error:
        raise Wrong(f"{where}: {error!r}") from None
    return report


def to_tick(reports):
    """One tick's reports, in the order that docs/powerapi.md promises."""
    power = [r for r in reports if "power" in r]
    procfs = [r for r in reports if "usage" in r]
    hwpc = [r for r in reports if "groups" in r]
    expect(reports == power + procfs + hwpc, "the kinds are mixed")
    expect(len(procfs) <= 1, len(procfs), "ProcfsReports")
    for some in (power, hwpc):
        names = [r["target"] for r in some]
        expect(not names or names[0] == "all", "the first target is", names[:1])
        expect(names[1:] == sorted(set(names[1:]), key=str.encode), "targets are not in order")
    return Tick(reports[0]["ms"], power, procfs[0] if procfs else None, hwpc)


def load_json(path, on_socket, cut_allowed=False):
    ticks, gathered = [], []
    for number, line in enumerate(read_lines(path, cut_allowed), 1):
        report = parse(line, f"{path}:{number}", on_socket)
        if gathered and gathered[0]["timestamp"] != report["timestamp"]:
            ticks.append(to_tick(gathered))
            gathered = []
        gathered.append(report)
    if gathered:
        ticks.append(to_tick(gathered))
    for before, after in zip(ticks, ticks[1:]):
        expect(before.ms < after.ms, "the time goes back at", after.ms)
    for tick in ticks:
        check_tick(tick)
    return ticks


def watts_of_rapl(tick):
    """By the units, from the group rapl: of the packages of all sockets."""
    watts = 0
    for cpus in tick.hwpc[0]["groups"]["rapl"].values():
        for values in cpus.values():
            joules = values["RAPL_ENERGY_PKG"] / UNITS_PER_J
            watts += joules / (values["time_running"] / 1e9)
    return watts


def check_tick(tick):
    """What the reports of one tick say of each other."""
    where = f"tick at {tick.ms}:"
    if tick.power:
        everything = tick.power[0]
        parts = sum(r["power"] for r in tick.power[1:])
        parts += sum(everything["metadata"].get(k, 0) for k in ("idle", "unattributed", "others"))
        expect(close(parts, everything["power"], SUMS), where, parts, "W of", everything["power"])
    if tick.power and tick.procfs:
        names = [r["target"] for r in tick.power[1:]]
        expect(names == tick.procfs["target"], where, "targets differ")
    if tick.power and tick.hwpc:
        watts = watts_of_rapl(tick)
        # Each value is rounded to a whole unit.
        expect(abs(watts - tick.power[0]["power"]) < 1e-6, where, watts, "W by rapl")


# --- CSV


def load_csv(path, head):
    """Rows as the newest reader takes them: whole numbers, sorted by timestamp, sensor and target."""
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        columns = reader.fieldnames
        rows = list(reader)
    expect(columns[: len(head)] == head, path, "has the columns", columns)
    expect(columns[len(head) :] == sorted(columns[len(head) :]), path, "events are not sorted")
    last = (0, "", b"", -1, -1)
    for row in rows:
        expect(None not in row and None not in row.values(), path, "has a row of", len(row))
        place = (int(row["timestamp"]), row["sensor"], row["target"].encode())
        place += (int(row.get("socket", 0)), int(row.get("cpu", 0)))
        expect(place > last, path, "is not sorted at", place)
        last = place
        for event in columns[len(head) :]:
            row[event] = int(row[event])
    return rows


def load_directory(path):
    power = load_csv(os.path.join(path, "power.csv"), ["timestamp", "sensor", "target", "power"])
    head = ["timestamp", "sensor", "target", "socket", "cpu"]
    rapl = load_csv(os.path.join(path, "rapl.csv"), head)
    expect(all(row["target"] == "all" for row in rapl), "rapl is not of all")
    with open(os.path.join(path, "source.json"), encoding="utf-8") as file:
        source = json.load(file)
    expect(set(source) == {"source", "kind"}, "source.json has", source)
    for row in power:
        expect(float(row["power"]) >= 0, "power", row["power"])
    return power, rapl


# --- against each other


def escaped(name):
    """A target of a cgroup's path: its own bytes, but for control characters and what is no UTF-8."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return re.sub(r"[\x00-\x1f\x7f]", lambda m: f"\\x{ord(m[0]):02x}", text)


def load_jsonl(path):
    """(epoch ms, interval, host, {target: tick figures}) of each tick after the start mark."""
    ticks = []
    for line in read_lines(path):
        line = json.loads(line)
        if line["intervalSeconds"] is None:
            continue
        when = line["timestamp"]
        if not ticks or ticks[-1][0] != when:
            ticks.append((when, line["intervalSeconds"], line["host"], {}))
        ticks[-1][3][escaped(line["cgroup"]["id"])] = line["cgroup"]["tick"]
    return [(epoch_ms(t[0][:-1] + "000"), *t[1:]) for t in ticks]


def agree_with_jsonl(tick, other):
    ms, interval, host, cgroups = other
    where = f"tick at {ms}:"
    expect(tick.ms == ms, where, "is at", tick.ms)
    energy = host["energy"]
    power = {r["target"]: r["power"] for r in tick.power}
    expect(close(power.pop("all"), energy["delta"] / interval), where, "power of all")
    expect(set(power) == set(cgroups), where, "targets", set(power) ^ set(cgroups))
    for name, figures in cgroups.items():
        watts = figures["energy"]["value"] / interval
        percent = int(figures["cpuNs"]) / (interval * 1e9) * 100
        expect(close(power[name], watts), where, name, power[name], "W, not", watts)
        usage = tick.procfs["usage"][name]
        expect(close(usage, percent), where, name, usage, "%, not", percent)
    active = sum(int(f["cpuNs"]) for f in cgroups.values()) + int(host["unattributed"]["cpuNs"])
    percent = active / (interval * 1e9) * 100
    expect(close(tick.procfs["global_cpu_usage"], percent), where, "global_cpu_usage")
    rapl = collections.Counter()
    for cpus in tick.hwpc[0]["groups"]["rapl"].values():
        for values in cpus.values():
            rapl.update({event: values[event] for event in values})
            expect(close(values["time_enabled"], interval * 1e9), where, "time_enabled")
    expected = {"RAPL_ENERGY_PKG": [p["delta"] for p in energy["perPackage"]]}
    for domain in energy.get("domains", []):
        names = {"dram": "DRAM", "core": "CORES", "uncore": "GPU", "psys": "PSYS"}
        if domain["type"] in names:
            expected.setdefault("RAPL_ENERGY_" + names[domain["type"]], []).append(domain["delta"])
    events = {event for event in rapl if event.startswith("RAPL_")}
    expect(events == set(expected), where, "events", events)
    for event, joules in expected.items():
        off = abs(rapl[event] - sum(joules) * UNITS_PER_J)
        expect(off <= len(joules) / 2 + 1e-3, where, event, "is off by", off)


def agree_with_csv(ticks, power, rapl):
    rows = [(t.ms, r["sensor"], r["target"], r["power"]) for t in ticks for r in t.power]
    rows.sort(key=lambda row: (row[0], row[1], row[2].encode()))
    others = [(int(r["timestamp"]), r["sensor"], r["target"], float(r["power"])) for r in power]
    expect(rows == others, "power.csv differs from the file")
    rows = []
    for tick in ticks:
        for socket, cpus in sorted(tick.hwpc[0]["groups"]["rapl"].items(), key=lambda s: int(s[0])):
            for cpu, values in cpus.items():
                rows.append((tick.ms, socket, cpu, values))
    expect(len(rows) == len(rapl), "rapl.csv has", len(rapl), "rows, not", len(rows))
    for row, other in zip(rows, rapl):
        place = (int(other["timestamp"]), other["socket"], other["cpu"])
        expect(row[:3] == place, "rapl.csv has", place, "for", row[:3])
        for event, value in other.items():
            if event.startswith("RAPL_"):
                expect(row[3].get(event, 0) == value, "rapl.csv:", place, event, value)


def agree_with_socket(ticks, others):
    expect(len(ticks) == len(others), "the socket has", len(others), "ticks, not", len(ticks))
    for tick, other in zip(ticks, others):
        for a, b in zip(flatten(tick), flatten(other)):
            expect({**a, "timestamp": 0} == {**b, "timestamp": 0}, "the socket differs:", b)


def flatten(tick):
    return tick.power + ([tick.procfs] if tick.procfs else []) + tick.hwpc


def agree(jsonl, file, directory, socket):
    ticks = load_json(file, False)
    others = load_jsonl(jsonl)
    expect(ticks, "there are no ticks")
    expect(len(ticks) == len(others), len(ticks), "ticks, and", len(others), "in the JSONL")
    for tick, other in zip(ticks, others):
        agree_with_jsonl(tick, other)
    agree_with_csv(ticks, *load_directory(directory))
    agree_with_socket(ticks, load_json(socket, True))
    targets = {r["target"] for t in ticks for r in t.power}
    print(f"{len(ticks)} ticks, {len(targets)} targets: four forms agree")


def counters(file, directory):
    """Of a record in which every count is of some target: socket by socket, event by event."""
    n = 0
    for tick in load_json(file, False):
        expect(set(tick.hwpc[0]["groups"]) == {"rapl", "msr", "core"}, "groups of all")
        sums = collections.Counter()
        for report in tick.hwpc:
            for socket, cpus in report["groups"].get("core", {}).items():
                for values in cpus.values():
                    sign = 1 if report["target"] == "all" else -1
                    for event, value in values.items():
                        if not event.startswith("time_"):
                            sums[socket, event] += sign * value
                            n += 1
        expect(not any(sums.values()), f"tick at {tick.ms}:", sums)
    head = ["timestamp", "sensor", "target", "socket", "cpu"]
    core = load_csv(os.path.join(directory, "core.csv"), head)
    msr = load_csv(os.path.join(directory, "msr.csv"), head)
    expect(all(row["target"] == "all" for row in msr), "msr is not of all")
    expect(n == len(core) * (len(core[0]) - len(head)), n, "values, but", len(core), "rows")
    print(f"{n} values")


def delivered(file, socket, dropped=0):
    """All that is in the file was received, whole, some of it twice perhaps; but for what was dropped."""
    received = collections.Counter()
    for number, line in enumerate(read_lines(socket), 1):
        report = parse(line, f"{socket}:{number}", True)
        received[report["ms"], json.dumps(report["target"]), tuple(report)] += 1
    missing, n = 0, 0
    for number, line in enumerate(read_lines(file), 1):
        report = parse(line, f"{file}:{number}", False)
        missing += (report["ms"], json.dumps(report["target"]), tuple(report)) not in received
        n += 1
    twice = sum(times - 1 for times in received.values())
    expect(len(received) + missing == n, "reports came that were never made")
    expect(missing == dropped, missing, "of", n, "reports are missing, not", dropped)
    print(f"{n} reports, {missing} missing as counted, {twice} twice")


def main(command, *arguments):
    if command in ("file", "socket"):
        ticks = load_json(arguments[0], command == "socket")
        expect(ticks, "there are no ticks")
        print(f"{len(ticks)} ticks, {sum(len(flatten(t)) for t in ticks)} reports")
    elif command == "directory":
        power, rapl = load_directory(arguments[0])
        expect(power and rapl, "there are no rows")
        print(f"{len(power)} rows of power, {len(rapl)} of rapl")
    elif command == "agree":
        agree(*arguments)
    elif command == "counters":
        counters(*arguments)
    elif command == "delivered":
        delivered(*arguments[:2], *map(int, arguments[2:]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Wrong as problem:
        sys.exit(f"{problem}")

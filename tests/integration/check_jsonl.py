#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Reads the output format jsonl again and checks every sum that a reader may rely on.

It shares nothing with the program but the documents: what it expects it computes from the ticks.
Prints what is wrong and exits 1, or one line about what was read. Other tests import load().
"""

import argparse
import collections
import datetime
import json
import math
import os
import re
import statistics
import sys

NS_PER_S = 1_000_000_000
J_PER_KWH = 3.6e6
ROUNDING = 1e-12  # of one formula
SUMMING = 1e-9  # of sums in another order
SLICE_NS = 10_000_000  # for so long the program may be preempted while it closes a tick
SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "jsonl.schema.json")

KINDS = ("thread", "process", "tree", "cgroup", "container", "unit", "user")
BLOCK = re.compile(',"(?:%s)":{' % "|".join(KINDS))

Tick = collections.namedtuple("Tick", "timestamp interval host lines")


class Problems(list):
    def add(self, where, text):
        self.append(f"{where}: {text}")


def read_lines(path, cut_allowed=False):
    """The objects of the file's lines. What lines of one tick have in common is one object."""
    with open(path, "rb") as file:
        data = file.read()
    lines = data.split(b"\n")
    cut = lines.pop()
    if cut and not cut_allowed:
        raise ValueError(f"{path}: the last line is not complete: {cut[-60:]!r}")
    parsed, last_head, head = [], None, {}
    for number, line in enumerate(lines, 1):
        try:
            text = line.decode("utf-8")
            block = BLOCK.search(text)
            before = text[: block.start()] if block else text
            if before != last_head or not block:
                head = json.loads(before + "}" if block else text, parse_constant=no_constant)
                last_head = before
            rest = "{" + text[block.start() + 1 :] if block else "{}"
            parsed.append({**head, **json.loads(rest, parse_constant=no_constant)})
        except ValueError as error:
            raise ValueError(f"{path}:{number}: {error}") from None
    return parsed


def no_constant(word):
    raise ValueError(f"{word} is not JSON")


def load(path, cut_allowed=False):
    """The file as a list of ticks."""
    return to_ticks(read_lines(path, cut_allowed))


def to_ticks(lines):
    ticks = []
    for line in lines:
        if ticks and ticks[-1].timestamp == line["timestamp"] and ticks[-1].host == line["host"]:
            ticks[-1].lines.append(line)
        else:
            ticks.append(Tick(line["timestamp"], line["intervalSeconds"], line["host"], [line]))
    return ticks


def kind_of(line):
    return next(kind for kind in KINDS if kind in line)


def entity(line):
    return line[kind_of(line)]


def who(line):
    block = entity(line)
    return block.get("id", block.get("pid")), block.get("startTime")


def cpu_ns(figures):
    return int(figures["cpuNs"])


def joules(figures):
    return figures["energy"]["value"]


def parts(tick):
    """Everything that the time and the joules of a tick are shared among."""
    yield from (entity(line)["tick"] for line in tick.lines)
    for key in ("idle", "unattributed", "others"):
        if key in tick.host:
            yield tick.host[key]


def close(a, b, relative, absolute=1e-12):
    return math.isclose(a, b, rel_tol=relative, abs_tol=absolute)


def jiffies(ns, hz):
    return ns * hz // NS_PER_S


def shape(value):
    if isinstance(value, dict):
        return tuple((key, shape(value[key])) for key in sorted(value))
    if isinstance(value, list):
        return tuple(shape(item) for item in value)
    return type(value)


def check_schema(lines, path, problems):
    """Each line of a short file; of a long one each of a new shape, and one in 200."""
    try:
        import jsonschema
    except ImportError:
        return "no jsonschema: not validated"
    with open(path, encoding="utf-8") as file:
        validator = jsonschema.Draft7Validator(json.load(file))
    shapes, host, of_host = set(), None, None
    for number, line in enumerate(lines, 1):
        if line["host"] is not host:
            host = line["host"]
            of_host = shape(host)
        block = [shape(line[key]) for key in KINDS if key in line]
        its = of_host, tuple(block), shape(line["carbon"])
        if number > 200 and number % 200 and its in shapes:
            continue
        shapes.add(its)
        for error in validator.iter_errors(line):
            where = "/".join(str(step) for step in error.absolute_path)
            problems.add(f"line {number}", f"{where}: {error.message[:200]}")
    return "valid"


class Window:
    """The sums over the last ticks, made afresh."""

    def __init__(self, size):
        self.ticks = collections.deque(maxlen=size)

    def push(self, tick):
        used = {who(line): cpu_ns(entity(line)["tick"]) for line in tick.lines}
        active = int(tick.host["spanNs"]) - cpu_ns(tick.host["idle"])
        self.ticks.append(
            (active, int(tick.host["cpu"]["deltaActive"]), tick.host["energy"]["delta"], used)
        )
        self.active_ns = sum(entry[0] for entry in self.ticks)
        self.active_jiffies = sum(entry[1] for entry in self.ticks)
        self.joules = None
        if tick.host["energy"]["delta"] is not None:
            self.joules = math.fsum(entry[2] for entry in self.ticks)

    def ns_of(self, key):
        return sum(entry[3].get(key, 0) for entry in self.ticks)

    def forget(self, key):
        for entry in self.ticks:
            entry[3].pop(key, None)


class Checker:
    def __init__(self, options, problems):
        self.options = options
        self.problems = problems
        self.window = Window(options.window)
        self.total_ns = collections.Counter()
        self.total_joules = collections.defaultdict(list)
        self.subtree_ns = collections.Counter()
        self.ended = set()
        self.active_ns = self.idle_ns = 0
        self.active_jiffies = self.idle_jiffies = 0
        self.skews = []  # of each tick: span - cpus * interval, in ns
        self.wide = []  # the same, relative, of ticks from half a second
        self.elapsed_ns = 0  # cpus * interval
        self.before = None

    def tick(self, number, tick):
        where = f"tick {number}"
        self.check_order(where, number, tick)
        self.check_host(where, tick)
        self.check_sums(where, tick)
        if number > 0:
            if tick.interval is not None:
                self.check_span(tick)
            self.window.push(tick)
        else:
            self.check_mark(where, tick)
        factor = tick.lines[0]["carbon"]["emissionFactor"]["value"]
        for key in ("idle", "unattributed", "others"):
            if key in tick.host:
                self.check_figures(f"{where}, {key}", tick.host[key], factor)
        for line in tick.lines:
            self.check_line(f"{where}, {kind_of(line)} {who(line)[0]}", line, number > 0)
        self.check_subtrees(where, [line for line in tick.lines if "cgroup" in line])
        for line in tick.lines:
            if entity(line).get("ended"):
                self.end(line)

    def check_order(self, where, number, tick):
        if (tick.interval is None) != (number == 0):
            self.problems.add(where, f"intervalSeconds is {tick.interval} in tick {number} of the file")
        at = datetime.datetime.strptime(tick.timestamp, "%Y-%m-%dT%H:%M:%S.%fZ")
        if self.before and at < self.before:
            self.problems.add(where, f"{tick.timestamp} is earlier than the tick before it")
        self.before = at
        if len({kind_of(line) for line in tick.lines}) > 1:
            self.problems.add(where, "lines of more than one kind")
        keys = [who(line) for line in tick.lines]
        if len(set(keys)) < len(keys):
            self.problems.add(where, "an entity is there twice")
        if len({entity(line).get("pid") for line in tick.lines if "self" in entity(line)}) > 1:
            self.problems.add(where, "more than one process is energytrace itself")
        for line in tick.lines:
            if line["timestamp"] != tick.timestamp or line["intervalSeconds"] != tick.interval:
                self.problems.add(where, "lines of one tick differ in time")

    def check_mark(self, where, tick):
        if int(tick.host["spanNs"]) or tick.host["energy"]["delta"]:
            self.problems.add(where, "the start mark has time or energy")
        for part in parts(tick):
            if cpu_ns(part) or joules(part):
                self.problems.add(where, f"the start mark has {part}")

    def check_host(self, where, tick):
        cpu, energy = tick.host["cpu"], tick.host["energy"]
        active, idle = int(cpu["deltaActive"]), int(cpu["deltaIdle"])
        if int(cpu["deltaTotal"]) != active + idle:
            self.problems.add(where, f"deltaTotal is not the sum: {cpu}")
        idle_ns = cpu_ns(tick.host["idle"])
        self.idle_ns += idle_ns
        self.active_ns += int(tick.host["spanNs"]) - idle_ns
        self.active_jiffies += active
        self.idle_jiffies += idle
        hz = self.options.hz
        if self.active_jiffies != jiffies(self.active_ns, hz):
            self.problems.add(where, f"active jiffies drift: {self.active_jiffies}")
        if self.idle_jiffies != jiffies(self.idle_ns, hz):
            self.problems.add(where, f"idle jiffies drift: {self.idle_jiffies}")
        clamped = 0.2 if tick.interval is None else min(max(tick.interval, 0.2), 5)
        if energy["meta"]["internalClampedDt"] != clamped:
            self.problems.add(where, f"internalClampedDt of {tick.interval} s: {energy['meta']}")
        packages = sum(package["delta"] for package in energy["perPackage"])
        if energy["delta"] is None:
            if energy["perPackage"] or energy["meta"]["kind"] != "none":
                self.problems.add(where, f"no joules, but {energy}")
        elif not close(energy["delta"], packages, ROUNDING):
            self.problems.add(where, f"delta {energy['delta']}, but packages {packages}")

    def check_sums(self, where, tick):
        ns = sum(cpu_ns(part) for part in parts(tick))
        if ns != int(tick.host["spanNs"]):
            self.problems.add(where, f"{ns} ns are shared out, of {tick.host['spanNs']}")
        values = [joules(part) for part in parts(tick)]
        delta = tick.host["energy"]["delta"]
        if delta is None:
            if any(value is not None for value in values):
                self.problems.add(where, "joules without a source")
            return
        if not close(math.fsum(values), delta, SUMMING):
            self.problems.add(where, f"{math.fsum(values)} J are shared out, of {delta}")

    def check_span(self, tick):
        expected = tick.host["cpus"] * tick.interval * NS_PER_S
        skew = int(tick.host["spanNs"]) - expected
        self.skews.append(skew)
        self.elapsed_ns += expected
        if tick.interval >= 0.5:
            self.wide.append(abs(skew / expected))
            if abs(skew) > tick.host["cpus"] * SLICE_NS:
                self.problems.add(tick.timestamp, f"spans are {skew:.0f} ns off {expected:.0f}")

    def check_figures(self, where, figures, factor):
        if joules(figures) is None:
            if figures["emissions"]["value"] is not None:
                self.problems.add(where, f"grams without joules: {figures}")
        elif not close(
            figures["emissions"]["value"], joules(figures) / J_PER_KWH * factor, SUMMING, 0
        ):
            self.problems.add(where, f"grams do not follow from joules: {figures}")

    def check_line(self, where, line, counts):
        block, key = entity(line), who(line)
        factor = line["carbon"]["emissionFactor"]["value"]
        if key in self.ended:
            self.problems.add(where, "has ended before")
        self.check_figures(where, block["tick"], factor)
        self.check_figures(where, block["total"], factor)
        self.check_total(where, block, key)
        self.check_window(where, block, key, counts)
        self.check_carbon(where, line, factor)

    def end(self, line):
        """What has a start does not come again; another of the same path begins at 0."""
        key = who(line)
        if kind_of(line) in ("process", "thread"):
            self.ended.add(key)
            return
        for sums in (self.total_ns, self.total_joules, self.subtree_ns):
            sums.pop(key, None)
        self.window.forget(key)

    def check_subtrees(self, where, lines):
        own = {who(line)[0]: cpu_ns(line["cgroup"]["tick"]) for line in lines}
        for line in lines:
            path, subtree = who(line)[0], line["cgroup"].get("subtree")
            if subtree is None:
                continue
            above = path if path.endswith("/") else path + "/"
            ns = own[path] + sum(own[p] for p in own if p != path and p.startswith(above))
            self.subtree_ns[path, None] += cpu_ns(subtree["tick"])
            factor = line["carbon"]["emissionFactor"]["value"]
            for figures in subtree.values():
                self.check_figures(f"{where}, below {path}", figures, factor)
            # With --top what is below may have no line.
            if cpu_ns(subtree["tick"]) < ns or (
                cpu_ns(subtree["tick"]) > ns and not self.options.top
            ):
                self.problems.add(where, f"the subtree of {path} is {subtree['tick']}, not {ns} ns")
            if not self.options.top and cpu_ns(subtree["total"]) != self.subtree_ns[path, None]:
                self.problems.add(where, f"the subtree of {path} has {subtree['total']} in all")

    def check_total(self, where, block, key):
        self.total_ns[key] += cpu_ns(block["tick"])
        if cpu_ns(block["total"]) != self.total_ns[key]:
            self.problems.add(where, f"total.cpuNs is not {self.total_ns[key]}: {block['total']}")
        if joules(block["tick"]) is None:
            return
        self.total_joules[key].append(joules(block["tick"]))
        total = math.fsum(self.total_joules[key])
        if not close(joules(block["total"]), total, SUMMING):
            self.problems.add(where, f"total joules are not {total}: {block['total']}")

    def check_window(self, where, block, key, counts):
        window, mine = block["window"], self.window.ns_of(key) if counts else 0
        active = self.window.active_ns if counts else 0
        share = min(mine / active, 1) if active else 0
        if not close(block["cpuShare"], share, ROUNDING):
            self.problems.add(where, f"cpuShare {block['cpuShare']}, should be {share}")
        if block["active"] != (mine > 0):
            self.problems.add(where, f"active is {block['active']} with {mine} ns")
        if window["samples"] != len(self.window.ticks):
            self.problems.add(where, f"{window['samples']} samples, not {len(self.window.ticks)}")
        total, hz = self.total_ns[key], self.options.hz
        expected = jiffies(total, hz) - jiffies(total - mine, hz)
        if int(window["cpuTicks"]["processActive"]) != expected:
            self.problems.add(where, f"processActive is not {expected}: {window['cpuTicks']}")
        if counts and int(window["cpuTicks"]["hostActive"]) != self.window.active_jiffies:
            self.problems.add(where, f"hostActive: {window['cpuTicks']}")
        host = window["energy"]["host"]
        if counts and (host is None) != (self.window.joules is None):
            self.problems.add(where, "some joules are null and some not")
        elif counts and host is not None and not close(host, self.window.joules, ROUNDING):
            self.problems.add(where, f"window joules {host}, should be {self.window.joules}")
        if host is not None and not close(
            block["energy"]["value"], host * block["cpuShare"], ROUNDING
        ):
            self.problems.add(where, f"energy.value is not share * window: {block['energy']}")

    def check_carbon(self, where, line, factor):
        carbon, value = line["carbon"], entity(line)["energy"]["value"]
        kwh, grams = carbon["energy"]["value"], carbon["emissions"]["value"]
        if value is None:
            if kwh is not None or grams is not None:
                self.problems.add(where, f"carbon without joules: {carbon}")
        elif not close(kwh, value / J_PER_KWH, ROUNDING, 0):
            self.problems.add(where, f"kWh do not follow from {value} J: {kwh}")
        elif not close(grams, kwh * factor, ROUNDING, 0):
            self.problems.add(where, f"grams do not follow from {kwh} kWh: {grams}")

    def finish(self):
        """What can be said only of the whole run."""
        if self.wide and statistics.median(self.wide) > 1e-3:
            self.problems.add("run", f"spans are off by {statistics.median(self.wide):.1e}")
        skew = sum(self.skews) / self.elapsed_ns if self.elapsed_ns else 0
        limit = self.options.span_ppm * 1e-6
        if self.elapsed_ns and sum(self.skews) != 0 and self.seconds() >= 9.9 and abs(skew) > limit:
            self.problems.add("run", f"spans are off by {skew * 1e6:.1f} ppm in all")
        return skew

    def seconds(self):
        return self.elapsed_ns / NS_PER_S / self.options.cpus


def losses(ticks):
    counts = collections.Counter()
    for tick in ticks:
        counts.update(tick.host.get("losses", {}))
    return counts


def check(options):
    problems = Problems()
    try:
        lines = read_lines(options.file, options.cut)
        ticks = to_ticks(lines)
    except (ValueError, KeyError, TypeError) as error:
        problems.add(options.file, f"{type(error).__name__} {error}")
        return problems, ""
    if not lines:
        problems.add(options.file, "no lines")
        return problems, ""
    try:
        validity = check_schema(lines, options.schema, problems)
    except KeyError as error:
        problems.add(options.file, f"a line has no {error}")
    if problems:
        return problems, ""
    options.cpus = ticks[0].host["cpus"] or 1
    checker = Checker(options, problems)
    for number, tick in enumerate(ticks):
        checker.tick(number, tick)
    skew = checker.finish()
    named = losses(ticks)
    for name in options.loss:
        if not named[name]:
            problems.add("run", f"no loss is named {name}: {dict(named)}")
    lost = sum(cpu_ns(tick.host["unattributed"]) for tick in ticks)
    if lost and not named:
        problems.add("run", f"{lost} ns are unattributed and no loss is named")
    said = (
        f"{len(lines)} lines, {len(ticks)} ticks, {len({who(line) for line in lines})} "
        f"entities by {kind_of(lines[0])}, "
        f"{validity}; spans {skew * 1e6:+.1f} ppm; unattributed "
        f"{lost / max(checker.active_ns, 1):.4%}; losses {dict(named)}"
    )
    return problems, said


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--schema", default=SCHEMA)
    parser.add_argument("--window", type=int, default=10, help="as energytrace's -w")
    parser.add_argument("--hz", type=int, default=os.sysconf("SC_CLK_TCK"))
    parser.add_argument("--span-ppm", type=float, default=100, help="over 10 s and more")
    parser.add_argument("--cut", action="store_true", help="the last line may be cut")
    parser.add_argument("--top", action="store_true", help="not all that used something has a line")
    parser.add_argument("--loss", action="append", default=[], help="has to be named")
    problems, said = check(parser.parse_args())
    for problem in problems[:10]:
        print(problem)
    if problems:
        print(f"{len(problems)} problems in all")
        return 1
    print(said)
    return 0


if __name__ == "__main__":
    sys.exit(main())

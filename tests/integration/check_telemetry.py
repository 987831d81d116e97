# SPDX-License-Identifier: BSD-2-Clause
"""Telemetry's outputs, checked by other means than those that made them. Each check prints what is wrong and
fails, or prints nothing.

check_telemetry.py summary RUN             SUMMARY.md against the windows, by Python's statistics
check_telemetry.py comparison BASE RUN     COMPARISON.md: ranks counted pair by pair, t by integration
check_telemetry.py page FILE...            report.html: XML, structure, names for screen readers, no network
check_telemetry.py drawing FILE...         SVG files
check_telemetry.py contrast FILE           the page's colours, light and dark, by WCAG 2.1
check_telemetry.py screenshot PNG SCHEME   a page was drawn, in light or dark
"""

import csv
import glob
import html.parser
import json
import math
import os
import re
import statistics
import struct
import sys
import xml.etree.ElementTree as etree
import zlib

SVG = "{http://www.w3.org/2000/svg}"
MAX_PAGE = 2 * 10**6

problems = []


def expect(truth, message):
    if not truth:
        problems.append(message)


def near(name, expected, actual, relative=2e-5, absolute=1e-9):
    """As the table has it: six digits, or "-"."""
    if expected is None or math.isnan(expected):
        expect(actual == "-", f"{name}: {actual} for what is not known")
        return
    expect(
        actual != "-" and math.isclose(expected, float(actual), rel_tol=relative, abs_tol=absolute),
        f"{name}: {actual}, expected {expected:.9g}",
    )


# --- the windows

def windows_of(run):
    """The windows of each kernel that count."""
    kernels = {}
    for path in sorted(glob.glob(os.path.join(glob.escape(run), "kernel-data", "*", "telemetry.*"))):
        with open(path, encoding="utf-8") as file:
            lines = file.read().split("\n")
        if path.endswith(".csv"):
            rows = list(csv.DictReader(line for line in lines if line and not line.startswith("#")))
            rows = [{key: number(value) for key, value in row.items()} for row in rows]
        else:
            rows = [row for row in map(parse, lines) if row and "_type" not in row]
        for row in rows:
            if row["warmup"] or row.get("window_failed"):
                continue
            kernels.setdefault(row["plugin"], []).append(row)
    return kernels


def parse(line):
    try:
        return json.loads(line)
    except ValueError:
        return None


def number(text):
    try:
        return int(text)
    except ValueError:
        return text


def latencies(rows):
    return [row["end_ts_ns"] - row["start_ts_ns"] for row in rows]


def joules(rows):
    return [row["energy_j"] for row in rows if row.get("energy_j") is not None]


def percentiles(values):
    """p50, p95, p99: the inclusive method is type 7."""
    if len(values) < 2:
        return [values[0] if values else math.nan] * 3
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return [cuts[49], cuts[94], cuts[98]]


# --- Markdown

def tables_of(path):
    """Each table under its heading: a dict by the first cell (and the second, if asked) of its rows."""
    tables, heading, columns = {}, None, None
    with open(path, encoding="utf-8") as file:
        for line in file.read().split("\n"):
            if line.startswith("#"):
                heading, columns = line.lstrip("# "), None
            elif line.startswith("| ---"):
                continue
            elif line.startswith("|"):
                cells = [re.sub(r"\\(.)", r"\1", cell.strip()) for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
                if columns is None:
                    columns = cells
                else:
                    expect(len(cells) == len(columns), f"{heading}: a row of {len(cells)} cells")
                    tables.setdefault(heading, []).append(dict(zip(columns, cells)))
            else:
                columns = None
    return tables


def check_summary(run):
    tables = tables_of(os.path.join(run, "analysis", "SUMMARY.md"))
    kernels = windows_of(run)
    grams = None
    if os.path.exists(os.path.join(run, "run.json")):
        with open(os.path.join(run, "run.json"), encoding="utf-8") as file:
            grams = json.load(file)["carbon"]["gramsPerKwh"]
    by_name = lambda heading: {row["Kernel"]: row for row in tables.get(heading, [])}
    expect(set(by_name("Latency")) == set(kernels), f"kernels {set(by_name('Latency'))}")
    for name, rows in kernels.items():
        check_latency(name, by_name("Latency")[name], rows)
        check_deadlines(name, by_name("Jitter, deadlines, throughput")[name], rows)
        if any(joules(rows) for rows in kernels.values()):
            check_energy(name, by_name("Energy")[name], rows, grams)
        else:
            expect("Energy" not in tables, "a table of no joules")


def check_latency(name, row, rows):
    values = [value / 1000 for value in latencies(rows)]
    p50, p95, p99 = percentiles(values)
    expect(int(row["Windows"]) == len(values), f"{name}: {row['Windows']} windows of {len(values)}")
    near(f"{name} mean", statistics.fmean(values), row["Mean (µs)"])
    near(f"{name} median", p50, row["Median (µs)"])
    near(f"{name} p95", p95, row["P95 (µs)"])
    near(f"{name} p99", p99, row["P99 (µs)"])
    near(f"{name} min", min(values), row["Min (µs)"])
    near(f"{name} max", max(values), row["Max (µs)"])
    near(f"{name} deviation", statistics.stdev(values) if len(values) > 1 else math.nan, row["Std dev (µs)"])


def check_deadlines(name, row, rows):
    values = [value / 1000 for value in latencies(rows)]
    p50, p95, p99 = percentiles(values)
    due = [each for each in rows if each["deadline_ts_ns"] > each["release_ts_ns"]]
    missed = sum(each["end_ts_ns"] > each["deadline_ts_ns"] for each in due)
    deadline = statistics.median(each["deadline_ts_ns"] - each["release_ts_ns"] for each in due) / 1e6
    near(f"{name} jitter p95", p95 - p50, row["Jitter P95-P50 (µs)"], 1e-4)
    near(f"{name} jitter p99", p99 - p50, row["Jitter P99-P50 (µs)"], 1e-4)
    near(f"{name} deadline", deadline, row["Deadline (ms)"])
    near(f"{name} utilization", p99 / 1000 / deadline * 100, row["P99 / deadline (%)"])
    near(f"{name} miss rate", missed / len(due) * 100, row["Miss rate (%)"])
    expect(int(row["Misses"]) == missed, f"{name}: {row['Misses']} misses of {missed}")
    ends, span, n = {}, 0, 0
    for each in rows:
        ends.setdefault(each["repeat"], []).append(each["end_ts_ns"])
    for of_repeat in ends.values():
        span += max(of_repeat) - min(of_repeat)
        n += len(of_repeat) - 1
    near(f"{name} throughput", n / span * 1e9 if span else math.nan, row["Windows per second"])


def check_energy(name, row, rows, grams):
    values = joules(rows)
    p50, p95, p99 = [value * 1000 for value in percentiles(values)]
    power = [each["power_mw"] for each in rows if each.get("power_mw") is not None]
    total = sum(values) if values else math.nan
    near(f"{name} energy median", p50, row["Median (mJ/window)"])
    near(f"{name} energy p95", p95, row["P95 (mJ/window)"])
    near(f"{name} energy p99", p99, row["P99 (mJ/window)"])
    near(f"{name} mean power", statistics.fmean(power) if power else math.nan, row["Mean power (mW)"])
    near(f"{name} median power", statistics.median(power) if power else math.nan, row["Median power (mW)"])
    near(f"{name} joules", total, row["Energy (J)"])
    near(f"{name} grams", math.nan if grams is None else total / 3.6e6 * grams, row["Emissions (gCO2e)"])
    kinds = {each["energy_kind"] for each in rows if each.get("energy_kind")}
    expect(all(kind in row["Joules are"] for kind in kinds), f"{name}: joules are {row['Joules are']}")


# --- the comparison

def check_comparison(baseline, run):
    tables = tables_of(os.path.join(run, "analysis", "COMPARISON.md"))
    before, after = windows_of(baseline), windows_of(run)
    tests = {(row["Kernel"], row["Of"]): row for row in tables["Tests"]}
    medians = {(row["Kernel"], row["Of"]): row for row in tables["Latency (µs)"]}
    for name in set(before) & set(after):
        a, b = latencies(before[name]), latencies(after[name])
        check_ranks(name, tests[name, "latency"], a, b)
        check_median(name, medians[name, "median"], tests[name, "latency"], before[name], after[name])


def check_ranks(name, row, a, b):
    u = sum((x < y) + (x == y) / 2 for x in a for y in b)
    ranks = len(a) + len(b)
    ties = {}
    for value in a + b:
        ties[value] = ties.get(value, 0) + 1
    correction = sum(count**3 - count for count in ties.values()) / (ranks * (ranks - 1))
    deviation = math.sqrt(len(a) * len(b) / 12 * (ranks + 1 - correction))
    p = math.erfc(max(0, abs(u - len(a) * len(b) / 2) - 0.5) / deviation / math.sqrt(2))
    near(f"{name} U", u, row["U"])
    near(f"{name} delta", 2 * u / len(a) / len(b) - 1, row["Cliff's delta"], 0, 6e-4)
    if "exact" not in row["p, ranks"]:
        near(f"{name} p of ranks", p, row["p, ranks"], 1e-2)


def student_p(t, freedom):
    """Two-sided, by Simpson's rule over the angle: t = sqrt(freedom) tan(angle)."""
    front = math.gamma((freedom + 1) / 2) / math.gamma(freedom / 2) / math.sqrt(math.pi)
    low, steps = math.atan(abs(t) / math.sqrt(freedom)), 2000
    width = (math.pi / 2 - low) / steps
    heights = [math.cos(low + i * width) ** (freedom - 1) for i in range(steps + 1)]
    area = heights[0] + heights[-1] + 4 * sum(heights[1:-1:2]) + 2 * sum(heights[2:-1:2])
    return 2 * front * area * width / 3


def check_median(name, row, test, before, after):
    a, b = latencies(before), latencies(after)
    estimate = statistics.median(b) - statistics.median(a)
    near(f"{name} difference", estimate / 1000, row["Difference"], 1e-4)
    if "repeats" not in test["p, medians"]:
        return
    variances, sizes = [], []
    for rows in (before, after):
        repeats = {}
        for each in rows:
            repeats.setdefault(each["repeat"], []).append(each["end_ts_ns"] - each["start_ts_ns"])
        of_repeats = [statistics.median(values) for values in repeats.values()]
        variances.append(statistics.variance(of_repeats) / len(of_repeats))
        sizes.append(len(of_repeats))
    freedom = sum(variances) ** 2 / sum(v * v / (n - 1) for v, n in zip(variances, sizes))
    p = student_p(estimate / math.sqrt(sum(variances)), freedom)
    near(f"{name} p of medians", p, test["p, medians"].split()[0], 1e-2)
    reach = (float(row["95 % to"]) - float(row["95 % from"])) / 2 * 1000
    near(f"{name} interval", 0.05, str(student_p(reach / math.sqrt(sum(variances)), freedom)), 1e-3)


# --- pages

class Page(html.parser.HTMLParser):
    """As a browser reads it: every element that is begun, and that ends match."""

    VOID = {"meta", "br", "line", "rect", "circle", "path"}

    def __init__(self):
        super().__init__()
        self.open, self.elements = [], []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if tag in self.VOID:
            return
        expect(self.open and self.open[-1] == tag, f"</{tag}> inside {self.open[-3:]}")
        if self.open:
            self.open.pop()


def check_page(path):
    text = open(path, encoding="utf-8").read()
    expect(len(text.encode()) < MAX_PAGE, f"{len(text.encode())} bytes")
    root = etree.fromstring(text.split("\n", 1)[1].replace("&nbsp;", " "))
    page = Page()
    page.feed(text)
    expect(not page.open, f"not closed: {page.open}")
    tags = [tag for tag, _ in page.elements]
    expect("script" not in tags and "link" not in tags and "img" not in tags, "scripts, links or images")
    for tag, attributes in page.elements:
        for key, value in attributes.items():
            expect(not key.startswith("on"), f"<{tag} {key}>")
            if key in ("href", "src", "xlink:href"):
                expect(value.startswith("#"), f"<{tag} {key}={value}>")
    outside = [at for at in re.findall(r"https?://[^\s\"'<)]+", text) if at != "http://www.w3.org/2000/svg"]
    expect(not outside and "url(" not in text and "@import" not in text, f"network: {outside}")
    check_structure(root)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    expect(len(ids) == len(set(ids)), "ids that are there twice")


def check_structure(root):
    expect(root.get("lang") == "en" and root.find("head/title").text, "no language or title")
    expect(len(list(root.iter("h1"))) == 1, "not one h1")
    expect(root.find("body/main") is not None, "no main")
    for table in root.iter("table"):
        expect(table.find("caption") is not None, "a table without a caption")
        expect(all(th.get("scope") == "col" for th in table.find("thead").iter("th")), "a column without scope")
        columns = len(list(table.find("thead").iter("th")))
        for row in table.find("tbody").iter("tr"):
            expect(len(row) == columns, f"a row of {len(row)} in {columns} columns")
            expect(row[0].tag == "th" and row[0].get("scope") == "row", "a row without a heading")
    for figure in root.iter("figure"):
        caption = "".join(figure.find("figcaption").itertext())
        expect(re.match(r"Figure \d+\. \S", caption), f"a caption: {caption}")
        expect(figure.find(SVG + "svg") is not None, "a figure without a drawing")
        check_names(figure.find(SVG + "svg"))


def check_names(svg):
    """What a screen reader says instead of the drawing."""
    expect(svg.get("role") == "img", "a drawing without a role")
    named = svg.get("aria-labelledby", "").split()
    texts = {child.get("id"): child.text for child in svg if child.tag in (SVG + "title", SVG + "desc")}
    expect(len(named) == 2 and all(texts.get(name) for name in named), f"a drawing without a name: {texts}")
    for element in svg.iter():
        for key, value in element.attrib.items():
            expect("nan" not in value.lower().split() and "inf" not in value.lower().split(), f"{key}={value}")


def check_drawing(path):
    root = etree.parse(path).getroot()
    expect(root.tag == SVG + "svg", f"a {root.tag}")
    _, _, width, height = map(float, root.get("viewBox").split())
    expect(float(root.get("width")) == width and float(root.get("height")) == height, "its size")
    check_names(root)
    for element in root.iter():
        for key in ("x", "x1", "x2", "cx"):
            expect(-1 <= float(element.get(key, 0)) <= width + 1, f"{element.tag} {key}={element.get(key)}")
        for key in ("y", "y1", "y2", "cy"):
            expect(-1 <= float(element.get(key, 0)) <= height + 1, f"{element.tag} {key}={element.get(key)}")
    expect("var(" not in open(path, encoding="utf-8").read(), "a variable, which not every renderer has")


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def check_contrast(path):
    text = open(path, encoding="utf-8").read()
    schemes = re.findall(r":root\{(.*?)\}", text)
    expect(len(schemes) == 2 and "color-scheme:light" in schemes[0] and "color-scheme:dark" in schemes[1], "schemes")
    for scheme in schemes:
        colours = dict(re.findall(r"--(\w+):(#[0-9a-f]{6});", scheme))
        for paper in ("paper", "raised"):
            for name in ("ink", "muted", "miss"):
                expect(contrast(colours[name], colours[paper]) >= 4.5, f"{name} on {paper}: {scheme[-17:]}")
        for name in ("s0", "s1", "s2", "s3", "s4", "s5"):
            expect(contrast(colours[name], colours["paper"]) >= 3, f"{name} on paper: {scheme[-17:]}")


def check_screenshot(path, scheme):
    """Of an 8-bit PNG without interlace: its corner is paper, and there is ink of several colours."""
    data = open(path, "rb").read()
    expect(data[:8] == b"\x89PNG\r\n\x1a\n", "no PNG")
    at, pixels, header = 8, b"", None
    while at < len(data):
        (length,), kind = struct.unpack(">I", data[at : at + 4]), data[at + 4 : at + 8]
        if kind == b"IHDR":
            header = struct.unpack(">IIBBBBB", data[at + 8 : at + 8 + length])
        if kind == b"IDAT":
            pixels += data[at + 8 : at + 8 + length]
        at += 12 + length
    width, height, depth, kind = header[:4]
    expect(depth == 8 and kind in (2, 6), f"depth {depth}, kind {kind}")
    size = 3 if kind == 2 else 4
    raw, before, colours = zlib.decompress(pixels), bytes(width * size), {}
    for row in range(height):
        start = row * (width * size + 1)
        before = unfilter(raw[start], bytearray(raw[start + 1 : start + 1 + width * size]), before, size)
        for x in range(0, width * size, size * 3):
            colour = bytes(before[x : x + 3])
            colours[colour] = colours.get(colour, 0) + 1
    paper = max(colours, key=colours.get)
    expect((sum(paper) > 600) == (scheme == "light"), f"the paper is {tuple(paper)}")
    expect(len(colours) > 100, f"{len(colours)} colours")
    vivid = sum(count for colour, count in colours.items() if max(colour) - min(colour) > 90)
    expect(vivid > 1000, f"{vivid} pixels of charts")


def unfilter(kind, line, before, size):
    for i in range(len(line)):
        left = line[i - size] if i >= size else 0
        up, corner = before[i], before[i - size] if i >= size else 0
        if kind == 1:
            line[i] = (line[i] + left) & 255
        elif kind == 2:
            line[i] = (line[i] + up) & 255
        elif kind == 3:
            line[i] = (line[i] + (left + up) // 2) & 255
        elif kind == 4:
            guess = left + up - corner
            nearest = min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))
            line[i] = (line[i] + nearest[2]) & 255
    return line


def main(arguments):
    if len(arguments) < 2:
        sys.exit(__doc__)
    command, *rest = arguments
    if command == "summary":
        check_summary(rest[0])
    elif command == "comparison":
        check_comparison(rest[0], rest[1])
    elif command == "contrast":
        check_contrast(rest[0])
    elif command == "screenshot":
        check_screenshot(rest[0], rest[1])
    elif command in ("page", "drawing"):
        for path in rest:
            before = len(problems)
            {"page": check_page, "drawing": check_drawing}[command](path)
            problems[before:] = [f"{os.path.basename(path)}: {problem}" for problem in problems[before:]]
    else:
        sys.exit(__doc__)
    for problem in problems[:12]:
        print(problem)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main(sys.argv[1:])

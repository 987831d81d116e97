# SPDX-License-Identifier: BSD-2-Clause
"""Telemetry runs as they could have been recorded, for the tests: telemetry_windows.py KIND RUN_DIR [N].

Kinds: `several` (kernels that differ, with joules, warm-up, misses, repeats), `one` (a kernel), `slower`
(as `several`, but one kernel is slower and takes more), `again` (as `several`, by other dice),
`harness` and `harness-csv` (as the harness wrote them: its notes, no joules), `many` (kernels).
"""

import csv
import json
import math
import os
import random
import sys

START_NS = 21194971498000
RUN_ID = "1768213218428"
STARTED_NS = 1768213218428000000  # 2026-01-12T10:20:18.428Z
WARMUP = 10

COLUMNS = (
    "run_id plugin window_index release_ts_ns deadline_ts_ns start_ts_ns end_ts_ns deadline_missed W H C Fs "
    "warmup repeat device_tin_ns device_tstart_ns device_tend_ns device_tfirst_tx_ns device_tlast_tx_ns "
    "adapter_name window_failed error_code energy_j power_mw rss_bytes dtype load_profile state_bytes "
    "workspace_bytes cpu_ns energy_source energy_kind energy_method tid"
).split()
HARNESS_COLUMNS = COLUMNS[: COLUMNS.index("energy_j")]

SYSTEM_INFO = {
    "_type": "system_info", "os": "Linux 6.14.2", "cpu": "Example CPU @ 2.10GHz", "hostname": "bench",
    "cpu_count": 8, "total_ram_mb": 7508, "thermal_celsius": None, "governor": "performance",
}
SYSTEM_COMMENTS = [
    "# System Information", "# OS: Linux 6.14.2", "# CPU: Example CPU @ 2.10GHz", "# Hostname: bench",
    "# CPU Cores: 8", "# Total RAM: 7508 MB", "# Thermal: unavailable", "#",
]


class Kernel:
    """How long its windows take and what they cost."""

    def __init__(self, name, median_us, spread, watts, fs=1000, h=10, w=20, c=64, tail=0.004, slow=0.0):
        self.name, self.median_us, self.spread, self.watts = name, median_us, spread, watts
        self.fs, self.h, self.w, self.c, self.tail, self.slow = fs, h, w, c, tail, slow


SEVERAL = [
    Kernel("bandpass_fir", 5015, 0.10, 14.5, tail=0.02),
    Kernel("car", 28, 0.18, 9.0),
    Kernel("goertzel", 350, 0.22, 11.2, slow=0.25),
    Kernel("notch_iir", 125, 0.05, 10.1),
]


def windows(kernel, n, repeats, dice, joules=True, scale=1.0):
    """n windows in so many repeats, each after some of warm-up."""
    period_ns = kernel.h * 10**9 // kernel.fs
    at, index = START_NS, 0
    for repeat in range(1, repeats + 1):
        drift = 1 + 0.02 * dice.gauss(0, 1)
        for i in range(WARMUP + n // repeats):
            release = at + int(abs(dice.gauss(0, 3000)))
            start = release + int(abs(dice.gauss(0, 900))) + 120
            latency = kernel.median_us * 1000 * drift * scale * math.exp(kernel.spread * dice.gauss(0, 1))
            latency *= 1 + 0.04 * math.sin(i / 180)
            if kernel.slow and dice.random() < kernel.slow:
                latency *= 1.7
            if dice.random() < kernel.tail:
                latency *= 2 + dice.expovariate(1.2)
            if i < WARMUP:
                latency *= 4
            end = start + max(int(latency), 1)
            energy = None
            if joules:
                energy = (end - start) / 1e9 * kernel.watts * math.exp(0.06 * dice.gauss(0, 1)) + 2e-5
            yield {
                "run_id": RUN_ID, "plugin": kernel.name, "window_index": index, "release_ts_ns": release,
                "deadline_ts_ns": release + period_ns, "start_ts_ns": start, "end_ts_ns": end,
                "deadline_missed": int(end > release + period_ns), "W": kernel.w, "H": kernel.h,
                "C": kernel.c, "Fs": kernel.fs, "warmup": int(i < WARMUP), "repeat": repeat,
                "device_tin_ns": 0, "device_tstart_ns": 0, "device_tend_ns": 0, "device_tfirst_tx_ns": 0,
                "device_tlast_tx_ns": 0, "adapter_name": None, "window_failed": 0, "error_code": 0,
                "energy_j": energy,
                "power_mw": None if energy is None else energy * kernel.fs / kernel.h * 1000,
                "rss_bytes": 6 * 2**20 + 4096 * (index % 40), "dtype": "float32", "load_profile": "medium",
                "state_bytes": 20480, "workspace_bytes": 0, "cpu_ns": end - start - 50,
                "energy_source": None if energy is None else "powercap",
                "energy_kind": None if energy is None else "measured",
                "energy_method": None if energy is None else ("resolved" if end - start > 10**6 else "shared"),
                "tid": 0,
            }
            index += 1
            at += period_ns
        at += 2 * 10**9


def put_ndjson(path, lines, notes=()):
    with open(path, "w", encoding="utf-8") as file:
        for line in [*notes, *lines]:
            file.write(json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n")


def put_csv(path, columns, lines, comments=()):
    with open(path, "w", encoding="utf-8", newline="") as file:
        for comment in comments:
            file.write(comment + "\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for line in lines:
            writer.writerow(["" if line[column] is None else line[column] for column in columns])


def put_facts(run, ended_ns):
    facts = {
        "format": "energytrace-run", "version": 1, "run": os.path.basename(run), "runId": RUN_ID,
        "program": "energytrace 0.1.0",
        "host": {"name": "bench", "os": "Linux 6.14.2", "cpu": "Example CPU @ 2.10GHz", "cpus": 8, "ramMb": 7508},
        "startedNs": str(STARTED_NS), "endedNs": None if ended_ns is None else str(ended_ns),
        "energy": {"source": "powercap", "kind": "measured"}, "carbon": {"code": "DE", "gramsPerKwh": 344},
        "abandoned": 0, "dropped": 0,
    }
    with open(os.path.join(run, "run.json"), "w", encoding="utf-8") as file:
        json.dump(facts, file)


def folder(run, name):
    path = os.path.join(run, "kernel-data", name)
    os.makedirs(path)
    return path


def make(kind, run, n):
    dice = random.Random(9 if kind == "again" else 7)
    os.makedirs(run)
    if kind in ("several", "slower", "again", "one"):
        for kernel in SEVERAL[:1] if kind == "one" else SEVERAL:
            scale = 1.12 if kind == "slower" and kernel.name == "goertzel" else 1.0
            lines = windows(kernel, n, 1 if kind == "one" else 5, dice, scale=scale)
            put_ndjson(os.path.join(folder(run, kernel.name), "telemetry.ndjson"), lines)
        put_facts(run, STARTED_NS + 125 * 10**9)
    elif kind == "many":
        for i in range(12):
            kernel = Kernel(f"kernel_{i:02}", 40 * 1.6**i, 0.15, 8 + i / 2, fs=10)
            put_ndjson(os.path.join(folder(run, kernel.name), "telemetry.ndjson"), windows(kernel, n, 1, dice))
        put_facts(run, STARTED_NS + 125 * 10**9)
    elif kind == "harness":
        for kernel in SEVERAL:
            lines = ({key: line[key] for key in HARNESS_COLUMNS} for line in windows(kernel, n, 5, dice, False))
            lines = [dict(line, adapter_name="native", dtype=1, pmu_cycle_count=80636) for line in lines]
            lines = [line for line in lines if not line["warmup"]]
            put_ndjson(os.path.join(folder(run, kernel.name), "telemetry.ndjson"), lines, [SYSTEM_INFO])
    elif kind == "harness-csv":
        for kernel in SEVERAL:
            lines = [line for line in windows(kernel, n, 5, dice, False) if not line["warmup"]]
            path = os.path.join(folder(run, kernel.name), "telemetry.csv")
            put_csv(path, HARNESS_COLUMNS, lines, SYSTEM_COMMENTS)
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        raise SystemExit(__doc__)
    make(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) == 4 else 1000)

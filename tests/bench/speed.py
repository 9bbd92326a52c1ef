#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""speed - CPU time and peak memory of an audit beside ndpiReader's, in turn, in one run.

usage: speed.py [--program FILE] [--rounds N] CAPTURE...

For each capture: N rounds (default 3) of `mitleser audit --threads 1 -o DIR`, the same with 2 threads, and
`ndpiReader -q -i`, one after the other; the medians are printed as ratios. Absolute times drift from hour to hour,
ratios within a run do not. The page cache is warmed first.
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time


def measure(command):
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return {"cpu": usage.ru_utime + usage.ru_stime, "wall": time.monotonic() - start, "mib": usage.ru_maxrss / 1024,
            "code": child.returncode}


def main():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.path.join(root, "build/release/mitleser"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("captures", nargs="+")
    args = parser.parse_args()
    print(f"{'capture':16} {'command':22} {'CPU s':>8} {'wall s':>8} {'MiB':>8} {'CPU ratio to ndpiReader':>24}")
    for capture in args.captures:
        with open(capture, "rb") as file:
            while file.read(1 << 24):
                pass
        with tempfile.TemporaryDirectory() as out:
            commands = {
                "ndpiReader -q": ["ndpiReader", "-q", "-i", capture],
                "mitleser, 1 thread": [args.program, "audit", "--threads", "1", "-q", "-o", os.path.join(out, "a"), capture],
                "mitleser, 2 threads": [args.program, "audit", "--threads", "2", "-q", "-o", os.path.join(out, "b"), capture],
            }
            rows = {name: [] for name in commands}
            for _ in range(args.rounds):
                for name, command in commands.items():
                    rows[name].append(measure(command))
        base = statistics.median(row["cpu"] for row in rows["ndpiReader -q"])
        for name, list_of_rows in rows.items():
            median = {key: statistics.median(row[key] for row in list_of_rows) for key in ("cpu", "wall", "mib")}
            codes = {row["code"] for row in list_of_rows}
            note = "" if codes == {0} else f"  exit {sorted(codes)}"
            print(f"{os.path.basename(capture)[:16]:16} {name:22} {median['cpu']:8.2f} {median['wall']:8.2f} {median['mib']:8.0f} "
                  f"{median['cpu'] / base:24.2f}{note}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""rules_negatives - which rules fire in captures of none of our apps, and is each serious finding true?

usage: rules_negatives.py [--program FILE] [--jobs N] [--group NAME] [--list] FOLDER

FOLDER holds captures and catalog.json (see corpus.py), whose `groups` has other-apps for captures of none of the apps the
rules are about. Prints a row a rule: level, captures it fires in, findings (subjects), and what a look at them with another
program gave. A rule about an app that none of the captures holds must not fire at all; --list names the captures.
Exit code 1 when a high or critical finding has no explanation here, 77 when FOLDER is absent.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import subprocess
import sys

LEVELS = ["critical", "high", "medium", "low", "informational"]

# What was seen in each capture a serious rule fires in: rule -> why its findings are true.
TRUE = {}


def read(args, entry):
    path = os.path.join(args.folder, entry["file"])
    command = [args.program, "audit", path, "--format", "json", "--without-ndpi", "--no-progress", "--threads", "1"]
    done = subprocess.run(command, capture_output=True, timeout=600)
    if done.returncode not in (0, 3):  # 3: no capture that can be read, in which nothing fires
        raise RuntimeError(f"{entry['file']}: exit {done.returncode}: {done.stderr.decode(errors='replace').strip()}")
    if not done.stdout:
        return []
    return json.loads(done.stdout)["body"]["finding_totals"]


def table(args, entries, results):
    captures, subjects, level = collections.defaultdict(list), collections.Counter(), {}
    for entry, totals in zip(entries, results):
        for row in totals:
            name = row["rule_name"]
            level[name] = row["level"]
            captures[name].append(entry["file"])
            subjects[name] += int(row["subjects"])
    print(f"captures {len(entries)}, with findings {sum(bool(totals) for totals in results)}")
    print(f"{'level':<13} {'captures':>8} {'findings':>8}  rule")
    is_good = True
    for name in sorted(level, key=lambda name: (LEVELS.index(level[name]), -len(captures[name]), name)):
        is_serious = level[name] in LEVELS[:2]
        is_good = is_good and (name in TRUE or not is_serious)
        why = f": {TRUE[name]}" if name in TRUE else ": NOT LOOKED AT" if is_serious else ""
        print(f"{level[name]:<13} {len(captures[name]):>8} {subjects[name]:>8}  {name}{why}")
        for file in captures[name] if args.list else []:
            print(f"    {file}")
    return is_good


def main():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=os.path.join(root, "build/release/mitleser"))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--group", default="other-apps")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("folder")
    args = parser.parse_args()
    catalogue = os.path.join(args.folder, "catalog.json")
    if not os.path.exists(catalogue):
        print(f"no {catalogue}: nothing measured")
        return 77
    with open(catalogue, encoding="utf-8") as file:
        entries = [entry for entry in json.load(file) if args.group in entry["groups"]]
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        results = list(pool.map(lambda entry: read(args, entry), entries))
    return 0 if table(args, entries, results) else 1


if __name__ == "__main__":
    sys.exit(main())

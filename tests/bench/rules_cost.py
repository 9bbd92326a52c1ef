#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""rules_cost - does an audit cost more when there are more rules or more indicators?

usage: rules_cost.py [--program FILE] [--rounds N] CAPTURE...

Audits each capture with 40 and with 1,000 rules, and with lists of 100 and of 100,000 indicators (half host names, a
quarter addresses, a quarter JA3 digests), in turn, N rounds (default 3) in one run, with one thread. Prints medians of
CPU seconds and their ratios; at most 1.15 is wanted, and exit code 1 tells that a ratio is above. The rules are of the
kinds that the project ships, and hardly any of them matches, as with a feed of indicators.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TARGET = 1.15
BODIES = (
    "fact.kind: http.request\n    http.host|endswith: .tracker{0}.example.com",
    "fact.kind: http.request\n    http.path|contains: /collect{0}x/",
    "tls.sni: api.firm{0}.example.net",
    "names|endswith:\n      - .ads{0}.example.org\n      - .metrics{0}.example.org",
    "fact.encrypted: false\n    http.query_keys: key{0}",
    "fact.kind: http.request\n    http.user_agent|contains: Agent{0}X/",
    "dst.port: 443\n    dst.ip|cidr: 198.18.{1}.0/24",
    "http.path|re: '^/upload{0}/[0-9a-f]{{8}}$'",
    "dst.asn: 4200{0}",
    "http.host|startswith: beacon{0}-",
)
RULE = "title: rule {n}\nname: rule-{n}\nlogsource: {{product: mitleser, category: fact}}\ndetection:\n  s:\n    {body}\n  condition: s\n"


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def make_rules(folder, n):
    rules = (RULE.format(n=i, body=BODIES[i % len(BODIES)].format(i, i % 256)) for i in range(n))
    write(os.path.join(folder, "rules.yml"), "---\n".join(rules))


def make_indicators(folder, n):
    """Lists are data of the program, so this is a folder of such data with three lists more."""
    for part in ("rules", "reports"):
        shutil.copytree(os.path.join(ROOT, part), os.path.join(folder, part))
    mixed = [i * 2654435761 % 2**32 for i in range(n)]
    hosts = [f".h{m >> 12:x}.bad{i % 97}.example.com" for i, m in enumerate(mixed) if i % 2 == 0]
    nets = [f"198.{18 + (m >> 31)}.{m >> 8 & 255}.{m & 255}" for i, m in enumerate(mixed) if i % 4 == 1]
    digests = [f"{m:08x}{m ^ 0xffffffff:08x}{i:08x}{m ^ i:08x}" for i, m in enumerate(mixed) if i % 4 == 3]
    rules = []
    for name, field, values in (("hosts", "names|endswith|expand", hosts), ("nets", "dst.ip|cidr|expand", nets),
                                ("digests", "tls.ja3|expand", digests)):
        write(os.path.join(folder, "rules/lists", name + ".txt"), "".join(f"{v}\n" for v in dict.fromkeys(values)))
        rules.append(RULE.format(n=name, body=f"{field}: '%{name}%'"))
    write(os.path.join(folder, "rules.yml"), "---\n".join(rules))


def cpu_of(program, folder, capture, out):
    share = folder if os.path.isdir(os.path.join(folder, "rules")) else ROOT
    rules = os.path.join(folder, "rules.yml")
    command = [program, "audit", "--quiet", "--no-progress", "--threads", "1", "--rules", rules, "-o", out, capture]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=dict(os.environ, MITLESER_SHARE=share))
    _, state, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(state)
    if child.returncode != 0:
        sys.exit(f"rules_cost: the audit ended with {child.returncode}")
    return usage.ru_utime + usage.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.path.join(ROOT, "build/release/mitleser"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("captures", nargs="+")
    args = parser.parse_args()
    is_good = True
    with tempfile.TemporaryDirectory() as base:
        sets = {}
        for name, make, n in (("40 rules", make_rules, 40), ("1,000 rules", make_rules, 1000),
                              ("100 indicators", make_indicators, 100), ("100,000 indicators", make_indicators, 100000)):
            sets[name] = os.path.join(base, name.replace(" ", "-").replace(",", ""))
            os.mkdir(sets[name])
            make(sets[name], n)
        print(f"{'capture':20} {'rules':20} {'CPU s':>8} {'ratio':>7}")
        for capture in args.captures:
            times = {name: [] for name in sets}
            for _ in range(args.rounds):
                for name, folder in sets.items():
                    times[name].append(cpu_of(args.program, folder, capture, os.path.join(base, "out")))
            median = {name: statistics.median(values) for name, values in times.items()}
            for few, many in (("40 rules", "1,000 rules"), ("100 indicators", "100,000 indicators")):
                ratio = median[many] / median[few]
                is_good &= ratio <= TARGET
                print(f"{os.path.basename(capture):20} {few:20} {median[few]:8.2f}")
                print(f"{os.path.basename(capture):20} {many:20} {median[many]:8.2f} {ratio:7.3f}", flush=True)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""truth - how well flows are named: against flows whose app is known, and against captures of other apps.

usage: truth.py [--program FILE] [--jobs N] [--app TEXT] [--list] [--negatives] FOLDER

FOLDER holds captures, and two files made without this program:
  truth-flows.json  capture -> list of flows whose app is known: proto, src, sport, dst, dport, packets, bytes, app,
                    evidence (how it is known), ndpi42 and ndpi42_verdict (correct, other_app, coarser, generic)
  catalog.json      list of captures with `file` and `apps` (all apps known to be in it)

Audits each capture that truth-flows.json names and compares app by app: flows and bytes named right, wrong, not at
all; wrong with high confidence; nDPI 4.2 on the same flows; the same by kind of evidence. The mean over apps counts
each app once, however many flows it has. --list prints every flow that is not right.

--negatives audits all captures of catalog.json instead and lists every signature of an app the catalogue does not
have for that capture; evidence that several apps share is strange when none of them is there. Exit code 1 when there
are more than --allowed. Exit code 77 when FOLDER is absent.
"""
import argparse
import collections
import concurrent.futures
import ipaddress
import json
import os
import re
import subprocess
import sys

# Names of the catalogue that are not one of ours in small letters. Several: the truth does not tell them apart.
OURS = {
    "Apple iMessage/FaceTime": {"imessage"},
    "Google Meet/Chat": {"google_meet"},
    "MSN Messenger": {"msn"},
    "Skype/Teams": {"skype", "teams"},
    "XMPP/Jabber": {"xmpp"},
}
NDPI = {"correct": "right", "other_app": "wrong", "coarser": "none", "generic": "none"}
RESULTS = ("right", "wrong", "none")


def ours(name):
    return OURS.get(name) or {re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")}


def audit(program, path):
    """Flows of a capture, or None when the program failed."""
    command = [program, "audit", path, "--format", "ndjson", "--quiet", "--no-progress", "--threads", "1"]
    done = subprocess.run(command, capture_output=True, timeout=900)
    if done.returncode not in (0, 1):
        return None
    return [json.loads(line) for line in done.stdout.splitlines()]


def address(text):
    """One spelling for each address: programs shorten IPv6 in their own ways."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text


def key(proto, a, aport, b, bport):
    return (proto,) + tuple(sorted([(address(a), aport or 0), (address(b), bport or 0)]))


def by_key(flows):
    table = collections.defaultdict(list)
    for flow in flows:
        ends = (flow.get("src.ip"), flow.get("src.port"), flow.get("dst.ip"), flow.get("dst.port"))
        table[key(flow.get("transport"), *ends)].append(flow)
    return table


def size(flow):
    return flow.get("bytes_up", 0) + flow.get("bytes_down", 0)


def judge(truth, flows):
    """Result and the flow it is of. Of several flows between the same ends the largest counts."""
    if not flows:
        return "none", None
    flow = max(flows, key=size)
    expected = ours(truth["app"])
    named = {flow["app"]} if flow.get("app") else set()
    if expected & (named | set(flow.get("app_one_of", []))):
        return "right", flow
    return ("wrong" if named else "none"), flow


def compare(program, folder, capture, truths):
    flows = audit(program, os.path.join(folder, capture))
    if flows is None:
        return [(capture, truth, "none", None) for truth in truths]
    table = by_key(flows)
    rows = []
    for truth in truths:
        found = table.get(key(truth["proto"], truth["src"], truth["sport"], truth["dst"], truth["dport"]), [])
        rows.append((capture, truth) + judge(truth, found))
    return rows


def tally(rows):
    """Flows and bytes by result, ours and nDPI's."""
    sums = {who: {what: collections.Counter() for what in ("flows", "bytes")} for who in ("ours", "ndpi")}
    sure = 0
    for _, truth, result, flow in rows:
        verdicts = {"ours": result, "ndpi": NDPI.get(truth.get("ndpi42_verdict"), "none")}
        for who, verdict in verdicts.items():
            sums[who]["flows"][verdict] += 1
            sums[who]["bytes"][verdict] += truth.get("bytes", 0)
        sure += result == "wrong" and flow.get("app_confidence") == "high"
    return sums, sure


def share(counter):
    total = sum(counter[result] for result in RESULTS)
    return counter["right"] / total if total else 0.0


def print_table(title, groups):
    print(f"\n{title:26} {'flows':>6} {'right':>6} {'wrong':>6} {'(sure)':>6} {'none':>5} {'bytes':>6}"
          f" | nDPI {'right':>6} {'wrong':>6} {'none':>5} {'bytes':>6}")
    for name, rows in groups:
        sums, sure = tally(rows)
        own, ndpi = sums["ours"], sums["ndpi"]
        print(f"{name:26} {len(rows):6} {own['flows']['right']:6} {own['flows']['wrong']:6} {sure:6}"
              f" {own['flows']['none']:5} {100 * share(own['bytes']):5.1f}%"
              f" |      {ndpi['flows']['right']:6} {ndpi['flows']['wrong']:6} {ndpi['flows']['none']:5}"
              f" {100 * share(ndpi['bytes']):5.1f}%")


def print_mean(groups):
    for who, name in (("ours", "this program"), ("ndpi", "nDPI 4.2")):
        for what in ("flows", "bytes"):
            shares = [share(tally(rows)[0][who][what]) for _, rows in groups]
            print(f"mean over {len(shares)} apps, {what} right: {name:14} {100 * sum(shares) / len(shares):6.2f} %")


def grouped(rows, of):
    groups = collections.defaultdict(list)
    for row in rows:
        groups[of(row)].append(row)
    return sorted(groups.items())


def describe(row):
    capture, truth, result, flow = row
    ends = f"{truth['proto']} {truth['src']}:{truth['sport']} {truth['dst']}:{truth['dport']}"
    got = "no such flow" if flow is None else f"{flow.get('app')} ({flow.get('app_confidence')}, {flow.get('protocol')})"
    return (f"{result:5} {truth['app']} by {truth['evidence']}:{truth.get('what')} got {got};"
            f" nDPI {truth.get('ndpi42')}; {truth.get('packets')} packets; {capture} {ends}")


def check_truth(args):
    with open(os.path.join(args.folder, "truth-flows.json"), encoding="utf-8") as file:
        truth = json.load(file)
    wanted = {}
    for capture, flows in sorted(truth.items()):
        flows = [flow for flow in flows if not args.app or args.app.lower() in flow["app"].lower()]
        if flows:
            wanted[capture] = flows
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        jobs = [pool.submit(compare, args.program, args.folder, *item) for item in wanted.items()]
        rows = [row for job in jobs for row in job.result()]
    if not rows:
        print("no flow fits")
        return 1
    apps = grouped(rows, lambda row: row[1]["app"])
    print_table("app", apps + [("all", rows)])
    print_table("known by", grouped(rows, lambda row: row[1]["evidence"]))
    print()
    print_mean(apps)
    if args.list:
        print()
        for row in rows:
            if row[2] != "right":
                print(describe(row))
    return 0


def signatures(flow):
    """Each signature with the apps it is of."""
    apps = collections.defaultdict(set)
    for vote in flow.get("app_votes", []):
        app, kind, _, evidence = vote.split(" ", 3)
        if kind == "signature":
            apps[evidence.partition(":")[2]].add(app)
    return sorted(apps.items())


def find_strangers(program, folder, entry):
    """Signatures of apps the capture is not known to hold."""
    flows = audit(program, os.path.join(folder, entry["file"]))
    if flows is None:
        return entry["file"], None, []
    known = set().union(*(ours(app) for app in entry["apps"])) if entry["apps"] else set()
    strangers = []
    n_hits = 0
    for flow in flows:
        for signature, apps in signatures(flow):
            n_hits += 1
            if not apps & known:
                app = "|".join(sorted(apps))
                ends = f"{flow['src.ip']}:{flow.get('src.port')} {flow['dst.ip']}:{flow.get('dst.port')}"
                strangers.append((app, signature, flow.get("transport"), ends))
    return entry["file"], (len(flows), n_hits), strangers


def check_negatives(args):
    with open(os.path.join(args.folder, "catalog.json"), encoding="utf-8") as file:
        entries = json.load(file)
    entries = [entry for entry in entries if not args.app or args.app in entry["file"]]
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        results = list(pool.map(lambda entry: find_strangers(args.program, args.folder, entry), entries))
    read = [counts for _, counts, _ in results if counts is not None]
    strange = [(file, *stranger) for file, _, strangers in results for stranger in strangers]
    print(f"captures {len(results)}, read {len(read)}, flows {sum(n for n, _ in read)}")
    print(f"signatures found {sum(hits for _, hits in read)}, of apps not in the catalogue {len(strange)}")
    for (app, signature), n in sorted(collections.Counter((s[1], s[2]) for s in strange).items()):
        print(f"  {app:16} {signature:24} {n}")
    if args.list:
        for file, app, signature, transport, ends in strange:
            print(f"{app} {signature} {transport} {ends} {file}")
    return 1 if len(strange) > args.allowed else 0


def main():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], usage=__doc__.split("usage: ")[1].split("\n")[0])
    parser.add_argument("--program", default=os.path.join(root, "build/release/mitleser"))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--app", default="")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--negatives", action="store_true")
    parser.add_argument("--allowed", type=int, default=0, help="strange signatures that were looked into and are right")
    parser.add_argument("folder")
    args = parser.parse_args()
    if not os.path.isdir(args.folder):
        print(f"{args.folder}: no such folder", file=sys.stderr)
        return 77
    return check_negatives(args) if args.negatives else check_truth(args)


if __name__ == "__main__":
    sys.exit(main())

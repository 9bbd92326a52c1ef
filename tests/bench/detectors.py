#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""detectors - what the detectors of identifiers tell where there are none, and what they tell of real traffic.

usage: detectors.py [--program FILE] [--seed N] noise [--megabytes N]   requests full of numbers, digests, names and
                                                                         texts, none of them an identifier
       detectors.py [--program FILE] [--seed N] sample FOLDER [--n N]   hits over captures for labelling by hand: kind,
                                                                         what told it, place, capture, frame; the value
                                                                         as its shape only

`noise` prints every hit and ends with 1 when there is one.
"""
import argparse
import base64
import collections
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile

from recall import ROOT, luhn, pcap, tcp

COLLECT = """title: identifiers by their shape
name: collect
id: 33333333-3333-4333-8333-333333333333
level: low
logsource: {product: mitleser, category: fact}
detection: {s: {fact.kind: leak.detected}, condition: s}
"""
BODY = 56 * 1024  # detectors read 64 KiB of a message
WORDS = """order item price total count page index offset limit size width height color title body text label group state
status code error retry delay version build hash digest token sort filter cursor time date start end created updated
score rank level value number amount currency percent rate speed region zone node shard batch queue""".split()


def pool(rng, n):
    """Values that look like much and identify nobody. Names of identifiers do not stand beside them."""
    digits = lambda k: "".join(rng.choices("0123456789", k=k))
    hexa = lambda k: "".join(rng.choices("0123456789abcdef", k=k))
    makers = [
        lambda: digits(rng.randrange(1, 20)), lambda: luhn(digits(14)), lambda: luhn("4" + digits(14)),
        lambda: f"{rng.uniform(-180, 180):.{rng.randrange(1, 8)}f}", lambda: hexa(rng.choice((8, 12, 16, 32, 40, 64))),
        lambda: f"{hexa(8)}-{hexa(4)}-4{hexa(3)}-a{hexa(3)}-{hexa(12)}",
        lambda: base64.b64encode(rng.randbytes(rng.randrange(6, 60))).decode(),
        lambda: f"2026-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}T{rng.randrange(24):02}:{rng.randrange(60):02}:00Z",
        lambda: f"{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02}",
        lambda: f"{rng.randrange(1, 255)}.{rng.randrange(255)}.{rng.randrange(255)}.{rng.randrange(1, 255)}",
        lambda: f"{rng.randrange(9)}.{rng.randrange(99)}.{rng.randrange(999)}", lambda: f"icon@{rng.randrange(2, 4)}x.png",
        lambda: "#" + hexa(6), lambda: " ".join(rng.choices(WORDS, k=rng.randrange(1, 12))),
        lambda: f"/{rng.choice(WORDS)}/{digits(6)}/{rng.choice(WORDS)}.json", lambda: f"@{rng.choice(WORDS)}",
        lambda: "".join(rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", k=rng.randrange(8, 24))),
    ]
    return [rng.choice(makers)() for _ in range(n)]


def body(rng, values):
    rows, size = [], 0
    while size < BODY:
        row = f'"{rng.choice(WORDS)}{rng.choice(("", "_id", "Id", "2", "_count"))}":"{rng.choice(values)}"'
        rows.append(row)
        size += len(row) + 1
    return ("{" + ",".join(rows) + "}").encode()


def request(data, value):
    head = (f"POST /api/v2/{value[:8].encode().hex()}?page=3&offset=120&sort=-created HTTP/1.1\r\nHost: api.example.com\r\n"
            "User-Agent: example/2.1\r\nContent-Type: application/json\r\nCookie: lang=de; theme=dark\r\n"
            f"X-Request-Id: {data[100:120].hex()}\r\nContent-Length: {len(data)}\r\n\r\n")
    return head.encode() + data


def detected(args, captures, folder):
    """(name of the capture, fact) of every hit, first of each kind of finding only up to the report's ceilings."""
    rules = os.path.join(folder, "collect.yml")
    with open(rules, "w", encoding="utf-8") as file:
        file.write(COLLECT)
    environment = dict(os.environ, MITLESER_SHARE=ROOT, MITLESER_DATA="/nonexistent")
    done = subprocess.run([args.program, "audit", "-q", "-o", "-", "-r", rules, "--without-ndpi", *captures],
                          capture_output=True, env=environment, check=False)
    if not done.stdout:
        return [], None
    report = json.loads(done.stdout)["body"]
    return report["facts"], report


def noise(args):
    rng = random.Random(args.seed)
    n_bytes, n_hits = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "noise.pcap")
        while n_bytes < args.megabytes * 1000000:
            packets, values = [], pool(rng, 40000)
            for port in range(1024, 1024 + 90):
                data = request(body(rng, values), rng.choice(values))
                tcp(packets, port, data, server_port=80)
                n_bytes += len(data)
            with open(path, "wb") as file:
                file.write(pcap(packets))
            facts, report = detected(args, [path], folder)
            if report is None:
                sys.exit("detectors: the audit failed")
            for fact in facts:
                print("hit:", json.dumps(fact["attributes"], sort_keys=True), fact["range"])
            n_hits += len(facts)
    print(f"seed {args.seed}: {n_bytes} bytes of requests without identifiers: {n_hits} hits")
    return 1 if n_hits else 0


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def sample(args):
    rng = random.Random(args.seed)
    captures = sorted(os.path.join(base, name) for base, _, names in os.walk(args.folder, followlinks=True) for name in names
                      if name.endswith((".pcap", ".pcapng", ".cap", ".dmp", ".gz", ".ntar")))
    hits, totals = [], collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        for at in range(0, len(captures), 40):
            part = captures[at:at + 40]
            facts, report = detected(args, part, folder)
            paths = {digest(path): os.path.relpath(path, args.folder) for path in part}
            for fact in facts:
                attributes = fact["attributes"]
                totals[attributes["identity.kind"], attributes["identity.form"]] += 1
                hits.append((attributes["identity.kind"], attributes["identity.form"], attributes["identity.place"],
                             paths[report["inputs"][int(fact["input"][1:]) - 1]["sha256"]], fact["frames"][0], fact["range"],
                             attributes.get("http.host", ""), attributes["identity.value"]))
    for (kind, form), n in sorted(totals.items()):
        print(f"# {kind} by {form}: {n}")
    for hit in sorted(rng.sample(hits, min(args.n, len(hits))), key=str):
        print(*hit, sep="\t")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.path.join(ROOT, "build/release/mitleser"))
    parser.add_argument("--seed", type=int, default=20261126)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("noise")
    command.add_argument("--megabytes", type=int, default=100)
    command = commands.add_parser("sample")
    command.add_argument("--n", type=int, default=200)
    command.add_argument("folder")
    args = parser.parse_args()
    return {"noise": noise, "sample": sample}[args.command](args)


if __name__ == "__main__":
    sys.exit(main())

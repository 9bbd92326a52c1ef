#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""detectors - what the detectors of identifiers tell where there are none, and what they tell of real traffic.

usage: detectors.py [--program FILE] [--seed N] noise [--megabytes N]   traffic full of numbers, digests, names and texts,
                                                                         none of them an identifier
       detectors.py [--program FILE] [--seed N] sample FOLDER [--most N] hits over captures for labelling by hand: what
                                                                         labels.tsv would say of them; the value is its
                                                                         shape only
       detectors.py [--program FILE] [--seed N] precision FOLDER [--most N] [--labels FILE]
                                                                         the same hits against the labels
       detectors.py [--program FILE] negatives FOLDER [--labels FILE]   hits by kind in captures of other apps
                                                                         (catalog.json: group other-apps)

Captures with the same bytes count once; of each capture at most N hits of one kind and form are drawn, so that none
dominates. A capture with FILE.keylog beside it is read with those keys. `noise` prints every hit and ends with 1 when
there is one; `precision` ends with 1 when a hit has no label.

labels.tsv: capture, frame, kind, form, place, first byte, label (true: the value is what the kind says; false), reason.
"""
import argparse
import base64
import collections
import hashlib
import json
import os
import random
import struct
import subprocess
import sys
import tempfile

from recall import ROOT, luhn, pcap, tcp, udp

COLLECT = """title: identifiers by their shape
name: collect
id: 33333333-3333-4333-8333-333333333333
level: low
logsource: {product: mitleser, category: fact}
detection: {s: {fact.kind: leak.detected}, condition: s}
"""
BODY = 56 * 1024  # detectors read 64 KiB of a message
LABELS = os.path.join(ROOT, "tests/bench/labels.tsv")
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


def response(rng, data):
    """Cookies that hold a choice, and those taken back."""
    head = (f"HTTP/1.1 200 OK\r\nDate: Thu, 26 Nov 2026 10:00:00 GMT\r\nSet-Cookie: lang={rng.choice(WORDS)}; Max-Age=31536000\r\n"
            f"Set-Cookie: {rng.choice(WORDS)}={data[:16].hex()}; Expires=Thu, 01 Jan 1970 00:00:00 GMT\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n")
    return head.encode() + data


def question(rng, values):
    labels = ["".join(c for c in rng.choice(values) if c.isalnum() or c in "-_")[:40] for _ in range(4)]
    name = b"".join(bytes([len(label)]) + label.encode() for label in labels + ["example", "com"] if label) + b"\0"
    return struct.pack("!HHHHHH", rng.randrange(65536), 0x100, 1, 0, 0, 0) + name + struct.pack("!HH", 1, 1)


def carry(rng, packets, port, values):
    """One conversation: a request, a stream of text in both directions, one of noise, a response, datagrams, questions."""
    data = body(rng, values)
    way = port % 8
    if way < 3:
        data = request(data, rng.choice(values))
        tcp(packets, port, data, server_port=80)
    elif way == 3:
        tcp(packets, port, data[:BODY // 2], reply=data[BODY // 2:], server_port=5000)
    elif way == 4:
        data = rng.randbytes(1800) + b"\0" + data  # text behind what is none, below the ceiling
        tcp(packets, port, data, server_port=5000)
    elif way == 5:
        tcp(packets, port, b"GET / HTTP/1.1\r\nHost: api.example.com\r\n\r\n", reply=response(rng, data[:1300]), server_port=80)
        data = data[:1300]
    elif way == 6:
        for at in range(0, len(data), 1200):
            udp(packets, port, data[at:at + 1200])
    else:
        data = b"".join(question(rng, values) for _ in range(200))
        for _ in range(200):
            udp(packets, port, question(rng, values), 53)
    return len(data)


def detected(args, captures, folder, keylogs=()):
    """(facts of every hit, the report); no report when the audit failed."""
    rules = os.path.join(folder, "collect.yml")
    with open(rules, "w", encoding="utf-8") as file:
        file.write(COLLECT)
    environment = dict(os.environ, MITLESER_SHARE=ROOT, MITLESER_DATA="/nonexistent")
    done = subprocess.run([args.program, "audit", "-q", "-o", "-", "-r", rules, "--without-ndpi",
                           *(word for keylog in keylogs for word in ("--keylog", keylog)), *captures],
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
                n_bytes += carry(rng, packets, port, values)
            with open(path, "wb") as file:
                file.write(pcap(packets))
            facts, report = detected(args, [path], folder)
            if report is None:
                sys.exit("detectors: the audit failed")
            for fact in facts:
                print("hit:", json.dumps(fact["attributes"], sort_keys=True), fact["range"])
            n_hits += len(facts)
    print(f"seed {args.seed}: {n_bytes} bytes without identifiers: {n_hits} hits")
    return 1 if n_hits else 0


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def different(folder):
    """Paths of captures below a folder, each content once."""
    seen, paths = set(), []
    names = sorted(os.path.join(base, name) for base, _, names in os.walk(folder, followlinks=True) for name in names
                   if name.endswith((".pcap", ".pcapng", ".cap", ".dmp", ".gz", ".ntar")))
    for path in names:
        hashed = digest(path)
        if hashed not in seen:
            seen.add(hashed)
            paths.append(path)
    return paths


def all_hits(args, captures):
    """Every hit as a row: capture, frame, kind, form, place, first byte, then host, shape of the value, name of the
    cookie."""
    hits = []
    with tempfile.TemporaryDirectory() as folder:
        with_keys = [path for path in captures if os.path.exists(path + ".keylog")]
        plain = [path for path in captures if path not in set(with_keys)]
        for part in [plain[at:at + 40] for at in range(0, len(plain), 40)] + [[path] for path in with_keys]:
            keylogs = [path + ".keylog" for path in part if os.path.exists(path + ".keylog")]
            facts, report = detected(args, part, folder, keylogs)
            paths = {digest(path): os.path.relpath(path, args.folder) for path in part}
            for fact in facts:
                a = fact["attributes"]
                path = paths[report["inputs"][int(fact["input"][1:]) - 1]["sha256"]]
                hits.append((path, str(fact["frames"][0]), a["identity.kind"], a["identity.form"], a["identity.place"],
                             str(fact["range"][0]), a.get("http.host", ""), a["identity.value"], a.get("identity.name", "")))
    return hits


def drawn(args):
    """At most args.most hits of a capture, kind and form: those whose digest with the seed comes first, so that a hit
    keeps its place whatever else is told."""
    order = lambda hit: hashlib.sha256("\t".join((str(args.seed), *hit[:6])).encode()).digest()
    hits, groups = all_hits(args, different(args.folder)), collections.defaultdict(list)
    for hit in sorted(set(hits)):
        groups[hit[0], hit[2], hit[3]].append(hit)
    print(f"# seed {args.seed}, at most {args.most} of a capture, kind and form: {len(set(hits))} hits")
    return [hit for key in sorted(groups) for hit in sorted(sorted(groups[key], key=order)[:args.most])]


def sample(args):
    for hit in drawn(args):
        print(*hit, sep="\t")
    return 0


def read_labels(path):
    with open(path, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    return {tuple(row[:6]): row[6] == "true" for row in rows}


def table(hits, labels):
    """Prints a row for each kind and form; the number of hits without a label."""
    counts = collections.defaultdict(lambda: [0, 0, 0])  # true, false, not labelled
    for hit in hits:
        label = labels.get(hit[:6])
        counts[hit[2], hit[3]][2 if label is None else 0 if label else 1] += 1
    print(f"{'kind':<16} {'form':<12} {'true':>5} {'false':>5} {'unlabelled':>10}  precision")
    for key, row in sorted(counts.items()) + [(("all", ""), [sum(column) for column in zip(*counts.values())] or [0, 0, 0])]:
        n = row[0] + row[1]
        print(f"{key[0]:<16} {key[1]:<12} {row[0]:>5} {row[1]:>5} {row[2]:>10}  {f'{100 * row[0] / n:.1f} %' if n else '-'}")
    return sum(row[2] for row in counts.values())


def precision(args):
    return 1 if table(drawn(args), read_labels(args.labels)) else 0


def negatives(args):
    with open(os.path.join(args.folder, "catalog.json"), encoding="utf-8") as file:
        entries = {entry["file"] for entry in json.load(file) if "other-apps" in entry["groups"]}
    captures = [path for path in different(args.folder) if os.path.relpath(path, args.folder) in entries]
    hits = sorted(set(all_hits(args, captures)))
    print(f"# {len(captures)} captures, {sum(map(os.path.getsize, captures))} bytes, {len(hits)} hits in "
          f"{len({hit[0] for hit in hits})} captures")
    table(hits, read_labels(args.labels))
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.path.join(ROOT, "build/release/mitleser"))
    parser.add_argument("--seed", type=int, default=20261126)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("noise")
    command.add_argument("--megabytes", type=int, default=100)
    for name in ("sample", "precision", "negatives"):
        command = commands.add_parser(name)
        command.add_argument("--most", type=int, default=4)
        command.add_argument("--labels", default=LABELS)
        command.add_argument("folder")
    args = parser.parse_args()
    return {"noise": noise, "sample": sample, "precision": precision, "negatives": negatives}[args.command](args)


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""corpus - runs the program over a folder of captures with a catalogue and prints how it fares.

usage: corpus.py [--program FILE] [--jobs N] [--only TEXT] [--list] CHECK FOLDER

FOLDER holds captures and catalog.json: a list of objects with `file`, `packets`, `linktype`, `tls_sni`, `quic_sni`,
`http_hosts`, `dns_names`, `dns_names_total`, made by another program (tshark). CHECK is one of

  packets   exit codes, crashes, sanitizer reports, packets read against the catalogue, what was not decoded
  names     server names, hosts and DNS names against the catalogue: found, missed, invented
  threads   body of report.json with 1, 2 and 5 threads: identical?

Prints a table and, with --list, each deviation. Exit code 1 when a target is missed, 77 when FOLDER is absent.
"""
import argparse
import collections
import concurrent.futures
import hashlib
import json
import os
import subprocess
import sys
import tempfile

BASE_LINK_TYPES = {"EN10MB", "LINUX_SLL", "LINUX_SLL2", "RAW", "RAW12", "IPV4", "IPV6", "NULL", "LOOP"}


def run(program, capture, threads, out):
    command = [program, "audit", capture, "-o", out, "--quiet", "--no-progress", "--threads", str(threads)]
    done = subprocess.run(command, capture_output=True, timeout=600)
    return done.returncode, done.stderr.decode("utf-8", "replace")


def report_of(folder):
    with open(os.path.join(folder, "report.json"), encoding="utf-8") as file:
        return json.load(file)


def flows_of(folder):
    with open(os.path.join(folder, "flows.ndjson"), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def check_packets(args, entry, path):
    with tempfile.TemporaryDirectory() as out:
        code, stderr = run(args.program, path, 2, out)
        result = {"file": entry["file"], "code": code, "stderr": stderr.strip()[-400:], "base": is_base(entry)}
        result["sanitizer"] = "Sanitizer" in stderr or "runtime error" in stderr
        if code == 0:
            report = report_of(out)["body"]
            packets = report["coverage"]["packets"]
            result["read"] = packets["read"]
            result["decoded"] = packets["decoded"]
            result["undecoded"] = packets["undecoded"]["by_reason"]
        return result


def is_base(entry):
    return bool(entry["linktype"]) and set(entry["linktype"]) <= BASE_LINK_TYPES


def packets_table(args, entries, results):
    expected = {entry["file"]: entry["packets"] or 0 for entry in entries}
    crashed = [r for r in results if r["code"] < 0 or r["code"] == 4 or r["sanitizer"]]
    base_bad = [r for r in results if r["base"] and r["code"] != 0]
    equal = [r for r in results if r.get("read", 0) == expected[r["file"]]]
    unbalanced = [r for r in results if "read" in r and r["read"] != r["decoded"] + sum(r["undecoded"].values())]
    reasons = collections.Counter()
    for r in results:
        reasons.update(r.get("undecoded", {}))
    print(f"captures                          {len(results)}")
    print(f"exit codes                        {dict(sorted(collections.Counter(r['code'] for r in results).items()))}")
    print(f"crashes and sanitizer reports     {len(crashed)}")
    print(f"base link types, not exit 0       {len(base_bad)} of {sum(r['base'] for r in results)}")
    print(f"packets equal the catalogue's     {len(equal)} = {100 * len(equal) / len(results):.2f} %")
    print(f"read is not decoded + undecoded   {len(unbalanced)}")
    print(f"packets read, decoded             {sum(r.get('read', 0) for r in results)}, {sum(r.get('decoded', 0) for r in results)}")
    for reason, n in reasons.most_common():
        print(f"  not decoded: {reason:24} {n}")
    if args.list:
        for r in results:
            if r.get("read", 0) != expected[r["file"]]:
                print(f"packets {r['file']}: read {r.get('read')}, catalogue {expected[r['file']]}, exit {r['code']} {r['stderr']}")
        for r in crashed + base_bad + unbalanced:
            print(f"trouble {r['file']}: exit {r['code']} {r['stderr']}")
    return not crashed and not base_bad and not unbalanced and len(equal) >= 0.99 * len(results)


def normal(names):
    """Names as both sides can be compared: lower case, no final dot, no port, no brackets; the root is "."."""
    out = set()
    for name in names:
        name = name.strip().lower()
        if name in ("<root>", "."):
            out.add(".")
            continue
        host, colon, port = name.rpartition(":")
        if colon and port.isdigit() and (":" not in host or host.endswith("]")):
            name = host
        out.add(name.strip("[]").rstrip("."))
    return out - {""}


def beyond_ascii(name):
    """The catalogue's tool replaces bytes that it cannot show, or words its own complaint: not comparable."""
    return "?" in name or "\ufffd" in name or name.startswith("<") or "%s" in name or not name.isprintable()


def texts(flows, *fields):
    out = set()
    for flow in flows:
        for field in fields:
            value = flow.get(field, [])
            out.update([value] if isinstance(value, str) else value)
    return out


def check_names(args, entry, path):
    with tempfile.TemporaryDirectory() as out:
        code, stderr = run(args.program, path, 1, out)
        if code != 0:
            return {"file": entry["file"], "code": code, "stderr": stderr, "rows": []}
        flows = flows_of(out)
    quic = [flow for flow in flows if "quic.version" in flow]
    plain = [flow for flow in flows if "quic.version" not in flow]
    complete = entry.get("dns_names_total", 0) <= len(entry["dns_names"])
    lookups = [flow for flow in flows if flow.get("dns.transport", "udp") in ("udp", "tcp")]
    rows = [
        ("tls_sni", normal(entry["tls_sni"]), normal(texts(plain, "tls.sni")), True),
        ("quic_sni", normal(entry["quic_sni"]), normal(texts(quic, "quic.sni", "tls.sni")), True),
        ("http_hosts", normal(entry["http_hosts"]), normal(texts(flows, "http.hosts")), True),
        ("dns_names", normal(entry["dns_names"]), normal(texts(flows, "dns.names")), complete),
    ]
    result = []
    for kind, want, have, is_complete in rows:
        if kind == "dns_names":  # the catalogue leaves out multicast and NetBIOS names: they count as found, not as invented
            extra = normal(texts(lookups, "dns.names")) - want
        else:
            extra = have - want
        missed = {name for name in want - have if not beyond_ascii(name)}
        result.append((kind, sorted(want & have), sorted(missed), sorted(extra) if is_complete else []))
    return {"file": entry["file"], "code": code, "rows": result}


def names_table(args, entries, results):
    found, missed, invented = collections.Counter(), collections.Counter(), collections.Counter()
    deviations = []
    for r in results:
        for kind, hit, miss, extra in r["rows"]:
            found[kind] += len(hit)
            missed[kind] += len(miss)
            invented[kind] += len(extra)
            deviations += [(kind, "missed", name, r["file"]) for name in miss]
            deviations += [(kind, "extra", name, r["file"]) for name in extra]
    print(f"{'kind':12} {'catalogue':>9} {'found':>7} {'share':>8} {'not in the catalogue':>21}")
    ok = True
    for kind in ("tls_sni", "quic_sni", "http_hosts", "dns_names"):
        total = found[kind] + missed[kind]
        share = 100 * found[kind] / total if total else 100
        ok = ok and share >= 98
        print(f"{kind:12} {total:9} {found[kind]:7} {share:7.2f} % {invented[kind]:20}")
    if args.list:
        for kind, what, name, file in sorted(deviations):
            print(f"{what} {kind} {name!r} {file}")
    return ok


def check_threads(args, entry, path):
    digests = {}
    for threads in (1, 2, 5):
        with tempfile.TemporaryDirectory() as out:
            code, _ = run(args.program, path, threads, out)
            if code != 0:
                digests[threads] = f"exit {code}"
                continue
            with open(os.path.join(out, "flows.ndjson"), "rb") as file:
                flows = hashlib.sha256(file.read()).hexdigest()
            digests[threads] = report_of(out)["integrity"]["body_sha256"] + flows
    return {"file": entry["file"], "digests": digests}


def threads_table(args, entries, results):
    differ = [r for r in results if len(set(r["digests"].values())) != 1]
    print(f"captures {len(results)}, body or flows differ between 1, 2 and 5 threads: {len(differ)}")
    for r in differ[: None if args.list else 10]:
        print(f"differs {r['file']}: {r['digests']}")
    return not differ


CHECKS = {
    "packets": (check_packets, packets_table),
    "names": (check_names, names_table),
    "threads": (check_threads, threads_table),
}


def main():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.path.join(root, "build/release/mitleser"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", default="", help="captures whose name contains this text")
    parser.add_argument("--list", action="store_true", help="print each deviation")
    parser.add_argument("check", choices=CHECKS)
    parser.add_argument("folder")
    args = parser.parse_args()
    catalogue = os.path.join(args.folder, "catalog.json")
    if not os.path.exists(catalogue):
        print(f"skipped: no {catalogue}")
        return 77
    with open(catalogue, encoding="utf-8") as file:
        entries = [entry for entry in json.load(file) if args.only in entry["file"]]
    entries = [entry for entry in entries if os.path.exists(os.path.join(args.folder, entry["file"]))]
    check, table = CHECKS[args.check]
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        results = list(pool.map(lambda entry: check(args, entry, os.path.join(args.folder, entry["file"])), entries))
    return 0 if table(args, entries, results) else 1


if __name__ == "__main__":
    sys.exit(main())

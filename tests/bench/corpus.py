#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""corpus - runs the program over a folder of captures with a catalogue and prints how it fares.

usage: corpus.py [--program FILE] [--jobs N] [--only TEXT] [--list] CHECK FOLDER

FOLDER holds captures and catalog.json: a list of objects with `file`, `packets`, `linktype`, `tls_sni`, `quic_sni`,
`http_hosts`, `dns_names`, `dns_names_total`, made by another program (tshark). CHECK is one of

  packets   exit codes, crashes, sanitizer reports, packets read against the catalogue, what was not decoded
  names     server names, hosts and DNS names against the catalogue: found, missed, invented
  threads   body of report.json with 1, 2 and 5 threads: identical?

Where tshark refuses a file, libpcap's count stands in for its own. A masked value of a report counts as found when its length
is that of the name. Deviations whose reason is known are in EXPLAINED: they count as missed all the same, are printed in a
column of their own, and --list gives the reason.

Prints a table and, with --list, each deviation. Exit code 1 when a target is missed, 77 when FOLDER is absent.
"""
import argparse
import collections
import concurrent.futures
import hashlib
import json
import os
import re
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


def custom_blocks(path):
    """Custom blocks of a pcapng file, found by walking its blocks."""
    with open(path, "rb") as file:
        data = file.read()
    at, order, n = 0, "little", 0
    while data[:4] == b"\x0a\x0d\x0d\x0a" and at + 12 <= len(data):
        if data[at : at + 4] == data[:4]:
            order = "little" if data[at + 8 : at + 12] == b"\x4d\x3c\x2b\x1a" else "big"
        n += int.from_bytes(data[at : at + 4], order) in (0xBAD, 0x40000BAD)
        at += max(12, int.from_bytes(data[at + 4 : at + 8], order))
    return n


# The catalogue is not the measure there.
UNCOUNTED = {
    "DNS-OARC+dnscap/src__test__dns.pcap.xz.pcap": "compressed: tshark does not read .xz, so the catalogue says 0",
    "ajbanjara+Wireshark/Development__PcapNg__pcap-ng_Wi-Fi_Bluetooth_USB_Cooked_timestamps_issue_1.ntar":
        "tshark ends at a Bluetooth packet of 3 bytes; two more follow",
    "ajbanjara+Wireshark/mDNS1.zip__DAAP-mDNS.CAP": "Microsoft Network Monitor 2: said to be that, not read",
    "ajbanjara+Wireshark/mDNS1.zip__More-mDNS.cap": "Microsoft Network Monitor 2: said to be that, not read",
}


def counted(args, entry):
    """
    The catalogue's count: tshark's, or libpcap's where tshark refuses the file and libpcap does not. tshark counts custom
    blocks of pcapng as packets, which they are not (draft-ietf-opsawg-pcapng, section 4.8).
    """
    by_libpcap = (entry.get("libpcap") or {}).get("packets") or 0
    return by_libpcap if entry.get("tshark_error") and not entry["packets"] else (entry["packets"] or 0) - custom_blocks(
        os.path.join(args.folder, entry["file"])
    )


def packets_table(args, entries, results):
    expected = {entry["file"]: counted(args, entry) for entry in entries}
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
    print(f"  those that differ, explained    {sum(r['file'] in UNCOUNTED for r in results if r not in equal)}")
    print(f"read is not decoded + undecoded   {len(unbalanced)}")
    print(f"packets read, decoded             {sum(r.get('read', 0) for r in results)}, {sum(r.get('decoded', 0) for r in results)}")
    for reason, n in reasons.most_common():
        print(f"  not decoded: {reason:24} {n}")
    if args.list:
        for r in results:
            if r.get("read", 0) != expected[r["file"]]:
                print(f"packets {r['file']}: read {r.get('read')}, catalogue {expected[r['file']]}, exit {r['code']} {UNCOUNTED.get(r['file'], r['stderr'])}")
        for r in crashed + base_bad + unbalanced:
            print(f"trouble {r['file']}: exit {r['code']} {r['stderr']}")
    return not crashed and not base_bad and not unbalanced and len(equal) >= 0.995 * len(results)


MASK = re.compile(r"<masked:([0-9]+)>")
PORT_WINS = "tshark goes by the port and sees another protocol"
NO_HOST_FIELD = "the host of the request's target; the catalogue lists Host fields only"
FUZZED = "a fuzzed message: the name stands in a question that does not add up"
NOT_IP = "tshark dissects what is no IP packet of this link type (netlink, a broken header)"
NO_OPCODE = "a dynamic update, which asks for nothing"

EXPLAINED = {
    ("dns_names", "ntop+nDPI/custom_risk_mask.pcapng"): "a name of mDNS beyond ASCII",
    ("dns_names", "ntop+nDPI/fuzz-2006-06-26-2594.pcap"): FUZZED,
    ("dns_names", "zeek+zeek/dns-edns-ecs-bad.pcap"): FUZZED,
    ("dns_names", "ajbanjara+Wireshark/dhcp-and-dyndns.pcap"): NO_OPCODE,
    ("dns_names", "ajbanjara+Wireshark/netlink-conntrack.pcap"): NOT_IP,
    ("dns_names", "emanuele-f+PCAPdroid/invalid_or_unsupported.pcap"): NOT_IP,
    ("dns_names", "the-tcpdump-group+tcpdump/LINKTYPE_IPV4_invalid.pcap"): NOT_IP,
    ("dns_names", "DNS-OARC+dnscap/src__test__sll2.pcap"): "a backslash in a name: tshark leaves it out",
    ("http_hosts", "OISF+suricata-verify/tcp-urgp-01-oob__tcp-urgent1.pcap"): "a byte of urgent data lies between: tshark loses the request",
    ("http_hosts", "zeek+zeek/http__get-to-ssh-server.pcap"): PORT_WINS,
    ("http_hosts", "zeek+zeek/http__query-method-non-standard-port.pcap"): "QUERY is a method since RFC 9110's registry; tshark 4.0 has it not",
    ("http_hosts", "zeek+zeek/http__zeek-image-post-1080-8000-x.pcap"): PORT_WINS,
    ("http_hosts", "cisco+mercury/afl_data__corner-cases.pcap"): PORT_WINS,
    ("http_hosts", "cisco+mercury/afl_data__multi_packet_http_request.pcap"): PORT_WINS,
    ("http_hosts", "cisco+mercury/afl_data__multi_packet_http_request_ua.pcap"): PORT_WINS,
    ("http_hosts", "OISF+suricata-verify/http-connect__http-connect-simple__input.pcap"): NO_HOST_FIELD,
    ("http_hosts", "OISF+suricata-verify/http-connect__http-connect-tls__input.pcap"): NO_HOST_FIELD,
    ("http_hosts", "zeek+zeek/http__connect-with-smtp.pcap"): NO_HOST_FIELD,
    ("http_hosts", "the-tcpdump-group+libpcap/filter__AH-IPcomp-IPv4.pcap"): "inside IPComp, which is not inflated",
    ("http_hosts", "the-tcpdump-group+libpcap/filter__AH-IPcomp-IPv6.pcap"): "inside IPComp, which is not inflated",
    ("http_hosts", "arkime+arkime/sctp-www.pcap"): "HTTP over SCTP",
    ("http_hosts", "ajbanjara+Wireshark/netlink-conntrack.pcap"): NOT_IP,
    ("http_hosts", "arkime+arkime/socks5-reverse.pcap"): "the request runs from server to client, behind a SOCKS handshake",
    ("quic_sni", "EricssonResearch+spindump/trace_quic_mvfst_d24.pcap"): "tshark 4.0 does not open this draft of mvfst",
    ("quic_sni", "the-tcpdump-group+tcpdump/quic_handshake_truncated.pcap"): "cut by the snap length behind the name",
    ("tls_sni", "ntop+nDPI/tls_missing_ch_frag.pcap"): "a segment of the hello is missing; the name stands before the hole",
    ("tls_sni", "OISF+suricata-verify/bug-2512__sample_10.62.112.41_62227.pcap"): "a hello cut by a hole: the name stands before it",
    ("tls_sni", "ntop+nDPI/ookla.pcap"): PORT_WINS,
    ("tls_sni", "zeek+zeek/tls__ssl-to-http-server.pcap"): PORT_WINS,
    ("tls_sni", "arkime+arkime/arkime_synthetic.pcap"): "a hello of DTLS, which the catalogue does not list",
    ("tls_sni", "ntop+nDPI/haproxy.pcap"): "behind the header of the PROXY protocol, in one segment with it",
    ("tls_sni", "ntop+nDPI/capwap_data.pcapng"): "inside CAPWAP data (802.11 over UDP), which is not opened",
}


def take_masked(missed, values):
    """Of the missed names those that a masked value of their length stands for; each value stands for one name."""
    lengths = collections.Counter(int(m.group(1)) for m in map(MASK.fullmatch, values) if m)
    found = set()
    for name in sorted(missed):
        if lengths[len(name.encode())]:
            lengths[len(name.encode())] -= 1
            found.add(name)
    return found


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
    sealed = {"http2", "tls", "quic"}  # the catalogue has no :authority and nothing that keys open
    http1 = [flow for flow in flows if not sealed & set(flow.get("protocol_layers", []))]
    masked = {"dns_names": [name for flow in flows for name in flow.get("dns.names", [])]}
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
        elif kind == "http_hosts":
            extra = normal(texts(http1, "http.hosts")) - want
        else:
            extra = have - want
        extra = {name for name in extra if not MASK.fullmatch(name)}
        missed = {name for name in want - have if not beyond_ascii(name)}
        hidden = take_masked(missed, masked.get(kind, ()))
        is_complete = is_complete and entry["packets"] != 0  # a file that tshark refuses has no names in the catalogue
        result.append(
            (kind, sorted(want & have | hidden), sorted(missed - hidden), sorted(extra) if is_complete else [], len(hidden)))
    return {"file": entry["file"], "code": code, "rows": result}


def names_table(args, entries, results):
    found, missed, invented = collections.Counter(), collections.Counter(), collections.Counter()
    masked, explained = collections.Counter(), collections.Counter()
    deviations = []
    for r in results:
        for kind, hit, miss, extra, n_masked in r["rows"]:
            masked[kind] += n_masked
            has_reason = (kind, r["file"]) in EXPLAINED
            explained[kind, "missed"] += len(miss) if has_reason else 0
            explained[kind, "extra"] += len(extra) if has_reason else 0
            found[kind] += len(hit)
            missed[kind] += len(miss)
            invented[kind] += len(extra)
            deviations += [(kind, "missed", name, r["file"]) for name in miss]
            deviations += [(kind, "extra", name, r["file"]) for name in extra]
    print(f"{'kind':12} {'catalogue':>9} {'found':>7} {'masked':>7} {'share':>8} {'missed (explained)':>19} {'invented (explained)':>21}")
    ok = True
    for kind in ("tls_sni", "quic_sni", "http_hosts", "dns_names"):
        total = found[kind] + missed[kind]
        share = 100 * found[kind] / total if total else 100
        ok = ok and share >= 98 and invented[kind] == explained[kind, "extra"]
        missed_text = f"{missed[kind]} ({explained[kind, 'missed']})"
        invented_text = f"{invented[kind]} ({explained[kind, 'extra']})"
        print(f"{kind:12} {total:9} {found[kind]:7} {masked[kind]:7} {share:6.2f} % {missed_text:>19} {invented_text:>21}")
    if args.list:
        for kind, what, name, file in sorted(deviations):
            reason = EXPLAINED.get((kind, file), "")
            print(f"{what} {kind} {name!r} {file}{': ' if reason else ''}{reason}")
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

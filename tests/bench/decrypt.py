#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what facts_probe reads under encryption with what tshark reads, capture by capture.

usage: decrypt.py PROBE FOLDER

FOLDER is searched for captures: those with FILE.keylog beside them, and pcapng files with secrets inside. Compared are
the HTTP requests inside TLS and QUIC as multisets of (method, host, path with query), and the status codes of the
responses. The table has a line a capture: requests of tshark, of the probe, of both; the same for responses; and how
the probe says decryption went. Where tshark opens packets of QUIC or records of DTLS a second table tells how many
heads and bytes of content it sees in HTTP/3 (of which it does not read the fields), bytes of other streams, and bytes
of DTLS, and how many the probe. Exit code 1 when tshark reads something that the probe does not.
"""
import collections
import os
import re
import subprocess
import sys

SUFFIXES = (".pcap", ".pcapng", ".cap")


def captures(folder):
    """(capture, key log or None) of all captures that come with keys."""
    for base, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            path = os.path.join(base, name)
            if os.path.exists(path + ".keylog"):
                yield path, path + ".keylog"
            elif name.endswith(SUFFIXES) and has_secrets(path):
                yield path, None


def has_secrets(path):
    """Is there a decryption secrets block of a TLS key log?"""
    with open(path, "rb") as file:
        head = file.read(4)
        if head != b"\x0a\x0d\x0d\x0a":
            return False
        return b"KSLT" in head + file.read()


def tshark(path, keylog, display, fields):
    command = ["tshark", "-r", path, "-Y", display, "-T", "fields", "-E", "separator=\t", "-E", "aggregator=\x01"]
    command += ["-o", "tls.keylog_file:" + (keylog or "")]
    for field in fields:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, check=False)
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        columns = [column.split("\x01") if column else [] for column in line.split("\t")]
        yield columns + [[]] * (len(fields) - len(columns))


def host_of(text):
    """Host as a fact holds it: lower case, without port."""
    text = re.sub(r":\d+$", "", text.lower())
    return text[1:-1] if text.startswith("[") and text.endswith("]") else text


def requests_of_tshark(path, keylog):
    found = collections.Counter()
    columns = ["http.request.method", "http.host", "http.request.uri"]
    for methods, hosts, uris in tshark(path, keylog, "http.request && (tls || quic)", columns):
        for i, method in enumerate(methods):
            host = hosts[i] if i < len(hosts) else ""
            found[(method, host_of(host), uris[i] if i < len(uris) else "")] += 1
    for version in ("http2", "http3"):
        prefix = version + ".headers."
        rows = tshark(path, keylog, f"{prefix}method && (tls || quic)",
                      [prefix + "method", prefix + "authority", prefix + "path"])
        for methods, hosts, paths in rows:
            for i, method in enumerate(methods):
                host = hosts[i] if i < len(hosts) else ""
                found[(method, host_of(host), paths[i] if i < len(paths) else "")] += 1
    return found


def responses_of_tshark(path, keylog):
    found = collections.Counter()
    for field in ("http.response.code", "http2.headers.status", "http3.headers.status"):
        for (codes,) in tshark(path, keylog, f"{field} && (tls || quic)", [field]):
            for code in codes:
                found[code] += 1
    return found


def facts_of_probe(probe, path, keylog):
    command = [probe, path] + ([keylog] if keylog else [])
    done = subprocess.run(command, capture_output=True, check=True)
    requests, responses = collections.Counter(), collections.Counter()
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        columns = line.split("\t")
        layers = columns[3].split("/")
        if "tls" not in layers and "quic" not in layers:
            continue
        values = dict(column.split("=", 1) for column in reversed(columns[5:]))
        count = int(columns[4])
        if columns[1] == "http.request":
            query = values.get("http.query")
            target = values.get("http.path", "") + ("?" + query if query else "")
            requests[(values.get("http.method", ""), values.get("http.host", ""), target)] += count
        elif columns[1] == "http.response":
            responses[values.get("http.status", "")] += count
    counters = dict(line.split("\t") for line in done.stderr.decode().splitlines() if "\t" in line)
    return requests, responses, counters


def hex_bytes(columns):
    return sum(len(value.replace(":", "")) // 2 for value in columns)


def datagrams_of_tshark(path, keylog):
    """HTTP/3 heads and content, bytes of all streams of QUIC (each once), bytes inside DTLS records."""
    heads = content = 0
    for types, data in tshark(path, keylog, "http3", ["http3.frame_type", "http3.data"]):
        heads += sum(int(value, 0) == 1 for value in types)
        content += hex_bytes(data)
    streams = collections.defaultdict(int)
    columns = ["udp.stream", "udp.srcport", "quic.stream.stream_id", "quic.stream.offset", "quic.stream.length"]
    for flow, port, ids, offsets, lengths in tshark(path, keylog, "quic.stream.stream_id", columns):
        if len(ids) == len(offsets) == len(lengths):
            for number, offset, length in zip(ids, offsets, lengths):
                key = (flow[0], port[0], number)
                streams[key] = max(streams[key], int(offset) + int(length))
    command = ["tshark", "-r", path, "-Y", "dtls.app_data", "-x", "-o", "tls.keylog_file:" + (keylog or "")]
    text = subprocess.run(command, capture_output=True, check=False).stdout.decode("utf-8", "replace")
    inside = sum(int(n) for n in re.findall(r"^Decrypted DTLS \((\d+) bytes", text, re.MULTILINE))
    return heads, content, sum(streams.values()), inside


def datagrams_of_probe(probe, path, keylog):
    command = [probe, "--plain", path] + ([keylog] if keylog else [])
    done = subprocess.run(command, capture_output=True, check=True)
    heads = content = other = inside = 0
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        columns = line.split("\t")
        layers = columns[3].split("/")
        if columns[1] == "plain.head" and "http3" in layers:
            heads += 1
        elif columns[1] == "plain.body" and "http3" in layers:
            content += len(columns[6]) // 2
        elif columns[1] == "plain.bytes" and "quic" in layers:
            other += len(columns[6]) // 2
        elif columns[1].startswith("plain.") and columns[1] != "plain.record" and "dtls" in layers:
            inside += len(columns[6]) // 2
    return heads, content, other, inside


def compare_datagrams(probe, folder):
    """Gives the number of captures of which something is missing."""
    missing = 0
    print(f"\n{'capture':64} {'HTTP/3 heads':>13} {'content':>15} {'other streams':>15} {'DTLS':>15}")
    for path, keylog in captures(folder):
        theirs = datagrams_of_tshark(path, keylog)
        if not any(theirs):
            continue
        ours = datagrams_of_probe(probe, path, keylog)
        name = os.path.relpath(path, folder)[-64:]
        print(f"{name:64} {theirs[0]:6} {ours[0]:6} {theirs[1]:7} {ours[1]:7} {theirs[2]:7} {ours[2]:7} {theirs[3]:7} "
              f"{ours[3]:7}")
        is_less = ours[0] < theirs[0] or ours[1] < theirs[1] or ours[3] < theirs[3]
        missing += is_less or (theirs[0] == ours[0] == 0 and ours[2] < theirs[2])
    print(f"{missing} captures of which tshark opens something that the probe does not")
    return missing


def how(counters):
    parts = [f"{counters.get('decryption.decrypted', '0')}/{counters.get('decryption.possible', '0')}"]
    parts += [f"{name[14:]}={n}" for name, n in sorted(counters.items()) if name.startswith("not_decrypted.")]
    return " ".join(parts)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    probe, folder = sys.argv[1:]
    missing = 0
    print(f"{'capture':64} {'requests':>16} {'responses':>16}  decrypted")
    print(f"{'':64} {'theirs ours both':>16} {'theirs ours both':>16}")
    for path, keylog in captures(folder):
        ours, our_responses, counters = facts_of_probe(probe, path, keylog)
        theirs, their_responses = requests_of_tshark(path, keylog), responses_of_tshark(path, keylog)
        numbers = [sum(theirs.values()), sum(ours.values()), sum((theirs & ours).values())]
        more = [sum(their_responses.values()), sum(our_responses.values()),
                sum((their_responses & our_responses).values())]
        missing += numbers[0] - numbers[2]
        name = os.path.relpath(path, folder)[-64:]
        print(f"{name:64} {numbers[0]:6} {numbers[1]:4} {numbers[2]:4} {more[0]:6} {more[1]:4} {more[2]:4}  "
              f"{how(counters)}")
        if os.environ.get("VERBOSE"):
            for request in sorted((theirs - ours).elements()):
                print("    only theirs:", request)
            for request in sorted((ours - theirs).elements()):
                print("    only ours:  ", request)
    print(f"{missing} requests that tshark reads and the probe does not")
    missing += compare_datagrams(probe, folder)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())

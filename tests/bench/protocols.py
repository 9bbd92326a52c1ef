#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""protocols - of the captures in which tshark sees a protocol, in how many do our flows show it?

usage: protocols.py [--program FILE] [--jobs N] [--only PROTOCOL] [--list] FOLDER

FOLDER holds captures and catalog.json (see corpus.py), whose `protocols` counts the packets tshark named so. A flow shows a
protocol by a parser (`protocol_layers`), by a fact of it (`fact.kinds`) or as its transport. Prints a table, with --list
the captures that are missing. Exit code 1 when a protocol is below 97 %, 77 when FOLDER is absent.
"""
import argparse
import concurrent.futures
import json
import os
import subprocess
import sys

TARGET = 97
# tshark's name: what shows it. "p:" a parser or the flow's protocol, "k:" the beginning of a fact's kind, "t:" a
# transport, "x:" a transport of facts ("dns.transport").
SHOWN_BY = {
    "dns": ["p:dns", "k:dns."],
    "mdns": ["p:mdns", "k:mdns.", "x:mdns"],
    "llmnr": ["p:llmnr", "x:llmnr"],
    "nbns": ["p:nbns", "k:nbns.", "x:nbns"],
    "tls": ["p:tls", "k:tls."],
    "dtls": ["p:dtls", "k:tls."],
    "quic": ["p:quic", "k:quic."],
    "gquic": ["p:quic", "k:quic."],
    "http": ["p:http", "k:http."],
    "http2": ["p:http2", "k:http."],
    "websocket": ["p:websocket", "p:http", "k:http."],
    "dhcp": ["p:dhcp", "k:dhcp."],
    "dhcpv6": ["p:dhcp", "p:dhcpv6", "k:dhcp"],
    "ssdp": ["p:ssdp", "k:ssdp."],
    "ntp": ["p:ntp", "k:ntp."],
    "stun": ["p:stun", "k:stun."],
    "rtp": ["p:rtp", "k:rtp."],
    "rtcp": ["p:rtcp", "p:rtp", "k:rtcp.", "k:rtp."],
    "sip": ["p:sip", "k:sip."],
    "smtp": ["p:smtp", "k:smtp.", "k:login.", "k:mail."],
    "imap": ["p:imap", "k:imap."],
    "pop": ["p:pop", "p:pop3", "k:pop"],
    "ftp": ["p:ftp", "k:ftp."],
    "proxy": ["p:haproxy"],
    "telnet": ["p:telnet", "k:telnet."],
    "mqtt": ["p:mqtt", "k:mqtt."],
    "xmpp": ["p:xmpp", "k:xmpp."],
    "irc": ["p:irc", "k:irc."],
    "msnms": ["p:msn", "k:msn."],
    "ymsg": ["p:ymsg", "k:ymsg."],
    "icmp": ["t:icmp"],
    "icmpv6": ["t:icmpv6", "t:icmp6"],
    "sctp": ["t:sctp"],
}


def features(flow):
    """What one flow shows, in the form of SHOWN_BY; kinds as they are."""
    for name in [*flow.get("protocol_layers", []), flow.get("protocol")]:
        yield f"p:{name}"
    for kind in flow.get("fact.kinds", []):
        yield f"k:{kind}"
    yield f"t:{flow['transport']}"
    if "dns.transport" in flow:
        yield f"x:{flow['dns.transport']}"


def read(args, entry):
    command = [args.program, "audit", os.path.join(args.folder, entry["file"]), "--format", "ndjson", "--without-ndpi"]
    done = subprocess.run([*command, "--threads", "1"], capture_output=True, timeout=600)
    shown = set()
    for line in done.stdout.splitlines():
        row = json.loads(line)
        if "flow.id" in row:
            shown.update(features(row))
    return shown


def is_shown(protocol, shown):
    for mark in SHOWN_BY[protocol]:
        if mark in shown or (mark[0] == "k" and any(seen.startswith(mark) for seen in shown)):
            return True
    return False


def table(args, entries, results):
    is_good = True
    print(f"{'protocol':<10} {'captures':>8} {'shown':>6} {'share':>8}")
    for protocol in SHOWN_BY:
        having = [i for i, entry in enumerate(entries) if protocol in entry["protocols"]]
        missing = [i for i in having if not is_shown(protocol, results[i])]
        if not having or (args.only and protocol != args.only):
            continue
        share = 100 * (len(having) - len(missing)) / len(having)
        is_good = is_good and share >= TARGET
        mark = "" if share >= TARGET else f"  below {TARGET} %"
        print(f"{protocol:<10} {len(having):>8} {len(having) - len(missing):>6} {share:>6.1f} %{mark}")
        for i in missing if args.list else []:
            n = entries[i]["protocols"][protocol]
            print(f"    {entries[i]['file']}: {n} packets, flows show {', '.join(sorted(results[i])) or 'nothing'}")
    return is_good


def main():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=os.path.join(root, "build/release/mitleser"))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("folder")
    args = parser.parse_args()
    catalogue = os.path.join(args.folder, "catalog.json")
    if not os.path.exists(catalogue):
        print(f"no {catalogue}: nothing measured")
        return 77
    with open(catalogue, encoding="utf-8") as file:
        entries = json.load(file)
    wanted = {args.only} if args.only else set(SHOWN_BY)
    entries = [entry for entry in entries if wanted & set(entry["protocols"] or {})]
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        results = list(pool.map(lambda entry: read(args, entry), entries))
    return 0 if table(args, entries, results) else 1


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""protocols - of the captures in which tshark sees a protocol or a field that tells on people, how many show it with us?

usage: protocols.py [--program FILE] [--jobs N] [--only PROTOCOL] [--list] FOLDER

FOLDER holds captures and catalog.json (see corpus.py), whose `protocols` counts the packets tshark named so. A flow shows a
protocol by a parser (`protocol_layers`), by a fact of it (`fact.kinds`) or as its transport; `leak_kinds` by those, a field or a finding. Captures in
which there is nothing to show, for a reason that was looked up in the bytes, stand in EXPLAINED: the table has them in a
column of their own, `share` counts them as missing and `of the rest` leaves them out; the target is for the latter.
Prints a table, with --list the captures that are missing. Exit code 1 when a protocol is below 97 %, 77 when FOLDER is
absent. Telnet has no parser here, and so no row.
"""
import argparse
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

TARGET = 97
# tshark's name: what shows it. "p:" a parser or the flow's protocol, "k:" the beginning of a fact's kind, "t:" a
# transport, "x:" a transport of facts ("dns.transport"), "f:" a field of a flow, "r:" a finding of a rule.
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
    "mqtt": ["p:mqtt", "k:mqtt."],
    "xmpp": ["p:xmpp", "k:xmpp."],
    "irc": ["p:irc", "k:irc."],
    "msnms": ["p:msn", "k:msn."],
    "ymsg": ["p:ymsg", "k:ymsg."],
    "icmp": ["t:icmp"],
    "icmpv6": ["t:icmpv6", "t:icmp6"],
    "sctp": ["t:sctp"],
}

# The catalogue's `leak_kinds` that are more than a protocol.
LEAKS_BY = {
    "dhcp-hostname": ["r:ml-net-dhcp-identity"],
    "ftp-login": ["k:ftp.login", "r:ml-msg-file-account"],
    "http-authorization": ["r:ml-http-authorization"],
    "http-cookie": ["r:ml-http-cookie-clear", "r:ml-http-session-cookie", "r:ml-http-set-cookie-insecure"],
    "http-user-agent": ["f:http.user_agents", "r:ml-http-user-agent"],
    "http2-cleartext": ["p:http2", "k:http."],
    "netbios-dgm": ["p:nbns", "p:nbds", "k:nbns.", "k:nbds."],
    "rtp-cleartext": ["p:rtp", "k:rtp."],
    "stun-address": ["k:stun."],
}

# (protocol, capture): why its flows rightly show nothing of it. Reasons begin with whose it is: "tshark" for a wrong dissection,
# "broken" for what is fuzzed or does not add up, "carrier" for what it is carried in and is not opened here.
PORT = "tshark goes by the port; the bytes are another protocol"
CUT = "broken: the capture ends within the first bytes of the message"
BAD = "broken: the message does not add up"
NETLINK = "carrier: headers quoted in netlink messages, no packets"
SFLOW = "carrier: the first bytes of packets quoted in sFlow samples"
OPENVPN = "carrier: the control channel of OpenVPN"
NETMON = "carrier: a capture of Microsoft Network Monitor 2, which is not read"
IPCOMP = "carrier: IPComp, which is not inflated"
QUOTED = "carrier: a packet quoted in an ICMP error"
EXPLAINED = {
    ("ftp", "zeek+zeek/telnet-auth-missing-name.pcap"): "tshark goes by the port; the bytes are Telnet",
    ("dns", "ajbanjara+Wireshark/netlink-conntrack.pcap"): NETLINK,
    ("dns", "emanuele-f+PCAPdroid/invalid_or_unsupported.pcap"): "broken: fragments that never become whole",
    ("dns", "ntop+nDPI/someip_sd_sample.pcap"): "tshark's guess for SOME/IP; malformed as DNS",
    ("dns", "seladb+PcapPlusPlus/SomeIpSd.pcapng"): "tshark's guess for SOME/IP; malformed as DNS",
    ("dns", "the-tcpdump-group+tcpdump/LINKTYPE_IPV4_invalid.pcap"): "broken: IPv6 under the link type of IPv4",
    ("dns", "zeek+zeek/ipv6-hbh-routing0.pcap"): "tshark goes by the port; the bytes are one letter three times",
    ("dns", "zeek+zeek/dns-edns-ecs-bad.pcap"): BAD,
    ("dns", "zeek+zeek/dns__dns-invalid-names.pcap"): BAD,
    ("dns", "zeek+zeek/quic__vector-max-size-crash.pcap"): "tshark's guess for a fuzzed datagram; no name in it can be read",
    ("dns", "mtottenh+pcapsql/triple_encap_vxlan_ipinip.pcap"): "tshark goes by the port; the bytes are words of a test",
    ("dns", "zeek+zeek/pbb-recursive-frames.pcapng"): "carrier: some 45 provider backbone headers in each other, beyond the ceiling",
    ("mdns", "ajbanjara+Wireshark/mDNS1.zip__DAAP-mDNS.CAP"): NETMON,
    ("mdns", "ajbanjara+Wireshark/mDNS1.zip__More-mDNS.cap"): NETMON,
    ("mdns", "ntop+nDPI/dnscrypt-v2.pcap"): "tshark goes by the port; the bytes are DNSCrypt",
    ("nbns", "ajbanjara+Wireshark/2011-01-26-osi-atn-aircraft-ibe004-logon-and-cpdlc-start.pcap"): QUOTED,
    ("tls", "OISF+suricata-verify/filestore-5408__input.pcap"): SFLOW,
    ("tls", "seladb+PcapPlusPlus/tcp-reassembly.pcap"): SFLOW,
    ("tls", "OISF+suricata-verify/http-connect__http-connect-tls__input.pcap"): "broken: a record's header, then zeros",
    ("tls", "OISF+suricata-verify/issue-3341-tcphdr-01__urgent11_cve_2019_12260.pcap"): PORT,
    ("tls", "kynesim+wireshark/wpa-eap-tls.pcap"): "carrier: EAP, below IP",
    ("tls", "ntop+nDPI/443-opvn.pcap"): OPENVPN,
    ("tls", "ntop+nDPI/openvpn-tlscrypt.pcap"): OPENVPN,
    ("tls", "ntop+nDPI/openvpn.pcap"): OPENVPN,
    ("tls", "ntop+nDPI/openvpn_nohmac.pcapng"): OPENVPN,
    ("tls", "ntop+nDPI/openvpn_nohmac_tcp.pcapng"): OPENVPN,
    ("tls", "ntop+nDPI/Oscar.pcap"): PORT,
    ("tls", "ntop+nDPI/capwap_data.pcapng"): "carrier: CAPWAP, 802.11 in UDP",
    ("tls", "ntop+nDPI/mongo_false_positive.pcapng"): PORT,
    ("tls", "ntop+nDPI/mongodb.pcap"): PORT,
    ("tls", "open5gs+open5gs/volte.pcapng"): PORT,
    ("tls", "ntop+nDPI/tls_unidirectional.pcap"): "tshark goes by the port; one segment of two bytes, CR and LF",
    ("tls", "ntop+nDPI/whatsapp_voice_and_message.pcap"): PORT,
    ("http", "ajbanjara+Wireshark/mDNS1.zip__DAAP-mDNS.CAP"): NETMON,
    ("http", "ajbanjara+Wireshark/netlink-conntrack.pcap"): NETLINK,
    ("http", "arkime+arkime/irc-cap-req.pcap"): PORT,
    ("http", "arkime+arkime/sctp-www.pcap"): "carrier: SCTP",
    ("http", "the-tcpdump-group+libpcap/filter__AH-IPcomp-IPv4.pcap"): IPCOMP,
    ("http", "the-tcpdump-group+libpcap/filter__AH-IPcomp-IPv6.pcap"): IPCOMP,
    ("http", "zeek+zeek/ssh__ssh-on-port-80.pcap"): PORT,
    ("http", "zeek+zeek/tls__ssl-to-http-server.pcap"): PORT,
    ("http", "zeek+zeek/tunnels__gtp__gtp9_unknown_or_too_short_payload.pcap"): "broken: the middle of a stream, compressed or encrypted",
    ("dhcp", "the-tcpdump-group+tcpdump/bootp_asan-2.pcap"): CUT,
    ("dhcp", "the-tcpdump-group+tcpdump/rx_serviceid_oobr.pcap"): CUT,
    ("dhcpv6", "the-tcpdump-group+tcpdump/dhcp6_reconf_asan.pcap"): "broken: the capture ends within a fragment of IPv4",
    ("dhcpv6", "the-tcpdump-group+tcpdump/ip6-snmp-oid-unsigned.pcap"): "tshark goes by the port; the bytes are SNMP",
    ("ntp", "ntop+nDPI/NTPv2.pcap"): "tshark is right; a list of peers (mode 7), which tells no time: not read",
    ("ntp", "zeek+zeek/ntp__ntp-no-extensions-mac.pcap"): "broken: fuzzed, with a stratum of 32",
    ("rtp", "ntop+nDPI/fuzz-2006-06-26-2594.pcap"): "broken: seven fuzzed packets, their SSRC and numbers do not go on",
    ("rtp-cleartext", "ntop+nDPI/fuzz-2006-06-26-2594.pcap"): "broken: seven fuzzed packets, their SSRC and numbers do not go on",
    ("netbios-dgm", "the-tcpdump-group+tcpdump/smb_print_trans-oobr2.pcap"): "broken: fuzzed, a letter of the name is 0xb7",
    ("rtcp", "nfstream+nfstream/skype.pcap"): "tshark's guess for one encrypted datagram",
    ("rtcp", "ntop+nDPI/toca-boca.pcap"): "tshark's guess for a game's datagrams",
    ("xmpp", "ntop+nDPI/whatsapp_voice_and_message.pcap"): PORT,
    ("icmp", "ajbanjara+Wireshark/infiniband.pcap"): "carrier: InfiniBand",
    ("icmpv6", "ajbanjara+Wireshark/infiniband.pcap"): "carrier: InfiniBand",
    ("icmp", "ajbanjara+Wireshark/netlink-conntrack.pcap"): NETLINK,
    ("icmp", "ntop+nDPI/sflow.pcap"): SFLOW,
    ("icmp", "the-tcpdump-group+tcpdump/nhrp-trace.pcap"): "carrier: a packet quoted in an NHRP error",
    ("icmp", "the-tcpdump-group+tcpdump/various_gre.pcap"): "carrier: Cisco MetaData in GRE",
    ("icmp", "zeek+zeek/tunnels__gtp__gtp_control_prime.pcap"): "carrier: GTP', for accounts of an operator",
    ("icmpv6", "the-tcpdump-group+tcpdump/ipv6-srh-ipproto-ether.pcap"): "carrier: Ethernet behind a routing header",
}


def features(flow):
    """What one flow shows, in the form of SHOWN_BY; kinds as they are."""
    for name in [*flow.get("protocol_layers", []), flow.get("protocol")]:
        yield f"p:{name}"
    for kind in flow.get("fact.kinds", []):
        yield f"k:{kind}"
    for field in flow:
        yield f"f:{field}"
    yield f"t:{flow['transport']}"
    if "dns.transport" in flow:
        yield f"x:{flow['dns.transport']}"


def read(args, entry):
    with tempfile.TemporaryDirectory() as out:
        command = [args.program, "audit", os.path.join(args.folder, entry["file"]), "-o", out, "--without-ndpi", "--quiet"]
        done = subprocess.run([*command, "--threads", "1"], capture_output=True, timeout=600)
        if done.returncode == 3:  # no capture that can be read, which shows nothing
            return set()
        if done.returncode != 0:
            text = done.stderr.decode(errors="replace").strip()
            raise RuntimeError(f"{entry['file']}: exit {done.returncode}: {text}")
        shown = set()
        with open(os.path.join(out, "flows.ndjson"), encoding="utf-8") as file:
            for line in file:
                shown.update(features(json.loads(line)))
        with open(os.path.join(out, "report.json"), encoding="utf-8") as file:
            shown.update(f"r:{finding['text_id']}" for finding in json.load(file)["body"]["findings"])
    return shown


def is_shown(marks, shown):
    for mark in marks:
        if mark in shown or (mark[0] == "k" and any(seen.startswith(mark) for seen in shown)):
            return True
    return False


def table(args, entries, results, key, shown_by):
    is_good = True
    print(f"{key:<18} {'captures':>8} {'shown':>6} {'explained':>9} {'open':>5} {'share':>8} {'of the rest':>12}")
    for protocol, marks in shown_by.items():
        having = [i for i, entry in enumerate(entries) if protocol in (entry[key] or ())]
        missing = [i for i in having if not is_shown(marks, results[i])]
        if not having or (args.only and protocol != args.only):
            continue
        share = 100 * (len(having) - len(missing)) / len(having)
        explained = [i for i in missing if (protocol, entries[i]["file"]) in EXPLAINED]
        shown = len(having) - len(missing)
        of_rest = 100 * shown / (len(having) - len(explained)) if len(having) != len(explained) else 100
        is_good = is_good and of_rest >= TARGET
        mark = "" if of_rest >= TARGET else f"  below {TARGET} %"
        n_open = len(missing) - len(explained)
        counts = f"{len(having):>8} {shown:>6} {len(explained):>9} {n_open:>5}"
        print(f"{protocol:<18} {counts} {share:>6.1f} % {of_rest:>10.1f} %{mark}")
        for i in missing if args.list else []:
            n = entries[i]["protocols"].get(protocol, "some")
            why = EXPLAINED.get((protocol, entries[i]["file"]))
            text = why or f"OPEN, flows show {', '.join(sorted(results[i])) or 'nothing'}"
            print(f"    {entries[i]['file']}: {n} packets; {text}")
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
    wanted = {args.only} if args.only else {*SHOWN_BY, *LEAKS_BY}
    entries = [entry for entry in entries if wanted & {*(entry["protocols"] or ()), *(entry["leak_kinds"] or ())}]
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        results = list(pool.map(lambda entry: read(args, entry), entries))
    is_good = table(args, entries, results, "protocols", SHOWN_BY)
    is_good &= table(args, entries, results, "leak_kinds", LEAKS_BY)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())

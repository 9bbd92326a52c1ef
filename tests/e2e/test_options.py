#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Options that choose what is audited: nothing is left out without being counted."""
import json
import os
import struct
import unittest

from support import CLIENT, RESOLVER, Case, dns_capture, dns_query, ipv4, mitleser, pcap, udp

NAMES = ["a.example.com", "b.example.com", "c.example.com", "d.example.com"]  # a second apart
START = 1700000000  # of support.pcap: 2023-11-14T22:13:20Z


def tcp(sport, dport, seq, ack, flags, payload=b""):
    return struct.pack("!HHIIBBHHH", sport, dport, seq, ack, 0x50, flags, 65535, 0, 0) + payload


class Options(Case):
    def setUp(self):
        super().setUp()
        self.capture = self.file("a.pcap", dns_capture(NAMES))

    def names(self, *arguments):
        report, flows = self.audit(self.capture, *arguments)
        body = report["body"]
        packets = body["coverage"]["packets"]
        # Every packet is read and accounted for once.
        parts = [packets["decoded"], *packets["undecoded"]["by_reason"].values(), *packets["skipped"]["by_reason"].values()]
        self.assertEqual(packets["read"], sum(parts))
        self.assertEqual(packets["read"], len(NAMES))
        self.assertEqual(body["coverage"]["bytes"]["total"], sum(len(p) for p in self.packets()))
        return [flow["dns.names"][0][0] for flow in flows], packets["skipped"]["by_reason"], body

    @staticmethod
    def packets():
        return [ipv4(CLIENT, RESOLVER, 17, udp(40000, 53, dns_query(name))) for name in NAMES]

    def test_since_takes_its_moment_and_until_leaves_it(self):
        names, skipped, body = self.names("--since", "2023-11-14T22:13:21Z", "--until", "2023-11-14T22:13:23Z")
        self.assertEqual(names, ["b", "c"])
        self.assertEqual(skipped, {"before_since": 1, "from_until_on": 1})
        self.assertEqual(body["tool"]["options"]["since"], "2023-11-14T22:13:21.000000000Z")
        self.assertEqual(body["tool"]["options"]["until"], "2023-11-14T22:13:23.000000000Z")
        self.assertEqual(body["coverage"]["bytes"]["skipped"], 2 * len(self.packets()[0]))

    def test_neighbouring_periods_share_no_packet(self):
        first, _, _ = self.names("--until", f"@{START + 2}")
        second, _, _ = self.names("--since", f"@{START + 2}")
        self.assertEqual(first + second, ["a", "b", "c", "d"])

    def test_the_filter_is_that_of_tcpdump(self):
        names, skipped, body = self.names("-f", "udp src port 40002")
        self.assertEqual(names, ["c"])
        self.assertEqual(skipped, {"filter": 3})
        self.assertEqual(body["tool"]["options"]["filter"], "udp src port 40002")

    def test_a_filter_that_matches_nothing_is_no_error(self):
        names, skipped, _ = self.names("--filter", "tcp")
        self.assertEqual((names, skipped), ([], {"filter": 4}))

    def test_the_summary_tells_what_was_left_out(self):
        text = mitleser("audit", self.capture, "-f", "udp src port 40002").stdout.decode()
        self.assertIn("1 of 4 packets decoded (left out: filter 3)", text)

    def test_bad_values_are_told_in_one_line(self):
        self.one_line(mitleser("audit", self.capture, "-f", "udp port"), 2, "--filter")
        self.one_line(mitleser("audit", self.capture, "-f", "host chat.example.com"), 2, "--filter", "chat.example.com")
        self.one_line(mitleser("audit", self.capture, "--since", "yesterday"), 2, "--since", "yesterday")
        self.one_line(mitleser("audit", self.capture, "--until", "12:00"), 2, "--until", "12:00")
        self.one_line(mitleser("audit", self.capture, "--since", "@10", "--until", "@10"), 2, "--until", "--since")


class Series(Case):
    """A connection whose handshake is in one file and whose request is in the next."""

    SERVER = (203, 0, 113, 80)

    def setUp(self):
        super().setUp()
        request = b"GET /index.html HTTP/1.1\r\nHost: www.example.com\r\n\r\n"

        def up(*args):
            return ipv4(CLIENT, self.SERVER, 6, tcp(40000, 80, *args))

        def down(*args):
            return ipv4(self.SERVER, CLIENT, 6, tcp(80, 40000, *args))

        packets = [
            up(100, 0, 2),
            down(500, 101, 18),
            up(101, 501, 16),
            up(101, 501, 24, request[:20]),
            up(121, 501, 24, request[20:]),
            down(501, 101 + len(request), 16),
        ]
        whole = pcap(packets)
        at = 24 + sum(16 + len(packet) for packet in packets[:4])
        os.mkdir(os.path.join(self.folder, "files"))
        self.file("files/1.pcap", whole[:at])
        self.file("files/2.pcap", whole[:24] + whole[at:])
        self.whole = self.file("whole.pcap", whole)
        self.parts = [os.path.join(self.folder, "files", name) for name in ("1.pcap", "2.pcap")]

    def test_conversations_go_on_over_files(self):
        out, whole = self.audit(self.whole)
        report, flows = self.audit(os.path.join(self.folder, "files"), "--series")
        self.assertEqual(len(flows), 1)
        places = {"flow.input": "i1", "flow.input_last": "i2", "flow.frames_first": 1, "flow.frames_last": 2}
        self.assertEqual(flows[0], {**whole[0], **places})
        self.assertEqual(report["body"]["tool"]["options"]["series"], "on")
        facts = [(f["input"], f["frames"]) for f in report["body"]["facts"] if f["kind"] == "http.request"]
        self.assertEqual(facts, [("i1", [4])])  # it ends in the other file
        self.assertEqual([f["kind"] for f in report["body"]["facts"]], [f["kind"] for f in out["body"]["facts"]])

    def test_otherwise_each_capture_is_on_its_own(self):
        _, flows = self.audit(os.path.join(self.folder, "files"))
        self.assertEqual([(f["flow.input"], f["flow.frames_first"]) for f in flows], [("i1", 1), ("i2", 1)])

    def test_threads_change_nothing(self):
        bodies = [self.audit(os.path.join(self.folder, "files"), "--series", "--threads", n)[0] for n in "14"]
        self.assertEqual(bodies[0]["integrity"], bodies[1]["integrity"])

    def test_the_wrong_order_is_told(self):
        done = mitleser("audit", *reversed(self.parts), "--series", "--format", "json")
        self.assertIn(b"order of time", done.stderr)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(json.loads(done.stdout)["body"]["coverage"]["packets"]["read"], 6)
        self.assertEqual(mitleser("audit", *self.parts, "--series").stderr, b"")


class Copies(Case):
    def test_copies_are_counted_and_count_in_no_flow(self):
        packet = ipv4(CLIENT, RESOLVER, 17, udp(40000, 53, dns_query("a.example.com")))
        once = pcap([packet])
        twice = once + once[24:]  # the same record again: the same time
        for threads in "1", "4":
            report, flows = self.audit(self.file("twice.pcap", twice), "--threads", threads)
            coverage = report["body"]["coverage"]
            self.assertEqual((coverage["packets"]["read"], coverage["packets"]["decoded"]), (2, 2))
            self.assertEqual((coverage["packets"]["duplicates"], coverage["bytes"]["duplicates"]), (1, len(packet)))
            self.assertEqual([(f["packets_up"], f["bytes_up"]) for f in flows], [(1, len(packet))])
        self.assertIn(b"2 of 2 packets decoded, 1 of them copies of others", mitleser("audit", self.folder).stdout)


if __name__ == "__main__":
    unittest.main()

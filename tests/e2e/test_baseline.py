#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`audit --baseline`: what an earlier report does not know is marked, what it knows stays, and `verify` can make it again."""
import json
import os
import shutil
import unittest

import jsonschema

from support import CLIENT, RESOLVER, ROOT, Case, canonical, dns_query, ipv4, mitleser, pcap, udp

HTTP = b"GET / HTTP/1.1\r\nHost: %s\r\nUser-Agent: test/1.0\r\n\r\n"


def tcp(sport, dport, sequence, flags, payload=b""):
    head = sport.to_bytes(2, "big") + dport.to_bytes(2, "big") + sequence.to_bytes(4, "big") + bytes(4)
    return head + bytes([0x50, flags]) + b"\xff\xff\0\0\0\0" + payload


def capture(*hosts):
    """Asks for each name in clear, and talks to it in clear at an address that depends on its place only."""
    packets = []
    for i, host in enumerate(hosts):
        address = (203, 0, 113, 10 + i)
        packets.append(ipv4(CLIENT, RESOLVER, 17, udp(40000 + i, 53, dns_query(host))))
        packets.append(ipv4(CLIENT, address, 6, tcp(41000 + i, 80, 1, 2)))
        packets.append(ipv4(CLIENT, address, 6, tcp(41000 + i, 80, 2, 0x18, HTTP % host.encode())))
    return pcap(packets)


class Baseline(Case):
    def setUp(self):
        super().setUp()
        self.audit(self.file("a.pcap", capture("chat.example.com", "media.example.com")))
        self.earlier = os.path.join(self.folder, "earlier")
        shutil.move(os.path.join(self.folder, "out"), self.earlier)

    def report(self, *hosts):
        report, _ = self.audit(self.file("b.pcap", capture(*hosts)), "--baseline", self.earlier)
        with open(os.path.join(ROOT, "reports/schema/report.schema.json"), encoding="utf-8") as file:
            jsonschema.validate(report, json.load(file))
        return report["body"]

    def test_what_is_the_same_is_known(self):
        # in another order: other addresses, ports and numbers of flows
        body = self.report("media.example.com", "chat.example.com")
        self.assertEqual((body["baseline"]["new"], body["baseline"]["gone"]), ([], []))
        self.assertTrue(body["baseline"]["is_complete"])
        self.assertGreater(len(body["findings"]), 0)
        for member in "apps", "endpoints", "findings":
            self.assertEqual({item["baseline"] for item in body[member]}, {"known"}, member)

    def test_what_comes_and_goes_is_told(self):
        body = self.report("chat.example.com", "tracker.example.net")
        self.assertIn({"kind": "endpoint", "key": "tracker.example.net"}, body["baseline"]["new"])
        self.assertIn({"kind": "endpoint", "key": "media.example.com"}, body["baseline"]["gone"])
        by_name = {e["names"][0]["name"]: e["baseline"] for e in body["endpoints"] if e["names"]}
        self.assertEqual(by_name["chat.example.com"], "known")
        self.assertEqual(by_name["tracker.example.net"], "new")
        for finding in body["findings"]:
            if finding["subject"]["type"] == "endpoint":
                endpoint = body["endpoints"][int(finding["subject"]["id"][1:]) - 1]
                names = [name["name"] for name in endpoint["names"]]
                self.assertEqual(finding["baseline"], "new" if "tracker.example.net" in names else "known")

    def test_the_earlier_report_is_named_by_its_digest(self):
        with open(os.path.join(self.earlier, "report.json"), encoding="utf-8") as file:
            earlier = json.load(file)
        self.assertEqual(self.report("chat.example.com")["baseline"]["body_sha256"], earlier["integrity"]["body_sha256"])

    def test_without_it_nothing_is_marked(self):
        report, _ = self.audit(self.file("b.pcap", capture("chat.example.com")))
        self.assertNotIn("baseline", canonical(report["body"]))

    def test_the_terminal_tells_it_too(self):
        path = self.file("b.pcap", capture("chat.example.com", "tracker.example.net"))
        done = mitleser("audit", path, "--baseline", self.earlier, "--no-progress")
        text = done.stdout.decode()
        self.assertIn("Since the earlier report", text)
        self.assertRegex(text, r"new +recipient +tracker\.example\.net")
        self.assertRegex(text, r"gone +recipient +media\.example\.com")
        self.assertRegex(text, r"\d+ endpoints?, \d+ new: ")

    def test_only_what_is_new_fails(self):
        known = self.file("b.pcap", capture("chat.example.com"))
        new = self.file("c.pcap", capture("chat.example.com", "tracker.example.net"))
        arguments = "--baseline", self.earlier, "--fail-on", "informational", "--quiet"
        self.assertEqual(mitleser("audit", known, "--fail-on", "informational", "--quiet").returncode, 1)
        self.assertEqual(mitleser("audit", known, *arguments).returncode, 0)
        self.assertEqual(mitleser("audit", new, *arguments).returncode, 1)

    def test_the_report_can_be_made_again(self):
        self.report("chat.example.com", "tracker.example.net")
        arguments = "verify", os.path.join(self.folder, "out"), os.path.join(self.folder, "b.pcap")
        done = mitleser(*arguments, "--baseline", self.earlier)
        self.assertEqual(done.returncode, 0, done.stdout.decode() + done.stderr.decode())
        self.assertNotEqual(mitleser(*arguments).returncode, 0)  # the earlier report is one of its inputs

    def test_what_is_no_report_is_refused(self):
        capture_path = self.file("b.pcap", capture("chat.example.com"))
        done = mitleser("audit", capture_path, "--baseline", self.file("no.json", b"{}"))
        self.one_line(done, 2, "no.json")
        done = mitleser("audit", capture_path, "--baseline", os.path.join(self.folder, "absent"))
        self.one_line(done, 2, "absent")


if __name__ == "__main__":
    unittest.main()

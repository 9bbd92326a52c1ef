#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Who runs an endpoint: a row for which no source was opened is low, and so is whatever finding rests on it."""
import json
import os
import re
import unittest

import datasets
from support import CLIENT, RESOLVER, Case, dns_query, ipv4, mitleser, pcap, udp
from test_compare import dns_answer

# Names of a row with an opened source and of one without; neither company is in the EEA.
HOSTS = [("chat.wechat.com", (44, 128, 0, 1)), ("store.amazonaws.com", (44, 128, 1, 1))]


class Operators(Case):
    def setUp(self):
        super().setUp()
        self.data = os.path.join(self.folder, "data")
        places = [((44, 128, i), "DE") for i in range(2)]
        datasets.write(self.data, places, places, None)
        packets = []
        for number, (name, address) in enumerate(HOSTS, 1):
            packets.append(ipv4(CLIENT, RESOLVER, 17, udp(40000 + number, 53, dns_query(name, number))))
            packets.append(ipv4(RESOLVER, CLIENT, 17, udp(53, 40000 + number, dns_answer(name, address, number))))
            packets.append(ipv4(CLIENT, address, 17, udp(41000 + number, 9000, b"x" * 40)))
            packets.append(ipv4(address, CLIENT, 17, udp(9000, 41000 + number, b"y" * 40)))
        self.report_of, _ = self.audit(self.file("a.pcap", pcap(packets)), "--data", self.data)

    def test_an_unverified_row_is_low_and_a_checked_one_names_its_source(self):
        operators = {e["ip"]: e["operator"] for e in self.report_of["body"]["endpoints"]}
        checked, unverified = operators["44.128.0.1"], operators["44.128.1.1"]
        self.assertEqual((checked["confidence"], unverified["confidence"]), ("moderate", "low"))
        self.assertTrue(checked["source"].startswith("https://"))
        self.assertEqual(unverified["source"], "unverified")
        self.assertTrue(unverified["company"])

    def test_a_finding_on_control_is_as_sure_as_the_row_it_rests_on(self):
        ids = {e["id"]: e["ip"] for e in self.report_of["body"]["endpoints"]}
        findings = {ids[f["subject"]["id"]]: f["confidence"] for f in self.report_of["body"]["findings"]
                    if f["taxonomy"] == "ML-XFR-03"}
        self.assertEqual({ip: c["grade"] for ip, c in findings.items()}, {"44.128.0.1": "moderate", "44.128.1.1": "low"})
        self.assertTrue(any("unverified" in reason for reason in findings["44.128.1.1"]["reasons"]))
        self.assertFalse(any("unverified" in reason for reason in findings["44.128.0.1"]["reasons"]))

    def test_an_examination_says_so(self):
        out = os.path.join(self.folder, "out")
        text = re.sub(r"\s+", " ", mitleser("render", out).stdout.decode())
        self.assertRegex(text, r"Amazon[^;]*; controlled from: US; confidence low, no source was opened")
        rows = json.loads(mitleser("render", out, "-m", "json").stdout)["findings"]
        self.assertEqual([row["confidence"] for row in rows if row["taxonomy"] == "ML-XFR-03"], ["low"])


if __name__ == "__main__":
    unittest.main()

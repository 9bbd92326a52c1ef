#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Rules of the user's own on whole captures: thresholds over flows, in the order of frames."""
import unittest

from support import CLIENT, RESOLVER, Case, dns_query, ipv4, pcap, udp

FEEDER = """title: asks for {0}
name: {0}
logsource: {{product: mitleser, category: fact}}
detection: {{s: {{fact.kind: dns.query, dns.name: {0}.example.com}}, condition: s}}
---
"""
CORRELATION = """title: all of it
name: all
id: 11111111-1111-4111-8111-111111111111
level: medium
subject: {subject}
correlation: {{type: {type}, rules: [{rules}], group-by: [src.ip], timespan: {span}{more}}}
"""


class Rules(Case):
    def findings(self, names, **correlation):
        """Queries in the order given, a second apart; capital letters go through a second flow."""
        packets = [
            ipv4(CLIENT, RESOLVER, 17, udp(40000 + name.isupper(), 53, dns_query(f"{name.lower()}.example.com", i)))
            for i, name in enumerate(names)
        ]
        values = {"subject": "flow", "more": "", **correlation}
        feeders = "".join(FEEDER.format(name) for name in sorted(set(names.lower())))
        rules = self.file("own.yml", (feeders + CORRELATION.format(**values)).encode())
        report, _ = self.audit(self.file("a.pcap", pcap(packets)), "-r", rules)
        return report["body"]["findings"]

    def test_facts_of_several_flows_are_taken_in_the_order_of_frames(self):
        found = self.findings("aBCd", type="temporal_ordered", rules="a, b, c, d", span="5s")
        self.assertEqual([(f["subject"]["id"], f["facts"]) for f in found], [("f1", ["f1.1", "f1.2", "f2.1", "f2.2"])])
        # Flow by flow it would be a, d, b, c.
        self.assertEqual(self.findings("aBCd", type="temporal_ordered", rules="a, d, b, c", span="5s"), [])

    def test_windows_run_in_packet_time(self):
        # Equal facts of one flow are one record, so the second look-up goes through the other flow.
        for names, count in ("aBA", 1), ("aBBBBBA", 0):
            found = self.findings(names, type="event_count", rules="a", span="4s", more=", condition: {gte: 2}")
            self.assertEqual([f["rule_name"] for f in found].count("all"), count)

    def test_rules_that_only_feed_make_no_findings(self):
        found = self.findings("ab", type="temporal", rules="a, b", span="5s")
        self.assertEqual([f["rule_name"] for f in found], ["all"])
        found = self.findings("ab", type="temporal", rules="a, b", span="5s", more=", generate: true")
        self.assertEqual(sorted(f["rule_name"] for f in found), ["a", "all", "b"])

    def test_the_subject_follows_from_the_last_event(self):
        found = self.findings("aB", type="temporal", rules="a, b", span="5s", subject="endpoint")
        self.assertEqual([f["subject"] for f in found], [{"type": "endpoint", "id": "e1"}])
        found = self.findings("aB", type="temporal", rules="a, b", span="5s", subject="capture")
        self.assertEqual([f["subject"] for f in found], [{"type": "capture", "id": "i1"}])


if __name__ == "__main__":
    unittest.main()

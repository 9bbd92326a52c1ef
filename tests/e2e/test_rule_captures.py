#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every rule does what its own captures say, and a rule that does not is found out."""
import os
import unittest

from support import ROOT, Case, mitleser

RULE = """title: A query in the clear
id: 22222222-2222-4222-8222-222222222222
name: own
logsource: {{product: mitleser, category: fact}}
detection:
  s: {{fact.kind: {kind}}}
  condition: s
tests:
  fires: [{fires}]
  silent: [{silent}]
"""


class RuleCaptures(Case):
    def test_every_rule_of_the_project_passes(self):
        done = mitleser("rules", "test")
        lines = done.stdout.decode().splitlines()
        self.assertEqual(done.returncode, 0, "\n".join(lines))
        self.assertEqual(done.stderr, b"")
        self.assertIn(", 0 failed; 0 rules without a capture that fires them, 0 without one", lines[-1])

    def own(self, kind="dns.query", fires="loopback-tools.pcapng", silent=""):
        rule = self.file("own.yml", RULE.format(kind=kind, fires=fires, silent=silent).encode())
        return mitleser("rules", "test", rule)

    def test_a_rule_that_fires_passes(self):
        done = self.own()
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"1 rules, 1 captures, 1 checks, 0 failed", done.stdout)

    def test_a_rule_that_does_not_fire_fails(self):
        done = self.own(kind="mdns.announcement")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"own: does not fire on loopback-tools.pcapng\n", done.stdout)

    def test_a_rule_that_fires_where_it_must_not_fails(self):
        done = self.own(silent="wechat-session.pcapng")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"own: must not fire, but does on wechat-session.pcapng\n", done.stdout)

    def test_a_capture_may_lie_anywhere(self):
        path = os.path.join(ROOT, "captures", "loopback-tools.pcapng")
        self.assertEqual(self.own(fires=path).returncode, 0)

    def test_a_capture_that_is_not_there_is_told(self):
        self.one_line(self.own(fires="none.pcap"), 3, "none.pcap")

    def test_a_broken_rule_is_told(self):
        rule = self.file("broken.yml", b"title: x\ndetection: {s: {no.field: 1}, condition: s}\n")
        self.one_line(mitleser("rules", "test", rule), 2, "broken.yml")


if __name__ == "__main__":
    unittest.main()

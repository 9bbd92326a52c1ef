#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the terminal shows: careful words, whole tables, and sense in captures that hold little."""
import os
import unittest

from support import ROOT, Case, dns_capture, ipv4, mitleser, pcap

DATA = {"MITLESER_DATA": os.path.join(ROOT, "captures/data")}
WECHAT = os.path.join(ROOT, "captures/wechat-session.pcapng")


class Summary(Case):
    def text(self, capture, **kwargs):
        done = mitleser("audit", capture, **kwargs)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode()

    def test_no_line_says_what_the_program_must_not(self):
        with open(os.path.join(ROOT, "rules/lists/forbidden-words.txt"), encoding="utf-8") as file:
            words = [line.strip() for line in file if line.strip() and not line.startswith("#")]
        text = self.text(WECHAT, env=DATA).lower()
        self.assertEqual([word for word in words if word in text], [])
        self.assertIn("indications", text)

    def test_the_columns_of_the_readers_stand_below_each_other(self):
        lines = self.text(WECHAT, env=DATA).splitlines()
        start = next(i for i, line in enumerate(lines) if line.startswith("Who can read along"))
        place = lines[start].index("app use")
        rows = lines[start + 1 : start + 11]
        self.assertEqual({row[place - 1] for row in rows}, {" "})
        self.assertTrue(all(row[place:].split(" ")[0] in ("read", "could", "-", "?", "") for row in rows), rows)

    def test_old_and_new_data_sets_are_told(self):
        # 2023 packets, data sets of 2026-03-01; the WeChat sample is a day younger than they are.
        text = self.text(self.file("a.pcap", dns_capture()), env=DATA)
        self.assertIn("more than 90 days newer than the capture: dbip-country, tor-geoip", text)
        self.assertNotIn("older than the capture", text)
        self.assertNotIn("the capture: dbip", self.text(WECHAT, env=DATA))

    def test_an_empty_capture_says_so(self):
        text = self.text(self.file("a.pcap", pcap([])))
        self.assertIn("0 packets\n", text)
        self.assertIn("No conversation in it", text)
        self.assertNotIn("Who can read along", text)

    def test_a_capture_without_ip_says_so(self):
        arp = bytes(12) + b"\x08\x06" + bytes(28)
        text = self.text(self.file("a.pcap", pcap([arp], link_type=1)))
        self.assertIn("No conversation in it", text)
        self.assertIn("0 of 1 packets decoded (not: arp 1)", text)

    def test_a_damaged_capture_is_read_as_far_as_it_goes(self):
        text = self.text(self.file("a.pcap", dns_capture(["a.example.com", "b.example.com"])[:-7]))
        self.assertIn("damaged at byte", text)
        self.assertIn("Who can read along", text)

    def test_many_clients_fit_the_screen(self):
        packets = [ipv4((10, 0, i, 1), (203, 0, 113, i), 17, bytes([i, 9, 0, 53, 0, 9, 0, 0, 1])) for i in range(50)]
        text = self.text(self.file("a.pcap", pcap(packets)))
        self.assertLess(len(text.splitlines()), 60)


if __name__ == "__main__":
    unittest.main()

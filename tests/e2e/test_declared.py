#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Places that the case file declares against those that are likely: told where both are known, recomputed by verify."""
import os
import unittest

import datasets
from support import CLIENT, Case, ipv4, mitleser, pcap, udp

PLACES = [("DE", "DE"), ("SG", "SG"), ("DE", "FR"), (None, None)]


class Declared(Case):
    def setUp(self):
        super().setUp()
        self.data = os.path.join(self.folder, "data")
        datasets.write(self.data, [((44, 128, i), a) for i, (a, _) in enumerate(PLACES) if a],
                       [((44, 128, i), b) for i, (_, b) in enumerate(PLACES) if b], None)
        packets = [ipv4(CLIENT, (44, 128, i, 1), 17, udp(40000, 9000, b"x" * 40)) for i in range(len(PLACES))]
        self.capture = self.file("a.pcap", pcap(packets))

    def case(self, text):
        return self.file("case.yaml", text.encode())

    def told(self, *arguments):
        report, flows = self.audit(self.capture, "--data", self.data, *arguments)
        ids = {e["id"]: e["ip"] for e in report["body"]["endpoints"]}
        found = [ids[f["subject"]["id"]] for f in report["body"]["findings"] if f["taxonomy"] == "ML-XFR-04"]
        return report, {flow["dst.ip"]: flow.get("dst.declared") for flow in flows}, found

    def test_only_what_is_determined_is_compared(self):
        case = self.case("declared_countries: [DE, IE]\n")
        report, rows, found = self.told("--case", case)
        self.assertEqual(rows, {"44.128.0.1": True, "44.128.1.1": False, "44.128.2.1": None, "44.128.3.1": None})
        self.assertEqual(found, ["44.128.1.1"])
        self.assertEqual(report["body"]["case"]["declared_countries"], ["DE", "IE"])
        finding = next(f for f in report["body"]["findings"] if f["taxonomy"] == "ML-XFR-04")
        self.assertEqual((finding["level"], finding["claim"]), ("informational", "indication"))
        out = os.path.join(self.folder, "out")
        done = mitleser("verify", out, self.capture, "--data", self.data, "--case", case)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_nothing_is_said_where_nothing_was_declared(self):
        _, rows, found = self.told()
        self.assertEqual((set(rows.values()), found), ({None}, []))

    def test_wrong_declarations_are_refused(self):
        for text in ("declared_countries: DE\n", "declared_countries: []\n", "declared_countries: [de]\n",
                     "declared_countries: [DEU]\n", "declared_countries: [[DE]]\n"):
            self.one_line(mitleser("audit", self.capture, "--case", self.case(text)), 2, "case.yaml:1", "countr")


if __name__ == "__main__":
    unittest.main()

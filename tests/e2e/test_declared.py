#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Places that the case file declares against those that are likely: told where both are known, recomputed by verify."""
import json
import os
import unittest

import datasets
import jsonschema
from support import CLIENT, ROOT, Case, dns_query, ipv4, mitleser, pcap, udp

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


class Steps(Case):
    """Packets go out at 1700000000 and a second apart: 2023-11-14T22:13:20Z."""

    def setUp(self):
        super().setUp()
        names = ["www.example.com", "www.example.net", "www.example.org"]
        packets = [ipv4(CLIENT, (44, 128, 0, 53), 17, udp(40000 + i, 53, dns_query(name)))
                   for i, name in enumerate(names)]
        self.capture = self.file("a.pcap", pcap(packets))

    def told(self, text):
        arguments = ("--case", self.file("case.yaml", text.encode())) if text else ()
        report, flows = self.audit(self.capture, *arguments)
        with open(os.path.join(ROOT, "reports/schema/report.schema.json"), encoding="utf-8") as file:
            jsonschema.validate(report, json.load(file))
        return report["body"], [(row.get("flow.step"), row.get("flow.step_ms")) for row in flows]

    def test_a_flow_tells_the_last_step_before_it(self):
        body, rows = self.told("steps:\n- {at: '2023-11-14T22:13:20.5Z', step: start}\n"
                               "- {at: '2023-11-14T23:13:22+01:00', step: close}\n")
        self.assertEqual(rows, [(None, None), ("start", 500), ("close", 0)])
        self.assertEqual(body["case"]["steps"][1], {"at": "2023-11-14T22:13:22.000000000Z", "step": "close"})

    def test_what_the_case_does_not_say_is_not_decided(self):
        def reasons(body):
            return {row["taxonomy"]: row["reason"] for row in body["not_decided"]}
        without = reasons(self.told("")[0])
        self.assertIn("what was done", without["ML-TRK-02"])
        self.assertIn("what was declared", without["ML-TRK-12"])
        self.assertIn("several places", without["ML-TRF-02"])
        self.assertIn("labelled captures", without["ML-TRF-01"])
        self.assertIn("planted", without["ML-MSG-08"])
        with_case = reasons(self.told("declared_domains: [example.com]\n"
                                      "steps:\n- {at: '2023-11-14T22:13:20Z', step: start}\n")[0])
        for leak in ("ML-TRK-02", "ML-TRK-11", "ML-TRK-12"):
            self.assertNotIn(leak, with_case)

    def test_wrong_steps_and_domains_are_refused(self):
        for text in ("steps: []\n", "steps: start\n", "steps: [{at: noon, step: start}]\n",
                     "steps: [{at: '2023-11-14T22:13:20Z', step: dance}]\n", "steps: [{step: start}]\n",
                     "steps: [{at: '2023-11-14T22:13:20Z'}]\n",
                     "steps: [{at: '2023-11-14T22:13:20Z', step: start}, {at: '2023-11-14T22:13:19Z', step: close}]\n"):
            self.one_line(mitleser("audit", self.capture, "--case", self.file("case.yaml", text.encode())), 2,
                          "case.yaml:1")
        for text in ("declared_domains: []\n", "declared_domains: [Example.com]\n", "declared_domains: [example]\n",
                     "declared_domains: ['*.example.com']\n", "declared_domains: [.com]\n"):
            self.one_line(mitleser("audit", self.capture, "--case", self.file("case.yaml", text.encode())), 2,
                          "case.yaml:1", "domain")


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""Planted values as an auditor sees them: what was found, what was not, and in how much of the traffic."""
import json
import os
import unittest

import jsonschema
from support import ROOT, Case, mitleser

CAPTURES = os.path.join(ROOT, "captures")
IDENTITIES = os.path.join(CAPTURES, "identities.yaml")
CLEAR = os.path.join(CAPTURES, "rules/planted-clear-positive.pcap")
SILENT = os.path.join(CAPTURES, "rules/planted-clear-negative.pcap")
TLS = os.path.join(CAPTURES, "rules/planted-tls-positive.pcapng")
HTTP3 = os.path.join(CAPTURES, "loopback-http3.pcapng")
SESSION = os.path.join(CAPTURES, "wechat-session.pcapng")


class Planted(Case):
    def body(self, capture, *arguments):
        report, _ = self.audit(capture, *arguments)
        with open(os.path.join(ROOT, "reports/schema/report.schema.json"), encoding="utf-8") as file:
            jsonschema.validate(report, json.load(file))
        return report["body"]

    def states(self, body):
        return {row["label"]: row["state"] for row in body["planted"]}

    def test_every_value_is_listed_with_what_became_of_it(self):
        body = self.body(CLEAR, "--identities", IDENTITIES)
        states = self.states(body)
        self.assertEqual(len(states), 25)
        found = {label for label, state in states.items() if state == "found"}
        self.assertEqual(found, {"phone-1", "contact-anna", "contact-bert", "contact-cleo", "email-1", "account-1",
                                 "android_id-1", "coordinates-1", "message-1", "session_token-1", "push_token-1"})
        rows = {row["label"]: row for row in body["planted"]}
        self.assertEqual((rows["account-1"]["flows"], rows["account-1"]["flows_clear"], rows["account-1"]["kind"]),
                         (1, 1, "account"))
        self.assertEqual(states["imei-1"], "not found in what was searched")

    def test_what_was_decrypted_is_told_from_what_was_in_clear(self):
        body = self.body(TLS, "--identities", IDENTITIES)
        row = next(row for row in body["planted"] if row["label"] == "message-1")
        self.assertEqual((row["flows"], row["flows_clear"]), (1, 0))
        self.assertEqual(body["coverage"]["searched"]["not_searched"]["by_reason"]["encrypted"], 0)

    def test_values_in_early_data_of_http3_are_found(self):
        body = self.body(HTTP3, "--identities", IDENTITIES)
        decryption = body["coverage"]["decryption"]
        self.assertEqual((decryption["possible"], decryption["decrypted"]), (2, 2))
        self.assertEqual(decryption["failed"]["by_reason"], {})
        rows = {row["label"]: row for row in body["planted"]}
        for label in ("account-1", "message-1"):
            self.assertEqual((rows[label]["flows"], rows[label]["flows_clear"]), (1, 0))

    def test_the_parts_of_the_apps_add_up_to_the_whole(self):
        body = self.body(SESSION, "--identities", IDENTITIES)
        whole, apps = body["coverage"]["searched"], [app["searched"] for app in body["apps"]]
        self.assertEqual(sum(app["bytes"] for app in apps), whole["bytes"])
        sealed = [app["not_searched"]["by_reason"]["encrypted"] for app in apps]
        self.assertEqual(sum(sealed), whole["not_searched"]["by_reason"]["encrypted"])
        self.assertGreater(sum(sealed), 0)

    def test_where_all_is_encrypted_nothing_is_said_to_be_absent(self):
        with open(TLS, "rb") as file:
            data = file.read()
        at = data.index(b"KSLT") - 8
        sealed = self.file("sealed.pcapng", data[:at] + data[at + int.from_bytes(data[at + 4:at + 8], "little"):])
        body = self.body(sealed, "--identities", IDENTITIES)
        self.assertEqual(set(self.states(body).values()), {"nothing could be searched"})
        content = next(row for row in body["readers"] if row["id"] == "endpoint_operator")["learns"]["content"]
        self.assertEqual((content["state"], content["reason"]), ("cannot tell", "encrypted content was not searched"))

    def test_a_leak_is_ruled_out_only_when_all_was_searched(self):
        undecided = {row["taxonomy"]: row["reason"] for row in self.body(SILENT)["not_decided"]}
        self.assertEqual(undecided["ML-TRK-04"], "no values were planted that could be looked for")
        undecided = {row["taxonomy"] for row in self.body(SILENT, "--identities", IDENTITIES)["not_decided"]}
        self.assertNotIn("ML-TRK-04", undecided)
        self.assertIn("ML-TRF-01", undecided)

    def test_what_is_left_out_of_many_values_is_said(self):
        for n, words in (256, b""), (257, b"257 values are planted: digests of digests"):
            rows = "".join("  - {kind: other, value: value-%06d-%06d}\n" % (i, 7919 * i % 1000003) for i in range(n))
            done = mitleser("audit", CLEAR, "--identities", self.file("many.yaml", ("identities:\n" + rows).encode()))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(words, done.stderr)
            self.assertEqual(done.stderr.count(b"\n"), 1 if words else 0)

    def test_the_summary_says_in_how_much_of_the_traffic(self):
        text = mitleser("audit", "--identities", IDENTITIES, CLEAR).stdout.decode()
        self.assertIn("\nPlanted values\n  11 of 25 found: phone-1 (1 flow, in clear), ", text)
        self.assertRegex(text, r"\n  14 not found in the [0-9.]+ kB of [0-9.]+ kB payload that could be searched: name-1, imei-1, ")
        self.assertRegex(text, r"\n  [0-9.]+ kB of [0-9.]+ kB payload read for planted values")
        self.assertNotIn("2025550143", text)

    def test_a_certificate_that_vouches_for_itself_names_no_reader(self):
        body = self.body(os.path.join(CAPTURES, "loopback-tools.pcapng"))
        own = {finding["id"] for finding in body["findings"] if finding["taxonomy"] == "ML-TLS-11"}
        self.assertTrue(own)
        cited = {finding for row in body["readers"] for cell in row["learns"].values() for finding in cell["findings"]}
        self.assertFalse(own & cited)


if __name__ == "__main__":
    unittest.main()

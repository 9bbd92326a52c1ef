# SPDX-License-Identifier: Apache-2.0
"""A folder with a capture, its key log, sockets and identifiers of the device, audited as one."""
import json
import os
import shutil
import unittest

from support import ROOT, Case, mitleser

BUNDLE = os.path.join(ROOT, "captures/bundle")


class Bundle(Case):
    def copy(self, *without):
        folder = os.path.join(self.folder, "bundle")
        shutil.copytree(BUNDLE, folder, ignore=shutil.ignore_patterns(*without))
        return folder

    def write(self, folder, name, text):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def states(self, report):
        return {row["label"]: (row["state"], row["flows"]) for row in report["body"]["planted"]}

    def test_keys_sockets_and_identifiers_are_taken_from_the_folder(self):
        report, flows = self.audit(BUNDLE)
        self.assertEqual([flow["flow.process"] for flow in flows], ["com.tencent.mm", "org.example.notes"])
        self.assertEqual(flows[0]["app"], "wechat")
        self.assertEqual(report["body"]["coverage"]["decryption"]["decrypted"], 2)
        self.assertEqual(self.states(report), {"imei-1": ("found", 1), "serial-1": ("found", 1),
                                               "advertising_id-1": ("found", 1)})
        self.assertIn("ML-TRK-05", {finding["taxonomy"] for finding in report["body"]["findings"]})
        self.assertEqual(report["body"]["tool"]["options"]["bundle"], "on")

    def test_companions_are_not_taken_for_captures(self):
        done = mitleser("audit", BUNDLE)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stderr.count(b"\n"), 1)
        self.assertIn(b"bundle: the device_model is not looked for: too short", done.stderr)

    def test_values_of_a_file_are_looked_for_too_and_none_twice(self):
        identities = os.path.join(ROOT, "captures/identities.yaml")
        report, _ = self.audit(BUNDLE, "--identities", identities)
        self.assertEqual(len(report["body"]["planted"]), 25)

    def test_what_is_missing_is_missed_quietly(self):
        report, flows = self.audit(self.copy("sslkeylog.txt", "ad_ids.txt", "device.json", "socket_trace.json"))
        self.assertEqual(report["body"]["planted"], [])
        self.assertNotIn("flow.process", flows[0])

    def test_a_folder_without_the_marks_of_a_bundle_is_a_folder_of_captures(self):
        report, _ = self.audit(self.copy("experiment.json", "socket_trace.json"))
        self.assertNotIn("bundle", report["body"]["tool"]["options"])
        self.assertEqual(report["body"]["coverage"]["decryption"]["decrypted"], 0)

    def test_one_socket_of_two_processes_names_none(self):
        folder = self.copy()
        with open(os.path.join(folder, "socket_trace.json"), encoding="utf-8") as file:
            sockets = json.load(file)
        sockets.append(dict(sockets[0], process="org.example.other"))
        self.write(folder, "socket_trace.json", json.dumps(sockets))
        _, flows = self.audit(folder)
        self.assertNotIn("flow.process", flows[0])
        self.assertEqual(flows[1]["flow.process"], "org.example.notes")

    def test_broken_companions_are_told_by_name(self):
        folder = self.copy()
        for name, text, told in (("socket_trace.json", "[", "not JSON"), ("socket_trace.json", "{}", "must be a list"),
                                 ("device.json", "nonsense", "not JSON")):
            self.write(folder, name, text)
            done = mitleser("audit", "-q", folder)
            self.one_line(done, 3 if done.returncode == 3 else 2, name, told)
            shutil.copy(os.path.join(BUNDLE, name), folder)

    def test_a_report_is_verified_with_the_folder_again(self):
        self.audit(BUNDLE)
        out = os.path.join(self.folder, "out")
        capture = os.path.join(BUNDLE, "traffic.pcap")
        done = mitleser("verify", out, capture, "--bundle", BUNDLE)
        self.assertEqual(done.returncode, 0, done.stdout.decode() + done.stderr.decode())
        self.assertIn(b"recomputed body: the same", done.stdout)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Bad input gets one clear line, the documented exit code, and leaves nothing half-written."""
import os
import stat
import subprocess
import unittest

from support import PROGRAM, ROOT, Case, dns_capture, mitleser


class BadInput(Case):
    def test_a_file_that_is_no_capture(self):
        path = self.file("notes.txt", b"these are notes, not packets, and there are enough of them\n" * 10)
        self.one_line(mitleser("audit", path), 3, "notes.txt")

    def test_an_empty_file(self):
        self.one_line(mitleser("audit", self.file("empty.pcap", b"")), 3, "empty.pcap")

    def test_a_file_cut_inside_its_header(self):
        self.one_line(mitleser("audit", self.file("cut.pcap", dns_capture()[:10])), 3, "cut.pcap")

    def test_a_file_cut_inside_a_packet_is_audited_up_to_there(self):
        capture = dns_capture(["a.example.com", "b.example.com"])
        report, flows = self.audit(self.file("cut.pcap", capture[:-5]))
        self.assertEqual(report["body"]["coverage"]["packets"]["read"], 1)
        self.assertEqual([flow["dns.names"] for flow in flows], [["a.example.com"]])
        self.assertIsNotNone(report["body"]["inputs"][0]["damage"])

    def test_a_file_that_does_not_exist(self):
        self.one_line(mitleser("audit", os.path.join(self.folder, "none.pcap")), 3, "none.pcap", "No such file")

    @unittest.skipIf(os.geteuid() == 0, "root may read everything")
    def test_a_file_that_may_not_be_read(self):
        path = self.file("secret.pcap", dns_capture())
        os.chmod(path, 0)
        self.one_line(mitleser("audit", path), 3, "secret.pcap", "Permission denied")
        os.chmod(path, stat.S_IRWXU)

    def test_a_folder_without_captures(self):
        os.mkdir(os.path.join(self.folder, "notes"))
        self.one_line(mitleser("audit", os.path.join(self.folder, "notes")), 3, "notes")
        self.file("notes/a.txt", b"no capture, but a text that is long enough to be looked at\n")
        self.one_line(mitleser("audit", os.path.join(self.folder, "notes")), 3, "notes")

    def test_an_unknown_option(self):
        self.one_line(mitleser("audit", "--colour", "x.pcap"), 2, "--colour")

    def test_an_unknown_command(self):
        self.one_line(mitleser("adit", "x.pcap"), 2, "adit")

    def test_a_value_that_is_none(self):
        path = self.file("a.pcap", dns_capture())
        self.one_line(mitleser("audit", path, "--threads", "many"), 2, "--threads", "many")
        self.one_line(mitleser("audit", path, "--device", "phone"), 2, "--device", "phone")
        self.one_line(mitleser("audit", path, "--fail-on", "bad"), 2, "--fail-on", "bad")
        self.one_line(mitleser("audit", path, "--app", "nonesuch"), 2, "--app", "nonesuch")

    def test_no_capture_at_all(self):
        self.one_line(mitleser("audit"), 2, "no capture")

    def test_a_broken_rule_names_file_line_and_column(self):
        rule = self.file("broken.yml", b"title: x\ndetection:\n  selection:\n    nonesuch.field: 1\n  condition: selection\n")
        capture = self.file("a.pcap", dns_capture())
        done = mitleser("audit", capture, "-r", rule)
        self.one_line(done, 2, "broken.yml:")
        rule = self.file("twice.yml", b"title: x\ntitle: y\n")
        self.one_line(mitleser("audit", capture, "-r", rule), 2, "twice.yml:2:1", "title")

    def test_a_folder_without_rules_is_no_audit_without_findings(self):
        folder = os.path.join(self.folder, "norules")
        os.mkdir(folder)
        self.file("norules/notes.txt", b"no rule")
        capture = self.file("a.pcap", dns_capture())
        self.one_line(mitleser("audit", capture, "-r", folder), 2, "norules: no rule there")
        self.one_line(mitleser("rules", "check", folder), 2, "norules: no rule there")

    def test_a_folder_that_cannot_be_written(self):
        capture = self.file("a.pcap", dns_capture())
        self.one_line(mitleser("audit", capture, "-o", "/proc/nonesuch"), 4, "/proc/nonesuch")

    def test_a_full_disk_leaves_nothing_behind(self):
        capture = self.file("a.pcap", dns_capture([f"n{i}.example.com" for i in range(200)]))
        out = os.path.join(self.folder, "out")
        # A file size limit stands in for the full disk: writes fail part-way.
        script = 'ulimit -f 8; trap "" XFSZ; exec "$@"'
        done = subprocess.run(
            ["/bin/sh", "-c", script, "sh", PROGRAM, "audit", capture, "-o", out],
            capture_output=True,
            env=dict(os.environ, MITLESER_SHARE=ROOT, MITLESER_DATA="/nonexistent"),
        )
        self.one_line(done, 4, "cannot be written")
        self.assertFalse(os.path.exists(out))

    def test_a_full_stdout_is_not_success(self):
        capture = self.file("a.pcap", dns_capture())
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [PROGRAM, "audit", capture],
                stdout=full,
                stderr=subprocess.PIPE,
                env=dict(os.environ, MITLESER_SHARE=ROOT, MITLESER_DATA="/nonexistent"),
            )
        self.assertEqual(done.returncode, 4)
        self.assertIn(b"stdout", done.stderr)

    def test_one_bad_capture_does_not_stop_the_others(self):
        good = self.file("a.pcap", dns_capture())
        bad = self.file("b.pcap", b"")
        out = os.path.join(self.folder, "out")
        done = mitleser("audit", bad, good, "-o", out, "-q")
        self.one_line(done, 3, "b.pcap")
        self.assertTrue(os.path.exists(os.path.join(out, "report.json")))


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`verify`: a report that is as it was made passes; whatever is changed in it or its folder is found and named."""
import hashlib
import json
import os
import random
import shutil
import unittest

from support import ROOT, Case, canonical, dns_capture, mitleser

SAMPLE = os.path.join(ROOT, "captures", "wechat-session.pcapng")
FILES = ("report.json", "flows.ndjson", "endpoints.ndjson", "manifest-sha256.txt")
SEED = 20261126
TRIES = 200


def kind_of(byte):
    """Classes of bytes: a change within each of them must be found."""
    if byte in b"{}[],:":
        return "structure"
    if byte == 0x22:
        return "quote"
    if chr(byte).isdigit():
        return "digit"
    if chr(byte).isalpha() and byte < 0x80:
        return "letter"
    if byte in b" \n\t":
        return "blank"
    return "other"


class Verify(Case):
    def bundle(self, capture=None, *arguments):
        capture = capture or self.file("a.pcap", dns_capture())
        out = os.path.join(self.folder, "out")
        done = mitleser("audit", capture, "-q", "-o", out, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return capture, out

    def lines(self, code, *arguments, **kwargs):
        done = mitleser("verify", *arguments, **kwargs)
        self.assertEqual(done.returncode, code, done.stdout.decode() + done.stderr.decode())
        return done.stdout.decode().splitlines()

    def edit(self, out, change, with_hash=False, with_manifest=False):
        """Changes the body, and the hashes too as a forger would."""
        path = os.path.join(out, "report.json")
        with open(path, encoding="utf-8") as file:
            report = json.load(file)
        change(report)
        if with_hash:
            report["integrity"]["body_sha256"] = hashlib.sha256(canonical(report["body"]).encode()).hexdigest()
        data = canonical(report).encode() + b"\n"
        with open(path, "wb") as file:
            file.write(data)
        if with_manifest:
            manifest = os.path.join(out, "manifest-sha256.txt")
            with open(manifest, encoding="ascii") as file:
                text = [line for line in file if not line.endswith("  report.json\n")]
            with open(manifest, "w", encoding="ascii") as file:
                file.writelines(text + [hashlib.sha256(data).hexdigest() + "  report.json\n"])

    def test_an_untouched_report_passes_every_check(self):
        for capture in (self.file("a.pcap", dns_capture()), SAMPLE):
            with self.subTest(capture=os.path.basename(capture)):
                _, out = self.bundle(capture)
                lines = self.lines(0, out, capture)
                self.assertEqual(len(lines), 8)
                self.assertTrue(all(line.startswith("fine ") for line in lines), lines)
                self.assertEqual(self.lines(0, os.path.join(out, "report.json"), capture), lines)
                self.assertEqual(self.lines(0, out, capture, "-q"), [])

    def test_what_is_not_checked_is_said(self):
        _, out = self.bundle()
        os.remove(os.path.join(out, "manifest-sha256.txt"))
        lines = self.lines(0, out)
        self.assertEqual(len(lines), 3)
        self.assertIn("not checked manifest: there is none", lines[0])
        self.assertIn("not checked recomputed body: no captures", lines[2])

    def test_every_kind_of_byte_in_every_file_is_guarded(self):
        _, out = self.bundle()
        pick = random.Random(SEED)
        kinds = {}
        for name in FILES:
            with open(os.path.join(out, name), "rb") as file:
                data = file.read()
            for place, byte in enumerate(data):
                kinds.setdefault((name, kind_of(byte)), []).append(place)
        keys = sorted(kinds)
        for attempt in range(TRIES):
            name, kind = keys[attempt % len(keys)]
            path = os.path.join(out, name)
            with open(path, "rb") as file:
                data = file.read()
            place = pick.choice(kinds[(name, kind)])
            action = pick.choice(("replace", "flip", "remove", "insert"))
            if action == "replace":
                new = pick.choice([byte for byte in range(256) if byte != data[place]])
                changed = data[:place] + bytes([new]) + data[place + 1:]
            elif action == "flip":
                changed = data[:place] + bytes([data[place] ^ (1 << pick.randrange(8))]) + data[place + 1:]
            elif action == "remove":
                changed = data[:place] + data[place + 1:]
            else:
                changed = data[:place] + bytes([pick.randrange(256)]) + data[place:]
            with open(path, "wb") as file:
                file.write(changed)
            done = mitleser("verify", out)
            with open(path, "wb") as file:
                file.write(data)
            told = done.stdout.decode() + done.stderr.decode()
            with self.subTest(attempt=attempt, file=name, kind=kind, action=action, place=place):
                self.assertNotEqual(changed, data)
                self.assertIn(done.returncode, (1, 3), told)
                self.assertIn("FAILED", told)
                self.assertIn("manifest: line" if name.startswith("manifest") and "line" in told else
                              "manifest: " if name.startswith("manifest") else name, told)
        self.lines(0, out)

    def test_a_changed_value_is_found_without_a_manifest(self):
        _, out = self.bundle()
        os.remove(os.path.join(out, "manifest-sha256.txt"))
        self.edit(out, lambda report: report["body"]["coverage"]["packets"].update(read=2))
        self.assertTrue(any(line.startswith("FAILED") and "body_sha256" in line for line in self.lines(1, out)))

    def test_blanks_and_order_are_no_change(self):
        _, out = self.bundle()
        path = os.path.join(out, "report.json")
        os.remove(os.path.join(out, "manifest-sha256.txt"))
        with open(path, encoding="utf-8") as file:
            report = json.load(file)
        report["body"] = dict(reversed(report["body"].items()))
        with open(path, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=4)
        self.lines(0, out)

    def test_a_forger_who_makes_all_hashes_again_is_found_by_the_captures(self):
        capture, out = self.bundle()
        self.edit(out, lambda report: report["body"]["endpoints"][0].update(ip="203.0.113.9"), True, True)
        self.lines(0, out)
        failed = [line for line in self.lines(1, out, capture) if line.startswith("FAILED")]
        self.assertEqual(len(failed), 1)
        self.assertIn('/endpoints/0/ip: the report says "203.0.113.9", recomputed "198.51.100.53"', failed[0])

    def test_rows_are_recomputed_too(self):
        capture, out = self.bundle()
        path = os.path.join(out, "flows.ndjson")
        with open(path, "ab") as file:
            file.write(b'{"flow.id":2}\n')
        failed = [line for line in self.lines(1, out, capture) if line.startswith("FAILED")]
        self.assertEqual(len(failed), 2)
        self.assertIn("manifest: flows.ndjson", failed[0])
        self.assertIn("recomputed flows.ndjson", failed[1])

    def test_the_options_of_the_report_are_used_again(self):
        options = [["--app", "wechat"], ["--device", "198.51.100.53"], ["--without-ndpi"], ["--series"]]
        options += [["--filter", "udp port 53"], ["--filter", "tcp"], ["--since", "@1700000001"], ["--until", "@1700000001"]]
        for arguments in options:
            with self.subTest(arguments=arguments):
                capture, out = self.bundle(None, *arguments)
                self.lines(0, out, capture)

    def test_an_option_that_is_unknown_is_not_passed_over(self):
        capture, out = self.bundle()
        self.edit(out, lambda report: report["body"]["tool"]["options"].update(magic="on"), True, True)
        failed = [line for line in self.lines(1, out, capture) if line.startswith("FAILED")]
        self.assertEqual(len(failed), 1)
        self.assertIn("cannot set the option 'magic'", failed[0])

    def test_other_rules_are_named_as_the_cause(self):
        capture, out = self.bundle()
        rule = os.path.join(ROOT, "rules/dns/cleartext_query.yml")
        failed = [line for line in self.lines(1, out, capture, "--rules", rule) if line.startswith("FAILED")]
        self.assertIn("/tool/rules/count", failed[0])

    def test_captures_are_told_by_their_hash(self):
        capture, out = self.bundle()
        renamed = self.file("other-name.pcap", dns_capture())
        self.lines(0, out, renamed)
        wrong = self.file("wrong.pcap", dns_capture(("other.example.com",)))
        failed = [line for line in self.lines(1, out, wrong) if line.startswith("FAILED")]
        self.assertEqual(len(failed), 2)
        self.assertIn("no input of the report has its SHA-256", failed[0])
        self.assertIn("input i1: a.pcap: no capture", failed[1])

    def test_several_captures_in_any_order(self):
        first = self.file("a.pcap", dns_capture())
        second = self.file("b.pcap", dns_capture(("b.example.net",)))
        out = os.path.join(self.folder, "two")
        self.assertEqual(mitleser("audit", first, second, "-q", "-o", out).returncode, 0)
        self.lines(0, out, second, first)
        self.lines(1, out, first)

    def test_manifests_that_point_elsewhere_or_leave_out_are_refused(self):
        _, out = self.bundle()
        manifest = os.path.join(out, "manifest-sha256.txt")
        with open(manifest, encoding="ascii") as file:
            text = file.readlines()
        for name in ("../a.pcap", "/etc/hostname", "./report.json", "a//b"):
            with open(manifest, "w", encoding="ascii") as file:
                file.writelines(text + ["0" * 64 + "  " + name + "\n"])
            self.assertTrue(any("line 4 is not" in line for line in self.lines(1, out)), name)
        for i in range(3):
            with open(manifest, "w", encoding="ascii") as file:
                file.writelines(text[:i] + text[i + 1:])
            self.assertTrue(any("not in the manifest" in line for line in self.lines(1, out)))
        with open(manifest, "w", encoding="ascii") as file:
            file.writelines(text + text[:1])
        self.assertTrue(any("named 2 times" in line for line in self.lines(1, out)))

    def test_what_cannot_be_read_is_exit_3(self):
        capture, out = self.bundle()
        self.one_line(mitleser("verify", "/nonexistent"), 3, "/nonexistent")
        self.assertEqual(mitleser("verify", out, "/nonexistent.pcap").returncode, 3)
        empty = os.path.join(self.folder, "empty")
        os.mkdir(empty)
        self.one_line(mitleser("verify", empty), 3, "report.json")
        shutil.copy(capture, os.path.join(empty, "report.json"))
        self.assertEqual(mitleser("verify", empty).returncode, 3)
        self.one_line(mitleser("verify"), 2, "no report")

    def test_nothing_in_a_report_drives_the_terminal(self):
        capture, out = self.bundle()
        self.edit(out, lambda report: report["body"]["inputs"][0].update(file="\x1b[31m\u009b.pcap"), True, True)
        done = mitleser("verify", out, capture)
        self.assertNotIn(b"\x1b", done.stdout)
        self.assertNotIn("\u009b", done.stdout.decode())


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What an audit writes: canonical, valid against the schema, the same for any number of threads, nothing personal."""
import glob
import hashlib
import json
import os
import signal
import struct
import subprocess
import unittest

import jsonschema

from support import CLIENT, PROGRAM, RESOLVER, ROOT, Case, canonical, dns_capture, dns_query, ipv4, mitleser, pcap, udp

SAMPLES = sorted(glob.glob(os.path.join(ROOT, "captures", "*.pcap*")))


def schema():
    with open(os.path.join(ROOT, "reports/schema/report.schema.json"), encoding="utf-8") as file:
        return json.load(file)


class Audit(Case):
    def test_the_body_is_canonical_and_its_hash_right(self):
        for capture in [self.file("a.pcap", dns_capture())] + SAMPLES:
            with self.subTest(capture=os.path.basename(capture)):
                self.audit(capture)
                with open(os.path.join(self.folder, "out/report.json"), encoding="utf-8") as file:
                    text = file.read()
                report = json.loads(text)
                body = canonical(report["body"])
                self.assertIn('"body":' + body + ',"run":', text)
                self.assertEqual(report["integrity"]["body_sha256"], hashlib.sha256(body.encode()).hexdigest())

    def test_the_report_is_valid_against_its_schema(self):
        validator = jsonschema.Draft202012Validator(schema())
        for capture in [self.file("a.pcap", dns_capture())] + SAMPLES:
            with self.subTest(capture=os.path.basename(capture)):
                report, _ = self.audit(capture)
                self.assertEqual([error.message for error in validator.iter_errors(report)], [])

    def test_the_schema_refuses_what_is_wrong(self):
        report, _ = self.audit(self.file("a.pcap", dns_capture()))
        validator = jsonschema.Draft202012Validator(schema())
        report["body"]["inputs"][0]["sha256"] = "x"
        report["body"]["coverage"]["packets"]["read"] = -1
        self.assertEqual(len(list(validator.iter_errors(report))), 2)

    def test_threads_change_nothing(self):
        packets = [
            ipv4((192, 0, 2, 1 + i % 40), RESOLVER, 17, udp(40000 + i, 53, dns_query(f"n{i % 7}.example.com")))
            for i in range(3000)
        ]
        for capture in [self.file("many.pcap", pcap(packets))] + SAMPLES:
            with self.subTest(capture=os.path.basename(capture)):
                results = []
                for threads in ("1", "2", "5"):
                    report, flows = self.audit(capture, "--threads", threads)
                    results.append((report["integrity"]["body_sha256"], flows))
                self.assertEqual(results[0], results[1])
                self.assertEqual(results[0], results[2])

    def test_the_input_is_named_by_its_hash(self):
        data = dns_capture()
        report, _ = self.audit(self.file("a.pcap", data))
        self.assertEqual(report["body"]["inputs"][0]["sha256"], hashlib.sha256(data).hexdigest())
        self.assertEqual(report["body"]["inputs"][0]["file"], "a.pcap")

    def test_the_manifest_covers_the_files(self):
        self.audit(self.file("a.pcap", dns_capture()))
        out = os.path.join(self.folder, "out")
        done = subprocess.run(["sha256sum", "-c", "manifest-sha256.txt"], cwd=out, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.count(b": OK"), 3)

    def test_a_pipe_reads_like_a_file(self):
        data = dns_capture()
        self.file("a.pcap", data)
        from_file = json.loads(mitleser("audit", os.path.join(self.folder, "a.pcap"), "-o", "-").stdout)
        from_pipe = json.loads(mitleser("audit", "-", "-o", "-", stdin=data).stdout)
        self.assertEqual(from_file["body"]["inputs"][0]["sha256"], from_pipe["body"]["inputs"][0]["sha256"])
        self.assertEqual(from_file["body"]["endpoints"], from_pipe["body"]["endpoints"])

    def test_stdout_takes_the_report_or_the_flows(self):
        capture = self.file("a.pcap", dns_capture(["a.example.com", "b.example.com"]))
        report = json.loads(mitleser("audit", capture, "--format", "json").stdout)
        self.assertEqual(report["body"]["coverage"]["flows"]["total"], 2)
        lines = mitleser("audit", capture, "--format", "ndjson").stdout.splitlines()
        self.assertEqual([json.loads(line)["flow.id"] for line in lines], [1, 2])

    def test_the_device_is_the_source_of_its_flows(self):
        packets = [
            ipv4(RESOLVER, CLIENT, 17, udp(53, 40000, b"\0" * 12)),
            ipv4((203, 0, 113, 7), CLIENT, 17, udp(50000, 9, b"hello")),
        ]
        capture = self.file("a.pcap", pcap(packets))
        _, flows = self.audit(capture, "--device", "192.0.2.10")
        self.assertEqual({flow["src.ip"] for flow in flows}, {"192.0.2.10"})

    def test_fail_on_tells_by_exit_code(self):
        capture = self.file("a.pcap", dns_capture())
        self.assertEqual(mitleser("audit", capture, "--fail-on", "critical").returncode, 0)
        self.assertEqual(mitleser("audit", capture, "--fail-on", "informational").returncode, 1)

    def test_an_interrupt_leaves_nothing(self):
        packets = [ipv4(CLIENT, RESOLVER, 17, udp(40000, 53, dns_query("a.example.com")))] * 20000
        out = os.path.join(self.folder, "out")
        child = subprocess.Popen(
            [PROGRAM, "audit", "-", "-o", out, "--threads", "1"],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env=dict(os.environ, MITLESER_SHARE=ROOT, MITLESER_DATA="/nonexistent"),
        )
        child.stdin.write(pcap(packets))  # more than a pipe holds: once it is written, the program is reading
        child.send_signal(signal.SIGINT)
        _, error = child.communicate(timeout=60)
        self.assertEqual(child.returncode, -signal.SIGINT)
        self.assertIn(b"interrupted", error)
        self.assertFalse(os.path.exists(out))

    def test_nothing_is_shown_on_stderr_of_a_pipe(self):
        self.assertEqual(mitleser("audit", self.file("a.pcap", dns_capture())).stderr, b"")

    def test_a_hostile_name_cannot_drive_the_terminal(self):
        name = b"\x1b]0;owned\x07"
        query = dns_query("x.example.com").replace(b"\x01x", bytes([len(name)]) + name)
        capture = self.file("a.pcap", pcap([ipv4(CLIENT, RESOLVER, 17, udp(40000, 53, query))]))
        text = mitleser("audit", capture).stdout
        self.assertNotIn(b"\x1b", text)
        self.assertNotIn(b"\x07", text)
        rows = mitleser("audit", capture, "--format", "ndjson").stdout
        self.assertNotIn(b"\x1b", rows)

    def test_the_name_of_a_device_is_masked_everywhere(self):
        answer = (
            struct.pack("!HHHHHH", 0, 0x8400, 0, 1, 0, 0)
            + b"\x0aEves-Phone\x05local\0"
            + struct.pack("!HHIH", 1, 1, 120, 4)
            + bytes((192, 0, 2, 77))
        )
        group = (224, 0, 0, 251)
        packets = [
            ipv4(CLIENT, group, 17, udp(5353, 5353, dns_query("Eves-Phone.local", 0))),
            ipv4((192, 0, 2, 77), group, 17, udp(5353, 5353, answer)),
            ipv4(CLIENT, (224, 0, 0, 252), 17, udp(50001, 5355, dns_query("Eves-Phone", 7))),
            ipv4((192, 0, 2, 77), CLIENT, 17, udp(5355, 50001, answer)),
            ipv4(CLIENT, (192, 0, 2, 77), 17, udp(50000, 9999, b"hello")),
        ]
        capture = self.file("a.pcap", pcap(packets))
        self.audit(capture)
        shown = mitleser("audit", capture).stdout
        for name in os.listdir(os.path.join(self.folder, "out")):
            with open(os.path.join(self.folder, "out", name), "rb") as file:
                shown += file.read()
        self.assertNotIn(b"eves-phone", shown.lower())
        self.assertIn(b"<masked:16>", shown)

    def test_help_and_version(self):
        self.assertIn(b"audit", mitleser("help").stdout)
        self.assertIn(b"--fail-on", mitleser("help", "audit").stdout)
        self.assertTrue(mitleser("--version").stdout.startswith(b"mitleser "))


if __name__ == "__main__":
    unittest.main()

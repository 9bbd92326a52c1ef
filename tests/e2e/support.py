# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: the program, tiny captures, and a second way to canonical JSON."""
import json
import os
import struct
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.environ.get("MITLESER_PROGRAM", os.path.join(ROOT, "build/dev/mitleser"))


def mitleser(*arguments, stdin=None, env=None, **kwargs):
    """Runs the program; data sets are looked for in an empty place unless the test says otherwise."""
    environment = dict(os.environ, MITLESER_SHARE=ROOT, MITLESER_DATA="/nonexistent")
    environment.update(env or {})
    return subprocess.run([PROGRAM, *arguments], input=stdin, capture_output=True, timeout=120, env=environment, **kwargs)


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(src, dst, protocol, payload, number=1):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), number, 0, 64, protocol, 0, bytes(src), bytes(dst))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def udp(sport, dport, payload):
    return struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload


def dns_query(name, number=1):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    return struct.pack("!HHHHHH", number, 0x0100, 1, 0, 0, 0) + labels + struct.pack("!HH", 1, 1)


def pcap(packets, link_type=101):
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link_type)]
    for number, packet in enumerate(packets):
        out.append(struct.pack("<IIII", 1700000000 + number, 0, len(packet), len(packet)) + packet)
    return b"".join(out)


CLIENT = (192, 0, 2, 10)
RESOLVER = (198, 51, 100, 53)


def dns_capture(names=("chat.example.com",)):
    return pcap([ipv4(CLIENT, RESOLVER, 17, udp(40000 + i, 53, dns_query(name))) for i, name in enumerate(names)])


def canonical(value):
    """RFC 8785 for what reports hold: objects with ASCII names, texts, integers, truth and null."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def file(self, name, data):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def one_line(self, done, code, *texts):
        """One clear line on stderr, nothing on stdout, the documented exit code."""
        error = done.stderr.decode()
        self.assertEqual(done.returncode, code, error)
        self.assertEqual(done.stdout, b"")
        self.assertEqual(error.count("\n"), 1, error)
        self.assertTrue(error.startswith("mitleser: "), error)
        for text in texts:
            self.assertIn(text, error)

    def audit(self, capture, *arguments, **kwargs):
        """Audits into a folder; gives report and flows."""
        out = os.path.join(self.folder, "out")
        done = mitleser("audit", capture, "-o", out, *arguments, **kwargs)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        with open(os.path.join(out, "report.json"), encoding="utf-8") as file:
            report = json.load(file)
        with open(os.path.join(out, "flows.ndjson"), encoding="utf-8") as file:
            flows = [json.loads(line) for line in file]
        return report, flows

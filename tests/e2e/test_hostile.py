# SPDX-License-Identifier: Apache-2.0
"""Traffic made to exhaust whoever reads it: bounded in time and memory, and the report and the summary say what was cut."""
import base64
import gzip
import json
import os
import resource
import struct
import subprocess
import time
import unittest
import zlib

from planting import PREFACE, Flows, grpc, h2, h2_head, literal, mqtt, mqtt_text, post, proto_bytes, proto_number, upgrade, varint
from support import PROGRAM, ROOT, Case, pcap

VALUE = "grete@mustermann.example.com"
HIDDEN = b'{"mail":"' + VALUE.encode() + b'"}'
MEGABYTE = 1 << 20
SECONDS, MEGABYTES = 60, 600  # a debug build on a busy machine; sanitizers need more memory and are not measured


def bomb(size, form=31):
    """`size` bytes of nothing, compressed."""
    pack, out = zlib.compressobj(9, zlib.DEFLATED, form), []
    for _ in range(size // MEGABYTE):
        out.append(pack.compress(bytes(MEGABYTE)))
    return b"".join(out) + pack.flush()


BOMB = bomb(64 * MEGABYTE)


def stored(data):
    """A member of gzip that holds its content as it is: ten thousand of them grow by 23 bytes each."""
    pack = zlib.compressobj(0, zlib.DEFLATED, 31)
    return pack.compress(data) + pack.flush()


class Hostile(Case):
    def limits(self, *turns, server_port=80):
        """Limits that the report counts, and what became of the value."""
        flows = Flows()
        flows.tcp("hostile", "value", turns, server_port)
        capture = self.file("hostile.pcap", pcap(flows.packets))
        ids = self.file("ids.yaml", f"identities:\n  - {{kind: email, label: value, value: {VALUE}}}\n".encode())
        out = os.path.join(self.folder, "out")
        environment = dict(os.environ, MITLESER_SHARE=ROOT, MITLESER_DATA="/nonexistent")
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime, time.monotonic()
        done = subprocess.run([PROGRAM, "audit", capture, "-o", out, "--identities", ids, "--without-ndpi", "--threads", "1"],
                              env=environment, capture_output=True, timeout=10 * SECONDS, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before, SECONDS, time.monotonic() - start)
        if "asan" not in PROGRAM and "tsan" not in PROGRAM:
            self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, MEGABYTES)
        with open(os.path.join(out, "report.json"), encoding="utf-8") as file:
            body = json.load(file)["body"]
        summary = subprocess.run([PROGRAM, "audit", capture, "--identities", ids, "--without-ndpi"], env=environment,
                                 capture_output=True, timeout=10 * SECONDS, check=False).stdout.decode()
        hit = {row["limit"]: row["count"] for row in body["coverage"]["limits_hit"]}
        for limit in hit:
            self.assertIn(limit, summary)
        return hit, body["planted"][0]["state"], body["coverage"]["searched"]

    def test_a_bomb_in_a_coded_body(self):
        hit, _, searched = self.limits((True, post(BOMB + gzip.compress(HIDDEN), "Content-Encoding: gzip")))
        self.assertEqual(hit, {"leak_body": 1})
        self.assertGreater(searched["not_searched"]["by_reason"]["ceiling"], 0)
        self.assertLess(searched["unpacked"], 9 * MEGABYTE)

    def test_a_bomb_that_nobody_names(self):
        for turns, port in (((True, post(BOMB)),), 80), (((True, b"\0\1\2" + BOMB),), 9000), (
                ((True, post(b"d=" + base64.b64encode(BOMB))),), 80):
            hit, _, searched = self.limits(*turns, server_port=port)
            self.assertEqual(hit["leak_body"], 1)
            self.assertLess(searched["unpacked"], 9 * MEGABYTE)

    def test_many_small_bombs_of_one_conversation(self):
        small = bomb(4 * MEGABYTE)
        hit, _, searched = self.limits(*([(True, post(small, "Content-Encoding: gzip"))] * 100))
        self.assertGreater(hit["leak_body"], 50)
        self.assertLess(searched["unpacked"], 64 * (searched["bytes"] + 4096) + MEGABYTE)

    def test_a_bomb_in_websocket(self):
        content = bomb(64 * MEGABYTE, -15)
        frame = b"\xc2\xff" + struct.pack("!Q", len(content)) + bytes(4) + content
        hit, _, searched = self.limits(*upgrade(True), (True, frame))
        self.assertEqual(hit, {"message": 1})
        self.assertLess(searched["bytes"], 20 * MEGABYTE)

    def test_a_bomb_in_grpc(self):
        head = h2(1, 4, 1, h2_head(b"application/grpc", (b"grpc-encoding", b"gzip")))
        message = grpc(BOMB, True)
        data = b"".join(h2(0, 0, 1, message[i:i + 16000]) for i in range(0, len(message), 16000))
        hit, _, _ = self.limits((True, PREFACE + h2(4, 0, 0, b"") + head + data))
        self.assertEqual(hit["leak_body"], 1)

    def test_ten_thousand_layers(self):
        inner = gzip.compress(HIDDEN, mtime=0)
        data = inner
        for _ in range(10000):
            data = stored(data)
        hit, state, _ = self.limits((True, post(data)))
        self.assertEqual(state, "not found in what was searched")
        self.assertGreater(hit["leak_depth"] + hit["leak_view"], 1)
        hit, state, _ = self.limits((True, post(gzip.compress(gzip.compress(gzip.compress(gzip.compress(gzip.compress(HIDDEN))))))))
        self.assertEqual((state, hit), ("not found in what was searched", {"leak_depth": 1}))
        whole = proto_number(3, 7)
        for _ in range(10000):
            whole = proto_bytes(1, whole)
        hit, _, _ = self.limits((True, post(whole, "Content-Type: application/x-protobuf")))
        self.assertEqual(hit, {"leak_view": 1})

    def test_a_field_that_is_named_again_and_again(self):
        table = h2(1, 5, 1, h2_head() + literal(b"x", b"A" * 4000, True))
        again = b"".join(h2(1, 5, 3 + 2 * i, h2_head() + b"\xbe" * 16000) for i in range(20))
        hit, _, _ = self.limits((True, PREFACE + h2(4, 0, 0, b"") + table + again))
        self.assertEqual(hit, {"message": 1})

    def test_a_head_without_an_end(self):
        fields = b"".join(h2(9, 0, 1, 10 * literal(b"x-%d" % i, b"v" * 100)) for i in range(1000))
        hit, _, _ = self.limits((True, PREFACE + h2(4, 0, 0, b"") + h2(1, 1, 1, h2_head()) + fields))
        self.assertEqual(hit, {"message": 1})
        lines = b"".join(b"X-%d: %s\r\n" % (i, b"v" * 50) for i in range(20000))
        hit, _, _ = self.limits((True, b"GET / HTTP/1.1\r\nHost: a.example.org\r\n" + lines))
        self.assertEqual(hit, {"message": 1, "detect_stream": 1})

    def test_lengths_that_lie(self):
        """What follows is searched all the same, and nothing is held for what never comes."""
        chunks = b"POST / HTTP/1.1\r\nHost: a.example.org\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n"
        start = PREFACE + h2(4, 0, 0, b"") + h2(1, 4, 1, h2_head(b"application/grpc"))
        connect = mqtt(0x10, mqtt_text(b"MQTT") + b"\x04\x02\x00\x3c" + mqtt_text(b"dev1"))
        for turns, port in (
                (((True, chunks + HIDDEN),), 80),
                (((True, start + h2(0, 0, 1, b"\0\xff\xff\xff\xff" + HIDDEN)),), 80),
                ((*upgrade(), (True, b"\x82\xff\x7f" + 7 * b"\xff" + bytes(4) + HIDDEN)), 80),
                (((True, connect), (False, b"\x20\x02\0\0"), (True, b"\x30\xff\xff\xff\x7f\0\3a/b" + HIDDEN)), 1883),
                (((True, post(b"\x0a" + varint(1 << 62) + HIDDEN, "Content-Type: application/x-protobuf")),), 80)):
            _, state, _ = self.limits(*turns, server_port=port)
            self.assertEqual(state, "found", turns[-1][1][:40])


if __name__ == "__main__":
    unittest.main()

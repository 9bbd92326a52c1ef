# SPDX-License-Identifier: Apache-2.0
"""Planted values in the many legal ways a value can travel: each is found, in its frames and nowhere else, and no output
shows the value itself."""
import base64
import gzip
import hashlib
import json
import os
import random
import struct
import unittest
import urllib.parse
import uuid
import zlib

from planting import (PREFACE, Flows, chunked, dns, grpc, h2, h2_head, literal, mqtt, mqtt_text, post, proto_bytes,
                      proto_number, upgrade, ws_frame)
from support import Case, pcap

VALUES = {
    "phone": ("phone", "+49 151 23984756"), "email": ("email", "grete@mustermann.example.com"),
    "name": ("name", "Grete Mustermann"), "umlauts": ("name", "Jürgen Größlinger"), "account": ("account", "wxid_c0ffee77aa19b2"),
    "imei": ("imei", "356938035643809"), "advertising": ("advertising_id", "7a3c1f0e-52b9-4d6e-a1f3-9c8b7d6e5f40"),
    "mac": ("mac", "02:4b:8f:13:c7:e9"), "place": ("coordinates", "48.137154, 11.576124"),
    "west": ("coordinates", "37.774929, -122.419416"), "address": ("address", "Lindenallee 43, 80331 Musterstadt"),
    "message": ("message", "bring the blue folder to the station at seven"), "iban": ("iban", "DE89370400440532013000"),
}
EMAIL, IMEI = VALUES["email"][1].encode(), int(VALUES["imei"][1])
BODY = b'{"mail":"' + EMAIL + b'"}'
RANDOM = random.Random(7)
COLLECT = """title: planted values
name: collect
id: 22222222-2222-4222-8222-222222222222
level: low
logsource: {product: mitleser, category: fact}
detection: {s: {fact.kind: leak.identity}, condition: s}
"""


def either_case(text):
    return "".join(RANDOM.choice((c.lower(), c.upper())) for c in text)


def lines(data, size, end=b"\r\n"):
    return end.join(data[i:i + size] for i in range(0, len(data), size))


def add_escapes(flows, label):
    text = VALUES[label][1]
    data = text.encode()
    flows.post(f"percent {label}", label, b"q=" + "".join("%" + either_case(f"{b:02x}") for b in data).encode() + b"&z=1")
    flows.post(f"percent twice {label}", label, urllib.parse.quote("".join(f"%{b:02X}" for b in data), safe="").encode())
    flows.post(f"JSON {label}", label, ('{"t":"' + "".join("\\u" + either_case(f"{ord(c):04x}") for c in text) + '"}').encode())
    flows.post(f"JSON in JSON {label}", label, json.dumps({"p": json.dumps({"t": text})}).encode())
    flows.post(f"HTML decimal {label}", label, "".join(f"&#{ord(c):05};" for c in text).encode())
    flows.post(f"HTML hexadecimal {label}", label, "".join(f"&#x{either_case(f'{ord(c):x}')};" for c in text).encode())
    flows.post(f"HEX {label}", label, b"h=" + data.hex().upper().encode())
    flows.post(f"hex in base64 {label}", label, base64.b64encode(data.hex().encode()))
    flows.post(f"UTF-16BE {label}", label, text.encode("utf-16-be"))
    flows.post(f"UTF-16LE in base64 {label}", label, base64.b64encode(text.encode("utf-16-le")))
    around = b"some text in front of it " * 3 + data + b" and some text behind it"
    flows.post(f"base64 of mail {label}", label, base64.encodebytes(around))
    flows.post(f"base64 in lines of 64 {label}", label, lines(base64.b64encode(around), 64))
    packed = gzip.compress(b'{"k":"' + data + b'"}', mtime=0)
    flows.post(f"base64url {label}", label, b'{"d":"' + base64.urlsafe_b64encode(b"?>?>" + data).rstrip(b"=") + b'"}')
    flows.post(f"base64, slashes escaped {label}", label, base64.b64encode(b"???>>>" + data + b"???").replace(b"/", b"\\/"))
    flows.post(f"gzip in base64 {label}", label, b"d=" + base64.b64encode(packed))
    flows.post(f"gzip in base64 of a form {label}", label, b"d=" + urllib.parse.quote(base64.b64encode(packed), safe="").encode())
    if VALUES[label][0] != "coordinates":
        add_digests(flows, label, text)


def add_digests(flows, label, text):
    data = text.encode()
    for name in ("md5", "sha1", "sha256", "sha512"):
        digest = hashlib.new(name, text.lower().encode())
        flows.post(f"{name} {label}", label, digest.digest())
        flows.post(f"{name} in base64url {label}", label, base64.urlsafe_b64encode(digest.digest()).rstrip(b"="))
        flows.post(f"{name} hex in base64 {label}", label, base64.b64encode(digest.hexdigest().encode()))
        flows.post(f"{name} hex in UTF-16 {label}", label, digest.hexdigest().encode("utf-16-le"))
        for inner, content in ((f"{name} hex", digest.hexdigest().encode()), (f"{name} raw", digest.digest())):
            flows.post(f"sha256 of {inner} {label}", label, hashlib.sha256(content).hexdigest().encode())
            flows.post(f"md5 of {inner} {label}", label, hashlib.md5(content).hexdigest().upper().encode())
        for inner, content in (("base64", base64.b64encode(data)), ("hex", data.hex().encode()),
                               ("percent", urllib.parse.quote(text, safe="").encode()), ("UTF-16", text.encode("utf-16-le"))):
            flows.post(f"{name} of {inner} {label}", label, hashlib.new(name, content).hexdigest().encode())


def add_spellings(flows):
    mac = bytes.fromhex(VALUES["mac"][1].replace(":", ""))
    number = VALUES["advertising"][1]
    for label, texts in {
        "phone": ("+49 (0)151 239 847 56", "0049 151/23984756", "(0151) 2398 4756", "+49\u00a0151\u00a023984756",
                  "+49\u2011151\u201123984756", "cc=49&nsn=15123984756"),
        "place": ("lat=48.137&lng=11.576", '{"lon":"11.57612","lat":"48.13715"}', "48137154,11576124",
                  "POINT(11.576124 48.137154)"),
        "west": ("37.77492,-122.41941", "377749290|-1224194160"),
        "mac": (mac.hex("-").upper(), mac[::-1].hex(":"), mac[::-1].hex(), mac.hex(" "), base64.b64encode(mac).decode(),
                hashlib.sha1(mac).hexdigest()),
        "advertising": ("{" + number.upper() + "}", base64.b64encode(uuid.UUID(number).bytes).decode(),
                        hashlib.sha1(uuid.UUID(number).bytes).hexdigest()),
        "address": ("Lindenallee 43 80331 Musterstadt", "Lindenallee 43\n80331 Musterstadt", "Lindenallee 43\\n80331 Musterstadt",
                    "lindenallee 43,80331 musterstadt"),
        "iban": ("DE89 3704 0044 0532 0130 00", "DE89-3704-0044-0532-0130-00"),
        "imei": ("35-693803-564380-9", "imei=35693803564380"),
    }.items():
        for text in texts:
            flows.post(f"{label} as {text}", label, b'{"x":"' + text.encode() + b'"}')


def add_long(flows):
    rows = b"".join(b'{"e":%d,"t":"%s"}\n' % (i, hashlib.sha256(b"%d" % i).hexdigest().encode()) for i in range(900))
    for where, text in (("late", rows + BODY), ("in the middle", rows[:40000] + BODY + rows)):
        packed = gzip.compress(text, mtime=0)
        part = (b"--XyZ\r\nContent-Disposition: form-data; name=f; filename=a.gz\r\n\r\n" + packed + b"\r\n--XyZ--\r\n")
        kind = "Content-Type: application/octet-stream"
        flows.post(f"long gzip, {where}", "email", packed, kind)
        flows.post(f"long gzip in two members, {where}", "email", gzip.compress(rows) + gzip.compress(BODY), kind)
        flows.post(f"long zlib, {where}", "email", zlib.compress(text), kind)
        flows.post(f"long gzip in a part, {where}", "email", part, "Content-Type: multipart/form-data; boundary=XyZ")
        flows.post(f"long gzip in base64, {where}", "email", b"d=" + base64.b64encode(packed))
        flows.post(f"long gzip in base64 lines, {where}", "email", base64.encodebytes(packed))
        flows.post(f"long gzip in base64 of a form, {where}", "email", b"d=" + urllib.parse.quote(base64.b64encode(packed)).encode())
        flows.post(f"long gzip in hex, {where}", "email", b"d=" + packed.hex().encode())
        flows.post(f"long gzip in base64 in gzip, {where}", "email",
                   gzip.compress(b'{"d":"' + base64.b64encode(packed) + b'"}'), "Content-Encoding: gzip")
        flows.tcp(f"long gzip in a stream, {where}", "email", [(True, b"\x00\x01\x02\x03" + packed)], 9000)
        coded = h2_head(b"application/grpc", (b"grpc-encoding", b"gzip"))
        message = grpc(packed, True)
        flows.tcp(f"long gzip in gRPC, {where}", "email", [(True, PREFACE + h2(4, 0, 0, b"") + h2(1, 4, 1, coded) + b"".join(
            h2(0, 0, 1, message[i:i + 16000]) for i in range(0, len(message), 16000)))])


def add_many(flows):
    """Members and digits beside one another, in one body."""
    text = b"\r\n".join(b'{"a":"' + wrap(b"number %d" % i) + b'"}' for i in range(30) for wrap in (gzip.compress, zlib.compress))
    for name, data in (("gzip", gzip.compress(EMAIL)), ("zlib", zlib.compress(EMAIL)),
                       ("UTF-16 in hex", EMAIL.decode().encode("utf-16-le").hex().encode())):
        flows.post(f"{name} behind sixty members", "email", text + b'{"a":"' + data + b'"}')
        flows.post(f"{name} behind others of its kind", "email", b"\r\n".join(b'{"a":"' + part + b'"}' for part in (
            b"wxid".hex().encode(), "some other text".encode("utf-16-le").hex().encode(), data)))
    # 57 bytes of escapes: the length in front is the digit 9.
    account = VALUES["account"][1].encode()
    message = proto_bytes(1, "".join(f"%{b:02X}" for b in account).encode())
    flows.tcp("escapes behind a length that looks like a digit", "account", [(True, PREFACE + h2(4, 0, 0, b"") + h2(
        1, 4, 1, h2_head(b"application/grpc")) + h2(0, 1, 1, grpc(message)))])


def add_http(flows):
    start, head = PREFACE + h2(4, 0, 0, b""), h2_head()
    flows.tcp("chunks of a byte with extensions", "email", [(True, chunked(BODY, 1, b';s="a;b";x=1'))])
    flows.tcp("a byte a packet", "email", [(True, post(BODY))], piece=1)
    ask = b"GET /a HTTP/1.1\r\nHost: x.example.org\r\n\r\n"
    flows.tcp("the third of a pipeline", "email", [(True, 2 * ask + post(BODY) + ask), (False, 4 * b"HTTP/1.1 204 N\r\n\r\n")])
    flows.tcp("two codings", "email", [(True, post(gzip.compress(gzip.compress(BODY)), "Content-Encoding: gzip, gzip"))])
    flows.tcp("padded DATA", "email", [(True, start + h2(1, 4 | 8, 1, b"\x09" + head + 9 * b"\0") + b"".join(
        h2(0, 8, 1, b"\x03" + BODY[i:i + 1] + 3 * b"\0") for i in range(len(BODY))) + h2(0, 1, 1, b""))])
    block = h2_head(b"text/plain", (b"x-user", EMAIL))
    flows.tcp("CONTINUATION", "email", [(True, start + h2(1, 1, 1, block[:3]) + b"".join(
        h2(9, 4 if i == len(block) - 1 else 0, 1, block[i:i + 1]) for i in range(3, len(block))))])
    flows.tcp("trailer", "email", [(True, start + h2(1, 4, 1, head) + h2(0, 0, 1, b"x") + h2(1, 5, 1, literal(b"x-user", EMAIL)))])
    flows.tcp("from the table", "email", [(True, start + h2(1, 5, 1, head + literal(b"x-user", EMAIL, True)) + h2(1, 5, 3, head + b"\xbe"))])
    packed = grpc(gzip.compress(proto_bytes(1, proto_number(4, IMEI))), True)
    flows.tcp("a number in gRPC, compressed", "imei", [(True, start + h2(1, 4, 1, h2_head(
        b"application/grpc", (b"grpc-encoding", b"gzip"))) + h2(0, 1, 1, packed))])
    flows.post("a number in protobuf of no type", "imei", proto_bytes(1, proto_number(3, IMEI)), "Content-Type: application/octet-stream")
    flows.post("protobuf, ten deep", "imei", nested(10), "Content-Type: application/x-protobuf")
    flows.post("sint32 of protobuf", "west", proto_number(1, 37774929 * 2) + proto_number(2, 122419416 * 2 - 1),
               "Content-Type: application/x-protobuf")
    flows.post("float of protobuf", "place", struct.pack("<BfBf", 13, 48.137154, 21, 11.576124), "Content-Type: application/x-protobuf")
    flows.post("sfixed32 of protobuf", "west", struct.pack("<BiBi", 13, 37774929, 21, -122419416), "Content-Type: application/x-protobuf")


def nested(depth):
    message = proto_number(3, IMEI)
    for _ in range(depth):
        message = proto_bytes(1, message)
    return message


def add_sockets(flows):
    flows.tcp("WebSocket in fragments", "email", upgrade() + [(True, ws_frame(1, BODY[:1], False) + b"".join(
        ws_frame(0, BODY[i:i + 1], i == len(BODY) - 1) + ws_frame(9, b"hi") for i in range(1, len(BODY))))])
    pack = zlib.compressobj(wbits=-15)
    first = pack.compress(b'{"mail":"grete@muster') + pack.flush(zlib.Z_SYNC_FLUSH)
    second = pack.compress(BODY) + pack.flush(zlib.Z_SYNC_FLUSH)
    flows.tcp("WebSocket, deflated with what was before", "email", upgrade(True) + [
        (True, ws_frame(1, first[:-4], True, True) + ws_frame(1, second[:5], False, True) + ws_frame(0, second[5:-4]))])
    flows.tcp("a number in protobuf in WebSocket", "imei", upgrade() + [(True, ws_frame(2, nested(2)[:9], False) + ws_frame(0, nested(2)[9:]))])
    connect, answer = mqtt(0x10, mqtt_text(b"MQTT") + b"\x04\x02\x00\x3c" + mqtt_text(b"dev1")), b"\x20\x02\0\0"
    for name, label, packet in (("retained message", "email", mqtt(0x31, mqtt_text(b"a/b") + BODY)),
                                ("gzip in a message", "email", mqtt(0x32, mqtt_text(b"a/b") + b"\0\1" + gzip.compress(BODY))),
                                ("a number in protobuf", "imei", mqtt(0x32, mqtt_text(b"a/b") + b"\0\1" + nested(1)))):
        flows.tcp(f"MQTT, {name}", label, [(True, connect), (False, answer), (True, packet)], 1883)
    flows.udp("a number in protobuf in a datagram", "imei", nested(1))


def add_names(flows):
    domain = [b"t", b"example", b"com"]

    def parts(data, size):
        return [data[i:i + size] for i in range(0, len(data), size)] + domain
    advertising = VALUES["advertising"][1].encode()
    for name, label, labels in (
            ("hex", "email", parts(EMAIL.hex().encode(), 20)), ("base64url", "email", parts(base64.urlsafe_b64encode(EMAIL).rstrip(b"="), 21)),
            ("base32", "email", parts(base64.b32encode(EMAIL).rstrip(b"="), 30)),
            ("base32 in lower case", "email", [b"q1"] + parts(base64.b32encode(EMAIL).rstrip(b"=").lower(), 63)),
            ("as it is", "advertising", parts(advertising, 9)), ("as it is, behind another label", "advertising", [b"id"] + parts(advertising, 9)),
            ("SHA-256", "email", parts(hashlib.sha256(EMAIL).hexdigest().encode(), 32))):
        flows.udp(f"DNS, {name}", label, dns(labels), 53)
    query = dns(parts(EMAIL.hex().encode(), 30))
    flows.tcp("DNS over HTTP, POST", "email", [(True, PREFACE + h2(4, 0, 0, b"") + h2(1, 4, 1, h2_head(b"application/dns-message")) + h2(0, 1, 1, query))])
    get = b"".join(literal(*row) for row in ((b":method", b"GET"), (b":scheme", b"https"), (b":path", b"/dns-query?dns=" + (
        base64.urlsafe_b64encode(query).rstrip(b"="))), (b":authority", b"dns.example.org"), (b"accept", b"application/dns-message")))
    flows.tcp("DNS over HTTP, GET", "email", [(True, PREFACE + h2(4, 0, 0, b"") + h2(1, 5, 1, get))])


class Ways(Case):
    def run_audit(self, flows):
        ids = self.file("ids.yaml", ("identities:\n" + "".join(
            f"  - {{kind: {kind}, label: {label}, value: {json.dumps(value, ensure_ascii=False)}}}\n"
            for label, (kind, value) in VALUES.items())).encode())
        rule = self.file("collect.yml", COLLECT.encode())
        return self.audit(self.file("ways.pcap", pcap(flows.packets)), "--identities", ids, "-r", rule, "--without-ndpi")

    def check(self, flows):
        """Every planted value, in frames of its own flow, and no other value."""
        report, rows = self.run_audit(flows)
        ports = {row["flow.id"]: row["src.port"] for row in rows}
        facts = {}
        for fact in report["body"]["facts"]:
            facts.setdefault(ports[fact["flow"]], []).append(fact)
        missed, wrong = [], []
        for case in flows.cases:
            found = facts.get(case["port"], [])
            if case["label"] not in {fact["attributes"]["identity.label"] for fact in found}:
                missed.append(case["name"])
            for fact in found:
                first, last = case["frames"]
                if fact["attributes"]["identity.label"] != case["label"] or not all(first <= n <= last for n in fact["frames"]):
                    wrong.append((case["name"], fact["attributes"]["identity.label"], fact["frames"]))
        self.assertEqual((missed, wrong), ([], []))
        self.no_value_is_shown()
        return report["body"], facts

    def no_value_is_shown(self):
        for base, _, names in os.walk(os.path.join(self.folder, "out")):
            for name in names:
                with open(os.path.join(base, name), "rb") as file:
                    content = file.read()
                for label, (_, value) in VALUES.items():
                    self.assertNotIn(value.encode(), content, (name, label))

    def test_escapes_and_digests(self):
        flows = Flows()
        for label in ("email", "umlauts", "message", "place", "account"):
            add_escapes(flows, label)
        self.check(flows)

    def test_spellings(self):
        flows = Flows()
        add_spellings(flows)
        self.check(flows)

    def test_members_longer_than_a_window_are_opened_to_their_end(self):
        flows = Flows()
        add_long(flows)
        body, facts = self.check(flows)
        # Two messages of gRPC are too long for their numbers to be read.
        self.assertEqual(body["coverage"]["limits_hit"], [{"limit": "leak_view", "count": 2}])
        layers = {case["name"]: facts[case["port"]][0]["layers"] for case in flows.cases}
        self.assertEqual(layers["long gzip, late"], ["tcp", "http.body", "gzip"])
        self.assertEqual(layers["long gzip in base64, late"], ["tcp", "http.body", "base64", "gzip"])
        self.assertEqual(len(facts[flows.cases[0]["port"]]), 1)

    def test_layers(self):
        flows = Flows()
        add_http(flows)
        add_sockets(flows)
        add_names(flows)
        add_many(flows)
        self.check(flows)

    def test_numbers_that_hold_a_value_are_not_it(self):
        flows = Flows()
        for text in ("99356938035643809", "3569380356438099", "u@grete@mustermann.example.community", "x7a3c1f0e52b9", "wxid_c0ffee77aa19b2c",
                     "152.48137154 9.11576124", "02:4b:8f:13:c7:ea"):
            flows.post(text, None, text.encode())
        report, _ = self.run_audit(flows)
        self.assertEqual([fact["attributes"] for fact in report["body"]["facts"]], [])


if __name__ == "__main__":
    unittest.main()

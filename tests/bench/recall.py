#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""recall - which planted values an audit finds again, by encoding and by layer, and which it finds where none are.

usage: recall.py [--program FILE] [--seed N] recall [--out TABLE.json] [--quick]
       recall.py [--program FILE] [--seed N] negatives FOLDER   1,000 random values against captures of others
       recall.py [--program FILE] [--seed N] cost CAPTURE...    CPU time with 100 and 10,000 values, one run
       recall.py split                                          one value in each layer, cut at every byte

Values are made up from the seed, which is printed. `recall` plants every kind in every encoding through every layer, one
flow each, and counts the flows with a leak.identity fact of the right label.
"""
import argparse
import base64
import gzip
import hashlib
import html
import json
import os
import random
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse
import zlib

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.append(os.path.join(ROOT, "tests/e2e"))

from planting import (CLIENT, PREFACE, SERVER, chunked, dns as question, grpc as grpc_message, h2, h2_head,
                      mqtt as mqtt_packet, mqtt_text, post, proto_bytes, upgrade, ws_frame)
from support import ipv4, udp as datagram


# --- values ---

def luhn(digits):
    total = sum(int(d) if i % 2 else sum(divmod(2 * int(d), 10)) for i, d in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def iban(rng):
    bban = "".join(rng.choices("0123456789", k=18))
    check = 98 - int(bban + "131400") % 97
    return f"DE{check:02}{bban}"


def make(kind, rng):
    digits = lambda n: "".join(rng.choices("0123456789", k=n))
    hexa = lambda n: "".join(rng.choices("0123456789abcdef", k=n))
    word = lambda n: "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=n))
    return {
        "phone": lambda: "+491" + rng.choice("567") + digits(9),
        "contact": lambda: "+1202555" + digits(4),
        "email": lambda: f"{word(6)}.{word(8)}@{word(5)}.example.com",
        "name": lambda: f"{word(8).title()} {word(10).title()}",
        "account": lambda: "wxid_" + hexa(14),
        "imei": lambda: luhn("35" + digits(12)),
        "imsi": lambda: "26201" + digits(10),
        "android_id": lambda: "a" + hexa(14) + "7",
        "advertising_id": lambda: f"{hexa(8)}-{hexa(4)}-4{hexa(3)}-a{hexa(3)}-{hexa(12)}",
        "mac": lambda: ":".join(["02"] + [f"{rng.randrange(1, 255):02x}" for _ in range(5)]),
        "bssid": lambda: ":".join(["06"] + [f"{rng.randrange(1, 255):02x}" for _ in range(5)]),
        "serial": lambda: "R5C" + "".join(rng.choices("BCDFGHJKLMNPQRSTVWXZ0123456789", k=11)),
        "ssid": lambda: f"{word(7).title()}-{digits(6)}-net",
        "coordinates": lambda: f"{rng.uniform(10, 80):.6f}, {rng.uniform(10, 170):.6f}",
        "address": lambda: f"{word(10).title()}strasse {digits(2)}, {digits(5)} {word(8).title()}",
        "message": lambda: f"{word(6)} {word(7)} {word(4)} {word(9)} {word(5)}",
        "iban": lambda: iban(rng),
        "card": lambda: luhn("4539" + digits(11)),
        "session_token": lambda: "".join(rng.choices("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=32)),
        "push_token": lambda: hexa(32),
        "device_model": lambda: f"SM-{word(2).upper()}{digits(6)}-{word(8)}",
        "other": lambda: f"{word(8)}-{digits(8)}",
    }[kind]()


KINDS = ["phone", "contact", "email", "name", "account", "imei", "imsi", "android_id", "advertising_id", "mac", "bssid",
         "serial", "ssid", "coordinates", "address", "message", "iban", "card", "session_token", "push_token", "device_model",
         "other"]


def blocks(text, *sizes, mark=" "):
    parts = []
    for size in sizes:
        parts.append(text[:size])
        text = text[size:]
    return mark.join(parts + [text] if text else parts)


def plain(value):
    return value


def turned(mark):
    return lambda value: mark.join(reversed(value.split()))


def hardware(mark, every):
    def spell(value):
        digits = value.replace(":", "")
        return mark.join(digits[i:i + every] for i in range(0, 12, every))
    return spell


def degrees(form):
    return lambda value: form.format(*map(float, value.split(",")))


# How a value is usually written: (kind, name, spelling, is it hashed in that form?). Lengths are those of make().
SPELLINGS = [
    ("phone", "e164", plain, True), ("phone", "digits", lambda v: v[1:], True), ("phone", "00", lambda v: "00" + v[1:], True),
    ("phone", "national", lambda v: "0" + v[3:], True), ("phone", "subscriber", lambda v: v[3:], True),
    ("phone", "grouped", lambda v: blocks(v, 3, 3, 4), False), ("phone", "dashed", lambda v: blocks(v, 3, 3, 4, mark="-"), False),
    ("contact", "e164", plain, True), ("contact", "national", lambda v: f"({v[2:5]}) {v[5:8]}-{v[8:]}", False),
    ("email", "plain", plain, True),
    ("name", "plain", plain, True), ("name", "turned", turned(" "), True), ("name", "comma", turned(", "), True),
    ("name", "dotted", lambda v: v.replace(" ", "."), True), ("name", "joined", lambda v: v.replace(" ", ""), True),
    ("account", "plain", plain, True),
    ("imei", "digits", plain, True), ("imei", "without check", lambda v: v[:14], True),
    ("imei", "grouped", lambda v: blocks(v, 2, 6, 6, mark="-"), False),
    ("imsi", "digits", plain, True), ("android_id", "plain", plain, True),
    ("advertising_id", "dashed", plain, True), ("advertising_id", "bare", lambda v: v.replace("-", ""), True),
    ("mac", "colon", plain, True), ("mac", "dash", hardware("-", 2), True), ("mac", "bare", hardware("", 2), True),
    ("mac", "dotted", hardware(".", 4), True), ("bssid", "colon", plain, True), ("bssid", "bare", hardware("", 2), True),
    ("serial", "plain", plain, True), ("ssid", "plain", plain, True),
    ("coordinates", "pair", lambda v: v.replace(" ", ""), False), ("coordinates", "tens of metres", degrees("{:.4f},{:.4f}"), False),
    ("coordinates", "named", degrees("lat={:.6f}&lon={:.6f}"), False),
    ("coordinates", "e6", lambda v: ",".join(f"{round(float(x) * 1e6)}" for x in v.split(",")), False),
    ("address", "plain", plain, True), ("address", "words", lambda v: v.replace(",", ""), True),
    ("message", "plain", plain, True),
    ("iban", "compact", plain, True), ("iban", "grouped", lambda v: " ".join(v[i:i + 4] for i in range(0, len(v), 4)), False),
    ("card", "digits", plain, True), ("card", "grouped", lambda v: " ".join(v[i:i + 4] for i in range(0, len(v), 4)), False),
    ("session_token", "plain", plain, True), ("push_token", "plain", plain, True), ("device_model", "plain", plain, True),
    ("other", "plain", plain, True),
]

# Hardware addresses as bytes, in either order.
BINARY = {
    "bytes": lambda v: bytes.fromhex(v.replace(":", "")),
    "bytes, turned round": lambda v: bytes.fromhex(v.replace(":", ""))[::-1],
}


def dull(value):
    """What the program refuses because of its pattern; drawn again."""
    return any(a == b == c == d for a, b, c, d in zip(value, value[1:], value[2:], value[3:]))


def identities(rng, n):
    rows, seen = [], set()
    while len(rows) < n:
        kind = KINDS[len(rows) % len(KINDS)]
        value = make(kind, rng)
        if value not in seen and not dull(value):
            seen.add(value)
            rows.append((kind, f"v{len(rows)}", value))
    return rows


def identities_file(folder, rows):
    path = os.path.join(folder, f"identities-{len(rows)}.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write("identities:\n")
        for kind, label, value in rows:
            file.write(f"  - {{kind: {kind}, label: {label}, value: '{value}'}}\n")
    return path


# --- encodings ---

def escapes(form):
    return lambda data: "".join(form.format(byte) for byte in data).encode()


def utf16(data, order="le"):
    return data.decode().encode("utf-16-" + order)


def base64_at(n, alphabet):
    def encode(data):
        text = alphabet(b"?" * n + b" " + data + b" ")
        return text.rstrip(b"=")
    return encode


SIMPLE = {
    "plain": lambda data: data,
    "upper": lambda data: data.upper(),
    "url": escapes("%{:02X}"),
    "url as needed": lambda data: urllib.parse.quote(data, safe="").encode(),
    "form": lambda data: urllib.parse.quote_plus(data, safe="").encode(),
    "json": escapes("\\u{:04x}"),
    "html decimal": escapes("&#{};"),
    "html hexadecimal": escapes("&#x{:x};"),
    "html as needed": lambda data: html.escape(data.decode()).encode(),
    "hex": lambda data: data.hex().encode(),
    "HEX": lambda data: data.hex().upper().encode(),
    "utf16le": utf16,
    "utf16be": lambda data: utf16(data, "be"),
    "gzip": lambda data: gzip.compress(b"some more text around it " + data, mtime=0),
    "zlib": lambda data: zlib.compress(b"some more text around it " + data),
}
for shift in range(3):
    SIMPLE[f"base64 +{shift}"] = base64_at(shift, base64.b64encode)
    SIMPLE[f"base64url +{shift}"] = base64_at(shift, base64.urlsafe_b64encode)

DIGESTS = {}
for algorithm in ("md5", "sha1", "sha256", "sha512"):
    DIGESTS[f"{algorithm} raw"] = lambda data, a=algorithm: hashlib.new(a, data).digest()
    DIGESTS[f"{algorithm} hex"] = lambda data, a=algorithm: hashlib.new(a, data).hexdigest().encode()
    DIGESTS[f"{algorithm} base64"] = lambda data, a=algorithm: base64.b64encode(hashlib.new(a, data).digest())

# One encoding in another. Escapes are for text, and so are the digits of UTF-16.
PAIRS = {}
OUTER = ("url", "json", "html decimal", "hex", "base64 +0", "base64url +1", "utf16le", "utf16be", "gzip", "zlib")
INNER = ("url", "json", "html decimal", "hex", "base64 +0", "base64url +1", "utf16le", "gzip", "zlib")
BINARY_ONES = ("utf16le", "utf16be", "gzip", "zlib")
for outer in OUTER:
    for inner in INNER:
        if inner in BINARY_ONES and outer in ("json", "html decimal", "utf16le", "utf16be"):
            continue
        PAIRS[f"{inner} in {outer}"] = lambda data, i=inner, o=outer: SIMPLE[o](SIMPLE[i](data))
    if outer not in ("hex", "url"):
        PAIRS[f"sha256 hex in {outer}"] = lambda data, o=outer: SIMPLE[o](DIGESTS["sha256 hex"](data))
        PAIRS[f"md5 base64 in {outer}"] = lambda data, o=outer: SIMPLE[o](DIGESTS["md5 base64"](data))

# Digests of what was hashed or encoded before, in hexadecimal digits.
for outer in ("md5", "sha1", "sha256", "sha512"):
    inside = {f"{name} {form}": DIGESTS[f"{name} {form}"] for name in ("md5", "sha1", "sha256", "sha512") for form in ("raw", "hex")}
    inside.update({"hex": SIMPLE["hex"], "url as needed": SIMPLE["url as needed"], "utf16le": utf16, "base64": base64.b64encode})
    for name, encode in inside.items():
        PAIRS[f"{outer} of {name}"] = lambda data, o=outer, e=encode: hashlib.new(o, e(data)).hexdigest().encode()

MAX_CASES = 900  # of one audit: a report keeps 1,000 findings of a rule

ENCODINGS = {**SIMPLE, **DIGESTS, **PAIRS}


# --- layers ---

def tcp(packets, port, data, piece=1400, server_port=5000, reply=b"", after=b""):
    """A conversation of one flow: the client says `data` in pieces, the server `reply`, then the client `after`."""
    def segment(up, flags, seq, ack, payload=b""):
        ends = (port, server_port) if up else (server_port, port)
        head = struct.pack("!HHIIBBHHH", *ends, seq, ack, 0x50, flags, 65535, 0, 0)
        packets.append(ipv4(CLIENT if up else SERVER, SERVER if up else CLIENT, 6, head + payload))
    segment(True, 2, 999, 0)
    segment(False, 0x12, 4999, 1000)
    segment(True, 0x10, 1000, 5000)
    for at in range(0, len(data), piece):
        segment(True, 0x18, 1000 + at, 5000, data[at:at + piece])
        if at % (16 * piece) == 0:
            segment(False, 0x10, 5000, 1000 + at + len(data[at:at + piece]))
    end, down = 1000 + len(data), 5000 + len(reply)
    if reply:
        segment(False, 0x18, 5000, end, reply)
    if after:
        segment(True, 0x18, end, down, after)
        end += len(after)
    segment(True, 0x11, end, down)
    segment(False, 0x11, down, end + 1)


def udp(packets, port, data, server_port=5001):
    packets.append(ipv4(CLIENT, SERVER, 17, datagram(port, server_port, data)))


def brotli(data):
    """The one stored meta-block of RFC 7932, section 9.2: no encoder is needed."""
    size = len(data) - 1
    bits = 0b0                                 # WBITS 16
    bits |= 0 << 1                             # ISLAST
    bits |= 0 << 2                             # MNIBBLES 4
    bits |= size << 4                          # MLEN - 1
    bits |= 1 << 20                            # ISUNCOMPRESSED
    return bits.to_bytes(3, "little") + data + b"\x03"


def dns(packets, port, data):
    """As labels of a question; only what fits a host name."""
    udp(packets, port, question([data[i:i + 60] for i in range(0, len(data), 60)] + [b"t", b"example", b"com"]), 53)


def multipart(data):
    part = b'--b0undary\r\nContent-Disposition: form-data; name="v"\r\n\r\n' + data + b"\r\n--b0undary--\r\n"
    return post(part, "Content-Type: multipart/form-data; boundary=b0undary")


def websocket(data, deflates):
    """Upgrade by both sides, then one binary frame of the client (RFC 6455; RFC 7692)."""
    (_, ask), (_, reply) = upgrade(deflates)
    if deflates:
        pack = zlib.compressobj(wbits=-15)
        data = (pack.compress(data) + pack.flush(zlib.Z_SYNC_FLUSH))[:-4]
    return ask, reply, ws_frame(2, data, True, deflates)


def http2(data, type_, in_field=False):
    """Preface, one request with its fields as literals (RFC 7541, section 6.2.2), DATA (RFC 9113)."""
    head = h2_head(type_, *([(b"x-value", data)] if in_field else []))
    body = b"" if in_field else data
    out = PREFACE + h2(4, 0, 0, b"") + h2(1, 4, 1, head)
    return out + b"".join(h2(0, 1 if i + 90 >= len(body) else 0, 1, body[i:i + 90]) for i in range(0, max(len(body), 1), 90))


def grpc(data):
    """A message with the data as field 1 (protobuf), in parts of HTTP/2 frames."""
    return http2(grpc_message(proto_bytes(1, data)), b"application/grpc")


def mqtt(packets, port, data):
    """CONNECT and its answer, then the value in a retained message (MQTT 3.1.1, sections 3.1 and 3.3)."""
    connect = mqtt_packet(0x10, mqtt_text(b"MQTT") + b"\4\2\0\x3c" + mqtt_text(b"dev1"))
    message = mqtt_packet(0x33, mqtt_text(b"a/b") + b"\0\1" + around(data))
    tcp(packets, port, connect, 1400, 1883, b"\x20\x02\0\0", message)


def form(data):
    body = b"a=1&v=" + urllib.parse.quote_plus(data, safe="").encode() + b"&c=2"
    return post(body, "Content-Type: application/x-www-form-urlencoded")


def around(data):
    return b'{"a":"' + data + b'"}'


def is_label(data):
    return len(data) <= 180 and all(chr(b).isalnum() or b in b"-_" for b in data)


def is_text(data):
    return all(32 <= byte < 127 for byte in data) and b"\r" not in data


def in_target(data):
    return is_text(data) and not any(byte in b' "<>\\^`{|}#' for byte in data)


# layer -> (fits, sends)
LAYERS = {
    "tcp": (lambda d: True, lambda p, port, d: tcp(p, port, b"\x01\x02hello\x00" + around(d) + b"\x00\x09")),
    "tcp, every 7 bytes": (lambda d: True, lambda p, port, d: tcp(p, port, b"\x01\x02hello\x00" + around(d) + b"\x09", 7)),
    "udp": (lambda d: True, lambda p, port, d: udp(p, port, b"\x81\x02" + around(d) + b"\x00")),
    "http query": (in_target, lambda p, port, d: tcp(
        p, port, b"GET /a?b=1&v=" + d + b"&c=2 HTTP/1.1\r\nHost: api.example.com\r\n\r\n", server_port=80)),
    "http cookie": (is_text, lambda p, port, d: tcp(
        p, port, b"GET /a HTTP/1.1\r\nHost: api.example.com\r\nCookie: a=1; v=" + d + b"; c=2\r\n\r\n", server_port=80)),
    "http header": (is_text, lambda p, port, d: tcp(
        p, port, b"GET /a HTTP/1.1\r\nHost: api.example.com\r\nX-Value: " + d + b"\r\n\r\n", server_port=80)),
    "http body": (lambda d: True, lambda p, port, d: tcp(p, port, post(around(d)), server_port=80)),
    "http body, chunks of 5": (lambda d: True, lambda p, port, d: tcp(p, port, chunked(around(d), 5), server_port=80)),
    "http body, gzip": (lambda d: True, lambda p, port, d: tcp(
        p, port, post(gzip.compress(around(d), mtime=0), "Content-Encoding: gzip"), server_port=80)),
    "http body, deflate": (lambda d: True, lambda p, port, d: tcp(
        p, port, post(zlib.compress(around(d)), "Content-Encoding: deflate"), server_port=80)),
    "http body, br": (lambda d: True, lambda p, port, d: tcp(
        p, port, post(brotli(around(d)), "Content-Encoding: br"), 11, server_port=80)),
    "http body, multipart": (lambda d: b"--b0undary" not in d, lambda p, port, d: tcp(p, port, multipart(d), server_port=80)),
    "http body, form": (is_text, lambda p, port, d: tcp(p, port, form(d), server_port=80)),
    "http body, json": (is_text, lambda p, port, d: tcp(
        p, port, post(json.dumps({"a": [d.decode()]}).encode(), "Content-Type: application/json"), server_port=80)),
    "http body, second of a pipeline": (lambda d: True, lambda p, port, d: tcp(
        p, port, b"GET /a HTTP/1.1\r\nHost: api.example.com\r\n\r\n" + post(around(d)), server_port=80)),
    "mqtt": (lambda d: True, mqtt),
    "http/2 body": (lambda d: True, lambda p, port, d: tcp(p, port, http2(around(d), b"application/json"), server_port=80)),
    "http/2 field": (is_text, lambda p, port, d: tcp(p, port, http2(d, b"text/plain", True), server_port=80)),
    "grpc": (lambda d: True, lambda p, port, d: tcp(p, port, grpc(d), server_port=80)),
    "websocket": (lambda d: True, lambda p, port, d: tcp(
        p, port, websocket(around(d), False)[0], 1400, 80, *websocket(around(d), False)[1:])),
    "websocket, deflate": (lambda d: True, lambda p, port, d: tcp(
        p, port, websocket(around(d), True)[0], 1400, 80, *websocket(around(d), True)[1:])),
    "dns labels": (is_label, dns),
}
if shutil.which("zstd"):
    def zstd(data):
        return subprocess.run(["zstd", "-c", "-q"], input=data, capture_output=True, check=True).stdout
    LAYERS["http body, zstd"] = (lambda d: True, lambda p, port, d: tcp(
        p, port, post(zstd(around(d)), "Content-Encoding: zstd"), server_port=80))


QUICK = ("tcp, every 7 bytes", "http query", "http body, gzip", "http/2 body", "websocket, deflate")


def pcap(packets):
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 101)]
    for number, packet in enumerate(packets):
        seconds, micros = divmod(number * 100, 1000000)
        out.append(struct.pack("<IIII", 1700000000 + seconds, micros, len(packet), len(packet)) + packet)
    return b"".join(out)


# --- runs ---

COLLECT = """title: planted values
name: collect
id: 22222222-2222-4222-8222-222222222222
level: low
logsource: {product: mitleser, category: fact}
detection: {s: {fact.kind: leak.identity}, condition: s}
"""


def audit(args, folder, captures, ids, *more):
    rules = os.path.join(folder, "collect.yml")
    with open(rules, "w", encoding="utf-8") as file:
        file.write(COLLECT)
    environment = dict(os.environ, MITLESER_SHARE=ROOT, MITLESER_DATA="/nonexistent")
    command = [args.program, "audit", "-q", "-o", "-", "-r", rules, "--identities", ids, "--without-ndpi", *more, *captures]
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    if done.returncode not in (0, 3) or not done.stdout:
        sys.exit(f"recall: {done.stderr.decode()}")
    return json.loads(done.stdout)["body"]


def found_in(body):
    """flow id -> labels; findings keep 32 facts of a flow, which has one value here."""
    flows = {}
    for fact in body["facts"]:
        attributes = fact["attributes"]
        flows.setdefault(fact["flow"], set()).add((attributes["identity.label"], attributes["identity.kind"]))
    return flows


def is_digest(encoding):
    return encoding.split()[0] in ("md5", "sha1", "sha256", "sha512")


def planted(rows):
    """(kind, spelling, label, encoding, bytes) of all that is sent through every layer."""
    by_kind = {kind: (label, value) for kind, label, value in rows}
    for encoding, encode in ENCODINGS.items():
        for kind, name, spell, is_hashed in SPELLINGS:
            if is_hashed or not is_digest(encoding):
                label, value = by_kind[kind]
                yield kind, name, label, encoding, encode(spell(value).encode())
    for name, spell in BINARY.items():
        for kind in ("mac", "bssid"):
            label, value = by_kind[kind]
            yield kind, name, label, "binary", spell(value)
            yield kind, name, label, "binary in base64", base64.b64encode(spell(value))
            for encoding in ("hex", "HEX", "base64 +1", "base64url +2", "gzip"):
                yield kind, name, label, f"binary in {encoding}", SIMPLE[encoding](spell(value))


def recall(args):
    rng = random.Random(args.seed)
    rows = [row for row in identities(rng, len(KINDS) * 3)][:len(KINDS)]
    cases, packets, port = [], [], 1024
    total, hit, missed = {}, {}, {}
    with tempfile.TemporaryDirectory() as folder:
        ids = identities_file(folder, rows)

        def flush():
            if not cases:
                return
            path = os.path.join(folder, "planted.pcap")
            with open(path, "wb") as file:
                file.write(pcap(packets))
            body = audit(args, folder, [path], ids)
            by_port = {}
            for flow, labels in found_in(body).items():
                by_port.setdefault(flow, set()).update(labels)
            for number, (kind, name, label, encoding, layer) in enumerate(cases):
                key = (encoding, layer)
                total[key] = total.get(key, 0) + 1
                if (label, kind) in by_port.get(number + 1, set()):
                    hit[key] = hit.get(key, 0) + 1
                else:
                    missed.setdefault(key, []).append(f"{kind} ({name})")

        for layer, (fits, send) in LAYERS.items():
            for kind, name, label, encoding, data in planted(rows):
                if not fits(data) or (args.quick and encoding in PAIRS and layer not in QUICK):
                    continue
                send(packets, port, data)
                cases.append((kind, name, label, encoding, layer))
                port += 1
                if len(cases) == MAX_CASES:
                    flush()
                    cases, packets, port = [], [], 1024
        flush()
        http3(args, folder, rows, ids, total, hit, missed)
    report(args, total, hit, missed)


def http3(args, folder, rows, ids, total, hit, missed):
    """A connection for each encoding, between the example client and server of ngtcp2; its one request has a value of every
    kind in its body, in the first spelling."""
    if not shutil.which("gtlsclient") or not shutil.which("gtlsserver"):
        print("left out: http/3 (no ngtcp2)")
        return
    import live_keys
    spelled = {}
    for kind, name, spell, is_hashed in SPELLINGS:
        spelled.setdefault(kind, (name, spell, is_hashed))
    by_kind = {kind: (label, value) for kind, label, value in rows}
    recording = live_keys.Recording(folder, lambda kind, n: False)
    key, cert = live_keys.certificate(folder)
    os.makedirs(os.path.join(folder, "docs"), exist_ok=True)
    with open(os.path.join(folder, "docs/x"), "wb") as file:
        file.write(b"fine")
    recording.start("gtlsserver", "-q", "-d", os.path.join(folder, "docs"), "127.0.0.1", str(recording.server_port), key, cert)
    time.sleep(1)
    sent = []
    for encoding, encode in ENCODINGS.items():
        kinds = [kind for kind in KINDS if spelled[kind][2] or not is_digest(encoding)]
        body = b"".join(around(encode(spelled[kind][1](by_kind[kind][1]).encode())) + b"\r\n" for kind in kinds)
        with open(os.path.join(folder, "body"), "wb") as file:
            file.write(body)
        recording.run("gtlsclient", "-q", "--exit-on-all-streams-close", "--timeout=3s", "-m", "POST", "-d",
                      os.path.join(folder, "body"), "127.0.0.1", str(recording.port), f"https://{live_keys.HOST}:{recording.port}/x")
        sent.append((encoding, kinds))
    recording.stop()
    body = audit(args, folder, [recording.capture], ids, "--keylog", recording.keys)
    print("http/3 connections decrypted:", body["coverage"]["decryption"]["decrypted"], "of", len(sent))
    found = found_in(body)
    for number, (encoding, kinds) in enumerate(sent):
        for kind in kinds:
            key = (encoding, "http/3 body")
            total[key] = total.get(key, 0) + 1
            if (by_kind[kind][0], kind) in found.get(number + 1, set()):
                hit[key] = hit.get(key, 0) + 1
            else:
                missed.setdefault(key, []).append(f"{kind} ({spelled[kind][0]})")


def report(args, total, hit, missed):
    print(f"seed {args.seed}, {len(KINDS)} kinds in {len(SPELLINGS)} spellings, {len(ENCODINGS)} encodings, {len(LAYERS)} layers")
    for title, part in ("encoding", 0), ("layer", 1):
        print(f"\n{title:28} {'planted':>8} {'found':>8} {'share':>8}")
        for name in dict.fromkeys(key[part] for key in total):
            n = sum(v for k, v in total.items() if k[part] == name)
            f = sum(v for k, v in hit.items() if k[part] == name)
            print(f"{name:28} {n:8} {f:8} {100 * f / n:7.2f}%")
    n, f = sum(total.values()), sum(hit.values())
    print(f"\n{'all':28} {n:8} {f:8} {100 * f / n:7.2f}%")
    by_encoding = {}
    for (encoding, layer), kinds in missed.items():
        by_encoding.setdefault((encoding, tuple(sorted(set(kinds)))), []).append(layer)
    for (encoding, kinds), layers in by_encoding.items():
        print(f"missed: {encoding}: {', '.join(kinds)} in {', '.join(layers)}")
    if args.out:
        with open(args.out, "w", encoding="utf-8") as file:
            json.dump({"seed": args.seed, "planted": n, "found": f,
                       "missed": [[*k, v] for k, v in missed.items()]}, file, indent=1)
    return 0 if f >= 0.995 * n else 1


def split(args):
    """Every place where one value can be cut between two segments."""
    rng = random.Random(args.seed)
    rows = identities(rng, len(KINDS))
    status = 0
    for layer in ("tcp", "http query", "http cookie", "http header", "http body", "http body, gzip", "http body, br"):
        for encoding in ("plain", "base64 +1", "hex", "json", "sha256 hex"):
            kind, label, value = rows[0]
            data = ENCODINGS[encoding](value.encode())
            if not LAYERS[layer][0](data):
                continue
            whole = []
            LAYERS[layer][1](whole, 1024, data)
            stream = b"".join(packet[40:] for packet in whole if packet[12:16] == bytes(CLIENT))
            server_port = struct.unpack("!H", whole[0][22:24])[0]
            packets, n = [], 0
            for cut in range(1, len(stream)):
                parts = []
                tcp(parts, 1024 + n, stream[:cut], cut, server_port)
                # handshake, first part; then the second part in front of the end
                first = parts[:4]
                rest = []
                tcp(rest, 1024 + n, stream, len(stream), server_port)
                head = struct.pack("!HHIIBBHHH", 1024 + n, server_port, 1000 + cut, 5000, 0x50, 0x18, 65535, 0, 0)
                packets += first + [ipv4(CLIENT, SERVER, 6, head + stream[cut:])] + rest[-2:]
                n += 1
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "split.pcap")
                with open(path, "wb") as file:
                    file.write(pcap(packets))
                body = audit(args, folder, [path], identities_file(folder, rows))
                found = sum((label, kind) in labels for labels in found_in(body).values())
            print(f"{layer:20} {encoding:12} cut at {n:5} places: {found:5} found")
            status |= found != n
    return status


def negatives(args):
    rng = random.Random(args.seed)
    rows = identities(rng, 1000)
    captures = sorted(os.path.join(base, name) for base, _, names in os.walk(args.folder, followlinks=True) for name in names
                      if name.endswith((".pcap", ".pcapng", ".cap", ".dmp", ".gz", ".ntar")))
    with tempfile.TemporaryDirectory() as folder:
        body = audit(args, folder, captures, identities_file(folder, rows))
    searched = body["coverage"]["searched"]
    print(f"seed {args.seed}: {len(rows)} values, {len(body['inputs'])} captures, {searched['bytes']} bytes searched, "
          f"{searched['opened'] + searched['unpacked']} opened: {len(body['facts'])} hits")
    for fact in body["facts"]:
        print("hit:", json.dumps(fact["attributes"], sort_keys=True), fact["layers"], fact["range"])
    return 1 if body["facts"] else 0


def cost(args):
    rng = random.Random(args.seed)
    rows = identities(rng, 10000)
    environment = dict(os.environ, MITLESER_SHARE=ROOT, MITLESER_DATA="/nonexistent")
    with tempfile.TemporaryDirectory() as folder:
        sets = {"none": None, "100": identities_file(folder, rows[:100]), "10000": identities_file(folder, rows)}
        empty = os.path.join(folder, "empty.pcap")
        with open(empty, "wb") as file:
            file.write(pcap([]))

        def seconds(captures, ids):
            command = [args.program, "audit", "-q", "-o", os.path.join(folder, "out"), "--threads", "1", "--without-ndpi"]
            command += (["--identities", ids] if ids else []) + captures
            child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
            _, state, usage = os.wait4(child.pid, 0)
            if os.waitstatus_to_exitcode(state) != 0:
                sys.exit("cost: the audit failed")
            return usage.ru_utime + usage.ru_stime

        times = {name: [] for name in sets}
        for _ in range(args.rounds):
            for name, ids in sets.items():
                times[name].append(seconds(args.captures, ids) - seconds([empty], ids))
        median = {name: statistics.median(values) for name, values in times.items()}
    print("CPU seconds without start-up, median of", args.rounds, {k: round(v, 3) for k, v in median.items()})
    print(f"whole audit, 10,000 to 100 values: {median['10000'] / median['100']:.3f}")
    searching = {k: v - median["none"] for k, v in median.items()}
    print(f"searching alone, 10,000 to 100 values: {searching['10000'] / searching['100']:.3f}")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.path.join(ROOT, "build/release/mitleser"))
    parser.add_argument("--seed", type=int, default=20261126)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("recall")
    command.add_argument("--out")
    command.add_argument("--quick", action="store_true", help="combinations of encodings through %d layers only" % len(QUICK))
    commands.add_parser("split")
    commands.add_parser("negatives").add_argument("folder")
    command = commands.add_parser("cost")
    command.add_argument("--rounds", type=int, default=5)
    command.add_argument("captures", nargs="+")
    args = parser.parse_args()
    return {"recall": recall, "split": split, "negatives": negatives, "cost": cost}[args.command](args)


if __name__ == "__main__":
    sys.exit(main())

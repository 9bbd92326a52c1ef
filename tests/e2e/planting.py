# SPDX-License-Identifier: Apache-2.0
"""Conversations that carry planted values, one flow each; written with Python's own libraries only."""
import random
import struct

from support import ipv4, udp

CLIENT, SERVER = (192, 0, 2, 10), (198, 51, 100, 20)
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


class Flows:
    """Packets of one capture, and for each flow what is planted in it."""

    def __init__(self):
        self.packets, self.cases = [], []

    def _case(self, name, label, first):
        self.cases.append({"name": name, "label": label, "port": 2000 + len(self.cases), "frames": (first, len(self.packets))})

    def tcp(self, name, label, turns, server_port=80, piece=1400):
        """`turns`: (does the client speak, bytes)."""
        port, first, seq = 2000 + len(self.cases), len(self.packets) + 1, {True: 1000, False: 5000}

        def segment(up, flags, data=b""):
            ends = (port, server_port) if up else (server_port, port)
            head = struct.pack("!HHIIBBHHH", *ends, seq[up], seq[not up], 0x50, flags, 65535, 0, 0)
            self.packets.append(ipv4(CLIENT if up else SERVER, SERVER if up else CLIENT, 6, head + data))
            seq[up] += len(data) + (flags & 3 != 0)
        for up, flags in ((True, 2), (False, 0x12), (True, 0x10)):
            segment(up, flags)
        for up, data in turns:
            for at in range(0, len(data), piece):
                segment(up, 0x18, data[at:at + piece])
            segment(not up, 0x10)
        for up, flags in ((True, 0x11), (False, 0x11), (True, 0x10)):
            segment(up, flags)
        self._case(name, label, first)

    def udp(self, name, label, data, server_port=5001):
        self.packets.append(ipv4(CLIENT, SERVER, 17, udp(2000 + len(self.cases), server_port, data)))
        self._case(name, label, len(self.packets))

    def post(self, name, label, body, *fields):
        self.tcp(name, label, [(True, post(body, *fields)), (False, b"HTTP/1.1 204 No Content\r\n\r\n")])


def post(body, *fields):
    head = ["POST /v2/up HTTP/1.1", "Host: api.example.org", f"Content-Length: {len(body)}", *fields]
    return ("\r\n".join(head) + "\r\n\r\n").encode() + body


def chunked(body, size, extension=b""):
    head = b"POST /c HTTP/1.1\r\nHost: api.example.org\r\nTransfer-Encoding: chunked\r\n\r\n"
    parts = [b"%x%s\r\n%s\r\n" % (len(body[i:i + size]), extension, body[i:i + size]) for i in range(0, len(body), size)]
    return head + b"".join(parts) + b"0\r\n\r\n"


def varint(n):
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def proto_bytes(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def proto_number(number, value):
    return varint(number << 3) + varint(value)


def h2(kind, flags, stream, payload):
    return struct.pack("!I", len(payload))[1:] + bytes([kind, flags]) + struct.pack("!I", stream) + payload


def hpack_number(n, bits):
    most = (1 << bits) - 1
    return bytes([n]) if n < most else bytes([most]) + varint(n - most)


def literal(name, value, is_kept=False):
    return bytes([0x40 if is_kept else 0]) + hpack_number(len(name), 7) + name + hpack_number(len(value), 7) + value


def h2_head(kind=b"application/json", *more):
    rows = [(b":method", b"POST"), (b":scheme", b"http"), (b":path", b"/x"), (b":authority", b"api.example.org"),
            (b"content-type", kind), *more]
    return b"".join(literal(*row) for row in rows)


def grpc(message, is_packed=False):
    return bytes([is_packed]) + struct.pack("!I", len(message)) + message


def upgrade(deflates=False):
    extension = "Sec-WebSocket-Extensions: permessage-deflate\r\n" if deflates else ""
    ask = ("GET /chat HTTP/1.1\r\nHost: api.example.org\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           f"Sec-WebSocket-Version: 13\r\n{extension}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    answer = ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              f"{extension}Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
    return [(True, ask.encode()), (False, answer.encode())]


MASKS = random.Random(1)


def ws_frame(opcode, payload, is_final=True, is_packed=False):
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else (
        b"\xfe" + struct.pack("!H", size) if size < 65536 else b"\xff" + struct.pack("!Q", size))
    mask = MASKS.randbytes(4)
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "big") if size else 0
    hidden = (int.from_bytes(payload, "big") ^ key).to_bytes(size, "big") if size else b""
    return bytes([is_final << 7 | is_packed << 6 | opcode]) + length + mask + hidden


def mqtt(first, content):
    return bytes([first]) + varint(len(content)) + content


def mqtt_text(text):
    return struct.pack("!H", len(text)) + text


def dns(labels):
    name = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    return struct.pack("!HHHHHH", 7, 0x100, 1, 0, 0, 0) + name + struct.pack("!HH", 1, 1)

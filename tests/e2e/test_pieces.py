#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""However a conversation of a messenger arrives - in single bytes, out of order, broken off anywhere, captured in part - it
is never taken for another app. Whole, it is known by its signature.

Each variant is a conversation of a client of its own, all in one capture.
"""
import itertools
import json
import re
import os
import struct
import unittest

from conversations import CALLS, DATAGRAMS, DOWN, STREAMS, UP, sampled
from support import ROOT, Case, ipv4, mitleser, udp

MOST_BYTES = 400  # of the first lines, cut at each length
ORDERS = 24
HEADERS = {False: 20 + 8, True: 20 + 20}


def tcp(sport, dport, flags, seq, ack, payload=b""):
    return struct.pack("!HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, 0x50, flags, 8192, 0, 0) + payload


class Variant:
    """What one client does."""

    def __init__(self, conversation, what, packets, snap=65535):
        self.conversation = conversation
        self.what = what
        self.snap = snap  # bytes of each packet that the capture keeps
        self.packets = packets  # (side, bytes) of datagrams; (side, offset, bytes) of segments


def cuts(lines):
    """The conversation as it is up to each length."""
    total = 0
    for number, (side, data) in enumerate(lines):
        for length in range(1, len(data) + 1):
            total += 1
            if total > MOST_BYTES:
                return
            yield f"cut at {length} of line {number}", lines[:number] + [(side, data[:length])]


def orders(lines):
    for order in itertools.islice(itertools.permutations(range(len(lines))), 1, ORDERS):
        yield f"in order {order}", [lines[i] for i in order]


def snapped(conversation, packets):
    for kept in range(0, 120):
        yield Variant(conversation, f"of which {kept} bytes are kept", packets, HEADERS[conversation.is_stream] + kept)


def datagram_variants(conversation):
    lines = conversation.lines
    yield Variant(conversation, "whole", lines)
    yield Variant(conversation, "in single bytes", [(side, bytes([byte])) for side, data in lines for byte in data])
    for what, some in itertools.chain(cuts(lines), orders(lines)):
        yield Variant(conversation, what, some)
    yield from snapped(conversation, lines)
    for number, (side, data) in enumerate(lines):  # the others as they are
        for length in range(0, min(len(data), MOST_BYTES // len(lines))):
            yield Variant(conversation, f"line {number} cut at {length}",
                          lines[:number] + [(side, data[:length])] + lines[number + 1:])


def segments(lines, size):
    """Lines cut into segments of at most `size` bytes, with their place in the stream."""
    offsets = [0, 0]
    for side, data in lines:
        for at in range(0, len(data), size):
            piece = data[at:at + size]
            yield side, offsets[side], piece
            offsets[side] += len(piece)


def stream_variants(conversation):
    lines = conversation.lines
    yield Variant(conversation, "whole", list(segments(lines, 1400)))
    for size in 1, 7:
        yield Variant(conversation, f"in pieces of {size}", list(segments(lines, size)))
        pieces = list(segments(lines, max(size, 4)))
        for window in 2, 3, 5, len(pieces):
            swapped = [piece for i in range(0, len(pieces), window) for piece in reversed(pieces[i:i + window])]
            yield Variant(conversation, f"in pieces of {max(size, 4)}, each {window} turned around", swapped)
    for what, some in cuts(lines):
        yield Variant(conversation, what, list(segments(some, 1400)))
    yield from snapped(conversation, list(segments(lines, 1400)))
    for gap in range(1, min(40, len(lines[0][1]))):  # the beginning is missing
        whole = list(segments(lines, 1400))
        side, _, data = whole[0]
        yield Variant(conversation, f"without the first {gap}", [(side, gap, data[gap:])] + whole[1:])


def client_of(number):
    return (10, number >> 16 & 255, number >> 8 & 255, number & 255)


def packets_of(variant, number):
    conversation, client, port = variant.conversation, client_of(number), 50000
    ends = ((client, port), (conversation.server, conversation.port))

    def send(side, protocol, make):
        (src, sport), (dst, dport) = ends[side], ends[1 - side]
        return ipv4(src, dst, protocol, make(sport, dport))

    if not conversation.is_stream:
        return [send(side, 17, lambda s, d, data=data: udp(s, d, data)) for side, data in variant.packets]
    begin = (1000, 9000)
    out = [send(UP, 6, lambda s, d: tcp(s, d, 0x02, begin[UP] - 1, 0)),
           send(DOWN, 6, lambda s, d: tcp(s, d, 0x12, begin[DOWN] - 1, begin[UP]))]
    for side, offset, data in variant.packets:
        out.append(send(side, 6, lambda s, d, side=side, offset=offset, data=data:
                        tcp(s, d, 0x18, begin[side] + offset, begin[1 - side], data)))
    return out


def write(path, variants):
    """A capture, a millisecond between packets."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        clock = 0
        for number, variant in enumerate(variants):
            for packet in packets_of(variant, number):
                clock += 1
                file.write(struct.pack("<IIII", 1700000000 + clock // 1000, clock % 1000 * 1000, min(variant.snap, len(packet)),
                                       len(packet)))
                file.write(packet[:variant.snap])


def flows_of(path):
    done = mitleser("audit", path, "--format", "ndjson", "--quiet", "--no-progress")
    assert done.returncode in (0, 1), done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


def named(flow):
    """Every app the verdict names, and every app whose signature was seen."""
    apps = set(flow.get("app_one_of", []))
    apps |= {flow["app"]} if flow.get("app") else set()
    return apps | {vote.split(" ", 1)[0] for vote in flow.get("app_votes", []) if vote.split(" ")[1] == "signature"}


def has_signature(flow, signature):
    return any(vote.endswith(f" signature:{signature}") for vote in flow.get("app_votes", []))


class Pieces(Case):
    def variants(self, conversations):
        for conversation in conversations:
            yield from (stream_variants if conversation.is_stream else datagram_variants)(conversation)

    def check(self, conversations):
        variants = list(self.variants(conversations))
        path = os.path.join(self.folder, "pieces.pcap")
        write(path, variants)
        wrong, whole = [], {}
        for flow in flows_of(path):
            ends = [flow["src.ip"], flow["dst.ip"]]
            (client,) = [end for end in ends if end.startswith("10.")]
            _, high, middle, low = (int(part) for part in client.split("."))
            variant = variants[high << 16 | middle << 8 | low]
            if variant.what == "whole":
                whole[variant.conversation.name] = flow
            if named(flow) - variant.conversation.apps:
                wrong.append(f"{variant.conversation.name}, {variant.what}: {flow.get('app')} {flow['app_votes']}")
        self.assertEqual(wrong[:20], [], f"{len(wrong)} of {len(variants)}")
        for conversation in conversations:
            flow = whole[conversation.name]
            is_known = conversation.signature is None or has_signature(flow, conversation.signature)
            self.assertTrue(is_known, f"{conversation.name}: {flow.get('app_votes')}")
        return len(variants)

    def test_calls_over_relays(self):
        self.assertGreater(self.check(CALLS), 1000)

    def test_datagrams(self):
        self.assertGreater(self.check(DATAGRAMS), 2000)

    def test_streams(self):
        self.assertGreater(self.check(STREAMS), 1000)

    def test_streams_of_the_samples(self):
        self.assertGreater(self.check(list(sampled(flows_of))), 1000)

    def test_no_signature_is_left_out(self):
        """Each signature of rules/apps has a conversation here, or only tells more of one that has."""
        beside = {"mmtls.records", "wechat.newgetdns_reply"}
        tested = {conversation.signature for conversation in CALLS + DATAGRAMS + STREAMS}
        tested |= {conversation.signature for conversation in sampled(flows_of)} | beside
        listed = set()
        folder = os.path.join(ROOT, "rules/apps")
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                section = re.search(r"^signatures:\n((?: .*\n)+)", file.read(), re.M)
            listed |= set(re.findall(r"- \{name: ([\w.]+)", section.group(1))) if section else set()
        self.assertEqual(listed - tested, set())


if __name__ == "__main__":
    unittest.main()

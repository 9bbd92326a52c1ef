# SPDX-License-Identifier: Apache-2.0
"""One conversation of every protocol that has a signature in rules/apps: what each side sends, as digits or from the
samples in captures/.

Digits: blanks are ignored, "00*64" is a byte 64 times, 'text' stands for its bytes. Of the samples those flows are
taken whose signature is named.
"""
import os
import re
import struct

from support import ROOT

UP, DOWN = 0, 1
SERVER = (198, 51, 100, 20)


def octets(digits):
    """The bytes that digits stand for."""
    out = b""
    for text, value, count in re.findall(r"'([^']*)'|([0-9a-fA-F]{2})(?:\*(\d+))?", digits):
        out += bytes.fromhex(value) * int(count or 1) if value else text.encode()
    return out


class Conversation:
    def __init__(self, name, apps, signature, port, lines, is_stream=False, server=SERVER):
        self.name = name
        self.apps = set(apps.split())  # nobody else may be named
        self.signature = signature  # named when nothing is missing; None: the protocol belongs to everybody
        self.port = port
        self.lines = [(side, octets(line) if isinstance(line, str) else line) for side, line in lines]
        self.is_stream = is_stream
        self.server = server


def datagrams(name, apps, signature, port, *lines, **more):
    return Conversation(name, apps, signature, port, lines, **more)


def stream(name, apps, signature, port, *lines, **more):
    return Conversation(name, apps, signature, port, lines, is_stream=True, **more)


# --- STUN by app, relays, media ---

ID = "2112a442 0102030405060708090a0b0c "
ASK = "00010000 " + ID
TOLD = "0101000c " + ID + "00200008 0001e242 ea12d545"


def allocate(realm):
    value = realm.encode()
    padded = value + bytes(-len(value) % 4)
    head = struct.pack("!HH", 0x0003, 4 + len(padded)) + octets(ID)
    return head + struct.pack("!HH", 0x0014, len(value)) + padded


def relay(name, apps, signature, *lines):
    return datagrams(name, apps, signature, 3478, *[(UP, line) for line in lines], (DOWN, TOLD))


CALLS = [
    relay("stun of WhatsApp", "whatsapp", "stun.whatsapp", "0003006c " + ID + "40000066 aa*102 0000", "08010000 " + ID),
    relay("stun of Signal", "signal", "stun.signal", ASK, allocate("signal.org")),
    relay("stun of Telegram", "telegram", "stun.telegram", ASK, allocate("telegram.org")),
    relay("stun of Viber", "viber", "stun.viber", ASK, allocate("viber.com")),
    relay("stun of Messenger", "messenger instagram", "stun.messenger", ASK, allocate("turner.facebook")),
    relay("stun of Google", "google_meet", "stun.google", ASK, allocate("turn.l.google.com")),
    relay("stun of Teams", "skype teams", "stun.teams", "00010008 " + ID + "80700004 00000002",
          "00010008 " + ID + "80550004 00010001"),
    datagrams("stun of Zoom", "zoom", "stun.zoom", 3478,
              (UP, "00010018 c15dae63585d14392e582c260403bf30 01010014 '1234567890123456789' 00"),
              (DOWN, "0002000c c15dae63585d14392e582c260403bf30 01030008 0001c350cb007107")),
    relay("relay of Teams", "skype teams", "skype.teams_call", "ff10001c 0102030405060708 " + ASK),
    datagrams("stun of anybody", "", None, 3478, (UP, ASK), (DOWN, TOLD)),
    datagrams("rtp", "", None, 40000, *[
        (UP, f"806f00{i:02x} {i * 160:08x} 01020304 aa*40") for i in range(1, 9)]),
]

# --- calls with datagrams of their own ---

ZOOM_ID = "7d464d35fffda234495d0d6d3b51e896 "
VIBER = "ac19358c8f64e447 "
IMO = "dc9a020000000000"

DATAGRAMS = [
    datagrams("qq oicq", "qq", "qq.oicq", 8000, (UP, "02 3b0b 0002 1234 0012d687 aa*40 03"),
              (DOWN, "02 3b0b 0002 1234 0012d687 bb*56 03")),
    datagrams("telegram reflector", "telegram", "mtproto.reflector", 529,
              (UP, "000102030405060708090a0b0c0d0e0f ff*12 aabb"),
              (DOWN, "000102030405060708090a0b0c0d0e0f 0102030405060708090a0b0c aabb"),
              (UP, "000102030405060708090a0b0c0d0e0f ff*12 aabb")),
    datagrams("viber call", "viber", "viber.udp", 7985,
              (UP, "edf6 0100 0500 " + VIBER + "07ae2754 1100a8c0 50c3 00*233"),
              (DOWN, "edf6 0c00 0100 " + VIBER + "077100cb 50c3 00*56"), (UP, "edf6 1900 " + VIBER + "00*22"),
              (DOWN, "edf6 1a00 " + VIBER + "077100cb 50c3 00c8")),
    datagrams("discord voice", "discord", "discord.voice", 50004, (UP, "1337cafe 0a000000"), (DOWN, "1337cafe 0a000000")),
    datagrams("discord discovery", "discord", "discord.ip_discovery", 50004, (UP, "0001 0046 0000 ace3 00*64 0000"),
              (DOWN, "0002 0046 0000 ace3 '203.0.113.7' 00*53 c350")),
    datagrams("zoom meeting", "zoom", "zoom.sfu", 8801,
              (UP, "010002 " + ZOOM_ID + "0000000000000002 007a002a 007a002a 00000040 aa*68"),
              (DOWN, "020001 " + ZOOM_ID + "005a0e3e 007a002a 00*8")),
    datagrams("zoom between two", "zoom", "zoom.p2p", 41000,
              (UP, "1f0201 00*21 0000000a '192.0.2.10' 00000024 '01234567-89AB-cdef-0123-456789abcdef' 00000000")),
    datagrams("line call", "line", "line.call", 29070, (UP, "d89c 0072 0602 aa*154"), (DOWN, "d8d0 0209 0602 bb*206"),
              (UP, "d00a 0073 1871 cc*8")),
    datagrams("imo call", "imo", "imo.udp", 36535, (UP, "09 02 " + IMO), (DOWN, "09 03 " + IMO)),
    datagrams("zalo call", "zalo", "zalo.call", 40000, (UP, "01010000 aa*178"), (DOWN, "02010000 bb*50")),
    datagrams("kakao call", "kakaotalk", "kakao.voice", 9000, (UP, "81c8000c 01020304 00*44"), server=(1, 201, 7, 7)),
    datagrams("mumble", "mumble", "mumble", 64738, (UP, "00000000 0102030405060708"),
              (DOWN, "00010304 0102030405060708 00000002 00000064 00011940")),
    datagrams("teamspeak", "teamspeak", "teamspeak", 9987,
              (UP, "'TS3INIT1' 0065 0000 88 0dd05766 00 5f5916e0 01020304 00*8"),
              (DOWN, "'TS3INIT1' 0065 88 01 05*20")),
]

# --- streams in the clear ---

MTPROTO = "0000000000000000 0010203040506000 14000000 f18e7ebe 000102030405060708090a0b0c0d0e0f"
SSO = "00000029 0000000a 02 00000004 00 0000000b 31323334353637 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
SSO_BACK = "00000025 0000000b 01 00 0000000b 31323334353637 c0c1c2c3c4c5c6c7c8c9cacbcccdcecf"
STREAM = ("<?xml version='1.0'?><stream:stream from='juliet@im.example.com' to='im.example.com' version='1.0' "
          "xml:lang='en' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>").encode()


def ymsg(service, *pairs):
    body = b"".join(text.encode() + b"\xc0\x80" for text in pairs)
    return b"YMSG" + struct.pack("!HHHHII", 16, 0, len(body), service, 1, 0x43317134) + body


def push_hello():
    protocol = b"apns-security-v3"
    names = bytes([len(protocol)]) + protocol
    alpn = struct.pack("!HHH", 16, len(names) + 2, len(names)) + names
    body = b"\x03\x03" + bytes(32) + b"\0" + struct.pack("!HH", 2, 0xC02F) + b"\x01\0" + struct.pack("!H", len(alpn)) + alpn
    message = b"\x01" + struct.pack("!I", len(body))[1:] + body
    return b"\x16\x03\x01" + struct.pack("!H", len(message)) + message


STREAMS = [
    stream("telegram abridged", "telegram", "mtproto.plain", 443, (UP, "ef 0a" + MTPROTO)),
    stream("telegram intermediate", "telegram", "mtproto.plain", 443, (UP, "eeeeeeee 28000000" + MTPROTO)),
    stream("telegram padded", "telegram", "mtproto.plain", 443, (UP, "dddddddd 2b000000" + MTPROTO + "aabbcc")),
    stream("qq sso", "qq", "qq.sso", 8080, (UP, SSO), (DOWN, SSO_BACK)),
    stream("viber", "viber", "viber.tcp", 4244, (UP, "6000 add4dc17 fcff 0380 59000a00 00*82"),
           (DOWN, "1600 7605 0380 add4dc17 5c00 00*10")),
    stream("apple push", "imessage", "apns", 5223, (UP, push_hello())),
    stream("msn", "msn", "msn", 1863,
           (UP, b"VER 1 MSNP8 CVR0\r\nUSR 3 TWN I alice@example.com\r\nUSR 4 TWN S t=53&p=x\r\n"),
           (DOWN, b"VER 1 MSNP8\r\n")),
    stream("ymsg", "yahoo_messenger", "ymsg", 5050, (UP, ymsg(0x57, "1", "alice")),
           (DOWN, ymsg(0x57, "1", "alice", "94", "challenge"))),
    stream("irc", "irc", "irc", 6667, (UP, b"NICK alice\r\nUSER alice 0 * :Alice\r\n"),
           (DOWN, b":irc.example.net 001 alice :Welcome\r\n")),
    stream("xmpp", "xmpp", "xmpp", 5222, (UP, STREAM)),
]


# --- streams out of the samples ---

def frames(path):
    """Bytes of each Ethernet frame of a pcap or pcapng file, both little endian."""
    with open(path, "rb") as file:
        data = file.read()
    at = 24
    if data[:4] != b"\x0a\x0d\x0d\x0a":
        while at + 16 <= len(data):
            (length,) = struct.unpack_from("<I", data, at + 8)
            yield data[at + 16:at + 16 + length]
            at += 16 + length
        return
    at = 0
    while at + 12 <= len(data):
        kind, size = struct.unpack_from("<II", data, at)
        if kind == 6:
            (length,) = struct.unpack_from("<I", data, at + 20)
            yield data[at + 28:at + 28 + length]
        at += size


def streams_of(path):
    """(client, port) -> server, its port, lines of bytes; of IPv4 alone."""
    found = {}
    for frame in frames(path):
        if frame[12:14] != b"\x08\x00" or frame[23] != 6:
            continue
        packet = frame[14:14 + struct.unpack_from("!H", frame, 16)[0]]
        segment = packet[(packet[0] & 15) * 4:]
        sport, dport = struct.unpack_from("!HH", segment)
        payload, flags = segment[(segment[12] >> 4) * 4:], segment[13]
        if flags & 0x12 == 0x02:
            found[(packet[12:16], sport)] = (packet[16:20], dport, [])
        for key, side in ((packet[12:16], sport), UP), ((packet[16:20], dport), DOWN):
            if key in found and payload:
                found[key][2].append((side, payload))
    return found


SAMPLES = [
    ("captures/rules/messenger-positive.pcap", "mtproto.obfuscated2", "telegram"),
    ("captures/rules/messenger-positive.pcap", "whatsapp.funxmpp", "whatsapp"),
    ("captures/rules/messenger-negative.pcap", "whatsapp.noise", "whatsapp"),
    ("captures/rules/messenger-positive.pcap", "threema.handshake", "threema"),
    ("captures/rules/messenger-positive.pcap", "kakao.loco", "kakaotalk"),
    ("captures/rules/mmtls-positive.pcap", "mmtls", "wechat"),
    ("captures/wechat-session.pcapng", "mmtls.client_hello", "wechat"),
    ("captures/wechat-session.pcapng", "wechat.newgetdns", "wechat"),
]


def sampled(flows_of):
    """The first flow with the signature of each sample; `flows_of` audits a capture."""
    for path, signature, app in SAMPLES:
        path = os.path.join(ROOT, path)
        streams = streams_of(path)
        for flow in flows_of(path):
            is_it = any(vote.endswith(f" signature:{signature}") for vote in flow.get("app_votes", []))
            key = (bytes(int(part) for part in flow["src.ip"].split(".")) if "." in flow["src.ip"] else b"", flow.get("src.port"))
            if is_it and key in streams:
                _, port, lines = streams[key]
                yield Conversation(f"{signature} of a sample", {"wechat": "wechat"}.get(app, app), signature, port, lines,
                                   is_stream=True)
                break
        else:
            raise AssertionError(f"no flow with {signature} in {path}")

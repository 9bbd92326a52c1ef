#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""record_pcapdroid.py: records captures/pcapdroid.pcapng anew, laid out as PCAPdroid does: each packet has the user id of
its app as a comment ("u-10123"), blocks of its own name the apps, and the key log of the TLS connections it proxied comes
behind the packets. Two apps talk over TLS 1.3 (by Python's ssl), one in clear. Values are those of identities.yaml. Keys
differ each time; run update.sh afterwards.

Needs: openssl, python3.
"""
import os
import struct
import tempfile

from record_planted import ANSWER, HERE, START, Conversation, block, certificate, request, talk

PEN, UID_MAP = 62652, 1
APPS = {10123: ("com.tencent.mm", "WeChat"), 10124: ("org.thoughtcrime.securesms", "Signal"), 10125: ("org.example.files", "Files")}


def uid_map(uid, package, label):
    names = package.encode() + label.encode()
    return block(0x0BAD, struct.pack("<IBBIBB", PEN, 1, UID_MAP, uid, len(package), len(label)) + names)


def packet_block(number, uid, packet):
    micros = START * 1000000 + number * 4000
    body = struct.pack("<IIIII", 0, micros >> 32, micros & 0xFFFFFFFF, len(packet), len(packet)) + packet
    comment = f"u-{uid}".encode()
    padding = [b"\0" * (-len(part) % 4) for part in (body, comment)]
    return block(6, body + padding[0] + struct.pack("<HH", 1, len(comment)) + comment + padding[1] + struct.pack("<HH", 0, 0))


def in_clear(port):
    tcp = Conversation(port)
    tcp.say(True, request("POST /log HTTP/1.1", b'{"serial":"R5CX71BDKQW"}'))
    tcp.say(False, ANSWER)
    return tcp.close()


def main():
    with tempfile.TemporaryDirectory() as folder:
        certificate(folder)
        talks = [
            (10123, talk(folder, 40001, [(request("POST /send HTTP/1.1", b'{"user":"wxid_4f7a9c2e8b1d3a"}'), ANSWER)])),
            (10124, talk(folder, 40002, [(request("POST /up HTTP/1.1", b'{"to":"+12025550168"}'), ANSWER)])),
            (10125, in_clear(40003)),
        ]
        with open(os.path.join(folder, "keys.log"), "rb") as file:
            keys = file.read()
    out = [block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)), block(1, struct.pack("<HHI", 101, 0, 0))]
    out += [uid_map(uid, *names) for uid, names in APPS.items()]
    number = 0
    for uid, packets in talks:
        for packet in packets:
            out.append(packet_block(number, uid, packet))
            number += 1
    out.append(block(10, struct.pack("<4sI", b"KSLT", len(keys)) + keys))
    with open(os.path.join(HERE, "pcapdroid.pcapng"), "wb") as file:
        file.write(b"".join(out))


if __name__ == "__main__":
    main()

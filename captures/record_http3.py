#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""record_http3.py: records captures/loopback-http3.pcapng anew: HTTP/3 between the example client and server of ngtcp2
(through a relay of this machine), the key log inside the capture. The first connection is validated by a Retry; the
second resumes it, sends its requests as early data and updates the keys. Values in the body of the second are those of
identities.yaml. Keys differ each time; run update.sh afterwards.

Needs: ngtcp2-client, ngtcp2-server, openssl, python3.
"""
import os
import struct
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../tests/bench"))
from live_keys import HOST, Recording, certificate  # noqa: E402

BODY = b'{"account": "wxid_4f7a9c2e8b1d3a", "text": "the heron flies over the quiet lake at noon"}'
PAGE = b"<p>An inbox of example.com</p>\n"
SESSION = ["--session-file=session.pem", "--tp-file=parameters.txt"]


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))


def pcapng(capture, secrets):
    """The packets of a pcap with the key log in front."""
    out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) + block(1, struct.pack("<HHI", 101, 0, 0))
    out += block(10, struct.pack("<II", 0x544C534B, len(secrets)) + secrets)
    at = 24
    while at < len(capture):
        seconds, micros, length, _ = struct.unpack_from("<IIII", capture, at)
        now = seconds * 1000000 + micros
        out += block(6, struct.pack("<IIIII", 0, now >> 32, now & 0xFFFFFFFF, length, length) +
                     capture[at + 16:at + 16 + length])
        at += 16 + length
    return out


def main():
    with tempfile.TemporaryDirectory() as folder:
        recording = Recording(folder, lambda kind, n: False)
        key, cert = certificate(folder)
        os.mkdir(os.path.join(folder, "docs"))
        for name, content in (("docs/inbox.html", PAGE), ("body", BODY)):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(content)
        recording.start("gtlsserver", "-q", "-V", "-d", os.path.join(folder, "docs"), "127.0.0.1",
                        str(recording.server_port), key, cert)
        time.sleep(1)
        url = f"https://{HOST}:{recording.port}/inbox.html"
        for options in ([], ["-m", "POST", "-d", os.path.join(folder, "body"), "--key-update=1ms"]):
            recording.run("gtlsclient", "-q", "--exit-on-all-streams-close", "--timeout=3s", *SESSION, *options,
                          "127.0.0.1", str(recording.port), url, url)
        recording.stop()
        with open(recording.capture, "rb") as capture, open(recording.keys, "rb") as secrets:
            data = pcapng(capture.read(), secrets.read())
    with open(os.path.join(HERE, "loopback-http3.pcapng"), "wb") as file:
        file.write(data)


if __name__ == "__main__":
    main()

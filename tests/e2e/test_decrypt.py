# SPDX-License-Identifier: Apache-2.0
"""Decryption as its users see it: key logs, secrets inside captures, and what the report says about both."""
import json
import os
import ssl
import struct
import subprocess
import unittest

import jsonschema
from support import CLIENT, ROOT, Case, ipv4, mitleser, pcap

SERVER = (198, 51, 100, 20)
SECRET = "tok-55501234"
REQUEST = (f"GET /inbox?user=1 HTTP/1.1\r\nHost: chat.example.com\r\nAuthorization: Bearer {SECRET}\r\n"
           f"Cookie: sid={SECRET}\r\n\r\n").encode()
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def tcp(sport, dport, seq, ack, flags, payload=b""):
    return struct.pack("!HHIIBBHHH", sport, dport, seq, ack, 0x50, flags, 65535, 0, 0) + payload


def conversation(flights, port=443):
    """Packets of one TCP connection; `flights` are (is_up, bytes)."""
    seq, packets = {True: 1000, False: 5000}, []

    def add(is_up, flags, payload=b""):
        ports = (40000, port) if is_up else (port, 40000)
        ends = (CLIENT, SERVER) if is_up else (SERVER, CLIENT)
        packets.append(ipv4(*ends, 6, tcp(*ports, seq[is_up], seq[not is_up], flags, payload)))
        seq[is_up] += len(payload) + (flags & 3 != 0)

    add(True, 0x02)
    add(False, 0x12)
    add(True, 0x10)
    for is_up, payload in flights:
        for at in range(0, len(payload), 1400):
            add(is_up, 0x18, payload[at:at + 1400])
    add(True, 0x11)
    add(False, 0x11)
    return packets


def tls_flights(folder, version):
    """A TLS connection between two ends of Python's ssl; gives its flights and the key log."""
    key, certificate, log = (os.path.join(folder, name) for name in ("key.pem", "certificate.pem", "keys.log"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "2", "-subj", "/CN=chat.example.com", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode, client.keylog_filename = False, ssl.CERT_NONE, log
    client.minimum_version = client.maximum_version = version
    pipes = [(ssl.MemoryBIO(), ssl.MemoryBIO()) for _ in range(2)]
    ends = [client.wrap_bio(*pipes[0], server_hostname="chat.example.com"), server.wrap_bio(*pipes[1], server_side=True)]
    flights = []

    def move():
        for i, is_up in ((0, True), (1, False)):
            data = pipes[i][1].read()
            if data:
                flights.append((is_up, data))
                pipes[1 - i][0].write(data)

    done = [False, False]
    while not all(done):
        for i, end in enumerate(ends):
            try:
                end.do_handshake()
                done[i] = True
            except ssl.SSLWantReadError:
                pass
            move()
    ends[0].write(REQUEST)
    move()
    ends[1].write(RESPONSE)
    move()
    with open(log, "rb") as file:
        return flights, file.read()


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))


def pcapng(packets, secrets, secrets_first):
    key_log = block(10, struct.pack("<II", 0x544C534B, len(secrets)) + secrets)
    frames = b"".join(block(6, struct.pack("<IIIII", 0, 0, 1700000000 + i, len(packet), len(packet)) + packet)
                      for i, packet in enumerate(packets))
    head = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) + block(1, struct.pack("<HHI", 101, 0, 0))
    return head + (key_log + frames if secrets_first else frames + key_log)


class Decrypt(Case):
    def setUp(self):
        super().setUp()
        self.flights, self.log = tls_flights(self.folder, ssl.TLSVersion.TLSv1_3)
        self.capture = self.file("tls.pcap", pcap(conversation(self.flights)))
        self.keys = self.file("secrets.log", self.log)

    def rules(self, report):
        return {finding["rule"] for finding in report["body"]["findings"]}

    def test_a_key_log_opens_the_connection_and_the_report_says_so(self):
        report, flows = self.audit(self.capture, "--keylog", self.keys)
        decryption = report["body"]["coverage"]["decryption"]
        self.assertEqual((decryption["possible"], decryption["decrypted"]), (1, 1))
        self.assertEqual(decryption["failed"]["by_reason"], {})
        self.assertEqual([log["secrets"] for log in decryption["key_logs"]], [{"count": 4, "refused": 0, "used": 4}])
        self.assertEqual(flows[0]["http.hosts"], ["chat.example.com"])
        with open(os.path.join(ROOT, "reports/schema/report.schema.json"), encoding="utf-8") as file:
            jsonschema.validate(report, json.load(file))

    def test_without_keys_the_reason_is_told(self):
        report, flows = self.audit(self.capture)
        decryption = report["body"]["coverage"]["decryption"]
        self.assertEqual((decryption["possible"], decryption["decrypted"], decryption["bytes"]), (1, 0, 0))
        self.assertEqual(decryption["failed"]["by_reason"], {"no_secret": 1})
        self.assertNotIn("http.hosts", flows[0])

    def test_what_was_encrypted_is_no_cleartext_finding(self):
        """The same exchange in clear fires the rules that the decrypted one must not."""
        clear = self.file("clear.pcap", pcap(conversation([(True, REQUEST), (False, RESPONSE)], port=80)))
        in_clear, _ = self.audit(clear)
        about_clear = {"cleartext_request", "credential_header", "cookie_cleartext"}
        fired = {rule for rule in self.rules(in_clear) if any(name in rule for name in about_clear)}
        names = self.rules(in_clear)
        self.assertTrue(names)
        decrypted, _ = self.audit(self.capture, "--keylog", self.keys)
        sealed, _ = self.audit(self.capture)
        self.assertEqual(self.rules(decrypted) & fired, set())
        self.assertLessEqual({rule for rule in self.rules(decrypted) if rule in names}, self.rules(sealed))

    def test_nothing_personal_is_shown(self):
        out = os.path.join(self.folder, "out")
        self.audit(self.capture, "--keylog", self.keys)
        for name in os.listdir(out):
            with open(os.path.join(out, name), "rb") as file:
                data = file.read()
            for value in [SECRET.encode()] + [line.split()[2] for line in self.log.splitlines() if line[:1] != b"#"]:
                self.assertNotIn(value, data, name)

    def test_threads_change_nothing(self):
        reports = [self.audit(self.capture, "--keylog", self.keys, "--threads", n)[0] for n in ("1", "8")]
        self.assertEqual(reports[0]["body"], reports[1]["body"])

    def test_secrets_in_a_capture_may_stand_behind_their_packets(self):
        for secrets_first in (True, False):
            data = pcapng(conversation(self.flights), self.log, secrets_first)
            report, _ = self.audit(self.file("inside.pcapng", data))
            self.assertEqual(report["body"]["coverage"]["decryption"]["decrypted"], 1)
            self.assertEqual(report["body"]["inputs"][0]["secrets"], {"count": 4, "late": 0, "refused": 0, "used": 4})

    def test_a_pipe_uses_the_secrets_seen_so_far(self):
        for secrets_first, decrypted in ((True, 1), (False, 0)):
            done = mitleser("audit", "-", "--format", "json", "--threads", "4",
                            stdin=pcapng(conversation(self.flights), self.log, secrets_first))
            self.assertEqual(done.returncode, 0, done.stderr)
            body = json.loads(done.stdout)["body"]
            self.assertEqual(body["coverage"]["decryption"]["decrypted"], decrypted)
            self.assertEqual(body["inputs"][0]["secrets"]["late"], 0 if secrets_first else 1)

    def test_who_has_the_keys_can_verify(self):
        report, _ = self.audit(self.capture, "--keylog", self.keys)
        folder = os.path.join(self.folder, "out")
        self.assertEqual(report["body"]["coverage"]["decryption"]["decrypted"], 1)
        done = mitleser("verify", folder, self.capture, "--keylog", self.keys)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        done = mitleser("verify", folder, self.capture)
        self.assertIn(b"not without the key logs", done.stdout + done.stderr)

    def test_what_is_no_key_log_is_refused_in_one_line(self):
        no_log = self.file("letter.txt", b"Dear reader\n")
        self.one_line(mitleser("audit", self.capture, "--keylog", no_log), 3, "letter.txt", "not a key log")
        self.one_line(mitleser("audit", self.capture, "--keylog", "/nonexistent/keys"), 3, "/nonexistent/keys")


if __name__ == "__main__":
    unittest.main()

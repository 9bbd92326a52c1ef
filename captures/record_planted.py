#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""record_planted.py: records captures/rules/planted-tls-*.pcapng and captures/bundle anew: TLS 1.3 between two ends of
Python's ssl, the key log inside the capture, or beside it with what PiRogue writes. The values are those of
identities.yaml. Keys differ each time; run update.sh afterwards.

Needs: openssl, python3.
"""
import json
import os
import ssl
import struct
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CLIENT, SERVER = (192, 0, 2, 10), (198, 51, 100, 20)
START = 1772440200


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(src, dst, payload):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, 0x4000, 64, 6, 0, bytes(src), bytes(dst))
    pseudo = bytes(src) + bytes(dst) + struct.pack("!HH", 6, len(payload))
    total = checksum(pseudo + payload)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload[:16] + struct.pack("!H", total) + payload[18:]


class Conversation:
    """Packets of one TCP connection."""

    def __init__(self, port):
        self.seq, self.port, self.packets = {True: 1000, False: 5000}, port, []
        self.segment(True, 0x02)
        self.segment(False, 0x12)
        self.segment(True, 0x10)

    def segment(self, up, flags, payload=b""):
        ports = (self.port, 443) if up else (443, self.port)
        head = struct.pack("!HHIIBBHHH", *ports, self.seq[up], self.seq[not up] if flags & 0x10 else 0, 0x50, flags, 65535, 0, 0)
        ends = (CLIENT, SERVER) if up else (SERVER, CLIENT)
        self.packets.append(ipv4(*ends, head + payload))
        self.seq[up] += len(payload) + (flags & 3 != 0)

    def say(self, up, data):
        for at in range(0, len(data), 1400):
            self.segment(up, 0x18, data[at:at + 1400])

    def close(self):
        self.segment(True, 0x11)
        self.segment(False, 0x11)
        return self.packets


def certificate(folder):
    """A leaf of an authority of its own, so that it does not vouch for itself."""
    def run(*command):
        subprocess.run(command, check=True, capture_output=True, cwd=folder)
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    run("openssl", "req", "-x509", *curve, "-days", "3650", "-subj", "/CN=Example Root", "-keyout", "root.key", "-out", "root.pem")
    run("openssl", "req", *curve, "-subj", "/CN=www.example.test", "-keyout", "leaf.key", "-out", "leaf.csr")
    run("openssl", "x509", "-req", "-in", "leaf.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days",
        "3650", "-out", "leaf.pem")


def talk(folder, port, exchanges):
    """One connection; `exchanges` are (request, response). Gives its packets; secrets go to the key log."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(os.path.join(folder, "leaf.pem"), os.path.join(folder, "leaf.key"))
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.keylog_filename = os.path.join(folder, "keys.log")
    pipes = [(ssl.MemoryBIO(), ssl.MemoryBIO()) for _ in range(2)]
    ends = [client.wrap_bio(*pipes[0], server_hostname="www.example.test"), server.wrap_bio(*pipes[1], server_side=True)]
    tcp = Conversation(port)

    def move():
        for up in (True, False):
            out, into = (pipes[0][1], pipes[1][0]) if up else (pipes[1][1], pipes[0][0])
            data = out.read()
            if data:
                tcp.say(up, data)
                into.write(data)

    done = [False, False]
    while not all(done):
        for i, end in enumerate(ends):
            try:
                end.do_handshake()
                done[i] = True
            except ssl.SSLWantReadError:
                pass
            move()
    for request, response in exchanges:
        for writer, reader, data in ((ends[0], ends[1], request), (ends[1], ends[0], response)):
            if data:
                writer.write(data)
                move()
                reader.read(65536)
    return tcp.close()


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))


def pcapng(packets, keys):
    out = [block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)), block(1, struct.pack("<HHI", 101, 0, 0)),
           block(10, struct.pack("<4sI", b"KSLT", len(keys)) + keys)]
    for number, packet in enumerate(packets):
        micros = START * 1000000 + number * 4000
        out.append(block(6, struct.pack("<IIIII", 0, micros >> 32, micros & 0xFFFFFFFF, len(packet), len(packet)) + packet))
    return b"".join(out)


def request(line, body=b"", *fields):
    head = "\r\n".join([line, "Host: www.example.test", f"Content-Length: {len(body)}", *fields])
    return head.encode() + b"\r\n\r\n" + body


ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfine\n"

SAMPLES = {
    "planted-tls-positive": [[
        (request("GET /me?u=wxid_4f7a9c2e8b1d3a HTTP/1.1"), ANSWER),
        (request("GET /login?access_token=0a1b2c3d4e5f6a7b HTTP/1.1"), ANSWER),
        (request("POST /send HTTP/1.1", b'{"text":"the heron flies over the quiet lake at noon"}'), ANSWER),
    ]],
    "planted-tls-negative": [[
        (request("GET /me?u=wxid_4f7a9c2e8b1d3b HTTP/1.1"), ANSWER),
        (request("POST /login HTTP/1.1", b'{"account":"wxid_4f7a9c2e8b1d3a","access_token":"0a1b2c3d4e5f6a7b"}'), ANSWER),
        (request("POST /send HTTP/1.1", b'{"text":"the heron flies over the quiet lake at dawn"}'), ANSWER),
    ]],
}


BUNDLE = [
    ("com.tencent.mm", [(request("POST /report HTTP/1.1",
                                 b'{"a":"38400000-8cf0-11bd-b23e-10b96e40000d","b":"490154203237518"}'), ANSWER)]),
    ("org.example.notes", [(request("GET /notes?s=R5CX71BDKQW HTTP/1.1"), ANSWER)]),
]


def pcap(packets):
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 101)]
    for number, packet in enumerate(packets):
        seconds, micros = divmod(number * 4000, 1000000)
        out.append(struct.pack("<IIII", START + seconds, micros, len(packet), len(packet)) + packet)
    return b"".join(out)


def socket(process, port):
    """A record of the tracer: sockets for both families tell IPv4 addresses as mapped ones."""
    return {"type": "socket_trace_log", "dump": "socket_trace.json", "data_type": "json", "timestamp": START * 1000,
            "data": {"socket_fd": 80, "socket_type": "tcp6", "pid": 4711, "thread_id": 4712, "socket_event_type": "connect",
                     "dest_ip": "::ffff:198.51.100.20", "dest_port": 443, "local_ip": "::ffff:192.0.2.10",
                     "local_port": port, "stack": []},
            "pid": 4711, "process": process}


def record_bundle(folder):
    os.makedirs(folder, exist_ok=True)

    def write(name, data):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)
    with tempfile.TemporaryDirectory() as work:
        certificate(work)
        packets, sockets = [], []
        for number, (process, exchanges) in enumerate(BUNDLE):
            packets += talk(work, 40300 + number, exchanges)
            sockets.append(socket(process, 40300 + number))
        with open(os.path.join(work, "keys.log"), "rb") as file:
            write("sslkeylog.txt", file.read())
    write("traffic.pcap", pcap(packets))
    write("socket_trace.json", json.dumps(sockets, indent=2).encode())
    write("ad_ids.txt", b"38400000-8cf0-11bd-b23e-10b96e40000d\n38400000-8cf0-11bd-b23e-10b96e40000d\n")
    device = {"brand": "example", "model": "X1", "serialno": "R5CX71BDKQW", "android_version": "14", "imei": "490154203237518"}
    write("device.json", json.dumps(device, indent=2).encode())
    network = {"start_capture_time": START * 1000, "file": "traffic.pcap"}
    write("experiment.json", json.dumps({"network": network}, indent=2).encode())


def main():
    for name, conversations in SAMPLES.items():
        with tempfile.TemporaryDirectory() as folder:
            certificate(folder)
            packets = []
            for number, exchanges in enumerate(conversations):
                packets += talk(folder, 40200 + number, exchanges)
            with open(os.path.join(folder, "keys.log"), "rb") as file:
                keys = file.read()
        with open(os.path.join(HERE, "rules", name + ".pcapng"), "wb") as file:
            file.write(pcapng(packets, keys))
    record_bundle(os.path.join(HERE, "bundle"))


if __name__ == "__main__":
    main()

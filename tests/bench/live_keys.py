#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records sessions of real programs over the loopback interface and compares what is read of them with what was sent.

usage: live_keys.py PROBE [SCENARIO...]

PROBE is facts_probe. Programs: openssl (DTLS), and of Debian ngtcp2-client and ngtcp2-server (HTTP/3); a
scenario whose program is missing is said to be left out. Every request line, every
response line with its type, and every body must be there byte for byte. The table has a line a scenario: messages sent
and read, bytes of bodies sent and read, and what the probe says of decryption. Exit code 1 when anything is missing.
"""
import collections
import hashlib
import os
import re
import select
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

HOST = "chat.example.com"
PRIORITY = "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+{}:-GROUP-ALL:+GROUP-SECP256R1:+GROUP-X25519"


def content(name, size):
    """Bytes that only this name and size have."""
    seed, out = f"{name}:{size}:".encode(), bytearray()
    while len(out) < size:
        out += hashlib.sha256(seed + len(out).to_bytes(8, "big")).hexdigest().encode()
    return bytes(out[:size])


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


CLIENT, SERVER = bytes((192, 0, 2, 10)), bytes((198, 51, 100, 20))


class Relay(threading.Thread):
    """Carries datagrams between a client and a server of this machine, and writes them down as a capture. It takes no
    privilege. `lose`: which of the datagrams (counted over both directions) are written down but do not arrive, and
    which arrive but are not written down. `moves`: each port of the client is written down as another address, and the
    server's port as 443."""

    def __init__(self, path, lose, moves=False):
        super().__init__(daemon=True)
        self.front, self.back = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        for side in (self.front, self.back):
            side.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.front.bind(("127.0.0.1", 0))
        self.back.bind(("127.0.0.1", 0))
        self.front_port, self.server_port = self.front.getsockname()[1], free_port()
        self.file = open(path, "wb")
        self.file.write(struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 101))
        self.lose, self.n, self.is_over = lose, 0, False
        self.moves, self.client_ports = moves, []

    def write(self, is_up, port, data):
        client, server_port = CLIENT, self.front_port
        if self.moves:
            if port not in self.client_ports:
                self.client_ports.append(port)
            client, server_port = CLIENT[:3] + bytes((CLIENT[3] + self.client_ports.index(port),)), 443
        ends = (client, SERVER) if is_up else (SERVER, client)
        ports = (port, server_port) if is_up else (server_port, port)
        udp = struct.pack("!HHHH", *ports, 8 + len(data), 0) + data
        packet = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + b"".join(ends) + udp
        now = time.time()
        self.file.write(struct.pack("<IIII", int(now), int(now % 1 * 1e6), len(packet), len(packet)) + packet)

    def run(self):
        client = None
        while not self.is_over:
            for side in select.select([self.front, self.back], [], [], 0.1)[0]:
                data, address = side.recvfrom(65536)
                is_up = side is self.front
                client = address if is_up else client
                self.n += 1
                if not self.lose("capture", self.n):
                    self.write(is_up, client[1], data)
                if self.lose("way", self.n):
                    continue
                if is_up:
                    self.back.sendto(data, ("127.0.0.1", self.server_port))
                else:
                    self.front.sendto(data, client)

    def stop(self):
        self.is_over = True
        self.join()
        for side in (self.front, self.back, self.file):
            side.close()


class Recording:
    """A relay while programs run: the server listens on `server_port`, clients talk to `port`."""

    def __init__(self, folder, lose, moves=False):
        self.folder = folder
        self.capture, self.keys = os.path.join(folder, "live.pcap"), os.path.join(folder, "keys.log")
        self.environment = {**os.environ, "SSLKEYLOGFILE": self.keys}
        self.running = []
        self.relay = Relay(self.capture, lose, moves)
        self.port, self.server_port = self.relay.front_port, self.relay.server_port
        self.relay.start()

    def start(self, *command, **options):
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **options}
        process = subprocess.Popen(command, env=self.environment, cwd=self.folder, **options)
        self.running.append(process)
        return process

    def run(self, *command, timeout=30, **options):
        process = self.start(*command, **options)
        try:
            process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        return process.returncode

    def stop(self):
        for process in self.running:
            if process.poll() is None:
                process.terminate()
                process.wait()
        self.relay.stop()


def read(probe, recording):
    """Messages by (direction, connection is one a scenario, number): head and body; datagrams; counters."""
    command = [probe, "--plain", recording.capture, recording.keys]
    done = subprocess.run(command, capture_output=True, check=True)
    heads, bodies, datagrams = [], [], []
    open_bodies = {}
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        columns = line.split("\t")
        if not columns[1].startswith("plain.") or columns[1] in ("plain.record", "plain.trailer"):
            continue
        key, data = (columns[2], columns[4]), bytes.fromhex(columns[6])
        if columns[1] == "plain.head":
            heads.append((columns[2], data))
            open_bodies[key] = bytearray()
        elif columns[1] == "plain.body":
            open_bodies.setdefault(key, bytearray()).extend(data)
        elif columns[1] == "plain.end":
            bodies.append((columns[2], bytes(open_bodies.pop(key, b""))))
        else:
            datagrams.append((columns[2], data))
    counters = dict(line.split("\t") for line in done.stderr.decode().splitlines() if "\t" in line)
    return heads, bodies, datagrams, counters


class Sent:
    """What a scenario sent: multisets of lines and of bodies."""

    def __init__(self):
        self.lines, self.bodies, self.bytes = collections.Counter(), collections.Counter(), 0

    def request(self, method, path, body=b""):
        self.lines[("up", f"{method} {path} HTTP")] += 1
        self.lines[("up", f"host: {HOST}")] += 1
        self.body("up", body)

    def response(self, status, kind, body):
        self.lines[("down", f"HTTP {status}")] += 1
        if kind:
            self.lines[("down", f"content-type: {kind}")] += 1
        self.body("down", body)

    def body(self, direction, body):
        self.bodies[(direction, body)] += 1
        self.bytes += len(body)


# --- HTTP/3 ---

def certificate(folder):
    key, cert = os.path.join(folder, "key.pem"), os.path.join(folder, "cert.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "2", "-subj", f"/CN={HOST}", "-keyout", key, "-out", cert], check=True, capture_output=True)
    return key, cert


def http3(recording, sent, files=(("page.html", 4000), ("data.txt", 40000)), client=(), server=(), post=b"", runs=1,
          repeat=1, timeout=20):
    key, cert = certificate(recording.folder)
    docs = os.path.join(recording.folder, "docs")
    os.makedirs(docs, exist_ok=True)
    for name, size in files:
        with open(os.path.join(docs, name), "wb") as file:
            file.write(content(name, size))
    recording.start("gtlsserver", "-q", "-d", docs, *server, "127.0.0.1", str(recording.server_port), key, cert)
    time.sleep(0.4)
    options = list(client)
    if post:
        path = os.path.join(recording.folder, "post")
        with open(path, "wb") as file:
            file.write(post)
        options += ["-d", path]
    urls = [f"https://{HOST}:{recording.port}/{name}" for name, _ in files]
    for _ in range(runs):
        recording.run("gtlsclient", "-q", "--exit-on-all-streams-close", "--timeout=5s", *options, "127.0.0.1",
                      str(recording.port), *urls, timeout=timeout)
        for name, size in files:
            for _ in range(repeat):
                sent.request("POST" if post else "GET", "/" + name, post)
                kind = {"html": "text/html", "txt": "text/plain"}[name.rsplit(".", 1)[1]]
                sent.response(200, kind, content(name, size))


def cipher(name):
    return {"client": ["--ciphers=" + PRIORITY.format(name)]}


BIG = (("big.txt", 3000000),)
SESSION = ["--session-file=session.pem", "--tp-file=parameters.txt"]
HTTP3 = {
    "AES-128-GCM": cipher("AES-128-GCM"),
    "AES-256-GCM": cipher("AES-256-GCM"),
    "ChaCha20-Poly1305": cipher("CHACHA20-POLY1305"),
    "AES-128-CCM": {"client": cipher("AES-128-CCM")["client"], "server": cipher("AES-128-CCM")["client"]},
    "version 2 (draft)": {"client": ["--version=0x709a50c4"]},
    "version changes": {"client": ["--other-versions=0x709a50c4,v1"], "server": ["--preferred-versions=0x709a50c4"]},
    "Retry": {"server": ["-V"]},
    "HelloRetryRequest": {"client": ["--groups=-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1"],
                          "server": ["--groups=-GROUP-ALL:+GROUP-SECP256R1"]},
    "0-RTT": {"client": SESSION, "runs": 3},
    "key update": {"client": ["--key-update=2ms"], "files": BIG},
    "POST": {"client": ["-m", "POST"], "post": content("post", 100000)},
    "100 streams": {"client": ["-n", "100"], "files": (("data.txt", 3000),), "repeat": 100},
    "3 MB": {"files": BIG},
    "one in 20 lost on the way": {"files": BIG, "timeout": 60, "lose": ("way", 20)},
    "goes on from another port": {"client": ["--change-local-addr=3ms"], "files": BIG, "flows": 2},
    "goes on from another address": {"client": ["--change-local-addr=3ms"], "files": BIG, "flows": 2, "moves": True},
    "new address behind a translator": {"client": ["--change-local-addr=1ms", "--nat-rebinding"], "files": BIG,
                                        "flows": 2, "moves": True},
    "ids of other lengths": {"client": ["--scid=0a0b0c0d0e0f1011", "--dcid=010203040506070809"]},
}


# --- DTLS ---

LINES = [f"line {i} of user 5550{i:04d} at example.com" for i in range(20)]


def log_of_session(path):
    """What s_client prints of a session as the line of a key log."""
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read()
    number, master = (re.search(rf"^ *{name}: *([0-9A-F]+)$", text, re.MULTILINE) for name in
                      ("Session-ID", "Master-Key"))
    return f"RSA Session-ID:{number.group(1)} Master-Key:{master.group(1)}\n"


def dtls(recording, sent, ciphers, version="-dtls1_2", extra=(), renegotiates=False, keep_label="", by_session=False):
    key, cert = certificate(recording.folder)
    rsa = ["-newkey", "rsa:2048"] if "RSA" in ciphers and "ECDSA" not in ciphers else None
    if rsa:
        subprocess.run(["openssl", "req", "-x509", *rsa, "-nodes", "-days", "2", "-subj", f"/CN={HOST}", "-keyout", key,
                        "-out", cert], check=True, capture_output=True)
    common = [version, "-cipher", ciphers + ":@SECLEVEL=0"]
    server = recording.start("openssl", "s_server", *common, "-accept", f"127.0.0.1:{recording.server_port}", "-key",
                             key, "-cert", cert, "-quiet", "-client_renegotiation", stdin=subprocess.PIPE)
    time.sleep(0.4)
    output = os.path.join(recording.folder, "client.txt")
    with open(output, "wb") as file:
        client = recording.start("openssl", "s_client", *common, *extra, "-connect", f"127.0.0.1:{recording.port}",
                                 "-keylogfile", recording.keys, *([] if renegotiates or by_session else ["-quiet"]),
                                 stdin=subprocess.PIPE, stdout=file)
    time.sleep(0.8)
    for i, line in enumerate(LINES):
        if renegotiates and i in (5, 10, 15):
            client.stdin.write(b"R\n")
            client.stdin.flush()
            time.sleep(0.5)
        for end, direction, text in ((client, "up", line), (server, "down", line[::-1])):
            end.stdin.write(text.encode() + b"\n")
            end.stdin.flush()
            sent.body(direction, text.encode() + b"\n")
        time.sleep(0.03)
    time.sleep(0.2)
    if keep_label or by_session:
        with open(recording.keys, encoding="ascii") as file:
            lines = [line for line in file if line.startswith(keep_label)]
        with open(recording.keys, "w", encoding="ascii") as file:
            file.writelines([log_of_session(output)] if by_session else lines)


DTLS = {
    "AES-128-GCM": {"ciphers": "ECDHE-ECDSA-AES128-GCM-SHA256"},
    "AES-256-GCM": {"ciphers": "ECDHE-ECDSA-AES256-GCM-SHA384"},
    "ChaCha20-Poly1305": {"ciphers": "ECDHE-ECDSA-CHACHA20-POLY1305"},
    "AES-128-CCM": {"ciphers": "ECDHE-ECDSA-AES128-CCM"},
    "AES-256-CCM-8": {"ciphers": "ECDHE-ECDSA-AES256-CCM8"},
    "AES-128-CBC SHA": {"ciphers": "ECDHE-ECDSA-AES128-SHA"},
    "AES-256-CBC SHA-384": {"ciphers": "ECDHE-ECDSA-AES256-SHA384"},
    "AES-128-CBC, MAC first": {"ciphers": "ECDHE-ECDSA-AES128-SHA256", "extra": ["-no_etm"]},
    "RSA key exchange": {"ciphers": "AES128-GCM-SHA256:RSA"},
    "RSA, premaster secret": {"ciphers": "AES128-GCM-SHA256:RSA", "keep_label": "RSA "},
    "session id": {"ciphers": "ECDHE-ECDSA-AES128-GCM-SHA256", "extra": ["-no_ticket"], "by_session": True},
    "renegotiation": {"ciphers": "ECDHE-ECDSA-AES128-GCM-SHA256", "renegotiates": True},
    "renegotiation, CBC": {"ciphers": "ECDHE-ECDSA-AES128-SHA", "renegotiates": True},
    "DTLS 1.0": {"ciphers": "ECDHE-ECDSA-AES128-SHA", "version": "-dtls1"},
}


def result_line(title, sent, found, counters):
    print(f"{title:46} {sent[0]:6} {found[0]:6} {sent[1]:10} {found[1]:10}  "
          f"{counters.get('decryption.decrypted', '0')}/{counters.get('decryption.possible', '0')} "
          + " ".join(f"{name.split('.', 1)[1]}={n}" for name, n in sorted(counters.items())
                     if name.startswith(("not_decrypted.", "malformed.", "limit."))))


def count_lines(heads):
    found = collections.Counter()
    for direction, head in heads:
        for line in head.decode("utf-8", "replace").split("\r\n"):
            line = re.sub(r"^(host: [^:]*):\d+$", r"\1", line)
            found[(direction, line)] += 1
    return found


def flows_of(path):
    """How many pairs of ends a capture has."""
    with open(path, "rb") as file:
        data = file.read()
    found, at = set(), 24
    while at + 16 <= len(data):
        size = struct.unpack_from("<I", data, at + 8)[0]
        packet = data[at + 16:at + 16 + size]
        found.add(frozenset((packet[12:16] + packet[20:22], packet[16:20] + packet[22:24])))
        at += 16 + size
    return len(found)


def compare(title, probe, recording, sent):
    heads, bodies, datagrams, counters = read(probe, recording)
    lines = count_lines(heads)
    # On a busy machine a program puts several lines into one datagram.
    lines_of_datagrams = ((direction, line) for direction, data in datagrams for line in data.splitlines(keepends=True))
    read_bodies = collections.Counter(bodies or lines_of_datagrams)
    both_lines, both_bodies = sent.lines & lines, sent.bodies & read_bodies
    sent_bodies = sum(sent.bodies.values())
    n = (sum(sent.lines.values()) + sent_bodies, sum(both_lines.values()) + sum(both_bodies.values()))
    n_bytes = sum(len(body) * count for (_, body), count in both_bodies.items())
    result_line(title, (n[0], sent.bytes), (n[1], n_bytes), counters)
    if os.environ.get("VERBOSE"):
        for line in sorted((sent.lines - both_lines).elements()):
            print("    missing:", line)
        for direction, body in list((sent.bodies - both_bodies).elements())[:5]:
            print("    missing:", direction, len(body), body[:40])
    return n[0] == n[1] and n_bytes == sent.bytes


def run_one(probe, kind, name, options, tries=5):
    """A client that is to move may be done before it does: it gets other tries."""
    programs = {"HTTP/3": ["gtlsserver", "gtlsclient"], "DTLS": ["openssl"]}[kind]
    title = f"{kind}: {name}"
    lose_kind, every = options.get("lose", ("", 0))
    flows, moves = options.get("flows", 1), options.get("moves", False)
    options = {key: value for key, value in options.items() if key not in ("lose", "flows", "moves")}
    if not all(map(shutil.which, programs)):
        print(f"{title:46} left out: {' and '.join(programs)} are not installed")
        return True
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        recording = Recording(folder, lambda kind, n: kind == lose_kind and n > 20 and n % every == 0, moves)
        sent = Sent()
        try:
            {"HTTP/3": http3, "DTLS": dtls}[kind](recording, sent, **options)
        finally:
            recording.stop()
        if os.environ.get("KEEP"):
            shutil.copytree(folder, os.path.join(os.environ["KEEP"], re.sub(r"\W+", "-", title)), dirs_exist_ok=True,
                            ignore=shutil.ignore_patterns("docs", "*.sock", "*.mdb"))
        if flows_of(recording.capture) < flows and tries > 1:
            return run_one(probe, kind, name, {**options, "flows": flows, "moves": moves}, tries - 1)
        if flows_of(recording.capture) < flows:
            print(f"{title:46} the client did not move")
            return False
        return compare(title, probe, recording, sent)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    scenarios = [("HTTP/3", name, options) for name, options in HTTP3.items()]
    scenarios += [("DTLS", name, options) for name, options in DTLS.items()]
    wanted, failed = sys.argv[2:], 0
    print(f"{'scenario':46} {'messages':>13} {'bytes of bodies':>21}  decrypted")
    print(f"{'':46} {'sent':>6} {'read':>6} {'sent':>10} {'read':>10}")
    for kind, name, options in scenarios:
        if not wanted or any(word in f"{kind}: {name}" for word in wanted):
            failed += not run_one(os.path.abspath(sys.argv[1]), kind, name, options)
    print(f"{failed} scenarios of which something was not read")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

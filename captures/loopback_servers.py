# SPDX-License-Identifier: Apache-2.0
"""Small DNS, HTTP and HTTPS servers for record-loopback.sh. Names are those of .test, addresses those of RFC 5737."""
import gzip
import http.server
import socket
import socketserver
import ssl
import struct
import sys
import threading

DNS_IP = "192.0.2.53"
WWW_IP = "198.51.100.80"
WWW_IP6 = "2001:db8:80::1"
ZONE = {
    b"www.example.test": {1: [WWW_IP], 28: [WWW_IP6]},
    b"login.example.test": {1: ["203.0.113.44"]},
    b"tracker.example.test": {1: [WWW_IP]},
}


def question(packet):
    """Name (lower case), type and end of the first question."""
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1 : at + 1 + packet[at]])
        at += 1 + packet[at]
    return b".".join(labels).lower(), struct.unpack_from(">H", packet, at + 1)[0], at + 5


def answer(packet):
    name, kind, end = question(packet)
    addresses = ZONE.get(name, {}).get(kind, [])
    rcode = 0 if name in ZONE else 3
    head = packet[:2] + struct.pack(">HHHHH", 0x8580 | rcode, 1, len(addresses), 0, 0)
    body = packet[12:end]
    for address in addresses:
        data = socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)
        body += struct.pack(">HHHIH", 0xC00C, kind, 1, 300, len(data)) + data
    return head + body


class DnsDatagram(socketserver.BaseRequestHandler):
    def handle(self):
        packet, sock = self.request
        sock.sendto(answer(packet), self.client_address)


class DnsStream(socketserver.StreamRequestHandler):
    def handle(self):
        size = self.rfile.read(2)
        if len(size) == 2:
            reply = answer(self.rfile.read(struct.unpack(">H", size)[0]))
            self.wfile.write(struct.pack(">H", len(reply)) + reply)


class Web(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "ExampleServer/1.0"
    sys_version = ""

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b"<html><body>" + b"<p>Hello from example.test.</p>\n" * 40 + b"</body></html>\n"
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Set-Cookie", "session=0123456789abcdef; Path=/")
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *args):
        pass


class WebServer(socketserver.ThreadingTCPServer):
    """http.server's own would look up its name, which is an answer only this program gives."""

    allow_reuse_address = True


class WebServer6(WebServer):
    address_family = socket.AF_INET6


def main():
    certificate, key = sys.argv[1:3]
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    tls.set_alpn_protocols(["http/1.1"])
    servers = [
        socketserver.ThreadingUDPServer((DNS_IP, 53), DnsDatagram),
        socketserver.ThreadingTCPServer((DNS_IP, 53), DnsStream),
        WebServer((WWW_IP, 80), Web),
        WebServer((WWW_IP, 443), Web),
        WebServer6((WWW_IP6, 443), Web),
    ]
    for server in servers[3:]:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threads = [threading.Thread(target=server.serve_forever) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


main()

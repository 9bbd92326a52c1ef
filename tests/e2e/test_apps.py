#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Whose traffic it is: parts of a service by server name, services with rows of their own, names told late."""
import os
import struct
import unittest

from support import CLIENT, RESOLVER, Case, dns_query, ipv4, mitleser, pcap, udp


def dns_answer(name, address):
    query = dns_query(name)
    head = query[:2] + struct.pack("!HHHHH", 0x8180, 1, 1, 0, 0)
    return head + query[12:] + b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + bytes(address)


def tcp(sport, dport, flags, seq, ack, payload=b""):
    return struct.pack("!HHIIBBHHH", sport, dport, seq, ack, 0x50, flags, 8192, 0, 0) + payload


def stream(sport, server, dport, payload):
    """A handshake, and what the client then sends."""
    return [
        ipv4(CLIENT, server, 6, tcp(sport, dport, 0x02, 100, 0)),
        ipv4(server, CLIENT, 6, tcp(dport, sport, 0x12, 900, 101)),
        ipv4(CLIENT, server, 6, tcp(sport, dport, 0x18, 101, 901, payload)),
    ]


def client_hello(host):
    name = host.encode()
    entry = struct.pack("!BH", 0, len(name)) + name
    server_name = struct.pack("!HHH", 0, len(entry) + 2, len(entry)) + entry
    versions = struct.pack("!HHBH", 43, 3, 2, 0x0304)
    extensions = server_name + versions
    body = b"\x03\x03" + bytes(32) + b"\0" + struct.pack("!HH", 2, 0x1301) + b"\x01\0"
    body += struct.pack("!H", len(extensions)) + extensions
    message = b"\x01" + struct.pack("!I", len(body))[1:] + body
    return b"\x16\x03\x01" + struct.pack("!H", len(message)) + message


def lookup(name, address=None):
    """A question, or the answer to it."""
    if address is None:
        return ipv4(CLIENT, RESOLVER, 17, udp(40053, 53, dns_query(name)))
    return ipv4(RESOLVER, CLIENT, 17, udp(53, 40053, dns_answer(name, address)))


class Apps(Case):
    def flows_of(self, packets):
        """The report, and the flow of each client port."""
        report, flows = self.audit(self.file("a.pcap", pcap(packets)))
        return report, {flow.get("src.port"): flow for flow in flows}

    def hellos(self, names):
        packets = []
        for i, name in enumerate(names):
            packets += stream(50000 + i, (203, 0, 113, 1 + i), 443, client_hello(name))
        report, flows = self.flows_of(packets)
        return report, [flows[50000 + i] for i in range(len(names))]

    def test_the_server_name_tells_parts_of_wechat(self):
        names = ["sgshort.wechat.com", "szextshort.weixin.qq.com", "short.weixin.qq.com", "mp.weixin.qq.com"]
        report, flows = self.hellos(names)
        told = [(flow["app"], flow.get("service_region"), flow.get("service_region_country"), flow.get("app_edition"))
                for flow in flows]
        self.assertEqual(told, [("wechat", "sg", "SG", "wechat"), ("wechat", "sz", "CN", "weixin"),
                                ("wechat", "default", None, None), ("wechat", None, None, None)])
        (app,) = [app for app in report["body"]["apps"] if app["id"] == "wechat"]
        self.assertEqual([(row["id"], row["country"], row["edition"], row["flows"]) for row in app["regions"]],
                         [("default", None, None, 1), ("sg", "SG", "wechat", 1), ("sz", "CN", "weixin", 1)])
        self.assertTrue(all(row["meaning"] and row["bytes_up"] > 0 for row in app["regions"]))

    def test_rules_read_the_part_of_the_service(self):
        rule = self.file("rule.yml", b"""title: Part of a service in mainland China
id: 6d2c1f0e-9b0a-4f7e-8a53-0d8a5f1c9b11
name: ml-test-region
status: test
description: x
author: x
date: 2026-11-26
logsource: {product: mitleser, category: flow}
detection:
  selection: {service_region_country: CN}
  condition: selection
level: low
""")
        packets = stream(50000, (203, 0, 113, 1), 443, client_hello("szshort.weixin.qq.com"))
        packets += stream(50001, (203, 0, 113, 2), 443, client_hello("sgshort.wechat.com"))
        report, _ = self.audit(self.file("a.pcap", pcap(packets)), "--rules", rule)
        (finding,) = report["body"]["findings"]
        self.assertEqual(finding["flows"], [1] if isinstance(finding["flows"], list) else 1)

    def test_payment_services_have_rows_of_their_own(self):
        report, flows = self.hellos(["mobilegw.alipay.com", "openapi.alipay.com", "api.mch.weixin.qq.com",
                                     "payapp.weixin.qq.com", "sgshort.wechat.com"])
        self.assertEqual([(flow["app"], flow.get("service")) for flow in flows],
                         [("alipay", "payment"), ("alipay", "payment"), ("wechat", "payment"), ("wechat", "payment"),
                          ("wechat", "messaging")])
        rows = {app["id"]: {row["id"]: row["flows"] for row in app["services"]} for app in report["body"]["apps"]}
        self.assertEqual(rows["alipay"], {"payment": 2})
        self.assertEqual(rows["wechat"], {"payment": 2, "messaging": 1})
        self.assertIn("ML-PAY-02", {finding["taxonomy"] for finding in report["body"]["findings"]})

    def test_a_look_up_of_a_service_for_all_apps_is_nobodys(self):
        _, flows = self.flows_of([lookup("android.bugly.qq.com")])
        self.assertNotIn("app", flows[40053])
        self.assertEqual(flows[40053]["dns.names"], ["android.bugly.qq.com"])

    def test_an_answer_later_in_the_capture_is_weak_evidence(self):
        server = (203, 0, 113, 9)
        packets = stream(50000, server, 7777, b"nothing to be told by")
        packets += [lookup("web.wechat.com"), lookup("web.wechat.com", server)]
        packets += stream(50001, server, 7777, b"nothing to be told by")
        _, flows = self.flows_of(packets)
        before, after = flows[50000], flows[50001]
        self.assertEqual((before["app"], before["app_confidence"]), ("wechat", "low"))
        self.assertNotIn("name", before)
        self.assertIn("wechat name 30 dns_later:web.wechat.com", before["app_votes"])
        self.assertEqual((after["app"], after["app_confidence"], after["name"]), ("wechat", "moderate", "web.wechat.com"))

    def test_several_names_of_an_address_are_uncertain(self):
        server = (203, 0, 113, 9)
        packets = [lookup("web.wechat.com"), lookup("web.wechat.com", server)]
        packets += [lookup("www.example.com"), lookup("www.example.com", server)]
        packets += stream(50000, server, 7777, b"nothing to be told by")
        _, flows = self.flows_of(packets)
        self.assertEqual((flows[50000]["app"], flows[50000]["app_confidence"]), ("wechat", "low"))
        self.assertIn("wechat name 30 dns:web.wechat.com", flows[50000]["app_votes"])

    def test_an_address_in_the_place_of_a_host_name_is_no_name(self):
        server = (203, 0, 113, 9)
        request = b"GET / HTTP/1.1\r\nHost: 203.0.113.9\r\n\r\n"
        packets = [lookup("relay.msg.yahoo.com"), lookup("relay.msg.yahoo.com", server)]
        _, flows = self.flows_of(packets + stream(50000, server, 80, request))
        self.assertEqual((flows[50000]["name"], flows[50000]["app"]), ("relay.msg.yahoo.com", "yahoo_messenger"))
        self.assertEqual(flows[50000]["http.hosts"], ["203.0.113.9"])

    def test_the_summary_tells_parts_too(self):
        packets = stream(50000, (203, 0, 113, 1), 443, client_hello("sgshort.wechat.com"))
        done = mitleser("audit", self.file("a.pcap", pcap(packets)), "--no-progress", "--format", "text")
        self.assertIn("regions sg (SG, wechat)", done.stdout.decode())


if __name__ == "__main__":
    unittest.main()

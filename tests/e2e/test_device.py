#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A capture taken on the device says which app sent what: PCAPdroid's trailer, its UID map, any number of threads."""
import json
import os
import struct
import unittest

from support import CLIENT, RESOLVER, ROOT, Case, ipv4, mitleser, udp

MAGIC = 0x01072021


def frame(packet, uid, name):
    """Ethernet without addresses, and behind the packet the trailer: magic, uid, name in 20 bytes, checksum."""
    return bytes(12) + b"\x08\x00" + packet + struct.pack("!Ii20sI", MAGIC, uid, name.encode(), 0)


def capture(frames):
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)]
    for number, data in enumerate(frames):
        out.append(struct.pack("<IIII", 1700000000 + number, 0, len(data), len(data)) + data)
    return b"".join(out)


class Device(Case):
    def flows(self, names, *arguments):
        frames = [
            frame(ipv4(CLIENT, (203, 0, 113, 1 + i), 17, udp(40000 + i, 9999, b"nothing to be told by")), 10000 + i, name)
            for i, name in enumerate(names)
        ]
        _, flows = self.audit(self.file("a.pcap", capture(frames)), *arguments)
        return flows

    def test_the_name_of_the_app_is_evidence(self):
        for threads in "1", "3":
            flows = self.flows(["Signal", "Weixin", "Files"], "--threads", threads)
            self.assertEqual([flow.get("flow.process") for flow in flows], ["Signal", "Weixin", "Files"])
            self.assertEqual([flow.get("app") for flow in flows], ["signal", "wechat", None])
            self.assertTrue(flows[0]["app_votes"][0].startswith("signal uid "), flows[0]["app_votes"])

    def test_the_app_reaches_endpoints_and_totals(self):
        report, flows = self.audit(os.path.join(ROOT, "captures/on-device.pcap"), "--without-ndpi")
        body = report["body"]
        self.assertEqual([flow["flow.process"] for flow in flows], ["Signal", "Weixin", "Files"])
        self.assertEqual([endpoint["apps"] for endpoint in body["endpoints"]], [["signal"], ["wechat"], []])
        apps = {app["id"]: app for app in body["apps"]}
        self.assertEqual(sorted(apps), ["signal", "unattributed", "wechat"])
        for name, flow in ("signal", flows[0]), ("wechat", flows[1]):
            endpoints = [e["ip"] for e in body["endpoints"] if e["id"] in apps[name]["endpoints"]]
            self.assertEqual(endpoints, [flow["dst.ip"]])
            self.assertEqual(apps[name]["bytes_up"], flow["bytes_up"])
            self.assertTrue(all(vote.startswith(f"{name} uid ") for vote in flow["app_votes"]), flow["app_votes"])

    def test_a_package_is_evidence_too(self):
        flows = self.flows(["ch.threema.app"])
        self.assertEqual(flows[0]["app"], "threema")

    def test_the_trailer_is_no_traffic(self):
        flows = self.flows(["Signal"])
        self.assertEqual(flows[0]["bytes_up"], 20 + 8 + len(b"nothing to be told by"))

    def test_a_file_of_pcapdroid_brings_apps_and_secrets(self):
        """User ids in comments, names of apps in blocks, and the key log behind all packets."""
        report, flows = self.audit(os.path.join(ROOT, "captures/pcapdroid.pcapng"), "--without-ndpi", "--identities",
                                   os.path.join(ROOT, "captures/identities.yaml"))
        body = report["body"]
        self.assertEqual([(flow["flow.process"], flow.get("app")) for flow in flows],
                         [("com.tencent.mm", "wechat"), ("org.thoughtcrime.securesms", "signal"), ("org.example.files", None)])
        self.assertEqual((body["coverage"]["decryption"]["possible"], body["coverage"]["decryption"]["decrypted"]), (2, 2))
        self.assertEqual((body["inputs"][0]["secrets"]["count"] > 0, body["inputs"][0]["secrets"].get("late", 0)), (True, 0))
        found = {row["label"]: (row["flows"], row["flows_clear"]) for row in body["planted"] if row["state"] == "found"}
        self.assertEqual(found, {"account-1": (1, 0), "contact-anna": (1, 0), "serial-1": (1, 1)})
        self.assertEqual(sum(app["searched"]["bytes"] for app in body["apps"]), body["coverage"]["searched"]["bytes"])

    def test_through_a_pipe_its_secrets_come_too_late(self):
        with open(os.path.join(ROOT, "captures/pcapdroid.pcapng"), "rb") as file:
            done = mitleser("audit", "-", "-o", "-", "--without-ndpi", "--identities",
                            os.path.join(ROOT, "captures/identities.yaml"), stdin=file.read())
        body = json.loads(done.stdout)["body"]
        self.assertEqual(body["coverage"]["decryption"]["decrypted"], 0)
        self.assertGreater(body["inputs"][0]["secrets"]["late"], 0)
        states = {row["label"]: row["state"] for row in body["planted"]}
        self.assertEqual((states["account-1"], states["serial-1"]), ("not found in what was searched", "found"))

    def test_other_captures_name_no_app(self):
        packet = ipv4(CLIENT, RESOLVER, 17, udp(40000, 9999, b"x"))
        data = bytes(12) + b"\x08\x00" + packet + bytes(32)
        _, flows = self.audit(self.file("a.pcap", capture([data])))
        self.assertNotIn("flow.process", flows[0])


if __name__ == "__main__":
    unittest.main()

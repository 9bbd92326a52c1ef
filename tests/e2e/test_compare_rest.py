#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`compare`: a report lists 10,000 endpoints; the others are compared from endpoints.ndjson, or counted."""
import json
import os
import unittest

from support import CLIENT, Case, ipv4, mitleser, pcap, udp


class Rest(Case):
    def report(self, name, capture):
        out = os.path.join(self.folder, name)
        done = mitleser("audit", self.file(name + ".pcap", capture), "-q", "--without-ndpi", "-o", out)
        self.assertEqual(done.returncode, 0, done.stderr)
        return out

    def test_endpoints_that_a_report_does_not_list_are_compared_or_counted(self):
        def many(last):
            packets = []
            for i in range(10020):
                address = last if i == 10019 else (100 + i // 65536, i // 256 % 256, i % 256, 1)
                packets.append(ipv4(CLIENT, address, 17, udp(40000, 9000, b"x" * 20)))
            return pcap(packets)

        a = self.report("a", many((203, 0, 113, 7)))
        b = self.report("b", many((198, 51, 100, 7)))
        with open(os.path.join(a, "report.json"), encoding="utf-8") as file:
            body = json.load(file)["body"]
        self.assertEqual((len(body["endpoints"]), body["endpoints_total"]), (10000, 10020))

        def compared():
            done = mitleser("compare", a, b, "--format", "json")
            self.assertEqual(done.returncode, 0, done.stderr)
            document = json.loads(done.stdout)["body"]
            keys = {row["key"] for row in document["sets"] if row["key"].endswith("/24")}
            return keys, [c for c in document["cautions"] if "endpoints were not compared" in c]

        keys, cautions = compared()
        self.assertLessEqual({"203.0.113.0/24", "198.51.100.0/24"}, keys)
        self.assertEqual(cautions, [])
        # One of another report, one that is cut, none: counted, not guessed.
        path = os.path.join(a, "endpoints.ndjson")
        with open(path, "rb") as file:
            good = file.read()
        other = good.replace(b'"dst.ip":"100.0.3.1"', b'"dst.ip":"100.0.9.9"', 1)
        self.assertNotEqual(other, good)
        for wrong in (other, good[:-30], None):
            os.remove(path)
            if wrong is not None:
                self.file(path, wrong)
            keys, cautions = compared()
            self.assertNotIn("203.0.113.0/24", keys)
            self.assertIn("198.51.100.0/24", keys)
            self.assertEqual([c.split()[0] for c in cautions], ["20"])


if __name__ == "__main__":
    unittest.main()

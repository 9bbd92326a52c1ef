#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Residency tables are bounds, and the jq lines of their description count every number again from flows.ndjson."""
import os
import re
import subprocess
import unittest

import datasets
from support import CLIENT, ROOT, Case, ipv4, pcap, udp

DOCUMENT = os.path.join(ROOT, "analyzer/docs/formats/residency.md")
# Third octet of 44.128.x.0/24, first source, second source, bytes of payload.
HOSTS = [(0, "DE", "DE", 100), (1, "DE", "SG", 200), (2, "SG", "SG", 400), (3, "DE", "FR", 800), (4, "US", None, 1000),
         (5, None, None, 300)]


def lines():
    """table -> the jq programs of its code block, in order."""
    found = {}
    table = None
    with open(DOCUMENT, encoding="utf-8") as file:
        for line in file:
            heading = re.match(r"# (by_\w+)", line)
            table = heading.group(1) if heading else table
            program = re.match(r"jq -s --arg k KEY '(.*)' flows\.ndjson$", line)
            if program:
                found.setdefault(table, []).append(program.group(1))
    return found


def payload(address, size, number):
    up = ipv4(CLIENT, address, 17, udp(40000 + number, 9000, bytes(size)))
    return [up, ipv4(address, CLIENT, 17, udp(9000, 40000 + number, bytes(size // 2)))]


class Residency(Case):
    def setUp(self):
        super().setUp()
        data = os.path.join(self.folder, "data")
        first = [((44, 128, i), a) for i, a, _, _ in HOSTS if a]
        second = [((44, 128, i), b) for i, _, b, _ in HOSTS if b]
        datasets.write(data, first, second, None)
        packets = [p for i, _, _, size in HOSTS for p in payload((44, 128, i, 1), size, i)]
        packets += payload((198, 51, 100, 7), 500, 90)
        self.made = self.file("a.pcap", pcap(packets))
        self.data = data

    def count(self, program, key):
        flows = os.path.join(self.folder, "out/flows.ndjson")
        done = subprocess.run(["jq", "-s", "--arg", "k", key, program, flows], capture_output=True, check=True)
        return int(done.stdout)

    def test_bounds_hold_what_they_say(self):
        report, _ = self.audit(self.made, "--data", self.data)
        rows = {row["key"]: row for row in report["body"]["residency"]["by_location"]}

        def up(key, *names):
            return tuple(rows[key]["bytes_up" + name] for name in names or ("_lower", "", "_upper"))

        head = 28  # of IP and UDP
        self.assertEqual(up("DE"), (100 + head, 100 + head, 100 + 200 + 800 + 3 * head))
        self.assertEqual(up("SG"), (400 + head, 400 + head, 600 + 2 * head))
        self.assertEqual(up("FR"), (0, 0, 800 + head))
        self.assertEqual(up("US"), (0, 0, 1000 + head))
        self.assertEqual(up("disputed"), (1000 + 2 * head,) * 3)
        self.assertEqual(up("unknown"), (1300 + 2 * head,) * 3)
        self.assertEqual(up("special"), (500 + head,) * 3)
        classes = {row["key"]: row for row in report["body"]["residency"]["by_class"]}
        self.assertEqual(classes["eea"]["bytes_up_lower"], 100 + head)
        self.assertEqual(classes["eea"]["bytes_up_upper"], 100 + 200 + 800 + 3 * head)
        self.assertEqual(classes["none"]["bytes_up_upper"], 600 + 2 * head)
        total = sum(p["bytes_up"] for p in report["body"]["endpoints"])
        for table in report["body"]["residency"].values():
            self.assertEqual(sum(row["bytes_up"] for row in table), total)
            for row in table:
                self.assertLessEqual(row["bytes_up_lower"], row["bytes_up"])
                self.assertLessEqual(row["bytes_up"], row["bytes_up_upper"])

    def test_every_number_can_be_counted_again(self):
        programs = lines()
        self.assertEqual({table: len(rows) for table, rows in programs.items()},
                         {"by_location": 3, "by_network_country": 1, "by_control": 1, "by_class": 3})
        sample = os.path.join(ROOT, "captures/wechat-session.pcapng")
        for capture in (self.made, sample):
            report, _ = self.audit(capture, "--data", self.data)
            for table, rows in report["body"]["residency"].items():
                self.assertTrue(rows)
                for row in rows:
                    for direction in ("bytes_up", "bytes_down"):
                        for i, suffix in enumerate(("", "_lower", "_upper")):
                            program = programs[table][i if len(programs[table]) == 3 else 0]
                            program = program.replace(".bytes_up", "." + direction)
                            with self.subTest(table=table, key=row["key"], number=direction + suffix):
                                self.assertEqual(self.count(program, row["key"]), row[direction + suffix])
                    program = programs[table][0].replace("| .bytes_up]", "| 1]")
                    self.assertEqual(self.count(program, row["key"]), row["flows"])


if __name__ == "__main__":
    unittest.main()

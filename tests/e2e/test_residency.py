#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Residency tables are bounds, and the jq lines of their description count every number again from flows.ndjson."""
import collections
import json
import os
import re
import subprocess
import unittest

import datasets
from support import CLIENT, ROOT, Case, ipv4, mitleser, pcap, udp

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

    def count(self, flows, programs):
        """Runs [(program, key)] in one jq; gives their numbers."""
        whole = ", ".join("(" + program.replace("$k", json.dumps(key)) + ")" for program, key in programs)
        done = subprocess.run(["jq", "-s", "-c", "[" + whole + "]"], input=flows, capture_output=True, check=True)
        return json.loads(done.stdout)

    def recount(self, where, tables, flows):
        """Every number of four tables from the rows of their flows."""
        programs = lines()
        wanted = []
        for table, rows in tables.items():
            for row in rows:
                for i, suffix in enumerate(("", "_lower", "_upper")):
                    program = programs[table][i if len(programs[table]) == 3 else 0]
                    for member in ("bytes_up", "bytes_down"):
                        counted = program.replace("| .bytes_up]", f"| .{member}]")
                        wanted.append((counted, row["key"], row[member + suffix], (table, member + suffix)))
                    counted = program.replace("| .bytes_up]", "| 1]")
                    wanted.append((counted, row["key"], row["flows" + suffix], (table, "flows" + suffix)))
        self.assertTrue(wanted)
        for (_, key, told, number), counted in zip(wanted, self.count(flows, [w[:2] for w in wanted])):
            self.assertEqual(counted, told, (where, key, number))

    def of_part(self, arguments):
        """Rows that the line of the description leaves of flows.ndjson."""
        with open(DOCUMENT, encoding="utf-8") as file:
            found = re.findall(r"^jq -c ((?:--arg \w+ \w+ )+)'(.*)' flows\.ndjson > \w+\.ndjson$", file.read(), re.M)
        program = {len(re.findall("--arg", names)): line for names, line in found}[len(arguments)]
        command = ["jq", "-c"]
        for name, value in arguments.items():
            command += ["--arg", name, value]
        path = os.path.join(self.folder, "out/flows.ndjson")
        return subprocess.run([*command, program, path], capture_output=True, check=True).stdout

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
        self.assertEqual({table: len(rows) for table, rows in lines().items()},
                         {"by_location": 3, "by_network_country": 1, "by_control": 1, "by_class": 3})
        sample = os.path.join(ROOT, "captures/wechat-session.pcapng")
        for capture in (self.made, sample):
            report, _ = self.audit(capture, "--data", self.data)
            with open(os.path.join(self.folder, "out/flows.ndjson"), "rb") as file:
                self.recount("all", report["body"]["residency"], file.read())
            for app in report["body"]["apps"]:
                self.recount(app["id"], app["residency"], self.of_part({"app": app["id"]}))
                for service in app["services"]:
                    part = self.of_part({"app": app["id"], "service": service["id"]})
                    self.recount((app["id"], service["id"]), service["residency"], part)
        self.assertGreater(len(report["body"]["apps"]), 1)

    def test_parts_add_up_to_the_whole(self):
        report, _ = self.audit(os.path.join(ROOT, "captures/wechat-session.pcapng"), "--data", self.data)
        body = report["body"]

        def sums(residency_tables):
            total = collections.Counter()
            for residency in residency_tables:
                for table, rows in residency.items():
                    for row in rows:
                        for member, value in row.items():
                            if member.startswith(("bytes", "flows")):
                                total[table, row["key"], member] += value
            return total

        apps = [app["residency"] for app in body["apps"]]
        services = [service["residency"] for app in body["apps"] for service in app["services"]]
        self.assertEqual(sums(apps), sums([body["residency"]]))
        self.assertEqual(sums(services), sums(apps))
        for app in body["apps"]:
            for rows in app["residency"].values():
                self.assertEqual(sum(row["flows"] for row in rows), app["flows"])
                for row in rows:
                    self.assertLessEqual(row["flows_lower"], row["flows"])
                    self.assertLessEqual(row["flows"], row["flows_upper"])

    def test_the_summary_bounds_the_apps_with_most_bytes(self):
        text = mitleser("audit", os.path.join(ROOT, "captures/wechat-session.pcapng"), "--data", self.data).stdout.decode()
        after = text.split("class by app (least and most of its bytes)\n")[1].splitlines()
        bounds = [line for line in after[:4] if re.search(r"^    \S.* \d+(-\d+)? %", line)]
        self.assertTrue(1 <= len(bounds) <= 3, after[:5])


if __name__ == "__main__":
    unittest.main()

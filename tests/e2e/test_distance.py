#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Round trips as distances: refuted countries are those that an independent calculation puts out of reach."""
import math
import os
import struct
import unittest

import datasets
import jsonschema
from support import CLIENT, Case, ipv4, mitleser

FRANKFURT = (50.11, 8.68)
EARTH_KM = 6371.0088
BOXES = {
    "DE": (6, 47.3, 15, 55), "NL": (3.4, 50.8, 7.2, 53.5), "FR": (-4.5, 42.5, 8, 49.5), "GB": (-5, 50, 1.7, 58),
    "US": (-125, 25, -67, 49), "IN": (70, 8, 90, 30), "SG": (103.6, 1.2, 104.1, 1.5), "JP": (130, 31, 145, 45),
    "AU": (114, -38, 153, -12),
}  # NZ has no outline, so nothing can be said of it
COUNTRIES = sorted(list(BOXES) + ["NZ"])


def haversine(a, b):
    lat_a, lon_a, lat_b, lon_b = map(math.radians, (*a, *b))
    h = math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(h))


def unit(place):
    lat, lon = map(math.radians, place)
    return (math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat))


def least_km(place, box, steps=4000):
    """Walks along the great circles of the outline in small steps."""
    west, south, east, north = box
    if west <= place[1] <= east and south <= place[0] <= north:
        return 0
    corners = [(south, west), (south, east), (north, east), (north, west), (south, west)]
    least = math.inf
    for a, b in zip(corners, corners[1:]):
        p, q = unit(a), unit(b)
        for step in range(steps + 1):
            part = step / steps
            x, y, z = (p[i] * (1 - part) + q[i] * part for i in range(3))
            least = min(least, haversine(place, (math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x)))))
    return least


def tcp(sport, dport, flags, number, ack):
    return struct.pack("!HHIIBBHHH", sport, dport, number, ack, 0x50, flags, 65535, 0, 0)


def handshakes(servers, rtt_us, repeat=False):
    """A capture of one handshake a server, whose SYN/ACK comes after the round trip."""
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)]
    for number, server in enumerate(servers):
        start = number * 1000000
        port = 40000 + number
        packets = [(0, ipv4(CLIENT, server, 6, tcp(port, 443, 0x02, 100, 0)))]
        if repeat:
            packets.append((rtt_us // 2, ipv4(CLIENT, server, 6, tcp(port, 443, 0x02, 100, 0), number=2)))
        packets.append((rtt_us, ipv4(server, CLIENT, 6, tcp(443, port, 0x12, 500, 101))))
        packets.append((rtt_us + 10, ipv4(CLIENT, server, 6, tcp(port, 443, 0x10, 101, 501))))
        for delay, packet in packets:
            time = start + delay
            out.append(struct.pack("<IIII", 1700000000 + time // 1000000, time % 1000000, len(packet), len(packet)) + packet)
    return b"".join(out)


CASE = "capture_at: gateway\nproxy: false\nvantage:\n  lat: 50.11\n  lon: 8.68\n"


class Distance(Case):
    def setUp(self):
        super().setUp()
        self.agreed = {country: (44, 128, i, 1) for i, country in enumerate(COUNTRIES)}
        self.disputed = {country: (44, 128, 100 + i, 1) for i, country in enumerate(COUNTRIES)}
        first = [(a[:3], c) for c, a in self.agreed.items()] + [(a[:3], "DE") for a in self.disputed.values()]
        second = [(a[:3], c) for part in (self.agreed, self.disputed) for c, a in part.items()]
        self.data = datasets.write(os.path.join(self.folder, "data"), first, second, BOXES)
        self.first, self.second = first, second

    def endpoints(self, servers, rtt_us, case=CASE, **kwargs):
        capture = self.file("a.pcap", handshakes(servers, rtt_us, **kwargs))
        arguments = ["--data", self.data]
        if case is not None:
            arguments += ["--case", self.file("case.yaml", case.encode())]
        report, self.flows = self.audit(capture, *arguments)
        self.report = report
        return {endpoint["ip"]: endpoint["location"] for endpoint in report["body"]["endpoints"]}

    def test_the_refuted_set_is_what_geometry_says(self):
        kilometres = {country: least_km(FRANKFURT, box) for country, box in BOXES.items()}
        sizes = []
        for milliseconds in (1, 8, 40, 180):
            reach = milliseconds * 150
            wanted = {country for country, km in kilometres.items() if km * 0.99 - 20 > reach}
            # No country is so near the edge that the step of the walk could decide.
            self.assertTrue(all(abs(km * 0.99 - 20 - reach) > 5 for km in kilometres.values()))
            found = self.endpoints(self.agreed.values(), milliseconds * 1000)
            with self.subTest(milliseconds=milliseconds):
                refuted = set()
                for country, address in self.agreed.items():
                    location = found[".".join(map(str, address))]
                    self.assertEqual(location["max_distance_km"], reach)
                    self.assertEqual(location["min_rtt_us"], milliseconds * 1000)
                    if location["refuted"]:
                        self.assertEqual(location["refuted"], [country])
                        self.assertEqual((location["status"], location["country"]), ("unknown", None))
                        refuted.add(country)
                    else:
                        self.assertEqual((location["status"], location["country"]), ("determined", country))
                self.assertEqual(refuted, wanted)
                sizes.append(len(refuted))
        self.assertEqual(sizes[-1], 0)
        self.assertTrue(sizes[0] > sizes[1] > sizes[2] > 0, sizes)

    def test_what_is_left_over_is_not_asserted(self):
        address = self.disputed["SG"]
        location = self.endpoints([address], 8000)[".".join(map(str, address))]
        self.assertEqual(location["refuted"], ["SG"])
        self.assertEqual((location["status"], location["country"]), ("disputed", None))
        self.assertEqual(sorted(row["country"] for row in location["candidates"]), ["DE", "SG"])

    def test_flows_residency_and_class_say_the_same(self):
        address = self.agreed["SG"]
        self.endpoints([address], 8000)
        body = self.report["body"]
        self.assertEqual([row["key"] for row in body["residency"]["by_location"]], ["unknown"])
        self.assertEqual(body["endpoints"][0]["class"]["location"], "unknown")
        self.assertNotIn("dst.country", self.flows[0])
        self.assertEqual(self.flows[0]["dst.location.status"], "unknown")

    def test_the_smallest_round_trip_of_an_address_counts(self):
        address = self.agreed["SG"]
        slow, fast = handshakes([address], 300000), handshakes([address], 8000)
        capture = self.file("both.pcap", slow + fast[24:].replace(struct.pack("<I", 1700000000), struct.pack("<I", 1700001000)))
        report, _ = self.audit(capture, "--data", self.data, "--case", self.file("case.yaml", CASE.encode()))
        self.assertEqual({e["location"]["max_distance_km"] for e in report["body"]["endpoints"]}, {1200})

    def test_a_repeated_syn_tells_nothing(self):
        address = self.agreed["SG"]
        location = self.endpoints([address], 8000, repeat=True)[".".join(map(str, address))]
        self.assertEqual((location["max_distance_km"], location["refuted"]), (None, []))
        self.assertEqual(location["country"], "SG")

    def test_the_delay_of_the_access_network_is_taken_off(self):
        address = self.agreed["US"]
        ip = ".".join(map(str, address))
        self.assertEqual(self.endpoints([address], 40000)[ip]["refuted"], [])
        delayed = self.endpoints([address], 40000, CASE + "  access_delay_us: 15000\n")[ip]
        self.assertEqual((delayed["max_distance_km"], delayed["refuted"]), (3750, ["US"]))
        wrong = self.endpoints([address], 40000, CASE + "  access_delay_us: 50000\n")[ip]
        self.assertEqual((wrong["max_distance_km"], wrong["refuted"]), (None, []))

    def test_a_country_can_be_the_vantage_point(self):
        case = CASE.replace("lat: 50.11\n  lon: 8.68", "country: DE")
        found = self.endpoints(self.agreed.values(), 1000, case)
        # Germany's box touches or overlaps those of its neighbours; England is 300 km away.
        refuted = {country for country, a in self.agreed.items() if found[".".join(map(str, a))]["refuted"]}
        self.assertEqual(refuted, {"GB", "US", "IN", "SG", "JP", "AU"})

    def test_nothing_is_refuted_without_the_declarations(self):
        address = self.agreed["SG"]
        ip = ".".join(map(str, address))
        for case, reason in (
            (CASE.replace("proxy: false", "proxy: true"), "proxy or VPN"),
            (CASE.replace("proxy: false\n", ""), "proxy or VPN"),
            (CASE.replace("gateway", "device"), "gateway"),
            (CASE.replace("capture_at: gateway\n", ""), "gateway"),
            ("capture_at: gateway\nproxy: false\n", "no vantage point"),
        ):
            with self.subTest(case=case):
                location = self.endpoints([address], 1000, case)[ip]
                self.assertEqual((location["max_distance_km"], location["refuted"]), (None, []))
                self.assertEqual(location["country"], "SG")
                bounds = self.report["body"]["case"]["rtt_bounds"]
                self.assertFalse(bounds["applied"])
                self.assertIn(reason, bounds["reason"])
        self.assertEqual(self.endpoints([address], 1000, None)[ip]["refuted"], [])

    def test_without_outlines_distances_are_told_and_nothing_is_refuted(self):
        self.data = datasets.write(os.path.join(self.folder, "data2"), self.first, self.second, None)
        address = self.agreed["SG"]
        location = self.endpoints([address], 8000)[".".join(map(str, address))]
        self.assertEqual((location["max_distance_km"], location["refuted"], location["country"]), (1200, [], "SG"))
        self.assertIn("world-map", self.report["body"]["case"]["rtt_bounds"]["reason"])

    def test_the_case_is_an_input_of_the_report(self):
        from test_audit import schema

        address = self.agreed["SG"]
        text = CASE + 'reference: "2026-17"\npurpose: complaint\nscenario: first start\n'
        self.endpoints([address], 8000, text)
        self.assertEqual([e.message for e in jsonschema.Draft202012Validator(schema()).iter_errors(self.report)], [])
        case = self.report["body"]["case"]
        self.assertEqual((case["reference"], case["purpose"], case["scenario"]), ("2026-17", "complaint", "first start"))
        self.assertEqual(case["vantage"], {"access_delay_us": 0, "country": None, "lat": "50.11", "lon": "8.68"})
        out, capture = os.path.join(self.folder, "out"), os.path.join(self.folder, "a.pcap")
        arguments = ["verify", out, capture, "--data", self.data]
        done = mitleser(*arguments, "--case", os.path.join(self.folder, "case.yaml"))
        self.assertEqual(done.returncode, 0, done.stdout)
        done = mitleser(*arguments)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"/case/", done.stdout)

    def test_a_case_file_that_is_wrong_is_refused_with_its_place(self):
        capture = self.file("a.pcap", handshakes([self.agreed["SG"]], 8000))
        for line, wrong in (
            (1, "capture_at: roof\n"), (1, "proxy: maybe\n"), (1, "colour: red\n"), (1, "- a\n"), (1, "purpose: [a]\n"),
            (2, "vantage:\n  lat: 50.11\n"), (2, "vantage:\n  country: de\n"), (2, "vantage:\n  city: Frankfurt\n"),
            (2, "vantage:\n  lat: 1e1\n  lon: 2\n"), (2, "vantage:\n  lat: 91\n  lon: 2\n"),
            (2, "vantage:\n  country: DE\n  lat: 1\n  lon: 1\n"), (3, "vantage:\n  country: DE\n  access_delay_us: -1\n"),
        ):
            with self.subTest(wrong=wrong):
                path = self.file("case.yaml", wrong.encode())
                self.one_line(mitleser("audit", capture, "--case", path), 2, f"case.yaml:{line}:")
        self.one_line(mitleser("audit", capture, "--case", "/nonexistent"), 2, "/nonexistent")


if __name__ == "__main__":
    unittest.main()

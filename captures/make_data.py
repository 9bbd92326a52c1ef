#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""make_data.py [--check]: writes captures/data, the made data sets that `mitleser rules test` uses.

They place the servers of the sample captures somewhere, so that rules on places can be tested on every machine, with
the same result for ever. They say nothing about where these addresses are in truth. --check compares instead.
"""
import hashlib
import ipaddress
import json
import os
import sys

PLACES = {
    "20.236.21.0/24": "US",
    "49.51.64.0/19": "DE",
    "101.32.0.0/16": "SG",
    "129.226.0.0/16": "SG",
    "142.250.0.0/15": "US",
    "150.109.0.0/16": "HK",
    "185.88.236.0/22": "CH",
    "203.205.0.0/16": "HK",
    "2402:4e00::/32": "HK",
}
# The second source says otherwise: the place is disputed.
DISPUTED = {"129.226.0.0/16": "HK"}
LICENCE = "Apache-2.0"
DATE = "2026-03-01"


def field(kind, size):
    """A control byte of the MaxMind DB format, sizes below 29."""
    return bytes([kind << 5 | size]) if kind <= 7 else bytes([size, kind - 7])


def text(value):
    return field(2, len(value)) + value.encode()


def number(kind, value, size):
    return field(kind, size) + value.to_bytes(size, "big")


def mmdb(places):
    nodes = [[None, None]]
    data = b""
    for place, country in sorted(places.items()):
        network = ipaddress.ip_network(place)
        shift = 96 if network.version == 4 else 0
        value = int(network.network_address)
        at = data
        data += field(7, 1) + text("country") + field(7, 1) + text("iso_code") + text(country)
        node = 0
        length = network.prefixlen + shift
        for i in range(length):
            bit = value >> (127 - i) & 1
            if i + 1 == length:
                nodes[node][bit] = len(at).to_bytes(4, "big")
            elif nodes[node][bit] is None:
                nodes.append([None, None])
                nodes[node][bit] = len(nodes) - 1
            node = nodes[node][bit]
    out = b""
    for record in (record for node in nodes for record in node):
        if isinstance(record, bytes):
            record = len(nodes) + 16 + int.from_bytes(record, "big")
        out += (len(nodes) if record is None else record).to_bytes(3, "big")
    return out + bytes(16) + data + metadata(len(nodes))


def metadata(n_nodes):
    out = b"\xab\xcd\xefMaxMind.com" + field(7, 9)
    out += text("node_count") + number(6, n_nodes, 4) + text("record_size") + number(5, 24, 2)
    out += text("ip_version") + number(5, 6, 2) + text("database_type") + text("Made for tests")
    out += text("languages") + field(11, 1) + text("en")
    out += text("binary_format_major_version") + number(5, 2, 2)
    out += text("binary_format_minor_version") + number(5, 0, 2)
    out += text("build_epoch") + number(9, 1, 8)
    return out + text("description") + field(7, 1) + text("en") + text("made, says nothing true")


def rows(places, version):
    out = "# Made for tests: says nothing about where these addresses are.\n"
    networks = sorted((ipaddress.ip_network(p), c) for p, c in places.items() if ipaddress.ip_network(p).version == version)
    for network, country in networks:
        first, last = network[0], network[-1]
        out += f"{int(first)},{int(last)},{country}\n" if version == 4 else f"{first},{last},{country}\n"
    return out.encode()


def files():
    second = {**PLACES, **DISPUTED}
    sets = {
        "dbip-country": {"dbip-country.mmdb": mmdb(PLACES)},
        "tor-geoip": {"geoip": rows(second, 4), "geoip6": rows(second, 6)},
    }
    manifest = {"version": 1, "datasets": []}
    out = {}
    for name, members in sets.items():
        listed = []
        for file, content in members.items():
            out[f"{name}/{file}"] = content
            digest = hashlib.sha256(content).hexdigest()
            listed.append({"path": f"{name}/{file}", "bytes": len(content), "sha256": digest})
        joint = hashlib.sha256("".join(row["sha256"] for row in listed).encode()).hexdigest()
        manifest["datasets"].append(
            {
                "id": name,
                "name": f"made for tests in place of {name}",
                "edition": "made",
                "date": DATE,
                "sha256": joint,
                "licence": LICENCE,
                "files": listed,
            }
        )
    out["MANIFEST.json"] = (json.dumps(manifest, indent=1) + "\n").encode()
    return out


def main():
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")
    wrong = []
    for name, content in files().items():
        path = os.path.join(folder, name)
        if "--check" in sys.argv[1:]:
            with open(path, "rb") as file:
                wrong += [name] if file.read() != content else []
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
    if wrong:
        sys.exit(f"not what make_data.py makes: {', '.join(wrong)}")


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Tiny data sets: countries of addresses in both sources, and outlines of countries."""
import hashlib
import json
import os
import struct

# ISO 3166-1 numeric codes of the countries in use here.
NUMERIC = {"AU": 36, "DE": 276, "FR": 250, "GB": 826, "IN": 356, "JP": 392, "NL": 528, "NZ": 554, "SG": 702, "US": 840}


def mmdb(networks):
    """MaxMind DB 2.0, IPv4, one record a /24: [((a, b, c), "DE")]."""
    tree = [[None, None]]
    data = {}
    blob = b""
    for octets, country in networks:
        if country not in data:
            data[country] = len(blob)
            blob += b"\xe1" + b"\x4ccountry_code" + b"\x42" + country.encode()
        bits = [(octet >> (7 - bit)) & 1 for octet in octets for bit in range(8)]
        node = 0
        for bit in bits[:-1]:
            if tree[node][bit] is None:
                tree.append([None, None])
                tree[node][bit] = len(tree) - 1
            node = tree[node][bit]
        tree[node][bits[-1]] = ("data", data[country])
    n = len(tree)

    def number(record):
        return n if record is None else n + 16 + record[1] if isinstance(record, tuple) else record

    out = b"".join(struct.pack("!II", number(left), number(right)) for left, right in tree) + bytes(16) + blob

    def text(value):
        return bytes([0x40 + len(value)]) + value.encode()

    def uint(kind, value):
        raw = value.to_bytes(8, "big").lstrip(b"\0")
        return (bytes([0xC0 + len(raw)]) if kind == 6 else bytes([0xA0 + len(raw)])) + raw

    meta = b"\xe9" + text("node_count") + uint(6, n) + text("record_size") + uint(5, 32) + text("ip_version")
    meta += uint(5, 4) + text("database_type") + text("Test") + text("languages") + b"\x00\x04"
    meta += text("binary_format_major_version") + uint(5, 2) + text("binary_format_minor_version") + uint(5, 0)
    meta += text("build_epoch") + b"\x04\x02" + struct.pack("!I", 1700000000) + text("description") + b"\xe0"
    return out + b"\xab\xcd\xefMaxMind.com" + meta


def topology(boxes):
    """Boxes of degrees (west, south, east, north) as TopoJSON; every second ring is given in reverse."""
    scale = 0.001
    arcs = []
    shapes = []
    for place, (country, (west, south, east, north)) in enumerate(sorted(boxes.items())):
        corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
        steps = [(round((x + 180) / scale), round((y + 90) / scale)) for x, y in corners]
        arcs.append([list(steps[0])] + [[b[0] - a[0], b[1] - a[1]] for a, b in zip(steps, steps[1:])])
        shapes.append({"type": "Polygon", "id": f"{NUMERIC[country]:03}", "arcs": [[place if place % 2 else ~place]],
                       "properties": {"name": country}})
    return json.dumps({"type": "Topology", "transform": {"scale": [scale, scale], "translate": [-180, -90]},
                       "objects": {"countries": {"type": "GeometryCollection", "geometries": shapes}}, "arcs": arcs})


def number_of(octets):
    return octets[0] << 24 | octets[1] << 16 | octets[2] << 8


def write(folder, first, second, boxes):
    """A data folder whose two sources put the /24 networks in `first` and `second`: [((a, b, c), "DE")]."""
    files = {
        "dbip-country": {"dbip-country.mmdb": mmdb(first)},
        "tor-geoip": {
            "geoip": "".join(f"{number_of(o)},{number_of(o) + 255},{c}\n" for o, c in sorted(second)).encode(),
            "geoip6": b"2d00:1::,2d00:1::1,JP\n",
        },
    }
    if boxes:
        files["world-map"] = {"countries-50m.json": topology(boxes).encode()}
    rows = []
    for name, contents in files.items():
        os.makedirs(os.path.join(folder, name))
        row = {"id": name, "name": name, "edition": "1", "date": "2026-01-02", "licence": "CC0-1.0", "sha256": "0" * 64,
               "files": []}
        for file_name, data in contents.items():
            with open(os.path.join(folder, name, file_name), "wb") as file:
                file.write(data)
            row["files"].append({"path": f"{name}/{file_name}", "bytes": len(data),
                                 "sha256": hashlib.sha256(data).hexdigest()})
        rows.append(row)
    with open(os.path.join(folder, "MANIFEST.json"), "w", encoding="utf-8") as file:
        json.dump({"version": 1, "datasets": rows}, file)
    return folder

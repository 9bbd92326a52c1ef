#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`compare`: exact p-values against a count of its own, no change where only addresses rotate, a planted one found."""
import fractions
import hashlib
import itertools
import json
import os
import random
import struct
import unittest

import jsonschema

from support import CLIENT, RESOLVER, ROOT, Case, canonical, dns_query, ipv4, mitleser, pcap, udp

NAMES = ("chat.example.com", "media.example.com", "push.example.net")


def dns_answer(name, address, number):
    question = dns_query(name, number)[12:]
    head = struct.pack("!HHHHHH", number, 0x8180, 1, 1, 0, 0)
    return head + question + b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + bytes(address)


def run_capture(pick, names, size=400):
    """One made run: each name is asked for, answered with one of many addresses, and talked to."""
    packets = []
    for number, name in enumerate(names, 1):
        address = (203, 0, 113, pick.randrange(1, 250))
        port = pick.randrange(32768, 61000)
        packets.append(ipv4(CLIENT, RESOLVER, 17, udp(port, 53, dns_query(name, number))))
        packets.append(ipv4(RESOLVER, CLIENT, 17, udp(53, port, dns_answer(name, address, number))))
        for _ in range(3):
            payload = bytes(pick.randrange(256) for _ in range(pick.randrange(size // 2, size)))
            packets.append(ipv4(CLIENT, address, 17, udp(port + 1, 9000, payload)))
            packets.append(ipv4(address, CLIENT, 17, udp(9000, port + 1, payload[: len(payload) // 2])))
    return pcap(packets)


def permutation(values, n_a):
    """Every split in turn, with fractions: the independent count."""
    n = len(values)
    total = sum(values)

    def apart(first):
        return abs(fractions.Fraction(first, n_a) - fractions.Fraction(total - first, n - n_a))

    seen = apart(sum(values[:n_a]))
    splits = list(itertools.combinations(values, n_a))
    return sum(apart(sum(split)) >= seen for split in splits), len(splits)


def control(values):
    """The largest difference between two halves, by trying all of them."""
    half = len(values) // 2
    return max(
        abs(fractions.Fraction(sum(split), half) - fractions.Fraction(sum(values) - sum(split), len(values) - half))
        for split in itertools.combinations(values, half)
    )


def adjusted(p_values):
    """Benjamini-Hochberg, from its definition: the least p * m / rank among ranks not below one's own."""
    m = len(p_values)
    order = sorted(range(m), key=lambda i: p_values[i])
    return {
        i: min([fractions.Fraction(1)] + [p_values[order[k]] * m / (k + 1) for k in range(rank, m)])
        for rank, i in enumerate(order)
    }


class Compare(Case):
    def report(self, name, capture):
        out = os.path.join(self.folder, name)
        done = mitleser("audit", self.file(name + ".pcap", capture), "-q", "-o", out)
        self.assertEqual(done.returncode, 0, done.stderr)
        return out

    def runs(self, prefix, n, seed, names=NAMES, size=400):
        pick = random.Random(seed)
        return [self.report(f"{prefix}{i}", run_capture(pick, names, size)) for i in range(n)]

    def compare(self, a, b):
        done = mitleser("compare", "--format", "json", "--a", *a, "--b", *b)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def rows(self, document):
        return document["body"]["sets"] + document["body"]["metrics"]

    def values_of(self, row):
        if "values" in row["a"]:
            return row["a"]["values"], row["b"]["values"]
        return tuple([1] * row[g]["k"] + [0] * (row[g]["n"] - row[g]["k"]) for g in "ab")

    def test_p_and_q_are_those_of_an_independent_count(self):
        a = self.runs("a", 5, 1)
        b = self.runs("b", 6, 2, NAMES[:2] + ("new.example.org",), 600)
        document = self.compare(a, b)
        tested = [row for row in self.rows(document) if row["test"]]
        self.assertGreater(len(tested), 5)
        self.assertEqual(document["body"]["testing"]["tests"], len(tested))
        p_values = []
        for row in tested:
            first, second = self.values_of(row)
            extreme, splits = permutation(first + second, 5)
            self.assertEqual((row["test"]["as_extreme"], row["test"]["splits"]), (extreme, splits), row)
            p_values.append(fractions.Fraction(extreme, splits))
        q_values = adjusted(p_values)
        for i, row in enumerate(tested):
            self.assertAlmostEqual(row["test"]["q_ppb"], float(q_values[i] * 10**9), delta=2)
            first, second = self.values_of(row)
            effect = abs(fractions.Fraction(sum(first), 5) - fractions.Fraction(sum(second), 6))
            differs = q_values[i] <= fractions.Fraction(5, 100) and effect > control(first)
            self.assertEqual(row["verdict"], "differs" if differs else "no_difference_shown", row)
        self.assertTrue(any(row["verdict"] == "differs" for row in tested))

    def test_rotating_addresses_are_no_change(self):
        for seed in (11, 12, 13):
            with self.subTest(seed=seed):
                runs = self.runs(f"r{seed}-", 10, seed)
                document = self.compare(runs[:5], runs[5:])
                self.assertEqual([row for row in self.rows(document) if row["verdict"] == "differs"], [])
                self.assertEqual([row for row in document["body"]["sets"] if row["status"] != "both"], [])

    def test_a_planted_recipient_is_found_in_ten_of_ten(self):
        a = self.runs("a", 10, 21)
        b = self.runs("b", 10, 22, NAMES + ("telemetry.example.org",))
        document = self.compare(a, b)
        planted = [row for row in document["body"]["sets"] if row["key"] == "telemetry.example.org"]
        self.assertEqual(sorted(row["kind"] for row in planted), ["endpoint", "name"])
        for row in planted:
            self.assertEqual((row["a"], row["b"]), ({"k": 0, "n": 10}, {"k": 10, "n": 10}))
            self.assertEqual((row["status"], row["verdict"]), ("new", "differs"))
            self.assertEqual((row["test"]["as_extreme"], row["test"]["splits"]), (2, 184756))
        others = [row for row in document["body"]["sets"] if row["status"] != "both" and row not in planted]
        self.assertEqual(others, [])
        text = mitleser("compare", "--a", *a, "--b", *b).stdout.decode()
        self.assertRegex(text, r"telemetry\.example\.org +0 of 10 -> 10 of 10 +q 0\.000\d  differs")

    def test_too_few_runs_are_told_in_plain_words(self):
        runs = self.runs("r", 5, 31) + self.runs("s", 3, 32, NAMES + ("x.example.org",))
        document = self.compare(runs[:5], runs[5:])
        testing = document["body"]["testing"]
        self.assertFalse(testing["is_testable"])
        self.assertEqual(testing["smallest_p_ppb"], 17857143)  # 1 of 56
        self.assertEqual({row["verdict"] for row in self.rows(document)}, {"constant", "not_testable"})
        new = [row for row in document["body"]["sets"] if row["status"] == "new"]
        self.assertIn("x.example.org", [row["key"] for row in new])
        text = mitleser("compare", "--a", *runs[:5], "--b", *runs[5:]).stdout.decode()
        self.assertIn("No claim that the groups differ is made: too few runs", text)
        self.assertIn("Smallest p that these numbers of runs can reach: 0.018 (1 of 56 splits)", text)
        self.assertNotIn("differs\n", text)

    def test_one_capture_counted_twice_is_no_evidence(self):
        runs = self.runs("r", 5, 41)
        document = self.compare(runs, runs)
        self.assertFalse(document["body"]["testing"]["is_testable"])
        self.assertTrue(any("not independent" in text for text in document["body"]["cautions"]))

    def test_reports_of_other_rules_are_a_caution(self):
        first = self.report("a", run_capture(random.Random(1), NAMES))
        second = os.path.join(self.folder, "b")
        capture = self.file("b.pcap", run_capture(random.Random(2), NAMES))
        mitleser("audit", capture, "-q", "-o", second, "--rules", os.path.join(ROOT, "rules/dns/cleartext_query.yml"))
        cautions = json.loads(mitleser("compare", first, second, "--format", "json").stdout)["body"]["cautions"]
        self.assertTrue(any("different versions, rules" in text for text in cautions))

    def test_the_document_is_canonical_and_valid(self):
        with open(os.path.join(ROOT, "reports/schema/compare.schema.json"), encoding="utf-8") as file:
            validator = jsonschema.Draft202012Validator(json.load(file))
        a = self.runs("a", 5, 51)
        b = self.runs("b", 5, 52, NAMES[1:])
        for groups in ((a[:1], b[:1]), (a, b)):
            document = self.compare(*groups)
            self.assertEqual([error.message for error in validator.iter_errors(document)], [])
            body = canonical(document["body"])
            self.assertEqual(document["integrity"]["body_sha256"], hashlib.sha256(body.encode()).hexdigest())
        self.assertEqual(self.compare(a, b), self.compare(a, b))
        document["body"]["sets"][0]["verdict"] = "certain"
        self.assertEqual(len(list(validator.iter_errors(document))), 1)

    def test_the_order_of_groups_is_kept(self):
        first = self.report("a", run_capture(random.Random(1), NAMES))
        second = self.report("b", run_capture(random.Random(2), NAMES[:1]))
        short = mitleser("compare", first, second, "--format", "json").stdout
        for arguments in (["--a", first, "--b", second], ["--b", second, "--a", first]):
            self.assertEqual(mitleser("compare", *arguments, "--format", "json").stdout, short)
        self.assertNotEqual(mitleser("compare", second, first, "--format", "json").stdout, short)

    def test_wrong_usage(self):
        first = self.report("a", run_capture(random.Random(1), NAMES))
        for arguments in ([], [first], [first] * 3, ["--a", first], ["--a", first, "--b"], [first, "--b", first]):
            self.one_line(mitleser("compare", *arguments), 2, "compare")
        self.one_line(mitleser("compare", first, "/nonexistent"), 3, "/nonexistent")
        self.one_line(mitleser("compare", first, self.file("x.json", b"{}")), 3, "x.json")
        self.one_line(mitleser("compare", first, first, "--format", "ndjson"), 2, "--format")

    def test_no_forbidden_word_is_printed(self):
        with open(os.path.join(ROOT, "rules/lists/forbidden-words.txt"), encoding="utf-8") as file:
            words = [line.strip().lower() for line in file if line.strip() and not line.startswith("#")]
        runs = self.runs("r", 5, 61) + self.runs("s", 5, 62, NAMES[:1])
        told = mitleser("compare", "--a", *runs[:5], "--b", *runs[5:]).stdout.decode().lower()
        told += mitleser("help", "compare").stdout.decode().lower()
        told += mitleser("help", "verify").stdout.decode().lower()
        self.assertEqual([word for word in words if word in told], [])


if __name__ == "__main__":
    unittest.main()

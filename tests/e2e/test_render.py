#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`render`: a report by provisions and questions, in three languages, from a body whose hash holds and from no other."""
import copy
import hashlib
import json
import os
import re
import unittest

import jsonschema

from support import ROOT, Case, canonical, dns_capture, mitleser

SAMPLE = os.path.join(ROOT, "captures", "wechat-session.pcapng")
TRANSFER = os.path.join(ROOT, "captures", "rules", "transfer-positive.pcap")
DATA = {"MITLESER_DATA": os.path.join(ROOT, "captures/data")}
LANGUAGES = ("en", "de", "fr")
PROFILES = ("gdpr", "swiss-ndsg")


class Render(Case):
    def bundle(self, capture=SAMPLE, name="out"):
        out = os.path.join(self.folder, name)
        done = mitleser("audit", capture, "-q", "-o", out, env=DATA)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(os.path.join(out, "report.json"), encoding="utf-8") as file:
            return out, json.load(file)

    def forged(self, report, change=None, name="forged.json"):
        """A report with another body and the hash that goes with it."""
        report = copy.deepcopy(report)
        if change:
            change(report["body"])
        report["integrity"]["body_sha256"] = hashlib.sha256(canonical(report["body"]).encode()).hexdigest()
        return self.file(name, canonical(report).encode())

    def text(self, *arguments):
        done = mitleser("render", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, b"")
        return done.stdout.decode()

    def json(self, *arguments):
        return json.loads(self.text(*arguments, "-m", "json"))

    def test_json_follows_its_schema_and_points_to_what_is_there(self):
        out, report = self.bundle()
        with open(os.path.join(ROOT, "reports/schema/examine.schema.json"), encoding="utf-8") as file:
            schema = json.load(file)
        facts = {fact["id"]: fact for fact in report["body"]["facts"]}
        for profile in PROFILES:
            for language in LANGUAGES:
                document = self.json(out, "--profile", profile, "--lang", language)
                jsonschema.Draft202012Validator(schema).validate(document)
                self.assertEqual(document["report"]["body_sha256"], report["integrity"]["body_sha256"])
                told = [i for row in document["findings"] for i in row["ids"]]
                self.assertEqual(told, [finding["id"] for finding in report["body"]["findings"]])
                for row in document["findings"]:
                    for evidence in row["evidence"]:
                        if evidence["fact"]:
                            self.assertEqual(evidence["frames"], facts[evidence["fact"]]["frames"])
                    self.assertTrue(row["evidence"])
                rows = range(len(document["findings"]))
                below = {i for provision in document["provisions"] for i in provision["findings"]}
                self.assertEqual(below, set(rows))
                for list_of in (document["provisions"], document["questions"]):
                    self.assertTrue(list_of)
                    self.assertTrue(all(item["findings"] for item in list_of))
                self.assertEqual({p["basis"] for p in document["provisions"]}, {"to examine"})

    def test_text_names_every_finding_and_every_frame_it_needs(self):
        out, report = self.bundle()
        text = self.text(out)
        document = self.json(out)
        for row in document["findings"]:
            ids = row["ids"][0] if len(row["ids"]) == 1 else f"{row['ids'][0]}-{row['ids'][-1]}"
            self.assertRegex(text, rf"(?m)^  {ids} ")
            first = row["evidence"][0]
            if first["fact"]:
                self.assertIn(f"({first['fact']})", text)
        for provision in document["provisions"]:
            self.assertIn(provision["title"], text)
        self.assertIn(report["integrity"]["body_sha256"], text)
        self.assertIn("no legal", re.sub(r"\s+", " ", text))
        self.assertNotRegex(text, r"[{}]")  # every place was filled

    def test_the_three_languages_tell_the_same_findings(self):
        out, _ = self.bundle(TRANSFER)
        documents = [self.json(out, "--lang", language) for language in LANGUAGES]
        for one, other in ((0, 1), (0, 2)):
            for member in ("provisions", "questions"):
                self.assertEqual([(row["id"], row["findings"]) for row in documents[one][member]],
                                 [(row["id"], row["findings"]) for row in documents[other][member]])
            titles = [[row["title"] for row in documents[i]["findings"]] for i in (one, other)]
            self.assertFalse(set(titles[0]) & set(titles[1]))
        texts = [self.text(out, "--lang", language) for language in LANGUAGES]
        self.assertTrue(texts[0].startswith("To examine: "))
        self.assertTrue(texts[1].startswith("Zu prüfen: "))
        self.assertTrue(texts[2].startswith("À examiner : "))

    def test_places_are_told_with_their_likelihood_and_their_sources(self):
        out, report = self.bundle(TRANSFER)
        text = re.sub(r"\s+", " ", self.text(out))
        self.assertIn("likely located in", text)
        self.assertIn("(sources: dbip-country, tor-geoip)", text)
        self.assertIn("Art. 44 to 49", text)
        self.assertIn("Art. 48 GDPR", text)
        self.assertTrue(any(f["taxonomy"] == "ML-XFR-03" for f in report["body"]["findings"]))

    def test_an_operator_without_an_opened_source_is_low_and_said_to_be(self):
        _, report = self.bundle(TRANSFER)

        def change(body):
            for endpoint in body["endpoints"]:
                if endpoint["operator"]:
                    endpoint["operator"].update(confidence="low", source="unverified")

        text = re.sub(r"\s+", " ", self.text(self.forged(report, change)))
        self.assertIn("confidence low, no source was opened", text)
        self.assertNotRegex(text, r"controlled from: \w+; confidence moderate")

    def test_a_body_without_its_hash_is_refused_with_one_line(self):
        out, report = self.bundle(self.file("a.pcap", dns_capture()))
        path = os.path.join(out, "report.json")
        with open(path, "rb") as file:
            good = file.read()
        self.assertTrue(self.text(out))
        for change in (
            lambda r: r["body"]["findings"].clear(),
            lambda r: r["body"].update(not_decided=[]),
            lambda r: r["integrity"].update(body_sha256="0" * 64),
            lambda r: r["integrity"].pop("body_sha256"),
            lambda r: r["integrity"].update(canonicalisation="none"),
            lambda r: r["body"].update(x=2**60),
        ):
            broken = json.loads(good)
            change(broken)
            name = self.file("broken.json", json.dumps(broken).encode())
            self.one_line(mitleser("render", name), 3, "broken.json", "SHA-256")
        self.one_line(mitleser("render", self.file("cut.json", good[:-20])), 3, "cut.json")
        self.one_line(mitleser("render", "/nonexistent"), 3, "/nonexistent")

    def test_wrong_usage_is_told(self):
        out, _ = self.bundle(self.file("a.pcap", dns_capture()))
        self.one_line(mitleser("render"), 2, "render")
        self.one_line(mitleser("render", out, out), 2, "render")
        self.one_line(mitleser("render", out, "--profile", "ccpa"), 2, "ccpa")
        self.one_line(mitleser("render", out, "--profile", "../profiles/gdpr"), 2, "--profile")
        self.one_line(mitleser("render", out, "--lang", "it"), 2, "it")
        self.one_line(mitleser("render", out, "--format", "ndjson"), 2, "--format")

    def test_a_finding_of_an_unknown_leak_is_told_apart(self):
        _, report = self.bundle()
        last = report["body"]["findings"][-1]["rule"]

        def change(body):
            for finding in body["findings"]:
                if finding["rule"] == last:
                    finding.update(taxonomy="MY-OWN-01", text_id="my-own", title="A rule of somebody else")

        path = self.forged(report, change)
        text = self.text(path)
        self.assertIn("Findings without a provision in this profile", text)
        self.assertIn("A rule of somebody else", text)
        rows = self.json(path, "--lang", "de")["findings"]
        self.assertEqual([row["in_profile"] for row in rows].count(False), 1)
        self.assertEqual(rows[-1]["title"], "A rule of somebody else")

    def test_a_hostile_report_does_not_drive_the_terminal(self):
        _, report = self.bundle()
        evil = "\x1b[2J\x07\u202e\n" + "A" * 5000

        def strings(value):
            if isinstance(value, dict):
                return {key: strings(item) for key, item in value.items()}
            if isinstance(value, list):
                return [strings(item) for item in value]
            return evil + value if isinstance(value, str) else value

        def change(body):
            for key in ("findings", "endpoints", "facts", "not_decided", "inputs", "tool"):
                body[key] = strings(body[key])

        text = self.text(self.forged(report, change))
        self.assertNotIn("\x1b", text)
        self.assertNotIn("\x07", text)
        self.assertTrue(self.json(self.forged(report, change)))

    def test_members_of_other_types_are_survived(self):
        _, report = self.bundle(TRANSFER)
        for wrong in (None, {}, [7, None, "x", {}, []]):
            for member in ("findings", "facts", "endpoints", "not_decided", "inputs", "finding_totals", "tool"):
                path = self.forged(report, lambda body, m=member, w=wrong: body.update({m: w}))
                self.assertEqual(mitleser("render", path).returncode, 0, (member, wrong))
            everything = self.forged(report, lambda body, w=wrong: body.update({m: w for m in list(body)}))
            self.assertEqual(mitleser("render", everything, "-m", "json").returncode, 0, wrong)

    def test_a_report_without_findings_says_what_that_does_not_mean(self):
        _, report = self.bundle()
        text = re.sub(r"\s+", " ", self.text(self.forged(report, lambda body: body.update(findings=[]))))
        self.assertIn("No finding of this report belongs to a provision", text)
        self.assertIn("Not decided in this audit", text)

    def test_the_summary_speaks_the_language(self):
        for language, word in (("en", "Findings"), ("de", "Befunde"), ("fr", "Constats")):
            done = mitleser("audit", SAMPLE, "--lang", language, env=DATA)
            self.assertIn(word, done.stdout.decode())
        bodies = set()
        for language in LANGUAGES:
            out = os.path.join(self.folder, language)
            mitleser("audit", SAMPLE, "--lang", language, "-o", out, env=DATA)
            with open(os.path.join(out, "report.json"), encoding="utf-8") as file:
                bodies.add(json.load(file)["integrity"]["body_sha256"])
        self.assertEqual(len(bodies), 1)


if __name__ == "__main__":
    unittest.main()

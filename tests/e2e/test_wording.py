#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""No text says what traffic cannot show: rules, languages, help, summaries and examinations, in three languages."""
import glob
import os
import re
import unittest

from support import ROOT, Case, mitleser

LIST = os.path.join(ROOT, "rules/lists/forbidden-words.txt")
DATA = {"MITLESER_DATA": os.path.join(ROOT, "captures/data")}
SAMPLES = ("wechat-session.pcapng", "loopback-tools.pcapng", "rules/messenger-positive.pcap",
           "rules/transfer-positive.pcap", "rules/media-positive.pcap", "rules/http-positive.pcap",
           "rules/call-addresses-positive.pcap", "rules/resolver-positive.pcap")
LANGUAGES = ("en", "de", "fr")
COMMANDS = ("audit", "compare", "render", "verify", "rules", "data")


def read_words():
    with open(LIST, encoding="utf-8") as file:
        return [line.strip().lower() for line in file if line.strip() and not line.startswith("#")]


def offences(words, text):
    """The words that a text says; addresses of sources are not our texts, and a broken line hides nothing."""
    text = re.sub(r"\S*://\S*", " ", text.lower())
    text = re.sub(r"\s+", " ", text)
    return [word for word in words if word in text]


class Wording(Case):
    def setUp(self):
        super().setUp()
        self.words = read_words()

    def check(self, where, text):
        with self.subTest(where=where):
            self.assertTrue(text.strip(), where)
            self.assertEqual(offences(self.words, text), [], where)

    def test_every_word_of_the_list_is_found_and_its_neighbours_are_not(self):
        self.assertGreater(len(self.words), 80)
        self.assertEqual(len(self.words), len(set(self.words)))
        for word in self.words:
            self.assertIn(word, offences(self.words, f"Das Ergebnis:\n  {word.capitalize()}."))
            self.assertIn(word, offences(self.words, "x " + word.replace(" ", "\n      ") + " y"))
        for fine in ("Provisions to examine: GDPR Art. 32(1)(a) (security of processing)",
                     "connection to an endpoint likely located in China (2 sources)",
                     "Art. 6 DSGVO: Rechtmäßigkeit der Verarbeitung", "wahrscheinlicher Standort CN",
                     "licéité du traitement", "probablement situé dans le pays CN", "https://illegal.example/violates"):
            self.assertEqual(offences(self.words, fine), [])

    def test_all_three_languages_are_on_the_list(self):
        for word in ("violates", "rechtswidrig", "enfreint", "spyware", "spionage", "espionnage", "gdpr compliant",
                     "dsgvo-konform", "conforme au rgpd"):
            self.assertIn(word, self.words)

    def test_rules_and_other_data(self):
        files = [p for e in ("yml", "yaml") for p in glob.glob(os.path.join(ROOT, "rules", "**", "*." + e), recursive=True)]
        self.assertGreater(len(files), 60)
        for path in files:
            with open(path, encoding="utf-8") as file:
                self.check(path, file.read())

    def test_languages(self):
        for language in LANGUAGES:
            path = os.path.join(ROOT, "reports/locales", language + ".yaml")
            with open(path, encoding="utf-8") as file:
                self.check(path, file.read())

    def test_help(self):
        for command in COMMANDS:
            self.check(command, mitleser("help", command).stdout.decode())
        self.check("help", mitleser("help").stdout.decode())

    def test_summaries_and_examinations(self):
        for sample in SAMPLES:
            capture = os.path.join(ROOT, "captures", sample)
            out = os.path.join(self.folder, "out")
            for language in LANGUAGES:
                done = mitleser("audit", capture, "-o", out, "--lang", language, env=DATA)
                self.check((sample, language), done.stdout.decode())
                for profile in ("gdpr", "swiss-ndsg"):
                    for form in ("text", "json"):
                        done = mitleser("render", out, "--profile", profile, "--lang", language, "-m", form)
                        self.check((sample, language, profile, form), done.stdout.decode())

    def test_what_rules_say_of_themselves(self):
        listed = mitleser("rules", "list").stdout.decode()
        self.check("rules list", listed)
        for name in re.findall(r"ml-[a-z0-9-]+", listed):
            self.check(name, mitleser("rules", "explain", name).stdout.decode())


if __name__ == "__main__":
    unittest.main()

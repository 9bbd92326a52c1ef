#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""sync-fields - brings the field tables of rules/README.md in line with analyzer/core/field.def.

Meanings are kept by name; a field without one is printed and the exit code is 1. A unit test checks the tables, this
saves the typing.
"""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CATEGORIES = {"flow": "f", "endpoint": "e", "fact": "t", "app": "a", "capture": "c"}
TYPES = {"TEXT": "text", "NUMBER": "number", "ADDRESS": "address", "TRUTH": "truth"}
LISTS = {"TEXT": "texts", "NUMBER": "numbers", "ADDRESS": "addresses", "TRUTH": "truths"}


def main():
    with open(os.path.join(ROOT, "analyzer/core/field.def"), encoding="utf-8") as file:
        rows = re.findall(r'^ML_FIELD\(\w+, "([^"]+)", (\w+), "(\w*)", (\w+)\)', file.read(), re.M)
    path = os.path.join(ROOT, "rules/README.md")
    with open(path, encoding="utf-8") as file:
        text = file.read()

    def section(heading, body):
        nonlocal text
        start = text.index(f"\n### {heading}\n\n") + len(f"\n### {heading}\n\n")
        end = text.find("\n\n#", start)
        end = end if end >= 0 else len(text)
        text = text[:start] + body + text[end:]

    for heading, letter in CATEGORIES.items():
        lines = ["| field | type | sensitivity |", "| --- | --- | --- |"]
        for name, kind, where, sensitivity in rows:
            if letter in where:
                shown = LISTS[kind[5:]] if kind.startswith("LIST_") else TYPES[kind]
                lines.append(f"| `{name}` | {shown} | {'' if sensitivity == 'NONE' else sensitivity.lower()} |")
        section(heading, "\n".join(lines))
    start = text.index("\n### What they mean\n\n")
    known = dict(re.findall(r"^\| `([^`]+)` \| (.+) \|$", text[start:], re.M))
    missing = [name for name, *_ in rows if name not in known]
    head = text[start:].split("\n")[3:5]
    section("What they mean", "\n".join(head + [f"| `{name}` | {known.get(name, '')} |" for name, *_ in rows]))
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    for name in missing:
        print(f"no meaning: {name}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())

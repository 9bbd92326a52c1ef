#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check.sh GENERATOR [FOLDER]: MANIFEST and the captures agree. Every capture is listed with its hash, every generated
# one is what the generator makes, and nothing is listed that is not there.
set -eu
generator=$1
folder=${2:-$(cd "$(dirname "$0")" && pwd)}
fresh=$(mktemp -d)
found=$(mktemp)
trap 'rm -rf "$fresh" "$found"' EXIT
tab=$(printf '\t')

"$generator" "$fresh" >"$fresh/lines"
grep -v '^#' "$folder/MANIFEST" >"$fresh/manifest" || true

# Generated samples: the very line, the very bytes.
while IFS=$tab read -r name _; do
    grep -qxF "$(grep "^$name$tab" "$fresh/lines")" "$fresh/manifest" ||
        echo "$name: MANIFEST does not say what the generator says" >>"$found"
    cmp -s "$fresh/$name" "$folder/$name" || echo "$name: not what the generator makes" >>"$found"
done <"$fresh/lines"

# Listed ones: there, with that hash, and of a known origin.
while IFS=$tab read -r name hash origin shows; do
    [ -f "$folder/$name" ] || {
        echo "$name: listed, but not there" >>"$found"
        continue
    }
    [ "$(sha256sum <"$folder/$name" | cut -d ' ' -f 1)" = "$hash" ] || echo "$name: another SHA-256" >>"$found"
    [ -n "$shows" ] || echo "$name: does not say what it shows" >>"$found"
    case $origin in
    generated) grep -q "^$name$tab" "$fresh/lines" || echo "$name: the generator does not know it" >>"$found" ;;
    recorded:*) [ -f "$folder/${origin#recorded:}" ] || echo "$name: no ${origin#recorded:}" >>"$found" ;;
    *) echo "$name: unknown origin $origin" >>"$found" ;;
    esac
done <"$fresh/manifest"

# Captures nobody listed.
(cd "$folder" && find . -name '*.pcap' -o -name '*.pcapng') | sed 's,^\./,,' | while IFS= read -r name; do
    grep -q "^$name$tab" "$fresh/manifest" || echo "$name: not listed in MANIFEST" >>"$found"
done

if [ -s "$found" ]; then
    cat "$found" >&2
    exit 1
fi

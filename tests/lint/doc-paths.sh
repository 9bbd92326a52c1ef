#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# doc-paths.sh ROOT: what README.md, captures/README.md and analyzer/docs/*.md call by its path exists, and
# ARCHITECTURE.md names every folder of code. Looked at: `code spans` that begin with a folder of the project (or of
# analyzer/), such words in lines of blocks that begin with one, and relative links. Patterns with * must match something; <placeholders> are left alone.
set -eu
root=$(cd "$1" && pwd -P)
. "$(dirname "$0")/lib.sh"

exists() {
    # shellcheck disable=SC2086 # the pattern is to be expanded
    set -- $1
    [ -e "$1" ]
}

# "line path" for every code span word and every link target of a document.
paths_of() {
    awk '
    /^[ \t]*```/ { in_block = !in_block; next }
    in_block && /^(analyzer|rules|captures|reports|tests)(\/|[ \t])/ {
        n = split($0, words, /[ \t,;:()="]+/)
        for (i = 1; i <= n; i++) {
            print "word " FNR " " words[i]
        }
    }
    {
        line = $0
        while (!in_block && match(line, /`[^`]+`/)) {
            n = split(substr(line, RSTART + 1, RLENGTH - 2), words, /[ \t,;:()="]+/)
            for (i = 1; i <= n; i++) {
                print "word " FNR " " words[i]
            }
            line = substr(line, RSTART + RLENGTH)
        }
        line = $0
        while (!in_block && match(line, /\]\([^)# \t]+/)) {
            print "link " FNR " " substr(line, RSTART + 2, RLENGTH - 2)
            line = substr(line, RSTART + RLENGTH)
        }
    }' "$1"
}

tops='analyzer rules captures reports tests'
for file in $(files '^(README\.md|captures/README\.md|analyzer/docs/.*\.md)$'); do
    paths_of "$root/$file" | while read -r kind line path; do
        case $path in *'<'* | *'>'* | *'$'* | *'{'* | *://* | mailto:* | /* | */../*) continue ;; esac
        if [ "$kind" = link ]; then
            exists "$root/$(dirname "$file")/$path" || report "$file:$line: link to $path, which does not exist"
            continue
        fi
        first=${path%%/*}
        [ "$first" = "$path" ] && continue
        case " $tops " in
        *" $first "*) exists "$root/$path" || report "$file:$line: $path does not exist" ;;
        *) if [ -d "$root/analyzer/$first" ]; then
            exists "$root/analyzer/$path" || exists "$root/analyzer/docs/$path" || exists "$root/$path" ||
                report "$file:$line: $path does not exist"
        fi ;;
        esac
    done
done

if [ -f "$root/analyzer/docs/ARCHITECTURE.md" ]; then
    for folder in "$root"/analyzer/*/; do
        name=$(basename "$folder")
        [ -n "$(find "$folder" -name '*.c' | head -n 1)" ] || continue # no stage, or not yet
        grep -qE "analyzer/$name([^a-z]|\$)|(^|[^a-z])$name/" "$root/analyzer/docs/ARCHITECTURE.md" ||
            report "analyzer/docs/ARCHITECTURE.md: does not name analyzer/$name/"
    done
fi
verdict

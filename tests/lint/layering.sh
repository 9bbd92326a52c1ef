#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# layering.sh ROOT: a file includes only core, its own stage and earlier stages, always as "stage/file.h".
set -eu
root=$(cd "$1" && pwd -P)
. "$(dirname "$0")/lib.sh"

stages='core capture decode flow proto leaks classify intel policy report engine cli'

for file in $(files '^analyzer/.*\.[ch]$'); do
    # shellcheck disable=SC2016 # the dollar signs are awk's
    awk -v stages="$stages" -v file="$file" '
    BEGIN {
        n = split(stages, list, " ")
        for (i = 1; i <= n; i++) {
            order[list[i]] = i
        }
        split(file, part, "/")
        own = part[2]
    }
    /^[ \t]*#[ \t]*include[ \t]*</ && /<(ndpi|libndpi)/ && file != "analyzer/classify/ndpi.c" {
        print file ":" FNR ": only classify/ndpi.c includes nDPI"
    }
    /^[ \t]*#[ \t]*include[ \t]*"/ {
        split($0, quoted, "\"")
        split(quoted[2], path, "/")
        other = path[1]
        if (own == "include" || (other == "mitleser" && order[own] >= order["engine"])) {
            if (other != "mitleser") {
                print file ":" FNR ": a public header includes only mitleser/...: " quoted[2]
            }
        } else if (!(own in order)) {
            print file ":" FNR ": " own " is no stage"
        } else if (!(other in order) || path[2] == "") {
            print file ":" FNR ": include as \"stage/file.h\": " quoted[2]
        } else if (order[other] > order[own]) {
            print file ":" FNR ": " own " comes before " other ": " quoted[2]
        }
    }' "$root/$file" >>"$found"
done
verdict

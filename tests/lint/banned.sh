#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# banned.sh ROOT: functions that hide their bounds or their failure, allocation outside core/mem.c, jumps out of
# functions, storage on the stack whose size comes from input, and line comments.
# Exceptions: "banned FILE:FUNCTION reason" in exceptions.txt.
set -eu
root=$(cd "$1" && pwd -P)
here=$(dirname "$0")
. "$here/lib.sh"

functions='strcpy|strncpy|stpcpy|strcat|strncat|sprintf|vsprintf|gets|strtok|atoi|atol|atoll|atof|malloc|calloc|realloc|reallocarray|free|strdup|strndup|asprintf|vasprintf|alloca|setjmp|longjmp|sigsetjmp|siglongjmp'

list=$(files '^(analyzer|tests|captures)/.*\.[ch]$')
[ -z "$list" ] && verdict

# A member called `free` or `new` is no library function: x->free(x).
code=$(cd "$here" && pwd)/code.awk
# shellcheck disable=SC2086 # a list of names without blanks
(cd "$root" && awk -f "$code" $list) |
    awk -v functions="$functions" '
    {
        split($0, part, ":")
        place = part[1] ":" part[2]
        code = substr($0, length(place) + 2)
        if (index(code, "@line-comment@")) {
            print place ": //"
        }
        while (match(code, "(^|[^A-Za-z0-9_.>])(" functions ")[ \t]*[(]")) {
            hit = substr(code, RSTART, RLENGTH)
            gsub(/[^A-Za-z_]/, "", hit)
            print place ": " hit
            code = substr(code, RSTART + RLENGTH)
        }
        if (code ~ /#[ \t]*include[ \t]*<setjmp.h>/) {
            print place ": setjmp"
        }
    }' |
    while IFS= read -r line; do
        file=${line%%:*}
        name=${line##* }
        [ "$file" = analyzer/core/mem.c ] && case $name in calloc | realloc | free) continue ;; esac
        is_excepted banned "$file:$name" || report "$line is banned"
    done
verdict

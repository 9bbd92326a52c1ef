#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# headers.sh ROOT [COMPILER]: every header brings what it needs.
set -eu
root=$(cd "$1" && pwd -P)
cc=${2:-cc}
. "$(dirname "$0")/lib.sh"

for file in $(files '^(analyzer|tests/support)/.*\.h$'); do
    case $file in
    analyzer/include/*) include=${file#analyzer/include/} ;;
    analyzer/*) include=${file#analyzer/} ;;
    *) include=${file#tests/} ;;
    esac
    # Twice, so that a missing guard shows as well.
    printf '#include "%s"\n#include "%s"\ntypedef int not_empty;\n' "$include" "$include" |
        "$cc" -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only -I"$root/analyzer" \
            -I"$root/analyzer/include" -I"$root/tests" -x c - 2>&1 |
        sed -n "s,^.*error: ,$file: ,p" | head -3 >>"$found"
done
verdict

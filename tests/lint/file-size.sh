#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# file-size.sh ROOT: no C file beyond 600 lines without a reason ("file-size FILE reason" in exceptions.txt), and no
# reason for a file that does not need one.
set -eu
root=$(cd "$1" && pwd -P)
. "$(dirname "$0")/lib.sh"

max=600
cd "$root"
files '\.[ch]$' | tr '\n' '\0' | xargs -0 -r wc -l | awk -v max=$max '$1 > max && $2 != "total" { print $2, $1 }' |
    while read -r file lines; do
        is_excepted file-size "$file" || report "$file:$lines: more than $max lines and no reason given"
    done

[ -f "$root/tests/lint/exceptions.txt" ] &&
    awk '$1 == "file-size" { print $2 }' "$root/tests/lint/exceptions.txt" | while IFS= read -r file; do
        if [ ! -f "$root/$file" ] || [ "$(($(wc -l <"$root/$file")))" -le "$max" ]; then
            report "tests/lint/exceptions.txt: $file needs no exception"
        fi
    done
verdict

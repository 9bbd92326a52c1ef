#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# file-size.sh ROOT: no C file beyond 600 lines without a reason ("file-size FILE reason" in exceptions.txt), and no
# reason for a file that does not need one.
set -eu
root=$1
. "$(dirname "$0")/lib.sh"

max=600
for file in $(files '\.[ch]$'); do
    lines=$(($(wc -l <"$root/$file")))
    if [ "$lines" -gt "$max" ]; then
        is_excepted file-size "$file" || report "$file:$lines: more than $max lines and no reason given"
    fi
done

[ -f "$root/tests/lint/exceptions.txt" ] &&
    awk '$1 == "file-size" { print $2 }' "$root/tests/lint/exceptions.txt" | while IFS= read -r file; do
        if [ ! -f "$root/$file" ] || [ "$(($(wc -l <"$root/$file")))" -le "$max" ]; then
            report "tests/lint/exceptions.txt: $file needs no exception"
        fi
    done
verdict

# SPDX-License-Identifier: Apache-2.0
# Shared by the lints: `. lib.sh` after setting `root`. A lint prints "file:line: what is wrong" and ends with `verdict`.
# shellcheck shell=sh

found=$(mktemp)
trap 'rm -f "$found"' EXIT

# Files of the project whose name matches the extended regular expression, relative to root, sorted.
files() {
    {
        if [ "$(git -C "$root" rev-parse --show-toplevel 2>/dev/null)" = "$root" ]; then
            git -C "$root" ls-files -co --exclude-standard
        else
            (cd "$root" && find . \( -name .git -o -name build \) -prune -o -type f -print | sed 's,^\./,,')
        fi
    } | LC_ALL=C sort -u | grep -E "$1" | while IFS= read -r file; do
        [ -f "$root/$file" ] && printf '%s\n' "$file"
    done
    return 0
}

# Is there a line "LINT SUBJECT reason" in exceptions.txt?
is_excepted() {
    awk -v lint="$1" -v subject="$2" \
        '$1 == lint && $2 == subject && NF > 2 { found = 1 } END { exit !found }' "$root/tests/lint/exceptions.txt" 2>/dev/null
}

report() {
    printf '%s\n' "$*" >>"$found"
}

verdict() {
    if [ -s "$found" ]; then
        cat "$found" >&2
        exit 1
    fi
    exit 0
}

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# update.sh GENERATOR: writes the generated captures and MANIFEST anew. Lines of recorded captures are kept, with their
# present hash.
set -eu
generator=$1
folder=$(cd "$(dirname "$0")" && pwd)
lines=$(mktemp)
trap 'rm -f "$lines"' EXIT
tab=$(printf '\t')

"$generator" "$folder" >"$lines"
if [ -f "$folder/MANIFEST" ]; then
    grep "${tab}recorded:" "$folder/MANIFEST" | while IFS=$tab read -r name _ origin shows; do
        hash=$(sha256sum <"$folder/$name" | cut -d ' ' -f 1)
        printf '%s\t%s\t%s\t%s\n' "$name" "$hash" "$origin" "$shows" >>"$lines"
    done
fi
{
    echo '# name, SHA-256, origin (generated, or recorded:SCRIPT), what it shows; tabs between. Written by update.sh.'
    LC_ALL=C sort "$lines"
} >"$folder/MANIFEST"

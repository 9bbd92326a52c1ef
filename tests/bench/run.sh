#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh [FOLDER]: every measurement over a folder of captures with a catalogue (default: $MITLESER_CAPTURES).
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder=${1:-${MITLESER_CAPTURES:-}}
if [ -z "$folder" ] || [ ! -f "$folder/catalog.json" ]; then
    echo "skipped: name a folder that holds captures and catalog.json, or set MITLESER_CAPTURES" >&2
    exit 77
fi
status=0
for check in packets names threads; do
    printf '\n== %s\n' "$check"
    "$here/corpus.py" "$check" "$folder" || status=1
done
exit $status

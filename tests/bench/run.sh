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
measure() { # measure SCRIPT [ARGUMENT...]: over the folder
    printf '\n== %s\n' "$*"
    "$here/$@" "$folder" || status=1
}
for check in packets names threads; do
    measure corpus.py "$check"
done
measure protocols.py
measure truth.py
measure truth.py --negatives --allowed 7 # Discord's voice and Zoom's probe where the catalogue names neither
measure rules_negatives.py
measure recall.py negatives
measure detectors.py precision
measure detectors.py negatives

build=$here/../../build/dev
probe=$build/tests/bench/facts_probe
if [ -f "$build/build.ninja" ]; then
    cmake --build "$build" --target facts_probe >/dev/null # tests do not build it: an old one would be measured
    measure decrypt.py "$probe"
else
    echo "skipped: decrypt.py reads with a probe of the preset dev, which is not configured" >&2
fi
exit $status

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# known-hosts - measures how many known trackers are flagged, and whether hosts of messengers are.
#
# usage: known-hosts.sh PROBE DATA_FOLDER RULES_FOLDER TRACKERS [APPS]
#
# TRACKERS holds "host|class|..." lines; APPS is a JSON catalogue of apps with services and their domains. Services whose
# name says that they are telemetry, advertising or kits of others are not the messenger's own. Without the table or the
# data folder there is nothing to measure: it says so and ends with 0. Ends with 1 when an own host is flagged.
set -u
if [ $# -lt 4 ]; then
    echo "usage: $0 PROBE DATA_FOLDER RULES_FOLDER TRACKERS [APPS]" >&2
    exit 2
fi
for needed in "$2/MANIFEST.json" "$4"; do
    if [ ! -f "$needed" ]; then
        echo "known-hosts: SKIPPED, there is no $needed"
        exit 0
    fi
done
grep -v '^#' "$4" | cut -d '|' -f 1 | "$1" "$2" "$3" names | awk -F '\t' '
    $3 != "-" { flagged++ }
    $3 == "-" { print "not flagged: " $1 }
    $6 != "-" { named++ }
    END { print "trackers " NR ": flagged " flagged + 0 ", company named " named + 0 }'
[ $# -ge 5 ] && [ -f "$5" ] || exit 0
jq -r '.[] | .services[]? | select((.name | test("telemetry|ads|third-party"; "i")) | not) | .domains[]?' "$5" |
    sed 's/^\*\.//; s/\*/x/' | sort -u | "$1" "$2" "$3" names | awk -F '\t' '
    $3 != "-" { wrong++; print "FLAGGED: " $1 " by " $3 }
    $6 != "-" { named++ }
    END { print "hosts of messengers " NR ": flagged " wrong + 0 ", company named " named + 0; exit wrong > 0 }'

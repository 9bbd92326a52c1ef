#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# known-addresses - measures the answers about addresses whose place and holder are known.
#
# usage: known-addresses.sh PROBE DATA_FOLDER RULES_FOLDER TABLE
#
# TABLE is a Markdown file with rows "| IP | what | expected server / holder | ..."; the expected server is one country,
# "CC or CC", "anycast", or starts with "?" where no single answer is right. Without the table or the data folder there
# is nothing to measure: it says so and ends with 0. Ends with 1 when an answer is determined and wrong.
set -u
if [ $# -ne 4 ]; then
    echo "usage: $0 PROBE DATA_FOLDER RULES_FOLDER TABLE" >&2
    exit 2
fi
for needed in "$2/MANIFEST.json" "$4"; do
    if [ ! -f "$needed" ]; then
        echo "known-addresses: SKIPPED, there is no $needed"
        exit 0
    fi
done
rows=$(mktemp) || exit 1
trap 'rm -f "$rows"' EXIT
awk -F '|' '$2 ~ /^ *[0-9a-f:.]+ *$/ && $2 ~ /[.:]/ && NF > 10 {
    gsub(/^ +| +$/, "", $2); gsub(/^ +| +$/, "", $3); gsub(/^ +| +$/, "", $4)
    print $2 "\t" $3 "\t" $4
}' "$4" >"$rows"
cut -f 1 "$rows" | "$1" "$2" "$3" addresses | awk -F '\t' -v OFS='\t' -v rows="$rows" '
BEGIN {
    while ((getline line < rows) > 0) {
        split(line, column, "\t")
        what[column[1]] = column[2]
        slash = index(column[3], " / ")
        server[column[1]] = substr(column[3], 1, slash - 1)
        holder[column[1]] = substr(column[3], slash + 3)
    }
}
function is_among(country, text) { return index(" " text " ", " " country " ") > 0 }
{
    n++
    status[$2]++
    verdict = "-"
    if ($2 == "determined" && server[$1] !~ /^(\?|anycast)/) {
        verdict = is_among($3, server[$1]) ? "right" : "WRONG"
    } else if ($2 == "determined") {
        verdict = "not scored"
    }
    count[verdict]++
    is_held = is_among($8, holder[$1])
    is_controlled = is_among($11, holder[$1])
    held += is_held
    controlled += is_controlled
    named += $9 != "-"
    printf "%-38s %-12s %-3s %-13s %-10s want %-9s AS %-3s%s control %-3s%s %-22s %s\n", $1, $2, $3, $4, verdict, server[$1],
        $8, is_held ? " " : "!", $11, is_controlled ? " " : "!", $9, what[$1]
}
END {
    printf "\naddresses %d: determined %d (right %d, wrong %d, not scored %d), disputed %d, anycast or edge %d, unknown %d\n",
        n, status["determined"], count["right"], count["WRONG"], count["not scored"], status["disputed"],
        status["anycast"], status["unknown"]
    printf "country of the AS right: %d of %d; operator named: %d; country of control right: %d\n", held, n, named, controlled
    exit count["WRONG"] > 0
}'

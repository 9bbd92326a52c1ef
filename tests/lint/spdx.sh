#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# spdx.sh ROOT: every source names its licence in its first three lines.
set -eu
root=$1
. "$(dirname "$0")/lib.sh"

for file in $(files '(^run$|(^|/)CMakeLists\.txt$|\.(c|h|def|cmake|sh|awk|py|js)$)'); do
    head -n 3 "$root/$file" | grep -q 'SPDX-License-Identifier: ' || report "$file:1: no SPDX-License-Identifier"
done
verdict

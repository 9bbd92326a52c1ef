#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# spdx.sh ROOT: every source names its licence in its first three lines.
set -eu
root=$(cd "$1" && pwd -P)
. "$(dirname "$0")/lib.sh"

cd "$root"
# shellcheck disable=SC2016 # the dollar signs are awk's
files '(^run$|(^|/)CMakeLists\.txt$|\.(c|h|def|cmake|sh|awk|py|js)$)' | tr '\n' '\0' | LC_ALL=C xargs -0 -r awk '
    function judge() {
        if (file != "" && !has) {
            print file ":1: no SPDX-License-Identifier"
        }
    }
    FNR == 1 { judge(); file = FILENAME; has = 0 }
    FNR <= 3 && /SPDX-License-Identifier: / { has = 1 }
    END { judge() }' >>"$found"
verdict

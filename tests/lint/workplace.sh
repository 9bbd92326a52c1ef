#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# workplace.sh ROOT: no path of the machine somebody worked on. URLs may hold such folders.
set -eu
root=$(cd "$1" && pwd -P)
. "$(dirname "$0")/lib.sh"

cd "$root"
files . | tr '\n' '\0' |
    LC_ALL=C xargs -0 -r grep -aHnoE '(^|[^A-Za-z0-9._~%/-])/(work|root|home)/[A-Za-z0-9._/-]*' >>"$found" || true
verdict

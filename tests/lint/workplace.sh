#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# workplace.sh ROOT: no path of the machine somebody worked on. URLs may hold such folders.
set -eu
root=$1
. "$(dirname "$0")/lib.sh"

files . | while IFS= read -r file; do
    LC_ALL=C grep -anoE '(^|[^A-Za-z0-9._~%/-])/(work|root|home)/[A-Za-z0-9._/-]*' "$root/$file" |
        sed "s,^,$file:," >>"$found" || true
done
verdict

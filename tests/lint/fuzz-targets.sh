#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fuzz-targets.sh ROOT: every tests/fuzz/fuzz_<name>.c is built (a line in CMakeLists.txt) and has seeds.
set -eu
root=$(cd "$1" && pwd -P)
. "$(dirname "$0")/lib.sh"

for file in $(files '^tests/fuzz/fuzz_[a-z0-9_]*\.c$'); do
    name=${file#tests/fuzz/fuzz_}
    name=${name%.c}
    grep -q "^mitleser_fuzz_target($name[ )]" "$root/tests/fuzz/CMakeLists.txt" ||
        report "$file: no mitleser_fuzz_target($name) in tests/fuzz/CMakeLists.txt"
    [ -n "$(files "^tests/fuzz/corpus/$name/")" ] || report "$file: no seeds in tests/fuzz/corpus/$name/"
done
verdict

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh SECONDS BUILD_DIR [NAME...]: each libFuzzer target (or those named) for that long, from its seeds and finds.
# What grows is kept in BUILD_DIR/corpus/NAME, a crash in BUILD_DIR/crash-NAME-*.
set -eu
seconds=$1
build=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
status=0

if [ $# = 0 ]; then
    # shellcheck disable=SC2046 # one word a target
    set -- $(sed -n 's/^mitleser_fuzz_target(\([a-z0-9_]*\).*/\1/p' "$here/CMakeLists.txt")
fi
for name; do
    grown=$build/corpus/$name
    mkdir -p "$grown"
    seeds=
    for folder in "$here/corpus/$name" "$here/regress/$name"; do
        [ -d "$folder" ] && seeds="$seeds $folder"
    done
    dictionary=
    [ -f "$here/dict/$name.dict" ] && dictionary=-dict=$here/dict/$name.dict
    echo "fuzz $name for $seconds s"
    # shellcheck disable=SC2086 # lists of arguments
    "$build/tests/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -verbosity=0 \
        -print_final_stats=1 -artifact_prefix="$build/crash-$name-" $dictionary "$grown" $seeds || status=1
done
exit $status

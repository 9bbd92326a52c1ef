#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh MINUTES [NAME...]: shares the time among all libFuzzer targets, or those named, each from its seeds and finds.
# The build is build/fuzz or $MITLESER_FUZZ_BUILD; what grows is kept there in corpus/NAME, a crash in crash-NAME-*.
set -eu
minutes=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
build=${MITLESER_FUZZ_BUILD:-$here/../../build/fuzz}
status=0

if [ $# = 0 ]; then
    # shellcheck disable=SC2046 # one word a target
    set -- $(sed -n 's/^mitleser_fuzz_target(\([a-z0-9_]*\).*/\1/p' "$here/CMakeLists.txt")
fi
seconds=$((minutes * 60 / $#))
[ "$seconds" -gt 0 ] || seconds=1
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
        -print_final_stats=1 -artifact_prefix="$build/crash-$name-" $dictionary "$grown" $seeds 2>"$build/$name.log" ||
        status=1
    grep -E 'ERROR|SUMMARY|bug at|crash-|number_of_executed_units|peak_rss_mb' "$build/$name.log" || true
done
exit $status

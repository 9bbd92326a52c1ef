#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# selftest.sh LINT: each bad sample makes the lint fail with the message expected, and a good tree makes it pass.
# shellcheck disable=SC2016 # back quotes are those of Markdown
set -eu
lint=$1
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
failures=$(mktemp) # a file, because a pipe into a function runs it in a process of its own
trap 'rm -rf "$tree" "$failures"' EXIT
tree=$(cd "$tree" && pwd -P)

put() { # put FILE: standard input to FILE in the tree
    mkdir -p "$tree/$(dirname "$1")"
    cat >"$tree/$1"
}

passes() { # passes WHAT
    if ! out=$(sh "$here/$lint.sh" "$tree" 2>&1); then
        printf 'must pass: %s\n%s\n' "$1" "$out" >>"$failures"
    fi
}

fails() { # fails WHAT MESSAGE
    if out=$(sh "$here/$lint.sh" "$tree" 2>&1); then
        printf 'must fail: %s\n' "$1" >>"$failures"
    elif ! printf '%s\n' "$out" | grep -qF -- "$2"; then
        printf 'wrong message for %s: %s\n' "$1" "$out" >>"$failures"
    fi
}

bad() { # bad FILE MESSAGE: standard input is the content; the file is taken away again
    put "$1"
    fails "$1 ($2)" "$2"
    rm "$tree/$1"
}

good() { # good FILE: the same, but it must pass
    put "$1"
    passes "$1"
    rm "$tree/$1"
}

try_layering() {
    echo '#include "core/span.h"' | good analyzer/core/a.c
    printf '#include "flow/flow.h"\n#include "proto/tls/tls.h"\n' | good analyzer/proto/tls/a.c
    echo '#include "mitleser/mitleser.h"' | good analyzer/cli/a.c
    echo '#include "flow/flow.h"' | bad analyzer/decode/a.c 'decode comes before flow'
    echo '# include "capture/packet.h"' | bad analyzer/core/a.h 'core comes before capture'
    echo '#include "span.h"' | bad analyzer/core/a.c 'include as "stage/file.h"'
    echo '#include "../core/span.h"' | bad analyzer/flow/a.c 'include as "stage/file.h"'
    echo '#include "core/span.h"' | bad analyzer/include/mitleser/m.h 'a public header'
    echo '#include "mitleser/mitleser.h"' | bad analyzer/flow/a.c 'include as "stage/file.h"'
    echo '#include "core/span.h"' | bad analyzer/extras/a.c 'extras is no stage'
    echo '#include <ndpi/ndpi_api.h>' | bad analyzer/flow/a.c 'only classify/ndpi.c'
    echo '#include <ndpi/ndpi_api.h>' | good analyzer/classify/ndpi.c
}

try_banned() {
    printf 'int f(void)\n{\n    x->free(x);\n    y.free(y);\n    ml_mem_free(p);\n    return snprintf(a, 1, "");\n}\n' |
        good analyzer/core/a.c
    printf '/* strcpy(a, b); malloc(1) // */\nchar *s = "free(x) // http://example.com";\nchar c = %s;\n' "'\"'" |
        good analyzer/core/a.c
    printf '/* a\n * free(x) // b\n */\n' | good analyzer/core/a.c
    printf 'void f(void)\n{\n    free(calloc(1, 1));\n}\n' | good analyzer/core/mem.c
    for name in strcpy strcat sprintf gets strtok atoi malloc calloc realloc free alloca setjmp longjmp strdup; do
        printf 'int f(void)\n{\n    return %s (x);\n}\n' $name | bad analyzer/flow/a.c "analyzer/flow/a.c:3: $name is banned"
        printf 'int x = "a" + %s(x);\n' $name | bad tests/unit/a.c "$name is banned"
    done
    printf 'int a; // old\n' | bad analyzer/core/a.h '// is banned'
    printf '/* x */ int a = 1; /* y */ // z\n' | bad analyzer/core/a.h '// is banned'
    printf 'int a = malloc(1);\n' | bad analyzer/core/mem.c 'malloc is banned'
    printf '#include <setjmp.h>\n' | bad tests/support/a.h 'setjmp is banned'
    echo 'banned tests/support/a.h:setjmp needed' | put tests/lint/exceptions.txt
    printf '#include <setjmp.h>\n' | good tests/support/a.h
    echo 'banned tests/support/a.h:setjmp' | put tests/lint/exceptions.txt
    printf '#include <setjmp.h>\n' | bad tests/support/a.h 'setjmp is banned' # a reason is asked for
}

try_headers() {
    printf '#ifndef A\n#define A\n#include <stddef.h>\nstruct a { size_t n; };\n#endif\n' | put analyzer/core/a.h
    printf '#include "core/a.h"\nint b(struct a *);\n' | good analyzer/flow/b.h
    printf 'int b(size_t n);\n' | bad analyzer/flow/b.h 'analyzer/flow/b.h: unknown type name'
    printf 'struct b { int n; };\n' | bad tests/support/b.h 'tests/support/b.h: redefinition'
}

try_spdx() {
    printf '/* SPDX-License-Identifier: Apache-2.0 */\nint a;\n' | good analyzer/core/a.c
    printf '#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n' | good run
    for file in analyzer/core/a.c analyzer/core/a.h analyzer/core/a.def tests/a.sh CMakeLists.txt x/y.cmake run; do
        printf '\n\n\nSPDX-License-Identifier: too late\n' | bad $file "$file:1: no SPDX"
    done
}

try_doc_paths() {
    echo | put analyzer/core/limits.h
    echo | put analyzer/core/a.c
    echo | put analyzer/cmake/a.cmake
    echo | put analyzer/docs/ARCHITECTURE.md
    printf 'Has core/: `core/limits.h`, `analyzer/core/*.h`, `rules/<name>.yml`, `other/thing`,\n[x](../core/limits.h) [y](https://example.com/a/b) `build/release/x`\n' |
        good analyzer/docs/ARCHITECTURE.md
    printf 'See `analyzer/core/limits.h` and [it](analyzer/core/limits.h#top).\n' | good README.md
    rm "$tree/analyzer/docs/ARCHITECTURE.md" 2>/dev/null || true
    echo 'See `analyzer/core/gone.h`.' | bad README.md 'README.md:1: analyzer/core/gone.h does not exist'
    echo 'Run `cat rules/*.yml` now.' | bad README.md 'rules/*.yml does not exist'
    echo 'See [here](docs/gone.md).' | bad README.md 'link to docs/gone.md'
    printf '\n`core/gone.h`\n' | bad analyzer/docs/a.md 'analyzer/docs/a.md:2: core/gone.h does not exist'
    printf '```\nanalyzer/core  bytes (core/gone.h)\n```\n' | bad analyzer/docs/a.md 'analyzer/docs/a.md:2: core/gone.h does not exist'
    echo 'only docs/' | bad analyzer/docs/ARCHITECTURE.md 'does not name analyzer/core/'
}

try_file_size() {
    yes 'int;' | head -n 600 | good analyzer/core/a.c
    yes 'int;' | head -n 601 | bad analyzer/core/a.c 'analyzer/core/a.c:601: more than 600 lines'
    echo 'file-size analyzer/core/a.c a table' | put tests/lint/exceptions.txt
    yes 'int;' | head -n 601 | good analyzer/core/a.c
    yes 'int;' | head -n 600 | bad analyzer/core/a.c 'analyzer/core/a.c needs no exception'
    echo 'file-size analyzer/core/a.c' | put tests/lint/exceptions.txt
    yes 'int;' | head -n 601 | bad analyzer/core/a.c 'no reason given'
}

try_workplace() {
    printf 'https://example.com/%s/page and a/%s/b and /%ser\n' home work root | good README.md
    for name in work root home; do
        printf 'x\nsee /%s/me/file\n' $name | bad README.md "README.md:2:"
        printf '"/%s/me"\n' $name | bad analyzer/core/a.c "analyzer/core/a.c:1:"
        printf '\000\001/%s/me\000' $name | bad captures/a.pcapng 'captures/a.pcapng:1:'
    done
}

try_fuzz_targets() {
    echo 'mitleser_fuzz_target(a LIBRARIES x)' | put tests/fuzz/CMakeLists.txt
    echo | put tests/fuzz/corpus/a/seed
    echo | good tests/fuzz/fuzz_a.c
    echo | put tests/fuzz/corpus/a_b/seed
    echo | bad tests/fuzz/fuzz_a_b.c 'no mitleser_fuzz_target(a_b)'
    rm "$tree/tests/fuzz/corpus/a/seed"
    echo | bad tests/fuzz/fuzz_a.c 'no seeds in tests/fuzz/corpus/a/'
}

echo | put CMakeLists.txt
[ "$lint" = spdx ] && rm "$tree/CMakeLists.txt"
passes 'an empty tree'
"try_$(echo "$lint" | tr - _)"
cat "$failures"
[ ! -s "$failures" ]

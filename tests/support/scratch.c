/* SPDX-License-Identifier: Apache-2.0 */
#include "support/scratch.h"

#include "support/cm.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void scratch_init(struct scratch *scratch)
{
    (void)snprintf(scratch->folder, sizeof scratch->folder, "/tmp/mitleser-test.XXXXXX");
    assert_non_null(mkdtemp(scratch->folder));
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void scratch_fini(struct scratch *scratch)
{
    (void)chmod(scratch->folder, 0700);
    assert_int_equal(nftw(scratch->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

const char *scratch_path(const struct scratch *scratch, const char *name)
{
    static char paths[8][256];
    static unsigned turn;
    char *path = paths[turn++ % 8];
    int n = snprintf(path, sizeof paths[0], "%s/%s", scratch->folder, name);
    assert_true(n > 0 && (size_t)n < sizeof paths[0]);
    return path;
}

void scratch_write(const struct scratch *scratch, const char *name, struct ml_span bytes)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s", scratch_path(scratch, name));
    for (char *at = path + strlen(scratch->folder) + 1; *at != '\0'; at++) {
        if (*at == '/') {
            *at = '\0';
            (void)mkdir(path, 0700); /* may be there already; the open below would tell */
            *at = '/';
        }
    }
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
}

void scratch_text(const struct scratch *scratch, const char *name, const char *text)
{
    scratch_write(scratch, name, ml_span_text(text));
}

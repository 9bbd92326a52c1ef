/* SPDX-License-Identifier: Apache-2.0 */
#include "support/datafolder.h"

#include "core/digest.h"
#include "support/cm.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static void add_file(const struct scratch *scratch, const char *id, const char *file, struct ml_buf *out)
{
    char name[128];
    char hex[ML_SHA256_HEX];
    struct stat st;
    (void)snprintf(name, sizeof name, "%s/%s", id, file);
    assert_int_equal(stat(scratch_path(scratch, name), &st), 0);
    assert_int_equal(ml_sha256_file(scratch_path(scratch, name), hex, NULL), ML_OK);
    assert_true(
        ml_buf_printf(out, "{\"path\":\"%s\",\"bytes\":%lld,\"sha256\":\"%s\"}", name, (long long)st.st_size, hex));
}

static void add_set(const struct scratch *scratch, const char *set, struct ml_buf *out)
{
    char copy[256];
    (void)snprintf(copy, sizeof copy, "%s", set);
    char *rest = NULL;
    char *id = strtok_r(copy, " ", &rest);
    assert_true(ml_buf_printf(out,
                              "{\"id\":\"%s\",\"name\":\"Test set %s\",\"edition\":\"1.2\",\"date\":\"2026-01-02\","
                              "\"sha256\":\"%064d\",\"licence\":\"CC0-1.0\",\"files\":[",
                              id, id, 7));
    const char *comma = "";
    for (char *file = strtok_r(NULL, " ", &rest); file != NULL; file = strtok_r(NULL, " ", &rest)) {
        assert_true(ml_buf_add_text(out, comma));
        add_file(scratch, id, file, out);
        comma = ",";
    }
    assert_true(ml_buf_add_text(out, "]}"));
}

void datafolder_manifest(const struct scratch *scratch, const char *const *sets)
{
    struct ml_buf out;
    ml_buf_init(&out, 65536);
    assert_true(ml_buf_add_text(&out, "{\"version\":1,\"datasets\":["));
    for (size_t i = 0; sets[i] != NULL; i++) {
        assert_true(ml_buf_add_text(&out, i != 0 ? "," : ""));
        add_set(scratch, sets[i], &out);
    }
    assert_true(ml_buf_add_text(&out, "]}\n"));
    scratch_write(scratch, "MANIFEST.json", ml_buf_span(&out));
    ml_buf_fini(&out);
}

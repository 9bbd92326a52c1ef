/* SPDX-License-Identifier: Apache-2.0 */
/* rules/README.md lists the fields that core/field.def has, no more and no less. */
#include "core/buf.h"
#include "core/field.h"
#include "core/file.h"
#include "core/mem.h"
#include "policy/compile.h"
#include "support/cm.h"

#include <stdio.h>

static char *read_readme(void)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct ml_error error = {0};
    assert_int_equal(ml_file_read(MITLESER_RULES "/README.md", 1 << 20, &bytes, &len, &error), ML_OK);
    char *text = ml_mem_text(bytes, len);
    ml_mem_free(bytes);
    return text;
}

/* What stands below a heading, up to the next. */
static struct ml_span section(const char *readme, const char *heading)
{
    char line[64];
    (void)snprintf(line, sizeof line, "\n### %s\n\n", heading);
    const char *from = strstr(readme, line);
    if (from == NULL) {
        fail_msg("rules/README.md has no section '%s'", heading);
    }
    from += strlen(line);
    const char *to = strstr(from, "\n\n#");
    return ml_span_of(from, to != NULL ? (size_t)(to - from) : strlen(from));
}

static const char *type_of(const struct ml_field_info *info)
{
    static const char *const one[] = {"text", "number", "address", "truth"};
    static const char *const many[] = {"texts", "numbers", "addresses", "truths"};
    return info->is_list ? many[info->type] : one[info->type];
}

/* The first line that differs, as a message that tells what to write. */
static void compare_lines(const char *heading, struct ml_span got, const char *want)
{
    struct ml_span wanted = ml_span_text(want);
    while (got.len != 0 || wanted.len != 0) {
        size_t got_len = ml_span_find(got, ml_span_text("\n"));
        size_t want_len = ml_span_find(wanted, ml_span_text("\n"));
        struct ml_span got_line = ml_span_cut(got, 0, got_len);
        struct ml_span want_line = ml_span_cut(wanted, 0, want_len);
        if (!ml_span_equal(got_line, want_line)) {
            fail_msg("rules/README.md, section '%s': the line\n%.*s\nshould be\n%.*s", heading, (int)got_line.len,
                     (const char *)got_line.ptr, (int)want_line.len, (const char *)want_line.ptr);
        }
        got = ml_span_cut(got, got_len + 1, got.len);
        wanted = ml_span_cut(wanted, want_len + 1, wanted.len);
    }
}

static void every_category_lists_its_fields(void **state)
{
    (void)state;
    static const char *const sensitivity[] = {"", "network", "personal"};
    char *readme = read_readme();
    for (unsigned category = 0; category < ML_N_CATEGORIES; category++) {
        const char *name = ml_category_name((enum ml_category)category);
        struct ml_buf buf;
        ml_buf_init(&buf, 1 << 20);
        (void)ml_buf_add_text(&buf, "| field | type | sensitivity |\n| --- | --- | --- |");
        for (unsigned field = 1; field < ML_N_FIELDS; field++) {
            const struct ml_field_info *info = ml_field_info((enum ml_field)field);
            if (ml_category_knows((enum ml_category)category, (enum ml_field)field)) {
                (void)ml_buf_printf(&buf, "\n| `%s` | %s | %s |", info->name, type_of(info),
                                    sensitivity[info->sensitivity]);
            }
        }
        char *want = ml_buf_take_text(&buf);
        compare_lines(name, section(readme, name), want);
        ml_mem_free(want);
    }
    ml_mem_free(readme);
}

static void every_field_has_a_meaning(void **state)
{
    (void)state;
    char *readme = read_readme();
    struct ml_span rest = section(readme, "What they mean");
    for (unsigned field = 0; field < ML_N_FIELDS; field++) {
        /* Two lines of heading first; ML_FIELD_NONE stands for the second. */
        size_t len = ml_span_find(rest, ml_span_text("\n"));
        if (field == 0) {
            rest = ml_span_cut(rest, len + 1, rest.len);
            rest = ml_span_cut(rest, ml_span_find(rest, ml_span_text("\n")) + 1, rest.len);
            continue;
        }
        char want[128];
        (void)snprintf(want, sizeof want, "| `%s` | ", ml_field_info((enum ml_field)field)->name);
        if (!ml_span_starts(rest, want) || len < strlen(want) + 3) {
            fail_msg("rules/README.md, section 'What they mean': the line\n%.*s\nshould begin\n%s", (int)len,
                     (const char *)rest.ptr, want);
        }
        rest = ml_span_cut(rest, len + 1, rest.len);
    }
    assert_int_equal(rest.len, 0);
    ml_mem_free(readme);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_category_lists_its_fields),
        cmocka_unit_test(every_field_has_a_meaning),
    };
    return cmocka_run_group_tests_name("policy/readme", tests, NULL, NULL);
}

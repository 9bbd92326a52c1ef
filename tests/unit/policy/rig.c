/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include "core/buf.h"
#include "core/mem.h"
#include "core/text.h"
#include "policy/compile.h"
#include "support/cm.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void set(struct ml_record *record, enum ml_field field, struct ml_span value)
{
    uint64_t number = 0;
    struct ml_ip ip;
    switch (ml_field_info(field)->type) {
    case ML_TYPE_TEXT:
        ml_record_text(record, field, value);
        break;
    case ML_TYPE_NUMBER:
        assert_true(ml_decimal_read(value, &number));
        ml_record_number(record, field, number);
        break;
    case ML_TYPE_TRUTH:
        assert_true(ml_span_equal(value, ml_span_text("true")) || ml_span_equal(value, ml_span_text("false")));
        ml_record_truth(record, field, value.len == 4);
        break;
    case ML_TYPE_ADDRESS:
        assert_true(ml_ip_parse(value, &ip));
        ml_record_ip(record, field, &ip);
        break;
    }
}

void rig_record(struct ml_record *record, enum ml_category category, const char *fields)
{
    ml_record_clear(record, category);
    for (struct ml_span rest = ml_span_text(fields); rest.len != 0;) {
        size_t len = ml_span_find(rest, ml_span_text("\n"));
        struct ml_span line = ml_span_cut(rest, 0, len);
        rest = ml_span_cut(rest, len + 1, rest.len);
        size_t equals = ml_span_find(line, ml_span_text("="));
        struct ml_span name = ml_span_cut(line, 0, equals);
        enum ml_field field = ml_field_find(name);
        if (line.len == 0) {
            continue;
        }
        if (field == ML_FIELD_NONE || !ml_category_knows(category, field)) {
            fail_msg("no field '%.*s' in category %s", (int)name.len, (const char *)name.ptr,
                     ml_category_name(category));
        }
        set(record, field, ml_span_cut(line, equals + 1, line.len));
    }
}

char *rig_rule(enum ml_category category, const char *name, const char *detection)
{
    struct ml_buf buf;
    ml_buf_init(&buf, 1 << 20);
    (void)ml_buf_printf(&buf, "title: %s\nname: %s\nlogsource: {product: mitleser, category: %s}\ndetection:\n", name,
                        name, ml_category_name(category));
    bool is_start = true;
    for (const char *at = detection; *at != '\0'; at++) {
        if (is_start) {
            (void)ml_buf_add_text(&buf, "  ");
        }
        (void)ml_buf_add_byte(&buf, (uint8_t)*at);
        is_start = *at == '\n';
    }
    (void)ml_buf_add_byte(&buf, '\n');
    char *text = ml_buf_take_text(&buf);
    assert_non_null(text);
    return text;
}

struct ml_rules *rig_load(const char *text, const char *lists)
{
    struct ml_rules *rules = NULL;
    struct ml_error error = {0};
    if (ml_rules_parse("rule.yml", ml_span_text(text), lists, 0, &rules, &error) != ML_OK) {
        char message[1024];
        ml_error_format(&error, message, sizeof message);
        fail_msg("%s\n%s", message, text);
    }
    return rules;
}

struct ml_rules *rig_load_folder(const char *folder, const char *lists)
{
    struct ml_rules *rules = NULL;
    struct ml_error error = {0};
    if (ml_rules_load(&folder, 1, lists, &rules, &error) != ML_OK) {
        char message[1024];
        ml_error_format(&error, message, sizeof message);
        fail_msg("%s", message);
    }
    return rules;
}

enum ml_status rig_refusal(const char *text, const char *lists, char out[640])
{
    struct ml_rules *rules = NULL;
    struct ml_error error = {0};
    enum ml_status status = ml_rules_parse("rule.yml", ml_span_text(text), lists, 0, &rules, &error);
    assert_null(rules);
    assert_int_equal(status, error.status);
    (void)snprintf(out, 640, "%u:%u: %s", error.line, error.column, error.text);
    return status;
}

bool rig_matches(const struct ml_rules *rules, const struct ml_record *record)
{
    uint32_t hits[4];
    struct ml_rules_scratch *scratch = ml_rules_scratch_new(rules);
    assert_non_null(scratch);
    size_t n = ml_rules_match(rules, scratch, record, hits, 4);
    /* A second look at the same record must give the same answer: nothing may stick to the scratch. */
    assert_int_equal(ml_rules_match(rules, scratch, record, hits, 4), n);
    ml_rules_scratch_free(scratch);
    assert_true(n <= 1);
    return n == 1;
}

void rig_folder(char out[64])
{
    (void)snprintf(out, 64, "%s", "/tmp/mitleser-test-XXXXXX");
    assert_non_null(mkdtemp(out));
}

void rig_write(const char *folder, const char *name, const char *text)
{
    char path[512];
    for (const char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        (void)snprintf(path, sizeof path, "%s/%.*s", folder, (int)(slash - name), name);
        (void)mkdir(path, 0700); /* may be there already */
    }
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

void rig_remove(const char *folder)
{
    char path[512];
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        struct stat info;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (lstat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
            rig_remove(path);
        } else {
            assert_int_equal(unlink(path), 0);
        }
    }
    assert_int_equal(closedir(dir), 0);
    assert_int_equal(rmdir(folder), 0);
}

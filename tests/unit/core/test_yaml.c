/* SPDX-License-Identifier: Apache-2.0 */
#include "core/yaml.h"

#include "core/buf.h"
#include "core/limits.h"
#include "core/mem.h"
#include "support/cm.h"
#include "support/kit.h"

#include <stdlib.h>
#include <unistd.h>

static struct ml_yaml_file file;
static struct ml_error error;

static int clean(void **state)
{
    (void)state;
    ml_yaml_fini(&file);
    memset(&error, 0, sizeof error);
    return 0;
}

/* The root of a file that must hold exactly one document. */
static const struct ml_yaml *one(const char *text)
{
    assert_int_equal(ml_yaml_parse("test.yaml", ml_span_text(text), &file, &error), ML_OK);
    assert_int_equal(file.n_documents, 1);
    return file.documents[0];
}

static void refused_at(const char *text, enum ml_status status, unsigned line, unsigned column, const char *message)
{
    assert_int_equal(ml_yaml_parse("test.yaml", ml_span_text(text), &file, &error), status);
    assert_int_equal(error.status, status);
    assert_string_equal(error.file, "test.yaml");
    assert_string_equal(error.text, message);
    assert_int_equal(error.line, line);
    assert_int_equal(error.column, column);
    assert_null(file.path);
    assert_int_equal(file.n_documents, 0);
    ml_yaml_fini(&file);
}

/* YAML 1.2.2, example 2.4: a list of maps. */
static void lists_and_maps_keep_their_order(void **state)
{
    (void)state;
    const struct ml_yaml *root = one("-\n"
                                     "  name: Mark McGwire\n"
                                     "  hr:   65\n"
                                     "  avg:  0.278\n"
                                     "-\n"
                                     "  name: Sammy Sosa\n"
                                     "  hr:   63\n");
    assert_int_equal(root->kind, ML_YAML_LIST);
    assert_int_equal(root->n, 2);
    const struct ml_yaml *first = root->first;
    assert_int_equal(first->kind, ML_YAML_MAP);
    assert_int_equal(first->n, 3);
    assert_span_text(first->first->key, "name");
    assert_span_text(first->first->text, "Mark McGwire");
    assert_span_text(first->first->next->key, "hr");
    assert_span_text(first->first->next->next->key, "avg");
    assert_null(first->first->next->next->next);
    assert_span_text(ml_yaml_text(first->next, "name", NULL), "Sammy Sosa");
    assert_null(first->next->next);
}

static void every_node_knows_its_position(void **state)
{
    (void)state;
    const struct ml_yaml *root = one("# comment\n"
                                     "title: x\n"
                                     "\xc3\xa9t\xc3\xa9: {a: [1, 2]}\n");
    const struct ml_yaml *title = ml_yaml_get(root, "title");
    assert_int_equal(title->key_line, 2);
    assert_int_equal(title->key_column, 1);
    assert_int_equal(title->line, 2);
    assert_int_equal(title->column, 8);
    const struct ml_yaml *map = title->next;
    assert_span_text(map->key, "\xc3\xa9t\xc3\xa9");
    assert_int_equal(map->line, 3);
    assert_int_equal(map->column, 6); /* characters, not bytes */
    const struct ml_yaml *list = ml_yaml_get(map, "a");
    assert_int_equal(list->key_column, 7);
    assert_int_equal(list->column, 10);
    assert_int_equal(list->first->next->column, 14);
    assert_int_equal(list->first->key.len, 0);
}

static void quoted_and_plain_scalars_can_be_told_apart(void **state)
{
    (void)state;
    const struct ml_yaml *root = one("- 1\n- '1'\n- \"1\"\n- |\n  1\n- >-\n  1\n");
    const struct ml_yaml *node = root->first;
    assert_false(node->is_quoted);
    int64_t number = 0;
    assert_true(ml_yaml_number(node, &number));
    for (node = node->next; node != NULL; node = node->next) {
        assert_true(node->is_quoted);
        assert_false(ml_yaml_number(node, &number));
    }
    assert_span_text(root->first->next->next->next->text, "1\n");
}

static void a_zero_byte_in_quotes_is_kept(void **state)
{
    (void)state;
    const struct ml_yaml *root = one("\"a\\0b\": \"c\\0d\"\n");
    assert_int_equal(root->first->key.len, 3);
    assert_int_equal(root->first->text.len, 3);
    assert_memory_equal(root->first->text.ptr, "c\0d", 3);
    assert_null(ml_yaml_get(root, "a"));
}

static void a_file_may_hold_several_documents_or_none(void **state)
{
    (void)state;
    assert_int_equal(ml_yaml_parse("t", ml_span_text("a: 1\n---\nb: 2\n---\n- c\n"), &file, &error), ML_OK);
    assert_int_equal(file.n_documents, 3);
    assert_non_null(ml_yaml_get(file.documents[0], "a"));
    assert_non_null(ml_yaml_get(file.documents[1], "b"));
    assert_int_equal(file.documents[2]->kind, ML_YAML_LIST);
    assert_null(file.documents[0]->next);
    assert_string_equal(file.path, "t");
    ml_yaml_fini(&file);
    assert_int_equal(ml_yaml_parse("t", ml_span_text("# nothing\n"), &file, &error), ML_OK);
    assert_int_equal(file.n_documents, 0);
    ml_yaml_fini(&file);
    assert_int_equal(ml_yaml_parse("t", ml_span_of(NULL, 0), &file, &error), ML_OK);
    assert_int_equal(file.n_documents, 0);
}

static void the_same_key_in_two_maps_is_fine(void **state)
{
    (void)state;
    const struct ml_yaml *root = one("a: {k: 1}\nb: {k: 2}\nc:\n  c: 3\n");
    assert_span_text(ml_yaml_text(ml_yaml_get(root, "b"), "k", NULL), "2");
}

static void duplicate_keys_are_refused(void **state)
{
    (void)state;
    refused_at("a: 1\nb: 2\n  \n'a': 3\n", ML_BAD_INPUT, 4, 1, "duplicate key (first in line 1): \"a\"");
    refused_at("x: {k: 1, k: 1}\n", ML_BAD_INPUT, 1, 11, "duplicate key (first in line 1): \"k\"");
}

static void anchors_and_aliases_are_refused(void **state)
{
    (void)state;
    refused_at("a: &anchor 1\nb: 2\n", ML_BAD_INPUT, 1, 4, "anchors are not allowed: \"anchor\"");
    refused_at("a: &list [1]\n", ML_BAD_INPUT, 1, 4, "anchors are not allowed: \"list\"");
    refused_at("&map {a: 1}\n", ML_BAD_INPUT, 1, 1, "anchors are not allowed: \"map\"");
    refused_at("a: 1\nb: *other\n", ML_BAD_INPUT, 2, 4, "aliases are not allowed: \"other\"");
    refused_at("&k key: 1\n", ML_BAD_INPUT, 1, 1, "anchors are not allowed: \"k\"");
}

static void merge_keys_are_refused_but_a_quoted_one_is_text(void **state)
{
    (void)state;
    refused_at("a:\n  <<: {b: 1}\n", ML_BAD_INPUT, 2, 3, "merge keys are not allowed: \"<<\"");
    assert_non_null(ml_yaml_get(one("'<<': 1\n"), "<<"));
}

static void tags_are_refused(void **state)
{
    (void)state;
    refused_at("a: !!str 1\n", ML_BAD_INPUT, 1, 4, "tags are not allowed: \"tag:yaml.org,2002:str\"");
    refused_at("a: ! 1\n", ML_BAD_INPUT, 1, 4, "tags are not allowed: \"!\"");
    refused_at("- !local [1]\n", ML_BAD_INPUT, 1, 3, "tags are not allowed: \"!local\"");
    refused_at("- !local {}\n", ML_BAD_INPUT, 1, 3, "tags are not allowed: \"!local\"");
    refused_at("%TAG !e! tag:example.com,2000:\n---\na: 1\n", ML_BAD_INPUT, 1, 1, "tags are not allowed: \"!e!\"");
}

static void keys_that_are_no_scalars_are_refused(void **state)
{
    (void)state;
    refused_at("? [a, b]\n: 1\n", ML_BAD_INPUT, 1, 3, "a key must be a scalar, this is a \"list\"");
    refused_at("{{a: 1}: 2}\n", ML_BAD_INPUT, 1, 2, "a key must be a scalar, this is a \"map\"");
}

static void ill_formed_utf8_is_refused_with_its_position(void **state)
{
    (void)state;
    refused_at("a: 1\nb: \xc3\xa9\xff\n", ML_BAD_INPUT, 2, 5, "ill-formed UTF-8: byte 0xff");
    refused_at("a: \xed\xa0\x80\n", ML_BAD_INPUT, 1, 4, "ill-formed UTF-8: byte 0xed"); /* a surrogate */
    refused_at("\xff\xfe"
               "a",
               ML_BAD_INPUT, 1, 1, "ill-formed UTF-8: byte 0xff"); /* UTF-16 is not guessed */
    refused_at("a: \"\x01\"\n", ML_BAD_INPUT, 1, 5, "control characters are not allowed: 0x01");
}

static void a_byte_order_mark_is_skipped(void **state)
{
    (void)state;
    const struct ml_yaml *root = one("\xef\xbb\xbf"
                                     "a: 1\n");
    assert_int_equal(ml_yaml_get(root, "a")->key_column, 1);
}

static void syntax_errors_have_a_position(void **state)
{
    (void)state;
    refused_at("a: [1, 2\nb: 3\n", ML_BAD_INPUT, 2, 2,
               "while parsing a flow sequence did not find expected ',' or ']'");
    refused_at("a: 'open\n", ML_BAD_INPUT, 2, 1, "while scanning a quoted scalar found unexpected end of stream");
    refused_at("a: b: c\n", ML_BAD_INPUT, 1, 5, "mapping values are not allowed in this context");
}

static void a_quoted_value_in_a_message_is_short_and_printable(void **state)
{
    (void)state;
    const char *key = "\"\\e[31m0123456789012345678901234567890123456789012345678901234\xc3\xa9 and on\"";
    struct ml_buf text;
    ml_buf_init(&text, 4096);
    ml_buf_printf(&text, "%s: 1\n%s: 2\n", key, key);
    ml_buf_add_byte(&text, 0);
    refused_at((const char *)text.bytes, ML_BAD_INPUT, 2, 1,
               "duplicate key (first in line 1): \"?[31m01234567890123456789012345678901234567890123456789012"
               "34\xc3\xa9 a...\"");
    ml_buf_fini(&text);
}

static void fill_nested(struct ml_buf *text, int depth)
{
    ml_buf_init(text, 1024);
    for (int i = 0; i < depth; i++) {
        ml_buf_add_byte(text, '[');
    }
    for (int i = 0; i < depth; i++) {
        ml_buf_add_byte(text, ']');
    }
    ml_buf_add_byte(text, 0);
    assert_false(text->failed);
}

static void nesting_is_bounded(void **state)
{
    (void)state;
    struct ml_buf text;
    fill_nested(&text, ML_MAX_YAML_DEPTH);
    (void)one((const char *)text.bytes);
    ml_yaml_fini(&file);
    ml_buf_fini(&text);
    fill_nested(&text, ML_MAX_YAML_DEPTH + 1);
    refused_at((const char *)text.bytes, ML_LIMIT, 1, ML_MAX_YAML_DEPTH + 1, "nested too deeply: \"list\"");
    ml_buf_fini(&text);
}

static void a_file_that_is_too_large_is_refused(void **state)
{
    (void)state;
    size_t len = (size_t)ML_MAX_YAML_BYTES + 1;
    char *text = ml_mem_array(len, 1);
    memset(text, '#', len);
    assert_int_equal(ml_yaml_parse("t", ml_span_of(text, len), &file, &error), ML_LIMIT);
    assert_string_equal(error.text, "larger than 8388608 bytes");
    assert_int_equal(ml_yaml_parse("t", ml_span_of(text, len - 1), &file, &error), ML_OK);
    ml_mem_free(text);
}

static void many_keys_take_no_quadratic_time(void **state)
{
    (void)state;
    enum { KEYS = 50000 };
    struct ml_buf text;
    ml_buf_init(&text, 1 << 20);
    for (int i = 0; i < KEYS; i++) {
        ml_buf_printf(&text, "k%d: 1\n", i);
    }
    assert_false(text.failed);
    assert_int_equal(ml_yaml_parse("t", ml_buf_span(&text), &file, &error), ML_OK);
    assert_int_equal(file.documents[0]->n, KEYS);
    ml_buf_fini(&text);
}

static void only_unquoted_true_and_false_are_truth_values(void **state)
{
    (void)state;
    const struct ml_yaml *root = one("a: true\nb: false\nc: 'true'\nd: yes\ne: [true]\nf: True\n");
    bool value = false;
    assert_true(ml_yaml_truth(ml_yaml_get(root, "a"), &value));
    assert_true(value);
    assert_true(ml_yaml_truth(ml_yaml_get(root, "b"), &value));
    assert_false(value);
    const char *const others[] = {"c", "d", "e", "f", "absent"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        value = true;
        assert_false(ml_yaml_truth(ml_yaml_get(root, others[i]), &value));
        assert_false(value);
    }
}

static void numbers_are_whole_and_fit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        int64_t value;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"42", true, 42},
        {"-7", true, -7},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"99999999999999999999", false, 0},
        {"010", false, 0}, /* octal in YAML 1.1, decimal in 1.2 */
        {"-01", false, 0},
        {"1.5", false, 0},
        {"0x10", false, 0},
        {"+1", false, 0},
        {"--1", false, 0},
        {"-x", false, 0},
        {"one", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ml_yaml node = {.kind = ML_YAML_SCALAR, .text = ml_span_text(cases[i].text)};
        int64_t value = 99;
        assert_int_equal(ml_yaml_number(&node, &value), cases[i].ok);
        assert_true(value == cases[i].value);
    }
    int64_t value = 99;
    assert_false(ml_yaml_number(NULL, &value));
}

static void null_has_three_spellings(void **state)
{
    (void)state;
    const struct ml_yaml *root = one("a: null\nb: ~\nc:\nd: ''\ne: 'null'\nf: 0\n");
    assert_true(ml_yaml_is_null(ml_yaml_get(root, "a")));
    assert_true(ml_yaml_is_null(ml_yaml_get(root, "b")));
    assert_true(ml_yaml_is_null(ml_yaml_get(root, "c")));
    assert_false(ml_yaml_is_null(ml_yaml_get(root, "d")));
    assert_false(ml_yaml_is_null(ml_yaml_get(root, "e")));
    assert_false(ml_yaml_is_null(ml_yaml_get(root, "f")));
    assert_false(ml_yaml_is_null(NULL));
}

static void looking_up_in_something_else_finds_nothing(void **state)
{
    (void)state;
    const struct ml_yaml *root = one("a: [1]\nb: text\n");
    assert_null(ml_yaml_get(NULL, "a"));
    assert_null(ml_yaml_get(ml_yaml_get(root, "a"), "a"));
    assert_null(ml_yaml_get(ml_yaml_get(root, "b"), "b"));
    assert_span_text(ml_yaml_text(root, "a", "other"), "other"); /* a list is no text */
    assert_span_text(ml_yaml_text(root, "absent", "other"), "other");
    assert_int_equal(ml_yaml_text(root, "absent", NULL).len, 0);
}

static void a_caller_refuses_a_node_with_its_position(void **state)
{
    (void)state;
    const struct ml_yaml *root = one("a: 1\nlevel: purple\n");
    const struct ml_yaml *level = ml_yaml_get(root, "level");
    assert_int_equal(ml_yaml_refuse(&file, level, &error, "unknown level \"%s\"", "purple"), ML_BAD_INPUT);
    char line[256];
    ml_error_format(&error, line, sizeof line);
    assert_string_equal(line, "test.yaml:2:8: unknown level \"purple\"");
    assert_int_equal(ml_yaml_refuse(&file, level, NULL, "nobody listens"), ML_BAD_INPUT);
}

static void files_are_read_whole_and_errors_name_them(void **state)
{
    (void)state;
    char path[] = "/tmp/mitleser-yaml-XXXXXX";
    int handle = mkstemp(path);
    assert_true(handle >= 0);
    assert_int_equal(write(handle, "a: 1\na: 2\n", 10), 10);
    assert_int_equal(ml_yaml_read(path, &file, &error), ML_BAD_INPUT);
    assert_string_equal(error.file, path);
    assert_int_equal(error.line, 2);
    assert_int_equal(ftruncate(handle, 5), 0);
    assert_int_equal(ml_yaml_read(path, &file, &error), ML_OK);
    assert_int_equal(file.n_documents, 1);
    assert_string_equal(file.path, path);
    ml_yaml_fini(&file);
    assert_int_equal(ftruncate(handle, (off_t)ML_MAX_YAML_BYTES + 1), 0);
    assert_int_equal(ml_yaml_read(path, &file, &error), ML_LIMIT);
    assert_int_equal(close(handle), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(ml_yaml_read(path, &file, &error), ML_NOT_FOUND);
    assert_int_equal(ml_yaml_read("/", &file, &error), ML_IO);
}

static const char sample[] =
    "title: \"a\\u00e9\"\nlist: [1, {x: y}, 'z']\nmap:\n  - |\n    block\n  - &a 1\n---\n- 2\n";

static void parse_and_drop(void *context, struct ml_span bytes)
{
    (void)context;
    struct ml_yaml_file parsed;
    struct ml_error why = {0};
    enum ml_status status = ml_yaml_parse("sweep", bytes, &parsed, &why);
    assert_true(status == ML_OK || (status == ML_BAD_INPUT && why.line != 0 && why.text[0] != '\0'));
    ml_yaml_fini(&parsed);
}

static void damaged_text_is_parsed_or_refused_with_a_position(void **state)
{
    (void)state;
    sweep_truncations(ml_span_text(sample), parse_and_drop, NULL);
    sweep_bit_flips(ml_span_text(sample), parse_and_drop, NULL);
}

static void parse_with_little_memory(void *context)
{
    (void)context;
    struct ml_yaml_file parsed;
    struct ml_error why = {0};
    enum ml_status status = ml_yaml_parse("t", ml_span_text("a: [1, {x: y}]\nb: 2\n---\n- c\n"), &parsed, &why);
    if (ml_mem_has_failed()) {
        assert_int_equal(status, ML_NO_MEMORY);
        assert_string_equal(why.text, "out of memory");
    } else {
        assert_int_equal(status, ML_OK);
    }
    ml_yaml_fini(&parsed);
}

static void running_out_of_memory_is_told_and_leaks_nothing(void **state)
{
    (void)state;
    assert_true(oom_sweep(parse_with_little_memory, NULL) >= 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(lists_and_maps_keep_their_order, clean),
        cmocka_unit_test_teardown(every_node_knows_its_position, clean),
        cmocka_unit_test_teardown(quoted_and_plain_scalars_can_be_told_apart, clean),
        cmocka_unit_test_teardown(a_zero_byte_in_quotes_is_kept, clean),
        cmocka_unit_test_teardown(a_file_may_hold_several_documents_or_none, clean),
        cmocka_unit_test_teardown(the_same_key_in_two_maps_is_fine, clean),
        cmocka_unit_test_teardown(duplicate_keys_are_refused, clean),
        cmocka_unit_test_teardown(anchors_and_aliases_are_refused, clean),
        cmocka_unit_test_teardown(merge_keys_are_refused_but_a_quoted_one_is_text, clean),
        cmocka_unit_test_teardown(tags_are_refused, clean),
        cmocka_unit_test_teardown(keys_that_are_no_scalars_are_refused, clean),
        cmocka_unit_test_teardown(ill_formed_utf8_is_refused_with_its_position, clean),
        cmocka_unit_test_teardown(a_byte_order_mark_is_skipped, clean),
        cmocka_unit_test_teardown(syntax_errors_have_a_position, clean),
        cmocka_unit_test_teardown(a_quoted_value_in_a_message_is_short_and_printable, clean),
        cmocka_unit_test_teardown(nesting_is_bounded, clean),
        cmocka_unit_test_teardown(a_file_that_is_too_large_is_refused, clean),
        cmocka_unit_test_teardown(many_keys_take_no_quadratic_time, clean),
        cmocka_unit_test_teardown(only_unquoted_true_and_false_are_truth_values, clean),
        cmocka_unit_test_teardown(numbers_are_whole_and_fit, clean),
        cmocka_unit_test_teardown(null_has_three_spellings, clean),
        cmocka_unit_test_teardown(looking_up_in_something_else_finds_nothing, clean),
        cmocka_unit_test_teardown(a_caller_refuses_a_node_with_its_position, clean),
        cmocka_unit_test_teardown(files_are_read_whole_and_errors_name_them, clean),
        cmocka_unit_test_teardown(damaged_text_is_parsed_or_refused_with_a_position, clean),
        cmocka_unit_test_teardown(running_out_of_memory_is_told_and_leaks_nothing, clean),
    };
    return cmocka_run_group_tests_name("core/yaml", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/limits.h"
#include "core/mem.h"
#include "report/canonical.h"
#include "support/cm.h"
#include "support/kit.h"

#include <stdlib.h>

static enum ml_status canonical(const char *text, struct ml_buf *out)
{
    json_t *tree = json_loads(text, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);
    assert_non_null(tree);
    ml_buf_init(out, 1 << 20);
    enum ml_status status = ml_canonical_add(tree, out);
    json_decref(tree);
    return status;
}

static void assert_canonical(const char *text, const char *wanted)
{
    struct ml_buf out;
    assert_int_equal(canonical(text, &out), ML_OK);
    assert_span_text(ml_buf_span(&out), wanted);
    ml_buf_fini(&out);
}

/* RFC 8785, section 3.2.2 and 3.2.3. */
static void the_sample_of_the_rfc_comes_out_as_printed_there(void **state)
{
    (void)state;
    assert_canonical("{\"numbers\": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],\n"
                     "\"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\",\n"
                     "\"literals\": [null, true, false]}",
                     "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
                     "\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

/* RFC 8785, section 3.2.3: the order by UTF-16 code units, where a surrogate comes before U+FB33. */
static void names_are_sorted_by_utf16_code_units(void **state)
{
    (void)state;
    assert_canonical(
        "{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\",\"\\ufb33\":\"Hebrew Letter Dalet With Dagesh\","
        "\"1\":\"One\",\"\\ud83d\\ude00\":\"Emoji: Grinning Face\",\"\\u0080\":\"Control\","
        "\"\\u00f6\":\"Latin Small Letter O With Diaeresis\"}",
        "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\","
        "\"\xc3\xb6\":\"Latin Small Letter O With Diaeresis\",\"\xe2\x82\xac\":\"Euro Sign\","
        "\"\xf0\x9f\x98\x80\":\"Emoji: Grinning Face\","
        "\"\xef\xac\xb3\":\"Hebrew Letter Dalet With Dagesh\"}");
}

/* RFC 8785, appendix B: IEEE 754 bits and their text. */
static void numbers_are_those_of_appendix_b(void **state)
{
    (void)state;
    static const struct {
        uint64_t bits;
        const char *text;
    } rows[] = {
        {0x0000000000000000, "0"},
        {0x8000000000000000, "0"},
        {0x0000000000000001, "5e-324"},
        {0x8000000000000001, "-5e-324"},
        {0x7fefffffffffffff, "1.7976931348623157e+308"},
        {0xffefffffffffffff, "-1.7976931348623157e+308"},
        {0x4340000000000000, "9007199254740992"},
        {0xc340000000000000, "-9007199254740992"},
        {0x4430000000000000, "295147905179352830000"},
        {0x44b52d02c7e14af5, "9.999999999999997e+22"},
        {0x44b52d02c7e14af6, "1e+23"},
        {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
        {0x444b1ae4d6e2ef4e, "999999999999999700000"},
        {0x444b1ae4d6e2ef4f, "999999999999999900000"},
        {0x444b1ae4d6e2ef50, "1e+21"},
        {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
        {0x3eb0c6f7a0b5ed8d, "0.000001"},
        {0x41b3de4355555553, "333333333.3333332"},
        {0x41b3de4355555554, "333333333.33333325"},
        {0x41b3de4355555555, "333333333.3333333"},
        {0x41b3de4355555556, "333333333.3333334"},
        {0x41b3de4355555557, "333333333.33333343"},
        {0xbecbf647612f3696, "-0.0000033333333333333333"},
        {0x43143ff3c1cb0959, "1424953923781206.2"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ml_buf out;
        double value = 0;
        memcpy(&value, &rows[i].bits, sizeof value);
        json_t *tree = json_real(value);
        ml_buf_init(&out, 64);
        assert_int_equal(ml_canonical_add(tree, &out), ML_OK);
        assert_span_text(ml_buf_span(&out), rows[i].text);
        ml_buf_fini(&out);
        json_decref(tree);
    }
}

static void an_integer_that_a_double_cannot_hold_is_refused(void **state)
{
    (void)state;
    struct ml_buf out;
    assert_canonical("[9007199254740991,-9007199254740991]", "[9007199254740991,-9007199254740991]");
    assert_int_equal(canonical("[9007199254740993]", &out), ML_BAD_INPUT);
    ml_buf_fini(&out);
    assert_int_equal(canonical("[-9007199254740992]", &out), ML_BAD_INPUT);
    ml_buf_fini(&out);
}

static void a_zero_byte_in_a_text_stays(void **state)
{
    (void)state;
    assert_canonical("[\"a\\u0000b\"]", "[\"a\\u0000b\"]");
}

static void nesting_beyond_the_ceiling_is_refused(void **state)
{
    (void)state;
    char text[2 * ML_MAX_JSON_DEPTH + 8] = "";
    struct ml_buf out;
    memset(text, '[', ML_MAX_JSON_DEPTH + 1);
    memset(text + ML_MAX_JSON_DEPTH + 1, ']', ML_MAX_JSON_DEPTH + 1);
    assert_int_equal(canonical(text, &out), ML_OK);
    ml_buf_fini(&out);
    memset(text, '[', ML_MAX_JSON_DEPTH + 2);
    memset(text + ML_MAX_JSON_DEPTH + 2, ']', ML_MAX_JSON_DEPTH + 2);
    assert_int_equal(canonical(text, &out), ML_LIMIT);
    ml_buf_fini(&out);
}

static void write_without_memory(void *context)
{
    struct ml_buf out;
    ml_buf_init(&out, 1 << 16);
    enum ml_status status = ml_canonical_add(context, &out);
    assert_true(status == ML_OK || status == ML_NO_MEMORY);
    assert_true((status == ML_NO_MEMORY) == (ml_mem_has_failed() != 0));
    ml_buf_fini(&out);
}

static void missing_memory_is_told(void **state)
{
    (void)state;
    json_t *tree = json_loads("{\"b\":[1,{\"c\":\"d\"}],\"a\":{}}", 0, NULL);
    assert_true(oom_sweep(write_without_memory, tree) >= 3);
    json_decref(tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample_of_the_rfc_comes_out_as_printed_there),
        cmocka_unit_test(names_are_sorted_by_utf16_code_units),
        cmocka_unit_test(numbers_are_those_of_appendix_b),
        cmocka_unit_test(an_integer_that_a_double_cannot_hold_is_refused),
        cmocka_unit_test(a_zero_byte_in_a_text_stays),
        cmocka_unit_test(nesting_beyond_the_ceiling_is_refused),
        cmocka_unit_test(missing_memory_is_told),
    };
    return cmocka_run_group_tests_name("report/canonical", tests, NULL, NULL);
}

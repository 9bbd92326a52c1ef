/* SPDX-License-Identifier: Apache-2.0 */
#include "core/field.h"

#include "core/counters.h"
#include "core/text.h"
#include "support/cm.h"

static bool is_name(const char *name)
{
    for (size_t i = 0; name[i] != '\0'; i++) {
        uint8_t c = (uint8_t)name[i];
        if (!ml_is_digit(c) && !(c >= 'a' && c <= 'z') && c != '_' && c != '.') {
            return false;
        }
    }
    return name[0] != '\0';
}

static void every_field_is_found_by_its_own_name_only(void **state)
{
    (void)state;
    for (unsigned i = ML_FIELD_NONE + 1; i < ML_N_FIELDS; i++) {
        const struct ml_field_info *info = ml_field_info((enum ml_field)i);
        assert_true(is_name(info->name));
        assert_int_equal(info->name_len, strlen(info->name));
        assert_memory_equal(info->member + 1, info->name, info->name_len);
        assert_string_equal(info->member + 1 + info->name_len, "\":");
        assert_int_equal(info->member[0], '"');
        assert_int_equal(ml_field_find(ml_span_text(info->name)), i); /* a second one of that name would hide */
    }
    assert_int_equal(ml_field_find(ml_span_text("")), ML_FIELD_NONE);
    assert_int_equal(ml_field_find(ml_span_text("no.such.field")), ML_FIELD_NONE);
    assert_int_equal(ml_field_find(ml_span_text("TLS.SNI")), ML_FIELD_NONE);
    assert_string_equal(ml_field_info(ML_FIELD_NONE)->name, "");
}

static void every_field_is_known_somewhere(void **state)
{
    (void)state;
    for (unsigned i = ML_FIELD_NONE + 1; i < ML_N_FIELDS; i++) {
        const struct ml_field_info *info = ml_field_info((enum ml_field)i);
        assert_true(info->where[0] != '\0');
        assert_int_equal(strspn(info->where, "fteac"), strlen(info->where));
        for (const char *p = info->where; *p != '\0'; p++) {
            assert_null(strchr(p + 1, *p)); /* each letter once */
        }
        /* A fact record also knows all fields of its flow, lists of a flow's facts excepted. */
        assert_true(strchr(info->where, 'f') == NULL || strchr(info->where, 't') != NULL || info->is_list);
    }
}

static void types_come_from_the_table(void **state)
{
    (void)state;
    const struct ml_field_info *sni = ml_field_info(ML_F_TLS_SNI);
    assert_string_equal(sni->name, "tls.sni");
    assert_int_equal(sni->type, ML_TYPE_TEXT);
    assert_false(sni->is_list);
    const struct ml_field_info *addresses = ml_field_info(ML_F_DNS_ADDRESSES);
    assert_int_equal(addresses->type, ML_TYPE_ADDRESS);
    assert_true(addresses->is_list);
    assert_int_equal(ml_field_info(ML_F_WECHAT_UIN)->sensitivity, ML_SENS_PERSONAL);
    assert_int_equal(ml_field_info(ML_F_SRC_IP)->sensitivity, ML_SENS_NETWORK);
}

static void counters_have_names_of_their_own(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ML_N_COUNTERS; i++) {
        const char *name = ml_counter_name((enum ml_counter)i);
        assert_true(is_name(name));
        for (unsigned j = 0; j < i; j++) {
            assert_string_not_equal(name, ml_counter_name((enum ml_counter)j));
        }
    }
}

static void counters_add_up(void **state)
{
    (void)state;
    struct ml_counters a = {0};
    struct ml_counters b = {0};
    ml_count(&a, ML_COUNT_PACKETS_READ);
    ml_count_add(&b, ML_COUNT_PACKETS_READ, 41);
    ml_count_add(&b, ML_COUNT_LIMIT_MEMORY, 3);
    ml_counters_merge(&a, &b);
    assert_int_equal(a.n[ML_COUNT_PACKETS_READ], 42);
    assert_int_equal(a.n[ML_COUNT_LIMIT_MEMORY], 3);
    assert_int_equal(b.n[ML_COUNT_PACKETS_READ], 41);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_is_found_by_its_own_name_only),
        cmocka_unit_test(every_field_is_known_somewhere),
        cmocka_unit_test(types_come_from_the_table),
        cmocka_unit_test(counters_have_names_of_their_own),
        cmocka_unit_test(counters_add_up),
    };
    return cmocka_run_group_tests_name("core/field", tests, NULL, NULL);
}

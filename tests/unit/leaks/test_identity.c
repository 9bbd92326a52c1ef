/* SPDX-License-Identifier: Apache-2.0 */
/* The identities file: what is read, what is refused and where, and the forms of each kind of value. */
#include "core/buf.h"
#include "core/limits.h"
#include "leaks/form.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/scratch.h"

#include <stdio.h>

#define ROW(kind, value) "  - {kind: " kind ", value: '" value "'}\n"
/* Two kilobytes in which no piece is like another. */
#define LINE(a) a "0f1e2d3c4b5a6978 " a "8796a5b4c3d2e1f0 " a "13579bdf02468ace\n"
#define CONTENT LINE("a") LINE("b") LINE("c") LINE("d") LINE("e") LINE("f") LINE("g") LINE("h")
#define FILE_OF(rows) "identities:\n" rows

static enum ml_status parse(const char *text, struct ml_identities *out, struct ml_error *error)
{
    *error = (struct ml_error){0};
    return ml_identities_parse("ids.yaml", ml_span_text(text), out, error);
}

static void a_file_gives_kinds_labels_and_trimmed_values(void **state)
{
    (void)state;
    struct ml_identities ids;
    struct ml_error error;
    assert_int_equal(parse(FILE_OF(ROW("email", " erika.mustermann@example.com ") ROW("phone", "+1 202 555-0173")
                                       ROW("phone", "+1 202 555-0186") "  - kind: imei\n    label: test phone\n"
                                                                       "    value: 490154203237518\n"),
                           &ids, &error),
                     ML_OK);
    assert_int_equal(ids.n, 4);
    assert_span_text(ids.items[0].value, "erika.mustermann@example.com");
    assert_span_text(ids.items[0].label, "email-1");
    assert_span_text(ids.items[2].label, "phone-2");
    assert_span_text(ids.items[3].label, "test phone");
    assert_int_equal(ids.items[3].kind, ML_IDENTITY_IMEI);
    ml_identities_fini(&ids);
}

static void what_cannot_be_looked_for_is_refused_with_place_and_reason_but_without_the_value(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned line, column;
        const char *reason;
    } cases[] = {
        {"x: 1\n", 1, 1, "an identities file is a map"},
        {"identities: []\n", 1, 13, "1 to"},
        {FILE_OF("  - {kind: imei}\n"), 2, 5, "\"value\" is missing"},
        {FILE_OF("  - {value: '490154203237518'}\n"), 2, 5, "\"kind\" is missing"},
        {FILE_OF(ROW("colour", "490154203237518")), 2, 12, "unknown kind 'colour'"},
        {FILE_OF("  - {kind: imei, value: '490154203237518', colour: red}\n"), 2, 52, "unknown key"},
        {FILE_OF("  - {kind: imei, value: ''}\n"), 2, 25, "must be a text"},
        {FILE_OF("  - text\n"), 2, 5, "an identity is a map"},
        {FILE_OF(ROW("imei", "490154203237519")), 2, 25, "not an IMEI"},
        {FILE_OF(ROW("imsi", "12")), 2, 25, "not an IMSI"},
        {FILE_OF(ROW("phone", "0151 2345678")), 2, 26, "country code"},
        {FILE_OF(ROW("email", "erika at example.com")), 2, 26, "not a mail address"},
        {FILE_OF(ROW("mac", "ff:ff:ff:ff:ff:ff")), 2, 24, "hardware address"},
        {FILE_OF(ROW("advertising_id", "00000000-0000-0000-0000-000000000000")), 2, 35, "not a UUID"},
        {FILE_OF(ROW("iban", "DE89370400440532013001")), 2, 25, "not an IBAN"},
        {FILE_OF(ROW("card", "4111111111111112")), 2, 25, "not a card"},
        {FILE_OF(ROW("coordinates", "52.520008")), 2, 32, "latitude, longitude"},
        {FILE_OF(ROW("coordinates", "52.52, 13.40")), 2, 32, "too coarse"},
        {FILE_OF(ROW("coordinates", "11.11111, 22.22222")), 2, 32, "repeat"},
        {FILE_OF(ROW("name", "Li Wei")), 2, 25, "by chance about 2^"},
        {FILE_OF(ROW("link", "preview.example.test/a")), 2, 25, "a link is written with"},
        {FILE_OF(ROW("link", "https://preview")), 2, 25, "a link is written with"},
        {FILE_OF(ROW("file", "0123456789abcdef")), 2, 5, "\"file\" is missing"},
        {FILE_OF("  - {kind: imei, value: '490154203237518', file: a}\n"), 2, 5, "or there is more"},
        {FILE_OF(ROW("account", "1234567890")), 2, 28, "by chance"},
        {FILE_OF(ROW("message", "hello")), 2, 28, "by chance"},
        {FILE_OF(ROW("imei", "490154203237518") ROW("imei", "490154203237518")), 3, 25, "the value of line 2 again"},
        {FILE_OF("  - {kind: imei, label: a, value: '490154203237518'}\n"
                 "  - {kind: imsi, label: a, value: '310170845466094'}\n"),
         3, 25, "two identities are labelled 'a'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ml_identities ids;
        struct ml_error error;
        assert_int_equal(parse(cases[i].text, &ids, &error), ML_BAD_INPUT);
        if (strstr(error.text, cases[i].reason) == NULL || error.line != cases[i].line ||
            error.column != cases[i].column) {
            fail_msg("%s -> %u:%u %s", cases[i].text, error.line, error.column, error.text);
        }
        assert_null(strstr(error.text, "4901542"));
        assert_int_equal(ids.n, 0);
    }
}

static void a_value_that_is_too_long_is_refused(void **state)
{
    (void)state;
    struct ml_buf buf;
    struct ml_identities ids;
    struct ml_error error = {0};
    ml_buf_init(&buf, 1 << 16);
    (void)ml_buf_add_text(&buf, "identities:\n  - {kind: message, value: '");
    for (int i = 0; i <= ML_MAX_IDENTITY_BYTES; i++) {
        (void)ml_buf_add_byte(&buf, (uint8_t)('a' + i * 7 % 26));
    }
    (void)ml_buf_add_text(&buf, "'}\n");
    assert_int_equal(ml_identities_parse("ids.yaml", ml_buf_span(&buf), &ids, &error), ML_BAD_INPUT);
    assert_non_null(strstr(error.text, "longer than"));
    ml_buf_fini(&buf);
}

/* --- forms --- */

static bool add_form(void *context, const struct ml_form *form)
{
    struct ml_buf *buf = context;
    (void)ml_buf_printf(buf, "%s%s%s ", form->name, (form->use & ML_FORM_FIND) != 0 ? "" : "#",
                        (form->use & ML_FORM_RAW) != 0 ? "!" : "");
    if ((form->use & ML_FORM_RAW) == 0) {
        (void)ml_buf_printf(buf, "%.*s|", (int)form->bytes.len, (const char *)form->bytes.ptr);
    }
    return true;
}

static void assert_forms(enum ml_identity_kind kind, const char *value, const char *expected)
{
    struct ml_buf buf;
    const struct ml_identity identity = {.kind = kind, .label = ml_span_text("x"), .value = ml_span_text(value)};
    ml_buf_init(&buf, 1 << 16);
    assert_true(ml_form_each(&identity, add_form, &buf));
    assert_span_text(ml_buf_span(&buf), expected);
    ml_buf_fini(&buf);
}

static void each_kind_is_written_in_the_ways_it_is_met(void **state)
{
    (void)state;
    assert_forms(ML_IDENTITY_PHONE, "+49 (151) 2398-7406",
                 "e164# +4915123987406|digits 4915123987406|00 004915123987406|trunk 49015123987406|"
                 "national 015123987406|subscriber 15123987406|");
    assert_forms(ML_IDENTITY_PHONE, "+1 202 555 0173",
                 "e164# +12025550173|digits 12025550173|00 0012025550173|national 02025550173|subscriber 2025550173|");
    assert_forms(ML_IDENTITY_EMAIL, "Erika@mail.example.com",
                 "address Erika@mail.example.com|lower# erika@mail.example.com|upper# ERIKA@MAIL.EXAMPLE.COM|");
    assert_forms(ML_IDENTITY_IMEI, "49-015420-323751-8", "digits 490154203237518|without_check 49015420323751|");
    assert_forms(ML_IDENTITY_IBAN, "GB82 WEST 1234 5698 7654 32",
                 "compact GB82WEST12345698765432|lower# gb82west12345698765432|grouped GB82 WEST 1234 5698 7654 32|"
                 "grouped GB82-WEST-1234-5698-7654-32|");
    assert_forms(ML_IDENTITY_MAC, "02:1A:9B:3C:7D:5E",
                 "colon 02:1a:9b:3c:7d:5e|upper# 02:1A:9B:3C:7D:5E|dash 02-1a-9b-3c-7d-5e|upper# 02-1A-9B-3C-7D-5E|"
                 "bare 021a9b3c7d5e|upper# 021A9B3C7D5E|dotted 021a.9b3c.7d5e|upper# 021A.9B3C.7D5E|"
                 "blank 02 1a 9b 3c 7d 5e|upper# 02 1A 9B 3C 7D 5E|turned 5e:7d:3c:9b:1a:02|turned 5e-7d-3c-9b-1a-02|"
                 "turned 5e7d3c9b1a02|turned 5e7d.3c9b.1a02|turned 5e 7d 3c 9b 1a 02|binary! base64! "
                 "reversed! reversed_base64! ");
    assert_forms(ML_IDENTITY_NAME, "Erika Mustermann-Beispiel",
                 "text Erika Mustermann-Beispiel|lower# erika mustermann-beispiel|upper# ERIKA MUSTERMANN-BEISPIEL|"
                 "turned Mustermann-Beispiel Erika|lower# mustermann-beispiel erika|upper# MUSTERMANN-BEISPIEL ERIKA|"
                 "turned_comma Mustermann-Beispiel, Erika|lower# mustermann-beispiel, erika|"
                 "upper# MUSTERMANN-BEISPIEL, ERIKA|"
                 "dotted Erika.Mustermann-Beispiel|lower# erika.mustermann-beispiel|upper# ERIKA.MUSTERMANN-BEISPIEL|"
                 "underscored Erika_Mustermann-Beispiel|lower# erika_mustermann-beispiel|"
                 "upper# ERIKA_MUSTERMANN-BEISPIEL|"
                 "dashed Erika-Mustermann-Beispiel|lower# erika-mustermann-beispiel|upper# ERIKA-MUSTERMANN-BEISPIEL|"
                 "joined ErikaMustermann-Beispiel|lower# erikamustermann-beispiel|upper# ERIKAMUSTERMANN-BEISPIEL|");
    assert_forms(ML_IDENTITY_ANDROID_ID, "9774d56d682e549c", "text 9774d56d682e549c|upper# 9774D56D682E549C|binary! ");
    assert_forms(ML_IDENTITY_COORDINATES, "-33.856784, 151.21529",
                 "decimal-3 -33.857|decimal-4 -33.8568|decimal-5 -33.85678|decimal-6 -33.856784|decimal-3 -33.856|"
                 "decimal-4 -33.8567|e6 -33856784|e7 -338567840|double! double! "
                 "decimal-3 151.215|decimal-4 151.2153|decimal-5 151.21529|decimal-4 151.2152|"
                 "e6 151215290|e7 1512152900|double! double! ");
}

static void a_link_is_looked_for_with_what_stands_alone_of_it(void **state)
{
    (void)state;
    assert_forms(ML_IDENTITY_LINK, "https://preview-7f3a9c1e5b2d.example.test/a/41d9c07e",
                 "url https://preview-7f3a9c1e5b2d.example.test/a/41d9c07e|"
                 "without_scheme preview-7f3a9c1e5b2d.example.test/a/41d9c07e|"
                 "host preview-7f3a9c1e5b2d.example.test|label preview-7f3a9c1e5b2d|path /a/41d9c07e|");
}

static void a_file_is_named_by_its_path_from_that_of_the_identities(void **state)
{
    (void)state;
    struct scratch scratch;
    struct ml_identities ids;
    struct ml_error error = {0};
    scratch_init(&scratch);
    scratch_text(&scratch, "case/scan.txt", CONTENT);
    scratch_text(&scratch, "case/short.txt", "too short");
    scratch_text(&scratch, "case/ids.yaml", FILE_OF("  - {kind: document, label: passport, file: scan.txt}\n"));
    scratch_text(&scratch, "case/absent.yaml", FILE_OF("  - {kind: file, file: nothing.txt}\n"));
    scratch_text(&scratch, "case/short.yaml", FILE_OF("  - {kind: file, file: short.txt}\n"));
    assert_int_equal(ml_identities_read(scratch_path(&scratch, "case/ids.yaml"), &ids, &error), ML_OK);
    assert_int_equal(ids.n, 1);
    assert_int_equal(ids.items[0].value.len, 64); /* its digest */
    assert_span_text(ids.items[0].content, CONTENT);
    ml_identities_fini(&ids);
    assert_int_equal(ml_identities_read(scratch_path(&scratch, "case/absent.yaml"), &ids, &error), ML_NOT_FOUND);
    assert_int_equal(ml_identities_read(scratch_path(&scratch, "case/short.yaml"), &ids, &error), ML_BAD_INPUT);
    scratch_fini(&scratch);
}

static void run_out_of_memory(void *context)
{
    struct ml_identities ids;
    struct ml_error error = {0};
    (void)context;
    enum ml_status status =
        ml_identities_parse("ids.yaml", ml_span_text(FILE_OF(ROW("name", "Erika Mustermann-Beispiel"))), &ids, &error);
    if (status == ML_OK) {
        ml_identities_fini(&ids);
    }
}

static void a_failed_allocation_leaks_nothing(void **state)
{
    (void)state;
    assert_true(oom_sweep(run_out_of_memory, NULL) > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_gives_kinds_labels_and_trimmed_values),
        cmocka_unit_test(what_cannot_be_looked_for_is_refused_with_place_and_reason_but_without_the_value),
        cmocka_unit_test(a_value_that_is_too_long_is_refused),
        cmocka_unit_test(a_link_is_looked_for_with_what_stands_alone_of_it),
        cmocka_unit_test(a_file_is_named_by_its_path_from_that_of_the_identities),
        cmocka_unit_test(each_kind_is_written_in_the_ways_it_is_met),
        cmocka_unit_test(a_failed_allocation_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

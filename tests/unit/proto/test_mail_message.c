/* SPDX-License-Identifier: Apache-2.0 */
#include "core/text.h"
#include "proto/lines.h"
#include "proto/mail/message.h"
#include "proto/mail/sasl.h"
#include "support/cm.h"
#include "support/kit.h"

/* --- addresses --- */

/* RFC 5322, appendix A.1.2 and A.5 */
static void an_address_is_found_with_or_without_a_name(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"John Doe <jdoe@machine.example>", "jdoe@machine.example"},
        {"<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>", "boss@nil.test"},
        {"mary@x.test", "mary@x.test"},
        {"mary@x.test (Mary)", "mary@x.test"},
        {"a@example.com, b@example.com", "a@example.com"},
        {"Undisclosed recipients:;", ""},
        {"<>", ""},
        {"@example.com", ""},
        {"alice@", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_span_text(ml_mail_address(ml_span_text(cases[i][0])), cases[i][1]);
    }
}

/* --- messages --- */

struct reading {
    struct ml_mail mail;
    struct ml_fact_draft draft;
};

static void read_mail(struct reading *reading, const char *text, bool has_head)
{
    struct ml_span rest = ml_span_text(text);
    memset(reading, 0, sizeof *reading);
    ml_mail_begin(&reading->mail, has_head);
    while (rest.len != 0) {
        size_t n = ml_span_find(rest, ml_span_text("\n"));
        ml_mail_line(&reading->mail, ml_span_cut(rest, 0, n), n + 1, false);
        rest = ml_span_cut(rest, n + 1, SIZE_MAX);
    }
    ml_mail_end(&reading->mail, &reading->draft, "env@example.com", "rcpt@example.com");
}

static struct ml_span value(const struct reading *reading, enum ml_field field)
{
    for (unsigned i = 0; i < reading->draft.n_attrs; i++) {
        const struct ml_attr *attr = &reading->draft.attrs[i];
        if (attr->field == field) {
            return attr->type == ML_TYPE_TEXT ? ml_span_of(attr->value.text, attr->len)
                                              : ml_span_of(&attr->value.number, sizeof attr->value.number);
        }
    }
    return ml_span_of(NULL, 0);
}

static uint64_t number(const struct reading *reading, enum ml_field field)
{
    uint64_t number = UINT64_MAX;
    struct ml_span bytes = value(reading, field);
    if (bytes.len == sizeof number) {
        memcpy(&number, bytes.ptr, sizeof number);
    }
    return number;
}

/* RFC 5322, appendix A.1.1, and folding of section 2.2.3 */
static void the_head_tells_who_to_whom_and_about_what(void **state)
{
    (void)state;
    struct reading reading;
    read_mail(
        &reading,
        "From: John Doe <jdoe@machine.example>\nTO: Mary Smith\n <mary@example.net>\nSubject: Saying\n  Hello\n"
        "X-Mailer: Example 1.0\nX-Originating-IP: [192.0.2.7]\nX-Other: x\n\nThis is a message just to say hello.\n",
        true);
    assert_span_text(value(&reading, ML_F_MESSAGE_FROM), "jdoe@machine.example");
    assert_span_text(value(&reading, ML_F_MESSAGE_TO), "mary@example.net");
    assert_span_text(value(&reading, ML_F_MAIL_SUBJECT), "Saying  Hello");
    assert_span_text(value(&reading, ML_F_MAIL_AGENT), "Example 1.0");
    assert_int_equal(number(&reading, ML_F_MESSAGE_BYTES), 37);
    assert_int_equal(reading.draft.n_ips, 1);
    assert_int_equal(reading.draft.ips[0].family, 4);
}

static void what_the_head_does_not_tell_is_of_the_envelope(void **state)
{
    (void)state;
    struct reading reading;
    read_mail(&reading, "Subject: x\nX-Originating-IP: unknown\n\n", true);
    assert_span_text(value(&reading, ML_F_MESSAGE_FROM), "env@example.com");
    assert_span_text(value(&reading, ML_F_MESSAGE_TO), "rcpt@example.com");
    assert_int_equal(value(&reading, ML_F_MESSAGE_BYTES).len, 0);
    assert_int_equal(reading.draft.n_ips, 0);
    read_mail(&reading, "From: no.head@example.com\n", false);
    assert_span_text(value(&reading, ML_F_MESSAGE_FROM), "env@example.com");
    assert_int_equal(number(&reading, ML_F_MESSAGE_BYTES), 26);
}

static void a_message_that_people_encrypted_is_no_readable_one(void **state)
{
    (void)state;
    static const char *const sealed[] = {
        "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"\n\nx\n",
        "Content-Type: application/pkcs7-mime;\n smime-type=enveloped-data\n\nx\n",
        "Content-Type: application/x-pkcs7-mime\n\nx\n",
        "Content-Type: text/plain\n\n\n-----BEGIN PGP MESSAGE-----\nx\n",
    };
    static const char *const readable[] = {
        "Content-Type: application/pkcs7-mime; smime-type=signed-data\n\nx\n",
        "Content-Type: multipart/signed\n\nx\n",
        "Content-Type: text/plain\n\nx\n-----BEGIN PGP MESSAGE-----\n",
    };
    struct reading reading;
    for (size_t i = 0; i < sizeof sealed / sizeof sealed[0]; i++) {
        read_mail(&reading, sealed[i], true);
        assert_int_equal(number(&reading, ML_F_MAIL_SEALED), 1);
        assert_int_equal(value(&reading, ML_F_MESSAGE_BYTES).len, 0);
    }
    for (size_t i = 0; i < sizeof readable / sizeof readable[0]; i++) {
        read_mail(&reading, readable[i], true);
        assert_int_equal(value(&reading, ML_F_MAIL_SEALED).len, 0);
        assert_int_not_equal(value(&reading, ML_F_MESSAGE_BYTES).len, 0);
    }
}

static void a_value_without_an_end_is_cut(void **state)
{
    (void)state;
    struct reading reading;
    char text[4 * ML_MAIL_TEXT];
    memset(text, 'x', sizeof text - 1);
    memcpy(text, "Subject:", 8);
    text[sizeof text - 1] = '\0';
    read_mail(&reading, text, true);
    assert_in_range(value(&reading, ML_F_MAIL_SUBJECT).len, 500, ML_MAIL_TEXT - 1);
}

/* --- SASL --- */

static void assert_login(const char *mechanism, const char *const *answers, const char *user, bool has_secret)
{
    struct ml_sasl sasl;
    bool is_known = false;
    ml_sasl_begin(&sasl, ml_span_text(mechanism));
    assert_true(ml_sasl_goes_on(&sasl));
    for (size_t i = 0; answers[i] != NULL; i++) {
        assert_false(is_known);
        char base64[512];
        (void)ml_base64_write(ml_span_text(answers[i]), base64);
        is_known = ml_sasl_answer(&sasl, ml_span_text(base64));
    }
    assert_true(is_known);
    assert_string_equal(sasl.user, user);
    assert_int_equal(sasl.has_secret, has_secret);
    ml_sasl_end(&sasl);
    assert_false(ml_sasl_goes_on(&sasl));
}

static void each_mechanism_tells_who_and_whether_a_secret_was_read(void **state)
{
    (void)state;
    struct ml_sasl sasl;
    /* RFC 4616, section 4: NUL "tim" NUL "tanstaaftanstaaf" */
    ml_sasl_begin(&sasl, ml_span_text("plain"));
    assert_true(ml_sasl_answer(&sasl, ml_span_text("AHRpbQB0YW5zdGFhZnRhbnN0YWFm")));
    assert_string_equal(sasl.mechanism, "PLAIN");
    assert_string_equal(sasl.user, "tim");
    assert_true(sasl.has_secret);
    ml_sasl_begin(&sasl, ml_span_text("PLAIN"));
    assert_true(ml_sasl_answer(&sasl, ml_span_text("AHRpbQ=="))); /* cut */
    assert_false(sasl.has_secret);
    assert_login("LOGIN", (const char *const[]){"alex@example.com", "example-password", NULL}, "alex@example.com",
                 true);
    assert_login("LOGIN", (const char *const[]){"alex", "", NULL}, "alex", false);
    assert_login("XOAUTH2", (const char *const[]){"user=alex@example.com\1auth=Bearer ya29\1\1", NULL},
                 "alex@example.com", true);
    /* RFC 7628, section 4.1 */
    assert_login(
        "OAUTHBEARER",
        (const char *const[]){"n,a=user@example.com,\1host=server.example.com\1auth=Bearer vF9dft4qmT\1\1", NULL},
        "user@example.com", true);
    /* RFC 5802, section 5 */
    assert_login("SCRAM-SHA-1", (const char *const[]){"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL", NULL}, "user", false);
    /* RFC 2195, section 2 */
    assert_login("CRAM-MD5", (const char *const[]){"tim b913a602c7eda7a495b4e6e7334d3890", NULL}, "tim", false);
    /* RFC 2831, section 4 */
    assert_login("DIGEST-MD5", (const char *const[]){"charset=utf-8,username=\"chris\",realm=\"example.com\"", NULL},
                 "chris", false);
    assert_login("GSSAPI", (const char *const[]){"anything", NULL}, "", false);
}

/* --- lines --- */

static void replies_are_three_digits(void **state)
{
    (void)state;
    bool is_last = false;
    assert_int_equal(ml_reply_code(ml_span_text("250-SIZE"), &is_last), 250);
    assert_false(is_last);
    assert_int_equal(ml_reply_code(ml_span_text("250 SIZE"), &is_last), 250);
    assert_true(is_last);
    assert_int_equal(ml_reply_code(ml_span_text("354"), &is_last), 354);
    assert_true(is_last);
    static const char *const lies[] = {"", "25", "2500 x", "250x", "750 x", "050 x", "2a0 x", "+OK"};
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        assert_int_equal(ml_reply_code(ml_span_text(lies[i]), &is_last), 0);
    }
}

static void a_first_line_is_short_and_printable(void **state)
{
    (void)state;
    struct ml_span line;
    bool may_come = false;
    assert_true(ml_first_line(ml_span_text("EHLO x\r\nmore"), 20, &line, &may_come));
    assert_span_text(line, "EHLO x");
    assert_false(ml_first_line(ml_span_text("EHLO"), 20, &line, &may_come));
    assert_true(may_come);
    assert_false(ml_first_line(ml_span_text(""), 20, &line, &may_come));
    assert_true(may_come);
    assert_false(ml_first_line(ml_span_text("EH\1LO\r\n"), 20, &line, &may_come));
    assert_false(may_come);
    assert_false(ml_first_line(ml_span_text("EHLO a.name.that.is.too.long\r\n"), 20, &line, &may_come));
    assert_false(may_come);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_found_with_or_without_a_name),
        cmocka_unit_test(the_head_tells_who_to_whom_and_about_what),
        cmocka_unit_test(what_the_head_does_not_tell_is_of_the_envelope),
        cmocka_unit_test(a_message_that_people_encrypted_is_no_readable_one),
        cmocka_unit_test(a_value_without_an_end_is_cut),
        cmocka_unit_test(each_mechanism_tells_who_and_whether_a_secret_was_read),
        cmocka_unit_test(replies_are_three_digits),
        cmocka_unit_test(a_first_line_is_short_and_printable),
    };
    return cmocka_run_group_tests_name("proto/mail_message", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/head.h"
#include "support/cm.h"
#include "support/kit.h"

static enum ml_match request(const char *text)
{
    return ml_http_match_request(ml_span_text(text));
}

static enum ml_match response(const char *text)
{
    return ml_http_match_response(ml_span_text(text));
}

static void first_lines_of_http_1_are_known(void **state)
{
    (void)state;
    assert_int_equal(request("GET / HTTP/1.1\r\n"), ML_MATCH_YES);
    assert_int_equal(request("GET / HTTP/1.0\n"), ML_MATCH_YES);
    assert_int_equal(request("M-SEARCH * HTTP/1.1\r\n"), ML_MATCH_YES);
    assert_int_equal(request("GET http://example.com/a b HTTP/1.1\r\nHost"), ML_MATCH_YES);
    assert_int_equal(request("BREW /pot HTTP/1.1\r\n"), ML_MATCH_YES);
    assert_int_equal(request("GET /update HTTP/1.0.8\r\n"), ML_MATCH_YES);
    assert_int_equal(request("GET  HTTP/1.1\r\n"), ML_MATCH_YES); /* no target */
    assert_int_equal(request("\r\n\nGET / HTTP/1.1\r\n"), ML_MATCH_YES);
    assert_int_equal(response("\nHTTP/1.1 200 OK\r\n"), ML_MATCH_YES);
    assert_int_equal(response("HTTP/1.1 200 OK\r\n"), ML_MATCH_YES);
    assert_int_equal(response("HTTP/1.0 404\r\n"), ML_MATCH_YES);
}

static void other_first_lines_are_refused(void **state)
{
    (void)state;
    static const char *const others[] = {
        "GET /\r\n",          /* HTTP/0.9 */
        "GET / HTTP/2.0\r\n", /* RFC 9113, section 3.4 speaks of PRI * */
        "PRI * HTTP/2.0\r\n", /* preface of HTTP/2 */
        "OPTIONS rtsp://example.com RTSP/1.0\r\n",
        "REGISTER sip:example.com SIP/2.0\r\n",
        "get / HTTP/1.1\r\n",
        " GET / HTTP/1.1\r\n",
        "GET /\x01 HTTP/1.1\r\n",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ / HTTP/1.1\r\n",
        "EHLO example.com\r\n",
        "\x16\x03\x01\x02",
        "SSH-2.0-x\r\n",
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_int_equal(request(others[i]), ML_MATCH_NO);
        assert_int_equal(response(others[i]), ML_MATCH_NO);
    }
    assert_int_equal(response("HTTP/2.0 200 OK\r\n"), ML_MATCH_NO);
    assert_int_equal(response("HTTP/1.1 2000\r\n"), ML_MATCH_NO);
    assert_int_equal(response("HTTP/1.1 20x OK\r\n"), ML_MATCH_NO);
}

static void every_beginning_of_a_first_line_may_still_become_one(void **state)
{
    (void)state;
    static const char get[] = "GET /index HTTP/1.1\r\n";
    static const char ok[] = "HTTP/1.1 200 ";
    for (size_t len = 0; len + 1 < sizeof get - 1; len++) {
        assert_int_equal(ml_http_match_request(ml_span_of(get, len)), ML_MATCH_MORE);
    }
    for (size_t len = 0; len < sizeof ok - 1; len++) {
        assert_int_equal(ml_http_match_response(ml_span_of(ok, len)), ML_MATCH_MORE);
    }
}

static void a_known_method_suffices_for_a_very_long_line(void **state)
{
    (void)state;
    char line[4200];
    memset(line, 'a', sizeof line);
    memcpy(line, "GET /", 5);
    assert_int_equal(ml_http_match_request(ml_span_of(line, 3900)), ML_MATCH_MORE);
    assert_int_equal(ml_http_match_request(ml_span_of(line, 4100)), ML_MATCH_YES);
    memcpy(line, "XYZ /", 5);
    assert_int_equal(ml_http_match_request(ml_span_of(line, 4100)), ML_MATCH_MORE);
}

static struct ml_http_head parse(const char *text, bool is_request)
{
    struct ml_http_head head;
    assert_true(ml_http_head_parse(ml_span_text(text), is_request, &head));
    return head;
}

static void targets_are_split_into_path_and_query(void **state)
{
    (void)state;
    static const struct {
        const char *head, *path, *query;
    } cases[] = {
        {"GET /a/b?c=d&e HTTP/1.1\r\n\r\n", "/a/b", "c=d&e"},
        {"GET / HTTP/1.1\r\n\r\n", "/", ""},
        {"GET /?x=http://example.org/?y HTTP/1.1\r\n\r\n", "/", "x=http://example.org/?y"},
        {"GET /a#b?c HTTP/1.1\r\n\r\n", "/a", ""},
        {"GET http://example.com:80/a?b HTTP/1.1\r\n\r\n", "/a", "b"}, /* RFC 9112, section 3.2.2 */
        {"GET http://example.com?b HTTP/1.1\r\n\r\n", "", "b"},
        {"GET http://example.com HTTP/1.1\r\n\r\n", "", ""},
        {"OPTIONS * HTTP/1.1\r\n\r\n", "", ""},
        {"CONNECT example.com:443 HTTP/1.1\r\n\r\n", "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ml_http_head head = parse(cases[i].head, true);
        assert_span_text(ml_http_path(&head), cases[i].path);
        assert_span_text(ml_http_query(&head), cases[i].query);
    }
}

static void the_host_comes_from_the_field_then_from_the_target(void **state)
{
    (void)state;
    static const struct {
        const char *head, *host;
    } cases[] = {
        {"GET / HTTP/1.1\r\nHost: WWW.Example.COM\r\n\r\n", "www.example.com"},
        {"GET / HTTP/1.1\r\nHost: example.com:8080\r\n\r\n", "example.com"},
        {"GET / HTTP/1.1\r\nhOST:example.com.\r\n\r\n", "example.com"},
        {"GET / HTTP/1.1\nHost: 192.0.2.1:80\n\n", "192.0.2.1"},
        {"GET / HTTP/1.1\r\nHost: [2001:DB8:0::1]:80\r\n\r\n", "2001:db8::1"},
        {"GET / HTTP/1.1\r\nHost: [2001:db8::1\r\n\r\n", "2001:db8::1"},
        {"GET / HTTP/1.1\r\nHost: 2001:db8::1\r\n\r\n", "2001:db8::1"},
        {"GET http://a.example/ HTTP/1.1\r\nHost: b.example\r\n\r\n", "b.example"},
        {"GET http://u:p@a.example:81/x HTTP/1.1\r\nHost: \r\n\r\n", "a.example"},
        {"CONNECT a.example:443 HTTP/1.1\r\n\r\n", "a.example"},
        {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", ""},
        {"GET / HTTP/1.1\r\nHost: \"x\"\r\n\r\n", ""},
        {"GET / HTTP/1.0\r\n\r\n", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char host[ML_HTTP_HOST_TEXT] = "";
        struct ml_http_head head = parse(cases[i].head, true);
        size_t len = ml_http_host(&head, host);
        assert_span_text(ml_span_of(host, len), cases[i].host);
    }
}

static void urls_without_a_scheme_have_no_host(void **state)
{
    (void)state;
    char host[ML_HTTP_HOST_TEXT];
    assert_int_equal(ml_http_url_host(ml_span_text("/a?u=http://example.com/"), host), 0);
    assert_int_equal(ml_http_url_host(ml_span_text("about:blank"), host), 0);
    assert_int_equal(ml_http_url_host(ml_span_text(""), host), 0);
    assert_int_equal(ml_http_url_host(ml_span_text("https://example.com?x"), host), 11);
}

static void fields_keep_their_bytes_and_order(void **state)
{
    (void)state;
    struct ml_http_head head =
        parse("HTTP/1.1 200 OK\r\nA:  b c \r\nno field\r\n: nameless\r\nD: e\r\n\tf\r\nA: g\r\n\r\n", false);
    struct ml_reader fields = ml_http_fields(&head);
    struct ml_span name;
    struct ml_span value;
    assert_true(ml_http_field_next(&fields, &name, &value));
    assert_span_text(name, "A");
    assert_span_text(value, "b c");
    assert_true(ml_http_field_next(&fields, &name, &value));
    assert_span_text(name, "D");
    assert_span_text(value, "e\r\n\tf"); /* folded, RFC 9112, section 5.2 */
    assert_true(ml_http_field_next(&fields, &name, &value));
    assert_span_text(value, "g");
    assert_false(ml_http_field_next(&fields, &name, &value));
    assert_span_text(ml_http_field(&head, "a"), "b c");
    assert_int_equal(ml_http_field(&head, "none").len, 0);
    assert_int_equal(head.status, 200);
}

static void a_head_that_is_cut_gives_what_lines_are_whole(void **state)
{
    (void)state;
    struct ml_http_head head;
    assert_false(ml_http_head_parse(ml_span_text("GET / HTTP/1.1"), true, &head));
    assert_true(ml_http_head_parse(ml_span_text("GET / HTTP/1.1\r\nA: b\r\nC: d"), true, &head));
    assert_span_text(ml_http_field(&head, "A"), "b");
    assert_int_equal(ml_http_field(&head, "C").len, 0);
}

static void status_lines_that_break_their_form_are_refused(void **state)
{
    (void)state;
    struct ml_http_head head;
    assert_false(ml_http_head_parse(ml_span_text("HTTP/1.1 99 x\r\n"), false, &head));
    assert_false(ml_http_head_parse(ml_span_text("HTTP/1.1 099\r\n"), false, &head));
    assert_false(ml_http_head_parse(ml_span_text("HTTP/1.1\r\n"), false, &head));
    assert_false(ml_http_head_parse(ml_span_text("GET / HTTP/1.1\r\n"), false, &head));
    assert_false(ml_http_head_parse(ml_span_text("HTTP/1.1 200 OK\r\n"), true, &head));
}

static void look_at_everything(void *context, struct ml_span bytes)
{
    unsigned *n = context;
    for (int is_request = 0; is_request <= 1; is_request++) {
        struct ml_http_head head;
        struct ml_span name;
        struct ml_span value;
        char host[ML_HTTP_HOST_TEXT];
        (void)ml_http_match_request(bytes);
        (void)ml_http_match_response(bytes);
        if (!ml_http_head_parse(bytes, is_request != 0, &head)) {
            continue;
        }
        struct ml_reader fields = ml_http_fields(&head);
        while (ml_http_field_next(&fields, &name, &value)) {
            (*n)++;
        }
        (void)ml_http_host(&head, host);
        (void)ml_http_url_host(ml_http_field(&head, "Referer"), host);
        (void)ml_http_path(&head);
        (void)ml_http_query(&head);
    }
}

static void broken_heads_are_survived(void **state)
{
    (void)state;
    static const char text[] = "GET http://[2001:db8::1]:80/a?b=c#d HTTP/1.1\r\nHost: u@example.com:80\r\nReferer: "
                               "http://example.org/x\r\nX: y\r\n z\r\n\r\n";
    unsigned n = 0;
    sweep_truncations(ml_span_of(text, sizeof text - 1), look_at_everything, &n);
    sweep_bit_flips(ml_span_of(text, sizeof text - 1), look_at_everything, &n);
    assert_true(n > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_lines_of_http_1_are_known),
        cmocka_unit_test(other_first_lines_are_refused),
        cmocka_unit_test(every_beginning_of_a_first_line_may_still_become_one),
        cmocka_unit_test(a_known_method_suffices_for_a_very_long_line),
        cmocka_unit_test(targets_are_split_into_path_and_query),
        cmocka_unit_test(the_host_comes_from_the_field_then_from_the_target),
        cmocka_unit_test(urls_without_a_scheme_have_no_host),
        cmocka_unit_test(fields_keep_their_bytes_and_order),
        cmocka_unit_test(a_head_that_is_cut_gives_what_lines_are_whole),
        cmocka_unit_test(status_lines_that_break_their_form_are_refused),
        cmocka_unit_test(broken_heads_are_survived),
    };
    return cmocka_run_group_tests_name("proto/http_head", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/facts.h"

#include "core/text.h"

enum {
    MAX_LIST = 16, /* names kept of one list: room for all others in a fact */
    MAX_NAME = 64, /* bytes; a longer "name" is a value in disguise */
    TYPE_TEXT = 128
};

/* Media type without parameters, which hold boundaries that differ each time. */
static void add_content_type(struct ml_fact_draft *draft, const struct ml_http_head *head, char text[TYPE_TEXT])
{
    struct ml_span type;
    struct ml_span parameters;
    (void)ml_http_split(ml_http_field(head, "Content-Type"), ';', &type, &parameters);
    if (type.len == 0 || type.len > TYPE_TEXT) {
        return;
    }
    for (size_t i = 0; i < type.len; i++) {
        text[i] = (char)ml_ascii_lower(type.ptr[i]);
    }
    ml_fact_text(draft, ML_F_HTTP_CONTENT_TYPE, ml_span_of(text, type.len));
}

/* A name is told only with its "=": what stands alone may be the value itself. */
static bool is_name(struct ml_span name)
{
    return name.len != 0 && name.len <= MAX_NAME;
}

static void add_names(struct ml_fact_draft *draft, enum ml_field field, struct ml_span list, uint8_t stop)
{
    for (unsigned n = 0; list.len != 0;) {
        struct ml_span part;
        struct ml_span name;
        struct ml_span value;
        (void)ml_http_split(list, stop, &part, &list);
        if (!ml_http_split(part, '=', &name, &value) || !is_name(name)) {
            continue;
        }
        if (n++ == MAX_LIST) {
            draft->is_cut = true;
            return;
        }
        ml_fact_text(draft, field, name);
    }
}

static void add_credentials(struct ml_fact_draft *draft, const struct ml_http_head *head)
{
    struct ml_span value = ml_http_field(head, "Authorization");
    if (value.len == 0) {
        value = ml_http_field(head, "Proxy-Authorization");
    }
    struct ml_span scheme;
    struct ml_span rest;
    ml_fact_text(draft, ML_F_HTTP_AUTHORIZATION, value);
    if (ml_http_split(value, ' ', &scheme, &rest)) { /* without a blank it would be a bare secret */
        ml_fact_text(draft, ML_F_HTTP_AUTH_SCHEME, scheme);
    }
}

void ml_http_state_request(struct ml_fact_store *store, struct ml_fact_draft *draft, const struct ml_http_head *head,
                           uint64_t body_bytes)
{
    char host[ML_HTTP_HOST_TEXT];
    char referer[ML_HTTP_HOST_TEXT];
    char type[TYPE_TEXT];
    struct ml_span cookie = ml_http_field(head, "Cookie");
    ml_fact_text(draft, ML_F_HTTP_METHOD, head->method);
    ml_fact_text(draft, ML_F_HTTP_HOST, ml_span_of(host, ml_http_host(head, host)));
    ml_fact_text(draft, ML_F_HTTP_PATH, ml_http_path(head));
    ml_fact_text(draft, ML_F_HTTP_QUERY, ml_http_query(head));
    ml_fact_text(draft, ML_F_HTTP_USER_AGENT, ml_http_field(head, "User-Agent"));
    size_t len = ml_http_url_host(ml_http_field(head, "Referer"), referer);
    ml_fact_text(draft, ML_F_HTTP_REFERER_HOST, ml_span_of(referer, len));
    ml_fact_text(draft, ML_F_HTTP_COOKIE, cookie);
    add_credentials(draft, head);
    add_content_type(draft, head, type);
    ml_fact_text(draft, ML_F_HTTP_UPGRADE, ml_http_field(head, "Upgrade"));
    ml_fact_number(draft, ML_F_HTTP_BODY_BYTES, body_bytes);
    add_names(draft, ML_F_HTTP_QUERY_KEYS, ml_http_query(head), '&');
    add_names(draft, ML_F_HTTP_COOKIE_NAMES, cookie, ';');
    (void)ml_fact_emit(store, draft);
}

static bool has_attribute(struct ml_span attributes, const char *wanted)
{
    while (attributes.len != 0) {
        struct ml_span attribute;
        (void)ml_http_split(attributes, ';', &attribute, &attributes);
        if (ml_span_equal_nocase(attribute, ml_span_text(wanted))) {
            return true;
        }
    }
    return false;
}

/* Names of the cookies that are set (RFC 6265, section 4.1); `insecure`: only those sent over plain HTTP too. */
static void add_set_cookies(struct ml_fact_draft *draft, const struct ml_http_head *head, bool insecure)
{
    struct ml_reader fields = ml_http_fields(head);
    struct ml_span field;
    struct ml_span value;
    for (unsigned n = 0; ml_http_field_next(&fields, &field, &value);) {
        struct ml_span pair;
        struct ml_span attributes;
        struct ml_span name;
        struct ml_span content;
        if (!ml_span_equal_nocase(field, ml_span_text("Set-Cookie"))) {
            continue;
        }
        (void)ml_http_split(value, ';', &pair, &attributes);
        if (!ml_http_split(pair, '=', &name, &content) || !is_name(name) ||
            (insecure && has_attribute(attributes, "Secure"))) {
            continue;
        }
        if (n++ == MAX_LIST) {
            draft->is_cut = true;
            return;
        }
        ml_fact_text(draft, insecure ? ML_F_HTTP_SET_COOKIE_INSECURE : ML_F_HTTP_SET_COOKIE_NAMES, name);
    }
}

void ml_http_state_response(struct ml_fact_store *store, struct ml_fact_draft *draft, const struct ml_http_head *head,
                            uint64_t body_bytes)
{
    char type[TYPE_TEXT];
    ml_fact_number(draft, ML_F_HTTP_STATUS, head->status);
    add_content_type(draft, head, type);
    ml_fact_text(draft, ML_F_HTTP_SERVER, ml_http_field(head, "Server"));
    ml_fact_text(draft, ML_F_HTTP_UPGRADE, ml_http_field(head, "Upgrade"));
    ml_fact_number(draft, ML_F_HTTP_BODY_BYTES, body_bytes);
    add_set_cookies(draft, head, false);
    add_set_cookies(draft, head, true);
    (void)ml_fact_emit(store, draft);
}

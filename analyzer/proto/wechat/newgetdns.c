/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/wechat/newgetdns.h"

#include "core/mem.h"
#include "core/text.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    ANDROID = 2,    /* upper four bits of a client version whose other digits are known */
    MAX_VALUE = 256 /* bytes of one decoded query value */
};

static const char path[] = "/cgi-bin/micromsg-bin/newgetdns";
static const char open_tag[] = "<domain ";
static const char close_tag[] = "</domain>";

void ml_wechat_version(uint32_t number, char out[ML_WECHAT_VERSION_TEXT])
{
    if (number >> 28 != ANDROID) {
        (void)snprintf(out, ML_WECHAT_VERSION_TEXT, "0x%08" PRIx32, number);
        return;
    }
    (void)snprintf(out, ML_WECHAT_VERSION_TEXT, "%u.%u.%u", (unsigned)(number >> 24 & 15),
                   (unsigned)(number >> 16 & 255), (unsigned)(number >> 8 & 255));
}

/* --- the request --- */

static struct ml_span query_value(struct ml_span query, const char *key)
{
    while (query.len != 0) {
        struct ml_span pair;
        struct ml_span name;
        struct ml_span value;
        (void)ml_http_split(query, '&', &pair, &query);
        if (ml_http_split(pair, '=', &name, &value) && ml_span_equal(name, ml_span_text(key))) {
            return value;
        }
    }
    return ml_span_of(NULL, 0);
}

/* Percent encoding undone (RFC 3986, section 2.1); what is not well formed stays as it is. */
static struct ml_span decode(struct ml_span value, uint8_t out[MAX_VALUE])
{
    size_t n = 0;
    for (size_t i = 0; i < value.len && n < MAX_VALUE; n++) {
        struct ml_span digits = ml_span_cut(value, i + 1, 2);
        if (value.ptr[i] == '%' && digits.len == 2 && ml_hex_read(digits, &out[n])) {
            i += 3;
        } else {
            out[n] = value.ptr[i++];
        }
    }
    return ml_span_of(out, n);
}

static void add_version(struct ml_fact_draft *draft, struct ml_span value, char text[ML_WECHAT_VERSION_TEXT])
{
    uint64_t number = 0;
    if (ml_decimal_read(value, &number) && number <= UINT32_MAX) {
        ml_wechat_version((uint32_t)number, text);
        ml_fact_cstr(draft, ML_F_WECHAT_CLIENT_VERSION, text);
    }
}

static bool is_ours(const struct ml_http_head *request)
{
    return ml_span_equal(ml_http_path(request), ml_span_text(path));
}

static void state_request(struct ml_fact_store *store, struct ml_fact_draft *draft, const struct ml_http_head *head)
{
    static const struct {
        const char *key;
        enum ml_field field;
    } values[] = {
        {"uin", ML_F_WECHAT_UIN},        {"devicetype", ML_F_WECHAT_DEVICE_TYPE}, {"networkid", ML_F_WECHAT_NETWORK_ID},
        {"mccmnc", ML_F_WECHAT_MCC_MNC}, {"lan", ML_F_WECHAT_LANGUAGE},
    };
    enum { N_VALUES = sizeof values / sizeof values[0] };
    char host[ML_HTTP_HOST_TEXT];
    char version[ML_WECHAT_VERSION_TEXT];
    uint8_t decoded[N_VALUES][MAX_VALUE];
    if (!is_ours(head)) {
        return;
    }
    struct ml_span query = ml_http_query(head);
    draft->kind = ML_FACT_WECHAT_NEWGETDNS;
    ml_fact_text(draft, ML_F_HTTP_HOST, ml_span_of(host, ml_http_host(head, host)));
    add_version(draft, query_value(query, "clientversion"), version);
    for (size_t i = 0; i < N_VALUES; i++) {
        ml_fact_text(draft, values[i].field, decode(query_value(query, values[i].key), decoded[i]));
    }
    (void)ml_fact_emit(store, draft);
}

/* --- the reply --- */

struct reply {
    struct ml_proto_env *env; /* borrowed */
    struct ml_gather gather;  /* text not yet told */
    struct ml_chunk last;     /* for layers and direction */
    bool is_in_list;          /* <domainlist> was seen */
    bool is_given_up;
};

/* A reply whose request was not captured is known by its form: XML, deflated, with a list of domains. */
static bool wants(const struct ml_http_exchange *exchange)
{
    if (exchange->response == NULL) {
        return false;
    }
    if (exchange->request.method.len != 0) {
        return is_ours(&exchange->request);
    }
    return ml_span_starts_nocase(ml_http_field(exchange->response, "Content-Type"), "text/xml") &&
           ml_span_equal_nocase(ml_http_field(exchange->response, "Content-Encoding"), ml_span_text("deflate"));
}

static void *create(struct ml_proto_env *env, const struct ml_http_exchange *exchange)
{
    struct reply *reply = ml_mem_array(1, sizeof *reply);
    (void)exchange;
    if (reply != NULL) {
        reply->env = env;
        ml_gather_init(&reply->gather, ML_MAX_MESSAGE);
    }
    return reply;
}

/* Value of the attribute `name` within a tag. */
static struct ml_span name_of(struct ml_span tag)
{
    static const char key[] = " name=";
    struct ml_span value = ml_span_cut(tag, ml_span_find(tag, ml_span_text(key)) + sizeof key - 1, tag.len);
    if (value.len == 0 || (value.ptr[0] != '"' && value.ptr[0] != '\'')) {
        return ml_span_of(NULL, 0);
    }
    struct ml_reader rd = ml_rd_open(ml_span_cut(value, 1, value.len));
    struct ml_span name;
    return ml_rd_until(&rd, value.ptr[0], &name) ? name : ml_span_of(NULL, 0);
}

static void begin_domain(const struct reply *reply, struct ml_fact_draft *draft, size_t from, size_t len,
                         const char *name)
{
    ml_fact_begin_gathered(draft, ML_FACT_WECHAT_NEWGETDNS_REPLY, &reply->last, &reply->gather, from, len);
    ml_fact_cstr(draft, ML_F_DNS_NAME, name);
}

/* One <domain ...> element: its addresses are the texts in it that are addresses, whatever their tags are called. */
static void state_domain(struct reply *reply, size_t from, size_t len)
{
    struct ml_reader rd = ml_rd_open(ml_span_cut(ml_gather_span(&reply->gather), from, len));
    struct ml_fact_draft draft;
    struct ml_span tag;
    struct ml_span text;
    char name[ML_HTTP_HOST_TEXT];
    if (!ml_rd_until(&rd, '>', &tag) || ml_host_normal(name_of(tag), name, sizeof name) == 0) {
        return;
    }
    begin_domain(reply, &draft, from, len, name);
    while (ml_rd_until(&rd, '<', &text)) {
        struct ml_ip ip;
        if (ml_ip_parse(ml_span_trim(text), &ip)) {
            if (draft.n_ips == sizeof draft.ips / sizeof draft.ips[0]) {
                (void)ml_fact_emit(reply->env->facts, &draft);
                begin_domain(reply, &draft, from, len, name);
            }
            ml_fact_ip(&draft, ML_F_DNS_ADDRESSES, &ip);
        }
        if (!ml_rd_until(&rd, '>', &tag)) {
            break;
        }
    }
    (void)ml_fact_emit(reply->env->facts, &draft);
}

static size_t find_from(struct ml_span text, size_t from, const char *needle)
{
    return from + ml_span_find(ml_span_cut(text, from, text.len), ml_span_text(needle));
}

/*
 * Where the element that begins at `from` ends; false when its end is not there yet. One that is never closed ends
 * where the next begins, so that it cannot take the addresses of another.
 */
static bool find_end(struct ml_span text, size_t from, size_t *end)
{
    size_t tag = find_from(text, from, ">");
    if (tag == text.len || text.ptr[tag - 1] == '/') {
        *end = tag + 1;
        return tag < text.len;
    }
    size_t close = find_from(text, tag, close_tag);
    size_t next = find_from(text, tag, open_tag);
    *end = next < close ? next : close + sizeof close_tag - 1;
    return next < text.len || close < text.len;
}

/* States the whole elements held and drops them; what may be the beginning of another stays. */
static void state_domains(struct reply *reply)
{
    static const char list[] = "<domainlist";
    struct ml_span text = ml_gather_span(&reply->gather);
    size_t done = 0;
    if (!reply->is_in_list) {
        size_t at = ml_span_find(text, ml_span_text(list));
        if (at == text.len) {
            ml_gather_drop(&reply->gather, text.len > sizeof list ? text.len - sizeof list : 0);
            return;
        }
        reply->is_in_list = true;
        done = at + sizeof list - 1;
    }
    for (;;) {
        size_t from = find_from(text, done, open_tag);
        size_t end = 0;
        if (from == text.len || !find_end(text, from, &end)) {
            /* Before the element that goes on lies nothing of interest, but for the beginning of its tag. */
            size_t keep = from < text.len ? from : text.len - (text.len < sizeof open_tag ? text.len : sizeof open_tag);
            done = keep > done ? keep : done;
            break;
        }
        state_domain(reply, from, end - from);
        done = end;
    }
    ml_gather_drop(&reply->gather, done);
}

static void feed(void *self, const struct ml_chunk *chunk)
{
    struct reply *reply = self;
    if (reply->is_given_up) {
        return;
    }
    reply->last = *chunk;
    reply->last.bytes = ml_span_of(NULL, 0);
    if (chunk->gap_len != 0 || !ml_gather_add(&reply->gather, chunk)) {
        ml_gather_clear(&reply->gather);
        reply->is_given_up = true;
        return;
    }
    state_domains(reply);
}

static void destroy(void *self)
{
    struct reply *reply = self;
    ml_gather_fini(&reply->gather);
    ml_mem_free(reply);
}

const struct ml_http_subscriber ml_http_newgetdns = {
    .name = "wechat.newgetdns",
    .request = state_request,
    .wants = wants,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};

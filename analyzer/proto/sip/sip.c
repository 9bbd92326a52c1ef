/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/sip/sip.h"

#include "core/mem.h"
#include "core/text.h"
#include "proto/inbox.h"
#include "proto/lines.h"
#include "proto/sip/message.h"
#include "proto/sip/sdp.h"

enum { MAX_MESSAGE = 32 * 1024 /* bytes looked at of one message; calls of phones need 1 to 5 kB */ };

struct sip {
    struct ml_proto_env *env; /* borrowed */
    struct ml_inbox inboxes[2];
};

/* Where the message at hand is. */
struct place {
    const struct ml_chunk *chunk; /* a datagram; NULL: at the front of the inbox */
    const struct ml_inbox *inbox;
    size_t len;
};

/* --- the first line --- */

static struct ml_span without_line_ends(struct ml_span bytes)
{
    size_t n = 0; /* what keeps a connection open (RFC 5626, section 3.5.1) */
    while (n < bytes.len && (bytes.ptr[n] == '\r' || bytes.ptr[n] == '\n')) {
        n++;
    }
    return ml_span_cut(bytes, n, SIZE_MAX);
}

static enum ml_match probe(const struct ml_chunk *first)
{
    struct ml_sip sip;
    struct ml_span bytes = without_line_ends(first->bytes);
    if (bytes.len != 0 && (bytes.ptr[0] < 'A' || bytes.ptr[0] > 'Z')) { /* most datagrams are told by that */
        return ML_MATCH_NO;
    }
    enum ml_rd_state state = ml_sip_first_line(bytes, &sip);
    if (state == ML_RD_OK) {
        return ML_MATCH_YES;
    }
    return state == ML_RD_SHORT && !first->is_datagram ? ML_MATCH_MORE : ML_MATCH_NO;
}

/* --- facts --- */

static void begin(const struct place *place, struct ml_fact_draft *draft, enum ml_fact_kind kind)
{
    if (place->chunk != NULL) {
        ml_fact_begin(draft, kind, place->chunk);
        draft->is_cut = place->chunk->is_cut;
    } else {
        ml_inbox_begin(place->inbox, draft, kind, 0, place->len);
    }
}

static void add_login(struct ml_fact_draft *draft, struct ml_span login)
{
    struct ml_span rest = login;
    struct ml_span scheme = ml_word(&rest);
    if (login.len != 0) {
        ml_fact_text(draft, ML_F_LOGIN_METHOD, scheme);
        ml_fact_text(draft, ML_F_LOGIN_USER, ml_sip_parameter(login, "username"));
        ml_fact_truth(draft, ML_F_LOGIN_HAS_SECRET, ml_span_equal_nocase(scheme, ml_span_text("Basic")));
    }
}

/* Addresses of the device that Contact and Via hold. */
static void add_addresses(struct ml_fact_draft *draft, const struct ml_sip *sip)
{
    struct ml_ip contact;
    struct ml_ip sent_by;
    struct ml_ip received;
    bool has_contact = ml_sip_uri_ip(ml_sip_uri(sip->contact), &contact) && ml_sip_is_private(&contact);
    ml_sip_via(sip->via, &sent_by, &received);
    if (has_contact) {
        ml_fact_ip(draft, ML_F_CALL_LOCAL_ADDRESS, &contact);
    }
    if (ml_sip_is_private(&sent_by) && !(has_contact && ml_ip_equal(&sent_by, &contact))) {
        ml_fact_ip(draft, ML_F_CALL_LOCAL_ADDRESS, &sent_by);
    }
    if (received.family != 0 && !ml_sip_is_private(&received)) {
        ml_fact_ip(draft, ML_F_CALL_PUBLIC_ADDRESS, &received);
    }
}

static void state_head(struct sip *self, const struct place *place, const struct ml_sip *sip)
{
    struct ml_fact_draft draft;
    bool is_request = sip->status == 0;
    begin(place, &draft, is_request ? ML_FACT_SIP_REQUEST : ML_FACT_SIP_RESPONSE);
    if (is_request) {
        ml_fact_text(&draft, ML_F_SIP_METHOD, sip->method);
        ml_fact_text(&draft, ML_F_SIP_URI, ml_sip_uri(sip->uri));
    } else {
        ml_fact_number(&draft, ML_F_SIP_STATUS, sip->status);
    }
    ml_fact_text(&draft, ML_F_SIP_FROM, ml_sip_uri(sip->from));
    ml_fact_text(&draft, ML_F_SIP_TO, ml_sip_uri(sip->to));
    ml_fact_text(&draft, ML_F_SIP_CONTACT, ml_sip_uri(sip->contact));
    ml_fact_text(&draft, ML_F_SIP_INSTANCE, ml_sip_parameter(sip->contact, "+sip.instance"));
    ml_fact_text(&draft, ML_F_SIP_CALL_ID, sip->call_id);
    ml_fact_text(&draft, ML_F_SIP_AGENT, sip->agent);
    ml_fact_text(&draft, ML_F_SIP_ACCESS_NETWORK, sip->access_network);
    add_login(&draft, sip->login);
    add_addresses(&draft, sip);
    (void)ml_fact_emit(self->env->facts, &draft);
}

static void state_body(struct sip *self, const struct place *place, const struct ml_sip *sip, struct ml_span body)
{
    struct ml_fact_draft draft;
    if (ml_sdp_is(body)) {
        begin(place, &draft, ML_FACT_SIP_MEDIA);
        ml_sdp_add(&draft, body);
        (void)ml_fact_emit(self->env->facts, &draft);
    } else if (ml_span_equal(sip->method, ml_span_text("MESSAGE")) && ml_span_starts_nocase(sip->type, "text/") &&
               body.len != 0) {
        begin(place, &draft, ML_FACT_SIP_MESSAGE);
        ml_fact_text(&draft, ML_F_MESSAGE_FROM, ml_sip_uri(sip->from));
        ml_fact_text(&draft, ML_F_MESSAGE_TO, ml_sip_uri(sip->to));
        ml_fact_number(&draft, ML_F_MESSAGE_BYTES, body.len);
        (void)ml_fact_emit(self->env->facts, &draft);
    }
}

/* --- datagrams --- */

static void take_datagram(struct sip *self, const struct ml_chunk *chunk)
{
    struct ml_sip sip;
    struct ml_span bytes = without_line_ends(chunk->bytes);
    const struct place place = {.chunk = chunk};
    if (ml_sip_head(bytes, true, &sip) == ML_RD_OK) {
        state_head(self, &place, &sip);
        state_body(self, &place, &sip, ml_span_cut(bytes, sip.len, SIZE_MAX));
    }
}

/* --- streams --- */

/* What is no message is left out, line by line: the next one is found by its first line. */
static bool skip_line(struct ml_inbox *inbox)
{
    struct ml_span line;
    size_t len = 0;
    if (ml_inbox_line(inbox, &line, &len)) {
        ml_inbox_drop(inbox, len);
        return true;
    }
    size_t held = ml_inbox_span(inbox).len;
    if (held < MAX_MESSAGE) {
        return false;
    }
    ml_inbox_drop(inbox, held);
    return true;
}

static bool step(void *context, struct ml_inbox *inbox)
{
    struct sip *self = context;
    struct ml_sip sip;
    struct ml_span held = ml_inbox_span(inbox);
    if (held.ptr[0] == '\r' || held.ptr[0] == '\n') {
        ml_inbox_drop(inbox, 1);
        return true;
    }
    bool is_full = held.len >= MAX_MESSAGE;
    enum ml_rd_state state = ml_sip_head(held, is_full, &sip);
    if (state == ML_RD_BAD) {
        return skip_line(inbox);
    }
    if (state == ML_RD_SHORT) { /* never so when the inbox is full */
        return false;
    }
    uint64_t body_len = sip.has_body_len && sip.body_len < UINT32_MAX ? sip.body_len : 0;
    uint64_t len = sip.len + body_len;
    if (held.len < len && !is_full) {
        return false;
    }
    size_t n = len < held.len ? (size_t)len : held.len;
    if (n < len || (is_full && sip.len == held.len)) {
        ml_count(self->env->counters, ML_COUNT_LIMIT_MESSAGE);
    }
    const struct place place = {.inbox = inbox, .len = n};
    state_head(self, &place, &sip);
    state_body(self, &place, &sip, ml_span_cut(held, sip.len, n - sip.len));
    ml_inbox_drop(inbox, len);
    return true;
}

/* --- the parser --- */

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    struct sip *self = ml_mem_array(1, sizeof *self);
    (void)flow;
    if (self != NULL) {
        self->env = env;
        ml_inbox_init(&self->inboxes[ML_UP], MAX_MESSAGE);
        ml_inbox_init(&self->inboxes[ML_DOWN], MAX_MESSAGE);
    }
    return self;
}

static bool feed(void *context, const struct ml_chunk *chunk)
{
    struct sip *self = context;
    if (chunk->is_datagram) {
        take_datagram(self, chunk);
        return true;
    }
    struct ml_inbox *inbox = &self->inboxes[chunk->dir];
    ml_inbox_feed(inbox, chunk, self->env->counters, step, self);
    if (inbox->is_lost) {
        ml_inbox_restart(inbox);
    }
    return true;
}

static void destroy(void *context)
{
    struct sip *self = context;
    ml_inbox_fini(&self->inboxes[ML_UP]);
    ml_inbox_fini(&self->inboxes[ML_DOWN]);
    ml_mem_free(self);
}

const struct ml_parser ml_parser_sip = {
    .name = "sip",
    .over = ML_OVER_TCP | ML_OVER_UDP,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};

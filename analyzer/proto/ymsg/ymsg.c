/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ymsg/ymsg.h"

#include "core/mem.h"
#include "core/text.h"
#include "proto/inbox.h"

enum {
    MAGIC = 4,
    HEAD = 20,
    MAX_BODY = 16 * 1024, /* bytes of a body that is looked into */
    MAX_PAIRS = 1024,
    SERVICE_LOGON = 0x01,
    SERVICE_MESSAGE = 0x06,
    SERVICE_AUTH_RESPONSE = 0x54,
    SERVICE_LIST = 0x55,
    SERVICE_AUTH = 0x57,
    SERVICE_KEEP_ALIVE = 0x8a,
    KEY_ACCOUNT = 0,
    KEY_SENDER = 1, /* of what a client sends */
    KEY_FROM = 4,   /* of what a server hands on */
    KEY_TO = 5,
    KEY_TEXT = 14,
    KEY_COOKIE = 59,
    KEY_COOKIE_Y = 277,
    KEY_COOKIE_T = 278
};

static const char magic[] = "YMSG";

struct ymsg {
    struct ml_proto_env *env; /* borrowed */
    struct ml_inbox inboxes[2];
    bool is_hunting[2]; /* out of step: looks for the next magic */
};

struct head {
    uint16_t len;
    uint16_t service;
};

/* What matters of a body. */
struct body {
    struct ml_span account, sender, from, to, text;
    bool has_cookie;
};

static enum ml_match read_head(struct ml_span bytes, struct head *out)
{
    struct ml_reader rd = ml_rd_open(bytes);
    struct ml_span start = ml_span_cut(bytes, 0, MAGIC);
    uint16_t version = 0;
    uint16_t vendor = 0;
    *out = (struct head){0};
    if (start.len != 0 && memcmp(start.ptr, magic, start.len) != 0) {
        return ML_MATCH_NO;
    }
    struct ml_span session;
    if (!ml_rd_skip(&rd, MAGIC) || !ml_rd_u16(&rd, &version) || !ml_rd_u16(&rd, &vendor) ||
        !ml_rd_u16(&rd, &out->len) || !ml_rd_u16(&rd, &out->service) || !ml_rd_span(&rd, HEAD - 12, &session)) {
        return ML_MATCH_MORE;
    }
    return ML_MATCH_YES;
}

static enum ml_match probe(const struct ml_chunk *first)
{
    struct head head;
    return read_head(first->bytes, &head);
}

/* --- bodies --- */

/* Text up to c0 80; false when there is none. */
static bool take_text(struct ml_span *rest, struct ml_span *out)
{
    static const uint8_t mark[] = {0xc0, 0x80};
    size_t at = ml_span_find(*rest, ml_span_of(mark, sizeof mark));
    if (at == rest->len) {
        return false;
    }
    *out = ml_span_cut(*rest, 0, at);
    *rest = ml_span_cut(*rest, at + sizeof mark, rest->len);
    return true;
}

static void keep(struct ml_span *first, struct ml_span value)
{
    *first = first->len == 0 ? value : *first;
}

static void read_body(struct ml_span rest, struct body *out)
{
    struct ml_span key;
    struct ml_span value;
    *out = (struct body){.has_cookie = false};
    for (int i = 0; i < MAX_PAIRS && take_text(&rest, &key) && take_text(&rest, &value); i++) {
        uint64_t number = 0;
        if (!ml_decimal_read(key, &number)) {
            return; /* out of step: the rest means nothing */
        }
        switch (number) {
        case KEY_ACCOUNT:
            keep(&out->account, value);
            break;
        case KEY_SENDER:
            keep(&out->sender, value);
            break;
        case KEY_FROM:
            keep(&out->from, value);
            break;
        case KEY_TO:
            keep(&out->to, value);
            break;
        case KEY_TEXT:
            keep(&out->text, value);
            break;
        case KEY_COOKIE:
        case KEY_COOKIE_Y:
        case KEY_COOKIE_T:
            out->has_cookie = out->has_cookie || value.len != 0;
            break;
        default:
            break;
        }
    }
}

/* --- facts --- */

static const char *method_of(uint16_t service)
{
    switch (service) {
    case SERVICE_AUTH:
    case SERVICE_AUTH_RESPONSE:
        return "challenge";
    case SERVICE_LIST:
        return "cookie";
    case SERVICE_LOGON:
    case SERVICE_KEEP_ALIVE:
        return "session";
    default:
        return NULL;
    }
}

static void take_login(struct ymsg *ymsg, const struct ml_inbox *inbox, const struct head *head,
                       const struct body *body)
{
    struct ml_fact_draft draft;
    bool is_up = inbox == &ymsg->inboxes[ML_UP];
    struct ml_span user = body->account.len != 0 ? body->account : body->sender;
    if (!is_up && head->service != SERVICE_LIST) {
        return; /* accounts in what a server says of others are theirs */
    }
    if (user.len == 0 && !body->has_cookie) {
        return;
    }
    ml_inbox_begin(inbox, &draft, ML_FACT_YMSG_LOGIN, 0, HEAD + (size_t)head->len);
    ml_fact_cstr(&draft, ML_F_LOGIN_METHOD, method_of(head->service));
    ml_fact_text(&draft, ML_F_LOGIN_USER, is_up ? user : ml_span_of(NULL, 0));
    ml_fact_truth(&draft, ML_F_LOGIN_HAS_SECRET, body->has_cookie);
    (void)ml_fact_emit(ymsg->env->facts, &draft);
}

static void take_message(struct ymsg *ymsg, const struct ml_inbox *inbox, const struct head *head,
                         const struct body *body)
{
    struct ml_fact_draft draft;
    if (body->text.len == 0) {
        return;
    }
    ml_inbox_begin(inbox, &draft, ML_FACT_YMSG_MESSAGE, 0, HEAD + (size_t)head->len);
    ml_fact_text(&draft, ML_F_MESSAGE_FROM, body->from.len != 0 ? body->from : body->sender);
    ml_fact_text(&draft, ML_F_MESSAGE_TO, body->to);
    ml_fact_number(&draft, ML_F_MESSAGE_BYTES, body->text.len);
    (void)ml_fact_emit(ymsg->env->facts, &draft);
}

/* --- the parser --- */

/* Lets go of the bytes up to where a magic may begin. */
static void hunt(struct ymsg *ymsg, struct ml_inbox *inbox)
{
    struct ml_span held = ml_inbox_span(inbox);
    bool *is_hunting = &ymsg->is_hunting[inbox == &ymsg->inboxes[ML_DOWN]];
    const uint8_t *next = held.len > 1 ? memchr(held.ptr + 1, magic[0], held.len - 1) : NULL;
    if (!*is_hunting) {
        ml_count(ymsg->env->counters, ML_COUNT_BAD_OTHER);
    }
    *is_hunting = true;
    ml_inbox_drop(inbox, next != NULL ? (size_t)(next - held.ptr) : held.len);
}

static bool step(void *context, struct ml_inbox *inbox)
{
    struct ymsg *ymsg = context;
    struct ml_span held = ml_inbox_span(inbox);
    struct head head;
    struct body body;
    switch (read_head(held, &head)) {
    case ML_MATCH_MORE:
        return false;
    case ML_MATCH_NO:
        hunt(ymsg, inbox);
        return true;
    case ML_MATCH_YES:
        break;
    }
    ymsg->is_hunting[inbox == &ymsg->inboxes[ML_DOWN]] = false;
    bool is_message = head.service == SERVICE_MESSAGE;
    if (head.len <= MAX_BODY && (is_message || method_of(head.service) != NULL)) {
        if (held.len < HEAD + (size_t)head.len) {
            return false;
        }
        read_body(ml_span_cut(held, HEAD, head.len), &body);
        if (is_message) {
            take_message(ymsg, inbox, &head, &body);
        } else {
            take_login(ymsg, inbox, &head, &body);
        }
    }
    ml_inbox_drop(inbox, HEAD + (uint64_t)head.len);
    return true;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    struct ymsg *ymsg = ml_mem_array(1, sizeof *ymsg);
    if (ymsg != NULL) {
        ymsg->env = env;
        ml_inbox_init(&ymsg->inboxes[ML_UP], HEAD + MAX_BODY);
        ml_inbox_init(&ymsg->inboxes[ML_DOWN], HEAD + MAX_BODY);
    }
    return ymsg;
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct ymsg *ymsg = self;
    struct ml_inbox *inbox = &ymsg->inboxes[chunk->dir];
    ml_inbox_feed(inbox, chunk, ymsg->env->counters, step, ymsg);
    if (inbox->is_lost) { /* a hole */
        ml_inbox_restart(inbox);
        ymsg->is_hunting[chunk->dir] = true;
    }
    return true;
}

static void destroy(void *self)
{
    struct ymsg *ymsg = self;
    ml_inbox_fini(&ymsg->inboxes[ML_UP]);
    ml_inbox_fini(&ymsg->inboxes[ML_DOWN]);
    ml_mem_free(ymsg);
}

const struct ml_parser ml_parser_ymsg = {
    .name = "ymsg",
    .over = ML_OVER_TCP,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/xmpp/xmpp.h"

#include "core/mem.h"
#include "core/text.h"
#include "proto/inbox.h"
#include "proto/inner.h"
#include "proto/xmpp/tag.h"

enum {
    MAX_TAG = 16 * 1024, /* bytes of one tag, or of the text of a login */
    MAX_PROBED = 2048,   /* bytes up to the end of the first tag */
    MAX_NAME = 256,      /* bytes kept of an address; RFC 7622 allows 3,071, people use fewer than 100 */
    MAX_SECRET = 1024    /* bytes looked at of PLAIN's data */
};

static const char streams[] = "http://etherx.jabber.org/streams";

/* Whose text is coming. */
enum element { OTHER, BODY, AUTH, USERNAME, PASSWORD, DIGEST };

struct message {
    bool is_open;
    bool is_sealed; /* encrypted between the clients */
    struct ml_place place;
    uint64_t body_bytes;
    char from[MAX_NAME + 1];
    char to[MAX_NAME + 1];
};

struct side {
    struct xmpp *xmpp; /* borrowed */
    enum ml_dir dir;
    struct ml_inbox inbox;
    enum element element;
    bool has_body_begun; /* its first bytes were looked at */
    char mechanism[MAX_NAME + 1];
    char query[MAX_NAME + 1]; /* namespace of the <query> that is open, when it may hold a login; "" otherwise */
    char user[MAX_NAME + 1];
    struct ml_place login;
    struct message message;
};

struct xmpp {
    struct ml_proto_env *env; /* borrowed */
    struct ml_flow *flow;     /* borrowed */
    struct side sides[2];
    bool is_over;            /* TLS or compression follows */
    struct ml_inner *tunnel; /* owned; what follows STARTTLS */
};

/* --- the first tag --- */

static bool is(struct ml_span name, const char *text)
{
    return ml_span_equal(name, ml_span_text(text));
}

static struct ml_span skip_blanks(struct ml_span bytes)
{
    size_t n = 0;
    while (n < bytes.len && (bytes.ptr[n] == ' ' || bytes.ptr[n] == '\r' || bytes.ptr[n] == '\n')) {
        n++;
    }
    return ml_span_cut(bytes, n, bytes.len);
}

/* An XML declaration may come first, then the stream that names its namespace. */
static enum ml_match probe(const struct ml_chunk *first)
{
    static const char *const starts[] = {"<?xml ", "<stream:stream "};
    struct ml_span rest = skip_blanks(ml_span_cut(first->bytes, 0, MAX_PROBED));
    struct ml_xml_tag tag;
    bool may_be = rest.len == 0;
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        size_t n = strlen(starts[i]);
        n = n < rest.len ? n : rest.len;
        may_be = may_be || memcmp(rest.ptr, starts[i], n) == 0;
    }
    if (!may_be) {
        return ML_MATCH_NO;
    }
    enum ml_match more = first->bytes.len < MAX_PROBED ? ML_MATCH_MORE : ML_MATCH_NO;
    for (int i = 0; i < 2; i++) {
        if (rest.len == 0 || (rest.ptr[0] == '<' && !ml_xml_tag_read(rest, &tag))) {
            return more;
        }
        if (rest.ptr[0] != '<') {
            return ML_MATCH_NO;
        }
        if (is(tag.name, "stream") && is(ml_xml_attr(&tag, "xmlns:stream"), streams)) {
            return ML_MATCH_YES;
        }
        if (tag.name.len != 0) {
            return ML_MATCH_NO;
        }
        rest = skip_blanks(ml_span_cut(rest, tag.len, rest.len));
    }
    return ML_MATCH_NO;
}

/* --- facts --- */

static void keep(char out[MAX_NAME + 1], struct ml_span text)
{
    text = ml_span_cut(text, 0, MAX_NAME);
    if (text.len != 0) {
        memcpy(out, text.ptr, text.len);
    }
    out[text.len] = '\0';
}

/* An address without what names the device: user@domain/resource. */
static struct ml_span bare(struct ml_span address)
{
    const uint8_t *slash = address.len != 0 ? memchr(address.ptr, '/', address.len) : NULL;
    return slash != NULL ? ml_span_cut(address, 0, (size_t)(slash - address.ptr)) : address;
}

static void state_stream(struct side *side, const struct ml_xml_tag *tag)
{
    struct ml_fact_draft draft;
    struct ml_span domain = ml_xml_attr(tag, side->dir == ML_UP ? "to" : "from");
    char host[MAX_NAME];
    if (ml_host_normal(domain, host, sizeof host) != 0) {
        ml_inbox_begin(&side->inbox, &draft, ML_FACT_XMPP_STREAM, 0, tag->len);
        ml_fact_cstr(&draft, ML_F_XMPP_DOMAIN, host);
        (void)ml_fact_emit(side->xmpp->env->facts, &draft);
    }
}

/* `len`: of what ends the login, at the front of the inbox. */
static void state_login(struct side *side, size_t len, const char *method, struct ml_span user, bool has_secret)
{
    struct ml_fact_draft draft;
    ml_inbox_begin_at(&side->inbox, &draft, ML_FACT_XMPP_LOGIN, &side->login, len);
    ml_fact_cstr(&draft, ML_F_LOGIN_METHOD, method);
    ml_fact_text(&draft, ML_F_LOGIN_USER, user);
    ml_fact_truth(&draft, ML_F_LOGIN_HAS_SECRET, has_secret);
    (void)ml_fact_emit(side->xmpp->env->facts, &draft);
}

static void state_message(struct side *side, size_t len)
{
    struct ml_fact_draft draft;
    const struct message *message = &side->message;
    if (message->body_bytes == 0 || message->is_sealed) {
        return;
    }
    ml_inbox_begin_at(&side->inbox, &draft, ML_FACT_XMPP_MESSAGE, &message->place, len);
    ml_fact_cstr(&draft, ML_F_MESSAGE_FROM, message->from);
    ml_fact_cstr(&draft, ML_F_MESSAGE_TO, message->to);
    ml_fact_number(&draft, ML_F_MESSAGE_BYTES, message->body_bytes);
    (void)ml_fact_emit(side->xmpp->env->facts, &draft);
}

/* --- logins --- */

/* Mechanisms whose first message is what lets in: the password, or a token in its place. */
static bool gives_secret(const char *mechanism)
{
    static const char *const names[] = {
        "PLAIN", "X-OAUTH2", "OAUTHBEARER", "X-GOOGLE-TOKEN", "X-FACEBOOK-PLATFORM", "X-MESSENGER-OAUTH2"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], mechanism) == 0) {
            return true;
        }
    }
    return false;
}

/* PLAIN is authzid NUL user NUL password (RFC 4616); X-OAUTH2 and X-GOOGLE-TOKEN look alike. */
static void take_auth(struct side *side, struct ml_span text)
{
    uint8_t bytes[MAX_SECRET];
    struct ml_span rest = ml_span_of(bytes, ml_base64_read(ml_span_trim(text), bytes, sizeof bytes));
    struct ml_span user = {NULL, 0};
    bool has_secret = rest.len != 0 && gives_secret(side->mechanism);
    struct ml_reader rd = ml_rd_open(rest);
    struct ml_span first;
    if (has_secret && ml_rd_until(&rd, 0, &first) && !ml_rd_until(&rd, 0, &user)) {
        user = ml_span_of(NULL, 0);
    }
    state_login(side, text.len, side->mechanism, user, has_secret);
    ml_mem_wipe(bytes, sizeof bytes);
}

/* --- tags --- */

static void open_message(struct side *side, const struct ml_xml_tag *tag)
{
    side->message = (struct message){.is_open = !tag->is_empty, .place = ml_inbox_place(&side->inbox)};
    keep(side->message.from, bare(ml_xml_attr(tag, "from")));
    keep(side->message.to, bare(ml_xml_attr(tag, "to")));
}

static void end(struct xmpp *xmpp, bool is_tls)
{
    xmpp->is_over = true;
    xmpp->sides[ML_UP].inbox.is_done = xmpp->sides[ML_DOWN].inbox.is_done = true;
    if (!is_tls) {
        return;
    }
    xmpp->tunnel = ml_inner_new(xmpp->env, xmpp->flow);
    if (xmpp->tunnel == NULL) {
        ml_count(xmpp->env->counters, ML_COUNT_LIMIT_MEMORY);
        return;
    }
    ml_inner_open(xmpp->tunnel, ML_LAYER_XMPP);
}

static void open_auth(struct side *side, const struct ml_xml_tag *tag)
{
    keep(side->mechanism, ml_xml_attr(tag, "mechanism"));
    side->login = ml_inbox_place(&side->inbox);
    if (tag->is_empty) {
        state_login(side, tag->len, side->mechanism, ml_span_of(NULL, 0), false);
    }
    side->element = tag->is_empty ? OTHER : AUTH;
}

static void take_message_tag(struct side *side, const struct ml_xml_tag *tag)
{
    struct ml_span namespace = ml_xml_attr(tag, "xmlns");
    if (is(tag->name, "body") && !tag->is_empty) {
        side->element = BODY;
        side->has_body_begun = false;
    } else if (is(tag->name, "encrypted") || is(tag->name, "openpgp") || is(namespace, "jabber:x:encrypted")) {
        side->message.is_sealed = true;
    }
}

/* Logins of XEP-0078, and accounts made by XEP-0077. */
static void open_query(struct side *side, const struct ml_xml_tag *tag)
{
    struct ml_span namespace = ml_xml_attr(tag, "xmlns");
    side->query[0] = side->user[0] = '\0';
    if (!tag->is_empty && (is(namespace, "jabber:iq:auth") || is(namespace, "jabber:iq:register"))) {
        keep(side->query, namespace);
        side->login = ml_inbox_place(&side->inbox);
    }
}

static void take_open(struct side *side, const struct ml_xml_tag *tag)
{
    bool is_down = side->dir == ML_DOWN;
    side->element = OTHER;
    if (is(tag->name, "stream")) {
        state_stream(side, tag);
    } else if (is(tag->name, "message")) {
        open_message(side, tag);
    } else if (side->message.is_open) {
        take_message_tag(side, tag);
    } else if (is(tag->name, "proceed") && is_down) {
        end(side->xmpp, true);
    } else if (is(tag->name, "compressed") && is_down) {
        end(side->xmpp, false);
    } else if (is(tag->name, "auth") && !is_down) {
        open_auth(side, tag);
    } else if (is(tag->name, "query")) {
        open_query(side, tag);
    } else if (!is_down && !tag->is_empty && side->query[0] != '\0') {
        side->element = is(tag->name, "username")   ? USERNAME
                        : is(tag->name, "password") ? PASSWORD
                        : is(tag->name, "digest")   ? DIGEST
                                                    : OTHER;
    }
}

static void take_close(struct side *side, const struct ml_xml_tag *tag)
{
    if (is(tag->name, "message") && side->message.is_open) {
        state_message(side, tag->len);
        side->message.is_open = false;
    } else if (is(tag->name, "query")) {
        side->query[0] = '\0';
    }
    side->element = OTHER;
}

/* --- text --- */

/* Of the body only the length counts; what begins like this is encrypted (XEP-0364). */
static void take_body(struct side *side, struct ml_span text)
{
    if (!side->has_body_begun && ml_span_starts(text, "?OTR")) {
        side->message.is_sealed = true;
    }
    side->has_body_begun = true;
    side->message.body_bytes += text.len;
}

static void take_text(struct side *side, struct ml_span text)
{
    switch (side->element) {
    case AUTH:
        take_auth(side, text);
        break;
    case USERNAME:
        keep(side->user, text);
        break;
    case PASSWORD:
    case DIGEST:
        state_login(side, text.len, side->query, ml_span_text(side->user), side->element == PASSWORD);
        break;
    case BODY:
        take_body(side, text);
        break;
    case OTHER:
        break;
    }
}

/* Texts that mean something are taken whole; others, and long bodies, as they come. */
static bool step_text(struct side *side, struct ml_span held)
{
    const uint8_t *next = memchr(held.ptr, '<', held.len);
    size_t len = next != NULL ? (size_t)(next - held.ptr) : held.len;
    bool is_wanted = side->element != OTHER;
    if (next == NULL && is_wanted && held.len < MAX_TAG) {
        return false;
    }
    if (is_wanted && (next != NULL || side->element == BODY)) {
        take_text(side, ml_span_cut(held, 0, len));
    }
    ml_inbox_drop(&side->inbox, len);
    return true;
}

static bool step(void *context, struct ml_inbox *inbox)
{
    struct side *side = context;
    struct ml_span held = ml_inbox_span(inbox);
    struct ml_xml_tag tag;
    if (held.ptr[0] != '<') {
        return step_text(side, held);
    }
    if (!ml_xml_tag_read(held, &tag)) {
        if (held.len < MAX_TAG) {
            return false;
        }
        ml_inbox_drop(inbox, 1); /* no tag is so long: what follows is text until the next begins */
        return true;
    }
    if (tag.is_close) {
        take_close(side, &tag);
    } else if (tag.name.len != 0) {
        take_open(side, &tag);
    }
    ml_inbox_drop(inbox, tag.len);
    return true;
}

/* --- the parser --- */

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    struct xmpp *xmpp = ml_mem_array(1, sizeof *xmpp);
    if (xmpp == NULL) {
        return NULL;
    }
    xmpp->env = env;
    xmpp->flow = flow;
    for (int dir = ML_UP; dir <= ML_DOWN; dir++) {
        xmpp->sides[dir].xmpp = xmpp;
        xmpp->sides[dir].dir = (enum ml_dir)dir;
        ml_inbox_init(&xmpp->sides[dir].inbox, MAX_TAG);
    }
    return xmpp;
}

/* Behind a hole nothing that was open is known to be: the next tag starts anew. */
static void restart(struct side *side)
{
    ml_inbox_restart(&side->inbox);
    side->element = OTHER;
    side->message.is_open = false;
    side->query[0] = '\0';
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct xmpp *xmpp = self;
    struct ml_chunk rest = *chunk;
    if (!xmpp->is_over) {
        struct side *side = &xmpp->sides[chunk->dir];
        ml_inbox_feed(&side->inbox, chunk, xmpp->env->counters, step, side);
        if (side->inbox.is_lost) {
            restart(side);
        }
        if (!xmpp->is_over) {
            return true;
        }
        rest.bytes = ml_inbox_rest(&side->inbox, chunk);
        rest.offset += chunk->bytes.len - rest.bytes.len;
    }
    if (xmpp->tunnel == NULL) {
        return false;
    }
    return (rest.bytes.len == 0 && rest.gap_len == 0) || ml_inner_feed(xmpp->tunnel, &rest);
}

static void destroy(void *self)
{
    struct xmpp *xmpp = self;
    ml_inner_free(xmpp->tunnel);
    for (int dir = ML_UP; dir <= ML_DOWN; dir++) {
        ml_inbox_fini(&xmpp->sides[dir].inbox);
    }
    ml_mem_free(xmpp);
}

const struct ml_parser ml_parser_xmpp = {
    .name = "xmpp",
    .over = ML_OVER_TCP,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};

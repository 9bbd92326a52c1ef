/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/irc/irc.h"

#include "core/mem.h"
#include "core/text.h"
#include "proto/inbox.h"
#include "proto/inner.h"
#include "proto/irc/line.h"

enum {
    MAX_LINE = 8191 + 512 + 2, /* bytes; IRCv3 "message-tags" adds 8,191 to the 512 of RFC 2812 */
    MAX_PROBED = 600,          /* bytes of a first line */
    CTCP = 1                   /* the byte around requests between clients */
};

enum sasl { SASL_NONE, SASL_PLAIN, SASL_OTHER };

struct irc {
    struct ml_proto_env *env; /* borrowed */
    struct ml_flow *flow;     /* borrowed */
    struct ml_inbox inboxes[2];
    enum sasl sasl;
    bool has_asked_tls;      /* STARTTLS was sent: the answer decides */
    bool is_over;            /* TLS follows */
    struct ml_inner *tunnel; /* owned; what follows STARTTLS */
};

/* --- the first line --- */

static bool is_irc_port(const struct ml_flow *flow)
{
    uint16_t port = flow->server_port;
    return (port >= 6660 && port <= 6669) || port == 6697 || port == 7000 || port == 194;
}

static bool is_number(struct ml_span command)
{
    return command.len == 3 && ml_is_digit(command.ptr[0]);
}

static bool is_channel(struct ml_span name)
{
    return name.len >= 2 && (name.ptr[0] == '#' || name.ptr[0] == '&');
}

/* Lines no other protocol begins with. FTP and POP know USER and PASS too, with one parameter. */
static enum ml_match match_client(const struct ml_irc_line *line, const struct ml_flow *flow)
{
    if (ml_irc_is(line, "NICK") || ml_irc_is(line, "JOIN")) {
        bool fits = line->n_params == 1 || (line->n_params == 2 && ml_irc_is(line, "JOIN"));
        return fits && (ml_irc_is(line, "NICK") || is_channel(line->params[0])) ? ML_MATCH_YES : ML_MATCH_NO;
    }
    if (ml_irc_is(line, "USER")) {
        return line->n_params >= 4 ? ML_MATCH_YES : ML_MATCH_NO;
    }
    if (ml_irc_is(line, "PASS")) {
        return line->n_params == 1 ? ML_MATCH_MORE : ML_MATCH_NO;
    }
    if (ml_irc_is(line, "CAP")) {
        struct ml_span sub = ml_irc_param(line, 0);
        return ml_span_equal(sub, ml_span_text("LS")) || ml_span_equal(sub, ml_span_text("REQ")) ? ML_MATCH_YES
                                                                                                 : ML_MATCH_NO;
    }
    if (ml_irc_is(line, "PRIVMSG")) {
        return line->n_params == 2 ? ML_MATCH_YES : ML_MATCH_NO;
    }
    bool is_asking = ml_irc_is(line, "STARTTLS") || ml_irc_is(line, "PING") || ml_irc_is(line, "PONG");
    return is_asking && is_irc_port(flow) ? ML_MATCH_YES : ML_MATCH_NO;
}

static enum ml_match match_server(const struct ml_irc_line *line)
{
    struct ml_span to = ml_irc_param(line, 0);
    if (ml_irc_is(line, "NOTICE")) {
        bool is_greeting = ml_span_equal(to, ml_span_text("AUTH")) || ml_span_equal(to, ml_span_text("*"));
        return line->n_params == 2 && (is_greeting || line->is_user) ? ML_MATCH_YES : ML_MATCH_NO;
    }
    bool fits = is_number(line->command) ? line->n_params >= 2 && to.len != 0
                                         : line->is_user && (ml_irc_is(line, "PRIVMSG") || ml_irc_is(line, "JOIN") ||
                                                             ml_irc_is(line, "QUIT") || ml_irc_is(line, "PART"));
    return fits ? ML_MATCH_YES : ML_MATCH_NO;
}

static enum ml_match match_line(struct ml_span text, const struct ml_flow *flow)
{
    struct ml_irc_line line;
    if (text.len == 0 || !ml_irc_line_read(text, &line)) {
        return ML_MATCH_NO;
    }
    return line.nick.len != 0 || ml_irc_is(&line, "NOTICE") ? match_server(&line) : match_client(&line, flow);
}

/* Is a line that is still coming printable, with the command of one in front? */
static bool may_be_line(struct ml_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < ' ' && text.ptr[i] != CTCP && text.ptr[i] != '\r') {
            return false;
        }
    }
    uint8_t first = text.len != 0 ? text.ptr[0] : ' ';
    return text.len <= MAX_PROBED && (first == ' ' || first == ':' || first == '@' || ml_is_alpha(first));
}

/* The first line tells; a password in front of it leaves that to the second. */
static enum ml_match probe(const struct ml_chunk *first)
{
    struct ml_span rest = first->bytes;
    for (int i = 0; i < 2; i++) {
        const uint8_t *end = rest.len != 0 ? memchr(rest.ptr, '\n', rest.len) : NULL;
        if (end == NULL) {
            return may_be_line(rest) ? ML_MATCH_MORE : ML_MATCH_NO;
        }
        size_t len = (size_t)(end - rest.ptr);
        enum ml_match match = match_line(ml_span_trim(ml_span_cut(rest, 0, len)), first->flow);
        if (match != ML_MATCH_MORE) {
            return match;
        }
        rest = ml_span_cut(rest, len + 1, rest.len);
    }
    return ML_MATCH_NO;
}

/* --- facts --- */

static void begin(const struct ml_inbox *inbox, struct ml_fact_draft *draft, enum ml_fact_kind kind, size_t len)
{
    ml_inbox_begin(inbox, draft, kind, 0, len);
}

static void state_login(struct irc *irc, const struct ml_inbox *inbox, size_t len, const char *method,
                        struct ml_span user, bool has_secret)
{
    struct ml_fact_draft draft;
    begin(inbox, &draft, ML_FACT_IRC_LOGIN, len);
    ml_fact_cstr(&draft, ML_F_LOGIN_METHOD, method);
    ml_fact_text(&draft, ML_F_LOGIN_USER, user);
    ml_fact_truth(&draft, ML_F_LOGIN_HAS_SECRET, has_secret);
    (void)ml_fact_emit(irc->env->facts, &draft);
}

static void state_message(struct irc *irc, const struct ml_inbox *inbox, size_t len, const struct ml_irc_line *line)
{
    struct ml_fact_draft draft;
    begin(inbox, &draft, ML_FACT_IRC_MESSAGE, len);
    ml_fact_text(&draft, ML_F_MESSAGE_FROM, line->nick);
    ml_fact_text(&draft, ML_F_MESSAGE_TO, line->params[0]);
    ml_fact_number(&draft, ML_F_MESSAGE_BYTES, line->params[1].len);
    (void)ml_fact_emit(irc->env->facts, &draft);
}

/* "IDENTIFY [account] password" said to a service that keeps names. */
static bool is_identify(struct ml_span text)
{
    return ml_span_starts_nocase(text, "IDENTIFY ") || ml_span_starts_nocase(text, "ID ");
}

static bool is_name_service(struct ml_span name)
{
    return ml_span_starts_nocase(name, "NickServ") || ml_span_starts_nocase(name, "AuthServ") ||
           ml_span_equal_nocase(name, ml_span_text("Q@CServe.quakenet.org"));
}

static void take_text(struct irc *irc, const struct ml_inbox *inbox, size_t len, const struct ml_irc_line *line)
{
    if (line->n_params < 2) {
        return;
    }
    struct ml_span text = line->params[1];
    bool is_action = ml_span_starts(text, "\001ACTION ");
    if (is_name_service(line->params[0]) && is_identify(text)) {
        state_login(irc, inbox, len, "IDENTIFY", ml_span_of(NULL, 0), true);
    } else if (text.len != 0 && (text.ptr[0] != CTCP || is_action)) {
        state_message(irc, inbox, len, line);
    }
}

/* AUTHENTICATE names a mechanism, then carries its data in base64; "+" is none. */
static void take_sasl(struct irc *irc, const struct ml_inbox *inbox, size_t len, const struct ml_irc_line *line)
{
    struct ml_span value = ml_irc_param(line, 0);
    if (irc->sasl == SASL_NONE) {
        irc->sasl = ml_span_equal_nocase(value, ml_span_text("PLAIN")) ? SASL_PLAIN : SASL_OTHER;
        return;
    }
    if (value.len > 1) {
        bool is_plain = irc->sasl == SASL_PLAIN;
        state_login(irc, inbox, len, is_plain ? "SASL PLAIN" : "SASL", ml_span_of(NULL, 0), is_plain);
    }
    irc->sasl = SASL_NONE;
}

static void take_client_line(struct irc *irc, const struct ml_inbox *inbox, size_t len, const struct ml_irc_line *line)
{
    const struct ml_span nobody = {NULL, 0};
    if (ml_irc_is(line, "PRIVMSG") || ml_irc_is(line, "NOTICE")) {
        take_text(irc, inbox, len, line);
    } else if (ml_irc_is(line, "NICK") && line->n_params != 0) {
        state_login(irc, inbox, len, "NICK", line->params[0], false);
    } else if (ml_irc_is(line, "PASS") && line->n_params != 0) {
        state_login(irc, inbox, len, "PASS", nobody, true);
    } else if (ml_irc_is(line, "OPER") && line->n_params >= 2) {
        state_login(irc, inbox, len, "OPER", line->params[0], true);
    } else if ((ml_irc_is(line, "NICKSERV") || ml_irc_is(line, "NS")) && line->n_params >= 2 &&
               ml_span_equal_nocase(line->params[0], ml_span_text("IDENTIFY"))) {
        state_login(irc, inbox, len, "IDENTIFY", nobody, true);
    } else if (ml_irc_is(line, "AUTHENTICATE")) {
        take_sasl(irc, inbox, len, line);
    } else if (ml_irc_is(line, "STARTTLS")) {
        irc->has_asked_tls = true;
    }
}

/* --- lines --- */

static void open_tunnel(struct irc *irc)
{
    irc->is_over = true;
    irc->tunnel = ml_inner_new(irc->env, irc->flow);
    if (irc->tunnel == NULL) {
        ml_count(irc->env->counters, ML_COUNT_LIMIT_MEMORY);
        return;
    }
    ml_inner_open(irc->tunnel, ML_LAYER_IRC);
}

/* What fills the inbox without an end is no line. */
static bool let_go_of_long(struct ml_inbox *inbox)
{
    size_t held = ml_inbox_span(inbox).len;
    if (held < MAX_LINE) {
        return false;
    }
    ml_inbox_drop(inbox, held);
    return true;
}

static bool step(void *context, struct ml_inbox *inbox)
{
    struct irc *irc = context;
    struct ml_irc_line line;
    struct ml_span text;
    size_t len = 0;
    if (!ml_inbox_line(inbox, &text, &len)) {
        return let_go_of_long(inbox);
    }
    bool is_up = inbox == &irc->inboxes[ML_UP];
    if (ml_irc_line_read(text, &line)) {
        bool is_said = ml_irc_is(&line, "PRIVMSG") || ml_irc_is(&line, "NOTICE");
        if (is_up || (is_said && line.nick.len == 0)) { /* where roles were guessed wrong, senders tell */
            take_client_line(irc, inbox, len, &line);
        } else if (is_said && line.is_user) {
            take_text(irc, inbox, len, &line);
        } else if (irc->has_asked_tls && ml_span_equal(line.command, ml_span_text("670"))) {
            irc->inboxes[ML_UP].is_done = irc->inboxes[ML_DOWN].is_done = true;
            open_tunnel(irc);
        }
    }
    ml_inbox_drop(inbox, len);
    return true;
}

/* --- the parser --- */

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    struct irc *irc = ml_mem_array(1, sizeof *irc);
    if (irc != NULL) {
        irc->env = env;
        irc->flow = flow;
        ml_inbox_init(&irc->inboxes[ML_UP], MAX_LINE);
        ml_inbox_init(&irc->inboxes[ML_DOWN], MAX_LINE);
    }
    return irc;
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct irc *irc = self;
    struct ml_chunk rest = *chunk;
    if (!irc->is_over) {
        struct ml_inbox *inbox = &irc->inboxes[chunk->dir];
        ml_inbox_feed(inbox, chunk, irc->env->counters, step, irc);
        if (inbox->is_lost) { /* a hole: lines are told by their ends, so the next one is in step again */
            ml_inbox_restart(inbox);
        }
        if (!irc->is_over) {
            return true;
        }
        rest.bytes = ml_inbox_rest(inbox, chunk);
        rest.offset += chunk->bytes.len - rest.bytes.len;
    }
    if (irc->tunnel == NULL) {
        return false;
    }
    return (rest.bytes.len == 0 && rest.gap_len == 0) || ml_inner_feed(irc->tunnel, &rest);
}

static void destroy(void *self)
{
    struct irc *irc = self;
    ml_inner_free(irc->tunnel);
    ml_inbox_fini(&irc->inboxes[ML_UP]);
    ml_inbox_fini(&irc->inboxes[ML_DOWN]);
    ml_mem_free(irc);
}

const struct ml_parser ml_parser_irc = {
    .name = "irc",
    .over = ML_OVER_TCP,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};

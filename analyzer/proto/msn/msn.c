/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/msn/msn.h"

#include "core/mem.h"
#include "core/text.h"
#include "proto/inbox.h"

enum {
    PORT = 1863,
    COMMAND = 3,        /* letters of one */
    MAX_WORDS = 8,      /* of a line that are looked at */
    MAX_LINE = 4096,    /* bytes; tokens of a login have some 1,000 */
    MAX_PAYLOAD = 8192, /* bytes of a payload that is looked into; messages had at most 1,664 */
    MAX_SKIPPED = 1 << 20
};

struct line {
    size_t n;
    struct ml_span words[MAX_WORDS]; /* the command first */
    struct ml_span last;             /* the last word of all */
};

struct msn {
    struct ml_proto_env *env; /* borrowed */
    struct ml_inbox inboxes[2];
};

/* --- lines --- */

static void read_line(struct ml_span text, struct line *out)
{
    *out = (struct line){.n = 0};
    while (text.len != 0) {
        size_t n = 0;
        while (n < text.len && text.ptr[n] != ' ') {
            n++;
        }
        out->last = ml_span_cut(text, 0, n);
        if (out->n < MAX_WORDS) {
            out->words[out->n++] = out->last;
        }
        text = ml_span_cut(text, n + 1, text.len);
    }
}

static struct ml_span word(const struct line *line, size_t n)
{
    return n < line->n ? line->words[n] : ml_span_of(NULL, 0);
}

static bool is(struct ml_span word, const char *text)
{
    return ml_span_equal(word, ml_span_text(text));
}

static bool is_any(struct ml_span word, const char *const *list)
{
    for (; *list != NULL; list++) {
        if (is(word, *list)) {
            return true;
        }
    }
    return false;
}

static bool is_address(struct ml_span text)
{
    return text.len > 2 && memchr(text.ptr, '@', text.len) != NULL;
}

static bool is_number(struct ml_span text)
{
    uint64_t value = 0;
    return ml_decimal_read(text, &value);
}

/* Length of what follows the line; 0 for a line alone. */
static uint64_t payload_of(const struct line *line)
{
    static const char *const commands[] = {"MSG", "UUX", "UBX", "GCF", "NOT", "IPG", "PAG", "UBM", "UUM", "UBN",
                                           "UUN", "ADL", "RML", "FQY", "QRY", "SDG", "NFY", "PUT", NULL};
    uint64_t len = 0;
    bool has_payload = line->n >= 3 && is_any(word(line, 0), commands) && ml_decimal_read(line->last, &len);
    return has_payload && len <= MAX_SKIPPED ? len : 0;
}

/* --- the first line --- */

/* Commands that say enough on any port; the others only where MSN was served. */
static bool is_sure(const struct line *line)
{
    struct ml_span command = word(line, 0);
    if (is(command, "VER")) {
        return is_number(word(line, 1)) &&
               (ml_span_starts(word(line, 2), "MSNP") || ml_span_starts(word(line, 2), "CVR"));
    }
    if (is(command, "ANS") || is(command, "USR")) {
        return line->n >= 4 && is_number(word(line, 1)) && is_address(word(line, 2));
    }
    if (is(command, "MSG")) {
        bool is_client = line->n == 4 && is_number(word(line, 1)) && word(line, 2).len == 1;
        return (is_client || (line->n >= 4 && is_address(word(line, 1)))) && is_number(line->last);
    }
    return is(command, "IRO") && line->n >= 6 && is_address(word(line, 4));
}

static bool is_known(const struct line *line)
{
    static const char *const commands[] = {
        "ANS", "BLP", "BYE", "CAL", "CHG", "CHL", "CVR", "FLN", "GTC", "ILN", "INF", "IRO", "JOI", "LSG", "LST", "MSG",
        "NLN", "OUT", "PNG", "PRP", "QNG", "QRY", "REA", "RNG", "SYN", "UBX", "USR", "UUX", "VER", "XFR", "ADL", "RML",
        "SBS", "GCF", "NOT", "BPR", "ADC", "REM", "BLN", "CVQ", "ACK", "NAK", "PHH", "UBN", "UUN", NULL};
    return is_any(word(line, 0), commands);
}

static enum ml_match probe(const struct ml_chunk *first)
{
    struct ml_span bytes = first->bytes;
    struct line line;
    bool is_port = first->flow->server_port == PORT || first->flow->client_port == PORT;
    for (size_t i = 0; i < COMMAND && i < bytes.len; i++) {
        if (bytes.ptr[i] < 'A' || bytes.ptr[i] > 'Z') {
            return ML_MATCH_NO;
        }
    }
    if (bytes.len > COMMAND && bytes.ptr[COMMAND] != ' ' && bytes.ptr[COMMAND] != '\r') {
        return ML_MATCH_NO;
    }
    const uint8_t *end = bytes.len != 0 ? memchr(bytes.ptr, '\n', bytes.len) : NULL;
    if (end == NULL) {
        return bytes.len < MAX_LINE ? ML_MATCH_MORE : ML_MATCH_NO;
    }
    size_t len = (size_t)(end - bytes.ptr);
    if (len < COMMAND + 1 || bytes.ptr[len - 1] != '\r') {
        return ML_MATCH_NO;
    }
    read_line(ml_span_cut(bytes, 0, len - 1), &line);
    return is_sure(&line) || (is_port && is_known(&line)) ? ML_MATCH_YES : ML_MATCH_NO;
}

/* --- facts --- */

static void state_login(struct msn *msn, const struct ml_inbox *inbox, size_t len, struct ml_span method,
                        struct ml_span user, bool has_secret)
{
    struct ml_fact_draft draft;
    ml_inbox_begin(inbox, &draft, ML_FACT_MSN_LOGIN, 0, len);
    ml_fact_text(&draft, ML_F_LOGIN_METHOD, method);
    ml_fact_text(&draft, ML_F_LOGIN_USER, user);
    ml_fact_truth(&draft, ML_F_LOGIN_HAS_SECRET, has_secret);
    (void)ml_fact_emit(msn->env->facts, &draft);
}

/*
 * "USR n TWN I account" asks to log in, "USR n TWN S token" does: whoever reads the token can do so too, for as long
 * as it is good. With MD5 the last step is a response that is good once. "USR n account cookie" and "ANS n account
 * cookie id" open one conversation, once.
 */
static void take_login(struct msn *msn, const struct ml_inbox *inbox, size_t len, const struct line *line)
{
    struct ml_span method = word(line, 2);
    if (is_address(method)) {
        state_login(msn, inbox, len, ml_span_text("switchboard"), method, false);
    } else if (is(word(line, 3), "I")) {
        state_login(msn, inbox, len, method, word(line, 4), false);
    } else if (is(word(line, 3), "S") && word(line, 4).len != 0) {
        state_login(msn, inbox, len, method, ml_span_of(NULL, 0), !is(method, "MD5"));
    }
}

/* Bytes of text in a payload; 0 for what people do not write: that somebody is typing, offers of files. */
static size_t text_bytes(struct ml_span payload)
{
    static const char type[] = "Content-Type: text/plain";
    static const char end_of_head[] = "\r\n\r\n";
    size_t at = ml_span_find(payload, ml_span_text(end_of_head));
    struct ml_span head = ml_span_cut(payload, 0, at);
    if (at == payload.len || ml_span_find(head, ml_span_text(type)) == head.len) {
        return 0;
    }
    return payload.len - at - (sizeof end_of_head - 1);
}

static void take_message(struct msn *msn, const struct ml_inbox *inbox, size_t len, const struct line *line,
                         struct ml_span payload)
{
    struct ml_fact_draft draft;
    size_t n = text_bytes(payload);
    if (n == 0 || is(word(line, 1), "Hotmail")) { /* the service's own notes */
        return;
    }
    ml_inbox_begin(inbox, &draft, ML_FACT_MSN_MESSAGE, 0, len + payload.len);
    if (is_address(word(line, 1))) {
        ml_fact_text(&draft, ML_F_MESSAGE_FROM, word(line, 1));
    }
    ml_fact_number(&draft, ML_F_MESSAGE_BYTES, n);
    (void)ml_fact_emit(msn->env->facts, &draft);
}

/* --- the parser --- */

static bool step(void *context, struct ml_inbox *inbox)
{
    struct msn *msn = context;
    struct line line;
    struct ml_span text;
    size_t len = 0;
    if (!ml_inbox_line(inbox, &text, &len)) {
        size_t held = ml_inbox_span(inbox).len;
        if (held < MAX_LINE) {
            return false;
        }
        ml_inbox_drop(inbox, held); /* no line is so long */
        return true;
    }
    read_line(text, &line);
    uint64_t n = payload_of(&line);
    if (n != 0 && n <= MAX_PAYLOAD && is(word(&line, 0), "MSG")) {
        struct ml_span payload = ml_span_cut(ml_inbox_span(inbox), len, (size_t)n);
        if (payload.len < n) {
            return false;
        }
        take_message(msn, inbox, len, &line, payload);
    } else if (inbox == &msn->inboxes[ML_UP] && (is(word(&line, 0), "USR") || is(word(&line, 0), "ANS"))) {
        take_login(msn, inbox, len, &line); /* a server's are challenges and consent */
    }
    ml_inbox_drop(inbox, len + n);
    return true;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    struct msn *msn = ml_mem_array(1, sizeof *msn);
    if (msn != NULL) {
        msn->env = env;
        ml_inbox_init(&msn->inboxes[ML_UP], MAX_LINE + MAX_PAYLOAD);
        ml_inbox_init(&msn->inboxes[ML_DOWN], MAX_LINE + MAX_PAYLOAD);
    }
    return msn;
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct msn *msn = self;
    struct ml_inbox *inbox = &msn->inboxes[chunk->dir];
    ml_inbox_feed(inbox, chunk, msn->env->counters, step, msn);
    if (inbox->is_lost) { /* lines are told by their ends: behind a hole the next one is in step again */
        ml_inbox_restart(inbox);
    }
    return true;
}

static void destroy(void *self)
{
    struct msn *msn = self;
    ml_inbox_fini(&msn->inboxes[ML_UP]);
    ml_inbox_fini(&msn->inboxes[ML_DOWN]);
    ml_mem_free(msn);
}

const struct ml_parser ml_parser_msn = {
    .name = "msn",
    .over = ML_OVER_TCP,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};

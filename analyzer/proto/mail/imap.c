/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "core/text.h"
#include "proto/mail/facts.h"
#include "proto/mail/mail.h"
#include "proto/mail/message.h"

enum {
    MAX_PROBED = 1024, /* bytes of a first line; greetings with capabilities have up to 600 */
    MAX_TAG = 32
};

/* What of a message a block holds. */
enum block { NO_MESSAGE, WHOLE, HEAD, TEXT };

struct side {
    bool is_inside;   /* a command or response goes on behind a block */
    enum block block; /* kind of the block that comes */
    struct ml_mail mail;
    struct ml_place mail_place;
    struct ml_words command; /* of the client: its parts */
};

struct imap {
    struct ml_lines lines;
    struct side sides[2];
    struct ml_sasl sasl;
    char auth_tag[MAX_TAG];
    char tls_tag[MAX_TAG];      /* of STARTTLS */
    char compress_tag[MAX_TAG]; /* of COMPRESS (RFC 4978) */
    bool has_greeted;
};

/* --- the first line --- */

static bool is_imap_port(uint16_t port)
{
    return port == 143 || port == 993;
}

static bool is_tag(struct ml_span word, bool *has_digit)
{
    *has_digit = false;
    for (size_t i = 0; i < word.len; i++) {
        if (!ml_is_alnum(word.ptr[i]) && word.ptr[i] != '.' && word.ptr[i] != '_' && word.ptr[i] != '-') {
            return false;
        }
        *has_digit = *has_digit || ml_is_digit(word.ptr[i]);
    }
    return word.len != 0 && word.len < MAX_TAG;
}

static bool is_one_of(struct ml_span word, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (ml_span_equal_nocase(word, ml_span_text(names[i]))) {
            return true;
        }
    }
    return false;
}

static enum ml_match match_client(struct ml_span line, uint16_t port)
{
    static const char *const alone[] = {"CAPABILITY", "STARTTLS", "NAMESPACE"};
    static const char *const with_more[] = {"LOGIN",    "AUTHENTICATE", "SELECT", "EXAMINE", "UID",
                                            "STATUS",   "ENABLE",       "ID",     "FETCH",   "APPEND",
                                            "GETQUOTA", "SEARCH",       "STORE",  "LIST",    "LSUB"};
    static const char *const by_port[] = {"NOOP", "LOGOUT", "IDLE", "CHECK", "CLOSE", "EXPUNGE"};
    bool has_digit = false;
    struct ml_span tag = ml_word(&line);
    struct ml_span command = ml_word(&line);
    if (!is_tag(tag, &has_digit) || (!has_digit && !is_imap_port(port))) {
        return ML_MATCH_NO;
    }
    bool fits = (line.len == 0 && is_one_of(command, alone, sizeof alone / sizeof alone[0])) ||
                (line.len != 0 && is_one_of(command, with_more, sizeof with_more / sizeof with_more[0])) ||
                (is_imap_port(port) && is_one_of(command, by_port, sizeof by_port / sizeof by_port[0]));
    return fits ? ML_MATCH_YES : ML_MATCH_NO;
}

static enum ml_match match_server(struct ml_span line, uint16_t port)
{
    static const char *const greetings[] = {"OK", "PREAUTH", "BYE"};
    static const char *const responses[] = {"CAPABILITY", "FLAGS", "LIST", "LSUB", "SEARCH", "STATUS"};
    (void)ml_word(&line);
    struct ml_span word = ml_word(&line);
    if (is_one_of(word, greetings, sizeof greetings / sizeof greetings[0])) {
        return line.len != 0 ? ML_MATCH_YES : ML_MATCH_NO;
    }
    bool is_response = is_one_of(word, responses, sizeof responses / sizeof responses[0]) ||
                       (word.len != 0 && ml_is_digit(word.ptr[0]));
    return is_response && is_imap_port(port) ? ML_MATCH_YES : ML_MATCH_NO;
}

static enum ml_match probe(const struct ml_chunk *first)
{
    struct ml_span line;
    bool may_come = false;
    if (!ml_first_line(first->bytes, MAX_PROBED, &line, &may_come)) {
        bool is_word = line.len == 0 || ml_is_alnum(line.ptr[0]) || line.ptr[0] == '*';
        bool is_star = line.len < 2 || line.ptr[0] != '*' || line.ptr[1] == ' '; /* Redis begins with "*1" */
        return may_come && is_word && is_star ? ML_MATCH_MORE : ML_MATCH_NO;
    }
    return ml_span_starts(line, "* ") ? match_server(line, first->flow->server_port)
                                      : match_client(line, first->flow->server_port);
}

/* --- blocks: "{17}" or "{17+}" at the end of a line announces so many bytes (RFC 9051, section 4.3) --- */

static bool announces_block(struct ml_span text, uint64_t *len, struct ml_span *before)
{
    if (text.len < 3 || text.ptr[text.len - 1] != '}') {
        return false;
    }
    size_t end = text.len - 1;
    end -= text.ptr[end - 1] == '+' ? 1 : 0; /* does not wait for consent (RFC 7888) */
    size_t from = end;
    while (from != 0 && ml_is_digit(text.ptr[from - 1])) {
        from--;
    }
    if (from == 0 || text.ptr[from - 1] != '{' || !ml_decimal_read(ml_span_cut(text, from, end - from), len)) {
        return false;
    }
    size_t n = from - 1;
    n -= n != 0 && text.ptr[n - 1] == '~' ? 1 : 0; /* binary (RFC 3516) */
    *before = ml_span_trim(ml_span_cut(text, 0, n));
    return true;
}

/* Does the last word of `text` begin with this item? */
static bool ends_with_item(struct ml_span text, const char *item)
{
    size_t n = text.len;
    while (n != 0 && text.ptr[n - 1] != '(' && text.ptr[n - 1] != ' ') {
        n--;
    }
    return ml_span_starts_nocase(ml_span_cut(text, n, SIZE_MAX), item);
}

/* Which part of a message a FETCH response holds (RFC 9051, section 7.5.2). */
static enum block fetched_block(struct ml_span before)
{
    if (ml_span_holds_nocase(before, "BODY[HEADER") || ends_with_item(before, "RFC822.HEADER")) {
        return HEAD;
    }
    if (ends_with_item(before, "BODY[]") || ends_with_item(before, "BODY[]<0>") ||
        (ends_with_item(before, "RFC822") && !ends_with_item(before, "RFC822."))) {
        return WHOLE;
    }
    bool is_text =
        ends_with_item(before, "BODY[") || ends_with_item(before, "BINARY[") || ends_with_item(before, "RFC822.TEXT");
    return is_text ? TEXT : NO_MESSAGE;
}

static void end_block(struct imap *imap, struct side *side, const struct ml_line *line)
{
    struct ml_fact_draft draft;
    if (side->block != NO_MESSAGE) {
        ml_lines_begin_at(&imap->lines, &draft, ML_FACT_IMAP_MESSAGE, &side->mail_place, line);
        ml_mail_end(&side->mail, &draft, "", "");
        if (draft.n_attrs != 0) {
            (void)ml_fact_emit(imap->lines.env->facts, &draft);
        }
    }
    side->block = NO_MESSAGE;
}

static void take_raw(struct imap *imap, struct side *side, const struct ml_line *line)
{
    if (side->block != NO_MESSAGE) {
        ml_take_mail_line(&imap->lines, &side->mail, line);
    } else if (line->dir == ML_UP) { /* an argument */
        ml_words_add(&side->command, line->text);
    }
    if (imap->lines.n_raw[line->dir] == 0) {
        end_block(imap, side, line);
    }
}

static void begin_block(struct imap *imap, struct side *side, const struct ml_line *line, enum block block,
                        uint64_t len)
{
    side->block = block;
    side->is_inside = true;
    imap->lines.n_raw[line->dir] = len;
    if (block != NO_MESSAGE) {
        ml_mail_begin(&side->mail, block != TEXT);
        side->mail_place = ml_lines_place(&imap->lines, line);
    }
    if (len == 0) {
        end_block(imap, side, line);
    }
}

/* --- the client's commands, part by part --- */

/* The next word, or what stands in quotation marks; borrowed. Backslashes stay. */
static struct ml_span take_argument(struct ml_span *rest)
{
    if (rest->len == 0 || rest->ptr[0] != '"') {
        return ml_word(rest);
    }
    size_t n = 1;
    while (n < rest->len && rest->ptr[n] != '"') {
        n += rest->ptr[n] == '\\' ? 2 : 1;
    }
    n = n < rest->len ? n : rest->len;
    struct ml_span text = ml_span_cut(*rest, 1, n - 1);
    *rest = ml_span_trim(ml_span_cut(*rest, n + 1, SIZE_MAX));
    return text;
}

/* Parts of the line without a block behind it are arguments; blocks have been added as they came. */
static void add_arguments(struct ml_words *command, struct ml_span text)
{
    while (text.len != 0) {
        size_t before = text.len;
        ml_words_add(command, take_argument(&text));
        if (text.len == before) {
            break;
        }
    }
}

static struct ml_span argument(const struct ml_words *command, unsigned n)
{
    size_t at = 0;
    for (; n != 0 && at < command->len; n--) {
        at += strlen(command->text + at) + 1;
    }
    return at < command->len ? ml_span_text(command->text + at) : ml_span_of(NULL, 0);
}

static void begin_auth(struct imap *imap, const struct ml_line *line, const struct ml_words *command)
{
    struct ml_span answer = argument(command, 3);
    ml_sasl_begin(&imap->sasl, argument(command, 2));
    ml_keep_text(imap->auth_tag, sizeof imap->auth_tag, argument(command, 0));
    bool has_answer = answer.len != 0 && !ml_span_equal(answer, ml_span_text("="));
    if (has_answer && ml_sasl_answer(&imap->sasl, answer)) { /* RFC 4959 */
        ml_state_sasl(&imap->lines, line, ML_FACT_IMAP_LOGIN, &imap->sasl);
    }
}

static void take_command(struct imap *imap, const struct ml_line *line, const struct ml_words *command)
{
    struct ml_span name = argument(command, 1);
    if (ml_is_command(name, "LOGIN")) {
        ml_state_login(&imap->lines, line, ML_FACT_IMAP_LOGIN, "LOGIN", argument(command, 2),
                       argument(command, 3).len != 0);
    } else if (ml_is_command(name, "AUTHENTICATE")) {
        begin_auth(imap, line, command);
    } else if (ml_is_command(name, "STARTTLS")) {
        imap->lines.has_asked_tls = true;
        ml_keep_text(imap->tls_tag, sizeof imap->tls_tag, argument(command, 0));
    } else if (ml_is_command(name, "COMPRESS")) {
        ml_keep_text(imap->compress_tag, sizeof imap->compress_tag, argument(command, 0));
    }
}

/* ID ("name" "Example Mail" ...) (RFC 2971): the line holds it all, unless blocks are used. */
static void take_identity(struct imap *imap, const struct ml_line *line)
{
    struct ml_span rest = line->text;
    (void)ml_word(&rest);
    if (ml_span_equal_nocase(ml_word(&rest), ml_span_text("ID")) && rest.len != 0 && rest.ptr[0] == '(') {
        ml_state_text(&imap->lines, line, ML_FACT_IMAP_CLIENT, ML_F_MAIL_AGENT, rest);
    }
}

static void take_client_line(struct imap *imap, const struct ml_line *line)
{
    struct side *side = &imap->sides[line->dir];
    struct ml_span before;
    uint64_t len = 0;
    if (ml_sasl_goes_on(&imap->sasl)) {
        if (ml_span_equal(line->text, ml_span_text("*"))) { /* given up (RFC 9051, section 6.2.2) */
            ml_sasl_end(&imap->sasl);
        } else if (ml_sasl_answer(&imap->sasl, line->text)) {
            ml_state_sasl(&imap->lines, line, ML_FACT_IMAP_LOGIN, &imap->sasl);
        }
        return;
    }
    if (!side->is_inside) {
        ml_words_clear(&side->command);
        take_identity(imap, line);
    }
    bool has_block = announces_block(line->text, &len, &before);
    add_arguments(&side->command, has_block ? before : line->text);
    if (has_block) {
        bool is_append = ml_span_equal_nocase(argument(&side->command, 1), ml_span_text("APPEND"));
        begin_block(imap, side, line, is_append ? WHOLE : NO_MESSAGE, len);
        return;
    }
    side->is_inside = false;
    take_command(imap, line, &side->command);
    ml_mem_wipe(&side->command, sizeof side->command);
}

/* --- the server's responses --- */

static void state_capabilities(struct imap *imap, const struct ml_line *line, struct ml_span text)
{
    struct ml_words words = {.len = 0};
    while (text.len != 0) {
        ml_words_add(&words, ml_word(&text));
    }
    ml_state_words(&imap->lines, line, ML_FACT_IMAP_SERVER, ML_F_MAIL_CAPABILITIES, &words);
}

/* "* ..." */
static void take_untagged(struct imap *imap, const struct ml_line *line, struct ml_span rest)
{
    struct ml_span word = ml_word(&rest);
    if (ml_span_equal_nocase(word, ml_span_text("CAPABILITY"))) {
        state_capabilities(imap, line, rest);
    } else if (!imap->has_greeted && (ml_is_command(word, "OK") || ml_is_command(word, "PREAUTH"))) {
        ml_state_text(&imap->lines, line, ML_FACT_IMAP_SERVER, ML_F_MAIL_GREETING, rest);
    }
    imap->has_greeted = true;
}

static void take_tagged(struct imap *imap, const struct ml_line *line, struct ml_span tag, struct ml_span rest)
{
    struct ml_span result = ml_word(&rest);
    bool is_ok = ml_span_equal_nocase(result, ml_span_text("OK"));
    bool is_result =
        is_ok || ml_span_equal_nocase(result, ml_span_text("NO")) || ml_span_equal_nocase(result, ml_span_text("BAD"));
    if (!is_result) {
        return;
    }
    if (ml_sasl_goes_on(&imap->sasl) && ml_span_equal(tag, ml_span_text(imap->auth_tag))) {
        ml_sasl_end(&imap->sasl);
    }
    if (imap->lines.has_asked_tls && ml_span_equal(tag, ml_span_text(imap->tls_tag))) {
        ml_state_starttls(&imap->lines, line, ML_FACT_IMAP_STARTTLS, ML_F_MAIL_STARTTLS, is_ok);
    } else if (is_ok && ml_span_equal(tag, ml_span_text(imap->compress_tag))) {
        ml_lines_end(&imap->lines);
    }
}

static void take_server_line(struct imap *imap, const struct ml_line *line)
{
    struct side *side = &imap->sides[line->dir];
    struct ml_span rest = line->text;
    struct ml_span before;
    uint64_t len = 0;
    bool is_first = !side->is_inside;
    side->is_inside = false;
    if (announces_block(line->text, &len, &before)) {
        begin_block(imap, side, line, fetched_block(before), len);
    }
    if (!is_first) {
        return;
    }
    struct ml_span tag = ml_word(&rest);
    if (ml_span_equal(tag, ml_span_text("*"))) {
        take_untagged(imap, line, rest);
    } else if (!ml_span_equal(tag, ml_span_text("+"))) {
        take_tagged(imap, line, tag, rest);
    }
}

static void take(void *context, const struct ml_line *line)
{
    struct imap *imap = context;
    if (line->is_raw) {
        take_raw(imap, &imap->sides[line->dir], line);
    } else if (ml_lines_leave(&imap->lines, line)) {
        return;
    } else if (line->dir == ML_UP) {
        take_client_line(imap, line);
    } else {
        take_server_line(imap, line);
    }
}

/* --- the parser --- */

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    struct imap *imap = ml_mem_array(1, sizeof *imap);
    if (imap != NULL) {
        ml_lines_init(&imap->lines, env, flow, ML_LAYER_IMAP, take, imap);
    }
    return imap;
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct imap *imap = self;
    return ml_lines_feed(&imap->lines, chunk);
}

static void destroy(void *self)
{
    struct imap *imap = self;
    ml_lines_fini(&imap->lines);
    ml_mem_wipe(imap, sizeof *imap);
    ml_mem_free(imap);
}

const struct ml_parser ml_parser_imap = {
    .name = "imap",
    .over = ML_OVER_TCP,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};

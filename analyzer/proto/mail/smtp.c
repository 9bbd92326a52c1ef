/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "core/text.h"
#include "proto/mail/facts.h"
#include "proto/mail/mail.h"
#include "proto/mail/message.h"

enum { MAX_PROBED = 600 /* bytes of a first line; RFC 5321, section 4.5.3.1 allows 512 */ };

struct smtp {
    struct ml_lines lines;
    struct ml_roles roles;
    struct ml_sasl sasl;
    struct ml_words capabilities;
    struct ml_mail mail;
    struct ml_place mail_place; /* where DATA or the first BDAT stands */
    char from[ML_MAIL_ADDRESS]; /* of the envelope */
    char to[ML_MAIL_ADDRESS];   /* its first receiver */
    bool has_greeted;
    bool has_said_hello; /* EHLO waits for its answer */
    bool has_named;      /* of which the first line, the server's name, has come */
    bool is_in_data;     /* lines up to a dot */
    bool is_last_block;  /* of BDAT */
    uint64_t n_waiting;  /* commands without an answer */
    uint64_t data_after; /* answers until that to DATA; 0: none is waited for */
    uint64_t n_data_lines;
};

/* --- the first line --- */

static bool is_smtp_port(uint16_t port)
{
    return port == 25 || port == 465 || port == 587 || port == 2525;
}

/* FTP greets with 220 too: the port or the text tells, or else the client's first line. */
static enum ml_match match_server(struct ml_span line, unsigned code, uint16_t port)
{
    bool is_named = ml_span_holds_nocase(line, "SMTP") || ml_span_holds_nocase(line, "LMTP");
    if (code == 220 && (is_named || is_smtp_port(port))) {
        return ML_MATCH_YES;
    }
    if (code == 220) {
        return ml_span_holds_nocase(line, "FTP") || port == 21 ? ML_MATCH_NO : ML_MATCH_MORE;
    }
    bool fits = code == 250 || code == 354 || code == 421 || code == 554;
    return fits && is_smtp_port(port) ? ML_MATCH_YES : ML_MATCH_NO;
}

static enum ml_match match_client(struct ml_span line, uint16_t port)
{
    static const char *const certain[] = {"EHLO", "HELO", "LHLO"};
    static const char *const by_port[] = {"STARTTLS", "AUTH", "QUIT", "RSET", "NOOP", "DATA", "VRFY", "EXPN"};
    for (size_t i = 0; i < sizeof certain / sizeof certain[0]; i++) {
        if (ml_is_command(line, certain[i])) {
            return line.len > 5 || is_smtp_port(port) ? ML_MATCH_YES : ML_MATCH_NO;
        }
    }
    if (ml_span_starts_nocase(line, "MAIL FROM:") || ml_span_starts_nocase(line, "RCPT TO:")) {
        return ML_MATCH_YES;
    }
    for (size_t i = 0; i < sizeof by_port / sizeof by_port[0]; i++) {
        if (ml_is_command(line, by_port[i])) {
            return is_smtp_port(port) ? ML_MATCH_YES : ML_MATCH_NO;
        }
    }
    return ML_MATCH_NO;
}

static enum ml_match probe(const struct ml_chunk *first)
{
    struct ml_span line;
    bool may_come = false;
    bool is_last = false;
    uint16_t port = first->flow->server_port;
    if (!ml_first_line(first->bytes, MAX_PROBED, &line, &may_come)) {
        bool is_word = line.len == 0 || ml_is_alnum(line.ptr[0]);
        return may_come && is_word ? ML_MATCH_MORE : ML_MATCH_NO;
    }
    unsigned code = ml_reply_code(line, &is_last);
    return code != 0 ? match_server(line, code, port) : match_client(line, port);
}

/* --- messages --- */

static void end_message(struct smtp *smtp, const struct ml_line *line)
{
    struct ml_fact_draft draft;
    ml_lines_begin_at(&smtp->lines, &draft, ML_FACT_SMTP_MESSAGE, &smtp->mail_place, line);
    ml_mail_end(&smtp->mail, &draft, smtp->from, smtp->to);
    (void)ml_fact_emit(smtp->lines.env->facts, &draft);
    smtp->is_in_data = false;
    smtp->data_after = 0;
    smtp->from[0] = smtp->to[0] = '\0';
}

static void take_data(struct smtp *smtp, const struct ml_line *line)
{
    bool is_dot = line->text.len == 1 && line->text.ptr[0] == '.' && line->len > 1;
    if (is_dot && !line->is_part) {
        smtp->n_waiting++;
        end_message(smtp, line);
        return;
    }
    smtp->n_data_lines++;
    ml_take_mail_line(&smtp->lines, &smtp->mail, line);
}

static void begin_message(struct smtp *smtp, const struct ml_line *line)
{
    if (!smtp->mail.is_open) {
        ml_mail_begin(&smtp->mail, true);
        smtp->mail_place = ml_lines_place(&smtp->lines, line);
        smtp->n_data_lines = 0;
    }
}

/* BDAT length [LAST] (RFC 3030, section 2): that many bytes follow. */
static void take_block(struct smtp *smtp, const struct ml_line *line, struct ml_span rest)
{
    uint64_t len = 0;
    if (!ml_decimal_read(ml_word(&rest), &len)) {
        return;
    }
    begin_message(smtp, line);
    smtp->is_last_block = ml_span_equal_nocase(rest, ml_span_text("LAST"));
    smtp->lines.n_raw[line->dir] = len;
    if (len == 0 && smtp->is_last_block) {
        end_message(smtp, line);
    }
}

static void take_raw(struct smtp *smtp, const struct ml_line *line)
{
    ml_take_mail_line(&smtp->lines, &smtp->mail, line);
    if (smtp->lines.n_raw[line->dir] == 0 && smtp->is_last_block && smtp->mail.is_open) {
        end_message(smtp, line);
    }
}

/* --- the client's lines --- */

static void take_address(struct smtp *smtp, const struct ml_line *line, const char *prefix, enum ml_field field,
                         char kept[ML_MAIL_ADDRESS])
{
    struct ml_span address = ml_mail_address(ml_span_cut(line->text, strlen(prefix), SIZE_MAX));
    ml_state_text(&smtp->lines, line, ML_FACT_SMTP_ENVELOPE, field, address);
    if (kept[0] == '\0') {
        ml_keep_text(kept, ML_MAIL_ADDRESS, address);
    }
}

static void begin_auth(struct smtp *smtp, const struct ml_line *line, struct ml_span rest)
{
    ml_sasl_begin(&smtp->sasl, ml_word(&rest));
    bool has_answer = rest.len != 0 && !ml_span_equal(rest, ml_span_text("="));
    if (has_answer && ml_sasl_answer(&smtp->sasl, rest)) {
        ml_state_sasl(&smtp->lines, line, ML_FACT_SMTP_LOGIN, &smtp->sasl);
    }
}

static void take_command(struct smtp *smtp, const struct ml_line *line)
{
    struct ml_span rest = line->text;
    struct ml_span command = ml_word(&rest);
    smtp->n_waiting++;
    if (ml_span_starts_nocase(line->text, "MAIL FROM:")) {
        smtp->from[0] = smtp->to[0] = '\0';
        take_address(smtp, line, "MAIL FROM:", ML_F_MESSAGE_FROM, smtp->from);
    } else if (ml_span_starts_nocase(line->text, "RCPT TO:")) {
        take_address(smtp, line, "RCPT TO:", ML_F_MESSAGE_TO, smtp->to);
    } else if (ml_is_command(command, "EHLO") || ml_is_command(command, "HELO") || ml_is_command(command, "LHLO")) {
        smtp->has_said_hello = true;
        smtp->has_named = false;
        ml_words_clear(&smtp->capabilities);
        ml_state_text(&smtp->lines, line, ML_FACT_SMTP_CLIENT, ML_F_MAIL_HELLO, rest);
    } else if (ml_is_command(command, "AUTH")) {
        begin_auth(smtp, line, rest);
    } else if (ml_is_command(command, "DATA")) {
        begin_message(smtp, line);
        smtp->is_in_data = true;
        smtp->data_after = smtp->n_waiting;
    } else if (ml_is_command(command, "BDAT")) {
        take_block(smtp, line, rest);
    } else if (ml_is_command(command, "STARTTLS")) {
        smtp->lines.has_asked_tls = true;
    }
}

static void take_client_line(struct smtp *smtp, const struct ml_line *line)
{
    if (line->is_raw) {
        take_raw(smtp, line);
    } else if (smtp->is_in_data) {
        take_data(smtp, line);
    } else if (ml_lines_leave(&smtp->lines, line)) {
        return;
    } else if (!ml_sasl_goes_on(&smtp->sasl)) {
        take_command(smtp, line);
    } else if (ml_span_equal(line->text, ml_span_text("*"))) { /* given up (RFC 4954, section 4) */
        ml_sasl_end(&smtp->sasl);
    } else if (ml_sasl_answer(&smtp->sasl, line->text)) {
        ml_state_sasl(&smtp->lines, line, ML_FACT_SMTP_LOGIN, &smtp->sasl);
    }
}

/* --- the server's lines --- */

static void take_hello_answer(struct smtp *smtp, const struct ml_line *line, struct ml_span text, bool is_last)
{
    if (smtp->has_named) {
        ml_words_add(&smtp->capabilities, text);
    }
    smtp->has_named = true;
    if (is_last) {
        smtp->has_said_hello = false;
        ml_state_words(&smtp->lines, line, ML_FACT_SMTP_SERVER, ML_F_MAIL_CAPABILITIES, &smtp->capabilities);
    }
}

/* The answer to DATA: without consent no lines of a message follow. */
static void count_answer(struct smtp *smtp, unsigned code)
{
    smtp->n_waiting -= smtp->n_waiting != 0 ? 1 : 0;
    if (smtp->data_after == 0) {
        return;
    }
    smtp->data_after--;
    if (smtp->data_after == 0 && code >= 400 && smtp->n_data_lines == 0) {
        smtp->is_in_data = smtp->mail.is_open = false;
    }
}

static void take_server_line(struct smtp *smtp, const struct ml_line *line)
{
    bool is_last = false;
    unsigned code = ml_reply_code(line->text, &is_last);
    if (ml_lines_leave(&smtp->lines, line) || code == 0) {
        return;
    }
    struct ml_span text = ml_span_trim(ml_span_cut(line->text, 4, SIZE_MAX));
    bool is_about_tls = smtp->lines.has_asked_tls && is_last && (code == 220 || code >= 400);
    if (is_about_tls) {
        ml_state_starttls(&smtp->lines, line, ML_FACT_SMTP_STARTTLS, ML_F_MAIL_STARTTLS, code == 220);
    } else if (code == 220 && !smtp->has_greeted) {
        ml_state_text(&smtp->lines, line, ML_FACT_SMTP_SERVER, ML_F_MAIL_GREETING, text);
        smtp->has_greeted = true;
    } else if (code == 250 && smtp->has_said_hello) {
        take_hello_answer(smtp, line, text, is_last);
    }
    if (is_last && code >= 200 && code != 334) {
        count_answer(smtp, code);
        ml_sasl_end(&smtp->sasl);
    }
}

static void take(void *context, const struct ml_line *line)
{
    struct smtp *smtp = context;
    if (ml_is_client(&smtp->roles, line)) {
        take_client_line(smtp, line);
    } else {
        take_server_line(smtp, line);
    }
}

/* --- the parser --- */

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    struct smtp *smtp = ml_mem_array(1, sizeof *smtp);
    if (smtp != NULL) {
        ml_lines_init(&smtp->lines, env, flow, ML_LAYER_SMTP, take, smtp);
    }
    return smtp;
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct smtp *smtp = self;
    return ml_lines_feed(&smtp->lines, chunk);
}

static void destroy(void *self)
{
    struct smtp *smtp = self;
    ml_lines_fini(&smtp->lines);
    ml_mem_free(smtp);
}

const struct ml_parser ml_parser_smtp = {
    .name = "smtp",
    .over = ML_OVER_TCP,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "core/text.h"
#include "proto/mail/facts.h"
#include "proto/mail/mail.h"
#include "proto/mail/message.h"

enum {
    MAX_PROBED = 600, /* bytes of a first line; RFC 2449, section 4 allows 512 */
    MAX_WAITING = 32  /* commands without an answer that are told apart; clients send one at a time, or few */
};

/* What the answer to a command holds. */
enum answer { ONE_LINE, LIST, CAPABILITIES, MESSAGE, TLS };

struct pop {
    struct ml_lines lines;
    struct ml_sasl sasl;
    struct ml_words capabilities;
    struct ml_mail mail;
    struct ml_place mail_place;
    char user[ML_SASL_NAME];
    uint8_t waiting[MAX_WAITING]; /* enum answer, oldest first */
    size_t n_waiting;
    enum answer open; /* the answer whose lines come; ONE_LINE: none */
    bool has_greeted;
};

/* --- the first line --- */

static bool is_pop_port(uint16_t port)
{
    return port == 110 || port == 995;
}

/* Redis says +OK too, but not first, and with nothing behind it. */
static enum ml_match match_server(struct ml_span line, const struct ml_flow *flow)
{
    bool is_ok = ml_is_command(line, "+OK");
    if (is_pop_port(flow->server_port)) {
        return is_ok || ml_is_command(line, "-ERR") ? ML_MATCH_YES : ML_MATCH_NO;
    }
    bool is_greeting = line.len > 4 && flow->payload_bytes[ML_UP] == 0;
    return is_ok && is_greeting ? ML_MATCH_YES : ML_MATCH_NO;
}

static enum ml_match match_client(struct ml_span line, uint16_t port)
{
    static const char *const by_port[] = {"USER", "PASS", "STAT", "LIST", "RETR", "UIDL",
                                          "QUIT", "NOOP", "TOP",  "AUTH", "DELE"};
    if (ml_span_equal_nocase(line, ml_span_text("CAPA")) || ml_span_equal_nocase(line, ml_span_text("STLS"))) {
        return ML_MATCH_YES;
    }
    bool fits = ml_span_starts_nocase(line, "APOP ");
    for (size_t i = 0; i < sizeof by_port / sizeof by_port[0]; i++) {
        fits = fits || ml_is_command(line, by_port[i]);
    }
    return fits && is_pop_port(port) ? ML_MATCH_YES : ML_MATCH_NO;
}

static enum ml_match probe(const struct ml_chunk *first)
{
    struct ml_span line;
    bool may_come = false;
    if (!ml_first_line(first->bytes, MAX_PROBED, &line, &may_come)) {
        bool is_word = line.len == 0 || ml_is_alpha(line.ptr[0]) || line.ptr[0] == '+' || line.ptr[0] == '-';
        return may_come && is_word ? ML_MATCH_MORE : ML_MATCH_NO;
    }
    bool is_answer = line.len != 0 && (line.ptr[0] == '+' || line.ptr[0] == '-');
    return is_answer ? match_server(line, first->flow) : match_client(line, first->flow->server_port);
}

/* --- the client's lines --- */

/* RFC 5034: AUTH alone lists mechanisms. */
static enum answer begin_auth(struct pop *pop, const struct ml_line *line, struct ml_span rest)
{
    if (rest.len == 0) {
        return LIST;
    }
    ml_sasl_begin(&pop->sasl, ml_word(&rest));
    bool has_answer = rest.len != 0 && !ml_span_equal(rest, ml_span_text("="));
    if (has_answer && ml_sasl_answer(&pop->sasl, rest)) {
        ml_state_sasl(&pop->lines, line, ML_FACT_POP_LOGIN, &pop->sasl);
    }
    return ONE_LINE;
}

static enum answer take_command(struct pop *pop, const struct ml_line *line)
{
    struct ml_span rest = line->text;
    struct ml_span command = ml_word(&rest);
    if (ml_is_command(command, "USER")) {
        ml_keep_text(pop->user, sizeof pop->user, rest);
    } else if (ml_is_command(command, "PASS")) {
        ml_state_login(&pop->lines, line, ML_FACT_POP_LOGIN, "PASS", ml_span_text(pop->user), rest.len != 0);
    } else if (ml_is_command(command, "APOP")) {
        ml_state_login(&pop->lines, line, ML_FACT_POP_LOGIN, "APOP", ml_word(&rest), false);
    } else if (ml_is_command(command, "AUTH")) {
        return begin_auth(pop, line, rest);
    } else if (ml_is_command(command, "STLS")) {
        pop->lines.has_asked_tls = true;
        return TLS;
    } else if (ml_is_command(command, "CAPA")) {
        return CAPABILITIES;
    } else if (ml_is_command(command, "RETR") || ml_is_command(command, "TOP")) {
        return MESSAGE;
    } else if ((ml_is_command(command, "LIST") || ml_is_command(command, "UIDL")) && rest.len == 0) {
        return LIST;
    }
    return ONE_LINE;
}

static void take_client_line(struct pop *pop, const struct ml_line *line)
{
    if (!ml_sasl_goes_on(&pop->sasl)) {
        enum answer answer = take_command(pop, line);
        if (pop->n_waiting < MAX_WAITING) {
            pop->waiting[pop->n_waiting++] = (uint8_t)answer;
        } else { /* its answer will be read as one line */
            ml_count(pop->lines.env->counters, ML_COUNT_LIMIT_MESSAGE);
        }
    } else if (ml_span_equal(line->text, ml_span_text("*"))) { /* given up */
        ml_sasl_end(&pop->sasl);
    } else if (ml_sasl_answer(&pop->sasl, line->text)) {
        ml_state_sasl(&pop->lines, line, ML_FACT_POP_LOGIN, &pop->sasl);
    }
}

/* --- the server's lines --- */

/* What was asked for, where a command waits. */
static enum answer next_answer(struct pop *pop)
{
    if (pop->n_waiting == 0) {
        return ONE_LINE;
    }
    enum answer answer = (enum answer)pop->waiting[0];
    pop->n_waiting--;
    memmove(pop->waiting, pop->waiting + 1, pop->n_waiting);
    return answer;
}

static void take_status(struct pop *pop, const struct ml_line *line)
{
    struct ml_span rest = line->text;
    struct ml_span word = ml_word(&rest);
    bool is_ok = ml_span_equal_nocase(word, ml_span_text("+OK"));
    if (!is_ok && !ml_span_equal_nocase(word, ml_span_text("-ERR"))) {
        return; /* "+ " goes on with a login */
    }
    if (!pop->has_greeted) {
        pop->has_greeted = true;
        if (is_ok && pop->n_waiting == 0) {
            ml_state_text(&pop->lines, line, ML_FACT_POP_SERVER, ML_F_MAIL_GREETING, rest);
            return;
        }
    }
    ml_sasl_end(&pop->sasl);
    enum answer answer = next_answer(pop);
    if (answer == TLS) {
        ml_state_starttls(&pop->lines, line, ML_FACT_POP_STARTTLS, ML_F_MAIL_STARTTLS, is_ok);
    } else if (is_ok && answer == MESSAGE) {
        ml_mail_begin(&pop->mail, true);
        pop->mail_place = ml_lines_place(&pop->lines, line);
    }
    pop->open = is_ok && answer != TLS ? answer : ONE_LINE;
}

static void end_answer(struct pop *pop, const struct ml_line *line)
{
    struct ml_fact_draft draft;
    if (pop->open == CAPABILITIES) {
        ml_state_words(&pop->lines, line, ML_FACT_POP_SERVER, ML_F_MAIL_CAPABILITIES, &pop->capabilities);
    } else if (pop->open == MESSAGE) {
        ml_lines_begin_at(&pop->lines, &draft, ML_FACT_POP_MESSAGE, &pop->mail_place, line);
        ml_mail_end(&pop->mail, &draft, "", "");
        (void)ml_fact_emit(pop->lines.env->facts, &draft);
    }
    pop->open = ONE_LINE;
}

static void take_server_line(struct pop *pop, const struct ml_line *line)
{
    bool is_dot = !line->is_part && ml_span_equal(line->text, ml_span_text("."));
    if (pop->open == ONE_LINE) {
        if (!ml_lines_leave(&pop->lines, line)) {
            take_status(pop, line);
        }
    } else if (is_dot) {
        end_answer(pop, line);
    } else if (pop->open == CAPABILITIES) {
        ml_words_add(&pop->capabilities, line->text);
    } else if (pop->mail.is_open) {
        ml_take_mail_line(&pop->lines, &pop->mail, line);
    }
}

static void take(void *context, const struct ml_line *line)
{
    struct pop *pop = context;
    if (line->dir == ML_DOWN) {
        take_server_line(pop, line);
    } else if (!ml_lines_leave(&pop->lines, line)) {
        take_client_line(pop, line);
    }
}

/* --- the parser --- */

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    struct pop *pop = ml_mem_array(1, sizeof *pop);
    if (pop != NULL) {
        ml_lines_init(&pop->lines, env, flow, ML_LAYER_POP, take, pop);
    }
    return pop;
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct pop *pop = self;
    return ml_lines_feed(&pop->lines, chunk);
}

static void destroy(void *self)
{
    struct pop *pop = self;
    ml_lines_fini(&pop->lines);
    ml_mem_free(pop);
}

const struct ml_parser ml_parser_pop = {
    .name = "pop",
    .over = ML_OVER_TCP,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ftp/ftp.h"

#include "core/mem.h"
#include "core/text.h"
#include "proto/ftp/address.h"
#include "proto/lines.h"
#include "proto/mail/facts.h"

enum { MAX_PROBED = 600 /* bytes of a first line */ };

struct ftp {
    struct ml_lines lines;
    struct ml_roles roles;
    char user[ML_SASL_NAME];
    bool is_user_open;       /* no PASS has followed the USER yet */
    struct ml_chunk user_at; /* where it stands, without bytes */
    uint64_t user_last_seq;
    uint32_t user_len;
    bool has_greeted;
};

/* --- the first line --- */

static bool is_ftp_port(uint16_t port)
{
    return port == 21 || port == 990 || port == 2121;
}

/* SMTP greets with 220 too: the port or the text tells, or else the client's first line. */
static enum ml_match match_server(struct ml_span line, unsigned code, uint16_t port)
{
    struct ml_ftp_address address;
    bool is_passive =
        (code == 227 && ml_ftp_six_numbers(line, &address)) || (code == 229 && ml_span_holds_nocase(line, "(|||"));
    if (is_ftp_port(port) || is_passive) {
        return ML_MATCH_YES;
    }
    if (code != 220 || ml_span_holds_nocase(line, "SMTP")) {
        return ML_MATCH_NO;
    }
    return ml_span_holds_nocase(line, "FTP") ? ML_MATCH_YES : ML_MATCH_MORE;
}

static bool is_one_of(struct ml_span line, const char *const *commands, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (ml_is_command(line, commands[i])) {
            return true;
        }
    }
    return false;
}

static enum ml_match match_client(struct ml_span line, const struct ml_chunk *first)
{
    static const char *const certain[] = {"AUTH TLS", "AUTH SSL", "PASV", "EPSV", "SYST", "FEAT", "TYPE A", "TYPE I"};
    static const char *const by_port[] = {"PASS", "QUIT", "OPTS", "PBSZ", "PROT", "PORT", "EPRT", "CWD",
                                          "PWD",  "LIST", "NLST", "MLSD", "RETR", "STOR", "SIZE", "MDTM",
                                          "NOOP", "XPWD", "CDUP", "AUTH", "HELP", "ACCT", "STAT", "DELE",
                                          "MKD",  "SITE", "REST", "HOST", "CLNT"};
    uint16_t port = first->flow->server_port;
    if (is_one_of(line, certain, sizeof certain / sizeof certain[0]) ||
        (is_ftp_port(port) && is_one_of(line, by_port, sizeof by_port / sizeof by_port[0]))) {
        return ML_MATCH_YES;
    }
    struct ml_span rest = line;
    if (!ml_is_command(ml_word(&rest), "USER") || ml_word(&rest).len == 0 || rest.len != 0) {
        return ML_MATCH_NO; /* IRC sends four words */
    }
    if (is_ftp_port(port)) {
        return ML_MATCH_YES;
    }
    /* POP knows USER too; where its server has spoken, it has been told by that. */
    bool is_pop = port == 110 || port == 995;
    bool has_greeting = first->flow->payload_bytes[ml_dir_other(first->dir)] != 0;
    return is_pop ? ML_MATCH_NO : has_greeting ? ML_MATCH_YES : ML_MATCH_MORE;
}

static enum ml_match probe(const struct ml_chunk *first)
{
    struct ml_span line;
    bool may_come = false;
    bool is_last = false;
    if (!ml_first_line(first->bytes, MAX_PROBED, &line, &may_come)) {
        bool is_word = line.len == 0 || ml_is_alnum(line.ptr[0]);
        return may_come && is_word ? ML_MATCH_MORE : ML_MATCH_NO;
    }
    unsigned code = ml_reply_code(line, &is_last);
    return code != 0 ? match_server(line, code, first->flow->server_port) : match_client(line, first);
}

/* --- data connections --- */

static void expect(struct ftp *ftp, const struct ml_ip *ip, uint16_t port)
{
    struct ml_proto_env *env = ftp->lines.env;
    env->expected[env->n_expected++ % ML_MAX_EXPECTED] = (struct ml_expected){.ip = *ip, .port = port};
}

/*
 * `by_client`: who announced it, and will be connected to. Behind address translation the announced address is not the
 * one that packets carry.
 */
static void take_address(struct ftp *ftp, const struct ml_line *line, const struct ml_ftp_address *address,
                         bool by_client)
{
    struct ml_fact_draft draft;
    const struct ml_flow *flow = ftp->lines.flow;
    bool is_flow_client = by_client == (ftp->roles.client == ML_UP);
    const struct ml_ip *own = is_flow_client ? &flow->client : &flow->server;
    ml_lines_begin(&ftp->lines, &draft, ML_FACT_FTP_DATA, line);
    if (address->ip.family != 0) {
        ml_fact_ip(&draft, ML_F_FTP_DATA_ADDRESS, &address->ip);
    }
    ml_fact_number(&draft, ML_F_FTP_DATA_PORT, address->port);
    (void)ml_fact_emit(ftp->lines.env->facts, &draft);
    expect(ftp, own, address->port);
    if (address->ip.family != 0 && !ml_ip_equal(&address->ip, own)) {
        expect(ftp, &address->ip, address->port);
    }
}

/* --- the client's lines --- */

static bool is_public_account(struct ml_span user)
{
    return ml_span_equal_nocase(user, ml_span_text("anonymous")) || ml_span_equal_nocase(user, ml_span_text("ftp"));
}

static void open_user(struct ftp *ftp, const struct ml_line *line)
{
    struct ml_fact_draft draft;
    ml_lines_begin(&ftp->lines, &draft, ML_FACT_FTP_LOGIN, line);
    ftp->user_at = ftp->lines.inboxes[line->dir].last;
    ftp->user_at.seq = draft.first_seq;
    ftp->user_at.time_ns = draft.time_ns;
    ftp->user_at.offset = draft.range_from;
    ftp->user_last_seq = draft.last_seq;
    ftp->user_len = draft.range_len;
    ftp->is_user_open = true;
}

/* No password will follow: the name alone went over the line. */
static void close_user(struct ftp *ftp)
{
    struct ml_fact_draft draft;
    if (!ftp->is_user_open || ftp->user[0] == '\0') {
        return;
    }
    ml_fact_begin(&draft, ML_FACT_FTP_LOGIN, &ftp->user_at);
    draft.last_seq = ftp->user_last_seq;
    draft.range_len = ftp->user_len;
    ml_fact_static(&draft, ML_F_LOGIN_METHOD, "USER");
    ml_fact_cstr(&draft, ML_F_LOGIN_USER, ftp->user);
    ml_fact_truth(&draft, ML_F_LOGIN_HAS_SECRET, false);
    (void)ml_fact_emit(ftp->lines.env->facts, &draft);
    ftp->is_user_open = false;
}

static void take_file(struct ftp *ftp, const struct ml_line *line, struct ml_span command, struct ml_span path)
{
    static const char *const commands[] = {"RETR", "STOR", "STOU", "APPE", "DELE", "RNFR", "RNTO", "CWD",  "MKD",
                                           "RMD",  "XMKD", "XRMD", "XCWD", "LIST", "NLST", "MLSD", "SIZE", "MDTM"};
    struct ml_fact_draft draft;
    for (size_t i = 0; path.len != 0 && i < sizeof commands / sizeof commands[0]; i++) {
        if (ml_is_command(command, commands[i])) {
            ml_lines_begin(&ftp->lines, &draft, ML_FACT_FTP_FILE, line);
            ml_fact_cstr(&draft, ML_F_FTP_COMMAND, commands[i]);
            ml_fact_text(&draft, ML_F_FTP_PATH, path);
            (void)ml_fact_emit(ftp->lines.env->facts, &draft);
            return;
        }
    }
}

static void take_client_line(struct ftp *ftp, const struct ml_line *line)
{
    struct ml_ftp_address address;
    struct ml_span rest = line->text;
    struct ml_span command = ml_word(&rest);
    if (ml_is_command(command, "USER")) {
        close_user(ftp);
        ml_keep_text(ftp->user, sizeof ftp->user, rest);
        open_user(ftp, line);
    } else if (ml_is_command(command, "PASS")) {
        struct ml_span user = ml_span_text(ftp->user);
        ftp->is_user_open = false;
        ml_state_login(&ftp->lines, line, ML_FACT_FTP_LOGIN, "PASS", user, rest.len != 0 && !is_public_account(user));
    } else if (ml_is_command(command, "AUTH")) {
        ftp->lines.has_asked_tls = ml_span_starts_nocase(rest, "TLS") || ml_span_starts_nocase(rest, "SSL");
    } else if ((ml_is_command(command, "PORT") && ml_ftp_six_numbers(rest, &address)) ||
               (ml_is_command(command, "EPRT") && ml_ftp_strokes(rest, &address))) {
        take_address(ftp, line, &address, true);
    } else {
        take_file(ftp, line, command, rest);
    }
}

/* --- the server's lines --- */

static void take_server_line(struct ftp *ftp, const struct ml_line *line)
{
    bool is_last = false;
    struct ml_ftp_address address;
    unsigned code = ml_reply_code(line->text, &is_last);
    struct ml_span text = ml_span_cut(line->text, 4, SIZE_MAX);
    if (ftp->lines.has_asked_tls && is_last && (code == 234 || code >= 400)) {
        ml_state_starttls(&ftp->lines, line, ML_FACT_FTP_STARTTLS, ML_F_FTP_AUTH_TLS, code == 234);
    } else if (code == 220 && !ftp->has_greeted) {
        ml_state_text(&ftp->lines, line, ML_FACT_FTP_SERVER, ML_F_FTP_GREETING, ml_span_trim(text));
    } else if ((code == 227 && ml_ftp_six_numbers(text, &address)) || (code == 229 && ml_ftp_strokes(text, &address))) {
        take_address(ftp, line, &address, false);
    }
    if (is_last && (code == 230 || code >= 400)) { /* let in without a password, or refused before it */
        close_user(ftp);
    }
    ftp->has_greeted = ftp->has_greeted || code != 0;
}

static void take(void *context, const struct ml_line *line)
{
    struct ftp *ftp = context;
    if (ml_lines_leave(&ftp->lines, line)) {
        return;
    }
    if (ml_is_client(&ftp->roles, line)) {
        take_client_line(ftp, line);
    } else {
        take_server_line(ftp, line);
    }
}

/* --- the parser --- */

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    struct ftp *ftp = ml_mem_array(1, sizeof *ftp);
    if (ftp != NULL) {
        ml_lines_init(&ftp->lines, env, flow, ML_LAYER_FTP, take, ftp);
    }
    return ftp;
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct ftp *ftp = self;
    return ml_lines_feed(&ftp->lines, chunk);
}

static void destroy(void *self)
{
    struct ftp *ftp = self;
    close_user(ftp);
    ml_lines_fini(&ftp->lines);
    ml_mem_free(ftp);
}

const struct ml_parser ml_parser_ftp = {
    .name = "ftp",
    .over = ML_OVER_TCP,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};

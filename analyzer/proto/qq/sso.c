/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/qq/sso.h"

#include "core/digest.h"
#include "core/mem.h"
#include "core/text.h"
#include "proto/inbox.h"

enum {
    LENGTH = 4,           /* bytes of a length, which counts itself */
    MAX_FRAME = 16 << 20, /* bytes */
    MAX_TOKEN = 2048,     /* bytes; session tokens have some 140 */
    MIN_DIGITS = 5,       /* of an account number */
    MAX_DIGITS = 11,
    MAX_HEAD = 4096, /* bytes held */
    MIN_SEALED = 16, /* bytes of the shortest ciphertext */
    SEALED_UNIT = 8, /* its length is a multiple of it */
    TYPE_LOGIN = 10,
    TYPE_SESSION = 11,
    TYPE_LOGIN_NT = 12,
    TYPE_SESSION_NT = 13,
    CRYPT_NONE = 0,
    CRYPT_SESSION = 1,
    CRYPT_ZEROS = 2
};

struct qq {
    struct ml_proto_env *env; /* borrowed */
    struct ml_inbox inboxes[2];
};

/* --- the head --- */

static bool is_account(struct ml_span digits)
{
    bool is_none = digits.len == 1 && digits.ptr[0] == '0';
    if (is_none) {
        return true;
    }
    for (size_t i = 0; i < digits.len; i++) {
        if (!ml_is_digit(digits.ptr[i])) {
            return false;
        }
    }
    return digits.len >= MIN_DIGITS && digits.len <= MAX_DIGITS && digits.ptr[0] != '0';
}

/* Length (which counts itself) and as many bytes; a length outside the bounds is refused before the bytes are there. */
static bool read_counted(struct ml_reader *rd, size_t min, size_t max, struct ml_span *out)
{
    uint32_t len = 0;
    if (!ml_rd_u32(rd, &len)) {
        return false;
    }
    if (len < LENGTH + min || len > LENGTH + max) {
        return ml_rd_reject(rd);
    }
    return len == LENGTH || ml_rd_span(rd, len - LENGTH, out);
}

static bool read_account(struct ml_reader *rd, struct ml_qq_sso *out)
{
    uint8_t zero = 0;
    if (!ml_rd_u8(rd, &zero)) {
        return false;
    }
    if (zero != 0) {
        return ml_rd_reject(rd);
    }
    return read_counted(rd, 1, MAX_DIGITS, &out->account) && (is_account(out->account) || ml_rd_reject(rd));
}

/* What only requests have in front of the account. */
static bool read_session(struct ml_reader *rd, struct ml_qq_sso *out)
{
    if (out->type == TYPE_SESSION || out->type == TYPE_SESSION_NT) {
        return ml_rd_skip(rd, 4);
    }
    bool has_token = out->crypt == CRYPT_SESSION;
    return read_counted(rd, has_token ? 1 : 0, has_token ? MAX_TOKEN : 0, &out->token);
}

/* The frame holds its head and a ciphertext of the right length. */
static bool fits(const struct ml_qq_sso *sso)
{
    if (sso->len < sso->head) {
        return false;
    }
    size_t rest = sso->len - sso->head;
    return sso->crypt == CRYPT_NONE || (rest >= MIN_SEALED && rest % SEALED_UNIT == 0);
}

static enum ml_match result(const struct ml_reader *rd)
{
    return rd->state == ML_RD_OK ? ML_MATCH_YES : rd->state == ML_RD_SHORT ? ML_MATCH_MORE : ML_MATCH_NO;
}

static enum ml_match read_form(struct ml_reader rd, bool is_request, struct ml_qq_sso *out)
{
    if ((!is_request || read_session(&rd, out)) && read_account(&rd, out)) {
        out->head = ml_rd_pos(&rd);
        return fits(out) ? ML_MATCH_YES : ML_MATCH_NO;
    }
    return result(&rd);
}

enum ml_match ml_qq_sso_read(struct ml_span bytes, struct ml_qq_sso *out)
{
    struct ml_reader rd = ml_rd_open(bytes);
    struct ml_qq_sso head = {0};
    uint32_t type = 0;
    *out = head;
    if (!ml_rd_u32(&rd, &head.len)) {
        return ML_MATCH_MORE;
    }
    if (head.len > MAX_FRAME || head.len < 3 * LENGTH) {
        return ML_MATCH_NO;
    }
    if (!ml_rd_u32(&rd, &type)) {
        return ML_MATCH_MORE;
    }
    if (type < TYPE_LOGIN || type > TYPE_SESSION_NT) {
        return ML_MATCH_NO;
    }
    head.type = (uint8_t)type;
    if (!ml_rd_u8(&rd, &head.crypt)) {
        return ML_MATCH_MORE;
    }
    if (head.crypt > CRYPT_ZEROS) {
        return ML_MATCH_NO;
    }
    /* No frame is both: a request's token length is never below 4, its sequence is not followed by a length. */
    struct ml_qq_sso form = head;
    enum ml_match request = read_form(rd, true, &form);
    if (request == ML_MATCH_YES) {
        *out = form;
        return request;
    }
    form = head;
    enum ml_match response = read_form(rd, false, &form);
    if (response == ML_MATCH_YES) {
        *out = form;
        return response;
    }
    return request == ML_MATCH_MORE || response == ML_MATCH_MORE ? ML_MATCH_MORE : ML_MATCH_NO;
}

/* --- the parser --- */

static enum ml_match probe(const struct ml_chunk *first)
{
    struct ml_qq_sso head;
    return ml_qq_sso_read(first->bytes, &head);
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    struct qq *qq = ml_mem_array(1, sizeof *qq);
    if (qq != NULL) {
        qq->env = env;
        ml_inbox_init(&qq->inboxes[ML_UP], MAX_HEAD);
        ml_inbox_init(&qq->inboxes[ML_DOWN], MAX_HEAD);
    }
    return qq;
}

static void state(struct qq *qq, const struct ml_inbox *inbox, const struct ml_qq_sso *head)
{
    static const char *const crypts[] = {[CRYPT_NONE] = "none", [CRYPT_SESSION] = "session", [CRYPT_ZEROS] = "zeros"};
    struct ml_fact_draft draft;
    char digest[ML_SHA256_HEX];
    ml_inbox_begin(inbox, &draft, ML_FACT_QQ_SSO, 0, head->head);
    if (head->account.len > 1) {
        ml_fact_text(&draft, ML_F_QQ_ACCOUNT, head->account);
    }
    ml_fact_number(&draft, ML_F_QQ_FRAME_TYPE, head->type);
    ml_fact_cstr(&draft, ML_F_QQ_CRYPT, crypts[head->crypt]);
    if (head->token.len != 0 && ml_sha256_hex(head->token, digest)) {
        ml_fact_cstr(&draft, ML_F_QQ_TOKEN_SHA256, digest);
    }
    (void)ml_fact_emit(qq->env->facts, &draft);
}

static bool step(void *context, struct ml_inbox *inbox)
{
    struct qq *qq = context;
    struct ml_qq_sso head;
    switch (ml_qq_sso_read(ml_inbox_span(inbox), &head)) {
    case ML_MATCH_MORE:
        return false;
    case ML_MATCH_NO:
        ml_count(qq->env->counters, ML_COUNT_BAD_OTHER);
        inbox->is_lost = true;
        return false;
    case ML_MATCH_YES:
        break;
    }
    state(qq, inbox, &head);
    ml_inbox_drop(inbox, head.len);
    return true;
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct qq *qq = self;
    ml_inbox_feed(&qq->inboxes[chunk->dir], chunk, qq->env->counters, step, qq);
    return ml_inbox_is_open(&qq->inboxes[ML_UP]) || ml_inbox_is_open(&qq->inboxes[ML_DOWN]);
}

static void destroy(void *self)
{
    struct qq *qq = self;
    ml_inbox_fini(&qq->inboxes[ML_UP]);
    ml_inbox_fini(&qq->inboxes[ML_DOWN]);
    ml_mem_free(qq);
}

const struct ml_parser ml_parser_qq_sso = {
    .name = "qq.sso",
    .over = ML_OVER_TCP,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/mail/sasl.h"

#include "core/mem.h"
#include "core/reader.h"
#include "core/text.h"
#include "proto/lines.h"

enum { MAX_ANSWER = 4096 /* bytes; tokens of OAuth have up to 2,048 */ };

void ml_sasl_begin(struct ml_sasl *sasl, struct ml_span mechanism)
{
    *sasl = (struct ml_sasl){.n_answers = 0};
    size_t n = 0;
    for (; n < mechanism.len && n < sizeof sasl->mechanism - 1; n++) {
        uint8_t byte = mechanism.ptr[n];
        sasl->mechanism[n] = (char)(byte >= 'a' && byte <= 'z' ? byte - 'a' + 'A' : byte);
    }
}

void ml_sasl_end(struct ml_sasl *sasl)
{
    *sasl = (struct ml_sasl){.n_answers = 0};
}

static bool is(const struct ml_sasl *sasl, const char *mechanism)
{
    return strcmp(sasl->mechanism, mechanism) == 0;
}

static void keep_user(struct ml_sasl *sasl, struct ml_span user)
{
    ml_keep_text(sasl->user, sizeof sasl->user, user);
}

/* What stands between `start` and `stop`; empty when `start` is not there. */
static struct ml_span between(struct ml_span text, const char *start, uint8_t stop)
{
    size_t at = ml_span_find(text, ml_span_text(start));
    if (at == text.len) {
        return ml_span_of(NULL, 0);
    }
    struct ml_span rest = ml_span_cut(text, at + strlen(start), SIZE_MAX);
    const uint8_t *end = rest.len != 0 ? memchr(rest.ptr, stop, rest.len) : NULL;
    return end != NULL ? ml_span_cut(rest, 0, (size_t)(end - rest.ptr)) : rest;
}

/* authzid NUL authcid NUL password (RFC 4616, section 2). */
static void take_plain(struct ml_sasl *sasl, struct ml_span answer)
{
    struct ml_reader rd = ml_rd_open(answer);
    struct ml_span first;
    struct ml_span user;
    if (ml_rd_until(&rd, 0, &first) && ml_rd_until(&rd, 0, &user)) {
        keep_user(sasl, user);
        sasl->has_secret = ml_rd_left(&rd) != 0;
    }
}

/* The name first, then the password. */
static bool take_login(struct ml_sasl *sasl, struct ml_span answer)
{
    if (sasl->n_answers == 1) {
        keep_user(sasl, answer);
        return false;
    }
    sasl->has_secret = answer.len != 0;
    return true;
}

static bool take(struct ml_sasl *sasl, struct ml_span answer)
{
    if (is(sasl, "PLAIN")) {
        take_plain(sasl, answer);
    } else if (is(sasl, "LOGIN")) {
        return take_login(sasl, answer);
    } else if (is(sasl, "XOAUTH2")) {
        keep_user(sasl, between(answer, "user=", 1));
        sasl->has_secret = between(answer, "auth=Bearer ", 1).len != 0;
    } else if (is(sasl, "OAUTHBEARER")) {
        keep_user(sasl, between(answer, ",a=", ','));
        sasl->has_secret = between(answer, "auth=Bearer ", 1).len != 0;
    } else if (ml_span_starts(ml_span_text(sasl->mechanism), "SCRAM-")) {
        keep_user(sasl, between(answer, ",n=", ','));
    } else if (is(sasl, "DIGEST-MD5")) {
        keep_user(sasl, between(answer, "username=\"", '"'));
    } else if (is(sasl, "CRAM-MD5") && answer.len != 0) {
        size_t n = answer.len; /* the name, a blank, a digest without one (RFC 2195, section 2) */
        while (n != 0 && answer.ptr[n - 1] != ' ') {
            n--;
        }
        keep_user(sasl, ml_span_cut(answer, 0, n != 0 ? n - 1 : 0));
    }
    return true;
}

bool ml_sasl_answer(struct ml_sasl *sasl, struct ml_span base64)
{
    uint8_t bytes[MAX_ANSWER];
    struct ml_span answer = ml_span_of(bytes, ml_base64_read(ml_span_trim(base64), bytes, sizeof bytes));
    sasl->n_answers++;
    bool is_known = take(sasl, answer);
    ml_mem_wipe(bytes, sizeof bytes);
    return is_known;
}

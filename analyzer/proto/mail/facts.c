/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/mail/facts.h"

void ml_words_add(struct ml_words *words, struct ml_span word)
{
    if (word.len == 0 || memchr(word.ptr, 0, word.len) != NULL) {
        return;
    }
    if (word.len >= sizeof words->text - words->len) {
        words->is_cut = true;
        return;
    }
    memcpy(words->text + words->len, word.ptr, word.len);
    words->len += word.len;
    words->text[words->len++] = '\0';
}

void ml_words_clear(struct ml_words *words)
{
    words->len = 0;
    words->is_cut = false;
}

void ml_state_text(struct ml_lines *lines, const struct ml_line *line, enum ml_fact_kind kind, enum ml_field field,
                   struct ml_span text)
{
    struct ml_fact_draft draft;
    if (text.len != 0) {
        ml_lines_begin(lines, &draft, kind, line);
        ml_fact_text(&draft, field, text);
        (void)ml_fact_emit(lines->env->facts, &draft);
    }
}

void ml_state_words(struct ml_lines *lines, const struct ml_line *line, enum ml_fact_kind kind, enum ml_field field,
                    struct ml_words *words)
{
    struct ml_fact_draft draft;
    if (words->len == 0) {
        ml_words_clear(words);
        return;
    }
    ml_lines_begin(lines, &draft, kind, line);
    for (size_t at = 0; at < words->len; at += strlen(words->text + at) + 1) {
        ml_fact_cstr(&draft, field, words->text + at);
    }
    draft.is_cut = draft.is_cut || words->is_cut;
    (void)ml_fact_emit(lines->env->facts, &draft);
    ml_words_clear(words);
}

void ml_state_login(struct ml_lines *lines, const struct ml_line *line, enum ml_fact_kind kind, const char *method,
                    struct ml_span user, bool has_secret)
{
    struct ml_fact_draft draft;
    ml_lines_begin(lines, &draft, kind, line);
    ml_fact_cstr(&draft, ML_F_LOGIN_METHOD, method);
    ml_fact_text(&draft, ML_F_LOGIN_USER, user);
    ml_fact_truth(&draft, ML_F_LOGIN_HAS_SECRET, has_secret);
    (void)ml_fact_emit(lines->env->facts, &draft);
}

void ml_state_sasl(struct ml_lines *lines, const struct ml_line *line, enum ml_fact_kind kind, struct ml_sasl *sasl)
{
    ml_state_login(lines, line, kind, sasl->mechanism, ml_span_text(sasl->user), sasl->has_secret);
    ml_sasl_end(sasl);
}

void ml_take_mail_line(const struct ml_lines *lines, struct ml_mail *mail, const struct ml_line *line)
{
    if (mail->is_in_head) {
        (void)ml_lines_leave(lines, line);
    }
    ml_mail_line(mail, line->text, line->len, line->is_part);
}

void ml_state_starttls(struct ml_lines *lines, const struct ml_line *line, enum ml_fact_kind kind, enum ml_field field,
                       bool is_accepted)
{
    ml_state_text(lines, line, kind, field, ml_span_text(is_accepted ? "accepted" : "refused"));
    lines->has_asked_tls = false;
    if (is_accepted) {
        ml_lines_start_tls(lines);
    }
}

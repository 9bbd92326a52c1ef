/* SPDX-License-Identifier: Apache-2.0 */
/* facts - what the protocols of mail and file transfer state alike. All are facts of the line at hand. */
#ifndef MITLESER_PROTO_MAIL_FACTS_H
#define MITLESER_PROTO_MAIL_FACTS_H

#include "proto/lines.h"
#include "proto/mail/message.h"
#include "proto/mail/sasl.h"

/* Words that come over several lines; those beyond the room are left out. */
struct ml_words {
    size_t len; /* of text: each word ends with zero */
    char text[1024];
    bool is_cut; /* some were left out for want of room */
};

void ml_words_add(struct ml_words *words, struct ml_span word);
void ml_words_clear(struct ml_words *words);

/* One value: nothing when it is empty. */
void ml_state_text(struct ml_lines *lines, const struct ml_line *line, enum ml_fact_kind kind, enum ml_field field,
                   struct ml_span text);

/* One list: nothing when it is empty. It is empty after. */
void ml_state_words(struct ml_lines *lines, const struct ml_line *line, enum ml_fact_kind kind, enum ml_field field,
                    struct ml_words *words);

void ml_state_login(struct ml_lines *lines, const struct ml_line *line, enum ml_fact_kind kind, const char *method,
                    struct ml_span user, bool has_secret);

/* The login is over then. */
void ml_state_sasl(struct ml_lines *lines, const struct ml_line *line, enum ml_fact_kind kind, struct ml_sasl *sasl);

/* The server's answer to STARTTLS: TLS follows, or lines as before. */
void ml_state_starttls(struct ml_lines *lines, const struct ml_line *line, enum ml_fact_kind kind, enum ml_field field,
                       bool is_accepted);

/* A line of a message; one of its head that is too long is left alone, and counted. */
void ml_take_mail_line(const struct ml_lines *lines, struct ml_mail *mail, const struct ml_line *line);

#endif

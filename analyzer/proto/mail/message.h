/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message - a mail message, line by line: who to whom, about what, how much. Its text is only counted.
 *
 * In:        lines as they come, without and with their ends.
 * Out:       attributes of a fact.
 * See:       RFC 5322; RFC 8551 (S/MIME), RFC 3156 and RFC 9580 (OpenPGP).
 */
#ifndef MITLESER_PROTO_MAIL_MESSAGE_H
#define MITLESER_PROTO_MAIL_MESSAGE_H

#include "proto/fact.h"

enum { ML_MAIL_ADDRESS = 256, ML_MAIL_TEXT = 512 };

struct ml_mail {
    bool is_open;
    bool is_in_head;
    bool has_body;  /* text came that is not blank */
    bool is_sealed; /* encrypted between the people */
    uint64_t bytes; /* of the body, with the ends of its lines */
    unsigned field; /* whose value is being gathered */
    size_t value_len;
    uint8_t value[ML_MAIL_TEXT];
    char from[ML_MAIL_ADDRESS];
    char to[ML_MAIL_ADDRESS];
    char subject[ML_MAIL_TEXT];
    char agent[ML_MAIL_ADDRESS];
    struct ml_ip origin; /* of the device, where a server wrote it down */
};

/* `has_head`: header fields come first. */
void ml_mail_begin(struct ml_mail *mail, bool has_head);

/* A line of `len` bytes with its end; `text` is without. Parts of a long line are `is_part`. */
void ml_mail_line(struct ml_mail *mail, struct ml_span text, size_t len, bool is_part);

/*
 * No more lines; adds what is known. message.bytes only where text came that can be read; `from` and `to` of the
 * envelope only where the head names nobody. Borrows them and the mail until the draft is emitted.
 */
void ml_mail_end(struct ml_mail *mail, struct ml_fact_draft *draft, const char *from, const char *to);

/* The address within "Name <address> (comment)" or as it stands; empty when there is none. Borrowed from `text`. */
struct ml_span ml_mail_address(struct ml_span text);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lines - a conversation in lines of text that may turn into TLS: mail, file transfer.
 *
 * In:        chunks of both directions of a stream.
 * Out:       lines one by one to `take`; behind STARTTLS the bytes go to parsers of their own.
 * Invariant: what `take` sees does not depend on how the bytes were cut. A line that is too long comes in parts; the
 *            bytes of a block whose length was announced (`n_raw`) come as lines too, and end with the block.
 * See:       RFC 3207, section 4; RFC 2595; RFC 4217.
 */
#ifndef MITLESER_PROTO_LINES_H
#define MITLESER_PROTO_LINES_H

#include "proto/inbox.h"
#include "proto/inner.h"

enum { ML_MAX_LINE = 8192 }; /* bytes; RFC 5321 asks for 1,000, RFC 7162 (IMAP) for 8,192 */

struct ml_line {
    enum ml_dir dir;
    struct ml_span text; /* without its end; borrowed during the call */
    size_t len;          /* with it, at the front of the inbox */
    bool is_raw;         /* of a block */
    bool is_part;        /* of a line too long to be held, or the end of one */
    bool is_rest;        /* a part that is not the first */
};

typedef void (*ml_line_fn)(void *context, const struct ml_line *line);

struct ml_lines {
    struct ml_proto_env *env; /* borrowed */
    struct ml_flow *flow;     /* borrowed */
    ml_line_fn take;
    void *context;
    enum ml_layer layer; /* what is below the TLS of STARTTLS */
    struct ml_inbox inboxes[2];
    uint64_t n_raw[2];     /* set by `take`: bytes of a block that follow the line */
    bool is_in_part[2];    /* the line too long goes on */
    bool has_asked_tls;    /* set by `take`: a line may now turn out to be TLS */
    bool is_over[2];       /* no lines come any more */
    struct ml_inner *tail; /* owned; what follows STARTTLS */
};

/* `take` is called with `context`. */
void ml_lines_init(struct ml_lines *lines, struct ml_proto_env *env, struct ml_flow *flow, enum ml_layer layer,
                   ml_line_fn take, void *context);
void ml_lines_fini(struct ml_lines *lines);

/* Within `take`: behind the line at hand TLS begins, in both directions. */
void ml_lines_start_tls(struct ml_lines *lines);

/* Within `take`: what follows cannot be read (compression). */
void ml_lines_end(struct ml_lines *lines);

/* As feed of a parser. */
bool ml_lines_feed(struct ml_lines *lines, const struct ml_chunk *chunk);

/* Within `take`: the line is left alone where it is one in parts, and that is counted. False: it is whole. */
bool ml_lines_leave(const struct ml_lines *lines, const struct ml_line *line);

/* A fact of the line at hand. */
void ml_lines_begin(const struct ml_lines *lines, struct ml_fact_draft *draft, enum ml_fact_kind kind,
                    const struct ml_line *line);

/* A fact from `start` to the line at hand, where both are of one direction. */
void ml_lines_begin_at(const struct ml_lines *lines, struct ml_fact_draft *draft, enum ml_fact_kind kind,
                       const struct ml_place *start, const struct ml_line *line);

/* Where the line at hand begins. */
struct ml_place ml_lines_place(const struct ml_lines *lines, const struct ml_line *line);

/* --- words of a line --- */

/* The text up to the next blank; `rest` is what follows the blanks behind it. */
struct ml_span ml_word(struct ml_span *rest);

/* The text up to the end of the line, which is dropped. False when there is none; then all of `rest` is the line. */
bool ml_take_line(struct ml_span *rest, struct ml_span *line);

/* A reply of SMTP or FTP: three digits, then a blank (the last line), '-' (more follow) or nothing. 0: none. */
unsigned ml_reply_code(struct ml_span text, bool *is_last);

/* Who the client is, by the lines of a protocol whose answers have such a code. */
struct ml_roles {
    bool is_known;
    enum ml_dir client;
};

/* Is the line the client's? Where roles were guessed wrong, the first line that holds something tells. */
bool ml_is_client(struct ml_roles *roles, const struct ml_line *line);

/* Is `text` the command, alone or followed by a blank? Case does not matter. */
bool ml_is_command(struct ml_span text, const char *command);

/* Copies at most `size` - 1 bytes and ends them with zero. */
void ml_keep_text(char *out, size_t size, struct ml_span text);

/*
 * The first line of a direction, without its end; false while it has not come. Then *may_come tells whether it still
 * can: no more than `max` bytes, all of them printable.
 */
bool ml_first_line(struct ml_span bytes, size_t max, struct ml_span *line, bool *may_come);

#endif

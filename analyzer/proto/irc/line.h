/* SPDX-License-Identifier: Apache-2.0 */
/*
 * line - one message of IRC.
 *
 * In:        a line without its end.
 * Out:       who it is from, command, parameters; all borrowed from the line.
 * See:       RFC 2812, section 2.3.1; IRCv3 message tags.
 */
#ifndef MITLESER_PROTO_IRC_LINE_H
#define MITLESER_PROTO_IRC_LINE_H

#include "core/span.h"
#include "core/status.h"

enum { ML_IRC_MAX_PARAMS = 15 };

struct ml_irc_line {
    struct ml_span nick; /* of the sender, or a server's name; empty: none is told */
    bool is_user;        /* the sender is nick!user@host */
    struct ml_span command;
    size_t n_params;
    struct ml_span params[ML_IRC_MAX_PARAMS];
};

/* False for a line that is no message of IRC: no command of letters or three digits. */
bool ml_irc_line_read(struct ml_span line, struct ml_irc_line *out) ML_MUST_USE;

/* Case does not matter. */
bool ml_irc_is(const struct ml_irc_line *line, const char *command);

/* The n-th parameter from 0, empty when there is none. */
struct ml_span ml_irc_param(const struct ml_irc_line *line, size_t n);

#endif

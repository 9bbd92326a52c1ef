/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain - how a connection of Telegram begins that has no cover, and a body of one over HTTP.
 *
 * In:        first bytes of the client.
 * Out:       the transport.
 * Form:      0xef, or 0xee or 0xdd four times; then messages (frames.h). The first of a new key is not encrypted: key
 *            id 0 (8), message id (8), length (4), number of a function (4): a request for two primes.
 * Certainty: intermediate and padded begin with four fixed bytes and a length that fits; abridged is believed only
 *            when that first message follows. One that goes on with a known key has no mark.
 * See:       core.telegram.org/mtproto/mtproto-transports; core.telegram.org/mtproto/auth_key.
 */
#ifndef MITLESER_PROTO_TELEGRAM_PLAIN_H
#define MITLESER_PROTO_TELEGRAM_PLAIN_H

#include "proto/http/body.h"
#include "proto/telegram/frames.h"

enum ml_match ml_mtproto_plain_match(struct ml_span start, enum ml_mtproto_transport *out);

/* Messages as bodies of POST /api. States mtproto.plain with mtproto.transport=http. */
extern const struct ml_http_subscriber ml_http_mtproto;

#endif

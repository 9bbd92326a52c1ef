/* SPDX-License-Identifier: Apache-2.0 */
/*
 * funxmpp - the tokenised XMPP that WhatsApp spoke until about 2016, before its own encryption begins.
 *
 * In:        bodies of frames that are not encrypted.
 * Out:       the client's own description and the phone number, where they stand.
 * Form:      a body is a list of tokens: 0xf8 count, 0xf9 count (2), 0xfa a pair, 0xfc length and text, 0xfd length
 *            (3) and text, all other bytes words of a dictionary.
 * See:       docs/protocols/whatsapp.md.
 */
#ifndef MITLESER_PROTO_WHATSAPP_FUNXMPP_H
#define MITLESER_PROTO_WHATSAPP_FUNXMPP_H

#include "core/span.h"
#include "core/status.h"

/* The next text of a body from *at; false at its end or where it is broken. Borrowed from the body. */
bool ml_funxmpp_text(struct ml_span body, size_t *at, struct ml_span *out) ML_MUST_USE;

/* "platform-version-port". */
bool ml_funxmpp_is_client(struct ml_span text);

/* 7 to 15 digits (E.164). */
bool ml_funxmpp_is_phone(struct ml_span text);

#endif

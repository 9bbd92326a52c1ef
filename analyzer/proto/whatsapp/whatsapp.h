/* SPDX-License-Identifier: Apache-2.0 */
/*
 * whatsapp - the long connection of WhatsApp, up to where its encryption begins.
 *
 * In:        chunks of a stream; only the client's direction tells anything.
 * Out:       whatsapp.noise from the prologue and the first handshake message; whatsapp.funxmpp of clients before
 *            about 2016, with the phone number they sent in clear.
 */
#ifndef MITLESER_PROTO_WHATSAPP_WHATSAPP_H
#define MITLESER_PROTO_WHATSAPP_WHATSAPP_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_whatsapp;

#endif

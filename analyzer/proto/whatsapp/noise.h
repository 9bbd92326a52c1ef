/* SPDX-License-Identifier: Apache-2.0 */
/*
 * noise - how a connection of WhatsApp begins: an optional routing hint, the prologue, the first handshake message.
 *
 * In:        the first bytes of the client's direction.
 * Out:       what they say, or that more are needed.
 * Form:      [ 'E' 'D' 0 1, length (3), routing ] 'W' 'A' version (2), then frames: length (3), body. The first body
 *            is a Protobuf message: field 2 { 1: ephemeral key (32), 2: static key, 3: payload }.
 * See:       docs/protocols/whatsapp.md; Noise Protocol Framework, revision 34, section 7.5 (patterns XX and IK).
 */
#ifndef MITLESER_PROTO_WHATSAPP_NOISE_H
#define MITLESER_PROTO_WHATSAPP_NOISE_H

#include "proto/parser.h"

enum { ML_WHATSAPP_MAX_ROUTING = 256 /* bytes; four are common */ };

struct ml_whatsapp_prologue {
    struct ml_span routing; /* empty: none */
    uint8_t version[2];     /* protocol and dictionary */
    bool is_legacy;         /* FunXMPP follows, not Noise */
    size_t len;             /* bytes up to the first frame */
};

enum ml_match ml_whatsapp_prologue_read(struct ml_span bytes, struct ml_whatsapp_prologue *out);

enum ml_whatsapp_pattern {
    ML_WHATSAPP_UNKNOWN,
    ML_WHATSAPP_XX, /* first meeting: the client sends an ephemeral key alone */
    ML_WHATSAPP_IK  /* it knows the server: its own static key and data come along */
};

/* The body of the first frame. False when it is no handshake message. */
bool ml_whatsapp_hello_read(struct ml_span body, enum ml_whatsapp_pattern *out) ML_MUST_USE;

#endif

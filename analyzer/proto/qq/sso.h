/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sso - the frames of QQ and TIM over TCP: the account number stands in front of the ciphertext.
 *
 * In:        chunks of both directions of a stream.
 * Out:       qq.sso for every distinct frame head: account, type, how the rest is encrypted, hash of the session token.
 * Form:      length (4, all of the frame), type (4: 10 and 12 login, 11 and 13 session), crypt (1: 0 none, 1 session
 *            key, 2 a key of zeros); a request then has a token with its length (login) or a sequence number
 *            (session); 0; length and digits of the account; the rest. Lengths count themselves.
 * See:       docs/protocols/qq.md.
 */
#ifndef MITLESER_PROTO_QQ_SSO_H
#define MITLESER_PROTO_QQ_SSO_H

#include "proto/parser.h"

extern const struct ml_parser ml_parser_qq_sso;

struct ml_qq_sso {
    uint32_t len;           /* of the whole frame */
    uint8_t type;           /* 10 to 13 */
    uint8_t crypt;          /* 0 to 2 */
    struct ml_span token;   /* empty: none */
    struct ml_span account; /* digits; "0" before login */
    size_t head;            /* bytes up to the end of the account */
};

/* Reads the head of a frame, a request's or a response's. MORE: what is there fits, more is needed. */
enum ml_match ml_qq_sso_read(struct ml_span bytes, struct ml_qq_sso *out);

#endif

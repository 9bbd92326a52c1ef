/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sasl - what a login by SASL shows: who, and whether a secret went with it that lets in.
 *
 * In:        the mechanism, then what the client answers, in base64.
 * Out:       the name, and whether the secret itself could be read. The secret is not kept.
 * See:       RFC 4422; RFC 4616 (PLAIN); RFC 5802 (SCRAM); RFC 7628 (OAUTHBEARER); RFC 2195 (CRAM-MD5);
 *            draft-murchison-sasl-login (LOGIN); Google's XOAUTH2.
 */
#ifndef MITLESER_PROTO_MAIL_SASL_H
#define MITLESER_PROTO_MAIL_SASL_H

#include "core/span.h"

enum { ML_SASL_NAME = 256, ML_SASL_MECHANISM = 32 };

struct ml_sasl {
    char mechanism[ML_SASL_MECHANISM]; /* upper case; "" while no login goes on */
    char user[ML_SASL_NAME];
    bool has_secret;
    unsigned n_answers;
};

/* A login begins. */
void ml_sasl_begin(struct ml_sasl *sasl, struct ml_span mechanism);

/* An answer of the client. True when all is known that can be: the login may be stated. */
bool ml_sasl_answer(struct ml_sasl *sasl, struct ml_span base64);

/* The login is over, or given up. */
void ml_sasl_end(struct ml_sasl *sasl);

static inline bool ml_sasl_goes_on(const struct ml_sasl *sasl)
{
    return sasl->mechanism[0] != '\0';
}

#endif

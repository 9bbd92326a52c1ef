/* SPDX-License-Identifier: Apache-2.0 */
/*
 * known - what certificates say that were read before: servers are met again and again, and reading a certificate costs
 * more than all else in a handshake.
 *
 * In:        a certificate with its SHA-256.
 * Out:       what ml_tls_certificate_parse says of it.
 * Invariant: the answer depends on the certificate alone, never on what was read before.
 * Lifetime:  an answer is borrowed until the next question.
 */
#ifndef MITLESER_PROTO_TLS_KNOWN_H
#define MITLESER_PROTO_TLS_KNOWN_H

#include "core/digest.h"
#include "proto/parser.h"
#include "proto/tls/certificate.h"

/*
 * What the certificate says; *is_good: it is one. Remembers it in the shard, or uses `spare`, which the caller ends
 * with ml_tls_certificate_fini in any case.
 */
const struct ml_tls_certificate *ml_tls_known(struct ml_proto_env *env, struct ml_span der, const uint8_t sha256[32],
                                              struct ml_tls_certificate *spare, bool *is_good);

#endif

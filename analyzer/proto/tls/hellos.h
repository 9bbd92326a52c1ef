/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hellos - fingerprints of the hellos of clients, remembered: a program sends the same lists to every server.
 *
 * In:        a hello.
 * Out:       what ml_tls_ja3 and ml_tls_ja4 say of it.
 * Invariant: the answer depends on the hello alone, never on what was seen before: a place is found by a hash, but its
 *            answer holds only where all that goes into the fingerprints is equal byte by byte.
 */
#ifndef MITLESER_PROTO_TLS_HELLOS_H
#define MITLESER_PROTO_TLS_HELLOS_H

#include "proto/parser.h"
#include "proto/tls/fingerprint.h"

/* "" where there is none. */
struct ml_tls_prints {
    char ja3[ML_MD5_HEX];
    char ja4[ML_TLS_JA4_TEXT];
};

/* `transport` as for ml_tls_ja4. */
void ml_tls_prints_of(struct ml_proto_env *env, const struct ml_tls_client_hello *hello, char transport,
                      struct ml_tls_prints *out);

#endif

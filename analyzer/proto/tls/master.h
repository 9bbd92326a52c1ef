/* SPDX-License-Identifier: Apache-2.0 */
/*
 * master - the master secret of a connection up to TLS 1.2, from whichever line of a key log has it.
 *
 * In:        the session, and the keys of the run: a master secret by client random or session id, or a premaster
 *            secret by client random or by its encrypted form.
 * Out:       48 bytes; wipe them after use.
 * See:       RFC 5246, section 8.1; RFC 7627, section 4 (extended master secret).
 */
#ifndef MITLESER_PROTO_TLS_MASTER_H
#define MITLESER_PROTO_TLS_MASTER_H

#include "proto/secrets/secrets.h"
#include "proto/tls/session.h"

struct ml_tls_master {
    uint8_t bytes[ML_SECRET_MASTER_BYTES];
    enum ml_secret_label label; /* whose secret it is, or is made of */
    uint8_t id[ML_SECRET_RANDOM];
};

/* The version of TLS whose keys and records a session has; for DTLS the one it follows (RFC 6347, section 4.1.2.1). */
uint16_t ml_tls_keys_version(const struct ml_tls_session *session);

/* Does the key log know anything of this session, of any version? */
bool ml_tls_session_is_known(const struct ml_secrets *secrets, const struct ml_tls_session *session);

/* Needs both hellos. False when no line gives it. */
bool ml_tls_master_find(const struct ml_secrets *secrets, const struct ml_tls_session *session,
                        struct ml_tls_master *out) ML_MUST_USE;

/* It opened something. */
void ml_tls_master_use(const struct ml_secrets *secrets, const struct ml_tls_master *master);

#endif

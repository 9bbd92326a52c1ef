/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/master.h"

#include "core/mem.h"
#include "proto/tls/decrypt_keys.h"
#include "proto/tls/names.h"

/* Where a master secret may come from, best first: what needs no reckoning, what is named by both sides' choice. */
static const enum ml_secret_label labels[] = {ML_SECRET_MASTER, ML_SECRET_SESSION_MASTER, ML_SECRET_PREMASTER,
                                              ML_SECRET_RSA_PREMASTER};

enum { N_LABELS = sizeof labels / sizeof labels[0] };

uint16_t ml_tls_keys_version(const struct ml_tls_session *session)
{
    switch (session->version) {
    case ML_DTLS_1_0:
    case ML_DTLS_1_0_OPENSSL:
        return ML_TLS_1_1;
    case ML_DTLS_1_2:
        return ML_TLS_1_2;
    default:
        return session->version;
    }
}

/* What names the session under a label; NULL when it has no such name. */
static const uint8_t *id_of(const struct ml_tls_session *session, enum ml_secret_label label)
{
    switch (label) {
    case ML_SECRET_SESSION_MASTER:
        return session->has_id ? session->id : NULL;
    case ML_SECRET_RSA_PREMASTER:
        return session->has_premaster_id ? session->premaster_id : NULL;
    default:
        return session->has_client_hello ? session->client_random : NULL;
    }
}

static struct ml_span find(const struct ml_secrets *secrets, const struct ml_tls_session *session,
                           enum ml_secret_label label)
{
    const uint8_t *id = id_of(session, label);
    return id != NULL ? ml_secrets_find(secrets, label, id) : ml_span_of(NULL, 0);
}

bool ml_tls_session_is_known(const struct ml_secrets *secrets, const struct ml_tls_session *session)
{
    if (session->has_client_hello && ml_secrets_knows(secrets, session->client_random)) {
        return true;
    }
    return find(secrets, session, ML_SECRET_SESSION_MASTER).len != 0 ||
           find(secrets, session, ML_SECRET_RSA_PREMASTER).len != 0;
}

/* A premaster secret is of use only with the digest of the handshake where both sides agreed on that. */
static bool make(const struct ml_tls_session *session, struct ml_span premaster, uint8_t out[ML_SECRET_MASTER_BYTES])
{
    uint16_t version = ml_tls_keys_version(session);
    struct ml_tls_suite suite;
    if (!ml_tls_suite_of(session->suite, &suite)) {
        return false;
    }
    if (session->has_extended_master_secret) {
        struct ml_span hash = ml_span_of(session->hash, session->hash_len);
        return hash.len != 0 && ml_tls_extended_master(&suite, version, premaster, hash, out);
    }
    const struct ml_tls_masters masters = {
        .master = premaster, .client_random = session->client_random, .server_random = session->server_random};
    return ml_tls_master_of_premaster(&suite, version, &masters, out);
}

bool ml_tls_master_find(const struct ml_secrets *secrets, const struct ml_tls_session *session,
                        struct ml_tls_master *out)
{
    for (size_t i = 0; i < N_LABELS; i++) {
        struct ml_span secret = find(secrets, session, labels[i]);
        bool is_master = labels[i] == ML_SECRET_MASTER || labels[i] == ML_SECRET_SESSION_MASTER;
        if (secret.len == 0) {
            continue;
        }
        if (is_master) {
            memcpy(out->bytes, secret.ptr, sizeof out->bytes);
        } else if (!make(session, secret, out->bytes)) {
            continue;
        }
        out->label = labels[i];
        memcpy(out->id, id_of(session, labels[i]), sizeof out->id);
        return true;
    }
    memset(out, 0, sizeof *out);
    return false;
}

void ml_tls_master_use(const struct ml_secrets *secrets, const struct ml_tls_master *master)
{
    ml_secrets_use(secrets, master->label, master->id);
}

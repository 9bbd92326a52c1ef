/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secrets - the keys an auditor holds, by what names the connection they belong to.
 *
 * In:        NSS key log text, as SSLKEYLOGFILE and the decryption secrets blocks of pcapng hold it, and the lines that
 *            are made of what `openssl s_client` prints of a session; hostile text.
 * Out:       the secret of a label and an id, and how many secrets of each source were of use.
 * Invariant: of two different secrets for the same label and id the first stays. Texts are added only while nobody
 *            looks anything up; marks of use may be set by all threads at any time.
 * Lifetime:  secrets live until ml_secrets_free, which wipes them.
 * See:       draft-ietf-tls-keylogfile; the NSS key log format.
 */
#ifndef MITLESER_PROTO_SECRETS_SECRETS_H
#define MITLESER_PROTO_SECRETS_SECRETS_H

#include "core/span.h"
#include "core/status.h"

/* What each label names is an id of ML_SECRET_RANDOM bytes: the client random unless said otherwise. */
enum ml_secret_label {
    ML_SECRET_MASTER,           /* CLIENT_RANDOM: the master secret up to TLS 1.2 */
    ML_SECRET_CLIENT_EARLY,     /* CLIENT_EARLY_TRAFFIC_SECRET */
    ML_SECRET_CLIENT_HANDSHAKE, /* CLIENT_HANDSHAKE_TRAFFIC_SECRET */
    ML_SECRET_SERVER_HANDSHAKE, /* SERVER_HANDSHAKE_TRAFFIC_SECRET */
    ML_SECRET_CLIENT_TRAFFIC,   /* CLIENT_TRAFFIC_SECRET_0 */
    ML_SECRET_SERVER_TRAFFIC,   /* SERVER_TRAFFIC_SECRET_0 */
    ML_SECRET_SESSION_MASTER,   /* RSA Session-ID: the master secret; id: the session id and zeros */
    ML_SECRET_PREMASTER,        /* PMS_CLIENT_RANDOM: what the master secret is made of */
    ML_SECRET_RSA_PREMASTER,    /* RSA: the same; id: the first 8 bytes as they were sent encrypted, and zeros */
    ML_N_SECRET_LABELS
};

enum {
    ML_SECRET_RANDOM = 32,
    ML_SECRET_MASTER_BYTES = 48,
    ML_SECRET_MAX_BYTES = 64,       /* of a traffic secret */
    ML_SECRET_MAX_PREMASTER = 1024, /* of a DHE key exchange with 8,192 bits */
    ML_SECRET_RSA_ID = 8
};

struct ml_secrets;

/* Gives an empty set, NULL when memory runs out. */
struct ml_secrets *ml_secrets_new(void) ML_MUST_USE;
void ml_secrets_free(struct ml_secrets *secrets);

/* Where texts come from: a key log file or a capture. */
struct ml_secrets_count {
    uint64_t secrets; /* of the labels above, each label and id once */
    uint64_t used;    /* those that opened something */
    uint64_t ignored; /* lines of labels that are of no use here */
    uint64_t refused; /* lines that are none of a key log, or contradict one before */
};

/* A new source; its number goes into *source. ML_NO_MEMORY. */
enum ml_status ml_secrets_source(struct ml_secrets *secrets, uint32_t *source) ML_MUST_USE;
struct ml_secrets_count ml_secrets_count(const struct ml_secrets *secrets, uint32_t source);

/*
 * Takes over what the lines of `text` say. The text must hold whole lines; its last one may lack the line end.
 * ML_NO_MEMORY; ML_LIMIT: ML_MAX_SECRETS connections, what came before is kept.
 */
enum ml_status ml_secrets_add(struct ml_secrets *secrets, uint32_t source, struct ml_span text) ML_MUST_USE;

/* In the calls below `id` has ML_SECRET_RANDOM bytes, and `secrets` may be NULL. */

/* Is anything known under this id? */
bool ml_secrets_knows(const struct ml_secrets *secrets, const uint8_t *id);

/* Is there any secret of this label? */
bool ml_secrets_has_label(const struct ml_secrets *secrets, enum ml_secret_label label);

/* The secret, or an empty span. */
struct ml_span ml_secrets_find(const struct ml_secrets *secrets, enum ml_secret_label label, const uint8_t *id);

/* The secret opened something. */
void ml_secrets_use(const struct ml_secrets *secrets, enum ml_secret_label label, const uint8_t *id);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secrets - the keys an auditor holds, by the client random of the connection they belong to.
 *
 * In:        NSS key log text, as SSLKEYLOGFILE and the decryption secrets blocks of pcapng hold it; hostile text.
 * Out:       the secret of a label and a client random, and how many secrets of each source were of use.
 * Invariant: of two different secrets for the same label and client random the first stays. Texts are added only while
 *            nobody looks anything up; marks of use may be set by all threads at any time.
 * Lifetime:  secrets live until ml_secrets_free, which wipes them.
 * See:       draft-ietf-tls-keylogfile; the NSS key log format.
 */
#ifndef MITLESER_PROTO_SECRETS_SECRETS_H
#define MITLESER_PROTO_SECRETS_SECRETS_H

#include "core/span.h"
#include "core/status.h"

enum ml_secret_label {
    ML_SECRET_MASTER,           /* CLIENT_RANDOM: the master secret up to TLS 1.2 */
    ML_SECRET_CLIENT_EARLY,     /* CLIENT_EARLY_TRAFFIC_SECRET */
    ML_SECRET_CLIENT_HANDSHAKE, /* CLIENT_HANDSHAKE_TRAFFIC_SECRET */
    ML_SECRET_SERVER_HANDSHAKE, /* SERVER_HANDSHAKE_TRAFFIC_SECRET */
    ML_SECRET_CLIENT_TRAFFIC,   /* CLIENT_TRAFFIC_SECRET_0 */
    ML_SECRET_SERVER_TRAFFIC,   /* SERVER_TRAFFIC_SECRET_0 */
    ML_N_SECRET_LABELS
};

enum { ML_SECRET_RANDOM = 32, ML_SECRET_MASTER_BYTES = 48, ML_SECRET_MAX_BYTES = 64 };

struct ml_secrets;

/* Gives an empty set, NULL when memory runs out. */
struct ml_secrets *ml_secrets_new(void) ML_MUST_USE;
void ml_secrets_free(struct ml_secrets *secrets);

/* Where texts come from: a key log file or a capture. */
struct ml_secrets_count {
    uint64_t secrets; /* of the labels above, each label and client random once */
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

/* Is anything known of the connection with this client random? `random` has ML_SECRET_RANDOM bytes. */
bool ml_secrets_knows(const struct ml_secrets *secrets, const uint8_t *random);

/* The secret, or an empty span. `secrets` may be NULL. */
struct ml_span ml_secrets_find(const struct ml_secrets *secrets, enum ml_secret_label label, const uint8_t *random);

/* The secret opened something. */
void ml_secrets_use(const struct ml_secrets *secrets, enum ml_secret_label label, const uint8_t *random);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/facts.h"

#include "core/text.h"
#include "proto/apns/apns.h"
#include "proto/tls/hellos.h"
#include "proto/tls/known.h"
#include "proto/tls/names.h"

#include <stdio.h>

/* Room for the numbers of values without a name, until the draft is copied. */
struct spares {
    char text[ML_MAX_ATTRS_PER_FACT][ML_TLS_UNKNOWN_TEXT];
    size_t n;
};

static void begin(struct ml_fact_draft *draft, enum ml_fact_kind kind, const struct ml_tls_message *message)
{
    ml_fact_begin(draft, kind, message->chunk);
    draft->first_seq = message->place.first_seq;
    draft->last_seq = message->place.last_seq;
    draft->time_ns = message->place.time_ns;
    draft->range_from = message->range_from;
    draft->range_len = message->range_len;
    draft->is_cut = message->is_cut;
}

static void add_named(struct ml_fact_draft *draft, enum ml_field field, const char *name, uint16_t value,
                      struct spares *spares)
{
    if (name != NULL) {
        ml_fact_static(draft, field, name);
    } else if (spares->n < ML_MAX_ATTRS_PER_FACT) {
        ml_fact_cstr(draft, field, ml_tls_name_or_number(NULL, value, spares->text[spares->n++]));
    } else {
        draft->is_cut = true;
    }
}

static void add_names(struct ml_fact_draft *draft, enum ml_field field, struct ml_span raw,
                      const char *(*name_of)(uint16_t value), struct spares *spares)
{
    struct ml_reader rd = ml_rd_open_framed(raw);
    uint16_t value = 0;
    while (ml_rd_left(&rd) != 0 && ml_rd_u16(&rd, &value)) {
        if (!ml_tls_is_grease(value)) {
            add_named(draft, field, name_of(value), value, spares);
        }
    }
}

/* SSL 2.0: three bytes a cipher; those of later versions begin with a zero byte. */
static void add_ssl2_names(struct ml_fact_draft *draft, struct ml_span raw, struct spares *spares)
{
    struct ml_reader rd = ml_rd_open_framed(raw);
    uint32_t value = 0;
    while (ml_rd_left(&rd) != 0 && ml_rd_u24(&rd, &value)) {
        const char *name = value > UINT16_MAX ? ml_tls_ssl2_suite_name(value) : ml_tls_suite_name((uint16_t)value);
        if (name != NULL || value <= UINT16_MAX) {
            add_named(draft, ML_F_TLS_CIPHERS_OFFERED, name, (uint16_t)value, spares);
        }
    }
}

static void add_alpn(struct ml_fact_draft *draft, struct ml_span raw)
{
    struct ml_reader rd = ml_rd_open_framed(raw);
    struct ml_reader name;
    while (ml_rd_left(&rd) != 0 && ml_rd_vector(&rd, 1, &name)) {
        struct ml_span text = ml_rd_rest(&name);
        bool is_grease = text.len == 2 && ml_tls_is_grease((uint16_t)(text.ptr[0] << 8 | text.ptr[1]));
        if (!is_grease) {
            ml_fact_text(draft, ML_F_TLS_ALPN, text);
        }
    }
}

static bool offers_post_quantum(struct ml_span groups)
{
    struct ml_reader rd = ml_rd_open_framed(groups);
    uint16_t group = 0;
    while (ml_rd_left(&rd) != 0 && ml_rd_u16(&rd, &group)) {
        if (ml_tls_group_is_post_quantum(group)) {
            return true;
        }
    }
    return false;
}

static void add_ech(struct ml_fact_draft *draft, const struct ml_tls_client_hello *hello)
{
    switch (hello->ech) {
    case ML_TLS_ECH_NONE:
        return;
    case ML_TLS_ECH_OUTER: /* a real one and GREASE look the same (RFC 9849, section 6.2) */
        ml_fact_cstr(draft, ML_F_TLS_ECH, "offered");
        ml_fact_number(draft, ML_F_TLS_ECH_CONFIG_ID, hello->ech_config_id);
        return;
    case ML_TLS_ECH_INNER:
        ml_fact_cstr(draft, ML_F_TLS_ECH, "inner");
        return;
    case ML_TLS_ECH_ESNI:
        ml_fact_cstr(draft, ML_F_TLS_ECH, "esni");
        return;
    }
}

void ml_tls_state_client_hello(struct ml_tls_conversation *conversation, const struct ml_tls_message *message,
                               const struct ml_tls_client_hello *hello)
{
    struct ml_fact_draft draft;
    struct spares spares = {.n = 0};
    char host[ML_TLS_HOST_TEXT];
    struct ml_tls_prints prints;
    char ticket[ML_SHA256_HEX];
    begin(&draft, ML_FACT_TLS_CLIENT_HELLO, message);
    draft.is_cut = draft.is_cut || hello->is_cut;
    ml_fact_text(&draft, ML_F_TLS_SNI, ml_span_of(host, ml_tls_host_name(hello, host)));
    add_alpn(&draft, hello->alpn);
    ml_tls_prints_of(conversation->env, hello, conversation->transport, &prints);
    ml_fact_cstr(&draft, ML_F_TLS_JA3, prints.ja3);
    ml_fact_cstr(&draft, ML_F_TLS_JA4, prints.ja4);
    add_ech(&draft, hello);
    if (hello->versions.len != 0) {
        add_names(&draft, ML_F_TLS_VERSION_OFFERED, hello->versions, ml_tls_version_name, &spares);
    } else {
        add_named(&draft, ML_F_TLS_VERSION_OFFERED, ml_tls_version_name(hello->legacy_version), hello->legacy_version,
                  &spares);
    }
    if (hello->has_early_data) {
        ml_fact_truth(&draft, ML_F_TLS_EARLY_DATA, true);
    }
    if (hello->ticket.len != 0 && ml_sha256_hex(hello->ticket, ticket)) {
        ml_fact_cstr(&draft, ML_F_TLS_TICKET_SHA256, ticket);
    }
    if (hello->groups.len != 0) {
        ml_fact_truth(&draft, ML_F_TLS_POST_QUANTUM, offers_post_quantum(hello->groups));
    }
    add_names(&draft, ML_F_TLS_GROUPS_OFFERED, hello->groups, ml_tls_group_name, &spares);
    if (hello->is_ssl2) {
        add_ssl2_names(&draft, hello->ciphers, &spares);
    } else {
        add_names(&draft, ML_F_TLS_CIPHERS_OFFERED, hello->ciphers, ml_tls_suite_name, &spares);
    }
    (void)ml_fact_emit(conversation->env->facts, &draft); /* a ceiling is counted there */
    ml_apns_state(conversation->env->facts, &draft);
}

/* The group of the key exchange: of the key share, the named curve, or the size of the prime. */
static void add_group(struct ml_fact_draft *draft, const struct ml_tls_pending *pending, struct spares *spares,
                      char prime[16])
{
    if (pending->has_group) {
        add_named(draft, ML_F_TLS_GROUP, ml_tls_group_name(pending->group), pending->group, spares);
    } else if (pending->prime_bits != 0) {
        (void)snprintf(prime, 16, "dh %u", pending->prime_bits);
        ml_fact_cstr(draft, ML_F_TLS_GROUP, prime);
    }
}

static void add_secrecy(struct ml_fact_draft *draft, const struct ml_tls_pending *pending, enum ml_tls_truth is_resumed)
{
    enum ml_tls_secrecy secrecy = ml_tls_suite_secrecy(pending->suite);
    if (ml_tls_is_13(pending->version)) {
        /* Without a key share the keys come from the pre-shared key alone (psk_ke). */
        ml_fact_truth(draft, ML_F_TLS_FORWARD_SECRET, pending->has_group || !pending->has_psk);
    } else if (secrecy != ML_TLS_SECRECY_UNKNOWN && is_resumed != ML_TLS_TRUE) {
        /* A resumed session has no key exchange of its own: what its keys hang on was not seen here. */
        ml_fact_truth(draft, ML_F_TLS_FORWARD_SECRET, secrecy == ML_TLS_SECRECY_FORWARD);
    }
}

void ml_tls_state_server_hello(struct ml_tls_conversation *conversation, const struct ml_tls_pending *pending,
                               enum ml_tls_truth is_resumed)
{
    struct ml_fact_draft draft;
    struct spares spares = {.n = 0};
    char prime[16];
    const struct ml_tls_message message = {
        .chunk = &pending->chunk,
        .place = pending->place,
        .range_from = pending->range_from,
        .range_len = pending->range_len,
        .is_cut = pending->is_cut,
    };
    begin(&draft, ML_FACT_TLS_SERVER_HELLO, &message);
    add_named(&draft, ML_F_TLS_VERSION, ml_tls_version_name(pending->version), pending->version, &spares);
    add_named(&draft, ML_F_TLS_CIPHER, ml_tls_suite_name(pending->suite), pending->suite, &spares);
    add_group(&draft, pending, &spares, prime);
    ml_fact_text(&draft, ML_F_TLS_ALPN, ml_span_of(pending->alpn, pending->alpn_len));
    if (pending->ja3s[0] != '\0') {
        ml_fact_cstr(&draft, ML_F_TLS_JA3S, pending->ja3s);
    }
    if (is_resumed != ML_TLS_UNTOLD) {
        ml_fact_truth(&draft, ML_F_TLS_RESUMED, is_resumed == ML_TLS_TRUE);
    }
    if (!pending->is_retry) {
        add_secrecy(&draft, pending, is_resumed);
    }
    if (pending->wants_client_certificate) {
        ml_fact_truth(&draft, ML_F_TLS_CLIENT_CERT_REQUESTED, true);
    }
    (void)ml_fact_emit(conversation->env->facts, &draft);
}

void ml_tls_state_alpn(struct ml_tls_conversation *conversation, const struct ml_tls_message *message,
                       struct ml_span name)
{
    struct ml_fact_draft draft;
    begin(&draft, ML_FACT_TLS_ENCRYPTED_EXTENSIONS, message);
    ml_fact_text(&draft, ML_F_TLS_ALPN, name);
    (void)ml_fact_emit(conversation->env->facts, &draft);
}

static void add_leaf(struct ml_fact_draft *draft, const struct ml_tls_certificate *leaf)
{
    ml_fact_text(draft, ML_F_TLS_CERT_SUBJECT, ml_buf_span(&leaf->subject));
    ml_fact_text(draft, ML_F_TLS_CERT_ISSUER, ml_buf_span(&leaf->issuer));
    ml_fact_cstr(draft, ML_F_TLS_CERT_NOT_BEFORE, leaf->not_before);
    ml_fact_cstr(draft, ML_F_TLS_CERT_NOT_AFTER, leaf->not_after);
    ml_fact_cstr(draft, ML_F_TLS_CERT_KEY, leaf->key);
    ml_fact_cstr(draft, ML_F_TLS_CERT_SIGNATURE, leaf->signature);
    if (leaf->is_self_signed != ML_TLS_UNTOLD) {
        ml_fact_truth(draft, ML_F_TLS_CERT_SELF_SIGNED, leaf->is_self_signed == ML_TLS_TRUE);
    }
    if (leaf->has_not_after) { /* on the day of the packet, not of the audit */
        ml_fact_truth(draft, ML_F_TLS_CERT_EXPIRED, leaf->not_after_s < draft->time_ns / 1000000000);
    }
}

/*
 * What the certificate says, NULL and counted when it is none. `digest` gets its SHA-256, "" where OpenSSL refuses. The
 * caller ends `spare`.
 */
static const struct ml_tls_certificate *read_leaf(struct ml_tls_conversation *conversation, struct ml_span der,
                                                  struct ml_tls_certificate *spare, char digest[ML_SHA256_HEX])
{
    uint8_t sha256[32];
    bool is_good = false;
    const struct ml_tls_certificate *leaf = spare;
    digest[0] = '\0';
    if (ml_sha256(der, sha256)) {
        ml_hex_write(ml_span_of(sha256, sizeof sha256), digest);
        leaf = ml_tls_known(conversation->env, der, sha256, spare, &is_good);
    } else {
        is_good = ml_tls_certificate_parse(der, spare);
    }
    if (!is_good) {
        ml_count(conversation->env->counters, ML_COUNT_BAD_TLS);
    }
    return is_good ? leaf : NULL;
}

static void add_alternative_names(struct ml_fact_draft *draft, struct ml_span names)
{
    struct ml_reader rd = ml_rd_open_framed(names);
    struct ml_span name = {0};
    while (ml_rd_left(&rd) != 0 && ml_rd_until(&rd, 0, &name)) {
        ml_fact_text(draft, ML_F_TLS_CERT_NAMES, name);
    }
}

void ml_tls_state_certificate(struct ml_tls_conversation *conversation, const struct ml_tls_message *message,
                              const struct ml_tls_chain *chain)
{
    struct ml_fact_draft draft;
    struct ml_tls_certificate spare;
    char digests[ML_TLS_MAX_CHAIN][ML_SHA256_HEX];
    if (chain->n == 0) {
        return;
    }
    begin(&draft, ML_FACT_TLS_CERTIFICATE, message);
    draft.is_cut = draft.is_cut || chain->is_cut;
    const struct ml_tls_certificate *leaf = read_leaf(conversation, chain->der[0], &spare, digests[0]);
    if (leaf != NULL) {
        add_leaf(&draft, leaf);
    }
    for (size_t i = 0; i < chain->n; i++) {
        if (i == 0 ? digests[i][0] != '\0' : ml_sha256_hex(chain->der[i], digests[i])) {
            ml_fact_cstr(&draft, ML_F_TLS_CERT_SHA256, digests[i]);
        }
    }
    if (leaf != NULL) {
        add_alternative_names(&draft, ml_buf_span(&leaf->names)); /* last: there may be hundreds */
    }
    (void)ml_fact_emit(conversation->env->facts, &draft);
    ml_tls_certificate_fini(&spare);
}

void ml_tls_state_client_certificate(struct ml_tls_conversation *conversation, const struct ml_tls_message *message,
                                     const struct ml_tls_chain *chain)
{
    struct ml_fact_draft draft;
    struct ml_tls_certificate spare;
    char digest[ML_SHA256_HEX];
    if (chain->n == 0) { /* the client has none to show */
        return;
    }
    begin(&draft, ML_FACT_TLS_CLIENT_CERTIFICATE, message);
    draft.is_cut = draft.is_cut || chain->is_cut;
    const struct ml_tls_certificate *leaf = read_leaf(conversation, chain->der[0], &spare, digest);
    if (leaf != NULL) {
        ml_fact_text(&draft, ML_F_TLS_CLIENT_CERT_SUBJECT, ml_buf_span(&leaf->subject));
    }
    (void)ml_fact_emit(conversation->env->facts, &draft);
    ml_tls_certificate_fini(&spare);
}

void ml_tls_state_ticket(struct ml_tls_conversation *conversation, const struct ml_tls_message *message,
                         struct ml_span ticket)
{
    struct ml_fact_draft draft;
    char digest[ML_SHA256_HEX];
    if (ticket.len == 0 || !ml_sha256_hex(ticket, digest)) {
        return;
    }
    begin(&draft, ML_FACT_TLS_SESSION_TICKET, message);
    ml_fact_cstr(&draft, ML_F_TLS_TICKET_SHA256, digest);
    (void)ml_fact_emit(conversation->env->facts, &draft);
}

void ml_tls_state_alert(struct ml_tls_conversation *conversation, const struct ml_chunk *chunk, uint8_t description)
{
    struct ml_fact_draft draft;
    char spare[ML_TLS_UNKNOWN_TEXT];
    ml_fact_begin(&draft, ML_FACT_TLS_ALERT, chunk);
    ml_fact_cstr(&draft, ML_F_TLS_ALERT, ml_tls_name_or_number(ml_tls_alert_name(description), description, spare));
    (void)ml_fact_emit(conversation->env->facts, &draft);
}

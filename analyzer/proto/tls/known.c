/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/known.h"

#include "core/limits.h"
#include "core/mem.h"

struct place {
    bool is_taken;
    bool is_good;
    uint8_t sha256[32];
    struct ml_tls_certificate leaf;
};

/* A certificate has one place, by its digest; who comes later takes it. */
struct known {
    struct place places[ML_TLS_KNOWN_PLACES];
};

static void known_free(void *pointer)
{
    struct known *known = pointer;
    for (size_t i = 0; i < ML_TLS_KNOWN_PLACES; i++) {
        ml_tls_certificate_fini(&known->places[i].leaf);
    }
    ml_mem_free(known);
}

static void *known_new(void)
{
    return ml_mem_array(1, sizeof(struct known));
}

static bool is_small(const struct ml_tls_certificate *leaf)
{
    return leaf->subject.len + leaf->issuer.len + leaf->names.len <= ML_TLS_KNOWN_BYTES;
}

const struct ml_tls_certificate *ml_tls_known(struct ml_proto_env *env, struct ml_span der, const uint8_t sha256[32],
                                              struct ml_tls_certificate *spare, bool *is_good)
{
    /* NULL when memory runs out: then nothing is remembered. */
    struct known *known = ml_proto_tool(env, ML_TOOL_CERTIFICATES, known_new, known_free);
    struct place *place = known != NULL ? &known->places[(sha256[0] << 8 | sha256[1]) % ML_TLS_KNOWN_PLACES] : NULL;
    if (place != NULL && place->is_taken && memcmp(place->sha256, sha256, sizeof place->sha256) == 0) {
        ml_tls_certificate_init(spare);
        *is_good = place->is_good;
        return &place->leaf;
    }
    *is_good = ml_tls_certificate_parse(der, spare);
    if (place == NULL || !is_small(spare)) {
        return spare;
    }
    ml_tls_certificate_fini(&place->leaf);
    *place = (struct place){.is_taken = true, .is_good = *is_good, .leaf = *spare};
    memcpy(place->sha256, sha256, sizeof place->sha256);
    ml_tls_certificate_init(spare);
    return &place->leaf;
}

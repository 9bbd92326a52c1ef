/* SPDX-License-Identifier: Apache-2.0 */
/* Key logs from hostile text. Oracle: no more secrets than lines, whole and line by line say the same. */
#include "fuzz/fuzz.h"
#include "proto/secrets/secrets.h"

static struct ml_secrets *open_set(uint32_t *source)
{
    struct ml_secrets *secrets = ml_secrets_new();
    ML_ASSERT(secrets != NULL && ml_secrets_source(secrets, source) == ML_OK);
    return secrets;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t source = 0;
    uint64_t n_lines = 0;
    struct ml_secrets *whole = open_set(&source);
    struct ml_secrets *pieces = open_set(&source);
    ML_ASSERT(ml_secrets_add(whole, source, ml_span_of(data, size)) == ML_OK);
    for (size_t at = 0; at < size; n_lines++) {
        const uint8_t *end = memchr(data + at, '\n', size - at);
        size_t len = end != NULL ? (size_t)(end - data) + 1 - at : size - at;
        ML_ASSERT(ml_secrets_add(pieces, source, ml_span_of(data + at, len)) == ML_OK);
        at += len;
    }
    struct ml_secrets_count a = ml_secrets_count(whole, source);
    struct ml_secrets_count b = ml_secrets_count(pieces, source);
    ML_ASSERT(a.secrets + a.ignored + a.refused <= n_lines && a.used == 0);
    ML_ASSERT(a.secrets == b.secrets && a.ignored == b.ignored && a.refused == b.refused);
    ml_secrets_free(whole);
    ml_secrets_free(pieces);
    return 0;
}

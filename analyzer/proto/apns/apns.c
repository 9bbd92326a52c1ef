/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/apns/apns.h"

#include "core/text.h"

/* "apns-security-v3", "apns-pack-v1": a name, then a version. */
static bool is_protocol(struct ml_span alpn)
{
    static const char *const names[] = {"apns-security-v", "apns-pack-v"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t len = strlen(names[i]);
        if (ml_span_starts(alpn, names[i]) && alpn.len > len && alpn.len <= len + 2) {
            uint64_t version = 0;
            return ml_decimal_read(ml_span_cut(alpn, len, alpn.len), &version);
        }
    }
    return false;
}

/*
 * A hello that asks somebody else for the push service is a copy of a client's: tools that replay the hellos of others
 * send them anywhere. A hello without a name contradicts nothing.
 */
static bool is_for_apple(struct ml_span host)
{
    static const char domain[] = ".apple.com";
    size_t len = sizeof domain - 1;
    return host.len == 0 ||
           (host.len > len && ml_span_equal(ml_span_cut(host, host.len - len, len), ml_span_text(domain)));
}

static struct ml_span host_of(const struct ml_fact_draft *hello)
{
    for (unsigned i = 0; i < hello->n_attrs; i++) {
        if (hello->attrs[i].field == ML_F_TLS_SNI) {
            return ml_attr_text(&hello->attrs[i]);
        }
    }
    return ml_span_of(NULL, 0);
}

void ml_apns_state(struct ml_fact_store *store, const struct ml_fact_draft *hello)
{
    struct ml_fact_draft draft;
    bool has_begun = false;
    if (!is_for_apple(host_of(hello))) {
        return;
    }
    for (unsigned i = 0; i < hello->n_attrs; i++) {
        struct ml_span alpn = ml_attr_text(&hello->attrs[i]);
        if (hello->attrs[i].field != ML_F_TLS_ALPN || !is_protocol(alpn)) {
            continue;
        }
        if (!has_begun) {
            draft = *hello; /* the same packets, layers and bytes */
            draft.kind = ML_FACT_APNS;
            draft.n_attrs = 0;
            has_begun = true;
        }
        ml_fact_text(&draft, ML_F_TLS_ALPN, alpn);
    }
    if (has_begun) {
        (void)ml_fact_emit(store, &draft);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dns/doh.h"

#include "core/mem.h"
#include "core/text.h"
#include "proto/dns/plausible.h"

enum { MAX_QUERY = 1024 /* bytes of a question in a URL; real ones have 30 to 150 */ };

static int digit_of(uint8_t byte)
{
    if (byte >= 'A' && byte <= 'Z') {
        return byte - 'A';
    }
    if (byte >= 'a' && byte <= 'z') {
        return byte - 'a' + 26;
    }
    if (ml_is_digit(byte)) {
        return byte - '0' + 52;
    }
    return byte == '-' ? 62 : byte == '_' ? 63 : -1;
}

/* RFC 4648, section 5, without padding. Returns the length, 0 when a byte is not of the alphabet or there are too many.
 */
static size_t decode(struct ml_span text, uint8_t out[MAX_QUERY])
{
    size_t n = 0;
    uint32_t bits = 0;
    unsigned n_bits = 0;
    for (size_t i = 0; i < text.len; i++) {
        int digit = digit_of(text.ptr[i]);
        if (digit < 0 || n == MAX_QUERY) {
            return 0;
        }
        bits = bits << 6 | (uint32_t)digit;
        n_bits += 6;
        if (n_bits >= 8) {
            n_bits -= 8;
            out[n++] = (uint8_t)(bits >> n_bits);
        }
    }
    return n;
}

static void state(struct ml_fact_store *store, struct ml_fact_draft *draft, struct ml_span message, bool is_cut)
{
    const struct ml_dns_source source = {.store = store, .kind = ML_DNS_PLAIN, .transport = "doh", .is_cut = is_cut};
    if (ml_dns_plausible(message, is_cut, ML_DNS_PLAIN) != ML_MATCH_YES || !ml_dns_state(&source, draft, message)) {
        ml_count(store->counters, ML_COUNT_BAD_DNS);
    }
}

/* Any URL may have a "dns" parameter: only one that holds a whole question is ours. */
static void state_request(struct ml_fact_store *store, struct ml_fact_draft *draft, const struct ml_http_head *head)
{
    uint8_t message[MAX_QUERY];
    struct ml_span query = ml_http_query(head);
    while (query.len != 0) {
        struct ml_span pair;
        struct ml_span key;
        struct ml_span value;
        (void)ml_http_split(query, '&', &pair, &query);
        if (ml_http_split(pair, '=', &key, &value) && ml_span_equal(key, ml_span_text("dns"))) {
            struct ml_span bytes = ml_span_of(message, decode(value, message));
            if (ml_dns_is_exact(bytes)) {
                state(store, draft, bytes, false);
            }
            return;
        }
    }
}

struct doh {
    struct ml_proto_env *env; /* borrowed */
    struct ml_gather gather;
    struct ml_chunk last;
    bool is_cut;
};

static bool wants(const struct ml_http_exchange *exchange)
{
    const struct ml_http_head *head = exchange->response != NULL ? exchange->response : &exchange->request;
    struct ml_span type;
    struct ml_span parameters;
    (void)ml_http_split(ml_http_field(head, "Content-Type"), ';', &type, &parameters);
    return ml_span_equal_nocase(type, ml_span_text("application/dns-message"));
}

static void *create(struct ml_proto_env *env, const struct ml_http_exchange *exchange)
{
    struct doh *doh = ml_mem_array(1, sizeof *doh);
    (void)exchange;
    if (doh != NULL) {
        doh->env = env;
        ml_gather_init(&doh->gather, UINT16_MAX);
    }
    return doh;
}

static void feed(void *self, const struct ml_chunk *chunk)
{
    struct doh *doh = self;
    doh->last = *chunk;
    doh->last.bytes = ml_span_of(NULL, 0);
    /* Behind a hole or the ceiling (which no DNS message reaches) the rest says nothing. */
    doh->is_cut = doh->is_cut || chunk->gap_len != 0 || !ml_gather_add(&doh->gather, chunk);
}

static void destroy(void *self)
{
    struct doh *doh = self;
    struct ml_span message = ml_gather_span(&doh->gather);
    if (message.len != 0) {
        struct ml_fact_draft draft;
        ml_fact_begin_gathered(&draft, ML_FACT_DNS_QUERY, &doh->last, &doh->gather, 0, message.len);
        state(doh->env->facts, &draft, message, doh->is_cut);
    }
    ml_gather_fini(&doh->gather);
    ml_mem_free(doh);
}

const struct ml_http_subscriber ml_http_doh = {
    .name = "dns",
    .request = state_request,
    .wants = wants,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};

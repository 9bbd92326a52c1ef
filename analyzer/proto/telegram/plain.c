/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/telegram/plain.h"

#include "core/mem.h"
#include "proto/inbox.h"

enum {
    ABRIDGED = 0xef,
    REQUEST = 40,      /* bytes of the first message of a new key */
    REQUEST_DATA = 20, /* of them the function and its argument */
    REQUEST_START = 24,
    MAX_PADDING = 15,
    MIN_ENCRYPTED = 24 + 32, /* key id, message key, two blocks */
    MAX_FIRST = 1 << 20,
    UNIT = 4,
    BLOCK = 16
};

/* A request for two primes, as far as it is there: begins every new key. */
static enum ml_match match_request(struct ml_span message)
{
    static const uint32_t functions[] = {0x60469778, 0xbe7e8ef1, 0x51b410fd};
    struct ml_reader rd = ml_rd_open(message);
    uint64_t key = 0;
    uint64_t id = 0;
    uint32_t len = 0;
    uint32_t function = 0;
    for (size_t i = 0; i < message.len && i < ML_MTPROTO_KEY_ID; i++) {
        if (message.ptr[i] != 0) {
            return ML_MATCH_NO;
        }
    }
    if (!ml_rd_le64(&rd, &key) || !ml_rd_le64(&rd, &id) || !ml_rd_le32(&rd, &len) || !ml_rd_le32(&rd, &function)) {
        return ML_MATCH_MORE;
    }
    if (len != REQUEST_DATA || id % UNIT != 0) {
        return ML_MATCH_NO;
    }
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        if (function == functions[i]) {
            return ML_MATCH_YES;
        }
    }
    return ML_MATCH_NO;
}

static enum ml_match match_abridged(struct ml_reader rd)
{
    uint8_t len = 0;
    if (!ml_rd_u8(&rd, &len)) {
        return ML_MATCH_MORE;
    }
    return (len & 0x7f) == REQUEST / UNIT ? match_request(ml_rd_rest(&rd)) : ML_MATCH_NO;
}

/* The length must be that of a request, or of encrypted blocks behind their 24 bytes. */
static enum ml_match match_length(struct ml_reader rd, bool is_padded)
{
    uint32_t len = 0;
    if (!ml_rd_le32(&rd, &len)) {
        return ML_MATCH_MORE;
    }
    len &= INT32_MAX;
    if (len >= REQUEST && len <= REQUEST + (is_padded ? MAX_PADDING : 0)) {
        return match_request(ml_rd_rest(&rd));
    }
    bool fits = len >= MIN_ENCRYPTED && len <= MAX_FIRST && (is_padded || (len - 24) % BLOCK == 0);
    return fits ? ML_MATCH_YES : ML_MATCH_NO;
}

enum ml_match ml_mtproto_plain_match(struct ml_span start, enum ml_mtproto_transport *out)
{
    struct ml_reader rd = ml_rd_open(start);
    const uint8_t *tag = NULL;
    *out = ML_MTPROTO_ABRIDGED;
    if (start.len == 0) {
        return ML_MATCH_MORE;
    }
    if (start.ptr[0] == ABRIDGED) {
        return ml_rd_skip(&rd, 1) ? match_abridged(rd) : ML_MATCH_MORE;
    }
    for (size_t i = 0; i < start.len && i < 4; i++) {
        if (start.ptr[i] != start.ptr[0] || (start.ptr[0] != 0xee && start.ptr[0] != 0xdd)) {
            return ML_MATCH_NO;
        }
    }
    tag = ml_rd_take(&rd, 4);
    if (tag == NULL) {
        return ML_MATCH_MORE;
    }
    return ml_mtproto_transport_find(tag, out) ? match_length(rd, *out == ML_MTPROTO_PADDED) : ML_MATCH_NO;
}

/* --- over HTTP --- */

struct body {
    struct ml_proto_env *env; /* borrowed */
    struct ml_inbox inbox;
};

static bool wants(const struct ml_http_exchange *exchange)
{
    struct ml_span path = ml_http_path(&exchange->request);
    return exchange->response == NULL && ml_span_equal(exchange->request.method, ml_span_text("POST")) &&
           (ml_span_equal(path, ml_span_text("/api")) || ml_span_equal(path, ml_span_text("/apiw1")));
}

static void *create(struct ml_proto_env *env, const struct ml_http_exchange *exchange)
{
    (void)exchange;
    struct body *body = ml_mem_array(1, sizeof *body);
    if (body != NULL) {
        body->env = env;
        ml_inbox_init(&body->inbox, REQUEST_START);
    }
    return body;
}

static bool step(void *context, struct ml_inbox *inbox)
{
    struct body *body = context;
    struct ml_fact_draft draft;
    enum ml_match match = match_request(ml_inbox_span(inbox));
    if (match == ML_MATCH_YES) {
        ml_inbox_begin(inbox, &draft, ML_FACT_MTPROTO_PLAIN, 0, REQUEST_START);
        ml_fact_cstr(&draft, ML_F_MTPROTO_TRANSPORT, "http");
        (void)ml_fact_emit(body->env->facts, &draft);
    }
    inbox->is_done = match != ML_MATCH_MORE;
    return false;
}

static void feed(void *self, const struct ml_chunk *chunk)
{
    struct body *body = self;
    ml_inbox_feed(&body->inbox, chunk, body->env->counters, step, body);
}

static void destroy(void *self)
{
    struct body *body = self;
    ml_inbox_fini(&body->inbox);
    ml_mem_free(body);
}

const struct ml_http_subscriber ml_http_mtproto = {
    .name = "mtproto",
    .wants = wants,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/mmtls/short_link.h"

#include "core/mem.h"
#include "core/text.h"
#include "proto/mmtls/link.h"

enum { DIGITS = 8 };

static const char folder[] = "/mmtls/";

static bool wants(const struct ml_http_exchange *exchange)
{
    return ml_span_equal(exchange->request.method, ml_span_text("POST")) &&
           ml_span_starts(ml_http_path(&exchange->request), folder);
}

/* The number in the path; false when it is none of eight digits. */
static bool read_path(struct ml_span path, uint32_t *out)
{
    uint8_t bytes[DIGITS / 2];
    struct ml_span digits = ml_span_cut(path, sizeof folder - 1, path.len);
    if (digits.len != DIGITS || !ml_hex_read(digits, bytes)) {
        return false;
    }
    struct ml_reader rd = ml_rd_open(ml_span_of(bytes, sizeof bytes));
    return ml_rd_u32(&rd, out);
}

static void *create(struct ml_proto_env *env, const struct ml_http_exchange *exchange)
{
    struct ml_mmtls_link *link = ml_mem_array(1, sizeof *link);
    if (link != NULL) {
        ml_mmtls_link_init(link, env, "short");
        link->has_path = read_path(ml_http_path(&exchange->request), &link->path);
    }
    return link;
}

static void feed(void *self, const struct ml_chunk *chunk)
{
    (void)ml_mmtls_link_feed(self, chunk);
}

static void destroy(void *self)
{
    ml_mmtls_link_fini(self);
    ml_mem_free(self);
}

const struct ml_http_subscriber ml_http_mmtls = {
    .name = "mmtls",
    .wants = wants,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};

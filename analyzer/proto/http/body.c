/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/body.h"

#include "proto/dns/doh.h"
#include "proto/mmtls/short_link.h"
#include "proto/telegram/plain.h"
#include "proto/wechat/newgetdns.h"

/* clang-format off */
const struct ml_http_subscriber *const ml_http_subscribers[] = {
    &ml_http_doh,
    &ml_http_newgetdns,
    &ml_http_mmtls,
    &ml_http_mtproto,
    NULL,
};
/* clang-format on */

/* Undoes the one compression that is there; several on top of each other, or one we cannot undo, leave it as it is. */
static void open_inflate(struct ml_http_body *body, const struct ml_http_head *head)
{
    struct ml_span coding = ml_http_field(head, "Content-Encoding");
    enum ml_inflate_form form = ML_INFLATE_DEFLATE;
    if (ml_span_equal_nocase(coding, ml_span_text("gzip")) || ml_span_equal_nocase(coding, ml_span_text("x-gzip"))) {
        form = ML_INFLATE_GZIP;
    } else if (!ml_span_equal_nocase(coding, ml_span_text("deflate"))) {
        return;
    }
    body->layer = form == ML_INFLATE_GZIP ? ML_LAYER_GZIP : ML_LAYER_DEFLATE;
    body->inflate = ml_inflate_new(form, ML_MAX_INFLATED);
    if (body->inflate == NULL) {
        ml_count(body->counters, ML_COUNT_LIMIT_MEMORY);
        ml_http_body_close(body);
    }
}

void ml_http_body_open(struct ml_http_body *body, struct ml_proto_env *env, const struct ml_http_exchange *exchange)
{
    *body = (struct ml_http_body){.counters = env->counters};
    for (size_t i = 0; ml_http_subscribers[i] != NULL; i++) {
        if (!ml_http_subscribers[i]->wants(exchange)) {
            continue;
        }
        body->subscriber = ml_http_subscribers[i];
        body->self = body->subscriber->create(env, exchange);
        if (body->self == NULL) {
            ml_count(env->counters, ML_COUNT_LIMIT_MEMORY);
            body->subscriber = NULL;
            return;
        }
        open_inflate(body, exchange->response != NULL ? exchange->response : &exchange->request);
        return;
    }
}

static void deliver(struct ml_http_body *body, struct ml_span content)
{
    struct ml_chunk chunk = ml_chunk_inner(body->outer, ML_LAYER_HTTP_BODY, content, body->offset);
    if (body->inflate != NULL) {
        chunk = ml_chunk_inner(&chunk, body->layer, content, body->offset);
    }
    body->offset += content.len;
    body->subscriber->feed(body->self, &chunk);
}

static void deliver_inflated(void *context, struct ml_span content)
{
    deliver(context, content);
}

void ml_http_body_feed(struct ml_http_body *body, const struct ml_chunk *outer, struct ml_span content)
{
    if (body->subscriber == NULL || content.len == 0) {
        return;
    }
    body->outer = outer;
    if (body->inflate == NULL) {
        deliver(body, content);
        return;
    }
    switch (ml_inflate_feed(body->inflate, content, deliver_inflated, body)) {
    case ML_INFLATE_MORE:
    case ML_INFLATE_DONE:
        break;
    case ML_INFLATE_LIMIT:
        ml_count(body->counters, ML_COUNT_LIMIT_MESSAGE);
        ml_http_body_close(body);
        break;
    case ML_INFLATE_BROKEN:
        ml_count(body->counters, ML_COUNT_BAD_HTTP);
        ml_http_body_close(body);
        break;
    }
}

void ml_http_body_gap(struct ml_http_body *body, const struct ml_chunk *gap)
{
    if (body->subscriber == NULL) {
        return;
    }
    if (body->inflate != NULL) {
        ml_http_body_close(body); /* nothing behind a hole can be inflated */
        return;
    }
    struct ml_chunk chunk = ml_chunk_inner(gap, ML_LAYER_HTTP_BODY, ml_span_of(NULL, 0), body->offset);
    chunk.gap_len = gap->gap_len;
    body->offset += gap->gap_len;
    body->subscriber->feed(body->self, &chunk);
}

void ml_http_body_close(struct ml_http_body *body)
{
    if (body->subscriber != NULL) {
        body->subscriber->destroy(body->self);
    }
    ml_inflate_free(body->inflate);
    body->subscriber = NULL;
    body->self = NULL;
    body->inflate = NULL;
}

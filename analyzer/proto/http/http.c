/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/http.h"

#include "core/mem.h"
#include "proto/http/body.h"
#include "proto/http/facts.h"
#include "proto/http/side.h"
#include "proto/http/websocket.h"
#include "proto/inner.h"

enum {
    KEPT_HEAD = 4096, /* bytes kept of a request's head until its response comes */
    SWITCHING_PROTOCOLS = 101
};

/* A request whose response is still to come. */
struct pending {
    char *head; /* owned; the first KEPT_HEAD bytes, NULL: not seen */
    size_t len;
    bool is_head;
    bool is_connect;
};

enum tunnel_state {
    NO_TUNNEL,
    TUNNEL_ASKED,    /* CONNECT was sent: its answer decides what the client's next bytes are */
    TUNNEL_ACCEPTED, /* the answer is yes; its own fact comes first */
    TUNNEL_OPEN
};

struct http {
    struct ml_proto_env *env; /* borrowed */
    struct ml_flow *flow;     /* borrowed */
    struct ml_http_side_calls calls;
    struct ml_http_side sides[2]; /* by direction */
    struct ml_http_body bodies[2];
    bool has_roles;                              /* a head was seen: who sends requests is settled */
    struct pending pending[ML_MAX_HTTP_PENDING]; /* ring */
    size_t first_pending, n_pending;
    struct pending answered; /* the request of the response at hand */
    enum tunnel_state tunnel_state;
    struct ml_inner *tunnel; /* owned; from TUNNEL_ASKED on */
    enum ml_layer tunnel_layer;
    struct ml_websocket websockets[2]; /* by direction; when tunnel_layer is that of WebSocket */
    struct ml_gather records[2];       /* the message at hand of each, for the plain sink */
    bool is_beyond[2];                 /* it became too long to be one */
    const struct ml_chunk *frames;     /* while their content is handed on */
    bool wants_content;
};

/* --- requests and their responses --- */

static void drop_pending(struct pending *pending)
{
    ml_mem_free(pending->head);
    *pending = (struct pending){0};
}

static struct pending take_pending(struct http *http)
{
    struct pending *first = &http->pending[http->first_pending];
    struct pending taken = {0};
    if (http->n_pending != 0) {
        taken = *first;
        *first = (struct pending){0};
        http->first_pending = (http->first_pending + 1) % ML_MAX_HTTP_PENDING;
        http->n_pending--;
    }
    return taken;
}

static void forget_pending(struct http *http)
{
    while (http->n_pending != 0) {
        struct pending gone = take_pending(http);
        drop_pending(&gone);
    }
}

static void add_pending(struct http *http, const struct ml_http_head *head, struct ml_span bytes)
{
    struct pending *pending = &http->pending[(http->first_pending + http->n_pending) % ML_MAX_HTTP_PENDING];
    if (http->n_pending == ML_MAX_HTTP_PENDING) {
        /* Nobody waits for so many: this direction is the only one there. */
        struct pending oldest = take_pending(http);
        drop_pending(&oldest);
    }
    bytes = ml_span_cut(bytes, 0, KEPT_HEAD);
    pending->head = ml_mem_text(bytes.ptr, bytes.len); /* without memory: a request not seen */
    pending->len = pending->head != NULL ? bytes.len : 0;
    pending->is_head = ml_span_equal(head->method, ml_span_text("HEAD"));
    pending->is_connect = ml_span_equal(head->method, ml_span_text("CONNECT"));
    http->n_pending++;
}

static void open_body(struct http *http, struct ml_http_side *side, const struct ml_http_head *head)
{
    struct ml_http_exchange exchange = {0};
    if (side->is_request) {
        exchange.request = *head;
    } else {
        exchange.response = head;
        if (!ml_http_head_parse(ml_span_of(http->answered.head, http->answered.len), true, &exchange.request)) {
            exchange.request = (struct ml_http_head){.is_request = true};
        }
    }
    ml_http_body_open(&http->bodies[side->last.dir], http->env, &exchange);
}

/* --- the plain sink --- */

static void show(const struct http *http, const struct ml_plain *plain)
{
    if (http->env->plain != NULL) {
        http->env->plain->take(http->env->plain->context, plain);
    }
}

/* Host of the request that waits for this response; 0: not known. */
static size_t asked_host(const struct http *http, char out[ML_HTTP_HOST_TEXT])
{
    const struct pending *first = &http->pending[http->first_pending];
    struct ml_http_head request;
    bool is_known = http->n_pending != 0 && ml_http_head_parse(ml_span_of(first->head, first->len), true, &request);
    return is_known ? ml_http_host(&request, out) : 0;
}

static void show_head(struct http *http, struct ml_http_side *side, const struct ml_http_head *head)
{
    char host[ML_HTTP_HOST_TEXT];
    if (http->env->plain == NULL) {
        return;
    }
    size_t host_len = side->is_request ? ml_http_host(head, host) : asked_host(http, host);
    struct ml_chunk chunk =
        ml_chunk_inner(&side->last, ML_LAYER_HTTP, ml_gather_span(&side->gather), side->gather.offset);
    const struct ml_plain plain = {
        .part = ML_PLAIN_HEAD,
        .chunk = &chunk,
        .gather = &side->gather,
        .is_request = side->is_request,
        .host = ml_span_of(host, side->is_request ? host_len : 0),
        .asked = ml_span_of(host, side->is_request ? 0 : host_len),
        .type = ml_http_field(head, "Content-Type"),
        .coding = ml_http_field(head, "Content-Encoding"),
    };
    show(http, &plain);
}

static void show_body(struct http *http, const struct ml_http_side *side, struct ml_span content, uint64_t gap_len)
{
    uint64_t offset = side->body_bytes - content.len - gap_len;
    struct ml_chunk chunk = ml_chunk_inner(&side->last, ML_LAYER_HTTP_BODY, content, offset);
    const struct ml_plain plain = {.part = ML_PLAIN_BODY, .chunk = &chunk};
    chunk.gap_len = gap_len;
    show(http, &plain);
}

static void show_end(struct http *http, const struct ml_http_side *side)
{
    const struct ml_chunk chunk = ml_chunk_inner(&side->last, ML_LAYER_HTTP, ml_span_of(NULL, 0), 0);
    const struct ml_plain plain = {.part = ML_PLAIN_END, .chunk = &chunk};
    show(http, &plain);
}

/* Bytes between which no message was found. */
static void show_lost(struct http *http, const struct ml_chunk *chunk)
{
    const struct ml_plain plain = {.part = ML_PLAIN_BYTES, .chunk = chunk};
    if (ml_plain_wants_bytes(http->env->plain)) {
        show(http, &plain);
    }
}

/* --- calls of the sides --- */

static void ask_tunnel(struct http *http, enum tunnel_state state)
{
    if (http->tunnel == NULL) {
        http->tunnel = ml_inner_new(http->env, http->flow);
    }
    http->tunnel_state = state;
}

static bool on_request(struct http *http, struct ml_http_side *side, const struct ml_http_head *head,
                       enum ml_http_body_form *form, uint64_t *length)
{
    struct ml_span bytes = ml_gather_span(&side->gather);
    add_pending(http, head, bytes);
    if (ml_span_equal(head->method, ml_span_text("CONNECT"))) {
        ask_tunnel(http, TUNNEL_ASKED);
        http->tunnel_layer = ML_LAYER_PROXY;
        return false;
    }
    *form = ml_http_framing_request(side->framing, bytes, length);
    if (*form != ML_HTTP_BODY_NONE) {
        open_body(http, side, head);
    }
    return true;
}

static void feed_again(void *context, const struct ml_chunk *chunk)
{
    struct http *http = context;
    (void)ml_parser_http.feed(http, chunk);
}

/* The proxy refused: what the client sent since is HTTP after all (it tries again, with credentials). */
static void resume_requests(struct http *http)
{
    struct ml_inner *tunnel = http->tunnel;
    for (int dir = ML_UP; dir <= ML_DOWN; dir++) {
        if (http->sides[dir].phase == ML_HTTP_STOPPED) {
            http->sides[dir].phase = ML_HTTP_HEAD;
        }
    }
    http->tunnel = NULL;
    http->tunnel_state = NO_TUNNEL;
    if (tunnel != NULL) {
        ml_inner_release(tunnel, feed_again, http);
        ml_inner_free(tunnel);
    }
}

/* What the server switches to; WebSocket needs its frames undone. */
static enum ml_layer switched_layer(struct http *http, const struct ml_http_side *side, const struct ml_http_head *head)
{
    struct ml_span extensions = ml_http_field(head, "Sec-WebSocket-Extensions");
    if (!ml_span_equal_nocase(ml_http_field(head, "Upgrade"), ml_span_text("websocket"))) {
        return ML_LAYER_HTTP;
    }
    for (int dir = ML_UP; dir <= ML_DOWN; dir++) {
        ml_gather_fini(&http->records[dir]);
        ml_gather_init(&http->records[dir], ML_MAX_LEAK_VIEW);
    }
    ml_websocket_init(&http->websockets[side->last.dir], extensions, false);
    ml_websocket_init(&http->websockets[ml_dir_other(side->last.dir)], extensions, true);
    return ML_LAYER_WEBSOCKET;
}

static bool on_response(struct http *http, struct ml_http_side *side, const struct ml_http_head *head,
                        enum ml_http_body_form *form, uint64_t *length)
{
    bool is_interim = head->status < 200 && head->status != SWITCHING_PROTOCOLS;
    if (is_interim) { /* the response itself comes later, RFC 9110, section 15.2 */
        *form = ML_HTTP_BODY_NONE;
        return true;
    }
    drop_pending(&http->answered);
    http->answered = take_pending(http);
    /* Behind a hole the request may be forgotten; while its side waits, this is the answer it waits for. */
    http->answered.is_connect |= http->tunnel_state == TUNNEL_ASKED && http->answered.head == NULL;
    bool is_accepted = http->answered.is_connect && head->status < 300;
    if (head->status == SWITCHING_PROTOCOLS || is_accepted) {
        ask_tunnel(http, TUNNEL_ACCEPTED);
        http->tunnel_layer = is_accepted ? ML_LAYER_PROXY : switched_layer(http, side, head);
        return false;
    }
    if (http->answered.is_connect) {
        resume_requests(http);
    }
    *form = ml_http_framing_response(side->framing, ml_gather_span(&side->gather), http->answered.is_head, length);
    if (*form != ML_HTTP_BODY_NONE) {
        open_body(http, side, head);
    }
    return true;
}

static bool on_head(void *context, struct ml_http_side *side, const struct ml_http_head *head,
                    enum ml_http_body_form *form, uint64_t *length)
{
    struct http *http = context;
    http->has_roles = true;
    show_head(http, side, head);
    return side->is_request ? on_request(http, side, head, form, length) : on_response(http, side, head, form, length);
}

static void on_content(void *context, struct ml_http_side *side, struct ml_span content)
{
    struct http *http = context;
    show_body(http, side, content, 0);
    ml_http_body_feed(&http->bodies[side->last.dir], &side->last, content);
}

static void on_gap(void *context, struct ml_http_side *side, const struct ml_chunk *gap)
{
    struct http *http = context;
    show_body(http, side, ml_span_of(NULL, 0), gap->gap_len);
    ml_http_body_gap(&http->bodies[side->last.dir], gap);
}

static void begin_fact(struct ml_fact_draft *draft, enum ml_fact_kind kind, const struct ml_http_side *side)
{
    ml_fact_begin_gathered(draft, kind, &side->last, &side->gather, 0, ml_gather_span(&side->gather).len);
    draft->is_cut = side->is_cut;
}

static void on_end(void *context, struct ml_http_side *side, const struct ml_http_head *head)
{
    struct http *http = context;
    struct ml_fact_store *store = http->env->facts;
    struct ml_fact_draft draft;
    ml_http_body_close(&http->bodies[side->last.dir]);
    if (!side->is_told) {
        show_head(http, side, head);
    }
    show_end(http, side);
    if (!side->is_request) {
        begin_fact(&draft, ML_FACT_HTTP_RESPONSE, side);
        ml_http_state_response(store, &draft, head, side->body_bytes);
        return;
    }
    begin_fact(&draft, ML_FACT_HTTP_REQUEST, side);
    ml_http_state_request(store, &draft, head, side->body_bytes);
    for (size_t i = 0; ml_http_subscribers[i] != NULL; i++) {
        if (ml_http_subscribers[i]->request != NULL) {
            begin_fact(&draft, ML_FACT_HTTP_REQUEST, side);
            ml_http_subscribers[i]->request(store, &draft, head);
        }
    }
}

static void on_lost(void *context, struct ml_http_side *side)
{
    struct http *http = context;
    (void)side;
    forget_pending(http);
}

/* --- the parser --- */

/* The flow's idea of client and server is a guess where its beginning was not captured: the first line knows. */
static void settle_roles(struct http *http, const struct ml_chunk *chunk)
{
    struct ml_http_side *side = &http->sides[chunk->dir];
    if (http->has_roles || chunk->gap_len != 0 || ml_gather_span(&side->gather).len != 0) {
        return;
    }
    enum ml_match other = side->is_request ? ml_http_match_response(chunk->bytes) : ml_http_match_request(chunk->bytes);
    if (other == ML_MATCH_YES) {
        http->has_roles = true;
        side->is_request = !side->is_request;
        http->sides[ml_dir_other(chunk->dir)].is_request = !side->is_request;
    }
}

static void open_tunnel(struct http *http)
{
    http->tunnel_state = TUNNEL_OPEN;
    if (http->tunnel != NULL) {
        ml_inner_open(http->tunnel, http->tunnel_layer);
    }
}

/* A message ends: whole, for those who look for what only whole messages tell. */
static void show_record(struct http *http, enum ml_dir dir)
{
    struct ml_gather *record = &http->records[dir];
    struct ml_chunk chunk = ml_chunk_inner(http->frames, ML_LAYER_WEBSOCKET, ml_gather_span(record), record->offset);
    const struct ml_plain plain = {.part = ML_PLAIN_RECORD, .chunk = &chunk, .gather = record};
    if (chunk.bytes.len != 0 && !http->is_beyond[dir]) {
        show(http, &plain);
    }
    ml_gather_clear(record);
    http->is_beyond[dir] = false;
}

static void keep_record(struct http *http, const struct ml_chunk *chunk)
{
    bool *is_beyond = &http->is_beyond[chunk->dir];
    if (http->env->plain == NULL || !http->env->plain->wants_records || *is_beyond) {
        return;
    }
    *is_beyond = !ml_gather_add(&http->records[chunk->dir], chunk);
    if (*is_beyond) {
        ml_gather_clear(&http->records[chunk->dir]);
    }
}

static void feed_content(void *context, struct ml_span content)
{
    struct http *http = context;
    struct ml_chunk chunk = *http->frames;
    if (content.len == 0) {
        show_record(http, chunk.dir);
        return;
    }
    chunk.bytes = content;
    keep_record(http, &chunk);
    http->wants_content = ml_inner_feed(http->tunnel, &chunk);
}

static bool feed_websocket(struct http *http, const struct ml_chunk *chunk)
{
    http->frames = chunk;
    http->wants_content = true;
    struct ml_websocket *websocket = &http->websockets[chunk->dir];
    bool was_full = websocket->is_full;
    bool can_go_on = ml_websocket_feed(websocket, chunk, feed_content, http);
    ml_count_add(http->env->counters, ML_COUNT_LIMIT_MESSAGE, websocket->is_full && !was_full ? 1 : 0);
    if (can_go_on && chunk->gap_len != 0) {
        return ml_inner_feed(http->tunnel, chunk);
    }
    return http->wants_content &&
           (can_go_on || !http->websockets[ml_dir_other(chunk->dir)].is_broken); /* the other may still be read */
}

/* False: nothing more to learn. */
static bool feed_tunnel(struct http *http, const struct ml_chunk *chunk)
{
    if (http->tunnel == NULL) { /* there was no memory for it */
        return false;
    }
    if (chunk->gap_len == 0 && chunk->bytes.len == 0) {
        return true;
    }
    if (http->tunnel_state == TUNNEL_ASKED) {
        if (ml_inner_hold(http->tunnel, chunk)) {
            return true;
        }
        /* The answer does not come (its direction was not captured), and these are no requests. */
        open_tunnel(http);
    }
    return http->tunnel_layer == ML_LAYER_WEBSOCKET ? feed_websocket(http, chunk) : ml_inner_feed(http->tunnel, chunk);
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct http *http = self;
    struct ml_http_side *side = &http->sides[chunk->dir];
    if (http->tunnel_state == TUNNEL_OPEN || side->phase == ML_HTTP_STOPPED) {
        return feed_tunnel(http, chunk);
    }
    settle_roles(http, chunk);
    bool was_lost = side->phase == ML_HTTP_LOST;
    size_t used = ml_http_side_feed(side, chunk);
    if (was_lost && side->phase == ML_HTTP_LOST && chunk->gap_len == 0) {
        show_lost(http, chunk);
    }
    if (http->tunnel_state == TUNNEL_ACCEPTED) {
        open_tunnel(http);
    }
    if (side->phase != ML_HTTP_STOPPED) {
        return true;
    }
    struct ml_chunk rest = *chunk;
    rest.bytes = ml_span_cut(chunk->bytes, used, chunk->bytes.len);
    rest.offset += used;
    return chunk->gap_len != 0 || feed_tunnel(http, &rest);
}

static enum ml_match probe(const struct ml_chunk *first)
{
    enum ml_match request = ml_http_match_request(first->bytes);
    enum ml_match response = ml_http_match_response(first->bytes);
    if (request == ML_MATCH_YES || response == ML_MATCH_YES) {
        return ML_MATCH_YES;
    }
    return request == ML_MATCH_MORE || response == ML_MATCH_MORE ? ML_MATCH_MORE : ML_MATCH_NO;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    struct http *http = ml_mem_array(1, sizeof *http);
    if (http == NULL) {
        return NULL;
    }
    http->env = env;
    http->flow = flow;
    http->calls = (struct ml_http_side_calls){
        .context = http, .head = on_head, .content = on_content, .gap = on_gap, .end = on_end, .lost = on_lost};
    for (int dir = ML_UP; dir <= ML_DOWN; dir++) {
        ml_http_side_init(&http->sides[dir], &http->calls, env, dir == ML_UP, flow->saw_start);
    }
    return http;
}

static void destroy(void *self)
{
    struct http *http = self;
    if (http->tunnel_state == TUNNEL_ASKED && http->tunnel != NULL) {
        open_tunnel(http);
    }
    for (int dir = ML_UP; dir <= ML_DOWN; dir++) {
        ml_http_side_fini(&http->sides[dir]);
        ml_http_body_close(&http->bodies[dir]);
        ml_websocket_fini(&http->websockets[dir]);
        ml_gather_fini(&http->records[dir]);
    }
    ml_inner_free(http->tunnel);
    forget_pending(http);
    drop_pending(&http->answered);
    ml_mem_free(http);
}

const struct ml_parser ml_parser_http = {
    .name = "http",
    .over = ML_OVER_TCP,
    .plain_of = ML_PLAIN_OF_PARTS,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks/leaks.h"

#include "core/mem.h"
#include "core/text.h"
#include "leaks/run.h"
#include "proto/parser.h"

static void count_searched(const struct ml_leaks *leaks, struct ml_leaks_flow *flow, const struct ml_chunk *chunk,
                           size_t len)
{
    bool was_encrypted = ml_layers_are_encrypted(chunk->layers, chunk->n_layers);
    flow->seen += len;
    flow->decrypted += was_encrypted ? len : 0;
    ml_count_add(leaks->counters, was_encrypted ? ML_COUNT_SEARCHED_DECRYPTED : ML_COUNT_SEARCHED_PLAIN, len);
}

/* --- identifiers by their shape --- */

struct detecting {
    struct ml_leaks *leaks;
    const struct ml_leak_place *place;
    const struct ml_view *view; /* escapes were undone; NULL: none */
};

static void take_detected(void *context, const struct ml_detected *detected)
{
    struct detecting *detecting = context;
    struct ml_detected found = *detected;
    if (detecting->view != NULL) {
        size_t last = ml_view_at(detecting->view, detected->from + detected->len - 1);
        found.from = ml_view_at(detecting->view, detected->from);
        found.len = last - found.from + 1;
    }
    ml_leak_tell_detected(detecting->leaks, detecting->place, &found);
}

void ml_leak_detect(struct ml_leaks *leaks, const struct ml_leak_place *place, struct ml_span text,
                    enum ml_leak_text_of what)
{
    const struct ml_view plain = {.bytes = text.ptr, .len = text.len};
    struct detecting detecting = {.leaks = leaks, .place = place};
    bool may_escape = what == ML_LEAK_OF_REQUEST || what == ML_LEAK_OF_BODY || what == ML_LEAK_OF_STREAM;
    if (may_escape && text.len <= ML_MAX_LEAK_VIEW && text.len != 0 && memchr(text.ptr, '%', text.len) != NULL &&
        ml_open_percent(&plain, &leaks->view)) {
        detecting.view = &leaks->view;
        text = ml_span_of(leaks->view.bytes, leaks->view.len);
    }
    switch (what) {
    case ML_LEAK_OF_REQUEST:
        ml_detect_head(text, place->chunk->time_ns, take_detected, &detecting);
        break;
    case ML_LEAK_OF_RESPONSE:
        ml_detect_response(text, place->chunk->time_ns, take_detected, &detecting);
        break;
    case ML_LEAK_OF_BODY:
    case ML_LEAK_OF_STREAM:
        ml_detect_text(text, what == ML_LEAK_OF_STREAM, take_detected, &detecting);
        break;
    case ML_LEAK_OF_NAME:
        ml_detect_host(text, take_detected, &detecting);
        break;
    }
}

/* --- bytes without messages --- */

enum { DNS_PORT = 53, DNS_TLS_PORT = 853 };

bool ml_leak_is_dns(const struct ml_flow *flow)
{
    return flow->server_port == DNS_PORT || flow->server_port == ML_LEAK_MDNS_PORT || flow->server_port == DNS_TLS_PORT;
}

static void search_bytes(struct ml_leaks *leaks, struct ml_leaks_flow *flow, const struct ml_chunk *chunk)
{
    struct ml_leak_raw *raw = ml_leak_raw_of(leaks, flow);
    if (raw == NULL) {
        return;
    }
    struct ml_leak_stream *stream = &raw->streams[chunk->dir];
    if (chunk->gap_len != 0) {
        ml_leak_stream_end(leaks, stream, flow->place, NULL);
        return;
    }
    leaks->n_told = 0;
    if (chunk->is_datagram) {
        const struct ml_leak_place place = {.chunk = chunk, .name = flow->place};
        ml_leak_search(leaks, &place, chunk->bytes);
        ml_leak_search_record(leaks, chunk, NULL, 0, flow->place);
    } else {
        ml_leak_stream_feed(leaks, stream, chunk, flow->place, NULL);
    }
    if (ml_leak_is_dns(chunk->flow)) {
        ml_leak_search_labels(leaks, chunk);
    }
}

/* False: the detectors had no use for them. */
static bool detect_bytes(struct ml_leaks *leaks, struct ml_leaks_flow *flow, const struct ml_chunk *chunk)
{
    if (flow->is_read) {
        return false;
    }
    if (!ml_leak_is_dns(chunk->flow)) {
        return ml_leak_text_feed(leaks, flow, chunk);
    }
    ml_leak_detect_labels(leaks, chunk);
    return chunk->flow->server_port != ML_LEAK_MDNS_PORT || ml_leak_text_feed(leaks, flow, chunk); /* its texts too */
}

static void take_bytes(struct ml_leaks *leaks, struct ml_leaks_flow *flow, const struct ml_chunk *chunk)
{
    flow->place = ml_leak_is_dns(chunk->flow) ? "dns.name" : "payload";
    if (leaks->search != NULL) {
        search_bytes(leaks, flow, chunk);
    }
    if (detect_bytes(leaks, flow, chunk) || leaks->search != NULL) {
        count_searched(leaks, flow, chunk, chunk->bytes.len);
    }
}

/* --- messages --- */

/* Types of bodies that hold no text: not worth a look for names and values. */
static bool is_media(struct ml_span type)
{
    static const char *const media[] = {
        "image/",          "video/",          "audio/",          "font/", "application/octet-stream",
        "application/zip", "application/pdf", "application/ocsp"};
    for (size_t i = 0; i < sizeof media / sizeof media[0]; i++) {
        if (ml_span_starts_nocase(type, media[i])) {
            return true;
        }
    }
    return false;
}

/* The coding named `name`; ML_WRAP_NONE for one that we cannot undo. */
static enum ml_wrapping coding_of(struct ml_span name, enum ml_layer *layer)
{
    static const struct {
        const char *name;
        enum ml_wrapping form;
        enum ml_layer layer;
    } known[] = {{"gzip", ML_WRAP_GZIP, ML_LAYER_GZIP},
                 {"x-gzip", ML_WRAP_GZIP, ML_LAYER_GZIP},
                 {"deflate", ML_WRAP_DEFLATE, ML_LAYER_DEFLATE},
                 {"br", ML_WRAP_BROTLI, ML_LAYER_BROTLI},
                 {"zstd", ML_WRAP_ZSTD, ML_LAYER_ZSTD}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (ml_span_equal_nocase(name, ml_span_text(known[i].name))) {
            *layer = known[i].layer;
            return known[i].form;
        }
    }
    return ML_WRAP_NONE;
}

/* Codings in the order they were applied; the last is undone first. More than we can undo leave the body as it is. */
static void open_codings(struct ml_leak_message *message, struct ml_span codings)
{
    while (codings.len != 0) {
        size_t comma = ml_span_find(codings, ml_span_text(","));
        struct ml_span name = ml_span_trim(ml_span_cut(codings, 0, comma));
        enum ml_layer layer = ML_LAYER_NONE;
        enum ml_wrapping form = coding_of(name, &layer);
        codings = ml_span_cut(codings, comma + 1, codings.len);
        if (name.len == 0 || ml_span_equal_nocase(name, ml_span_text("identity"))) {
            continue;
        }
        struct ml_unpack *unpack =
            form != ML_WRAP_NONE && message->n_codings < ML_LEAK_CODINGS ? ml_unpack_new(form, ML_MAX_LEAK_BODY) : NULL;
        if (unpack == NULL) {
            message->is_done = true;
            return;
        }
        message->unpack[1] = message->unpack[0];
        message->layers[1] = message->layers[0];
        message->unpack[0] = unpack;
        message->layers[0] = layer;
        message->n_codings++;
    }
}

static void free_message(struct ml_leak_message *message)
{
    ml_gather_fini(&message->text);
    for (unsigned i = 0; i < ML_LEAK_CODINGS; i++) {
        ml_unpack_free(message->unpack[i]);
    }
    ml_mem_free(message);
}

/* Takes it out of the list. */
static void close_message(struct ml_leaks *leaks, struct ml_leak_message **link)
{
    struct ml_leak_message *message = *link;
    if (message == NULL) {
        return;
    }
    ml_leak_frames_end(leaks, message);
    ml_leak_stream_end(leaks, &message->stream, "body", message);
    struct ml_span text = ml_gather_span(&message->text);
    if (text.len != 0) {
        const struct ml_leak_place place = {
            .chunk = &message->stream.chunk, .gather = &message->text, .name = "body", .message = message};
        ml_leak_detect(leaks, &place, text, ML_LEAK_OF_BODY);
        leaks->held -= text.len;
    }
    if (message->is_request) {
        ml_leak_tell_joined(leaks, message);
    }
    *link = message->next;
    free_message(message);
}

/* Where the message stands in the list, or would. */
static struct ml_leak_message **find_message(struct ml_leaks_flow *flow, const struct ml_plain *plain)
{
    struct ml_leak_message **link = &flow->messages;
    while (*link != NULL && ((*link)->dir != plain->chunk->dir || (*link)->number != plain->message)) {
        link = &(*link)->next;
    }
    return link;
}

/* How messages lie in the body, and how each is compressed (gRPC over HTTP2, "Message-Encoding"). */
static void open_frames(struct ml_leak_message *message, const struct ml_plain *plain)
{
    static const char field[] = "\r\ngrpc-encoding:";
    struct ml_leak_frames *frames = &message->frames;
    frames->framing = ml_leak_framing_of(plain->type);
    ml_gather_init(&frames->message, ML_MAX_LEAK_VIEW);
    if (frames->framing != ML_LEAK_GRPC) {
        return;
    }
    struct ml_span head = plain->chunk->bytes;
    size_t at = ml_span_find(head, ml_span_text(field)); /* names are in lower case in HTTP/2 and HTTP/3 */
    struct ml_span value = ml_span_cut(head, at + sizeof field - 1, head.len);
    value = ml_span_trim(ml_span_cut(value, 0, ml_span_find(value, ml_span_text("\r"))));
    frames->coding = coding_of(value, &frames->layer);
}

static void take_head(struct ml_leaks *leaks, struct ml_leaks_flow *flow, const struct ml_plain *plain)
{
    close_message(leaks, find_message(flow, plain));
    struct ml_leak_message *message = ml_mem_array(1, sizeof *message);
    if (message == NULL) {
        ml_count(leaks->counters, ML_COUNT_LIMIT_MEMORY);
        return;
    }
    const struct ml_leak_place place = {.chunk = plain->chunk,
                                        .gather = plain->gather,
                                        .head = plain->chunk->bytes,
                                        .packed_len = plain->packed_len,
                                        .host = plain->asked,
                                        .message = message};
    message->next = flow->messages;
    flow->messages = message;
    message->dir = plain->chunk->dir;
    message->number = plain->message;
    message->is_request = plain->is_request;
    message->is_text = plain->is_request && !is_media(plain->type);
    message->host_len = plain->host.len < ML_LEAK_HOST ? plain->host.len : 0;
    if (message->host_len != 0) {
        memcpy(message->host, plain->host.ptr, message->host_len);
    }
    message->head = *plain->chunk;
    message->head.bytes = ml_span_of(NULL, 0);
    ml_gather_init(&message->text, ML_MAX_DETECT_BYTES);
    open_codings(message, plain->coding);
    open_frames(message, plain);
    count_searched(leaks, flow, plain->chunk, plain->packed_len != 0 ? plain->packed_len : plain->chunk->bytes.len);
    ml_leak_search(leaks, &place, plain->chunk->bytes);
    ml_leak_detect(leaks, &place, plain->chunk->bytes, plain->is_request ? ML_LEAK_OF_REQUEST : ML_LEAK_OF_RESPONSE);
}

static void take_trailer(struct ml_leaks *leaks, struct ml_leaks_flow *flow, const struct ml_plain *plain)
{
    struct ml_leak_message *message = *find_message(ml_leak_home_of(leaks, flow, plain), plain);
    if (message == NULL) {
        return;
    }
    const struct ml_leak_place place = {.chunk = plain->chunk,
                                        .gather = plain->gather,
                                        .head = plain->chunk->bytes,
                                        .packed_len = plain->packed_len,
                                        .message = message};
    count_searched(leaks, flow, plain->chunk, plain->packed_len != 0 ? plain->packed_len : plain->chunk->bytes.len);
    ml_leak_search(leaks, &place, plain->chunk->bytes);
    ml_leak_detect(leaks, &place, plain->chunk->bytes, message->is_request ? ML_LEAK_OF_REQUEST : ML_LEAK_OF_RESPONSE);
}

void ml_leak_content(struct ml_leaks *leaks, struct ml_leak_message *message, const struct ml_chunk *chunk)
{
    ml_leak_stream_feed(leaks, &message->stream, chunk, "body", message);
    message->stream.chunk = *chunk;
    message->stream.chunk.bytes = ml_span_of(NULL, 0);
    if (!message->is_text) {
        return;
    }
    struct ml_chunk part = *chunk;
    part.bytes = ml_span_cut(chunk->bytes, 0, ML_MAX_DETECT_BYTES - ml_gather_span(&message->text).len);
    if (leaks->held + part.bytes.len > ML_MAX_LEAK_HELD || !ml_gather_add(&message->text, &part)) {
        ml_count(leaks->counters, ML_COUNT_LIMIT_LEAK_HELD);
        message->is_text = false; /* what comes behind a hole is another text */
        return;
    }
    leaks->held += part.bytes.len;
    message->is_text = part.bytes.len == chunk->bytes.len;
}

/* Content without its codings. */
static void take_content(struct ml_leaks *leaks, struct ml_leak_message *message, const struct ml_chunk *chunk)
{
    if (message->frames.framing != ML_LEAK_UNFRAMED) {
        ml_leak_frames_feed(leaks, message, chunk);
    } else {
        ml_leak_content(leaks, message, chunk);
    }
}

struct unpacking {
    struct ml_leaks *leaks;
    struct ml_leak_message *message;
    const struct ml_chunk *outer;
    unsigned depth;
};

static void unpack(struct unpacking *unpacking, struct ml_span bytes);

static void take_unpacked(void *context, struct ml_span content, size_t used)
{
    struct unpacking *unpacking = context;
    struct ml_leak_message *message = unpacking->message;
    (void)used;
    if (unpacking->depth + 1 < message->n_codings) {
        struct unpacking inner = *unpacking;
        inner.depth++;
        unpack(&inner, content); /* at most ML_LEAK_CODINGS deep */
        return;
    }
    if (!ml_leak_may_unpack(unpacking->leaks, content.len)) {
        message->is_beyond = true;
        return;
    }
    struct ml_chunk chunk = *unpacking->outer;
    for (unsigned i = 0; i < message->n_codings; i++) {
        chunk = ml_chunk_inner(&chunk, message->layers[i], content, message->unpacked);
    }
    message->unpacked += content.len;
    ml_count_add(unpacking->leaks->counters, ML_COUNT_SEARCHED_UNPACKED, content.len);
    take_content(unpacking->leaks, message, &chunk);
}

static void unpack(struct unpacking *unpacking, struct ml_span bytes)
{
    struct ml_leak_message *message = unpacking->message;
    enum ml_unpack_end end = ml_unpack_feed(message->unpack[unpacking->depth], bytes, take_unpacked, unpacking);
    bool is_beyond = !message->is_done && (message->is_beyond || end == ML_UNPACK_LIMIT);
    message->is_done |= is_beyond || end == ML_UNPACK_BROKEN;
    message->is_beyond |= is_beyond;
    ml_count_add(unpacking->leaks->counters, ML_COUNT_LIMIT_LEAK_BODY, is_beyond ? 1 : 0);
}

static void take_body(struct ml_leaks *leaks, struct ml_leaks_flow *flow, const struct ml_plain *plain)
{
    const struct ml_chunk *chunk = plain->chunk;
    struct ml_leak_message *message = *find_message(ml_leak_home_of(leaks, flow, plain), plain);
    if (message == NULL) {
        bool has_moved = plain->begun != NULL && plain->begun != flow->flow;
        if (has_moved &&
            ml_plain_wants_bytes(&leaks->sink)) { /* the flow of its head is over: as bytes of nobody knows what */
            take_bytes(leaks, flow, chunk);
        }
        return;
    }
    bool is_wanted = leaks->search != NULL || message->is_text;
    if (chunk->gap_len != 0) {
        ml_leak_frames_lose(leaks, message);
        message->is_text = false;
        message->is_done |= message->n_codings != 0; /* nothing behind a hole can be unpacked */
        return;
    }
    if (!is_wanted) {
        return;
    }
    if (message->is_done) {
        ml_count_add(leaks->counters, message->is_beyond ? ML_COUNT_NOT_SEARCHED_CEILING : ML_COUNT_NOT_SEARCHED_CODING,
                     chunk->bytes.len);
        return;
    }
    count_searched(leaks, flow, chunk, chunk->bytes.len);
    if (message->n_codings == 0) {
        take_content(leaks, message, chunk);
    } else {
        struct unpacking unpacking = {.leaks = leaks, .message = message, .outer = chunk};
        unpack(&unpacking, chunk->bytes);
    }
}

static void take(void *context, const struct ml_plain *plain)
{
    struct ml_leaks *leaks = context;
    struct ml_leaks_flow *flow = ml_leak_current(leaks);
    if (flow == NULL) {
        return;
    }
    switch (plain->part) {
    case ML_PLAIN_BYTES:
        take_bytes(leaks, flow, plain->chunk);
        break;
    case ML_PLAIN_HEAD:
        take_head(leaks, flow, plain);
        break;
    case ML_PLAIN_BODY:
        take_body(leaks, flow, plain);
        break;
    case ML_PLAIN_TRAILER:
        take_trailer(leaks, flow, plain);
        break;
    case ML_PLAIN_RECORD:
        ml_leak_search_record(leaks, plain->chunk, plain->gather, plain->skip, "payload");
        break;
    case ML_PLAIN_END:
        close_message(leaks, find_message(ml_leak_home_of(leaks, flow, plain), plain));
        break;
    }
}

/* --- life --- */

/* Without planted values only the detectors want bytes, and not those of a conversation in which they found no text. */
static bool wants_bytes(void *context)
{
    const struct ml_leaks *leaks = context;
    bool is_read = leaks->current != NULL && *leaks->current != NULL && (*leaks->current)->is_read;
    return leaks->search != NULL || !is_read;
}

struct ml_leaks *ml_leaks_new(const struct ml_patterns *patterns, struct ml_fact_store *facts)
{
    struct ml_leaks *leaks = ml_mem_array(1, sizeof *leaks);
    if (leaks == NULL) {
        return NULL;
    }
    leaks->facts = facts;
    leaks->counters = facts->counters;
    leaks->sink = (struct ml_plain_sink){
        .context = leaks, .wants_bytes = wants_bytes, .wants_records = patterns != NULL, .take = take};
    leaks->search = patterns != NULL ? ml_search_new(patterns, leaks->counters) : NULL;
    leaks->text = ml_mem_array(ML_MAX_DETECT_BYTES, 1);
    if (leaks->text == NULL || !ml_view_init(&leaks->view) || (patterns != NULL && leaks->search == NULL)) {
        ml_leaks_free(leaks);
        return NULL;
    }
    facts->on_fact = ml_leak_take_fact;
    facts->on_fact_context = leaks;
    return leaks;
}

void ml_leaks_free(struct ml_leaks *leaks)
{
    if (leaks != NULL) {
        if (leaks->facts->on_fact_context == leaks) {
            leaks->facts->on_fact = NULL;
        }
        ml_view_fini(&leaks->view);
        ml_mem_free(leaks->text);
        ml_search_free(leaks->search);
        ml_pool_fini(&leaks->flows);
        ml_pool_fini(&leaks->raws);
        ml_mem_free(leaks);
    }
}

const struct ml_plain_sink *ml_leaks_sink(const struct ml_leaks *leaks)
{
    return &leaks->sink;
}

void ml_leaks_enter(struct ml_leaks *leaks, const struct ml_flow *flow, struct ml_leaks_flow **state)
{
    leaks->current_flow = flow;
    leaks->current = state;
}

void ml_leaks_close(struct ml_leaks *leaks, struct ml_leaks_flow **state)
{
    struct ml_leaks_flow *flow = *state;
    if (flow != NULL) {
        for (int dir = ML_UP; flow->raw != NULL && dir <= ML_DOWN; dir++) {
            ml_leak_stream_end(leaks, &flow->raw->streams[dir], flow->place, NULL);
            ml_leak_text_end(leaks, &flow->raw->texts[dir]);
        }
        while (flow->messages != NULL) {
            close_message(leaks, &flow->messages);
        }
        ml_leak_take_out(leaks, flow);
        ml_leak_tell_joined_bytes(leaks, flow);
        ml_pool_put(&leaks->raws, flow->raw);
        ml_pool_put(&leaks->flows, flow);
        *state = NULL;
    }
    leaks->current = NULL;
}

uint64_t ml_leaks_seen(const struct ml_leaks_flow *state)
{
    return state != NULL ? state->seen : 0;
}

uint64_t ml_leaks_decrypted(const struct ml_leaks_flow *state)
{
    return state != NULL ? state->decrypted : 0;
}

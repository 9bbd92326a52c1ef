/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http2/exchanges.h"

#include "core/mem.h"
#include "proto/http/body.h"
#include "proto/http/facts.h"

enum { INTERIM_END = 200 };

struct message {
    bool is_open;    /* a head came, the end did not */
    bool is_request; /* of its head */
    bool is_cut;     /* bytes are missing */
    struct ml_h2_fields fields;
    struct ml_http_head head; /* spans into fields */
    struct ml_chunk chunk;    /* without bytes */
    struct ml_exchange_place place;
    uint64_t body_bytes;
    struct ml_http_body body;
};

struct exchange {
    uint64_t stream;
    uint64_t order;             /* of its arrival; 0: free */
    struct message messages[2]; /* by direction */
};

struct ml_exchanges {
    struct ml_proto_env *env; /* borrowed */
    enum ml_layer layer;
    uint64_t n_begun;
    struct exchange *open[ML_MAX_HTTP2_STREAMS]; /* owned */
    size_t n_open;
};

struct ml_exchanges *ml_exchanges_new(struct ml_proto_env *env, enum ml_layer layer)
{
    struct ml_exchanges *exchanges = ml_mem_array(1, sizeof *exchanges);
    if (exchanges != NULL) {
        exchanges->env = env;
        exchanges->layer = layer;
    }
    return exchanges;
}

/* --- facts --- */

static void begin_fact(const struct message *message, struct ml_fact_draft *draft)
{
    ml_fact_begin(draft, message->is_request ? ML_FACT_HTTP_REQUEST : ML_FACT_HTTP_RESPONSE, &message->chunk);
    draft->first_seq = message->place.first_seq;
    draft->time_ns = message->place.time_ns;
    draft->range_from = message->place.range_from;
    draft->range_len = message->place.range_len;
    draft->is_cut = message->is_cut || message->fields.is_cut;
}

static void state_message(struct ml_exchanges *exchanges, const struct message *message)
{
    struct ml_fact_store *store = exchanges->env->facts;
    struct ml_fact_draft draft;
    begin_fact(message, &draft);
    if (!message->is_request) {
        ml_http_state_response(store, &draft, &message->head, message->body_bytes);
        return;
    }
    ml_http_state_request(store, &draft, &message->head, message->body_bytes);
    for (size_t i = 0; ml_http_subscribers[i] != NULL; i++) {
        if (ml_http_subscribers[i]->request != NULL) {
            begin_fact(message, &draft);
            ml_http_subscribers[i]->request(store, &draft, &message->head);
        }
    }
}

/* --- the plain sink --- */

static void show(const struct ml_exchanges *exchanges, const struct ml_plain *plain)
{
    exchanges->env->plain->take(exchanges->env->plain->context, plain);
}

/* As the head of HTTP/1 that says the same. */
static void show_head(const struct ml_exchanges *exchanges, const struct exchange *exchange,
                      const struct message *message)
{
    const struct ml_http_head *head = &message->head;
    const struct message *other = &exchange->messages[ml_dir_other(message->chunk.dir)];
    const struct ml_http_head *request = head->is_request ? head : &other->head;
    char host[ML_HTTP_HOST_TEXT];
    size_t host_len = request->is_request ? ml_http_host(request, host) : 0;
    struct ml_buf text;
    struct ml_chunk chunk = message->chunk;
    ml_buf_init(&text, ML_MAX_FIELD_BYTES);
    bool ok = head->is_request ? ml_buf_add_span(&text, head->method) && ml_buf_add_text(&text, " ") &&
                                     ml_buf_add_span(&text, head->target) && ml_buf_add_text(&text, " HTTP\r\n")
                               : ml_buf_printf(&text, "HTTP %u\r\n", (unsigned)head->status);
    ok = ok && ml_buf_add_span(&text, head->fields);
    chunk.bytes = ml_buf_span(&text);
    chunk.offset = message->place.range_from;
    const struct ml_plain plain = {
        .part = ML_PLAIN_HEAD,
        .chunk = &chunk,
        .message = exchange->stream,
        .is_request = head->is_request,
        .host = ml_span_of(host, head->is_request ? host_len : 0),
        .asked = ml_span_of(host, head->is_request ? 0 : host_len),
        .type = ml_http_field(head, "Content-Type"),
        .coding = ml_http_field(head, "Content-Encoding"),
        .packed_len = message->place.range_len,
    };
    if (ok) {
        show(exchanges, &plain);
    } else {
        ml_count(exchanges->env->counters, ML_COUNT_LIMIT_MEMORY);
    }
    ml_buf_fini(&text);
}

/* Fields behind the content of a message. */
static void show_trailer(const struct ml_exchanges *exchanges, uint64_t stream, const struct ml_exchange_place *place,
                         const struct message *message, struct ml_span lines)
{
    struct ml_buf text;
    struct ml_chunk chunk = ml_chunk_inner(place->chunk, exchanges->layer, ml_span_of(NULL, 0), place->range_from);
    ml_buf_init(&text, ML_MAX_FIELD_BYTES);
    bool ok = ml_buf_add_text(&text, "\r\n") && ml_buf_add_span(&text, lines);
    chunk.bytes = ml_buf_span(&text);
    const struct ml_plain plain = {.part = ML_PLAIN_TRAILER,
                                   .chunk = &chunk,
                                   .message = stream,
                                   .begun = message->chunk.flow,
                                   .packed_len = place->range_len};
    if (ok) {
        show(exchanges, &plain);
    } else {
        ml_count(exchanges->env->counters, ML_COUNT_LIMIT_MEMORY);
    }
    ml_buf_fini(&text);
}

static void show_part(const struct ml_exchanges *exchanges, enum ml_plain_part part, uint64_t stream,
                      const struct message *message, const struct ml_chunk *chunk)
{
    const struct ml_plain plain = {.part = part, .chunk = chunk, .message = stream, .begun = message->chunk.flow};
    if (exchanges->env->plain != NULL) {
        show(exchanges, &plain);
    }
}

/* --- exchanges --- */

static void end_message(struct ml_exchanges *exchanges, uint64_t stream, struct message *message)
{
    if (!message->is_open) {
        return;
    }
    message->is_open = false;
    ml_http_body_close(&message->body);
    show_part(exchanges, ML_PLAIN_END, stream, message, &message->chunk);
    state_message(exchanges, message);
}

static void remove_at(struct ml_exchanges *exchanges, size_t at)
{
    struct exchange *exchange = exchanges->open[at];
    exchanges->open[at] = exchanges->open[--exchanges->n_open];
    for (int dir = ML_UP; dir <= ML_DOWN; dir++) {
        ml_h2_fields_fini(&exchange->messages[dir].fields);
    }
    ml_mem_free(exchange);
}

/* Ends both messages before their time: first what the client said, then the answer. */
static void cut_at(struct ml_exchanges *exchanges, size_t at)
{
    struct exchange *exchange = exchanges->open[at];
    for (int dir = ML_UP; dir <= ML_DOWN; dir++) {
        exchange->messages[dir].is_cut = true;
        end_message(exchanges, exchange->stream, &exchange->messages[dir]);
    }
    remove_at(exchanges, at);
}

static size_t find(const struct ml_exchanges *exchanges, uint64_t stream)
{
    size_t at = 0;
    while (at < exchanges->n_open && exchanges->open[at]->stream != stream) {
        at++;
    }
    return at;
}

static size_t oldest(const struct ml_exchanges *exchanges)
{
    size_t found = 0;
    for (size_t i = 1; i < exchanges->n_open; i++) {
        if (exchanges->open[i]->order < exchanges->open[found]->order) {
            found = i;
        }
    }
    return found;
}

void ml_exchanges_free(struct ml_exchanges *exchanges)
{
    if (exchanges == NULL) {
        return;
    }
    while (exchanges->n_open != 0) {
        cut_at(exchanges, oldest(exchanges));
    }
    ml_mem_free(exchanges);
}

/* The oldest goes: a request whose answer never came, or, at worst, one whose content still does. */
static void make_room(struct ml_exchanges *exchanges)
{
    size_t at = oldest(exchanges);
    const struct exchange *exchange = exchanges->open[at];
    if (exchange->messages[ML_UP].is_open || exchange->messages[ML_DOWN].is_open) {
        ml_count(exchanges->env->counters, ML_COUNT_LIMIT_MESSAGE);
    }
    cut_at(exchanges, at);
}

/* NULL when memory runs out. */
static struct exchange *get(struct ml_exchanges *exchanges, uint64_t stream)
{
    size_t at = find(exchanges, stream);
    if (at < exchanges->n_open) {
        return exchanges->open[at];
    }
    if (exchanges->n_open == ML_MAX_HTTP2_STREAMS) {
        make_room(exchanges);
    }
    struct exchange *exchange = ml_mem_array(1, sizeof *exchange);
    if (exchange == NULL) {
        ml_count(exchanges->env->counters, ML_COUNT_LIMIT_MEMORY);
        return NULL;
    }
    exchange->stream = stream;
    exchange->order = ++exchanges->n_begun;
    ml_h2_fields_init(&exchange->messages[ML_UP].fields);
    ml_h2_fields_init(&exchange->messages[ML_DOWN].fields);
    exchanges->open[exchanges->n_open++] = exchange;
    return exchange;
}

static void open_body(struct ml_exchanges *exchanges, const struct exchange *exchange, struct message *message)
{
    const struct message *other = &exchange->messages[ml_dir_other(message->chunk.dir)];
    struct ml_http_exchange pair = {.request = {.is_request = true}};
    if (message->is_request) {
        pair.request = message->head;
    } else {
        pair.response = &message->head;
        if (other->is_request) {
            pair.request = other->head;
        }
    }
    ml_http_body_open(&message->body, exchanges->env, &pair);
}

/* Fields without a status or a method: those behind the content of a message that is open. */
static void trailer(const struct ml_exchanges *exchanges, uint64_t stream, const struct ml_exchange_place *place,
                    const struct ml_http_head *head)
{
    size_t at = find(exchanges, stream);
    const struct message *message = at < exchanges->n_open ? &exchanges->open[at]->messages[place->chunk->dir] : NULL;
    if (message != NULL && message->is_open && exchanges->env->plain != NULL) {
        show_trailer(exchanges, stream, place, message, head->fields);
    }
}

void ml_exchanges_head(struct ml_exchanges *exchanges, uint64_t stream, const struct ml_exchange_place *place,
                       struct ml_h2_fields *fields)
{
    struct ml_http_head head;
    bool is_head = ml_h2_fields_head(fields, &head);
    ml_count_add(exchanges->env->counters, ML_COUNT_LIMIT_MESSAGE, fields->is_cut ? 1 : 0);
    if (!is_head) {
        trailer(exchanges, stream, place, &head);
    }
    if (!is_head || (fields->status != 0 && fields->status < INTERIM_END)) { /* or a response that another follows */
        ml_h2_fields_fini(fields);
        ml_h2_fields_init(fields);
        return;
    }
    struct exchange *exchange = get(exchanges, stream);
    struct message *message = exchange != NULL ? &exchange->messages[place->chunk->dir] : NULL;
    if (message == NULL || message->is_open) { /* a second head in one message is a fault of its sender */
        ml_h2_fields_fini(fields);
        ml_h2_fields_init(fields);
        return;
    }
    ml_h2_fields_fini(&message->fields);
    message->fields = *fields; /* taken */
    ml_h2_fields_init(fields);
    message->is_open = true;
    message->is_request = head.is_request;
    message->head = head;
    message->chunk = ml_chunk_inner(place->chunk, exchanges->layer, ml_span_of(NULL, 0), 0);
    message->place = *place;
    message->place.chunk = NULL; /* it does not live as long */
    message->body_bytes = 0;
    open_body(exchanges, exchange, message);
    if (exchanges->env->plain != NULL) {
        show_head(exchanges, exchange, message);
    }
}

void ml_exchanges_lost(const struct ml_exchanges *exchanges, const struct ml_chunk *chunk)
{
    struct ml_chunk lost = ml_chunk_inner(chunk, exchanges->layer, chunk->bytes, chunk->offset);
    const struct ml_plain plain = {.part = ML_PLAIN_BYTES, .chunk = &lost};
    lost.gap_len = chunk->gap_len;
    if (ml_plain_wants_bytes(exchanges->env->plain)) {
        show(exchanges, &plain);
    }
}

void ml_exchanges_content(struct ml_exchanges *exchanges, uint64_t stream, const struct ml_chunk *chunk)
{
    size_t at = find(exchanges, stream);
    struct message *message = at < exchanges->n_open ? &exchanges->open[at]->messages[chunk->dir] : NULL;
    if (message == NULL || !message->is_open) { /* its head could not be read */
        ml_exchanges_lost(exchanges, chunk);
        return;
    }
    struct ml_chunk outer = ml_chunk_inner(chunk, exchanges->layer, chunk->bytes, message->body_bytes);
    struct ml_chunk body = ml_chunk_inner(&outer, ML_LAYER_HTTP_BODY, chunk->bytes, message->body_bytes);
    body.gap_len = chunk->gap_len;
    show_part(exchanges, ML_PLAIN_BODY, stream, message, &body);
    if (chunk->gap_len != 0) {
        outer.gap_len = chunk->gap_len;
        message->is_cut = true;
        message->body_bytes += chunk->gap_len;
        ml_http_body_gap(&message->body, &outer);
        return;
    }
    message->body_bytes += chunk->bytes.len;
    ml_http_body_feed(&message->body, &outer, chunk->bytes);
}

void ml_exchanges_end(struct ml_exchanges *exchanges, uint64_t stream, enum ml_dir dir)
{
    size_t at = find(exchanges, stream);
    if (at == exchanges->n_open) {
        return;
    }
    struct exchange *exchange = exchanges->open[at];
    end_message(exchanges, exchange->stream, &exchange->messages[dir]);
    bool has_answer = !exchange->messages[dir].is_request && exchange->messages[dir].fields.status != 0;
    if (has_answer && !exchange->messages[ml_dir_other(dir)].is_open) {
        remove_at(exchanges, at); /* both are over */
    }
}

void ml_exchanges_cut(struct ml_exchanges *exchanges, uint64_t stream, enum ml_dir dir)
{
    size_t at = find(exchanges, stream);
    if (at < exchanges->n_open) {
        exchanges->open[at]->messages[dir].is_cut = true;
        ml_exchanges_end(exchanges, stream, dir);
    }
}

void ml_exchanges_reset(struct ml_exchanges *exchanges, uint64_t stream)
{
    size_t at = find(exchanges, stream);
    if (at < exchanges->n_open) {
        cut_at(exchanges, at);
    }
}

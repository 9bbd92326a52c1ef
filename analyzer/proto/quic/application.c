/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic/application.h"

#include "core/mem.h"
#include "proto/http3/http3.h"
#include "proto/quic/streams.h"
#include "proto/tls/unsealed.h"

/* A stream that no HTTP/3 is on: a conversation of its own. */
struct conversation {
    uint64_t stream;
    struct ml_demux *demux; /* owned; NULL: nobody wants more of it */
    bool is_over[2];
};

struct ml_quic_application {
    struct ml_proto_env *env;        /* borrowed */
    struct ml_flow *flow;            /* borrowed */
    unsigned *why;                   /* borrowed */
    struct ml_quic_streams *streams; /* owned */
    struct ml_http3 *http3;          /* owned; NULL: something else is spoken */
    struct conversation open[ML_MAX_QUIC_CONVERSATIONS];
    size_t n_open;
    struct ml_demux *datagrams; /* owned; NULL until the first */
};

/* --- conversations --- */

static void close_at(struct ml_quic_application *application, size_t at)
{
    ml_demux_free(application->open[at].demux);
    application->n_open--;
    memmove(application->open + at, application->open + at + 1,
            (application->n_open - at) * sizeof application->open[0]);
}

static struct conversation *get(struct ml_quic_application *application, uint64_t stream)
{
    for (size_t i = 0; i < application->n_open; i++) {
        if (application->open[i].stream == stream) {
            return &application->open[i];
        }
    }
    if (application->n_open == ML_MAX_QUIC_CONVERSATIONS) {
        ml_count(application->env->counters, ML_COUNT_LIMIT_QUIC_STREAMS);
        close_at(application, 0); /* the oldest */
    }
    struct conversation *conversation = &application->open[application->n_open++];
    *conversation = (struct conversation){.stream = stream};
    conversation->demux = ml_demux_new(application->env, application->flow, ML_OVER_TCP);
    if (conversation->demux == NULL) {
        ml_count(application->env->counters, ML_COUNT_LIMIT_MEMORY);
    }
    return conversation;
}

static void converse(struct ml_quic_application *application, uint64_t stream, const struct ml_chunk *chunk,
                     bool is_end)
{
    struct conversation *conversation = get(application, stream);
    bool has_content = chunk->bytes.len != 0 || chunk->gap_len != 0;
    if (conversation->demux != NULL && has_content && !ml_demux_feed(conversation->demux, chunk)) {
        ml_demux_free(conversation->demux);
        conversation->demux = NULL;
    }
    conversation->is_over[chunk->dir] = is_end;
    bool is_one_way = (stream & 2) != 0;
    if (is_end && (is_one_way || conversation->is_over[ml_dir_other(chunk->dir)])) {
        close_at(application, (size_t)(conversation - application->open));
    }
}

/* --- streams in order --- */

static void take(void *context, uint64_t stream, const struct ml_chunk *chunk, bool is_end)
{
    struct ml_quic_application *application = context;
    *application->why |= chunk->gap_len != 0 ? ML_UNSEALED_GAP : 0U;
    if (application->http3 != NULL) {
        ml_http3_feed(application->http3, stream, chunk, is_end);
    } else {
        converse(application, stream, chunk, is_end);
    }
}

static void cut(void *context, uint64_t stream, const struct ml_chunk *chunk)
{
    struct ml_quic_application *application = context;
    if (application->http3 != NULL) {
        ml_http3_cut(application->http3, stream, chunk->dir);
    }
}

struct ml_quic_application *ml_quic_application_new(struct ml_proto_env *env, struct ml_flow *flow, bool is_http3,
                                                    unsigned *why)
{
    struct ml_quic_application *application = ml_mem_array(1, sizeof *application);
    const struct ml_quic_stream_owner owner = {
        .context = application, .counters = env->counters, .take = take, .cut = cut};
    if (application == NULL) {
        return NULL;
    }
    application->env = env;
    application->flow = flow;
    application->why = why;
    application->streams = ml_quic_streams_new(&owner);
    application->http3 = is_http3 ? ml_http3_new(env) : NULL;
    if (application->streams == NULL || (is_http3 && application->http3 == NULL)) {
        ml_quic_application_free(application);
        return NULL;
    }
    return application;
}

void ml_quic_application_free(struct ml_quic_application *application)
{
    if (application == NULL) {
        return;
    }
    ml_quic_streams_free(application->streams);
    ml_http3_free(application->http3);
    while (application->n_open != 0) {
        close_at(application, 0);
    }
    ml_demux_free(application->datagrams);
    ml_mem_free(application);
}

/* Datagrams beside HTTP/3 belong to one of its requests (RFC 9297) and begin with its number. */
static void datagram(struct ml_quic_application *application, const struct ml_chunk *chunk)
{
    struct ml_chunk alone = *chunk;
    alone.is_datagram = true;
    alone.offset = 0;
    if (application->http3 != NULL || chunk->bytes.len == 0) {
        return;
    }
    if (application->datagrams == NULL) {
        application->datagrams = ml_demux_new(application->env, application->flow, ML_OVER_UDP);
    }
    if (application->datagrams == NULL) {
        ml_count(application->env->counters, ML_COUNT_LIMIT_MEMORY);
        return;
    }
    (void)ml_demux_feed(application->datagrams, &alone);
}

void ml_quic_application_frame(struct ml_quic_application *application, const struct ml_quic_frame *frame,
                               const struct ml_chunk *chunk)
{
    switch (frame->kind) {
    case ML_QUIC_FRAME_STREAM:
        ml_quic_streams_add(application->streams, frame->stream, chunk, frame->is_end);
        break;
    case ML_QUIC_FRAME_RESET:
        ml_quic_streams_reset(application->streams, frame->stream, chunk);
        break;
    case ML_QUIC_FRAME_DATAGRAM:
        datagram(application, chunk);
        break;
    case ML_QUIC_FRAME_CRYPTO:
    case ML_QUIC_FRAME_CONNECTION_ID:
        break;
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic/connection.h"

#include "proto/quic/frames.h"

static bool make_keys(struct ml_quic_connection *connection, struct ml_quic_crypto *crypto, struct ml_quic_side *side,
                      const struct ml_quic_version *version)
{
    if (side->version == version) {
        return true;
    }
    /* A server may answer in another version; its keys then hang on the same id (RFC 9369, section 4). */
    struct ml_span dcid = ml_span_of(connection->dcid, connection->dcid_len);
    if (!ml_quic_initial_keys(crypto, version, dcid, side == &connection->server, &side->keys)) {
        return false;
    }
    side->version = version;
    return true;
}

static struct ml_reader open_frames(const struct ml_quic_opened *opened)
{
    return opened->is_verified ? ml_rd_open_framed(opened->frames) : ml_rd_open(opened->frames);
}

/*
 * Without a tag only the content can tell that the keys were right: the packet must hold the start of a hello, which
 * wrong keys produce once in 2^40.
 */
static bool is_believable(const struct ml_quic_opened *opened, const struct ml_quic_version *version, uint8_t type)
{
    struct ml_reader rd = open_frames(opened);
    struct ml_quic_crypto_frame frame;
    if (opened->is_verified) {
        return true;
    }
    if (!ml_quic_crypto_next(&rd, version->has_google_frames, &frame) || frame.offset != 0 || frame.bytes.len < 6) {
        return false;
    }
    if (version->has_google_hello) {
        return ml_span_starts(frame.bytes, "CHLO");
    }
    const uint8_t *p = frame.bytes.ptr;
    return p[0] == type && p[1] == 0 && p[4] == 3 && p[5] == 3;
}

static void begin(struct ml_quic_connection *connection, const struct ml_quic_owner *owner,
                  const struct ml_quic_header *header, const struct ml_chunk *chunk,
                  const struct ml_quic_version *version, const struct ml_quic_keys *keys)
{
    if (connection->is_open) {
        owner->on_over(owner->context);
    }
    ml_quic_connection_end(connection, chunk);
    connection->is_open = true;
    connection->client_dir = chunk->dir;
    connection->dcid_len = (uint8_t)header->dcid.len;
    if (header->dcid.len != 0) {
        memcpy(connection->dcid, header->dcid.ptr, header->dcid.len);
    }
    connection->client.keys = *keys;
    connection->client.version = version;
    ml_tls_conversation_init(&connection->conversation, owner->env, 'q');
    connection->conversation.on_client_hello = owner->on_client_hello;
    connection->conversation.context = owner->context;
    owner->on_begin(owner->context);
}

/* By the keys at hand, else by those of the packet's own id: the first packet of a connection, or the one after Retry.
 */
static bool open_client(struct ml_quic_connection *connection, const struct ml_quic_owner *owner,
                        const struct ml_quic_header *header, const struct ml_chunk *chunk,
                        struct ml_quic_opened *opened)
{
    struct ml_quic_keys keys;
    struct ml_quic_side *side = &connection->client;
    if (connection->is_open) {
        if (make_keys(connection, owner->crypto, side, header->version) &&
            ml_quic_open(owner->crypto, &side->keys, header, side->expected, opened) &&
            is_believable(opened, header->version, ML_TLS_CLIENT_HELLO)) {
            return true;
        }
        if (ml_span_equal(header->dcid, ml_span_of(connection->dcid, connection->dcid_len))) {
            return false;
        }
    }
    for (const struct ml_quic_version *version = header->version; version != NULL; version = version->next) {
        if (ml_quic_initial_keys(owner->crypto, version, header->dcid, false, &keys) &&
            ml_quic_open(owner->crypto, &keys, header, 0, opened) &&
            is_believable(opened, version, ML_TLS_CLIENT_HELLO)) {
            begin(connection, owner, header, chunk, version, &keys);
            return true;
        }
    }
    return false;
}

static bool open_server(struct ml_quic_connection *connection, const struct ml_quic_owner *owner,
                        const struct ml_quic_header *header, struct ml_quic_opened *opened)
{
    struct ml_quic_side *side = &connection->server;
    return make_keys(connection, owner->crypto, side, header->version) &&
           ml_quic_open(owner->crypto, &side->keys, header, side->expected, opened) &&
           is_believable(opened, header->version, ML_TLS_SERVER_HELLO);
}

/* Hands the CRYPTO frames over; true when they brought something new. */
static bool read_frames(struct ml_quic_connection *connection, const struct ml_quic_owner *owner,
                        struct ml_quic_side *side, const struct ml_quic_opened *opened, const struct ml_chunk *chunk)
{
    struct ml_reader rd = open_frames(opened);
    struct ml_quic_crypto_frame frame;
    bool is_new = false;
    while (ml_quic_crypto_next(&rd, side->version->has_google_frames, &frame)) {
        if (side->version->has_google_hello) {
            owner->on_google_hello(owner->context, chunk, frame.bytes);
            is_new = true;
            continue;
        }
        struct ml_chunk inner = ml_chunk_inner(chunk, ML_LAYER_QUIC_CRYPTO, frame.bytes, frame.offset);
        inner.is_datagram = false;
        is_new = ml_tls_stream_feed(&side->stream, &connection->conversation, &inner) || is_new;
    }
    if (rd.state == ML_RD_BAD) {
        ml_count(owner->env->counters, ML_COUNT_BAD_QUIC);
    }
    return is_new;
}

enum ml_quic_result ml_quic_connection_initial(struct ml_quic_connection *connection, const struct ml_quic_owner *owner,
                                               const struct ml_quic_header *header, const struct ml_chunk *chunk)
{
    struct ml_quic_opened opened;
    bool is_server = connection->is_open && chunk->dir != connection->client_dir;
    bool is_opened = is_server ? open_server(connection, owner, header, &opened)
                               : open_client(connection, owner, header, chunk, &opened);
    if (!is_opened) {
        return ML_QUIC_NOT_OPENED;
    }
    struct ml_quic_side *side = is_server ? &connection->server : &connection->client;
    if (opened.is_verified && opened.number >= side->expected) {
        side->expected = opened.number + 1;
    }
    return read_frames(connection, owner, side, &opened, chunk) ? ML_QUIC_NEW : ML_QUIC_NOTHING_NEW;
}

void ml_quic_connection_end(struct ml_quic_connection *connection, const struct ml_chunk *last)
{
    if (connection->is_open) {
        struct ml_chunk inner = ml_chunk_inner(last, ML_LAYER_QUIC_CRYPTO, ml_span_of(NULL, 0), 0);
        inner.is_datagram = false;
        inner.dir = connection->client_dir;
        ml_tls_stream_cut(&connection->client.stream, &connection->conversation, &inner);
        inner.dir = ml_dir_other(connection->client_dir);
        ml_tls_stream_cut(&connection->server.stream, &connection->conversation, &inner);
        ml_tls_conversation_finish(&connection->conversation);
    }
    ml_tls_stream_fini(&connection->client.stream);
    ml_tls_stream_fini(&connection->server.stream);
    memset(connection, 0, sizeof *connection);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic/quic.h"

#include "core/mem.h"
#include "core/text.h"
#include "proto/quic/connection.h"
#include "proto/quic/decrypt.h"
#include "proto/quic/gquic.h"
#include "proto/secrets/secrets.h"

enum {
    USER_AGENT = 0x3129,    /* transport parameter of Google's */
    MAX_AFTER_HELLO = 16,   /* datagrams waited for a server's hello */
    MAX_WITHOUT_HELLO = 64, /* datagrams waited for a client's */
    FULL_DATAGRAM = 1200,   /* bytes; a client's first is never shorter (RFC 9000, section 14.1) */
    LONG_HEADER = 0x80,
    MAX_SERVER_IDS = 4 /* connections of one flow whose ids are stated */
};

/* The packet that began the connection: evidence of version and ids. */
struct first_packet {
    bool is_set;
    struct ml_chunk chunk; /* without bytes */
    uint32_t datagram_len;
    char version[24];
    char dcid[ML_QUIC_CID_TEXT];
    char scid[ML_QUIC_CID_TEXT];
};

struct round_trip {
    bool has_begun, is_over;
    bool was_repeated; /* no telling then which of them the server answered */
    enum ml_dir client_dir;
    int64_t begin_ns;
};

/* A packet of early data that came before the hello was whole. */
struct early {
    struct ml_chunk chunk; /* without bytes */
    size_t from, len;      /* in `early_bytes` */
};

struct quic {
    struct ml_proto_env *env;
    struct ml_flow *flow;
    struct ml_quic_connection connection;
    struct first_packet at_hand; /* the last Initial packet that may begin a connection */
    struct first_packet first;
    bool was_retried;
    struct round_trip round_trip;
    struct ml_chunk last;             /* without bytes */
    bool has_stated;                  /* quic.initial */
    char server_id[ML_QUIC_CID_TEXT]; /* last one stated */
    unsigned n_server_ids;
    unsigned n_datagrams;
    unsigned n_after_hello;
    uint8_t random[ML_SECRET_RANDOM]; /* of the client whose keys `decrypt` has */
    struct ml_quic_decrypt *decrypt;  /* owned; NULL: no keys, or nothing to open yet */
    struct early *early;              /* owned; room for ML_MAX_QUIC_EARLY, NULL until the first */
    unsigned n_early;
    struct ml_buf early_bytes;
    struct ml_unsealed unsealed;
    bool speaks_http3; /* the client offered it */
    bool is_google;    /* Google's own encryption, which no key log opens */
};

static enum ml_match probe(const struct ml_chunk *first)
{
    struct ml_reader rd = first->is_cut ? ml_rd_open(first->bytes) : ml_rd_open_framed(first->bytes);
    struct ml_reader again = rd;
    struct ml_quic_header header;
    struct ml_gquic_packet google;
    if (ml_quic_header_next(&rd, &header)) {
        /* One in 65536 numbers is a reserved version: that alone would say little. */
        bool is_reserved = header.version != NULL && ml_quic_version_is_reserved(header.version->wire);
        bool is_first = header.type == ML_QUIC_INITIAL && header.len >= FULL_DATAGRAM - ML_QUIC_MAX_CID;
        bool is_sound = header.type == ML_QUIC_NEGOTIATION || header.has_fixed_bit;
        return is_sound && (!is_reserved || is_first) ? ML_MATCH_YES : ML_MATCH_NO;
    }
    bool is_quic = ml_gquic_packet_parse(&again, &google);
    return is_quic ? ML_MATCH_YES : ML_MATCH_NO;
}

static void *make_crypto(void)
{
    return ml_quic_crypto_new();
}

/* Contexts of OpenSSL cost more than what they are used for, so they are made once. */
static struct ml_quic_crypto *crypto_of(struct ml_proto_env *env)
{
    return ml_proto_tool(env, ML_TOOL_QUIC, make_crypto, ml_quic_crypto_free);
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    struct quic *quic = crypto_of(env) != NULL ? ml_mem_array(1, sizeof *quic) : NULL;
    if (quic != NULL) {
        quic->env = env;
        quic->flow = flow;
        ml_buf_init(&quic->early_bytes, ML_MAX_QUIC_EARLY_BYTES);
    }
    return quic;
}

/* --- facts --- */

static void hex_of(struct ml_span cid, char out[ML_QUIC_CID_TEXT])
{
    ml_hex_write(ml_span_cut(cid, 0, ML_QUIC_MAX_CID), out);
}

static void keep(struct first_packet *first, const struct ml_chunk *chunk, const char *version, struct ml_span dcid,
                 struct ml_span scid)
{
    first->is_set = true;
    first->chunk = *chunk;
    first->chunk.bytes = ml_span_of(NULL, 0);
    first->datagram_len = (uint32_t)chunk->bytes.len;
    memset(first->version, 0, sizeof first->version);
    memcpy(first->version, version, strnlen(version, sizeof first->version - 1));
    hex_of(dcid, first->dcid);
    hex_of(scid, first->scid);
}

static void begin_fact(const struct quic *quic, struct ml_fact_draft *draft)
{
    const struct first_packet *first = &quic->first;
    ml_fact_begin(draft, ML_FACT_QUIC_INITIAL, &first->chunk);
    draft->range_len = first->datagram_len;
    ml_fact_cstr(draft, ML_F_QUIC_VERSION, first->version);
}

static void end_fact(struct quic *quic, struct ml_fact_draft *draft)
{
    ml_fact_cstr(draft, ML_F_QUIC_DCID, quic->first.dcid);
    ml_fact_cstr(draft, ML_F_QUIC_SCID, quic->first.scid);
    (void)ml_fact_emit(quic->env->facts, draft); /* a ceiling is counted there */
    quic->has_stated = true;
}

/* Browsers of Google tell their name in a transport parameter. */
static struct ml_span user_agent_of(const struct ml_tls_client_hello *hello)
{
    struct ml_reader rd = ml_rd_open_framed(hello->quic_parameters);
    uint64_t id = 0;
    uint64_t len = 0;
    struct ml_span value = {0};
    while (ml_rd_left(&rd) != 0 && ml_rd_varint(&rd, &id) && ml_rd_varint(&rd, &len) && len <= SIZE_MAX &&
           ml_rd_span(&rd, (size_t)len, &value)) {
        if (id == USER_AGENT) {
            return value;
        }
    }
    return ml_span_of(NULL, 0);
}

/* --- decryption --- */

/* Does the list of protocols name a version of HTTP/3? */
static bool offers_http3(struct ml_span alpn)
{
    struct ml_reader rd = ml_rd_open_framed(alpn);
    struct ml_reader name;
    while (ml_rd_left(&rd) != 0 && ml_rd_vector(&rd, 1, &name)) {
        struct ml_span text = ml_rd_rest(&name);
        if (ml_span_equal(text, ml_span_text("h3")) || ml_span_starts(text, "h3-")) {
            return true;
        }
    }
    return false;
}

/* Early data may overtake the hello, or a part of it: its packets wait for the keys, within ceilings. */
static void hold_early(struct quic *quic, const struct ml_quic_header *header, const struct ml_chunk *chunk)
{
    if (quic->env->secrets == NULL || quic->connection.conversation.session.has_client_hello || chunk->is_cut) {
        return;
    }
    if (quic->early == NULL) {
        quic->early = ml_mem_array(ML_MAX_QUIC_EARLY, sizeof *quic->early);
    }
    if (quic->early == NULL) {
        ml_count(quic->env->counters, ML_COUNT_LIMIT_MEMORY);
        return;
    }
    if (quic->n_early == 0) {
        ml_buf_clear(&quic->early_bytes);
    }
    size_t from = quic->early_bytes.len;
    if (quic->n_early == ML_MAX_QUIC_EARLY || !ml_buf_add_span(&quic->early_bytes, header->packet)) {
        ml_count(quic->env->counters, ML_COUNT_LIMIT_QUIC_WAITING);
        return;
    }
    struct early *early = &quic->early[quic->n_early++];
    *early = (struct early){.chunk = *chunk, .from = from, .len = header->packet.len};
    early->chunk.bytes = ml_span_of(NULL, 0);
}

/* Those of this connection, whose id the client chose; others never had a hello. */
static void open_early(struct quic *quic)
{
    struct ml_span id = ml_span_of(quic->connection.dcid, quic->connection.dcid_len);
    unsigned n = quic->n_early;
    quic->n_early = 0;
    for (unsigned i = 0; i < n; i++) {
        struct early *early = &quic->early[i];
        struct ml_quic_header header;
        struct ml_span packet = ml_span_cut(ml_buf_span(&quic->early_bytes), early->from, early->len);
        struct ml_reader rd = ml_rd_open_framed(packet);
        early->chunk.bytes = packet;
        if (ml_quic_header_next(&rd, &header) && ml_span_equal(header.dcid, id)) {
            ml_quic_decrypt_long(quic->decrypt, &header, &early->chunk);
        }
    }
}

/* A hello was seen: are there keys? */
static void find_keys(struct quic *quic)
{
    const struct ml_tls_session *session = &quic->connection.conversation.session;
    const struct ml_quic_decrypt_config config = {.conversation = &quic->connection.conversation,
                                                  .flow = quic->flow,
                                                  .speaks_http3 = quic->speaks_http3,
                                                  .name = quic->first.dcid};
    bool is_known = session->has_client_hello && ml_secrets_knows(quic->env->secrets, session->client_random);
    bool is_other = session->has_client_hello && quic->decrypt != NULL &&
                    memcmp(quic->random, session->client_random, sizeof quic->random) != 0;
    if (is_other) {
        ml_quic_decrypt_end(quic->decrypt, &quic->unsealed);
        quic->decrypt = NULL;
    }
    if (quic->decrypt != NULL || !is_known) {
        quic->n_early = session->has_client_hello ? 0 : quic->n_early;
        return;
    }
    memcpy(quic->random, session->client_random, sizeof quic->random);
    quic->decrypt = ml_quic_decrypt_new(&config);
    if (quic->decrypt == NULL) {
        ml_count(quic->env->counters, ML_COUNT_LIMIT_MEMORY);
        return;
    }
    open_early(quic);
}

static void end_decryption(struct quic *quic)
{
    const struct ml_tls_session *session = &quic->connection.conversation.session;
    struct ml_unsealed *unsealed = &quic->unsealed;
    if (quic->decrypt == NULL && !quic->is_google) {
        unsealed->was_sealed |= session->has_server_hello; /* all that follows it is encrypted */
        unsealed->why |= session->has_client_hello ? ML_UNSEALED_NO_SECRET : ML_UNSEALED_NOT_FROM_START;
    }
    ml_quic_decrypt_end(quic->decrypt, unsealed);
    quic->decrypt = NULL;
    ml_unsealed_count(unsealed, quic->env->counters);
    *unsealed = (struct ml_unsealed){0};
}

/* What a client sends after a Retry is the same connection still: known by the id it chose itself. */
static void on_begin(void *context)
{
    struct quic *quic = context;
    if (!quic->was_retried || !quic->first.is_set) {
        quic->first = quic->at_hand;
    }
    quic->was_retried = false;
}

/*
 * Before the state of the connection before it goes. Behind a Retry it is the same one, whose early data comes again
 * under the same keys: what was read of its streams must not be read twice.
 */
static void on_over(void *context)
{
    struct quic *quic = context;
    if (!quic->was_retried) {
        end_decryption(quic);
    }
}

static void on_client_hello(void *context, const struct ml_tls_message *message,
                            const struct ml_tls_client_hello *hello)
{
    struct quic *quic = context;
    struct ml_fact_draft draft;
    char host[ML_TLS_HOST_TEXT];
    quic->speaks_http3 = offers_http3(hello->alpn);
    begin_fact(quic, &draft);
    draft.last_seq = message->place.last_seq > draft.first_seq ? message->place.last_seq : draft.first_seq;
    draft.is_cut = message->is_cut || hello->is_cut;
    ml_fact_text(&draft, ML_F_QUIC_SNI, ml_span_of(host, ml_tls_host_name(hello, host)));
    ml_fact_text(&draft, ML_F_QUIC_USER_AGENT, user_agent_of(hello));
    end_fact(quic, &draft);
}

static void on_google_hello(void *context, const struct ml_chunk *chunk, struct ml_span chlo)
{
    struct quic *quic = context;
    struct ml_reader rd = ml_rd_open(chlo);
    struct ml_gquic_hello hello;
    struct ml_fact_draft draft;
    quic->is_google = true;
    char host[ML_TLS_HOST_TEXT];
    if (!ml_gquic_hello_parse(&rd, &hello)) {
        return;
    }
    begin_fact(quic, &draft);
    draft.last_seq = chunk->seq;
    draft.is_cut = hello.is_cut;
    ml_fact_text(&draft, ML_F_QUIC_SNI, ml_span_of(host, ml_host_normal(hello.host_name, host, sizeof host)));
    ml_fact_text(&draft, ML_F_QUIC_USER_AGENT, hello.user_agent);
    end_fact(quic, &draft);
}

/* The id that the client sends to from now on (RFC 9000, section 7.2), and from wherever it goes. */
static void server_id(struct quic *quic, const struct ml_quic_header *header, const struct ml_chunk *chunk)
{
    struct ml_fact_draft draft;
    char text[ML_QUIC_CID_TEXT];
    hex_of(header->scid, text);
    if (text[0] == '\0' || quic->n_server_ids == MAX_SERVER_IDS || strcmp(text, quic->server_id) == 0) {
        return;
    }
    memcpy(quic->server_id, text, sizeof text);
    quic->n_server_ids++;
    ml_fact_begin(&draft, ML_FACT_QUIC_SERVER_ID, chunk);
    ml_fact_cstr(&draft, ML_F_QUIC_SERVER_CID, text);
    (void)ml_fact_emit(quic->env->facts, &draft); /* a ceiling is counted there */
}

/* Answers of a server that wants another beginning (RFC 9000, sections 17.2.5 and 17.2.1): anybody can read them. */
static void other_beginning(struct quic *quic, const struct ml_quic_header *header, const struct ml_chunk *chunk)
{
    struct ml_fact_draft draft;
    char text[ML_QUIC_CID_TEXT];
    bool is_retry = header->type == ML_QUIC_RETRY;
    ml_fact_begin(&draft, is_retry ? ML_FACT_QUIC_RETRY : ML_FACT_QUIC_NEGOTIATION, chunk);
    hex_of(header->scid, text);
    ml_fact_cstr(&draft, ML_F_QUIC_VERSION, is_retry ? header->version->name : "");
    ml_fact_cstr(&draft, ML_F_QUIC_SERVER_CID, text);
    (void)ml_fact_emit(quic->env->facts, &draft); /* a ceiling is counted there */
}

/* --- round trip --- */

static void client_sent(struct quic *quic, const struct ml_chunk *chunk, bool is_new)
{
    struct round_trip *trip = &quic->round_trip;
    if (!trip->has_begun) {
        *trip = (struct round_trip){.has_begun = true, .client_dir = chunk->dir, .begin_ns = chunk->time_ns};
    } else if (!is_new) {
        trip->was_repeated = true;
    }
}

/*
 * From the client's first packet to the server's first. Where a hello took several datagrams the server may have waited
 * for all, so this can be too long but never too short.
 */
static void server_sent(struct quic *quic, const struct ml_chunk *chunk)
{
    struct round_trip *trip = &quic->round_trip;
    if (!trip->has_begun || trip->is_over || chunk->dir == trip->client_dir) {
        return;
    }
    trip->is_over = true;
    int64_t us = (chunk->time_ns - trip->begin_ns) / 1000;
    if (!trip->was_repeated && quic->flow->rtt_us == 0 && us > 0 && us <= UINT32_MAX) {
        quic->flow->rtt_us = (uint32_t)us;
    }
}

/* --- datagrams --- */

static void initial(struct quic *quic, const struct ml_quic_header *header, const struct ml_chunk *chunk)
{
    const struct ml_quic_owner owner = {
        .env = quic->env,
        .crypto = crypto_of(quic->env),
        .context = quic,
        .on_over = on_over,
        .on_begin = on_begin,
        .on_client_hello = on_client_hello,
        .on_google_hello = on_google_hello,
    };
    struct ml_quic_connection *connection = &quic->connection;
    keep(&quic->at_hand, chunk, header->version->name, header->dcid, header->scid);
    enum ml_quic_result result = ml_quic_connection_initial(connection, &owner, header, chunk);
    if (result == ML_QUIC_NOT_OPENED) {
        return;
    }
    if (chunk->dir == connection->client_dir) {
        client_sent(quic, chunk, result == ML_QUIC_NEW);
    } else {
        server_id(quic, header, chunk);
    }
    if (quic->env->secrets != NULL) {
        find_keys(quic);
    }
    if (quic->decrypt != NULL) {
        ml_quic_decrypt_header(quic->decrypt, header, chunk->dir);
    }
}

/* A packet that only the keys of the connection open. `header` NULL: the rest of the datagram has a short one. */
static void sealed(struct quic *quic, const struct ml_quic_header *header, const struct ml_chunk *chunk,
                   struct ml_span rest)
{
    if (quic->decrypt == NULL) {
        quic->unsealed.was_sealed |= !quic->is_google;
        if (header != NULL && header->type == ML_QUIC_ZERO_RTT) {
            hold_early(quic, header, chunk);
        }
    } else if (header != NULL) {
        ml_quic_decrypt_long(quic->decrypt, header, chunk);
    } else {
        (void)ml_quic_decrypt_short(quic->decrypt, rest, chunk);
    }
}

static bool is_zero(struct ml_span bytes)
{
    size_t n = 0;
    while (n < bytes.len && bytes.ptr[n] == 0) {
        n++;
    }
    return n == bytes.len;
}

static void datagram(struct quic *quic, const struct ml_chunk *chunk)
{
    struct ml_reader rd = chunk->is_cut ? ml_rd_open(chunk->bytes) : ml_rd_open_framed(chunk->bytes);
    struct ml_reader before = rd;
    struct ml_quic_header header;
    for (; ml_quic_header_next(&rd, &header); before = rd) {
        server_sent(quic, chunk);
        quic->was_retried = quic->was_retried || header.type == ML_QUIC_RETRY;
        if (header.type == ML_QUIC_INITIAL) {
            initial(quic, &header, chunk);
        } else if (header.type == ML_QUIC_RETRY || header.type == ML_QUIC_NEGOTIATION) {
            other_beginning(quic, &header, chunk);
        } else if (header.type == ML_QUIC_HANDSHAKE || header.type == ML_QUIC_ZERO_RTT) {
            sealed(quic, &header, chunk, ml_span_of(NULL, 0));
        }
    }
    struct ml_span rest = ml_rd_rest(&before);
    bool is_alone = rest.len == chunk->bytes.len; /* else it may be padding behind other packets */
    if (rest.len > ML_QUIC_TAG && (rest.ptr[0] & LONG_HEADER) == 0 && (is_alone || !is_zero(rest))) {
        sealed(quic, NULL, chunk, rest);
    }
}

static bool google_datagram(struct quic *quic, const struct ml_chunk *chunk)
{
    struct ml_reader rd = ml_rd_open(chunk->bytes);
    struct ml_gquic_packet packet;
    struct ml_span chlo = {0};
    if (!ml_gquic_packet_parse(&rd, &packet)) {
        return false;
    }
    quic->is_google = true;
    if (!quic->first.is_set) {
        keep(&quic->first, chunk, packet.version, packet.cid, ml_span_of(NULL, 0));
    }
    if (ml_gquic_hello_find(&packet, &chlo)) {
        on_google_hello(quic, chunk, chlo);
    }
    return true;
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct quic *quic = self;
    quic->last = *chunk;
    quic->last.bytes = ml_span_of(NULL, 0);
    quic->n_datagrams++;
    if (quic->decrypt != NULL || !google_datagram(quic, chunk)) {
        datagram(quic, chunk);
    }
    if (quic->decrypt != NULL && ml_quic_decrypt_wants(quic->decrypt)) {
        return true;
    }
    if (quic->has_stated) {
        quic->n_after_hello++;
        return !quic->connection.conversation.session.has_server_hello && quic->n_after_hello < MAX_AFTER_HELLO;
    }
    return quic->n_datagrams < MAX_WITHOUT_HELLO;
}

static void destroy(void *self)
{
    struct quic *quic = self;
    struct ml_fact_draft draft;
    end_decryption(quic);
    ml_quic_connection_end(&quic->connection, &quic->last);
    if (!quic->first.is_set) {
        quic->first = quic->at_hand;
    }
    if (quic->first.is_set && !quic->has_stated) { /* what the header told is known all the same */
        begin_fact(quic, &draft);
        draft.is_cut = true;
        end_fact(quic, &draft);
    }
    ml_buf_fini(&quic->early_bytes);
    ml_mem_free(quic->early);
    ml_mem_free(quic);
}

const struct ml_parser ml_parser_quic = {
    .name = "quic",
    .over = ML_OVER_UDP,
    .plain_of = ML_PLAIN_SEALED,
    .is_sticky = true,
    .probe = probe,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};

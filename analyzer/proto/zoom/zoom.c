/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/zoom/zoom.h"

#include "core/mem.h"
#include "core/reader.h"
#include "core/text.h"

enum {
    ID_LEN = 16,
    KEEP_ALIVE_LEN = 12,
    HELLO_CONSTANT = 2,    /* eight bytes behind the id, as a number */
    HELLO_PROOF_LEN = 64,  /* declared in the hello */
    PROBE_MARK = 0x1f0201, /* between two devices */
    PROBE_HEADER = 24,
    PORT_FIRST = 8801,
    PORT_LAST = 8810,
    MIN_IDENTIFIER = 32, /* hexadecimal digits, with or without hyphens */
    MAX_IDENTIFIER = 40,
    MAX_DOUBTS = 24 /* datagrams without certainty before it gives up */
};

enum kind { NONE, HELLO, HELLO_ANSWER, KEEP_ALIVE, KEEP_ALIVE_ANSWER, MEDIA, PROBE };

struct datagram {
    enum kind kind;
    struct ml_span echo; /* what an answer repeats */
    struct ml_ip address;
    struct ml_span identifier;
};

struct zoom {
    struct ml_proto_env *env; /* borrowed */
    bool is_certain, is_stated;
    bool has_hello[2], has_keep_alive[2];
    uint8_t hello[2][ID_LEN]; /* the last one of a direction */
    uint8_t keep_alive[2][KEEP_ALIVE_LEN];
    unsigned n_doubts;
};

/* 01 00 02|03, id, 2, two clocks, the length of what follows. */
static bool read_hello(struct ml_reader rd, struct datagram *out)
{
    uint8_t version = 0;
    uint64_t constant = 0;
    uint32_t len = 0;
    struct ml_reader proof;
    return ml_rd_skip(&rd, 2) && ml_rd_u8(&rd, &version) && (version == 2 || version == 3) &&
           ml_rd_span(&rd, ID_LEN, &out->echo) && ml_rd_u64(&rd, &constant) && constant == HELLO_CONSTANT &&
           ml_rd_skip(&rd, 8) && ml_rd_u32(&rd, &len) && len == HELLO_PROOF_LEN && ml_rd_sub(&rd, len, &proof);
}

/* 02 00 01..03, the same id. */
static bool read_answer(struct ml_reader rd, struct datagram *out)
{
    uint8_t version = 0;
    return ml_rd_skip(&rd, 2) && ml_rd_u8(&rd, &version) && version >= 1 && version <= 3 &&
           ml_rd_span(&rd, ID_LEN, &out->echo) && ml_rd_skip(&rd, 8);
}

/* 03 or 04, a counter, a clock, the number of the connection; a proof behind it in later versions. */
static bool read_keep_alive(struct ml_reader rd, size_t len, struct datagram *out)
{
    return (len == 13 || len == 14 || len == 81) && ml_rd_skip(&rd, 1) && ml_rd_span(&rd, KEEP_ALIVE_LEN, &out->echo);
}

static bool is_identifier(struct ml_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (ml_hex_value(text.ptr[i]) < 0 && text.ptr[i] != '-') {
            return false;
        }
    }
    return text.len >= MIN_IDENTIFIER && text.len <= MAX_IDENTIFIER;
}

/* 1f 02 01 and the rest of a header, an address as text, an identifier as text, four zero bytes. */
static bool read_probe(struct ml_reader rd, struct datagram *out)
{
    struct ml_reader address;
    struct ml_reader identifier;
    uint32_t mark = 0;
    uint32_t end = 0;
    if (!ml_rd_u24(&rd, &mark) || mark != PROBE_MARK || !ml_rd_skip(&rd, PROBE_HEADER - 3) ||
        !ml_rd_vector(&rd, 4, &address) || !ml_rd_vector(&rd, 4, &identifier) || !ml_rd_u32(&rd, &end) ||
        !ml_rd_done(&rd) || end != 0) {
        return false;
    }
    out->identifier = ml_rd_rest(&identifier);
    return ml_ip_parse(ml_rd_rest(&address), &out->address) && is_identifier(out->identifier);
}

static void read_datagram(struct ml_span bytes, struct datagram *out)
{
    static const enum kind kinds[] = {NONE, HELLO, HELLO_ANSWER, KEEP_ALIVE, KEEP_ALIVE_ANSWER, MEDIA};
    const struct ml_reader rd = ml_rd_open_framed(bytes);
    uint8_t first = bytes.len > 2 ? bytes.ptr[0] : 0;
    uint8_t second = bytes.len > 2 ? bytes.ptr[1] : 0;
    bool fits = false;
    memset(out, 0, sizeof *out);
    if (first == PROBE_MARK >> 16) {
        out->kind = read_probe(rd, out) ? PROBE : NONE;
        return;
    }
    enum kind kind = first < sizeof kinds / sizeof kinds[0] ? kinds[first] : NONE;
    if (kind == HELLO || kind == HELLO_ANSWER) {
        fits = second == 0 && (kind == HELLO ? read_hello(rd, out) : read_answer(rd, out));
    } else if (kind == KEEP_ALIVE || kind == KEEP_ALIVE_ANSWER) {
        fits = read_keep_alive(rd, bytes.len, out);
    } else {
        fits = kind == MEDIA;
    }
    out->kind = fits ? kind : NONE;
}

static bool is_on_their_port(const struct ml_flow *flow)
{
    return (flow->server_port >= PORT_FIRST && flow->server_port <= PORT_LAST) ||
           (flow->client_port >= PORT_FIRST && flow->client_port <= PORT_LAST);
}

/* Media has one byte that tells: it never begins anything. */
static enum ml_match probe(const struct ml_chunk *chunk)
{
    struct datagram datagram;
    read_datagram(chunk->bytes, &datagram);
    return datagram.kind != NONE && datagram.kind != MEDIA ? ML_MATCH_YES : ML_MATCH_NO;
}

static bool claims(const void *self, const struct ml_chunk *chunk)
{
    const struct zoom *zoom = self;
    struct datagram datagram;
    read_datagram(chunk->bytes, &datagram);
    return datagram.kind != NONE && (datagram.kind != MEDIA || zoom->is_stated);
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    (void)flow;
    struct zoom *zoom = ml_mem_array(1, sizeof *zoom);
    if (zoom != NULL) {
        zoom->env = env;
    }
    return zoom;
}

static void state_server(struct zoom *zoom, const struct ml_chunk *chunk)
{
    struct ml_fact_draft draft;
    zoom->is_certain = true;
    if (!zoom->is_stated) {
        zoom->is_stated = true;
        ml_fact_begin(&draft, ML_FACT_ZOOM_SFU, chunk);
        (void)ml_fact_emit(zoom->env->facts, &draft); /* a ceiling is counted there */
    }
}

static void state_probe(struct zoom *zoom, const struct ml_chunk *chunk, const struct datagram *datagram)
{
    struct ml_fact_draft draft;
    zoom->is_certain = true;
    ml_fact_begin(&draft, ML_FACT_ZOOM_P2P, chunk);
    ml_fact_ip(&draft, ML_F_CALL_LOCAL_ADDRESS, &datagram->address);
    ml_fact_text(&draft, ML_F_CALL_IDENTIFIER, datagram->identifier);
    (void)ml_fact_emit(zoom->env->facts, &draft);
}

static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct zoom *zoom = self;
    enum ml_dir other = ml_dir_other(chunk->dir);
    struct datagram datagram;
    bool is_echo = false;
    read_datagram(chunk->bytes, &datagram);
    switch (datagram.kind) {
    case HELLO:
        zoom->has_hello[chunk->dir] = true;
        memcpy(zoom->hello[chunk->dir], datagram.echo.ptr, ID_LEN);
        is_echo = is_on_their_port(chunk->flow);
        break;
    case HELLO_ANSWER:
        is_echo = zoom->has_hello[other] && memcmp(zoom->hello[other], datagram.echo.ptr, ID_LEN) == 0;
        break;
    case KEEP_ALIVE:
        zoom->has_keep_alive[chunk->dir] = true;
        memcpy(zoom->keep_alive[chunk->dir], datagram.echo.ptr, KEEP_ALIVE_LEN);
        break;
    case KEEP_ALIVE_ANSWER:
        is_echo = zoom->has_keep_alive[other] && is_on_their_port(chunk->flow) &&
                  memcmp(zoom->keep_alive[other], datagram.echo.ptr, KEEP_ALIVE_LEN) == 0;
        break;
    case PROBE:
        state_probe(zoom, chunk, &datagram);
        break;
    case MEDIA:
    case NONE:
        break;
    }
    if (is_echo) {
        state_server(zoom, chunk);
    }
    zoom->n_doubts += zoom->is_certain ? 0 : 1;
    return zoom->n_doubts < MAX_DOUBTS;
}

static bool is_certain(const void *self)
{
    const struct zoom *zoom = self;
    return zoom->is_certain;
}

static void destroy(void *self)
{
    ml_mem_free(self);
}

const struct ml_parser ml_parser_zoom = {
    .name = "zoom",
    .over = ML_OVER_UDP,
    .probe = probe,
    .claims = claims,
    .is_certain = is_certain,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};

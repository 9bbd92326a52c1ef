/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic/short.h"

#include "core/mem.h"
#include "core/text.h"
#include "proto/quic/decrypt.h"
#include "proto/quic/paths.h"

enum {
    PORT = 443,
    FORM_AND_FIXED = 0xc0, /* of a short header the first is clear and the second set */
    SHORT = 0x40,
    LONG_HEADER = 0x80,
    SHORTEST_PACKET = 21, /* RFC 9000, section 10.3: what may not be told from a stateless reset */
    CERTAIN = 3           /* datagrams that repeat an id */
};

struct quic_short {
    struct ml_proto_env *env; /* borrowed */
    enum ml_dir up;           /* towards the server */
    unsigned n;
    bool has_varied; /* the first byte: most of its bits are encrypted */
    uint8_t first_byte;
    size_t len;
    uint8_t common[ML_QUIC_MAX_CID];
    struct ml_chunk first; /* without bytes */
    uint32_t first_len;
    bool is_told;                   /* nothing more to learn of the id */
    struct ml_quic_decrypt *joined; /* the connection that goes on here; NULL: not known */
    bool has_stated;                /* that it does */
};

static bool is_short(struct ml_span bytes)
{
    return bytes.len >= SHORTEST_PACKET && (bytes.ptr[0] & FORM_AND_FIXED) == SHORT;
}

static enum ml_match probe(const struct ml_chunk *chunk)
{
    bool is_port = chunk->flow->server_port == PORT || chunk->flow->client_port == PORT;
    return is_port && is_short(chunk->bytes) ? ML_MATCH_YES : ML_MATCH_NO;
}

static void *create(struct ml_proto_env *env, struct ml_flow *flow)
{
    struct quic_short *quic = ml_mem_array(1, sizeof *quic);
    if (quic != NULL) {
        quic->env = env;
        quic->up = flow->server_port == PORT || flow->client_port != PORT ? ML_UP : ML_DOWN;
    }
    return quic;
}

/* Takes what the datagram has in common with those before it. */
static void compare(struct quic_short *quic, const struct ml_chunk *chunk)
{
    const uint8_t *id = chunk->bytes.ptr + 1;
    if (quic->n++ == 0) {
        quic->first = *chunk;
        quic->first.bytes = ml_span_of(NULL, 0);
        quic->first_len = (uint32_t)chunk->bytes.len;
        quic->first_byte = chunk->bytes.ptr[0];
        quic->len = ML_QUIC_MAX_CID;
        memcpy(quic->common, id, ML_QUIC_MAX_CID);
    }
    quic->has_varied = quic->has_varied || chunk->bytes.ptr[0] != quic->first_byte;
    size_t same = 0;
    while (same < quic->len && quic->common[same] == id[same]) {
        same++;
    }
    quic->len = same;
}

static void state(const struct quic_short *quic)
{
    struct ml_fact_draft draft;
    char text[ML_QUIC_CID_TEXT];
    ml_hex_write(ml_span_of(quic->common, quic->len), text);
    ml_fact_begin(&draft, ML_FACT_QUIC_SHORT, &quic->first);
    draft.range_len = quic->first_len;
    ml_fact_cstr(&draft, ML_F_QUIC_DCID_PREFIX, text);
    (void)ml_fact_emit(quic->env->facts, &draft); /* a ceiling is counted there */
}

/* Looks for what datagrams repeat. False: there is nothing more to learn. */
static bool feed(void *self, const struct ml_chunk *chunk)
{
    struct quic_short *quic = self;
    if (quic->n == CERTAIN) {
        return false;
    }
    if (chunk->dir != quic->up) {
        return true;
    }
    if (!is_short(chunk->bytes)) {
        return false; /* another connection begins, or it was none */
    }
    compare(quic, chunk);
    /* Five bits of the first byte are covered (RFC 9001, section 5.4.1); data of OpenVPN repeats it with its peer id.
     */
    if (quic->len < ML_QUIC_TELLING_CID || (quic->n == CERTAIN && !quic->has_varied)) {
        return false;
    }
    if (quic->n == CERTAIN) {
        state(quic);
    }
    return true;
}

static bool is_certain(const void *self)
{
    const struct quic_short *quic = self;
    return quic->n >= CERTAIN && quic->has_varied && quic->len >= ML_QUIC_TELLING_CID;
}

static void destroy(void *self)
{
    struct quic_short *quic = self;
    ml_quic_decrypt_leave(quic->joined);
    ml_mem_free(quic);
}

const struct ml_parser ml_parser_quic_short = {
    .name = "quic",
    .over = ML_OVER_UDP,
    .plain_of = ML_PLAIN_SEALED,
    .probe = probe,
    .is_certain = is_certain,
    .create = create,
    .feed = feed,
    .destroy = destroy,
};

/* --- with the keys of the connection --- */

/* A connection under way may clear the fixed bit (RFC 9287, section 3); the id is what tells. */
static bool may_be_short(struct ml_span bytes)
{
    return bytes.len >= SHORTEST_PACKET && (bytes.ptr[0] & LONG_HEADER) == 0;
}

static enum ml_match probe_path(struct ml_proto_env *env, const struct ml_chunk *chunk)
{
    size_t id_len = 0;
    bool is_known = may_be_short(chunk->bytes) && ml_quic_paths_find(env, chunk, &id_len) != NULL;
    return is_known ? ML_MATCH_YES : ML_MATCH_NO;
}

/* A connection that begins anew on these ports has other ids, if any. */
static bool claims_path(const void *self, const struct ml_chunk *chunk)
{
    const struct quic_short *quic = self;
    size_t id_len = 0;
    if (!may_be_short(chunk->bytes)) {
        return false;
    }
    struct ml_quic_decrypt *found = ml_quic_paths_find(quic->env, chunk, &id_len);
    return found != NULL ? found == quic->joined
                         : quic->joined != NULL && ml_quic_decrypt_lacks_id(quic->joined, chunk->dir);
}

/* Its tag holds, so it is that connection; what the packet shows of the id is in clear. */
static void state_path(struct quic_short *quic, const struct ml_chunk *chunk, size_t id_len)
{
    struct ml_fact_draft draft;
    char text[ML_QUIC_CID_TEXT];
    ml_hex_write(ml_span_cut(chunk->bytes, 1, id_len), text);
    ml_fact_begin(&draft, ML_FACT_QUIC_PATH, chunk);
    ml_fact_cstr(&draft, ML_F_QUIC_DCID, ml_quic_decrypt_name(quic->joined));
    ml_fact_cstr(&draft, ML_F_QUIC_DCID_PREFIX, text);
    (void)ml_fact_emit(quic->env->facts, &draft); /* a ceiling is counted there */
    quic->has_stated = true;
}

static bool feed_path(void *self, const struct ml_chunk *chunk)
{
    struct quic_short *quic = self;
    size_t id_len = 0;
    /* Whose a packet is was asked before it came here. */
    struct ml_quic_decrypt *found = quic->has_stated ? quic->joined : ml_quic_paths_find(quic->env, chunk, &id_len);
    if (quic->joined == NULL && found != NULL) {
        quic->joined = found;
        ml_quic_decrypt_join(found);
    }
    if (quic->joined == NULL) {
        return false;
    }
    bool is_open = ml_quic_decrypt_short(quic->joined, chunk->bytes, chunk);
    if (is_open && !quic->has_stated && id_len != 0) {
        state_path(quic, chunk, id_len);
    }
    quic->is_told = quic->is_told || !feed(quic, chunk);
    return true;
}

const struct ml_parser ml_parser_quic_path = {
    .name = "quic",
    .over = ML_OVER_UDP,
    .plain_of = ML_PLAIN_SEALED,
    .probe_with = probe_path,
    .claims = claims_path,
    .create = create,
    .feed = feed_path,
    .destroy = destroy,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic/paths.h"

#include "core/hash.h"
#include "core/mem.h"
#include "proto/quic/decrypt.h"

enum { N_BUCKETS = 256 };

struct entry {
    struct entry *next; /* of the bucket; the newest first */
    struct ml_quic_decrypt *connection;
    enum ml_dir dir;
    uint8_t len;
    uint8_t id[ML_QUIC_MAX_CID];
};

struct ml_quic_paths {
    struct entry *buckets[N_BUCKETS]; /* owned */
    size_t n;
    size_t n_of_length[ML_QUIC_MAX_CID + 1];
};

static size_t bucket_of(struct ml_span id)
{
    return (size_t)(ml_hash(id) % N_BUCKETS);
}

static struct entry *find(const struct ml_quic_paths *paths, enum ml_dir dir, struct ml_span id)
{
    struct entry *entry = paths->buckets[bucket_of(id)];
    while (entry != NULL && (entry->dir != dir || !ml_span_equal(ml_span_of(entry->id, entry->len), id))) {
        entry = entry->next;
    }
    return entry;
}

void ml_quic_paths_add(struct ml_proto_env *env, struct ml_quic_decrypt *connection, enum ml_dir dir, struct ml_span id)
{
    if (id.len < ML_QUIC_TELLING_CID || id.len > ML_QUIC_MAX_CID) {
        return;
    }
    if (env->quic_paths == NULL) {
        env->quic_paths = ml_mem_array(1, sizeof *env->quic_paths);
    }
    struct ml_quic_paths *paths = env->quic_paths;
    struct entry *known = paths != NULL ? find(paths, dir, id) : NULL;
    if (known != NULL) {
        known->connection = connection; /* the later one: the other is over */
        return;
    }
    if (paths != NULL && paths->n == ML_MAX_QUIC_PATHS) {
        ml_count(env->counters, ML_COUNT_LIMIT_QUIC_PATHS);
        return;
    }
    struct entry *entry = paths != NULL ? ml_mem_array(1, sizeof *entry) : NULL;
    if (entry == NULL) {
        ml_count(env->counters, ML_COUNT_LIMIT_MEMORY);
        return;
    }
    struct entry **bucket = &paths->buckets[bucket_of(id)];
    *entry = (struct entry){.next = *bucket, .connection = connection, .dir = dir, .len = (uint8_t)id.len};
    memcpy(entry->id, id.ptr, id.len);
    *bucket = entry;
    paths->n++;
    paths->n_of_length[id.len]++;
}

void ml_quic_paths_remove(struct ml_proto_env *env, const struct ml_quic_decrypt *connection)
{
    struct ml_quic_paths *paths = env->quic_paths;
    for (size_t i = 0; paths != NULL && i < N_BUCKETS; i++) {
        struct entry **link = &paths->buckets[i];
        while (*link != NULL) {
            struct entry *entry = *link;
            if (entry->connection != connection) {
                link = &entry->next;
                continue;
            }
            *link = entry->next;
            paths->n--;
            paths->n_of_length[entry->len]--;
            ml_mem_free(entry);
        }
    }
}

/* What a short header does not tell is how long its id is (RFC 9000, section 17.3.1): the longest that is known. */
struct ml_quic_decrypt *ml_quic_paths_find(const struct ml_proto_env *env, const struct ml_chunk *chunk, size_t *id_len)
{
    const struct ml_quic_paths *paths = env->quic_paths;
    *id_len = 0;
    for (size_t len = ML_QUIC_MAX_CID; paths != NULL && len >= ML_QUIC_TELLING_CID; len--) {
        if (paths->n_of_length[len] == 0 || chunk->bytes.len <= len) {
            continue;
        }
        const struct entry *entry = find(paths, chunk->dir, ml_span_cut(chunk->bytes, 1, len));
        if (entry != NULL && ml_quic_decrypt_is_fresh(entry->connection, chunk->time_ns)) {
            *id_len = len;
            return entry->connection;
        }
    }
    return NULL;
}

void ml_quic_paths_free(struct ml_quic_paths *paths)
{
    for (size_t i = 0; paths != NULL && i < N_BUCKETS; i++) {
        while (paths->buckets[i] != NULL) {
            struct entry *entry = paths->buckets[i];
            paths->buckets[i] = entry->next;
            ml_mem_free(entry);
        }
    }
    ml_mem_free(paths);
}

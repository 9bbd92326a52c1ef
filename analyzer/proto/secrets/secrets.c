/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/secrets/secrets.h"

#include "core/limits.h"
#include "core/map.h"
#include "core/mem.h"
#include "core/text.h"

#include <stdatomic.h>

struct secret {
    uint8_t len; /* 0: not known */
    uint8_t bytes[ML_SECRET_MAX_BYTES];
    uint32_t source;
    atomic_bool is_used; /* only ever set, so that the order of threads does not show */
};

struct connection {
    struct secret secrets[ML_N_SECRET_LABELS];
};

struct ml_secrets {
    struct ml_map by_random; /* client random -> number in `connections` */
    struct ml_arena arena;   /* holds them; wiped */
    struct connection **connections;
    size_t n, room;
    struct ml_secrets_count *sources;
    size_t n_sources;
};

static const struct {
    const char *label;
    enum ml_secret_label value;
} labels[] = {
    {"CLIENT_RANDOM", ML_SECRET_MASTER},
    {"CLIENT_EARLY_TRAFFIC_SECRET", ML_SECRET_CLIENT_EARLY},
    {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", ML_SECRET_CLIENT_HANDSHAKE},
    {"SERVER_HANDSHAKE_TRAFFIC_SECRET", ML_SECRET_SERVER_HANDSHAKE},
    {"CLIENT_TRAFFIC_SECRET_0", ML_SECRET_CLIENT_TRAFFIC},
    {"SERVER_TRAFFIC_SECRET_0", ML_SECRET_SERVER_TRAFFIC},
};

/* Labels that exist but open no traffic, or only with bytes of the handshake that nobody keeps. */
static const char *const other_labels[] = {
    "EXPORTER_SECRET",   "EARLY_EXPORTER_SECRET", "EARLY_EXPORTER_MASTER_SECRET", "ECH_SECRET", "ECH_CONFIG", "RSA",
    "PMS_CLIENT_RANDOM",
};

struct ml_secrets *ml_secrets_new(void)
{
    struct ml_secrets *secrets = ml_mem_array(1, sizeof *secrets);
    if (secrets != NULL) {
        ml_map_init(&secrets->by_random, ML_MAX_SECRETS);
        ml_arena_init(&secrets->arena, true);
    }
    return secrets;
}

void ml_secrets_free(struct ml_secrets *secrets)
{
    if (secrets == NULL) {
        return;
    }
    ml_map_fini(&secrets->by_random);
    ml_arena_fini(&secrets->arena);
    ml_mem_free(secrets->connections);
    ml_mem_free(secrets->sources);
    ml_mem_free(secrets);
}

enum ml_status ml_secrets_source(struct ml_secrets *secrets, uint32_t *source)
{
    struct ml_secrets_count *sources = ml_mem_resize(secrets->sources, secrets->n_sources + 1, sizeof *sources);
    *source = 0;
    if (sources == NULL) {
        return ML_NO_MEMORY;
    }
    secrets->sources = sources;
    sources[secrets->n_sources] = (struct ml_secrets_count){0};
    *source = (uint32_t)secrets->n_sources++;
    return ML_OK;
}

struct ml_secrets_count ml_secrets_count(const struct ml_secrets *secrets, uint32_t source)
{
    struct ml_secrets_count count = secrets->sources[source];
    for (size_t i = 0; i < secrets->n; i++) {
        for (unsigned label = 0; label < ML_N_SECRET_LABELS; label++) {
            const struct secret *secret = &secrets->connections[i]->secrets[label];
            count.used += secret->len != 0 && secret->source == source && atomic_load(&secret->is_used) ? 1 : 0;
        }
    }
    return count;
}

/* --- reading lines --- */

/* The next word of a line: words are parted by blanks. */
static struct ml_span take_word(struct ml_span *line)
{
    size_t from = 0;
    while (from < line->len && (line->ptr[from] == ' ' || line->ptr[from] == '\t')) {
        from++;
    }
    size_t to = from;
    while (to < line->len && line->ptr[to] != ' ' && line->ptr[to] != '\t') {
        to++;
    }
    struct ml_span word = ml_span_cut(*line, from, to - from);
    *line = ml_span_cut(*line, to, line->len);
    return word;
}

static bool is_other_label(struct ml_span word)
{
    for (size_t i = 0; i < sizeof other_labels / sizeof other_labels[0]; i++) {
        if (ml_span_equal(word, ml_span_text(other_labels[i]))) {
            return true;
        }
    }
    return false;
}

static bool find_label(struct ml_span word, enum ml_secret_label *out)
{
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        if (ml_span_equal(word, ml_span_text(labels[i].label))) {
            *out = labels[i].value;
            return true;
        }
    }
    return false;
}

/* Lengths that exist: 48 for a master secret, else that of SHA-256, SHA-384 or SHA-512. */
static bool is_length(enum ml_secret_label label, size_t len)
{
    return len == ML_SECRET_MASTER_BYTES || (label != ML_SECRET_MASTER && (len == 32 || len == ML_SECRET_MAX_BYTES));
}

static struct connection *get_connection(struct ml_secrets *secrets, const uint8_t *random, enum ml_status *status)
{
    bool is_new = false;
    struct ml_span key = ml_span_of(random, ML_SECRET_RANDOM);
    *status = ML_OK;
    struct ml_map_entry *entry = ml_map_find(&secrets->by_random, key);
    if (entry != NULL) {
        return secrets->connections[entry->value];
    }
    if (secrets->n == ML_MAX_SECRETS) {
        *status = ML_LIMIT;
        return NULL;
    }
    *status = ML_NO_MEMORY;
    struct connection **grown = ml_mem_grow(secrets->connections, secrets->n, &secrets->room, 64, sizeof *grown);
    if (grown == NULL) {
        return NULL;
    }
    secrets->connections = grown;
    struct connection *connection = ml_arena_get(&secrets->arena, sizeof *connection);
    if (connection == NULL || ml_map_add(&secrets->by_random, key, (uint32_t)secrets->n, &is_new) == NULL) {
        return NULL;
    }
    *status = ML_OK;
    secrets->connections[secrets->n++] = connection;
    return connection;
}

static enum ml_status keep(struct ml_secrets *secrets, uint32_t source, enum ml_secret_label label,
                           const uint8_t *random, struct ml_span bytes)
{
    enum ml_status status;
    struct connection *connection = get_connection(secrets, random, &status);
    if (connection == NULL) {
        return status;
    }
    struct secret *secret = &connection->secrets[label];
    if (secret->len != 0) {
        bool is_same = ml_span_equal(bytes, ml_span_of(secret->bytes, secret->len));
        secrets->sources[source].refused += is_same ? 0 : 1;
        return ML_OK;
    }
    memcpy(secret->bytes, bytes.ptr, bytes.len);
    secret->len = (uint8_t)bytes.len;
    secret->source = source;
    secrets->sources[source].secrets++;
    return ML_OK;
}

static enum ml_status take_line(struct ml_secrets *secrets, uint32_t source, struct ml_span line)
{
    struct ml_secrets_count *count = &secrets->sources[source];
    uint8_t random[ML_SECRET_RANDOM];
    uint8_t bytes[ML_SECRET_MAX_BYTES];
    enum ml_secret_label label = ML_SECRET_MASTER;
    struct ml_span word = take_word(&line);
    if (word.len == 0 || word.ptr[0] == '#') {
        return ML_OK;
    }
    if (!find_label(word, &label)) {
        bool is_known = is_other_label(word);
        count->ignored += is_known ? 1 : 0;
        count->refused += is_known ? 0 : 1;
        return ML_OK;
    }
    struct ml_span random_hex = take_word(&line);
    struct ml_span hex = take_word(&line);
    if (random_hex.len != 2 * sizeof random || !ml_hex_read(random_hex, random) || hex.len % 2 != 0 ||
        !is_length(label, hex.len / 2) || !ml_hex_read(hex, bytes) || take_word(&line).len != 0) {
        count->refused++;
        return ML_OK;
    }
    enum ml_status status = keep(secrets, source, label, random, ml_span_of(bytes, hex.len / 2));
    ml_mem_wipe(bytes, sizeof bytes);
    return status;
}

enum ml_status ml_secrets_add(struct ml_secrets *secrets, uint32_t source, struct ml_span text)
{
    enum ml_status status = ML_OK;
    size_t at = 0;
    while (at < text.len && status == ML_OK) {
        size_t end = at;
        while (end < text.len && text.ptr[end] != '\n') {
            end++;
        }
        struct ml_span line = ml_span_cut(text, at, end - at);
        if (line.len != 0 && line.ptr[line.len - 1] == '\r') {
            line.len--;
        }
        status = take_line(secrets, source, line);
        at = end + 1;
    }
    return status;
}

/* --- looking up --- */

static struct secret *find(const struct ml_secrets *secrets, enum ml_secret_label label, const uint8_t *random)
{
    if (secrets == NULL) {
        return NULL;
    }
    const struct ml_map_entry *entry = ml_map_find(&secrets->by_random, ml_span_of(random, ML_SECRET_RANDOM));
    return entry != NULL ? &secrets->connections[entry->value]->secrets[label] : NULL;
}

bool ml_secrets_knows(const struct ml_secrets *secrets, const uint8_t *random)
{
    return find(secrets, ML_SECRET_MASTER, random) != NULL;
}

struct ml_span ml_secrets_find(const struct ml_secrets *secrets, enum ml_secret_label label, const uint8_t *random)
{
    const struct secret *secret = find(secrets, label, random);
    return secret != NULL && secret->len != 0 ? ml_span_of(secret->bytes, secret->len) : ml_span_of(NULL, 0);
}

void ml_secrets_use(const struct ml_secrets *secrets, enum ml_secret_label label, const uint8_t *random)
{
    struct secret *secret = find(secrets, label, random);
    if (secret != NULL) {
        atomic_store_explicit(&secret->is_used, true, memory_order_relaxed);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/secrets/secrets.h"

#include "core/limits.h"
#include "core/map.h"
#include "core/mem.h"
#include "core/text.h"

#include <stdatomic.h>

struct secret {
    const uint8_t *bytes; /* in the arena */
    uint16_t len;         /* 0: not known */
    uint32_t source;
    atomic_bool is_used; /* only ever set, so that the order of threads does not show */
};

struct connection {
    struct secret secrets[ML_N_SECRET_LABELS];
};

struct ml_secrets {
    struct ml_map by_id;   /* -> number in `connections` */
    struct ml_arena arena; /* holds them; wiped */
    struct connection **connections;
    size_t n, room;
    bool has_label[ML_N_SECRET_LABELS];
    struct ml_secrets_count *sources;
    size_t n_sources;
};

enum { MASTER = ML_SECRET_MASTER_BYTES, RANDOM = ML_SECRET_RANDOM };

/* What a line holds: its label, then an id and a secret in hexadecimal digits, each behind a word of its own if any. */
static const struct form {
    const char *label;
    const char *before_id, *before_secret;
    uint16_t min_id, max_id; /* bytes */
    uint16_t min, max;       /* bytes of the secret */
    enum ml_secret_label value;
} forms[] = {
    {"CLIENT_RANDOM", "", "", RANDOM, RANDOM, MASTER, MASTER, ML_SECRET_MASTER},
    {"CLIENT_EARLY_TRAFFIC_SECRET", "", "", RANDOM, RANDOM, 32, 64, ML_SECRET_CLIENT_EARLY},
    {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "", "", RANDOM, RANDOM, 32, 64, ML_SECRET_CLIENT_HANDSHAKE},
    {"SERVER_HANDSHAKE_TRAFFIC_SECRET", "", "", RANDOM, RANDOM, 32, 64, ML_SECRET_SERVER_HANDSHAKE},
    {"CLIENT_TRAFFIC_SECRET_0", "", "", RANDOM, RANDOM, 32, 64, ML_SECRET_CLIENT_TRAFFIC},
    {"SERVER_TRAFFIC_SECRET_0", "", "", RANDOM, RANDOM, 32, 64, ML_SECRET_SERVER_TRAFFIC},
    {"RSA", "Session-ID:", "Master-Key:", 1, RANDOM, MASTER, MASTER, ML_SECRET_SESSION_MASTER},
    {"RSA", "", "", ML_SECRET_RSA_ID, ML_SECRET_RSA_ID, MASTER, MASTER, ML_SECRET_RSA_PREMASTER},
    {"PMS_CLIENT_RANDOM", "", "", RANDOM, RANDOM, 1, ML_SECRET_MAX_PREMASTER, ML_SECRET_PREMASTER},
};

/* Labels that exist but open no traffic, or only with bytes of the handshake that nobody keeps. */
static const char *const other_labels[] = {
    "EXPORTER_SECRET", "EARLY_EXPORTER_SECRET", "EARLY_EXPORTER_MASTER_SECRET", "ECH_SECRET", "ECH_CONFIG",
};

struct ml_secrets *ml_secrets_new(void)
{
    struct ml_secrets *secrets = ml_mem_array(1, sizeof *secrets);
    if (secrets != NULL) {
        ml_map_init(&secrets->by_id, ML_MAX_SECRETS);
        ml_arena_init(&secrets->arena, true);
    }
    return secrets;
}

void ml_secrets_free(struct ml_secrets *secrets)
{
    if (secrets == NULL) {
        return;
    }
    ml_map_fini(&secrets->by_id);
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

/* Lengths that exist: traffic secrets are as long as SHA-256, SHA-384 or SHA-512. */
static bool is_length(const struct form *form, size_t len)
{
    bool is_traffic = form->min == 32 && form->max == 64;
    return len >= form->min && len <= form->max && (!is_traffic || len == 32 || len == 48 || len == 64);
}

/* The bytes that `text` writes in hexadecimal digits, behind `before`. */
static bool read_hex(struct ml_span text, const char *before, size_t max, uint8_t *out, size_t *len)
{
    if (!ml_span_starts(text, before)) {
        return false;
    }
    struct ml_span digits = ml_span_cut(text, strlen(before), text.len);
    *len = digits.len / 2;
    return digits.len % 2 == 0 && *len <= max && ml_hex_read(digits, out);
}

static struct connection *get_connection(struct ml_secrets *secrets, const uint8_t *id, enum ml_status *status)
{
    bool is_new = false;
    struct ml_span key = ml_span_of(id, ML_SECRET_RANDOM);
    *status = ML_OK;
    struct ml_map_entry *entry = ml_map_find(&secrets->by_id, key);
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
    if (connection == NULL || ml_map_add(&secrets->by_id, key, (uint32_t)secrets->n, &is_new) == NULL) {
        return NULL;
    }
    *status = ML_OK;
    secrets->connections[secrets->n++] = connection;
    return connection;
}

static enum ml_status keep(struct ml_secrets *secrets, uint32_t source, enum ml_secret_label label, const uint8_t *id,
                           struct ml_span bytes)
{
    enum ml_status status;
    struct connection *connection = get_connection(secrets, id, &status);
    if (connection == NULL) {
        return status;
    }
    struct secret *secret = &connection->secrets[label];
    if (secret->len != 0) {
        bool is_same = ml_span_equal(bytes, ml_span_of(secret->bytes, secret->len));
        secrets->sources[source].refused += is_same ? 0 : 1;
        return ML_OK;
    }
    uint8_t *copy = ml_arena_get(&secrets->arena, bytes.len);
    if (copy == NULL) {
        return ML_NO_MEMORY;
    }
    memcpy(copy, bytes.ptr, bytes.len);
    secret->bytes = copy;
    secret->len = (uint16_t)bytes.len;
    secret->source = source;
    secrets->has_label[label] = true;
    secrets->sources[source].secrets++;
    return ML_OK;
}

/* A line of this form? `rest` is what stands behind its label. Its words may still be none. */
static bool is_form(const struct form *form, struct ml_span label, struct ml_span rest)
{
    return ml_span_equal(label, ml_span_text(form->label)) && ml_span_starts(take_word(&rest), form->before_id);
}

static enum ml_status take_words(struct ml_secrets *secrets, uint32_t source, const struct form *form,
                                 struct ml_span rest)
{
    uint8_t id[ML_SECRET_RANDOM] = {0};
    uint8_t bytes[ML_SECRET_MAX_PREMASTER];
    size_t id_len = 0;
    size_t len = 0;
    struct ml_span id_text = take_word(&rest);
    struct ml_span text = take_word(&rest);
    enum ml_status status = ML_OK;
    if (read_hex(id_text, form->before_id, sizeof id, id, &id_len) && id_len >= form->min_id &&
        id_len <= form->max_id && read_hex(text, form->before_secret, sizeof bytes, bytes, &len) &&
        is_length(form, len) && take_word(&rest).len == 0) {
        status = keep(secrets, source, form->value, id, ml_span_of(bytes, len));
    } else {
        secrets->sources[source].refused++;
    }
    ml_mem_wipe(bytes, sizeof bytes);
    return status;
}

static enum ml_status take_line(struct ml_secrets *secrets, uint32_t source, struct ml_span line)
{
    struct ml_secrets_count *count = &secrets->sources[source];
    struct ml_span word = take_word(&line);
    if (word.len == 0 || word.ptr[0] == '#') {
        return ML_OK;
    }
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (is_form(&forms[i], word, line)) {
            return take_words(secrets, source, &forms[i], line);
        }
    }
    bool is_known = is_other_label(word);
    count->ignored += is_known ? 1 : 0;
    count->refused += is_known ? 0 : 1;
    return ML_OK;
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

static struct secret *find(const struct ml_secrets *secrets, enum ml_secret_label label, const uint8_t *id)
{
    if (secrets == NULL) {
        return NULL;
    }
    const struct ml_map_entry *entry = ml_map_find(&secrets->by_id, ml_span_of(id, ML_SECRET_RANDOM));
    return entry != NULL ? &secrets->connections[entry->value]->secrets[label] : NULL;
}

bool ml_secrets_knows(const struct ml_secrets *secrets, const uint8_t *id)
{
    return find(secrets, ML_SECRET_MASTER, id) != NULL;
}

bool ml_secrets_has_label(const struct ml_secrets *secrets, enum ml_secret_label label)
{
    return secrets != NULL && secrets->has_label[label];
}

struct ml_span ml_secrets_find(const struct ml_secrets *secrets, enum ml_secret_label label, const uint8_t *id)
{
    const struct secret *secret = find(secrets, label, id);
    return secret != NULL && secret->len != 0 ? ml_span_of(secret->bytes, secret->len) : ml_span_of(NULL, 0);
}

void ml_secrets_use(const struct ml_secrets *secrets, enum ml_secret_label label, const uint8_t *id)
{
    struct secret *secret = find(secrets, label, id);
    if (secret != NULL) {
        atomic_store_explicit(&secret->is_used, true, memory_order_relaxed);
    }
}

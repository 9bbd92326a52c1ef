/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/hellos.h"

#include "core/hash.h"
#include "core/limits.h"
#include "core/mem.h"
#include "proto/tls/extension.h"
#include "proto/tls/names.h"

/* All that goes into the fingerprints of one hello. */
struct key {
    size_t len;
    uint8_t bytes[ML_TLS_HELLO_BYTES];
};

struct place {
    struct key key; /* of no bytes: free */
    struct ml_tls_prints prints;
};

/* Who comes later takes the place. */
struct hellos {
    struct place places[ML_TLS_HELLO_PLACES];
};

static void *hellos_new(void)
{
    return ml_mem_array(1, sizeof(struct hellos));
}

static bool add_u16(struct key *key, size_t value)
{
    if (sizeof key->bytes - key->len < 2) {
        return false;
    }
    key->bytes[key->len++] = (uint8_t)(value >> 8);
    key->bytes[key->len++] = (uint8_t)value;
    return true;
}

/* With its length, so that no two hellos have one key. */
static bool add_list(struct key *key, struct ml_span list)
{
    if (!add_u16(key, list.len) || list.len > sizeof key->bytes - key->len) {
        return false;
    }
    if (list.len != 0) {
        memcpy(key->bytes + key->len, list.ptr, list.len);
        key->len += list.len;
    }
    return true;
}

/* Numbers of two bytes without GREASE (RFC 8701), which is drawn anew for each hello and in no fingerprint. */
static bool add_numbers(struct key *key, struct ml_span list)
{
    struct ml_reader rd = ml_rd_open_framed(list);
    uint16_t value = 0;
    size_t at = key->len; /* of their length */
    bool ok = add_u16(key, 0);
    while (ok && ml_rd_left(&rd) != 0 && ml_rd_u16(&rd, &value)) {
        ok = ml_tls_is_grease(value) || add_u16(key, value);
    }
    if (ok) {
        size_t len = key->len - at;
        key->bytes[at] = (uint8_t)(len >> 8);
        key->bytes[at + 1] = (uint8_t)len;
    }
    return ok;
}

/* Types of the extensions: what is in them is of another server, another time. */
static bool add_types(struct key *key, struct ml_span extensions)
{
    struct ml_reader rd = ml_rd_open_framed(extensions);
    struct ml_reader body;
    uint16_t type = 0;
    while (ml_tls_extension_next(&rd, &type, &body)) {
        if (!ml_tls_is_grease(type) && !add_u16(key, type)) {
            return false;
        }
    }
    return true;
}

/* False when it is too long to be remembered. */
static bool make_key(struct key *key, const struct ml_tls_client_hello *hello, char transport)
{
    key->len = 0;
    return add_u16(key, (size_t)(uint8_t)transport << 8 | (hello->has_server_name ? 1 : 0)) &&
           add_u16(key, hello->legacy_version) && add_numbers(key, hello->versions) &&
           add_numbers(key, hello->ciphers) && add_numbers(key, hello->groups) && add_list(key, hello->point_formats) &&
           add_numbers(key, hello->signatures) && add_list(key, hello->alpn) && add_types(key, hello->extensions);
}

static bool take_prints(const struct ml_tls_client_hello *hello, char transport, struct ml_tls_prints *out)
{
    bool has_ja3 = ml_tls_ja3(hello, out->ja3);
    return ml_tls_ja4(hello, transport, out->ja4) && has_ja3;
}

void ml_tls_prints_of(struct ml_proto_env *env, const struct ml_tls_client_hello *hello, char transport,
                      struct ml_tls_prints *out)
{
    struct key key;
    /* NULL when memory runs out: then nothing is remembered. */
    struct hellos *hellos = ml_proto_tool(env, ML_TOOL_HELLOS, hellos_new, ml_mem_free);
    if (hellos == NULL || hello->is_cut || hello->is_ssl2 || !make_key(&key, hello, transport)) {
        (void)take_prints(hello, transport, out);
        return;
    }
    struct ml_span bytes = ml_span_of(key.bytes, key.len);
    struct place *place = &hellos->places[ml_hash(bytes) % ML_TLS_HELLO_PLACES];
    if (ml_span_equal(ml_span_of(place->key.bytes, place->key.len), bytes)) {
        *out = place->prints;
        return;
    }
    if (take_prints(hello, transport, out)) {
        place->prints = *out;
        place->key.len = key.len;
        memcpy(place->key.bytes, key.bytes, key.len);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/sockets.h"

#include "core/limits.h"

struct key { /* no padding: compared and hashed as bytes */
    struct ml_ip peer;
    uint8_t ip_proto;
    uint8_t ports[4];
};
_Static_assert(sizeof(struct key) == 22, "a key with padding would not compare as bytes");

static struct key key_of(uint8_t ip_proto, uint16_t port, const struct ml_ip *peer, uint16_t peer_port)
{
    return (struct key){
        .peer = *peer,
        .ip_proto = ip_proto,
        .ports = {(uint8_t)(port >> 8), (uint8_t)port, (uint8_t)(peer_port >> 8), (uint8_t)peer_port},
    };
}

void ml_sockets_init(struct ml_sockets *sockets)
{
    ml_map_init(&sockets->index, ML_MAX_SOCKETS);
    ml_map_init(&sockets->names, ML_MAX_SOCKETS);
}

void ml_sockets_fini(struct ml_sockets *sockets)
{
    ml_map_fini(&sockets->index);
    ml_map_fini(&sockets->names);
}

/* 0: out of memory, or too many. */
static uint32_t number_of(struct ml_sockets *sockets, struct ml_span process)
{
    const struct ml_map_entry *entry = ml_map_add(&sockets->names, process, (uint32_t)sockets->names.n + 1, NULL);
    return entry != NULL ? entry->value : 0;
}

bool ml_sockets_add(struct ml_sockets *sockets, uint8_t ip_proto, uint16_t port, const struct ml_ip *peer,
                    uint16_t peer_port, struct ml_span process)
{
    const struct key key = key_of(ip_proto, port, peer, peer_port);
    uint32_t number = number_of(sockets, process);
    if (number == 0) {
        return false;
    }
    struct ml_map_entry *entry = ml_map_add(&sockets->index, ml_span_of(&key, sizeof key), number, NULL);
    if (entry != NULL && entry->value != number) {
        entry->value = 0;
    }
    return entry != NULL;
}

struct ml_span ml_sockets_find(const struct ml_sockets *sockets, uint8_t ip_proto, uint16_t port,
                               const struct ml_ip *peer, uint16_t peer_port)
{
    const struct key key = key_of(ip_proto, port, peer, peer_port);
    const struct ml_map_entry *entry = ml_map_find(&sockets->index, ml_span_of(&key, sizeof key));
    bool is_known = entry != NULL && entry->value != 0;
    return is_known ? ml_map_key(sockets->names.entries[entry->value - 1]) : ml_span_of(NULL, 0);
}

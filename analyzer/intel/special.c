/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/special.h"

struct block {
    uint8_t bits;
    bool is_anycast;
    uint8_t bytes[16];
    const char *name;
};

/* More specific blocks come first: the first match wins. Those asked for most often overlap no other. */
static const struct block blocks4[] = {
    {8, false, {10}, "private-use"},
    {16, false, {192, 168}, "private-use"},
    {12, false, {172, 16}, "private-use"},
    {32, false, {255, 255, 255, 255}, "limited-broadcast"},
    {32, true, {192, 0, 0, 9}, "port-control-anycast"},
    {32, true, {192, 0, 0, 10}, "turn-anycast"},
    {24, false, {192, 0, 0}, "protocol-assignment"},
    {24, false, {192, 0, 2}, "documentation"},
    {24, false, {198, 51, 100}, "documentation"},
    {24, false, {203, 0, 113}, "documentation"},
    {24, true, {192, 31, 196}, "as112"},
    {24, true, {192, 175, 48}, "as112"},
    {24, true, {192, 52, 193}, "multicast-tunnelling"},
    {24, true, {192, 88, 99}, "6to4-relay"},
    {16, false, {169, 254}, "link-local"},
    {15, false, {198, 18}, "benchmarking"},
    {10, false, {100, 64}, "shared-address-space"},
    {8, false, {0}, "this-network"},
    {8, false, {127}, "loopback"},
    {4, false, {224}, "multicast"},
    {4, false, {240}, "reserved"},
};

static const struct block blocks6[] = {
    {128, false, {0}, "unspecified"},
    {128, false, {[15] = 1}, "loopback"},
    {128, true, {0x20, 0x01, 0, 1, [15] = 1}, "port-control-anycast"},
    {128, true, {0x20, 0x01, 0, 1, [15] = 2}, "turn-anycast"},
    {96, false, {[10] = 0xff, 0xff}, "ipv4-mapped"},
    {96, false, {0x00, 0x64, 0xff, 0x9b}, "nat64"},
    {64, false, {0x01, 0x00}, "discard-only"},
    {48, false, {0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, "nat64-local"},
    {48, false, {0x20, 0x01, 0x00, 0x02}, "benchmarking"},
    {48, true, {0x20, 0x01, 0x00, 0x04, 0x01, 0x12}, "as112"},
    {48, true, {0x26, 0x20, 0x00, 0x4f, 0x80, 0x00}, "as112"},
    {32, false, {0x20, 0x01, 0x00, 0x00}, "teredo"},
    {32, true, {0x20, 0x01, 0x00, 0x03}, "multicast-tunnelling"},
    {32, false, {0x20, 0x01, 0x0d, 0xb8}, "documentation"},
    {28, false, {0x20, 0x01, 0x00, 0x10}, "orchid"},
    {28, false, {0x20, 0x01, 0x00, 0x20}, "orchid"},
    {28, false, {0x20, 0x01, 0x00, 0x30}, "drone-remote-id"},
    {23, false, {0x20, 0x01, 0x00, 0x00}, "protocol-assignment"},
    {20, false, {0x3f, 0xff}, "documentation"},
    {16, false, {0x20, 0x02}, "6to4"},
    {16, false, {0x5f, 0x00}, "segment-routing"},
    {10, false, {0xfe, 0x80}, "link-local"},
    {8, false, {0xff}, "multicast"},
    {7, false, {0xfc}, "unique-local"},
};

static const struct block *block_of(const struct block *blocks, size_t n, const struct ml_ip *ip)
{
    for (size_t i = 0; i < n; i++) {
        if (blocks[i].bits >= 8 && blocks[i].bytes[0] != ip->bytes[0]) {
            continue;
        }
        struct ml_ip prefix = {.family = ip->family};
        memcpy(prefix.bytes, blocks[i].bytes, sizeof prefix.bytes);
        if (ml_ip_in_prefix(ip, &prefix, blocks[i].bits)) {
            return &blocks[i];
        }
    }
    return NULL;
}

const char *ml_special_name(const struct ml_ip *ip, bool *is_anycast)
{
    *is_anycast = false;
    const struct block *block = NULL;
    if (ip->family == 4) {
        block = block_of(blocks4, sizeof blocks4 / sizeof *blocks4, ip);
    } else if (ip->family == 6) {
        block = block_of(blocks6, sizeof blocks6 / sizeof *blocks6, ip);
        if (block == NULL && ip->bytes[0] >> 5 != 1) {
            return "unallocated"; /* only 2000::/3 is global unicast (RFC 4291, section 2.4) */
        }
    }
    if (block == NULL) {
        return NULL;
    }
    *is_anycast = block->is_anycast;
    return block->name;
}

const char *ml_special_decode(const struct ml_ip *ip, struct ml_ip *inner)
{
    static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b};
    static const uint8_t mapped[12] = {[10] = 0xff, 0xff};
    memset(inner, 0, sizeof *inner);
    if (ip->family != 6) {
        return NULL;
    }
    const uint8_t *b = ip->bytes;
    if (memcmp(b, nat64, sizeof nat64) == 0) {
        *inner = ml_ip4(b + 12);
        return "nat64";
    }
    if (memcmp(b, mapped, sizeof mapped) == 0) {
        *inner = ml_ip4(b + 12);
        return "ipv4-mapped";
    }
    if (b[0] == 0x20 && b[1] == 0x02) {
        *inner = ml_ip4(b + 2);
        return "6to4";
    }
    if (b[0] == 0x20 && b[1] == 0x01 && b[2] == 0 && b[3] == 0) {
        uint8_t client[4];
        for (int i = 0; i < 4; i++) {
            client[i] = b[12 + i] ^ 0xff; /* obfuscated so that NATs leave it alone */
        }
        *inner = ml_ip4(client);
        return "teredo";
    }
    return NULL;
}

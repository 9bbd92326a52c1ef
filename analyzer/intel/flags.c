/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flags - the tree of an IPFire location database, version 1, read where it lies in the file.
 *
 * Form (libloc, loc/format.h): magic and version, a header with the place of each section, and among these the tree: a
 * node for every bit of an address that matters, with the next node for 0 and for 1 (0: none) and the network that ends
 * here. The last network on the way counts. IPv4 lies at ::ffff:0:0/96. All numbers have their high byte first.
 */
#include "core/mem.h"
#include "core/reader.h"
#include "intel/lookups.h"
#include "intel/mapped.h"

enum {
    VERSION = 1,
    NODE_BYTES = 12,
    NETWORK_BYTES = 12,
    FLAGS_AT = 8, /* within a network: behind the country, two bytes of nothing, and the AS */
    V4_BITS = 96  /* in front of an IPv4 address */
};

static const uint32_t no_network = UINT32_MAX;

/* Where on the way down a look-up is: the node, and the last network that was met. */
struct place {
    uint32_t node, network;
};

struct ml_flags {
    struct ml_mapped file;
    struct ml_span tree;
    struct ml_span networks;
    struct place v4; /* below ::ffff:0:0/96 */
    bool has_v4;
};

static uint32_t number_at(struct ml_span bytes, size_t at)
{
    const uint8_t *p = bytes.ptr + at;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Goes down by the first `n_bits` of an address. False: the tree ended before the last of them. */
static bool descend(const struct ml_flags *flags, const uint8_t *address, unsigned n_bits, struct place *place)
{
    size_t n_nodes = flags->tree.len / NODE_BYTES;
    for (unsigned bit = 0;; bit++) {
        size_t at = (size_t)place->node * NODE_BYTES;
        uint32_t network = number_at(flags->tree, at + 8);
        place->network = network != no_network ? network : place->network;
        if (bit == n_bits) {
            return true;
        }
        bool is_one = (address[bit / 8] >> (7 - bit % 8) & 1) != 0;
        uint32_t next = number_at(flags->tree, at + (is_one ? 4 : 0));
        if (next == 0 || next >= n_nodes) {
            return false;
        }
        place->node = next;
    }
}

static bool read_section(struct ml_reader *rd, struct ml_span file, struct ml_span *out)
{
    uint32_t offset = 0;
    uint32_t len = 0;
    if (!ml_rd_u32(rd, &offset) || !ml_rd_u32(rd, &len) || offset > file.len || len > file.len - offset) {
        return false;
    }
    *out = ml_span_cut(file, offset, len);
    return true;
}

static bool read_header(struct ml_flags *flags)
{
    struct ml_reader rd = ml_rd_open(flags->file.bytes);
    struct ml_span magic;
    struct ml_span systems;
    uint8_t version = 0;
    /* When and by whom it was made: a time and three places of texts. */
    return ml_rd_span(&rd, 7, &magic) && ml_span_equal(magic, ml_span_text("LOCDBXX")) && ml_rd_u8(&rd, &version) &&
           version == VERSION && ml_rd_skip(&rd, 8 + 3 * 4) && read_section(&rd, flags->file.bytes, &systems) &&
           read_section(&rd, flags->file.bytes, &flags->networks) && read_section(&rd, flags->file.bytes, &flags->tree);
}

enum ml_status ml_flags_open(const char *path, struct ml_flags **out, struct ml_error *error)
{
    static const uint8_t v4[V4_BITS / 8] = {[10] = 0xff, [11] = 0xff};
    *out = NULL;
    struct ml_flags *flags = ml_mem_array(1, sizeof *flags);
    if (flags == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    if (ml_mapped_open(path, &flags->file, NULL) != ML_OK) {
        ml_mem_free(flags);
        return ml_error_set(error, ML_IO, "cannot be opened");
    }
    if (!read_header(flags) || flags->tree.len < NODE_BYTES) {
        ml_flags_close(flags);
        return ml_error_set(error, ML_BAD_INPUT, "not a location database");
    }
    flags->v4 = (struct place){.network = no_network};
    flags->has_v4 = descend(flags, v4, V4_BITS, &flags->v4);
    *out = flags;
    return ML_OK;
}

void ml_flags_close(struct ml_flags *flags)
{
    if (flags != NULL) {
        ml_mapped_close(&flags->file);
        ml_mem_free(flags);
    }
}

static unsigned flags_of(const struct ml_flags *flags, uint32_t network)
{
    size_t at = (size_t)network * NETWORK_BYTES;
    if (network >= flags->networks.len / NETWORK_BYTES) {
        return 0;
    }
    unsigned bits = number_at(flags->networks, at + FLAGS_AT) >> 16;
    return ((bits & 1) != 0 ? ML_FLAG_PROXY : 0u) | ((bits & 2) != 0 ? ML_FLAG_SATELLITE : 0u) |
           ((bits & 4) != 0 ? ML_FLAG_ANYCAST : 0u);
}

unsigned ml_flags_find(const struct ml_flags *flags, const struct ml_ip *ip)
{
    struct place place = {.network = no_network};
    if (flags == NULL || ip->family == 0) {
        return 0;
    }
    if (ip->family == 4) {
        place = flags->v4;
    }
    if (ip->family == 6 || flags->has_v4) {
        (void)descend(flags, ip->bytes, ip->family == 4 ? 32 : 128, &place); /* where it ends does not matter */
    }
    return flags_of(flags, place.network);
}

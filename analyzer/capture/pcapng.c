/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/pcapng.h"

#include "core/limits.h"
#include "core/text.h"

enum {
    SECTION = 0x0a0d0d0a, /* the same in both byte orders */
    INTERFACE = 1,
    OLD_PACKET = 2,
    SIMPLE_PACKET = 3,
    NAMES = 4,
    STATISTICS = 5,
    PACKET = 6,
    JOURNAL = 9, /* an entry of the systemd journal */
    SECRETS = 10,
    CUSTOM = 0x0bad,
    CUSTOM_NO_COPY = 0x40000bad
};

enum { FRAME = 12, SECTION_FRAME = 28, BYTE_ORDER = 0x1a2b3c4d };

enum { PACKET_FLAGS = 2, PACKET_DROPS = 4, DIRECTION_IN = 1, DIRECTION_OUT = 2 };

struct block {
    uint32_t type;
    uint32_t total; /* bytes with type and lengths */
    struct ml_reader body;
};

bool ml_pcapng_has_magic(struct ml_span first)
{
    return ml_span_starts(first, "\x0a\x0d\x0d\x0a");
}

/* --- blocks --- */

/* A section says its byte order before its length can be read. */
static enum ml_status read_byte_order(struct ml_source *source, struct ml_span head)
{
    struct ml_reader rd = ml_rd_open(ml_span_cut(head, 8, 4));
    uint32_t magic = 0;
    if (!ml_rd_u32(&rd, &magic) || (magic != BYTE_ORDER && magic != __builtin_bswap32(BYTE_ORDER))) {
        return ml_file_damage(source, "a section without byte order (%08x)", magic);
    }
    source->is_big = magic == BYTE_ORDER;
    return ML_OK;
}

/* Reads the next block without taking it. ML_END at the clean end or at a damage. */
static enum ml_status read_block(struct ml_source *source, struct block *block)
{
    struct ml_span bytes;
    enum ml_status status = ml_input_need(source->input, 1, &bytes);
    if (status == ML_END) {
        return ML_END; /* between two blocks */
    }
    status = ml_file_need(source, FRAME, &bytes, "block");
    if (status != ML_OK) {
        return status;
    }
    struct ml_reader rd = ml_rd_open(bytes);
    if (ml_pcapng_has_magic(bytes)) {
        status = read_byte_order(source, bytes);
        if (status != ML_OK) {
            return status;
        }
    }
    bool is_read = ml_file_u32(source, &rd, &block->type) && ml_file_u32(source, &rd, &block->total);
    uint32_t least = block->type == SECTION ? SECTION_FRAME : FRAME;
    if (!is_read || block->total < least || block->total % 4 != 0 || block->total > ML_MAX_PCAPNG_BLOCK) {
        return ml_file_damage(source, "a block of type %u with the impossible length %u", block->type, block->total);
    }
    status = ml_file_need(source, block->total, &bytes, "block");
    if (status != ML_OK) {
        return status;
    }
    rd = ml_rd_open(ml_span_cut(bytes, bytes.len - 4, 4));
    uint32_t again = 0;
    if (!ml_file_u32(source, &rd, &again) || again != block->total) {
        return ml_file_damage(source, "a block of type %u with two lengths, %u and %u", block->type, block->total,
                              again);
    }
    block->body = ml_rd_open_framed(ml_span_cut(bytes, 8, bytes.len - FRAME));
    return ML_OK;
}

static enum ml_status start_section(struct ml_source *source, struct ml_reader *body)
{
    uint16_t major = 0;
    uint16_t minor = 0;
    /* The section's own length is not used: it may be unknown, and nothing is skipped by it. */
    if (!ml_rd_skip(body, 4) || !ml_file_u16(source, body, &major) || !ml_file_u16(source, body, &minor) ||
        !ml_rd_skip(body, 8)) {
        return ml_file_damage(source, "a section header that is too short");
    }
    if (major != 1 || (minor != 0 && minor != 2)) {
        return ml_file_damage(source, "a section of version %u.%u; only 1.0 and 1.2 are known", major, minor);
    }
    source->section_interface = source->summary.n_interfaces;
    uint16_t code = 0;
    struct ml_span value;
    while (ml_pcapng_option(source, body, &code, &value)) { /* only for the count of comments */
    }
    return ML_OK;
}

static enum ml_status add_interface(struct ml_source *source, struct ml_reader *body)
{
    if (source->summary.n_interfaces >= ML_MAX_INTERFACES) {
        return ml_file_damage(source, "more than %d interfaces", ML_MAX_INTERFACES);
    }
    return ml_pcapng_interface(source, body) ? ML_OK : ML_NO_MEMORY;
}

/* --- packets --- */

static enum ml_status set_interface(struct ml_source *source, struct ml_packet *packet, uint32_t index)
{
    if (index >= source->summary.n_interfaces - source->section_interface) {
        return ml_file_damage(source, "a packet of interface %u, which was not described", index);
    }
    packet->interface = (uint32_t)source->section_interface + index;
    packet->link_type = source->interfaces[packet->interface].link_type;
    return ML_OK;
}

static enum ml_status set_bytes(struct ml_source *source, struct ml_packet *packet, struct ml_reader *body,
                                uint32_t len)
{
    if (len > ML_MAX_PACKET_BYTES || !ml_pcapng_padded(body, len, &packet->bytes)) {
        return ml_file_damage(source, "a packet of %u bytes that is longer than its block or than any", len);
    }
    return ML_OK;
}

/* PCAPdroid writes the user id of the app as the comment "u-10123". */
static uint32_t process_of(const struct ml_source *source, struct ml_span comment)
{
    uint64_t uid = 0;
    if (!ml_span_starts(comment, "u-") || !ml_decimal_read(ml_span_cut(comment, 2, SIZE_MAX), &uid) ||
        uid > UINT32_MAX) {
        return 0;
    }
    return ml_file_find_process(source, (uint32_t)uid);
}

static void read_options(struct ml_source *source, struct ml_packet *packet, struct ml_reader *body)
{
    uint16_t code = 0;
    struct ml_span value;
    while (ml_pcapng_option(source, body, &code, &value)) {
        struct ml_reader rd = ml_rd_open_framed(value);
        uint32_t flags = 0;
        uint64_t drops = 0;
        if (code == ML_PCAPNG_COMMENT && packet->process == 0) {
            packet->process = process_of(source, value);
        } else if (code == PACKET_FLAGS && ml_file_u32(source, &rd, &flags)) {
            packet->direction = (flags & 3) == DIRECTION_IN    ? ML_PACKET_IN
                                : (flags & 3) == DIRECTION_OUT ? ML_PACKET_OUT
                                                               : ML_PACKET_UNKNOWN;
        } else if (code == PACKET_DROPS && ml_file_u64(source, &rd, &drops)) {
            ml_pcapng_add_drops(source, packet->interface, drops);
        }
    }
}

/* Enhanced packet block, and the obsolete packet block whose first word is split in two. */
static enum ml_status read_packet(struct ml_source *source, struct ml_packet *packet, struct block *block)
{
    struct ml_reader *body = &block->body;
    uint32_t index = 0;
    uint16_t old_index = 0;
    uint16_t old_drops = 0;
    bool is_read = false;
    if (block->type == PACKET) {
        is_read = ml_file_u32(source, body, &index);
    } else {
        is_read = ml_file_u16(source, body, &old_index) && ml_file_u16(source, body, &old_drops);
        index = old_index;
    }
    uint32_t high = 0;
    uint32_t low = 0;
    uint32_t len = 0;
    if (!is_read || !ml_file_u32(source, body, &high) || !ml_file_u32(source, body, &low) ||
        !ml_file_u32(source, body, &len) || !ml_file_u32(source, body, &packet->wire_len)) {
        return ml_file_damage(source, "a packet block that is too short");
    }
    enum ml_status status = set_interface(source, packet, index);
    if (status == ML_OK) {
        status = set_bytes(source, packet, body, len);
    }
    if (status != ML_OK) {
        return status;
    }
    packet->time_ns = ml_pcapng_time(&source->interface_state[packet->interface], (uint64_t)high << 32 | low);
    if (old_drops != 0 && old_drops != UINT16_MAX) { /* all ones: not known */
        ml_pcapng_add_drops(source, packet->interface, old_drops);
    }
    read_options(source, packet, body);
    return ML_OK;
}

/* A simple packet belongs to the first interface and has neither a time nor a captured length. */
static enum ml_status read_simple_packet(struct ml_source *source, struct ml_packet *packet, struct ml_reader *body)
{
    if (!ml_file_u32(source, body, &packet->wire_len)) {
        return ml_file_damage(source, "a simple packet block that is too short");
    }
    enum ml_status status = set_interface(source, packet, 0);
    if (status != ML_OK) {
        return status;
    }
    uint32_t snaplen = source->interfaces[packet->interface].snaplen;
    uint32_t len = snaplen != 0 && snaplen < packet->wire_len ? snaplen : packet->wire_len;
    source->is_timeless = true;
    return set_bytes(source, packet, body, len);
}

/* --- the walk --- */

/* Handles a block; *is_packet tells whether *packet was filled. */
static enum ml_status handle_block(struct ml_source *source, struct block *block, struct ml_packet *packet,
                                   bool *is_packet)
{
    struct ml_reader *body = &block->body;
    bool is_kept = true;
    switch (block->type) {
    case SECTION:
        return start_section(source, body);
    case INTERFACE:
        return add_interface(source, body);
    case PACKET:
    case OLD_PACKET:
        *is_packet = true;
        return read_packet(source, packet, block);
    case SIMPLE_PACKET:
        *is_packet = true;
        return read_simple_packet(source, packet, body);
    case NAMES:
        is_kept = ml_pcapng_names(source, body);
        break;
    case SECRETS:
        is_kept = ml_pcapng_secrets(source, body);
        break;
    case CUSTOM:
    case CUSTOM_NO_COPY:
        source->summary.frames++; /* Wireshark shows it between the packets */
        is_kept = ml_pcapng_custom(source, body);
        break;
    case STATISTICS:
        ml_pcapng_statistics(source, body);
        break;
    case JOURNAL:
        source->summary.frames++;
        break;
    default: /* a block nobody here knows; its length says where the next one is */
        break;
    }
    return is_kept ? ML_OK : ML_NO_MEMORY;
}

static enum ml_status next_packet(struct ml_source *source, struct ml_packet *packet)
{
    bool is_packet = false;
    while (!is_packet) {
        struct block block = {.type = 0};
        enum ml_status status = read_block(source, &block);
        if (status == ML_OK) {
            status = handle_block(source, &block, packet, &is_packet);
        }
        if (status != ML_OK) {
            return status;
        }
        ml_input_take(source->input, block.total);
    }
    return ML_OK;
}

enum ml_status ml_pcapng_start(struct ml_source *source, struct ml_error *error)
{
    struct block block = {.type = 0};
    enum ml_status status = read_block(source, &block);
    if (status == ML_OK) {
        status = start_section(source, &block.body);
    }
    if (status == ML_NO_MEMORY) {
        return ml_error_set(error, status, "out of memory");
    }
    if (status != ML_OK) {
        return ml_error_set(error, ML_BAD_INPUT, "a pcapng file that cannot be read: %s", source->summary.damage);
    }
    ml_input_take(source->input, block.total);
    source->summary.format = "pcapng";
    source->next = next_packet;
    return ML_OK;
}

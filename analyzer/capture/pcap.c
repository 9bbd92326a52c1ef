/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Classic pcap: a head of 24 bytes, then records of 16 bytes and the packet. Variants differ in the magic number (byte
 * order, unit of time, Kuznetzov's longer records, Ixia's extra field) or in the version (fields that changed places,
 * AIX).
 * See: draft-ietf-opsawg-pcap; the notes in libpcap's sf-pcap.c for what old writers did.
 */
#include "capture/file.h"
#include "capture/trailer.h"
#include "core/limits.h"

enum { HEAD = 24, RECORD = 16, KUZNETZOV_EXTRA = 8, IXIA_EXTRA = 4 };

struct variant {
    uint32_t magic;
    const char *format;
    bool is_nano;
    uint32_t head_extra;
    uint32_t record_extra;
};

static const struct variant variants[] = {
    {0xa1b2c3d4, "pcap", false, 0, 0},
    {0xa1b23c4d, "pcap-ns", true, 0, 0},
    {0xa1b2cd34, "pcap-modified", false, 0, KUZNETZOV_EXTRA},
    {0x1c0001ac, "pcap-ixia", true, IXIA_EXTRA, 0}, /* the length of all records follows the head */
    {0x1c0001ab, "pcap-ixia", true, IXIA_EXTRA, 0},
};

static const struct variant *variant_of(struct ml_span first, bool *is_big)
{
    struct ml_reader rd = ml_rd_open(first);
    uint32_t magic = 0;
    if (!ml_rd_u32(&rd, &magic)) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
        *is_big = variants[i].magic == magic;
        if (*is_big || variants[i].magic == __builtin_bswap32(magic)) {
            return &variants[i];
        }
    }
    return NULL;
}

bool ml_pcap_has_magic(struct ml_span first)
{
    bool is_big = false;
    return variant_of(first, &is_big) != NULL;
}

/* --- packets --- */

struct record {
    uint32_t seconds, fraction;
    uint32_t len; /* captured */
    uint32_t wire_len;
};

static bool read_record(const struct ml_source *source, struct ml_span bytes, struct record *record)
{
    struct ml_reader rd = ml_rd_open(bytes);
    if (!ml_file_u32(source, &rd, &record->seconds) || !ml_file_u32(source, &rd, &record->fraction) ||
        !ml_file_u32(source, &rd, &record->len) || !ml_file_u32(source, &rd, &record->wire_len)) {
        return false;
    }
    if (source->is_swapped || (source->may_be_swapped && record->len > record->wire_len)) {
        uint32_t len = record->len;
        record->len = record->wire_len;
        record->wire_len = len;
    }
    return true;
}

static enum ml_status next_packet(struct ml_source *source, struct ml_packet *packet)
{
    struct ml_span bytes;
    enum ml_status status = ml_input_need(source->input, 1, &bytes);
    if (status == ML_END) {
        return ML_END; /* the file ends between two records */
    }
    size_t head = RECORD + source->record_extra;
    status = ml_file_need(source, head, &bytes, "record header");
    if (status != ML_OK) {
        return status;
    }
    struct record record;
    if (!read_record(source, bytes, &record) || record.len > ML_MAX_PACKET_BYTES) {
        return ml_file_damage(source, "a packet of %u bytes is longer than any", record.len);
    }
    status = ml_file_need(source, head + record.len, &bytes, "packet");
    if (status != ML_OK) {
        return status;
    }
    packet->time_ns = (int64_t)record.seconds * 1000000000 + (int64_t)record.fraction * (source->is_nano ? 1 : 1000);
    packet->link_type = source->interfaces[0].link_type;
    packet->wire_len = record.wire_len;
    packet->bytes = ml_span_cut(bytes, head, record.len);
    uint32_t uid = 0;
    struct ml_span label;
    if (source->has_trailers && ml_trailer_read(packet->bytes, &uid, &label)) {
        if (!ml_file_add_process(source, uid, ml_span_of(NULL, 0), label)) {
            return ML_NO_MEMORY;
        }
        packet->process = ml_file_find_process(source, uid);
    }
    ml_input_take(source->input, bytes.len);
    return ML_OK;
}

/* --- the head --- */

/* Could these bytes be a record header? False too when there are too few. */
static bool is_plausible(const struct ml_source *source, struct ml_span bytes)
{
    struct record record;
    return bytes.len >= RECORD && read_record(source, bytes, &record) && record.len <= ML_MAX_PACKET_BYTES &&
           record.wire_len >= record.len && record.fraction < (source->is_nano ? 1000000000U : 1000000U);
}

/*
 * Some writers of Kuznetzov's records kept the usual magic number. They show when the second record makes sense only
 * behind eight bytes more.
 */
static enum ml_status guess_record(struct ml_source *source, size_t head)
{
    struct ml_span bytes;
    struct record record;
    enum ml_status status = ml_input_need(source->input, head + RECORD, &bytes);
    if (status != ML_OK || !is_plausible(source, ml_span_cut(bytes, head, SIZE_MAX)) ||
        !read_record(source, ml_span_cut(bytes, head, SIZE_MAX), &record)) {
        return status == ML_NO_MEMORY ? status : ML_OK;
    }
    size_t second = head + RECORD + record.len;
    status = ml_input_need(source->input, second + KUZNETZOV_EXTRA + RECORD, &bytes);
    if (status == ML_NO_MEMORY) {
        return status;
    }
    bool is_usual = is_plausible(source, ml_span_cut(bytes, second, SIZE_MAX));
    bool is_longer = is_plausible(source, ml_span_cut(bytes, second + KUZNETZOV_EXTRA, SIZE_MAX));
    if (!is_usual && is_longer) {
        source->record_extra = KUZNETZOV_EXTRA;
        source->summary.format = "pcap-modified";
    }
    return ML_OK;
}

/* AIX writes version 2.2, nanoseconds, and interface types of RFC 1573 as link types. */
static bool read_aix(struct ml_source *source, uint32_t *network)
{
    static const struct {
        uint32_t if_type;
        uint32_t link_type;
    } types[] = {{6, 1}, {9, 6}, {15, 10}, {24, 0}}; /* Ethernet, Token Ring, FDDI, loopback */
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (types[i].if_type == *network) {
            *network = types[i].link_type;
            source->is_nano = true;
            source->summary.format = "pcap-aix";
            return true;
        }
    }
    return false;
}

/* Versions before 2.3 had the lengths the other way round; some writers of 2.3 still did, and DG/UX's 543.0. */
static void read_version(struct ml_source *source, uint16_t major, uint16_t minor)
{
    source->is_swapped = (major == 2 && minor < 3) || (major == 543 && minor == 0);
    source->may_be_swapped = major == 2 && minor == 3;
}

enum ml_status ml_pcap_start(struct ml_source *source, struct ml_error *error)
{
    struct ml_span bytes;
    enum ml_status status = ml_input_need(source->input, HEAD, &bytes);
    const struct variant *variant = variant_of(bytes, &source->is_big);
    ML_ASSERT(variant != NULL);
    if (status == ML_OK && variant->head_extra != 0) {
        status = ml_input_need(source->input, HEAD + variant->head_extra, &bytes);
    }
    if (status != ML_OK) {
        const char *why = ml_input_failure(source->input);
        return ml_error_set(error, status == ML_END ? ML_BAD_INPUT : status,
                            "a pcap file that ends within its header (%zu bytes)%s%s", bytes.len,
                            why[0] != '\0' ? ": " : "", why);
    }
    source->summary.format = variant->format;
    source->is_nano = variant->is_nano;
    source->record_extra = variant->record_extra;
    struct ml_reader rd = ml_rd_open(bytes);
    uint16_t major = 0;
    uint16_t minor = 0;
    struct ml_source_interface interface = {.snaplen = 0};
    uint32_t network = 0;
    bool is_read = ml_rd_skip(&rd, 4) && ml_file_u16(source, &rd, &major) && ml_file_u16(source, &rd, &minor) &&
                   ml_rd_skip(&rd, 8) && ml_file_u32(source, &rd, &interface.snaplen) &&
                   ml_file_u32(source, &rd, &network);
    ML_ASSERT(is_read);
    if (major != 2 && major != 543) {
        return ml_error_set(error, ML_UNSUPPORTED, "a pcap file of version %u.%u; only 2.x is known", major, minor);
    }
    read_version(source, major, minor);
    bool is_aix = major == 2 && minor == 2 && read_aix(source, &network);
    interface.link_type = is_aix ? (int)network : ml_link_type_of(network);
    source->has_trailers = interface.link_type == ML_LINK_ETHERNET;
    if (!ml_file_add_interface(source, &interface, &(struct ml_file_interface){0})) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    if (variant == &variants[0] && guess_record(source, HEAD) != ML_OK) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    ml_input_take(source->input, HEAD + variant->head_extra);
    source->next = next_packet;
    return ML_OK;
}

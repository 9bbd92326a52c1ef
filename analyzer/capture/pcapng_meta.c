/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/pcapng.h"
#include "core/text.h"

enum { END_OF_OPTIONS = 0, IF_NAME = 2, IF_TSRESOL = 9, IF_TSOFFSET = 14, ISB_IFDROP = 5, ISB_OSDROP = 7 };

enum { NRB_END = 0, NRB_IPV4 = 1, NRB_IPV6 = 2 };

/* Enterprise number of PCAPdroid, and its block that maps user ids to apps. */
enum { PCAPDROID = 62652, PCAPDROID_VERSION = 1, PCAPDROID_UID_MAP = 1 };

#define NS_PER_S UINT64_C(1000000000)

bool ml_pcapng_padded(struct ml_reader *body, size_t n, struct ml_span *out)
{
    size_t padding = -n & 3;
    return ml_rd_span(body, n, out) && ml_rd_skip(body, padding);
}

bool ml_pcapng_option(struct ml_source *source, struct ml_reader *body, uint16_t *code, struct ml_span *value)
{
    uint16_t len = 0;
    if (!ml_file_u16(source, body, code) || !ml_file_u16(source, body, &len) || *code == END_OF_OPTIONS ||
        !ml_pcapng_padded(body, len, value)) {
        return false;
    }
    if (*code == ML_PCAPNG_COMMENT) {
        source->summary.comments++;
    }
    return true;
}

/* --- time --- */

static int64_t clamp(int64_t seconds, uint64_t ns)
{
    int64_t time = 0;
    if (__builtin_mul_overflow(seconds, (int64_t)NS_PER_S, &time) || __builtin_add_overflow(time, (int64_t)ns, &time)) {
        return seconds < 0 ? INT64_MIN : INT64_MAX;
    }
    return time;
}

int64_t ml_pcapng_time(const struct ml_file_interface *interface, uint64_t units)
{
    uint64_t seconds = 0;
    uint64_t ns = 0;
    if (interface->units != 0) { /* a power of ten */
        seconds = units / interface->units;
        uint64_t rest = units % interface->units;
        ns = interface->units <= NS_PER_S ? rest * (NS_PER_S / interface->units) : rest / (interface->units / NS_PER_S);
    } else {
        unsigned shift = interface->shift;
        seconds = shift < 64 ? units >> shift : 0;
        uint64_t rest = shift < 64 ? units & ((UINT64_C(1) << shift) - 1) : units;
        if (shift > 34) { /* 34 digits are finer than a nanosecond, and leave room for the product */
            rest = shift - 34 < 64 ? rest >> (shift - 34) : 0;
            shift = 34;
        }
        ns = rest * NS_PER_S >> shift;
    }
    int64_t sum = seconds < INT64_MAX ? (int64_t)seconds : INT64_MAX;
    if (__builtin_add_overflow(sum, interface->offset_s, &sum)) {
        sum = interface->offset_s < 0 ? INT64_MIN : INT64_MAX;
    }
    return clamp(sum, ns);
}

static void read_resolution(struct ml_file_interface *state, uint8_t value)
{
    unsigned digits = value & 0x7f;
    if ((value & 0x80) != 0) {
        state->units = 0;
        state->shift = (uint8_t)digits;
        return;
    }
    /* 10^19 is the last that fits; a finer unit makes every 64-bit time less than two seconds, or nonsense. */
    state->units = 1;
    for (unsigned i = 0; i < digits && i < 19; i++) {
        state->units *= 10;
    }
}

/* --- interfaces --- */

bool ml_pcapng_interface(struct ml_source *source, struct ml_reader *body)
{
    struct ml_source_interface interface = {.snaplen = 0};
    struct ml_file_interface state = {.units = 1000000};
    uint16_t link_type = 0;
    uint16_t code = 0;
    struct ml_span value;
    bool has_head =
        ml_file_u16(source, body, &link_type) && ml_rd_skip(body, 2) && ml_file_u32(source, body, &interface.snaplen);
    interface.link_type = ml_link_type_of(link_type);
    while (has_head && ml_pcapng_option(source, body, &code, &value)) {
        struct ml_reader rd = ml_rd_open_framed(value);
        uint8_t resolution = 0;
        uint64_t offset = 0;
        if (code == IF_NAME) {
            interface.name = ml_span_cut(value, 0, ml_span_find(value, ml_span_of("", 1)));
        } else if (code == IF_TSRESOL && ml_rd_u8(&rd, &resolution)) {
            read_resolution(&state, resolution);
        } else if (code == IF_TSOFFSET && ml_file_u64(source, &rd, &offset)) {
            state.offset_s = (int64_t)offset;
        }
    }
    return ml_file_add_interface(source, &interface, &state);
}

static void tell_drops(struct ml_source *source, size_t index)
{
    const struct ml_file_interface *state = &source->interface_state[index];
    source->interfaces[index].dropped = state->told_drops > state->seen_drops ? state->told_drops : state->seen_drops;
}

static uint64_t add_clamped(uint64_t a, uint64_t b)
{
    return a < UINT64_MAX - b ? a + b : UINT64_MAX;
}

void ml_pcapng_add_drops(struct ml_source *source, size_t index, uint64_t n)
{
    struct ml_file_interface *state = &source->interface_state[index];
    state->seen_drops = add_clamped(state->seen_drops, n);
    tell_drops(source, index);
}

void ml_pcapng_statistics(struct ml_source *source, struct ml_reader *body)
{
    uint32_t index = 0;
    if (!ml_file_u32(source, body, &index) || !ml_rd_skip(body, 8) ||
        index >= source->summary.n_interfaces - source->section_interface) {
        return;
    }
    uint16_t code = 0;
    struct ml_span value;
    uint64_t drops = 0;
    bool is_told = false;
    while (ml_pcapng_option(source, body, &code, &value)) {
        struct ml_reader rd = ml_rd_open_framed(value);
        uint64_t n = 0;
        if ((code == ISB_IFDROP || code == ISB_OSDROP) && ml_file_u64(source, &rd, &n)) {
            drops = add_clamped(drops, n);
            is_told = true;
        }
    }
    if (is_told) { /* counts run from the start of the capture: the newest block replaces the older ones */
        source->interface_state[source->section_interface + index].told_drops = drops;
        tell_drops(source, source->section_interface + index);
    }
}

/* --- names, secrets --- */

static bool add_names(struct ml_source *source, struct ml_span record, uint16_t type)
{
    struct ml_reader rd = ml_rd_open_framed(record);
    uint8_t address[16] = {0};
    if (!ml_rd_copy(&rd, address, type == NRB_IPV4 ? 4 : 16)) {
        return true;
    }
    struct ml_ip ip = type == NRB_IPV4 ? ml_ip4(address) : ml_ip6(address);
    struct ml_span name;
    while (ml_rd_until(&rd, 0, &name)) {
        if (name.len != 0 && !ml_file_add_name(source, &ip, name)) {
            return false;
        }
    }
    return true;
}

bool ml_pcapng_names(struct ml_source *source, struct ml_reader *body)
{
    uint16_t type = 0;
    uint16_t len = 0;
    struct ml_span record;
    while (ml_file_u16(source, body, &type) && ml_file_u16(source, body, &len) && type != NRB_END &&
           ml_pcapng_padded(body, len, &record)) {
        if ((type == NRB_IPV4 || type == NRB_IPV6) && !add_names(source, record, type)) {
            return false;
        }
    }
    uint16_t code = 0;
    struct ml_span value;
    while (ml_pcapng_option(source, body, &code, &value)) { /* only for the count of comments */
    }
    return true;
}

bool ml_pcapng_secrets(struct ml_source *source, struct ml_reader *body)
{
    uint32_t type = 0;
    uint32_t len = 0;
    struct ml_span bytes;
    if (!ml_file_u32(source, body, &type) || !ml_file_u32(source, body, &len) || !ml_pcapng_padded(body, len, &bytes)) {
        return true;
    }
    uint16_t code = 0;
    struct ml_span value;
    while (ml_pcapng_option(source, body, &code, &value)) {
    }
    return ml_file_add_secrets(source, type, bytes);
}

/* --- apps --- */

/*
 * PCAPdroid's map of a user id to an app: version, block type, id, two lengths and the two names. Its lengths must add
 * up to the block and the names be text: nothing else is taken for one.
 */
bool ml_pcapng_custom(struct ml_source *source, struct ml_reader *body)
{
    uint32_t enterprise = 0;
    uint8_t version = 0;
    uint8_t type = 0;
    uint32_t uid = 0;
    uint8_t package_len = 0;
    uint8_t label_len = 0;
    struct ml_span package;
    struct ml_span label;
    if (!ml_file_u32(source, body, &enterprise) || enterprise != PCAPDROID || !ml_rd_u8(body, &version) ||
        version != PCAPDROID_VERSION || !ml_rd_u8(body, &type) || type != PCAPDROID_UID_MAP ||
        !ml_file_u32(source, body, &uid) || !ml_rd_u8(body, &package_len) || !ml_rd_u8(body, &label_len) ||
        !ml_rd_span(body, package_len, &package) || !ml_rd_span(body, label_len, &label) || ml_rd_left(body) > 3 ||
        !ml_utf8_valid(package) || !ml_utf8_valid(label)) {
        return true;
    }
    return ml_file_add_process(source, uid, package, label);
}

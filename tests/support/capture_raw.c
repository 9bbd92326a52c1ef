/* SPDX-License-Identifier: Apache-2.0 */
#include "support/capture_raw.h"

#include "support/cm.h"

void raw_init(struct raw *raw, bool is_big)
{
    *raw = (struct raw){.is_big = is_big};
    ml_buf_init(&raw->buf, 1 << 26);
}

void raw_fini(struct raw *raw)
{
    assert_false(raw->buf.failed);
    ml_buf_fini(&raw->buf);
}

void raw_u8(struct raw *raw, uint8_t value)
{
    ml_buf_add_byte(&raw->buf, value);
}

static void put(struct raw *raw, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++) {
        unsigned digit = raw->is_big ? width - 1 - i : i;
        raw_u8(raw, (uint8_t)(value >> 8 * digit));
    }
}

void raw_u16(struct raw *raw, uint16_t value)
{
    put(raw, value, 2);
}

void raw_u32(struct raw *raw, uint32_t value)
{
    put(raw, value, 4);
}

void raw_u64(struct raw *raw, uint64_t value)
{
    put(raw, value, 8);
}

void raw_bytes(struct raw *raw, struct ml_span bytes)
{
    ml_buf_add_span(&raw->buf, bytes);
}

void raw_padded(struct raw *raw, struct ml_span bytes)
{
    raw_bytes(raw, bytes);
    for (size_t n = bytes.len; n % 4 != 0; n++) {
        raw_u8(raw, 0);
    }
}

void raw_pcap_head(struct raw *raw, uint32_t magic, uint16_t major, uint16_t minor, uint32_t link_type)
{
    raw_u32(raw, magic);
    raw_u16(raw, major);
    raw_u16(raw, minor);
    raw_u64(raw, 0);
    raw_u32(raw, 65535);
    raw_u32(raw, link_type);
}

void raw_pcap_packet(struct raw *raw, uint32_t seconds, uint32_t fraction, uint32_t wire_len, struct ml_span bytes)
{
    raw_u32(raw, seconds);
    raw_u32(raw, fraction);
    raw_u32(raw, (uint32_t)bytes.len);
    raw_u32(raw, wire_len);
    raw_bytes(raw, bytes);
}

void raw_begin(struct raw *raw, uint32_t type)
{
    raw->block = raw->buf.len;
    raw_u32(raw, type);
    raw_u32(raw, 0);
}

void raw_end(struct raw *raw)
{
    size_t end = raw->buf.len;
    uint32_t total = (uint32_t)(end - raw->block + 4);
    raw_u32(raw, total);
    memcpy(raw->buf.bytes + raw->block + 4, raw->buf.bytes + end, 4);
}

void raw_option(struct raw *raw, uint16_t code, struct ml_span value)
{
    raw_u16(raw, code);
    raw_u16(raw, (uint16_t)value.len);
    raw_padded(raw, value);
}

void raw_option_u32(struct raw *raw, uint16_t code, uint32_t value)
{
    raw_u16(raw, code);
    raw_u16(raw, 4);
    raw_u32(raw, value);
}

void raw_option_u64(struct raw *raw, uint16_t code, uint64_t value)
{
    raw_u16(raw, code);
    raw_u16(raw, 8);
    raw_u64(raw, value);
}

void raw_section(struct raw *raw)
{
    raw_begin(raw, 0x0a0d0d0a);
    raw_u32(raw, 0x1a2b3c4d);
    raw_u16(raw, 1);
    raw_u16(raw, 0);
    raw_u64(raw, UINT64_MAX);
    raw_end(raw);
}

void raw_interface(struct raw *raw, uint16_t link_type, uint32_t snaplen)
{
    raw_begin(raw, 1);
    raw_u16(raw, link_type);
    raw_u16(raw, 0);
    raw_u32(raw, snaplen);
    raw_end(raw);
}

void raw_packet(struct raw *raw, uint32_t interface, uint64_t time, uint32_t wire_len, struct ml_span bytes)
{
    raw_begin(raw, 6);
    raw_u32(raw, interface);
    raw_u32(raw, (uint32_t)(time >> 32));
    raw_u32(raw, (uint32_t)time);
    raw_u32(raw, (uint32_t)bytes.len);
    raw_u32(raw, wire_len);
    raw_padded(raw, bytes);
    raw_end(raw);
}

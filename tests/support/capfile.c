/* SPDX-License-Identifier: Apache-2.0 */
#include "support/capfile.h"

#include "support/build.h"

enum {
    BLOCK_INTERFACE = 1,
    BLOCK_SIMPLE = 3,
    BLOCK_NAMES = 4,
    BLOCK_STATISTICS = 5,
    BLOCK_PACKET = 6,
    BLOCK_SECRETS = 10,
    BLOCK_SECTION = 0x0a0d0d0a
};

#define SECRETS_TLS 0x544c534b /* "TLSK" */
#define NS_PER_SECOND INT64_C(1000000000)

static void put(const struct capfile *file, struct ml_buf *out, unsigned width, uint64_t value)
{
    if (file->is_big_endian) {
        build_be(out, width, value);
    } else {
        build_le(out, width, value);
    }
}

static void pad(struct ml_buf *out)
{
    while (!out->failed && out->len % 4 != 0) {
        build_be(out, 1, 0);
    }
}

void capfile_pcap(struct capfile *file, struct ml_buf *out, bool is_big_endian, bool is_ns, uint32_t link_type,
                  uint32_t snaplen)
{
    *file = (struct capfile){.out = out, .is_big_endian = is_big_endian, .is_ns = is_ns};
    put(file, out, 4, is_ns ? 0xa1b23c4d : 0xa1b2c3d4);
    put(file, out, 2, 2);
    put(file, out, 2, 4);
    put(file, out, 8, 0);
    put(file, out, 4, snaplen);
    put(file, out, 4, link_type);
}

void capfile_record(struct capfile *file, int64_t time_ns, struct ml_span bytes, uint32_t wire_len)
{
    uint64_t fraction = (uint64_t)(time_ns % NS_PER_SECOND);
    put(file, file->out, 4, (uint64_t)(time_ns / NS_PER_SECOND));
    put(file, file->out, 4, file->is_ns ? fraction : fraction / 1000);
    put(file, file->out, 4, bytes.len);
    put(file, file->out, 4, wire_len != 0 ? wire_len : bytes.len);
    ml_buf_add_span(file->out, bytes);
}

void capfile_block(struct capfile *file, uint32_t type, struct ml_span body)
{
    size_t total = 12 + (body.len + 3) / 4 * 4;
    put(file, file->out, 4, type);
    put(file, file->out, 4, total);
    ml_buf_add_span(file->out, body);
    pad(file->out);
    put(file, file->out, 4, total);
}

static void option(const struct capfile *file, struct ml_buf *body, uint16_t code, struct ml_span value)
{
    put(file, body, 2, code);
    put(file, body, 2, value.len);
    ml_buf_add_span(body, value);
    pad(body);
}

static void text_option(const struct capfile *file, struct ml_buf *body, uint16_t code, const char *text)
{
    if (text != NULL) {
        option(file, body, code, ml_span_text(text));
    }
}

/* Ends the options, if any stand behind the first `fixed` bytes, and writes the block. */
static void finish(struct capfile *file, uint32_t type, struct ml_buf *body, size_t fixed)
{
    if (body->len > fixed) {
        put(file, body, 4, 0);
    }
    capfile_block(file, type, build_span(body));
    ml_buf_fini(body);
}

static void start(struct ml_buf *body)
{
    ml_buf_init(body, 32 << 20);
}

void capfile_section(struct capfile *file, struct ml_buf *out, bool is_big_endian, const char *application)
{
    *file = (struct capfile){.out = out, .is_big_endian = is_big_endian};
    struct ml_buf body;
    start(&body);
    put(file, &body, 4, 0x1a2b3c4d);
    put(file, &body, 2, 1);
    put(file, &body, 2, 0);
    put(file, &body, 8, UINT64_MAX); /* length not given */
    text_option(file, &body, 4, application);
    finish(file, BLOCK_SECTION, &body, 16);
}

void capfile_interface(struct capfile *file, uint32_t link_type, uint32_t snaplen, uint8_t resolution, const char *name)
{
    ML_ASSERT(file->n_interfaces < sizeof file->resolution);
    file->resolution[file->n_interfaces++] = resolution;
    struct ml_buf body;
    start(&body);
    put(file, &body, 2, link_type);
    put(file, &body, 2, 0);
    put(file, &body, 4, snaplen);
    text_option(file, &body, 2, name);
    if (resolution != 0) {
        option(file, &body, 9, ml_span_of(&resolution, 1));
    }
    finish(file, BLOCK_INTERFACE, &body, 8);
}

/* Ticks of an interface's clock. */
static uint64_t ticks(const struct capfile *file, uint32_t interface, int64_t time_ns)
{
    ML_ASSERT(interface < file->n_interfaces && time_ns >= 0);
    uint8_t resolution = file->resolution[interface] != 0 ? file->resolution[interface] : 6;
    uint64_t seconds = (uint64_t)(time_ns / NS_PER_SECOND);
    uint64_t fraction = (uint64_t)(time_ns % NS_PER_SECOND);
    if ((resolution & 0x80) != 0) {
        unsigned power = resolution & 0x7f;
        ML_ASSERT(power <= 30);
        return (seconds << power) + ((fraction << power) / (uint64_t)NS_PER_SECOND);
    }
    ML_ASSERT(resolution <= 9);
    uint64_t per_second = 1;
    uint64_t ns_per_tick = (uint64_t)NS_PER_SECOND;
    for (unsigned i = 0; i < resolution; i++) {
        per_second *= 10;
        ns_per_tick /= 10;
    }
    return seconds * per_second + fraction / ns_per_tick;
}

static void put_time(const struct capfile *file, struct ml_buf *body, uint32_t interface, int64_t time_ns)
{
    uint64_t value = ticks(file, interface, time_ns);
    put(file, body, 4, value >> 32);
    put(file, body, 4, value & UINT32_MAX);
}

void capfile_packet(struct capfile *file, uint32_t interface, int64_t time_ns, struct ml_span bytes, uint32_t wire_len,
                    const char *comment, uint32_t flags)
{
    struct ml_buf body;
    start(&body);
    put(file, &body, 4, interface);
    put_time(file, &body, interface, time_ns);
    put(file, &body, 4, bytes.len);
    put(file, &body, 4, wire_len != 0 ? wire_len : bytes.len);
    ml_buf_add_span(&body, bytes);
    pad(&body);
    size_t fixed = body.len;
    text_option(file, &body, 1, comment);
    if (flags != 0) {
        put(file, &body, 2, 2);
        put(file, &body, 2, 4);
        put(file, &body, 4, flags);
    }
    finish(file, BLOCK_PACKET, &body, fixed);
}

void capfile_simple(struct capfile *file, struct ml_span bytes, uint32_t wire_len)
{
    struct ml_buf body;
    start(&body);
    put(file, &body, 4, wire_len != 0 ? wire_len : bytes.len);
    ml_buf_add_span(&body, bytes);
    finish(file, BLOCK_SIMPLE, &body, body.len);
}

void capfile_name(struct capfile *file, const struct ml_ip *ip, const char *name)
{
    size_t len = ip->family == 4 ? 4 : 16;
    struct ml_buf body;
    start(&body);
    put(file, &body, 2, ip->family == 4 ? 1 : 2);
    put(file, &body, 2, len + strlen(name) + 1);
    ml_buf_add(&body, ip->bytes, len);
    ml_buf_add(&body, name, strlen(name) + 1);
    pad(&body);
    put(file, &body, 4, 0); /* end of records */
    finish(file, BLOCK_NAMES, &body, body.len);
}

void capfile_keylog(struct capfile *file, struct ml_span lines)
{
    struct ml_buf body;
    start(&body);
    put(file, &body, 4, SECRETS_TLS);
    put(file, &body, 4, lines.len);
    ml_buf_add_span(&body, lines);
    finish(file, BLOCK_SECRETS, &body, body.len);
}

void capfile_statistics(struct capfile *file, uint32_t interface, int64_t time_ns, uint64_t received, uint64_t dropped)
{
    struct ml_buf body;
    start(&body);
    put(file, &body, 4, interface);
    put_time(file, &body, interface, time_ns);
    put(file, &body, 2, 4);
    put(file, &body, 2, 8);
    put(file, &body, 8, received);
    put(file, &body, 2, 5);
    put(file, &body, 2, 8);
    put(file, &body, 8, dropped);
    finish(file, BLOCK_STATISTICS, &body, 12);
}

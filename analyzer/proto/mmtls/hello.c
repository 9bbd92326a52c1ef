/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/mmtls/hello.h"

enum {
    CLIENT_HELLO = 1,
    SERVER_HELLO = 2,
    LENGTH = 4, /* bytes of the length in front of a message */
    RANDOM = 32,
    MAX_HELLO = 4096, /* bytes; real ones have fewer than 400 */
    EXTENSION_PSK = 0x000f,
    ALERT = 3 /* bytes of one */
};

uint8_t ml_mmtls_hello_kind(struct ml_span start, size_t len)
{
    struct ml_reader rd = ml_rd_open(start);
    uint32_t inner = 0;
    uint8_t kind = 0;
    if (len < ML_MMTLS_MIN_HELLO || len > MAX_HELLO || !ml_rd_u32(&rd, &inner) || !ml_rd_u8(&rd, &kind) ||
        inner != len - LENGTH || (kind != CLIENT_HELLO && kind != SERVER_HELLO)) {
        return 0;
    }
    return kind;
}

/* Length, kind and version (little endian, unlike the rest) in front of either hello. */
static bool read_head(struct ml_reader *rd, struct ml_reader *message, uint8_t kind)
{
    uint8_t found = 0;
    uint16_t version = 0;
    if (!ml_rd_vector(rd, LENGTH, message) || ml_rd_left(rd) != 0 || !ml_rd_u8(message, &found) ||
        !ml_rd_le16(message, &version)) {
        return false;
    }
    return found == kind && version >> 8 == 0xf1;
}

static bool read_ticket(struct ml_reader *rd, struct ml_mmtls_ticket *out)
{
    struct ml_reader age;
    struct ml_reader nonce;
    struct ml_reader ticket;
    uint8_t index = 0;
    uint32_t unknown = 0;
    if (!ml_rd_u8(rd, &index) || !ml_rd_u32(rd, &out->lifetime) || !ml_rd_vector(rd, 2, &age) ||
        !ml_rd_u32(rd, &unknown) || !ml_rd_vector(rd, 2, &nonce) || !ml_rd_vector(rd, 2, &ticket)) {
        return false;
    }
    out->bytes = ml_rd_rest(&ticket);
    return out->bytes.len != 0 && ml_rd_done(rd);
}

/* False for a list that contradicts itself; tickets beyond those kept are passed over. */
static bool read_tickets(struct ml_reader *rd, struct ml_mmtls_client_hello *out)
{
    uint8_t n = 0;
    if (!ml_rd_u8(rd, &n)) {
        return false;
    }
    for (unsigned i = 0; i < n; i++) {
        struct ml_reader entry;
        struct ml_mmtls_ticket ticket;
        if (!ml_rd_vector(rd, LENGTH, &entry) || !read_ticket(&entry, &ticket)) {
            return false;
        }
        if (out->n_tickets < ML_MMTLS_MAX_TICKETS) {
            out->tickets[out->n_tickets++] = ticket;
        }
    }
    return ml_rd_done(rd);
}

static bool read_extensions(struct ml_reader *rd, struct ml_mmtls_client_hello *out)
{
    struct ml_reader all;
    uint8_t n = 0;
    if (!ml_rd_vector(rd, LENGTH, &all) || !ml_rd_u8(&all, &n)) {
        return false;
    }
    for (unsigned i = 0; i < n; i++) {
        struct ml_reader extension;
        uint16_t type = 0;
        if (!ml_rd_vector(&all, LENGTH, &extension) || !ml_rd_u16(&extension, &type)) {
            return false;
        }
        if (type == EXTENSION_PSK && !read_tickets(&extension, out)) {
            return false;
        }
    }
    return ml_rd_done(&all);
}

static bool read_suites(struct ml_reader *rd, struct ml_mmtls_client_hello *out)
{
    uint8_t n = 0;
    if (!ml_rd_u8(rd, &n) || n == 0 || n > ML_MMTLS_MAX_SUITES) {
        return false;
    }
    for (unsigned i = 0; i < n; i++) {
        if (!ml_rd_u16(rd, &out->suites[i])) {
            return false;
        }
    }
    out->n_suites = n;
    return true;
}

bool ml_mmtls_client_hello_read(struct ml_span body, struct ml_mmtls_client_hello *out)
{
    struct ml_reader rd = ml_rd_open_framed(body);
    struct ml_reader message;
    *out = (struct ml_mmtls_client_hello){0};
    return read_head(&rd, &message, CLIENT_HELLO) && read_suites(&message, out) && ml_rd_skip(&message, RANDOM) &&
           ml_rd_u32(&message, &out->time) && read_extensions(&message, out) && ml_rd_done(&message);
}

bool ml_mmtls_server_hello_read(struct ml_span body, struct ml_mmtls_server_hello *out)
{
    struct ml_reader rd = ml_rd_open_framed(body);
    struct ml_reader message;
    struct ml_reader extensions;
    *out = (struct ml_mmtls_server_hello){0};
    return read_head(&rd, &message, SERVER_HELLO) && ml_rd_u16(&message, &out->suite) && ml_rd_skip(&message, RANDOM) &&
           ml_rd_vector(&message, LENGTH, &extensions) && ml_rd_done(&message);
}

bool ml_mmtls_alert_read(struct ml_span body, struct ml_span *out)
{
    struct ml_reader rd = ml_rd_open_framed(body);
    struct ml_reader message;
    *out = ml_span_of(NULL, 0);
    if (!ml_rd_vector(&rd, LENGTH, &message) || ml_rd_left(&rd) != 0 || ml_rd_left(&message) != ALERT) {
        return false;
    }
    *out = ml_rd_rest(&message);
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/fingerprint.h"

#include "core/buf.h"
#include "core/mem.h"
#include "core/text.h"
#include "proto/tls/extension.h"
#include "proto/tls/names.h"

#include <stdlib.h>

enum {
    MAX_TEXT = 1024 * 1024, /* bytes; a hello of the largest lists makes about 400 kB */
    USUAL_TEXT = 512,       /* bytes; most need less */
    HASH_PART = 12,         /* hexadecimal digits of a hash that JA4 keeps */
    MAX_SORTED_SIMPLY = 64
};

static void begin_text(struct ml_buf *text)
{
    ml_buf_init(text, MAX_TEXT);
    (void)ml_buf_reserve(text, USUAL_TEXT);
}

static void add_decimal(struct ml_buf *text, uint16_t value)
{
    size_t n = value >= 10000 ? 5 : value >= 1000 ? 4 : value >= 100 ? 3 : value >= 10 ? 2 : 1;
    if (!ml_buf_reserve(text, n)) {
        return; /* a failure latches */
    }
    uint8_t *digits = text->bytes + text->len;
    text->len += n;
    while (n-- > 0) {
        digits[n] = (uint8_t)('0' + value % 10);
        value /= 10;
    }
}

/* Values of `width` bytes joined by '-', without GREASE. */
static void add_values(struct ml_buf *text, struct ml_span raw, unsigned width)
{
    struct ml_reader rd = ml_rd_open_framed(raw);
    bool is_first = true;
    while (ml_rd_left(&rd) != 0) {
        uint8_t low = 0;
        uint16_t value = 0;
        if (!(width == 1 ? ml_rd_u8(&rd, &low) : ml_rd_u16(&rd, &value))) {
            return;
        }
        value = width == 1 ? low : value;
        if (width == 1 || !ml_tls_is_grease(value)) {
            if (!is_first) {
                (void)ml_buf_add_byte(text, '-');
            }
            add_decimal(text, value);
            is_first = false;
        }
    }
}

static void add_extensions(struct ml_buf *text, struct ml_span raw)
{
    struct ml_reader rd = ml_rd_open_framed(raw);
    struct ml_reader body;
    uint16_t type = 0;
    bool is_first = true;
    while (ml_tls_extension_next(&rd, &type, &body)) {
        if (!ml_tls_is_grease(type)) {
            if (!is_first) {
                (void)ml_buf_add_byte(text, '-');
            }
            add_decimal(text, type);
            is_first = false;
        }
    }
}

/* Hash of the text built; frees it. */
static bool finish_md5(struct ml_buf *text, char out[ML_MD5_HEX])
{
    bool ok = !text->failed && ml_md5_hex(ml_buf_span(text), out);
    ml_buf_fini(text);
    return ok;
}

bool ml_tls_ja3(const struct ml_tls_client_hello *hello, char out[ML_MD5_HEX])
{
    out[0] = '\0';
    if (hello->is_cut || hello->is_ssl2) {
        return false;
    }
    struct ml_buf text;
    begin_text(&text);
    add_decimal(&text, hello->legacy_version);
    (void)ml_buf_add_byte(&text, ',');
    add_values(&text, hello->ciphers, 2);
    (void)ml_buf_add_byte(&text, ',');
    add_extensions(&text, hello->extensions);
    (void)ml_buf_add_byte(&text, ',');
    add_values(&text, hello->groups, 2);
    (void)ml_buf_add_byte(&text, ',');
    add_values(&text, hello->point_formats, 1);
    return finish_md5(&text, out);
}

bool ml_tls_ja3s(const struct ml_tls_server_hello *hello, char out[ML_MD5_HEX])
{
    out[0] = '\0';
    if (hello->is_cut) {
        return false;
    }
    struct ml_buf text;
    begin_text(&text);
    add_decimal(&text, hello->legacy_version);
    (void)ml_buf_add_byte(&text, ',');
    add_decimal(&text, hello->suite);
    (void)ml_buf_add_byte(&text, ',');
    add_extensions(&text, hello->extensions);
    return finish_md5(&text, out);
}

/* --- JA4 --- */

/* The newest version offered. Numbers of DTLS fall as versions rise. */
static uint16_t newest_version(const struct ml_tls_client_hello *hello, bool is_dtls)
{
    struct ml_reader rd = ml_rd_open_framed(hello->versions);
    uint16_t best = 0;
    uint16_t value = 0;
    while (ml_rd_left(&rd) != 0 && ml_rd_u16(&rd, &value)) {
        bool is_newer = best == 0 || (is_dtls ? value < best : value > best);
        if (!ml_tls_is_grease(value) && is_newer) {
            best = value;
        }
    }
    return best != 0 ? best : hello->legacy_version;
}

static const char *version_code(uint16_t version)
{
    static const struct {
        uint16_t version;
        char code[3];
    } codes[] = {{0x0304, "13"}, {0x0303, "12"}, {0x0302, "11"}, {0x0301, "10"}, {0x0300, "s3"},
                 {0x0002, "s2"}, {0xfeff, "d1"}, {0xfefd, "d2"}, {0xfefc, "d3"}};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (codes[i].version == version) {
            return codes[i].code;
        }
    }
    return "00";
}

/* First and last character of the first protocol; where one is no letter or digit, of its hexadecimal form. */
static void alpn_code(struct ml_span alpn, char out[2])
{
    static const char digits[] = "0123456789abcdef";
    struct ml_reader rd = ml_rd_open_framed(alpn);
    struct ml_reader name;
    struct ml_span first = {0};
    memcpy(out, "00", 2);
    if (ml_rd_vector(&rd, 1, &name)) {
        first = ml_rd_rest(&name);
    }
    if (first.len == 0) {
        return;
    }
    uint8_t head = first.ptr[0];
    uint8_t tail = first.ptr[first.len - 1];
    bool is_text = ml_is_alnum(head) && ml_is_alnum(tail);
    out[0] = is_text ? (char)head : digits[head >> 4];
    out[1] = is_text ? (char)tail : digits[tail & 15];
}

static int compare_values(const void *a, const void *b)
{
    const uint16_t *left = a;
    const uint16_t *right = b;
    return (*left > *right) - (*left < *right);
}

/* The lists of real programs are short, and some are sorted; those of liars are not worth more than this. */
static void sort_values(uint16_t *values, size_t n)
{
    if (n > MAX_SORTED_SIMPLY) {
        qsort(values, n, sizeof *values, compare_values);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        uint16_t value = values[i];
        size_t at = i;
        for (; at > 0 && values[at - 1] > value; at--) {
            values[at] = values[at - 1];
        }
        values[at] = value;
    }
}

/* "1301,1302"; no values give nothing. */
static void add_hex_values(struct ml_buf *text, const uint16_t *values, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    if (!ml_buf_reserve(text, 5 * n)) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (i != 0) {
            text->bytes[text->len++] = ',';
        }
        for (unsigned shift = 16; shift != 0;) {
            shift -= 4;
            text->bytes[text->len++] = (uint8_t)digits[values[i] >> shift & 15];
        }
    }
}

/* The first twelve digits of the SHA-256 of the text, or zeros when there is none. Empties the text. */
static bool add_hash_part(struct ml_buf *text, char *out)
{
    char hex[ML_SHA256_HEX] = "000000000000";
    bool ok = !text->failed && (text->len == 0 || ml_sha256_hex(ml_buf_span(text), hex));
    memcpy(out, hex, HASH_PART);
    ml_buf_clear(text);
    return ok;
}

static size_t collect_values(struct ml_span raw, uint16_t *values)
{
    struct ml_reader rd = ml_rd_open_framed(raw);
    uint16_t value = 0;
    size_t n = 0;
    while (ml_rd_left(&rd) != 0 && ml_rd_u16(&rd, &value)) {
        if (!ml_tls_is_grease(value)) {
            values[n++] = value;
        }
    }
    return n;
}

/* *n_all counts every extension but GREASE; kept are those beside server name and ALPN, which vary by server. */
static size_t collect_extensions(struct ml_span raw, uint16_t *values, size_t *n_all)
{
    struct ml_reader rd = ml_rd_open_framed(raw);
    struct ml_reader body;
    uint16_t type = 0;
    size_t n = 0;
    *n_all = 0;
    while (ml_tls_extension_next(&rd, &type, &body)) {
        if (ml_tls_is_grease(type)) {
            continue;
        }
        ++*n_all;
        if (type != ML_TLS_EXT_SERVER_NAME && type != ML_TLS_EXT_ALPN) {
            values[n++] = type;
        }
    }
    return n;
}

/* Two digits; more than 99 are told as 99. */
static void write_count(char *out, size_t n)
{
    n = n < 99 ? n : 99;
    out[0] = (char)('0' + n / 10);
    out[1] = (char)('0' + n % 10);
}

bool ml_tls_ja4(const struct ml_tls_client_hello *hello, char transport, char out[ML_TLS_JA4_TEXT])
{
    out[0] = '\0';
    if (hello->is_cut || hello->is_ssl2) {
        return false;
    }
    /* Room for every value of either list: two bytes a cipher, four an extension, two a signature scheme. */
    size_t room = (hello->ciphers.len + hello->extensions.len) / 2 + 1;
    uint16_t *values = ml_mem_array(room, sizeof *values);
    if (values == NULL) {
        return false;
    }
    struct ml_buf text;
    begin_text(&text);
    out[0] = transport;
    memcpy(out + 1, version_code(newest_version(hello, transport == 'd')), 2);
    out[3] = hello->has_server_name ? 'd' : 'i';
    alpn_code(hello->alpn, out + 8);
    out[10] = out[23] = '_';
    out[36] = '\0';

    size_t n = collect_values(hello->ciphers, values);
    write_count(out + 4, n);
    sort_values(values, n);
    add_hex_values(&text, values, n);
    bool ok = add_hash_part(&text, out + 11);

    size_t n_extensions = 0;
    n = collect_extensions(hello->extensions, values, &n_extensions);
    write_count(out + 6, n_extensions);
    sort_values(values, n);
    add_hex_values(&text, values, n);
    n = collect_values(hello->signatures, values);
    if (n != 0) { /* in the order sent, which tells programs apart */
        (void)ml_buf_add_byte(&text, '_');
        add_hex_values(&text, values, n);
    }
    ok = add_hash_part(&text, out + 24) && ok;
    out[0] = ok ? transport : '\0';
    ml_buf_fini(&text);
    ml_mem_free(values);
    return ok;
}

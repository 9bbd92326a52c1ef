/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dns/name.h"

#include "core/text.h"

enum { POINTER = 0xc0, NETBIOS_BYTES = 16 };

/* A name while it is read. */
struct taken {
    uint8_t *wire; /* NULL: only its form is asked for */
    size_t len;
    unsigned n_labels;
};

/*
 * Labels up to the zero label or a pointer: copied at once, since the wire holds them as the name does. *jump is the
 * pointer's target, or SIZE_MAX at the end. The two upper bits 01 and 10 belong to abandoned extensions (RFC 6891,
 * section 5): whoever sends them sends no DNS.
 */
static bool take_labels(struct ml_reader *rd, struct taken *name, size_t *jump)
{
    size_t from = rd->pos;
    size_t room = ML_DNS_NAME_WIRE - name->len;
    size_t len = 0;
    unsigned n_labels = 0;
    const uint8_t *head = ml_rd_take(rd, 1);
    *jump = SIZE_MAX;
    while (head != NULL && *head != 0 && *head <= ML_DNS_LABEL) {
        size_t label = *head;
        const uint8_t *next = ml_rd_take(rd, label + 1); /* and the head of the next */
        len += 1 + label;
        if (next != NULL && len > room) {
            return ml_rd_reject(rd);
        }
        head = next != NULL ? next + label : NULL;
        n_labels++;
    }
    if (head == NULL) {
        return false;
    }
    len += *head == 0;
    if (len > room || (*head > ML_DNS_LABEL && *head < POINTER)) {
        return ml_rd_reject(rd);
    }
    if (len != 0 && name->wire != NULL) {
        memcpy(name->wire + name->len, rd->base + from, len);
    }
    name->len += len;
    name->n_labels += n_labels;
    if (*head == 0) {
        return true;
    }
    const uint8_t *low = ml_rd_take(rd, 1);
    *jump = low != NULL ? (size_t)(*head & ~POINTER) << 8 | *low : SIZE_MAX;
    return low != NULL;
}

static bool take_name(struct ml_reader *rd, struct ml_span message, struct taken *name)
{
    size_t jump = SIZE_MAX;
    /* A jump leads to a name further in front (RFC 1035, section 4.1.4), so that a liar's loop ends. */
    size_t floor = message.len != 0 && ml_rd_left(rd) != 0 ? (size_t)(rd->base + rd->pos - message.ptr) : 0;
    bool ok = take_labels(rd, name, &jump);
    while (ok && jump != SIZE_MAX) {
        struct ml_reader earlier = ml_rd_open(message);
        ok = jump < floor && ml_rd_skip(&earlier, jump);
        floor = jump;
        ok = ok && take_labels(&earlier, name, &jump);
        if (!ok) {
            (void)ml_rd_reject(rd);
        }
    }
    return ok;
}

bool ml_dns_name_read(struct ml_reader *rd, struct ml_span message, struct ml_dns_name *out)
{
    struct taken name = {.wire = out->wire};
    bool ok = take_name(rd, message, &name);
    out->len = ok ? (uint8_t)name.len : 0;
    out->n_labels = ok ? (uint8_t)name.n_labels : 0;
    return ok;
}

bool ml_dns_name_skip(struct ml_reader *rd, struct ml_span message)
{
    struct taken name = {.wire = NULL};
    return take_name(rd, message, &name);
}

static size_t write_escape(uint8_t byte, char *out)
{
    out[0] = '\\';
    out[1] = (char)('0' + byte / 100);
    out[2] = (char)('0' + byte / 10 % 10);
    out[3] = (char)('0' + byte % 10);
    return 4;
}

/* Bytes that may be shown as they are: printable ASCII, and UTF-8 above the C1 controls (RFC 6763, section 4.1.1). */
static size_t plain_length(struct ml_span rest)
{
    size_t n = ml_utf8_length(rest);
    if (n == 1) {
        return rest.ptr[0] >= 0x20 && rest.ptr[0] < 0x7f ? 1 : 0;
    }
    return n == 2 && rest.ptr[0] == 0xc2 && rest.ptr[1] < 0xa0 ? 0 : n;
}

static size_t write_label(struct ml_span label, bool fold, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < label.len;) {
        uint8_t byte = label.ptr[i];
        if ((byte >= 'a' && byte <= 'z') || ml_is_digit(byte) || byte == '-') { /* nearly all */
            out[n++] = (char)byte;
            i++;
            continue;
        }
        struct ml_span rest = ml_span_cut(label, i, label.len);
        size_t plain = plain_length(rest);
        if (plain == 0) {
            n += write_escape(rest.ptr[0], out + n);
            i++;
            continue;
        }
        if (rest.ptr[0] == '.' || rest.ptr[0] == '\\') {
            out[n++] = '\\';
        }
        for (size_t j = 0; j < plain; j++) {
            out[n++] = (char)(fold ? ml_ascii_lower(rest.ptr[j]) : rest.ptr[j]);
        }
        i += plain;
    }
    return n;
}

struct ml_span ml_dns_name_label(const struct ml_dns_name *name, unsigned index)
{
    size_t at = 0;
    while (at < name->len && name->wire[at] != 0) {
        if (index-- == 0) {
            return ml_span_of(name->wire + at + 1, name->wire[at]);
        }
        at += 1 + (size_t)name->wire[at];
    }
    return ml_span_of(NULL, 0);
}

static size_t write_labels(const struct ml_dns_name *name, unsigned from, bool fold, char *out)
{
    size_t n = 0;
    size_t at = 0;
    for (unsigned i = 0; i < name->n_labels; i++) {
        struct ml_span label = ml_span_of(name->wire + at + 1, name->wire[at]);
        at += 1 + label.len;
        if (i > from) {
            out[n++] = '.';
        }
        n += i >= from ? write_label(label, fold, out + n) : 0;
    }
    return n;
}

size_t ml_dns_name_write_from(const struct ml_dns_name *name, unsigned from, bool fold, char out[ML_DNS_NAME_TEXT])
{
    size_t n = write_labels(name, from, fold, out);
    if (n == 0) {
        out[n++] = '.';
    }
    out[n] = '\0';
    return n;
}

size_t ml_dns_name_write(const struct ml_dns_name *name, bool fold, char out[ML_DNS_NAME_TEXT])
{
    return ml_dns_name_write_from(name, 0, fold, out);
}

bool ml_dns_name_equal(const struct ml_dns_name *a, const struct ml_dns_name *b)
{
    /* Lengths of labels are below 'A', so that folding the whole wire form is safe. */
    return ml_span_equal_nocase(ml_span_of(a->wire, a->len), ml_span_of(b->wire, b->len));
}

bool ml_dns_name_ends(const struct ml_dns_name *name, const char *suffix)
{
    struct ml_span rest = ml_span_text(suffix);
    unsigned n = 1;
    for (size_t i = 0; i < rest.len; i++) {
        n += rest.ptr[i] == '.';
    }
    if (n > name->n_labels) {
        return false;
    }
    for (unsigned i = name->n_labels - n; i < name->n_labels; i++) {
        size_t len = ml_span_find(rest, ml_span_text("."));
        if (!ml_span_equal_nocase(ml_dns_name_label(name, i), ml_span_cut(rest, 0, len))) {
            return false;
        }
        rest = ml_span_cut(rest, len + 1, rest.len);
    }
    return true;
}

bool ml_dns_name_is_netbios(const struct ml_dns_name *name)
{
    struct ml_span label = ml_dns_name_label(name, 0);
    if (label.len != 2 * NETBIOS_BYTES) {
        return false;
    }
    for (size_t i = 0; i < label.len; i++) {
        if (label.ptr[i] < 'A' || label.ptr[i] > 'P') {
            return false;
        }
    }
    return true;
}

size_t ml_dns_netbios_text(struct ml_span bytes, uint8_t type, char out[ML_DNS_NAME_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    while (bytes.len != 0 && (bytes.ptr[bytes.len - 1] == ' ' || bytes.ptr[bytes.len - 1] == 0)) {
        bytes.len--; /* padded with blanks, the wildcard "*" with zeroes */
    }
    size_t n = write_label(ml_span_cut(bytes, 0, NETBIOS_BYTES - 1), false, out);
    out[n++] = '<';
    out[n++] = digits[type >> 4];
    out[n++] = digits[type & 15];
    out[n++] = '>';
    out[n] = '\0';
    return n;
}

size_t ml_dns_name_write_netbios(const struct ml_dns_name *name, char out[ML_DNS_NAME_TEXT])
{
    if (!ml_dns_name_is_netbios(name)) {
        return 0;
    }
    struct ml_span label = ml_dns_name_label(name, 0);
    uint8_t bytes[NETBIOS_BYTES];
    for (size_t i = 0; i < NETBIOS_BYTES; i++) {
        bytes[i] = (uint8_t)((label.ptr[2 * i] - 'A') << 4 | (label.ptr[2 * i + 1] - 'A'));
    }
    size_t n = ml_dns_netbios_text(ml_span_of(bytes, NETBIOS_BYTES - 1), bytes[NETBIOS_BYTES - 1], out);
    if (name->n_labels > 1) {
        out[n++] = '.';
        n += write_labels(name, 1, true, out + n);
        out[n] = '\0';
    }
    return n;
}

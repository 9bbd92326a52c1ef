/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/sip/message.h"

#include "core/text.h"
#include "proto/lines.h"

enum { MAX_METHOD = 20, MAX_FIRST_LINE = 4000 };

static const char version[] = "SIP/2.0";

/* --- the first line (RFC 3261, sections 7.1 and 7.2) --- */

/* "SIP/2.0 200 OK" */
static enum ml_rd_state read_status(struct ml_span line, bool is_whole, struct ml_sip *out)
{
    static const char form[] = "SIP/2.0 ddd";
    for (size_t i = 0; i < sizeof form - 1 && i < line.len; i++) {
        if (form[i] == 'd' ? !ml_is_digit(line.ptr[i]) : line.ptr[i] != (uint8_t)form[i]) {
            return ML_RD_BAD;
        }
    }
    if (line.len < sizeof form - 1) {
        return is_whole ? ML_RD_BAD : ML_RD_SHORT;
    }
    out->status = (line.ptr[8] - '0') * 100U + (line.ptr[9] - '0') * 10U + (line.ptr[10] - '0');
    bool fits = out->status >= 100 && out->status < 700 && (line.len == 11 || line.ptr[11] == ' ');
    return !fits ? ML_RD_BAD : is_whole ? ML_RD_OK : ML_RD_SHORT;
}

/* "INVITE sip:bob@biloxi.com SIP/2.0" */
static enum ml_rd_state read_request(struct ml_span line, bool is_whole, struct ml_sip *out)
{
    size_t n = 0;
    while (n < line.len && line.ptr[n] >= 'A' && line.ptr[n] <= 'Z') {
        n++;
    }
    if (n > MAX_METHOD || (n < line.len && (n < 3 || line.ptr[n] != ' '))) {
        return ML_RD_BAD;
    }
    out->method = ml_span_cut(line, 0, n);
    struct ml_span rest = ml_span_cut(line, n + 1, SIZE_MAX);
    size_t scheme = 0;
    while (scheme < rest.len && ml_is_alpha(rest.ptr[scheme])) {
        scheme++;
    }
    if (scheme < rest.len && (scheme < 2 || rest.ptr[scheme] != ':')) { /* no URI: "GET /" */
        return ML_RD_BAD;
    }
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] < ' ' && line.ptr[i] != '\r') {
            return ML_RD_BAD;
        }
    }
    if (!is_whole) {
        return ML_RD_SHORT;
    }
    size_t end = sizeof version; /* a blank and the version */
    if (rest.len <= end || rest.ptr[rest.len - end] != ' ' ||
        memcmp(rest.ptr + rest.len - end + 1, version, end - 1) != 0) {
        return ML_RD_BAD;
    }
    out->uri = ml_span_trim(ml_span_cut(rest, 0, rest.len - end));
    return ML_RD_OK;
}

enum ml_rd_state ml_sip_first_line(struct ml_span bytes, struct ml_sip *out)
{
    struct ml_span line;
    struct ml_span rest = ml_span_cut(bytes, 0, MAX_FIRST_LINE);
    bool is_whole = ml_take_line(&rest, &line);
    *out = (struct ml_sip){.status = 0};
    size_t n = line.len < 4 ? line.len : 4;
    bool is_answer = n != 0 && memcmp(line.ptr, version, n) == 0 && (n == 4 || !is_whole);
    enum ml_rd_state state = is_answer ? read_status(line, is_whole, out) : read_request(line, is_whole, out);
    if (is_answer && state == ML_RD_BAD && n < 4) {
        state = read_request(line, is_whole, out);
    }
    return state == ML_RD_SHORT && bytes.len >= MAX_FIRST_LINE ? ML_RD_BAD : state;
}

/* --- fields --- */

struct field {
    const char *name;
    char compact; /* RFC 3261, section 7.3.3; 0: none */
    size_t at;    /* of the span in struct ml_sip */
};

static const struct field fields[] = {
    {"From", 'f', offsetof(struct ml_sip, from)},
    {"To", 't', offsetof(struct ml_sip, to)},
    {"Contact", 'm', offsetof(struct ml_sip, contact)},
    {"Call-ID", 'i', offsetof(struct ml_sip, call_id)},
    {"Via", 'v', offsetof(struct ml_sip, via)},
    {"User-Agent", 0, offsetof(struct ml_sip, agent)},
    {"Server", 0, offsetof(struct ml_sip, agent)},
    {"Content-Type", 'c', offsetof(struct ml_sip, type)},
    {"Authorization", 0, offsetof(struct ml_sip, login)},
    {"Proxy-Authorization", 0, offsetof(struct ml_sip, login)},
    {"P-Access-Network-Info", 0, offsetof(struct ml_sip, access_network)},
};

static bool is_name(struct ml_span name, const char *full, char compact)
{
    return ml_span_equal_nocase(name, ml_span_text(full)) ||
           (compact != 0 && name.len == 1 && ml_ascii_lower(name.ptr[0]) == (uint8_t)compact);
}

static void take_field(struct ml_sip *out, struct ml_span line)
{
    const uint8_t *colon = line.len != 0 ? memchr(line.ptr, ':', line.len) : NULL;
    if (colon == NULL) {
        return;
    }
    size_t n = (size_t)(colon - line.ptr);
    struct ml_span name = ml_span_trim(ml_span_cut(line, 0, n));
    struct ml_span value = ml_span_trim(ml_span_cut(line, n + 1, SIZE_MAX));
    if (is_name(name, "Content-Length", 'l')) {
        out->has_body_len = ml_decimal_read(value, &out->body_len);
        return;
    }
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (is_name(name, fields[i].name, fields[i].compact)) {
            struct ml_span *place = (struct ml_span *)(void *)((uint8_t *)out + fields[i].at);
            *place = place->len == 0 ? value : *place;
            return;
        }
    }
}

enum ml_rd_state ml_sip_head(struct ml_span bytes, bool is_all, struct ml_sip *out)
{
    struct ml_span line;
    struct ml_span rest = bytes;
    enum ml_rd_state state = ml_sip_first_line(bytes, out);
    if (state != ML_RD_OK) {
        return state;
    }
    (void)ml_take_line(&rest, &line);
    while (rest.len != 0) {
        struct ml_span start = rest;
        bool is_whole = ml_take_line(&rest, &line);
        if (is_whole && line.len == 0) {
            out->len = bytes.len - rest.len;
            return ML_RD_OK;
        }
        while (is_whole && rest.len != 0 && (rest.ptr[0] == ' ' || rest.ptr[0] == '\t')) { /* folded */
            is_whole = ml_take_line(&rest, &line);
            line = ml_span_cut(start, 0, (size_t)(line.ptr - start.ptr) + line.len);
        }
        if (is_whole || is_all) {
            take_field(out, line);
        }
    }
    out->len = bytes.len;
    return is_all ? ML_RD_OK : ML_RD_SHORT;
}

/* --- values --- */

struct ml_span ml_sip_uri(struct ml_span value)
{
    const uint8_t *open = value.len != 0 ? memchr(value.ptr, '<', value.len) : NULL;
    struct ml_span rest = open != NULL ? ml_span_cut(value, (size_t)(open - value.ptr) + 1, SIZE_MAX) : value;
    size_t n = 0;
    while (n < rest.len && rest.ptr[n] > ' ' && rest.ptr[n] != '>' && rest.ptr[n] != ';' && rest.ptr[n] != ',' &&
           rest.ptr[n] != '?') {
        n++;
    }
    struct ml_span uri = ml_span_cut(rest, 0, n);
    return n != 0 && memchr(uri.ptr, ':', n) != NULL ? uri : ml_span_of(NULL, 0);
}

/* A number with or without brackets and a port behind it. */
static bool read_host(struct ml_span host, struct ml_ip *out)
{
    if (host.len != 0 && host.ptr[0] == '[') {
        const uint8_t *end = memchr(host.ptr, ']', host.len);
        return end != NULL && ml_ip_parse(ml_span_cut(host, 1, (size_t)(end - host.ptr) - 1), out);
    }
    size_t n = 0;
    while (n < host.len && (ml_is_digit(host.ptr[n]) || host.ptr[n] == '.')) {
        n++;
    }
    bool ends = n == host.len || host.ptr[n] == ':' || host.ptr[n] == ' ';
    return ends && ml_ip_parse(ml_span_cut(host, 0, n), out);
}

bool ml_sip_uri_ip(struct ml_span uri, struct ml_ip *out)
{
    *out = (struct ml_ip){.family = 0};
    const uint8_t *from = uri.len != 0 ? memchr(uri.ptr, '@', uri.len) : NULL;
    from = from == NULL && uri.len != 0 ? memchr(uri.ptr, ':', uri.len) : from;
    return from != NULL && read_host(ml_span_cut(uri, (size_t)(from - uri.ptr) + 1, SIZE_MAX), out);
}

struct ml_span ml_sip_parameter(struct ml_span value, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i + n < value.len; i++) {
        bool is_start = i == 0 || value.ptr[i - 1] == ';' || value.ptr[i - 1] == ',' || value.ptr[i - 1] == ' ';
        struct ml_span rest = ml_span_cut(value, i, SIZE_MAX);
        if (!is_start || !ml_span_starts_nocase(rest, name) || rest.ptr[n] != '=') {
            continue;
        }
        rest = ml_span_cut(rest, n + 1, SIZE_MAX);
        bool is_quoted = rest.len != 0 && rest.ptr[0] == '"';
        rest = is_quoted ? ml_span_cut(rest, 1, SIZE_MAX) : rest;
        size_t len = 0;
        while (len < rest.len && (is_quoted ? rest.ptr[len] != '"'
                                            : rest.ptr[len] > ' ' && rest.ptr[len] != ';' && rest.ptr[len] != ',')) {
            len++;
        }
        return ml_span_cut(rest, 0, len);
    }
    return ml_span_of(NULL, 0);
}

void ml_sip_via(struct ml_span via, struct ml_ip *sent_by, struct ml_ip *received)
{
    size_t n = 0;
    while (n < via.len && via.ptr[n] != ' ') {
        n++;
    }
    struct ml_span host = ml_span_trim(ml_span_cut(via, n, SIZE_MAX));
    size_t end = 0;
    while (end < host.len && host.ptr[end] != ';' && host.ptr[end] != ',') {
        end++;
    }
    if (!read_host(ml_span_cut(host, 0, end), sent_by)) {
        *sent_by = (struct ml_ip){.family = 0};
    }
    if (!read_host(ml_sip_parameter(via, "received"), received)) {
        *received = (struct ml_ip){.family = 0};
    }
}

bool ml_sip_is_private(const struct ml_ip *ip)
{
    const uint8_t *byte = ip->bytes;
    if (ip->family == 4) {
        return byte[0] == 10 || (byte[0] == 172 && byte[1] >= 16 && byte[1] < 32) ||
               (byte[0] == 192 && byte[1] == 168) || (byte[0] == 169 && byte[1] == 254);
    }
    return ip->family == 6 && ((byte[0] & 0xfe) == 0xfc || (byte[0] == 0xfe && (byte[1] & 0xc0) == 0x80));
}

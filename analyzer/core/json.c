/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json.h"

#include "core/text.h"
#include "core/timefmt.h"

#define LARGEST_EXACT UINT64_C(9007199254740991) /* 2^53 - 1 */

void ml_json_init(struct ml_json *json, struct ml_buf *out)
{
    *json = (struct ml_json){.out = out};
}

static void before_value(struct ml_json *json)
{
    if (json->wants_comma) {
        (void)ml_buf_add_byte(json->out, ','); /* failures latch in the buffer, here and below */
    }
    json->wants_comma = true;
}

static void open_with(struct ml_json *json, uint8_t bracket)
{
    before_value(json);
    (void)ml_buf_add_byte(json->out, bracket);
    json->wants_comma = false;
}

static void close_with(struct ml_json *json, uint8_t bracket)
{
    (void)ml_buf_add_byte(json->out, bracket);
    json->wants_comma = true;
}

void ml_json_object(struct ml_json *json)
{
    open_with(json, '{');
}

void ml_json_object_end(struct ml_json *json)
{
    close_with(json, '}');
}

void ml_json_array(struct ml_json *json)
{
    open_with(json, '[');
}

void ml_json_array_end(struct ml_json *json)
{
    close_with(json, ']');
}

void ml_json_key_span(struct ml_json *json, struct ml_span key)
{
    struct ml_buf *out = json->out;
    if (!ml_buf_reserve(out, key.len + 4)) {
        return;
    }
    uint8_t *at = out->bytes + out->len;
    *at = ',';
    at += json->wants_comma;
    *at++ = '"';
    memcpy(at, key.ptr, key.len);
    memcpy(at + key.len, "\":", 2);
    out->len = (size_t)(at - out->bytes) + key.len + 2;
    json->wants_comma = false;
}

void ml_json_key(struct ml_json *json, const char *key)
{
    ml_json_key_span(json, ml_span_text(key));
}

/* Bytes that stand for themselves: printable ASCII without quote and backslash. */
static bool is_plain(uint8_t byte)
{
    return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

/* Are eight bytes surely plain? No for some that are, yes for none that is not. */
static bool are_plain(const uint8_t *bytes)
{
    static const uint64_t ones = UINT64_C(0x0101010101010101);
    static const uint64_t tops = UINT64_C(0x8080808080808080);
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    uint64_t quote = word ^ ones * '"';
    uint64_t slash = word ^ ones * '\\';
    /* A top bit is set where a byte is below 0x20, above 0x7e, or one of the two. */
    uint64_t odd = (word - ones * 0x20) | (word + ones) | word | (quote - ones) | (slash - ones);
    return (odd & tops) == 0;
}

/* Length of the run of plain bytes at `from`, eight at a time while it goes well. */
static size_t plain_run(struct ml_span text, size_t from)
{
    size_t i = from;
    while (text.len - i >= 8 && are_plain(text.ptr + i)) {
        i += 8;
    }
    /* What is left is looked at with some of the bytes before it. */
    if (i < text.len && text.len - i < 8 && text.len - from >= 8 && are_plain(text.ptr + text.len - 8)) {
        return text.len - from;
    }
    while (i < text.len && is_plain(text.ptr[i])) {
        i++;
    }
    return i - from;
}

/* RFC 8785, section 3.2.2.2: short escapes where they exist, \u00xx in lower case elsewhere. */
static void escape_control(struct ml_buf *out, uint8_t byte)
{
    static const char names[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    if (byte == '"' || byte == '\\') {
        const uint8_t pair[] = {'\\', byte};
        (void)ml_buf_add(out, pair, sizeof pair);
    } else if (byte < sizeof names && names[byte] != 0) {
        const char pair[] = {'\\', names[byte]};
        (void)ml_buf_add(out, pair, sizeof pair);
    } else {
        char digits[3];
        ml_hex_write(ml_span_of(&byte, 1), digits);
        (void)ml_buf_add_text(out, "\\u00");
        (void)ml_buf_add(out, digits, 2);
    }
}

/* The text in quotes, if all of it stands for itself: nearly every one does. */
static bool add_plain(struct ml_buf *out, struct ml_span text)
{
    if (plain_run(text, 0) != text.len || !ml_buf_reserve(out, text.len + 2)) {
        return false;
    }
    uint8_t *at = out->bytes + out->len;
    at[0] = '"';
    if (text.len != 0) {
        memcpy(at + 1, text.ptr, text.len);
    }
    at[text.len + 1] = '"';
    out->len += text.len + 2;
    return true;
}

void ml_json_escape(struct ml_buf *out, struct ml_span text)
{
    if (add_plain(out, text)) {
        return;
    }
    (void)ml_buf_add_byte(out, '"');
    size_t i = 0;
    while (i < text.len) {
        size_t plain = plain_run(text, i);
        if (plain != 0) {
            (void)ml_buf_add(out, text.ptr + i, plain);
            i += plain;
            continue;
        }
        if (text.ptr[i] < 0x80 && text.ptr[i] != 0x7f) {
            escape_control(out, text.ptr[i++]);
            continue;
        }
        size_t n = ml_utf8_length(ml_span_cut(text, i, 4));
        if (n == 0) {
            (void)ml_buf_add(out, "\xef\xbf\xbd", 3);
            n = 1;
        } else {
            (void)ml_buf_add(out, text.ptr + i, n);
        }
        i += n;
    }
    (void)ml_buf_add_byte(out, '"');
}

void ml_json_span(struct ml_json *json, struct ml_span text)
{
    before_value(json);
    ml_json_escape(json->out, text);
}

void ml_json_text(struct ml_json *json, const char *text)
{
    ml_json_span(json, ml_span_text(text));
}

static size_t decimal(uint64_t value, char out[20])
{
    size_t n = 0;
    do {
        out[19 - n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    return n;
}

void ml_json_uint(struct ml_json *json, uint64_t value)
{
    char digits[20];
    size_t n = decimal(value, digits);
    before_value(json);
    if (value > LARGEST_EXACT) {
        (void)ml_buf_add_byte(json->out, '"');
        (void)ml_buf_add(json->out, digits + sizeof digits - n, n);
        (void)ml_buf_add_byte(json->out, '"');
    } else {
        (void)ml_buf_add(json->out, digits + sizeof digits - n, n);
    }
}

void ml_json_int(struct ml_json *json, int64_t value)
{
    if (value >= 0) {
        ml_json_uint(json, (uint64_t)value);
        return;
    }
    uint64_t size = ~(uint64_t)value + 1;
    char digits[20];
    size_t n = decimal(size, digits);
    const char *quote = size > LARGEST_EXACT ? "\"" : "";
    before_value(json);
    (void)ml_buf_add_text(json->out, quote);
    (void)ml_buf_add_byte(json->out, '-');
    (void)ml_buf_add(json->out, digits + sizeof digits - n, n);
    (void)ml_buf_add_text(json->out, quote);
}

void ml_json_bool(struct ml_json *json, bool value)
{
    before_value(json);
    (void)ml_buf_add_text(json->out, value ? "true" : "false");
}

void ml_json_null(struct ml_json *json)
{
    before_value(json);
    (void)ml_buf_add_text(json->out, "null");
}

void ml_json_ip(struct ml_json *json, const struct ml_ip *ip)
{
    char text[ML_IP_TEXT];
    size_t len = ml_ip_format(ip, text);
    ml_json_span(json, ml_span_of(text, len));
}

void ml_json_time(struct ml_json *json, int64_t time_ns)
{
    char text[ML_TIME_TEXT];
    size_t len = ml_time_format(time_ns, text);
    ml_json_span(json, ml_span_of(text, len));
}

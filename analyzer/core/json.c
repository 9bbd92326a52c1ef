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

/* Room for `n` bytes behind the comma, if one is due, which is written. NULL: the buffer has failed. */
static inline uint8_t *begin(struct ml_json *json, size_t n)
{
    struct ml_buf *out = json->out;
    if (!ml_buf_reserve(out, n + 1)) {
        return NULL;
    }
    uint8_t *at = out->bytes + out->len;
    *at = ',';
    return at + json->wants_comma;
}

/* What was begun ends here. */
static void end_value(struct ml_json *json, const uint8_t *at)
{
    json->out->len = (size_t)(at - json->out->bytes);
    json->wants_comma = true;
}

static void end_key(struct ml_json *json, const uint8_t *at)
{
    json->out->len = (size_t)(at - json->out->bytes);
    json->wants_comma = false;
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
    uint8_t *at = begin(json, key.len + 3);
    if (at != NULL) {
        *at = '"';
        memcpy(at + 1, key.ptr, key.len);
        memcpy(at + 1 + key.len, "\":", 2);
        end_key(json, at + key.len + 3);
    }
}

void ml_json_field(struct ml_json *json, const struct ml_field_info *info)
{
    uint8_t *at = begin(json, sizeof info->member);
    if (at != NULL) {
        memcpy(at, info->member, sizeof info->member); /* all of it: a copy of fixed size is no call */
        end_key(json, at + info->name_len + 3);
    }
}

/* Bytes that stand for themselves: printable ASCII without quote and backslash. */
static bool is_plain(uint8_t byte)
{
    return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

/* Not 0 if one of eight bytes is not plain. (Also for some that are, behind one that is not.) */
static uint64_t odd_bits(uint64_t word)
{
    static const uint64_t ones = UINT64_C(0x0101010101010101);
    static const uint64_t tops = UINT64_C(0x8080808080808080);
    uint64_t quote = word ^ ones * '"';
    uint64_t slash = word ^ ones * '\\';
    /* A top bit is set where a byte is below 0x20, above 0x7e, or one of the two. */
    return ((word - ones * 0x20) | (word + ones) | word | (quote - ones) | (slash - ones)) & tops;
}

/* Copies the text; false if some of it is not plain. What is left of eight bytes is copied with some before it. */
static bool copy_plain(uint8_t *to, struct ml_span text)
{
    uint64_t odd = 0;
    uint64_t word = UINT64_C(0x2020202020202020);
    if (text.len >= sizeof word) {
        size_t last = text.len - sizeof word;
        for (size_t i = 0; i < last; i += sizeof word) {
            memcpy(&word, text.ptr + i, sizeof word);
            memcpy(to + i, &word, sizeof word);
            odd |= odd_bits(word);
        }
        memcpy(&word, text.ptr + last, sizeof word);
        memcpy(to + last, &word, sizeof word);
    } else {
        for (size_t i = 0; i < text.len; i++) {
            to[i] = text.ptr[i];
            word = word << 8 | text.ptr[i];
        }
    }
    return (odd | odd_bits(word)) == 0;
}

/* Length of the run of plain bytes at `from`. */
static size_t plain_run(struct ml_span text, size_t from)
{
    size_t i = from;
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

void ml_json_escape(struct ml_buf *out, struct ml_span text)
{
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
    uint8_t *at = begin(json, text.len + 2);
    if (at != NULL && copy_plain(at + 1, text)) { /* nearly every text stands for itself */
        at[0] = at[text.len + 1] = '"';
        end_value(json, at + text.len + 2);
    } else {
        before_value(json);
        ml_json_escape(json->out, text);
    }
}

static void add_number(struct ml_json *json, bool is_negative, uint64_t size)
{
    uint8_t *at = begin(json, 3 + ML_DECIMAL_TEXT);
    if (at == NULL) {
        return;
    }
    if (size > LARGEST_EXACT) {
        *at++ = '"';
    }
    if (is_negative) {
        *at++ = '-';
    }
    at += ml_decimal_write(size, (char *)at);
    if (size > LARGEST_EXACT) {
        *at++ = '"';
    }
    end_value(json, at);
}

void ml_json_uint(struct ml_json *json, uint64_t value)
{
    add_number(json, false, value);
}

void ml_json_int(struct ml_json *json, int64_t value)
{
    add_number(json, value < 0, value < 0 ? ~(uint64_t)value + 1 : (uint64_t)value);
}

static void add_word(struct ml_json *json, const char *word, size_t len)
{
    before_value(json);
    (void)ml_buf_add(json->out, word, len);
}

void ml_json_bool(struct ml_json *json, bool value)
{
    add_word(json, value ? "true" : "false", value ? 4 : 5);
}

void ml_json_null(struct ml_json *json)
{
    add_word(json, "null", 4);
}

void ml_json_ip(struct ml_json *json, const struct ml_ip *ip)
{
    uint8_t *at = begin(json, ML_IP_TEXT + 2);
    if (at != NULL) {
        size_t len = ml_ip_format(ip, (char *)at + 1);
        at[0] = at[len + 1] = '"';
        end_value(json, at + len + 2);
    }
}

void ml_json_time(struct ml_json *json, int64_t time_ns)
{
    uint8_t *at = begin(json, ML_TIME_TEXT + 2);
    if (at != NULL) {
        size_t len = ml_time_format(time_ns, (char *)at + 1);
        at[0] = at[len + 1] = '"';
        end_value(json, at + len + 2);
    }
}

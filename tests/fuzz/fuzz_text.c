/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever comes in becomes JSON that a strict reader accepts, and what was read can be written and read again. */
#include "core/ip.h"
#include "core/json.h"
#include "core/mem.h"
#include "core/text.h"
#include "core/timefmt.h"
#include "fuzz/fuzz.h"

#include <jansson.h>

static void json_is_read_by_others(struct ml_span input)
{
    struct ml_buf out;
    ml_buf_init(&out, 8 * input.len + 16);
    ml_json_escape(&out, input);
    ML_ASSERT(!out.failed);
    ML_ASSERT(ml_utf8_valid(ml_buf_span(&out)));
    json_error_t error;
    json_t *json = json_loadb((const char *)out.bytes, out.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    ML_ASSERT(json_is_string(json));
    if (ml_utf8_valid(input)) {
        ML_ASSERT(ml_span_equal(ml_span_of(json_string_value(json), json_string_length(json)), input));
    }
    json_decref(json);
    ml_buf_fini(&out);
}

static void addresses_survive(struct ml_span input)
{
    struct ml_ip ip;
    struct ml_ip back;
    unsigned bits = 0;
    char text[ML_IP_TEXT];
    if (ml_ip_parse(input, &ip)) {
        size_t len = ml_ip_format(&ip, text);
        ML_ASSERT(len < ML_IP_TEXT && ml_ip_parse(ml_span_of(text, len), &back) && ml_ip_equal(&ip, &back));
    }
    if (ml_ip_prefix_parse(input, &ip, &bits)) {
        ML_ASSERT(bits <= (ip.family == 4 ? 32U : 128U) && ml_ip_in_prefix(&ip, &ip, bits));
    }
}

static void times_survive(struct ml_span input)
{
    int64_t time_ns = 0;
    int64_t back = 0;
    char text[ML_TIME_TEXT];
    if (ml_time_parse(input, &time_ns)) {
        size_t len = ml_time_format(time_ns, text);
        ML_ASSERT(len == 30);
        /* An offset can push the year out of what is read again. */
        ML_ASSERT(!ml_time_parse(ml_span_of(text, len), &back) || back == time_ns);
    }
}

static void host_names_are_normal_once(struct ml_span input)
{
    char once[300];
    char twice[300];
    size_t len = ml_host_normal(input, once, sizeof once);
    ML_ASSERT(len < sizeof once);
    ML_ASSERT(len == 0 || ml_host_normal(ml_span_of(once, len), twice, sizeof twice) == len);
    ML_ASSERT(len == 0 || memcmp(once, twice, len) == 0);
}

static void encodings_survive(struct ml_span input)
{
    char *digits = ml_mem_array(2 * input.len + 1, 1);
    char *base64 = ml_mem_array(4 * ((input.len + 2) / 3) + 1, 1);
    uint8_t *back = ml_mem_array(input.len, 1);
    ML_ASSERT(digits != NULL && base64 != NULL && back != NULL);
    ml_hex_write(input, digits);
    ML_ASSERT(ml_hex_read(ml_span_of(digits, 2 * input.len), back));
    ML_ASSERT(ml_span_equal(ml_span_of(back, input.len), input));
    ML_ASSERT(ml_base64_write(input, base64) == 4 * ((input.len + 2) / 3));
    ml_mem_free(digits);
    ml_mem_free(base64);
    ml_mem_free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ml_span input = ml_span_of(data, size);
    uint64_t number = 0;
    json_is_read_by_others(input);
    addresses_survive(input);
    times_survive(input);
    host_names_are_normal_once(input);
    encodings_survive(input);
    ML_ASSERT(!ml_decimal_read(input, &number) || size != 0);
    return 0;
}

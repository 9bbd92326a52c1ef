/* SPDX-License-Identifier: Apache-2.0 */
#include "core/text.h"
#include "leaks/bytes.h"
#include "leaks/check.h"
#include "leaks/detect.h"

enum { MAX_JOINT = 8, MAX_NAME = 40 };

static bool is_hex_pair(struct ml_span text, size_t at)
{
    return at + 1 < text.len && ml_hex_value(text.ptr[at]) >= 0 && ml_hex_value(text.ptr[at + 1]) >= 0;
}

/* Do pairs go on before `at` or behind `end`, as in the fingerprint of a key? */
static bool is_longer_run(struct ml_span text, size_t at, size_t end, uint8_t mark)
{
    bool goes_on = end < text.len && text.ptr[end] == mark && is_hex_pair(text, end + 1);
    bool began =
        at >= 3 && text.ptr[at - 1] == mark && is_hex_pair(text, at - 3) && (at == 3 || !ml_is_alnum(text.ptr[at - 4]));
    return goes_on || began;
}

/* End of the token at `at`; the colons of a hardware address belong to it. */
static size_t end_of_token(struct ml_span text, size_t at)
{
    uint8_t mac[6];
    if (text.len - at >= 17 && (text.ptr[at + 2] == ':' || text.ptr[at + 2] == '-') &&
        ml_check_mac(ml_span_cut(text, at, 17), mac) && (text.len - at == 17 || !ml_is_alnum(text.ptr[at + 17])) &&
        !is_longer_run(text, at, at + 17, text.ptr[at + 2])) {
        return at + 17;
    }
    while (at < text.len && ml_byte_is_token(text.ptr[at])) {
        at++;
    }
    return at;
}

/*
 * Does what stands between two tokens make the first the name of the second? name=value, "name":"value", <name>value,
 * name:<value>. The last mark that does, 0 for no.
 */
static uint8_t joint_of(struct ml_span between)
{
    uint8_t joint = 0;
    if (between.len == 0 || between.len > MAX_JOINT) {
        return 0;
    }
    for (size_t i = 0; i < between.len; i++) {
        uint8_t byte = between.ptr[i];
        if (byte == '=' || byte == ':' || byte == '>') {
            joint = byte;
        } else if (byte == 0 || strchr("\"' \t[{\\", byte) == NULL) {
            if (byte != '<' || joint != ':') {
                return 0;
            }
        }
    }
    return joint;
}

void ml_pairs_each(struct ml_span text, ml_pair_fn take, void *context)
{
    struct ml_span before = ml_span_of(NULL, 0);
    size_t end_before = 0;
    for (size_t at = 0; at < text.len;) {
        if (!ml_byte_is_token(text.ptr[at])) {
            at++;
            continue;
        }
        size_t end = end_of_token(text, at);
        struct ml_pair pair = {.value = ml_span_cut(text, at, end - at), .from = at, .len = end - at};
        if (before.len != 0 && before.len <= MAX_NAME) {
            pair.joint = joint_of(ml_span_cut(text, end_before, at - end_before));
            pair.name = pair.joint != 0 ? before : pair.name;
        }
        take(context, &pair);
        before = pair.value;
        end_before = end;
        at = end;
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/text.h"
#include "leaks/check.h"
#include "leaks/detect.h"

enum { MAX_JOINT = 8, MAX_NAME = 40 };

static bool is_token(uint8_t byte)
{
    return ml_is_alnum(byte) || byte >= 0x80 || byte == '_' || byte == '.' || byte == '-' || byte == '@' || byte == '+';
}

/* End of the token at `at`; the colons of a hardware address belong to it. */
static size_t end_of_token(struct ml_span text, size_t at)
{
    uint8_t mac[6];
    if (text.len - at >= 17 && (text.ptr[at + 2] == ':' || text.ptr[at + 2] == '-') &&
        ml_check_mac(ml_span_cut(text, at, 17), mac) && (text.len - at == 17 || !ml_is_alnum(text.ptr[at + 17]))) {
        return at + 17;
    }
    while (at < text.len && is_token(text.ptr[at])) {
        at++;
    }
    return at;
}

/* Does what stands between two tokens make the first the name of the second? name=value, "name":"value", <name>value */
static bool is_joint(struct ml_span between)
{
    bool joins = false;
    if (between.len == 0 || between.len > MAX_JOINT) {
        return false;
    }
    for (size_t i = 0; i < between.len; i++) {
        uint8_t byte = between.ptr[i];
        joins |= byte == '=' || byte == ':' || byte == '>';
        if (strchr("=:>\"' \t[{\\", byte) == NULL || byte == 0) {
            return false;
        }
    }
    return joins;
}

void ml_pairs_each(struct ml_span text, ml_pair_fn take, void *context)
{
    struct ml_span before = ml_span_of(NULL, 0);
    size_t end_before = 0;
    for (size_t at = 0; at < text.len;) {
        if (!is_token(text.ptr[at])) {
            at++;
            continue;
        }
        size_t end = end_of_token(text, at);
        struct ml_pair pair = {.value = ml_span_cut(text, at, end - at), .from = at, .len = end - at};
        if (before.len != 0 && before.len <= MAX_NAME && is_joint(ml_span_cut(text, end_before, at - end_before))) {
            pair.name = before;
        }
        take(context, &pair);
        before = pair.value;
        end_before = end;
        at = end;
    }
}

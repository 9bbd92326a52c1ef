/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/scratch.h"

struct ml_memo *ml_memo_of(struct ml_rules_scratch *s, uint32_t number, struct ml_span text)
{
    if (text.len > ML_MEMO_TEXT) {
        return NULL;
    }
    uint32_t mix = (uint32_t)text.len;
    if (text.len != 0) {
        mix |= (uint32_t)text.ptr[0] << 8 | (uint32_t)text.ptr[text.len / 2] << 16;
    }
    size_t place = mix * UINT32_C(0x9e3779b1) >> (32 - ML_MEMO_BITS); /* sums would put "tcp" where "udp" is */
    return &s->memos[s->record->category][number * ML_MEMOS + place];
}

bool ml_memo_knows(const struct ml_memo *memo, struct ml_span text)
{
    return memo->n != 0 && ml_span_equal(ml_span_of(memo->text, memo->len), text);
}

void ml_memo_begin(struct ml_memo *memo, struct ml_span text)
{
    memo->n = 1;
    memo->len = (uint8_t)text.len;
    if (text.len != 0) {
        memcpy(memo->text, text.ptr, text.len);
    }
}

void ml_memo_hit(struct ml_memo *memo, uint32_t number)
{
    if (memo->n == ML_MEMO_HITS + 1) {
        memo->n = 0; /* no room */
    } else if (memo->n != 0) {
        memo->hits[memo->n++ - 1] = number;
    }
}

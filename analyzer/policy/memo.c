/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/scratch.h"

struct ml_memo *ml_memo_of(struct ml_rules_scratch *s, uint32_t number, struct ml_span text)
{
    if (text.len > ML_MEMO_TEXT) {
        return NULL;
    }
    size_t place = text.len != 0 ? text.len + text.ptr[0] + text.ptr[text.len / 2] : 0;
    return &s->memos[s->record->category][number * ML_MEMOS + place % ML_MEMOS];
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

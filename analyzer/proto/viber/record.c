/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/viber/record.h"

#include "core/reader.h"

enum {
    MIN_HELLO = 24,
    MAX_HELLO = 1024,
    HELLO_MARK = 0xfcff,
    HELLO_FLAG = 0x80,
    MIN_RECORD = 6 + 16, /* length, counter, one block */
    MAX_RECORD = 16 * 1024,
    N_RECORDS = 3
};

enum ml_match ml_viber_hello(struct ml_span bytes, size_t *len)
{
    struct ml_reader rd = ml_rd_open(bytes);
    uint16_t record_len = 0;
    uint16_t mark = 0;
    uint8_t type = 0;
    uint8_t flag = 0;
    *len = 0;
    if (!ml_rd_le16(&rd, &record_len)) {
        return ML_MATCH_MORE;
    }
    if (record_len < MIN_HELLO || record_len > MAX_HELLO) {
        return ML_MATCH_NO;
    }
    if (!ml_rd_skip(&rd, 4) || !ml_rd_u16(&rd, &mark)) {
        return ML_MATCH_MORE;
    }
    if (mark != HELLO_MARK) {
        return ML_MATCH_NO;
    }
    if (!ml_rd_u8(&rd, &type) || !ml_rd_u8(&rd, &flag)) {
        return ML_MATCH_MORE;
    }
    *len = record_len;
    return flag == HELLO_FLAG ? ML_MATCH_YES : ML_MATCH_NO;
}

enum ml_match ml_viber_records(struct ml_span bytes, size_t *len)
{
    struct ml_reader rd = ml_rd_open(bytes);
    uint32_t expected = 0;
    *len = 0;
    for (unsigned i = 0; i < N_RECORDS; i++) {
        uint16_t record_len = 0;
        uint32_t counter = 0;
        if (!ml_rd_le16(&rd, &record_len)) {
            return ML_MATCH_MORE;
        }
        if (record_len < MIN_RECORD || record_len > MAX_RECORD) {
            return ML_MATCH_NO;
        }
        if (!ml_rd_le32(&rd, &counter)) {
            return ML_MATCH_MORE;
        }
        if (i != 0 && counter != expected) {
            return ML_MATCH_NO;
        }
        expected = counter + 1;
        if (!ml_rd_skip(&rd, record_len - 6u)) {
            return ML_MATCH_MORE;
        }
    }
    *len = ml_rd_pos(&rd);
    return ML_MATCH_YES;
}

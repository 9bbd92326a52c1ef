/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/mmtls/record.h"

#include "core/reader.h"

enum { F103 = 0xf103, F104 = 0xf104 };

static bool is_type(uint8_t type)
{
    return type == ML_MMTLS_ALERT || type == ML_MMTLS_HANDSHAKE || type == ML_MMTLS_DATA ||
           type == ML_MMTLS_HANDSHAKE_0RTT;
}

enum ml_mmtls_sight ml_mmtls_record_read(struct ml_span start, struct ml_mmtls_record *out)
{
    struct ml_reader rd = ml_rd_open(start);
    struct ml_mmtls_record record = {0};
    *out = record;
    if (ml_rd_u8(&rd, &record.type) && !is_type(record.type)) {
        return ML_MMTLS_NO;
    }
    uint8_t first = 0;
    if (ml_rd_ok(&rd) && ml_rd_left(&rd) == 1 && ml_rd_peek(&rd, &first) && first != F103 >> 8) {
        return ML_MMTLS_NO;
    }
    if (ml_rd_u16(&rd, &record.version) && record.version != F103 && record.version != F104) {
        return ML_MMTLS_NO;
    }
    if (!ml_rd_u16(&rd, &record.len)) {
        return ML_MMTLS_SHORT;
    }
    if (record.len == 0) {
        return ML_MMTLS_NO;
    }
    *out = record;
    return ML_MMTLS_YES;
}

const char *ml_mmtls_version_text(uint16_t version)
{
    return version == F103 ? "f103" : "f104";
}

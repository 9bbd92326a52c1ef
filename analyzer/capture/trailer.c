/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/trailer.h"

#include "core/reader.h"

enum { ADDRESSES = 12, ETHERNET = 14, TRAILER = 32, LABEL = 20, MAGIC = 0x01072021 };

bool ml_trailer_read(struct ml_span frame, uint32_t *uid, struct ml_span *label)
{
    static const uint8_t no_addresses[ADDRESSES];
    if (frame.len < ETHERNET + TRAILER || memcmp(frame.ptr, no_addresses, ADDRESSES) != 0) {
        return false;
    }
    struct ml_reader rd = ml_rd_open_framed(ml_span_cut(frame, frame.len - TRAILER, TRAILER));
    uint32_t magic = 0;
    if (!ml_rd_u32(&rd, &magic) || magic != MAGIC || !ml_rd_u32(&rd, uid) || !ml_rd_span(&rd, LABEL, label)) {
        return false;
    }
    label->len = ml_span_find(*label, ml_span_of("", 1));
    return true;
}

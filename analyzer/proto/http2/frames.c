/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http2/frames.h"

/* Takes what is there of a header; true once it is whole. */
static bool take_header(struct ml_h2_frames *frames, struct ml_reader *rd)
{
    while (frames->n_header < ML_H2_HEADER) {
        if (ml_rd_left(rd) == 0 || !ml_rd_u8(rd, &frames->header[frames->n_header])) {
            return false;
        }
        frames->n_header++;
    }
    struct ml_reader header = ml_rd_open(ml_span_of(frames->header, sizeof frames->header));
    bool ok = ml_rd_u24(&header, &frames->len) && ml_rd_u8(&header, &frames->type) &&
              ml_rd_u8(&header, &frames->flags) && ml_rd_u32(&header, &frames->stream);
    frames->stream &= 0x7fffffff; /* the first bit is reserved */
    frames->done = 0;
    return ok;
}

bool ml_h2_frames_next(struct ml_h2_frames *frames, struct ml_reader *rd, struct ml_h2_fragment *out)
{
    bool is_new = frames->n_header < ML_H2_HEADER;
    memset(out, 0, sizeof *out);
    if (is_new && !take_header(frames, rd)) {
        return false;
    }
    size_t want = frames->len - frames->done;
    size_t take = ml_rd_left(rd) < want ? ml_rd_left(rd) : want;
    if ((take == 0 && want != 0) || !ml_rd_span(rd, take, &out->bytes)) {
        return false;
    }
    out->type = frames->type;
    out->flags = frames->flags;
    out->stream = frames->stream;
    out->len = frames->len;
    out->at = frames->done;
    frames->done += (uint32_t)take;
    out->is_last = frames->done == frames->len;
    if (out->is_last) {
        frames->n_header = 0;
    }
    return true;
}

bool ml_h2_frames_skip(struct ml_h2_frames *frames, uint64_t len)
{
    bool is_inside = frames->n_header == ML_H2_HEADER;
    if (!is_inside || len >= (uint64_t)(frames->len - frames->done)) {
        return false;
    }
    frames->done += (uint32_t)len;
    return true;
}

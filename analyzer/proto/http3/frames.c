/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http3/frames.h"

static size_t varint_len(uint8_t first)
{
    return (size_t)1 << (first >> 6);
}

/* Two integers: type and length. */
static bool is_whole(const struct ml_h3_frames *frames)
{
    size_t type_len = frames->n_header != 0 ? varint_len(frames->header[0]) : SIZE_MAX;
    return frames->n_header > type_len && frames->n_header == type_len + varint_len(frames->header[type_len]);
}

static bool read_header(struct ml_h3_frames *frames, struct ml_reader *rd)
{
    while (!is_whole(frames)) {
        if (ml_rd_left(rd) == 0 || !ml_rd_u8(rd, &frames->header[frames->n_header])) {
            return false;
        }
        frames->n_header++;
    }
    struct ml_reader header = ml_rd_open_framed(ml_span_of(frames->header, frames->n_header));
    frames->has_header = ml_rd_varint(&header, &frames->type) && ml_rd_varint(&header, &frames->len);
    frames->done = 0;
    return frames->has_header;
}

bool ml_h3_frames_next(struct ml_h3_frames *frames, struct ml_reader *rd, struct ml_h3_fragment *out)
{
    memset(out, 0, sizeof *out);
    if (!frames->has_header) {
        if (!read_header(frames, rd)) {
            return false;
        }
    } else if (ml_rd_left(rd) == 0) {
        return false;
    }
    uint64_t left = frames->len - frames->done;
    size_t n = left < ml_rd_left(rd) ? (size_t)left : ml_rd_left(rd);
    out->type = frames->type;
    out->at = frames->done;
    out->header_len = frames->n_header;
    if (!ml_rd_span(rd, n, &out->bytes)) {
        return false;
    }
    frames->done += n;
    out->is_last = frames->done == frames->len;
    if (out->is_last) {
        frames->has_header = false;
        frames->n_header = 0;
    }
    return true;
}

bool ml_h3_frames_skip(struct ml_h3_frames *frames, uint64_t len)
{
    if (!frames->has_header || len > frames->len - frames->done) {
        return false;
    }
    frames->done += len;
    if (frames->done == frames->len) {
        frames->has_header = false;
        frames->n_header = 0;
    }
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/stun/framing.h"

#include "core/reader.h"
#include "proto/stun/message.h"

enum {
    LENGTH_HEADER = 2,
    MULTIPLEXED_HEADER = 12,
    MULTIPLEXED_MARK = 0xff10,
    SESSION = 8,
    CHANNEL_HEADER = 4,
    CHANNEL_FIRST = 0x4000,
    CHANNEL_LAST = 0x4fff,
    COOKIE_AT = 4,
    ALIGNMENT = 4
};

static size_t padded(size_t len)
{
    return (len + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* As far as they go, are these the first bytes of a STUN message with cookie? */
static enum ml_match probe_message(struct ml_span bytes)
{
    static const uint8_t cookie[] = {0x21, 0x12, 0xa4, 0x42};
    if (bytes.len > 0 && (bytes.ptr[0] & 0xc0) != 0) {
        return ML_MATCH_NO;
    }
    if (bytes.len > 3 && bytes.ptr[3] % ALIGNMENT != 0) {
        return ML_MATCH_NO;
    }
    struct ml_span seen = ml_span_cut(bytes, COOKIE_AT, sizeof cookie);
    if (seen.len != 0 && memcmp(seen.ptr, cookie, seen.len) != 0) {
        return ML_MATCH_NO;
    }
    return bytes.len >= ML_STUN_HEADER ? ML_MATCH_YES : ML_MATCH_MORE;
}

static enum ml_match probe_length(struct ml_span bytes)
{
    struct ml_reader rd = ml_rd_open(bytes);
    uint16_t len = 0;
    uint16_t type = 0;
    uint16_t message_len = 0;
    if (!ml_rd_u16(&rd, &len)) {
        return ML_MATCH_MORE;
    }
    enum ml_match match = probe_message(ml_span_cut(bytes, LENGTH_HEADER, bytes.len));
    if (len < ML_STUN_HEADER || match == ML_MATCH_NO) {
        return ML_MATCH_NO;
    }
    if (ml_rd_u16(&rd, &type) && ml_rd_u16(&rd, &message_len) && message_len + ML_STUN_HEADER != len) {
        return ML_MATCH_NO;
    }
    return match;
}

static enum ml_match probe_multiplexed(struct ml_span bytes)
{
    static const uint8_t mark[] = {MULTIPLEXED_MARK >> 8, MULTIPLEXED_MARK & 0xff};
    struct ml_span seen = ml_span_cut(bytes, 0, sizeof mark);
    if (seen.len != 0 && memcmp(seen.ptr, mark, seen.len) != 0) {
        return ML_MATCH_NO;
    }
    return probe_message(ml_span_cut(bytes, MULTIPLEXED_HEADER, bytes.len));
}

enum ml_match ml_stun_framing_probe(enum ml_stun_framing framing, struct ml_span bytes)
{
    switch (framing) {
    case ML_STUN_LENGTH:
        return probe_length(bytes);
    case ML_STUN_MULTIPLEXED:
        return probe_multiplexed(bytes);
    case ML_STUN_UNFRAMED:
    case ML_STUN_N_FRAMINGS:
        break;
    }
    return probe_message(bytes);
}

/* --- frames --- */

static enum ml_match frame_unframed(struct ml_reader *rd, size_t *content_len, size_t *frame_len)
{
    uint16_t first = 0;
    uint16_t len = 0;
    if (!ml_rd_u16(rd, &first) || !ml_rd_u16(rd, &len)) {
        return ML_MATCH_MORE;
    }
    if (first >= CHANNEL_FIRST) {
        *content_len = CHANNEL_HEADER + (size_t)len;
        *frame_len = CHANNEL_HEADER + padded(len);
        return first <= CHANNEL_LAST ? ML_MATCH_YES : ML_MATCH_NO;
    }
    *content_len = *frame_len = ML_STUN_HEADER + (size_t)len;
    return len % ALIGNMENT == 0 ? ML_MATCH_YES : ML_MATCH_NO;
}

static enum ml_match frame_headed(enum ml_stun_framing framing, struct ml_reader *rd, size_t *content_len,
                                  size_t *frame_len)
{
    uint16_t mark = MULTIPLEXED_MARK;
    uint16_t len = 0;
    bool is_multiplexed = framing == ML_STUN_MULTIPLEXED;
    if ((is_multiplexed && !ml_rd_u16(rd, &mark)) || !ml_rd_u16(rd, &len)) {
        return ML_MATCH_MORE;
    }
    if (mark != MULTIPLEXED_MARK || (is_multiplexed && len < SESSION)) {
        return ML_MATCH_NO;
    }
    *content_len = is_multiplexed ? (size_t)len - SESSION : len;
    *frame_len = ml_rd_pos(rd) + len;
    return ML_MATCH_YES;
}

enum ml_match ml_stun_frame(enum ml_stun_framing framing, struct ml_span bytes, struct ml_span *content,
                            size_t *content_at, size_t *frame_len)
{
    struct ml_reader rd = ml_rd_open(bytes);
    size_t content_len = 0;
    *content = ml_span_of(NULL, 0);
    *frame_len = 0;
    *content_at = framing == ML_STUN_LENGTH ? LENGTH_HEADER : framing == ML_STUN_MULTIPLEXED ? MULTIPLEXED_HEADER : 0;
    enum ml_match match = framing == ML_STUN_UNFRAMED ? frame_unframed(&rd, &content_len, frame_len)
                                                      : frame_headed(framing, &rd, &content_len, frame_len);
    if (match != ML_MATCH_YES) {
        return match;
    }
    *content = ml_span_cut(bytes, *content_at, content_len);
    return bytes.len >= *frame_len ? ML_MATCH_YES : ML_MATCH_MORE;
}

bool ml_stun_channel_data(struct ml_span bytes, bool is_cut, uint16_t *channel, struct ml_span *data)
{
    struct ml_reader rd = ml_rd_open(bytes);
    uint16_t len = 0;
    *data = ml_span_of(NULL, 0);
    if (!ml_rd_u16(&rd, channel) || !ml_rd_u16(&rd, &len) || *channel < CHANNEL_FIRST || *channel > CHANNEL_LAST) {
        return false;
    }
    size_t left = ml_rd_left(&rd);
    *data = ml_span_cut(bytes, CHANNEL_HEADER, len);
    return is_cut ? left <= padded(len) : left == len || left == padded(len);
}

bool ml_stun_multiplexed(struct ml_span datagram, struct ml_span *content)
{
    size_t at = 0;
    size_t frame_len = 0;
    return ml_stun_framing_probe(ML_STUN_MULTIPLEXED, datagram) == ML_MATCH_YES &&
           ml_stun_frame(ML_STUN_MULTIPLEXED, datagram, content, &at, &frame_len) == ML_MATCH_YES &&
           frame_len == datagram.len;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/telegram/frames.h"

enum {
    LONG = 0x7f, /* abridged: the length takes three more bytes */
    TOP = 0x80,
    UNIT = 4,
    MAX_MESSAGE = 1 << 24, /* bytes; the largest abridged length is four times this, none is used */
    MIN_MESSAGE = 8        /* bytes: a key id. An error code of a server has four */
};

const char *ml_mtproto_transport_text(enum ml_mtproto_transport transport)
{
    switch (transport) {
    case ML_MTPROTO_ABRIDGED:
        return "abridged";
    case ML_MTPROTO_INTERMEDIATE:
        return "intermediate";
    case ML_MTPROTO_PADDED:
        break;
    }
    return "padded";
}

bool ml_mtproto_transport_find(const uint8_t tag[4], enum ml_mtproto_transport *out)
{
    static const struct {
        uint8_t byte;
        enum ml_mtproto_transport transport;
    } tags[] = {{0xef, ML_MTPROTO_ABRIDGED}, {0xee, ML_MTPROTO_INTERMEDIATE}, {0xdd, ML_MTPROTO_PADDED}};
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        if (tag[0] == tags[i].byte && tag[1] == tag[0] && tag[2] == tag[0] && tag[3] == tag[0]) {
            *out = tags[i].transport;
            return true;
        }
    }
    return false;
}

static size_t head_size(const struct ml_mtproto_frames *frames)
{
    if (frames->transport != ML_MTPROTO_ABRIDGED || frames->n_head == 0) {
        return frames->transport == ML_MTPROTO_ABRIDGED ? 1 : 4;
    }
    bool is_acknowledgement = frames->is_server && (frames->head[0] & TOP) != 0;
    return is_acknowledgement || (frames->head[0] & ~TOP) == LONG ? 4 : 1;
}

/* The length is whole: how many bytes follow. */
static void read_head(struct ml_mtproto_frames *frames)
{
    const uint8_t *head = frames->head;
    uint32_t len = 0;
    bool has_top = false;
    if (frames->transport == ML_MTPROTO_ABRIDGED) {
        has_top = (head[0] & TOP) != 0;
        len =
            frames->n_head == 1 ? head[0] & (uint32_t)~TOP : head[1] | (uint32_t)head[2] << 8 | (uint32_t)head[3] << 16;
        len = len < MAX_MESSAGE / UNIT ? len * UNIT : MAX_MESSAGE + 1;
    } else {
        has_top = (head[3] & TOP) != 0;
        len = head[0] | (uint32_t)head[1] << 8 | (uint32_t)head[2] << 16 | (uint32_t)(head[3] & ~TOP) << 24;
    }
    frames->n_head = 0;
    frames->n_id = 0;
    if (has_top && frames->is_server) {
        return; /* an acknowledgement: nothing follows */
    }
    frames->is_lost = len == 0 || len > MAX_MESSAGE;
    frames->left = frames->is_lost ? 0 : len;
    if (len < MIN_MESSAGE) {
        frames->n_id = ML_MTPROTO_KEY_ID; /* an error code: no id to be read */
    }
}

/* Takes what belongs to the message at hand; true when its id became whole. */
static bool take_message(struct ml_mtproto_frames *frames, struct ml_span bytes, size_t *used)
{
    while (*used < bytes.len && frames->left != 0 && frames->n_id < ML_MTPROTO_KEY_ID) {
        frames->id[frames->n_id++] = bytes.ptr[(*used)++];
        frames->left--;
        if (frames->n_id == ML_MTPROTO_KEY_ID) {
            return true;
        }
    }
    size_t there = bytes.len - *used;
    size_t n = frames->left < there ? frames->left : there;
    frames->left -= (uint32_t)n;
    *used += n;
    return false;
}

bool ml_mtproto_frames_next(struct ml_mtproto_frames *frames, struct ml_span bytes, size_t *used)
{
    *used = 0;
    while (*used < bytes.len && !frames->is_lost) {
        if (frames->left != 0) {
            if (take_message(frames, bytes, used)) {
                return true;
            }
            continue;
        }
        frames->head[frames->n_head++] = bytes.ptr[(*used)++];
        if (frames->n_head == head_size(frames)) {
            read_head(frames);
        }
    }
    return false;
}

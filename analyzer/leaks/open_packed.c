/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks/open.h"
#include "leaks/unpack.h"

enum {
    MAX_TRIES = 64, /* places of one window that look like the beginning of a member */
    MIN_MEMBER = 12
};

static bool is_zlib(const uint8_t *bytes)
{
    return bytes[0] == 0x78 && (bytes[0] * 256 + bytes[1]) % 31 == 0 && (bytes[1] & 0x20) == 0;
}

bool ml_open_begins(enum ml_wrapping wrapping, struct ml_span bytes)
{
    if (bytes.len < MIN_MEMBER) {
        return false;
    }
    switch (wrapping) {
    case ML_WRAP_GZIP:
        return memcmp(bytes.ptr, "\x1f\x8b\x08", 3) == 0 && (bytes.ptr[3] & 0xe0) == 0;
    case ML_WRAP_ZSTD:
        return memcmp(bytes.ptr, "\x28\xb5\x2f\xfd", 4) == 0;
    case ML_WRAP_DEFLATE:
        return is_zlib(bytes.ptr);
    default:
        return false;
    }
}

static bool is_opened_elsewhere(const struct ml_view *in, size_t i)
{
    size_t at = ml_view_at(in, i);
    return at < in->open_from || (in->has_end && at >= in->open_to);
}

bool ml_open_is_packed(const struct ml_view *in)
{
    for (size_t i = 0; i + MIN_MEMBER <= in->len; i++) {
        struct ml_span bytes = ml_span_of(in->bytes + i, MIN_MEMBER);
        bool begins = ml_open_begins(ML_WRAP_GZIP, bytes) || ml_open_begins(ML_WRAP_ZSTD, bytes);
        if (begins && !is_opened_elsewhere(in, i)) {
            return true;
        }
    }
    return false;
}

struct unpacking {
    const struct ml_view *in;
    struct ml_view *out;
    size_t from; /* of the member in `in` */
};

static void take(void *context, struct ml_span content, size_t used)
{
    struct unpacking *unpacking = context;
    size_t at = ml_view_at(unpacking->in, unpacking->from + (used != 0 ? used - 1 : 0));
    for (size_t i = 0; i < content.len; i++) {
        ml_view_put(unpacking->out, content.ptr[i], at);
    }
}

bool ml_open_packed(enum ml_wrapping wrapping, const struct ml_view *in, struct ml_view *out)
{
    unsigned n_tries = 0;
    for (size_t i = 0; i + MIN_MEMBER <= in->len; i++) {
        if (!ml_open_begins(wrapping, ml_span_of(in->bytes + i, in->len - i)) || is_opened_elsewhere(in, i)) {
            continue;
        }
        if (n_tries == MAX_TRIES) {
            out->is_cut = true;
            break;
        }
        struct unpacking unpacking = {.in = in, .out = out, .from = i};
        struct ml_unpack *unpack = ml_unpack_new(wrapping, ML_MAX_LEAK_VIEW - out->len);
        n_tries++;
        if (unpack == NULL) {
            out->is_cut = true;
            break;
        }
        ml_view_part(out, ml_view_at(in, i));
        out->is_cut |=
            ml_unpack_feed(unpack, ml_span_of(in->bytes + i, in->len - i), take, &unpacking) == ML_UNPACK_LIMIT;
        ml_unpack_free(unpack);
    }
    return out->len != 0;
}

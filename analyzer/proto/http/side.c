/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/side.h"

enum {
    SURE = 24 /* bytes after which a head that does not look like one is none */
};

void ml_http_side_init(struct ml_http_side *side, const struct ml_http_side_calls *calls, struct ml_proto_env *env,
                       bool is_request, bool is_in_step)
{
    *side = (struct ml_http_side){.calls = calls, .env = env, .is_request = is_request};
    side->phase = is_in_step ? ML_HTTP_HEAD : ML_HTTP_LOST;
    side->is_first_line = true;
    ml_gather_init(&side->gather, ML_MAX_HTTP_HEAD);
}

bool ml_http_side_is_idle(const struct ml_http_side *side)
{
    return side->phase == ML_HTTP_HEAD && ml_gather_span(&side->gather).len == 0;
}

static enum ml_match match(const struct ml_http_side *side, struct ml_span bytes)
{
    return side->is_request ? ml_http_match_request(bytes) : ml_http_match_response(bytes);
}

static void next_head(struct ml_http_side *side)
{
    ml_gather_clear(&side->gather);
    side->phase = ML_HTTP_HEAD;
    side->is_first_line = true;
    side->is_line_empty = false;
    side->is_cut = side->is_told = false;
    side->body_bytes = 0;
}

/* The message at hand ends; its head is still gathered. */
static void end_message(struct ml_http_side *side, bool is_cut)
{
    struct ml_http_head head;
    side->is_cut |= is_cut;
    if (ml_http_head_parse(ml_gather_span(&side->gather), side->is_request, &head)) {
        side->calls->end(side->calls->context, side, &head);
    }
    next_head(side);
}

static void lose(struct ml_http_side *side)
{
    next_head(side);
    side->phase = ML_HTTP_LOST;
    side->calls->lost(side->calls->context, side);
}

static void refuse(struct ml_http_side *side)
{
    ml_count(side->env->counters, ML_COUNT_BAD_HTTP);
    lose(side);
}

/* What was there of a message that will not be whole. */
static void abandon(struct ml_http_side *side)
{
    if (side->phase != ML_HTTP_LOST && side->phase != ML_HTTP_STOPPED && !ml_http_side_is_idle(side)) {
        end_message(side, side->phase != ML_HTTP_CLOSE);
    }
}

static bool begin_body(struct ml_http_side *side, enum ml_http_body_form form, uint64_t length)
{
    side->left = length;
    switch (form) {
    case ML_HTTP_BODY_LENGTH:
        side->phase = ML_HTTP_LENGTH;
        break;
    case ML_HTTP_BODY_CHUNKED:
        side->phase = ML_HTTP_CHUNKED;
        break;
    case ML_HTTP_BODY_CLOSE:
        side->phase = ML_HTTP_CLOSE;
        break;
    case ML_HTTP_BODY_NONE:
        break;
    case ML_HTTP_BODY_BROKEN:
        end_message(side, true);
        refuse(side);
        return false;
    }
    if (form == ML_HTTP_BODY_NONE || (form == ML_HTTP_BODY_LENGTH && length == 0)) {
        end_message(side, false);
    }
    return true;
}

static void take_head(struct ml_http_side *side)
{
    struct ml_http_head head;
    enum ml_http_body_form form = ML_HTTP_BODY_NONE;
    uint64_t length = 0;
    if (!ml_http_head_parse(ml_gather_span(&side->gather), side->is_request, &head)) {
        refuse(side);
        return;
    }
    if (side->framing == NULL) {
        side->framing =
            ml_http_framing_new(ml_proto_tool(side->env, ML_TOOL_HTTP, ml_http_settings_new, ml_http_settings_free));
    }
    if (side->framing == NULL) {
        ml_count(side->env->counters, ML_COUNT_LIMIT_MEMORY);
        abandon(side);
        lose(side);
        return;
    }
    side->is_told = true;
    if (!side->calls->head(side->calls->context, side, &head, &form, &length)) {
        end_message(side, false);
        side->phase = ML_HTTP_STOPPED;
        return;
    }
    (void)begin_body(side, form, length);
}

/* Bytes of `rest` that belong to the head at hand; *is_whole tells whether its empty line is among them. */
static size_t scan_head(struct ml_http_side *side, struct ml_span rest, bool *is_whole)
{
    size_t n = 0;
    *is_whole = false;
    while (n < rest.len && !*is_whole) {
        uint8_t byte = rest.ptr[n++];
        if (byte == '\n') {
            *is_whole = side->is_line_empty;
            side->is_line_empty = true;
            side->is_first_line = false;
        } else if (byte != '\r') {
            side->is_line_empty = false;
        }
    }
    return n;
}

/*
 * Is what was gathered no beginning of a head? Asked once after some bytes and once when the first line ends, so that
 * bytes that are none do not pile up to the ceiling, and small pieces cost no more than large ones.
 */
static bool is_no_head(const struct ml_http_side *side, size_t n_new, bool had_first_line)
{
    struct ml_span held = ml_gather_span(&side->gather);
    bool is_sure_now = held.len >= SURE && held.len - n_new < SURE;
    bool is_line_now = !had_first_line && !side->is_first_line;
    return (is_sure_now || is_line_now) && match(side, held) == ML_MATCH_NO;
}

static size_t feed_head(struct ml_http_side *side, struct ml_span rest)
{
    /* Line ends in front of a first line are left over from the message before (RFC 9112, section 2.2). */
    if (ml_gather_span(&side->gather).len == 0) {
        size_t skip = 0;
        while (skip < rest.len && (rest.ptr[skip] == '\r' || rest.ptr[skip] == '\n')) {
            skip++;
        }
        if (skip != 0) {
            return skip;
        }
    }
    bool is_whole = false;
    bool had_first_line = !side->is_first_line;
    size_t n = scan_head(side, rest, &is_whole);
    struct ml_chunk part = side->last;
    part.bytes = ml_span_cut(rest, 0, n);
    part.offset += (uint64_t)(side->last.bytes.len - rest.len);
    if (!ml_gather_add(&side->gather, &part)) {
        ml_count(side->env->counters, ML_COUNT_LIMIT_MESSAGE);
        end_message(side, true);
        lose(side);
    } else if (is_no_head(side, n, had_first_line)) {
        refuse(side);
    } else if (is_whole) {
        take_head(side);
    }
    return n;
}

static void give_content(void *context, struct ml_span content)
{
    struct ml_http_side *side = context;
    side->body_bytes += content.len;
    side->calls->content(side->calls->context, side, content);
}

static size_t feed_length(struct ml_http_side *side, struct ml_span rest)
{
    size_t n = rest.len < side->left ? rest.len : (size_t)side->left;
    side->left -= n;
    give_content(side, ml_span_cut(rest, 0, n));
    if (side->left == 0) {
        end_message(side, false);
    }
    return n;
}

static size_t feed_chunked(struct ml_http_side *side, struct ml_span rest)
{
    size_t used = rest.len;
    switch (ml_http_framing_chunked(side->framing, rest, give_content, side, &used)) {
    case ML_HTTP_CHUNKED_MORE:
        break;
    case ML_HTTP_CHUNKED_DONE:
        end_message(side, false);
        break;
    case ML_HTTP_CHUNKED_BROKEN:
        end_message(side, true);
        refuse(side);
        break;
    }
    return used;
}

/* A segment that begins with a first line: the side is in step again. */
static bool finds_step(struct ml_http_side *side, struct ml_span rest)
{
    enum ml_match found = match(side, rest);
    if (rest.len != side->last.bytes.len || found == ML_MATCH_NO) {
        return false;
    }
    if (found == ML_MATCH_MORE && (!side->is_request || !ml_http_is_known_method(rest))) {
        return false;
    }
    next_head(side);
    return true;
}

static size_t feed_bytes(struct ml_http_side *side, struct ml_span rest)
{
    switch (side->phase) {
    case ML_HTTP_LOST:
        return finds_step(side, rest) ? 0 : rest.len;
    case ML_HTTP_HEAD:
        return feed_head(side, rest);
    case ML_HTTP_LENGTH:
        return feed_length(side, rest);
    case ML_HTTP_CHUNKED:
        return feed_chunked(side, rest);
    case ML_HTTP_CLOSE:
        give_content(side, rest);
        return rest.len;
    case ML_HTTP_STOPPED:
        break;
    }
    return 0;
}

static void feed_gap(struct ml_http_side *side, const struct ml_chunk *gap)
{
    bool is_known = gap->gap_len < UINT32_MAX;
    bool fits = side->phase == ML_HTTP_CLOSE || (side->phase == ML_HTTP_LENGTH && gap->gap_len <= side->left);
    if (!is_known || !fits) {
        abandon(side);
        if (side->phase != ML_HTTP_STOPPED) {
            lose(side);
        }
        return;
    }
    side->is_cut = true;
    side->body_bytes += gap->gap_len;
    side->calls->gap(side->calls->context, side, gap);
    if (side->phase == ML_HTTP_LENGTH) {
        side->left -= gap->gap_len;
        if (side->left == 0) {
            end_message(side, true);
        }
    }
}

size_t ml_http_side_feed(struct ml_http_side *side, const struct ml_chunk *chunk)
{
    side->last = *chunk;
    if (chunk->gap_len != 0) {
        feed_gap(side, chunk);
        return 0;
    }
    size_t at = 0;
    while (at < chunk->bytes.len && side->phase != ML_HTTP_STOPPED) {
        at += feed_bytes(side, ml_span_cut(chunk->bytes, at, chunk->bytes.len));
    }
    side->last.bytes = ml_span_of(NULL, 0);
    return at;
}

void ml_http_side_fini(struct ml_http_side *side)
{
    abandon(side);
    ml_http_framing_free(side->framing);
    ml_gather_fini(&side->gather);
}

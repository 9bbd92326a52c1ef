/* SPDX-License-Identifier: Apache-2.0 */
/*
 * texts - what can be read of conversations without messages, for the detectors: a stream by its turns, a datagram at a
 * time.
 *
 * Bytes that are no text become zeros, and so do runs of text too short to say anything, so that chance makes no
 * addresses of what is encrypted. A conversation that shows no text for a while is left alone.
 */
#include "core/text.h"
#include "leaks/bytes.h"
#include "leaks/parts.h"

enum {
    MIN_RUN = 12,          /* bytes of text in a row; a number with its country code has as many */
    MAX_BINARY = 2 * 1024, /* bytes without text after which a conversation is left alone */
    MAX_SILENT = 512,      /* the same where there was no text at all */
};

/* May two bytes of text stand side by side? Those of chance hardly ever may for long. */
static bool may_follow(uint8_t byte, uint8_t next)
{
    bool goes_on = (next & 0xc0) == 0x80;
    return goes_on ? byte >= 0x80 : byte < 0xc0;
}

/* Bytes of text at the front. */
static size_t run_length(struct ml_span bytes)
{
    size_t at = 0;
    while (at < bytes.len && ml_byte_is_text(bytes.ptr[at])) {
        size_t len = bytes.ptr[at] < 0x80 ? 1 : ml_utf8_length(ml_span_cut(bytes, at, 4));
        if (len == 0) {
            break;
        }
        at += len;
    }
    return at;
}

/* Where the next run of text begins that is long enough, bytes.len without one: it covers every MIN_RUN-th byte. */
static size_t find_run(struct ml_span bytes, size_t at)
{
    while (bytes.len - at >= MIN_RUN) {
        size_t last = at + MIN_RUN - 1;
        size_t begin = last + 1;
        while (begin > at && ml_byte_is_text(bytes.ptr[begin - 1]) &&
               (begin > last || may_follow(bytes.ptr[begin - 1], bytes.ptr[begin]))) {
            begin--;
        }
        if (begin > at) {
            at = begin; /* nothing that begins before it is long enough */
            continue;
        }
        size_t len = run_length(ml_span_cut(bytes, at, MIN_RUN + 3));
        if (len >= MIN_RUN) {
            return at;
        }
        at += len + 1;
    }
    return bytes.len;
}

/* Is there text? A run that an edge cuts may go on behind it. */
static bool has_text(struct ml_span bytes)
{
    if (find_run(bytes, 0) < bytes.len) {
        return true;
    }
    size_t n_first = run_length(bytes);
    size_t n_last = 0;
    while (n_last < MIN_RUN && n_last < bytes.len - n_first && ml_byte_is_text(bytes.ptr[bytes.len - n_last - 1])) {
        n_last++;
    }
    return 2 * (n_first + n_last) > bytes.len;
}

static struct ml_span only_text(struct ml_span bytes, uint8_t out[ML_MAX_DETECT_BYTES])
{
    memset(out, 0, bytes.len);
    for (size_t at = find_run(bytes, 0); at < bytes.len; at = find_run(bytes, at)) {
        size_t len = run_length(ml_span_cut(bytes, at, bytes.len));
        memcpy(out + at, bytes.ptr + at, len);
        at += len;
    }
    return ml_span_of(out, bytes.len);
}

/* --- streams --- */

void ml_leak_text_end(struct ml_leaks *leaks, struct ml_leak_text *text)
{
    struct ml_span bytes = ml_gather_span(&text->gather);
    if (!text->is_used) {
        return;
    }
    if (bytes.len != 0) {
        const struct ml_leak_place place = {.chunk = &text->chunk, .gather = &text->gather, .name = "payload"};
        ml_leak_detect(leaks, &place, only_text(bytes, leaks->text), ML_LEAK_OF_STREAM);
        leaks->held -= bytes.len;
    }
    ml_gather_fini(&text->gather);
    text->is_used = false;
}

static bool goes_on(const struct ml_leak_text *text, const struct ml_chunk *chunk)
{
    return text->next == chunk->offset && text->chunk.n_layers == chunk->n_layers &&
           memcmp(text->chunk.layers, chunk->layers, chunk->n_layers) == 0 &&
           ml_gather_span(&text->gather).len + chunk->bytes.len <= ML_MAX_DETECT_BYTES;
}

static void hold(struct ml_leaks *leaks, struct ml_leak_text *text, const struct ml_chunk *chunk)
{
    if (text->is_used && !goes_on(text, chunk)) {
        ml_leak_text_end(leaks, text);
    }
    if (!text->is_used) {
        ml_gather_init(&text->gather, ML_MAX_DETECT_BYTES);
        text->is_used = true;
    }
    struct ml_chunk part = *chunk;
    part.bytes = ml_span_cut(chunk->bytes, 0, ML_MAX_DETECT_BYTES);
    if (leaks->held + part.bytes.len > ML_MAX_LEAK_HELD || !ml_gather_add(&text->gather, &part)) {
        ml_count(leaks->counters, ML_COUNT_LIMIT_LEAK_HELD);
        return;
    }
    leaks->held += part.bytes.len;
    text->next = chunk->offset + chunk->bytes.len;
    text->chunk = *chunk;
    text->chunk.bytes = ml_span_of(NULL, 0);
}

/* Whether the conversation is worth a further look. */
static void weigh(struct ml_leaks *leaks, struct ml_leaks_flow *flow, size_t len, bool is_text)
{
    flow->n_binary += is_text ? 0 : len;
    flow->n_text += is_text ? len : 0;
    flow->is_read =
        flow->n_binary > (flow->n_text != 0 ? MAX_BINARY : MAX_SILENT) || flow->n_text > ML_MAX_DETECT_STREAM;
    ml_count_add(leaks->counters, ML_COUNT_LIMIT_DETECT_STREAM, flow->n_text > ML_MAX_DETECT_STREAM ? 1 : 0);
}

bool ml_leak_text_feed(struct ml_leaks *leaks, struct ml_leaks_flow *flow, const struct ml_chunk *chunk)
{
    bool is_text = chunk->gap_len == 0 && has_text(chunk->bytes);
    if (!chunk->is_datagram && flow->raw != NULL) {
        ml_leak_text_end(leaks, &flow->raw->texts[ml_dir_other(chunk->dir)]); /* its turn is over */
    }
    if (is_text && chunk->is_datagram) {
        const struct ml_leak_place place = {.chunk = chunk, .name = "payload"};
        struct ml_span bytes = ml_span_cut(chunk->bytes, 0, ML_MAX_DETECT_BYTES);
        ml_leak_detect(leaks, &place, only_text(bytes, leaks->text), ML_LEAK_OF_STREAM);
    } else if (is_text && ml_leak_raw_of(leaks, flow) != NULL) {
        hold(leaks, &flow->raw->texts[chunk->dir], chunk);
    } else if (flow->raw != NULL) {
        ml_leak_text_end(leaks, &flow->raw->texts[chunk->dir]);
    }
    weigh(leaks, flow, chunk->bytes.len, is_text);
    return is_text;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks/run.h"

#include "core/mem.h"
#include "core/text.h"
#include "leaks/digits.h"
#include "proto/parser.h"

enum {
    MAX_TRIES = 64, /* places of one window that look like the beginning of a member */
    DECODED = 512,
    HEAD_BYTES = 16 /* tell whether a member begins */
};

struct ml_leak_run {
    struct ml_digits digits; /* code ML_WRAP_NONE: the member is there as it is */
    enum ml_wrapping form;
    struct ml_unpack *unpack; /* owned */
    enum ml_unpack_end end;
    uint64_t n_out; /* bytes that came out */
    struct ml_leak_stream inner;
};

/* `leaks` is NULL where only the end of the run is asked for. */
struct feeding {
    struct ml_leaks *leaks;
    struct ml_leak_run *run;
    const struct ml_chunk *chunk;
    const char *place;
    struct ml_leak_message *message;
};

/* --- feeding --- */

static enum ml_layer layer_of(enum ml_wrapping form)
{
    return form == ML_WRAP_BASE64    ? ML_LAYER_BASE64
           : form == ML_WRAP_HEX     ? ML_LAYER_HEX
           : form == ML_WRAP_DEFLATE ? ML_LAYER_DEFLATE
           : form == ML_WRAP_ZSTD    ? ML_LAYER_ZSTD
                                     : ML_LAYER_GZIP;
}

bool ml_leak_may_unpack(struct ml_leaks *leaks, size_t n)
{
    struct ml_leaks_flow *flow = leaks->current != NULL ? *leaks->current : NULL;
    if (flow == NULL) {
        return true;
    }
    bool may = flow->unpacked + n <= ML_LEAK_UNPACK_FREE + ML_MAX_LEAK_RATIO * flow->seen;
    flow->unpacked += may ? n : 0;
    return may;
}

static void take(void *context, struct ml_span content, size_t used)
{
    struct feeding *feeding = context;
    struct ml_leak_run *run = feeding->run;
    (void)used;
    if (feeding->leaks == NULL || run->end == ML_UNPACK_LIMIT) {
        return;
    }
    if (!ml_leak_may_unpack(feeding->leaks, content.len)) {
        run->end = ML_UNPACK_LIMIT;
        return;
    }
    struct ml_chunk chunk = *feeding->chunk;
    if (run->digits.code != ML_WRAP_NONE) {
        chunk = ml_chunk_inner(&chunk, layer_of(run->digits.code), content, run->n_out);
    }
    chunk = ml_chunk_inner(&chunk, layer_of(run->form), content, run->n_out);
    run->n_out += content.len;
    ml_leak_stream_feed(feeding->leaks, &run->inner, &chunk, feeding->place, feeding->message);
}

static size_t feed_member(struct feeding *feeding, struct ml_span bytes)
{
    struct ml_leak_run *run = feeding->run;
    if (bytes.len != 0) {
        enum ml_unpack_end end = ml_unpack_feed(run->unpack, bytes, take, feeding);
        run->end = run->end == ML_UNPACK_LIMIT ? run->end : end;
    }
    return ml_unpack_used(run->unpack);
}

static size_t feed_digits(struct feeding *feeding, struct ml_span text)
{
    struct ml_leak_run *run = feeding->run;
    size_t used = 0;
    while (used < text.len && run->end == ML_UNPACK_MORE) {
        uint8_t bytes[DECODED];
        size_t n = 0;
        used += ml_digits_feed(&run->digits, ml_span_cut(text, used, text.len), bytes, sizeof bytes, &n);
        (void)feed_member(feeding, ml_span_of(bytes, n)); /* what of them is behind the member is no text */
        run->end = run->end == ML_UNPACK_MORE && run->digits.is_over ? ML_UNPACK_DONE : run->end;
    }
    return used;
}

static size_t feed(struct feeding *feeding, struct ml_span bytes)
{
    size_t used = feeding->run->digits.code != ML_WRAP_NONE ? feed_digits(feeding, bytes) : feed_member(feeding, bytes);
    return feeding->run->end == ML_UNPACK_MORE ? bytes.len : used;
}

size_t ml_leak_run_feed(struct ml_leaks *leaks, struct ml_leak_run *run, const struct ml_chunk *chunk,
                        const char *place, struct ml_leak_message *message)
{
    struct feeding feeding = {.leaks = leaks, .run = run, .chunk = chunk, .place = place, .message = message};
    uint64_t before = run->n_out;
    size_t used = feed(&feeding, chunk->bytes);
    ml_count_add(leaks->counters, ML_COUNT_SEARCHED_UNPACKED, run->n_out - before);
    ml_count_add(leaks->counters, ML_COUNT_LIMIT_LEAK_BODY, run->end == ML_UNPACK_LIMIT ? 1 : 0);
    return used;
}

bool ml_leak_run_is_over(const struct ml_leak_run *run)
{
    return run->end != ML_UNPACK_MORE;
}

void ml_leak_run_end(struct ml_leaks *leaks, struct ml_leak_run *run, const char *place,
                     struct ml_leak_message *message)
{
    if (run != NULL) {
        ml_leak_stream_end(leaks, &run->inner, place, message); /* runs nest ML_MAX_WRAPPINGS deep */
        ml_unpack_free(run->unpack);
        ml_mem_free(run);
    }
}

/* --- where one begins --- */

static enum ml_wrapping form_of(struct ml_span bytes)
{
    for (unsigned form = ML_WRAP_GZIP; form <= ML_WRAP_ZSTD; form++) {
        if (ml_open_begins((enum ml_wrapping)form, bytes)) {
            return (enum ml_wrapping)form;
        }
    }
    return ML_WRAP_NONE;
}

/* Are these the first digits of gzip, zlib at one of its four levels, or zstd? */
static enum ml_wrapping code_of(struct ml_span text)
{
    static const struct {
        const char *text;
        enum ml_wrapping code;
    } known[] = {{"H4sI", ML_WRAP_BASE64}, {"eJ", ML_WRAP_BASE64},   {"eN", ML_WRAP_BASE64},  {"eA", ML_WRAP_BASE64},
                 {"eF", ML_WRAP_BASE64},   {"KLUv", ML_WRAP_BASE64}, {"1f8b08", ML_WRAP_HEX}, {"1F8B08", ML_WRAP_HEX},
                 {"789c", ML_WRAP_HEX},    {"789C", ML_WRAP_HEX},    {"78da", ML_WRAP_HEX},   {"78DA", ML_WRAP_HEX},
                 {"7801", ML_WRAP_HEX},    {"785e", ML_WRAP_HEX},    {"785E", ML_WRAP_HEX},   {"28b52ffd", ML_WRAP_HEX},
                 {"28B52FFD", ML_WRAP_HEX}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (ml_span_starts(text, known[i].text)) {
            return known[i].code;
        }
    }
    return ML_WRAP_NONE;
}

/* Form of the member that begins at `at`, as it is or in digits; ML_WRAP_NONE: none does. */
static enum ml_wrapping form_at(struct ml_span window, size_t at, enum ml_wrapping *code)
{
    static const uint8_t begins[256] = {
        [0x1f] = 1, [0x78] = 1, [0x28] = 1, ['H'] = 2, ['e'] = 2, ['K'] = 2, ['1'] = 2, ['7'] = 2, ['2'] = 2};
    struct ml_span rest = ml_span_cut(window, at, window.len);
    unsigned kind = begins[rest.ptr[0]];
    *code = ML_WRAP_NONE;
    if (kind != 2) {
        return kind == 1 ? form_of(rest) : ML_WRAP_NONE;
    }
    bool is_first = at == 0 || !ml_is_alnum(window.ptr[at - 1]) || (at > 2 && window.ptr[at - 3] == '%');
    *code = is_first ? code_of(rest) : ML_WRAP_NONE;
    if (*code == ML_WRAP_NONE) {
        return ML_WRAP_NONE;
    }
    struct ml_digits digits = {.code = *code};
    uint8_t head[HEAD_BYTES];
    size_t n = 0;
    (void)ml_digits_feed(&digits, rest, head, sizeof head, &n);
    return form_of(ml_span_of(head, n));
}

static struct ml_leak_run *new_run(struct ml_counters *counters, enum ml_wrapping code, enum ml_wrapping form,
                                   size_t max)
{
    struct ml_leak_run *run = ml_mem_array(1, sizeof *run);
    if (run != NULL) {
        run->digits.code = code;
        run->form = form;
        run->unpack = ml_unpack_new(form, max);
        if (run->unpack == NULL) {
            ml_mem_free(run);
            run = NULL;
        }
    }
    ml_count_add(counters, ML_COUNT_LIMIT_MEMORY, run == NULL ? 1 : 0);
    return run;
}

/* Does the member go on behind the window, or become more than a view holds? */
static bool is_long(struct ml_counters *counters, enum ml_wrapping code, enum ml_wrapping form, struct ml_span bytes,
                    bool is_last)
{
    struct ml_leak_run *trial = new_run(counters, code, form, ML_MAX_LEAK_VIEW / 2);
    if (trial == NULL) {
        return false;
    }
    struct feeding feeding = {.run = trial};
    (void)feed(&feeding, bytes);
    enum ml_unpack_end end = trial->end;
    ml_unpack_free(trial->unpack);
    ml_mem_free(trial);
    return end == ML_UNPACK_LIMIT || (end == ML_UNPACK_MORE && !is_last);
}

struct ml_leak_run *ml_leak_run_find(struct ml_counters *counters, struct ml_span window, size_t from, bool is_last,
                                     unsigned depth, size_t *at)
{
    struct ml_leak_run *run = NULL;
    unsigned n_tries = 0;
    for (size_t i = from; i < window.len; i++) {
        enum ml_wrapping code = ML_WRAP_NONE;
        enum ml_wrapping form = form_at(window, i, &code);
        if (form == ML_WRAP_NONE) {
            continue;
        }
        if (n_tries++ == MAX_TRIES) {
            ml_count(counters, ML_COUNT_LIMIT_LEAK_VIEW);
            break;
        }
        *at = i;
        if (is_long(counters, code, form, ml_span_cut(window, i, window.len), is_last)) {
            run = new_run(counters, code, form, ML_MAX_LEAK_BODY);
            break;
        }
    }
    if (run != NULL) {
        run->inner.depth = depth;
    }
    return run;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/lines.h"

#include "core/text.h"

enum { TLS_HANDSHAKE = 0x16 /* content type of the record a hello comes in (RFC 8446, section 5.1) */ };

void ml_lines_init(struct ml_lines *lines, struct ml_proto_env *env, struct ml_flow *flow, enum ml_layer layer,
                   ml_line_fn take, void *context)
{
    *lines = (struct ml_lines){.env = env, .flow = flow, .layer = layer, .take = take, .context = context};
    ml_inbox_init(&lines->inboxes[ML_UP], ML_MAX_LINE);
    ml_inbox_init(&lines->inboxes[ML_DOWN], ML_MAX_LINE);
}

void ml_lines_fini(struct ml_lines *lines)
{
    ml_inner_free(lines->tail);
    ml_inbox_fini(&lines->inboxes[ML_UP]);
    ml_inbox_fini(&lines->inboxes[ML_DOWN]);
}

/* --- the end of the lines --- */

static void end_direction(struct ml_lines *lines, enum ml_dir dir)
{
    lines->is_over[dir] = lines->inboxes[dir].is_done = true;
}

static void open_tail(struct ml_lines *lines)
{
    if (lines->tail != NULL) {
        return;
    }
    lines->tail = ml_inner_new(lines->env, lines->flow);
    if (lines->tail == NULL) {
        ml_count(lines->env->counters, ML_COUNT_LIMIT_MEMORY);
        ml_lines_end(lines);
        return;
    }
    ml_inner_open(lines->tail, lines->layer);
}

void ml_lines_start_tls(struct ml_lines *lines)
{
    ml_lines_end(lines);
    open_tail(lines);
}

void ml_lines_end(struct ml_lines *lines)
{
    end_direction(lines, ML_UP);
    end_direction(lines, ML_DOWN);
}

/* --- lines --- */

/* The next line, or part of one; false when more bytes are needed. */
static bool next_line(struct ml_lines *lines, struct ml_inbox *inbox, struct ml_line *line)
{
    struct ml_span held = ml_inbox_span(inbox);
    uint64_t n_raw = lines->n_raw[line->dir];
    bool is_full = held.len >= ML_MAX_LINE;
    line->is_raw = n_raw != 0;
    if (line->is_raw) {
        is_full = is_full || held.len >= n_raw;
        held = ml_span_cut(held, 0, n_raw < SIZE_MAX ? (size_t)n_raw : SIZE_MAX);
    }
    const uint8_t *end = memchr(held.ptr, '\n', held.len);
    if (end == NULL && !is_full) {
        return false;
    }
    line->len = end != NULL ? (size_t)(end - held.ptr) + 1 : held.len;
    line->is_rest = lines->is_in_part[line->dir];
    line->is_part = lines->is_in_part[line->dir] || (end == NULL && !line->is_raw);
    size_t n = end != NULL ? line->len - 1 : held.len;
    n -= end != NULL && n != 0 && held.ptr[n - 1] == '\r' ? 1 : 0;
    line->text = ml_span_cut(held, 0, n);
    lines->is_in_part[line->dir] = end == NULL && !line->is_raw;
    return true;
}

static bool step(void *context, struct ml_inbox *inbox)
{
    struct ml_lines *lines = context;
    struct ml_line line = {.dir = inbox == &lines->inboxes[ML_UP] ? ML_UP : ML_DOWN};
    bool is_tls = lines->has_asked_tls && ml_inbox_span(inbox).ptr[0] == TLS_HANDSHAKE && lines->n_raw[line.dir] == 0;
    if (is_tls && !lines->is_in_part[line.dir]) { /* the consent was not captured, or comes later */
        end_direction(lines, line.dir);
        open_tail(lines);
        return false;
    }
    if (!next_line(lines, inbox, &line)) {
        return false;
    }
    lines->n_raw[line.dir] -= line.is_raw ? line.len : 0;
    lines->take(lines->context, &line);
    ml_inbox_drop(inbox, line.len);
    return true;
}

bool ml_lines_feed(struct ml_lines *lines, const struct ml_chunk *chunk)
{
    struct ml_chunk rest = *chunk;
    struct ml_inbox *inbox = &lines->inboxes[chunk->dir];
    if (!lines->is_over[chunk->dir]) {
        ml_inbox_feed(inbox, chunk, lines->env->counters, step, lines);
        if (inbox->is_lost) { /* a hole: lines are told by their ends, so the next one is in step again */
            ml_inbox_restart(inbox);
            uint64_t *n_raw = &lines->n_raw[chunk->dir];
            *n_raw -= chunk->gap_len < *n_raw ? chunk->gap_len : *n_raw;
        }
        if (!lines->is_over[chunk->dir]) {
            return true;
        }
        rest.bytes = ml_inbox_rest(inbox, chunk);
        rest.offset += chunk->bytes.len - rest.bytes.len;
    }
    if (lines->tail == NULL) {
        return false;
    }
    return (rest.bytes.len == 0 && rest.gap_len == 0) || ml_inner_feed(lines->tail, &rest);
}

bool ml_lines_leave(const struct ml_lines *lines, const struct ml_line *line)
{
    if (line->is_part && !line->is_rest) {
        ml_count(lines->env->counters, ML_COUNT_LIMIT_MESSAGE);
    }
    return line->is_part;
}

/* --- facts --- */

void ml_lines_begin(const struct ml_lines *lines, struct ml_fact_draft *draft, enum ml_fact_kind kind,
                    const struct ml_line *line)
{
    ml_inbox_begin(&lines->inboxes[line->dir], draft, kind, 0, line->len);
}

void ml_lines_begin_at(const struct ml_lines *lines, struct ml_fact_draft *draft, enum ml_fact_kind kind,
                       const struct ml_place *start, const struct ml_line *line)
{
    ml_inbox_begin_at(&lines->inboxes[line->dir], draft, kind, start, line->len);
}

struct ml_place ml_lines_place(const struct ml_lines *lines, const struct ml_line *line)
{
    return ml_inbox_place(&lines->inboxes[line->dir]);
}

/* --- words --- */

struct ml_span ml_word(struct ml_span *rest)
{
    size_t n = 0;
    while (n < rest->len && rest->ptr[n] != ' ') {
        n++;
    }
    struct ml_span word = ml_span_cut(*rest, 0, n);
    while (n < rest->len && rest->ptr[n] == ' ') {
        n++;
    }
    *rest = ml_span_cut(*rest, n, rest->len);
    return word;
}

bool ml_take_line(struct ml_span *rest, struct ml_span *line)
{
    const uint8_t *end = rest->len != 0 ? memchr(rest->ptr, '\n', rest->len) : NULL;
    size_t n = end != NULL ? (size_t)(end - rest->ptr) : rest->len;
    *line = ml_span_cut(*rest, 0, n != 0 && rest->ptr[n - 1] == '\r' ? n - 1 : n);
    *rest = ml_span_cut(*rest, n + 1, SIZE_MAX);
    return end != NULL;
}

unsigned ml_reply_code(struct ml_span text, bool *is_last)
{
    *is_last = false;
    if (text.len < 3 || text.ptr[0] < '1' || text.ptr[0] > '6' || !ml_is_digit(text.ptr[1]) ||
        !ml_is_digit(text.ptr[2]) || (text.len > 3 && text.ptr[3] != ' ' && text.ptr[3] != '-')) {
        return 0;
    }
    *is_last = text.len == 3 || text.ptr[3] == ' ';
    return (text.ptr[0] - '0') * 100U + (text.ptr[1] - '0') * 10U + (text.ptr[2] - '0');
}

bool ml_is_client(struct ml_roles *roles, const struct ml_line *line)
{
    bool is_last = false;
    if (!roles->is_known && line->text.len != 0) {
        bool is_answer = ml_reply_code(line->text, &is_last) != 0;
        roles->client = is_answer ? ml_dir_other(line->dir) : line->dir;
        roles->is_known = true;
    }
    return line->dir == roles->client;
}

bool ml_is_command(struct ml_span text, const char *command)
{
    size_t n = strlen(command);
    return ml_span_starts_nocase(text, command) && (text.len == n || text.ptr[n] == ' ');
}

void ml_keep_text(char *out, size_t size, struct ml_span text)
{
    text = ml_span_cut(text, 0, size - 1);
    if (text.len != 0) {
        memcpy(out, text.ptr, text.len);
    }
    out[text.len] = '\0';
}

bool ml_first_line(struct ml_span bytes, size_t max, struct ml_span *line, bool *may_come)
{
    bytes = ml_span_cut(bytes, 0, max + 2);
    const uint8_t *end = bytes.len != 0 ? memchr(bytes.ptr, '\n', bytes.len) : NULL;
    size_t n = end != NULL ? (size_t)(end - bytes.ptr) : bytes.len;
    *may_come = n <= max;
    for (size_t i = 0; i < n && *may_come; i++) {
        *may_come = bytes.ptr[i] >= ' ' || bytes.ptr[i] == '\t' || (bytes.ptr[i] == '\r' && i + 1 == n);
    }
    *line = ml_span_cut(bytes, 0, n != 0 && bytes.ptr[n - 1] == '\r' ? n - 1 : n);
    return end != NULL && *may_come;
}

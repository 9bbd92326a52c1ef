/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/assembly.h"

#include "core/limits.h"
#include "core/mem.h"

enum {
    MAX_MARKS = 4096, /* pieces; a hello of a byte a packet still fits, a flood of holes does not */
    FIRST_ROOM = 2048,
    FIRST_MARKS = 4
};

struct ml_tls_mark {
    size_t from, to; /* relative to the base */
    uint64_t first_seq, last_seq;
    int64_t time_ns;
};

void ml_tls_assembly_fini(struct ml_tls_assembly *assembly)
{
    ml_mem_free(assembly->bytes);
    ml_mem_free(assembly->marks);
    memset(assembly, 0, sizeof *assembly);
}

static size_t grown(size_t room, size_t first, size_t need)
{
    room = room != 0 ? room : first;
    while (room < need) {
        room *= 2;
    }
    return room;
}

static bool reserve_bytes(struct ml_tls_assembly *assembly, size_t need)
{
    if (need <= assembly->room) {
        return true;
    }
    size_t room = grown(assembly->room, FIRST_ROOM, need);
    uint8_t *bytes = ml_mem_resize(assembly->bytes, room, 1);
    if (bytes == NULL) {
        return false;
    }
    memset(bytes + assembly->room, 0, room - assembly->room);
    assembly->bytes = bytes;
    assembly->room = room;
    return true;
}

static bool reserve_mark(struct ml_tls_assembly *assembly)
{
    if (assembly->n_marks < assembly->marks_room) {
        return true;
    }
    size_t room = grown(assembly->marks_room, FIRST_MARKS, assembly->n_marks + 1);
    struct ml_tls_mark *marks = ml_mem_resize(assembly->marks, room, sizeof *marks);
    if (marks == NULL) {
        return false;
    }
    assembly->marks = marks;
    assembly->marks_room = room;
    return true;
}

/* Fills the hole that ends before mark `at`, as part of the mark before it when the same packet carried that. */
static enum ml_tls_added fill(struct ml_tls_assembly *assembly, size_t at, struct ml_tls_mark piece,
                              const uint8_t *bytes)
{
    struct ml_tls_mark *before = at != 0 ? &assembly->marks[at - 1] : NULL;
    bool touches = before != NULL && before->to == piece.from;
    bool is_same = touches && before->last_seq == piece.first_seq;
    bool is_full = assembly->n_marks == MAX_MARKS;
    if (is_full && !touches) {
        return ML_TLS_TOO_MUCH;
    }
    if (!reserve_bytes(assembly, piece.to) || (!is_same && !is_full && !reserve_mark(assembly))) {
        return ML_TLS_NO_MEMORY;
    }
    memcpy(assembly->bytes + piece.from, bytes, piece.to - piece.from);
    if (is_same || is_full) { /* when full, marks get coarse rather than bytes lost */
        before = &assembly->marks[at - 1];
        before->to = piece.to;
        before->last_seq = piece.last_seq > before->last_seq ? piece.last_seq : before->last_seq;
        return ML_TLS_ADDED;
    }
    memmove(&assembly->marks[at + 1], &assembly->marks[at], (assembly->n_marks - at) * sizeof *assembly->marks);
    assembly->marks[at] = piece;
    assembly->n_marks++;
    return ML_TLS_ADDED;
}

/* Behind the marks that are known to touch: nothing is ever put between those. */
static void extend_ready(struct ml_tls_assembly *assembly)
{
    size_t i = assembly->n_ready;
    size_t end = i != 0 ? assembly->marks[i - 1].to : 0;
    while (i < assembly->n_marks && assembly->marks[i].from == end) {
        end = assembly->marks[i++].to;
    }
    assembly->n_ready = i;
    assembly->ready = end;
}

enum ml_tls_added ml_tls_assembly_add(struct ml_tls_assembly *assembly, uint64_t offset, struct ml_span bytes,
                                      uint64_t seq, int64_t time_ns)
{
    if (offset < assembly->base) { /* a repetition of what was consumed */
        uint64_t known = assembly->base - offset;
        bytes = ml_span_cut(bytes, known < bytes.len ? (size_t)known : bytes.len, bytes.len);
        offset = assembly->base;
    }
    uint64_t ahead = offset - assembly->base;
    if (bytes.len == 0) {
        return ML_TLS_KNOWN;
    }
    if (ahead > ML_MAX_MESSAGE || bytes.len > ML_MAX_MESSAGE - ahead) {
        return ML_TLS_TOO_MUCH;
    }
    enum ml_tls_added result = ML_TLS_KNOWN;
    size_t from = (size_t)ahead;
    size_t end = from + bytes.len;
    size_t i = assembly->n_marks;
    while (i != 0 && assembly->marks[i - 1].to > from) { /* mostly appended: look from the end */
        i--;
    }
    while (from < end) {
        size_t hole_end = i < assembly->n_marks && assembly->marks[i].from < end ? assembly->marks[i].from : end;
        if (from < hole_end) {
            struct ml_tls_mark piece = {from, hole_end, seq, seq, time_ns};
            size_t before = assembly->n_marks;
            result = fill(assembly, i, piece, bytes.ptr + (from - (size_t)ahead));
            if (result != ML_TLS_ADDED) {
                break;
            }
            i += assembly->n_marks - before; /* the mark that ended the hole may have moved */
        }
        from = i < assembly->n_marks && assembly->marks[i].from < end ? assembly->marks[i].to : end;
        i++;
    }
    extend_ready(assembly);
    return result;
}

struct ml_span ml_tls_assembly_span(const struct ml_tls_assembly *assembly)
{
    return ml_span_of(assembly->bytes, assembly->ready);
}

size_t ml_tls_assembly_extent(const struct ml_tls_assembly *assembly)
{
    return assembly->n_marks != 0 ? assembly->marks[assembly->n_marks - 1].to : 0;
}

struct ml_tls_place ml_tls_assembly_place(const struct ml_tls_assembly *assembly, size_t len)
{
    struct ml_tls_place place = {0};
    for (size_t i = 0; i < assembly->n_marks && assembly->marks[i].from < len; i++) {
        const struct ml_tls_mark *mark = &assembly->marks[i];
        if (place.first_seq == 0 || mark->first_seq < place.first_seq) {
            place.first_seq = mark->first_seq;
            place.time_ns = mark->time_ns;
        }
        place.last_seq = mark->last_seq > place.last_seq ? mark->last_seq : place.last_seq;
    }
    return place;
}

void ml_tls_assembly_drop(struct ml_tls_assembly *assembly, uint64_t n)
{
    size_t extent = ml_tls_assembly_extent(assembly);
    size_t gone = (size_t)n;
    size_t kept = 0;
    uint64_t base = assembly->base + n;
    if (n >= extent) { /* mostly nothing follows: whoever begins a message next can use the room */
        ml_tls_assembly_fini(assembly);
        assembly->base = base;
        return;
    }
    memmove(assembly->bytes, assembly->bytes + gone, extent - gone);
    memset(assembly->bytes + (extent - gone), 0, gone); /* holes stay zero */
    for (size_t i = 0; i < assembly->n_marks; i++) {
        struct ml_tls_mark mark = assembly->marks[i];
        if (mark.to > gone) {
            mark.from = mark.from > gone ? mark.from - gone : 0;
            mark.to -= gone;
            assembly->marks[kept++] = mark;
        }
    }
    assembly->n_marks = kept;
    assembly->base = base;
    assembly->n_ready = 0;
    extend_ready(assembly);
}

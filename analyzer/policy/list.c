/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/list.h"

#include "core/buf.h"
#include "core/file.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/text.h"
#include "policy/item.h"

enum { MAX_LISTS = 4096, MAX_NAME = 64 };

void ml_lists_init(struct ml_lists *lists, const char *folder, struct ml_digest *digest)
{
    *lists = (struct ml_lists){.folder = folder, .digest = digest};
    ml_arena_init(&lists->arena, false);
    ml_map_init(&lists->names, MAX_LISTS);
}

void ml_lists_fini(struct ml_lists *lists)
{
    ml_arena_fini(&lists->arena);
    ml_map_fini(&lists->names);
    ml_mem_free(lists->items);
    *lists = (struct ml_lists){0};
}

/* Splits the bytes of a list into values; texts are copied into the arena. */
static enum ml_status split(struct ml_lists *lists, struct ml_span bytes, struct ml_list *list, struct ml_error *error)
{
    size_t n_lines = 1;
    for (size_t i = 0; i < bytes.len; i++) {
        n_lines += bytes.ptr[i] == '\n';
    }
    struct ml_span kept = ml_arena_copy(&lists->arena, bytes);
    list->values = n_lines <= ML_MAX_RULE_VALUES ? ml_arena_get(&lists->arena, n_lines * sizeof *list->values) : NULL;
    if (n_lines > ML_MAX_RULE_VALUES) {
        return ml_error_set(error, ML_LIMIT, "more than %d lines", ML_MAX_RULE_VALUES);
    }
    if (kept.ptr == NULL || list->values == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    for (size_t at = 0, line = 1; at < kept.len; line++) {
        size_t len = ml_span_find(ml_span_cut(kept, at, kept.len), ml_span_text("\n"));
        struct ml_span value = ml_span_trim(ml_span_cut(kept, at, len));
        at += len + 1;
        if (value.len == 0 || value.ptr[0] == '#') {
            continue;
        }
        if (value.len > ML_MAX_TEXT || !ml_utf8_valid(value)) {
            return ml_error_set(error, ML_BAD_INPUT, "line %zu is %s", line,
                                value.len > ML_MAX_TEXT ? "too long" : "no UTF-8");
        }
        list->values[list->n++] = value;
    }
    return list->n != 0 ? ML_OK : ml_error_set(error, ML_BAD_INPUT, "holds no value");
}

static enum ml_status load(struct ml_lists *lists, struct ml_span name, struct ml_list *list, struct ml_error *error)
{
    struct ml_error inner = {0};
    struct ml_buf path;
    uint8_t *bytes = NULL;
    size_t len = 0;
    ml_buf_init(&path, 4096 + MAX_NAME);
    (void)ml_buf_printf(&path, "%s/%.*s.txt", lists->folder, (int)name.len, (const char *)name.ptr);
    (void)ml_buf_add_byte(&path, 0); /* both latch */
    enum ml_status status = path.failed
                                ? ml_error_set(&inner, ML_NO_MEMORY, "out of memory")
                                : ml_file_read((const char *)path.bytes, ML_MAX_LIST_BYTES, &bytes, &len, &inner);
    if (status == ML_OK) {
        status = split(lists, ml_span_of(bytes, len), list, &inner);
    }
    if (status == ML_OK && lists->digest != NULL && !ml_digest_feed(lists->digest, ml_span_of(bytes, len))) {
        status = ml_error_set(&inner, ML_IO, "SHA-256 failed");
    }
    ml_mem_free(bytes);
    ml_buf_fini(&path);
    if (status != ML_OK) {
        (void)ml_error_set(error, status, "list '%.*s': %s", (int)name.len, (const char *)name.ptr, inner.text);
    }
    return status;
}

static enum ml_status get(struct ml_lists *lists, struct ml_span name, const struct ml_list **out,
                          struct ml_error *error)
{
    const struct ml_map_entry *found = ml_map_find(&lists->names, name);
    if (found != NULL) {
        *out = &lists->items[found->value];
        return ML_OK;
    }
    if (lists->folder == NULL) {
        return ml_error_set(error, ML_NOT_FOUND, "list '%.*s': there is no folder of lists", (int)name.len,
                            (const char *)name.ptr);
    }
    struct ml_list *items = ml_mem_grow(lists->items, lists->names.n, &lists->n_room, 16, sizeof *items);
    if (items == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    lists->items = items;
    struct ml_list list = {0};
    enum ml_status status = load(lists, name, &list, error);
    if (status != ML_OK) {
        return status;
    }
    size_t number = lists->names.n;
    if (ml_map_add(&lists->names, name, (uint32_t)number, NULL) == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    lists->items[number] = list;
    *out = &lists->items[number];
    return ML_OK;
}

/* A text taken apart: literal text before each placeholder, and behind the last. */
enum { MAX_PLACEHOLDERS = 4 };

struct parts {
    struct ml_span literal[MAX_PLACEHOLDERS + 1];
    const struct ml_list *list[MAX_PLACEHOLDERS];
    size_t n;
};

static bool is_name(struct ml_span name)
{
    if (name.len == 0 || name.len > MAX_NAME) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        if (!ml_is_alnum(name.ptr[i]) && name.ptr[i] != '_' && name.ptr[i] != '-') {
            return false;
        }
    }
    return true;
}

/* Copies text up to the next placeholder, taking the backslash from `\%`; *at is then behind the opening percent. */
static struct ml_span literal_until_percent(struct ml_arena *arena, struct ml_span text, size_t *at, bool *is_end)
{
    uint8_t *bytes = ml_arena_bytes(arena, text.len + 1);
    size_t n = 0;
    *is_end = true;
    while (bytes != NULL && *at < text.len) {
        uint8_t byte = text.ptr[(*at)++];
        uint8_t next = *at < text.len ? text.ptr[*at] : 0;
        if (byte == '\\' && next == '%') {
            byte = text.ptr[(*at)++];
        } else if (byte == '\\' && next == '\\') {
            bytes[n++] = byte; /* stays an escape for the pattern */
            byte = text.ptr[(*at)++];
        } else if (byte == '%') {
            *is_end = false;
            break;
        }
        bytes[n++] = byte;
    }
    return ml_span_of(bytes, n);
}

static enum ml_status take_apart(struct ml_lists *lists, struct ml_span text, struct parts *parts,
                                 struct ml_error *error)
{
    size_t at = 0;
    for (;;) {
        bool is_end = false;
        struct ml_span literal = literal_until_percent(&lists->arena, text, &at, &is_end);
        if (literal.ptr == NULL) {
            return ml_error_set(error, ML_NO_MEMORY, "out of memory");
        }
        parts->literal[parts->n] = literal;
        if (is_end) {
            return ML_OK;
        }
        struct ml_span rest = ml_span_cut(text, at, text.len);
        size_t len = ml_span_find(rest, ml_span_text("%"));
        struct ml_span name = ml_span_cut(rest, 0, len);
        char shown[ML_SHOWN];
        if (len == rest.len || !is_name(name)) {
            return ml_error_set(error, ML_BAD_INPUT, "no placeholder: '%%%s'", ml_shown(name, shown));
        }
        if (parts->n == MAX_PLACEHOLDERS) {
            return ml_error_set(error, ML_LIMIT, "more than %d placeholders in one value", MAX_PLACEHOLDERS);
        }
        enum ml_status status = get(lists, name, &parts->list[parts->n], error);
        if (status != ML_OK) {
            return status;
        }
        parts->n++;
        at += len + 1;
    }
}

/* The `number`-th combination; the last placeholder changes fastest. */
static struct ml_span combine(struct ml_arena *arena, const struct parts *parts, size_t number)
{
    struct ml_span chosen[MAX_PLACEHOLDERS] = {0};
    size_t len = parts->literal[parts->n].len;
    for (size_t i = parts->n; i > 0; i--) {
        chosen[i - 1] = parts->list[i - 1]->values[number % parts->list[i - 1]->n];
        number /= parts->list[i - 1]->n;
        len += chosen[i - 1].len + parts->literal[i - 1].len;
    }
    uint8_t *bytes = ml_arena_bytes(arena, len + 1);
    if (bytes == NULL) {
        return ml_span_of(NULL, 0);
    }
    size_t at = 0;
    for (size_t i = 0; i <= parts->n; i++) {
        memcpy(bytes + at, parts->literal[i].ptr, parts->literal[i].len);
        at += parts->literal[i].len;
        if (i < parts->n) {
            memcpy(bytes + at, chosen[i].ptr, chosen[i].len);
            at += chosen[i].len;
        }
    }
    return ml_span_of(bytes, len);
}

enum ml_status ml_lists_expand(struct ml_lists *lists, struct ml_span text, struct ml_span **out, size_t *n,
                               struct ml_error *error)
{
    struct parts parts = {0};
    *out = NULL;
    *n = 1;
    enum ml_status status = take_apart(lists, text, &parts, error);
    if (status != ML_OK) {
        return status;
    }
    for (size_t i = 0; i < parts.n; i++) {
        *n *= parts.list[i]->n; /* both factors are at most ML_MAX_RULE_VALUES */
        if (*n > ML_MAX_RULE_VALUES) {
            return ml_error_set(error, ML_LIMIT, "stands for more than %d values", ML_MAX_RULE_VALUES);
        }
    }
    struct ml_span *values = ml_mem_array(*n, sizeof *values);
    bool ok = values != NULL;
    for (size_t i = 0; i < *n && ok; i++) {
        values[i] = combine(&lists->arena, &parts, i);
        ok = values[i].ptr != NULL;
    }
    if (!ok) {
        ml_mem_free(values);
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    *out = values;
    return ML_OK;
}

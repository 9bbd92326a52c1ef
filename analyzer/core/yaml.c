/* SPDX-License-Identifier: Apache-2.0 */
#include "core/yaml.h"

#include "core/buf.h"
#include "core/file.h"
#include "core/limits.h"
#include "core/map.h"
#include "core/mem.h"
#include "core/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <yaml.h>

enum { MAX_QUOTED = 64 }; /* bytes of a value shown in a message */

/* An open list or map. */
struct frame {
    struct ml_yaml *node;
    struct ml_yaml **tail; /* where the next child is hung */
    uint64_t id;           /* of the map, keeps the keys of different maps apart in `keys` */
    bool has_key;          /* a key has been read and waits for its value */
    struct ml_span key;
    unsigned key_line;
    unsigned key_column;
};

struct builder {
    yaml_parser_t parser;
    struct ml_span text;       /* borrowed: the whole input */
    const char *name;          /* borrowed: what errors call the input */
    struct ml_yaml_file *file; /* borrowed: being filled */
    struct ml_error *error;
    struct ml_map keys;   /* map id and key -> line; linear search would be quadratic in hostile files */
    struct ml_buf lookup; /* the key of `keys` in the making */
    uint64_t n_maps;
    struct frame frames[ML_MAX_YAML_DEPTH];
    size_t depth;
    struct ml_yaml *roots; /* documents so far, linked by `next` until the array is made */
    struct ml_yaml **roots_tail;
};

/* Part of a value that is fit for a message: bounded, without control bytes, cut between characters. */
static const char *quoted(struct ml_span value, char out[MAX_QUOTED + 4])
{
    size_t n = 0;
    while (n < value.len) {
        size_t len = ml_utf8_length(ml_span_cut(value, n, 4));
        len = len != 0 ? len : 1;
        if (n + len > MAX_QUOTED) {
            break;
        }
        memcpy(out + n, value.ptr + n, len);
        if (value.ptr[n] < 0x20 || value.ptr[n] == 0x7f) {
            out[n] = '?';
        }
        n += len;
    }
    memcpy(out + n, n < value.len ? "..." : "", n < value.len ? 4 : 1);
    return out;
}

static enum ml_status refuse(struct builder *b, const yaml_mark_t *mark, enum ml_status status, const char *what,
                             struct ml_span value)
{
    char shown[MAX_QUOTED + 4];
    ml_error_at(b->error, b->name, (unsigned)mark->line + 1, (unsigned)mark->column + 1);
    return ml_error_set(b->error, status, "%s \"%s\"", what, quoted(value, shown));
}

static enum ml_status no_memory(struct builder *b)
{
    ml_error_at(b->error, b->name, 0, 0);
    return ml_error_set(b->error, ML_NO_MEMORY, "out of memory");
}

/* Position of a byte, 1-based, columns in characters as libyaml counts them. */
static void position_of(struct ml_span text, size_t offset, unsigned *line, unsigned *column)
{
    *line = 1;
    *column = 1;
    for (size_t i = 0; i < offset && i < text.len; i++) {
        if (text.ptr[i] == '\n') {
            ++*line;
            *column = 1;
        } else if ((text.ptr[i] & 0xc0) != 0x80) {
            ++*column;
        }
    }
}

/* libyaml would take UTF-16 as well and reports a bad byte without its line. */
static enum ml_status check_utf8(struct builder *b)
{
    size_t at = 0;
    while (at < b->text.len) {
        size_t n = ml_utf8_length(ml_span_cut(b->text, at, 4));
        if (n == 0) {
            unsigned line = 0;
            unsigned column = 0;
            position_of(b->text, at, &line, &column);
            ml_error_at(b->error, b->name, line, column);
            return ml_error_set(b->error, ML_BAD_INPUT, "ill-formed UTF-8: byte 0x%02x", b->text.ptr[at]);
        }
        at += n;
    }
    return ML_OK;
}

/* What libyaml found wrong with the syntax. */
static enum ml_status syntax_error(struct builder *b)
{
    const yaml_parser_t *p = &b->parser;
    const char *problem = p->problem != NULL ? p->problem : "cannot be read";
    unsigned line = (unsigned)p->problem_mark.line + 1;
    unsigned column = (unsigned)p->problem_mark.column + 1;
    if (p->error == YAML_MEMORY_ERROR) {
        return no_memory(b);
    }
    if (p->error == YAML_READER_ERROR) {
        position_of(b->text, p->problem_offset, &line, &column);
        ml_error_at(b->error, b->name, line, column);
        return ml_error_set(b->error, ML_BAD_INPUT, "%s: 0x%02x", problem, (unsigned)p->problem_value);
    }
    ml_error_at(b->error, b->name, line, column);
    return p->context != NULL ? ml_error_set(b->error, ML_BAD_INPUT, "%s %s", p->context, problem)
                              : ml_error_set(b->error, ML_BAD_INPUT, "%s", problem);
}

static struct ml_span span_of_text(const yaml_char_t *text)
{
    return text != NULL ? ml_span_text((const char *)text) : ml_span_of(NULL, 0);
}

/* Anchors make aliases (and with them exponential files), tags make types: neither has a place in data files. */
static enum ml_status check_properties(struct builder *b, const yaml_event_t *event, const yaml_char_t *anchor,
                                       const yaml_char_t *tag)
{
    if (anchor != NULL) {
        return refuse(b, &event->start_mark, ML_BAD_INPUT, "anchors are not allowed:", span_of_text(anchor));
    }
    if (tag != NULL) {
        return refuse(b, &event->start_mark, ML_BAD_INPUT, "tags are not allowed:", span_of_text(tag));
    }
    return ML_OK;
}

static struct frame *top(struct builder *b)
{
    return b->depth != 0 ? &b->frames[b->depth - 1] : NULL;
}

/* Is the next node the key of a map? */
static bool wants_key(struct builder *b)
{
    struct frame *frame = top(b);
    return frame != NULL && frame->node->kind == ML_YAML_MAP && !frame->has_key;
}

/* Makes a node at the event's position and hangs it where it belongs; NULL when memory runs out. */
static struct ml_yaml *add_node(struct builder *b, const yaml_event_t *event, enum ml_yaml_kind kind)
{
    struct ml_yaml *node = ml_arena_get(&b->file->arena, sizeof *node);
    if (node == NULL) {
        return NULL;
    }
    node->kind = kind;
    node->line = (unsigned)event->start_mark.line + 1;
    node->column = (unsigned)event->start_mark.column + 1;
    struct frame *frame = top(b);
    if (frame == NULL) {
        *b->roots_tail = node;
        b->roots_tail = &node->next;
        b->file->n_documents++;
        return node;
    }
    if (frame->has_key) {
        node->key = frame->key;
        node->key_line = frame->key_line;
        node->key_column = frame->key_column;
        frame->has_key = false;
    }
    *frame->tail = node;
    frame->tail = &node->next;
    frame->node->n++;
    return node;
}

static enum ml_status on_key(struct builder *b, const yaml_event_t *event)
{
    struct frame *frame = top(b);
    struct ml_span key = ml_span_of(event->data.scalar.value, event->data.scalar.length);
    unsigned line = (unsigned)event->start_mark.line + 1;
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && ml_span_equal(key, ml_span_text("<<"))) {
        return refuse(b, &event->start_mark, ML_BAD_INPUT, "merge keys are not allowed:", key);
    }
    ml_buf_clear(&b->lookup);
    (void)ml_buf_add(&b->lookup, &frame->id, sizeof frame->id); /* latches */
    (void)ml_buf_add_span(&b->lookup, key);
    bool is_new = false;
    struct ml_map_entry *entry = NULL;
    if (!b->lookup.failed) {
        entry = ml_map_add(&b->keys, ml_buf_span(&b->lookup), line, &is_new);
    }
    if (entry == NULL) {
        return no_memory(b);
    }
    if (!is_new) {
        char what[48];
        (void)snprintf(what, sizeof what, "duplicate key (first in line %u):", (unsigned)entry->value);
        return refuse(b, &event->start_mark, ML_BAD_INPUT, what, key);
    }
    frame->key = ml_arena_copy(&b->file->arena, key);
    frame->key_line = line;
    frame->key_column = (unsigned)event->start_mark.column + 1;
    frame->has_key = true;
    return frame->key.ptr != NULL ? ML_OK : no_memory(b);
}

static enum ml_status on_scalar(struct builder *b, const yaml_event_t *event)
{
    enum ml_status status = check_properties(b, event, event->data.scalar.anchor, event->data.scalar.tag);
    if (status != ML_OK) {
        return status;
    }
    if (wants_key(b)) {
        return on_key(b, event);
    }
    struct ml_yaml *node = add_node(b, event, ML_YAML_SCALAR);
    if (node == NULL) {
        return no_memory(b);
    }
    node->is_quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    node->text = ml_arena_copy(&b->file->arena, ml_span_of(event->data.scalar.value, event->data.scalar.length));
    return node->text.ptr != NULL ? ML_OK : no_memory(b);
}

static enum ml_status on_open(struct builder *b, const yaml_event_t *event, enum ml_yaml_kind kind)
{
    bool is_map = kind == ML_YAML_MAP;
    enum ml_status status =
        is_map ? check_properties(b, event, event->data.mapping_start.anchor, event->data.mapping_start.tag)
               : check_properties(b, event, event->data.sequence_start.anchor, event->data.sequence_start.tag);
    if (status != ML_OK) {
        return status;
    }
    if (wants_key(b)) {
        return refuse(b, &event->start_mark, ML_BAD_INPUT, "a key must be a scalar, this is a",
                      ml_span_text(is_map ? "map" : "list"));
    }
    if (b->depth == ML_MAX_YAML_DEPTH) {
        return refuse(b, &event->start_mark, ML_LIMIT, "nested too deeply:", ml_span_text(is_map ? "map" : "list"));
    }
    struct ml_yaml *node = add_node(b, event, kind);
    if (node == NULL) {
        return no_memory(b);
    }
    b->frames[b->depth++] = (struct frame){.node = node, .tail = &node->first, .id = b->n_maps++};
    return ML_OK;
}

static enum ml_status on_document(struct builder *b, const yaml_event_t *event)
{
    const yaml_tag_directive_t *tags = event->data.document_start.tag_directives.start;
    if (tags != event->data.document_start.tag_directives.end) {
        return refuse(b, &event->start_mark, ML_BAD_INPUT, "tags are not allowed:", span_of_text(tags->handle));
    }
    return ML_OK;
}

static enum ml_status on_event(struct builder *b, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return on_document(b, event);
    case YAML_SCALAR_EVENT:
        return on_scalar(b, event);
    case YAML_SEQUENCE_START_EVENT:
        return on_open(b, event, ML_YAML_LIST);
    case YAML_MAPPING_START_EVENT:
        return on_open(b, event, ML_YAML_MAP);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        b->depth--;
        return ML_OK;
    case YAML_ALIAS_EVENT:
        return refuse(b, &event->start_mark, ML_BAD_INPUT,
                      "aliases are not allowed:", span_of_text(event->data.alias.anchor));
    case YAML_STREAM_END_EVENT:
        return ML_END;
    default:
        return ML_OK;
    }
}

/* Runs through all events. */
static enum ml_status build(struct builder *b)
{
    enum ml_status status = check_utf8(b);
    struct ml_span body = b->text;
    if (ml_span_starts(body, "\xef\xbb\xbf")) {
        body = ml_span_cut(body, 3, body.len);
    }
    yaml_parser_set_encoding(&b->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&b->parser, body.len != 0 ? body.ptr : (const uint8_t *)"", body.len);
    while (status == ML_OK) {
        yaml_event_t event;
        if (yaml_parser_parse(&b->parser, &event) == 0) {
            return syntax_error(b);
        }
        status = on_event(b, &event);
        yaml_event_delete(&event);
    }
    return status == ML_END ? ML_OK : status;
}

/* Turns the chain of documents into the array. */
static enum ml_status finish(struct builder *b)
{
    b->file->documents = ml_arena_get(&b->file->arena, (b->file->n_documents + 1) * sizeof *b->file->documents);
    if (b->file->documents == NULL) {
        return no_memory(b);
    }
    size_t n = 0;
    for (struct ml_yaml *root = b->roots; root != NULL;) {
        struct ml_yaml *next = root->next;
        root->next = NULL;
        b->file->documents[n++] = root;
        root = next;
    }
    return ML_OK;
}

static enum ml_status parse(const char *name, struct ml_span text, struct ml_yaml_file *file, struct ml_error *error)
{
    struct builder *b = ml_mem_array(1, sizeof *b);
    file->path = ml_mem_text(name, strlen(name));
    if (b == NULL || file->path == NULL || yaml_parser_initialize(&b->parser) == 0) {
        ml_mem_free(b);
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    b->text = text;
    b->name = name;
    b->file = file;
    b->error = error;
    b->roots_tail = &b->roots;
    ml_map_init(&b->keys, ML_MAX_YAML_BYTES);
    /* An escape can grow: \L is two bytes and stands for three. */
    ml_buf_init(&b->lookup, 2 * (size_t)ML_MAX_YAML_BYTES);

    enum ml_status status = build(b);
    if (status == ML_OK) {
        status = finish(b);
    }
    yaml_parser_delete(&b->parser);
    ml_map_fini(&b->keys);
    ml_buf_fini(&b->lookup);
    ml_mem_free(b);
    return status;
}

enum ml_status ml_yaml_parse(const char *name, struct ml_span text, struct ml_yaml_file *file, struct ml_error *error)
{
    *file = (struct ml_yaml_file){0};
    ml_arena_init(&file->arena, true); /* files of seeded identities hold personal values */
    ml_error_at(error, name, 0, 0);
    if (text.len > ML_MAX_YAML_BYTES) {
        return ml_error_set(error, ML_LIMIT, "larger than %d bytes", ML_MAX_YAML_BYTES);
    }
    enum ml_status status = parse(name, text, file, error);
    if (status != ML_OK) {
        ml_yaml_fini(file);
    }
    return status;
}

enum ml_status ml_yaml_read(const char *path, struct ml_yaml_file *file, struct ml_error *error)
{
    *file = (struct ml_yaml_file){0};
    ml_error_at(error, path, 0, 0);
    uint8_t *bytes = NULL;
    size_t len = 0;
    enum ml_status status = ml_file_read(path, ML_MAX_YAML_BYTES, &bytes, &len, error);
    if (status == ML_OK) {
        status = ml_yaml_parse(path, ml_span_of(bytes, len), file, error);
        ml_mem_wipe(bytes, len);
    }
    ml_mem_free(bytes);
    return status;
}

void ml_yaml_fini(struct ml_yaml_file *file)
{
    ml_arena_fini(&file->arena);
    ml_mem_free(file->path);
    *file = (struct ml_yaml_file){0};
}

const struct ml_yaml *ml_yaml_get(const struct ml_yaml *map, const char *key)
{
    if (map == NULL || map->kind != ML_YAML_MAP) {
        return NULL;
    }
    struct ml_span wanted = ml_span_text(key);
    for (const struct ml_yaml *child = map->first; child != NULL; child = child->next) {
        if (ml_span_equal(child->key, wanted)) {
            return child;
        }
    }
    return NULL;
}

struct ml_span ml_yaml_text(const struct ml_yaml *map, const char *key, const char *otherwise)
{
    const struct ml_yaml *child = ml_yaml_get(map, key);
    if (child != NULL && child->kind == ML_YAML_SCALAR) {
        return child->text;
    }
    return otherwise != NULL ? ml_span_text(otherwise) : ml_span_of(NULL, 0);
}

static bool is_plain(const struct ml_yaml *node)
{
    return node != NULL && node->kind == ML_YAML_SCALAR && !node->is_quoted;
}

bool ml_yaml_truth(const struct ml_yaml *node, bool *out)
{
    *out = is_plain(node) && ml_span_equal(node->text, ml_span_text("true"));
    return *out || (is_plain(node) && ml_span_equal(node->text, ml_span_text("false")));
}

bool ml_yaml_number(const struct ml_yaml *node, int64_t *out)
{
    *out = 0;
    if (!is_plain(node)) {
        return false;
    }
    bool is_negative = ml_span_starts(node->text, "-");
    struct ml_span digits = ml_span_cut(node->text, is_negative ? 1 : 0, node->text.len);
    uint64_t size = 0;
    uint64_t largest = is_negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    if (!ml_decimal_read(digits, &size) || size > largest || (digits.len > 1 && digits.ptr[0] == '0')) {
        return false;
    }
    *out = is_negative ? (int64_t)(~size + 1) : (int64_t)size;
    return true;
}

bool ml_yaml_is_null(const struct ml_yaml *node)
{
    return is_plain(node) && (node->text.len == 0 || ml_span_equal(node->text, ml_span_text("~")) ||
                              ml_span_equal(node->text, ml_span_text("null")));
}

enum ml_status ml_yaml_refuse(const struct ml_yaml_file *file, const struct ml_yaml *node, struct ml_error *error,
                              const char *format, ...)
{
    if (error != NULL) {
        va_list args;
        va_start(args, format);
        (void)vsnprintf(error->text, sizeof error->text, format, args); /* a cut message is still a message */
        va_end(args);
        error->status = ML_BAD_INPUT;
        ml_error_at(error, file->path, node != NULL ? node->line : 0, node != NULL ? node->column : 0);
    }
    return ML_BAD_INPUT;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml - a YAML document as a tree that remembers where every node stood (libyaml underneath).
 *
 * Refused, each with file, line, column and the value: duplicate keys, anchors and aliases, merge keys, tags, keys
 * that are not scalars, nesting beyond ML_MAX_YAML_DEPTH, files beyond ML_MAX_YAML_BYTES, ill-formed UTF-8.
 * Scalars stay text; whether one was quoted is remembered, so that `"1"` and `1` can be told apart.
 */
#ifndef MITLESER_CORE_YAML_H
#define MITLESER_CORE_YAML_H

#include "core/arena.h"

enum ml_yaml_kind { ML_YAML_SCALAR, ML_YAML_LIST, ML_YAML_MAP };

struct ml_yaml {
    enum ml_yaml_kind kind;
    bool is_quoted;      /* scalar written in quotes or as a block */
    unsigned line;       /* 1-based */
    unsigned column;     /* 1-based */
    struct ml_span text; /* scalar */
    struct ml_span key;  /* when the parent is a map */
    unsigned key_line;   /* 1-based position of the key */
    unsigned key_column;
    struct ml_yaml *first; /* children of a list or map, in order */
    struct ml_yaml *next;  /* sibling */
    size_t n;              /* number of children */
};

struct ml_yaml_file {
    char *path;                 /* owned; as given */
    struct ml_arena arena;      /* holds all nodes and texts */
    struct ml_yaml **documents; /* in order, in the arena; a file may hold several */
    size_t n_documents;
};

/*
 * Reads a file. On success the caller owns *file and ends it with ml_yaml_fini; after a failure *file is empty and
 * ml_yaml_fini does nothing. ML_NOT_FOUND, ML_IO, ML_BAD_INPUT, ML_LIMIT (size, depth), ML_NO_MEMORY.
 */
enum ml_status ml_yaml_read(const char *path, struct ml_yaml_file *file, struct ml_error *error) ML_MUST_USE;

/* The same from memory; `name` stands for the file in errors. */
enum ml_status ml_yaml_parse(const char *name, struct ml_span text, struct ml_yaml_file *file,
                             struct ml_error *error) ML_MUST_USE;

void ml_yaml_fini(struct ml_yaml_file *file);

/* Child of a map by key, or NULL. NULL map is fine. */
const struct ml_yaml *ml_yaml_get(const struct ml_yaml *map, const char *key);

/* Text of a scalar child, or `otherwise` when the child is absent or no scalar. */
struct ml_span ml_yaml_text(const struct ml_yaml *map, const char *key, const char *otherwise);

/*
 * Unquoted "true"/"false", whole numbers: false when the node is absent or something else. A number with a leading
 * zero is refused, because YAML 1.1 reads it as octal and YAML 1.2 does not.
 */
bool ml_yaml_truth(const struct ml_yaml *node, bool *out) ML_MUST_USE;
bool ml_yaml_number(const struct ml_yaml *node, int64_t *out) ML_MUST_USE;

/* Unquoted null, ~ or empty. False when the node is absent. */
bool ml_yaml_is_null(const struct ml_yaml *node);

/* ML_BAD_INPUT with the file and the node's position. */
enum ml_status ml_yaml_refuse(const struct ml_yaml_file *file, const struct ml_yaml *node, struct ml_error *error,
                              const char *format, ...) ML_PRINTF(4, 5);

#endif

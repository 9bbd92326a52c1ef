/* SPDX-License-Identifier: Apache-2.0 */
/* A YAML text gives a bounded tree with positions, or a refusal with one. */
#include "core/limits.h"
#include "core/text.h"
#include "core/yaml.h"
#include "fuzz/fuzz.h"

/* Depth is bounded by the reader, which is what this checks, so recursion ends. */
static void walk(const struct ml_yaml *node, unsigned depth)
{
    ML_ASSERT(depth <= ML_MAX_YAML_DEPTH);
    ML_ASSERT(node->line != 0 && node->column != 0);
    ML_ASSERT(ml_utf8_valid(node->text) && ml_utf8_valid(node->key));
    ML_ASSERT(node->text.ptr == NULL || node->text.ptr[node->text.len] == 0);
    int64_t number = 0;
    bool truth = false;
    ML_ASSERT(!ml_yaml_number(node, &number) || !ml_yaml_truth(node, &truth));
    size_t n = 0;
    for (const struct ml_yaml *child = node->first; child != NULL; child = child->next, n++) {
        ML_ASSERT(node->kind != ML_YAML_SCALAR);
        if (node->kind == ML_YAML_MAP) {
            ML_ASSERT(child->key_line != 0);
            /* Keys are unique, so a look-up finds this very child (text ends at a zero byte). */
            const char *key = (const char *)child->key.ptr;
            ML_ASSERT(strlen(key) != child->key.len || ml_yaml_get(node, key) == child);
        }
        walk(child, depth + 1);
    }
    ML_ASSERT(n == node->n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ml_yaml_file file;
    struct ml_error error = {0};
    enum ml_status status = ml_yaml_parse("fuzz", ml_span_of(data, size), &file, &error);
    if (status != ML_OK) {
        ML_ASSERT(status == ML_BAD_INPUT || status == ML_LIMIT);
        ML_ASSERT(error.line != 0 && error.column != 0 && error.text[0] != '\0');
        ML_ASSERT(file.documents == NULL);
    }
    for (size_t i = 0; i < file.n_documents; i++) {
        ML_ASSERT(file.documents[i]->next == NULL);
        walk(file.documents[i], 0);
    }
    ml_yaml_fini(&file);
    return 0;
}

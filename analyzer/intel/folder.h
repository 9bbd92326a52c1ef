/* SPDX-License-Identifier: Apache-2.0 */
/*
 * folder - the YAML files of one folder of rules/, in the order of their names.
 *
 * In:        a folder. Out: a call for each document, the digest of all files and the newest `as_of` date.
 * Lifetime:  nodes are borrowed until the callback returns.
 */
#ifndef MITLESER_INTEL_FOLDER_H
#define MITLESER_INTEL_FOLDER_H

#include "core/digest.h"
#include "core/yaml.h"

struct ml_folder_info {
    size_t n_files;
    char date[11];              /* newest as_of of the files, "" when none says so */
    char sha256[ML_SHA256_HEX]; /* over name, zero byte, length and bytes of each file, in order */
};

typedef enum ml_status (*ml_folder_fn)(void *context, const struct ml_yaml_file *file, const struct ml_yaml *root,
                                       struct ml_error *error);

/* A folder that does not exist is empty. Every document must be a map with `as_of`. */
enum ml_status ml_folder_read(const char *folder, ml_folder_fn each, void *context, struct ml_folder_info *info,
                              struct ml_error *error) ML_MUST_USE;

/* --- readers of nodes that rows of such files share; all refuse with file and position --- */

/* Refuses a node that is no map, and keys that are not in `allowed` (ends with NULL). */
enum ml_status ml_folder_keys(const struct ml_yaml_file *file, const struct ml_yaml *map, const char *const *allowed,
                              struct ml_error *error) ML_MUST_USE;

/* Text of a child copied to the arena; "" when absent and not required. Refuses other nodes than scalars. */
enum ml_status ml_folder_text(const struct ml_yaml_file *file, const struct ml_yaml *map, const char *key,
                              bool is_required, struct ml_arena *arena, const char **out,
                              struct ml_error *error) ML_MUST_USE;

/* A country code; "" when absent and not required. */
enum ml_status ml_folder_country(const struct ml_yaml_file *file, const struct ml_yaml *map, const char *key,
                                 bool is_required, char out[3], struct ml_error *error) ML_MUST_USE;

/* Every row has either `source` with `checked_on`, or `unverified: true`; never both. */
enum ml_status ml_folder_source(const struct ml_yaml_file *file, const struct ml_yaml *map, struct ml_arena *arena,
                                const char **source, const char **checked_on, struct ml_error *error) ML_MUST_USE;

/*
 * A list of words of `words` (ends with NULL); writes pointers to those constants. Refuses others and more than `max`.
 */
enum ml_status ml_folder_words(const struct ml_yaml_file *file, const struct ml_yaml *map, const char *key,
                               const char *const *words, const char **out, size_t max, size_t *n,
                               struct ml_error *error) ML_MUST_USE;

#endif

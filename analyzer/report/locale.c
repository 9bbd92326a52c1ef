/* SPDX-License-Identifier: Apache-2.0 */
#include "report/locale.h"

#include "core/map.h"
#include "core/mem.h"
#include "core/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_NAME = 128, MAX_PLACES = 12, MAX_MEMBERS = 1 << 16 };

static const struct {
    const char *name;
    const char *places; /* joined by blanks */
} fixed[ML_N_TEXTS] = {
#define ML_TEXT(id, name, places) [ML_TEXT_##id] = {name, places},
#include "report/text_id.def"
#undef ML_TEXT
};

static const char *const families[] = {"leak.", "limit.", "profile.", "provision.", "question.", "rule.", "topic."};

struct ml_locale {
    struct ml_yaml_file file; /* holds all texts */
    const char *language;
    const char *texts[ML_N_TEXTS];
    struct ml_map index; /* name -> place in members */
    const char **members;
};

/* --- places --- */

/* The next "{name}" of a text at or after `at`; false when there is none. A lone brace is no place. */
static bool next_place(const char *at, const char **begin, size_t *len)
{
    for (const char *open = strchr(at, '{'); open != NULL; open = strchr(open + 1, '{')) {
        size_t n = strspn(open + 1, "abcdefghijklmnopqrstuvwxyz0123456789_");
        if (n != 0 && open[1 + n] == '}') {
            *begin = open;
            *len = n;
            return true;
        }
    }
    return false;
}

static bool has_word(const char *words, const char *word, size_t len)
{
    for (const char *at = words; *at != '\0'; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");
        if (n == len && memcmp(at, word, len) == 0) {
            return true;
        }
        at += n;
    }
    return false;
}

/* Every place of the text is among `wanted`, and every one of them is in the text. */
static bool has_places(const char *text, const char *wanted)
{
    const char *open = NULL;
    size_t len = 0;
    char found[MAX_PLACES * 24] = "";
    size_t n = 0;
    for (const char *at = text; next_place(at, &open, &len); at = open + len + 2) {
        if (!has_word(wanted, open + 1, len) || n + len + 2 > sizeof found) {
            return false;
        }
        memcpy(found + n, open + 1, len);
        n += len;
        found[n++] = ' ';
        found[n] = '\0';
    }
    for (const char *at = wanted; *at != '\0'; at += strspn(at, " ")) {
        size_t word = strcspn(at, " ");
        if (!has_word(found, at, word)) {
            return false;
        }
        at += word;
    }
    return true;
}

/* --- reading --- */

static bool is_member(struct ml_span name)
{
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        if (name.len < MAX_NAME && ml_span_starts(name, families[i])) {
            return true;
        }
    }
    return false;
}

static enum ml_status take_text(struct ml_locale *locale, const struct ml_yaml *node, struct ml_error *error)
{
    const struct ml_yaml_file *file = &locale->file;
    const char *text = (const char *)node->text.ptr; /* the tree ends every text with a zero */
    if (node->kind != ML_YAML_SCALAR || node->text.len == 0 || strlen(text) != node->text.len) {
        return ml_yaml_refuse(file, node, error, "\"%.*s\" must be a text", (int)node->key.len,
                              (const char *)node->key.ptr);
    }
    size_t id = 0;
    while (id < ML_N_TEXTS && !ml_span_equal(node->key, ml_span_text(fixed[id].name))) {
        id++;
    }
    if (id == ML_N_TEXTS && !is_member(node->key)) {
        return ml_yaml_refuse(file, node, error, "there is no text \"%.*s\"", (int)node->key.len,
                              (const char *)node->key.ptr);
    }
    if (id == ML_N_TEXTS && strpbrk(text, "{}") != NULL) {
        return ml_yaml_refuse(file, node, error, "this text has no places");
    }
    if (id < ML_N_TEXTS && !has_places(text, fixed[id].places)) {
        return ml_yaml_refuse(file, node, error, "\"%s\" wants the places: %s", fixed[id].name, fixed[id].places);
    }
    if (id < ML_N_TEXTS) {
        locale->texts[id] = text;
    }
    uint32_t number = (uint32_t)locale->index.n;
    if (ml_map_add(&locale->index, node->key, number, NULL) == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    locale->members[number] = text;
    return ML_OK;
}

static enum ml_status take_root(struct ml_locale *locale, struct ml_error *error)
{
    const struct ml_yaml_file *file = &locale->file;
    const struct ml_yaml *root = file->n_documents == 1 ? file->documents[0] : NULL;
    const struct ml_yaml *texts = ml_yaml_get(root, "texts");
    struct ml_span language = ml_yaml_text(root, "language", "");
    ml_error_at(error, file->path, 0, 0);
    if (root == NULL || root->n != 2 || language.len != 2 || texts == NULL || texts->kind != ML_YAML_MAP) {
        return ml_error_set(error, ML_BAD_INPUT, "wants \"language\" (two letters) and \"texts\", a map");
    }
    locale->language = (const char *)language.ptr;
    locale->members = ml_mem_array(texts->n + 1, sizeof *locale->members);
    if (locale->members == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    for (const struct ml_yaml *node = texts->first; node != NULL; node = node->next) {
        enum ml_status status = take_text(locale, node, error);
        if (status != ML_OK) {
            return status;
        }
    }
    for (size_t i = 0; i < ML_N_TEXTS; i++) {
        if (locale->texts[i] == NULL) {
            ml_error_at(error, file->path, 0, 0);
            return ml_error_set(error, ML_BAD_INPUT, "the text \"%s\" is missing", fixed[i].name);
        }
    }
    return ML_OK;
}

static enum ml_status finish(struct ml_locale *locale, enum ml_status status, struct ml_locale **out,
                             struct ml_error *error)
{
    status = status == ML_OK ? take_root(locale, error) : status;
    *out = status == ML_OK ? locale : NULL;
    if (status != ML_OK) {
        ml_locale_free(locale);
    }
    return status;
}

static struct ml_locale *make(void)
{
    struct ml_locale *locale = ml_mem_array(1, sizeof *locale);
    if (locale != NULL) {
        ml_map_init(&locale->index, MAX_MEMBERS);
    }
    return locale;
}

enum ml_status ml_locale_read(const char *path, struct ml_locale **out, struct ml_error *error)
{
    struct ml_locale *locale = make();
    *out = NULL;
    return locale == NULL ? ml_error_set(error, ML_NO_MEMORY, "out of memory")
                          : finish(locale, ml_yaml_read(path, &locale->file, error), out, error);
}

enum ml_status ml_locale_parse(const char *name, struct ml_span text, struct ml_locale **out, struct ml_error *error)
{
    struct ml_locale *locale = make();
    *out = NULL;
    return locale == NULL ? ml_error_set(error, ML_NO_MEMORY, "out of memory")
                          : finish(locale, ml_yaml_parse(name, text, &locale->file, error), out, error);
}

void ml_locale_free(struct ml_locale *locale)
{
    if (locale != NULL) {
        ml_yaml_fini(&locale->file);
        ml_map_fini(&locale->index);
        ml_mem_free(locale->members);
        ml_mem_free(locale);
    }
}

/* --- asking --- */

size_t ml_locale_count(const struct ml_locale *locale)
{
    return locale->index.n;
}

struct ml_span ml_locale_name(const struct ml_locale *locale, size_t number)
{
    return ml_map_key(locale->index.entries[number]);
}

const char *ml_locale_language(const struct ml_locale *locale)
{
    return locale->language;
}

const char *ml_locale_text(const struct ml_locale *locale, enum ml_text id)
{
    return locale->texts[id];
}

const char *ml_locale_find(const struct ml_locale *locale, const char *name, const char *otherwise)
{
    const struct ml_map_entry *entry = ml_map_find(&locale->index, ml_span_text(name));
    return entry != NULL ? locale->members[entry->value] : otherwise;
}

const char *ml_locale_member(const struct ml_locale *locale, const char *family, const char *member, const char *part,
                             const char *otherwise)
{
    char name[MAX_NAME];
    int n = snprintf(name, sizeof name, "%s.%s%s", family, member, part);
    return n > 0 && (size_t)n < sizeof name ? ml_locale_find(locale, name, otherwise) : otherwise;
}

void ml_locale_say(const struct ml_locale *locale, struct ml_buf *out, enum ml_text id, ...)
{
    const char *names[MAX_PLACES] = {NULL};
    const char *values[MAX_PLACES] = {NULL};
    size_t n = 0;
    va_list args;
    va_start(args, id);
    for (const char *name = va_arg(args, const char *); name != NULL && n < MAX_PLACES;
         name = va_arg(args, const char *)) {
        names[n] = name;
        values[n++] = va_arg(args, const char *);
    }
    va_end(args);
    const char *at = locale->texts[id];
    const char *open = NULL;
    size_t len = 0;
    for (; next_place(at, &open, &len); at = open + len + 2) {
        (void)ml_buf_add(out, at, (size_t)(open - at)); /* failures latch */
        for (size_t i = 0; i < n; i++) {
            if (strlen(names[i]) == len && memcmp(names[i], open + 1, len) == 0) {
                (void)ml_buf_add_text(out, values[i]);
            }
        }
    }
    (void)ml_buf_add_text(out, at);
}

struct ml_digits ml_digits_of(uint64_t number)
{
    struct ml_digits digits;
    (void)snprintf(digits.text, sizeof digits.text, "%llu", (unsigned long long)number);
    return digits;
}

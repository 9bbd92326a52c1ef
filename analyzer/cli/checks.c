/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/checks.h"

#include "core/buf.h"
#include "core/mem.h"
#include "core/safe.h"

#include <stdarg.h>
#include <stdio.h>

enum { MAX_LINE = 1024, MAX_SHOWN = 8, MAX_VALUE = 60, MAX_POINTER = 400, MAX_DEPTH = 70 };

static void say(const char *outcome, const char *format, va_list args)
{
    char line[MAX_LINE];
    struct ml_buf safe;
    ml_buf_init(&safe, 8 * MAX_LINE);
    (void)vsnprintf(line, sizeof line, format, args);
    ml_safe_add(&safe, ml_span_text(line), MAX_LINE);
    (void)printf("%-11s ", outcome); /* a failure is seen when stdout is flushed */
    (void)fwrite(safe.bytes, 1, safe.len, stdout);
    (void)putchar('\n');
    ml_buf_fini(&safe);
}

void ml_checks_fine(const struct ml_checks *checks, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (!checks->is_quiet) {
        say("fine", format, args);
    }
    va_end(args);
}

void ml_checks_skipped(const struct ml_checks *checks, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (!checks->is_quiet) {
        say("not checked", format, args);
    }
    va_end(args);
}

void ml_checks_failed(struct ml_checks *checks, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    checks->has_failed = true;
    say("FAILED", format, args);
    va_end(args);
}

/* --- differences --- */

struct walk {
    struct ml_checks *checks;
    size_t n_shown;
};

/* A value short enough for a line. */
static void value_text(const json_t *value, char out[MAX_VALUE + 8])
{
    char *text = value != NULL ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    const char *shown = text != NULL ? text : "nothing";
    (void)snprintf(out, MAX_VALUE + 8, "%.*s%s", MAX_VALUE, shown, strlen(shown) > MAX_VALUE ? "..." : "");
    ml_mem_free(text); /* given by jansson */
}

static void differ(struct walk *walk, const char *pointer, const json_t *told, const json_t *recomputed)
{
    char here[MAX_VALUE + 8];
    char there[MAX_VALUE + 8];
    if (walk->n_shown++ < MAX_SHOWN) {
        value_text(told, here);
        value_text(recomputed, there);
        ml_checks_failed(walk->checks, "recomputed body: %s: the report says %s, recomputed %s", pointer, here, there);
    }
}

static void compare(struct walk *walk, const char *pointer, const json_t *told, const json_t *recomputed,
                    unsigned depth);

/* RFC 6901, section 3: ~ and / of a name are escaped. */
static void step(char out[MAX_POINTER], const char *pointer, const char *name)
{
    size_t n = (size_t)snprintf(out, MAX_POINTER, "%.*s/", MAX_POINTER - 8, pointer);
    for (; *name != '\0' && n + 3 < MAX_POINTER; name++) {
        if (*name == '~' || *name == '/') {
            out[n++] = '~';
            out[n++] = *name == '~' ? '0' : '1';
        } else {
            out[n++] = *name;
        }
    }
    out[n] = '\0';
}

static void compare_objects(struct walk *walk, const char *pointer, const json_t *told, const json_t *recomputed,
                            unsigned depth)
{
    char path[MAX_POINTER];
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)(uintptr_t)told, name, value)
    { /* only reads; jansson's iterators lack const */
        step(path, pointer, name);
        compare(walk, path, value, json_object_get(recomputed, name), depth + 1);
    }
    json_object_foreach((json_t *)(uintptr_t)recomputed, name, value)
    {
        if (json_object_get(told, name) == NULL) {
            step(path, pointer, name);
            differ(walk, path, NULL, value);
        }
    }
}

static void compare_arrays(struct walk *walk, const char *pointer, const json_t *told, const json_t *recomputed,
                           unsigned depth)
{
    char path[MAX_POINTER];
    char number[24];
    size_t n_told = json_array_size(told);
    size_t n_recomputed = json_array_size(recomputed);
    for (size_t i = 0; i < n_told || i < n_recomputed; i++) {
        (void)snprintf(number, sizeof number, "%zu", i);
        step(path, pointer, number);
        compare(walk, path, json_array_get(told, i), json_array_get(recomputed, i), depth + 1);
    }
}

static void compare(struct walk *walk, const char *pointer, const json_t *told, const json_t *recomputed,
                    unsigned depth)
{
    if (told == NULL || recomputed == NULL || json_typeof(told) != json_typeof(recomputed) || depth > MAX_DEPTH) {
        differ(walk, pointer, told, recomputed);
    } else if (json_is_object(told)) {
        compare_objects(walk, pointer, told, recomputed, depth);
    } else if (json_is_array(told)) {
        compare_arrays(walk, pointer, told, recomputed, depth);
    } else if (json_equal(told, recomputed) == 0) {
        differ(walk, pointer, told, recomputed);
    }
}

void ml_checks_differences(struct ml_checks *checks, const json_t *told, const json_t *recomputed)
{
    struct walk walk = {.checks = checks};
    /* Another program, rule set or data set explains all the rest, so it comes first. */
    compare(&walk, "/tool", json_object_get(told, "tool"), json_object_get(recomputed, "tool"), 1);
    size_t n_tool = walk.n_shown;
    compare(&walk, "", told, recomputed, 0);
    size_t n = walk.n_shown - n_tool;
    if (n == 0) {
        ml_checks_failed(checks, "recomputed body: not the same bytes");
    } else if (walk.n_shown > MAX_SHOWN) {
        ml_checks_failed(checks, "recomputed body: %zu places differ in all", n);
    }
}

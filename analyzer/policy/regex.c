/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/regex.h"

#include "core/limits.h"
#include "core/mem.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

struct ml_regex {
    pcre2_general_context *context; /* owned; makes PCRE2 allocate where we do */
    pcre2_code *code;               /* owned */
    uint32_t shortest;              /* characters, so bytes too, that a match has at least */
};

struct ml_regex_scratch {
    pcre2_general_context *general; /* owned, as all */
    pcre2_match_context *limits;
    pcre2_match_data *data;
};

static void *allocate(size_t size, void *context)
{
    (void)context;
    return ml_mem_array(1, size);
}

static void release(void *block, void *context)
{
    (void)context;
    ml_mem_free(block);
}

void ml_regex_free(struct ml_regex *regex)
{
    if (regex != NULL) {
        pcre2_code_free(regex->code);
        pcre2_general_context_free(regex->context);
        ml_mem_free(regex);
    }
}

static uint32_t options_of(unsigned flags)
{
    uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
    options |= (flags & ML_REGEX_NOCASE) != 0 ? PCRE2_CASELESS : 0;
    options |= (flags & ML_REGEX_LINES) != 0 ? PCRE2_MULTILINE : 0;
    options |= (flags & ML_REGEX_DOTALL) != 0 ? PCRE2_DOTALL : 0;
    return options;
}

/* PCRE2's words for an error and where it stands. */
static enum ml_status explain(struct ml_error *error, int code, size_t offset)
{
    PCRE2_UCHAR message[128] = "";
    if (code == PCRE2_ERROR_NOMEMORY || code == PCRE2_ERROR_HEAP_FAILED) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    (void)pcre2_get_error_message(code, message, sizeof message); /* cut to fit */
    return ml_error_set(error, ML_BAD_INPUT, "%s at byte %zu", (const char *)message, offset);
}

enum ml_status ml_regex_new(struct ml_span pattern, unsigned flags, struct ml_regex **out, struct ml_error *error)
{
    *out = NULL;
    if (pattern.len > ML_MAX_REGEX_BYTES) {
        return ml_error_set(error, ML_LIMIT, "longer than %d bytes", ML_MAX_REGEX_BYTES);
    }
    struct ml_regex *regex = ml_mem_array(1, sizeof *regex);
    pcre2_compile_context *compile = NULL;
    enum ml_status status = ML_NO_MEMORY;
    int code = PCRE2_ERROR_NOMEMORY;
    size_t offset = 0;
    if (regex != NULL) {
        regex->context = pcre2_general_context_create(allocate, release, NULL);
    }
    if (regex != NULL && regex->context != NULL) {
        compile = pcre2_compile_context_create(regex->context);
    }
    if (compile != NULL) {
        regex->code = pcre2_compile(pattern.len != 0 ? pattern.ptr : (const uint8_t *)"", pattern.len,
                                    options_of(flags), &code, &offset, compile);
    }
    pcre2_compile_context_free(compile);
    if (regex == NULL || regex->code == NULL) {
        status = explain(error, code, offset);
        ml_regex_free(regex);
        return status;
    }
    (void)pcre2_pattern_info(regex->code, PCRE2_INFO_MINLENGTH, &regex->shortest); /* 0 where not known */
    *out = regex;
    return ML_OK;
}

struct ml_regex_scratch *ml_regex_scratch_new(void)
{
    struct ml_regex_scratch *scratch = ml_mem_array(1, sizeof *scratch);
    if (scratch == NULL) {
        return NULL;
    }
    scratch->general = pcre2_general_context_create(allocate, release, NULL);
    if (scratch->general != NULL) {
        scratch->limits = pcre2_match_context_create(scratch->general);
        scratch->data = pcre2_match_data_create(1, scratch->general);
    }
    if (scratch->limits == NULL || scratch->data == NULL) {
        ml_regex_scratch_free(scratch);
        return NULL;
    }
    (void)pcre2_set_match_limit(scratch->limits, ML_MAX_REGEX_STEPS); /* these three cannot fail */
    (void)pcre2_set_depth_limit(scratch->limits, ML_MAX_REGEX_STEPS);
    (void)pcre2_set_heap_limit(scratch->limits, ML_MAX_REGEX_HEAP_KIB);
    return scratch;
}

void ml_regex_scratch_free(struct ml_regex_scratch *scratch)
{
    if (scratch != NULL) {
        pcre2_match_data_free(scratch->data);
        pcre2_match_context_free(scratch->limits);
        pcre2_general_context_free(scratch->general);
        ml_mem_free(scratch);
    }
}

size_t ml_regex_shortest(const struct ml_regex *regex)
{
    return regex->shortest;
}

bool ml_regex_match(const struct ml_regex *regex, struct ml_regex_scratch *scratch, struct ml_span text,
                    uint64_t *limits)
{
    if (text.len < regex->shortest) {
        return false;
    }
    const uint8_t *bytes = text.len != 0 ? text.ptr : (const uint8_t *)"";
    int n = pcre2_match(regex->code, bytes, text.len, 0, 0, scratch->data, scratch->limits);
    if (n < 0 && n != PCRE2_ERROR_NOMATCH) {
        ++*limits;
    }
    return n >= 0; /* 0: matched, only the list of groups did not fit */
}

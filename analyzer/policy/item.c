/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/item.h"

#include "core/text.h"
#include "policy/regex.h"

#include <stdarg.h>
#include <stdio.h>

enum role { ROLE_TEST, ROLE_CHANGE, ROLE_ALL, ROLE_CASED, ROLE_NOT, ROLE_FIELDREF, ROLE_REGEX_FLAG, ROLE_UNSUPPORTED };

struct modifier {
    const char *name;
    enum role role;
    int which; /* enum ml_test, enum ml_change or flag */
};

static const struct modifier modifiers[] = {
    {"contains", ROLE_TEST, ML_TEST_CONTAINS},
    {"startswith", ROLE_TEST, ML_TEST_STARTSWITH},
    {"endswith", ROLE_TEST, ML_TEST_ENDSWITH},
    {"re", ROLE_TEST, ML_TEST_RE},
    {"cidr", ROLE_TEST, ML_TEST_CIDR},
    {"exists", ROLE_TEST, ML_TEST_EXISTS},
    {"lt", ROLE_TEST, ML_TEST_LT},
    {"lte", ROLE_TEST, ML_TEST_LTE},
    {"gt", ROLE_TEST, ML_TEST_GT},
    {"gte", ROLE_TEST, ML_TEST_GTE},
    {"expand", ROLE_CHANGE, ML_CHANGE_EXPAND},
    {"windash", ROLE_CHANGE, ML_CHANGE_WINDASH},
    {"base64", ROLE_CHANGE, ML_CHANGE_BASE64},
    {"base64offset", ROLE_CHANGE, ML_CHANGE_BASE64OFFSET},
    {"utf16le", ROLE_CHANGE, ML_CHANGE_UTF16LE},
    {"utf16be", ROLE_CHANGE, ML_CHANGE_UTF16BE},
    {"utf16", ROLE_CHANGE, ML_CHANGE_UTF16},
    {"wide", ROLE_CHANGE, ML_CHANGE_UTF16LE},
    {"all", ROLE_ALL, 0},
    {"cased", ROLE_CASED, 0},
    {"neq", ROLE_NOT, 0},
    {"fieldref", ROLE_FIELDREF, 0},
    {"i", ROLE_REGEX_FLAG, ML_REGEX_NOCASE},
    {"m", ROLE_REGEX_FLAG, ML_REGEX_LINES},
    {"s", ROLE_REGEX_FLAG, ML_REGEX_DOTALL},
    /* Parts of a date: no field here is a date. */
    {"minute", ROLE_UNSUPPORTED, 0},
    {"hour", ROLE_UNSUPPORTED, 0},
    {"day", ROLE_UNSUPPORTED, 0},
    {"week", ROLE_UNSUPPORTED, 0},
    {"month", ROLE_UNSUPPORTED, 0},
    {"year", ROLE_UNSUPPORTED, 0},
};

static const char *name_of(enum role role, int which, const char *otherwise)
{
    for (size_t i = 0; i < sizeof modifiers / sizeof modifiers[0]; i++) {
        if (modifiers[i].role == role && modifiers[i].which == which) {
            return modifiers[i].name;
        }
    }
    return otherwise;
}

const char *ml_test_name(enum ml_test test)
{
    return name_of(ROLE_TEST, (int)test, "equality");
}

const char *ml_change_name(enum ml_change change)
{
    return name_of(ROLE_CHANGE, (int)change, "");
}

const char *ml_shown(struct ml_span value, char out[ML_SHOWN])
{
    size_t n = 0;
    while (n < value.len) {
        size_t len = ml_utf8_length(ml_span_cut(value, n, 4));
        len = len != 0 ? len : 1;
        if (n + len > ML_SHOWN - 4) {
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

enum ml_status ml_refuse_key(const struct ml_yaml_file *file, const struct ml_yaml *node, enum ml_status status,
                             struct ml_error *error, const char *format, ...)
{
    if (error != NULL) {
        va_list args;
        va_start(args, format);
        (void)vsnprintf(error->text, sizeof error->text, format, args); /* a cut message is still a message */
        va_end(args);
        error->status = status;
        bool has_key = node->key_line != 0;
        ml_error_at(error, file->path, has_key ? node->key_line : node->line,
                    has_key ? node->key_column : node->column);
    }
    return status;
}

/* What stands before the next bar, which is dropped from *rest. */
static struct ml_span next_word(struct ml_span *rest)
{
    size_t bar = ml_span_find(*rest, ml_span_text("|"));
    struct ml_span word = ml_span_cut(*rest, 0, bar);
    *rest = ml_span_cut(*rest, bar + 1, rest->len);
    return word;
}

static const struct modifier *find(struct ml_span name)
{
    for (size_t i = 0; i < sizeof modifiers / sizeof modifiers[0]; i++) {
        if (ml_span_equal(name, ml_span_text(modifiers[i].name))) {
            return &modifiers[i];
        }
    }
    return NULL;
}

/* Adds a modifier to the item; NULL, or what is wrong with it. */
static const char *apply(struct ml_item *item, const struct modifier *modifier)
{
    bool is_again = false;
    switch (modifier->role) {
    case ROLE_TEST:
        if (item->test != ML_TEST_PLAIN) {
            return item->test == (enum ml_test)modifier->which ? "stands twice" : "excludes the one before it";
        }
        item->test = (enum ml_test)modifier->which;
        return NULL;
    case ROLE_CHANGE:
        for (size_t i = 0; i < item->n_changes; i++) {
            is_again |= item->changes[i] == (enum ml_change)modifier->which;
        }
        if (!is_again && modifier->which != ML_CHANGE_EXPAND && modifier->which != ML_CHANGE_WINDASH &&
            item->test != ML_TEST_PLAIN) {
            return "must stand before the comparison";
        }
        if (!is_again) {
            item->changes[item->n_changes++] = (enum ml_change)modifier->which;
        }
        break;
    case ROLE_ALL:
        is_again = item->is_all;
        item->is_all = true;
        break;
    case ROLE_CASED:
        is_again = item->is_cased;
        item->is_cased = true;
        break;
    case ROLE_NOT:
        is_again = item->is_negated;
        item->is_negated = true;
        break;
    case ROLE_FIELDREF:
        is_again = item->is_fieldref;
        item->is_fieldref = true;
        break;
    case ROLE_REGEX_FLAG:
        if (item->test != ML_TEST_RE) {
            return "stands only behind re";
        }
        is_again = (item->regex_flags & (unsigned)modifier->which) != 0;
        item->regex_flags |= (unsigned)modifier->which;
        break;
    case ROLE_UNSUPPORTED:
        break;
    }
    return is_again ? "stands twice" : NULL;
}

static bool is_text_test(enum ml_test test)
{
    return test <= ML_TEST_ENDSWITH;
}

/* NULL, or why these modifiers make no sense together. */
static const char *conflict(const struct ml_item *item)
{
    bool is_text = is_text_test(item->test);
    if (item->is_cased && !is_text) {
        return "cased needs a comparison of texts";
    }
    if (item->n_changes != 0 && !is_text && !(item->n_changes == 1 && item->changes[0] == ML_CHANGE_EXPAND)) {
        return "modifiers that change a value need a comparison of texts";
    }
    if (item->is_fieldref && (!is_text || item->n_changes != 0)) {
        return "fieldref goes with startswith, endswith, contains, cased and neq only";
    }
    if (item->test == ML_TEST_EXISTS && (item->is_all || item->is_negated || item->n_changes != 0)) {
        return "exists stands alone";
    }
    if (item->field.len == 0 && item->test != ML_TEST_PLAIN && item->test != ML_TEST_CONTAINS &&
        item->test != ML_TEST_RE) {
        return "keywords have no field to compare";
    }
    return item->field.len == 0 && item->is_fieldref ? "keywords have no field to compare" : NULL;
}

enum ml_status ml_item_parse(const struct ml_yaml_file *file, const struct ml_yaml *node, struct ml_item *out,
                             struct ml_error *error)
{
    struct ml_span rest = node->key;
    size_t bar = ml_span_find(rest, ml_span_text("|"));
    bool has_modifiers = bar < rest.len;
    *out = (struct ml_item){.field = next_word(&rest)};
    while (has_modifiers) {
        has_modifiers = ml_span_find(rest, ml_span_text("|")) < rest.len;
        struct ml_span word = next_word(&rest);
        const struct modifier *modifier = find(word);
        if (modifier == NULL) {
            char shown[ML_SHOWN];
            return ml_refuse_key(file, node, ML_BAD_INPUT, error, "unknown modifier '%s'", ml_shown(word, shown));
        }
        if (modifier->role == ROLE_UNSUPPORTED) {
            return ml_refuse_key(file, node, ML_UNSUPPORTED, error,
                                 "modifier '%s' is not supported: no field is a date", modifier->name);
        }
        const char *problem = apply(out, modifier);
        if (problem != NULL) {
            return ml_refuse_key(file, node, ML_BAD_INPUT, error, "modifier '%s' %s", modifier->name, problem);
        }
    }
    const char *problem = conflict(out);
    return problem == NULL ? ML_OK : ml_refuse_key(file, node, ML_BAD_INPUT, error, "%s", problem);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/value.h"

#include "core/mem.h"
#include "core/text.h"

static enum ml_type type_of(enum ml_field field)
{
    return field != ML_FIELD_NONE ? ml_field_info(field)->type : ML_TYPE_TEXT;
}

static bool is_compare(enum ml_test test)
{
    return test >= ML_TEST_LT;
}

static const char *type_text(enum ml_type type)
{
    static const char *const texts[] = {
        [ML_TYPE_TEXT] = "a text",
        [ML_TYPE_NUMBER] = "a number",
        [ML_TYPE_ADDRESS] = "an address",
        [ML_TYPE_TRUTH] = "true or false",
    };
    return texts[type];
}

enum ml_status ml_value_check(const struct ml_compiler *c, const struct ml_item *item, enum ml_field field,
                              const struct ml_yaml *node)
{
    enum ml_type type = type_of(field);
    const char *name = field != ML_FIELD_NONE ? ml_field_info(field)->name : "";
    bool fits = true;
    if (is_compare(item->test)) {
        fits = type == ML_TYPE_NUMBER;
    } else if (item->test == ML_TEST_CIDR) {
        fits = type == ML_TYPE_ADDRESS || type == ML_TYPE_TEXT;
    } else if (type == ML_TYPE_TRUTH) {
        fits = item->test == ML_TEST_PLAIN || item->test == ML_TEST_EXISTS;
    }
    if (!fits) {
        return ml_refuse_key(c->file, node, ML_BAD_INPUT, c->error, "modifier '%s' does not fit '%s', which is %s",
                             ml_test_name(item->test), name, type_text(type));
    }
    for (size_t i = 0; i < item->n_changes; i++) {
        if (item->changes[i] != ML_CHANGE_EXPAND && type != ML_TYPE_TEXT) {
            return ml_refuse_key(c->file, node, ML_BAD_INPUT, c->error, "modifier '%s' does not fit '%s', which is %s",
                                 ml_change_name(item->changes[i]), name, type_text(type));
        }
    }
    return ML_OK;
}

static enum ml_status no_memory(struct ml_value_sink *sink)
{
    return ml_error_set(sink->compiler->error, ML_NO_MEMORY, "out of memory");
}

static enum ml_status refuse(struct ml_value_sink *sink, const struct ml_yaml *node, enum ml_status status,
                             struct ml_span value, const char *what)
{
    char shown[ML_SHOWN];
    struct ml_error *error = sink->compiler->error;
    (void)ml_yaml_refuse(sink->compiler->file, node, error, "'%s' %s", ml_shown(value, shown), what);
    if (error != NULL) {
        error->status = status;
    }
    return status;
}

static struct ml_atom *new_atom(struct ml_value_sink *sink, enum ml_atom_kind kind)
{
    struct ml_atom *atom = ml_arena_get(sink->compiler->arena, sizeof *atom);
    if (atom != NULL) {
        atom->kind = kind;
        atom->is_cased = sink->item->is_cased;
    }
    return atom;
}

/* Hangs an atom on the predicate, to be tested on demand. */
static enum ml_status add_atom(struct ml_value_sink *sink, struct ml_atom *atom)
{
    if (atom == NULL) {
        return no_memory(sink);
    }
    *(sink->last != NULL ? &sink->last->next : &sink->first) = atom;
    sink->last = atom;
    return ML_OK;
}

/* Makes a key of the index lead to the predicate; `atom` (may be NULL) has the last word. */
static enum ml_status post(struct ml_value_sink *sink, uint32_t entry, struct ml_atom *atom)
{
    if (atom != NULL) {
        atom->number = sink->compiler->program->n_atoms++;
    }
    return ml_program_post(sink->index, entry, sink->predicate, atom) ? ML_OK : no_memory(sink);
}

static enum ml_status post_text(struct ml_value_sink *sink, enum ml_key_kind kind, struct ml_span key,
                                struct ml_atom *atom)
{
    uint32_t entry = 0;
    sink->index->wants_text |= type_of(sink->field) != ML_TYPE_TEXT;
    return ml_index_add(&sink->index->index, kind, key, &entry) ? post(sink, entry, atom) : no_memory(sink);
}

/* --- texts --- */

/* The pattern as atom: a copy that stays. */
static struct ml_atom *pattern_atom(struct ml_value_sink *sink, const struct ml_pattern *pattern)
{
    struct ml_atom *atom = new_atom(sink, ML_ATOM_PATTERN);
    bool ok = atom != NULL && ml_pattern_wrap(sink->compiler->arena, pattern, false, false, &atom->pattern);
    return ok ? atom : NULL;
}

/* The literal part of a pattern, folded, in scratch memory. */
static struct ml_span literal_of(struct ml_value_sink *sink, const struct ml_pattern *pattern, size_t from, size_t len)
{
    uint8_t *bytes = ml_arena_bytes(&sink->compiler->scratch, 2 * len + 1);
    if (bytes == NULL) {
        return ml_span_of(NULL, 0);
    }
    ml_pattern_bytes(pattern, from, len, bytes);
    ml_fold(ml_span_of(bytes, len), bytes + len);
    return ml_span_of(bytes + len, len);
}

static enum ml_status add_pattern(struct ml_value_sink *sink, const struct ml_yaml *node,
                                  const struct ml_pattern *value)
{
    static const enum ml_key_kind kinds[] = {
        [ML_SHAPE_EQUAL] = ML_KEY_EQUAL,
        [ML_SHAPE_PREFIX] = ML_KEY_PREFIX,
        [ML_SHAPE_SUFFIX] = ML_KEY_SUFFIX,
        [ML_SHAPE_PART] = ML_KEY_PART,
    };
    enum ml_test test = sink->item->test;
    bool is_keyword = sink->field == ML_FIELD_NONE;
    bool in_front = is_keyword || test == ML_TEST_CONTAINS || test == ML_TEST_ENDSWITH;
    bool behind = is_keyword || test == ML_TEST_CONTAINS || test == ML_TEST_STARTSWITH;
    struct ml_pattern pattern;
    if (value->len > ML_MAX_TEXT) {
        return refuse(sink, node, ML_LIMIT, node->text, "is longer than a text can be");
    }
    if (!ml_pattern_wrap(&sink->compiler->scratch, value, in_front, behind, &pattern)) {
        return no_memory(sink);
    }
    if (!sink->item->is_cased) {
        ml_pattern_fold(&pattern);
    }
    size_t from = 0;
    size_t len = 0;
    bool is_all = false;
    enum ml_shape shape = ml_pattern_shape(&pattern, &from, &len, &is_all);
    if (shape == ML_SHAPE_NONE) {
        return add_atom(sink, is_all ? new_atom(sink, ML_ATOM_PRESENT) : pattern_atom(sink, &pattern));
    }
    struct ml_span literal = literal_of(sink, &pattern, from, len);
    struct ml_atom *atom = is_all && !sink->item->is_cased ? NULL : pattern_atom(sink, &pattern);
    if (literal.ptr == NULL || (atom == NULL && (!is_all || sink->item->is_cased))) {
        return no_memory(sink);
    }
    return post_text(sink, kinds[shape], literal, atom);
}

/* Applies one modifier to all values. */
static enum ml_status change(struct ml_value_sink *sink, enum ml_change change, struct ml_values *values,
                             const struct ml_yaml *node)
{
    struct ml_arena *arena = &sink->compiler->scratch;
    enum ml_status status = ML_OK;
    size_t culprit = 0;
    switch (change) {
    case ML_CHANGE_WINDASH:
        status = ml_transform_windash(arena, values, &culprit);
        break;
    case ML_CHANGE_BASE64:
        status = ml_transform_base64(arena, values, &culprit);
        break;
    case ML_CHANGE_BASE64OFFSET:
        status = ml_transform_base64offset(arena, values, &culprit);
        break;
    case ML_CHANGE_UTF16LE:
        status = ml_transform_utf16(arena, values, ML_UTF16_LE, &culprit);
        break;
    case ML_CHANGE_UTF16BE:
        status = ml_transform_utf16(arena, values, ML_UTF16_BE, &culprit);
        break;
    case ML_CHANGE_UTF16:
        status = ml_transform_utf16(arena, values, ML_UTF16_MARK, &culprit);
        break;
    case ML_CHANGE_EXPAND: /* was done on the text */
    case ML_N_CHANGES:
        break;
    }
    if (status == ML_BAD_INPUT) {
        return refuse(sink, node, status, node->text, "has a wildcard, or is too short, and cannot be encoded");
    }
    if (status == ML_LIMIT) {
        return refuse(sink, node, status, node->text, "has too many spellings");
    }
    return status == ML_OK ? ML_OK : no_memory(sink);
}

static enum ml_status add_text(struct ml_value_sink *sink, const struct ml_yaml *node, struct ml_span text)
{
    struct ml_values values = {0};
    struct ml_pattern pattern;
    bool ok = ml_pattern_parse(&sink->compiler->scratch, text, &pattern) && ml_values_add(&values, &pattern);
    enum ml_status status = ok ? ML_OK : no_memory(sink);
    for (size_t i = 0; i < sink->item->n_changes && status == ML_OK; i++) {
        status = change(sink, sink->item->changes[i], &values, node);
    }
    for (size_t i = 0; i < values.n && status == ML_OK; i++) {
        status = add_pattern(sink, node, &values.items[i]);
    }
    ml_values_fini(&values);
    return status;
}

static bool has_wildcard(struct ml_span text)
{
    return text.len != 0 && (memchr(text.ptr, '*', text.len) != NULL || memchr(text.ptr, '?', text.len) != NULL);
}

/* --- numbers, addresses, truth --- */

static enum ml_status add_plain(struct ml_value_sink *sink, const struct ml_yaml *node, struct ml_span text)
{
    enum ml_type type = type_of(sink->field);
    uint32_t entry = 0;
    uint64_t number = 0;
    struct ml_ip ip;
    bool ok = false;
    if (type == ML_TYPE_TRUTH) {
        number = ml_span_equal_nocase(text, ml_span_text("true"));
        if (number == 0 && !ml_span_equal_nocase(text, ml_span_text("false"))) {
            return refuse(sink, node, ML_BAD_INPUT, text, "is neither true nor false");
        }
        ok = ml_index_add_number(&sink->index->index, number, &entry);
    } else if (type == ML_TYPE_NUMBER) {
        if (!ml_decimal_read(text, &number)) {
            return refuse(sink, node, ML_BAD_INPUT, text, "is no whole number from 0");
        }
        ok = ml_index_add_number(&sink->index->index, number, &entry);
    } else {
        if (!ml_ip_parse(text, &ip)) {
            return refuse(sink, node, ML_BAD_INPUT, text, "is no address (networks take the modifier cidr)");
        }
        ok = ml_index_add_net(&sink->index->index, &ip, ip.family == 4 ? 32 : 128, &entry);
    }
    return ok ? post(sink, entry, NULL) : no_memory(sink);
}

static enum ml_status add_net(struct ml_value_sink *sink, const struct ml_yaml *node, struct ml_span text)
{
    struct ml_ip ip;
    unsigned bits = 0;
    uint32_t entry = 0;
    if (!ml_ip_prefix_parse(text, &ip, &bits)) {
        return refuse(sink, node, ML_BAD_INPUT, text, "is no network (or has bits set behind its prefix)");
    }
    return ml_index_add_net(&sink->index->index, &ip, bits, &entry) ? post(sink, entry, NULL) : no_memory(sink);
}

static enum ml_status add_compare(struct ml_value_sink *sink, const struct ml_yaml *node, struct ml_span text)
{
    bool is_negative = ml_span_starts(text, "-");
    uint64_t size = 0;
    if (!ml_decimal_read(ml_span_cut(text, is_negative, text.len), &size) || size > INT64_MAX) {
        return refuse(sink, node, ML_BAD_INPUT, text, "is no whole number");
    }
    struct ml_atom *atom = new_atom(sink, ML_ATOM_COMPARE);
    if (atom != NULL) {
        atom->operation = (int)sink->item->test;
        atom->bound = is_negative ? -(int64_t)size : (int64_t)size;
    }
    return add_atom(sink, atom);
}

/* --- the rest --- */

static enum ml_status keep_regex(struct ml_value_sink *sink, struct ml_regex *regex)
{
    struct ml_regexes *regexes = sink->compiler->regexes;
    struct ml_regex **items = ml_mem_grow(regexes->items, regexes->n, &regexes->n_room, 16, sizeof *items);
    if (items == NULL) {
        ml_regex_free(regex);
        return no_memory(sink);
    }
    regexes->items = items;
    regexes->items[regexes->n++] = regex;
    return ML_OK;
}

static enum ml_status add_regex(struct ml_value_sink *sink, const struct ml_yaml *node, struct ml_span text)
{
    struct ml_regex *regex = NULL;
    struct ml_error why = {0};
    unsigned flags = sink->item->regex_flags;
    enum ml_status status = ml_regex_new(text, flags, &regex, &why);
    if (status != ML_OK) {
        char shown[ML_SHOWN];
        (void)ml_yaml_refuse(sink->compiler->file, node, sink->compiler->error, "regular expression '%s': %s",
                             ml_shown(text, shown), why.text);
        if (sink->compiler->error != NULL) {
            sink->compiler->error->status = status;
        }
        return status;
    }
    status = keep_regex(sink, regex);
    if (status != ML_OK) {
        return status;
    }
    struct ml_atom *atom = new_atom(sink, ML_ATOM_REGEX);
    uint8_t *literal = ml_arena_bytes(&sink->compiler->scratch, 2 * text.len + 1);
    if (atom == NULL || literal == NULL) {
        return no_memory(sink);
    }
    atom->regex = regex;
    atom->memo = sink->compiler->program->n_memos++;
    size_t len = ml_regex_literal(text, flags, literal);
    if (len == 0) {
        return add_atom(sink, atom);
    }
    ml_fold(ml_span_of(literal, len), literal + len);
    return post_text(sink, ML_KEY_PART, ml_span_of(literal + len, len), atom);
}

static enum ml_status add_fieldref(struct ml_value_sink *sink, const struct ml_yaml *node)
{
    struct ml_compiler *c = sink->compiler;
    enum ml_field other = ml_compile_field(c->file, node, false, node->text, c->category, c->error);
    if (other == ML_FIELD_NONE) {
        return ML_BAD_INPUT;
    }
    if (type_of(other) != type_of(sink->field)) {
        return refuse(sink, node, ML_BAD_INPUT, node->text, "is a field of another type");
    }
    struct ml_atom *atom = new_atom(sink, ML_ATOM_FIELDREF);
    if (atom != NULL) {
        atom->other = other;
        atom->operation = (int)sink->item->test;
    }
    return add_atom(sink, atom);
}

static enum ml_status add_exists(struct ml_value_sink *sink, const struct ml_yaml *node)
{
    bool wanted = false;
    if (!ml_yaml_truth(node, &wanted)) {
        return refuse(sink, node, ML_BAD_INPUT, node->text, "is neither true nor false");
    }
    return add_atom(sink, new_atom(sink, wanted ? ML_ATOM_PRESENT : ML_ATOM_ABSENT));
}

/* One text after expansion. */
static enum ml_status add_one(struct ml_value_sink *sink, const struct ml_yaml *node, struct ml_span text)
{
    enum ml_test test = sink->item->test;
    if (++sink->n_values > ML_MAX_RULE_VALUES) {
        return refuse(sink, node, ML_LIMIT, text, "is one value too many");
    }
    if (is_compare(test)) {
        return add_compare(sink, node, text);
    }
    if (test == ML_TEST_CIDR) {
        return add_net(sink, node, text);
    }
    if (test == ML_TEST_RE) {
        return add_regex(sink, node, text);
    }
    bool is_plain = test == ML_TEST_PLAIN && type_of(sink->field) != ML_TYPE_TEXT;
    if (is_plain && (type_of(sink->field) == ML_TYPE_TRUTH || !has_wildcard(text))) {
        return add_plain(sink, node, text);
    }
    return add_text(sink, node, text);
}

static enum ml_status add_expanded(struct ml_value_sink *sink, const struct ml_yaml *node)
{
    struct ml_span *texts = NULL;
    size_t n = 0;
    struct ml_error why = {0};
    enum ml_status status = ml_lists_expand(sink->compiler->lists, node->text, &texts, &n, &why);
    if (status != ML_OK) {
        (void)ml_yaml_refuse(sink->compiler->file, node, sink->compiler->error, "%s", why.text);
        if (sink->compiler->error != NULL) {
            sink->compiler->error->status = status;
        }
        return status;
    }
    for (size_t i = 0; i < n && status == ML_OK; i++) {
        status = add_one(sink, node, texts[i]);
    }
    ml_mem_free(texts);
    return status;
}

enum ml_status ml_value_add(struct ml_value_sink *sink, const struct ml_yaml *node)
{
    const struct ml_item *item = sink->item;
    if (node->kind != ML_YAML_SCALAR) {
        return ml_yaml_refuse(sink->compiler->file, node, sink->compiler->error, "a %s where a value belongs",
                              node->kind == ML_YAML_MAP ? "map" : "list");
    }
    if (item->test == ML_TEST_EXISTS) {
        return add_exists(sink, node);
    }
    if (ml_yaml_is_null(node)) {
        bool is_plain = item->test == ML_TEST_PLAIN && !item->is_fieldref && item->n_changes == 0;
        if (!is_plain || sink->field == ML_FIELD_NONE) {
            return ml_yaml_refuse(sink->compiler->file, node, sink->compiler->error,
                                  "null can only be compared with a field that has no modifier");
        }
        return add_atom(sink, new_atom(sink, ML_ATOM_ABSENT));
    }
    if (item->is_fieldref) {
        return add_fieldref(sink, node);
    }
    for (size_t i = 0; i < item->n_changes; i++) {
        if (item->changes[i] == ML_CHANGE_EXPAND) {
            return add_expanded(sink, node);
        }
    }
    return add_one(sink, node, node->text);
}

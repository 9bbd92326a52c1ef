/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/condition.h"

#include "core/limits.h"
#include "core/text.h"
#include "policy/item.h"

struct parser {
    struct ml_arena *arena;
    const struct ml_yaml_file *file;
    const struct ml_yaml *node;
    const struct ml_selection *selections;
    struct ml_error *error;
    size_t at;           /* where the next word is looked for */
    struct ml_span word; /* the next word; empty at the end */
    size_t word_at;
    size_t depth;
    size_t n_terms;
    enum ml_status status; /* of the first failure */
};

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* Reads the next word: a parenthesis, a bar, or all bytes up to a blank or one of those. */
static void advance(struct parser *p)
{
    struct ml_span text = p->node->text;
    while (p->at < text.len && is_blank(text.ptr[p->at])) {
        p->at++;
    }
    size_t from = p->at;
    while (p->at < text.len && !is_blank(text.ptr[p->at])) {
        bool is_mark = memchr("()|", text.ptr[p->at], 3) != NULL;
        if (is_mark && p->at > from) {
            break;
        }
        p->at++;
        if (is_mark) {
            break;
        }
    }
    p->word = ml_span_cut(text, from, p->at - from);
    p->word_at = from;
}

/* Latches a failure at the current word; returns NULL. */
static struct ml_expr *refuse(struct parser *p, enum ml_status status, const char *what)
{
    char shown[ML_SHOWN];
    if (p->status != ML_OK) {
        return NULL;
    }
    p->status = status;
    if (status == ML_NO_MEMORY) {
        (void)ml_error_set(p->error, status, "out of memory");
        return NULL;
    }
    bool is_end = p->word.len == 0;
    (void)ml_error_set(p->error, status, is_end ? "condition: %s at its end" : "condition: %s '%s'", what,
                       ml_shown(p->word, shown));
    /* Only a text in one line tells where its bytes stand in the file. */
    bool in_line = memchr(p->node->text.ptr, '\n', p->node->text.len) == NULL;
    size_t column = p->node->column + (in_line ? p->word_at + p->node->is_quoted : 0);
    ml_error_at(p->error, p->file->path, p->node->line, (unsigned)column);
    return NULL;
}

static struct ml_expr *new_node(struct parser *p, enum ml_expr_kind kind, uint32_t number)
{
    if (++p->n_terms > ML_MAX_CONDITION_TERMS) {
        return refuse(p, ML_LIMIT, "too many terms at");
    }
    struct ml_expr *node = ml_expr_new(p->arena, kind, number);
    return node != NULL ? node : refuse(p, ML_NO_MEMORY, "");
}

static bool add(struct parser *p, struct ml_expr *parent, const struct ml_expr *child)
{
    if (++p->n_terms > ML_MAX_CONDITION_TERMS) {
        (void)refuse(p, ML_LIMIT, "too many terms at");
        return false;
    }
    if (!ml_expr_add(p->arena, parent, child)) {
        (void)refuse(p, ML_NO_MEMORY, "");
        return false;
    }
    return true;
}

static bool is_word(struct ml_span word, const char *keyword)
{
    return ml_span_equal_nocase(word, ml_span_text(keyword));
}

/* `*` stands for any bytes; nothing else is special in a name pattern. */
static bool name_fits(struct ml_span pattern, struct ml_span name)
{
    size_t at = 0;
    size_t i = 0;
    size_t star = SIZE_MAX;
    size_t star_at = 0;
    while (at < name.len || i < pattern.len) {
        if (i < pattern.len && pattern.ptr[i] == '*') {
            star = ++i;
            star_at = at;
        } else if (i < pattern.len && at < name.len && pattern.ptr[i] == name.ptr[at]) {
            i++;
            at++;
        } else if (star != SIZE_MAX && star_at < name.len) {
            i = star;
            at = ++star_at;
        } else {
            return false;
        }
    }
    return true;
}

/* After "of": all selections the target names, below a node of the given kind. */
static const struct ml_expr *parse_target(struct parser *p, enum ml_expr_kind kind, uint32_t number)
{
    if (p->word.len == 0 || memchr("()|", p->word.ptr[0], 3) != NULL) {
        return refuse(p, ML_BAD_INPUT, "a name or `them` must follow `of`, not");
    }
    bool is_them = is_word(p->word, "them");
    struct ml_expr *node = new_node(p, kind, number);
    uint32_t n = 0;
    for (const struct ml_selection *s = p->selections; s != NULL && node != NULL; s = s->next) {
        bool fits = is_them ? s->name.len == 0 || s->name.ptr[0] != '_' : name_fits(p->word, s->name);
        if (fits && !add(p, node, s->expr)) {
            return NULL;
        }
        n += fits;
    }
    if (node == NULL) {
        return NULL;
    }
    if (n == 0) {
        return refuse(p, ML_BAD_INPUT, "no selection is meant by");
    }
    if (kind == ML_EXPR_AT_LEAST && number > n) {
        return refuse(p, ML_BAD_INPUT, "asks for more selections than are meant by");
    }
    advance(p);
    return ml_expr_simple(node);
}

static const struct ml_expr *parse_or(struct parser *p);

static const struct ml_expr *parse_name(struct parser *p)
{
    for (const struct ml_selection *s = p->selections; s != NULL; s = s->next) {
        if (ml_span_equal(s->name, p->word)) {
            advance(p);
            return s->expr;
        }
    }
    return refuse(p, ML_BAD_INPUT, "there is no selection");
}

static const struct ml_expr *parse_group(struct parser *p)
{
    advance(p);
    const struct ml_expr *inner = parse_or(p);
    if (inner == NULL) {
        return NULL;
    }
    if (!is_word(p->word, ")")) {
        return refuse(p, ML_BAD_INPUT, "a closing parenthesis is missing before");
    }
    advance(p);
    return inner;
}

/* A word before "of", and what follows. */
static const struct ml_expr *parse_quantity(struct parser *p)
{
    uint64_t number = 1;
    bool is_all = is_word(p->word, "all");
    if (!is_all && !is_word(p->word, "any") &&
        (!ml_decimal_read(p->word, &number) || number == 0 || number > UINT32_MAX)) {
        return refuse(p, ML_BAD_INPUT, "1, any, all or a number must stand before `of`, not");
    }
    advance(p);
    advance(p);
    if (is_all) {
        return parse_target(p, ML_EXPR_AND, 0);
    }
    return number == 1 ? parse_target(p, ML_EXPR_OR, 0) : parse_target(p, ML_EXPR_AT_LEAST, (uint32_t)number);
}

static const struct ml_expr *parse_primary(struct parser *p)
{
    if (p->word.len == 0) {
        return refuse(p, ML_BAD_INPUT, "a selection is missing");
    }
    if (is_word(p->word, "(")) {
        return parse_group(p);
    }
    /* A selection may be called "all": only "of" behind it makes it a quantity. */
    struct parser ahead = *p;
    advance(&ahead);
    if (is_word(ahead.word, "of")) {
        return parse_quantity(p);
    }
    return parse_name(p);
}

static const struct ml_expr *parse_not(struct parser *p)
{
    if (p->depth == ML_MAX_CONDITION_DEPTH) {
        return refuse(p, ML_LIMIT, "nested too deeply at");
    }
    p->depth++;
    const struct ml_expr *result = NULL;
    if (is_word(p->word, "not")) {
        advance(p);
        const struct ml_expr *inner = parse_not(p);
        struct ml_expr *node = inner != NULL ? new_node(p, ML_EXPR_NOT, 0) : NULL;
        result = node != NULL && add(p, node, inner) ? node : NULL;
    } else {
        result = parse_primary(p);
    }
    p->depth--;
    return result;
}

/* Terms joined by one word, each read by `next`. */
static const struct ml_expr *parse_chain(struct parser *p, const char *word, enum ml_expr_kind kind,
                                         const struct ml_expr *(*next)(struct parser *p))
{
    const struct ml_expr *first = next(p);
    if (first == NULL || !is_word(p->word, word)) {
        return first;
    }
    struct ml_expr *node = new_node(p, kind, 0);
    if (node == NULL || !add(p, node, first)) {
        return NULL;
    }
    while (is_word(p->word, word)) {
        advance(p);
        const struct ml_expr *term = next(p);
        if (term == NULL || !add(p, node, term)) {
            return NULL;
        }
    }
    return node;
}

static const struct ml_expr *parse_and(struct parser *p)
{
    return parse_chain(p, "and", ML_EXPR_AND, parse_not);
}

static const struct ml_expr *parse_or(struct parser *p)
{
    return parse_chain(p, "or", ML_EXPR_OR, parse_and);
}

enum ml_status ml_condition_parse(struct ml_arena *arena, const struct ml_yaml_file *file, const struct ml_yaml *node,
                                  const struct ml_selection *selections, const struct ml_expr **out,
                                  struct ml_error *error)
{
    struct parser p = {
        .arena = arena, .file = file, .node = node, .selections = selections, .error = error, .status = ML_OK};
    *out = NULL;
    advance(&p);
    const struct ml_expr *expr = parse_or(&p);
    if (expr != NULL && (is_word(p.word, "|") || is_word(p.word, "near"))) {
        (void)refuse(&p, ML_UNSUPPORTED, "aggregations are not supported (use a correlation rule), found");
    } else if (expr != NULL && p.word.len != 0) {
        (void)refuse(&p, ML_BAD_INPUT, "and, or, or the end is missing before");
    }
    if (p.status == ML_OK) {
        *out = expr;
    }
    return p.status;
}

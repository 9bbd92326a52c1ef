/* SPDX-License-Identifier: Apache-2.0 */
#include "classify/names.h"

#include "core/mem.h"
#include "core/text.h"

enum {
    LARGEST_PATTERN = 255,
    LARGEST_LABEL = 63, /* RFC 1035, section 2.3.4 */
    MOST_PATTERNS = 1 << 20,
    FIRST_ROOM = 64
};

/* What ends in one suffix. Values are stored plus one, so that 0 is "none". */
struct ml_name_node {
    uint32_t host;
    uint32_t domain;
    uint32_t stars; /* first star for the label left of the suffix, plus one */
};

struct ml_name_star {
    struct ml_span before, after; /* text of the label on both sides of the star */
    uint32_t host;
    uint32_t domain;
    uint32_t next;
};

void ml_names_init(struct ml_names *names)
{
    *names = (struct ml_names){0};
    ml_map_init(&names->suffixes, MOST_PATTERNS);
    ml_arena_init(&names->arena, false);
}

void ml_names_fini(struct ml_names *names)
{
    ml_map_fini(&names->suffixes);
    ml_arena_fini(&names->arena);
    ml_mem_free(names->nodes);
    ml_mem_free(names->stars);
    *names = (struct ml_names){0};
}

/* Start of the label that ends before `end`. */
static size_t label_start(struct ml_span host, size_t end)
{
    while (end > 0 && host.ptr[end - 1] != '.') {
        end--;
    }
    return end;
}

static bool is_label_byte(uint8_t byte)
{
    return ml_is_digit(byte) || (byte >= 'a' && byte <= 'z') || byte == '-' || byte == '_';
}

/* Labels of a pattern without its leading dot; *star is the position of the star, or text.len. */
static bool check(struct ml_span text, size_t *star)
{
    *star = text.len;
    size_t len = 0;
    size_t n_labels = 1;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '.') {
            if (len == 0 || len > LARGEST_LABEL) {
                return false;
            }
            len = 0;
            n_labels++;
            continue;
        }
        if (text.ptr[i] == '*') {
            /* One, and with the label it stands in leftmost. */
            if (*star != text.len || n_labels != 1) {
                return false;
            }
            *star = i;
        } else if (!is_label_byte(text.ptr[i])) {
            return false;
        }
        len++;
    }
    /* A whole top-level domain is never one company's. */
    return len != 0 && len <= LARGEST_LABEL && n_labels > 1 && text.len <= LARGEST_PATTERN;
}

/* Node of a suffix, made when it is new. NULL: no memory. Borrowed until the next call. */
static struct ml_name_node *node_for(struct ml_names *names, struct ml_span suffix)
{
    struct ml_name_node *nodes =
        ml_mem_grow(names->nodes, names->n_nodes, &names->node_room, FIRST_ROOM, sizeof *nodes);
    if (nodes == NULL) {
        return NULL;
    }
    names->nodes = nodes;
    bool is_new = false;
    struct ml_map_entry *entry = ml_map_add(&names->suffixes, suffix, (uint32_t)names->n_nodes, &is_new);
    if (entry == NULL) {
        return NULL;
    }
    if (is_new) {
        nodes[names->n_nodes++] = (struct ml_name_node){0};
    }
    return &nodes[entry->value];
}

/* All shorter suffixes get a node too: a walk ends at the first suffix without one. */
static struct ml_name_node *node_with_parents(struct ml_names *names, struct ml_span suffix)
{
    for (size_t at = label_start(suffix, suffix.len); at > 0; at = label_start(suffix, at - 1)) {
        if (node_for(names, ml_span_cut(suffix, at, suffix.len)) == NULL) {
            return NULL;
        }
    }
    return node_for(names, suffix);
}

static enum ml_status set_once(uint32_t *slot, uint32_t value)
{
    if (*slot != 0) {
        return ML_LIMIT;
    }
    *slot = value + 1;
    return ML_OK;
}

/* The star with these texts below the node, made when it is new. */
static struct ml_name_star *star_for(struct ml_names *names, struct ml_name_node *node, struct ml_span before,
                                     struct ml_span after)
{
    for (uint32_t i = node->stars; i != 0; i = names->stars[i - 1].next) {
        if (ml_span_equal(names->stars[i - 1].before, before) && ml_span_equal(names->stars[i - 1].after, after)) {
            return &names->stars[i - 1];
        }
    }
    struct ml_name_star *stars =
        ml_mem_grow(names->stars, names->n_stars, &names->star_room, FIRST_ROOM, sizeof *stars);
    if (stars == NULL) {
        return NULL;
    }
    names->stars = stars;
    struct ml_name_star star = {.before = ml_arena_copy(&names->arena, before),
                                .after = ml_arena_copy(&names->arena, after),
                                .next = node->stars};
    if (star.before.ptr == NULL || star.after.ptr == NULL) {
        return NULL;
    }
    stars[names->n_stars++] = star;
    node->stars = (uint32_t)names->n_stars;
    return &stars[names->n_stars - 1];
}

enum ml_status ml_names_add(struct ml_names *names, struct ml_span pattern, uint32_t value)
{
    bool is_domain = pattern.len > 0 && pattern.ptr[0] == '.';
    struct ml_span text = ml_span_cut(pattern, is_domain, pattern.len);
    size_t star = 0;
    if (!check(text, &star)) {
        return ML_BAD_INPUT;
    }
    if (star == text.len) {
        struct ml_name_node *node = node_with_parents(names, text);
        return node == NULL ? ML_NO_MEMORY : set_once(is_domain ? &node->domain : &node->host, value);
    }
    size_t label = 0;
    while (text.ptr[label] != '.') {
        label++;
    }
    struct ml_name_node *node = node_with_parents(names, ml_span_cut(text, label + 1, text.len));
    if (node == NULL) {
        return ML_NO_MEMORY;
    }
    struct ml_name_star *found =
        star_for(names, node, ml_span_cut(text, 0, star), ml_span_cut(text, star + 1, label - star - 1));
    return found == NULL ? ML_NO_MEMORY : set_once(is_domain ? &found->domain : &found->host, value);
}

static bool does_star_fit(const struct ml_name_star *star, struct ml_span label)
{
    return label.len >= star->before.len + star->after.len &&
           ml_span_equal(ml_span_cut(label, 0, star->before.len), star->before) &&
           ml_span_equal(ml_span_cut(label, label.len - star->after.len, star->after.len), star->after);
}

/* Of the stars that fit the label left of a suffix, the one with most text; the first one added on a tie. */
static uint32_t best_star(const struct ml_names *names, const struct ml_name_node *node, struct ml_span label,
                          bool is_first_label)
{
    uint32_t best = 0;
    size_t best_len = 0;
    for (uint32_t i = node->stars; i != 0; i = names->stars[i - 1].next) {
        const struct ml_name_star *star = &names->stars[i - 1];
        uint32_t value = is_first_label && star->host != 0 ? star->host : star->domain;
        size_t len = star->before.len + star->after.len;
        /* The list runs from the last added to the first. */
        if (value != 0 && does_star_fit(star, label) && (best == 0 || len >= best_len)) {
            best = value;
            best_len = len;
        }
    }
    return best;
}

bool ml_names_find(const struct ml_names *names, struct ml_span host, uint32_t *value)
{
    uint32_t best = 0;
    size_t end = host.len;
    size_t at = label_start(host, end);
    while (end > 0) {
        const struct ml_map_entry *entry = ml_map_find(&names->suffixes, ml_span_cut(host, at, host.len));
        if (entry == NULL) {
            break;
        }
        const struct ml_name_node *node = &names->nodes[entry->value];
        best = node->domain != 0 ? node->domain : best;
        if (at == 0) {
            best = node->host != 0 ? node->host : best;
            break;
        }
        end = at - 1;
        at = label_start(host, end);
        uint32_t star = best_star(names, node, ml_span_cut(host, at, end - at), at == 0);
        best = star != 0 ? star : best;
    }
    *value = best != 0 ? best - 1 : 0;
    return best != 0;
}

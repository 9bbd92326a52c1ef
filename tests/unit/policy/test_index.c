/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/index.h"

#include "core/mem.h"
#include "policy/pattern.h"
#include "support/cm.h"

#include <stdio.h>

enum { MAX_HITS = 4096 };

struct hits {
    uint32_t entries[MAX_HITS];
    size_t n;
};

static void note(void *context, uint32_t entry)
{
    struct hits *hits = context;
    for (size_t i = 0; i < hits->n; i++) {
        if (hits->entries[i] == entry) {
            return; /* an entry may be told more than once */
        }
    }
    assert_true(hits->n < MAX_HITS);
    hits->entries[hits->n++] = entry;
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

/* Texts of few letters, so that keys and texts overlap in every way. */
static size_t random_text(uint32_t *state, char *out, size_t max)
{
    size_t len = next_random(state) % (max + 1);
    for (size_t i = 0; i < len; i++) {
        out[i] = (char)('a' + next_random(state) % 3);
    }
    return len;
}

static bool fits(enum ml_key_kind kind, struct ml_span key, struct ml_span text)
{
    if (key.len > text.len) {
        return false;
    }
    switch (kind) {
    case ML_KEY_EQUAL:
        return ml_span_equal(key, text);
    case ML_KEY_PREFIX:
        return memcmp(text.ptr, key.ptr, key.len) == 0;
    case ML_KEY_SUFFIX:
        return memcmp(text.ptr + text.len - key.len, key.ptr, key.len) == 0;
    default:
        return memmem(text.ptr, text.len, key.ptr, key.len) != NULL;
    }
}

static void texts_hit_exactly_the_keys_that_fit(void **state)
{
    (void)state;
    enum { N = 400, KEY = 9, TEXT = 24 };
    static char keys[N][KEY];
    size_t lens[N];
    enum ml_key_kind kinds[N];
    uint32_t entries[N];
    uint32_t random = 7;
    struct ml_index index;
    ml_index_init(&index);
    for (size_t i = 0; i < N; i++) {
        kinds[i] = (enum ml_key_kind)(next_random(&random) % 4);
        do {
            lens[i] = random_text(&random, keys[i], KEY);
        } while (lens[i] == 0 && kinds[i] != ML_KEY_EQUAL);
        assert_true(ml_index_add(&index, kinds[i], ml_span_of(keys[i], lens[i]), &entries[i]));
    }
    assert_int_equal(ml_index_finish(&index), ML_OK);
    size_t n_hits = 0;
    for (size_t round = 0; round < 2000; round++) {
        char text[TEXT];
        struct hits hits = {.n = 0};
        struct ml_span span = ml_span_of(text, random_text(&random, text, TEXT));
        ml_index_text(&index, span, note, &hits);
        n_hits += hits.n;
        for (size_t i = 0; i < N; i++) {
            bool is_hit = false;
            for (size_t k = 0; k < hits.n; k++) {
                is_hit |= hits.entries[k] == entries[i];
            }
            assert_int_equal(is_hit, fits(kinds[i], ml_span_of(keys[i], lens[i]), span));
        }
    }
    assert_true(n_hits > 10000);
    ml_index_fini(&index);
}

static void equal_keys_are_one_entry_and_kinds_are_apart(void **state)
{
    (void)state;
    struct ml_index index;
    uint32_t a = 0;
    uint32_t b = 0;
    uint32_t c = 0;
    ml_index_init(&index);
    assert_true(ml_index_add(&index, ML_KEY_EQUAL, ml_span_text("x"), &a));
    assert_true(ml_index_add(&index, ML_KEY_PREFIX, ml_span_text("x"), &b));
    assert_true(ml_index_add(&index, ML_KEY_EQUAL, ml_span_text("x"), &c));
    assert_int_equal(a, c);
    assert_int_not_equal(a, b);
    assert_int_equal(ml_index_count(&index), 2);
    ml_index_fini(&index);
}

static void numbers_hit_themselves(void **state)
{
    (void)state;
    struct ml_index index;
    struct hits hits = {.n = 0};
    uint32_t entry = 0;
    ml_index_init(&index);
    assert_true(ml_index_add_number(&index, UINT64_MAX, &entry));
    assert_true(ml_index_add_number(&index, 0, &entry));
    assert_int_equal(ml_index_finish(&index), ML_OK);
    ml_index_number(&index, 0, note, &hits);
    assert_int_equal(hits.n, 1);
    assert_int_equal(hits.entries[0], entry);
    ml_index_number(&index, 1, note, &hits);
    assert_int_equal(hits.n, 1);
    ml_index_number(&index, UINT64_MAX, note, &hits);
    assert_int_equal(hits.n, 2);
    ml_index_fini(&index);
}

static void addresses_hit_every_network_around_them(void **state)
{
    (void)state;
    static const char *const nets[] = {"0.0.0.0/0",       "192.0.0.0/8",  "192.0.2.0/23",  "192.0.2.0/24",
                                       "192.0.2.128/25",  "192.0.2.9/32", "2001:db8::/32", "2001:db8:0:8000::/49",
                                       "2001:db8::1/128", "::/0"};
    enum { N = sizeof nets / sizeof nets[0] };
    static const char *const addresses[] = {"192.0.2.9",   "192.0.2.200",       "192.1.2.9", "10.0.0.1",
                                            "2001:db8::1", "2001:db8:0:ffff::", "2002::",    "::"};
    struct ml_index index;
    struct ml_ip ips[N];
    unsigned bits[N];
    uint32_t entries[N];
    ml_index_init(&index);
    for (size_t i = 0; i < N; i++) {
        assert_true(ml_ip_prefix_parse(ml_span_text(nets[i]), &ips[i], &bits[i]));
        assert_true(ml_index_add_net(&index, &ips[i], bits[i], &entries[i]));
    }
    assert_int_equal(ml_index_finish(&index), ML_OK);
    for (size_t a = 0; a < sizeof addresses / sizeof addresses[0]; a++) {
        struct ml_ip ip;
        struct hits hits = {.n = 0};
        assert_true(ml_ip_parse(ml_span_text(addresses[a]), &ip));
        ml_index_ip(&index, &ip, note, &hits);
        size_t n = 0;
        for (size_t i = 0; i < N; i++) {
            n += ml_ip_in_prefix(&ip, &ips[i], bits[i]);
        }
        assert_int_equal(hits.n, n);
    }
    ml_index_fini(&index);
}

static void an_empty_index_hits_nothing(void **state)
{
    (void)state;
    struct ml_index index;
    struct hits hits = {.n = 0};
    struct ml_ip ip = {.family = 4};
    ml_index_init(&index);
    assert_int_equal(ml_index_finish(&index), ML_OK);
    ml_index_text(&index, ml_span_text("abc"), note, &hits);
    ml_index_number(&index, 3, note, &hits);
    ml_index_ip(&index, &ip, note, &hits);
    assert_int_equal(hits.n, 0);
    ml_index_fini(&index);
}

static void folding_keeps_lengths_and_is_stable(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        const char *out;
    } cases[] = {
        {"ABCxyz019[@`{", "abcxyz019[@`{"},
        {"ÀÖ×ØÞßàÿŸ", "àö×øþßàÿÿ"},
        {"ĀāĲĳĹĺŊŋŶŷŽž", "āāĳĳĺĺŋŋŷŷžž"},
        {"İıŉſ", "İıŉſ"}, /* no counterpart of the same length, or none at all */
        {"ΑΡΣΫαω", "αρσϋαω"},
        {"ЀЏАЯаѐ", "ѐџаяаѐ"},
        {"中文ＡＢ", "中文ＡＢ"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t out[128];
        struct ml_span in = ml_span_text(cases[i].in);
        ml_fold(in, out);
        assert_span_text(ml_span_of(out, in.len), cases[i].out);
        uint8_t again[128];
        ml_fold(ml_span_of(out, in.len), again);
        assert_memory_equal(out, again, in.len);
    }
    /* Ill-formed bytes stay as they are. */
    uint8_t out[4];
    ml_fold(ml_span_of("\xc3"
                       "A\x80\xff",
                       4),
            out);
    assert_memory_equal(out,
                        "\xc3"
                        "a\x80\xff",
                        4);
}

static void patterns_and_texts_fold_alike(void **state)
{
    (void)state;
    struct ml_arena arena;
    struct ml_pattern pattern;
    ml_arena_init(&arena, false);
    assert_true(ml_pattern_parse(&arena, ml_span_text("*ÄÖ?ЖX*Σ"), &pattern));
    ml_pattern_fold(&pattern);
    assert_true(ml_pattern_match(&pattern, ml_span_text("__äö中жx--σ")));
    assert_false(ml_pattern_match(&pattern, ml_span_text("__äö中жx--σσx")));
    ml_arena_fini(&arena);
}

static void hostile_patterns_end_in_time(void **state)
{
    (void)state;
    static char text[ML_MAX_TEXT];
    struct ml_arena arena;
    struct ml_pattern pattern;
    char stars[512];
    memset(text, 'a', sizeof text);
    for (size_t i = 0; i < sizeof stars - 2; i += 2) {
        memcpy(stars + i, "*a", 2);
    }
    memcpy(stars + sizeof stars - 2, "b", 2);
    ml_arena_init(&arena, false);
    assert_true(ml_pattern_parse(&arena, ml_span_text(stars), &pattern));
    assert_false(ml_pattern_match(&pattern, ml_span_of(text, sizeof text)));
    ml_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_hit_exactly_the_keys_that_fit),
        cmocka_unit_test(equal_keys_are_one_entry_and_kinds_are_apart),
        cmocka_unit_test(numbers_hit_themselves),
        cmocka_unit_test(addresses_hit_every_network_around_them),
        cmocka_unit_test(an_empty_index_hits_nothing),
        cmocka_unit_test(folding_keeps_lengths_and_is_stable),
        cmocka_unit_test(patterns_and_texts_fold_alike),
        cmocka_unit_test(hostile_patterns_end_in_time),
    };
    return cmocka_run_group_tests_name("policy/index", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "classify/prefixes.h"

#include "support/cm.h"
#include "support/kit.h"

static int init(void **state)
{
    static struct ml_prefixes prefixes;
    prefixes = (struct ml_prefixes){0};
    *state = &prefixes;
    return 0;
}

static int fini(void **state)
{
    ml_prefixes_fini(*state);
    return 0;
}

static void add(void **state, const char *text, uint32_t value)
{
    struct ml_ip ip = {0};
    unsigned bits = 0;
    assert_true(ml_ip_prefix_parse(ml_span_text(text), &ip, &bits));
    assert_int_equal(ml_prefixes_add(*state, &ip, bits, value), ML_OK);
}

static int find(void **state, const char *text)
{
    struct ml_ip ip = {0};
    assert_true(ml_ip_parse(ml_span_text(text), &ip));
    const struct ml_prefix *prefix = ml_prefixes_find(*state, &ip);
    return prefix != NULL ? (int)prefix->value : -1;
}

static void an_empty_table_holds_nothing(void **state)
{
    ml_prefixes_finish(*state);
    assert_int_equal(find(state, "192.0.2.1"), -1);
}

static void the_edges_of_a_block_belong_to_it(void **state)
{
    add(state, "192.0.2.64/26", 5);
    ml_prefixes_finish(*state);
    assert_int_equal(find(state, "192.0.2.63"), -1);
    assert_int_equal(find(state, "192.0.2.64"), 5);
    assert_int_equal(find(state, "192.0.2.127"), 5);
    assert_int_equal(find(state, "192.0.2.128"), -1);
}

static void the_longest_block_wins_and_its_end_gives_way_to_the_larger_one(void **state)
{
    add(state, "198.51.100.0/30", 3);
    add(state, "198.51.100.0/24", 2);
    add(state, "198.0.0.0/8", 1);
    add(state, "198.51.100.128/25", 4);
    add(state, "198.51.100.130/32", 5);
    ml_prefixes_finish(*state);
    assert_int_equal(find(state, "198.51.100.3"), 3);
    assert_int_equal(find(state, "198.51.100.4"), 2);
    assert_int_equal(find(state, "198.51.100.129"), 4);
    assert_int_equal(find(state, "198.51.100.130"), 5);
    assert_int_equal(find(state, "198.51.100.131"), 4);
    assert_int_equal(find(state, "198.51.101.0"), 1);
    assert_int_equal(find(state, "197.255.255.255"), -1);
    assert_int_equal(find(state, "199.0.0.0"), -1);
}

static void ipv6_and_ipv4_do_not_mix(void **state)
{
    add(state, "2001:db8::/32", 1);
    add(state, "2001:db8:0:1::/64", 2);
    add(state, "32.1.13.184/32", 3); /* the same first four bytes */
    ml_prefixes_finish(*state);
    assert_int_equal(find(state, "2001:db8::1"), 1);
    assert_int_equal(find(state, "2001:db8:0:1:ffff::"), 2);
    assert_int_equal(find(state, "2001:db8:0:2::"), 1);
    assert_int_equal(find(state, "2001:db9::"), -1);
    assert_int_equal(find(state, "32.1.13.184"), 3);
    assert_int_equal(find(state, "::"), -1);
    struct ml_ip none = {0};
    assert_null(ml_prefixes_find(*state, &none));
}

/* Against the plain way: look at all blocks. */
static void answers_equal_those_of_a_full_search(void **state)
{
    struct ml_prefixes *prefixes = *state;
    uint32_t seed = 1;
    for (uint32_t i = 0; i < 400; i++) {
        seed = seed * 1664525 + 1013904223;
        unsigned bits = 16 + seed / 65536 % 17;
        uint32_t net = (0xc0a80000U | (seed >> 8 & 0xffff)) & (uint32_t)(UINT64_C(0xffffffff) << (32 - bits));
        struct ml_ip ip =
            ml_ip4((uint8_t[]){(uint8_t)(net >> 24), (uint8_t)(net >> 16), (uint8_t)(net >> 8), (uint8_t)net});
        assert_int_equal(ml_prefixes_add(prefixes, &ip, bits, i), ML_OK);
    }
    ml_prefixes_finish(prefixes);
    for (uint32_t i = 0; i < 65536; i += 7) {
        struct ml_ip ip = ml_ip4((uint8_t[]){192, 168, (uint8_t)(i >> 8), (uint8_t)i});
        int longest = -1;
        for (size_t j = 0; j < prefixes->n; j++) {
            const struct ml_prefix *item = &prefixes->items[j];
            if (ml_ip_in_prefix(&ip, &item->ip, item->bits) && item->bits > longest) {
                longest = item->bits;
            }
        }
        const struct ml_prefix *found = ml_prefixes_find(prefixes, &ip);
        assert_int_equal(found != NULL ? found->bits : -1, longest);
    }
}

static struct ml_ip any_ip(uint32_t *seed, unsigned bits)
{
    struct ml_ip ip = {.family = *seed >> 31 != 0 ? 6 : 4};
    for (size_t i = 0; i < (ip.family == 4 ? 4 : 16); i++) {
        *seed = *seed * 1664525 + 1013904223;
        ip.bytes[i] = (uint8_t)(*seed >> 24);
    }
    for (size_t i = bits; i < 128; i++) {
        ip.bytes[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
    }
    return ip;
}

static void blocks_of_all_first_bytes_and_families_are_found(void **state)
{
    struct ml_prefixes *prefixes = *state;
    enum { BLOCKS = 700 };
    uint32_t seed = 1;
    for (uint32_t i = 0; i < BLOCKS; i++) {
        unsigned bits = 4 + i % 29; /* short ones reach over several first bytes */
        struct ml_ip ip = any_ip(&seed, bits);
        assert_int_equal(ml_prefixes_add(prefixes, &ip, bits, i), ML_OK);
    }
    ml_prefixes_finish(prefixes);
    size_t n_found = 0;
    for (uint32_t i = 0; i < 4 * BLOCKS; i++) {
        struct ml_ip ip = any_ip(&seed, 128);
        int longest = -1;
        for (size_t j = 0; j < prefixes->n; j++) {
            const struct ml_prefix *item = &prefixes->items[j];
            bool is_in = ml_ip_in_prefix(&ip, &item->ip, item->bits);
            longest = is_in && item->bits > longest ? item->bits : longest;
        }
        const struct ml_prefix *found = ml_prefixes_find(prefixes, &ip);
        assert_int_equal(found != NULL ? found->bits : -1, longest);
        n_found += found != NULL;
    }
    assert_in_range(n_found, BLOCKS, 4 * BLOCKS - 1);
}

static void fill(void *context)
{
    (void)context;
    struct ml_prefixes prefixes = {0};
    for (uint8_t i = 0; i < 200; i++) {
        struct ml_ip ip = ml_ip4((uint8_t[]){192, 0, 2, i});
        if (ml_prefixes_add(&prefixes, &ip, 32, i) != ML_OK) {
            break;
        }
    }
    ml_prefixes_finish(&prefixes);
    ml_prefixes_fini(&prefixes);
}

static void running_out_of_memory_is_a_status(void **state)
{
    (void)state;
    assert_int_equal(oom_sweep(fill, NULL), 3); /* 64, 128, 256 */
}

#define WITH_TABLE(test) cmocka_unit_test_setup_teardown(test, init, fini)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TABLE(an_empty_table_holds_nothing),
        WITH_TABLE(the_edges_of_a_block_belong_to_it),
        WITH_TABLE(the_longest_block_wins_and_its_end_gives_way_to_the_larger_one),
        WITH_TABLE(ipv6_and_ipv4_do_not_mix),
        WITH_TABLE(answers_equal_those_of_a_full_search),
        WITH_TABLE(blocks_of_all_first_bytes_and_families_are_found),
        cmocka_unit_test(running_out_of_memory_is_a_status),
    };
    return cmocka_run_group_tests_name("classify/prefixes", tests, NULL, NULL);
}

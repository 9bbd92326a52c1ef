/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/special.h"

#include "support/cm.h"

static struct ml_ip ip_of(const char *text)
{
    struct ml_ip ip;
    assert_true(ml_ip_parse(ml_span_text(text), &ip));
    return ip;
}

/* NULL name: an ordinary address. */
static void named(const char *address, const char *name, bool is_anycast)
{
    struct ml_ip ip = ip_of(address);
    bool found_anycast = !is_anycast;
    const char *found = ml_special_name(&ip, &found_anycast);
    if (name == NULL) {
        assert_null(found);
    } else {
        assert_non_null(found);
        assert_string_equal(found, name);
    }
    assert_int_equal(found_anycast, is_anycast);
}

/* First and last address of each block of the IPv4 registry, and the ordinary ones beside it. */
static void blocks_of_the_ipv4_registry_have_their_names(void **state)
{
    (void)state;
    named("0.0.0.0", "this-network", false);
    named("0.255.255.255", "this-network", false);
    named("1.0.0.0", NULL, false);
    named("9.255.255.255", NULL, false);
    named("10.0.0.0", "private-use", false);
    named("10.255.255.255", "private-use", false);
    named("11.0.0.0", NULL, false);
    named("100.63.255.255", NULL, false);
    named("100.64.0.0", "shared-address-space", false);
    named("100.127.255.255", "shared-address-space", false);
    named("100.128.0.0", NULL, false);
    named("127.0.0.1", "loopback", false);
    named("169.254.1.1", "link-local", false);
    named("172.15.255.255", NULL, false);
    named("172.16.0.0", "private-use", false);
    named("172.31.255.255", "private-use", false);
    named("172.32.0.0", NULL, false);
    named("192.0.0.1", "protocol-assignment", false);
    named("192.0.0.9", "port-control-anycast", true);
    named("192.0.0.10", "turn-anycast", true);
    named("192.0.2.1", "documentation", false);
    named("192.31.196.1", "as112", true);
    named("192.52.193.1", "multicast-tunnelling", true);
    named("192.88.99.1", "6to4-relay", true);
    named("192.168.255.255", "private-use", false);
    named("192.169.0.0", NULL, false);
    named("192.175.48.1", "as112", true);
    named("198.17.255.255", NULL, false);
    named("198.18.0.0", "benchmarking", false);
    named("198.19.255.255", "benchmarking", false);
    named("198.20.0.0", NULL, false);
    named("198.51.100.255", "documentation", false);
    named("203.0.113.0", "documentation", false);
    named("223.255.255.255", NULL, false);
    named("224.0.0.1", "multicast", false);
    named("239.255.255.255", "multicast", false);
    named("240.0.0.1", "reserved", false);
    named("255.255.255.254", "reserved", false);
    named("255.255.255.255", "limited-broadcast", false);
}

static void blocks_of_the_ipv6_registry_have_their_names(void **state)
{
    (void)state;
    named("::", "unspecified", false);
    named("::1", "loopback", false);
    named("::2", "unallocated", false);
    named("::ffff:192.0.2.1", "ipv4-mapped", false);
    named("64:ff9b::c000:201", "nat64", false);
    named("64:ff9b:1::1", "nat64-local", false);
    named("64:ff9b:2::1", "unallocated", false);
    named("100::1", "discard-only", false);
    named("2001::1", "teredo", false);
    named("2001:1::1", "port-control-anycast", true);
    named("2001:1::2", "turn-anycast", true);
    named("2001:1::3", "protocol-assignment", false);
    named("2001:2::1", "benchmarking", false);
    named("2001:2:1::1", "protocol-assignment", false);
    named("2001:3::1", "multicast-tunnelling", true);
    named("2001:4:112::1", "as112", true);
    named("2001:10::1", "orchid", false);
    named("2001:2f::1", "orchid", false);
    named("2001:3f::1", "drone-remote-id", false);
    named("2001:1ff::1", "protocol-assignment", false);
    named("2001:200::1", NULL, false);
    named("2001:db8::1", "documentation", false);
    named("2001:db9::1", NULL, false);
    named("2002::1", "6to4", false);
    named("2003::1", NULL, false);
    named("2620:4f:8000::1", "as112", true);
    named("3ffe::1", NULL, false);
    named("3fff:0fff::1", "documentation", false);
    named("3fff:1000::1", NULL, false);
    named("4000::1", "unallocated", false);
    named("5f00::1", "segment-routing", false);
    named("fbff::1", "unallocated", false);
    named("fc00::1", "unique-local", false);
    named("fdff::1", "unique-local", false);
    named("fe80::1", "link-local", false);
    named("febf::1", "link-local", false);
    named("fec0::1", "unallocated", false);
    named("ff02::1", "multicast", false);
}

static void no_address_has_no_name(void **state)
{
    (void)state;
    struct ml_ip none = {.family = 0};
    bool is_anycast = true;
    assert_null(ml_special_name(&none, &is_anycast));
    assert_false(is_anycast);
    struct ml_ip inner;
    assert_null(ml_special_decode(&none, &inner));
    assert_int_equal(inner.family, 0);
}

static void decoded(const char *address, const char *translation, const char *inner_text)
{
    struct ml_ip ip = ip_of(address);
    struct ml_ip inner;
    const char *found = ml_special_decode(&ip, &inner);
    assert_non_null(found);
    assert_string_equal(found, translation);
    struct ml_ip wanted = ip_of(inner_text);
    assert_true(ml_ip_equal(&inner, &wanted));
}

/* RFC 6052, section 2.4; RFC 3056, section 2; RFC 4380, section 4; RFC 4291, section 2.5.5.2. */
static void ipv4_addresses_inside_ipv6_ones_are_found(void **state)
{
    (void)state;
    decoded("64:ff9b::192.0.2.33", "nat64", "192.0.2.33");
    decoded("2002:c000:0204::1", "6to4", "192.0.2.4");
    decoded("2001:0:4136:e378:8000:63bf:3fff:fdd2", "teredo", "192.0.2.45");
    decoded("::ffff:198.51.100.7", "ipv4-mapped", "198.51.100.7");
}

static void ordinary_addresses_hide_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {"2001:db8::c000:201", "64:ff9b:1::c000:201", "2001:1::1", "192.0.2.1",
                                        "::192.0.2.1"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct ml_ip ip = ip_of(texts[i]);
        struct ml_ip inner = ip;
        assert_null(ml_special_decode(&ip, &inner));
        assert_int_equal(inner.family, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_of_the_ipv4_registry_have_their_names),
        cmocka_unit_test(blocks_of_the_ipv6_registry_have_their_names),
        cmocka_unit_test(no_address_has_no_name),
        cmocka_unit_test(ipv4_addresses_inside_ipv6_ones_are_found),
        cmocka_unit_test(ordinary_addresses_hide_nothing),
    };
    return cmocka_run_group_tests_name("intel/special", tests, NULL, NULL);
}

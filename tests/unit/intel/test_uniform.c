/* SPDX-License-Identifier: Apache-2.0 */
/* Where one answer may stand for all addresses of a block: never where any data set tells two of them apart. */
#include "core/mem.h"
#include "intel/block.h"
#include "intel/intel.h"
#include "intel/lookups.h"
#include "support/cm.h"
#include "support/datafolder.h"
#include "support/kit.h"
#include "support/locdb.h"
#include "support/mmdb.h"

#include <sys/stat.h>
#include <unistd.h>

/* Ordinary addresses that are nobody's, as in test_intel.c; 44.128.0.0 = 746586112. */
static struct scratch scratch;
static struct ml_intel *intel;

enum { BLOCKS = 16 };

static const struct mmdb_row location_rows[] = {
    {"44.128.0.0/24", "DE"}, {"44.128.1.0/25", "SG"}, {"44.128.2.0/23", "DE"}, {"44.128.4.0/22", "DE"},
    {"44.128.8.0/21", "DE"}, {"2d00:1:1::/49", "KR"}, {"2d00:1:4::/47", "JP"}};
static const struct mmdb_row registration_rows[] = {{"44.128.2.255/32", "NL"}, {"2d00:1:2:ffff::/64", "KR"}};
static const struct locdb_row flag_rows[] = {
    {"44.128.0.0/16", 0},
    {"44.128.5.0/25", ML_FLAG_PROXY},
    {"44.128.6.0/24", ML_FLAG_PROXY},
    {"44.128.6.254/32", ML_FLAG_ANYCAST}, /* in a network that is a block */
    {"44.128.9.0/24", ML_FLAG_ANYCAST},
    {"44.128.10.0/26", ML_FLAG_PROXY}, /* two in one block */
    {"44.128.10.64/26", ML_FLAG_PROXY},
    {"2d00:1:4::/48", ML_FLAG_ANYCAST},
    {"2d00:1:5:8000::/49", ML_FLAG_ANYCAST},
};

static const char *const all_sets[] = {"dbip-country dbip-country.mmdb",
                                       "iptoasn-country iptoasn-country.mmdb",
                                       "tor-geoip geoip geoip6",
                                       "asn asn-ipv4-num.csv asn-ipv6.csv",
                                       "libloc location.db",
                                       NULL};

static void write_data(void)
{
    mmdb_write(&scratch, "dbip-country/dbip-country.mmdb", MMDB_FLAT, location_rows,
               sizeof location_rows / sizeof *location_rows);
    mmdb_write(&scratch, "iptoasn-country/iptoasn-country.mmdb", MMDB_NESTED, registration_rows, 2);
    scratch_text(&scratch, "tor-geoip/geoip",
                 "746586112,746586879,DE\n"
                 "746586880,746587007,CN\n"   /* 44.128.3.0 to .127 */
                 "746587904,746590207,DE\n"); /* 44.128.7 to 44.128.15 */
    scratch_text(&scratch, "tor-geoip/geoip6", "2d00:1:3::,2d00:1:3:8::,JP\n");
    scratch_text(&scratch, "asn/asn-ipv4-num.csv",
                 "746586112,746587390,64496,\"Example, Inc.\"\n" /* all but the last address of 44.128.4 */
                 "746587392,746588159,64497,Edge\n");
    scratch_text(&scratch, "asn/asn-ipv6.csv",
                 "2d00:1::,2d00:1:ffff:ffff:ffff:ffff:ffff:ffff,64496,\"Example, Inc.\"\n");
    (void)mkdir(scratch_path(&scratch, "libloc"), 0700);
    locdb_write(scratch_path(&scratch, "libloc/location.db"), flag_rows, sizeof flag_rows / sizeof *flag_rows);
    datafolder_manifest(&scratch, all_sets);
    scratch_text(&scratch, "rules/operators/a.yaml",
                 "as_of: 2026-01-02\ncompanies:\n"
                 "  - id: example\n    name: Example, Inc.\n    country: US\n    unverified: true\n"
                 "    prefixes:\n      - {prefix: 44.128.7.192/26, roles: [push]}\n"
                 "      - {prefix: 44.128.8.0/24, roles: [push]}\n"
                 "      - {prefix: '2d00:1:6:1::/64', roles: [push]}\n");
    scratch_text(&scratch, "rules/trackers/a.yaml", "as_of: 2026-01-03\nhosts: []\n");
    scratch_text(&scratch, "rules/jurisdictions/a.yaml",
                 "as_of: 2026-01-04\nregime: gdpr\nname: G\nrows:\n"
                 "  - {country: DE, class: eea, from: 2018-05-25, unverified: true}\n");
}

static void open_all(void)
{
    struct ml_error error = {0};
    enum ml_status status = ml_intel_open(scratch.folder, scratch_path(&scratch, "rules"), &intel, &error);
    if (status != ML_OK) {
        print_error("%s: %s\n", error.file, error.text);
    }
    assert_int_equal(status, ML_OK);
}

static int set_up(void **state)
{
    (void)state;
    scratch_init(&scratch);
    write_data();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ml_intel_close(intel);
    intel = NULL;
    scratch_fini(&scratch);
    return 0;
}

static bool is_uniform(const char *address)
{
    struct ml_ip ip;
    assert_true(ml_ip_parse(ml_span_text(address), &ip));
    return ml_intel_is_uniform(intel, &ip);
}

static const char *const uniform[] = {"44.128.0.0",   "44.128.0.255", "44.128.8.0", "44.128.9.7",     "44.128.11.0",
                                      "44.128.255.1", "2d00:1::1",    "2d00:1:4::", "2d00:1:4:ffff::"};
static const char *const told_apart[] = {
    "44.128.1.200",    /* locations */
    "44.128.2.0",      /* registrations */
    "44.128.3.1",      /* second locations */
    "44.128.4.1",      /* networks */
    "44.128.5.128",    /* flags, of whoever is in the other half */
    "44.128.6.0",      /* flags of one address */
    "44.128.7.0",      /* operators */
    "44.128.10.255",   /* flags */
    "2d00:1:1:8000::", /* locations */
    "2d00:1:2::",      /* registrations */
    "2d00:1:3:f::",    /* second locations */
    "2d00:1:5::",      /* flags */
    "2d00:1:6::",      /* operators */
};

static void any_data_set_can_tell_the_addresses_of_a_block_apart(void **state)
{
    (void)state;
    for (int round = 0; round < 2; round++) { /* as the sources are read, and as packs are */
        open_all();
        for (size_t i = 0; i < sizeof uniform / sizeof *uniform; i++) {
            assert_true(is_uniform(uniform[i]));
        }
        for (size_t i = 0; i < sizeof told_apart / sizeof *told_apart; i++) {
            assert_false(is_uniform(told_apart[i]));
        }
        ml_intel_close(intel);
        intel = NULL;
    }
}

static bool is_told_like(const struct ml_endpoint_info *info, const struct ml_ip *ip)
{
    struct ml_endpoint_info other;
    memset(&other, 0, sizeof other);
    ml_intel_address(intel, ip, &other);
    return memcmp(info, &other, sizeof other) == 0;
}

static void a_uniform_block_has_one_answer(void **state)
{
    (void)state;
    open_all();
    size_t n_uniform = 0;
    for (uint8_t i = 0; i < BLOCKS; i++) {
        struct ml_ip ip = ml_ip4((const uint8_t[]){44, 128, i, 0});
        bool is_one = ml_intel_is_uniform(intel, &ip);
        struct ml_endpoint_info first;
        memset(&first, 0, sizeof first);
        ml_intel_address(intel, &ip, &first);
        bool is_same = true;
        for (unsigned last = 0; last < 256; last++) {
            ip.bytes[3] = (uint8_t)last;
            assert_int_equal(ml_intel_is_uniform(intel, &ip), is_one);
            is_same = is_told_like(&first, &ip) && is_same;
        }
        assert_int_equal(is_one, is_same); /* in these data sets none says no without need */
        n_uniform += is_one;
    }
    assert_int_equal(n_uniform, BLOCKS - 8);
}

/* Smaller than a block are only special-purpose blocks within larger ones: each address around them is special too. */
static void special_addresses_stand_for_themselves(void **state)
{
    (void)state;
    static const char *const addresses[] = {
        "192.0.0.9",      "192.0.0.10", "255.255.255.255",  "10.1.2.3",    "192.88.99.1", "::",        "::1",
        "::ffff:8.8.8.8", "100::1",     "64:ff9b::808:808", "2002:808::1", "2001:0::1",   "2001:1::1", "2001:1::2"};
    open_all();
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        struct ml_ip ip;
        assert_true(ml_ip_parse(ml_span_text(addresses[i]), &ip));
        struct ml_ip first = ml_block_of(&ip);
        struct ml_ip last = ml_block_last(&ip);
        assert_false(ml_intel_is_uniform(intel, &ip));
        assert_false(ml_intel_is_uniform(intel, &first));
        assert_false(ml_intel_is_uniform(intel, &last));
    }
    assert_false(ml_intel_is_uniform(intel, &(struct ml_ip){.family = 0}));
}

static void nothing_is_uniform_when_flags_were_not_compared(void **state)
{
    (void)state;
    scratch_text(&scratch, "cache", "no folder");
    open_all();
    for (size_t i = 0; i < sizeof uniform / sizeof *uniform; i++) {
        assert_false(is_uniform(uniform[i]));
    }
}

static void without_data_all_is_uniform(void **state)
{
    (void)state;
    assert_int_equal(ml_intel_open(NULL, NULL, &intel, NULL), ML_OK);
    assert_true(is_uniform("44.128.5.0"));
    assert_true(is_uniform("2d00:1:1::"));
}

static void open_once(void *context)
{
    (void)context;
    struct ml_intel *opened = NULL;
    (void)unlink(scratch_path(&scratch, "cache/flag-blocks-1.pack"));
    enum ml_status status = ml_intel_open(scratch.folder, scratch_path(&scratch, "rules"), &opened, NULL);
    assert_true(status == ML_OK || ml_mem_has_failed());
    ml_intel_close(opened);
}

static void running_out_of_memory_breaks_nothing(void **state)
{
    (void)state;
    open_all(); /* all packs are there */
    assert_true(oom_sweep(open_once, NULL) > 20);
}

#define WITH_DATA(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DATA(any_data_set_can_tell_the_addresses_of_a_block_apart),
        WITH_DATA(a_uniform_block_has_one_answer),
        WITH_DATA(special_addresses_stand_for_themselves),
        WITH_DATA(nothing_is_uniform_when_flags_were_not_compared),
        WITH_DATA(without_data_all_is_uniform),
        WITH_DATA(running_out_of_memory_breaks_nothing),
    };
    return cmocka_run_group_tests_name("intel/uniform", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/lookups.h"
#include "support/cm.h"
#include "support/locdb.h"
#include "support/scratch.h"

#include <libloc/database.h>
#include <libloc/libloc.h>
#include <libloc/network.h>
#include <netinet/in.h>
#include <stdio.h>

static struct scratch scratch;

static const struct locdb_row rows[] = {
    {"192.0.2.0/24", ML_FLAG_ANYCAST},
    {"192.0.2.64/26", 0}, /* hides what is around it */
    {"192.0.2.96/28", ML_FLAG_PROXY | ML_FLAG_SATELLITE},
    {"198.51.100.0/25", ML_FLAG_SATELLITE},
    {"203.0.113.7/32", ML_FLAG_PROXY},
    {"2001:db8::/32", ML_FLAG_PROXY},
    {"2001:db8:1::/48", ML_FLAG_ANYCAST | ML_FLAG_SATELLITE},
    {"2001:db8:1::1/128", 0},
};

static int set_up(void **state)
{
    (void)state;
    scratch_init(&scratch);
    locdb_write(scratch_path(&scratch, "location.db"), rows, sizeof rows / sizeof *rows);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_fini(&scratch);
    return 0;
}

static struct ml_flags *open_flags(void)
{
    struct ml_flags *flags = NULL;
    assert_int_equal(ml_flags_open(scratch_path(&scratch, "location.db"), &flags, NULL), ML_OK);
    return flags;
}

static unsigned find(const struct ml_flags *flags, const char *text)
{
    struct ml_ip ip;
    assert_true(ml_ip_parse(ml_span_text(text), &ip));
    return ml_flags_find(flags, &ip);
}

static void the_narrowest_network_tells_the_flags(void **state)
{
    (void)state;
    struct ml_flags *flags = open_flags();
    assert_int_equal(find(flags, "192.0.2.1"), ML_FLAG_ANYCAST);
    assert_int_equal(find(flags, "192.0.2.64"), 0);
    assert_int_equal(find(flags, "192.0.2.111"), ML_FLAG_PROXY | ML_FLAG_SATELLITE);
    assert_int_equal(find(flags, "192.0.3.0"), 0);
    assert_int_equal(find(flags, "198.51.100.127"), ML_FLAG_SATELLITE);
    assert_int_equal(find(flags, "198.51.100.128"), 0);
    assert_int_equal(find(flags, "203.0.113.7"), ML_FLAG_PROXY);
    assert_int_equal(find(flags, "2001:db8:2::"), ML_FLAG_PROXY);
    assert_int_equal(find(flags, "2001:db8:1::2"), ML_FLAG_ANYCAST | ML_FLAG_SATELLITE);
    assert_int_equal(find(flags, "2001:db8:1::1"), 0);
    assert_int_equal(find(NULL, "192.0.2.1"), 0);
    ml_flags_close(flags);
}

/* What libloc says. */
static unsigned theirs(struct loc_database *database, const struct ml_ip *ip)
{
    struct in6_addr address = {.s6_addr = {[10] = 0xff, [11] = 0xff}};
    struct loc_network *network = NULL;
    memcpy(ip->family == 4 ? address.s6_addr + 12 : address.s6_addr, ip->bytes, ip->family == 4 ? 4 : 16);
    if (loc_database_lookup(database, &address, &network) != 0 || network == NULL) {
        return 0;
    }
    unsigned bits = loc_network_has_flag(network, LOC_NETWORK_FLAG_ANYCAST) ? ML_FLAG_ANYCAST : 0;
    bits |= loc_network_has_flag(network, LOC_NETWORK_FLAG_ANONYMOUS_PROXY) ? ML_FLAG_PROXY : 0;
    bits |= loc_network_has_flag(network, LOC_NETWORK_FLAG_SATELLITE_PROVIDER) ? ML_FLAG_SATELLITE : 0;
    loc_network_unref(network);
    return bits;
}

static void every_address_has_the_flags_that_libloc_finds(void **state)
{
    (void)state;
    static const char *const blocks[] = {"192.0.2.0", "198.51.100.0", "203.0.113.0", "2001:db8:1::", "2001:db8:8000::"};
    struct ml_flags *flags = open_flags();
    struct loc_ctx *context = NULL;
    struct loc_database *database = NULL;
    FILE *file = fopen(scratch_path(&scratch, "location.db"), "rb");
    assert_non_null(file);
    assert_int_equal(loc_new(&context), 0);
    assert_int_equal(loc_database_new(context, &database, file), 0);
    unsigned n_flagged = 0;
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        struct ml_ip ip;
        assert_true(ml_ip_parse(ml_span_text(blocks[i]), &ip));
        for (unsigned last = 0; last < 256; last++) {
            ip.bytes[ip.family == 4 ? 3 : 15] = (uint8_t)last;
            unsigned ours = ml_flags_find(flags, &ip);
            assert_int_equal(ours, theirs(database, &ip));
            n_flagged += ours != 0;
        }
    }
    assert_true(n_flagged > 500);
    loc_database_unref(database);
    loc_unref(context);
    (void)fclose(file);
    ml_flags_close(flags);
}

/* Whatever the bytes, a look-up ends and stays within them. */
static void a_damaged_file_is_refused_or_knows_less(void **state)
{
    (void)state;
    static uint8_t bytes[1 << 16];
    FILE *file = fopen(scratch_path(&scratch, "location.db"), "rb");
    assert_non_null(file);
    size_t len = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    assert_in_range(len, 4096, sizeof bytes - 1);
    for (size_t cut = 0; cut < len; cut += cut < 80 ? 1 : 509) {
        struct ml_flags *flags = NULL;
        scratch_write(&scratch, "damaged.db", ml_span_of(bytes, cut));
        enum ml_status status = ml_flags_open(scratch_path(&scratch, "damaged.db"), &flags, NULL);
        assert_true(status == ML_BAD_INPUT || cut >= 64);
        (void)find(flags, "192.0.2.1");
        (void)find(flags, "2001:db8:1::1");
        ml_flags_close(flags);
    }
    for (size_t at = 0; at < len; at += at < 80 ? 1 : 61) {
        struct ml_flags *flags = NULL;
        bytes[at] ^= 0xff;
        scratch_write(&scratch, "damaged.db", ml_span_of(bytes, len));
        bytes[at] ^= 0xff;
        enum ml_status status = ml_flags_open(scratch_path(&scratch, "damaged.db"), &flags, NULL);
        assert_true(status == ML_BAD_INPUT || at >= 8);
        (void)find(flags, "192.0.2.111");
        (void)find(flags, "2001:db8:1::1");
        ml_flags_close(flags);
    }
}

static void no_file_is_no_database(void **state)
{
    (void)state;
    struct ml_flags *flags = NULL;
    struct ml_error error = {0};
    assert_int_equal(ml_flags_open(scratch_path(&scratch, "missing.db"), &flags, &error), ML_IO);
    assert_string_equal(error.text, "cannot be opened");
    assert_null(flags);
    scratch_text(&scratch, "other.db", "no database");
    assert_int_equal(ml_flags_open(scratch_path(&scratch, "other.db"), &flags, &error), ML_BAD_INPUT);
    assert_string_equal(error.text, "not a location database");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_narrowest_network_tells_the_flags),
        cmocka_unit_test(every_address_has_the_flags_that_libloc_finds),
        cmocka_unit_test(a_damaged_file_is_refused_or_knows_less),
        cmocka_unit_test(no_file_is_no_database),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/resolved.h"
#include "support/cm.h"
#include "support/kit.h"

#include <stdio.h>

static struct ml_ip address(uint8_t last)
{
    const uint8_t bytes[] = {198, 51, 100, last};
    return ml_ip4(bytes);
}

static void add(struct ml_resolved *names, uint8_t last, const char *name, enum ml_name_source source, uint64_t seq)
{
    struct ml_ip ip = address(last);
    assert_true(ml_resolved_add(names, &ip, ml_span_text(name), source, seq));
}

static void a_flow_uses_only_names_told_before_it(void **state)
{
    (void)state;
    struct ml_resolved names;
    struct ml_flow_name found[4];
    struct ml_ip ip = address(1);
    ml_resolved_init(&names);
    add(&names, 1, "late.example.com", ML_NAME_DNS, 50);
    assert_int_equal(ml_resolved_of(&names, &ip, 49, found, 4), 0);
    assert_int_equal(ml_resolved_of(&names, &ip, 50, found, 4), 1);
    assert_span_text(found[0].name, "late.example.com");
    assert_false(found[0].is_shared);
    ml_resolved_fini(&names);
}

static void a_name_keeps_the_earliest_packet_that_told_it(void **state)
{
    (void)state;
    struct ml_resolved names;
    struct ml_flow_name found[4];
    struct ml_ip ip = address(1);
    ml_resolved_init(&names);
    add(&names, 1, "a.example.com", ML_NAME_DNS, 50);
    add(&names, 1, "A.example.com", ML_NAME_DNS, 10);
    add(&names, 1, "a.example.com", ML_NAME_DNS, 90);
    assert_int_equal(ml_resolved_of(&names, &ip, 10, found, 4), 1);
    ml_resolved_fini(&names);
}

static void better_sources_come_first_and_several_names_are_uncertain(void **state)
{
    (void)state;
    struct ml_resolved names;
    struct ml_flow_name found[4];
    struct ml_ip ip = address(1);
    ml_resolved_init(&names);
    add(&names, 1, "old.example.com", ML_NAME_DNS, 5);
    add(&names, 1, "new.example.com", ML_NAME_DNS, 7);
    add(&names, 1, "file.example.com", ML_NAME_FILE, 0);
    add(&names, 1, "http.example.com", ML_NAME_HTTP_DNS, 6);
    add(&names, 2, "other.example.com", ML_NAME_DNS, 6);
    assert_int_equal(ml_resolved_of(&names, &ip, 100, found, 4), 4);
    assert_span_text(found[0].name, "http.example.com");
    assert_false(found[0].is_shared);
    assert_span_text(found[1].name, "new.example.com");
    assert_true(found[1].is_shared);
    assert_span_text(found[2].name, "old.example.com");
    assert_span_text(found[3].name, "file.example.com");
    assert_int_equal(ml_resolved_of(&names, &ip, 100, found, 2), 2);
    ml_resolved_fini(&names);
}

static void names_told_later_in_the_capture_are_evidence_of_their_own(void **state)
{
    (void)state;
    struct ml_resolved names;
    struct ml_flow_name found[4];
    struct ml_ip ip = address(1);
    ml_resolved_init(&names);
    add(&names, 1, "early.example.com", ML_NAME_DNS, 10);
    add(&names, 1, "late.example.com", ML_NAME_DNS, 50);
    assert_int_equal(ml_resolved_later(&names, &ip, 20, 49, found, 4), 0);
    assert_int_equal(ml_resolved_later(&names, &ip, 50, 90, found, 4), 0);
    assert_int_equal(ml_resolved_later(&names, &ip, 20, 50, found, 4), 1);
    assert_span_text(found[0].name, "late.example.com");
    assert_int_equal(found[0].source, ML_NAME_DNS_LATER);
    assert_false(found[0].is_shared);
    add(&names, 1, "later.example.com", ML_NAME_HTTP_DNS, 60);
    assert_int_equal(ml_resolved_later(&names, &ip, 20, 90, found, 1), 1);
    assert_span_text(found[0].name, "late.example.com");
    assert_true(found[0].is_shared); /* also of the name that had no room */
    ml_resolved_fini(&names);
}

static void an_address_with_thousands_of_names_stays_bounded(void **state)
{
    (void)state;
    static char texts[5000][24];
    struct ml_resolved names;
    struct ml_flow_name found[100];
    struct ml_ip ip = address(1);
    ml_resolved_init(&names);
    for (unsigned i = 0; i < 5000; i++) {
        (void)snprintf(texts[i], sizeof texts[i], "n%u.example.com", i);
        add(&names, 1, texts[i], ML_NAME_DNS, i);
    }
    assert_in_range(ml_resolved_of(&names, &ip, 10000, found, 100), 1, 64);
    assert_int_equal(names.n, 64);
    ml_resolved_fini(&names);
}

static void fill(void *context)
{
    (void)context;
    struct ml_resolved names;
    struct ml_ip ip = address(1);
    ml_resolved_init(&names);
    bool ok = ml_resolved_add(&names, &ip, ml_span_text("a.example.com"), ML_NAME_DNS, 1);
    assert_int_equal(ok, names.n == 1);
    ml_resolved_fini(&names);
}

static void running_out_of_memory_is_told(void **state)
{
    (void)state;
    assert_true(oom_sweep(fill, NULL) >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flow_uses_only_names_told_before_it),
        cmocka_unit_test(names_told_later_in_the_capture_are_evidence_of_their_own),
        cmocka_unit_test(a_name_keeps_the_earliest_packet_that_told_it),
        cmocka_unit_test(better_sources_come_first_and_several_names_are_uncertain),
        cmocka_unit_test(an_address_with_thousands_of_names_stays_bounded),
        cmocka_unit_test(running_out_of_memory_is_told),
    };
    return cmocka_run_group_tests_name("engine/resolved", tests, NULL, NULL);
}

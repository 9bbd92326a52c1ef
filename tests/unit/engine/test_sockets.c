/* SPDX-License-Identifier: Apache-2.0 */
/* Processes by socket: what is found again, and when nobody is named. */
#include "engine/sockets.h"

#include "core/mem.h"
#include "support/cm.h"
#include "support/kit.h"

static struct ml_ip ip(const char *text)
{
    struct ml_ip out;
    assert_true(ml_ip_parse(ml_span_text(text), &out));
    return out;
}

static void a_socket_is_found_by_all_its_parts(void **state)
{
    (void)state;
    struct ml_sockets sockets;
    struct ml_ip peer = ip("198.51.100.20");
    struct ml_ip other = ip("2001:db8::20");
    ml_sockets_init(&sockets);
    assert_true(ml_sockets_add(&sockets, 6, 40000, &peer, 443, ml_span_text("org.example.a")));
    assert_true(ml_sockets_add(&sockets, 17, 40000, &other, 443, ml_span_text("org.example.b")));
    assert_span_text(ml_sockets_find(&sockets, 6, 40000, &peer, 443), "org.example.a");
    assert_span_text(ml_sockets_find(&sockets, 17, 40000, &other, 443), "org.example.b");
    assert_int_equal(ml_sockets_find(&sockets, 17, 40000, &peer, 443).len, 0);
    assert_int_equal(ml_sockets_find(&sockets, 6, 40001, &peer, 443).len, 0);
    assert_int_equal(ml_sockets_find(&sockets, 6, 40000, &other, 443).len, 0);
    assert_int_equal(ml_sockets_find(&sockets, 6, 40000, &peer, 80).len, 0);
    ml_sockets_fini(&sockets);
}

static void a_socket_of_two_processes_names_none_of_both(void **state)
{
    (void)state;
    struct ml_sockets sockets;
    struct ml_ip peer = ip("198.51.100.20");
    ml_sockets_init(&sockets);
    assert_true(ml_sockets_add(&sockets, 6, 40000, &peer, 443, ml_span_text("org.example.a")));
    assert_true(ml_sockets_add(&sockets, 6, 40000, &peer, 443, ml_span_text("org.example.a")));
    assert_span_text(ml_sockets_find(&sockets, 6, 40000, &peer, 443), "org.example.a");
    assert_true(ml_sockets_add(&sockets, 6, 40000, &peer, 443, ml_span_text("org.example.b")));
    assert_true(ml_sockets_add(&sockets, 6, 40000, &peer, 443, ml_span_text("org.example.a")));
    assert_int_equal(ml_sockets_find(&sockets, 6, 40000, &peer, 443).len, 0);
    ml_sockets_fini(&sockets);
}

static void run(void *context)
{
    struct ml_sockets sockets;
    struct ml_ip peer = ip("198.51.100.20");
    char name[] = "org.example.00";
    (void)context;
    ml_sockets_init(&sockets);
    for (unsigned i = 0; i < 40; i++) {
        name[12] = (char)('0' + i / 10);
        name[13] = (char)('0' + i % 10);
        if (!ml_sockets_add(&sockets, 6, (uint16_t)(40000 + i), &peer, 443, ml_span_text(name))) {
            break;
        }
        struct ml_span found = ml_sockets_find(&sockets, 6, (uint16_t)(40000 + i), &peer, 443);
        assert_true(ml_span_equal(found, ml_span_text(name)));
    }
    ml_sockets_fini(&sockets);
}

static void a_failed_allocation_leaks_nothing(void **state)
{
    (void)state;
    assert_true(oom_sweep(run, NULL) > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_socket_is_found_by_all_its_parts),
        cmocka_unit_test(a_socket_of_two_processes_names_none_of_both),
        cmocka_unit_test(a_failed_allocation_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ssdp/ssdp.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/proto_rig.h"

static const char search[] = "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\n"
                             "ST: urn:dial-multiscreen-org:service:dial:1\r\nUSER-AGENT: Browser/1.0 Windows\r\n\r\n";
static const char notify[] =
    "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\n"
    "LOCATION: http://192.0.2.5:49152/desc.xml\r\nSERVER: OS/1 UPnP/1.1 tv/2\r\n"
    "USN: uuid:00000000-0000-0000-0000-000000000001::upnp:rootdevice\r\n\r\n";

static void expect(uint16_t port, const char *bytes, const char *facts)
{
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_UDP, port);
    proto_rig_feed(&rig, ML_UP, ml_span_text(bytes));
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig), facts);
    proto_rig_fini(&rig);
}

static void a_search_tells_what_is_sought_and_by_whom(void **state)
{
    (void)state;
    expect(1900, search,
           "ssdp.search up http.host=239.255.255.250 ssdp.target=urn:dial-multiscreen-org:service:dial:1 "
           "http.user_agent=Browser/1.0 Windows\n");
}

static void an_announcement_tells_what_a_device_is(void **state)
{
    (void)state;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_UDP, 1900);
    proto_rig_feed(&rig, ML_UP, ml_span_text(notify));
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig),
                        "ssdp.announcement up http.host=239.255.255.250 ssdp.target=upnp:rootdevice "
                        "ssdp.usn=uuid:00000000-0000-0000-0000-000000000001::upnp:rootdevice "
                        "ssdp.location=http://192.0.2.5:49152/desc.xml http.server=OS/1 UPnP/1.1 tv/2\n");
    assert_int_equal(ml_fact_attr(proto_rig_fact(&rig, 0), ML_F_SSDP_USN)->sensitivity, ML_SENS_PERSONAL);
    proto_rig_fini(&rig);
}

static void the_answer_to_a_search_is_an_announcement(void **state)
{
    (void)state;
    expect(1900, "HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\nUSN: uuid:1\r\n\r\n",
           "ssdp.announcement up ssdp.target=upnp:rootdevice ssdp.usn=uuid:1\n");
}

static void other_datagrams_are_refused(void **state)
{
    (void)state;
    expect(1901, search, "");                            /* another port */
    expect(1900, "GET / HTTP/1.1\r\nST: x\r\n\r\n", ""); /* another method */
    expect(1900, "HTTP/1.1 404 No\r\nST: x\r\n\r\n", "");
    expect(1900, "HTTP/1.1 200 OK\r\nServer: x\r\n\r\n", ""); /* names nothing that was sought */
    expect(1900, "M-SEARCH * HTTP/2.0\r\nST: x\r\n\r\n", "");
}

static void feed_broken(void *context, struct ml_span bytes)
{
    unsigned *n = context;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_UDP, 1900);
    proto_rig_parser(&rig, &ml_parser_ssdp);
    proto_rig_feed(&rig, ML_UP, bytes);
    proto_rig_end(&rig);
    *n += rig.flow.n_facts;
    assert_int_equal(rig.flow.n_facts + rig.counters.n[ML_COUNT_BAD_OTHER], 1);
    proto_rig_fini(&rig);
}

static void broken_datagrams_are_survived_and_counted(void **state)
{
    (void)state;
    unsigned n = 0;
    sweep_truncations(ml_span_text(notify), feed_broken, &n);
    sweep_bit_flips(ml_span_text(search), feed_broken, &n);
    assert_true(n > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_search_tells_what_is_sought_and_by_whom),
        cmocka_unit_test(an_announcement_tells_what_a_device_is),
        cmocka_unit_test(the_answer_to_a_search_is_an_announcement),
        cmocka_unit_test(other_datagrams_are_refused),
        cmocka_unit_test(broken_datagrams_are_survived_and_counted),
    };
    return cmocka_run_group_tests_name("proto/ssdp", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "core/mem.h"
#include "proto/nbds/nbds.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/nbds_build.h"
#include "support/proto_rig.h"

enum { PORT = 138, DIRECT_UNIQUE = 0x10, DIRECT_GROUP, BROADCAST, ERROR, QUERY, POSITIVE, NEGATIVE };

static const struct nbds_host laptop = {.name = "ALEXS-LAPTOP", .comment = "Alex at home", .major = 6, .minor = 1};

static void expect(uint16_t port, struct ml_span bytes, const char *facts)
{
    struct proto_rig rig;
    struct guard guard;
    guard_init(&guard, bytes);
    proto_rig_init(&rig, ML_IP_UDP, port);
    proto_rig_feed(&rig, ML_UP, guard.span);
    proto_rig_end(&rig);
    assert_string_equal(proto_rig_facts(&rig), facts);
    proto_rig_fini(&rig);
    guard_fini(&guard);
}

static void expect_built(struct ml_buf *bytes, const char *facts)
{
    expect(PORT, build_span(bytes), facts);
    ml_buf_fini(bytes);
}

static void begin(struct ml_buf *out, unsigned type)
{
    ml_buf_init(out, 2048);
    nbds_header(out, type, "192.0.2.10");
}

/* RFC 1002, section 4.4.2; names as in RFC 1001, section 14.1 */
static void a_datagram_tells_who_sends_to_whom(void **state)
{
    (void)state;
    struct ml_span bytes = unhex("10 0a 12 34 c0 00 02 0a 00 8a 00 52 00 00"
                                 "20 45474643454645454341434143414341 43414341434143414341434143414341"
                                 "   07 4e455442494f53 03 434f4d 00"
                                 "20 45424341434143414341434143414341 43414341434143414341434143414341 00 6869");
    expect(PORT, bytes,
           "nbds.datagram up nbds.type=direct-unique nbds.source=FRED<20>.netbios.com nbds.destination=A<20> "
           "nbds.source_ip=192.0.2.10 nbds.source_port=138\n");
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
}

static void types_with_user_data_are_told_apart(void **state)
{
    (void)state;
    static const char *const names[] = {"direct-unique", "direct-group", "broadcast"};
    for (unsigned i = 0; i < 3; i++) {
        struct ml_buf bytes;
        char facts[256];
        begin(&bytes, DIRECT_UNIQUE + i);
        nbds_user(&bytes, "LAPTOP", "HOME", ml_span_text("hello"));
        (void)snprintf(facts, sizeof facts,
                       "nbds.datagram up nbds.type=%s nbds.source=LAPTOP<00> nbds.destination=HOME<1d> "
                       "nbds.source_ip=192.0.2.10 nbds.source_port=138\n",
                       names[i]);
        expect_built(&bytes, facts);
    }
}

/* RFC 1002, section 4.4.4 */
static void queries_and_their_answers_name_the_destination(void **state)
{
    (void)state;
    static const char *const names[] = {"query", "positive-response", "negative-response"};
    for (unsigned i = 0; i < 3; i++) {
        struct ml_buf bytes;
        char facts[256];
        begin(&bytes, QUERY + i);
        nbds_name(&bytes, "PRINTER", 0x20);
        (void)snprintf(facts, sizeof facts,
                       "nbds.datagram up nbds.type=%s nbds.destination=PRINTER<20> nbds.source_ip=192.0.2.10 "
                       "nbds.source_port=138\n",
                       names[i]);
        expect_built(&bytes, facts);
    }
}

/* RFC 1002, section 4.4.3 */
static void an_error_names_nobody(void **state)
{
    (void)state;
    struct ml_buf bytes;
    begin(&bytes, ERROR);
    build_be(&bytes, 1, 0x82);
    expect_built(&bytes, "nbds.datagram up nbds.type=error nbds.source_ip=192.0.2.10 nbds.source_port=138\n");
    begin(&bytes, ERROR);
    build_be(&bytes, 1, 0x85);
    expect_built(&bytes, "");
}

#define FROM_LAPTOP                                                                                                    \
    "nbds.datagram up nbds.type=direct-group nbds.source=ALEXS-LAPTOP<00> nbds.destination=WORKGROUP<1d> "             \
    "nbds.source_ip=192.0.2.10 nbds.source_port=138 nbds.mailslot=\\MAILSLOT\\BROWSE"

/* MS-BRWS, section 2.2: HostAnnouncement, LocalMasterAnnouncement, DomainAnnouncement */
static void announcements_tell_the_computer_its_comment_and_system(void **state)
{
    (void)state;
    struct ml_buf bytes;
    ml_buf_init(&bytes, 1024);
    nbds_announcement(&bytes, "192.0.2.10", NBDS_HOST, &laptop);
    expect_built(&bytes, FROM_LAPTOP " nbds.frame=host-announcement nbds.host=ALEXS-LAPTOP nbds.comment=Alex at home "
                                     "nbds.os_version=6.1\n");
    ml_buf_init(&bytes, 1024);
    nbds_announcement(&bytes, "192.0.2.10", NBDS_LOCAL_MASTER, &laptop);
    expect_built(&bytes, FROM_LAPTOP " nbds.frame=local-master-announcement nbds.host=ALEXS-LAPTOP "
                                     "nbds.comment=Alex at home nbds.os_version=6.1\n");
    ml_buf_init(&bytes, 1024);
    nbds_announcement(&bytes, "192.0.2.10", NBDS_DOMAIN, &laptop); /* the group's name; the text is who speaks for it */
    expect_built(&bytes, FROM_LAPTOP " nbds.frame=domain-announcement nbds.host=Alex at home "
                                     "nbds.group=ALEXS-LAPTOP\n");
}

static void expect_frame(const char *mailslot, struct ml_span frame, const char *facts)
{
    struct ml_buf bytes;
    struct ml_buf smb;
    ml_buf_init(&smb, 512);
    nbds_mailslot(&smb, mailslot, frame);
    begin(&bytes, DIRECT_GROUP);
    nbds_user(&bytes, "ALEXS-LAPTOP", "WORKGROUP", build_span(&smb));
    ml_buf_fini(&smb);
    expect_built(&bytes, facts);
}

/* MS-BRWS, section 2.2: RequestAnnouncement, RequestElection, MasterAnnouncement */
static void other_frames_tell_the_name_they_hold(void **state)
{
    (void)state;
    expect_frame("\\MAILSLOT\\BROWSE", ml_span_of("\x02\0ALEXS-LAPTOP", 15),
                 FROM_LAPTOP " nbds.frame=announcement-request nbds.host=ALEXS-LAPTOP\n");
    expect_frame("\\MAILSLOT\\BROWSE", ml_span_of("\x08\1abcdefghijklALEXS-LAPTOP", 27),
                 FROM_LAPTOP " nbds.frame=election-request nbds.host=ALEXS-LAPTOP\n");
    expect_frame("\\MAILSLOT\\BROWSE",
                 ml_span_of("\x0d"
                            "ALEXS-LAPTOP",
                            14),
                 FROM_LAPTOP " nbds.frame=master-announcement nbds.host=ALEXS-LAPTOP\n");
    expect_frame("\\MAILSLOT\\BROWSE", ml_span_of("\x09\1abcd", 6), FROM_LAPTOP "\n"); /* GetBackupListRequest */
    expect_frame("\\MAILSLOT\\BROWSE", ml_span_of("\x01\0abcd", 6), FROM_LAPTOP "\n"); /* cut */
}

static void other_mailslots_are_named_only(void **state)
{
    (void)state;
    expect_frame("\\MAILSLOT\\NET\\NETLOGON", ml_span_of("\x02\0ALEX", 7),
                 "nbds.datagram up nbds.type=direct-group nbds.source=ALEXS-LAPTOP<00> nbds.destination=WORKGROUP<1d> "
                 "nbds.source_ip=192.0.2.10 nbds.source_port=138 nbds.mailslot=\\MAILSLOT\\NET\\NETLOGON\n");
}

/* A later fragment has the names again, and data from the middle. */
static void fragments_are_not_read_as_beginnings(void **state)
{
    (void)state;
    struct ml_buf bytes;
    ml_buf_init(&bytes, 1024);
    nbds_announcement(&bytes, "192.0.2.10", NBDS_HOST, &laptop);
    bytes.bytes[13] = 1;
    expect_built(&bytes, "nbds.datagram up nbds.type=direct-group nbds.source=ALEXS-LAPTOP<00> "
                         "nbds.destination=WORKGROUP<1d> nbds.source_ip=192.0.2.10 nbds.source_port=138\n");
}

static void names_are_personal(void **state)
{
    (void)state;
    struct proto_rig rig;
    struct ml_buf bytes;
    ml_buf_init(&bytes, 1024);
    nbds_announcement(&bytes, "192.0.2.10", NBDS_HOST, &laptop);
    proto_rig_init(&rig, ML_IP_UDP, PORT);
    proto_rig_feed(&rig, ML_UP, build_span(&bytes));
    bytes.bytes[0] = DIRECT_UNIQUE;
    proto_rig_feed(&rig, ML_UP, build_span(&bytes));
    proto_rig_end(&rig);
    const struct ml_fact *group = proto_rig_fact(&rig, 0);
    const struct ml_fact *device = proto_rig_fact(&rig, 1);
    assert_int_equal(ml_fact_attr(group, ML_F_NBDS_SOURCE)->sensitivity, ML_SENS_PERSONAL);
    assert_int_equal(ml_fact_attr(group, ML_F_NBDS_HOST)->sensitivity, ML_SENS_PERSONAL);
    assert_int_equal(ml_fact_attr(group, ML_F_NBDS_COMMENT)->sensitivity, ML_SENS_PERSONAL);
    assert_int_equal(ml_fact_attr(group, ML_F_NBDS_DESTINATION)->sensitivity, ML_SENS_NETWORK);
    assert_int_equal(ml_fact_attr(device, ML_F_NBDS_DESTINATION)->sensitivity, ML_SENS_PERSONAL);
    proto_rig_fini(&rig);
    ml_buf_fini(&bytes);
}

static void other_datagrams_are_refused(void **state)
{
    (void)state;
    struct ml_buf bytes;
    ml_buf_init(&bytes, 1024);
    nbds_announcement(&bytes, "192.0.2.10", NBDS_HOST, &laptop);
    expect(139, build_span(&bytes), ""); /* another port */
    bytes.bytes[0] = 0x0f;               /* types before and behind those there are */
    expect(PORT, build_span(&bytes), "");
    bytes.bytes[0] = 0x17;
    expect(PORT, build_span(&bytes), "");
    bytes.bytes[0] = DIRECT_GROUP;
    bytes.bytes[10] = 0; /* a length that ends within the names */
    bytes.bytes[11] = 67;
    expect(PORT, build_span(&bytes), "");
    bytes.bytes[11] = 68; /* no user data */
    expect_built(&bytes, "nbds.datagram up nbds.type=direct-group nbds.source=ALEXS-LAPTOP<00> "
                         "nbds.destination=WORKGROUP<1d> nbds.source_ip=192.0.2.10 nbds.source_port=138\n");
    begin(&bytes, QUERY);
    (void)ml_buf_add_text(&bytes, "\x03"
                                  "www\x07"
                                  "example");
    build_be(&bytes, 1, 0); /* a name that is none of NetBIOS */
    expect_built(&bytes, "");
}

static void feed_broken(void *context, struct ml_span bytes)
{
    unsigned *n = context;
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_UDP, PORT);
    proto_rig_parser(&rig, &ml_parser_nbds);
    proto_rig_feed(&rig, ML_UP, bytes);
    proto_rig_end(&rig);
    *n += rig.flow.n_facts;
    assert_int_equal(rig.flow.n_facts + rig.counters.n[ML_COUNT_BAD_OTHER], 1);
    proto_rig_fini(&rig);
}

static void broken_datagrams_are_survived_and_counted(void **state)
{
    (void)state;
    struct ml_buf bytes;
    unsigned n_cut = 0;
    unsigned n_flipped = 0;
    ml_buf_init(&bytes, 1024);
    nbds_announcement(&bytes, "192.0.2.10", NBDS_HOST, &laptop);
    sweep_truncations(build_span(&bytes), feed_broken, &n_cut);
    sweep_bit_flips(build_span(&bytes), feed_broken, &n_flipped);
    assert_int_equal(n_cut, bytes.len - (14 + 2 * 34)); /* all that hold both names */
    assert_true(n_flipped > bytes.len && n_flipped < 8 * bytes.len);
    ml_buf_fini(&bytes);
}

static void talk_under_pressure(void *context)
{
    struct proto_rig rig;
    proto_rig_init(&rig, ML_IP_UDP, PORT);
    void *self = ml_parser_nbds.create(&rig.env, &rig.flow);
    if (self != NULL) {
        rig.parser = &ml_parser_nbds;
        rig.self = self;
        proto_rig_feed(&rig, ML_UP, *(const struct ml_span *)context);
    }
    proto_rig_end(&rig);
    assert_true(rig.flow.n_facts <= 1);
    proto_rig_fini(&rig);
}

static void running_out_of_memory_is_survived(void **state)
{
    (void)state;
    struct ml_buf bytes;
    ml_buf_init(&bytes, 1024);
    nbds_announcement(&bytes, "192.0.2.10", NBDS_HOST, &laptop);
    struct ml_span span = build_span(&bytes);
    assert_true(oom_sweep(talk_under_pressure, &span) > 2);
    ml_buf_fini(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_datagram_tells_who_sends_to_whom),
        cmocka_unit_test(types_with_user_data_are_told_apart),
        cmocka_unit_test(queries_and_their_answers_name_the_destination),
        cmocka_unit_test(an_error_names_nobody),
        cmocka_unit_test(announcements_tell_the_computer_its_comment_and_system),
        cmocka_unit_test(other_frames_tell_the_name_they_hold),
        cmocka_unit_test(other_mailslots_are_named_only),
        cmocka_unit_test(fragments_are_not_read_as_beginnings),
        cmocka_unit_test(names_are_personal),
        cmocka_unit_test(other_datagrams_are_refused),
        cmocka_unit_test(broken_datagrams_are_survived_and_counted),
        cmocka_unit_test(running_out_of_memory_is_survived),
    };
    return cmocka_run_group_tests_name("proto/nbds", tests, NULL, NULL);
}

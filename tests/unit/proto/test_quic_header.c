/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/quic/frames.h"
#include "proto/quic/gquic.h"
#include "proto/quic/header.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/tls_build.h"

static void free_span(struct ml_span bytes)
{
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
}

static bool next_of(const char *digits, bool is_cut, struct ml_quic_header *header)
{
    struct ml_span bytes = unhex(digits);
    struct ml_reader rd = is_cut ? ml_rd_open(bytes) : ml_rd_open_framed(bytes);
    bool ok = ml_quic_header_next(&rd, header);
    free_span(bytes);
    return ok;
}

/* --- versions --- */

static void versions_have_names(void **state)
{
    (void)state;
    static const struct {
        uint32_t wire;
        const char *name;
    } versions[] = {{1, "1"},
                    {0x6b3343cf, "2"},
                    {0xff00001d, "draft-29"},
                    {0xff000016, "draft-22"},
                    {0x51303530, "Q050"},
                    {0x54303531, "T051"},
                    {0xfaceb002, "mvfst (draft 27)"},
                    {0x1a2a3a4a, "reserved"}};
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        assert_string_equal(ml_quic_version_find(versions[i].wire)->name, versions[i].name);
    }
    assert_null(ml_quic_version_find(0));
    assert_null(ml_quic_version_find(2));
    assert_null(ml_quic_version_find(0xff000015));
}

/* --- headers --- */

static void an_initial_header_is_read(void **state)
{
    (void)state;
    struct ml_span bytes = unhex("c3 00000001 04 01020304 02 aabb 03 746f6b 4005 1122334455 ff");
    struct ml_reader rd = ml_rd_open_framed(bytes);
    struct ml_quic_header header;
    assert_true(ml_quic_header_next(&rd, &header));
    assert_int_equal(header.type, ML_QUIC_INITIAL);
    assert_true(header.has_fixed_bit);
    assert_int_equal(header.dcid.len, 4);
    assert_int_equal(header.scid.len, 2);
    assert_int_equal(header.number_at, 19);
    assert_int_equal(header.len, 24);
    assert_int_equal(header.packet.len, 24);
    assert_int_equal(ml_rd_left(&rd), 1);
    free_span(bytes);
}

static void packets_share_a_datagram(void **state)
{
    (void)state;
    struct ml_span bytes = unhex("c0 00000001 00 00 00 02 1111"
                                 "d0 00000001 00 00 01 22"
                                 "e0 00000001 00 00 03 333333"
                                 "40 44444444");
    struct ml_reader rd = ml_rd_open_framed(bytes);
    struct ml_quic_header header;
    assert_true(ml_quic_header_next(&rd, &header));
    assert_int_equal(header.type, ML_QUIC_INITIAL);
    assert_true(ml_quic_header_next(&rd, &header));
    assert_int_equal(header.type, ML_QUIC_ZERO_RTT);
    assert_true(ml_quic_header_next(&rd, &header));
    assert_int_equal(header.type, ML_QUIC_HANDSHAKE);
    assert_int_equal(header.len, 11);
    assert_int_equal(header.packet.ptr[10], 0x33);
    assert_false(ml_quic_header_next(&rd, &header)); /* a short header ends it */
    free_span(bytes);
}

static void version_2_has_other_type_bits(void **state)
{
    (void)state;
    struct ml_quic_header header; /* RFC 9369, section 3.2 */
    assert_true(next_of("d0 6b3343cf 00 00 00 01 11", false, &header));
    assert_int_equal(header.type, ML_QUIC_INITIAL);
    assert_true(next_of("e0 6b3343cf 00 00 01 11", false, &header));
    assert_int_equal(header.type, ML_QUIC_ZERO_RTT);
    assert_true(next_of("f0 6b3343cf 00 00 01 11", false, &header));
    assert_int_equal(header.type, ML_QUIC_HANDSHAKE);
    assert_true(next_of("c0 6b3343cf 00 00 00112233445566778899aabbccddeeff", false, &header));
    assert_int_equal(header.type, ML_QUIC_RETRY);
}

static void a_retry_fills_the_datagram(void **state)
{
    (void)state;
    struct ml_quic_header header;
    assert_true(next_of("f0 00000001 00 02 aabb 746f6b656e 00112233445566778899aabbccddeeff", false, &header));
    assert_int_equal(header.type, ML_QUIC_RETRY);
    assert_int_equal(header.len, 30);
    assert_false(next_of("f0 00000001 00 02 aabb 001122", false, &header)); /* no room for its tag */
}

static void a_negotiation_lists_known_versions(void **state)
{
    (void)state;
    struct ml_quic_header header;
    assert_true(next_of("80 00000000 00 01 aa 00000001 0a1a2a3a", false, &header));
    assert_int_equal(header.type, ML_QUIC_NEGOTIATION);
    assert_false(next_of("80 00000000 00 01 aa 12345678", false, &header));
    assert_false(next_of("80 00000000 00 01 aa", false, &header));
    assert_false(next_of("80 00000000 00 01 aa 00000001 00", false, &header));
}

static void what_is_no_quic_packet_is_refused(void **state)
{
    (void)state;
    struct ml_quic_header header;
    assert_false(next_of("", false, &header));
    assert_false(next_of("40 00000001 00 00 00 01 11", false, &header)); /* short header */
    assert_false(next_of("c0 12345678 00 00 00 01 11", false, &header)); /* no such version */
    assert_false(next_of("c0 00000001 15 00112233445566778899aabbccddeeff0011223344 00 00 01 11", false,
                         &header));                                      /* 21 bytes of id */
    assert_false(next_of("c0 00000001 00 00 05 01 11", false, &header)); /* token beyond the datagram */
    assert_false(next_of("c0 00000001 00 00 00 02 11", false, &header)); /* packet beyond the datagram */
    assert_true(next_of("c0 00000001 00 00 00 02 11", true, &header));   /* which is fine when it was cut */
    assert_int_equal(header.len, 11);
    assert_int_equal(header.packet.len, 10);
    assert_false(next_of("c0 00000001 00 00 00 80010000 11", true, &header)); /* no datagram is that long */
    assert_true(next_of("80 00000001 00 00 00 01 11", false, &header));
    assert_false(header.has_fixed_bit);
}

static void walk(void *context, struct ml_span bytes)
{
    (void)context;
    struct ml_reader rd = ml_rd_open_framed(bytes);
    struct ml_quic_header header;
    while (ml_quic_header_next(&rd, &header)) {
        assert_true(header.packet.len == 0 ||
                    (header.packet.ptr >= bytes.ptr && header.packet.ptr + header.packet.len <= bytes.ptr + bytes.len));
        assert_true(header.number_at <= header.packet.len || header.type == ML_QUIC_NEGOTIATION);
    }
}

static void any_byte_of_a_header_may_be_missing_or_wrong(void **state)
{
    (void)state;
    struct ml_span bytes = unhex("c3 00000001 04 01020304 02 aabb 03 746f6b 4005 1122334455"
                                 "e0 00000001 04 01020304 02 aabb 03 333333");
    sweep_truncations(bytes, walk, NULL);
    sweep_bit_flips(bytes, walk, NULL);
    free_span(bytes);
}

/* --- frames --- */

static unsigned count_crypto(const char *digits, bool is_google, enum ml_rd_state *state)
{
    struct ml_span bytes = unhex(digits);
    struct ml_reader rd = ml_rd_open_framed(bytes);
    struct ml_quic_crypto_frame frame;
    unsigned n = 0;
    while (ml_quic_crypto_next(&rd, is_google, &frame)) {
        n++;
    }
    *state = rd.state;
    free_span(bytes);
    return n;
}

static void crypto_frames_are_found_among_others(void **state)
{
    (void)state;
    enum ml_rd_state rd = ML_RD_OK;
    /* PADDING, PING, ACK with a range, CRYPTO, ACK with ECN, CRYPTO, CONNECTION_CLOSE with a reason, PADDING */
    assert_int_equal(count_crypto("0000 01 02 05 00 01 00 02 03 06 00 02 aabb 03 05 00 00 00 01 02 03 06 02 01 cc"
                                  "1c 0a 06 02 6f6b 00",
                                  false, &rd),
                     2);
    assert_int_equal(rd, ML_RD_OK);
    assert_int_equal(count_crypto("00 07 08 00 02 aabb 00", true, &rd), 1); /* Google's numbers */
    assert_int_equal(rd, ML_RD_OK);
}

static void frames_without_a_place_in_an_initial_are_refused(void **state)
{
    (void)state;
    enum ml_rd_state rd = ML_RD_OK;
    assert_int_equal(count_crypto("06 00 01 aa 0a 00 01 61", false, &rd), 1); /* STREAM */
    assert_int_equal(rd, ML_RD_BAD);
    assert_int_equal(count_crypto("1d 0a 00", false, &rd), 0); /* CONNECTION_CLOSE of an application */
    assert_int_equal(rd, ML_RD_BAD);
    assert_int_equal(count_crypto("06 00 05 aabb", false, &rd), 0); /* longer than the packet */
    assert_int_equal(rd, ML_RD_BAD);
    assert_int_equal(count_crypto("02 05 00 ffffffffffffffff 00", false, &rd), 0); /* ranges without end */
    assert_int_equal(rd, ML_RD_BAD);
}

static void a_cut_frame_gives_what_is_there(void **state)
{
    (void)state;
    struct ml_span bytes = unhex("06 00 05 aabb");
    struct ml_reader rd = ml_rd_open(bytes);
    struct ml_quic_crypto_frame frame;
    assert_true(ml_quic_crypto_next(&rd, false, &frame));
    assert_int_equal(frame.bytes.len, 2);
    free_span(bytes);
}

static void walk_frames(void *context, struct ml_span bytes)
{
    (void)context;
    struct ml_reader rd = ml_rd_open_framed(bytes);
    struct ml_quic_crypto_frame frame;
    while (ml_quic_crypto_next(&rd, false, &frame)) {
        assert_true(frame.bytes.len <= bytes.len);
    }
}

static void any_byte_of_a_frame_may_be_missing_or_wrong(void **state)
{
    (void)state;
    struct ml_span bytes = unhex("0000 01 02 05 00 01 00 02 03 06 00 02 aabb 03 05 00 00 00 01 02 03 1c 0a 06 02 6f6b");
    sweep_truncations(bytes, walk_frames, NULL);
    sweep_bit_flips(bytes, walk_frames, NULL);
    free_span(bytes);
}

/* --- Google's QUIC before TLS --- */

/* CHLO with PAD, SNI, UAID: index of tags and ends, then the values. */
#define CHLO                                                                                                           \
    "43484c4f 0300 0000 50414400 02000000 534e4900 12000000 55414944 16000000 2d2d"                                    \
    "636861742e6578616d706c652e636f6d 74657374"

static bool hello_of(const char *digits, struct ml_gquic_hello *hello, struct ml_span *bytes)
{
    *bytes = unhex(digits);
    struct ml_reader rd = ml_rd_open(*bytes);
    return ml_gquic_hello_parse(&rd, hello);
}

static void a_chlo_names_host_and_user_agent(void **state)
{
    (void)state;
    struct ml_gquic_hello hello;
    struct ml_span bytes;
    assert_true(hello_of(CHLO, &hello, &bytes));
    assert_span_text(hello.host_name, "chat.example.com");
    assert_span_text(hello.user_agent, "test");
    assert_false(hello.is_cut);
    free_span(bytes);
}

static void a_chlo_that_lies_is_refused(void **state)
{
    (void)state;
    struct ml_gquic_hello hello;
    struct ml_span bytes;
    assert_false(hello_of("52454a00 0100 0000 50414400 00000000", &hello, &bytes)); /* not CHLO */
    free_span(bytes);
    assert_false(hello_of("43484c4f 0001 0000 50414400 00000000", &hello, &bytes)); /* 256 tags */
    free_span(bytes);
    assert_false(hello_of("43484c4f 0200 0000 50414400 00000000", &hello, &bytes)); /* index cut */
    free_span(bytes);
    assert_false(hello_of("43484c4f 0200 0000 50414400 02000000 534e4900 01000000 aabb", &hello, &bytes)); /* back */
    free_span(bytes);
    assert_true(hello_of("43484c4f 0100 0000 534e4900 10000000 6368", &hello, &bytes)); /* value cut */
    assert_true(hello.is_cut);
    assert_int_equal(hello.host_name.len, 0);
    free_span(bytes);
}

static void check_packet(const char *digits, const char *version)
{
    struct ml_span bytes = unhex(digits);
    struct ml_reader rd = ml_rd_open(bytes);
    struct ml_gquic_packet packet;
    struct ml_span chlo = {0};
    assert_true(ml_gquic_packet_parse(&rd, &packet));
    assert_string_equal(packet.version, version);
    assert_int_equal(packet.cid.len, 8);
    assert_true(ml_gquic_hello_find(&packet, &chlo));
    assert_true(ml_span_starts(chlo, "CHLO"));
    free_span(bytes);
}

#define HASH "000102030405060708090a0b"

static void headers_of_all_ages_are_read(void **state)
{
    (void)state;
    /* Public header and private flags; little-endian length. */
    check_packet("09 1122334455667788 51303333 01" HASH "00 a0 01 3600" CHLO, "Q033");
    /* A FEC group behind the private flags. */
    check_packet("0d 1122334455667788 51303235 01" HASH "02 09 a0 01 3600" CHLO, "Q025");
    check_packet("09 1122334455667788 51303335 01" HASH "a0 01 3600" CHLO, "Q035");
    /* Big-endian length; an offset of two bytes; PADDING and PING before. */
    check_packet("19 1122334455667788 51303433 0001" HASH "00 07 a4 01 0000 0036" CHLO, "Q043");
    /* Long headers. */
    check_packet("c3 51303436 50 1122334455667788 00000001" HASH "a0 01 0036" CHLO, "Q046");
    check_packet("ff 51303434 50 1122334455667788 00000001" HASH "a0 01 0036" CHLO, "Q044");
    /* Without a length the data fills the packet. */
    check_packet("09 1122334455667788 51303433 01" HASH "80 01" CHLO, "Q043");
}

static void what_is_no_gquic_packet_is_refused(void **state)
{
    (void)state;
    static const char *const others[] = {
        "08 1122334455667788 51303433 01", /* no version */
        "01 51303433 01",                  /* no id */
        "0b 1122334455667788 51303433 01", /* a reset */
        "89 1122334455667788 51303433 01", /* reserved bit: this would be a long header */
        "09 1122334455667788 51313433 01", /* not Google's version */
        "09 1122334455667788 51303230 01", /* Q020 */
        "09 1122334455667788 51303437 01", /* Q047 */
        "09 1122334455667788 5130",
        "",
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct ml_span bytes = unhex(others[i]);
        struct ml_reader rd = ml_rd_open(bytes);
        struct ml_gquic_packet packet;
        assert_false(ml_gquic_packet_parse(&rd, &packet));
        free_span(bytes);
    }
}

static void walk_gquic(void *context, struct ml_span bytes)
{
    (void)context;
    struct ml_reader rd = ml_rd_open(bytes);
    struct ml_gquic_packet packet;
    struct ml_gquic_hello hello;
    struct ml_span chlo = {0};
    if (ml_gquic_packet_parse(&rd, &packet) && ml_gquic_hello_find(&packet, &chlo)) {
        struct ml_reader inner = ml_rd_open(chlo);
        if (ml_gquic_hello_parse(&inner, &hello)) {
            assert_true(hello.host_name.len <= bytes.len);
        }
    }
}

static void any_byte_of_a_chlo_may_be_missing_or_wrong(void **state)
{
    (void)state;
    struct ml_span bytes = unhex("19 1122334455667788 51303433 0001" HASH "00 07 a4 01 0000 0036" CHLO);
    sweep_truncations(bytes, walk_gquic, NULL);
    sweep_bit_flips(bytes, walk_gquic, NULL);
    free_span(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_have_names),
        cmocka_unit_test(an_initial_header_is_read),
        cmocka_unit_test(packets_share_a_datagram),
        cmocka_unit_test(version_2_has_other_type_bits),
        cmocka_unit_test(a_retry_fills_the_datagram),
        cmocka_unit_test(a_negotiation_lists_known_versions),
        cmocka_unit_test(what_is_no_quic_packet_is_refused),
        cmocka_unit_test(any_byte_of_a_header_may_be_missing_or_wrong),
        cmocka_unit_test(crypto_frames_are_found_among_others),
        cmocka_unit_test(frames_without_a_place_in_an_initial_are_refused),
        cmocka_unit_test(a_cut_frame_gives_what_is_there),
        cmocka_unit_test(any_byte_of_a_frame_may_be_missing_or_wrong),
        cmocka_unit_test(a_chlo_names_host_and_user_agent),
        cmocka_unit_test(a_chlo_that_lies_is_refused),
        cmocka_unit_test(headers_of_all_ages_are_read),
        cmocka_unit_test(what_is_no_gquic_packet_is_refused),
        cmocka_unit_test(any_byte_of_a_chlo_may_be_missing_or_wrong),
    };
    return cmocka_run_group_tests_name("proto/quic_header", tests, NULL, NULL);
}

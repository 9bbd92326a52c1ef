/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/quic/protect.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/quic_build.h"
#include "support/tls_build.h"

static const uint8_t rfc_dcid[] = {0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08};

enum { VERSION_1 = 1, VERSION_2 = 0x6b3343cf };

static void free_span(struct ml_span bytes)
{
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
}

static void assert_hex(struct ml_span bytes, const char *digits)
{
    struct ml_span want = unhex(digits);
    assert_int_equal(bytes.len, want.len);
    assert_memory_equal(bytes.ptr, want.ptr, want.len);
    free_span(want);
}

static struct ml_quic_keys keys_of(struct ml_quic_crypto *crypto, uint32_t version, bool is_server)
{
    struct ml_quic_keys keys;
    struct ml_span dcid = ml_span_of(rfc_dcid, sizeof rfc_dcid);
    assert_true(ml_quic_initial_keys(crypto, ml_quic_version_find(version), dcid, is_server, &keys));
    return keys;
}

static void keys_are_those_of_rfc_9001_appendix_a_1(void **state)
{
    (void)state;
    struct ml_quic_crypto *crypto = ml_quic_crypto_new();
    struct ml_quic_keys keys = keys_of(crypto, VERSION_1, false);
    assert_hex(ml_span_of(keys.key, 16), "1f369613dd76d5467730efcbe3b1a22d");
    assert_hex(ml_span_of(keys.iv, 12), "fa044b2f42a3fd3b46fb255c");
    assert_hex(ml_span_of(keys.hp, 16), "9f50449e04a0e810283a1e9933adedd2");
    keys = keys_of(crypto, VERSION_1, true);
    assert_hex(ml_span_of(keys.key, 16), "cf3a5331653c364c88f0f379b6067e37");
    assert_hex(ml_span_of(keys.iv, 12), "0ac1493ca1905853b0bba03e");
    assert_hex(ml_span_of(keys.hp, 16), "c206b8d9b9f0f37644430b490eeaa314");
    ml_quic_crypto_free(crypto);
}

static void keys_are_those_of_rfc_9369_appendix_a_1(void **state)
{
    (void)state;
    struct ml_quic_crypto *crypto = ml_quic_crypto_new();
    struct ml_quic_keys keys = keys_of(crypto, VERSION_2, false);
    assert_hex(ml_span_of(keys.key, 16), "8b1a0bc121284290a29e0971b5cd045d");
    assert_hex(ml_span_of(keys.iv, 12), "91f73e2351d8fa91660e909f");
    assert_hex(ml_span_of(keys.hp, 16), "45b95e15235d6f45a6b19cbcb0294ba9");
    keys = keys_of(crypto, VERSION_2, true);
    assert_hex(ml_span_of(keys.key, 16), "82db637861d55e1d011f19ea71d5d2a7");
    assert_hex(ml_span_of(keys.iv, 12), "dd13c276499c0249d3310652");
    assert_hex(ml_span_of(keys.hp, 16), "edf6d05c83121201b436e16877593c3a");
    ml_quic_crypto_free(crypto);
}

static void open_packet(uint32_t version, bool is_server, struct ml_span packet, struct ml_span want, uint64_t number)
{
    struct ml_quic_crypto *crypto = ml_quic_crypto_new();
    struct ml_quic_keys keys = keys_of(crypto, version, is_server);
    struct ml_reader rd = ml_rd_open_framed(packet);
    struct ml_quic_header header;
    struct ml_quic_opened opened;
    assert_true(ml_quic_header_next(&rd, &header));
    assert_true(ml_quic_open(crypto, &keys, &header, 0, &opened));
    assert_true(opened.is_verified);
    assert_int_equal(opened.number, number);
    assert_true(opened.frames.len >= want.len);
    assert_memory_equal(opened.frames.ptr, want.ptr, want.len);
    for (size_t i = want.len; i < opened.frames.len; i++) {
        assert_int_equal(opened.frames.ptr[i], 0); /* padding */
    }
    ml_quic_crypto_free(crypto);
}

/*
 * The client's packets of both appendices are 1200 bytes. They are built here from their parts; that they are the
 * published ones is seen from their first bytes and from their tag, which covers all of them.
 */
static void the_clients_packets_of_both_rfcs_are_opened(void **state)
{
    (void)state;
    struct ml_span frames = qb_rfc_client_frames();
    static const struct {
        uint32_t version;
        const char *first;
        const char *tag;
    } packets[] = {
        {VERSION_1, "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11",
         "e221af44860018ab0856972e194cd934"},
        {VERSION_2, "d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485",
         "a18b2faa745b6fe189cf772a9f84cbfc"},
    };
    for (size_t i = 0; i < 2; i++) {
        struct ml_buf out = tb_buf();
        struct qb_initial initial = packets[i].version == VERSION_1 ? qb_version_1() : qb_version_2();
        initial.frames = frames;
        qb_initial(&out, &initial);
        assert_int_equal(out.len, 1200);
        assert_hex(ml_span_cut(ml_buf_span(&out), 0, 32), packets[i].first);
        assert_hex(ml_span_cut(ml_buf_span(&out), 1184, 16), packets[i].tag);
        open_packet(packets[i].version, false, ml_buf_span(&out), frames, 2);
        ml_buf_fini(&out);
    }
    free_span(frames);
}

static void the_servers_packets_of_both_rfcs_are_opened(void **state)
{
    (void)state;
    struct ml_span frames = qb_rfc_server_frames();
    struct ml_span first = unhex("cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a"
                                 "5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3"
                                 "dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84"
                                 "022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc4"
                                 "2158407dd074ee");
    struct ml_span second = unhex("dc6b3343cf0008f067a5502a4262b5004075d92faaf16f05d8a4398c47089698"
                                  "baeea26b91eb761d9b89237bbf87263017915358230035f7fd3945d88965cf17"
                                  "f9af6e16886c61bfc703106fbaf3cb4cfa52382dd16a393e42757507698075b2"
                                  "c984c707f0a0812d8cd5a6881eaf21ceda98f4bd23f6fe1a3e2c43edd9ce7ca8"
                                  "4bed8521e2e140");
    open_packet(VERSION_1, true, first, frames, 1);
    open_packet(VERSION_2, true, second, frames, 1);
    free_span(frames);
    free_span(first);
    free_span(second);
}

static struct ml_buf small_packet(uint32_t number, unsigned number_len)
{
    struct ml_buf out = tb_buf();
    struct ml_span frames = unhex("06 00 04 01020304");
    struct qb_initial initial = qb_version_1();
    initial.frames = frames;
    initial.number = number;
    initial.number_len = number_len;
    initial.padded = 24;
    qb_initial(&out, &initial);
    free_span(frames);
    return out;
}

struct opener {
    struct ml_quic_crypto *crypto;
    struct ml_quic_keys keys;
    uint64_t expected;
    unsigned n_opened;
    unsigned n_verified;
};

static void try_open(void *context, struct ml_span bytes)
{
    struct opener *opener = context;
    struct ml_reader rd = ml_rd_open(bytes);
    struct ml_quic_header header;
    struct ml_quic_opened opened;
    if (ml_quic_header_next(&rd, &header) && header.type == ML_QUIC_INITIAL &&
        ml_quic_open(opener->crypto, &opener->keys, &header, opener->expected, &opened)) {
        opener->n_opened++;
        opener->n_verified += opened.is_verified ? 1 : 0;
    }
}

static void a_changed_bit_is_found_out(void **state)
{
    (void)state;
    struct ml_buf packet = small_packet(2, 4);
    struct opener opener = {.crypto = ml_quic_crypto_new()};
    opener.keys = keys_of(opener.crypto, VERSION_1, false);
    try_open(&opener, ml_buf_span(&packet));
    assert_int_equal(opener.n_verified, 1);
    sweep_bit_flips(ml_buf_span(&packet), try_open, &opener);
    assert_int_equal(opener.n_verified, 1); /* none more */
    ml_quic_crypto_free(opener.crypto);
    ml_buf_fini(&packet);
}

static void a_cut_packet_is_opened_but_not_verified(void **state)
{
    (void)state;
    struct ml_buf packet = small_packet(2, 4);
    struct opener opener = {.crypto = ml_quic_crypto_new()};
    opener.keys = keys_of(opener.crypto, VERSION_1, false);
    sweep_truncations(ml_buf_span(&packet), try_open, &opener);
    assert_true(opener.n_opened != 0);
    assert_int_equal(opener.n_verified, 0);
    ml_quic_crypto_free(opener.crypto);
    ml_buf_fini(&packet);
}

static void keys_of_another_id_or_side_do_not_fit(void **state)
{
    (void)state;
    struct ml_buf packet = small_packet(2, 4);
    struct opener opener = {.crypto = ml_quic_crypto_new()};
    opener.keys = keys_of(opener.crypto, VERSION_1, true);
    try_open(&opener, ml_buf_span(&packet));
    opener.keys = keys_of(opener.crypto, VERSION_2, false);
    try_open(&opener, ml_buf_span(&packet));
    assert_true(ml_quic_initial_keys(opener.crypto, ml_quic_version_find(VERSION_1), ml_span_of(rfc_dcid, 7), false,
                                     &opener.keys));
    try_open(&opener, ml_buf_span(&packet));
    assert_int_equal(opener.n_opened, 0);
    ml_quic_crypto_free(opener.crypto);
    ml_buf_fini(&packet);
}

/* RFC 9000, appendix A.3: only the end of a number is sent; the rest follows from the largest seen. */
static void numbers_are_made_whole(void **state)
{
    (void)state;
    static const struct {
        uint32_t number;
        unsigned len;
        uint64_t expected;
    } cases[] = {{0, 1, 0},         {300, 1, 299},       {256, 1, 255},
                 {255, 1, 256},     {0x9b32, 2, 0x9b00}, {0xa82f9b32, 2, 0xa82f30eb},
                 {70000, 3, 60000}, {0xffffffff, 4, 0}};
    struct opener opener = {.crypto = ml_quic_crypto_new()};
    opener.keys = keys_of(opener.crypto, VERSION_1, false);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        /* The packet number goes into the nonce whole and into the header cut. */
        struct ml_buf packet = small_packet(cases[i].number, cases[i].len);
        opener.expected = cases[i].expected;
        opener.n_verified = 0;
        try_open(&opener, ml_buf_span(&packet));
        assert_int_equal(opener.n_verified, 1);
        ml_buf_fini(&packet);
    }
    ml_quic_crypto_free(opener.crypto);
}

static void make_without_memory(void *context)
{
    (void)context;
    ml_quic_crypto_free(ml_quic_crypto_new());
}

static void missing_memory_is_survived(void **state)
{
    (void)state;
    assert_true(oom_sweep(make_without_memory, NULL) >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_those_of_rfc_9001_appendix_a_1),
        cmocka_unit_test(keys_are_those_of_rfc_9369_appendix_a_1),
        cmocka_unit_test(the_clients_packets_of_both_rfcs_are_opened),
        cmocka_unit_test(the_servers_packets_of_both_rfcs_are_opened),
        cmocka_unit_test(a_changed_bit_is_found_out),
        cmocka_unit_test(a_cut_packet_is_opened_but_not_verified),
        cmocka_unit_test(keys_of_another_id_or_side_do_not_fit),
        cmocka_unit_test(numbers_are_made_whole),
        cmocka_unit_test(missing_memory_is_survived),
    };
    return cmocka_run_group_tests_name("proto/quic_protect", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "core/text.h"
#include "proto/quic/frames.h"
#include "proto/quic/protect.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/quic_build.h"
#include "support/tls_build.h"

static void assert_hex(struct ml_span bytes, const char *digits)
{
    struct ml_span want = unhex(digits);
    assert_int_equal(bytes.len, want.len);
    assert_memory_equal(bytes.ptr, want.ptr, want.len);
    ml_mem_free((void *)(uintptr_t)want.ptr);
}

static const uint8_t rfc_dcid[] = {0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08};

static void keys_are_those_of_rfc_9001_appendix_a_1(void **state)
{
    (void)state;
    struct ml_quic_crypto *crypto = ml_quic_crypto_new();
    struct ml_quic_keys keys;
    struct ml_span dcid = ml_span_of(rfc_dcid, sizeof rfc_dcid);
    assert_true(ml_quic_initial_keys(crypto, ml_quic_version_find(1), dcid, false, &keys));
    assert_hex(ml_span_of(keys.key, 16), "1f369613dd76d5467730efcbe3b1a22d");
    assert_hex(ml_span_of(keys.iv, 12), "fa044b2f42a3fd3b46fb255c");
    assert_hex(ml_span_of(keys.hp, 16), "9f50449e04a0e810283a1e9933adedd2");
    assert_true(ml_quic_initial_keys(crypto, ml_quic_version_find(1), dcid, true, &keys));
    assert_hex(ml_span_of(keys.key, 16), "cf3a5331653c364c88f0f379b6067e37");
    assert_hex(ml_span_of(keys.iv, 12), "0ac1493ca1905853b0bba03e");
    assert_hex(ml_span_of(keys.hp, 16), "c206b8d9b9f0f37644430b490eeaa314");
    ml_quic_crypto_free(crypto);
}

static void keys_are_those_of_rfc_9369_appendix_a_1(void **state)
{
    (void)state;
    struct ml_quic_crypto *crypto = ml_quic_crypto_new();
    struct ml_quic_keys keys;
    struct ml_span dcid = ml_span_of(rfc_dcid, sizeof rfc_dcid);
    assert_true(ml_quic_initial_keys(crypto, ml_quic_version_find(0x6b3343cf), dcid, false, &keys));
    assert_hex(ml_span_of(keys.key, 16), "8b1a0bc121284290a29e0971b5cd045d");
    assert_hex(ml_span_of(keys.iv, 12), "91f73e2351d8fa91660e909f");
    assert_hex(ml_span_of(keys.hp, 16), "45b95e15235d6f45a6b19cbcb0294ba9");
    assert_true(ml_quic_initial_keys(crypto, ml_quic_version_find(0x6b3343cf), dcid, true, &keys));
    assert_hex(ml_span_of(keys.key, 16), "82db637861d55e1d011f19ea71d5d2a7");
    assert_hex(ml_span_of(keys.iv, 12), "dd13c276499c0249d3310652");
    assert_hex(ml_span_of(keys.hp, 16), "edf6d05c83121201b436e16877593c3a");
    ml_quic_crypto_free(crypto);
}

static void dump(struct ml_span b)
{
    char *t = ml_mem_array(2 * b.len + 1, 1);
    ml_hex_write(b, t);
    print_message("%s\n", t);
    ml_mem_free(t);
}
int main(void)
{
    struct ml_buf out = tb_buf();
    struct qb_initial i = qb_version_1();
    i.frames = qb_rfc_client_frames();
    qb_initial(&out, &i);
    dump(ml_buf_span(&out));
    ml_buf_clear(&out);
    i = qb_version_2();
    i.frames = qb_rfc_client_frames();
    qb_initial(&out, &i);
    dump(ml_buf_span(&out));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_those_of_rfc_9001_appendix_a_1),
        cmocka_unit_test(keys_are_those_of_rfc_9369_appendix_a_1),
    };
    return cmocka_run_group_tests_name("proto/quic_protect", tests, NULL, NULL);
}

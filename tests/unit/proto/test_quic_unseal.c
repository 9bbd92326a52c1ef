/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic/unseal.h"

#include "core/mem.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/quic_sealed.h"
#include "support/tls_build.h"

/* RFC 9001, appendix A.5, and RFC 9369, appendix A.5, have this secret and this number in common. */
static const char rfc_secret[] = "9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b";

enum { CHACHA = 0x1303, RFC_NUMBER = 654360564 };

static struct ml_buf hex(const char *digits)
{
    struct ml_buf out = tb_buf();
    tb_hex(&out, digits);
    return out;
}

static bool opens(const struct ml_quic_secret *secret, struct ml_span packet, size_t number_at, uint64_t expected,
                  struct ml_buf *plain, uint64_t *number)
{
    struct ml_quic_masker *masker = ml_quic_masker_new(secret);
    struct ml_quic_aead *aead = ml_quic_aead_new(secret);
    struct ml_quic_unmasked unmasked;
    assert_true(masker != NULL && aead != NULL);
    bool ok = ml_quic_unmask(masker, packet, number_at, &unmasked);
    if (ok) {
        *number = ml_quic_whole_number(expected, unmasked.truncated, unmasked.number_len);
        ok = ml_quic_aead_open(aead, &unmasked, *number, plain);
    }
    ml_quic_masker_free(masker);
    ml_quic_aead_free(aead);
    return ok;
}

static void the_chacha20_packets_of_both_rfcs_open(void **state)
{
    (void)state;
    static const struct {
        bool is_v2;
        const char *packet;
    } samples[] = {{false, "4cfe4189655e5cd55c41f69080575d7999c25a5bfb"},
                   {true, "5558b1c60ae7b6b932bc27d786f4bc2bb20f2162ba"}};
    struct ml_buf bytes = hex(rfc_secret);
    for (size_t i = 0; i < 2; i++) {
        const struct ml_quic_secret secret = {
            .suite = CHACHA, .has_v2_labels = samples[i].is_v2, .bytes = ml_buf_span(&bytes)};
        struct ml_buf packet = hex(samples[i].packet);
        struct ml_buf plain = tb_buf();
        uint64_t number = 0;
        assert_true(opens(&secret, ml_buf_span(&packet), 1, RFC_NUMBER - 1, &plain, &number));
        assert_int_equal(number, RFC_NUMBER);
        assert_int_equal(plain.len, 1);
        assert_int_equal(plain.bytes[0], 1); /* PING */
        packet.bytes[packet.len - 1] ^= 1;
        assert_false(opens(&secret, ml_buf_span(&packet), 1, RFC_NUMBER - 1, &plain, &number));
        ml_buf_fini(&plain);
        ml_buf_fini(&packet);
    }
    ml_buf_fini(&bytes);
}

static void a_number_is_the_nearest_to_the_one_expected(void **state)
{
    (void)state;
    assert_int_equal(ml_quic_whole_number(0xa82f30eb, 0x9b32, 2), 0xa82f9b32); /* RFC 9000, appendix A.3 */
    assert_int_equal(ml_quic_whole_number(0, 0, 1), 0);
    assert_int_equal(ml_quic_whole_number(256, 255, 1), 255);
    assert_int_equal(ml_quic_whole_number(255, 1, 1), 257);
    assert_int_equal(ml_quic_whole_number(3, 0xff, 1), 0xff); /* there is nothing before zero */
}

static struct qs_packet sample(uint16_t suite, uint32_t version, unsigned generation)
{
    static const uint8_t id[] = {1, 2, 3, 4, 5, 6, 7, 8};
    return (struct qs_packet){.suite = suite,
                              .version = version,
                              .secret = 0x42,
                              .generation = generation,
                              .dcid = ml_span_of(id, sizeof id),
                              .number = 70000,
                              .number_len = 3,
                              .frames = ml_span_text("\x01\x01\x01\x01\x01\x01\x01\x01")};
}

static void every_suite_version_and_generation_opens(void **state)
{
    (void)state;
    static const uint16_t suites[] = {0x1301, 0x1302, 0x1303};
    static const uint32_t versions[] = {1, 0x6b3343cf};
    uint8_t bytes[48];
    memset(bytes, 0x42, sizeof bytes);
    for (size_t i = 0; i < 12; i++) {
        struct qs_packet packet = sample(suites[i % 3], versions[i / 3 % 2], (unsigned)(i / 6));
        const struct ml_quic_secret secret = {.suite = packet.suite,
                                              .has_v2_labels = packet.version != 1,
                                              .bytes = ml_span_of(bytes, packet.suite == 0x1302 ? 48 : 32)};
        struct ml_buf out = tb_buf();
        struct ml_buf plain = tb_buf();
        struct ml_quic_unmasked unmasked;
        struct ml_quic_masker *masker = ml_quic_masker_new(&secret);
        struct ml_quic_aead *first = ml_quic_aead_new(&secret);
        struct ml_quic_aead *second = ml_quic_aead_next(first);
        qs_packet(&out, &packet);
        assert_true(ml_quic_unmask(masker, ml_buf_span(&out), 9, &unmasked));
        assert_int_equal(unmasked.truncated, 70000);
        assert_int_equal(ml_quic_aead_open(first, &unmasked, 70000, &plain), packet.generation == 0);
        assert_int_equal(ml_quic_aead_open(second, &unmasked, 70000, &plain), packet.generation == 1);
        assert_false(ml_quic_aead_open(second, &unmasked, 70001, &plain));
        ml_quic_masker_free(masker);
        ml_quic_aead_free(first);
        ml_quic_aead_free(second);
        ml_buf_fini(&plain);
        ml_buf_fini(&out);
    }
}

static void suites_that_quic_does_not_have_give_no_keys(void **state)
{
    (void)state;
    static const uint16_t suites[] = {0x1305 /* CCM_8 */, 0xc02f, 0x0000, 0x13ff};
    uint8_t bytes[32] = {0};
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
        const struct ml_quic_secret secret = {.suite = suites[i], .bytes = ml_span_of(bytes, sizeof bytes)};
        assert_null(ml_quic_masker_new(&secret));
        assert_null(ml_quic_aead_new(&secret));
    }
}

static void check_broken(void *context, struct ml_span bytes)
{
    uint8_t secret_bytes[32] = {0};
    const struct ml_quic_secret secret = {.suite = 0x1301, .bytes = ml_span_of(secret_bytes, sizeof secret_bytes)};
    struct ml_buf plain = tb_buf();
    uint64_t number = 0;
    memset(secret_bytes, 0x42, sizeof secret_bytes);
    assert_false(opens(&secret, bytes, 9, 70000, &plain, &number) &&
                 !ml_span_equal(bytes, ml_buf_span((const struct ml_buf *)context)));
    ml_buf_fini(&plain);
}

static void no_shorter_or_damaged_packet_opens(void **state)
{
    (void)state;
    struct qs_packet packet = sample(0x1301, 1, 0);
    struct ml_buf out = tb_buf();
    qs_packet(&out, &packet);
    sweep_truncations(ml_buf_span(&out), check_broken, &out);
    sweep_bit_flips(ml_buf_span(&out), check_broken, &out);
    ml_buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_chacha20_packets_of_both_rfcs_open),
        cmocka_unit_test(a_number_is_the_nearest_to_the_one_expected),
        cmocka_unit_test(every_suite_version_and_generation_opens),
        cmocka_unit_test(suites_that_quic_does_not_have_give_no_keys),
        cmocka_unit_test(no_shorter_or_damaged_packet_opens),
    };
    return cmocka_run_group_tests_name("proto/quic_unseal", tests, NULL, NULL);
}

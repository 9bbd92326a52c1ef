/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/kakaotalk/loco.h"
#include "support/build.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/script.h"

/* docs/protocols/kakaotalk.md: the wrapped key, then a frame of `frame` bytes. */
static struct ml_span handshake(struct ml_buf *out, uint32_t wrap, uint32_t cipher, uint32_t frame)
{
    struct build_prng prng = {3};
    ml_buf_init(out, 4096);
    build_le(out, 4, 256);
    build_le(out, 4, wrap);
    build_le(out, 4, cipher);
    build_random(out, &prng, 256);
    build_le(out, 4, frame);
    build_random(out, &prng, 40);
    return build_span(out);
}

static void the_key_wrap_and_the_cipher_are_told(void **state)
{
    (void)state;
    struct ml_buf up;
    struct ml_span bytes = handshake(&up, 12, 2, 40);
    const struct script_line lines[] = {{ML_UP, bytes}};
    const struct script script = {&ml_parser_kakao_loco, ML_IP_TCP, 8080, lines, 1};
    script_assert(&script, "kakao.loco up kakao.key_wrap=12 kakao.cipher=2\n");
    assert_true(script_sweep(&script) >= 8 * 12);
    ml_buf_fini(&up);
}

static enum ml_match probe(struct ml_span bytes)
{
    struct ml_chunk chunk = {.bytes = bytes};
    return ml_parser_kakao_loco.probe(&chunk);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    static const struct {
        uint32_t wrap, cipher, frame;
        enum ml_match match;
    } cases[] = {
        {5, 2, 202, ML_MATCH_YES},      {0, 2, 40, ML_MATCH_NO},
        {256, 2, 40, ML_MATCH_NO},      {12, 1, 40, ML_MATCH_NO},
        {12, 2, 16, ML_MATCH_NO},       {12, 2, 17, ML_MATCH_YES},
        {12, 2, 1 << 24, ML_MATCH_YES}, {12, 2, (1 << 24) + 1, ML_MATCH_NO},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ml_buf up;
        struct ml_span bytes = handshake(&up, cases[i].wrap, cases[i].cipher, cases[i].frame);
        assert_int_equal(probe(bytes), cases[i].match);
        ml_buf_fini(&up);
    }
    assert_int_equal(probe(ml_span_of("\0\1\0", 3)), ML_MATCH_MORE);
    assert_int_equal(probe(ml_span_of("\0\2", 2)), ML_MATCH_NO);
    assert_int_equal(probe(ml_span_of("\0\1\0\0\f\0\0\0\2\0\0", 11)), ML_MATCH_MORE);
    assert_int_equal(probe(ml_span_of("\0\1\0\0\f\0\0\0\2\0\0\0", 12)), ML_MATCH_YES);
    assert_int_equal(probe(ml_span_of("\0\1\0\1\f\0\0\0\2\0\0\0", 12)), ML_MATCH_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_key_wrap_and_the_cipher_are_told),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests_name("proto/kakaotalk", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/digest.h"
#include "core/mem.h"
#include "proto/threema/threema.h"
#include "support/build.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/proto_rig.h"
#include "support/script.h"

#include <stdio.h>

/* docs/protocols/threema.md: 48, 80, 144 and extensions, 32, then frames. */
struct talk {
    struct ml_buf parts[4];
    struct script_line lines[4];
};

static void random_part(struct talk *talk, size_t i, enum ml_dir dir, size_t n)
{
    struct build_prng prng = {i + 1};
    ml_buf_init(&talk->parts[i], 4096);
    build_random(&talk->parts[i], &prng, n);
    talk->lines[i] = (struct script_line){dir, build_span(&talk->parts[i])};
}

static void handshake(struct talk *talk, size_t hello, size_t answer, size_t login, size_t ack)
{
    random_part(talk, 0, ML_UP, hello);
    random_part(talk, 1, ML_DOWN, answer);
    random_part(talk, 2, ML_UP, login);
    random_part(talk, 3, ML_DOWN, ack);
}

static void free_talk(struct talk *talk)
{
    for (size_t i = 0; i < 4; i++) {
        ml_buf_fini(&talk->parts[i]);
    }
}

static void sizes_in_turn_are_a_handshake(void **state)
{
    (void)state;
    static const uint16_t ports[] = {5222, 443};
    char expected[256];
    char digest[ML_SHA256_HEX];
    struct talk talk;
    handshake(&talk, 48, 80, 191, 54);
    assert_true(ml_sha256_hex(ml_span_cut(talk.lines[0].bytes, 0, 32), digest));
    (void)snprintf(expected, sizeof expected, "threema.handshake up threema.key_sha256=%s threema.login_bytes=191\n",
                   digest);
    for (size_t i = 0; i < 2; i++) {
        const struct script script = {&ml_parser_threema, ML_IP_TCP, ports[i], talk.lines, 4};
        script_assert(&script, expected);
    }
    const struct script script = {&ml_parser_threema, ML_IP_TCP, 5222, talk.lines, 4};
    assert_true(script_sweep(&script) >= 8 * 32 + 48 + 80); /* the key, and any byte missing */
    free_talk(&talk);
}

static void assert_refused(uint16_t port, size_t hello, size_t answer, size_t login, size_t ack)
{
    struct talk talk;
    handshake(&talk, hello, answer, login, ack);
    const struct script script = {&ml_parser_threema, ML_IP_TCP, port, talk.lines, 4};
    script_assert_refused(&script);
    free_talk(&talk);
}

static void other_sizes_are_none(void **state)
{
    (void)state;
    assert_refused(5222, 47, 80, 191, 32);
    assert_refused(5222, 49, 80, 191, 32);
    assert_refused(5222, 48, 79, 191, 32);
    assert_refused(5222, 48, 81, 191, 32);
    assert_refused(5222, 48, 80, 143, 32);
    assert_refused(5222, 48, 80, 2049, 32);
    assert_refused(5222, 48, 80, 191, 31);
    assert_refused(5223, 48, 80, 191, 32);
}

static void turns_count(void **state)
{
    (void)state;
    struct talk talk;
    handshake(&talk, 48, 80, 191, 54);
    const struct script_line early[] = {talk.lines[0], talk.lines[2], talk.lines[1], talk.lines[3]};
    const struct script_line server_first[] = {talk.lines[1], talk.lines[0], talk.lines[2], talk.lines[3]};
    const struct script scripts[] = {{&ml_parser_threema, ML_IP_TCP, 5222, early, 4},
                                     {&ml_parser_threema, ML_IP_TCP, 5222, server_first, 4}};
    for (size_t i = 0; i < 2; i++) {
        script_assert_refused(&scripts[i]);
        char *facts = script_facts(&scripts[i], 0); /* the parser itself does not trust the probe */
        assert_string_equal(facts, "");
        ml_mem_free(facts);
    }
    free_talk(&talk);
}

static void bytes_that_are_not_random_are_none(void **state)
{
    (void)state;
    static const char text[] = "GET-like text with few letters, few letters, few";
    struct talk talk;
    handshake(&talk, 48, 80, 191, 54);
    assert_int_equal(sizeof text - 1, 48);
    talk.lines[0].bytes = ml_span_text(text);
    const struct script script = {&ml_parser_threema, ML_IP_TCP, 5222, talk.lines, 4};
    script_assert_refused(&script);
    free_talk(&talk);
}

static void without_its_beginning_or_inside_another_layer_nothing_is_said(void **state)
{
    (void)state;
    struct talk talk;
    handshake(&talk, 48, 80, 191, 54);
    struct ml_flow flow = {.server_port = 5222, .saw_start = true};
    struct ml_chunk chunk = {.flow = &flow, .bytes = talk.lines[0].bytes, .n_layers = 1};
    assert_int_equal(ml_parser_threema.probe(&chunk), ML_MATCH_MORE);
    chunk.n_layers = 2;
    assert_int_equal(ml_parser_threema.probe(&chunk), ML_MATCH_NO);
    chunk.n_layers = 1;
    flow.saw_start = false;
    assert_int_equal(ml_parser_threema.probe(&chunk), ML_MATCH_NO);
    free_talk(&talk);
}

static void a_hole_ends_it(void **state)
{
    (void)state;
    struct talk talk;
    struct proto_rig rig;
    handshake(&talk, 48, 80, 191, 54);
    proto_rig_init(&rig, ML_IP_TCP, 5222);
    proto_rig_parser(&rig, &ml_parser_threema);
    proto_rig_feed(&rig, ML_UP, talk.lines[0].bytes);
    proto_rig_gap(&rig, ML_DOWN, 80);
    assert_false(rig.wants_more);
    proto_rig_fini(&rig);
    free_talk(&talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_in_turn_are_a_handshake),
        cmocka_unit_test(other_sizes_are_none),
        cmocka_unit_test(turns_count),
        cmocka_unit_test(bytes_that_are_not_random_are_none),
        cmocka_unit_test(without_its_beginning_or_inside_another_layer_nothing_is_said),
        cmocka_unit_test(a_hole_ends_it),
    };
    return cmocka_run_group_tests_name("proto/threema", tests, NULL, NULL);
}

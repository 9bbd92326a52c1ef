/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "proto/qq/oicq.h"
#include "proto/qq/sso.h"
#include "support/build.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/script.h"

/* docs/protocols/qq.md. Account 1234567; the ciphertexts are as long as real ones can be. */
static const char login_request[] = "00000029 0000000a 02 00000004 00 0000000b 31323334353637"
                                    "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf";
static const char session_request[] = "00000029 0000000b 01 00000102 00 0000000b 31323334353637"
                                      "b0b1b2b3b4b5b6b7b8b9babbbcbdbebf";
static const char session_response[] = "00000025 0000000b 01 00 0000000b 31323334353637"
                                       "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf";
static const char token_request[] = "00000031 0000000c 01 0000000c 5a5a5a5a5a5a5a5a 00 0000000b 31323334353637"
                                    "d0d1d2d3d4d5d6d7d8d9dadbdcdddedf";
#define TOKEN_SHA256 "e6a4ff9df5c3e4523900da36e7b538681c2ae36b0170cb17e1a3522a94e08c86"

static struct ml_span joined(struct ml_buf *out, const char *const *parts)
{
    ml_buf_init(out, 1 << 16);
    for (; *parts != NULL; parts++) {
        struct ml_span bytes = unhex(*parts);
        ml_buf_add_span(out, bytes);
        ml_mem_free((void *)(uintptr_t)bytes.ptr);
    }
    return build_span(out);
}

static void the_account_is_read_in_both_directions(void **state)
{
    (void)state;
    static const char *const up[] = {login_request, session_request, session_request, token_request, NULL};
    static const char *const down[] = {session_response, NULL};
    struct ml_buf bytes[2];
    const struct script_line lines[] = {{ML_UP, joined(&bytes[0], up)}, {ML_DOWN, joined(&bytes[1], down)}};
    const struct script script = {&ml_parser_qq_sso, ML_IP_TCP, 8080, lines, 2};
    script_assert(&script,
                  "qq.sso up qq.account=1234567 qq.frame_type=10 qq.crypt=zeros\n"
                  "qq.sso up qq.account=1234567 qq.frame_type=11 qq.crypt=session count=2\n"
                  "qq.sso up qq.account=1234567 qq.frame_type=12 qq.crypt=session qq.token_sha256=" TOKEN_SHA256 "\n"
                  "qq.sso down qq.account=1234567 qq.frame_type=11 qq.crypt=session\n");
    /* Lengths, types, crypt, token, account: 21 to 37 bytes of each frame. */
    assert_true(script_sweep(&script) > 8 * 100);
    ml_buf_fini(&bytes[0]);
    ml_buf_fini(&bytes[1]);
}

static enum ml_match read(const char *digits, struct ml_qq_sso *out)
{
    struct ml_span bytes = unhex(digits);
    enum ml_match match = ml_qq_sso_read(bytes, out);
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
    return match;
}

static void a_frame_before_login_has_no_account(void **state)
{
    (void)state;
    static const char *const up[] = {"00000023 0000000a 02 00000004 00 00000005 30 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
                                     NULL};
    struct ml_buf bytes;
    const struct script_line lines[] = {{ML_UP, joined(&bytes, up)}};
    const struct script script = {&ml_parser_qq_sso, ML_IP_TCP, 14000, lines, 1};
    script_assert(&script, "qq.sso up qq.frame_type=10 qq.crypt=zeros\n");
    ml_buf_fini(&bytes);
}

static void what_contradicts_itself_is_refused(void **state)
{
    (void)state;
    static const char *const lies[] = {
        "00000029 00000009 02 00000004 00 0000000b 31323334353637", /* type */
        "00000029 0000000e 02 00000004 00 0000000b 31323334353637",
        "00000029 0000000a 03 00000004 00 0000000b 31323334353637",           /* crypt */
        "00000029 0000000a 02 00000003 00 0000000b 31323334353637",           /* token shorter than its length */
        "00000029 0000000a 02 00000005 00 00 0000000b 31323334353637",        /* a token without a session */
        "00000029 0000000a 01 00000004 00 0000000b 31323334353637",           /* a session without a token */
        "00000031 0000000c 01 00001000 5a",                                   /* a token longer than any */
        "00000029 0000000b 01 00000102 01 0000000b 31323334353637",           /* no zero in front of the account */
        "00000029 0000000b 01 00000102 00 0000000b 31323334353a37",           /* no digit */
        "00000029 0000000b 01 00000102 00 0000000b 30323334353637",           /* leading zero */
        "00000026 0000000b 01 00000102 00 00000008 31323334",                 /* too few digits */
        "0000002e 0000000b 01 00000102 00 00000010 313233343536373839303132", /* too many */
        "0000002a 0000000b 01 00000102 00 0000000b 31323334353637",           /* ciphertext not a multiple of eight */
        "00000021 0000000b 01 00000102 00 0000000b 31323334353637",           /* ciphertext too short */
        "00000018 0000000b 00 00000102 00 0000000b 31323334353637",           /* frame ends within its head */
        "0000000b",                                                           /* shorter than any */
        "01000001",                                                           /* longer than any */
    };
    struct ml_qq_sso out;
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        if (read(lies[i], &out) != ML_MATCH_NO) {
            fail_msg("taken: %s", lies[i]);
        }
    }
    assert_int_equal(read("00000019 0000000b 00 00000102 00 0000000b 31323334353637", &out), ML_MATCH_YES);
}

static void a_broken_frame_ends_the_direction(void **state)
{
    (void)state;
    static const char *const up[] = {session_request, "00000029 00000077", session_request, NULL};
    struct ml_buf bytes;
    const struct script_line lines[] = {{ML_UP, joined(&bytes, up)}};
    const struct script script = {&ml_parser_qq_sso, ML_IP_TCP, 443, lines, 1};
    script_assert(&script, "qq.sso up qq.account=1234567 qq.frame_type=11 qq.crypt=session\n");
    ml_buf_fini(&bytes);
}

/* --- OICQ --- */

static const char oicq_request[] = "02 3b0b 0001 0017 0012d687 a0a1a2a3a4a5a6a7 03";
static const char oicq_answer[] = "02 3b0b 0001 0017 a0a1a2a3a4a5a6a7a8a9aaab 03";

static void an_oicq_datagram_of_a_client_has_its_account(void **state)
{
    (void)state;
    struct ml_span up = unhex(oicq_request);
    struct ml_span down = unhex(oicq_answer);
    const struct script_line lines[] = {{ML_UP, up}, {ML_UP, up}, {ML_DOWN, down}};
    const struct script script = {&ml_parser_qq_oicq, ML_IP_UDP, 8000, lines, 3};
    script_assert(&script, "qq.oicq up qq.account=1234567 qq.version=3b0b qq.command=1 count=2\n"
                           "qq.oicq down qq.version=3b0b qq.command=1\n");
    assert_true(script_sweep(&script) > 8 * 20);
    ml_mem_free((void *)(uintptr_t)up.ptr);
    ml_mem_free((void *)(uintptr_t)down.ptr);
}

static bool is_oicq(const char *digits, uint16_t port, bool is_cut)
{
    struct ml_span bytes = unhex(digits);
    struct ml_flow flow = {.server_port = port, .client_port = 4000};
    struct ml_chunk chunk = {.flow = &flow, .bytes = bytes, .is_datagram = true, .is_cut = is_cut};
    bool is = ml_parser_qq_oicq.probe(&chunk) == ML_MATCH_YES;
    ml_mem_free((void *)(uintptr_t)bytes.ptr);
    return is;
}

static void oicq_is_told_by_its_ends_its_command_and_its_port(void **state)
{
    (void)state;
    assert_true(is_oicq(oicq_request, 8000, false));
    assert_true(is_oicq("02 0f5f 00b5 0017 0012d687 a0a1a2a3a4a5a6a7 03", 8000, false));
    assert_true(is_oicq("02 0f5f 03f7 0017 0012d687 a0a1a2a3a4a5a6a7 03", 8000, false));
    assert_false(is_oicq(oicq_request, 8001, false));
    assert_false(is_oicq(oicq_request, 8000, true)); /* its end was not captured */
    assert_false(is_oicq("03 3b0b 0001 0017 0012d687 a0a1a2a3a4a5a6a7 03", 8000, false));
    assert_false(is_oicq("02 3b0b 0001 0017 0012d687 a0a1a2a3a4a5a6a7 04", 8000, false));
    assert_false(is_oicq("02 3b0b 0000 0017 0012d687 a0a1a2a3a4a5a6a7 03", 8000, false));
    assert_false(is_oicq("02 3b0b 00b6 0017 0012d687 a0a1a2a3a4a5a6a7 03", 8000, false));
    assert_false(is_oicq("02 0000 0001 0017 0012d687 a0a1a2a3a4a5a6a7 03", 8000, false));
    assert_false(is_oicq("02 3b0b 0001 0017 0000270f a0a1a2a3a4a5a6a7 03", 8000, false)); /* account 9999 */
    assert_false(is_oicq("02 3b0b 0001 0017 0012d687 a0a1a2 03", 8000, false));           /* too short */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_account_is_read_in_both_directions),
        cmocka_unit_test(a_frame_before_login_has_no_account),
        cmocka_unit_test(what_contradicts_itself_is_refused),
        cmocka_unit_test(a_broken_frame_ends_the_direction),
        cmocka_unit_test(an_oicq_datagram_of_a_client_has_its_account),
        cmocka_unit_test(oicq_is_told_by_its_ends_its_command_and_its_port),
    };
    return cmocka_run_group_tests_name("proto/qq", tests, NULL, NULL);
}

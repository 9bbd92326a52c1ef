/* SPDX-License-Identifier: Apache-2.0 */
#include "core/digest.h"

#include "core/hash.h"
#include "core/mem.h"
#include "core/text.h"
#include "support/cm.h"
#include "support/kit.h"

#include <stdlib.h>
#include <unistd.h>

#define ABC_SHA256 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* FIPS 180-2, appendices A.1 and B.1; RFC 1321, appendix A.5. */
static void digests_have_their_published_values(void **state)
{
    (void)state;
    char hex[ML_SHA256_HEX];
    char md5[ML_MD5_HEX];
    uint8_t sha1[20];
    char sha1_hex[41];
    assert_true(ml_sha256_hex(ml_span_text("abc"), hex));
    assert_string_equal(hex, ABC_SHA256);
    assert_true(ml_sha256_hex(ml_span_of(NULL, 0), hex));
    assert_string_equal(hex, EMPTY_SHA256);
    assert_true(ml_md5_hex(ml_span_text("message digest"), md5));
    assert_string_equal(md5, "f96b697d7cb7938d525a2f31aaf161d0");
    assert_true(ml_sha1(ml_span_text("abc"), sha1));
    ml_hex_write(ml_span_of(sha1, sizeof sha1), sha1_hex);
    assert_string_equal(sha1_hex, "a9993e364706816aba3e25717850c26c9cd0d89d");
}

static void a_running_digest_may_be_read_and_fed_on(void **state)
{
    (void)state;
    char hex[ML_SHA256_HEX];
    struct ml_digest *digest = ml_digest_new();
    assert_non_null(digest);
    assert_true(ml_digest_hex(digest, hex));
    assert_string_equal(hex, EMPTY_SHA256);
    assert_true(ml_digest_feed(digest, ml_span_text("a")));
    assert_true(ml_digest_hex(digest, hex));
    assert_true(ml_digest_feed(digest, ml_span_of(NULL, 0)));
    assert_true(ml_digest_feed(digest, ml_span_text("bc")));
    assert_true(ml_digest_hex(digest, hex));
    assert_string_equal(hex, ABC_SHA256);
    ml_digest_free(digest);
    ml_digest_free(NULL);
}

static void a_file_has_the_digest_of_its_bytes(void **state)
{
    (void)state;
    char path[] = "/tmp/mitleser-digest-XXXXXX";
    char hex[ML_SHA256_HEX];
    struct ml_error error = {0};
    int handle = mkstemp(path);
    assert_true(handle >= 0);
    assert_int_equal(write(handle, "abc", 3), 3);
    assert_int_equal(ml_sha256_file(path, hex, &error), ML_OK);
    assert_string_equal(hex, ABC_SHA256);
    assert_int_equal(close(handle), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(ml_sha256_file(path, hex, &error), ML_IO);
    assert_string_equal(hex, "");
    assert_string_equal(error.file, path);
    assert_string_equal(error.text, "No such file or directory");
    assert_int_equal(ml_sha256_file("/", hex, &error), ML_IO);
}

static void hash_file(void *context)
{
    char hex[ML_SHA256_HEX];
    struct ml_error error = {0};
    enum ml_status status = ml_sha256_file(context, hex, &error);
    assert_int_equal(status, ml_mem_has_failed() ? ML_NO_MEMORY : ML_OK);
}

static void running_out_of_memory_is_told(void **state)
{
    (void)state;
    char path[] = "/dev/null";
    assert_int_equal(oom_sweep(hash_file, path), 1);
}

/* xxHash's own sanity check values for XXH3_64bits. */
static void table_hashes_are_xxh3(void **state)
{
    (void)state;
    assert_true(ml_hash(ml_span_of(NULL, 0)) == UINT64_C(0x2d06800538d394c2));
    assert_true(ml_hash_seed(ml_span_of(NULL, 0), UINT64_C(0x9e3779b185ebca8d)) == UINT64_C(0xa8a6b918b2f0364a));
    assert_true(ml_hash(ml_span_text("a")) != ml_hash_seed(ml_span_text("a"), 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_have_their_published_values),
        cmocka_unit_test(a_running_digest_may_be_read_and_fed_on),
        cmocka_unit_test(a_file_has_the_digest_of_its_bytes),
        cmocka_unit_test(running_out_of_memory_is_told),
        cmocka_unit_test(table_hashes_are_xxh3),
    };
    return cmocka_run_group_tests_name("core/digest", tests, NULL, NULL);
}

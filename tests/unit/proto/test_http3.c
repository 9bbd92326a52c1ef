/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http3/http3.h"

#include "core/mem.h"
#include "proto/http3/frames.h"
#include "proto/http3/qpack.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/proto_rig.h"
#include "support/tls_build.h"

/* --- the table: RFC 9204, appendix B --- */

enum { RFC_CAPACITY = 220 };

static const char rfc_insert_two[] = "3fbd01c00f7777772e6578616d706c652e636f6dc10c2f73616d706c652f70617468";
static const char rfc_insert_key[] = "4a637573746f6d2d6b65790c637573746f6d2d76616c7565";
static const char rfc_duplicate[] = "02";

struct table {
    struct ml_counters counters;
    struct ml_qpack *qpack;
    struct ml_h2_fields fields;
    uint64_t needs;
};

static void open_table(struct table *table)
{
    *table = (struct table){.qpack = NULL};
    table->qpack = ml_qpack_new(&table->counters);
    assert_non_null(table->qpack);
    ml_h2_fields_init(&table->fields);
}

static void close_table(struct table *table)
{
    ml_h2_fields_fini(&table->fields);
    ml_qpack_free(table->qpack);
}

static void insert(struct table *table, const char *digits)
{
    struct ml_buf bytes = tb_buf();
    tb_hex(&bytes, digits);
    ml_qpack_encoder(table->qpack, ml_buf_span(&bytes));
    ml_buf_fini(&bytes);
}

static enum ml_qpack_result block(struct table *table, const char *digits)
{
    struct ml_buf bytes = tb_buf();
    tb_hex(&bytes, digits);
    ml_h2_fields_fini(&table->fields);
    ml_h2_fields_init(&table->fields);
    enum ml_qpack_result result = ml_qpack_block(table->qpack, ml_buf_span(&bytes), &table->fields, &table->needs);
    ml_buf_fini(&bytes);
    return result;
}

static bool is_text(const struct ml_buf *buf, const char *text)
{
    return ml_span_equal(ml_buf_span(buf), ml_span_text(text));
}

static void the_examples_of_rfc_9204_are_read(void **state)
{
    (void)state;
    struct table table;
    open_table(&table);
    assert_int_equal(block(&table, "0000510b2f696e6465782e68746d6c"), ML_QPACK_DONE); /* B.1 */
    assert_true(is_text(&table.fields.path, "/index.html"));
    ml_qpack_capacity(table.qpack, RFC_CAPACITY);
    insert(&table, rfc_insert_two);
    assert_int_equal(block(&table, "03811011"), ML_QPACK_DONE); /* B.2 */
    assert_true(is_text(&table.fields.authority, "www.example.com"));
    assert_true(is_text(&table.fields.path, "/sample/path"));
    insert(&table, rfc_insert_key); /* B.3 */
    insert(&table, rfc_duplicate);  /* B.4 */
    assert_int_equal(block(&table, "050080c181"), ML_QPACK_DONE);
    assert_true(is_text(&table.fields.authority, "www.example.com"));
    assert_true(is_text(&table.fields.path, "/"));
    assert_true(is_text(&table.fields.lines, "custom-key: custom-value\r\n"));
    insert(&table, "810d637573746f6d2d76616c756532"); /* B.5: evicts the oldest */
    assert_int_equal(block(&table, "03811011"), ML_QPACK_BAD);
    close_table(&table);
}

static void a_block_waits_for_entries_and_for_the_size(void **state)
{
    (void)state;
    struct table table;
    open_table(&table);
    assert_int_equal(block(&table, "03811011"), ML_QPACK_BLOCKED); /* no size yet */
    insert(&table, rfc_insert_two);                                /* kept until it is known */
    ml_qpack_capacity(table.qpack, RFC_CAPACITY);
    assert_int_equal(block(&table, "03811011"), ML_QPACK_DONE);
    assert_int_equal(block(&table, "050080c181"), ML_QPACK_BLOCKED);
    assert_int_equal(table.needs, 4);
    insert(&table, rfc_insert_key);
    insert(&table, rfc_duplicate);
    assert_int_equal(block(&table, "050080c181"), ML_QPACK_DONE);
    close_table(&table);
}

static void behind_a_hole_only_blocks_without_the_table_are_read(void **state)
{
    (void)state;
    struct table table;
    open_table(&table);
    ml_qpack_capacity(table.qpack, RFC_CAPACITY);
    insert(&table, rfc_insert_two);
    ml_qpack_lose(table.qpack);
    assert_int_equal(block(&table, "03811011"), ML_QPACK_BAD);
    assert_int_equal(block(&table, "0000d1d7"), ML_QPACK_DONE);
    assert_true(is_text(&table.fields.method, "GET"));
    close_table(&table);
}

static void a_faulty_table_or_block_is_told(void **state)
{
    (void)state;
    struct table table;
    open_table(&table);
    assert_int_equal(block(&table, ""), ML_QPACK_BLOCKED);
    ml_qpack_capacity(table.qpack, RFC_CAPACITY);
    assert_int_equal(block(&table, ""), ML_QPACK_BAD);
    assert_int_equal(block(&table, "0000"), ML_QPACK_DONE); /* nothing in it */
    assert_int_equal(block(&table, "0000ff"), ML_QPACK_BAD);
    assert_int_equal(block(&table, "0000ffff"), ML_QPACK_BAD);
    assert_int_equal(block(&table, "000080"), ML_QPACK_BAD); /* an entry in spite of the count */
    assert_int_equal(table.counters.n[ML_COUNT_BAD_HTTP], 0);
    insert(&table, "3fffffffffff7f"); /* a table larger than allowed */
    assert_int_equal(table.counters.n[ML_COUNT_BAD_HTTP], 1);
    assert_int_equal(block(&table, "03811011"), ML_QPACK_BAD);
    close_table(&table);
}

static void a_table_beyond_the_ceiling_is_counted(void **state)
{
    (void)state;
    struct table table;
    open_table(&table);
    ml_qpack_capacity(table.qpack, UINT64_C(1) << 40);
    assert_int_equal(table.counters.n[ML_COUNT_LIMIT_QPACK], 1);
    assert_int_equal(block(&table, "03811011"), ML_QPACK_BAD);
    close_table(&table);
}

/* A byte a field: each stands for an entry of 16 kB. */
static void a_bomb_ends_at_the_ceiling(void **state)
{
    (void)state;
    enum { VALUE = 16000, REPEATS = 400 };
    struct table table;
    struct ml_buf bytes = tb_buf();
    open_table(&table);
    ml_qpack_capacity(table.qpack, 32768);
    tb_hex(&bytes, "3fe1ff01"
                   "c0"
                   "7f"
                   "817c"); /* capacity 32768; :authority with a value of 127 + 15873 bytes */
    for (int i = 0; i < VALUE; i++) {
        (void)ml_buf_add_byte(&bytes, 'a');
    }
    ml_qpack_encoder(table.qpack, ml_buf_span(&bytes));
    assert_int_equal(table.counters.n[ML_COUNT_BAD_HTTP], 0);
    ml_buf_clear(&bytes);
    tb_hex(&bytes, "0200");
    for (int i = 0; i < REPEATS; i++) {
        (void)ml_buf_add_byte(&bytes, 0x80);
    }
    assert_int_equal(ml_qpack_block(table.qpack, ml_buf_span(&bytes), &table.fields, &table.needs), ML_QPACK_BAD);
    assert_int_equal(table.counters.n[ML_COUNT_LIMIT_QPACK], 1);
    close_table(&table);
    ml_buf_fini(&bytes);
}

/* --- streams --- */

struct bed {
    struct proto_rig rig;
    struct ml_http3 *http3;
    uint64_t offsets[64][2];
};

static void open_bed(struct bed *bed)
{
    memset(bed, 0, sizeof *bed);
    proto_rig_init(&bed->rig, ML_IP_UDP, 443);
    bed->http3 = ml_http3_new(&bed->rig.env);
    assert_non_null(bed->http3);
}

static struct ml_chunk next_chunk(struct bed *bed, uint64_t stream, enum ml_dir dir, struct ml_span bytes)
{
    struct ml_chunk chunk = {.flow = &bed->rig.flow,
                             .dir = dir,
                             .bytes = bytes,
                             .offset = bed->offsets[stream][dir],
                             .seq = ++bed->rig.seq,
                             .time_ns = (int64_t)bed->rig.seq,
                             .n_layers = 2,
                             .layers = {ML_LAYER_UDP, ML_LAYER_QUIC}};
    bed->offsets[stream][dir] += bytes.len;
    return chunk;
}

/* In pieces; 0: at once. */
static void send_pieces(struct bed *bed, uint64_t stream, enum ml_dir dir, const char *digits, size_t piece,
                        bool is_end)
{
    struct ml_buf bytes = tb_buf();
    tb_hex(&bytes, digits);
    struct ml_span rest = ml_buf_span(&bytes);
    do {
        struct ml_span part = ml_span_cut(rest, 0, piece != 0 ? piece : rest.len);
        rest = ml_span_cut(rest, part.len, rest.len);
        struct ml_chunk chunk = next_chunk(bed, stream, dir, part);
        ml_http3_feed(bed->http3, stream, &chunk, is_end && rest.len == 0);
    } while (rest.len != 0);
    ml_buf_fini(&bytes);
}

static const char *close_bed(struct bed *bed)
{
    ml_http3_free(bed->http3);
    bed->http3 = NULL;
    return proto_rig_facts(&bed->rig);
}

/* GET https://chat.example.com/, trailers, an unknown frame; 103, 200 with "hello" in two frames. */
#define GET "01170000d1d7c15010636861742e6578616d706c652e636f6d"
#define GREASE "21026162"
#define OK_HELLO                                                                                                       \
    "01030000d8"                                                                                                       \
    "01030000d9"                                                                                                       \
    "000268650003"                                                                                                     \
    "6c6c6f"

static const char conversation_facts[] =
    "http.request up http.method=GET http.host=chat.example.com http.path=/ http.body_bytes=3\n"
    "http.response down http.status=200 http.body_bytes=5\n";

static void a_conversation_in_any_pieces_becomes_facts(void **state)
{
    (void)state;
    for (size_t piece = 0; piece < 8; piece++) {
        struct bed bed;
        open_bed(&bed);
        send_pieces(&bed, 2, ML_UP,
                    "000404"
                    "01405700"
                    "07"
                    "0100",
                    piece, false);
        send_pieces(&bed, 0, ML_UP, GREASE GET "0003616263" GREASE, piece, true);
        send_pieces(&bed, 0, ML_DOWN,
                    OK_HELLO "01030000"
                             "d4",
                    piece, true); /* trailers of a kind */
        assert_string_equal(close_bed(&bed), conversation_facts);
        assert_int_equal(bed.rig.counters.n[ML_COUNT_BAD_HTTP], 0);
        proto_rig_fini(&bed.rig);
    }
}

static void take_trailer(void *context, const struct ml_plain *plain)
{
    struct ml_buf *text = context;
    if (plain->part == ML_PLAIN_TRAILER) {
        assert_int_equal(plain->message, 0);
        assert_int_equal(plain->packed_len, 8);
        assert_true(ml_buf_add_span(text, plain->chunk->bytes));
    }
}

static void fields_behind_the_content_are_shown_to_those_who_look_for_values(void **state)
{
    (void)state;
    for (size_t piece = 0; piece < 4; piece++) {
        struct bed bed;
        struct ml_buf text = tb_buf();
        const struct ml_plain_sink sink = {.context = &text, .take = take_trailer};
        open_bed(&bed);
        bed.rig.env.plain = &sink;
        send_pieces(&bed, 0, ML_UP,
                    GET "0003616263"
                        "01060000"
                        "2178017a",
                    piece, true); /* x: z */
        assert_string_equal(
            close_bed(&bed),
            "http.request up http.method=GET http.host=chat.example.com http.path=/ http.body_bytes=3\n");
        assert_true(ml_span_equal(ml_buf_span(&text), ml_span_text("\r\nx: z\r\n\r\n")));
        ml_buf_fini(&text);
        proto_rig_fini(&bed.rig);
    }
}

static void a_head_that_waits_for_the_table_comes_with_what_is_behind_it(void **state)
{
    (void)state;
    for (int order = 0; order < 2; order++) {
        struct bed bed;
        open_bed(&bed);
        /* GET with host and path of the table; its body and end come before the table does. */
        send_pieces(&bed, 0, ML_UP, "01050381d11011", 0, false);
        send_pieces(&bed, 0, ML_UP, "0003616263", 2, true);
        if (order == 0) {
            send_pieces(&bed, 3, ML_DOWN,
                        "00"
                        "0403"
                        "0140dc",
                        1, false); /* the server's SETTINGS: 220 bytes */
            send_pieces(&bed, 6, ML_UP, "02", 1, false);
            send_pieces(&bed, 6, ML_UP, rfc_insert_two, 3, false);
        } else {
            send_pieces(&bed, 6, ML_UP, "02", 1, false);
            send_pieces(&bed, 6, ML_UP, rfc_insert_two, 3, false);
            send_pieces(&bed, 3, ML_DOWN,
                        "00"
                        "0403"
                        "0140dc",
                        1, false);
        }
        assert_string_equal(
            close_bed(&bed),
            "http.request up http.method=GET http.host=www.example.com http.path=/sample/path http.body_bytes=3\n");
        proto_rig_fini(&bed.rig);
    }
}

static void pushes_and_streams_of_the_server_are_passed_over(void **state)
{
    (void)state;
    struct bed bed;
    open_bed(&bed);
    send_pieces(&bed, 3, ML_DOWN, "0100" GET, 0, true);  /* a push stream */
    send_pieces(&bed, 7, ML_DOWN, "4040" GET, 0, false); /* of an unknown type */
    send_pieces(&bed, 1, ML_DOWN, GET, 0, true);         /* begun by the server, both ways */
    send_pieces(&bed, 0, ML_DOWN,
                "0518"
                "00"
                "0000d1d7c15010636861742e6578616d706c652e636f6d",
                0, false); /* PROMISE */
    assert_string_equal(close_bed(&bed), "");
    proto_rig_fini(&bed.rig);
}

static void a_gap_in_content_goes_on_and_any_other_cuts(void **state)
{
    (void)state;
    struct bed bed;
    open_bed(&bed);
    send_pieces(&bed, 0, ML_UP, GET "000a6162", 0, false);
    struct ml_chunk gap = next_chunk(&bed, 0, ML_UP, ml_span_of(NULL, 0));
    gap.gap_len = 5;
    ml_http3_feed(bed.http3, 0, &gap, false);
    bed.offsets[0][ML_UP] += 5;
    send_pieces(&bed, 0, ML_UP, "616263", 0, true);
    send_pieces(&bed, 4, ML_UP, GET, 0, false);
    gap.gap_len = 1;
    ml_http3_feed(bed.http3, 4, &gap, false);
    send_pieces(&bed, 4, ML_UP, "0003616263", 0, true);
    assert_string_equal(
        close_bed(&bed),
        "http.request up http.method=GET http.host=chat.example.com http.path=/ http.body_bytes=10 cut\n"
        "http.request up http.method=GET http.host=chat.example.com http.path=/ http.body_bytes=0 cut\n");
    proto_rig_fini(&bed.rig);
}

static void a_stream_cut_short_is_told_as_far_as_it_came(void **state)
{
    (void)state;
    struct bed bed;
    open_bed(&bed);
    send_pieces(&bed, 0, ML_UP, GET, 0, true);
    send_pieces(&bed, 0, ML_DOWN,
                "01030000d9"
                "000968656c6c6f",
                0, false);
    ml_http3_cut(bed.http3, 0, ML_DOWN);
    assert_true(strstr(close_bed(&bed), "http.status=200 http.body_bytes=5 cut\n") != NULL);
    proto_rig_fini(&bed.rig);
}

static void a_head_longer_than_the_ceiling_is_counted(void **state)
{
    (void)state;
    struct bed bed;
    struct ml_buf bytes = tb_buf();
    open_bed(&bed);
    tb_hex(&bytes, "0180020000"); /* HEADERS of 128 KiB */
    for (size_t i = 0; i < 131072; i++) {
        (void)ml_buf_add_byte(&bytes, 0);
    }
    tb_hex(&bytes, "0003616263");
    struct ml_chunk chunk = next_chunk(&bed, 0, ML_UP, ml_buf_span(&bytes));
    ml_http3_feed(bed.http3, 0, &chunk, false);
    assert_int_equal(bed.rig.counters.n[ML_COUNT_LIMIT_MESSAGE], 1);
    assert_string_equal(close_bed(&bed), "");
    proto_rig_fini(&bed.rig);
    ml_buf_fini(&bytes);
}

static void more_requests_than_the_ceiling_end_the_oldest(void **state)
{
    (void)state;
    struct bed bed;
    open_bed(&bed);
    struct ml_chunk chunk = next_chunk(&bed, 0, ML_UP, ml_span_text("\x21"));
    for (uint64_t i = 0; i <= ML_MAX_QUIC_STREAMS; i++) {
        ml_http3_feed(bed.http3, 4 * i, &chunk, false);
    }
    assert_int_equal(bed.rig.counters.n[ML_COUNT_LIMIT_QUIC_STREAMS], 1);
    (void)close_bed(&bed);
    proto_rig_fini(&bed.rig);
}

static void run_damaged(void *context, struct ml_span bytes)
{
    struct bed bed;
    (void)context;
    open_bed(&bed);
    struct ml_chunk chunk = next_chunk(&bed, 0, ML_UP, bytes);
    ml_http3_feed(bed.http3, 0, &chunk, true);
    chunk.dir = ML_DOWN;
    ml_http3_feed(bed.http3, 3, &chunk, false);
    (void)close_bed(&bed);
    proto_rig_fini(&bed.rig);
}

static void damaged_streams_are_survived(void **state)
{
    (void)state;
    struct ml_buf bytes = tb_buf();
    tb_hex(&bytes, GREASE GET "0003616263");
    sweep_truncations(ml_buf_span(&bytes), run_damaged, NULL);
    sweep_bit_flips(ml_buf_span(&bytes), run_damaged, NULL);
    ml_buf_clear(&bytes);
    tb_hex(&bytes, "02");
    tb_hex(&bytes, rfc_insert_two);
    sweep_bit_flips(ml_buf_span(&bytes), run_damaged, NULL);
    ml_buf_fini(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_rfc_9204_are_read),
        cmocka_unit_test(a_block_waits_for_entries_and_for_the_size),
        cmocka_unit_test(behind_a_hole_only_blocks_without_the_table_are_read),
        cmocka_unit_test(a_faulty_table_or_block_is_told),
        cmocka_unit_test(a_table_beyond_the_ceiling_is_counted),
        cmocka_unit_test(a_bomb_ends_at_the_ceiling),
        cmocka_unit_test(a_conversation_in_any_pieces_becomes_facts),
        cmocka_unit_test(fields_behind_the_content_are_shown_to_those_who_look_for_values),
        cmocka_unit_test(a_head_that_waits_for_the_table_comes_with_what_is_behind_it),
        cmocka_unit_test(pushes_and_streams_of_the_server_are_passed_over),
        cmocka_unit_test(a_gap_in_content_goes_on_and_any_other_cuts),
        cmocka_unit_test(a_stream_cut_short_is_told_as_far_as_it_came),
        cmocka_unit_test(a_head_longer_than_the_ceiling_is_counted),
        cmocka_unit_test(more_requests_than_the_ceiling_end_the_oldest),
        cmocka_unit_test(damaged_streams_are_survived),
    };
    return cmocka_run_group_tests_name("proto/http3", tests, NULL, NULL);
}

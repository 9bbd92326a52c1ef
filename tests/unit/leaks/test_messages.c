/* SPDX-License-Identifier: Apache-2.0 */
/* Values in messages that come many at a time (HTTP/2), in gRPC and in protobuf. */
#include "rig.h"

#include "leaks/leaks.h"
#include "leaks/protobuf.h"
#include "proto/http2/exchanges.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/proto_rig.h"
#include "support/tls_build.h"

#define PHONE "phone: +4915123987406\n"
#define DIGITS "34393135313233393837343036" /* 4915123987406 */
#define VARINT "cec7e0a1868f01"             /* the same as a number */

struct bed {
    struct leak_rig ids;
    struct proto_rig proto;
    struct ml_leaks *leaks;
    struct ml_leaks_flow *state;
};

static void open_bed(struct bed *bed, const char *rows)
{
    memset(bed, 0, sizeof *bed);
    leak_rig_init(&bed->ids, rows);
    proto_rig_init(&bed->proto, ML_IP_TCP, 80);
    bed->leaks = ml_leaks_new(bed->ids.patterns, &bed->proto.facts);
    assert_non_null(bed->leaks);
    bed->proto.env.plain = ml_leaks_sink(bed->leaks);
    ml_leaks_enter(bed->leaks, &bed->proto.flow, &bed->state);
}

static const char *end_bed(struct bed *bed)
{
    proto_rig_end(&bed->proto);
    ml_leaks_close(bed->leaks, &bed->state);
    const char *all = proto_rig_facts(&bed->proto);
    ml_buf_clear(&bed->ids.text);
    for (const char *line = all; *line != '\0'; line += strcspn(line, "\n") + 1) {
        if (strncmp(line, "leak.", 5) == 0) {
            (void)ml_buf_add(&bed->ids.text, line, strcspn(line, "\n") + 1);
        }
    }
    (void)ml_buf_add_byte(&bed->ids.text, 0);
    return (const char *)bed->ids.text.bytes;
}

static void close_bed(struct bed *bed)
{
    ml_leaks_free(bed->leaks);
    proto_rig_fini(&bed->proto);
    leak_rig_fini(&bed->ids);
}

#define FOUND(place, more)                                                                                             \
    "leak.identity up identity.kind=phone identity.place=" place                                                       \
    " http.host=api.example.com identity.label=phone-1 identity.form=digits" more                                      \
    " identity.precision=exact identity.value=+4915123987406\n"

/* --- HTTP/2 --- */

static void frame(struct ml_buf *out, unsigned type, unsigned flags, uint32_t stream, struct ml_span payload)
{
    tb_uint(out, 3, payload.len);
    tb_uint(out, 1, type);
    tb_uint(out, 1, flags);
    tb_uint(out, 4, stream);
    assert_true(ml_buf_add_span(out, payload));
}

static void data(struct ml_buf *out, uint32_t stream, const char *digits, bool is_end)
{
    struct ml_buf bytes = tb_buf();
    tb_hex(&bytes, digits);
    frame(out, 0, is_end ? 1 : 0, stream, ml_buf_span(&bytes));
    ml_buf_fini(&bytes);
}

static void literal(struct ml_buf *block, const char *name, const char *value)
{
    tb_uint(block, 1, 0);
    tb_uint(block, 1, strlen(name));
    (void)ml_buf_add_text(block, name);
    tb_uint(block, 1, strlen(value));
    (void)ml_buf_add_text(block, value);
}

/* POST of a stream; `path` and the fields behind it as they are. */
static void head(struct ml_buf *out, uint32_t stream, const char *path, const char *type, const char *coding)
{
    struct ml_buf block = tb_buf();
    tb_hex(&block, "83"); /* POST */
    literal(&block, ":path", path);
    literal(&block, ":authority", "api.example.com");
    literal(&block, "content-type", type);
    if (coding != NULL) {
        literal(&block, "grpc-encoding", coding);
    }
    frame(out, 1, 4, stream, ml_buf_span(&block));
    ml_buf_fini(&block);
}

static struct ml_buf begin(void)
{
    struct ml_buf out = tb_buf();
    (void)ml_buf_add_text(&out, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    frame(&out, 4, 0, 0, ml_span_of(NULL, 0));
    return out;
}

static void assert_found(struct ml_buf *up, const char *wanted)
{
    for (size_t piece = 0; piece < 40; piece += 13) {
        struct bed bed;
        open_bed(&bed, PHONE);
        if (piece == 0) {
            proto_rig_feed(&bed.proto, ML_UP, ml_buf_span(up));
        } else {
            proto_rig_feed_split(&bed.proto, ML_UP, ml_buf_span(up), piece);
        }
        assert_string_equal(end_bed(&bed), wanted);
        close_bed(&bed);
    }
    ml_buf_fini(up);
}

/* What is found stands in the bytes [from, to) of the wire. Takes `up`. */
static void assert_range(struct ml_buf *up, const char *wanted, size_t from, size_t to)
{
    struct bed bed;
    open_bed(&bed, PHONE);
    proto_rig_feed(&bed.proto, ML_UP, ml_buf_span(up));
    assert_string_equal(end_bed(&bed), wanted);
    const struct ml_fact *fact = bed.proto.flow.facts;
    while (fact->kind != ML_FACT_LEAK_IDENTITY) {
        fact = fact->next;
    }
    assert_int_equal(fact->range_from, from);
    assert_int_equal(fact->range_len, to - from);
    close_bed(&bed);
    ml_buf_fini(up);
}

static void a_head_that_was_packed_is_searched_and_its_range_is_that_of_the_block(void **state)
{
    (void)state;
    struct ml_buf up = begin();
    size_t from = up.len;
    head(&up, 1, "/x?id=4915123987406", "text/plain", NULL);
    size_t to = up.len;
    data(&up, 1, "", true);
    assert_range(&up, FOUND("query", ""), from, to);
}

static void values_of_bodies_that_come_in_turns_are_not_mixed(void **state)
{
    (void)state;
    struct ml_buf up = begin();
    head(&up, 1, "/a", "text/plain", NULL);
    head(&up, 3, "/b", "text/plain", NULL);
    data(&up, 1, "343931353132", false);
    data(&up, 3, "787878787878", false);
    data(&up, 1, "33393837343036", true);
    data(&up, 3, "33393837343036", true);
    assert_found(&up, FOUND("body", ""));
}

/* Fields behind a body, ending the stream. */
static void trailer(struct ml_buf *out, uint32_t stream, const char *name, const char *value)
{
    struct ml_buf block = tb_buf();
    literal(&block, name, value);
    frame(out, 1, 5, stream, ml_buf_span(&block));
    ml_buf_fini(&block);
}

static void fields_behind_the_content_are_searched_as_those_of_a_head(void **state)
{
    (void)state;
    struct ml_buf up = begin();
    head(&up, 1, "/a", "text/plain", NULL);
    data(&up, 1, "6869", false);
    trailer(&up, 1, "x-caller", "4915123987406");
    assert_found(&up, FOUND("header", ""));
    up = begin();
    head(&up, 1, "/a", "text/plain", NULL);
    data(&up, 1, "6869", false);
    trailer(&up, 1, "authorization", "Bearer 4915123987406");
    assert_found(&up, FOUND("authorization", ""));
}

static void the_range_of_a_trailer_is_that_of_its_block(void **state)
{
    (void)state;
    struct ml_buf up = begin();
    head(&up, 1, "/a", "text/plain", NULL);
    size_t from = up.len;
    trailer(&up, 1, "x-caller", "4915123987406");
    size_t to = up.len;
    assert_range(&up, FOUND("header", ""), from, to);
}

static void identifiers_in_a_trailer_are_told_by_their_shape(void **state)
{
    (void)state;
    struct bed bed;
    struct ml_buf up = begin();
    head(&up, 1, "/a", "text/plain", NULL);
    data(&up, 1, "6869", false);
    trailer(&up, 1, "x-advertising-id", "5b1c0fe2-93a7-4c1e-8f0d-6a2b7c9d0e1f");
    open_bed(&bed, PHONE);
    proto_rig_feed(&bed.proto, ML_UP, ml_buf_span(&up));
    const char *found = end_bed(&bed);
    assert_non_null(strstr(found, "leak.detected up "));
    assert_non_null(strstr(found, "identity.place=header"));
    close_bed(&bed);
    ml_buf_fini(&up);
}

static void a_trailer_without_its_message_is_passed_over(void **state)
{
    (void)state;
    struct ml_buf up = begin();
    trailer(&up, 1, "x-caller", "4915123987406");
    assert_found(&up, "");
}

/* A request whose connection goes on in another flow (QUIC); `is_over`: the first flow is closed by then. */
static void move_amid_a_body(struct bed *bed, bool is_over)
{
    static const char *const fields[][2] = {{":method", "POST"}, {":path", "/"}, {":authority", "api.example.com"}};
    struct ml_h2_fields head;
    struct ml_flow second = {.index = 1};
    struct ml_leaks_flow *state = NULL;
    struct ml_exchanges *exchanges = ml_exchanges_new(&bed->proto.env, ML_LAYER_HTTP3);
    struct ml_chunk chunk = {
        .flow = &bed->proto.flow, .seq = 1, .n_layers = 2, .layers = {ML_LAYER_UDP, ML_LAYER_QUIC}};
    const struct ml_exchange_place place = {.chunk = &chunk, .first_seq = 1, .range_len = 9};
    ml_h2_fields_init(&head);
    for (size_t i = 0; i < 3; i++) {
        ml_h2_fields_add(&head, ml_span_text(fields[i][0]), ml_span_text(fields[i][1]));
    }
    ml_exchanges_head(exchanges, 0, &place, &head);
    chunk.bytes = ml_span_text("x=491512");
    ml_exchanges_content(exchanges, 0, &chunk);
    if (is_over) {
        ml_leaks_close(bed->leaks, &bed->state);
    }
    chunk.flow = &second;
    chunk.seq = 2;
    ml_leaks_enter(bed->leaks, &second, &state);
    chunk.bytes = ml_span_text(is_over ? "4915123987406&" : "3987406&");
    ml_exchanges_content(exchanges, 0, &chunk);
    ml_exchanges_end(exchanges, 0, ML_UP);
    ml_exchanges_free(exchanges);
    ml_leaks_close(bed->leaks, &state);
    const struct ml_fact *fact = second.facts;
    while (fact != NULL && fact->kind != ML_FACT_LEAK_IDENTITY) {
        fact = fact->next;
    }
    assert_non_null(fact); /* of the flow whose packet completed it */
    assert_true(ml_span_equal(ml_attr_text(ml_fact_attr(fact, ML_F_IDENTITY_PLACE)),
                              ml_span_text(is_over ? "payload" : "body")));
    ml_h2_fields_fini(&head);
}

static void a_body_that_goes_on_in_another_flow_is_searched_as_one(void **state)
{
    (void)state;
    for (int is_over = 0; is_over < 2; is_over++) {
        struct bed bed;
        open_bed(&bed, PHONE);
        move_amid_a_body(&bed, is_over == 1);
        ml_leaks_close(bed.leaks, &bed.state);
        close_bed(&bed);
    }
}

/* --- gRPC --- */

#define GRPC "application/grpc+proto"

static void messages_of_grpc_are_searched_each_for_itself(void **state)
{
    (void)state;
    struct ml_buf up = begin();
    head(&up, 1, "/s/M", GRPC, "gzip");
    data(&up, 1,
         "000000000f"
         "0a0d" DIGITS,
         false); /* whole, a string */
    data(&up, 1,
         "0000000008"
         "0a06343931353132",
         false); /* and one that two messages hold */
    data(&up, 1,
         "0000000009"
         "0a0733393837343036",
         true);
    assert_found(&up, FOUND("body", ""));
}

static void numbers_of_a_message_are_read_as_numbers(void **state)
{
    (void)state;
    struct ml_buf up = begin();
    head(&up, 1, "/s/M", GRPC, NULL);
    data(&up, 1,
         "000000000c"
         "0801"
         "1208"
         "0a020a00"
         "10"
         "ff01"
         "00",
         false); /* no such number here */
    data(&up, 1,
         "000000000c"
         "0801"
         "1208"
         "08" VARINT,
         true); /* in a message in the message */
    assert_found(&up, FOUND("body", " identity.wrappings=protobuf"));
}

static void a_body_that_is_one_protobuf_message_is_read_so(void **state)
{
    (void)state;
    struct ml_buf up = begin();
    head(&up, 1, "/s/M", "application/x-protobuf", NULL);
    data(&up, 1, "1208", false);
    data(&up, 1, "08" VARINT, true);
    assert_found(&up, FOUND("body", " identity.wrappings=protobuf"));
}

static void compressed_messages_are_opened(void **state)
{
    (void)state;
    static const char *const plains[] = {"0a0d" DIGITS, "1208"
                                                        "08" VARINT};
    static const char *const found[] = {FOUND("body", ""), FOUND("body", " identity.wrappings=protobuf")};
    for (size_t i = 0; i < 2; i++) {
        struct ml_buf up = begin();
        struct ml_buf plain = tb_buf();
        struct ml_buf packed = tb_buf();
        struct ml_buf message = tb_buf();
        tb_hex(&plain, plains[i]);
        wrap(&packed, ML_WRAP_GZIP, ml_buf_span(&plain));
        tb_uint(&message, 1, 1);
        tb_uint(&message, 4, packed.len);
        assert_true(ml_buf_add_span(&message, ml_buf_span(&packed)));
        head(&up, 1, "/s/M", GRPC, "gzip");
        frame(&up, 0, 1, 1, ml_buf_span(&message));
        assert_found(&up, found[i]);
        ml_buf_fini(&plain);
        ml_buf_fini(&packed);
        ml_buf_fini(&message);
    }
}

static void a_message_in_an_unknown_coding_is_counted(void **state)
{
    (void)state;
    struct bed bed;
    struct ml_buf up = begin();
    head(&up, 1, "/s/M", GRPC, "snappy");
    data(&up, 1,
         "0100000003"
         "616263",
         true);
    open_bed(&bed, PHONE);
    proto_rig_feed(&bed.proto, ML_UP, ml_buf_span(&up));
    assert_string_equal(end_bed(&bed), "");
    assert_int_equal(bed.proto.counters.n[ML_COUNT_NOT_SEARCHED_CODING], 3);
    close_bed(&bed);
    ml_buf_fini(&up);
}

/* --- protobuf --- */

static void assert_numbers(const char *digits, const char *wanted)
{
    struct ml_buf bytes = tb_buf();
    struct ml_view view;
    assert_true(ml_view_init(&view));
    tb_hex(&bytes, digits);
    bool has_some = ml_open_protobuf(ml_buf_span(&bytes), &view);
    assert_int_equal(has_some, *wanted != '\0');
    assert_int_equal(view.len, strlen(wanted));
    assert_memory_equal(view.bytes, wanted, view.len);
    for (size_t i = 0; i < view.len; i++) {
        assert_true(ml_view_at(&view, i) < bytes.len);
    }
    ml_view_fini(&view);
    ml_buf_fini(&bytes);
}

static void numbers_are_written_as_text(void **state)
{
    (void)state;
    assert_numbers("08" VARINT, "4915123987406,2457561993703,"); /* the second as sint64 */
    assert_numbers("0d"
                   "2807b4f8",
                   "4172547880,-122419416,"); /* sfixed32 below zero: a longitude in millionths */
    assert_numbers("08a88ed0c5ffffffffff01",
                   "18446744073587132200,-122419416,9223372036793566100,"); /* int64 below zero */
    assert_numbers("08afe3df74", "244838831,-122419416,");                  /* the same as sint64 */
    assert_numbers("089601", "");                                           /* 150, of the encoding guide: too short */
    assert_numbers("0d"
                   "40e20100",
                   "123456,"); /* fixed32 */
    assert_numbers("09"
                   "8e3dad6c78040000",
                   "4915265879438,"); /* fixed64 */
    assert_numbers("09"
                   "7b832f4ca6424a40",
                   "4632588448714163067,52.5207000,");    /* a double */
    assert_numbers("0d728c4042", "1111526514,48.13715,"); /* a float */
    assert_numbers("1a0b"
                   "1209"
                   "0a07" VARINT,
                   ""); /* a string is readable as it stands */
    assert_numbers("1a0a"
                   "1208"
                   "08" VARINT,
                   "4915123987406,2457561993703,"); /* two messages deep */
    assert_numbers("ffffffffffffffffff01"
                   "00",
                   "");                             /* a key beyond all fields */
    assert_numbers("08" VARINT "0f", "");           /* what breaks a rule is no message at all */
    assert_numbers("08ffffffffffffffffffff01", ""); /* a number of eleven bytes */
}

static void run_damaged(void *context, struct ml_span bytes)
{
    (void)ml_open_protobuf(bytes, context);
}

static void damaged_messages_are_survived(void **state)
{
    (void)state;
    struct ml_buf bytes = tb_buf();
    struct ml_view view;
    assert_true(ml_view_init(&view));
    tb_hex(&bytes, "0d40e20100"
                   "09"
                   "8e3dad6c78040000"
                   "1a0a"
                   "1208"
                   "08" VARINT);
    sweep_truncations(ml_buf_span(&bytes), run_damaged, &view);
    sweep_bit_flips(ml_buf_span(&bytes), run_damaged, &view);
    ml_buf_clear(&bytes);
    for (int i = 0; i < 4000; i++) { /* messages in messages, deeper than anybody looks */
        tb_hex(&bytes, "0aff7f");
    }
    run_damaged(&view, ml_buf_span(&bytes));
    ml_view_fini(&view);
    ml_buf_fini(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_that_was_packed_is_searched_and_its_range_is_that_of_the_block),
        cmocka_unit_test(values_of_bodies_that_come_in_turns_are_not_mixed),
        cmocka_unit_test(fields_behind_the_content_are_searched_as_those_of_a_head),
        cmocka_unit_test(the_range_of_a_trailer_is_that_of_its_block),
        cmocka_unit_test(identifiers_in_a_trailer_are_told_by_their_shape),
        cmocka_unit_test(a_trailer_without_its_message_is_passed_over),
        cmocka_unit_test(a_body_that_goes_on_in_another_flow_is_searched_as_one),
        cmocka_unit_test(messages_of_grpc_are_searched_each_for_itself),
        cmocka_unit_test(numbers_of_a_message_are_read_as_numbers),
        cmocka_unit_test(a_body_that_is_one_protobuf_message_is_read_so),
        cmocka_unit_test(compressed_messages_are_opened),
        cmocka_unit_test(a_message_in_an_unknown_coding_is_counted),
        cmocka_unit_test(numbers_are_written_as_text),
        cmocka_unit_test(damaged_messages_are_survived),
    };
    return cmocka_run_group_tests_name("leaks/messages", tests, NULL, NULL);
}

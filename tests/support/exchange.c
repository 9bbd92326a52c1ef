/* SPDX-License-Identifier: Apache-2.0 */
#include "support/exchange.h"

#include "core/mem.h"
#include "core/text.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/proto_rig.h"

#include <stdlib.h>

enum { MAX_LINES = 64, MAX_BYTES = 64 * 1024 };

static uint8_t digit_pair(const char *at)
{
    int high = ml_hex_value((uint8_t)at[0]);
    int low = at[0] != '\0' ? ml_hex_value((uint8_t)at[1]) : -1;
    if (high < 0 || low < 0) {
        fail_msg("no digits: '%s'", at);
    }
    return (uint8_t)(high << 4 | low);
}

/* One token at `at`; returns what follows it. */
static const char *add_token(struct ml_buf *out, const char *at)
{
    if (*at == '\'') {
        const char *end = strchr(at + 1, '\'');
        assert_non_null(end);
        (void)ml_buf_add(out, at + 1, (size_t)(end - at - 1));
        return end + 1;
    }
    uint8_t byte = digit_pair(at);
    unsigned long times = 1;
    at += 2;
    if (*at == '*') {
        char *end = NULL;
        times = strtoul(at + 1, &end, 10);
        at = end;
    }
    for (unsigned long i = 0; i < times; i++) {
        (void)ml_buf_add_byte(out, byte);
    }
    return at;
}

struct ml_span exchange_bytes(const char *digits)
{
    struct ml_buf out;
    ml_buf_init(&out, MAX_BYTES);
    while (*digits != '\0') {
        digits = *digits == ' ' || *digits == '\n' ? digits + 1 : add_token(&out, digits);
    }
    size_t len = out.len;
    char *bytes = ml_buf_take_text(&out);
    ml_buf_fini(&out);
    assert_non_null(bytes);
    return ml_span_of(bytes, len);
}

/* --- one run --- */

struct run {
    const struct exchange *exchange;
    struct ml_span lines[MAX_LINES]; /* owned */
    char *expected;                  /* facts and names as they are; owned */
    size_t changed;                  /* line that is replaced */
    unsigned n_different;
};

static void run_open(struct run *run, const struct exchange *exchange)
{
    *run = (struct run){.exchange = exchange, .changed = MAX_LINES};
    assert_true(exchange->n <= MAX_LINES);
    for (size_t i = 0; i < exchange->n; i++) {
        run->lines[i] = exchange_bytes(exchange->lines[i].digits);
    }
}

static void run_close(struct run *run)
{
    for (size_t i = 0; i < run->exchange->n; i++) {
        ml_mem_free((void *)(uintptr_t)run->lines[i].ptr);
    }
    ml_mem_free(run->expected);
}

static void rig_open(struct proto_rig *rig, const struct exchange *exchange)
{
    proto_rig_init(rig, exchange->is_stream ? ML_IP_TCP : ML_IP_UDP, exchange->port);
    if (exchange->client != NULL) {
        assert_true(ml_ip_parse(ml_span_text(exchange->client), &rig->flow.client));
    }
    if (exchange->server != NULL) {
        assert_true(ml_ip_parse(ml_span_text(exchange->server), &rig->flow.server));
    }
}

static struct ml_span line_of(const struct run *run, size_t i, struct ml_span changed)
{
    return i == run->changed ? changed : run->lines[i];
}

/* Facts, then a line of names; gives the text. */
static char *play(const struct run *run, struct ml_span changed)
{
    struct proto_rig rig;
    struct ml_buf out;
    const char *names[8];
    size_t n = 0;
    rig_open(&rig, run->exchange);
    for (size_t i = 0; i < run->exchange->n; i++) {
        proto_rig_feed(&rig, run->exchange->lines[i].dir, line_of(run, i, changed));
    }
    if (rig.demux != NULL) {
        n = ml_demux_names(rig.demux, names, sizeof names / sizeof names[0]);
    }
    proto_rig_end(&rig);
    ml_buf_init(&out, 16 * 1024 * 1024);
    (void)ml_buf_add_text(&out, proto_rig_facts(&rig));
    for (size_t i = 0; i < n; i++) {
        (void)ml_buf_printf(&out, "%s%s", i == 0 ? "" : " ", names[i]);
    }
    char *text = ml_buf_take_text(&out);
    ml_buf_fini(&out);
    proto_rig_fini(&rig);
    assert_non_null(text);
    return text;
}

void exchange_expect(const struct exchange *exchange, const char *facts, const char *names)
{
    struct run run;
    struct ml_buf expected;
    run_open(&run, exchange);
    char *text = play(&run, ml_span_of(NULL, 0));
    ml_buf_init(&expected, MAX_BYTES);
    (void)ml_buf_printf(&expected, "%s%s", facts, names);
    run.expected = ml_buf_take_text(&expected);
    ml_buf_fini(&expected);
    assert_string_equal(text, run.expected);
    ml_mem_free(text);
    run_close(&run);
}

void exchange_expect_split(const struct exchange *exchange, const struct ml_parser *parser, const char *facts)
{
    static const size_t pieces[] = {1, 7, MAX_BYTES};
    struct run run;
    run_open(&run, exchange);
    for (size_t p = 0; p < sizeof pieces / sizeof pieces[0]; p++) {
        struct proto_rig rig;
        rig_open(&rig, exchange);
        proto_rig_parser(&rig, parser);
        for (size_t i = 0; i < exchange->n; i++) {
            proto_rig_feed_split(&rig, exchange->lines[i].dir, run.lines[i], pieces[p]);
        }
        proto_rig_end(&rig);
        assert_string_equal(proto_rig_facts(&rig), facts);
        proto_rig_fini(&rig);
    }
    run_close(&run);
}

/* --- sweeps --- */

static void play_changed(void *context, struct ml_span bytes)
{
    struct run *run = context;
    char *text = play(run, bytes);
    run->n_different += strcmp(text, run->expected) != 0 ? 1 : 0;
    ml_mem_free(text);
}

unsigned exchange_sweep(const struct exchange *exchange)
{
    struct run run;
    run_open(&run, exchange);
    run.expected = play(&run, ml_span_of(NULL, 0));
    for (size_t i = 0; i < exchange->n; i++) {
        run.changed = i;
        sweep_truncations(run.lines[i], play_changed, &run);
        sweep_bit_flips(run.lines[i], play_changed, &run);
    }
    run_close(&run);
    return run.n_different;
}

static void play_starved(void *context)
{
    const struct run *run = context;
    struct proto_rig rig;
    rig_open(&rig, run->exchange);
    unsigned over = run->exchange->is_stream ? ML_OVER_TCP : ML_OVER_UDP;
    struct ml_demux *demux = ml_demux_new(&rig.env, &rig.flow, over);
    bool wants_more = demux != NULL;
    for (size_t i = 0; wants_more && i < run->exchange->n; i++) {
        const struct ml_chunk chunk = {
            .flow = &rig.flow,
            .dir = run->exchange->lines[i].dir,
            .is_datagram = !run->exchange->is_stream,
            .bytes = run->lines[i],
            .seq = i + 1,
            .n_layers = 1,
            .layers = {run->exchange->is_stream ? ML_LAYER_TCP : ML_LAYER_UDP},
        };
        wants_more = ml_demux_feed(demux, &chunk);
    }
    ml_demux_free(demux);
    proto_rig_fini(&rig);
}

unsigned exchange_oom(const struct exchange *exchange)
{
    struct run run;
    run_open(&run, exchange);
    unsigned n = oom_sweep(play_starved, &run);
    run_close(&run);
    return n;
}

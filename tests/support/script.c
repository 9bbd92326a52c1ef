/* SPDX-License-Identifier: Apache-2.0 */
#include "support/script.h"

#include "core/mem.h"
#include "support/cm.h"
#include "support/kit.h"
#include "support/proto_rig.h"

static bool is_hole(const struct script_line *line)
{
    return line->bytes.ptr == NULL;
}

static void play_line(struct proto_rig *rig, const struct script_line *line, size_t piece)
{
    if (is_hole(line)) {
        proto_rig_gap(rig, line->dir, line->bytes.len);
    } else if (piece == 0 || rig->flow.ip_proto != ML_IP_TCP) {
        proto_rig_feed(rig, line->dir, line->bytes);
    } else {
        proto_rig_feed_split(rig, line->dir, line->bytes, piece);
    }
}

static void play(struct proto_rig *rig, const struct script *script, size_t piece)
{
    for (size_t i = 0; i < script->n; i++) {
        play_line(rig, &script->lines[i], piece);
    }
}

char *script_facts(const struct script *script, size_t piece)
{
    struct proto_rig rig;
    proto_rig_init(&rig, script->ip_proto, script->port);
    proto_rig_parser(&rig, script->parser);
    play(&rig, script, piece);
    proto_rig_end(&rig);
    const char *text = proto_rig_facts(&rig);
    char *copy = ml_mem_text(text, strlen(text));
    assert_non_null(copy);
    proto_rig_fini(&rig);
    return copy;
}

uint64_t script_count(const struct script *script, enum ml_counter counter)
{
    struct proto_rig rig;
    proto_rig_init(&rig, script->ip_proto, script->port);
    proto_rig_parser(&rig, script->parser);
    play(&rig, script, 0);
    uint64_t n = rig.counters.n[counter];
    proto_rig_fini(&rig);
    return n;
}

static void assert_facts(const struct script *script, size_t piece, const char *expected)
{
    char *facts = script_facts(script, piece);
    assert_string_equal(facts, expected);
    ml_mem_free(facts);
}

/* Name of the parser a demultiplexer chose, NULL for none; `expected` may be NULL. */
static const char *chosen(const struct script *script, size_t piece, const char *expected)
{
    struct proto_rig rig;
    const char *names[4] = {NULL};
    proto_rig_init(&rig, script->ip_proto, script->port);
    play(&rig, script, piece);
    size_t n = ml_demux_names(rig.demux, names, 4);
    proto_rig_end(&rig);
    if (expected != NULL) {
        assert_string_equal(proto_rig_facts(&rig), expected);
    }
    proto_rig_fini(&rig);
    return n != 0 ? names[0] : NULL;
}

/* A demultiplexer keeps no more than 64 chunks: does the parser need more single bytes than that? */
static bool is_late(const struct script *script)
{
    struct ml_flow flow = {.server_port = script->port, .saw_start = true};
    struct ml_chunk start = {.flow = &flow, .dir = script->lines[0].dir, .n_layers = 1};
    start.bytes = ml_span_cut(script->lines[0].bytes, 0, 60);
    return script->parser->is_mutual ||
           (script->parser->probe != NULL && script->parser->probe(&start) == ML_MATCH_MORE);
}

static size_t smallest(const struct script *script, bool is_split)
{
    size_t total = 0;
    for (size_t i = 0; i < script->n; i++) {
        total += script->lines[i].bytes.len;
    }
    return !is_split ? 0 : is_late(script) ? 1 + total / 50 : 1;
}

void script_assert(const struct script *script, const char *expected)
{
    static const size_t pieces[] = {0, 1, 7};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        assert_facts(script, pieces[i], expected);
    }
    for (int split = 0; split <= 1; split++) {
        const char *name = chosen(script, smallest(script, split != 0), expected);
        assert_non_null(name);
        assert_string_equal(name, script->parser->name);
    }
}

void script_assert_refused(const struct script *script)
{
    for (int split = 0; split <= 1; split++) {
        const char *name = chosen(script, smallest(script, split != 0), NULL);
        assert_true(name == NULL || strcmp(name, script->parser->name) != 0);
    }
}

/* --- sweeps --- */

struct sweep {
    const struct script *script;
    size_t line; /* the one that is changed */
    char *facts; /* of the script as it is */
    unsigned n_other;
};

static void run(void *context, struct ml_span bytes)
{
    struct sweep *sweep = context;
    struct proto_rig rig;
    proto_rig_init(&rig, sweep->script->ip_proto, sweep->script->port);
    proto_rig_parser(&rig, sweep->script->parser);
    for (size_t i = 0; i < sweep->script->n; i++) {
        struct script_line line = sweep->script->lines[i];
        line.bytes = i == sweep->line ? bytes : line.bytes;
        struct ml_chunk chunk = {.flow = &rig.flow, .dir = line.dir, .bytes = line.bytes, .n_layers = 1};
        chunk.is_datagram = rig.flow.ip_proto != ML_IP_TCP;
        if (sweep->script->parser->probe != NULL) {
            (void)sweep->script->parser->probe(&chunk);
        }
        play_line(&rig, &line, 0);
    }
    proto_rig_end(&rig);
    sweep->n_other += strcmp(proto_rig_facts(&rig), sweep->facts) != 0;
    proto_rig_fini(&rig);
}

/* The rig asserts that its parser could be made; here it may not. */
static void run_out_of_memory(void *context)
{
    const struct script *script = context;
    struct proto_rig rig;
    proto_rig_init(&rig, script->ip_proto, script->port);
    void *self = script->parser->create(&rig.env, &rig.flow);
    for (size_t i = 0; i < script->n && self != NULL; i++) {
        struct ml_chunk chunk = {.flow = &rig.flow,
                                 .dir = script->lines[i].dir,
                                 .bytes = script->lines[i].bytes,
                                 .is_datagram = script->ip_proto != ML_IP_TCP,
                                 .seq = i + 1,
                                 .n_layers = 1};
        if (!script->parser->feed(self, &chunk)) {
            break;
        }
    }
    if (self != NULL) {
        script->parser->destroy(self);
    }
    proto_rig_fini(&rig);
}

unsigned script_sweep(const struct script *script)
{
    struct sweep sweep = {.script = script, .facts = script_facts(script, 0)};
    assert_string_not_equal(sweep.facts, "");
    for (sweep.line = 0; sweep.line < script->n; sweep.line++) {
        sweep_truncations(script->lines[sweep.line].bytes, run, &sweep);
        sweep_bit_flips(script->lines[sweep.line].bytes, run, &sweep);
    }
    assert_true(oom_sweep(run_out_of_memory, (void *)(uintptr_t)script) != 0);
    ml_mem_free(sweep.facts);
    return sweep.n_other;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "starttls.h"

#include "core/mem.h"
#include "support/cm.h"
#include "support/proto_rig.h"
#include "support/tls_build.h"

enum { MAX_LINES = 16 };

static const char read_name[] = "tls.client_hello up tls.sni=mail.example.org";

static void build_hello(struct ml_buf *out)
{
    const struct tb_client_hello hello = {.host = "mail.example.org"};
    struct ml_buf body = tb_buf();
    *out = tb_buf();
    tb_client_hello(&body, &hello);
    tb_handshake(out, 1, ml_buf_span(&body));
    ml_buf_fini(&body);
}

static bool is_read(const struct script *script, size_t piece)
{
    char *facts = script_facts(script, piece);
    bool is_read = strstr(facts, read_name) != NULL;
    ml_mem_free(facts);
    return is_read;
}

static void assert_layer(const struct script *script, enum ml_layer layer)
{
    struct proto_rig rig;
    const struct ml_fact *fact = NULL;
    proto_rig_init(&rig, ML_IP_TCP, script->port);
    proto_rig_parser(&rig, script->parser);
    for (size_t i = 0; i < script->n; i++) {
        proto_rig_feed(&rig, script->lines[i].dir, script->lines[i].bytes);
    }
    proto_rig_end(&rig);
    for (const struct ml_fact *each = rig.flow.facts; each != NULL; each = each->next) {
        fact = each->kind == ML_FACT_TLS_CLIENT_HELLO ? each : fact;
    }
    assert_non_null(fact);
    assert_int_equal(fact->n_layers, 3);
    assert_int_equal(fact->layers[1], layer);
    proto_rig_fini(&rig);
}

void assert_starttls(const struct script *script, enum ml_layer layer, const char *refusal)
{
    struct ml_buf hello;
    struct script_line lines[MAX_LINES];
    struct script with_tls = *script;
    build_hello(&hello);
    assert_true(script->n >= 2 && script->n < MAX_LINES);
    memcpy(lines, script->lines, script->n * sizeof lines[0]);
    lines[script->n] = (struct script_line){ML_UP, ml_buf_span(&hello)};
    with_tls.lines = lines;
    with_tls.n = script->n + 1;
    for (size_t piece = 0; piece < 4; piece++) {
        assert_true(is_read(&with_tls, piece));
    }
    assert_layer(&with_tls, layer);
    lines[script->n - 1].bytes = ml_span_text("");
    assert_true(is_read(&with_tls, 0));
    assert_true(is_read(&with_tls, 1));
    lines[script->n - 1].bytes = ml_span_text(refusal);
    assert_false(is_read(&with_tls, 0));
    assert_false(is_read(&with_tls, 1));
    ml_buf_fini(&hello);
}

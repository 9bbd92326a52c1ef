/* SPDX-License-Identifier: Apache-2.0 */
#include "support/mmdb.h"

#include "core/ip.h"
#include "support/cm.h"

enum { MAX_NODES = 4096, EMPTY = -1 };
enum { TYPE_TEXT = 2, TYPE_U16 = 5, TYPE_U32 = 6, TYPE_MAP = 7, TYPE_U64 = 9, TYPE_ARRAY = 11 };

/* A record: EMPTY, another node (>= 0), or a row (below EMPTY: -2 - row). */
struct tree {
    int records[MAX_NODES][2];
    int n;
};

static int add_node(struct tree *tree)
{
    assert_true(tree->n < MAX_NODES);
    tree->records[tree->n][0] = tree->records[tree->n][1] = EMPTY;
    return tree->n++;
}

static void add_row(struct tree *tree, const char *text, int row)
{
    struct ml_ip ip;
    unsigned bits = 0;
    assert_true(ml_ip_prefix_parse(ml_span_text(text), &ip, &bits));
    uint8_t bytes[16] = {0};
    memcpy(bytes + (ip.family == 4 ? 12 : 0), ip.bytes, ip.family == 4 ? 4 : 16);
    bits += ip.family == 4 ? 96 : 0;
    int node = 0;
    for (unsigned i = 0; i < bits; i++) {
        int *record = &tree->records[node][bytes[i / 8] >> (7 - i % 8) & 1];
        if (i + 1 == bits) {
            assert_int_equal(*record, EMPTY);
            *record = -2 - row;
        } else {
            if (*record == EMPTY) {
                int added = add_node(tree);
                *record = added;
            }
            node = *record;
            assert_true(node >= 0);
        }
    }
}

static void control(struct ml_buf *out, int type, size_t size)
{
    assert_true(size < 29); /* longer ones need more bytes */
    if (type <= 7) {
        assert_true(ml_buf_add_byte(out, (uint8_t)((size_t)type << 5 | size)));
    } else {
        assert_true(ml_buf_add_byte(out, (uint8_t)size) && ml_buf_add_byte(out, (uint8_t)(type - 7)));
    }
}

static void text(struct ml_buf *out, const char *value)
{
    control(out, TYPE_TEXT, strlen(value));
    assert_true(ml_buf_add_text(out, value));
}

static void number(struct ml_buf *out, int type, size_t size, uint64_t value)
{
    control(out, type, size);
    for (size_t i = size; i > 0; i--) {
        assert_true(ml_buf_add_byte(out, (uint8_t)(value >> 8 * (i - 1))));
    }
}

static void country(struct ml_buf *out, enum mmdb_schema schema, const char *code)
{
    control(out, TYPE_MAP, 1);
    if (schema == MMDB_NESTED) {
        text(out, "country");
        control(out, TYPE_MAP, 1);
        text(out, "iso_code");
    } else {
        text(out, schema == MMDB_FLAT ? "country_code" : "continent");
    }
    text(out, code);
}

static void metadata(struct ml_buf *out, int n_nodes)
{
    assert_true(ml_buf_add(out,
                           "\xab\xcd\xef"
                           "MaxMind.com",
                           14));
    control(out, TYPE_MAP, 9);
    text(out, "node_count");
    number(out, TYPE_U32, 4, (uint64_t)n_nodes);
    text(out, "record_size");
    number(out, TYPE_U16, 2, 24);
    text(out, "ip_version");
    number(out, TYPE_U16, 2, 6);
    text(out, "database_type");
    text(out, "Test");
    text(out, "languages");
    control(out, TYPE_ARRAY, 1);
    text(out, "en");
    text(out, "binary_format_major_version");
    number(out, TYPE_U16, 2, 2);
    text(out, "binary_format_minor_version");
    number(out, TYPE_U16, 2, 0);
    text(out, "build_epoch");
    number(out, TYPE_U64, 8, 1);
    text(out, "description");
    control(out, TYPE_MAP, 1);
    text(out, "en");
    text(out, "test data");
}

void mmdb_build(struct ml_buf *out, enum mmdb_schema schema, const struct mmdb_row *rows, size_t n)
{
    static struct tree tree; /* large for a stack; tests run one at a time */
    tree.n = 0;
    (void)add_node(&tree);
    struct ml_buf data;
    ml_buf_init(&data, 65536);
    size_t offsets[64];
    assert_true(n <= sizeof offsets / sizeof *offsets);
    for (size_t i = 0; i < n; i++) {
        add_row(&tree, rows[i].prefix, (int)i);
        offsets[i] = data.len;
        country(&data, schema, rows[i].country);
    }
    for (int i = 0; i < 2 * tree.n; i++) {
        int record = tree.records[i / 2][i % 2];
        size_t value = record == EMPTY ? (size_t)tree.n
                       : record >= 0   ? (size_t)record
                                       : (size_t)tree.n + 16 + offsets[-2 - record];
        uint8_t bytes[3] = {(uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
        assert_true(ml_buf_add(out, bytes, sizeof bytes));
    }
    static const uint8_t separator[16];
    assert_true(ml_buf_add(out, separator, sizeof separator) && ml_buf_add_span(out, ml_buf_span(&data)));
    metadata(out, tree.n);
    ml_buf_fini(&data);
}

void mmdb_write(const struct scratch *scratch, const char *name, enum mmdb_schema schema, const struct mmdb_row *rows,
                size_t n)
{
    struct ml_buf out;
    ml_buf_init(&out, 1024 * 1024);
    mmdb_build(&out, schema, rows, n);
    scratch_write(scratch, name, ml_buf_span(&out));
    ml_buf_fini(&out);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "support/capture_read.h"

#include "core/limits.h"
#include "support/cm.h"

#include <stdio.h>

static void keep(struct capture_read *read, const struct ml_packet *packet)
{
    if (read->n < READ_MAX) {
        read->packets[read->n] = *packet;
        read->packets[read->n].bytes = ml_span_of(NULL, 0);
        snprintf(read->text[read->n], sizeof read->text[0], "%.*s", (int)packet->bytes.len,
                 (const char *)packet->bytes.ptr);
    }
    read->n++;
}

void capture_read(struct capture_read *read, struct ml_span file)
{
    *read = (struct capture_read){0};
    read->opened = ml_source_open_memory(file, "dir/sample.pcap", 3, 100, &read->source, &read->error);
    if (read->opened != ML_OK) {
        assert_null(read->source);
        assert_true(read->error.text[0] != '\0');
        return;
    }
    read->summary = ml_source_summary(read->source);
    struct ml_packet packet;
    uint64_t frame = 0;
    while ((read->ended = ml_source_next(read->source, &packet)) == ML_OK) {
        assert_true(packet.frame > frame);
        frame = packet.frame;
        assert_int_equal(packet.seq, 100 + read->n + 1);
        assert_int_equal(packet.input, 3);
        assert_true(packet.wire_len >= packet.bytes.len);
        assert_true(packet.bytes.len <= ML_MAX_PACKET_BYTES);
        assert_true(packet.interface < read->summary->n_interfaces);
        keep(read, &packet);
    }
    if (read->ended != ML_END) {
        assert_int_equal(read->ended, ML_NO_MEMORY);
        return;
    }
    assert_int_equal(ml_source_next(read->source, &packet), ML_END); /* and stays there */
    assert_int_equal(read->summary->packets, read->n);
    assert_true(read->summary->frames >= read->n);
    assert_int_equal(read->summary->is_damaged, read->summary->damage[0] != '\0');
    char want[ML_SHA256_HEX];
    assert_true(ml_sha256_hex(file, want));
    assert_int_equal(ml_source_finish(read->source, &read->error), ML_OK);
    assert_string_equal(read->summary->sha256, want);
    assert_int_equal(read->summary->bytes, file.len);
    assert_string_equal(read->summary->file, "sample.pcap");
}

void capture_read_fini(struct capture_read *read)
{
    ml_source_close(read->source);
}

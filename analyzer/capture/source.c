/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/source.h"

#include "capture/file.h"
#include "core/mem.h"
#include "core/path.h"
#include "core/text.h"


enum { QUOTED = 16 }; /* bytes shown of a file that is no capture */

/* Names what a file that is no capture begins with: somebody picked the wrong file and wants to know which. */
static enum ml_status refuse(struct ml_source *source, struct ml_span first, struct ml_error *error)
{
    const char *outer = ml_input_compression(source->input);
    const char *inside = outer[0] != '\0' ? " inside " : "";
    const char *why = ml_input_failure(source->input);
    if (why[0] != '\0') {
        return ml_error_set(error, ML_BAD_INPUT, "not a readable capture file: %s", why);
    }
    if (first.len == 0) {
        return ml_error_set(error, ML_BAD_INPUT, "not a capture file: it is empty%s%s", inside, outer);
    }
    if (ml_span_starts(first, "GMBU") || ml_span_starts(first, "RTSS")) {
        return ml_error_set(error, ML_UNSUPPORTED,
                            "a capture of Microsoft Network Monitor; convert it with: editcap -F pcapng");
    }
    char hex[2 * QUOTED + 1];
    char text[QUOTED + 1] = {0};
    first = ml_span_cut(first, 0, QUOTED);
    ml_hex_write(first, hex);
    for (size_t i = 0; i < first.len; i++) {
        text[i] = (char)(first.ptr[i] >= 0x20 && first.ptr[i] < 0x7f ? first.ptr[i] : '.');
    }
    return ml_error_set(error, ML_BAD_INPUT, "not a capture file%s%s: begins with %s (\"%s\")", inside, outer, hex,
                        text);
}

static enum ml_status start(struct ml_source *source, struct ml_error *error)
{
    struct ml_span first;
    enum ml_status status = ml_input_need(source->input, QUOTED, &first);
    if (status == ML_NO_MEMORY) {
        return ml_error_set(error, status, "out of memory");
    }
    if (ml_pcap_has_magic(first)) {
        return ml_pcap_start(source, error);
    }
    if (ml_pcapng_has_magic(first)) {
        return ml_pcapng_start(source, error);
    }
    return refuse(source, first, error);
}

/* Takes `input`. */
static enum ml_status open_source(struct ml_input *input, const char *name, uint32_t index, uint64_t seq,
                                  struct ml_source **out, struct ml_error *error)
{
    struct ml_source *source = ml_mem_array(1, sizeof *source);
    if (source == NULL) {
        ml_input_close(input);
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    source->input = input;
    source->index = index;
    source->seq = seq;
    ml_arena_init(&source->arena, true); /* secrets are wiped */
    ml_map_init(&source->process_of_uid, SIZE_MAX);
    struct ml_span file = ml_arena_copy(&source->arena, ml_span_text(ml_path_base(name)));
    source->summary.file = (const char *)file.ptr;
    source->summary.format = "";
    source->summary.compression = ml_input_compression(input);
    enum ml_status status =
        file.ptr != NULL ? start(source, error) : ml_error_set(error, ML_NO_MEMORY, "out of memory");
    if (status != ML_OK) {
        ml_source_close(source);
        return status;
    }
    *out = source; /* given to the caller */
    return ML_OK;
}

enum ml_status ml_source_open(const char *path, uint32_t input, uint64_t seq, struct ml_source **out,
                              struct ml_error *error)
{
    *out = NULL;
    ml_error_at(error, path, 0, 0);
    struct ml_input *bytes = NULL;
    enum ml_status status = ml_input_open(path, &bytes, error);
    return status == ML_OK ? open_source(bytes, path, input, seq, out, error) : status;
}

enum ml_status ml_source_open_memory(struct ml_span bytes, const char *name, uint32_t input, uint64_t seq,
                                     struct ml_source **out, struct ml_error *error)
{
    *out = NULL;
    ml_error_at(error, name, 0, 0);
    struct ml_input *opened = NULL;
    enum ml_status status = ml_input_open_memory(bytes, &opened, error);
    return status == ML_OK ? open_source(opened, name, input, seq, out, error) : status;
}

/* What is counted for packets of every format. */
static void count_packet(struct ml_source *source, struct ml_packet *packet)
{
    struct ml_source_summary *summary = &source->summary;
    packet->seq = ++source->seq;
    packet->frame = ++summary->frames;
    summary->packets++;
    packet->input = source->index;
    source->interfaces[packet->interface].packets++;
    if (packet->wire_len > packet->bytes.len) {
        summary->truncated++;
    } else {
        packet->wire_len = (uint32_t)packet->bytes.len; /* a liar says less than there is */
    }
    if (source->is_timeless) {
        packet->time_ns = source->time_ns; /* that of the packet before */
        return;
    }
    if (!source->has_time || packet->time_ns < summary->first_ns) {
        summary->first_ns = packet->time_ns;
    }
    if (!source->has_time || packet->time_ns > summary->last_ns) {
        summary->last_ns = packet->time_ns;
    }
    source->has_time = true;
    source->time_ns = packet->time_ns;
}

enum ml_status ml_source_next(struct ml_source *source, struct ml_packet *packet)
{
    *packet = (struct ml_packet){0};
    if (source->summary.is_damaged) {
        return ML_END;
    }
    source->is_timeless = false;
    enum ml_status status = source->next(source, packet);
    if (status == ML_OK) {
        count_packet(source, packet);
    }
    return status;
}

enum ml_status ml_source_finish(struct ml_source *source, struct ml_error *error)
{
    ml_error_at(error, source->summary.file, 0, 0);
    enum ml_status status = ml_input_finish(source->input, source->summary.sha256, error);
    source->summary.bytes = ml_input_stored(source->input);
    return status;
}

const struct ml_source_summary *ml_source_summary(const struct ml_source *source)
{
    return &source->summary;
}

uint64_t ml_source_offset(const struct ml_source *source)
{
    return ml_input_stored(source->input);
}

void ml_source_close(struct ml_source *source)
{
    if (source == NULL) {
        return;
    }
    ml_input_close(source->input);
    ml_arena_fini(&source->arena);
    ml_map_fini(&source->process_of_uid);
    ml_mem_free(source->interfaces);
    ml_mem_free(source->interface_state);
    ml_mem_free(source->names);
    ml_mem_free(source->secrets);
    ml_mem_free(source->processes);
    ml_mem_free(source);
}

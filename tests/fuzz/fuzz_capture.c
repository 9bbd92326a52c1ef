/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capture files of every format. Oracle: packets are numbered without holes, their bytes and interfaces are within the
 * ceilings, damages have a text, and a prefix of the file gives the same packets up to where it ends.
 */
#include "capture/source.h"
#include "core/hash.h"
#include "core/limits.h"
#include "core/mem.h"
#include "fuzz/fuzz.h"

enum { MAX_HASHES = 512 };

struct result {
    uint64_t hashes[MAX_HASHES];
    size_t n;
    bool is_compressed;
    bool is_modified; /* guessed from the second record, which a prefix may not hold */
};

static uint64_t hash_of(const struct ml_packet *packet)
{
    uint64_t hash = ml_hash_seed(packet->bytes, (uint64_t)packet->time_ns);
    return hash ^ packet->wire_len ^ (uint64_t)packet->link_type << 32 ^ (uint64_t)packet->process << 48;
}

static void check_texts(const struct ml_source_summary *summary)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < summary->n_names; i++) {
        sum += ml_hash(summary->names[i].name);
    }
    for (size_t i = 0; i < summary->n_secrets; i++) {
        sum += ml_hash(summary->secrets[i].bytes);
    }
    for (size_t i = 0; i < summary->n_processes; i++) {
        sum += ml_hash(summary->processes[i].package) + ml_hash(summary->processes[i].label);
    }
    for (size_t i = 0; i < summary->n_interfaces; i++) {
        char name[ML_LINK_NAME];
        sum += ml_hash(summary->interfaces[i].name);
        ML_ASSERT(ml_link_type_name(summary->interfaces[i].link_type, name)[0] != '\0');
    }
    ML_ASSERT(sum != 1 || summary->n_names <= ML_MAX_CAPTURE_NAMES); /* the sum makes the reads count */
}

static void run(struct ml_span file, struct result *result)
{
    *result = (struct result){.n = 0};
    struct ml_source *source = NULL;
    struct ml_error error = {.text = ""};
    if (ml_source_open_memory(file, "fuzz", 0, 0, &source, &error) != ML_OK) {
        ML_ASSERT(error.text[0] != '\0' && source == NULL);
        return;
    }
    struct ml_packet packet;
    uint64_t seq = 0;
    while (ml_source_next(source, &packet) == ML_OK) {
        ML_ASSERT(packet.seq == ++seq && packet.frame >= seq);
        ML_ASSERT(packet.bytes.len <= ML_MAX_PACKET_BYTES && packet.wire_len >= packet.bytes.len);
        if (result->n < MAX_HASHES) {
            result->hashes[result->n++] = hash_of(&packet);
        }
    }
    const struct ml_source_summary *summary = ml_source_summary(source);
    ML_ASSERT(summary->packets == seq && summary->is_damaged == (summary->damage[0] != '\0'));
    check_texts(summary);
    ML_ASSERT(ml_source_finish(source, &error) == ML_OK && summary->bytes == file.len);
    result->is_compressed = summary->compression[0] != '\0';
    result->is_modified = strcmp(summary->format, "pcap-modified") == 0;
    ml_source_close(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct result whole;
    struct result part;
    run(ml_span_of(data, size), &whole);
    if (size == 0 || whole.is_compressed || whole.is_modified) {
        return 0;
    }
    size_t len = ml_hash(ml_span_of(data, size)) % size;
    uint8_t *exact = ml_mem_array(len, 1); /* reading past the end is found out */
    if (exact == NULL) {
        return 0;
    }
    memcpy(exact, data, len);
    run(ml_span_of(exact, len), &part);
    ML_ASSERT(part.n <= whole.n);
    ML_ASSERT(memcmp(part.hashes, whole.hashes, part.n * sizeof *part.hashes) == 0);
    ml_mem_free(exact);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts_probe - prints every fact of a capture with its values unmasked, to be compared with what other programs read.
 *
 * usage: facts_probe [--plain] CAPTURE [KEYLOG...]
 * A line a fact: packet, kind, direction, layers, count, then field=value; columns are separated by tabulators, bytes
 * that would break a line are written as \xx. --plain: lines before them hold what parsers hand to the plain sink:
 * packet, "plain.head" and so on, direction, layers, number of the message, offset, bytes in hexadecimal. Never for
 * reports: values are those of people.
 */
#include "decode/decode.h"
#include "engine/keys.h"
#include "engine/shard.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct probe {
    struct ml_counters counters;
    struct ml_keys keys;
    struct ml_capture_keys capture;
    struct ml_decoder *decoder;
    struct ml_source *source;
    struct ml_shard shards[ML_N_SHARDS];
    pthread_mutex_t ndpi_start;
    struct ml_plain_sink plain;
};

static void stop(const struct ml_error *error)
{
    char text[1024];
    ml_error_format(error, text, sizeof text);
    (void)fprintf(stderr, "facts_probe: %s\n", text);
    exit(1);
}

static void print_text(struct ml_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.ptr[i];
        if (byte < 0x20 || byte == 0x7f || byte == '\\') {
            (void)printf("\\%02x", byte);
        } else {
            (void)putchar(byte);
        }
    }
}

static void print_place(uint64_t seq, const char *kind, enum ml_dir dir, const uint8_t *layers, unsigned n_layers)
{
    (void)printf("%" PRIu64 "\t%s\t%s\t", seq, kind, dir == ML_UP ? "up" : "down");
    for (unsigned i = 0; i < n_layers; i++) {
        (void)printf("%s%s", i != 0 ? "/" : "", ml_layer_name((enum ml_layer)layers[i]));
    }
}

static bool wants_all(void *context)
{
    (void)context;
    return true;
}

static void print_plain(void *context, const struct ml_plain *plain)
{
    static const char *const parts[] = {"plain.bytes",   "plain.head",   "plain.body",
                                        "plain.trailer", "plain.record", "plain.end"};
    const struct ml_chunk *chunk = plain->chunk;
    (void)context;
    print_place(chunk->seq, parts[plain->part], chunk->dir, chunk->layers, chunk->n_layers);
    (void)printf("\t%" PRIu64 "\t%" PRIu64 "\t", plain->message, chunk->offset);
    for (size_t i = 0; i < chunk->bytes.len; i++) {
        (void)printf("%02x", chunk->bytes.ptr[i]);
    }
    (void)putchar('\n');
}

static void print_fact(const struct ml_fact *fact)
{
    char ip[ML_IP_TEXT];
    print_place(fact->last_seq, ml_fact_kind_name(fact->kind), (enum ml_dir)fact->dir, fact->layers, fact->n_layers);
    (void)printf("\t%" PRIu32, fact->count);
    for (unsigned i = 0; i < fact->n_attrs; i++) {
        const struct ml_attr *attr = &fact->attrs[i];
        (void)printf("\t%s=", ml_field_info(attr->field)->name);
        switch ((enum ml_type)attr->type) {
        case ML_TYPE_TEXT:
            print_text(ml_attr_text(attr));
            break;
        case ML_TYPE_ADDRESS:
            (void)ml_ip_format(attr->value.ip, ip);
            (void)printf("%s", ip);
            break;
        case ML_TYPE_NUMBER:
        case ML_TYPE_TRUTH:
            (void)printf("%" PRIu64, attr->value.number);
            break;
        }
    }
    (void)putchar('\n');
}

static void read_packets(struct probe *probe)
{
    struct ml_packet packet;
    struct ml_segment segment;
    while (ml_source_next(probe->source, &packet) == ML_OK) {
        if (ml_decode_packet(probe->decoder, &packet, &segment)) {
            ml_shard_feed(&probe->shards[ml_shard_of_segment(&segment)], &segment);
        }
    }
    for (unsigned i = 0; i < ML_N_SHARDS; i++) {
        ml_shard_flush(&probe->shards[i]);
    }
}

static void print_all(const struct probe *probe)
{
    struct ml_counters sum = probe->counters;
    for (unsigned i = 0; i < ML_N_SHARDS; i++) {
        const struct ml_shard *shard = &probe->shards[i];
        ml_counters_merge(&sum, &shard->counters);
        for (size_t k = 0; k < ml_flow_table_count(shard->flows); k++) {
            for (const struct ml_fact *fact = ml_flow_table_get(shard->flows, k)->facts; fact != NULL;
                 fact = fact->next) {
                print_fact(fact);
            }
        }
    }
    for (int i = 0; i < ML_N_COUNTERS; i++) {
        if (sum.n[i] != 0) {
            (void)fprintf(stderr, "%s\t%" PRIu64 "\n", ml_counter_name((enum ml_counter)i), sum.n[i]);
        }
    }
}

int main(int argc, char **argv)
{
    static struct probe probe; /* large */
    struct ml_error error = {0};
    bool shows_plain = argc > 1 && strcmp(argv[1], "--plain") == 0;
    argv += shows_plain ? 1 : 0;
    argc -= shows_plain ? 1 : 0;
    if (argc < 2) {
        (void)fprintf(stderr, "usage: facts_probe [--plain] CAPTURE [KEYLOG...]\n");
        return 2;
    }
    bool ok = ml_keys_init(&probe.keys, &probe.counters);
    (void)pthread_mutex_init(&probe.ndpi_start, NULL);
    probe.decoder = ml_decoder_new(&probe.counters);
    const struct ml_shard_config config = {.ndpi_start = &probe.ndpi_start, .secrets = probe.keys.secrets};
    for (unsigned i = 0; i < ML_N_SHARDS; i++) {
        ok = ok && ml_shard_init(&probe.shards[i], &config);
        probe.plain = (struct ml_plain_sink){.wants_bytes = wants_all, .wants_records = true, .take = print_plain};
        probe.shards[i].env.plain = shows_plain ? &probe.plain : probe.shards[i].env.plain;
    }
    if (!ok || probe.decoder == NULL) {
        (void)ml_error_set(&error, ML_NO_MEMORY, "out of memory");
        stop(&error);
    }
    for (int i = 2; i < argc; i++) {
        if (ml_keys_read_file(&probe.keys, argv[i], &error) != ML_OK) {
            stop(&error);
        }
    }
    if (ml_source_open(argv[1], 0, 0, &probe.source, &error) != ML_OK) {
        stop(&error);
    }
    if (ml_keys_begin(&probe.keys, argv[1], probe.source, &probe.capture) != ML_OK) {
        (void)ml_error_set(&error, ML_NO_MEMORY, "out of memory");
        stop(&error);
    }
    read_packets(&probe);
    print_all(&probe);
    for (unsigned i = 0; i < ML_N_SHARDS; i++) {
        ml_shard_fini(&probe.shards[i]);
    }
    ml_decoder_free(probe.decoder);
    ml_source_close(probe.source);
    ml_keys_fini(&probe.keys);
    return 0;
}

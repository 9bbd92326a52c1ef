/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine.h"

#include "core/mem.h"
#include "decode/decode.h"
#include "engine/duplicates.h"
#include "engine/join.h"
#include "engine/keys.h"
#include "engine/workers.h"

#include <stdio.h>
#include <sys/stat.h>

enum { PACKETS_PER_LOOK = 8192 }; /* packets between two looks at cancellation and the progress bar */

/* A capture that was read; the source stays open because facts and names of the file borrow from it. */
struct input {
    struct ml_source *source;
    uint64_t first_seq;
    struct ml_capture_keys keys;
};

struct ml_engine {
    struct ml_engine_config config;
    pthread_mutex_t ndpi_start;
    struct ml_counters counters; /* the reader's */
    struct ml_keys keys;
    struct ml_decoder *decoder;
    struct ml_shard shards[ML_N_SHARDS];
    unsigned n_shards; /* initialised */
    struct ml_workers *workers;
    struct input *inputs;
    size_t n_inputs;
    uint64_t seq; /* packets read in all inputs */
    struct ml_duplicates duplicates;
    bool has_packets;
    int64_t last_ns; /* of the packets that were looked at */
};

struct ml_engine *ml_engine_new(const struct ml_engine_config *config, struct ml_error *error)
{
    struct ml_engine *engine = ml_mem_array(1, sizeof *engine);
    if (engine == NULL) {
        (void)ml_error_set(error, ML_NO_MEMORY, "out of memory");
        return NULL;
    }
    engine->config = *config;
    (void)pthread_mutex_init(&engine->ndpi_start, NULL); /* default attributes: cannot fail on Linux */
    engine->decoder = ml_decoder_new(&engine->counters);
    bool ok = ml_keys_init(&engine->keys, &engine->counters) && engine->decoder != NULL;
    struct ml_shard_config shard = {.patterns = config->patterns,
                                    .sockets = config->sockets,
                                    .with_ndpi = config->with_ndpi,
                                    .ndpi_start = &engine->ndpi_start,
                                    .secrets = engine->keys.secrets};
    while (ok && engine->n_shards < ML_N_SHARDS) {
        unsigned first =
            ml_workers_owner(engine->n_shards, config->n_threads); /* a worker's first shard has its number */
        shard.peer = first != engine->n_shards ? &engine->shards[first] : NULL;
        ok = ml_shard_init(&engine->shards[engine->n_shards], &shard);
        engine->n_shards += ok ? 1 : 0;
    }
    engine->workers = ok ? ml_workers_new(engine->shards, config->n_threads, &engine->counters) : NULL;
    if (engine->workers == NULL) {
        ml_engine_free(engine);
        (void)ml_error_set(error, ML_NO_MEMORY, "out of memory or threads");
        return NULL;
    }
    return engine;
}

void ml_engine_free(struct ml_engine *engine)
{
    if (engine == NULL) {
        return;
    }
    ml_workers_free(engine->workers);
    while (engine->n_shards != 0) { /* those with a peer before it */
        ml_shard_fini(&engine->shards[--engine->n_shards]);
    }
    ml_keys_fini(&engine->keys);
    ml_decoder_free(engine->decoder);
    for (size_t i = 0; i < engine->n_inputs; i++) {
        ml_source_close(engine->inputs[i].source);
    }
    ml_mem_free(engine->inputs);
    (void)pthread_mutex_destroy(&engine->ndpi_start);
    ml_mem_free(engine);
}

static uint64_t size_of_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
}

/* True asks to stop reading. */
static bool look_around(const struct ml_engine *engine, const struct ml_source *source, uint64_t size)
{
    const struct ml_engine_config *config = &engine->config;
    if (config->progress != NULL) {
        config->progress(config->progress_context, ml_source_offset(source), size);
    }
    return config->is_cancelled != NULL && config->is_cancelled(config->progress_context);
}

/* Why the operator does not want the packet looked at; ML_N_COUNTERS: it is wanted. */
static enum ml_counter unwanted(const struct ml_engine_config *config, const struct ml_packet *packet)
{
    if (config->has_since && packet->time_ns < config->since_ns) {
        return ML_COUNT_SKIPPED_BEFORE;
    }
    if (config->has_until && packet->time_ns >= config->until_ns) {
        return ML_COUNT_SKIPPED_AFTER;
    }
    if (config->filter != NULL && !ml_filter_matches(config->filter, packet)) {
        return ML_COUNT_SKIPPED_FILTER;
    }
    return ML_N_COUNTERS;
}

static void skip(struct ml_counters *counters, const struct ml_packet *packet, enum ml_counter reason)
{
    ml_count(counters, reason);
    ml_count(counters, ML_COUNT_PACKETS_READ);
    ml_count_add(counters, ML_COUNT_BYTES_WIRE, packet->wire_len);
    ml_count_add(counters, ML_COUNT_BYTES_CAPTURED, packet->bytes.len);
    ml_count_add(counters, ML_COUNT_BYTES_SKIPPED, packet->wire_len);
    if (packet->bytes.len < packet->wire_len) {
        ml_count(counters, ML_COUNT_PACKETS_TRUNCATED);
    }
}

/* The app that the file itself names for a packet, where its frame does not: its package, else the name it shows. */
static struct ml_span app_of(const struct ml_source *source, const struct ml_packet *packet)
{
    const struct ml_source_summary *summary = ml_source_summary(source);
    const struct ml_source_process *process = &summary->processes[packet->process - 1];
    return process->package.len != 0 ? process->package : process->label;
}

static void look_at(struct ml_engine *engine, const struct ml_source *source, const struct ml_packet *packet)
{
    struct ml_segment segment;
    engine->last_ns = engine->has_packets && engine->last_ns > packet->time_ns ? engine->last_ns : packet->time_ns;
    engine->has_packets = true;
    if (ml_decode_packet(engine->decoder, packet, &segment)) {
        if (packet->process != 0) {
            segment.app = app_of(source, packet);
        }
        if (ml_duplicates_check(&engine->duplicates, &segment)) {
            ml_count(&engine->counters, ML_COUNT_PACKETS_DUPLICATES);
            ml_count_add(&engine->counters, ML_COUNT_BYTES_DUPLICATES, segment.ip_len);
        } else {
            ml_workers_feed(engine->workers, &segment);
        }
    }
}

/*
 * Secrets that came between packets, `n_before` of which were worked off: no worker may look any up while they are
 * added.
 */
static enum ml_status take_secrets(struct ml_engine *engine, struct input *input, uint64_t n_before)
{
    if (!ml_keys_has_more(&input->keys, input->source)) {
        return ML_OK;
    }
    ml_workers_drain(engine->workers);
    return ml_keys_take(&engine->keys, input->source, &input->keys, n_before);
}

static enum ml_status read_packets(struct ml_engine *engine, struct input *input, uint64_t size)
{
    struct ml_source *source = input->source;
    struct ml_packet packet;
    enum ml_status status;
    uint64_t n = 0;
    while ((status = ml_source_next(source, &packet)) == ML_OK) {
        engine->seq = packet.seq;
        status = take_secrets(engine, input, ml_source_summary(source)->packets - 1);
        if (status != ML_OK) {
            break;
        }
        enum ml_counter reason = unwanted(&engine->config, &packet);
        if (reason == ML_N_COUNTERS) {
            look_at(engine, source, &packet);
        } else {
            skip(&engine->counters, &packet, reason);
        }
        if (++n % PACKETS_PER_LOOK == 0 && look_around(engine, source, size)) {
            break;
        }
    }
    (void)look_around(engine, source, size);
    if (status == ML_END) {
        status = take_secrets(engine, input, ml_source_summary(source)->packets);
    }
    return status == ML_NO_MEMORY ? status : ML_OK;
}

enum ml_status ml_engine_key_log(struct ml_engine *engine, const char *path, struct ml_error *error)
{
    return ml_keys_read_file(&engine->keys, path, error);
}

/* Ends all conversations. */
static void flush(struct ml_engine *engine)
{
    ml_duplicates_init(&engine->duplicates);
    ml_decoder_flush(engine->decoder);
    ml_workers_flush(engine->workers);
}

enum ml_status ml_engine_read(struct ml_engine *engine, const char *path, struct ml_error *error)
{
    struct ml_source *source = NULL;
    struct input *inputs = ml_mem_resize(engine->inputs, engine->n_inputs + 1, sizeof *inputs);
    if (inputs == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    engine->inputs = inputs;
    enum ml_status status = ml_source_open(path, (uint32_t)engine->n_inputs, engine->seq, &source, error);
    if (status != ML_OK) {
        return status;
    }
    struct input *input = &inputs[engine->n_inputs++];
    *input = (struct input){.source = source, .first_seq = engine->seq + 1};
    ml_workers_drain(engine->workers); /* conversations of the file before may go on */
    status = ml_keys_begin(&engine->keys, path, source, &input->keys);
    status = status == ML_OK ? read_packets(engine, input, size_of_file(path)) : status;
    if (!engine->config.is_series) {
        flush(engine);
    }
    if (status != ML_OK) {
        ml_error_at(error, path, 0, 0);
        return ml_error_set(error, status, "out of memory while reading packets");
    }
    return ml_source_finish(source, error);
}

bool ml_engine_is_in_order(const struct ml_engine *engine)
{
    const struct ml_source_summary *last = NULL;
    for (size_t i = 0; i < engine->n_inputs; i++) {
        const struct ml_source_summary *summary = ml_source_summary(engine->inputs[i].source);
        if (summary->packets == 0) {
            continue;
        }
        if (last != NULL && summary->first_ns < last->last_ns) {
            return false;
        }
        last = summary;
    }
    return true;
}

/* --- the report --- */

static bool fill_inputs(const struct ml_engine *engine, struct ml_report *report)
{
    report->inputs = ml_arena_get(&report->arena, (engine->n_inputs + 1) * sizeof *report->inputs);
    if (report->inputs == NULL) {
        return false;
    }
    report->n_inputs = engine->n_inputs;
    for (size_t i = 0; i < engine->n_inputs; i++) {
        struct ml_report_input *input = &report->inputs[i];
        (void)snprintf(input->id, sizeof input->id, "i%zu", i + 1);
        input->summary = *ml_source_summary(engine->inputs[i].source);
        input->first_seq = engine->inputs[i].first_seq;
        input->secrets = ml_secrets_count(engine->keys.secrets, engine->inputs[i].keys.source);
        input->n_late_secrets = engine->inputs[i].keys.n_late;
    }
    report->valid_on_ns = engine->last_ns;
    return true;
}

enum ml_status ml_engine_finish(struct ml_engine *engine, const struct ml_row_sink *rows, struct ml_report *report,
                                struct ml_error *error)
{
    struct ml_join *join = ml_mem_array(1, sizeof *join);
    flush(engine); /* nothing is open unless the inputs were a series */
    report->rules = engine->config.rules;
    report->intel = engine->config.intel;
    report->taxonomy = engine->config.taxonomy;
    report->apps_catalogue = engine->config.apps;
    report->declared = engine->config.declared;
    if (join == NULL || !fill_inputs(engine, report) || !ml_keys_report(&engine->keys, report)) {
        ml_mem_free(join);
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    ml_counters_merge(&report->counters, &engine->counters);
    for (unsigned i = 0; i < ML_N_SHARDS; i++) {
        ml_counters_merge(&report->counters, &engine->shards[i].counters);
    }
    join->config = &engine->config;
    join->report = report;
    join->shards = engine->shards;
    join->rows = rows;
    enum ml_status status = ml_join_run(join, error);
    ml_mem_free(join);
    return status;
}

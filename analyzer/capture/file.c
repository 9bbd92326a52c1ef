/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/file.h"

#include "core/limits.h"
#include "core/mem.h"

#include <stdarg.h>
#include <stdio.h>

bool ml_file_u16(const struct ml_source *source, struct ml_reader *rd, uint16_t *out)
{
    return source->is_big ? ml_rd_u16(rd, out) : ml_rd_le16(rd, out);
}

bool ml_file_u32(const struct ml_source *source, struct ml_reader *rd, uint32_t *out)
{
    return source->is_big ? ml_rd_u32(rd, out) : ml_rd_le32(rd, out);
}

bool ml_file_u64(const struct ml_source *source, struct ml_reader *rd, uint64_t *out)
{
    return source->is_big ? ml_rd_u64(rd, out) : ml_rd_le64(rd, out);
}

enum ml_status ml_file_damage(struct ml_source *source, const char *format, ...)
{
    struct ml_source_summary *summary = &source->summary;
    if (!summary->is_damaged) {
        va_list args;
        va_start(args, format);
        (void)vsnprintf(summary->damage, sizeof summary->damage, format, args); /* a cut text is still a text */
        va_end(args);
        summary->is_damaged = true;
        summary->damage_offset = ml_input_offset(source->input);
    }
    return ML_END;
}

enum ml_status ml_file_need(struct ml_source *source, size_t n, struct ml_span *out, const char *what)
{
    enum ml_status status = ml_input_need(source->input, n, out);
    if (status == ML_OK || status == ML_NO_MEMORY) {
        return status;
    }
    if (status == ML_END) {
        return ml_file_damage(source, "cut short: %zu of %zu bytes of a %s", out->len, n, what);
    }
    return ml_file_damage(source, "%s", ml_input_failure(source->input));
}

/* Copies bytes that may be none. False: out of memory. */
static bool keep(struct ml_source *source, struct ml_span bytes, struct ml_span *out)
{
    *out = ml_arena_copy(&source->arena, bytes);
    return out->ptr != NULL;
}

bool ml_file_add_interface(struct ml_source *source, const struct ml_source_interface *interface,
                           const struct ml_file_interface *state)
{
    size_t n = source->summary.n_interfaces;
    size_t room = source->n_interface_room;
    struct ml_source_interface *interfaces = ml_mem_grow(source->interfaces, n, &room, 4, sizeof *interfaces);
    if (interfaces == NULL) {
        return false;
    }
    source->interfaces = interfaces;
    source->summary.interfaces = interfaces;
    struct ml_file_interface *states =
        ml_mem_grow(source->interface_state, n, &source->n_interface_room, 4, sizeof *states);
    if (states == NULL) {
        return false;
    }
    source->interface_state = states;
    interfaces[n] = *interface;
    states[n] = *state;
    if (!keep(source, interface->name, &interfaces[n].name)) {
        return false;
    }
    source->summary.n_interfaces = n + 1;
    return true;
}

bool ml_file_add_name(struct ml_source *source, const struct ml_ip *ip, struct ml_span name)
{
    size_t n = source->summary.n_names;
    if (n >= ML_MAX_CAPTURE_NAMES) {
        source->summary.not_kept++;
        return true;
    }
    struct ml_source_name *names = ml_mem_grow(source->names, n, &source->n_name_room, 4, sizeof *names);
    if (names == NULL) {
        return false;
    }
    source->names = names;
    source->summary.names = names;
    names[n].ip = *ip;
    if (!keep(source, name, &names[n].name)) {
        return false;
    }
    source->summary.n_names = n + 1;
    return true;
}

bool ml_file_add_secrets(struct ml_source *source, uint32_t type, struct ml_span bytes)
{
    size_t n = source->summary.n_secrets;
    /* Each counts with its record, so that empty ones end too. */
    size_t cost = bytes.len + sizeof *source->secrets;
    if (cost > ML_MAX_SECRETS_BYTES - source->n_secret_bytes) {
        source->summary.not_kept++;
        return true;
    }
    struct ml_source_secrets *secrets = ml_mem_grow(source->secrets, n, &source->n_secret_room, 4, sizeof *secrets);
    if (secrets == NULL) {
        return false;
    }
    source->secrets = secrets;
    source->summary.secrets = secrets;
    secrets[n].type = type;
    if (!keep(source, bytes, &secrets[n].bytes)) {
        return false;
    }
    source->n_secret_bytes += cost;
    source->summary.n_secrets = n + 1;
    return true;
}

uint32_t ml_file_find_process(const struct ml_source *source, uint32_t uid)
{
    const struct ml_map_entry *entry = ml_map_find(&source->process_of_uid, ml_span_of(&uid, sizeof uid));
    return entry != NULL ? entry->value : 0;
}

bool ml_file_add_process(struct ml_source *source, uint32_t uid, struct ml_span package, struct ml_span label)
{
    size_t n = source->summary.n_processes;
    if (ml_file_find_process(source, uid) != 0) {
        return true; /* the first mapping holds, as in PCAPdroid itself */
    }
    if (n >= ML_MAX_CAPTURE_APPS) {
        source->summary.not_kept++;
        return true;
    }
    struct ml_source_process *processes =
        ml_mem_grow(source->processes, n, &source->n_process_room, 4, sizeof *processes);
    if (processes == NULL) {
        return false;
    }
    source->processes = processes;
    source->summary.processes = processes;
    processes[n].uid = uid;
    if (!keep(source, package, &processes[n].package) || !keep(source, label, &processes[n].label) ||
        ml_map_add(&source->process_of_uid, ml_span_of(&uid, sizeof uid), (uint32_t)n + 1, NULL) == NULL) {
        return false;
    }
    source->summary.n_processes = n + 1;
    return true;
}

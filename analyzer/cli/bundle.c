/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/bundle.h"

#include "cli/command.h"
#include "cli/resources.h"
#include "core/file.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/path.h"
#include "core/text.h"
#include "decode/segment.h"
#include "report/read.h"

#include <unistd.h>

static const char *const companions[] = {"experiment.json", "socket_trace.json", "sslkeylog.txt", "device.json",
                                         "ad_ids.txt",      "aes_info.json",     "screen.mp4"};

/* Path of a file of the folder that can be read; NULL: none, or out of memory. Given to the caller. */
static char *path_of(const char *folder, const char *name)
{
    char *path = ml_path_join(folder, name);
    if (path != NULL && access(path, R_OK) != 0) {
        ml_mem_free(path);
        return NULL;
    }
    return path;
}

static bool has(const char *folder, const char *name)
{
    char *path = path_of(folder, name);
    ml_mem_free(path);
    return path != NULL;
}

bool ml_bundle_is(const char *folder)
{
    return has(folder, "experiment.json") || has(folder, "socket_trace.json");
}

bool ml_bundle_is_companion(const char *name)
{
    for (size_t i = 0; i < sizeof companions / sizeof companions[0]; i++) {
        if (strcmp(name, companions[i]) == 0) {
            return true;
        }
    }
    return false;
}

char *ml_bundle_key_log(const char *folder)
{
    return path_of(folder, "sslkeylog.txt");
}

/* A file's bytes, given; *bytes is NULL when there is no such file. */
static enum ml_status read_file(const char *folder, const char *name, uint8_t **bytes, size_t *len,
                                struct ml_error *error)
{
    char *path = path_of(folder, name);
    *bytes = NULL;
    *len = 0;
    enum ml_status status = path != NULL ? ml_file_read(path, ML_MAX_BUNDLE_BYTES, bytes, len, error) : ML_OK;
    ml_mem_free(path);
    return status;
}

/* Gives the tree of a file; *root is NULL when there is no such file. */
static enum ml_status read_json(const char *folder, const char *name, json_t **root, struct ml_error *error)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    enum ml_status status = read_file(folder, name, &bytes, &len, error);
    *root = NULL;
    if (status == ML_OK && bytes != NULL) {
        status = ml_report_parse(name, ml_span_of(bytes, len), root, error);
        ml_mem_wipe(bytes, len);
    }
    ml_mem_free(bytes);
    return status;
}

static struct ml_span text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? ml_span_trim(ml_span_text(text)) : ml_span_of(NULL, 0);
}

/* --- identifiers --- */

static enum ml_status plant(struct ml_identities *identities, enum ml_identity_kind kind, struct ml_span value,
                            bool is_quiet)
{
    char reason[ML_IDENTITY_REASON];
    if (value.len == 0) {
        return ML_OK;
    }
    enum ml_status status = ml_identities_add(identities, kind, value, reason);
    if (status == ML_BAD_INPUT) {
        if (!is_quiet) {
            ml_complain("bundle: the %s is not looked for: %s", ml_identity_name(kind), reason);
        }
        return ML_OK;
    }
    return status;
}

static enum ml_status plant_device(const char *folder, struct ml_identities *identities, bool is_quiet,
                                   struct ml_error *error)
{
    static const struct {
        const char *key;
        enum ml_identity_kind kind;
    } rows[] = {{"imei", ML_IDENTITY_IMEI}, {"serialno", ML_IDENTITY_SERIAL}, {"model", ML_IDENTITY_DEVICE_MODEL}};
    json_t *root = NULL;
    enum ml_status status = read_json(folder, "device.json", &root, error);
    for (size_t i = 0; status == ML_OK && i < sizeof rows / sizeof rows[0]; i++) {
        status = plant(identities, rows[i].kind, text_of(root, rows[i].key), is_quiet);
    }
    json_decref(root);
    return status;
}

/* Some devices tell zeros for "none": they are refused as what they are. */
static enum ml_status plant_advertising(const char *folder, struct ml_identities *identities, bool is_quiet,
                                        struct ml_error *error)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    enum ml_status status = read_file(folder, "ad_ids.txt", &bytes, &len, error);
    struct ml_span rest = ml_span_of(bytes, len);
    while (status == ML_OK && rest.len != 0) {
        size_t end = ml_span_find(rest, ml_span_text("\n"));
        status = plant(identities, ML_IDENTITY_ADVERTISING_ID, ml_span_trim(ml_span_cut(rest, 0, end)), is_quiet);
        rest = ml_span_cut(rest, end + 1, rest.len);
    }
    ml_mem_free(bytes);
    return status;
}

enum ml_status ml_bundle_identities(const char *folder, struct ml_identities *identities, bool is_quiet,
                                    struct ml_error *error)
{
    enum ml_status status = plant_device(folder, identities, is_quiet, error);
    status = status == ML_OK ? plant_advertising(folder, identities, is_quiet, error) : status;
    return status == ML_NO_MEMORY || status == ML_LIMIT ? ml_error_set(error, status, "bundle: too many identifiers")
                                                        : status;
}

/* --- sockets --- */

/* "::ffff:192.0.2.1", as sockets for both families tell IPv4, too. */
static bool read_peer(struct ml_span text, struct ml_ip *out)
{
    if (ml_span_starts_nocase(text, "::ffff:") && memchr(text.ptr, '.', text.len) != NULL) {
        text = ml_span_cut(text, 7, text.len);
    }
    return ml_ip_parse(text, out);
}

static bool read_port(const json_t *object, const char *key, uint16_t *out)
{
    json_int_t value = json_integer_value(json_object_get(object, key));
    *out = (uint16_t)value;
    return value > 0 && value <= UINT16_MAX;
}

/* Records that name no process or no peer say nothing. */
static bool add_record(struct ml_sockets *sockets, const json_t *record)
{
    const json_t *data = json_object_get(record, "data");
    struct ml_span process = text_of(record, "process");
    struct ml_span type = text_of(data, "socket_type");
    struct ml_ip peer;
    uint16_t port = 0;
    uint16_t peer_port = 0;
    uint8_t ip_proto = ml_span_starts(type, "tcp") ? ML_IP_TCP : ml_span_starts(type, "udp") ? ML_IP_UDP : 0;
    if (process.len == 0 || ip_proto == 0 || !read_peer(text_of(data, "dest_ip"), &peer) ||
        !read_port(data, "local_port", &port) || !read_port(data, "dest_port", &peer_port)) {
        return true;
    }
    return ml_sockets_add(sockets, ip_proto, port, &peer, peer_port, process);
}

enum ml_status ml_bundle_sockets(const char *folder, struct ml_sockets *sockets, struct ml_error *error)
{
    json_t *root = NULL;
    enum ml_status status = read_json(folder, "socket_trace.json", &root, error);
    if (status == ML_OK && root != NULL && !json_is_array(root)) {
        ml_error_at(error, "socket_trace.json", 0, 0);
        status = ml_error_set(error, ML_BAD_INPUT, "must be a list of records");
    }
    for (size_t i = 0; status == ML_OK && i < json_array_size(root); i++) {
        if (!add_record(sockets, json_array_get(root, i))) {
            status = ml_error_set(error, ML_LIMIT, "bundle: too many sockets, or out of memory");
        }
    }
    json_decref(root);
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/datasets.h"

#include "core/text.h"
#include "intel/folder.h"
#include "intel/pack.h"

#include <jansson.h>
#include <stdio.h>
#include <sys/stat.h>

enum { MAX_MANIFEST = 1024 * 1024 };

struct known {
    const char *id;
    const char *files[ML_DATA_FILES];
    const char *needed_for;
};

static const struct known known[ML_N_DATA] = {
    [ML_DATA_DBIP] = {"dbip-country", {"dbip-country.mmdb"}, "location of hosts (first source)"},
    [ML_DATA_TOR_GEOIP] = {"tor-geoip", {"geoip", "geoip6"}, "location of hosts (second source)"},
    [ML_DATA_IPTOASN] = {"iptoasn-country", {"iptoasn-country.mmdb"}, "country in which networks are registered"},
    [ML_DATA_ASN] = {"asn", {"asn-ipv4-num.csv", "asn-ipv6.csv"}, "networks (AS) and operators of addresses"},
    [ML_DATA_LIBLOC] = {"libloc", {"location.db"}, "anycast and proxy flags of addresses"},
    [ML_DATA_PSL] = {"psl", {"public_suffix_list.dat"}, "registrable domains by a current list"},
    [ML_DATA_EASYPRIVACY] = {"easyprivacy", {"hosts.txt"}, "trackers (EasyPrivacy)"},
    [ML_DATA_EASYLIST] = {"easylist", {"hosts.txt"}, "trackers (EasyList)"},
    [ML_DATA_UBLOCK_PRIVACY] = {"ublock-privacy", {"hosts.txt"}, "trackers (uBlock filters)"},
    [ML_DATA_ADGUARD_TRACKING] = {"adguard-tracking", {"hosts.txt"}, "trackers (AdGuard Tracking Protection)"},
    [ML_DATA_ADGUARD_MOBILE] = {"adguard-mobile", {"hosts.txt"}, "trackers in apps (AdGuard Mobile Ads)"},
    [ML_DATA_COMPANIES] = {"third-party-web", {"companies.tsv"}, "company names of third-party hosts"},
    [ML_DATA_COUNTRY_NAMES] = {"country-names", {"en.json", "de.json", "fr.json", "codes.json"}, "names of countries"},
    [ML_DATA_MAP] = {"world-map", {"countries-50m.json"}, "countries refuted by round trips, map in the HTML report"},
    [ML_DATA_OPERATORS] = {"operators", {NULL}, "operators, parents and their countries"},
    [ML_DATA_TRACKERS] = {"trackers", {NULL}, "services and trackers of phones that lists miss"},
    [ML_DATA_JURISDICTIONS] = {"jurisdictions", {NULL}, "transfer classes of countries"},
};

/* What a file looked like when its digest was right. */
struct stamp {
    uint8_t digest[32];
    uint64_t size;
    int64_t seconds;
    int64_t nanoseconds;
    uint64_t inode;
};

struct stamps {
    struct stamp of[ML_N_FETCHED][ML_DATA_FILES];
    bool is_changed;
};

static const uint8_t stamps_key[ML_PACK_KEY] = "mitleser verified files, form 1";

size_t ml_datasets_files(enum ml_data data)
{
    size_t n = 0;
    while (n < ML_DATA_FILES && known[data].files[n] != NULL) {
        n++;
    }
    return n;
}

static bool join(char out[ML_DATA_PATH], const char *a, const char *b, const char *c)
{
    int n = snprintf(out, ML_DATA_PATH, "%s/%s/%s", a, b, c);
    return n > 0 && n < ML_DATA_PATH;
}

bool ml_datasets_path(const struct ml_datasets *datasets, enum ml_data data, size_t file, char out[ML_DATA_PATH])
{
    return join(out, datasets->folder, known[data].id, known[data].files[file]);
}

bool ml_datasets_cache(const struct ml_datasets *datasets, const char *name, char out[ML_DATA_PATH])
{
    return join(out, datasets->folder, "cache", name);
}

void ml_datasets_fini(struct ml_datasets *datasets)
{
    ml_arena_fini(&datasets->arena);
    *datasets = (struct ml_datasets){0};
}

static const char *copied(struct ml_datasets *datasets, const char *text)
{
    struct ml_span copy = ml_arena_copy(&datasets->arena, ml_span_text(text != NULL ? text : ""));
    return copy.ptr != NULL ? (const char *)copy.ptr : "";
}

void ml_datasets_drop(struct ml_datasets *datasets, enum ml_data data, const char *problem)
{
    datasets->rows[data].is_present = false;
    datasets->rows[data].problem = copied(datasets, problem);
}

void ml_datasets_own(struct ml_datasets *datasets, enum ml_data data, const struct ml_folder_info *info)
{
    struct ml_dataset *row = &datasets->rows[data];
    row->is_present = info->n_files != 0;
    row->date = copied(datasets, info->date);
    row->licence = "Apache-2.0";
    row->edition = MITLESER_VERSION;
    row->problem = row->is_present ? "" : "the folder holds no table";
    memcpy(row->sha256, info->sha256, sizeof row->sha256);
}

/* --- the manifest --- */

static json_t *read_manifest(const struct ml_datasets *datasets)
{
    char path[ML_DATA_PATH];
    struct ml_mapped mapped;
    int n = snprintf(path, sizeof path, "%s/MANIFEST.json", datasets->folder);
    if (n <= 0 || n >= ML_DATA_PATH || ml_mapped_open(path, &mapped, NULL) != ML_OK) {
        return NULL;
    }
    json_t *root = NULL;
    if (mapped.bytes.len <= MAX_MANIFEST) {
        root = json_loadb((const char *)mapped.bytes.ptr, mapped.bytes.len, 0, NULL);
    }
    ml_mapped_close(&mapped);
    return root;
}

static json_t *find_row(json_t *list, const char *key, const char *value)
{
    size_t i;
    json_t *row;
    json_array_foreach(list, i, row)
    {
        const char *text = json_string_value(json_object_get(row, key));
        if (text != NULL && strcmp(text, value) == 0) {
            return row;
        }
    }
    return NULL;
}

/* --- files --- */

static struct stamp stamp_of(const struct stat *st, const uint8_t digest[32])
{
    struct stamp stamp = {.size = (uint64_t)st->st_size,
                          .seconds = st->st_mtim.tv_sec,
                          .nanoseconds = st->st_mtim.tv_nsec,
                          .inode = st->st_ino};
    memcpy(stamp.digest, digest, sizeof stamp.digest);
    return stamp;
}

static bool has_digest(const char *path, const uint8_t digest[32])
{
    char found[ML_SHA256_HEX];
    char wanted[ML_SHA256_HEX];
    ml_hex_write(ml_span_of(digest, 32), wanted);
    return ml_sha256_file(path, found, NULL) == ML_OK && strcmp(found, wanted) == 0;
}

/* The problem with a file, NULL when it is the one of the manifest. */
static const char *check_file(struct ml_datasets *datasets, struct stamps *stamps, enum ml_data data, size_t file,
                              json_t *files)
{
    char path[ML_DATA_PATH];
    char name[256];
    (void)snprintf(name, sizeof name, "%s/%s", known[data].id, known[data].files[file]); /* both are short constants */
    json_t *row = find_row(files, "path", name);
    const char *hex = json_string_value(json_object_get(row, "sha256"));
    uint8_t *digest = datasets->digests[data][file];
    struct stat st;
    if (hex == NULL || strlen(hex) != ML_SHA256_HEX - 1 || !ml_hex_read(ml_span_text(hex), digest)) {
        return "a file is not in the manifest";
    }
    if (!ml_datasets_path(datasets, data, file, path) || stat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
        return "a file is missing";
    }
    struct stamp now = stamp_of(&st, digest);
    if (memcmp(&now, &stamps->of[data][file], sizeof now) == 0) {
        return NULL;
    }
    if (!has_digest(path, digest)) {
        return "a file differs from the one that was fetched";
    }
    stamps->of[data][file] = now;
    stamps->is_changed = true;
    return NULL;
}

static void read_row(struct ml_datasets *datasets, struct stamps *stamps, enum ml_data data, json_t *manifest)
{
    struct ml_dataset *row = &datasets->rows[data];
    json_t *found = find_row(json_object_get(manifest, "datasets"), "id", known[data].id);
    if (found == NULL) {
        row->problem = "not fetched";
        return;
    }
    row->name = copied(datasets, json_string_value(json_object_get(found, "name")));
    row->edition = copied(datasets, json_string_value(json_object_get(found, "edition")));
    row->date = copied(datasets, json_string_value(json_object_get(found, "date")));
    row->licence = copied(datasets, json_string_value(json_object_get(found, "licence")));
    const char *hex = json_string_value(json_object_get(found, "sha256"));
    if (hex != NULL && strlen(hex) == ML_SHA256_HEX - 1) {
        memcpy(row->sha256, hex, ML_SHA256_HEX);
    }
    const char *problem = NULL;
    for (size_t i = 0; problem == NULL && i < ml_datasets_files(data); i++) {
        problem = check_file(datasets, stamps, data, i, json_object_get(found, "files"));
    }
    row->is_present = problem == NULL;
    row->problem = problem != NULL ? problem : "";
}

static void read_all(struct ml_datasets *datasets, json_t *manifest)
{
    char path[ML_DATA_PATH];
    struct stamps stamps = {.is_changed = false};
    bool has_cache = ml_datasets_cache(datasets, "verified", path);
    struct ml_pack pack;
    if (has_cache && ml_pack_open(path, stamps_key, 1, &pack)) {
        if (pack.sections[0].len == sizeof stamps.of) {
            memcpy(stamps.of, pack.sections[0].ptr, sizeof stamps.of);
        }
        ml_pack_close(&pack);
    }
    for (int i = 0; i < ML_N_FETCHED; i++) {
        read_row(datasets, &stamps, (enum ml_data)i, manifest);
    }
    char folder[ML_DATA_PATH];
    if (stamps.is_changed && has_cache && join(folder, datasets->folder, "cache", "")) {
        (void)mkdir(folder, 0755); /* there already, or read-only: then it is computed again next time */
        struct ml_span section = ml_span_of(stamps.of, sizeof stamps.of);
        if (ml_pack_make(path, stamps_key, &section, 1, &pack) == ML_OK) {
            ml_pack_close(&pack);
        }
    }
}

enum ml_status ml_datasets_open(const char *folder, struct ml_datasets *out, struct ml_error *error)
{
    *out = (struct ml_datasets){0};
    ml_arena_init(&out->arena, false);
    struct ml_span copy = ml_arena_copy(&out->arena, ml_span_text(folder != NULL ? folder : ""));
    if (copy.ptr == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    out->folder = (const char *)copy.ptr;
    for (size_t i = 0; i < ML_N_DATA; i++) {
        out->rows[i] = (struct ml_dataset){.id = known[i].id,
                                           .name = known[i].id,
                                           .edition = "",
                                           .date = "",
                                           .licence = "",
                                           .problem = "no data folder",
                                           .needed_for = known[i].needed_for};
    }
    if (out->folder[0] == '\0') {
        return ML_OK;
    }
    json_t *manifest = read_manifest(out);
    if (manifest != NULL) {
        read_all(out, manifest);
        json_decref(manifest);
    }
    return ML_OK;
}

bool ml_datasets_key(const struct ml_datasets *datasets, const char *form, const enum ml_data *sets, size_t n,
                     uint8_t key[32])
{
    struct ml_digest *digest = ml_digest_new();
    bool is_fed = digest != NULL && ml_digest_feed(digest, ml_span_of(form, strlen(form) + 1));
    for (size_t i = 0; is_fed && i < n; i++) {
        uint8_t is_present = datasets->rows[sets[i]].is_present;
        is_fed = ml_digest_feed(digest, ml_span_of(&is_present, 1)) &&
                 ml_digest_feed(digest, ml_span_of(datasets->digests[sets[i]], sizeof datasets->digests[sets[i]]));
    }
    char hex[ML_SHA256_HEX];
    is_fed = is_fed && ml_digest_hex(digest, hex) && ml_hex_read(ml_span_text(hex), key);
    ml_digest_free(digest);
    return is_fed;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * datasets - which data sets are there, and whether their files are the ones that were fetched.
 *
 * In:        the data folder with MANIFEST.json. Only file names of the built-in table are ever opened.
 * Out:       a row for every data set the program knows, present or not and why.
 * Invariant: a row that is present has all its files, with the SHA-256 of the manifest. Digests are computed when a
 *            file is new or its size, time or inode changed, and remembered in cache/verified.
 * Lifetime:  texts live until ml_datasets_fini.
 */
#ifndef MITLESER_INTEL_DATASETS_H
#define MITLESER_INTEL_DATASETS_H

#include "intel/intel.h"

/* The order is that of the report. */
enum ml_data {
    ML_DATA_DBIP,
    ML_DATA_TOR_GEOIP,
    ML_DATA_IPTOASN,
    ML_DATA_ASN,
    ML_DATA_LIBLOC,
    ML_DATA_PSL,
    ML_DATA_EASYPRIVACY,
    ML_DATA_EASYLIST,
    ML_DATA_UBLOCK_PRIVACY,
    ML_DATA_ADGUARD_TRACKING,
    ML_DATA_ADGUARD_MOBILE,
    ML_DATA_COMPANIES,
    ML_DATA_COUNTRY_NAMES,
    ML_DATA_MAP,
    ML_N_FETCHED,
    ML_DATA_OPERATORS = ML_N_FETCHED, /* own tables of rules/ */
    ML_DATA_TRACKERS,
    ML_DATA_JURISDICTIONS,
    ML_N_DATA
};

enum { ML_DATA_FILES = 4, ML_DATA_PATH = 4096 };

struct ml_datasets {
    struct ml_arena arena;
    const char *folder; /* "" none */
    struct ml_dataset rows[ML_N_DATA];
    uint8_t digests[ML_N_FETCHED][ML_DATA_FILES][32];
};

/* `folder` may be NULL or missing. Fails for want of memory only. */
enum ml_status ml_datasets_open(const char *folder, struct ml_datasets *out, struct ml_error *error) ML_MUST_USE;
void ml_datasets_fini(struct ml_datasets *datasets);

/* Number of files of a data set. */
size_t ml_datasets_files(enum ml_data data);

/* Path of a file; false when it is too long. */
bool ml_datasets_path(const struct ml_datasets *datasets, enum ml_data data, size_t file, char out[ML_DATA_PATH]);

/* Path of a file in the cache folder. */
bool ml_datasets_cache(const struct ml_datasets *datasets, const char *name, char out[ML_DATA_PATH]);

/*
 * Key of what is made from n data sets: digest of `form` (name and version of the layout) and, for each, whether it is
 * there and its file digests.
 */
bool ml_datasets_key(const struct ml_datasets *datasets, const char *form, const enum ml_data *sets, size_t n,
                     uint8_t key[32]);

/* The data set turned out to be unusable. `problem` is copied. */
void ml_datasets_drop(struct ml_datasets *datasets, enum ml_data data, const char *problem);

/* Tells about a table of rules/. */
struct ml_folder_info;
void ml_datasets_own(struct ml_datasets *datasets, enum ml_data data, const struct ml_folder_info *info);

#endif

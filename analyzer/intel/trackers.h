/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trackers - which hosts are listed as trackers, what services hosts of phones are, and whose they are.
 *
 * In:        host lists (one host a line) and a company list (host, company, category by tabulators) of the data
 *            folder; our own table rules/trackers/.
 * Out:       for a name: list and category, roles, company. Lists of companies name, they never accuse.
 * Rule:      the longest suffix counts, not shorter than the registrable domain; where our own table has a row at
 *            least as specific as a list's, our row decides.
 * Lifetime:  texts live until the tables are closed.
 */
#ifndef MITLESER_INTEL_TRACKERS_H
#define MITLESER_INTEL_TRACKERS_H

#include "intel/folder.h"
#include "intel/intel.h"
#include "intel/operators.h"
#include "intel/suffixes.h"

/* One list of the data folder, in the order in which they are asked. */
struct ml_host_list {
    const char *id;       /* data set id */
    const char *category; /* of its hosts, unless something better is known */
    struct ml_span text;  /* borrowed while building; empty: absent */
};

enum { ML_HOST_LISTS = 5 };

/* Lists are numbered as in the array; the first list that has a host counts. */
enum ml_status ml_host_lists_make(const struct ml_host_list lists[ML_HOST_LISTS], const char *pack_path,
                                  const uint8_t key[ML_PACK_KEY], struct ml_suffixes *out,
                                  struct ml_error *error) ML_MUST_USE;

/* "host<TAB>company<TAB>category" lines. Value: offset of the company, its category follows behind the zero byte. */
enum ml_status ml_company_list_make(struct ml_span text, const char *pack_path, const uint8_t key[ML_PACK_KEY],
                                    struct ml_suffixes *out, struct ml_error *error) ML_MUST_USE;

/* A row of rules/trackers. */
struct ml_tracker_row {
    const char *category; /* "" none */
    bool is_tracker;
    const struct ml_company *company;
    size_t n_roles;
    const char *roles[ML_MAX_ROLES];
};

struct ml_tracker_rows {
    struct ml_arena arena;
    struct ml_map hosts; /* host -> place in `rows` */
    struct ml_tracker_row **rows;
    size_t n;
    struct ml_folder_info info;
};

/* Companies of the rows must be in `operators`, which must outlive the rows. */
enum ml_status ml_tracker_rows_read(const char *folder, const struct ml_operators *operators,
                                    struct ml_tracker_rows *out, struct ml_error *error) ML_MUST_USE;
void ml_tracker_rows_fini(struct ml_tracker_rows *rows);

/* The row of the longest suffix of at least domain_len bytes, its length in *matched; NULL when there is none. */
const struct ml_tracker_row *ml_tracker_rows_find(const struct ml_tracker_rows *rows, struct ml_span host,
                                                  size_t domain_len, size_t *matched);

/* Our words for a category of the company list ("ad" -> "advertising"); "" for classes that do not track. */
const char *ml_tracker_category(const char *listed);

#endif

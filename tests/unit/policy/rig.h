/* SPDX-License-Identifier: Apache-2.0 */
/* rig - rules and records from short texts, for tests of the rule engine. */
#ifndef MITLESER_TESTS_POLICY_RIG_H
#define MITLESER_TESTS_POLICY_RIG_H

#include "policy/rules.h"

/*
 * Fills a record from lines "field=value"; a line without "=" sets an empty text. Texts borrow `fields`. Fails the test
 * on a field the category does not know or a value of the wrong type.
 */
void rig_record(struct ml_record *record, enum ml_category category, const char *fields);

/* A whole rule around a detection, whose lines are indented here; gives the text, ml_mem_free. */
char *rig_rule(enum ml_category category, const char *name, const char *detection);

/* Rules from a text, or of a folder, or a failed test that shows the error. */
struct ml_rules *rig_load(const char *text, const char *lists);
struct ml_rules *rig_load_folder(const char *folder, const char *lists);

/* The error of a text that must be refused, as "line:column: text" in `out`; returns the status. */
enum ml_status rig_refusal(const char *text, const char *lists, char out[640]);

/* Does the only rule of the set match the record? */
bool rig_matches(const struct ml_rules *rules, const struct ml_record *record);

/* A new folder of its own below the temporary folder; the caller removes it with rig_remove. */
void rig_folder(char out[64]);
void rig_write(const char *folder, const char *name, const char *text);
void rig_remove(const char *folder);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* resources - finds and loads what every audit needs: rules, app catalogue, data sets. */
#ifndef MITLESER_CLI_RESOURCES_H
#define MITLESER_CLI_RESOURCES_H

#include "classify/verdict.h"
#include "cli/options.h"
#include "engine/sockets.h"
#include "intel/intel.h"
#include "leaks/patterns.h"
#include "policy/taxonomy.h"

struct ml_locale;

struct ml_resources {
    char *share; /* owned: folder that holds rules/ */
    struct ml_rules *rules;
    struct ml_apps *apps;
    struct ml_intel *intel;
    struct ml_taxonomy *taxonomy;
    struct ml_locale *locale;
    struct ml_identities identities; /* empty: no values were planted */
    struct ml_patterns *patterns;    /* of them; NULL: none */
    struct ml_sockets sockets;       /* of a bundle */
};

/*
 * Folder with rules/: $MITLESER_SHARE, share/mitleser beside the program's bin folder, or a parent folder of the
 * program (a build inside the source tree). Gives the path; NULL and a complaint when there is none.
 */
char *ml_resources_share(void) ML_MUST_USE;

/* Loads them all; complains and returns an exit code other than ML_EXIT_DONE when it cannot. */
int ml_resources_load(struct ml_resources *resources, const struct ml_options *options) ML_MUST_USE;
int ml_resources_load_intel(struct ml_resources *resources, const struct ml_options *options) ML_MUST_USE;
int ml_resources_load_rules(struct ml_resources *resources, const struct ml_options *options) ML_MUST_USE;
int ml_resources_load_taxonomy(struct ml_resources *resources) ML_MUST_USE;
int ml_resources_load_locale(struct ml_resources *resources, const struct ml_options *options) ML_MUST_USE;
void ml_resources_free(struct ml_resources *resources);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* datafolder - data folders of tests: files, and the MANIFEST.json that describes them. */
#ifndef MITLESER_TESTS_DATAFOLDER_H
#define MITLESER_TESTS_DATAFOLDER_H

#include "core/buf.h"
#include "support/scratch.h"

/*
 * Writes MANIFEST.json over the files that lie in the folder now; `sets` are lines "id file file ...", NULL at the end.
 */
void datafolder_manifest(const struct scratch *scratch, const char *const *sets);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules_test - runs the captures that rules name under `tests` and tells which rules do not do what they promise.
 *
 * Captures lie in <share>/captures (an absolute path is taken as it is) and are audited with the made data sets of
 * <share>/captures/data, without nDPI: the result is the same on every machine. A rule that only feeds correlations
 * counts as fired when it matched.
 */
#ifndef MITLESER_CLI_RULES_TEST_H
#define MITLESER_CLI_RULES_TEST_H

#include "cli/options.h"

/* Tests the rules of options->rules, or the built-in ones. Lines go to stdout; gives an exit code, 1: some failed. */
int ml_rules_test(const struct ml_options *options) ML_MUST_USE;

#endif

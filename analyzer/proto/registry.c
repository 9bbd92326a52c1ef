/* SPDX-License-Identifier: Apache-2.0 */
/* registry - every parser, most specific first: the order in which the demultiplexer asks them. */
#include "proto/parser.h"

const struct ml_parser *const ml_parsers[] = {
    NULL,
};

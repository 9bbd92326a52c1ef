/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic/version.h"

static const uint8_t salt_22[ML_QUIC_SALT] = {0x7f, 0xbc, 0xdb, 0x0e, 0x7c, 0x66, 0xbb, 0xe9, 0x19, 0x3a,
                                              0x96, 0xcd, 0x21, 0x51, 0x9e, 0xbd, 0x7a, 0x02, 0x64, 0x4a};
static const uint8_t salt_23[ML_QUIC_SALT] = {0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7,
                                              0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02};
static const uint8_t salt_29[ML_QUIC_SALT] = {0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97,
                                              0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99};
static const uint8_t salt_1[ML_QUIC_SALT] = {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
                                             0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a};
static const uint8_t salt_2_draft[ML_QUIC_SALT] = {0xa7, 0x07, 0xc2, 0x03, 0xa5, 0x9b, 0x47, 0x18, 0x4a, 0x1d,
                                                   0x62, 0xca, 0x57, 0x04, 0x06, 0xea, 0x7a, 0xe3, 0xe5, 0xd3};
static const uint8_t salt_2[ML_QUIC_SALT] = {0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
                                             0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9};
static const uint8_t salt_q050[ML_QUIC_SALT] = {0x50, 0x45, 0x74, 0xef, 0xd0, 0x66, 0xfe, 0x2f, 0x9d, 0x94,
                                                0x5c, 0xfc, 0xdb, 0xd3, 0xa7, 0xf0, 0xd3, 0xb5, 0x6b, 0x45};
static const uint8_t salt_t050[ML_QUIC_SALT] = {0x7f, 0xf5, 0x79, 0xe5, 0xac, 0xd0, 0x72, 0x91, 0x55, 0x80,
                                                0x30, 0x4c, 0x43, 0xa2, 0x36, 0x7c, 0x60, 0x48, 0x83, 0x10};
static const uint8_t salt_t051[ML_QUIC_SALT] = {0x7a, 0x4e, 0xde, 0xf4, 0xe7, 0xcc, 0xee, 0x5f, 0xa4, 0x50,
                                                0x6c, 0x19, 0x12, 0x4f, 0xc8, 0xcc, 0xda, 0x6e, 0x03, 0x3d};

static const struct ml_quic_version versions[] = {
    {0x00000001, "1", salt_1, false, false, false, false, NULL},
    {0x6b3343cf, "2", salt_2, true, true, false, false, NULL},
    {0x709a50c4, "2 (draft 01)", salt_2_draft, true, true, false, false, NULL},
    {0xff020000, "2 (draft 00)", salt_2_draft, false, false, false, false, NULL},
    {0xff000016, "draft-22", salt_22, false, false, false, false, NULL},
    {0xff000017, "draft-23", salt_23, false, false, false, false, NULL},
    {0xff000018, "draft-24", salt_23, false, false, false, false, NULL},
    {0xff000019, "draft-25", salt_23, false, false, false, false, NULL},
    {0xff00001a, "draft-26", salt_23, false, false, false, false, NULL},
    {0xff00001b, "draft-27", salt_23, false, false, false, false, NULL},
    {0xff00001c, "draft-28", salt_23, false, false, false, false, NULL},
    {0xff00001d, "draft-29", salt_29, false, false, false, false, NULL},
    {0xff00001e, "draft-30", salt_29, false, false, false, false, NULL},
    {0xff00001f, "draft-31", salt_29, false, false, false, false, NULL},
    {0xff000020, "draft-32", salt_29, false, false, false, false, NULL},
    {0xff000021, "draft-33", salt_1, false, false, false, false, NULL},
    {0xff000022, "draft-34", salt_1, false, false, false, false, NULL},
    {0xfaceb001, "mvfst (draft 22)", salt_22, false, false, false, false, NULL},
    {0xfaceb002, "mvfst (draft 27)", salt_23, false, false, false, false, NULL},
    {0xfaceb00e, "mvfst (experimental)", salt_23, false, false, false, false, NULL},
    {0x51303530, "Q050", salt_q050, false, false, true, true, NULL},
    {0x54303530, "T050", salt_t050, false, false, true, false, NULL},
    {0x54303531, "T051", salt_t051, false, false, true, false, NULL},
};

static const struct ml_quic_version reserved[] = {
    {0x0a0a0a0a, "reserved", salt_1, false, false, false, false, &reserved[1]},
    {0x0a0a0a0a, "reserved", salt_29, false, false, false, false, NULL},
};

bool ml_quic_version_is_reserved(uint32_t wire)
{
    return (wire & 0x0f0f0f0f) == 0x0a0a0a0a;
}

const struct ml_quic_version *ml_quic_version_find(uint32_t wire)
{
    if (ml_quic_version_is_reserved(wire)) {
        return &reserved[0];
    }
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        if (versions[i].wire == wire) {
            return &versions[i];
        }
    }
    return NULL;
}

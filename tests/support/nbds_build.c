/* SPDX-License-Identifier: Apache-2.0 */
#include "support/nbds_build.h"

#include <string.h>

void nbds_header(struct ml_buf *out, unsigned type, const char *source_ip)
{
    struct ml_ip ip = build_address(source_ip);
    build_be(out, 1, type);
    build_be(out, 1, 2); /* the first and only fragment, of a node that broadcasts */
    build_be(out, 2, 0x8001);
    (void)ml_buf_add(out, ip.bytes, 4);
    build_be(out, 2, 138);
}

void nbds_name(struct ml_buf *out, const char *name, unsigned type)
{
    size_t len = strlen(name);
    build_be(out, 1, 32);
    for (size_t i = 0; i < 16; i++) {
        unsigned byte = i == 15 ? type : i < len ? (uint8_t)name[i] : ' ';
        build_be(out, 1, 'A' + (byte >> 4));
        build_be(out, 1, 'A' + (byte & 15));
    }
    build_be(out, 1, 0);
}

void nbds_user(struct ml_buf *out, const char *source, const char *destination, struct ml_span data)
{
    build_be(out, 2, 2 * 34 + data.len);
    build_be(out, 2, 0);
    nbds_name(out, source, 0x00);
    nbds_name(out, destination, 0x1d);
    (void)ml_buf_add_span(out, data);
}

void nbds_mailslot(struct ml_buf *out, const char *mailslot, struct ml_span data)
{
    size_t name = strlen(mailslot) + 1;
    size_t offset = 32 + 1 + 34 + 2 + name;
    build_be(out, 5, UINT64_C(0xff534d4225)); /* the mark, TRANSACTION */
    for (unsigned i = 0; i < 27; i++) {
        build_be(out, 1, 0);
    }
    build_be(out, 1, 17);
    build_le(out, 2, 0);
    build_le(out, 2, data.len);
    build_be(out, 8, 0); /* what may come back, reserved, flags */
    build_be(out, 8, 0); /* time to wait, reserved, no parameters */
    build_le(out, 2, offset);
    build_le(out, 2, data.len);
    build_le(out, 2, offset);
    build_le(out, 2, 3); /* words of setup, reserved */
    build_le(out, 2, 1); /* write */
    build_le(out, 2, 1);
    build_le(out, 2, 2);
    build_le(out, 2, name + data.len);
    (void)ml_buf_add(out, mailslot, name);
    (void)ml_buf_add_span(out, data);
}

void nbds_browse(struct ml_buf *out, unsigned command, const struct nbds_host *host)
{
    char name[16] = {0};
    memcpy(name, host->name, strlen(host->name) < sizeof name ? strlen(host->name) : sizeof name);
    build_be(out, 1, command);
    build_be(out, 1, 0);
    build_le(out, 4, 720000);
    (void)ml_buf_add(out, name, sizeof name);
    build_be(out, 1, host->major);
    build_be(out, 1, host->minor);
    build_le(out, 4, 0x00011003);
    build_be(out, 2, 0x0f01);
    build_le(out, 2, 0xaa55);
    (void)ml_buf_add(out, host->comment, strlen(host->comment) + 1);
}

void nbds_announcement(struct ml_buf *out, const char *source_ip, unsigned command, const struct nbds_host *host)
{
    struct ml_buf frame;
    struct ml_buf smb;
    ml_buf_init(&frame, 256);
    ml_buf_init(&smb, 512);
    nbds_browse(&frame, command, host);
    nbds_mailslot(&smb, "\\MAILSLOT\\BROWSE", build_span(&frame));
    nbds_header(out, 0x11, source_ip);
    nbds_user(out, host->name, "WORKGROUP", build_span(&smb));
    ml_buf_fini(&frame);
    ml_buf_fini(&smb);
}

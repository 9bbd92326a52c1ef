/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/nbds/browse.h"

enum {
    HEADER = 32, /* bytes of an SMB header */
    TRANSACTION = 0x25,
    MAILSLOT_WORDS = 17,
    MAILSLOT_WRITE = 1,
    NAME = 16 /* bytes of a name in an announcement, padded with zeros */
};

enum { HOST = 1, REQUEST = 2, ELECTION = 8, DOMAIN_GROUP = 12, MASTER = 13, LOCAL_MASTER = 15 };

/* Up to the first zero byte, or all. */
static struct ml_span text_of(struct ml_span bytes)
{
    return ml_span_cut(bytes, 0, ml_span_find(bytes, ml_span_of("", 1)));
}

/* Count, periodicity, name, version of the system, type, version of the browser, signature, comment. */
static void read_announcement(struct ml_reader *rd, bool is_domain, struct ml_nbds_browse *out)
{
    struct ml_span name;
    uint8_t major = 0;
    uint8_t minor = 0;
    if (!ml_rd_skip(rd, 1 + 4) || !ml_rd_span(rd, NAME, &name)) {
        return;
    }
    out->frame = is_domain ? "domain-announcement" : "host-announcement";
    *(is_domain ? &out->group : &out->host) = text_of(name);
    if (!ml_rd_u8(rd, &major) || !ml_rd_u8(rd, &minor) || !ml_rd_skip(rd, 4 + 2 + 2)) {
        return;
    }
    struct ml_span rest = text_of(ml_rd_rest(rd));
    if (is_domain) { /* the versions are those of the browser then, the text names who speaks for the group */
        out->host = rest;
        return;
    }
    out->comment = rest;
    out->has_version = true;
    out->major = major;
    out->minor = minor;
}

/* A name behind `n` bytes. */
static void read_named(struct ml_reader *rd, size_t n, const char *frame, struct ml_nbds_browse *out)
{
    if (n == 0 || ml_rd_skip(rd, n)) {
        out->frame = frame;
        out->host = text_of(ml_rd_rest(rd));
    }
}

static void read_frame(struct ml_span data, struct ml_nbds_browse *out)
{
    struct ml_reader rd = ml_rd_open(data);
    uint8_t command = 0;
    if (!ml_rd_u8(&rd, &command)) {
        return;
    }
    switch (command) {
    case HOST:
    case DOMAIN_GROUP:
        read_announcement(&rd, command == DOMAIN_GROUP, out);
        break;
    case LOCAL_MASTER:
        read_announcement(&rd, false, out);
        out->frame = out->frame != NULL ? "local-master-announcement" : NULL;
        break;
    case REQUEST:
        read_named(&rd, 1, "announcement-request", out);
        break;
    case ELECTION:
        read_named(&rd, 1 + 4 + 4 + 4, "election-request", out);
        break;
    case MASTER:
        read_named(&rd, 0, "master-announcement", out);
        break;
    default:
        break;
    }
}

/* The words of a transaction that is a write to a mailslot; the place of its data counts from the header. */
static bool read_words(struct ml_reader *rd, uint16_t *count, uint16_t *offset)
{
    uint8_t n_words = 0;
    uint8_t n_setup = 0;
    uint16_t operation = 0;
    return ml_rd_u8(rd, &n_words) && n_words == MAILSLOT_WORDS && ml_rd_skip(rd, 22) && ml_rd_le16(rd, count) &&
           ml_rd_le16(rd, offset) && ml_rd_u8(rd, &n_setup) && n_setup == 3 && ml_rd_skip(rd, 1) &&
           ml_rd_le16(rd, &operation) && operation == MAILSLOT_WRITE && ml_rd_skip(rd, 2 + 2 + 2);
}

bool ml_nbds_browse_read(struct ml_span user_data, struct ml_nbds_browse *out)
{
    struct ml_reader rd = ml_rd_open(user_data);
    uint32_t magic = 0;
    uint8_t command = 0;
    uint16_t count = 0;
    uint16_t offset = 0;
    *out = (struct ml_nbds_browse){.frame = NULL};
    if (!ml_rd_u32(&rd, &magic) || magic != 0xff534d42 || !ml_rd_u8(&rd, &command) || command != TRANSACTION ||
        !ml_rd_skip(&rd, HEADER - 5) || !read_words(&rd, &count, &offset) || !ml_rd_until(&rd, 0, &out->mailslot)) {
        return false;
    }
    bool is_browser = ml_span_equal_nocase(out->mailslot, ml_span_text("\\MAILSLOT\\BROWSE")) ||
                      ml_span_equal_nocase(out->mailslot, ml_span_text("\\MAILSLOT\\LANMAN"));
    if (is_browser && offset >= ml_rd_pos(&rd)) {
        read_frame(ml_span_cut(user_data, offset, count), out);
    }
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/pack.h"

#include "core/hash.h"
#include "core/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The head of the file; numbers are in the machine's own order, told by `order`. */
struct head {
    char magic[8];
    uint32_t order;
    uint32_t n;
    uint8_t key[ML_PACK_KEY];
    uint64_t size; /* of the whole pack */
    struct {
        uint64_t offset;
        uint64_t len;
    } sections[ML_PACK_SECTIONS];
    uint64_t checksum; /* of everything behind the head, seeded with the hash of the head up to here */
};

static const char magic[8] = {'M', 'L', 'P', 'A', 'C', 'K', '0', '1'};
enum { ORDER = 0x01020304, ALIGN = 16 };

static uint64_t checksum_of(const struct head *head, struct ml_span rest)
{
    return ml_hash_seed(rest, ml_hash(ml_span_of(head, offsetof(struct head, checksum))));
}

static size_t aligned(size_t n)
{
    return (n + ALIGN - 1) / ALIGN * ALIGN;
}

/* Sections are inside the bytes, which the head tells about truthfully. */
static bool read_head(struct ml_span bytes, const uint8_t *key, size_t n, struct ml_pack *out)
{
    struct head head;
    if (bytes.len < aligned(sizeof head)) {
        return false;
    }
    memcpy(&head, bytes.ptr, sizeof head);
    if (memcmp(head.magic, magic, sizeof magic) != 0 || head.order != ORDER || head.n != n || n > ML_PACK_SECTIONS ||
        memcmp(head.key, key, ML_PACK_KEY) != 0 || head.size != bytes.len) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        uint64_t offset = head.sections[i].offset;
        uint64_t len = head.sections[i].len;
        if (offset % ALIGN != 0 || offset > bytes.len || len > bytes.len - offset) {
            return false;
        }
        out->sections[i] = ml_span_of(bytes.ptr + offset, (size_t)len);
    }
    out->n = n;
    return head.checksum == checksum_of(&head, ml_span_cut(bytes, aligned(sizeof head), bytes.len));
}

bool ml_pack_open(const char *path, const uint8_t key[ML_PACK_KEY], size_t n_sections, struct ml_pack *out)
{
    *out = (struct ml_pack){0};
    if (ml_mapped_open(path, &out->file, NULL) != ML_OK) {
        return false;
    }
    if (!read_head(out->file.bytes, key, n_sections, out)) {
        ml_pack_close(out);
        return false;
    }
    return true;
}

static bool write_all(int fd, const uint8_t *bytes, size_t len)
{
    while (len != 0) {
        ssize_t n = write(fd, bytes, len);
        if (n <= 0) {
            return false;
        }
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

static void save(const char *path, const uint8_t *image, size_t size)
{
    char temporary[4096];
    int n = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    if (n < 0 || (size_t)n >= sizeof temporary) {
        return;
    }
    int fd = mkstemp(temporary);
    if (fd < 0) {
        return;
    }
    bool is_written = write_all(fd, image, size) && fchmod(fd, 0644) == 0;
    is_written = close(fd) == 0 && is_written;
    if (!is_written || rename(temporary, path) != 0) {
        unlink(temporary);
    }
}

enum ml_status ml_pack_make(const char *path, const uint8_t key[ML_PACK_KEY], const struct ml_span *sections, size_t n,
                            struct ml_pack *out)
{
    *out = (struct ml_pack){0};
    ML_ASSERT(n <= ML_PACK_SECTIONS);
    struct head head = {.order = ORDER, .n = (uint32_t)n};
    memcpy(head.magic, magic, sizeof magic);
    memcpy(head.key, key, ML_PACK_KEY);
    size_t size = aligned(sizeof head);
    for (size_t i = 0; i < n; i++) {
        head.sections[i].offset = size;
        head.sections[i].len = sections[i].len;
        size = aligned(size + sections[i].len);
    }
    head.size = size;
    out->image = ml_mem_array(size, 1);
    if (out->image == NULL) {
        return ML_NO_MEMORY;
    }
    for (size_t i = 0; i < n; i++) {
        uint8_t *to = out->image + head.sections[i].offset;
        if (sections[i].len != 0) {
            memcpy(to, sections[i].ptr, sections[i].len);
        }
        out->sections[i] = ml_span_of(to, sections[i].len);
    }
    out->n = n;
    size_t start = aligned(sizeof head);
    head.checksum = checksum_of(&head, ml_span_of(out->image + start, size - start));
    memcpy(out->image, &head, sizeof head);
    if (path != NULL) {
        save(path, out->image, size);
    }
    return ML_OK;
}

void ml_pack_close(struct ml_pack *pack)
{
    ml_mapped_close(&pack->file);
    ml_mem_free(pack->image);
    *pack = (struct ml_pack){0};
}

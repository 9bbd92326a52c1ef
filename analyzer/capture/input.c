/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/input.h"

#include "core/limits.h"
#include "core/mem.h"

#include <archive.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

/* Small enough that what was read is still in the processor's cache when it is hashed, and again when it is decoded. */
enum { WINDOW = 256 * 1024, MAGIC = 6 };

struct ml_input {
    int fd; /* -1 for memory */
    bool owns_fd;
    struct ml_span memory; /* not yet read */
    struct ml_digest *digest;
    uint64_t stored;         /* bytes read and hashed */
    struct archive *archive; /* NULL when the file is plain */
    const char *compression;
    uint8_t *raw;         /* stored bytes on their way into libarchive */
    size_t n_raw;         /* its size */
    size_t n_first;       /* bytes in `raw` that were read to look at the magic number */
    struct ml_span block; /* plain bytes that libarchive holds */
    uint64_t n_inflated;
    uint8_t *window; /* plain bytes from `from` to `to` wait */
    size_t size, from, to;
    uint64_t offset;      /* of `from` in the plain bytes */
    enum ml_status state; /* ML_OK: more may come */
    char failure[160];
};

static const struct {
    const char *name;
    const char *magic;
    size_t len;
    int filter;
} compressions[] = {
    {"gzip", "\x1f\x8b", 2, ARCHIVE_FILTER_GZIP},       {"zstd", "\x28\xb5\x2f\xfd", 4, ARCHIVE_FILTER_ZSTD},
    {"xz", "\xfd\x37zXZ\x00", 6, ARCHIVE_FILTER_XZ},    {"bzip2", "BZh", 3, ARCHIVE_FILTER_BZIP2},
    {"lz4", "\x04\x22\x4d\x18", 4, ARCHIVE_FILTER_LZ4},
};

static void fail(struct ml_input *input, enum ml_status status, const char *what, const char *why)
{
    input->state = status;
    (void)snprintf(input->failure, sizeof input->failure, "%s: %s", what, why); /* a cut reason is still one */
}

/* Reads and hashes stored bytes: how many, 0 at the end, -1 with the failure told. */
static ssize_t read_stored(struct ml_input *input, uint8_t *out, size_t room)
{
    ssize_t n = 0;
    if (input->fd < 0) {
        n = (ssize_t)(room < input->memory.len ? room : input->memory.len);
        if (n != 0) {
            memcpy(out, input->memory.ptr, (size_t)n);
            input->memory = ml_span_cut(input->memory, (size_t)n, SIZE_MAX);
        }
    } else {
        do {
            n = read(input->fd, out, room);
        } while (n < 0 && errno == EINTR);
    }
    if (n < 0) {
        fail(input, ML_IO, "the file cannot be read", strerror(errno));
        return -1;
    }
    if (n > 0 && !ml_digest_feed(input->digest, ml_span_of(out, (size_t)n))) {
        fail(input, ML_IO, "the file cannot be hashed", "SHA-256 is not available");
        return -1;
    }
    input->stored += (uint64_t)n;
    return n;
}

/* libarchive asks for stored bytes; those read for the magic number come first. */
static la_ssize_t on_read(struct archive *archive, void *context, const void **bytes)
{
    struct ml_input *input = context;
    ssize_t n = (ssize_t)input->n_first;
    if (n == 0) {
        n = read_stored(input, input->raw, input->n_raw);
    }
    input->n_first = 0;
    *bytes = input->raw;
    if (n < 0) {
        archive_set_error(archive, EIO, "%s", input->failure);
    }
    return n;
}

/* --- filling the window --- */

static void fill_plain(struct ml_input *input)
{
    ssize_t n = read_stored(input, input->window + input->to, input->size - input->to);
    if (n > 0) {
        input->to += (size_t)n;
    } else if (n == 0) {
        input->state = ML_END;
    }
}

/* Asks libarchive for its next block of plain bytes. */
static void next_block(struct ml_input *input)
{
    const void *bytes = NULL;
    size_t len = 0;
    la_int64_t offset = 0;
    int result = archive_read_data_block(input->archive, &bytes, &len, &offset);
    if (result == ARCHIVE_EOF) {
        input->state = ML_END;
    } else if (result < ARCHIVE_WARN) {
        const char *why = archive_error_string(input->archive);
        if (input->state == ML_OK) { /* reading may have failed before */
            fail(input, ML_BAD_INPUT, input->compression, why != NULL ? why : "broken");
        }
    } else {
        input->block = ml_span_of(bytes, len);
        input->n_inflated += len;
        if (input->n_inflated > ML_MIN_INFLATE_BYTES && input->n_inflated / ML_MAX_INFLATE_RATIO > input->stored) {
            input->block.len = 0;
            fail(input, ML_LIMIT, input->compression, "grows more than a thousandfold");
        }
    }
}

static void fill_inflated(struct ml_input *input)
{
    if (input->block.len == 0) {
        next_block(input);
    }
    struct ml_span part = ml_span_cut(input->block, 0, input->size - input->to);
    if (part.len != 0) {
        memcpy(input->window + input->to, part.ptr, part.len);
        input->to += part.len;
        input->block = ml_span_cut(input->block, part.len, SIZE_MAX);
    }
}

/* Makes the window hold n bytes from `from`. */
static bool make_room(struct ml_input *input, size_t n)
{
    if (input->from != 0) { /* the little that is left: so the next reading fills all of the window */
        memmove(input->window, input->window + input->from, input->to - input->from);
        input->to -= input->from;
        input->from = 0;
    }
    if (n <= input->size) {
        return true;
    }
    size_t size = input->size;
    while (size < n) {
        size = size > SIZE_MAX / 2 ? n : 2 * size;
    }
    uint8_t *window = ml_mem_resize(input->window, size, 1);
    if (window == NULL) {
        return false;
    }
    input->window = window;
    input->size = size;
    return true;
}

enum ml_status ml_input_need(struct ml_input *input, size_t n, struct ml_span *out)
{
    *out = ml_span_of(input->window + input->from, input->to - input->from);
    if (out->len >= n) {
        out->len = n;
        return ML_OK;
    }
    if (!make_room(input, n)) {
        return ML_NO_MEMORY;
    }
    while (input->to - input->from < n && input->state == ML_OK) {
        (input->archive != NULL ? fill_inflated : fill_plain)(input);
    }
    size_t left = input->to - input->from;
    *out = ml_span_of(input->window + input->from, left < n ? left : n);
    return left >= n ? ML_OK : input->state;
}

void ml_input_take(struct ml_input *input, size_t n)
{
    ML_ASSERT(n <= input->to - input->from);
    input->from += n;
    input->offset += n;
    if (input->from == input->to) {
        input->from = 0;
        input->to = 0;
    }
}

const char *ml_input_failure(const struct ml_input *input)
{
    return input->failure;
}

uint64_t ml_input_offset(const struct ml_input *input)
{
    return input->offset;
}

uint64_t ml_input_stored(const struct ml_input *input)
{
    return input->stored;
}

const char *ml_input_compression(const struct ml_input *input)
{
    return input->compression;
}

/* --- opening and closing --- */

static enum ml_status start_inflating(struct ml_input *input, size_t which, struct ml_error *error)
{
    input->compression = compressions[which].name;
    input->raw = ml_mem_array(input->size, 1);
    input->archive = input->raw != NULL ? archive_read_new() : NULL;
    if (input->archive == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    input->n_raw = input->size;
    input->n_first = input->to;
    memcpy(input->raw, input->window, input->to);
    input->to = 0;
    struct archive_entry *entry = NULL;
    if (archive_read_support_filter_by_code(input->archive, compressions[which].filter) != ARCHIVE_OK ||
        archive_read_support_format_raw(input->archive) != ARCHIVE_OK ||
        archive_read_open(input->archive, input, NULL, on_read, NULL) != ARCHIVE_OK ||
        archive_read_next_header(input->archive, &entry) < ARCHIVE_WARN) {
        const char *why = archive_error_string(input->archive);
        return ml_error_set(error, ML_BAD_INPUT, "%s: %s", input->compression, why != NULL ? why : "broken");
    }
    return ML_OK;
}

/* Looks at the first bytes and switches decompression on where they name one. */
static enum ml_status start(struct ml_input *input, struct ml_error *error)
{
    input->compression = "";
    input->size = input->fd < 0 && input->memory.len < WINDOW ? input->memory.len + MAGIC : WINDOW;
    input->digest = ml_digest_new();
    input->window = ml_mem_array(input->size, 1);
    if (input->digest == NULL || input->window == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    struct ml_span first;
    enum ml_status status = ml_input_need(input, MAGIC, &first);
    if (status != ML_OK && status != ML_END) {
        return ml_error_set(error, status, "%s", input->failure);
    }
    for (size_t i = 0; i < sizeof compressions / sizeof *compressions; i++) {
        if (first.len >= compressions[i].len && memcmp(first.ptr, compressions[i].magic, compressions[i].len) == 0) {
            input->state = ML_OK;
            return start_inflating(input, i, error);
        }
    }
    return ML_OK;
}

static enum ml_status open_input(struct ml_input *input, struct ml_input **out, struct ml_error *error)
{
    enum ml_status status = start(input, error);
    if (status != ML_OK) {
        ml_input_close(input);
        return status;
    }
    *out = input; /* given to the caller */
    return ML_OK;
}

enum ml_status ml_input_open(const char *path, struct ml_input **out, struct ml_error *error)
{
    *out = NULL;
    struct ml_input *input = ml_mem_array(1, sizeof *input);
    if (input == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    input->owns_fd = strcmp(path, "-") != 0;
    input->fd = input->owns_fd ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    if (input->fd < 0) {
        enum ml_status status = ml_error_set(error, ML_IO, "cannot open: %s", strerror(errno));
        input->owns_fd = false;
        ml_input_close(input);
        return status;
    }
    return open_input(input, out, error);
}

enum ml_status ml_input_open_memory(struct ml_span bytes, struct ml_input **out, struct ml_error *error)
{
    *out = NULL;
    struct ml_input *input = ml_mem_array(1, sizeof *input);
    if (input == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    input->fd = -1;
    input->memory = bytes;
    return open_input(input, out, error);
}

void ml_input_close(struct ml_input *input)
{
    if (input == NULL) {
        return;
    }
    if (input->archive != NULL) {
        (void)archive_read_free(input->archive); /* nothing can be done about a failure to free */
    }
    if (input->owns_fd) {
        (void)close(input->fd); /* only read: nothing is lost */
    }
    ml_digest_free(input->digest);
    ml_mem_free(input->raw);
    ml_mem_free(input->window);
    ml_mem_free(input);
}

enum ml_status ml_input_finish(struct ml_input *input, char sha256[ML_SHA256_HEX], struct ml_error *error)
{
    /* What is left needs no room of its own: nobody reads plain bytes any more. */
    ssize_t n = 0;
    do {
        n = read_stored(input, input->window, input->size);
    } while (n > 0);
    sha256[0] = '\0';
    if (n < 0) {
        return ml_error_set(error, ML_IO, "%s", input->failure);
    }
    if (!ml_digest_hex(input->digest, sha256)) {
        return ml_error_set(error, ML_IO, "the file cannot be hashed: SHA-256 is not available");
    }
    return ML_OK;
}

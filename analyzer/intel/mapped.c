/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/mapped.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static enum ml_status refuse(struct ml_error *error, const char *path, enum ml_status status, const char *why)
{
    (void)ml_error_set(error, status, "cannot read: %s", why);
    ml_error_at(error, path, 0, 0);
    return status;
}

enum ml_status ml_mapped_open(const char *path, struct ml_mapped *out, struct ml_error *error)
{
    *out = (struct ml_mapped){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return refuse(error, path, errno == ENOENT ? ML_NOT_FOUND : ML_IO, strerror(errno));
    }
    enum ml_status status = ML_OK;
    struct stat st;
    if (fstat(fd, &st) != 0) {
        status = refuse(error, path, ML_IO, strerror(errno));
    } else if (!S_ISREG(st.st_mode)) {
        status = refuse(error, path, ML_BAD_INPUT, "not a regular file");
    } else if (st.st_size > 0) {
        void *base = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (base == MAP_FAILED) {
            status = refuse(error, path, ML_IO, strerror(errno));
        } else {
            out->bytes = ml_span_of(base, (size_t)st.st_size);
        }
    }
    close(fd);
    return status;
}

void ml_mapped_close(struct ml_mapped *mapped)
{
    if (mapped->bytes.len != 0) {
        munmap((void *)(uintptr_t)mapped->bytes.ptr, mapped->bytes.len);
    }
    *mapped = (struct ml_mapped){0};
}

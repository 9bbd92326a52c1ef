/* SPDX-License-Identifier: Apache-2.0 */
#include "core/file.h"

#include "core/buf.h"
#include "core/mem.h"

#include <errno.h>
#include <stdio.h>

enum ml_status ml_file_read(const char *path, size_t max, uint8_t **out, size_t *len, struct ml_error *error)
{
    struct ml_buf buf;
    *out = NULL;
    *len = 0;
    FILE *stream = fopen(path, "rb");
    if (stream == NULL) {
        return ml_error_set(error, errno == ENOENT ? ML_NOT_FOUND : ML_IO, "%s", strerror(errno));
    }
    ml_buf_init(&buf, max + 1);
    enum ml_status status = ML_OK;
    for (size_t n = 1; n != 0 && buf.len <= max;) {
        size_t left = max + 1 - buf.len;
        size_t want = left < 65536 ? left : 65536;
        if (!ml_buf_reserve(&buf, want)) {
            status = ml_error_set(error, ML_NO_MEMORY, "out of memory");
            break;
        }
        n = fread(buf.bytes + buf.len, 1, want, stream);
        buf.len += n;
    }
    if (status == ML_OK && ferror(stream) != 0) {
        status = ml_error_set(error, ML_IO, "%s", strerror(errno));
    } else if (status == ML_OK && buf.len > max) {
        status = ml_error_set(error, ML_LIMIT, "larger than %zu bytes", max);
    }
    (void)fclose(stream); /* only read */
    if (status != ML_OK) {
        ml_mem_wipe(buf.bytes, buf.len); /* may have held personal values */
        ml_buf_fini(&buf);
        return status;
    }
    *out = buf.bytes; /* given to the caller */
    *len = buf.len;
    return ML_OK;
}

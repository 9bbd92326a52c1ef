/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "report/write.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { BUFFER = 256 * 1024 }; /* bytes: large writes cost less than those of a lot of rows, and this stays in a cache */

struct ml_outfile {
    char *path;   /* owned: where it will be */
    char *beside; /* owned: where it is until then */
    char *buffer; /* owned, of the stream */
    FILE *file;
};

static char *join_path(const char *folder, const char *name, const char *suffix)
{
    struct ml_buf buf;
    ml_buf_init(&buf, 65536);
    (void)ml_buf_printf(&buf, "%s/%s%s", folder, name, suffix); /* a failure shows in the taken text */
    char *path = ml_buf_take_text(&buf);
    ml_buf_fini(&buf);
    return path;
}

static void end(struct ml_outfile *file)
{
    if (file->file != NULL) {
        (void)fclose(file->file); /* an error path: the file is removed or was already flushed */
    }
    ml_mem_free(file->path);
    ml_mem_free(file->beside);
    ml_mem_free(file->buffer);
    ml_mem_free(file);
}

enum ml_status ml_outfile_open(const char *folder, const char *name, struct ml_outfile **out, struct ml_error *error)
{
    struct ml_outfile *file = ml_mem_array(1, sizeof *file);
    *out = NULL;
    if (file == NULL) {
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    file->path = join_path(folder, name, "");
    file->beside = join_path(folder, name, ".part");
    file->buffer = ml_mem_resize(NULL, BUFFER, 1);
    if (file->path == NULL || file->beside == NULL || file->buffer == NULL) {
        end(file);
        return ml_error_set(error, ML_NO_MEMORY, "out of memory");
    }
    file->file = fopen(file->beside, "wb");
    if (file->file == NULL) {
        ml_error_at(error, file->path, 0, 0);
        enum ml_status status = ml_error_set(error, ML_IO, "cannot be written: %s", strerror(errno));
        end(file);
        return status;
    }
    (void)setvbuf(file->file, file->buffer, _IOFBF, BUFFER); /* refused: the stream keeps a buffer of its own */
    *out = file;
    return ML_OK;
}

enum ml_status ml_outfile_write(struct ml_outfile *file, struct ml_span bytes, struct ml_error *error)
{
    if (bytes.len != 0 && fwrite(bytes.ptr, 1, bytes.len, file->file) != bytes.len) {
        ml_error_at(error, file->path, 0, 0);
        return ml_error_set(error, ML_IO, "cannot be written: %s", strerror(errno));
    }
    return ML_OK;
}

enum ml_status ml_outfile_commit(struct ml_outfile *file, struct ml_error *error)
{
    FILE *stream = file->file;
    bool is_whole = fflush(stream) == 0 && fsync(fileno(stream)) == 0;
    int cause = errno;
    file->file = NULL;
    if (fclose(stream) != 0 && is_whole) {
        is_whole = false;
        cause = errno;
    }
    if (is_whole && rename(file->beside, file->path) != 0) {
        is_whole = false;
        cause = errno;
    }
    if (!is_whole) {
        ml_error_at(error, file->path, 0, 0);
        (void)ml_error_set(error, ML_IO, "cannot be written: %s", strerror(cause));
        (void)unlink(file->beside); /* best effort: nothing half-written stays */
    }
    end(file);
    return is_whole ? ML_OK : ML_IO;
}

void ml_outfile_abort(struct ml_outfile *file)
{
    if (file != NULL) {
        (void)unlink(file->beside); /* best effort: nothing half-written stays */
        end(file);
    }
}

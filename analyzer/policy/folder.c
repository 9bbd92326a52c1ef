/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/folder.h"

#include "core/limits.h"
#include "core/mem.h"
#include "core/path.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

void ml_paths_fini(struct ml_paths *paths)
{
    for (size_t i = 0; i < paths->n; i++) {
        ml_mem_free(paths->items[i]);
    }
    ml_mem_free(paths->items);
    *paths = (struct ml_paths){0};
}

bool ml_is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* Takes `path`. */
static bool add(struct ml_paths *paths, char *path)
{
    if (path == NULL) {
        return false;
    }
    char **items = ml_mem_grow(paths->items, paths->n, &paths->n_room, 32, sizeof *items);
    if (items == NULL) {
        ml_mem_free(path);
        return false;
    }
    paths->items = items;
    items[paths->n++] = path;
    return true;
}

static bool ends_with(const char *name, const char *ending)
{
    size_t len = strlen(name);
    size_t ending_len = strlen(ending);
    return len > ending_len && memcmp(name + len - ending_len, ending, ending_len) == 0;
}

static enum ml_status fail(struct ml_error *error, const char *path, enum ml_status status, const char *what)
{
    ml_error_at(error, path, 0, 0);
    return ml_error_set(error, status, "%s", what);
}

/* Sorts one entry: files with the ending are kept, folders wait in `folders`. */
static enum ml_status take_entry(const char *folder, const char *name, const char *ending, struct ml_paths *files,
                                 struct ml_paths *folders, struct ml_error *error)
{
    struct stat info;
    if (name[0] == '.') {
        return ML_OK;
    }
    char *path = ml_path_join(folder, name);
    if (path == NULL) {
        return fail(error, folder, ML_NO_MEMORY, "out of memory");
    }
    bool is_there = lstat(path, &info) == 0;
    bool is_folder = is_there && S_ISDIR(info.st_mode);
    bool is_file =
        is_there && ends_with(name, ending) &&
        (S_ISREG(info.st_mode) || (S_ISLNK(info.st_mode) && stat(path, &info) == 0 && S_ISREG(info.st_mode)));
    if (!is_folder && !is_file) {
        ml_mem_free(path);
        return ML_OK;
    }
    if (is_file && files->n == ML_MAX_RULE_FILES) {
        ml_mem_free(path);
        return fail(error, folder, ML_LIMIT, "too many files");
    }
    return add(is_folder ? folders : files, path) ? ML_OK : fail(error, folder, ML_NO_MEMORY, "out of memory");
}

static enum ml_status walk(const char *folder, const char *ending, unsigned depth, struct ml_paths *files,
                           struct ml_error *error)
{
    struct ml_paths folders = {0};
    if (depth > ML_MAX_RULE_FOLDER_DEPTH) {
        return fail(error, folder, ML_LIMIT, "nested too deeply");
    }
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        return fail(error, folder, errno == ENOENT ? ML_NOT_FOUND : ML_IO, strerror(errno));
    }
    enum ml_status status = ML_OK;
    for (const struct dirent *entry = readdir(dir); entry != NULL && status == ML_OK; entry = readdir(dir)) {
        status = take_entry(folder, entry->d_name, ending, files, &folders, error);
    }
    (void)closedir(dir); /* only read */
    for (size_t i = 0; i < folders.n && status == ML_OK; i++) {
        status = walk(folders.items[i], ending, depth + 1, files, error);
    }
    ml_paths_fini(&folders);
    return status;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

enum ml_status ml_folder_list(const char *folder, const char *ending, struct ml_paths *paths, struct ml_error *error)
{
    struct ml_paths found = {0};
    enum ml_status status = walk(folder, ending, 1, &found, error);
    if (status == ML_OK && found.n != 0) {
        qsort(found.items, found.n, sizeof *found.items, compare);
    }
    for (size_t i = 0; i < found.n && status == ML_OK; i++) {
        char *path = found.items[i];
        found.items[i] = NULL; /* given to `paths` */
        status = add(paths, path) ? ML_OK : fail(error, folder, ML_NO_MEMORY, "out of memory");
    }
    ml_paths_fini(&found);
    return status;
}

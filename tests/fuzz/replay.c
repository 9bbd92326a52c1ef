/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay - runs every file of the folders given through a fuzz target, without a fuzzer.
 *
 * Each input is copied to an allocation of exactly its size, so that sanitizers and valgrind see one byte too far.
 * Folders that do not exist are skipped; no input at all is a failure, because then nothing was tested.
 */
#include "core/mem.h"
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static bool run_file(const char *path)
{
    struct stat about;
    FILE *stream = fopen(path, "rb");
    if (stream == NULL || fstat(fileno(stream), &about) != 0) {
        (void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
        if (stream != NULL) {
            (void)fclose(stream);
        }
        return false;
    }
    size_t size = (size_t)about.st_size;
    uint8_t *bytes = ml_mem_array(size, 1);
    bool ok = bytes != NULL && fread(bytes, 1, size, stream) == size;
    (void)fclose(stream); /* only read */
    if (ok) {
        (void)fprintf(stderr, "%s (%zu bytes)\n", path, size); /* before the run, so that a crash has a name */
        (void)LLVMFuzzerTestOneInput(bytes, size);
    }
    ml_mem_free(bytes);
    return ok;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Adds the number of files run to *n. */
static bool run_folder(const char *folder, unsigned *n)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_visible, by_name);
    if (count < 0) {
        return errno == ENOENT;
    }
    bool ok = true;
    for (int i = 0; i < count; i++) {
        char path[4096];
        int len = snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        ok = len > 0 && (size_t)len < sizeof path && run_file(path) && ok;
        *n += 1;
        ml_mem_free(entries[i]);
    }
    ml_mem_free(entries);
    return ok;
}

int main(int argc, char **argv)
{
    unsigned n = 0;
    bool ok = true;
    uint8_t *nothing = ml_mem_array(0, 1);
    (void)LLVMFuzzerTestOneInput(nothing, 0);
    ml_mem_free(nothing);
    for (int i = 1; i < argc; i++) {
        ok = run_folder(argv[i], &n) && ok;
    }
    (void)fprintf(stderr, "%u inputs\n", n);
    return ok && n != 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
